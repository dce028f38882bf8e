//! The amounts at stake in what a run found, by unit.

use std::collections::HashMap;

use crate::{
    finding::{Place, Severity},
    message::{Renderer, Value},
    outcome::Outcome,
};

/// For each unit the amounts of its records with errors or warnings: of each record the largest that its rules name.
pub fn at_risk(outcome: &Outcome, renderer: &Renderer<'_>) -> HashMap<usize, i128> {
    let mut amounts: HashMap<(usize, u32), (usize, i128)> = HashMap::new();
    for (finding, unit) in outcome.findings.iter().zip(&outcome.finding_units) {
        let Place::Record { dataset, record, .. } = finding.place else { continue };
        let rule = outcome.pack.rules.get(finding.rule).filter(|rule| rule.severity != Severity::Info);
        let Some(field) = rule.and_then(|rule| rule.amount) else { continue };
        let Some(fen) = amount_fen(outcome, renderer, dataset, record, field) else { continue };
        let largest = amounts.entry((dataset, record)).or_insert((*unit, fen));
        largest.1 = largest.1.max(fen);
    }
    let mut sums = HashMap::new();
    // The order of adding does not matter.
    for (unit, fen) in amounts.into_values() {
        *sums.entry(unit).or_insert(0) += fen;
    }
    sums
}

fn amount_fen(outcome: &Outcome, renderer: &Renderer<'_>, dataset: usize, record: u32, field: u16) -> Option<i128> {
    let declared = outcome.pack.datasets.get(dataset)?.fields.get(usize::from(field))?;
    let Value::Number { mantissa, scale } = renderer.cells(dataset)?.value(record, field) else { return None };
    let places = usize::from(declared.unit?.fen_scale());
    let power = |exponent: usize| 10_i128.checked_pow(u32::try_from(exponent).ok()?);
    if places >= scale { mantissa.checked_mul(power(places - scale)?) } else { Some(mantissa / power(scale - places)?) }
}
