//! Places faults in October and notes, for each, the findings that follow from the conditions of the rules.
//!
//! Never asks the program what it finds. Each fault has a customer, or a retail default, of its own, so that no two
//! faults meet.

mod cells;
mod customers;
mod derived;
mod keys;
mod loans;
mod parties;
mod retail;
pub mod sheets;

use std::collections::BTreeSet;

use crate::{
    model::{CUSTOMERS, Cell, LOANS, PACK, Record, Standing, World},
    rng::Rng,
};

/// A finding that is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    pub place: Place,
    pub rule: String,
    pub field: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Record { dataset: usize, id: usize },
    Sheet { unit: usize, dataset: usize },
    Unit { unit: usize },
}

/// Places every fault.
pub fn plant_all(world: &mut World, rng: &mut Rng) -> Vec<Expected> {
    let mut planter =
        Planter { world, rng, customers_taken: BTreeSet::new(), records_taken: BTreeSet::new(), expected: Vec::new() };
    customers::plant(&mut planter);
    loans::plant(&mut planter);
    parties::plant(&mut planter);
    retail::plant(&mut planter);
    keys::plant(&mut planter);
    cells::plant(&mut planter);
    sheets::plant(&mut planter);
    derived::plant(&mut planter);
    planter.expected
}

pub struct Planter<'a> {
    world: &'a mut World,
    rng: &'a mut Rng,
    customers_taken: BTreeSet<String>,
    records_taken: BTreeSet<usize>,
    expected: Vec<Expected>,
}

impl Planter<'_> {
    /// A record without fault, present in both periods, whose customer has no fault either. It is taken.
    fn take(&mut self, dataset: usize, unit: usize, wanted: impl Fn(&World, &Record) -> bool) -> usize {
        let candidates: Vec<usize> = self
            .world
            .of(dataset)
            .filter(|record| record.unit == unit && record.standing == Standing::Both)
            .filter(|record| !self.records_taken.contains(&record.id))
            .filter(|record| !self.customers_taken.contains(record.text("customer_code")))
            .filter(|record| wanted(self.world, record))
            .map(|record| record.id)
            .collect();
        assert!(!candidates.is_empty(), "no record left in dataset {dataset} of unit {unit}");
        let id = candidates[self.rng.below(candidates.len())];
        self.records_taken.insert(id);
        let code = self.world.records[id].text("customer_code").to_owned();
        if !code.is_empty() {
            self.customers_taken.insert(code);
        }
        id
    }

    fn set(&mut self, id: usize, field: &str, cell: Cell) {
        self.world.records[id].set(field, cell);
    }

    fn text(&self, id: usize, field: &str) -> String {
        self.world.records[id].text(field).to_owned()
    }

    fn cents(&self, id: usize, field: &str) -> i64 {
        self.world.records[id].cents(field)
    }

    /// Notes a finding on a record: `RULE`, or `RULE@field` if the rule does not say where it is listed.
    fn expect(&mut self, id: usize, rule: &str) {
        let dataset = self.world.records[id].dataset;
        let (rule, field) = rule.split_once('@').unwrap_or_else(|| (rule, listed_under(rule, dataset)));
        let place = Place::Record { dataset, id };
        self.expected.push(Expected { place, rule: rule.to_owned(), field: field.to_owned() });
    }

    fn expect_sheet(&mut self, unit: usize, dataset: usize, rule: &str, field: &str) {
        let place = Place::Sheet { unit, dataset };
        self.expected.push(Expected { place, rule: rule.to_owned(), field: field.to_owned() });
    }

    fn expect_unit(&mut self, unit: usize, rule: &str) {
        self.expected.push(Expected { place: Place::Unit { unit }, rule: rule.to_owned(), field: String::new() });
    }

    /// Takes a record, changes its cells and notes the findings.
    fn fault(
        &mut self,
        (dataset, unit): (usize, usize),
        wanted: impl Fn(&World, &Record) -> bool,
        cells: &[(&str, Cell)],
        rules: &[&str],
    ) -> usize {
        let id = self.take(dataset, unit, wanted);
        for (field, cell) in cells {
            self.set(id, field, cell.clone());
        }
        for rule in rules {
            self.expect(id, rule);
        }
        id
    }

    /// After a loan's balance or status changed: its customer's balance follows, and the credit line stays above it.
    fn tie(&mut self, customer_code: &str) {
        let sum: i64 = loans_of(self.world, customer_code)
            .filter(|loan| loan.text("status") != "9")
            .map(|loan| loan.cents("balance"))
            .sum();
        let customer = self
            .world
            .records
            .iter_mut()
            .find(|record| record.dataset == CUSTOMERS && record.text("customer_code") == customer_code)
            .expect("every loan has a customer before faults are placed");
        customer.set("loan_balance", Cell::Cents(sum));
        let credit_line = customer.cents("credit_line").max(sum);
        customer.set("credit_line", Cell::Cents(credit_line));
        let assets = customer.cents("total_assets").max(credit_line);
        customer.set("total_assets", Cell::Cents(assets));
    }

    /// Changes a field wherever the customer is named, in every dataset that has the field.
    fn rewrite(&mut self, customer_code: &str, field: &str, value: &str) {
        for record in self.world.records.iter_mut().filter(|record| record.text("customer_code") == customer_code) {
            if PACK.dataset[record.dataset].fields.iter().any(|known| known.id == field) {
                record.set(field, Cell::text(value));
            }
        }
    }

    /// A further record like this one; the original stays.
    fn copy(&mut self, id: usize) -> usize {
        let copied = Record { id: self.world.records.len(), ..self.world.records[id].clone() };
        self.records_taken.insert(copied.id);
        self.world.records.push(copied);
        self.world.records.len() - 1
    }
}

/// The loans of a customer in October.
fn loans_of<'a>(world: &'a World, customer_code: &'a str) -> impl Iterator<Item = &'a Record> {
    world.current(LOANS).filter(move |loan| loan.text("customer_code") == customer_code)
}

/// The field a rule's findings are listed under, if the rule always uses the same.
fn listed_under(rule: &str, dataset: usize) -> &'static str {
    let dataset = &PACK.dataset[dataset];
    let mut parts = rule.splitn(3, '-').skip(1);
    match (parts.next(), parts.next()) {
        (Some("REQ" | "LEN" | "COD" | "WID"), Some(field)) => {
            let field = field.to_lowercase();
            &dataset.fields[dataset.index(&field)].id
        }
        (Some("KEY"), _) => &dataset.key[0],
        _ => LISTED
            .iter()
            .find(|(prefix, _)| *prefix == rule)
            .map_or_else(|| panic!("where is {rule} listed?"), |(_, field)| field),
    }
}

/// Where the findings of the named rules are listed.
const LISTED: &[(&str, &str)] = &[
    ("CUST-AMT-001", "total_assets"),
    ("CUST-AMT-002", "total_liabilities"),
    ("CUST-AMT-003", "credit_line"),
    ("CUST-AMT-004", "loan_balance"),
    ("CUST-AMT-005", "total_assets"),
    ("CUST-AMT-006", "total_liabilities"),
    ("CUST-AMT-007", "credit_line"),
    ("CUST-AMT-008", "loan_balance"),
    ("CUST-AMT-009", "total_liabilities"),
    ("CUST-AMT-010", "loan_balance"),
    ("CUST-AMT-011", "total_assets"),
    ("CUST-AMT-012", "credit_line"),
    ("CUST-DOC-001", "doc_type"),
    ("CUST-DOC-002", "doc_no"),
    ("CUST-DOC-003", "doc_no"),
    ("CUST-DOC-004", "credit_code"),
    ("CUST-DOC-005", "doc_no"),
    ("CUST-DOC-006", "doc_no"),
    ("CUST-DOC-007", "doc_no"),
    ("CUST-REP-001", "legal_rep_doc_no"),
    ("CUST-REP-002", "legal_rep"),
    ("CUST-CRD-001", "loan_card"),
    ("CUST-NUM-001", "customer_code"),
    ("CUST-NAM-001", "customer_name"),
    ("CUST-NAM-002", "customer_name"),
    ("CUST-NAM-003", "customer_code"),
    ("CUST-NAM-004", "customer_name"),
    ("CUST-NAM-005", "customer_name"),
    ("CUST-CON-001", "loan_balance"),
    ("CUST-ARE-001", "area_code"),
    ("CUST-ARE-002", "area_code"),
    ("CUST-ARE-003", "area_code"),
    ("CUST-UNT-001", "unit_code"),
    ("CUST-CMP-001", "customer_code"),
    ("CUST-SUM-001", "loan_balance"),
    ("CUST-DAT-001", "statement_date"),
    ("CUST-DAT-002", "founded"),
    ("SHR-REF-001", "customer_code"),
    ("SHR-DOC-001", "doc_no"),
    ("SHR-DOC-002", "doc_no"),
    ("SHR-DOC-003", "doc_type"),
    ("SHR-DOC-004", "doc_no"),
    ("SHR-NAM-001", "shareholder_name"),
    ("SHR-PCT-001", "share_percent"),
    ("SHR-PCT-002", "share_percent"),
    ("AFF-REF-001", "customer_code"),
    ("AFF-NAM-001", "affiliate_name"),
    ("AFF-DOC-001", "doc_no"),
    ("GTY-REF-001", "contract_no"),
    ("GTY-DOC-001", "doc_no"),
    ("GTY-DOC-002", "doc_no"),
    ("GTY-DOC-003", "doc_type"),
    ("GTY-AMT-001", "guaranteed_amount"),
    ("GTY-DEF-001", "guarantor_name"),
    ("LOAN-AMT-001", "amount"),
    ("LOAN-AMT-002", "balance"),
    ("LOAN-AMT-003", "balance"),
    ("LOAN-AMT-004", "overdue_amount"),
    ("LOAN-AMT-005", "overdue_days"),
    ("LOAN-AMT-006", "arrears_days"),
    ("LOAN-DAT-001", "disbursed"),
    ("LOAN-DAT-002", "due"),
    ("LOAN-DAT-003", "overdue_days"),
    ("LOAN-SYN-001", "lead_role"),
    ("LOAN-SYN-002", "lead_role"),
    ("LOAN-SCP-001", "amount"),
    ("LOAN-SPL-001", "amount"),
    ("LOAN-REF-001", "customer_code"),
    ("LOAN-NAM-001", "customer_name"),
    ("LOAN-UNT-001", "unit_code"),
    ("LOAN-CMP-001", "contract_no"),
    ("LOAN-RAT-001", "annual_rate"),
    ("RDC-DOC-001", "doc_no"),
    ("RDC-DOC-002", "doc_no"),
    ("RDC-NAM-001", "customer_name"),
    ("RDC-ARE-001", "area_code"),
    ("RDC-ARE-002", "area_code"),
    ("RDC-DAY-001", "default_days"),
    ("RDC-DAY-002", "default_days"),
    ("RDC-DAY-003", "default_days"),
    ("RDC-AMT-001", "default_amount"),
    ("RDC-AMT-002", "default_amount"),
    ("RDC-AMT-003", "loan_amount"),
    ("RDC-DAT-001", "disbursed"),
    ("RDP-DOC-001", "doc_no"),
    ("RDP-DOC-002", "doc_no"),
    ("RDP-NAM-001", "customer_name"),
    ("RDP-ARE-001", "area_code"),
    ("RDP-ARE-002", "area_code"),
    ("RDP-DAY-001", "default_days"),
    ("RDP-DAY-002", "default_days"),
    ("RDP-DAY-003", "default_days"),
    ("RDP-AMT-001", "default_amount"),
    ("RDP-AMT-002", "default_amount"),
    ("RDP-AMT-003", "loan_amount"),
    ("RDP-DAT-001", "disbursed"),
    ("RDP-SEX-001", "sex"),
    ("RDP-PHN-001", "phone"),
];
