//! Proves schemes by the records they ship: each comes into the tier it names. Used by `rules test` and by the test suite.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, Result};

use super::{
    assign::{Given, UNDECIDED, assign},
    model::{Scheme, SchemeExample},
    quarter::{Basis, quarter_of},
    settle::{Before, Previous, key_hashes, settle},
};
use crate::{
    check::examples::{Mismatch, Proof, build},
    job::{Calendar, Period},
    pack::{FieldKind, Literal, RulePack, functions::Context, load::parameter_values},
    text::Text,
};

/// Tries the examples of all schemes of a pack.
///
/// # Errors
/// If a scheme cannot be evaluated at all.
pub fn prove(pack: &RulePack, period: Period, calendar: &Calendar) -> Result<Proof> {
    let mut proof = Proof::default();
    for scheme in &pack.tiers {
        for (number, example) in scheme.examples.iter().enumerate() {
            proof.tried += example.rows.len();
            let about = || format!("scheme {}, example {}", scheme.id, number + 1);
            let found = outcome(pack, scheme, example, period, calendar).with_context(about)?;
            for (index, row) in example.rows.iter().enumerate() {
                let found = found.get(index).copied().unwrap_or(UNDECIDED);
                let expected = row.expect.and_then(|tier| u8::try_from(tier).ok()).unwrap_or(UNDECIDED);
                if found == expected {
                    continue;
                }
                let name = |tier: u8| match scheme.tier(tier) {
                    Some(tier) => Text::new(tier.id.as_str(), tier.id.as_str()),
                    None => Text::new("不能分级", "none"),
                };
                proof.mismatches.push(Mismatch {
                    rule: scheme.id.clone(),
                    place: example.place.clone(),
                    example: format!("examples {}.{}", number + 1, index + 1),
                    expected: name(expected),
                    found: name(found),
                    reason: None,
                });
            }
        }
    }
    Ok(proof)
}

fn outcome(
    pack: &RulePack,
    scheme: &Scheme,
    example: &SchemeExample,
    period: Period,
    calendar: &Calendar,
) -> Result<Vec<u8>> {
    let dataset = pack.datasets.get(scheme.on).context("the scheme's dataset")?;
    let mut rows: Vec<_> = example.rows.iter().map(|row| row.values.clone()).collect();
    // Records of examples name only what matters: keys are made up.
    for (number, row) in rows.iter_mut().enumerate() {
        for field in scheme.key.iter().filter_map(|field| dataset.fields.get(usize::from(*field))) {
            let made_up = match field.kind {
                FieldKind::Integer | FieldKind::Amount | FieldKind::Decimal => Literal::Integer(i64::try_from(number)?),
                FieldKind::Date => Literal::Date(period.first_day()),
                _ => Literal::Text(format!("K{number}")),
            };
            row.entry(field.id.clone()).or_insert(made_up);
        }
    }
    let mut units = Vec::new();
    let table = build(dataset, &rows, &mut units)?;
    let context = Arc::new(Context::new(period.data_date(), calendar.clone(), &pack.codes));
    let params = parameter_values(pack, period);
    let given = Given { datasets: &pack.datasets, params: &params, context: &context, units: &units };
    let assigned = assign(scheme, given, &table)?;
    let keys = key_hashes(&dataset.id, &assigned);
    let quarter = quarter_of(period.data_date());
    let basis = Basis { quarter, date: quarter.data_date() };
    let before = example.rows.iter().zip(&keys).filter_map(|(row, key)| {
        let (tier, quarters) = row.was?;
        let since = (0..quarters).fold(quarter, |quarter, _| quarter.prior());
        let tier = scheme.tiers.get(tier)?.id.clone();
        let (shown, name, unit, manager) = Default::default();
        Some(Before { key: (*key)?, shown, name, unit, manager, tier: Some(tier), since, amount: None })
    });
    let previous = Previous::new(quarter.prior(), before.collect());
    let settled = settle(scheme, &assigned, Some(&previous), &keys, &BTreeMap::new(), basis);
    Ok(settled.into_iter().map(|settled| settled.tier).collect())
}
