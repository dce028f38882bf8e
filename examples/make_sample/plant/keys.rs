//! Records that share the key of another.

use super::Planter;
use crate::{
    model::{AFFILIATES, CORPORATE, CUSTOMERS, Cell, GUARANTEES, LOANS, PERSONAL, Record, SHAREHOLDERS, World},
    union::{CSV, EPOCH_1904, HEAD, HIDDEN, LATE, MANY_FILES, OLD_EXCEL},
};

fn any(_: &World, _: &Record) -> bool {
    true
}

pub fn plant(p: &mut Planter) {
    // The whole customer twice: figures still tie, and name and code still agree.
    let id = p.take(CUSTOMERS, MANY_FILES, any);
    let copy = p.copy(id);
    both(p, id, copy, "CUST-KEY-001");

    // Numbers of another record: everything else of the two stays as it was.
    for (dataset, unit, field, rule) in [
        (LOANS, OLD_EXCEL, "loan_no", "LOAN-KEY-001"),
        (LOANS, LATE, "loan_no", "LOAN-KEY-001"),
        (GUARANTEES, EPOCH_1904, "guarantee_no", "GTY-KEY-001"),
        (CORPORATE, HIDDEN, "loan_no", "RDC-KEY-001"),
        (PERSONAL, LATE, "loan_no", "RDP-KEY-001"),
    ] {
        let (one, other) = (p.take(dataset, unit, any), p.take(dataset, unit, any));
        p.set(other, field, Cell::text(p.text(one, field)));
        both(p, one, other, rule);
    }

    // The same holding twice, half of it each: the sum of the shares stays what it was.
    let id = p.take(SHAREHOLDERS, HEAD, |_, record| record.cents("share_percent") == 6_000);
    let copy = p.copy(id);
    for id in [id, copy] {
        p.set(id, "share_percent", Cell::Cents(3_000));
    }
    both(p, id, copy, "SHR-KEY-001");
    both(p, id, copy, "SHR-UNQ-001");
    let id = p.take(AFFILIATES, CSV, any);
    let copy = p.copy(id);
    both(p, id, copy, "AFF-KEY-001");
    both(p, id, copy, "AFF-UNQ-001");
}

fn both(p: &mut Planter, one: usize, other: usize, rule: &str) {
    p.expect(one, rule);
    p.expect(other, rule);
}
