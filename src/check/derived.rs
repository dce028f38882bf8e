//! Rules about what was derived from all records together: names, exposures, scope, split loans, guarantors, changes.
//!
//! Knows what was derived, not how.

mod changes;
mod limits;
mod scope;

use polars::prelude::PlHashMap;

use super::{Details, Evaluation, Verdict, keys::decimal_text, open_detail, record::place};
use crate::{
    derive::{
        Derived, Origin,
        limits::{Base, Scope},
        names::{Documents, Suspect},
        splitting::Split,
    },
    finding::RuleCount,
    identifier::name::{looks_personal, name_key},
    pack::{AmountUnit, DerivedCheck, Rule},
};

/// What a rule says of one record.
enum Judged {
    /// It does not apply.
    Outside,
    /// It cannot be told.
    Undecided,
    Satisfied,
    Violated(Details),
}

/// Evaluates a rule on the records of its dataset, or of a unit.
pub fn evaluate_derived(
    evaluation: &Evaluation<'_>,
    rule: &Rule,
    check: DerivedCheck,
    derived: &Derived<'_>,
) -> Verdict {
    let limit = |scope, base| limits::evaluate(rule, derived, scope, base);
    match check {
        DerivedCheck::NearName => near_names(rule, derived),
        DerivedCheck::NameVariant => name_variants(rule, derived),
        DerivedCheck::SingleCustomerLimit => limit(Scope::Customer, Base::NetCapital),
        DerivedCheck::GroupLimit => limit(Scope::Group, Base::NetCapital),
        DerivedCheck::LargeExposureLimit => limit(Scope::Customer, Base::Tier1Capital),
        DerivedCheck::LargeExposureGroupLimit => limit(Scope::Group, Base::Tier1Capital),
        DerivedCheck::LoanOutOfScope => scope::loans(rule, derived),
        DerivedCheck::CustomerOutOfScope => scope::customers(evaluation, rule, derived),
        DerivedCheck::SplitLoans => split_loans(rule, derived),
        DerivedCheck::GuarantorInDefault => guarantors(rule, derived),
        DerivedCheck::GoneCustomers => changes::gone(evaluation, rule, derived),
        DerivedCheck::NewCustomer
        | DerivedCheck::RenamedCustomer
        | DerivedCheck::RenumberedCustomer
        | DerivedCheck::BalanceJump => changes::customers(rule, check, derived),
    }
}

fn verdict(rule: &Rule, records: impl Iterator<Item = (Origin, Judged)>) -> Verdict {
    let mut count = RuleCount::default();
    let mut places = Vec::new();
    for (origin, judged) in records {
        match judged {
            Judged::Outside => continue,
            Judged::Undecided => count.not_evaluable += 1,
            Judged::Satisfied => {}
            Judged::Violated(details) => {
                count.violated += 1;
                places.push((place(usize::from(origin.dataset), origin.record, rule), details));
            }
        }
        count.eligible += 1;
    }
    Verdict { count, places }
}

/// Fen as 10,000 yuan, without zeros at the end.
fn wan_yuan(fen: i128) -> String {
    decimal_text(fen, usize::from(AmountUnit::WanYuan.fen_scale()))
}

/// The record's name by its key, if it is the name of an organisation.
fn by_name<'k>(name: Option<&str>, judge: impl FnOnce(&str, &str) -> Judged + 'k) -> Judged {
    match name {
        None => Judged::Undecided,
        Some(name) if looks_personal(name) => Judged::Outside,
        Some(name) => judge(name, &name_key(name)),
    }
}

/// The customers with the less used of two names are at fault; whether two firms are meant can be told if both have
/// documents.
fn near_names(rule: &Rule, derived: &Derived<'_>) -> Verdict {
    // The strongest suspicion on a name comes first.
    let mut suspects: PlHashMap<String, &Suspect<'_>> = PlHashMap::default();
    let mut codes: PlHashMap<String, &str> = PlHashMap::default();
    for suspect in &derived.names.suspects {
        suspects.entry(name_key(suspect.other.text)).or_insert(suspect);
        codes.insert(name_key(suspect.usual.text), "");
    }
    for customer in &derived.portfolio.customers {
        if let (Some(name), Some(code)) = (customer.name, customer.code)
            && let Some(known) = codes.get_mut(&name_key(name))
            && (known.is_empty() || code < *known)
        {
            *known = code;
        }
    }
    let judge = |_: &str, key: &str| {
        let Some(suspect) = suspects.get(key) else { return Judged::Satisfied };
        match suspect.documents {
            Documents::Same => Judged::Satisfied,
            Documents::Unknown => Judged::Undecided,
            Documents::Different => {
                let code = codes.get(&name_key(suspect.usual.text)).copied().unwrap_or_default();
                let code = if code.is_empty() { "—" } else { code };
                Judged::Violated(vec![open_detail("other", suspect.usual.text), open_detail("other_code", code)])
            }
        }
    };
    verdict(rule, derived.portfolio.customers.iter().map(|row| (row.origin, by_name(row.name, judge))))
}

fn name_variants(rule: &Rule, derived: &Derived<'_>) -> Verdict {
    let mut usual: PlHashMap<String, (&str, usize)> = PlHashMap::default();
    for variants in &derived.names.variants {
        if let Some(form) = variants.forms.first() {
            usual.insert(name_key(form.text), (form.text, variants.forms.len()));
        }
    }
    let judge = |name: &str, key: &str| match usual.get(key) {
        Some((usual, forms)) if *usual != name => {
            Judged::Violated(vec![open_detail("usual", *usual), open_detail("count", forms.to_string())])
        }
        _ => Judged::Satisfied,
    };
    verdict(rule, derived.portfolio.customers.iter().map(|row| (row.origin, by_name(row.name, judge))))
}

/// The rule applies to loans below the reporting line.
fn split_loans(rule: &Rule, derived: &Derived<'_>) -> Verdict {
    let rules = derived.settings.splits;
    let mut split: PlHashMap<Origin, &Split> = PlHashMap::default();
    for run in &derived.splits {
        for origin in &run.loans {
            split.entry(*origin).or_insert(run);
        }
    }
    let records = derived.portfolio.loans.iter().map(|loan| {
        let known = loan.amount().is_some() && loan.disbursed.is_some() && loan.customer.is_some();
        let above = loan.amount().is_some_and(|amount| amount >= rules.line_fen);
        let judged = match split.get(&loan.origin) {
            _ if !rules.counting.counts(&loan) || above => Judged::Outside,
            Some(run) => Judged::Violated(vec![
                open_detail("sum", wan_yuan(run.amount_fen)),
                open_detail("count", run.loans.len().to_string()),
                open_detail("line", wan_yuan(rules.line_fen)),
                open_detail("first", run.days.0.to_string()),
                open_detail("last", run.days.1.to_string()),
            ]),
            None if known => Judged::Satisfied,
            None => Judged::Undecided,
        };
        (loan.origin, judged)
    });
    verdict(rule, records)
}

/// The rule applies to guarantees whose guarantor is one of our customers.
fn guarantors(rule: &Rule, derived: &Derived<'_>) -> Verdict {
    let records = derived.circles.of_customers.iter().map(|(origin, guarantor)| {
        let owed = derived.exposures.get(*guarantor);
        let judged = if owed.in_default {
            Judged::Violated(vec![
                open_detail("owed", wan_yuan(owed.balance_fen)),
                open_detail("non_performing", wan_yuan(owed.non_performing_fen)),
            ])
        } else if owed.unread > 0 {
            Judged::Undecided
        } else {
            Judged::Satisfied
        };
        (*origin, judged)
    });
    verdict(rule, records)
}
