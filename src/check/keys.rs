//! Rules about keys: unique, refers to, determines.

use std::hash::{BuildHasher as _, Hash};

use anyhow::{Context as _, Result};
use polars::prelude::{
    AnyValue, DataFrame, DataType, PlFixedStateQuality, PlHashMap, PlHashSet, StringChunked, StringChunkedBuilder,
};

use super::{
    Details, Evaluation, Verdict,
    mask::{self, Bits},
    masked_detail, open_detail,
    record::{Eligible, place, selected},
};
use crate::{
    finding::RuleCount,
    pack::{Body, Dataset, Rule},
    table::Table,
};

/// How many other places a message about a repeated key names.
const PLACES_NAMED: usize = 5;

/// The key of each record as one text; null if any part is.
pub fn row_keys(frame: &DataFrame, dataset: &Dataset, key: &[u16]) -> Result<StringChunked> {
    let mut parts = Vec::new();
    for index in key {
        let field = dataset.fields.get(usize::from(*index)).context("a key names no field")?;
        let column = frame.column(&field.id)?.cast(&DataType::String)?;
        parts.push(column.str()?.clone());
    }
    if let [only] = parts.as_slice() {
        return Ok(only.clone());
    }
    let mut joined = StringChunkedBuilder::new("key".into(), frame.height());
    let mut readers: Vec<_> = parts.iter().map(StringChunked::iter).collect();
    let mut text = String::new();
    for _ in 0..frame.height() {
        text.clear();
        let mut complete = !readers.is_empty();
        for reader in &mut readers {
            match reader.next().flatten() {
                Some(part) => {
                    text.push_str(part);
                    text.push('\u{1f}');
                }
                None => complete = false,
            }
        }
        joined.append_option(complete.then_some(text.as_str()));
    }
    Ok(joined.finish())
}

/// A typed value as people read it; empty for null.
pub fn value_text(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Decimal(value, _, scale) => decimal_text(*value, *scale),
        other => other.to_string(),
    }
}

/// A scaled number without zeros at its end: 5000100 with six places is `5.0001`.
pub fn decimal_text(value: i128, scale: usize) -> String {
    let digits = format!("{:0width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The unit of each record, by index into the roster; the same for all if units make no difference.
fn record_units(table: &Table, matter: bool) -> impl Iterator<Item = usize> + '_ {
    table.segments.iter().flat_map(move |segment| {
        let unit = if matter { segment.unit } else { 0 };
        std::iter::repeat_n(unit, segment.records.len())
    })
}

/// The counts of a rule from its violating records and those it could not decide among the eligible.
pub fn tally(eligible: &Eligible, violated: u64, undecided: u64) -> RuleCount {
    let outside = mask::count(&eligible.undecided);
    RuleCount {
        eligible: mask::count(&eligible.yes) + outside,
        violated,
        not_evaluable: undecided + outside,
        amount_at_risk_fen: None,
    }
}

fn is_set(bits: &Bits) -> impl Iterator<Item = bool> + '_ {
    bits.iter().map(|bit| bit == Some(true))
}

/// Hands each group of two or more records with equal keys to `take`, ascending; records without a key are in none.
///
/// Hashes are sorted instead of filling a map: most keys occur once, and a map would miss the cache for each of them.
fn for_each_group<K: Copy + Hash + Eq>(keys: &[Option<K>], mut take: impl FnMut(&[u32])) {
    let state = PlFixedStateQuality::default();
    let hashed = (0_u32..).zip(keys).filter_map(|(record, key)| Some((state.hash_one((*key)?), record)));
    let mut hashed: Vec<(u64, u32)> = hashed.collect();
    hashed.sort_unstable();
    let key = |record: u32| keys.get(record as usize).copied().flatten();
    let mut group = Vec::new();
    for run in hashed.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut rest: Vec<u32> = run.iter().map(|(_, record)| *record).collect();
        // Different keys with one hash are as good as never met.
        while let Some(first) = rest.first().copied() {
            group.clear();
            rest.retain(|record| {
                let same = key(*record) == key(first);
                if same {
                    group.push(*record);
                }
                !same
            });
            if group.len() > 1 {
                take(&group);
            }
        }
    }
}

/// No two eligible records share the key.
pub fn evaluate_unique(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    rule: &Rule,
    key: &[u16],
    across_units: bool,
    eligible: &Eligible,
) -> Result<Verdict> {
    let input = evaluation.input;
    let (declared, table) = (&input.pack.datasets[dataset], &input.tables[dataset]);
    let keys = row_keys(&table.frame, declared, key)?;
    let records = keys.iter().zip(record_units(table, !across_units)).zip(is_set(&eligible.yes));
    let mut undecided = 0;
    let owned: Vec<_> = records
        .map(|((key, unit), yes)| {
            undecided += u64::from(yes && key.is_none());
            key.filter(|_| yes).map(|key| (key, unit))
        })
        .collect();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for_each_group(&owned, |group| groups.push(group.to_vec()));
    let mut repeated: Vec<(u32, &[u32])> =
        groups.iter().flat_map(|group| group.iter().map(|record| (*record, group.as_slice()))).collect();
    repeated.sort_unstable_by_key(|(record, _)| *record);
    let mut places = Vec::with_capacity(repeated.len());
    for (record, group) in repeated {
        let others = group.iter().filter(|other| **other != record);
        let mut named: Vec<_> =
            others.take(PLACES_NAMED).map(|other| record_name(evaluation, table, *other, record)).collect();
        if group.len() > PLACES_NAMED + 1 {
            named.push("…".to_owned());
        }
        let details = vec![open_detail("count", group.len().to_string()), open_detail("others", named.join("；"))];
        places.push((place(dataset, record, rule), details));
    }
    Ok(Verdict { count: tally(eligible, places.len() as u64, undecided), places })
}

/// A record as the officer finds it from another one: its row in the same sheet, else with sheet and file.
fn record_name(evaluation: &Evaluation<'_>, table: &Table, record: u32, seen_from: u32) -> String {
    let (segment, own) = (table.segment(record), table.segment(seen_from));
    let row = table.sheet_rows.get(record as usize).copied().unwrap_or_default();
    let same_file = segment.file == own.file;
    let sheet = if same_file && segment.sheet == own.sheet { "" } else { segment.sheet.as_str() };
    let file =
        if same_file { "" } else { evaluation.input.files.get(segment.file).map_or("", |file| file.name.as_str()) };
    let place: Vec<_> = [file, sheet].into_iter().filter(|part| !part.is_empty()).collect();
    if place.is_empty() { format!("第{row}行") } else { format!("{} 第{row}行", place.join(" ")) }
}

/// For each unit, whether records of `dataset` may be missing: one of its files could not be read, or it did not hand
/// in a dataset it must, which is a finding of its own. Not for units of which records were read.
pub fn may_be_unread(evaluation: &Evaluation<'_>, dataset: usize) -> Vec<bool> {
    let input = evaluation.input;
    let required = input.pack.datasets.get(dataset).is_some_and(|declared| declared.required);
    let mut handed_in = vec![!required; evaluation.incomplete.len()];
    for file in input.files.iter().filter(|file| file.sheets.iter().any(|sheet| sheet.dataset == Some(dataset))) {
        if let Some(flag) = handed_in.get_mut(file.unit) {
            *flag = true;
        }
    }
    let mut unread: Vec<_> =
        evaluation.incomplete.iter().zip(handed_in).map(|(incomplete, handed_in)| *incomplete || !handed_in).collect();
    for segment in input.tables.get(dataset).into_iter().flat_map(|table| &table.segments) {
        if let Some(flag) = unread.get_mut(segment.unit) {
            *flag = false;
        }
    }
    unread
}

/// The key exists among the records of another dataset that count.
pub fn evaluate_refers(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    rule: &Rule,
    eligible: &Eligible,
) -> Result<Verdict> {
    let Body::Refers { key, to, to_key, to_when, same_unit, .. } = &rule.body else { return Ok(Verdict::default()) };
    let (to, same_unit) = (*to, *same_unit);
    let input = evaluation.input;
    let table = &input.tables[dataset];
    let there = &input.tables[to];
    let keys = row_keys(&table.frame, &input.pack.datasets[dataset], key)?;
    let there_keys = row_keys(&there.frame, &input.pack.datasets[to], to_key)?;
    let there_units = record_units(there, same_unit);
    let counted = selected(evaluation, to, there, to_when.as_deref())?;
    let known: PlHashSet<(&str, usize)> = there_keys
        .iter()
        .zip(there_units)
        .zip(counted)
        .filter_map(|((key, unit), counts)| Some((key.filter(|_| counts)?, unit)))
        .collect();
    let unread = may_be_unread(evaluation, to);
    let mut undecided = 0;
    let mut places = Vec::new();
    let records = keys.iter().zip(record_units(table, same_unit)).zip(is_set(&eligible.yes));
    for (record, ((key, unit), yes)) in (0_u32..).zip(records) {
        if !yes {
            continue;
        }
        let unread_there = || unread.get(table.segment(record).unit).copied().unwrap_or(false);
        match key {
            Some(key) if known.contains(&(key, unit)) => {}
            Some(_) if there.height() > 0 && !unread_there() => {
                places.push((place(dataset, record, rule), Details::new()));
            }
            _ => undecided += 1,
        }
    }
    Ok(Verdict { count: tally(eligible, places.len() as u64, undecided), places })
}

/// Values met under one key, with how many records have them.
type Values<'a> = Vec<(&'a str, u32)>;

/// Records with equal keys have equal values; the value most records have is the usual one, of several the smallest.
pub fn evaluate_determines(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    rule: &Rule,
    key: &[u16],
    field: u16,
    with: &[(usize, Vec<u16>, u16)],
    eligible: &Eligible,
) -> Result<Verdict> {
    let input = evaluation.input;
    let declared = &input.pack.datasets[dataset];
    let keys = row_keys(&input.tables[dataset].frame, declared, key)?;
    let values = row_keys(&input.tables[dataset].frame, declared, &[field])?;
    let mut elsewhere = Vec::new();
    for (other, other_key, other_field) in with {
        let (declared, frame) = (&input.pack.datasets[*other], &input.tables[*other].frame);
        elsewhere.push((row_keys(frame, declared, other_key)?, row_keys(frame, declared, &[*other_field])?));
    }
    let own = || {
        keys.iter()
            .zip(values.iter())
            .zip(is_set(&eligible.yes))
            .map(|((key, value), yes)| (key.filter(|_| yes), value))
    };
    let others = || elsewhere.iter().flat_map(|(keys, values)| keys.iter().zip(values.iter()));
    let pairs = || own().chain(others());
    // Each key is looked up once; from then on its number stands for it. Most keys have one value, and only the values
    // of those with several are counted.
    let mut numbers: PlHashMap<&str, usize> = PlHashMap::default();
    let mut first: Vec<&str> = Vec::new();
    let mut several: Vec<bool> = Vec::new();
    let mut key_numbers: Vec<Option<u32>> = Vec::with_capacity(keys.len());
    for (key, value) in pairs() {
        let (Some(key), Some(value)) = (key, value) else {
            key_numbers.push(None);
            continue;
        };
        let number = *numbers.entry(key).or_insert_with(|| {
            first.push(value);
            several.push(false);
            first.len() - 1
        });
        if let (Some(first), Some(several)) = (first.get(number), several.get_mut(number)) {
            *several |= *first != value;
        }
        key_numbers.push(Some(u32::try_from(number)?));
    }
    let has_several = |number: u32| several.get(number as usize).copied().unwrap_or(false);
    let mut counted: PlHashMap<u32, Values<'_>> = PlHashMap::default();
    for ((_, value), number) in pairs().zip(&key_numbers) {
        let (Some(value), Some(number)) = (value, number.filter(|number| has_several(*number))) else { continue };
        let values = counted.entry(number).or_default();
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => values.push((value, 1)),
        }
    }
    let mask = declared.fields.get(usize::from(field)).map(|field| field.mask).unwrap_or_default();
    let mut undecided = 0;
    let mut places = Vec::new();
    for (record, ((value, number), yes)) in (0_u32..).zip(values.iter().zip(&key_numbers).zip(is_set(&eligible.yes))) {
        if !yes {
            continue;
        }
        let (Some(number), Some(value)) = (number, value) else {
            undecided += 1;
            continue;
        };
        let Some(values) = counted.get(number) else { continue };
        let usual = values.iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))).map_or(value, |(usual, _)| *usual);
        if usual != value {
            let details = vec![
                masked_detail("usual".into(), usual.to_owned(), mask),
                open_detail("count", values.len().to_string()),
            ];
            places.push((place(dataset, record, rule), details));
        }
    }
    Ok(Verdict { count: tally(eligible, places.len() as u64, undecided), places })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_without_idle_zeros() {
        assert_eq!(decimal_text(5_000_100, 6), "5.0001");
        assert_eq!(decimal_text(-50, 2), "-0.5");
        assert_eq!(decimal_text(500_000_000, 6), "500");
        assert_eq!(decimal_text(7, 0), "7");
    }
}
