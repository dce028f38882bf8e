//! How a loan stands - balance, status, class, days, due date - and whether the parts agree; syndicates; collateral.

use super::{Planter, loans_of};
use crate::{
    model::{Cell, GUARANTEES, LOANS, Record, World, day},
    plant::derived::customer,
    union::{LATE, NO_CUSTOMERS},
};

/// Neither overdue, nor settled, nor cancelled, and one of several, so that its customer still owes something without it.
fn one_of_several(world: &World, loan: &Record) -> bool {
    let other = |other: &Record| other.id != loan.id && other.cents("balance") > 10_000 && other.text("status") != "9";
    normal(world, loan) && loans_of(world, loan.text("customer_code")).any(other)
}

fn normal(_: &World, loan: &Record) -> bool {
    loan.text("status") == "1" && loan.cents("balance") > 10_000
}

/// Overdue, in a class that stands.
fn overdue(_: &World, loan: &Record) -> bool {
    loan.text("status") == "2" && loan.cents("overdue_amount") > 0 && ["3", "4"].contains(&loan.text("five_class"))
}

fn settled(_: &World, loan: &Record) -> bool {
    loan.text("status") == "3"
}

fn cancelled(_: &World, loan: &Record) -> bool {
    loan.text("status") == "9"
}

fn unsecured(_: &World, loan: &Record) -> bool {
    normal(&World::default(), loan) && loan.text("guarantee_kind") == "4" && loan.text("syndicated") == "0"
}

/// One unit's table lacks the type of guarantee.
fn by_collateral(_: &World, guarantee: &Record) -> bool {
    guarantee.unit != LATE && ["1", "2"].contains(&guarantee.text("guarantee_type"))
}

fn by_surety(_: &World, guarantee: &Record) -> bool {
    guarantee.unit != LATE && guarantee.text("guarantee_type") == "3"
}

fn code(value: &str) -> Cell {
    Cell::text(value)
}

pub fn plant(p: &mut Planter) {
    reach(p);
    balances(p);
    classes_and_status(p);
    dates(p);
    syndicates(p);
    collateral(p);
}

/// Sets cells of a loan; the customer's balance follows.
fn tied(p: &mut Planter, wanted: fn(&World, &Record) -> bool, cells: &[(&str, Cell)], rules: &[&str]) -> usize {
    let id = p.spread_fault(LOANS, wanted, cells, rules);
    p.tie(&p.text(id, "customer_code"));
    id
}

/// Customers with one loan: 499.99 does not reach the reporting line and 500.00 does; a loan that is paid back does not
/// count, nor one that owes nothing. Who is below the line is worked out in `periods`.
fn reach(p: &mut Planter) {
    let only: fn(&World, &Record) -> bool = |world, loan| {
        normal(world, loan) && loans_of(world, loan.text("customer_code")).count() == 1 && loan.unit != NO_CUSTOMERS
    };
    for (amount, rules) in [(49_999, &["LOAN-SCP-001"][..]), (31_000, &["LOAN-SCP-001"]), (50_000, &[])] {
        let cells = [("amount", Cell::Cents(amount)), ("balance", Cell::Cents(amount - 10_000))];
        tied(p, only, &cells, rules);
    }
    let id = tied(p, only, &[("status", code("3")), ("balance", Cell::Cents(0))], &[]);
    let customer = customer(p.world, &p.text(id, "customer_code"));
    p.expect(customer, "CUST-AMT-004");
}

fn balances(p: &mut Planter) {
    let nothing = [("balance", Cell::Cents(0))];
    tied(p, one_of_several, &nothing, &["LOAN-AMT-007"]);
    tied(p, one_of_several, &nothing, &["LOAN-AMT-007"]);
    // Not at fault: interest is still owed.
    let interest =
        [("balance", Cell::Cents(0)), ("interest_arrears", Cell::Cents(325)), ("arrears_days", Cell::Whole(20))];
    tied(p, one_of_several, &interest, &[]);
    // Yuan for 10,000 yuan the wrong way round.
    for _ in 0..2 {
        let id = p.spread(LOANS, one_of_several);
        p.set(id, "balance", Cell::Cents(p.cents(id, "balance") / 10_000));
        p.tie(&p.text(id, "customer_code"));
        p.expect(id, "LOAN-AMT-008");
    }
    // A loan's amount does not change; by how little does not matter.
    for more in [1, 25_000] {
        let id = p.spread(LOANS, normal);
        p.set(id, "amount", Cell::Cents(p.cents(id, "amount") + more));
    }
}

fn classes_and_status(p: &mut Planter) {
    for (days, class, rules) in
        [(90, "2", &["LOAN-CLS-001"][..]), (147, "1", &["LOAN-CLS-001"]), (89, "2", &[]), (90, "3", &[])]
    {
        let cells = [
            ("overdue_days", Cell::Whole(days)),
            ("due", Cell::Day(day(2026, 10, 31) - chrono::Days::new(days.unsigned_abs()))),
            ("five_class", code(class)),
        ];
        p.spread_fault(LOANS, overdue, &cells, rules);
    }
    let left = [("balance", Cell::Cents(1_200)), ("due", Cell::Day(day(2027, 3, 20)))];
    tied(p, settled, &left, &["LOAN-STA-001"]);
    tied(p, cancelled, &left, &["LOAN-STA-001"]);
    for _ in 0..2 {
        p.spread_fault(LOANS, normal, &[("overdue_days", Cell::Whole(5))], &["LOAN-STA-002"]);
    }
    let not_overdue =
        [("overdue_days", Cell::Whole(0)), ("overdue_amount", Cell::Cents(0)), ("due", Cell::Day(day(2026, 11, 30)))];
    p.spread_fault(LOANS, overdue, &not_overdue, &["LOAN-STA-002"]);
}

fn dates(p: &mut Planter) {
    // Interest cannot be owed for longer than the loan exists.
    for more in [1, 400, 0] {
        let id = p.spread(LOANS, overdue);
        let held = (day(2026, 10, 31) - p.world.records[id].day("disbursed")).num_days();
        p.set(id, "arrears_days", Cell::Whole(held + more));
        if more > 0 {
            p.expect(id, "LOAN-DAT-004");
        }
    }
    for (due, days, rules) in [
        (day(2026, 10, 30), Cell::Whole(0), &["LOAN-DAT-005"][..]),
        (day(2026, 10, 30), Cell::Blank, &["LOAN-DAT-005"]),
        (day(2026, 10, 31), Cell::Whole(0), &[]),
    ] {
        let early = |world: &World, loan: &Record| normal(world, loan) && loan.day("disbursed") < day(2026, 9, 1);
        p.spread_fault(LOANS, early, &[("due", Cell::Day(due)), ("overdue_days", days)], rules);
    }
}

fn syndicates(p: &mut Planter) {
    let role = |role: &str| [("syndicated", code("1")), ("lead_role", code(role))];
    let together = |p: &mut Planter, roles: [&str; 2], rules: [&[&str]; 2], number: &str| {
        let ids = [p.spread(LOANS, unsecured), p.spread(LOANS, unsecured)];
        for ((id, own), rules) in ids.into_iter().zip(roles).zip(rules) {
            p.set_all(id, &role(own));
            p.set(id, "contract_no", Cell::text(format!("示农信社团字2026第{number}号")));
            p.expect_all(id, rules);
        }
    };
    let twice: [&[&str]; 2] = [&["LOAN-SYN-004"], &["LOAN-SYN-004"]];
    together(p, ["1", "1"], twice, "9101");
    // The lead reports it too: only the participant's row is one too many.
    together(p, ["1", "2"], [&[], &["LOAN-SYN-002"]], "9102");
    let nobody: [&[&str]; 2] = [&["LOAN-SYN-002", "LOAN-SYN-003"], &["LOAN-SYN-002", "LOAN-SYN-003"]];
    together(p, ["2", "2"], nobody, "9103");
}

fn collateral(p: &mut Planter) {
    for value in [Cell::Blank, Cell::Cents(0)] {
        p.spread_fault(GUARANTEES, by_collateral, &[("collateral_value", value)], &["GTY-COL-001"]);
    }
    for (value, rules) in [(80_000, &["GTY-COL-002"][..]), (1, &["GTY-COL-002"]), (0, &[])] {
        p.spread_fault(GUARANTEES, by_surety, &[("collateral_value", Cell::Cents(value))], rules);
    }
    for (less, rules) in [(1, &["GTY-COL-003"][..]), (30_000, &["GTY-COL-003"]), (0, &[])] {
        let id = p.spread(GUARANTEES, by_collateral);
        p.set(id, "collateral_value", Cell::Cents(p.cents(id, "guaranteed_amount") - less));
        p.expect_all(id, rules);
    }
}
