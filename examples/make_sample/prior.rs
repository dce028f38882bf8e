//! September, worked out backwards from October before any fault is planted.

use chrono::NaiveDate;

use crate::{
    model::{CORPORATE, CUSTOMERS, Cell, LOANS, PERSONAL, Standing, World},
    rng::Rng,
    union::{EPOCH_1904, NO_CUSTOMERS},
};

/// The half-year's statement.
const OLD_STATEMENT: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day");

/// The records of September. Balances are slightly lower; the unit whose balance jumps held little more than half of
/// it, so that none of its customers' balances doubled. A customer whose statement is of September had an older one with
/// lower figures; the others had the same.
pub fn september(october: &World, rng: &mut Rng) -> World {
    let mut world = october.clone();
    for record in &mut world.records {
        match record.dataset {
            LOANS => take_back_loan(record, rng),
            CUSTOMERS => {
                let permille = rng.between(985, 998);
                if record.day("statement_date") != OLD_STATEMENT {
                    for field in ["total_assets", "total_liabilities"] {
                        record.set(field, Cell::Cents(record.cents(field) * permille / 1_000));
                    }
                    record.set("statement_date", Cell::Day(OLD_STATEMENT));
                }
            }
            CORPORATE | PERSONAL => {
                if let Cell::Whole(days) = *record.get("default_days") {
                    record.set("default_days", Cell::Whole(days - 31));
                }
            }
            _ => {}
        }
    }
    world.tie_balances(Standing::New);
    world.records.retain(|record| record.standing != Standing::New);
    world
}

fn take_back_loan(loan: &mut crate::model::Record, rng: &mut Rng) {
    let balance = loan.cents("balance");
    let before = match loan.unit {
        EPOCH_1904 => balance * 21 / 40,
        NO_CUSTOMERS => balance,
        _ => balance * rng.between(990, 1_000) / 1_000,
    };
    loan.set("balance", Cell::Cents(before));
    let &Cell::Whole(days) = loan.get("overdue_days") else { return };
    if days == 0 {
        return;
    }
    if days > 31 {
        loan.set("overdue_days", Cell::Whole(days - 31));
        loan.set("overdue_amount", Cell::Cents(loan.cents("overdue_amount").min(before)));
    } else {
        loan.set("status", Cell::text("1"));
        loan.set("overdue_days", Cell::Whole(0));
        loan.set("overdue_amount", Cell::Cents(0));
    }
    loan.set("interest_arrears", Cell::Cents(0));
    loan.set("arrears_days", Cell::Whole(0));
}
