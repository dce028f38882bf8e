//! What became of each customer since the prior period: new, gone, renamed, renumbered, or with a balance that jumped.
//!
//! Knows nothing of units; how figures of units changed is `bridge`.

use polars::prelude::PlHashMap;

use super::{CustomerId, Directory, exposure::Exposures};
use crate::identifier::name::{looks_personal, name_key};

/// The customers of one period with what they owe.
#[derive(Clone, Copy)]
pub struct Standing<'p, 'a> {
    /// Customers.
    pub directory: &'p Directory<'a>,
    /// What they owe.
    pub exposures: &'p Exposures,
}

/// When a balance has jumped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JumpRules {
    /// The larger balance is this many times the smaller one, or more.
    pub factor: i128,
    /// Balances are looked at if the larger one is at least this, fen.
    pub floor_fen: i128,
}

/// What became of a customer. `CustomerId`s named `prior` are of the prior period's directory, the others of this one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Neither code nor name was there before.
    New {
        /// Customer.
        customer: CustomerId,
    },
    /// Neither code nor name is there any more.
    Gone {
        /// Customer.
        prior: CustomerId,
    },
    /// Same code, another name.
    Renamed {
        /// Customer before.
        prior: CustomerId,
        /// Customer now.
        customer: CustomerId,
        /// The names differ in brackets, blanks or width only.
        format_only: bool,
    },
    /// Same name, another code: neither code is in the other period.
    Renumbered {
        /// Customer before.
        prior: CustomerId,
        /// Customer now.
        customer: CustomerId,
    },
    /// The balance is a multiple or a fraction of what it was. A balance from or to nothing is no jump.
    BalanceJump {
        /// Customer before.
        prior: CustomerId,
        /// Customer now.
        customer: CustomerId,
        /// Balance before, fen.
        prior_fen: i128,
        /// Balance now, fen.
        now_fen: i128,
    },
}

/// Changes of all customers: those gone, by their prior code, then the others by their code. A renumbered customer can
/// have a balance jump too. Linear in the customers.
///
/// A name is taken for the same customer under another code only if it is no person's and one customer on each side
/// has it.
pub fn compare(prior: Standing<'_, '_>, now: Standing<'_, '_>, rules: JumpRules) -> Vec<Change> {
    let gone = only_in(prior.directory, now.directory);
    let come = only_in(now.directory, prior.directory);
    let left = by_name(prior.directory, &gone);
    let arrived = by_name(now.directory, &come);
    let other_side = |names: &PlHashMap<String, Option<CustomerId>>,
                      back: &PlHashMap<String, Option<CustomerId>>,
                      name: Option<&str>| {
        let key = name_key(name?);
        back.get(&key).copied().flatten()?;
        names.get(&key).copied().flatten()
    };
    let mut changes = Vec::new();
    for id in gone {
        if other_side(&arrived, &left, prior.directory.name(id)).is_none() {
            changes.push(Change::Gone { prior: id });
        }
    }
    for id in now.directory.ids() {
        let name = now.directory.name(id);
        let before = if let Some(before) = prior.directory.by_customer_code(Some(now.directory.code(id))) {
            if let (Some(old), Some(name)) = (prior.directory.name(before), name)
                && old != name
            {
                let format_only = name_key(old) == name_key(name);
                changes.push(Change::Renamed { prior: before, customer: id, format_only });
            }
            before
        } else if let Some(before) = other_side(&left, &arrived, name) {
            changes.push(Change::Renumbered { prior: before, customer: id });
            before
        } else {
            changes.push(Change::New { customer: id });
            continue;
        };
        let (prior_fen, now_fen) = (prior.exposures.get(before), now.exposures.get(id));
        if prior_fen.unread + now_fen.unread == 0 {
            let (prior_fen, now_fen) = (prior_fen.balance_fen, now_fen.balance_fen);
            let (small, large) = (prior_fen.min(now_fen), prior_fen.max(now_fen));
            if small > 0 && large >= rules.floor_fen && large >= small.saturating_mul(rules.factor) {
                changes.push(Change::BalanceJump { prior: before, customer: id, prior_fen, now_fen });
            }
        }
    }
    changes
}

/// Customers whose code the other period does not have.
fn only_in(here: &Directory<'_>, there: &Directory<'_>) -> Vec<CustomerId> {
    here.ids().filter(|id| there.by_customer_code(Some(here.code(*id))).is_none()).collect()
}

/// The customers by name; nothing where several have it.
fn by_name(directory: &Directory<'_>, ids: &[CustomerId]) -> PlHashMap<String, Option<CustomerId>> {
    let mut names = PlHashMap::default();
    for id in ids {
        if let Some(name) = directory.name(*id).filter(|name| !looks_personal(name)) {
            names.entry(name_key(name)).and_modify(|found| *found = None).or_insert(Some(*id));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::{Customer, Loan, Portfolio, exposure::Counting};

    fn portfolio<'a>(rows: &[(&'a str, &'a str, i128)]) -> Portfolio<'a> {
        let mut portfolio = Portfolio::default();
        let mut loans = Vec::new();
        for (code, name, balance) in rows {
            portfolio.customers.push(Customer { code: Some(code), name: Some(name), ..Customer::default() });
            loans.push(Loan { customer: Some(code), balance_fen: i64::try_from(*balance).ok(), ..Loan::default() });
        }
        portfolio.loans = loans.into();
        portfolio
    }

    fn changes(prior: &[(&str, &str, i128)], now: &[(&str, &str, i128)]) -> Vec<String> {
        let counting = Counting { exclude_participants: true, default_days: 90 };
        let (prior, now) = (portfolio(prior), portfolio(now));
        let (before, after) = (Directory::of(&prior), Directory::of(&now));
        let (owed, owing) = (Exposures::of(&prior, &before, counting), Exposures::of(&now, &after, counting));
        let rules = JumpRules { factor: 10, floor_fen: 100 };
        let found = compare(
            Standing { directory: &before, exposures: &owed },
            Standing { directory: &after, exposures: &owing },
            rules,
        );
        let say = |change: &Change| match *change {
            Change::New { customer } => format!("new {}", after.code(customer)),
            Change::Gone { prior } => format!("gone {}", before.code(prior)),
            Change::Renamed { customer, format_only, .. } => format!("renamed {} {format_only}", after.code(customer)),
            Change::Renumbered { prior, customer } => {
                format!("renumbered {} {}", before.code(prior), after.code(customer))
            }
            Change::BalanceJump { customer, prior_fen, now_fen, .. } => {
                format!("jump {} {prior_fen} {now_fen}", after.code(customer))
            }
        };
        found.iter().map(say).collect()
    }

    #[test]
    fn every_kind_of_change() {
        let prior = [
            ("A", "甲草业有限公司", 100),
            ("B", "乙牧业(集团)有限公司", 100),
            ("C", "丙粮油有限公司", 100),
            ("D", "丁建材有限公司", 100),
            ("E", "戊商贸有限公司", 100),
            ("F", "己商贸有限公司", 100),
        ];
        let now = [
            ("A", "甲草业有限公司", 1_000),
            ("B", "乙牧业（集团）有限公司", 999),
            ("C", "丙油脂有限公司", 10),
            ("N", "丁建材有限公司", 5),
            ("E", "戊商贸有限公司", 0),
            ("Z", "庚商贸有限公司", 1),
        ];
        assert_eq!(
            changes(&prior, &now),
            [
                "gone F",
                "jump A 100 1000",
                "renamed B true",
                "renamed C false",
                "jump C 100 10",
                "renumbered D N",
                "jump N 100 5",
                "new Z",
            ]
        );
    }

    #[test]
    fn an_ambiguous_name_or_a_persons_renumbers_nobody() {
        let prior = [("A", "甲草业有限公司", 1), ("B", "甲草业有限公司", 1), ("P", "乌云其其格", 1)];
        let now = [("C", "甲草业有限公司", 1), ("Q", "乌云其其格", 1)];
        assert_eq!(changes(&prior, &now), ["gone A", "gone B", "gone P", "new C", "new Q"]);
    }

    #[test]
    fn small_balances_do_not_jump() {
        assert!(changes(&[("A", "甲草业有限公司", 5)], &[("A", "甲草业有限公司", 99)]).is_empty());
    }
}
