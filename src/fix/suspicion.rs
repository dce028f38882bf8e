//! Corrected values that look as if they were entered only to pass a check (clause B31). A mark for whoever reviews, and
//! no judgement: each of these can be right.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::Change;
use crate::{
    ingest::{TypedCell, TypedValue},
    message::Cells,
    outcome::Outcome,
    overlay::{self, Suspicion},
    pack::{Body, Dataset, Field, FieldKind, Literal, load::parameter_values},
};

/// Records that are given one value before it is told.
const ONE_FOR_ALL: usize = 3;

/// Shortest identifier that is compared with others.
const SHORTEST: usize = 6;

/// Marks what is doubtful about `changes`; the tables of `base` are those before them.
///
/// # Errors
/// If a table does not have the columns of its dataset.
pub fn mark(base: &Outcome, changes: &mut [Change]) -> Result<()> {
    let references = references(base);
    let thresholds = thresholds(base);
    let mut same: HashMap<(usize, u16, String), HashSet<u32>> = HashMap::new();
    let mut seen = Vec::with_capacity(changes.len());
    for change in changes.iter() {
        let typed = overlay::typed(&base.pack, &base.intake.tables, change.at, &change.correction.new);
        let dataset = base.pack.datasets.get(change.at.dataset);
        let plain =
            typed.as_ref().zip(dataset).and_then(|(typed, dataset)| overlay::plain(dataset, change.at.field, typed));
        if let Some(plain) = &plain {
            let key = (change.at.dataset, change.at.field, plain.clone());
            same.entry(key).or_default().insert(change.at.record);
        }
        seen.push((typed, plain));
    }
    for (change, (typed, plain)) in changes.iter_mut().zip(seen) {
        let Some(dataset) = base.pack.datasets.get(change.at.dataset) else { continue };
        let Some(field) = dataset.fields.get(usize::from(change.at.field)) else { continue };
        let (Some(typed), old) = (typed, change.correction.old.clone()) else { continue };
        let mut found = HashSet::new();
        match (&old, &plain) {
            (Some(_), None) => {
                found.insert(Suspicion::Erased);
            }
            (old, Some(new)) => {
                if field.kind == FieldKind::Identifier && only_last_differs(old.as_deref().unwrap_or_default(), new) {
                    found.insert(Suspicion::CheckDigit);
                }
                if is_tiny(field, old.as_deref(), &typed) {
                    found.insert(Suspicion::Tiny);
                }
                if matches!(field.kind, FieldKind::Amount) && thresholds.contains(new.as_str()) {
                    found.insert(Suspicion::AtThreshold);
                }
                let given = same.get(&(change.at.dataset, change.at.field, new.clone())).map_or(0, HashSet::len);
                let telling = matches!(field.kind, FieldKind::Identifier | FieldKind::Name | FieldKind::Amount);
                if telling && new != "0" && given >= ONE_FOR_ALL {
                    found.insert(Suspicion::OneForAll);
                }
                if field.kind == FieldKind::Identifier
                    && !references.contains(&(change.at.dataset, change.at.field))
                    && is_copied(base, dataset, change, new)?
                {
                    found.insert(Suspicion::Copied);
                }
            }
            (None, None) => {}
        }
        change.correction.suspicions =
            Suspicion::ALL.into_iter().filter(|suspicion| found.contains(suspicion)).collect();
    }
    Ok(())
}

/// Both have the same length and differ in the last character only.
fn only_last_differs(old: &str, new: &str) -> bool {
    let mut old = old.chars();
    let mut new = new.chars();
    let last = (old.next_back(), new.next_back());
    last.0.is_some() && last.1.is_some() && last.0 != last.1 && old.eq(new)
}

/// Zero, or nothing, became an amount of at most 0.01 in the unit of the field.
fn is_tiny(field: &Field, old: Option<&str>, new: &TypedCell) -> bool {
    let TypedValue::Number(mantissa) = new.value else { return false };
    let hundredth = 10_i128.pow(u32::from(field.scale).saturating_sub(2));
    field.kind == FieldKind::Amount
        && old.is_none_or(|old| old == "0")
        && mantissa != 0
        && mantissa.unsigned_abs() <= hundredth.unsigned_abs()
}

/// Fields by which records refer to others, or that name a record's customer or contract: several records have their
/// values rightly.
fn references(base: &Outcome) -> HashSet<(usize, u16)> {
    let mut fields = HashSet::new();
    for rule in &base.pack.rules {
        if let (Some(on), Body::Refers { key, to, to_key, .. }) = (rule.on, &rule.body) {
            fields.extend(key.iter().map(|field| (on, *field)));
            fields.extend(to_key.iter().map(|field| (*to, *field)));
        }
    }
    for (index, dataset) in base.pack.datasets.iter().enumerate() {
        let shared = ["customer_code", "contract_no", "phone"].iter().filter_map(|id| dataset.field_index(id));
        fields.extend(shared.map(|field| (index, field)));
    }
    fields
}

/// The thresholds of amounts, as values are compared.
fn thresholds(base: &Outcome) -> HashSet<String> {
    let params = parameter_values(&base.pack, base.job.period);
    let numbers = params.values().filter_map(|value| match value {
        Literal::Integer(number) => Some(number.to_string()),
        Literal::Decimal(text) => {
            let trimmed = text.trim_end_matches('0').trim_end_matches('.');
            Some(if text.contains('.') { trimmed.to_owned() } else { text.clone() })
        }
        _ => None,
    });
    // Small numbers are counts, percentages and days.
    numbers.filter(|number| number.trim_start_matches('-').len() >= 3).collect()
}

/// Another record of the dataset, of another customer where records name one, has the identifier.
fn is_copied(base: &Outcome, dataset: &Dataset, change: &Change, new: &str) -> Result<bool> {
    if new.chars().count() < SHORTEST {
        return Ok(false);
    }
    let Some(table) = base.intake.tables.get(change.at.dataset) else { return Ok(false) };
    let values =
        match table.frame.column(dataset.fields.get(usize::from(change.at.field)).map_or("", |field| &field.id)) {
            Ok(column) => column.str()?.clone(),
            Err(_) => return Ok(false),
        };
    let cells = Cells::new(dataset, table)?;
    let customer = dataset.field_index("customer_code").filter(|field| *field != change.at.field);
    let customer_of = |record: u32| match customer {
        Some(field) => cells.plain(record, field).map(std::borrow::Cow::into_owned),
        None => Some(record.to_string()),
    };
    let own = customer_of(change.at.record);
    let mut others =
        (0..).zip(values.iter()).filter(|(record, value)| *record != change.at.record && *value == Some(new));
    Ok(others.any(|(record, _)| customer_of(record) != own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_check_digit() {
        assert!(only_last_differs("150102198503051238", "15010219850305123X"));
        assert!(!only_last_differs("150102198503051238", "150102198503051238"));
        assert!(!only_last_differs("150102198503051238", "150102198503051328"));
        assert!(!only_last_differs("15010219850305123", "150102198503051238"));
        assert!(!only_last_differs("", "1"));
    }
}
