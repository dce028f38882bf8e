//! What only shows when all records are taken together: names nearly alike, a customer above its limit, split loans,
//! guarantee circles and connected groups. The circles and groups themselves are no faults; a guarantor in default is.

use super::{Planter, loans_of};
use crate::{
    model::{CUSTOMERS, Cell, GUARANTEES, LOANS, Record, SHAREHOLDERS, World, day},
    union::{CSV, EPOCH_1904, HEAD, HIDDEN, MANY_FILES, ODS, OLD_EXCEL, OTHER_HEADINGS, UNTIDY},
};

pub fn plant(p: &mut Planter) {
    near_name(p);
    name_variant(p);
    above_the_limit(p);
    split(p);
    circle(p);
    joint(p);
    shared_representative(p);
}

fn normal(_: &World, loan: &Record) -> bool {
    loan.text("status") == "1"
}

fn loan_count(world: &World, code: &str) -> usize {
    loans_of(world, code).count()
}

/// Two firms whose names differ in one character; the one fewer records name is at fault.
fn near_name(p: &mut Planter) {
    let known = p.take(CUSTOMERS, HIDDEN, |world, customer| loan_count(world, customer.text("customer_code")) >= 3);
    let other = p.take(CUSTOMERS, ODS, |world, customer| loan_count(world, customer.text("customer_code")) == 1);
    let name: String =
        p.text(known, "customer_name").chars().enumerate().map(|(at, c)| if at == 3 { '鸿' } else { c }).collect();
    let code = p.text(other, "customer_code");
    p.rewrite(&code, "customer_name", &name);
    p.expect(other, "CUST-NAM-004");
}

/// A group's parent: three subsidiaries write its name with full-width brackets, it itself with others. Two of them it
/// controls, so the three are a connected group.
fn name_variant(p: &mut Planter) {
    let id = p.take(CUSTOMERS, EPOCH_1904, |world, customer| {
        let code = customer.text("customer_code");
        customer.text("customer_name").ends_with("有限责任公司") && loan_count(world, code) == 1
    });
    let (name, code) = (p.text(id, "customer_name"), p.text(id, "customer_code"));
    p.rewrite(&code, "customer_name", &name.replace("有限责任公司", "(集团)有限责任公司"));
    let document = p.text(id, "credit_code");
    for (unit, least) in [(HEAD, 5_000), (CSV, 5_000), (ODS, 0)] {
        let holder =
            p.take(SHAREHOLDERS, unit, |_, row| row.text("doc_type") == "1" && row.cents("share_percent") >= least);
        p.set(holder, "shareholder_name", Cell::text(name.replace("有限责任公司", "（集团）有限责任公司")));
        p.set(holder, "doc_no", Cell::text(document.clone()));
    }
    p.expect(id, "CUST-NAM-005");
}

/// Net capital is 170,000, so the limit is 17,000.
fn above_the_limit(p: &mut Planter) {
    let amount = || Cell::Cents(1_720_000);
    let loan = p.fault((LOANS, HEAD), normal, &[("amount", amount()), ("balance", amount())], &[]);
    let code = p.text(loan, "customer_code");
    p.tie(&code);
    let customer = customer(p.world, &code);
    p.expect(customer, "CUST-CON-001");
}

/// Two loans just under 500 within six weeks: each is below the threshold, and together they pass it.
fn split(p: &mut Planter) {
    let other_of = |world: &World, loan: &Record| {
        let mut own = loans_of(world, loan.text("customer_code"));
        own.find(|other| other.id != loan.id && other.unit == loan.unit && normal(world, other)).map(|other| other.id)
    };
    let first = p.take(LOANS, OLD_EXCEL, |world, loan| normal(world, loan) && other_of(world, loan).is_some());
    let second = other_of(p.world, &p.world.records[first]).expect("another loan of the customer");
    for (id, amount, date) in [(first, 49_800, day(2026, 8, 3)), (second, 49_500, day(2026, 9, 10))] {
        for field in ["amount", "balance"] {
            p.set(id, field, Cell::Cents(amount));
        }
        p.set(id, "disbursed", Cell::Day(date));
        p.expect(id, "LOAN-SCP-001");
        p.expect(id, "LOAN-SPL-001");
    }
    p.tie(&p.text(first, "customer_code"));
}

/// Whether some loan of the customer is in class 3 to 5, or overdue for 90 days.
fn in_default(world: &World, code: &str) -> bool {
    loans_of(world, code).any(|loan| {
        let overdue = matches!(loan.get("overdue_days"), Cell::Whole(days) if *days >= 90);
        let held = loan.text("status") != "9" && loan.cents("balance") > 0;
        held && (overdue || ["3", "4", "5"].contains(&loan.text("five_class")))
    })
}

/// A surety for a customer that hands its own record in, and that is in default or not.
fn surety(p: &mut Planter, unit: usize, defaulted: bool) -> (usize, String) {
    let id = p.take(GUARANTEES, unit, |world, guarantee| {
        let code = guarantee.text("customer_code");
        guarantee.text("guarantee_type") == "3" && in_default(world, code) == defaulted
    });
    (id, p.text(id, "customer_code"))
}

pub fn customer(world: &World, code: &str) -> usize {
    let found = world.current(CUSTOMERS).find(|record| record.text("customer_code") == code);
    found.map(|record| record.id).expect("every loan has a customer")
}

/// The customer with this code becomes the guarantor.
fn guaranteed_by(p: &mut Planter, guarantee: usize, code: &str) {
    let customer = customer(p.world, code);
    let (name, document) = (p.text(customer, "customer_name"), p.text(customer, "credit_code"));
    p.set(guarantee, "guarantor_name", Cell::text(name));
    p.set(guarantee, "doc_type", Cell::text("1"));
    p.set(guarantee, "doc_no", Cell::text(document));
}

/// Two customers guarantee each other, one of them in default; the other one guarantees a third, which guarantees a fourth.
fn circle(p: &mut Planter) {
    let (of_sound, sound) = surety(p, HEAD, false);
    let (of_defaulted, defaulted) = surety(p, HEAD, true);
    let (of_third, third) = surety(p, CSV, false);
    let (of_fourth, _) = surety(p, OTHER_HEADINGS, false);
    guaranteed_by(p, of_sound, &defaulted);
    guaranteed_by(p, of_defaulted, &sound);
    guaranteed_by(p, of_third, &sound);
    guaranteed_by(p, of_fourth, &third);
    p.expect(of_sound, "GTY-DEF-001");
}

/// Three customers that guarantee each other jointly.
fn joint(p: &mut Planter) {
    let sureties = [MANY_FILES, UNTIDY, EPOCH_1904].map(|unit| surety(p, unit, false));
    for (at, (id, _)) in sureties.iter().enumerate() {
        let copy = p.copy(*id);
        p.set(copy, "guarantee_no", Cell::text(format!("示农信保字9{at:04}号")));
        for (row, other) in [(*id, (at + 1) % 3), (copy, (at + 2) % 3)] {
            p.set(row, "guarantee_type", Cell::text("5"));
            guaranteed_by(p, row, &sureties[other].1);
        }
    }
}

/// Two customers with one legal representative.
fn shared_representative(p: &mut Planter) {
    let by_identity_card = |_: &World, customer: &Record| customer.text("legal_rep_doc_type") == "2";
    let (one, other) = (p.take(CUSTOMERS, HEAD, by_identity_card), p.take(CUSTOMERS, OLD_EXCEL, by_identity_card));
    for field in ["legal_rep", "legal_rep_doc_no"] {
        p.set(other, field, Cell::text(p.text(one, field)));
    }
}
