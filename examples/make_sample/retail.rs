//! Retail loans in default, of corporate and of personal customers; none of them at fault.

use crate::{
    identity,
    model::{CORPORATE, Cell, PERSONAL, Standing, World, day},
    names::{self, DIVISIONS, Register},
    rng::Rng,
    union::{MISSING, UNIT},
};

/// Adds the defaults of all units, and for each unit one of each kind that was settled after September.
pub fn add_defaults(world: &mut World, register: &mut Register, rng: &mut Rng) {
    let mut number = 0;
    for (unit, plan) in UNIT.iter().enumerate() {
        for (dataset, count, new) in
            [(CORPORATE, plan.corporate, plan.new_corporate), (PERSONAL, plan.personal, plan.new_personal)]
        {
            for at in 0..=count {
                let standing = match at {
                    _ if unit == MISSING || at == count => Standing::Gone,
                    n if n >= count - new => Standing::New,
                    _ => Standing::Both,
                };
                number += 1;
                add_default(world, register, rng, (dataset, unit, standing), number);
            }
        }
    }
}

fn add_default(
    world: &mut World,
    register: &mut Register,
    rng: &mut Rng,
    (dataset, unit, standing): (usize, usize, Standing),
    number: i64,
) {
    let division = DIVISIONS[rng.below(DIVISIONS.len())];
    // A default that existed a month ago must have lasted 90 days then already.
    let days = if standing == Standing::New { rng.between(90, 120) } else { rng.between(125, 900) };
    let disbursed = day(2026, 10, 31) - chrono::Days::new((days + rng.between(30, 700)).unsigned_abs());
    let loan_amount = rng.between(20, 900) * 50_000;
    let default_amount = loan_amount * rng.between(5, 95) / 100 + rng.between(1, 99);
    let loan_no = format!("{}LS{}{:05}", UNIT[unit].code, disbursed.format("%y"), number * 7 + 20_000);
    let shared = [
        ("loan_no", Cell::text(loan_no)),
        ("address", Cell::text(names::address(rng, division))),
        ("area_code", Cell::text(division.0)),
        ("default_type", Cell::text(rng.pick(&["1", "1", "2"]))),
        ("loan_amount", Cell::Cents(loan_amount)),
        ("default_amount", Cell::Cents(default_amount)),
        ("default_days", Cell::Whole(days)),
        ("disbursed", Cell::Day(disbursed)),
    ];
    let own = if dataset == CORPORATE {
        vec![
            ("customer_name", Cell::text(register.company(rng))),
            ("doc_type", Cell::text("1")),
            ("doc_no", Cell::text(identity::draw_credit_code(rng, "91", division.0))),
            ("legal_rep", Cell::text(names::person(rng))),
        ]
    } else {
        let male = rng.chance(55);
        vec![
            ("customer_name", Cell::text(names::person(rng))),
            ("doc_type", Cell::text("2")),
            ("doc_no", Cell::text(identity::draw_resident_id(rng, division.0, male))),
            ("sex", Cell::text(if male { "1" } else { "2" })),
            ("phone", Cell::text(identity::draw_mobile(rng))),
            ("loan_kind", Cell::text(rng.pick(&["1", "4", "6", "7", "8", "8"]))),
        ]
    };
    let cells: Vec<_> = shared.into_iter().chain(own).collect();
    world.add(dataset, unit, standing, &cells);
}
