//! The bridge from the prior period's figure to this period's: opening + new − gone + moved + changed = closing, for
//! each unit and in total, to the fen.
//!
//! Works on any keyed figures; [`customer_counts`], [`loan_counts`] and [`loan_balances`] make those of a portfolio.

use std::collections::BTreeMap;

use super::{Loan, Portfolio, exposure::Counting};
use crate::job::Unit;

/// A record's contribution to a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item<'a> {
    /// What the record is recognised by in the other period; one without a key is gone or new.
    pub key: Option<&'a str>,
    /// Code of the unit; units are compared by code, for the rosters of two periods differ.
    pub unit: &'a str,
    /// 1 in a count, fen in a sum.
    pub value: i128,
}

/// How a figure came from opening to closing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Figure of the prior period.
    pub opening: i128,
    /// Of keys that were in no unit before, or in this one as well as those before.
    pub new: i128,
    /// Of keys that are in no unit any more, or no longer in this one but in another that had them before.
    pub gone: i128,
    /// Of keys that came from another unit, with their prior value.
    pub moved_in: i128,
    /// Of keys that went to another unit, with their prior value.
    pub moved_out: i128,
    /// Changes of the value of keys that stayed or moved.
    pub changed: i128,
    /// Figure of this period.
    pub closing: i128,
}

impl Steps {
    /// Whether the steps lead from opening to closing; they always do.
    pub fn balances(&self) -> bool {
        self.opening + self.new - self.gone + self.moved_in - self.moved_out + self.changed == self.closing
    }

    fn add(&mut self, other: &Steps) {
        self.opening += other.opening;
        self.new += other.new;
        self.gone += other.gone;
        self.moved_in += other.moved_in;
        self.moved_out += other.moved_out;
        self.changed += other.changed;
        self.closing += other.closing;
    }
}

/// A bridge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bridge<'a> {
    /// Steps of each unit with records in either period, by code.
    pub units: BTreeMap<&'a str, Steps>,
    /// All units together; what moved in is what moved out.
    pub total: Steps,
}

/// A value under one key in one unit, before and now.
#[derive(Clone, Copy)]
struct Pair<'a> {
    key: Option<&'a str>,
    unit: &'a str,
    before: Option<i128>,
    now: Option<i128>,
}

/// Bridges two periods. Several records with one key in one unit count as one with the sum of their values.
///
/// A key that left units and came to others moved from all of them to the first of the others, by code; the rest are
/// new. Linear but for sorting.
pub fn bridge<'a>(prior: &[Item<'a>], now: &[Item<'a>]) -> Bridge<'a> {
    let mut bridge = Bridge::default();
    let pairs = pairs(prior, now);
    for same in pairs.chunk_by(|a, b| a.key.is_some() && a.key == b.key) {
        // A pair without a key is a chunk of its own, so it never moves.
        let first = |here: fn(&Pair<'_>) -> bool| same.iter().position(here);
        let left = first(|pair| pair.before.is_some() && pair.now.is_none());
        let came = first(|pair| pair.before.is_none() && pair.now.is_some());
        let moves = left.is_some() && came.is_some();
        let carried: i128 = same.iter().filter(|pair| pair.now.is_none()).filter_map(|pair| pair.before).sum();
        for (index, pair) in same.iter().enumerate() {
            let steps = bridge.units.entry(pair.unit).or_default();
            steps.opening += pair.before.unwrap_or_default();
            steps.closing += pair.now.unwrap_or_default();
            match (pair.before, pair.now) {
                (Some(before), Some(now)) => steps.changed += now - before,
                (Some(before), None) if moves => steps.moved_out += before,
                (Some(before), None) => steps.gone += before,
                (None, Some(now)) if moves && came == Some(index) => {
                    steps.moved_in += carried;
                    steps.changed += now - carried;
                }
                (None, now) => steps.new += now.unwrap_or_default(),
            }
        }
    }
    for steps in bridge.units.values() {
        bridge.total.add(steps);
    }
    bridge
}

/// For each key and unit the value before and now. Records without a key stay by themselves.
fn pairs<'a>(prior: &[Item<'a>], now: &[Item<'a>]) -> Vec<Pair<'a>> {
    let mut all: Vec<(Option<&str>, &str, bool, i128)> = Vec::with_capacity(prior.len() + now.len());
    all.extend(prior.iter().map(|item| (item.key, item.unit, false, item.value)));
    all.extend(now.iter().map(|item| (item.key, item.unit, true, item.value)));
    all.sort_unstable();
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    for (key, unit, is_now, value) in all {
        let known = pairs.last().is_some_and(|pair| key.is_some() && pair.key == key && pair.unit == unit);
        if !known {
            pairs.push(Pair { key, unit, before: None, now: None });
        }
        if let Some(pair) = pairs.last_mut() {
            *(if is_now { &mut pair.now } else { &mut pair.before }).get_or_insert(0) += value;
        }
    }
    pairs
}

fn unit_code(units: &[Unit], index: usize) -> &str {
    units.get(index).map_or("", |unit| unit.code.as_str())
}

/// Every customer code a unit reports counts 1. Codes a unit reports twice count once.
pub fn customer_counts<'a>(portfolio: &Portfolio<'a>, units: &'a [Unit]) -> Vec<Item<'a>> {
    let customers = portfolio.customers.iter();
    let mut items: Vec<_> =
        customers.map(|row| Item { key: row.code, unit: unit_code(units, row.unit), value: 1 }).collect();
    items.sort_unstable();
    items.dedup_by(|later, earlier| later.key.is_some() && later == earlier);
    items
}

/// Every loan that counts is 1.
pub fn loan_counts<'a>(portfolio: &Portfolio<'a>, units: &'a [Unit], counting: Counting) -> Vec<Item<'a>> {
    loan_items(portfolio, units, counting, |_| 1)
}

/// Balances of the loans that count, fen, by loan note; a balance that could not be read is zero.
pub fn loan_balances<'a>(portfolio: &Portfolio<'a>, units: &'a [Unit], counting: Counting) -> Vec<Item<'a>> {
    loan_items(portfolio, units, counting, |loan| loan.balance().unwrap_or_default())
}

fn loan_items<'a>(
    portfolio: &Portfolio<'a>,
    units: &'a [Unit],
    counting: Counting,
    value: impl Fn(&Loan<'a>) -> i128,
) -> Vec<Item<'a>> {
    let loans = portfolio.loans.iter().enumerate().filter(|(_, loan)| counting.counts(loan));
    loans
        .map(|(index, loan)| Item {
            key: portfolio.loans.loan_no(index),
            unit: unit_code(units, loan.unit),
            value: value(&loan),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item<'a>(key: &'a str, unit: &'a str, value: i128) -> Item<'a> {
        Item { key: Some(key), unit, value }
    }

    #[test]
    fn every_kind_of_step() {
        let prior = [item("stays", "1", 10), item("grows", "1", 20), item("goes", "1", 30), item("moves", "1", 40)];
        let now = [item("moves", "2", 45), item("stays", "1", 10), item("grows", "1", 25), item("comes", "2", 7)];
        let bridge = bridge(&prior, &now);
        let one = Steps { opening: 100, gone: 30, moved_out: 40, changed: 5, closing: 35, ..Steps::default() };
        let two = Steps { new: 7, moved_in: 40, changed: 5, closing: 52, ..Steps::default() };
        assert_eq!(bridge.units, BTreeMap::from([("1", one), ("2", two)]));
        let total = Steps { opening: 100, new: 7, gone: 30, moved_in: 40, moved_out: 40, changed: 10, closing: 87 };
        assert_eq!(bridge.total, total);
        assert!(one.balances() && two.balances() && total.balances());
    }

    #[test]
    fn records_without_a_key_are_gone_and_new() {
        let keyless = |value| Item { key: None, unit: "1", value };
        let bridge = bridge(&[keyless(5), keyless(5)], &[keyless(5)]);
        let total = Steps { opening: 10, new: 5, gone: 10, closing: 5, ..Steps::default() };
        assert_eq!(bridge.total, total);
    }

    #[test]
    fn keys_in_several_units() {
        // Unit 2 no longer reports what unit 1 still has: gone, not moved.
        let still = bridge(&[item("k", "1", 3), item("k", "2", 4)], &[item("k", "1", 3)]);
        assert_eq!(still.total, Steps { opening: 7, gone: 4, closing: 3, ..Steps::default() });
        // From 1 and 2 to 3 and 4: all goes to 3, 4 is new.
        let spread = bridge(&[item("k", "1", 3), item("k", "2", 4)], &[item("k", "3", 9), item("k", "4", 1)]);
        assert_eq!(spread.units["3"], Steps { moved_in: 7, changed: 2, closing: 9, ..Steps::default() });
        assert_eq!(spread.units["4"], Steps { new: 1, closing: 1, ..Steps::default() });
        assert!(spread.total.balances() && spread.total.moved_in == spread.total.moved_out);
    }

    #[test]
    fn every_unit_balances_whatever_the_records() {
        // Keys and units from a small set, so that all combinations of staying, moving and doubling occur.
        let mut state = 7_u64;
        let mut draw = |bound: u64| -> usize {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % bound).unwrap_or(0)
        };
        let (keys, units) = (["a", "b", "c", "d"], ["1", "2", "3"]);
        for _ in 0..500 {
            let mut items = || -> Vec<Item<'_>> {
                (0..draw(8))
                    .map(|_| Item {
                        key: keys.get(draw(5)).copied(),
                        unit: units[draw(3)],
                        value: draw(100) as i128 - 20,
                    })
                    .collect()
            };
            let (prior, now) = (items(), items());
            let bridge = bridge(&prior, &now);
            for (unit, steps) in &bridge.units {
                let sum = |items: &[Item<'_>]| items.iter().filter(|i| i.unit == *unit).map(|i| i.value).sum::<i128>();
                assert!(steps.balances(), "{prior:?} {now:?}");
                assert_eq!((steps.opening, steps.closing), (sum(&prior), sum(&now)));
            }
            assert_eq!(bridge.total.moved_in, bridge.total.moved_out);
        }
    }

    #[test]
    fn figures_of_a_portfolio() {
        use crate::derive::{Customer, Loans, Papers};
        use polars::prelude::{NamedFrom as _, StringChunked};
        let units = [Unit { code: "150102".to_owned(), ..Unit::default() }];
        let customer = |code| Customer { code: Some(code), ..Customer::default() };
        let loan = Loan { balance_fen: Some(5), ..Loan::default() };
        let notes = StringChunked::new("loan_no".into(), ["L1", "L1"]);
        let papers = Papers { loan_no: Some(&notes), contract: None };
        let portfolio = Portfolio {
            customers: vec![customer("A"), customer("A"), customer("B")],
            loans: Loans::new([Loan { cancelled: true, ..loan.clone() }, loan], papers),
            ..Portfolio::default()
        };
        let counting = Counting { exclude_participants: true, default_days: 90 };
        assert_eq!(customer_counts(&portfolio, &units), [item("A", "150102", 1), item("B", "150102", 1)]);
        assert_eq!(loan_counts(&portfolio, &units, counting), [item("L1", "150102", 1)]);
        assert_eq!(loan_balances(&portfolio, &units, counting), [item("L1", "150102", 5)]);
    }
}
