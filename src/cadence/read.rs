//! Reading `cadence.toml` into cadences known to be good; all problems at once, where they stand.

use super::model::{Cadence, Done, Log, Span, Timing, Turn, Wait};
use crate::{
    pack::{
        Dataset, FieldKind, dataset_index, field_of, read_source, report,
        sql::{self, Scope},
    },
    problem::{At, Problems, Reader, did_you_mean},
    text::Text,
    tier::{Scheme, SchemeScope},
};

/// Keys of a cadence that are not read if its dataset cannot be told.
const OTHER_KEYS: [&str; 15] = [
    "key", "name", "owner", "role", "when", "tier", "every", "per", "after", "workday", "since", "done", "log",
    "source", "title",
];

/// Reads the `[[cadence]]` blocks of a file.
pub fn read_cadences(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    scope: SchemeScope<'_>,
    schemes: &[Scheme],
) -> Vec<Cadence> {
    let mut cadences: Vec<Cadence> = Vec::new();
    if !reader.has("cadence") {
        reader.missing("cadence", problems);
    }
    reader.tables("cadence", problems, |reader, problems| {
        let Some(cadence) = read_cadence(reader, problems, scope, schemes) else { return };
        if cadences.iter().any(|other| other.id == cadence.id) {
            let id = &cadence.id;
            let message = Text::new(format!("两个周期要求都叫 `{id}`"), format!("two cadences are called `{id}`"));
            reader.span.problem(problems, message, None);
        }
        cadences.push(cadence);
    });
    cadences
}

fn read_cadence(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    scope: SchemeScope<'_>,
    schemes: &[Scheme],
) -> Option<Cadence> {
    let id = reader.required_text("id", problems).value;
    let on = reader.required_text("on", problems);
    let Some(on) = dataset_index(&on, scope.datasets, problems) else {
        reader.pass_over(&OTHER_KEYS);
        return None;
    };
    let dataset = scope.datasets.get(on)?;
    let title = reader.both_languages("title", problems).value;
    let mut key = fields(reader, "key", dataset, problems);
    if key.is_empty() && !reader.has("key") {
        key.clone_from(&dataset.key);
    }
    let mut field = |key: &str, problems: &mut Problems| {
        reader.text(key, problems).and_then(|name| field_of(&name, dataset, problems))
    };
    let name = field("name", problems);
    let owner = field("owner", problems);
    let role = reader.has("role").then(|| reader.both_languages("role", problems).value);
    let when = reader.text("when", problems).and_then(|text| condition(&text, dataset, scope, problems));
    let tier = reader.table("tier", problems, |reader, problems| read_tier(reader, problems, on, schemes));
    let since = date_field(reader, "since", dataset, problems);
    let timing = read_timing(reader, problems, dataset);
    let workday = reader.flag("workday", problems).unwrap_or(false);
    let done = read_done(reader, problems, dataset, scope, &key);
    let source = read_source(reader, problems);
    Some(Cadence {
        id,
        title,
        on,
        key,
        name,
        owner,
        role,
        when,
        tier: tier.flatten(),
        timing: timing?,
        workday,
        since,
        done: done?,
        source,
    })
}

fn fields(reader: &mut Reader<'_, '_>, key: &str, dataset: &Dataset, problems: &mut Problems) -> Vec<u16> {
    reader.texts(key, problems).iter().filter_map(|name| field_of(name, dataset, problems)).collect()
}

fn date_field(reader: &mut Reader<'_, '_>, key: &str, dataset: &Dataset, problems: &mut Problems) -> Option<u16> {
    let name = reader.text(key, problems)?;
    let index = field_of(&name, dataset, problems)?;
    if dataset.fields.get(usize::from(index)).is_some_and(|field| field.kind != FieldKind::Date) {
        let message = Text::new(format!("`{}` 不是日期字段", name.value), format!("`{}` is no date", name.value));
        name.span.problem(problems, message, None);
    }
    Some(index)
}

fn condition(text: &At<String>, dataset: &Dataset, scope: SchemeScope<'_>, problems: &mut Problems) -> Option<String> {
    let columns = dataset.schema();
    let scope = Scope { schema: &columns, params: scope.params, context: scope.context };
    match sql::compile(&text.value, scope) {
        Ok(condition) if condition.windowed || !condition.prior.is_empty() => {
            let message = Text::new(
                "条件只看本期的这一条记录",
                "a condition reads this record of this period: no OVER, no prior()",
            );
            text.span.problem(problems, message, None);
            None
        }
        Ok(_) => Some(text.value.clone()),
        Err(mistakes) => {
            report(mistakes, text, problems);
            None
        }
    }
}

fn read_tier(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    on: usize,
    schemes: &[Scheme],
) -> Option<(String, Vec<String>)> {
    let name = reader.required_text("scheme", problems);
    let tiers = reader.texts("in", problems);
    let Some(scheme) = schemes.iter().find(|scheme| scheme.id == name.value) else {
        // An empty name was reported as missing.
        if !name.value.is_empty() {
            let help = did_you_mean(&name.value, schemes.iter().map(|scheme| scheme.id.as_str()));
            let message =
                Text::new(format!("没有分级方案 `{}`", name.value), format!("unknown scheme `{}`", name.value));
            name.span.problem(problems, message, help);
        }
        return None;
    };
    if scheme.on != on {
        let message = Text::new("分级方案针对别的数据集", "the scheme is on another dataset");
        name.span.problem(problems, message, None);
    }
    for tier in &tiers {
        if scheme.tier_index(&tier.value).is_none() {
            let help = did_you_mean(&tier.value, scheme.tiers.iter().map(|tier| tier.id.as_str()));
            let message = Text::new(format!("没有级别 `{}`", tier.value), format!("unknown tier `{}`", tier.value));
            tier.span.problem(problems, message, help);
        }
    }
    Some((name.value, tiers.into_iter().map(|tier| tier.value).collect()))
}

fn read_timing(reader: &mut Reader<'_, '_>, problems: &mut Problems, dataset: &Dataset) -> Option<Timing> {
    let present: Vec<_> = ["every", "per", "after"].into_iter().filter(|key| reader.has(key)).collect();
    let [form] = present.as_slice() else {
        let message = Text::new("every、per、after 恰好写一个", "exactly one of `every`, `per` and `after`");
        let help = Text::new(
            "every = \"3 months\"；per = \"quarter\"；after = { event = \"signed\", within = \"2 working days\" }",
            "every = \"3 months\", per = \"quarter\" or after = { event = \"signed\", within = \"2 working days\" }",
        );
        reader.span.problem(problems, message, Some(help));
        reader.pass_over(&["every", "per", "after"]);
        return None;
    };
    match *form {
        "every" => {
            let text = reader.text("every", problems)?;
            known(
                &text,
                span(&text.value),
                &["1 week", "2 weeks", "2 months", "1 quarter", "1 year", "10 days"],
                problems,
            )
            .map(Timing::Every)
        }
        "per" => {
            let text = reader.text("per", problems)?;
            known(&text, turn(&text.value), &["week", "month", "quarter", "half-year", "year"], problems)
                .map(Timing::Per)
        }
        _ => reader
            .table("after", problems, |reader, problems| {
                let event = date_field(reader, "event", dataset, problems);
                if event.is_none() && !reader.has("event") {
                    reader.missing("event", problems);
                }
                let mut wait = |key: &str| {
                    let text = reader.text(key, problems)?;
                    known(&text, self::wait(&text.value), &["2 working days", "5 days"], problems)
                };
                let (from, until, within) = (wait("from"), wait("until"), wait("within"));
                if until.is_none() && within.is_none() && !reader.has("until") && !reader.has("within") {
                    reader.missing("within", problems);
                }
                Some(Timing::After { event: event?, from, until: until.or(within)? })
            })
            .flatten(),
    }
}

/// `found`, or a problem that shows how it is written.
fn known<T>(text: &At<String>, found: Option<T>, forms: &[&str], problems: &mut Problems) -> Option<T> {
    if found.is_none() {
        let forms = forms.join(", ");
        let value = &text.value;
        let message = Text::new(format!("看不懂 `{value}`"), format!("`{value}` is not understood"));
        text.span.problem(
            problems,
            message,
            Some(Text::new(format!("写法如：{forms}"), format!("write it like: {forms}"))),
        );
    }
    found
}

fn counted(text: &str) -> Option<(u32, &str)> {
    let (number, word) = text.trim().split_once(' ')?;
    let number = number.parse().ok().filter(|number| (1..=1_000).contains(number))?;
    Some((number, word.trim()))
}

fn span(text: &str) -> Option<Span> {
    let (number, word) = counted(text)?;
    Some(match word {
        "day" | "days" => Span::Days(number),
        "week" | "weeks" => Span::Days(number * 7),
        "month" | "months" => Span::Months(number),
        "quarter" | "quarters" => Span::Months(number * 3),
        "half-year" | "half-years" => Span::Months(number * 6),
        "year" | "years" => Span::Months(number * 12),
        _ => return None,
    })
}

fn turn(text: &str) -> Option<Turn> {
    Some(match text {
        "week" => Turn::Week,
        "month" => Turn::Months(1),
        "quarter" => Turn::Months(3),
        "half-year" => Turn::Months(6),
        "year" => Turn::Months(12),
        _ => return None,
    })
}

fn wait(text: &str) -> Option<Wait> {
    let (number, word) = counted(text)?;
    Some(match word {
        "day" | "days" => Wait::Days(number),
        "working day" | "working days" => Wait::WorkingDays(number),
        _ => return None,
    })
}

fn read_done(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    dataset: &Dataset,
    scope: SchemeScope<'_>,
    own_key: &[u16],
) -> Option<Done> {
    if reader.has("done") == reader.has("log") {
        let message =
            Text::new("done（日期字段）和 log（联络记录）恰好写一个", "exactly one of `done`, a date field, and `log`");
        reader.span.problem(problems, message, None);
        reader.pass_over(&["done", "log"]);
        return None;
    }
    if reader.has("done") {
        return date_field(reader, "done", dataset, problems).map(Done::Field);
    }
    reader
        .table("log", problems, |reader, problems| {
            let name = reader.required_text("dataset", problems);
            let Some(index) = dataset_index(&name, scope.datasets, problems) else {
                reader.pass_over(&["key", "date", "when", "level"]);
                return None;
            };
            let log = scope.datasets.get(index)?;
            let key = fields(reader, "key", log, problems);
            if key.len() != own_key.len() {
                let (wanted, found) = (own_key.len(), key.len());
                let message = Text::new(
                    format!("key 应有 {wanted} 个字段，这里有 {found} 个"),
                    format!("`key` has {wanted} field(s) like the record's; found {found}"),
                );
                reader.span.problem(problems, message, None);
            }
            let date = date_field(reader, "date", log, problems);
            if date.is_none() && !reader.has("date") {
                reader.missing("date", problems);
            }
            let mut sql =
                |key: &str| reader.text(key, problems).and_then(|text| condition(&text, log, scope, problems));
            let (when, level) = (sql("when"), sql("level"));
            Some(Done::Log(Log { dataset: index, key, date: date?, when, level }))
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_time_are_understood() {
        for (text, found) in [
            ("2 weeks", Some(Span::Days(14))),
            ("3 months", Some(Span::Months(3))),
            ("1 quarter", Some(Span::Months(3))),
            ("1 half-year", Some(Span::Months(6))),
            ("1 year", Some(Span::Months(12))),
            ("0 days", None),
            ("two weeks", None),
            ("3 moons", None),
        ] {
            assert_eq!(span(text), found, "{text}");
        }
        assert_eq!(wait("2 working days"), Some(Wait::WorkingDays(2)));
        assert_eq!(wait("5 days"), Some(Wait::Days(5)));
        assert_eq!(wait("5 weeks"), None);
        assert_eq!(turn("half-year"), Some(Turn::Months(6)));
        assert_eq!(turn("decade"), None);
    }
}
