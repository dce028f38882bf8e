//! A rule pack evaluated on tables gives findings.
//!
//! All record rules of a dataset go into one lazy plan and one collect; only violating records become findings. The
//! result does not depend on the order of records, files or threads. Knows nothing of files to be written.

mod cells;
mod completeness;
mod copies;
mod derived;
pub mod examples;
mod keys;
mod mask;
mod prior;
mod record;
mod sums;
#[cfg(test)]
mod tests;
mod values;

pub use completeness::Share;
pub(crate) use keys::row_keys;
pub(crate) use mask::{from_flags, indexes, known, unusable};

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use rayon::prelude::*;

use crate::{
    derive::{Derived, Records},
    finding::{Finding, Place, RuleCount},
    ingest::FileRead,
    job::{Calendar, Period, Unit},
    pack::{
        AmountUnit, Body, FieldKind, Literal, Rule, RulePack, SheetCheck, functions::Context, load::parameter_values,
    },
    table::Table,
};

/// What is checked.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The rules.
    pub pack: &'a RulePack,
    /// One table for each dataset of the pack.
    pub tables: &'a [Table],
    /// The files the tables came from.
    pub files: &'a [FileRead],
    /// The units; segments of the tables point to them.
    pub units: &'a [Unit],
    /// The period before, if there is data of it.
    pub prior: Option<Prior<'a>>,
    /// What was derived from the records; derived here if a rule asks for it and it is not given.
    pub derived: Option<&'a Derived<'a>>,
    /// The period.
    pub period: Period,
    /// Working days.
    pub calendar: &'a Calendar,
}

/// Data of the prior period.
#[derive(Clone, Copy)]
pub struct Prior<'a> {
    /// One table for each dataset of the pack.
    pub tables: &'a [Table],
    /// The units of that period; segments of the prior tables point to them.
    pub units: &'a [Unit],
}

/// What a check gives.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings, ordered by unit, file, sheet, row, column and rule id.
    pub findings: Vec<Finding>,
    /// For each finding the unit it belongs to.
    pub finding_units: Vec<usize>,
    /// What each rule did, in the order of the pack's rules.
    pub counts: Vec<RuleCount>,
    /// For each measure of completeness in the pack, the share of each unit.
    pub completeness: Vec<Vec<Share>>,
    /// Time spent on each rule outside the shared plan, and on the plan of each dataset.
    pub timings: BTreeMap<String, Duration>,
}

/// What the rules of one dataset share while they are evaluated.
struct Evaluation<'a> {
    input: Input<'a>,
    params: BTreeMap<String, Literal>,
    context: Arc<Context>,
    /// For each unit: one of its files could not be read.
    incomplete: Vec<bool>,
}

/// What one rule found: its counts and the places, with details for the message.
#[derive(Debug, Default)]
struct Verdict {
    count: RuleCount,
    places: Vec<(Place, Details)>,
}

type Details = Vec<(std::borrow::Cow<'static, str>, crate::finding::Detail)>;

/// A detail shown to everyone.
fn open_detail(
    name: &'static str,
    text: impl Into<String>,
) -> (std::borrow::Cow<'static, str>, crate::finding::Detail) {
    masked_detail(name.into(), text.into(), crate::text::Mask::None)
}

fn masked_detail(
    name: std::borrow::Cow<'static, str>,
    text: String,
    mask: crate::text::Mask,
) -> (std::borrow::Cow<'static, str>, crate::finding::Detail) {
    (name, crate::finding::Detail { text, en: None, mask })
}

/// Evaluates all rules.
///
/// # Errors
/// If a rule cannot be evaluated: a fault of the pack or of this program, never of the data.
pub fn evaluate(input: Input<'_>) -> Result<Checked> {
    let mut incomplete = vec![false; input.units.len()];
    for file in input.files {
        if file.unreadable.is_some()
            && let Some(flag) = incomplete.get_mut(file.unit)
        {
            *flag = true;
        }
    }
    let evaluation = Evaluation {
        input,
        params: parameter_values(input.pack, input.period),
        context: Arc::new(Context::new(input.period.data_date(), input.calendar.clone(), &input.pack.codes)),
        incomplete,
    };
    let asked = input.pack.rules.iter().any(|rule| matches!(rule.body, Body::Derived(_)));
    let own = if asked && input.derived.is_none() {
        let now = Records { tables: input.tables, units: input.units };
        let before = input.prior.map(|prior| Records { tables: prior.tables, units: prior.units });
        Some(Derived::of(&input.pack.datasets, &evaluation.params, now, before)?)
    } else {
        None
    };
    let mut verdicts: Vec<Verdict> = Vec::new();
    verdicts.resize_with(input.pack.rules.len(), Verdict::default);
    let mut timings = BTreeMap::new();
    let of_records = || -> Result<()> {
        for dataset in 0..input.pack.datasets.len() {
            record::evaluate_dataset(&evaluation, dataset, &mut verdicts, &mut timings)?;
        }
        Ok(())
    };
    let derived = input.derived.or(own.as_ref());
    let of_others = || {
        let rules = input.pack.rules.par_iter().with_max_len(1).enumerate();
        rules
            .filter_map(|(index, rule)| other_rule(&evaluation, rule, derived).transpose().map(|one| Ok((index, one?))))
            .collect::<Result<Vec<_>>>()
    };
    let (done, others) = rayon::join(of_records, of_others);
    done?;
    for (index, (verdict, time)) in others? {
        if let (Some(slot), Some(rule)) = (verdicts.get_mut(index), input.pack.rules.get(index)) {
            *slot = verdict;
            timings.insert(rule.id.clone(), time);
        }
    }
    for (rule, verdict) in input.pack.rules.iter().zip(&mut verdicts) {
        verdict.count.amount_at_risk_fen = amount_at_risk(input, rule, &verdict.places);
    }
    let counts = verdicts.iter().map(|verdict| verdict.count).collect();
    let (findings, finding_units) = in_order(input, verdicts);
    let completeness = completeness::measure(&evaluation)?;
    Ok(Checked { findings, finding_units, counts, completeness, timings })
}

/// Evaluates a rule that is not about single records, and says how long it took; nothing for one that is.
fn other_rule(
    evaluation: &Evaluation<'_>,
    rule: &Rule,
    derived: Option<&Derived<'_>>,
) -> Result<Option<(Verdict, Duration)>> {
    let started = Instant::now();
    let verdict = match &rule.body {
        Body::Cell(kind) => cells::evaluate_cells(evaluation, *kind),
        Body::Sheet(SheetCheck::FileTwice) => copies::files_twice(evaluation),
        Body::Sheet(SheetCheck::RecordsTwice) => copies::records_twice(evaluation)?,
        Body::Sheet(check) => cells::evaluate_sheets(evaluation, *check),
        Body::Change { .. } => sums::evaluate_change(evaluation, rule)?,
        Body::Derived(check) => match derived {
            Some(derived) => derived::evaluate_derived(evaluation, rule, *check, derived),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some((verdict, started.elapsed())))
}

fn amount_at_risk(input: Input<'_>, rule: &Rule, places: &[(Place, Details)]) -> Option<i128> {
    let (on, amount) = (rule.on?, rule.amount?);
    let field = input.pack.datasets.get(on)?.fields.get(usize::from(amount))?;
    let values = input.tables.get(on)?.frame.column(&field.id).ok()?.decimal().ok()?.clone();
    let unit = field.unit.filter(|_| field.kind == FieldKind::Amount)?;
    let fen_scale = match unit {
        AmountUnit::Yuan | AmountUnit::WanYuan => i32::from(unit.fen_scale()) - i32::from(field.scale),
    };
    let mut total = 0_i128;
    for (place, _) in places {
        if let Place::Record { record, .. } = place
            && let Some(value) = values.physical().get(*record as usize)
        {
            total += value;
        }
    }
    let factor = 10_i128.checked_pow(fen_scale.unsigned_abs())?;
    Some(if fen_scale >= 0 { total * factor } else { total / factor })
}

/// Findings in the order of the lists.
fn in_order(input: Input<'_>, verdicts: Vec<Verdict>) -> (Vec<Finding>, Vec<usize>) {
    let mut keyed = Vec::new();
    for (rule, verdict) in verdicts.into_iter().enumerate() {
        for (place, details) in verdict.places {
            let position = match place {
                Place::Unit { unit, .. } => (unit, 0, "", 0, 0),
                Place::Sheet { unit, file, field, sheet, .. } => {
                    (unit, file + 1, sheet_name(input, file, sheet), 0, field.unwrap_or_default().into())
                }
                Place::Record { dataset, record, field } => record_position(input, dataset, record, field),
            };
            keyed.push((position, rule, Finding { rule, place, details }));
        }
    }
    keyed.sort_by(|a, b| (&a.0, a.1, a.2.place).cmp(&(&b.0, b.1, b.2.place)));
    keyed.into_iter().map(|((unit, ..), _, finding)| (finding, unit)).unzip()
}

fn sheet_name(input: Input<'_>, file: usize, sheet: usize) -> &str {
    input.files.get(file).and_then(|file| file.sheets.get(sheet)).map_or("", |sheet| sheet.name.as_str())
}

fn record_position(
    input: Input<'_>,
    dataset: usize,
    record: u32,
    field: Option<u16>,
) -> (usize, usize, &str, u32, u32) {
    let Some(table) = input.tables.get(dataset) else { return Default::default() };
    let segment = table.segment(record);
    let column = field.and_then(|field| segment.column_of(field)).map_or(0, |column| column.index);
    let row = table.sheet_rows.get(record as usize).copied().unwrap_or_default();
    (segment.unit, segment.file + 1, segment.sheet.as_str(), row, column)
}
