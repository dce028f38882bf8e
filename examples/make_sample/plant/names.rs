//! Names that are no names of their kind, and numbers that stand for several names.

use super::Planter;
use crate::{
    identity,
    model::{AFFILIATES, CORPORATE, CUSTOMERS, Cell, GUARANTEES, PERSONAL, Record, SHAREHOLDERS, World},
    names,
    union::CSV,
};

fn person(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "2"
}

fn organisation(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "1"
}

fn any(_: &World, _: &Record) -> bool {
    true
}

pub fn plant(p: &mut Planter) {
    dots(p);
    persons(p);
    organisations(p);
    asterisks(p);
    several_names(p);
    several_persons(p);
}

/// Signs that stand for the middle dot; the csv unit's character set has only the full stop.
fn dots(p: &mut Planter) {
    let not_csv = |_: &World, record: &Record| record.unit != CSV;
    for (dataset, field, rule) in [
        (CUSTOMERS, "legal_rep", "CUST-REP-004"),
        (SHAREHOLDERS, "shareholder_name", "SHR-NAM-002"),
        (GUARANTEES, "guarantor_name", "GTY-NAM-002"),
        (CORPORATE, "legal_rep", "RDC-REP-002"),
        (PERSONAL, "customer_name", "RDP-NAM-002"),
    ] {
        let of_person = |world: &World, record: &Record| {
            ![SHAREHOLDERS, GUARANTEES].contains(&record.dataset) || person(world, record)
        };
        let wanted = |world: &World, record: &Record| not_csv(world, record) && of_person(world, record);
        p.spread_fault(dataset, wanted, &[(field, Cell::text("宝音•格日勒"))], &[rule]);
        p.spread_fault(dataset, of_person, &[(field, Cell::text("巴特尔.朝鲁"))], &[rule]);
        // Not at fault: the middle dot itself.
        p.spread_fault(dataset, of_person, &[(field, Cell::text("萨仁·其木格"))], &[]);
    }
}

fn persons(p: &mut Planter) {
    for name in ["示例旗隆顺商贸有限公司", "王文（代持）"] {
        p.spread_fault(SHAREHOLDERS, person, &[("shareholder_name", Cell::text(name))], &["SHR-NAM-003"]);
        p.spread_fault(GUARANTEES, person, &[("guarantor_name", Cell::text(name))], &["GTY-NAM-004"]);
    }
    for name in ["示例旗穗丰粮油有限公司", "不详"] {
        p.spread_fault(CORPORATE, any, &[("legal_rep", Cell::text(name))], &["RDC-REP-001"]);
    }
}

fn organisations(p: &mut Planter) {
    for name in ["瑞丰源商贸", "裕兴矿业（原）"] {
        p.spread_fault(GUARANTEES, organisation, &[("guarantor_name", Cell::text(name))], &["GTY-NAM-001"]);
    }
}

/// Only a customer abroad may be shown as asterisks.
fn asterisks(p: &mut Planter) {
    for (country, rules) in [("CHN", &["CUST-NAM-008"][..]), ("HKG", &[]), ("MAC", &[])] {
        let id = p.spread(CUSTOMERS, |_, customer| customer.text("customer_type") == "A2");
        let code = p.text(id, "customer_code");
        p.rewrite(&code, "customer_name", "*********");
        if country != "CHN" {
            super::foreign::abroad(p, id, country);
        }
        p.expect_all(id, rules);
    }
}

/// The name with another form of company.
fn other_form(name: &str) -> String {
    if name.contains("有限责任公司") {
        name.replace("有限责任公司", "有限公司")
    } else {
        name.replace("有限公司", "有限责任公司")
    }
}

fn name_field(dataset: usize) -> &'static str {
    match dataset {
        SHAREHOLDERS => "shareholder_name",
        AFFILIATES => "affiliate_name",
        GUARANTEES => "guarantor_name",
        _ => "customer_name",
    }
}

/// One organisation in three records: two have one name, the third another.
fn several_names(p: &mut Planter) {
    let outside =
        |dataset: usize| move |world: &World, record: &Record| dataset == AFFILIATES || organisation(world, record);
    for (right, wrong, rule) in [
        ([AFFILIATES, SHAREHOLDERS], SHAREHOLDERS, "SHR-NAM-004"),
        ([GUARANTEES, SHAREHOLDERS], AFFILIATES, "AFF-NAM-002"),
        ([AFFILIATES, AFFILIATES], GUARANTEES, "GTY-NAM-003"),
        ([CORPORATE, GUARANTEES], GUARANTEES, "GTY-NAM-003"),
        ([SHAREHOLDERS, CORPORATE], CORPORATE, "RDC-NAM-002"),
        ([AFFILIATES, GUARANTEES], CORPORATE, "RDC-NAM-002"),
    ] {
        let company = |world: &World, record: &Record| {
            outside(right[0])(world, record) && record.text(name_field(right[0])).ends_with("公司")
        };
        let first = p.spread(right[0], company);
        let (name, number) = (p.text(first, name_field(right[0])), p.text(first, "doc_no"));
        let second = p.spread(right[1], outside(right[1]));
        let third = p.spread(wrong, outside(wrong));
        for (id, dataset, name) in [(second, right[1], name.clone()), (third, wrong, other_form(&name))] {
            p.set(id, name_field(dataset), Cell::text(name));
            p.set(id, "doc_no", Cell::text(number.clone()));
        }
        p.expect(third, rule);
    }
    // A customer whom two others name differently.
    for _ in 0..2 {
        let company = |_: &World, customer: &Record| {
            customer.text("doc_no").len() == 18 && customer.text("customer_name").ends_with("公司")
        };
        let id = p.spread(CUSTOMERS, company);
        let (name, number) = (p.text(id, "customer_name"), p.text(id, "doc_no"));
        for _ in 0..2 {
            let affiliate = p.spread(AFFILIATES, any);
            p.set(affiliate, "affiliate_name", Cell::text(other_form(&name)));
            p.set(affiliate, "doc_no", Cell::text(number.clone()));
        }
        p.expect(id, "CUST-NAM-006");
    }
}

/// One person in three records: two have one name, the third another.
fn several_persons(p: &mut Planter) {
    for (dataset, name, kind, number, rule) in [
        (CUSTOMERS, "legal_rep", "legal_rep_doc_type", "legal_rep_doc_no", "CUST-REP-003"),
        (CUSTOMERS, "legal_rep", "legal_rep_doc_type", "legal_rep_doc_no", "CUST-REP-003"),
        (SHAREHOLDERS, "shareholder_name", "doc_type", "doc_no", "SHR-NAM-004"),
        (GUARANTEES, "guarantor_name", "doc_type", "doc_no", "GTY-NAM-003"),
        (PERSONAL, "customer_name", "doc_type", "doc_no", "RDP-NAM-003"),
        (PERSONAL, "customer_name", "doc_type", "doc_no", "RDP-NAM-003"),
    ] {
        // Of small shares, so that it does not connect the two customers.
        let one = p.spread(SHAREHOLDERS, |world, r| person(world, r) && r.cents("share_percent") < 5_000);
        let two = p.spread(GUARANTEES, person);
        p.set(two, "guarantor_name", Cell::text(p.text(one, "shareholder_name")));
        p.set(two, "doc_no", Cell::text(p.text(one, "doc_no")));
        let id = p.spread(dataset, |_, record| record.text(kind) == "2");
        p.set(id, number, Cell::text(p.text(one, "doc_no")));
        let other = names::plain_person(p.rng) + "娃";
        p.set(id, name, Cell::text(other));
        if dataset == PERSONAL {
            let male = p.text(one, "doc_no").as_bytes()[16] % 2 == 1;
            p.set(id, "sex", Cell::text(if male { "1" } else { "2" }));
        }
        p.expect(id, rule);
    }
    // Not at fault: the same person under one name in three tables.
    let male_number = identity::draw_resident_id(p.rng, "150102", true);
    for (dataset, name, kind, number) in [
        (CUSTOMERS, "legal_rep", "legal_rep_doc_type", "legal_rep_doc_no"),
        (GUARANTEES, "guarantor_name", "doc_type", "doc_no"),
        (PERSONAL, "customer_name", "doc_type", "doc_no"),
    ] {
        let id = p.spread(dataset, |_, record| record.text(kind) == "2");
        p.set(id, name, Cell::text("那日苏"));
        p.set(id, number, Cell::text(male_number.clone()));
        if dataset == PERSONAL {
            p.set(id, "sex", Cell::text("1"));
        }
    }
}
