//! Large customers and connected groups against the limits. Capital is the job's: net 170,000, tier 1 155,000
//! (10,000 yuan); in September a little less, and then everyone is within the limits.

use super::{Planter, loans_of};
use crate::{
    model::{AFFILIATES, CUSTOMERS, Cell, LOANS, Record, World, day},
    plant::derived::customer,
    union::{NO_CUSTOMERS, UNTIDY},
};

/// With one loan only, in good standing, and a statement of September, so that assets may differ.
fn one_loan(world: &World, loan: &Record) -> bool {
    let code = loan.text("customer_code");
    loan.text("status") == "1"
        && loan.unit != NO_CUSTOMERS
        && loans_of(world, code).count() == 1
        && world.current(CUSTOMERS).any(|customer| {
            customer.text("customer_code") == code && customer.get("statement_date") == &Cell::Day(day(2026, 9, 30))
        })
}

pub fn plant(p: &mut Planter) {
    // A single customer: 10 % of net capital is 17,000, 15 % of tier-1 capital 23,250.
    for (balance, rules) in [
        (1_700_001, &["CUST-CON-001"][..]),
        (2_325_000, &["CUST-CON-001"]),
        (2_325_001, &["CUST-CON-001", "CUST-CON-003"]),
        (1_700_000, &[]),
    ] {
        let customer = owing(p, balance, balance);
        p.expect_all(customer, rules);
    }
    // A group: 15 % of net capital is 25,500 of credit lines, 20 % of tier-1 capital 31,000 of balances.
    for (balances, lines, rules) in [
        ([100_000, 100_000], [1_300_000, 1_250_001], &["CUST-CON-002"][..]),
        ([100_000, 100_000], [1_300_000, 1_250_000], &[]),
        ([1_600_000, 1_500_001], [1_600_000, 1_500_001], &["CUST-CON-002", "CUST-CON-004"]),
        ([1_600_000, 1_500_000], [1_600_000, 1_500_000], &["CUST-CON-002"]),
    ] {
        let [mut one, mut other] = [0, 1].map(|at| owing(p, balances[at], lines[at]));
        // One unit's table of affiliates lacks the kind of relation.
        if p.world.records[one].unit == UNTIDY {
            (one, other) = (other, one);
        }
        controls(p, one, other);
        for customer in [one, other] {
            p.expect_all(customer, rules);
        }
    }
}

/// A customer with one loan of this balance, and this credit line, in both periods; in September it owed no more than
/// the limit of then.
fn owing(p: &mut Planter, balance: i64, line: i64) -> usize {
    let loan = p.spread(LOANS, one_loan);
    let customer = customer(p.world, &p.text(loan, "customer_code"));
    let before = balance.min(1_680_000).min(balance * 99 / 100);
    let (amount, assets) = (Cell::Cents(balance), Cell::Cents(line * 3));
    p.set_all(loan, &[("amount", amount.clone()), ("balance", amount.clone())]);
    p.set_all(
        customer,
        &[("loan_balance", amount.clone()), ("credit_line", Cell::Cents(line)), ("total_assets", assets)],
    );
    let then = p.before(loan);
    then.set("amount", amount);
    then.set("balance", Cell::Cents(before));
    let then = p.before(customer);
    then.set("loan_balance", Cell::Cents(before));
    then.set("credit_line", Cell::Cents(line));
    customer
}

/// Since October one of the customers names the other as an enterprise it controls.
fn controls(p: &mut Planter, one: usize, other: usize) {
    let like = p.spread(AFFILIATES, |_, _| true);
    let id = p.copy(like);
    p.world.records[id].unit = p.world.records[one].unit;
    let cells = [
        ("customer_code", p.text(one, "customer_code")),
        ("affiliate_name", p.text(other, "customer_name")),
        ("relation_type", "3".to_owned()),
        ("doc_type", "1".to_owned()),
        ("doc_no", p.text(other, "credit_code")),
    ];
    for (field, value) in cells {
        p.set(id, field, Cell::text(value));
    }
}
