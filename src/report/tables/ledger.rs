//! What reports ask of the ledger: how the units stood in the last periods, this period alone without one; and the tiers
//! of customers.

use anyhow::{Context as _, Result};
use polars::prelude::DataFrame;

use super::Material;
use crate::{
    ledger::{CustomerTier, PeriodUnit},
    pack::sql::scaled,
    report::catalog::{self, Values},
    run::timeliness_text,
};

fn this_period(material: &Material<'_>) -> Vec<PeriodUnit> {
    let outcome = material.outcome;
    let units = outcome.units.iter().zip(&outcome.standings).filter(|(unit, _)| !unit.institution);
    let mut rows: Vec<_> = units
        .map(|(unit, standing)| PeriodUnit {
            period: outcome.job.period.to_string(),
            unit: unit.code.clone(),
            name: unit.name.clone(),
            timeliness: standing.timeliness,
            records: standing.records,
            flagged: standing.flagged,
            findings: [standing.errors, standing.warnings, standing.infos],
            resolved: 0,
        })
        .collect();
    rows.sort_by(|a, b| a.unit.cmp(&b.unit));
    rows
}

/// The table of periods.
pub fn periods(material: &Material<'_>) -> Result<DataFrame> {
    let now = material.outcome.job.period.to_string();
    let mut rows = this_period(material);
    if let Some(view) = material.ledger {
        let known: Vec<_> = view.periods.iter().filter(|row| row.period == now).cloned().collect();
        if !known.is_empty() {
            rows = known;
        }
        rows.extend(view.periods.iter().filter(|row| row.period != now).cloned());
    }
    let mut periods: Vec<&str> = rows.iter().map(|row| row.period.as_str()).collect();
    periods.sort_unstable();
    periods.dedup();
    let latest = |period: &str| {
        let at = periods.iter().position(|known| *known == period)?;
        i64::try_from(periods.len() - 1 - at).ok()
    };
    let text = |of: fn(&PeriodUnit) -> &str| Values::Text(rows.iter().map(|row| Some(of(row).to_owned())).collect());
    let count =
        |of: fn(&PeriodUnit) -> u64| Values::Count(rows.iter().map(|row| i64::try_from(of(row)).ok()).collect());
    let timeliness = rows.iter().map(|row| Some(timeliness_text(row.timeliness).get(material.lang).to_owned()));
    catalog::PERIODS.frame(vec![
        text(|row| &row.period),
        Values::Count(rows.iter().map(|row| latest(&row.period)).collect()),
        text(|row| &row.unit),
        text(|row| &row.name),
        Values::Text(timeliness.collect()),
        count(|row| row.records),
        count(|row| row.flagged),
        count(|row| row.findings[0]),
        count(|row| row.findings[1]),
        count(|row| row.findings[2]),
        count(|row| row.resolved),
    ])
}

/// The table of tiers; without rows if there is no ledger or it knows no quarter.
pub fn tiers(material: &Material<'_>) -> Result<DataFrame> {
    let rows = material.ledger.map(|view| view.tiers.as_slice()).unwrap_or_default();
    let newest = rows.iter().map(|row| row.quarter.as_str()).max().unwrap_or_default();
    let text = |of: fn(&CustomerTier) -> &str| Values::Text(rows.iter().map(|row| Some(of(row).to_owned())).collect());
    let maybe =
        |of: fn(&CustomerTier) -> &Option<String>| Values::Text(rows.iter().map(|row| of(row).clone()).collect());
    // The column holds millionths.
    let amount = |text: &str| {
        let (digits, scale) = scaled(text)?;
        digits.checked_mul(10_i128.pow(6_u32.checked_sub(u32::try_from(scale).ok()?)?))
    };
    let amounts = rows.iter().map(|row| {
        let text = row.tier.amount.as_deref();
        text.map(|text| amount(text).with_context(|| format!("amount {text} of a tier"))).transpose()
    });
    catalog::TIERS.frame(vec![
        text(|row| &row.quarter),
        Values::Count(rows.iter().map(|row| Some(i64::from(row.quarter != newest))).collect()),
        text(|row| &row.scheme),
        text(|row| &row.tier.shown),
        text(|row| &row.tier.name),
        text(|row| &row.tier.unit),
        text(|row| &row.tier.manager),
        maybe(|row| &row.tier.tier),
        maybe(|row| &row.tier.by_data),
        Values::Text(rows.iter().map(|row| Some(row.tier.since.to_string())).collect()),
        Values::Fixed(amounts.collect::<Result<_>>()?),
        text(|row| &row.tier.reason),
    ])
}
