//! What changed since September: names, codes, balances, statements. Which findings follow is worked out from both
//! periods in `periods`; only what can be seen within October is noted here.

use super::{Planter, loans_of};
use crate::{
    identity,
    model::{CUSTOMERS, Cell, LOANS, Record, World, day},
    plant::derived::customer,
};

const STATEMENT: &str = "statement_date";

fn new_statement(_: &World, customer: &Record) -> bool {
    customer.get(STATEMENT) == &Cell::Day(day(2026, 9, 30))
}

fn old_statement(_: &World, customer: &Record) -> bool {
    customer.get(STATEMENT) == &Cell::Day(day(2026, 6, 30))
}

/// The only loan of its customer, and it is in good standing.
fn only_loan(world: &World, loan: &Record) -> bool {
    loan.text("status") == "1"
        && loan.unit != crate::union::NO_CUSTOMERS
        && loans_of(world, loan.text("customer_code")).count() == 1
}

pub fn plant(p: &mut Planter) {
    names_and_codes(p);
    balances(p);
    statements(p);
    slips(p);
}

fn company(_: &World, customer: &Record) -> bool {
    customer.text("customer_name").ends_with("有限公司") && customer.text("doc_no").len() < 18
}

fn names_and_codes(p: &mut Planter) {
    for _ in 0..2 {
        let id = p.spread(CUSTOMERS, company);
        let (name, code) = (p.text(id, "customer_name"), p.text(id, "customer_code"));
        p.rewrite(&code, "customer_name", &name.replace("有限公司", "集团股份有限公司"));
    }
    // Not at fault: brackets of another width.
    let id = p.spread(CUSTOMERS, company);
    let (name, code) = (p.text(id, "customer_name"), p.text(id, "customer_code"));
    p.rewrite(&code, "customer_name", &name.replace("示例旗", "示例（旗）"));
    let earlier = name.replace("示例旗", "示例(旗)");
    for record in p.prior.records.iter_mut().filter(|record| record.text("customer_code") == code) {
        if [CUSTOMERS, LOANS].contains(&record.dataset) {
            record.set("customer_name", Cell::text(earlier.clone()));
        }
    }
    // Another code, in all tables of the customer.
    for _ in 0..2 {
        let id = p.spread(CUSTOMERS, |_, customer| customer.text("customer_code").len() == 18);
        let code = p.text(id, "customer_code");
        let other = identity::draw_credit_code(p.rng, "91", "150104");
        p.rewrite(&code, "customer_code", &other);
        p.customers_taken.insert(other);
    }
}

/// Twice as much and at least 1,000 is a jump; 999.99 is too little, and so is less than twice as much.
fn balances(p: &mut Planter) {
    for (before, now) in
        [(50_000, 100_000), (49_999, 99_999), (150_001, 300_000), (300_000, 140_000), (120_000, 60_000)]
    {
        let loan = p.spread(LOANS, only_loan);
        let code = p.text(loan, "customer_code");
        let customer = customer(p.world, &code);
        let amount = Cell::Cents(before.max(now).max(50_000));
        p.set_all(loan, &[("amount", amount.clone()), ("balance", Cell::Cents(now))]);
        p.tie(&code);
        let assets = p.world.records[customer].get("total_assets").clone();
        let old = old_statement(p.world, &p.world.records[customer]);
        let then = p.before(loan);
        then.set("amount", amount);
        then.set("balance", Cell::Cents(before));
        let then = p.before(customer);
        let earlier_line = then.cents("credit_line").max(before);
        then.set("loan_balance", Cell::Cents(before));
        then.set("credit_line", Cell::Cents(earlier_line));
        if old {
            then.set("total_assets", assets);
        }
    }
}

fn statements(p: &mut Planter) {
    // A new date, and the figures of the statement before.
    for _ in 0..2 {
        let id = p.spread(CUSTOMERS, new_statement);
        for field in ["total_assets", "total_liabilities"] {
            let cell = p.before(id).get(field).clone();
            p.set(id, field, cell);
        }
    }
    // The same date, and a figure that changed by 100 yuan, or by more.
    for (field, more) in [("total_liabilities", 1), ("total_assets", 35_000)] {
        let id = p.spread(CUSTOMERS, old_statement);
        p.set(id, field, Cell::Cents(p.cents(id, field) + more));
    }
}

/// Yuan for 10,000 yuan, either way.
fn slips(p: &mut Planter) {
    let owes =
        |world: &World, customer: &Record| new_statement(world, customer) && customer.cents("loan_balance") > 50_000;
    let id = p.spread(CUSTOMERS, owes);
    p.set(id, "loan_balance", Cell::Cents(p.cents(id, "loan_balance") * 10_000));
    p.expect_all(id, &["CUST-AMT-013", "CUST-AMT-010", "CUST-SUM-001"]);
    let id = p.spread(CUSTOMERS, owes);
    p.set(id, "loan_balance", Cell::Cents(p.cents(id, "loan_balance") / 10_000));
    p.expect_all(id, &["CUST-AMT-013", "CUST-SUM-001"]);
    let id = p.spread(CUSTOMERS, owes);
    p.set(id, "total_liabilities", Cell::Cents(p.cents(id, "total_liabilities") * 10_000));
    p.expect_all(id, &["CUST-AMT-014", "CUST-AMT-009"]);
    let id = p.spread(CUSTOMERS, owes);
    p.set(id, "total_liabilities", Cell::Cents(p.cents(id, "total_liabilities") / 10_000));
    p.expect(id, "CUST-AMT-014");
    // Not at fault: less than five thousand times smaller.
    let id = p.spread(CUSTOMERS, owes);
    let earlier = p.before(id).cents("total_liabilities");
    p.set(id, "total_liabilities", Cell::Cents(earlier / 4_990 + 1));
}
