//! Everything derived from one period's records, and from the prior period's if there are any.
//!
//! Knows in which order the parts need each other, and nothing of what is done with them.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use polars::prelude::PlHashMap;

use super::{
    CustomerId, Directory, Portfolio,
    bridge::{Bridge, bridge, customer_counts, loan_balances, loan_counts},
    changes::{Change, Standing, compare},
    circles::{CircleRules, Circles, GUARANTEE_KINDS},
    exposure::Exposures,
    groups::Groups,
    limits::{Base, Measured, RATIOS, Scope, measure},
    names::{self, NameRules, Names},
    scope::Scopes,
    settings::Settings,
    splitting::{Split, find_splits},
};
use crate::{
    job::Unit,
    pack::{Dataset, Literal},
    table::Table,
    text::Text,
};

/// The records of one period.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    /// One table for each dataset of the pack.
    pub tables: &'a [Table],
    /// The units its segments point to.
    pub units: &'a [Unit],
}

/// What is derived.
#[derive(Debug)]
pub struct Derived<'a> {
    /// The parameters it was derived by.
    pub settings: Settings,
    /// The records.
    pub portfolio: Portfolio<'a>,
    /// The customers.
    pub directory: Directory<'a>,
    /// What they owe.
    pub exposures: Exposures,
    /// Connected groups.
    pub groups: Groups,
    /// Guarantee circles.
    pub circles: Circles,
    /// Each of [`RATIOS`], if it can be evaluated.
    pub measured: [Option<Measured>; RATIOS.len()],
    /// Loans that look split.
    pub splits: Vec<Split>,
    /// Which customers are reported, in each reading.
    pub scopes: Scopes,
    /// Names that are nearly the same.
    pub names: Names<'a>,
    /// The change against the prior period.
    pub comparison: Option<Comparison<'a>>,
}

/// The change against the prior period.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// The customers of the prior period.
    pub directory: Directory<'a>,
    /// What they owed.
    pub exposures: Exposures,
    /// What became of each customer.
    pub changes: Vec<Change>,
    /// For each unit of this period, whether it reported customers in the prior one.
    pub reported: Vec<bool>,
    /// For each unit of this period, the customers it reported then of which nothing is left, by code.
    pub gone: Vec<Vec<CustomerId>>,
    /// Customers, by code.
    pub customers: Bridge<'a>,
    /// Loans, by loan note.
    pub loans: Bridge<'a>,
    /// Balances of loans, fen, by loan note.
    pub balances: Bridge<'a>,
}

/// Whether a pack declares all that is needed: the datasets with their fields, and the parameters.
///
/// # Errors
/// What it lacks, in words.
pub fn possible(datasets: &[Dataset], params: &BTreeMap<String, Literal>) -> Result<(), Text> {
    let empty: Vec<_> = datasets.iter().map(Table::empty).collect();
    Portfolio::read(datasets, &empty).map_err(|error| Text::new(format!("{error:#}"), format!("{error:#}")))?;
    Settings::of_params(params).map(drop)
}

impl<'a> Derived<'a> {
    /// Derives everything from the records of the period and, for comparison, the prior one.
    ///
    /// # Errors
    /// If the pack lacks a dataset, field or parameter that is needed; see [`possible`].
    pub fn of(
        datasets: &'a [Dataset],
        params: &BTreeMap<String, Literal>,
        now: Records<'a>,
        prior: Option<Records<'a>>,
    ) -> Result<Self> {
        let settings = Settings::of_params(params).map_err(|lacking| anyhow!(lacking.en))?;
        let counting = settings.counting;
        let portfolio = Portfolio::read(datasets, now.tables)?;
        let directory = Directory::of(&portfolio);
        let exposures = Exposures::of(&portfolio, &directory, counting);
        let names = || names::find(names::uses(&portfolio), NameRules::default());
        let joined = || {
            let groups = Groups::of(&portfolio, &directory, &exposures, settings.groups);
            let rules = CircleRules { kinds: &GUARANTEE_KINDS, counting };
            (groups, Circles::of(&portfolio, &directory, &exposures, rules))
        };
        let compared = || match prior {
            Some(prior) => {
                let before = Portfolio::read(datasets, prior.tables)?;
                Ok(Some(compare_periods(
                    &before,
                    prior.units,
                    (&portfolio, &directory, &exposures, now.units),
                    &settings,
                )))
            }
            None => Ok(None),
        };
        let by_loan = || {
            let scopes = Scopes::of(&portfolio, &directory, settings.scope);
            (scopes, find_splits(&portfolio, &directory, settings.splits))
        };
        let ((names, (scopes, splits)), ((groups, circles), comparison)) =
            rayon::join(|| rayon::join(names, by_loan), || rayon::join(joined, compared));
        let comparison: Result<_> = comparison;
        let measured = measure(&exposures, &groups, &settings.limits);
        Ok(Self {
            settings,
            directory,
            exposures,
            groups,
            circles,
            measured,
            splits,
            scopes,
            names,
            comparison: comparison?,
            portfolio,
        })
    }

    /// The ratio of this scope and base, if it can be evaluated and is a limit.
    pub fn limit(&self, scope: Scope, base: Base) -> Option<&Measured> {
        let of = |measured: &&Measured| {
            measured.ratio.scope == scope && measured.ratio.base == base && !measured.ratio.listing
        };
        self.measured.iter().flatten().find(of)
    }

    /// The customer's name as the records state it, or its code.
    pub fn name_or_code(&self, id: CustomerId) -> &'a str {
        self.directory.name(id).unwrap_or_else(|| self.directory.code(id))
    }
}

fn compare_periods<'a>(
    before: &Portfolio<'a>,
    prior_units: &'a [Unit],
    (portfolio, directory, exposures, units): (&Portfolio<'a>, &Directory<'a>, &Exposures, &'a [Unit]),
    settings: &Settings,
) -> Comparison<'a> {
    let counting = settings.counting;
    let prior_directory = Directory::of(before);
    let prior_exposures = Exposures::of(before, &prior_directory, counting);
    let prior = Standing { directory: &prior_directory, exposures: &prior_exposures };
    let changes = compare(prior, Standing { directory, exposures }, settings.jumps);
    let (reported, gone) = gone_by_unit(before, prior_units, &prior_directory, &changes, units);
    Comparison {
        changes,
        reported,
        gone,
        customers: bridge(&customer_counts(before, prior_units), &customer_counts(portfolio, units)),
        loans: bridge(&loan_counts(before, prior_units, counting), &loan_counts(portfolio, units, counting)),
        balances: bridge(&loan_balances(before, prior_units, counting), &loan_balances(portfolio, units, counting)),
        directory: prior_directory,
        exposures: prior_exposures,
    }
}

/// For each unit of this period: whether it reported customers in the prior one, and which of them are gone.
fn gone_by_unit(
    before: &Portfolio<'_>,
    prior_units: &[Unit],
    prior: &Directory<'_>,
    changes: &[Change],
    units: &[Unit],
) -> (Vec<bool>, Vec<Vec<CustomerId>>) {
    let here: PlHashMap<&str, usize> =
        units.iter().enumerate().map(|(index, unit)| (unit.code.as_str(), index)).collect();
    let mut gone = vec![false; prior.len()];
    for change in changes {
        if let Change::Gone { prior } = change
            && let Some(flag) = gone.get_mut(prior.index())
        {
            *flag = true;
        }
    }
    let mut reported = vec![false; units.len()];
    let mut lists = vec![Vec::new(); units.len()];
    for customer in &before.customers {
        let unit = prior_units.get(customer.unit).and_then(|unit| here.get(unit.code.as_str()));
        let (Some(unit), Some(id)) = (unit, prior.by_customer_code(customer.code)) else { continue };
        if let (Some(reported), Some(list)) = (reported.get_mut(*unit), lists.get_mut(*unit)) {
            *reported = true;
            if gone.get(id.index()) == Some(&true) {
                list.push(id);
            }
        }
    }
    for list in &mut lists {
        list.sort_unstable();
        list.dedup();
    }
    (reported, lists)
}
