//! What was handed in twice: the same file, the same records in another file, and records that are all as they were
//! last month. Records are compared field by field, as typed; neither their order nor their row matters.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
};

use anyhow::{Context as _, Result};
use polars::prelude::{Column, DataFrame, DataType};

use super::{Evaluation, Verdict, open_detail};
use crate::{
    finding::Place,
    ingest::FileRead,
    table::{Segment, Table},
};

/// Sheets of fewer records may well be alike by chance: two units may report the same two shareholders.
const FEWEST_RECORDS: usize = 5;

/// A number for each record, equal where all fields are.
fn record_numbers(frame: &DataFrame) -> Result<Vec<u64>> {
    let mut hashes = vec![DefaultHasher::new(); frame.height()];
    for column in frame.columns() {
        add(column, &mut hashes).with_context(|| format!("column {}", column.name()))?;
    }
    Ok(hashes.into_iter().map(|hash| hash.finish()).collect())
}

fn add(column: &Column, hashes: &mut [DefaultHasher]) -> Result<()> {
    fn each<T: Hash>(hashes: &mut [DefaultHasher], values: impl Iterator<Item = T>) {
        hashes.iter_mut().zip(values).for_each(|(hash, value)| value.hash(hash));
    }
    match column.dtype() {
        DataType::String => each(hashes, column.str()?.iter()),
        DataType::Decimal(..) => each(hashes, column.decimal()?.physical().iter()),
        DataType::Int64 => each(hashes, column.i64()?.iter()),
        DataType::Date => each(hashes, column.date()?.physical().iter()),
        other => anyhow::bail!("no field has the type {other}"),
    }
    Ok(())
}

fn indexes(records: &Range<u32>) -> Range<usize> {
    records.start as usize..records.end as usize
}

/// Files whose bytes are those of another file: of the same unit, where the first by name is left alone, or of another
/// unit, where both are told.
pub fn files_twice(evaluation: &Evaluation<'_>) -> Verdict {
    let input = evaluation.input;
    let mut verdict = Verdict::default();
    let is_unit = |file: &FileRead| input.units.get(file.unit).is_some_and(|unit| !unit.institution);
    let mut by_content: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, file) in input.files.iter().enumerate() {
        if !file.sha256.is_empty() && is_unit(file) {
            by_content.entry(file.sha256.as_str()).or_default().push(index);
        }
    }
    for (index, file) in input.files.iter().enumerate() {
        let Some((sheet, dataset)) = file.sheets.iter().enumerate().find_map(|(at, sheet)| Some((at, sheet.dataset?)))
        else {
            continue;
        };
        let Some(alike) = by_content.get(file.sha256.as_str()) else { continue };
        verdict.count.eligible += 1;
        let earlier = |other: &&usize| **other < index || input.files.get(**other).is_none_or(|o| o.unit != file.unit);
        let Some(other) = alike.iter().find(|other| **other != index && earlier(other)) else { continue };
        verdict.count.violated += 1;
        let place = Place::Sheet { unit: file.unit, dataset, file: index, field: None, sheet };
        let other = input.files.get(*other).map(|file| file.name.clone()).unwrap_or_default();
        verdict.places.push((place, vec![open_detail("other", other)]));
    }
    verdict
}

/// Sheets whose records are all those of a sheet in another file, saved again or sent by another unit. Files with the
/// same bytes are told by [`files_twice`].
pub fn records_twice(evaluation: &Evaluation<'_>) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    for (dataset, table) in evaluation.input.tables.iter().enumerate() {
        let large = |segment: &&Segment| segment.records.len() >= FEWEST_RECORDS;
        verdict.count.eligible += table.segments.iter().filter(large).count() as u64;
        for (at, other) in copied_segments(evaluation, table)? {
            let (Some(segment), Some(other)) = (table.segments.get(at), table.segments.get(other)) else { continue };
            let file = evaluation.input.files.get(segment.file);
            let sheet = file.and_then(|file| file.sheets.iter().position(|sheet| sheet.name == segment.sheet));
            let place = Place::Sheet {
                unit: segment.unit,
                dataset,
                file: segment.file,
                field: None,
                sheet: sheet.unwrap_or_default(),
            };
            let other_file = evaluation.input.files.get(other.file).map_or("", |file| file.name.as_str());
            let details = vec![
                open_detail("rows", segment.records.len().to_string()),
                open_detail("other", [other_file, &other.sheet].join(" ").trim_end().to_owned()),
            ];
            verdict.places.push((place, details));
        }
    }
    verdict.count.violated = verdict.places.len() as u64;
    Ok(verdict)
}

/// Segments with the same records as one in another file: those to be told, each with the other. Only those with as many
/// records as another are looked into.
fn copied_segments(evaluation: &Evaluation<'_>, table: &Table) -> Result<Vec<(usize, usize)>> {
    let mut by_size: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, segment) in table.segments.iter().enumerate() {
        if segment.records.len() >= FEWEST_RECORDS {
            by_size.entry(segment.records.len()).or_default().push(at);
        }
    }
    let mut by_content: BTreeMap<(usize, u64), Vec<usize>> = BTreeMap::new();
    for (size, segments) in by_size.into_iter().filter(|(_, segments)| segments.len() > 1) {
        for at in segments {
            let Some(segment) = table.segments.get(at) else { continue };
            let part = table.frame.slice(i64::from(segment.records.start), segment.records.len());
            // Sums do not depend on the order of the records.
            let sum = record_numbers(&part)?.into_iter().fold(0_u64, u64::wrapping_add);
            by_content.entry((size, sum)).or_default().push(at);
        }
    }
    let content = |segment: &Segment| evaluation.input.files.get(segment.file).map(|file| file.sha256.as_str());
    let mut copied = Vec::new();
    for alike in by_content.values() {
        for (number, at) in alike.iter().enumerate() {
            let Some(segment) = table.segments.get(*at) else { continue };
            let other = alike.iter().enumerate().find(|(other_number, other)| {
                table.segments.get(**other).is_some_and(|other| {
                    other.file != segment.file
                        && content(other) != content(segment)
                        && (*other_number < number || other.unit != segment.unit)
                })
            });
            copied.extend(other.map(|(_, other)| (*at, *other)));
        }
    }
    copied.sort_unstable();
    Ok(copied)
}

/// How many of a unit's records there are, and how many of them are as they were in the prior period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Records that count.
    pub records: u64,
    /// Those of them that a record of the prior period equals in every field.
    pub unchanged: u64,
}

/// The records of each unit against those it handed in for the prior period; `counted` tells which records of `now`
/// count. A unit that handed in nothing then has no entry. `same_unit` gives the unit's index in the prior period.
pub fn kept(
    now: &Table,
    counted: &[bool],
    prior: &Table,
    same_unit: impl Fn(usize) -> Option<usize>,
) -> Result<HashMap<usize, Kept>> {
    let (numbers, before) = (record_numbers(&now.frame)?, record_numbers(&prior.frame)?);
    let mut known: HashMap<(usize, u64), u64> = HashMap::with_capacity(before.len());
    let mut there = std::collections::HashSet::new();
    for segment in &prior.segments {
        there.insert(segment.unit);
        for number in before.get(indexes(&segment.records)).unwrap_or_default() {
            *known.entry((segment.unit, *number)).or_default() += 1;
        }
    }
    let mut kept: HashMap<usize, Kept> = HashMap::new();
    for segment in &now.segments {
        let Some(unit) = same_unit(segment.unit).filter(|unit| there.contains(unit)) else { continue };
        let kept = kept.entry(segment.unit).or_default();
        for record in indexes(&segment.records).filter(|record| counted.get(*record).copied().unwrap_or(false)) {
            kept.records += 1;
            let left = numbers.get(record).and_then(|number| known.get_mut(&(unit, *number)));
            if let Some(left) = left.filter(|left| **left > 0) {
                *left -= 1;
                kept.unchanged += 1;
            }
        }
    }
    Ok(kept)
}
