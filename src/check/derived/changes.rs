//! What became of customers since the prior period (Article 8(3)).

use polars::prelude::PlHashMap;

use super::{Judged, verdict, wan_yuan};
use crate::{
    check::{Evaluation, Verdict, masked_detail, open_detail},
    derive::{Comparison, CustomerId, Derived, changes::Change},
    finding::Place,
    identifier::name::looks_personal,
    pack::{DerivedCheck, Rule},
    text::Mask,
};

/// How many of the customers gone a message names.
const MOST_NAMED: usize = 10;

/// A rule on each customer's record. Without a prior period, or if the unit reported nothing in it, it does not apply.
pub(super) fn customers(rule: &Rule, check: DerivedCheck, derived: &Derived<'_>) -> Verdict {
    let Some(comparison) = &derived.comparison else { return Verdict::default() };
    let mut found: PlHashMap<CustomerId, &Change> = PlHashMap::default();
    for change in &comparison.changes {
        let customer = match (check, change) {
            (DerivedCheck::NewCustomer, Change::New { customer })
            | (DerivedCheck::RenamedCustomer, Change::Renamed { customer, .. })
            | (DerivedCheck::RenumberedCustomer, Change::Renumbered { customer, .. })
            | (DerivedCheck::BalanceJump, Change::BalanceJump { customer, .. }) => *customer,
            _ => continue,
        };
        found.insert(customer, change);
    }
    let judge = |unit: usize, code: Option<&str>| {
        if comparison.reported.get(unit) != Some(&true) {
            return Judged::Outside;
        }
        let Some(id) = derived.directory.by_customer_code(code) else { return Judged::Undecided };
        match found.get(&id) {
            Some(change) => told(comparison, change),
            None if check == DerivedCheck::BalanceJump && derived.exposures.get(id).unread > 0 => Judged::Undecided,
            None => Judged::Satisfied,
        }
    };
    verdict(rule, derived.portfolio.customers.iter().map(|row| (row.origin, judge(row.unit, row.code))))
}

/// The finding a change makes; a name that differs in its format only is the same name.
fn told(comparison: &Comparison<'_>, change: &Change) -> Judged {
    let before = &comparison.directory;
    Judged::Violated(match change {
        Change::New { .. } | Change::Gone { .. } => Vec::new(),
        Change::Renamed { format_only: true, .. } => return Judged::Satisfied,
        Change::Renamed { prior, .. } => {
            let name = before.name(*prior).unwrap_or("—");
            vec![masked_detail("before".into(), name.to_owned(), mask_of(name))]
        }
        Change::Renumbered { prior, .. } => vec![open_detail("before", before.code(*prior))],
        Change::BalanceJump { prior_fen, now_fen, .. } => {
            vec![open_detail("before", wan_yuan(*prior_fen)), open_detail("now", wan_yuan(*now_fen))]
        }
    })
}

fn mask_of(name: &str) -> Mask {
    if looks_personal(name) { Mask::Name } else { Mask::None }
}

/// A rule on each unit that reported customers in the prior period: one finding names all that are gone. It cannot be
/// told for a unit that reports no customers now, or one of whose files could not be read.
pub(super) fn gone(evaluation: &Evaluation<'_>, rule: &Rule, derived: &Derived<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    let (Some(comparison), Some(dataset)) = (&derived.comparison, rule.on) else { return verdict };
    let mut reports = vec![false; evaluation.input.units.len()];
    for row in &derived.portfolio.customers {
        if let Some(flag) = reports.get_mut(row.unit) {
            *flag = true;
        }
    }
    let units = comparison.reported.iter().zip(&comparison.gone).zip(reports).zip(&evaluation.incomplete);
    for (unit, (((before, gone), now), incomplete)) in units.enumerate() {
        if !before {
            continue;
        }
        verdict.count.eligible += 1;
        if *incomplete || !now {
            verdict.count.not_evaluable += 1;
        } else if !gone.is_empty() {
            verdict.count.violated += 1;
            let name = |id: &CustomerId| {
                let name = comparison.directory.name(*id).unwrap_or("—");
                format!("{}（{}）", mask_of(name).apply(name), comparison.directory.code(*id))
            };
            let mut names: Vec<_> = gone.iter().take(MOST_NAMED).map(name).collect();
            if gone.len() > MOST_NAMED {
                names.push("…".to_owned());
            }
            let details = vec![open_detail("count", gone.len().to_string()), open_detail("names", names.join("、"))];
            verdict.places.push((Place::Unit { unit, dataset }, details));
        }
    }
    verdict
}
