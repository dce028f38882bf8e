//! Faults of shareholders, affiliates and guarantees.

use super::Planter;
use crate::{
    identity,
    model::{AFFILIATES, Cell, GUARANTEES, Record, SHAREHOLDERS, World, day},
    names,
    union::{CSV, EPOCH_1904, HEAD, HIDDEN, LATE, MANY_FILES, ODS, OLD_EXCEL, OTHER_HEADINGS, UNTIDY},
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

/// A guarantee whose loan does not depend on it being there.
fn not_a_surety(_: &World, record: &Record) -> bool {
    record.text("guarantee_type") != "3"
}

pub fn plant(p: &mut Planter) {
    shareholders(p);
    affiliates(p);
    guarantees(p);
}

/// Takes a record and spoils the check digit of its number.
fn spoil(p: &mut Planter, place: (usize, usize), wanted: fn(&World, &Record) -> bool, rule: &str) {
    let id = p.take(place.0, place.1, wanted);
    p.set(id, "doc_no", Cell::text(identity::spoiled(&p.text(id, "doc_no"))));
    p.expect(id, rule);
}

/// A person's name, declared as an organisation, with a personal number: the contradiction Article 8 (4) names.
fn contradict(p: &mut Planter, (dataset, unit): (usize, usize), name: &str, rule: &str) {
    let id = p.take(dataset, unit, person);
    let plain = names::plain_person(p.rng);
    p.set(id, name, Cell::text(plain));
    p.set(id, "doc_type", Cell::text("1"));
    p.expect(id, rule);
}

fn shareholders(p: &mut Planter) {
    for unit in [HEAD, ODS] {
        let like = p.take(SHAREHOLDERS, unit, any);
        let id = p.copy(like);
        let nobody = identity::draw_credit_code(p.rng, "91", "150121");
        p.set(id, "customer_code", Cell::text(nobody));
        p.expect(id, "SHR-REF-001");
    }
    spoil(p, (SHAREHOLDERS, UNTIDY), organisation, "SHR-DOC-001");
    spoil(p, (SHAREHOLDERS, OLD_EXCEL), organisation, "SHR-DOC-001");
    spoil(p, (SHAREHOLDERS, CSV), person, "SHR-DOC-002");
    spoil(p, (SHAREHOLDERS, OTHER_HEADINGS), person, "SHR-DOC-002");
    for unit in [MANY_FILES, LATE] {
        contradict(p, (SHAREHOLDERS, unit), "shareholder_name", "SHR-DOC-003");
    }
    p.fault((SHAREHOLDERS, HIDDEN), person, &[("doc_no", Cell::Blank)], &["SHR-DOC-004"]);
    for (unit, name) in [(EPOCH_1904, "瑞丰源商贸"), (HEAD, "禾牧乳业")] {
        p.fault((SHAREHOLDERS, unit), organisation, &[("shareholder_name", Cell::text(name))], &["SHR-NAM-001"]);
    }
    for (unit, share) in [(CSV, 0), (UNTIDY, -500)] {
        p.fault((SHAREHOLDERS, unit), any, &[("share_percent", Cell::Cents(share))], &["SHR-PCT-001"]);
    }
    // A hundredth too much; exactly 100 is in the clean records.
    let all = [("share_percent", Cell::Cents(10_001))];
    let sole = |_: &World, record: &Record| record.cents("share_percent") == 10_000;
    p.fault((SHAREHOLDERS, ODS), sole, &all, &["SHR-PCT-001", "SHR-PCT-002"]);
    // Both rows of the customer take part in the sum.
    let id = p.take(SHAREHOLDERS, OTHER_HEADINGS, |world, record| {
        let code = record.text("customer_code");
        world.current(SHAREHOLDERS).filter(|other| other.text("customer_code") == code).count() == 2
    });
    let code = p.text(id, "customer_code");
    let both: Vec<usize> =
        p.world.current(SHAREHOLDERS).filter(|r| r.text("customer_code") == code).map(|r| r.id).collect();
    for id in both {
        p.set(id, "share_percent", Cell::Cents(6_000));
        p.expect(id, "SHR-PCT-002");
    }
    p.fault((SHAREHOLDERS, EPOCH_1904), any, &[("shareholder_type", Cell::text("8"))], &["SHR-COD-SHAREHOLDER_TYPE"]);
    let other_document =
        [("doc_type", Cell::text("9")), ("doc_no", Cell::text("EB7301942/EB8816203/EB9027715/EC1173064"))];
    p.fault((SHAREHOLDERS, LATE), person, &other_document, &["SHR-LEN-DOC_NO"]);
}

fn affiliates(p: &mut Planter) {
    let like = p.take(AFFILIATES, OLD_EXCEL, any);
    let id = p.copy(like);
    let nobody = identity::draw_credit_code(p.rng, "91", "150122");
    p.set(id, "customer_code", Cell::text(nobody));
    p.expect(id, "AFF-REF-001");
    for (unit, name) in [(MANY_FILES, "腾润物流"), (ODS, "盛康新能源（筹）")] {
        p.fault((AFFILIATES, unit), any, &[("affiliate_name", Cell::text(name))], &["AFF-NAM-001"]);
    }
    spoil(p, (AFFILIATES, CSV), any, "AFF-DOC-001");
    spoil(p, (AFFILIATES, HEAD), any, "AFF-DOC-001");
    p.fault((AFFILIATES, EPOCH_1904), any, &[("relation_type", Cell::Blank)], &["AFF-REQ-RELATION_TYPE"]);
}

fn guarantees(p: &mut Planter) {
    for unit in [CSV, LATE] {
        let nowhere = [("contract_no", Cell::text("示农信借字2019第9001号"))];
        p.fault((GUARANTEES, unit), not_a_surety, &nowhere, &["GTY-REF-001"]);
    }
    spoil(p, (GUARANTEES, HEAD), organisation, "GTY-DOC-001");
    spoil(p, (GUARANTEES, UNTIDY), organisation, "GTY-DOC-001");
    spoil(p, (GUARANTEES, OLD_EXCEL), person, "GTY-DOC-002");
    for unit in [ODS, HIDDEN] {
        contradict(p, (GUARANTEES, unit), "guarantor_name", "GTY-DOC-003");
    }
    let id = p.take(GUARANTEES, MANY_FILES, person);
    // The check digit is right, but no division ever had this code.
    p.set(id, "doc_no", Cell::text(identity::resident_id("159902", day(1988, 12, 9), 42)));
    p.expect(id, "GTY-DOC-002");
    for (unit, amount) in [(OTHER_HEADINGS, 0), (EPOCH_1904, -100)] {
        p.fault((GUARANTEES, unit), any, &[("guaranteed_amount", Cell::Cents(amount))], &["GTY-AMT-001"]);
    }
    p.fault((GUARANTEES, OTHER_HEADINGS), any, &[("guarantee_type", Cell::text("9"))], &["GTY-COD-GUARANTEE_TYPE"]);
}
