//! Reading how a scheme decides: ways, a score against bounds, or a score's rank cut into shares.

use super::{
    model::{Cut, Factor, Keep, Method, Rounding, SCORE_SCALE, Score, Ties},
    read::Parts,
};
use crate::{
    pack::{choose, field_of},
    problem::{Problems, Reader},
    text::Text,
};

/// The method: without `score`, ways; with `cut`, shares; else bounds.
pub(super) fn read_method(reader: &mut Reader<'_, '_>, problems: &mut Problems, parts: &mut Parts<'_>) -> Method {
    let mut cut = Cut { rounding: Rounding::default(), ties: Ties::default(), within: Vec::new() };
    let has_cut = reader.has("cut");
    reader.table("cut", problems, |reader, problems| {
        let roundings =
            [("largest-remainder", Rounding::LargestRemainder), ("up", Rounding::Up), ("down", Rounding::Down)];
        let word = reader.text("rounding", problems);
        cut.rounding = word.and_then(|word| choose(&word, &roundings, problems)).unwrap_or_default();
        let word = reader.text("ties", problems);
        cut.ties = word
            .and_then(|word| choose(&word, &[("up", Ties::Up), ("down", Ties::Down)], problems))
            .unwrap_or_default();
        cut.within = reader
            .texts("within", problems)
            .iter()
            .filter_map(|name| field_of(name, parts.dataset, problems))
            .collect();
    });
    let score = reader.table("score", problems, |reader, problems| read_score(reader, problems, parts));
    match score {
        Some(score) if has_cut => Method::Shares(score, cut),
        Some(score) => Method::Points(score),
        None => {
            if has_cut && !reader.has("score") {
                reader.missing("score", problems);
            }
            Method::Ways
        }
    }
}

fn read_score(reader: &mut Reader<'_, '_>, problems: &mut Problems, parts: &mut Parts<'_>) -> Score {
    let by = reader.text("by", problems);
    let has_by = by.is_some();
    if has_by == reader.has("factor") {
        let message = Text::new(
            "score 写 by（一个数）或 factor（评分卡）之一",
            "a score is either `by`, a number, or `factor`, a card",
        );
        reader.span.problem(problems, message, None);
    }
    let by = by.and_then(|text| parts.number(&text, problems));
    let mut factors = Vec::new();
    reader.tables("factor", problems, |reader, problems| factors.extend(read_factor(reader, problems, parts)));
    let sum: i128 = factors.iter().map(|factor: &Factor| factor.weight).sum();
    if !factors.is_empty() && sum != 100 * 10_i128.pow(WEIGHT_PLACES) {
        let found = crate::message::decimal_text(sum, WEIGHT_PLACES as usize);
        let message =
            Text::new(format!("权重之和应为 100，现为 {found}"), format!("the weights add up to {found}, not 100"));
        reader.span.problem(problems, message, None);
    }
    if has_by { Score::Value(by.unwrap_or_default()) } else { Score::Card(factors) }
}

/// Decimal places weights are held with: `points × weight / 100` is then exact.
const WEIGHT_PLACES: u32 = 6;
const _: () = assert!(WEIGHT_PLACES as usize + 2 == SCORE_SCALE);

fn read_factor(reader: &mut Reader<'_, '_>, problems: &mut Problems, parts: &mut Parts<'_>) -> Option<Factor> {
    let id = reader.required_text("id", problems).value;
    let title = reader.both_languages("title", problems).value;
    if !reader.has("weight") {
        reader.missing("weight", problems);
    }
    let weight = reader.literal("weight", problems).and_then(|literal| {
        let bound = parts.bound(&literal, problems)?;
        let places = 10_i128.pow(2);
        if bound % places != 0 || bound < 0 {
            let message = Text::new(
                "权重是不小于 0、最多 6 位小数的百分数",
                "a weight is a per cent, not negative, of at most 6 decimals",
            );
            literal.span.problem(problems, message, None);
        }
        Some(bound / places)
    });
    if !reader.has("bands") {
        reader.missing("bands", problems);
    }
    let mut bands = Vec::new();
    reader.tables("bands", problems, |reader, problems| {
        let when = reader.required_text("when", problems);
        let points = reader.count("points", problems);
        if points.is_none() && !reader.has("points") {
            reader.missing("points", problems);
        }
        // An empty condition was reported as missing.
        let when = if when.value.is_empty() { None } else { parts.condition(&when, problems) };
        bands.extend(when.zip(points));
    });
    Some(Factor { id, title, weight: weight?, bands })
}

/// The bound of a tier: `points` or `share`, as the method takes it.
pub(super) fn read_tier_bound(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    parts: &mut Parts<'_>,
    method: &Method,
) -> Option<i128> {
    let key = match method {
        Method::Ways => return None,
        Method::Points(_) => "points",
        Method::Shares(..) => "share",
    };
    let literal = reader.literal(key, problems);
    if literal.is_none() && key == "share" && !reader.has(key) {
        reader.missing(key, problems);
    }
    let literal = literal?;
    let bound = parts.bound(&literal, problems)?;
    if key == "share" && !(0..=super::cut::WHOLE).contains(&bound) {
        let message = Text::new("share 是 0 到 100 之间的百分数", "a share is a per cent from 0 to 100");
        literal.span.problem(problems, message, None);
        return None;
    }
    Some(bound)
}

/// What keeps a customer in its tier: a condition, or a bound of the score or rank.
pub(super) fn read_keep(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    parts: &mut Parts<'_>,
    method: &Method,
) -> Option<Keep> {
    if let Method::Ways = method {
        let text = reader.text("keep", problems)?;
        return parts.condition(&text, problems).map(Keep::When);
    }
    let literal = reader.literal("keep", problems)?;
    parts.bound(&literal, problems).map(Keep::Bound)
}

#[cfg(test)]
mod tests {
    use crate::{pack::Literal, tier::read::scaled_to};

    #[test]
    fn numbers_are_scaled_exactly() {
        assert_eq!(scaled_to(&Literal::Integer(20), 8), Some(2_000_000_000));
        assert_eq!(scaled_to(&Literal::Decimal("33.34".to_owned()), 2), Some(3334));
        assert_eq!(scaled_to(&Literal::Decimal("33.345".to_owned()), 2), None);
        assert_eq!(scaled_to(&Literal::Text("20".to_owned()), 8), None);
    }
}
