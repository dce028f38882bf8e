//! What follows from the two periods side by side, worked out from the text of the rules: customers new, gone, renamed and
//! renumbered, balances that jump, statements and figures that do not move together, loans whose amount changed, customers
//! below the reporting line, and the bands of the whole union.
//!
//! Reads both worlds as they are handed in; a plain second reading of the rules, which shares no code with the program.

use std::collections::{BTreeMap, BTreeSet};

use super::{Expected, Place};
use crate::{
    job,
    model::{CORPORATE, CUSTOMERS, Cell, GUARANTEES, LOANS, PERSONAL, Record, Standing, World},
    union::{MANY_FILES, MISSING, UNIT},
};

/// Findings on records, units and the union.
pub fn findings(prior: &World, now: &World) -> Vec<Expected> {
    let (before, after) = (Period::of(prior), Period::of(now));
    let mut found = Vec::new();
    for customer in now.current(CUSTOMERS) {
        let mut expect = |rule: &str, field: &str| found.push(on_record(customer, rule, field));
        of_customer(customer, &before, &after, &mut expect);
    }
    for loan in now.current(LOANS) {
        let earlier = before.loan_amounts.get(&code(loan, "loan_no"));
        if let (Some(&earlier), &Cell::Cents(amount)) = (earlier, loan.get("amount"))
            && earlier > 0
            && amount > 0
            && amount != earlier
        {
            found.push(on_record(loan, "LOAN-AMT-009", "amount"));
        }
    }
    for unit in 0..UNIT.len() {
        // A unit one of whose files cannot be opened, or that hands nothing in, may still hand them in.
        let gone = |row: &&Row| {
            row.unit == unit && !after.codes.contains(&row.code) && !after.is_under_other_code(row, &before)
        };
        if unit != MANY_FILES && unit != MISSING && before.customers.iter().any(|row| gone(&row)) {
            let place = Place::Unit { unit };
            found.push(Expected { place, rule: "CUST-CHG-003".to_owned(), field: String::new() });
        }
    }
    found.extend(outside_bands(prior, now));
    found
}

/// Stops if anything but new and gone customers would be found before faults are placed.
pub fn check_clean(prior: &World, now: &World) {
    for finding in findings(prior, now) {
        let natural =
            ["CUST-CHG-002", "CUST-CHG-003"].contains(&finding.rule.as_str()) || finding.place == Place::Institution;
        assert!(natural, "the records are not clean: {finding:?}");
    }
}

fn on_record(record: &Record, rule: &str, field: &str) -> Expected {
    let place = Place::Record { dataset: record.dataset, id: record.id };
    Expected { place, rule: rule.to_owned(), field: field.to_owned() }
}

/// A row of the customers.
struct Row {
    unit: usize,
    code: String,
    name: String,
    figures: Figures,
}

/// Assets, liabilities and the date of the statement, where they can be read.
#[derive(Clone, Copy)]
struct Figures {
    assets: Option<i64>,
    liabilities: Option<i64>,
    date: Option<chrono::NaiveDate>,
}

impl Figures {
    fn of(customer: &Record) -> Self {
        let cents = |field| if let Cell::Cents(cents) = *customer.get(field) { Some(cents) } else { None };
        let date = if let Cell::Day(date) = *customer.get("statement_date") { Some(date) } else { None };
        Self { assets: cents("total_assets"), liabilities: cents("total_liabilities"), date }
    }
}

struct Period {
    customers: Vec<Row>,
    /// Codes of customers and of loans.
    codes: BTreeSet<String>,
    loan_amounts: BTreeMap<String, i64>,
    /// Sum of the balances of a customer; none if one of them is not there.
    owed: BTreeMap<String, Option<i64>>,
    /// Largest amount of the loans that are reported, and whether an amount is missing.
    largest: BTreeMap<String, (i64, bool)>,
}

impl Period {
    fn of(world: &World) -> Self {
        let mut period = Self {
            customers: Vec::new(),
            codes: BTreeSet::new(),
            loan_amounts: BTreeMap::new(),
            owed: BTreeMap::new(),
            largest: BTreeMap::new(),
        };
        // September has no new records and shows those that are gone; October the other way round.
        let september = world.records.iter().all(|record| record.standing != Standing::New);
        let shown = |record: &&Record| september || record.standing != Standing::Gone;
        for customer in world.of(CUSTOMERS).filter(shown) {
            let row = Row {
                unit: customer.unit,
                code: code(customer, "customer_code"),
                name: customer.text("customer_name").to_owned(),
                figures: Figures::of(customer),
            };
            if !row.code.is_empty() {
                period.codes.insert(row.code.clone());
                period.customers.push(row);
            }
        }
        for loan in world.of(LOANS).filter(shown) {
            let owner = code(loan, "customer_code");
            if let &Cell::Cents(amount) = loan.get("amount") {
                period.loan_amounts.entry(code(loan, "loan_no")).or_insert(amount);
            }
            let status = code(loan, "status");
            if !owner.is_empty() {
                period.codes.insert(owner.clone());
            }
            if status == "9" {
                continue;
            }
            let owed = period.owed.entry(owner.clone()).or_insert(Some(0));
            *owed = match loan.get("balance") {
                Cell::Cents(balance) => owed.map(|owed| owed + balance),
                _ => None,
            };
            if status != "3" {
                let (largest, missing) = period.largest.entry(owner).or_default();
                match loan.get("amount") {
                    Cell::Cents(amount) => *largest = (*largest).max(*amount),
                    _ => *missing = true,
                }
            }
        }
        period
    }

    /// The only row whose code the other period does not have and that has this name.
    fn only_named<'p>(&'p self, name: &str, other: &Period) -> Option<&'p Row> {
        let mut named = self.customers.iter().filter(|row| row.name == name && !other.codes.contains(&row.code));
        named.next().filter(|first| named.all(|row| row.code == first.code))
    }

    /// The customer of the other period, gone by its code, stands here under another.
    fn is_under_other_code(&self, row: &Row, other: &Period) -> bool {
        self.only_named(&row.name, other).is_some() && other.only_named(&row.name, self).is_some()
    }
}

fn of_customer(customer: &Record, before: &Period, after: &Period, expect: &mut impl FnMut(&str, &str)) {
    let own = code(customer, "customer_code");
    if own.is_empty() {
        return;
    }
    let &(largest, missing) = after.largest.get(&own).unwrap_or(&(0, false));
    if largest < 50_000 && !missing {
        expect("CUST-SCP-001", "customer_code");
    }
    if let Some(row) = before.customers.iter().find(|row| row.code == own) {
        compare_statements(row.figures, Figures::of(customer), expect);
    }
    if !before.customers.iter().any(|row| row.unit == customer.unit) {
        return;
    }
    let name = customer.text("customer_name");
    let earlier = if before.codes.contains(&own) {
        if let Some(row) = before.customers.iter().find(|row| row.code == own)
            && !name.is_empty()
            && format_apart(&row.name) != format_apart(name)
        {
            expect("CUST-CHG-004", "customer_name");
        }
        own.clone()
    } else if let Some(row) = before.only_named(name, after).filter(|row| after.is_under_other_code(row, before)) {
        expect("CUST-CHG-005", "customer_code");
        row.code.clone()
    } else {
        expect("CUST-CHG-002", "customer_code");
        return;
    };
    let sums = (before.owed.get(&earlier).copied().flatten(), after.owed.get(&own).copied().flatten());
    if let (Some(then), Some(now)) = sums {
        let (small, large) = (then.min(now), then.max(now));
        if small > 0 && large >= 100_000 && large >= 2 * small {
            expect("CUST-CHG-006", "loan_balance");
        }
    }
}

fn compare_statements(then: Figures, now: Figures, expect: &mut impl FnMut(&str, &str)) {
    let (Some(assets), Some(liabilities), Some(date)) = (now.assets, now.liabilities, now.date) else { return };
    let (Some(old_assets), Some(old_liabilities), Some(old_date)) = (then.assets, then.liabilities, then.date) else {
        return;
    };
    let same = assets == old_assets && liabilities == old_liabilities;
    if same && assets > 0 && date != old_date {
        expect("CUST-FIN-001", "statement_date");
    }
    let (small, large) = (assets.abs().min(old_assets.abs()), assets.abs().max(old_assets.abs()));
    let slipped = small > 0 && (5_000 * small..=20_000 * small).contains(&large);
    if !same && date == old_date && !slipped {
        expect("CUST-FIN-002", "total_assets");
    }
}

/// A name without what `CUST-CHG-004` leaves out: the form of brackets, blanks.
fn format_apart(name: &str) -> String {
    name.replace('（', "(").replace('）', ")").replace(['　', ' '], "")
}

/// A code as it is compared: without invisible characters and hyphens it keeps, in half width.
fn code(record: &Record, field: &str) -> String {
    let plain = |c: char| match c {
        '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{a0}' | ' ' => None,
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => Some(c),
    };
    record.text(field).chars().filter_map(plain).collect()
}

/// A measure of a record for a band: nothing if the cell holds no number.
type Measure = fn(&Record) -> Option<i64>;

/// The bands of the union: figures of the units that both periods have in full.
fn outside_bands(prior: &World, now: &World) -> Vec<Expected> {
    let one: Measure = |_| Some(1);
    let line: Measure = |r| amount(r, "credit_line");
    let balance: Measure = |r| if r.text("status") == "9" { Some(0) } else { amount(r, "balance") };
    let measures = [
        ("CUST-CHG-007", CUSTOMERS, one, job::BAND_CUSTOMERS),
        ("CUST-CHG-008", CUSTOMERS, line, job::BAND_LINE),
        ("LOAN-CHG-002", LOANS, balance, job::BAND_BALANCE),
        ("GTY-CHG-001", GUARANTEES, one, job::BAND_GUARANTEES),
        ("RDC-CHG-002", CORPORATE, one, job::BAND_DEFAULTS),
        ("RDP-CHG-002", PERSONAL, one, job::BAND_DEFAULTS),
    ];
    let mut found = Vec::new();
    for (rule, dataset, measure, band) in measures {
        let figure = |world: &World, unit: usize, september: bool| -> Option<i64> {
            let standing = if september { Standing::New } else { Standing::Gone };
            let own = world.of(dataset).filter(|r| r.unit == unit && r.standing != standing);
            let values: Vec<Option<i64>> = own.map(measure).collect();
            if values.is_empty() { None } else { values.into_iter().sum() }
        };
        let in_full = (0..UNIT.len()).filter(|unit| ![MANY_FILES, MISSING].contains(unit));
        let pairs = in_full.filter_map(|unit| Some((figure(prior, unit, true)?, figure(now, unit, false)?)));
        let (then, now) = pairs.fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        let (change, bound) = (now - then, if now < then { band.fall } else { band.rise });
        if change.abs() > band.absolute && change.abs() * 100 > bound * then {
            let (rule, field) = (rule.to_owned(), String::new());
            found.push(Expected { place: Place::Institution, rule, field });
        }
    }
    found
}

/// The amount of a cell, nothing counted for a blank one; none if it cannot be read.
fn amount(record: &Record, field: &str) -> Option<i64> {
    match record.get(field) {
        Cell::Cents(cents) => Some(*cents),
        Cell::Blank => Some(0),
        _ => None,
    }
}

/// Each band's rule must fire: what is planted has to go beyond it.
pub fn check_bands(prior: &World, now: &World) {
    let found = outside_bands(prior, now);
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
    let all = ["CUST-CHG-007", "CUST-CHG-008", "LOAN-CHG-002", "GTY-CHG-001", "RDC-CHG-002", "RDP-CHG-002"];
    assert_eq!(rules, all, "the sample shows every band");
}
