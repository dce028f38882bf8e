//! Document types and numbers that contradict each other, are missing, or are used twice.

use super::Planter;
use crate::{
    identity,
    model::{AFFILIATES, CORPORATE, CUSTOMERS, Cell, GUARANTEES, PERSONAL, Record, SHAREHOLDERS, World, day},
    union::LATE,
};

fn any(_: &World, _: &Record) -> bool {
    true
}

fn person(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "2"
}

fn organisation(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "1"
}

fn enterprise(_: &World, customer: &Record) -> bool {
    customer.text("customer_type").starts_with('A')
}

fn institution(_: &World, customer: &Record) -> bool {
    customer.text("customer_type") == "C"
}

/// The document number is the credit code.
fn by_credit_code(_: &World, customer: &Record) -> bool {
    customer.text("doc_no").len() == 18
}

fn represented(_: &World, customer: &Record) -> bool {
    customer.text("legal_rep_doc_type") == "2"
}

pub fn plant(p: &mut Planter) {
    customers(p);
    representatives(p);
    types(p);
    twice(p);
    retail(p);
}

fn text(value: &str) -> Cell {
    Cell::text(value)
}

fn customers(p: &mut Planter) {
    // The last character fits, the organisation code inside does not.
    for _ in 0..3 {
        let id = p.spread(CUSTOMERS, by_credit_code);
        let credit_code = p.text(id, "credit_code");
        let org = identity::spoiled(&credit_code[8..17]);
        p.set(id, "credit_code", Cell::text(identity::credit_code(&credit_code[..2], &credit_code[2..8], &org)));
        p.expect(id, "CUST-DOC-008");
    }
    for kind in ["2", "10"] {
        p.spread_fault(CUSTOMERS, enterprise, &[("doc_type", text(kind))], &["CUST-DOC-009"]);
    }
    p.spread_fault(CUSTOMERS, institution, &[("doc_type", text("12"))], &["CUST-DOC-010"]);
    // Not at fault: an institution without a document and without a number.
    p.spread_fault(CUSTOMERS, institution, &[("doc_type", text("12")), ("doc_no", Cell::Blank)], &[]);
}

fn representatives(p: &mut Planter) {
    for _ in 0..2 {
        p.spread_fault(CUSTOMERS, represented, &[("legal_rep_doc_type", text("1"))], &["CUST-REP-005"]);
    }
    // 和林格尔县 has its code since 1995: one day too early, and a code given up in 2001.
    for (number, rules) in [
        (identity::resident_id("150123", day(1994, 12, 31), 35), &["CUST-REP-006"][..]),
        (identity::resident_id("152701", day(1979, 8, 17), 256), &["CUST-REP-006"]),
        (identity::resident_id("150123", day(1995, 1, 1), 35), &[]),
    ] {
        p.spread_fault(CUSTOMERS, represented, &[("legal_rep_doc_no", Cell::text(number))], rules);
    }
}

/// Document types that do not go with the party or the number.
fn types(p: &mut Planter) {
    for _ in 0..2 {
        let number = identity::draw_org_code(p.rng);
        let cells = [("doc_type", text("1")), ("doc_no", Cell::text(number))];
        p.spread_fault(SHAREHOLDERS, person, &cells, &["SHR-DOC-005"]);
    }
    p.spread_fault(SHAREHOLDERS, organisation, &[("doc_type", text("2"))], &["SHR-DOC-005", "SHR-DOC-002"]);
    p.spread_fault(SHAREHOLDERS, organisation, &[("doc_type", text("10"))], &["SHR-DOC-005"]);
    // Not at fault: a person with a passport; an organisation without a document or a number.
    p.spread_fault(SHAREHOLDERS, person, &[("doc_type", text("10")), ("doc_no", text("EB4702936"))], &[]);
    p.spread_fault(SHAREHOLDERS, organisation, &[("doc_type", text("12")), ("doc_no", Cell::Blank)], &[]);
    for (dataset, prefix, none) in [
        (SHAREHOLDERS, "SHR-DOC-006", ""),
        (AFFILIATES, "AFF-DOC-003", "AFF-DOC-002"),
        (GUARANTEES, "GTY-DOC-005", "GTY-DOC-004"),
    ] {
        for _ in 0..2 {
            p.spread_fault(dataset, organisation, &[("doc_type", text("12"))], &[prefix]);
            if !none.is_empty() {
                p.spread_fault(dataset, organisation, &[("doc_no", Cell::Blank)], &[none]);
            }
        }
    }
    for kind in ["2", "9"] {
        p.spread_fault(AFFILIATES, any, &[("doc_type", text(kind))], &["AFF-DOC-004"]);
    }
}

/// One number for two parties of a customer, and one guarantee twice.
fn twice(p: &mut Planter) {
    let two_persons = |world: &World, record: &Record| {
        let code = record.text("customer_code");
        let own: Vec<&Record> = world.current(SHAREHOLDERS).filter(|r| r.text("customer_code") == code).collect();
        own.len() > 1 && own.iter().all(|other| other.text("doc_type") == "2")
    };
    for _ in 0..2 {
        let one = p.spread(SHAREHOLDERS, two_persons);
        let code = p.text(one, "customer_code");
        let rest =
            p.world.current(SHAREHOLDERS).find(|record| record.id != one && record.text("customer_code") == code);
        let other = rest.expect("another shareholder").id;
        p.set(other, "doc_no", Cell::text(p.text(one, "doc_no")));
        p.expect(one, "SHR-UNQ-001");
        p.expect(other, "SHR-UNQ-001");
        // Each name stands once, so the smaller one is the usual one.
        let larger = if p.text(one, "shareholder_name") > p.text(other, "shareholder_name") { one } else { other };
        p.expect(larger, "SHR-NAM-004");
    }
    for at in 0..2 {
        // One unit's table lacks the type of guarantee, which is part of the key.
        let one = p.spread(GUARANTEES, |_, guarantee| guarantee.unit != LATE);
        let other = p.copy(one);
        p.set(other, "guarantee_no", Cell::text(format!("示农信保字8{at:04}号")));
        p.expect(one, "GTY-UNQ-001");
        p.expect(other, "GTY-UNQ-001");
    }
    // Not at fault: the same guarantor in two contracts.
    let (one, other) = (p.spread(GUARANTEES, organisation), p.spread(GUARANTEES, organisation));
    for field in ["guarantor_name", "doc_no"] {
        p.set(other, field, Cell::text(p.text(one, field)));
    }
}

fn retail(p: &mut Planter) {
    for (dataset, rule) in [(CORPORATE, "RDC-DOC-003"), (PERSONAL, "RDP-DOC-003")] {
        for _ in 0..2 {
            p.spread_fault(dataset, any, &[("doc_type", text("12"))], &[rule]);
        }
        // Not at fault: no document, no number.
        p.spread_fault(dataset, any, &[("doc_type", text("12")), ("doc_no", Cell::Blank)], &[]);
    }
    for kind in ["2", "10"] {
        let number = identity::draw_resident_id(p.rng, "150102", true);
        let number = if kind == "2" { number } else { "EB5813027".to_owned() };
        let cells = [("doc_type", text(kind)), ("doc_no", Cell::text(number))];
        p.spread_fault(CORPORATE, any, &cells, &["RDC-DOC-004"]);
    }
    for _ in 0..2 {
        p.spread_fault(PERSONAL, any, &[("doc_type", text("1"))], &["RDP-DOC-004"]);
    }
    // 喀喇沁旗 has its code since 1983.
    for (born, rules) in
        [(day(1982, 12, 31), &["RDP-DOC-005"][..]), (day(1967, 5, 9), &["RDP-DOC-005"]), (day(1983, 1, 1), &[])]
    {
        let cells = [("doc_no", Cell::text(identity::resident_id("150428", born, 218))), ("sex", text("2"))];
        p.spread_fault(PERSONAL, any, &cells, rules);
    }
}
