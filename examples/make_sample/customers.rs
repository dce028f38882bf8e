//! Corporate customers with shareholders and affiliates, none of them at fault.

use chrono::Days;

use crate::{
    identity,
    model::{AFFILIATES, CUSTOMERS, Cell, SHAREHOLDERS, Standing, World, day},
    names::{self, DIVISIONS, Register},
    rng::Rng,
    union::{MISSING, UNIT},
};

/// A customer as the loans need it.
#[derive(Clone)]
pub struct Customer {
    pub unit: usize,
    pub standing: Standing,
    pub code: String,
    pub name: String,
    pub industry: String,
}

/// Adds the customers of all units, and for each unit two that left after September.
pub fn add_customers(world: &mut World, register: &mut Register, rng: &mut Rng) -> Vec<Customer> {
    let mut customers = Vec::new();
    for (unit, plan) in UNIT.iter().enumerate().filter(|(_, plan)| plan.customers > 0) {
        for number in 0..plan.customers + 2 {
            let standing = match number {
                _ if unit == MISSING => Standing::Gone,
                n if n >= plan.customers => Standing::Gone,
                n if n >= plan.customers - plan.new_customers => Standing::New,
                _ => Standing::Both,
            };
            customers.push(add_customer(world, register, rng, unit, standing));
        }
    }
    customers
}

fn add_customer(
    world: &mut World,
    register: &mut Register,
    rng: &mut Rng,
    unit: usize,
    standing: Standing,
) -> Customer {
    let public = unit < 6 && rng.chance(2);
    let name = if public { register.institution(rng) } else { register.company(rng) };
    let division = DIVISIONS[rng.below(DIVISIONS.len())];
    let kind = match (public, name.ends_with("合作社")) {
        (true, _) => "12",
        (_, true) => "93",
        _ => "91",
    };
    let credit_code = identity::draw_credit_code(rng, kind, division.0);
    let org = credit_code[8..17].to_owned();
    let (code, doc_no) = match rng.below(100) {
        0..=64 => (credit_code.clone(), format!("{}-{}", &org[..8], &org[8..])),
        65..=89 => (credit_code.clone(), credit_code.clone()),
        90..=95 => (org, credit_code.clone()),
        _ => (identity::draw_registration(rng, division.0), credit_code.clone()),
    };
    let customer_type = if public { "C" } else { rng.pick(&["A1", "A2", "A2", "A3", "A3", "A3", "A4"]) };
    let industry = rng
        .pick(&["A0111", "A0311", "C1310", "C1440", "E4710", "F5112", "G5431", "K7010", "B0610", "C2614"])
        .to_owned();
    let born_in = DIVISIONS[rng.below(DIVISIONS.len())].0;
    let male = rng.chance(70);
    let (rep_doc_type, rep_doc_no) = if rng.chance(3) {
        ("10", format!("EB{}", rng.digits(7)))
    } else {
        ("2", identity::draw_resident_id(rng, born_in, male))
    };
    let founded = day(1996, 3, 1) + Days::new(rng.below(9_500) as u64);
    let cells = [
        ("unit_code", Cell::text(UNIT[unit].code)),
        ("customer_code", Cell::text(code.clone())),
        ("customer_name", Cell::text(name.clone())),
        ("customer_type", Cell::text(customer_type)),
        ("country", Cell::text("CHN")),
        ("doc_type", Cell::text("1")),
        ("doc_no", Cell::text(doc_no)),
        ("credit_code", Cell::text(credit_code)),
        ("loan_card", Cell::text(identity::draw_loan_card(rng, division.0))),
        ("legal_rep", Cell::text(names::person(rng))),
        ("legal_rep_doc_type", Cell::text(rep_doc_type)),
        ("legal_rep_doc_no", Cell::text(rep_doc_no)),
        ("registered_place", Cell::text(names::address(rng, division))),
        ("area_code", Cell::text(division.0)),
        ("industry", Cell::text(industry.clone())),
        ("founded", Cell::Day(founded)),
        ("registered_capital", Cell::Cents(rng.between(2, 100) * 5_000)),
        ("statement_date", Cell::Day(rng.pick(&[&day(2026, 9, 30), &day(2026, 9, 30), &day(2026, 6, 30)]).to_owned())),
    ];
    world.add(CUSTOMERS, unit, standing, &cells);
    let customer = Customer { unit, standing, code, name, industry };
    add_shareholders(world, register, rng, &customer);
    for _ in 0..rng.below(3) {
        add_affiliate(world, register, rng, &customer);
    }
    customer
}

fn add_shareholders(world: &mut World, register: &mut Register, rng: &mut Rng, customer: &Customer) {
    let shares: &[i64] = match rng.below(6) {
        0 => &[10_000],
        1 => &[5_100, 4_900],
        2 => &[6_000, 3_500],
        3 => &[3_333, 3_333, 3_334],
        4 => &[5_000, 3_000, 2_000],
        _ => &[7_050, 1_250],
    };
    let mut names_used: Vec<String> = Vec::new();
    for &share in shares {
        let person = rng.chance(60);
        let division = DIVISIONS[rng.below(DIVISIONS.len())].0;
        let (name, kind, doc_type, doc_no) = if person {
            let male = rng.chance(60);
            let name = loop {
                let name = names::person(rng);
                if !names_used.contains(&name) {
                    break name;
                }
            };
            (name, "6", "2", identity::draw_resident_id(rng, division, male))
        } else {
            (register.company(rng), "1", "1", identity::draw_credit_code(rng, "91", division))
        };
        names_used.push(name.clone());
        let cells = [
            ("customer_code", Cell::text(customer.code.clone())),
            ("shareholder_name", Cell::text(name)),
            ("shareholder_type", Cell::text(kind)),
            ("doc_type", Cell::text(doc_type)),
            ("doc_no", Cell::text(doc_no)),
            ("share_percent", Cell::Cents(share)),
        ];
        world.add(SHAREHOLDERS, customer.unit, customer.standing, &cells);
    }
}

fn add_affiliate(world: &mut World, register: &mut Register, rng: &mut Rng, customer: &Customer) {
    let division = DIVISIONS[rng.below(DIVISIONS.len())].0;
    let cells = [
        ("customer_code", Cell::text(customer.code.clone())),
        ("affiliate_name", Cell::text(register.company(rng))),
        ("relation_type", Cell::text(rng.pick(&["1", "2", "3", "4"]))),
        ("doc_type", Cell::text("1")),
        ("doc_no", Cell::text(identity::draw_credit_code(rng, "91", division))),
    ];
    world.add(AFFILIATES, customer.unit, customer.standing, &cells);
}
