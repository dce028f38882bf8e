//! Loans with their guarantees, and the customers' figures that follow from them; none of them at fault.

use chrono::{Days, NaiveDate};

use crate::{
    customers::Customer,
    identity,
    model::{CUSTOMERS, Cell, GUARANTEES, LOANS, Standing, World, day},
    names::{self, DIVISIONS, Register},
    rng::Rng,
    union::{EPOCH_1904, HEAD, LATE, NO_CUSTOMERS, UNIT},
};

/// Last day of the period the records are made for.
pub const DATA_DATE: (i32, u32, u32) = (2026, 10, 31);

/// Numbers contracts and notes, and evens out loans that came and went.
struct Counter {
    loan: i64,
    guarantee: i64,
    came: bool,
}

/// Adds the loans of all customers, then eight of the unit that has no customers of its own.
pub fn add_loans(world: &mut World, customers: &[Customer], register: &mut Register, rng: &mut Rng) {
    let mut counter = Counter { loan: 0, guarantee: 0, came: false };
    for customer in customers {
        let arrived = customer.unit == LATE && customer.standing == Standing::New;
        let count = match rng.below(20) {
            _ if arrived => 1,
            0..=3 => 1,
            4..=10 => 2,
            11..=14 => 3,
            15..=17 => 4,
            _ => 5,
        };
        for number in 0..count {
            let standing = match customer.standing {
                // The loans of the unit whose balance jumps are those of before.
                Standing::Both if number > 0 && customer.unit != EPOCH_1904 && rng.chance(5) => {
                    counter.came = !counter.came;
                    if counter.came { Standing::New } else { Standing::Gone }
                }
                same => same,
            };
            add_loan(world, customer, customer.unit, standing, (number, arrived), &mut counter, register, rng);
        }
    }
    let head_office = customers.iter().filter(|c| c.unit == HEAD && c.standing == Standing::Both);
    for customer in head_office.take(8) {
        add_loan(world, customer, NO_CUSTOMERS, Standing::Both, (0, false), &mut counter, register, rng);
    }
    add_figures(world, rng);
}

/// How a loan stands: overdue days, and the fields that follow.
struct Course {
    status: &'static str,
    disbursed: NaiveDate,
    due: NaiveDate,
    overdue_days: i64,
}

fn course(rng: &mut Rng, number: usize, came_this_month: bool) -> Course {
    let data_date = day(DATA_DATE.0, DATA_DATE.1, DATA_DATE.2);
    let term = 365 * rng.between(1, 3);
    let later = |from: NaiveDate, days: i64| from + chrono::Duration::days(days);
    if came_this_month {
        let disbursed = later(day(2026, 10, 8), rng.between(0, 22));
        return Course { status: "1", disbursed, due: later(disbursed, term), overdue_days: 0 };
    }
    match rng.below(50) {
        0..=4 => {
            let overdue_days = rng.between(5, 300);
            let due = data_date - Days::new(overdue_days.unsigned_abs());
            Course { status: "2", disbursed: later(due, -term), due, overdue_days }
        }
        5 if number > 0 => {
            let disbursed = later(day(2024, 2, 1), rng.between(0, 300));
            Course { status: "3", disbursed, due: later(disbursed, term), overdue_days: 0 }
        }
        6 if number > 0 => {
            let disbursed = later(day(2026, 3, 1), rng.between(0, 150));
            Course { status: "9", disbursed, due: later(disbursed, term), overdue_days: 0 }
        }
        _ => {
            let disbursed = later(data_date, -rng.between(40, term - 10));
            Course { status: "1", disbursed, due: later(disbursed, term), overdue_days: 0 }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one caller; the parts have nothing else in common")]
fn add_loan(
    world: &mut World,
    customer: &Customer,
    unit: usize,
    standing: Standing,
    (number, arrived): (usize, bool),
    counter: &mut Counter,
    register: &mut Register,
    rng: &mut Rng,
) {
    counter.loan += 1;
    let came_this_month = standing == Standing::New && customer.standing == Standing::Both;
    // A loan that came or went is small: the customer's balance does not double by it.
    let moved = standing != customer.standing;
    let course = course(rng, number, came_this_month);
    let amount = match (course.status, rng.below(12)) {
        ("9", _) => 0,
        _ if arrived => 50_000 + rng.between(0, 20) * 500,
        _ if moved => 50_000,
        (_, 0) => 50_000,
        (_, 1..=7) => 50_000 + rng.between(1, 50) * 1_000,
        _ => 100_000 + rng.between(0, 60) * 2_500,
    };
    let balance = match course.status {
        "3" | "9" => 0,
        _ if arrived => rng.between(300, 900),
        _ if moved => rng.between(20_000, 30_000),
        _ if rng.chance(40) => amount,
        _ => amount * rng.between(40, 98) / 100 - rng.between(0, 99),
    };
    let overdue = course.overdue_days > 0;
    let overdue_amount = if overdue { balance * rng.between(10, 100) / 100 } else { 0 };
    let arrears_days = if overdue { rng.between(1, course.overdue_days) } else { 0 };
    let interest_arrears = if overdue { rng.between(50, 3_000) } else { 0 };
    let five_class = match course.overdue_days {
        0 if rng.chance(95) => "1",
        0..=30 => "2",
        31..=180 => "3",
        _ => "4",
    };
    // All customers that arrived are guaranteed by someone: the guarantees grow with them.
    let kind = rng.pick(if arrived { &["1"][..] } else { &["1", "1", "2", "2", "2", "3", "4"] });
    let syndicated = rng.chance(4);
    let loan_no = format!("{}{}{:06}", UNIT[unit].code, course.disbursed.format("%Y"), counter.loan * 37 + 100_000);
    let contract_no = format!("示农信借字{}第{:04}号", course.disbursed.format("%Y"), counter.loan);
    let cells = [
        ("unit_code", Cell::text(UNIT[unit].code)),
        ("loan_no", Cell::text(loan_no)),
        ("contract_no", Cell::text(contract_no.clone())),
        ("customer_code", Cell::text(customer.code.clone())),
        ("customer_name", Cell::text(customer.name.clone())),
        ("loan_type", Cell::text("1")),
        ("business_type", Cell::text(rng.pick(&["1", "1", "2", "3", "4"]))),
        ("issue_type", Cell::text(rng.pick(&["1", "1", "1", "2", "3"]))),
        ("currency", Cell::text("CNY")),
        ("amount", Cell::Cents(amount)),
        ("balance", Cell::Cents(balance)),
        ("annual_rate", Cell::Cents(rng.between(385, 980))),
        ("disbursed", Cell::Day(course.disbursed)),
        ("due", Cell::Day(course.due)),
        ("five_class", Cell::text(five_class)),
        ("guarantee_kind", Cell::text(kind)),
        ("overdue_amount", Cell::Cents(overdue_amount)),
        ("overdue_days", Cell::Whole(course.overdue_days)),
        ("interest_arrears", Cell::Cents(interest_arrears)),
        ("arrears_days", Cell::Whole(arrears_days)),
        ("industry", Cell::text(customer.industry.clone())),
        ("syndicated", Cell::text(if syndicated { "1" } else { "0" })),
        ("lead_role", if syndicated { Cell::text("1") } else { Cell::Blank }),
        ("status", Cell::text(course.status)),
    ];
    world.add(LOANS, unit, standing, &cells);
    let count = match kind {
        "1" => 1 + rng.below(2),
        "2" | "3" => rng.below(2),
        _ => 0,
    };
    let loan = Guaranteed { unit, standing, kind, contract_no, amount: amount.max(100_000) };
    for _ in 0..count {
        counter.guarantee += 1;
        add_guarantee(world, customer, &loan, counter.guarantee, register, rng);
    }
}

/// What a guarantee needs to know of its loan.
struct Guaranteed<'a> {
    unit: usize,
    standing: Standing,
    kind: &'a str,
    contract_no: String,
    amount: i64,
}

fn add_guarantee(
    world: &mut World,
    customer: &Customer,
    loan: &Guaranteed,
    number: i64,
    register: &mut Register,
    rng: &mut Rng,
) {
    let division = DIVISIONS[rng.below(DIVISIONS.len())].0;
    let (name, doc_type, doc_no) = if rng.chance(45) {
        let male = rng.chance(60);
        (names::person(rng), "2", identity::draw_resident_id(rng, division, male))
    } else {
        (register.company(rng), "1", identity::draw_credit_code(rng, "91", division))
    };
    let guarantee_type = match loan.kind {
        "1" => "3",
        "2" => "1",
        _ => "2",
    };
    let collateral =
        if loan.kind == "1" { Cell::Blank } else { Cell::Cents(loan.amount * rng.between(120, 200) / 100) };
    let cells = [
        ("guarantee_no", Cell::text(format!("示农信保字{number:05}号"))),
        ("contract_no", Cell::text(loan.contract_no.clone())),
        ("customer_code", Cell::text(customer.code.clone())),
        ("guarantee_type", Cell::text(guarantee_type)),
        ("guarantor_name", Cell::text(name)),
        ("doc_type", Cell::text(doc_type)),
        ("doc_no", Cell::text(doc_no)),
        ("guaranteed_amount", Cell::Cents(loan.amount)),
        ("collateral_value", collateral),
    ];
    world.add(GUARANTEES, loan.unit, loan.standing, &cells);
}

/// Credit lines above all loans of either period, balance sheets above the credit line, and balances that tie.
fn add_figures(world: &mut World, rng: &mut Rng) {
    let mut granted = std::collections::BTreeMap::<String, i64>::new();
    for loan in world.of(LOANS) {
        *granted.entry(loan.text("customer_code").to_owned()).or_default() += loan.cents("amount");
    }
    for customer in world.records.iter_mut().filter(|record| record.dataset == CUSTOMERS) {
        let credit_line = granted[customer.text("customer_code")] * rng.between(100, 130) / 100;
        let assets = credit_line * rng.between(20, 60) / 10 + rng.between(0, 99);
        customer.set("credit_line", Cell::Cents(credit_line));
        customer.set("total_assets", Cell::Cents(assets));
        customer.set("total_liabilities", Cell::Cents(assets * rng.between(30, 75) / 100));
    }
    world.tie_balances(Standing::Gone);
}
