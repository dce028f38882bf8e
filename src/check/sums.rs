//! Rules about totals: a figure against the sum of its parts, and a unit's figures against the prior period.

use anyhow::{Context as _, Result};
use polars::prelude::{BooleanChunked, ChunkFull, Int128Chunked, PlHashMap};

use super::{
    Evaluation, Verdict, copies,
    keys::{decimal_text, may_be_unread, row_keys, tally},
    mask, open_detail,
    record::{Eligible, place, selected},
};
use crate::{
    finding::Place,
    job::Unit,
    pack::{Body, Bound, Literal, Measure, Rule, sql::scaled},
    table::Table,
};

/// Values of an amount or decimal field as whole numbers, and their scale.
fn numbers(table: &Table, field: &str) -> Result<(Int128Chunked, usize)> {
    let column = table.frame.column(field)?;
    let decimals = column.decimal().with_context(|| format!("{field} is no amount"))?;
    Ok((decimals.physical().clone(), decimals.scale()))
}

fn power(exponent: usize) -> i128 {
    10_i128.saturating_pow(u32::try_from(exponent).unwrap_or(u32::MAX))
}

/// A number of a pack with `scale` decimal places; further places are cut off.
fn literal_scaled(literal: &Literal, scale: usize) -> Option<i128> {
    let digits = match literal {
        Literal::Integer(number) => number.to_string(),
        Literal::Decimal(digits) => digits.clone(),
        Literal::Text(_) | Literal::Date(_) | Literal::Bool(_) => return None,
    };
    let (value, own) = scaled(&digits)?;
    Some(if own <= scale { value.saturating_mul(power(scale - own)) } else { value / power(own - scale) })
}

/// A field equals the sum over the records of another dataset that refer to it.
pub fn evaluate_sum(evaluation: &Evaluation<'_>, dataset: usize, rule: &Rule, eligible: &Eligible) -> Result<Verdict> {
    let Body::Sum { field, key, of, of_field, of_key, of_when, tolerance, .. } = &rule.body else {
        return Ok(Verdict::default());
    };
    let input = evaluation.input;
    let (declared, table) = (&input.pack.datasets[dataset], &input.tables[dataset]);
    let (there_declared, there) = (&input.pack.datasets[*of], &input.tables[*of]);
    let (own, own_scale) = numbers(table, &declared.fields[usize::from(*field)].id)?;
    let (parts, part_scale) = numbers(there, &there_declared.fields[usize::from(*of_field)].id)?;
    let scale = own_scale.max(part_scale);
    let counted = selected(evaluation, *of, there, of_when.as_deref())?;
    let unusable = mask::unusable(there, *of_field);
    let mut unusable_at = unusable.iter().flat_map(BooleanChunked::iter).map(|bit| bit == Some(true));
    let there_keys = row_keys(&there.frame, there_declared, of_key)?;
    // The sum under a key; none once a part of it could not be read.
    let mut sums: PlHashMap<&str, Option<i128>> = PlHashMap::default();
    let mut keyless_parts = false;
    for ((key, part), counts) in there_keys.iter().zip(parts.iter()).zip(&counted) {
        let broken = unusable_at.next().unwrap_or(false);
        let Some(key) = key else {
            keyless_parts |= *counts;
            continue;
        };
        if broken {
            sums.insert(key, None);
        } else if *counts && let Some(sum) = sums.entry(key).or_insert(Some(0)) {
            *sum += part.unwrap_or(0) * power(scale - part_scale);
        }
    }
    let tolerance = literal_scaled(tolerance, scale).context("the tolerance is no number")?;
    let unread = may_be_unread(evaluation, *of);
    let keys = row_keys(&table.frame, declared, key)?;
    let mut undecided = 0;
    let mut places = Vec::new();
    for (record, ((key, value), yes)) in keys.iter().zip(own.iter()).zip(eligible.yes.iter()).enumerate() {
        if yes != Some(true) {
            continue;
        }
        let record = u32::try_from(record)?;
        let own_unit = table.segment(record).unit;
        let sum = key.and_then(|key| sums.get(key).copied().unwrap_or(Some(0)));
        let (Some(value), Some(sum)) = (value, sum) else {
            undecided += 1;
            continue;
        };
        let difference = value * power(scale - own_scale) - sum;
        if difference.abs() <= tolerance {
            continue;
        }
        if unread.get(own_unit).copied().unwrap_or(false) || (keyless_parts && difference > 0) || there.height() == 0 {
            undecided += 1;
            continue;
        }
        let details = vec![
            open_detail("sum", decimal_text(sum, scale)),
            open_detail("difference", decimal_text(difference, scale)),
        ];
        places.push((place(dataset, record, rule), details));
    }
    Ok(Verdict { count: tally(eligible, places.len() as u64, undecided), places })
}

/// A figure of a unit.
#[derive(Clone, Copy, Default)]
struct Figure {
    /// Number of records or their sum; none if a value could not be read.
    value: Option<i128>,
    /// Some record counts.
    counts: bool,
}

/// The figure of each unit that has records, and its decimal places.
fn figures(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    table: &Table,
    when: Option<&str>,
    of: Measure,
) -> Result<(PlHashMap<usize, Figure>, usize)> {
    let counted = selected(evaluation, dataset, table, when)?;
    let (values, scale, unusable) = match of {
        Measure::Count => (Int128Chunked::full("".into(), 1, table.height()), 0, None),
        // Told by comparing records, not from one field of them: see `evaluate_unchanged`.
        Measure::Unchanged => return Ok((PlHashMap::default(), 0)),
        Measure::Sum(field) => {
            let id = &evaluation.input.pack.datasets[dataset].fields[usize::from(field)].id;
            let (values, scale) = numbers(table, id)?;
            (values, scale, mask::unusable(table, field))
        }
    };
    let broken: Vec<bool> = unusable.iter().flat_map(BooleanChunked::iter).map(|bit| bit == Some(true)).collect();
    let mut figures = PlHashMap::default();
    for segment in &table.segments {
        let figure = figures.entry(segment.unit).or_insert(Figure { value: Some(0), counts: false });
        for record in segment.records.clone().map(|record| record as usize) {
            let counts = counted.get(record).copied().unwrap_or(false);
            figure.counts |= counts;
            if broken.get(record).copied().unwrap_or(false) {
                figure.value = None;
            } else if counts && let Some(sum) = figure.value.as_mut() {
                *sum += values.get(record).unwrap_or(0);
            }
        }
    }
    Ok((figures, scale))
}

/// A bound in force, with `scale` decimal places.
fn bound(evaluation: &Evaluation<'_>, bound: &Bound, scale: usize) -> Result<i128> {
    let set = bound.param.as_ref().and_then(|name| evaluation.params.get(name));
    literal_scaled(set.unwrap_or(&bound.value), scale).context("a bound is no number")
}

/// A figure of both periods; none if one of them cannot be told.
struct Moved {
    /// The unit the finding is about.
    unit: usize,
    /// Figures of the period before and of this one.
    figures: Option<(i128, i128)>,
    /// Number of units in it.
    units: usize,
}

/// A measure of each unit, or of the institution, against the prior period; a change is a finding if both the absolute
/// and the relative bound are exceeded.
pub fn evaluate_change(evaluation: &Evaluation<'_>, rule: &Rule) -> Result<Verdict> {
    let (Body::Change { when, of, absolute, percent, fall, institution }, Some(dataset)) = (&rule.body, rule.on) else {
        return Ok(Verdict::default());
    };
    let input = evaluation.input;
    if *of == Measure::Unchanged {
        return evaluate_unchanged(evaluation, dataset, when.as_deref(), (absolute, percent));
    }
    let (now, scale) = figures(evaluation, dataset, &input.tables[dataset], when.as_deref(), *of)?;
    let prior = match input.prior {
        Some(prior) => Some((prior, figures(evaluation, dataset, &prior.tables[dataset], when.as_deref(), *of)?.0)),
        None => None,
    };
    // Per cent with four decimal places.
    let (absolute, rise, fall) =
        (bound(evaluation, absolute, scale)?, bound(evaluation, percent, 4)?, bound(evaluation, fall, 4)?);
    let mut moved = Vec::new();
    for (unit, declared) in input.units.iter().enumerate() {
        let Some(now) = now.get(&unit) else { continue };
        let before = prior.as_ref().and_then(|(prior, figures)| {
            let index = prior.units.iter().position(|other| other.code == declared.code)?;
            figures.get(&index).copied()
        });
        if !now.counts && !before.is_some_and(|before| before.counts) {
            continue;
        }
        let unread = evaluation.incomplete.get(unit).copied().unwrap_or(false);
        let figures = before.and_then(|before| before.value).zip(now.value).filter(|_| !unread);
        moved.push(Moved { unit, figures, units: 1 });
    }
    if *institution {
        moved = together(&moved, input.units).into_iter().collect();
    }
    let mut verdict = Verdict::default();
    for Moved { unit, figures, units } in moved {
        verdict.count.eligible += 1;
        let Some((before, now)) = figures else {
            verdict.count.not_evaluable += 1;
            continue;
        };
        let difference = now - before;
        let relative = (before != 0).then(|| difference.saturating_mul(1_000_000) / before.abs());
        let bound = if difference < 0 { fall } else { rise };
        let exceeds = difference.abs() > absolute && relative.is_none_or(|relative| relative.abs() > bound);
        if exceeds {
            verdict.count.violated += 1;
            let relative =
                relative.map_or("—".to_owned(), |relative| format!("{}%", decimal_text(relative / 100, 2)));
            let details = vec![
                open_detail("now", decimal_text(now, scale)),
                open_detail("prior", decimal_text(before, scale)),
                open_detail("difference", decimal_text(difference, scale)),
                open_detail("percent", relative),
                open_detail("units", units.to_string()),
            ];
            verdict.places.push((Place::Unit { unit, dataset }, details));
        }
    }
    Ok(verdict)
}

/// The figures of all units that both periods have in full as one of the institution's: a unit that is late, or one of
/// whose files is broken, is no change of the business.
fn together(moved: &[Moved], units: &[Unit]) -> Option<Moved> {
    let last = moved.last()?.unit;
    let unit = units.iter().position(|unit| unit.institution).unwrap_or(last);
    let known: Vec<_> = moved.iter().filter_map(|moved| moved.figures).collect();
    let sum = |(before, now): (i128, i128), more: &(i128, i128)| (before + more.0, now + more.1);
    let figures = (!known.is_empty()).then(|| known.iter().fold((0, 0), sum));
    Some(Moved { unit, figures, units: known.len() })
}

/// The records of each unit that are as they were in the prior period; a finding if they are more than `absolute`, and
/// more than `percent` of this period's records.
fn evaluate_unchanged(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    when: Option<&str>,
    (absolute, percent): (&Bound, &Bound),
) -> Result<Verdict> {
    let input = evaluation.input;
    let table = &input.tables[dataset];
    let counted = selected(evaluation, dataset, table, when)?;
    let (absolute, percent) = (bound(evaluation, absolute, 0)?, bound(evaluation, percent, 4)?);
    let kept = match input.prior {
        Some(prior) => copies::kept(table, &counted, &prior.tables[dataset], |unit| {
            let code = &input.units.get(unit)?.code;
            prior.units.iter().position(|other| other.code == *code)
        })?,
        None => std::collections::HashMap::new(),
    };
    let mut verdict = Verdict::default();
    for unit in 0..input.units.len() {
        let own = || table.segments.iter().filter(|segment| segment.unit == unit);
        let counts = own().any(|segment| {
            segment.records.clone().any(|record| counted.get(record as usize).copied().unwrap_or(false))
        });
        if !counts {
            continue;
        }
        verdict.count.eligible += 1;
        let Some(kept) = kept.get(&unit) else {
            verdict.count.not_evaluable += 1;
            continue;
        };
        let (unchanged, records) = (i128::from(kept.unchanged), i128::from(kept.records));
        // Per cent with four decimal places.
        if unchanged <= absolute || unchanged * 1_000_000 <= percent * records {
            continue;
        }
        verdict.count.violated += 1;
        let details = vec![
            open_detail("now", kept.unchanged.to_string()),
            open_detail("prior", kept.records.to_string()),
            open_detail("difference", (kept.records - kept.unchanged).to_string()),
            open_detail("percent", format!("{}%", decimal_text(unchanged * 10_000 / records, 2))),
        ];
        verdict.places.push((Place::Unit { unit, dataset }, details));
    }
    Ok(verdict)
}
