//! What each field demands by itself: filled in, not too long, a code of its list, of its width. One fault for each rule
//! that is not planted elsewhere, and what follows from it in other rules.

use super::{Planter, loans_of};
use crate::model::{
    AFFILIATES, CORPORATE, CUSTOMERS, Cell, GUARANTEES, LOANS, PERSONAL, Record, SHAREHOLDERS, UNITS, World,
};

type Wanted = fn(&World, &Record) -> bool;

fn any(_: &World, _: &Record) -> bool {
    true
}

fn person(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "2"
}

fn organisation(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "1"
}

/// In good standing, and nothing refers to it: no surety, no syndicate.
fn plain(_: &World, loan: &Record) -> bool {
    loan.text("status") == "1" && loan.text("guarantee_kind") == "4" && loan.text("syndicated") == "0"
}

/// Counts in no sum.
fn cancelled(_: &World, loan: &Record) -> bool {
    loan.text("status") == "9"
}

/// Its loan needs no surety.
fn not_a_surety(_: &World, guarantee: &Record) -> bool {
    guarantee.text("guarantee_type") == "1" || guarantee.text("guarantee_type") == "2"
}

fn one_of_several(world: &World, shareholder: &Record) -> bool {
    let code = shareholder.text("customer_code");
    world.current(SHAREHOLDERS).filter(|other| other.text("customer_code") == code).count() > 1
}

pub fn plant(p: &mut Planter) {
    blank(p);
    balance_blank(p);
    coded(p);
    long(p);
    narrow(p);
    customer_without_code(p);
    customer_with_long_code(p);
    customer_with_long_name(p);
    roster(p);
}

fn prefix(dataset: usize) -> &'static str {
    ["UNIT", "CUST", "SHR", "AFF", "GTY", "LOAN", "RDC", "RDP"][dataset]
}

/// Sets a cell of a row in some unit and expects the rule of the field and the others.
fn cell(p: &mut Planter, (dataset, field): (usize, &str), wanted: Wanted, kind: &str, value: Cell, others: &[&str]) {
    let id = p.row(dataset, field, wanted);
    p.set(id, field, value);
    p.expect(id, &format!("{}-{kind}-{}", prefix(dataset), field.to_uppercase()));
    p.expect_all(id, others);
}

fn blank(p: &mut Planter) {
    let fields: &[(usize, Wanted, &[&str])] = &[
        (
            CUSTOMERS,
            any,
            &["unit_code", "customer_name", "customer_type", "legal_rep_doc_type", "legal_rep_doc_no", "area_code"],
        ),
        (SHAREHOLDERS, any, &["shareholder_name", "shareholder_type", "doc_type", "share_percent"]),
        (SHAREHOLDERS, one_of_several, &["customer_code"]),
        (AFFILIATES, any, &["customer_code", "affiliate_name", "doc_type"]),
        (
            GUARANTEES,
            not_a_surety,
            &[
                "guarantee_no",
                "contract_no",
                "customer_code",
                "guarantee_type",
                "guarantor_name",
                "doc_type",
                "guaranteed_amount",
            ],
        ),
        (
            LOANS,
            plain,
            &[
                "unit_code",
                "loan_no",
                "contract_no",
                "customer_name",
                "currency",
                "amount",
                "disbursed",
                "guarantee_kind",
                "status",
            ],
        ),
        (LOANS, cancelled, &["customer_code"]),
        (
            CORPORATE,
            any,
            &[
                "loan_no",
                "customer_name",
                "doc_type",
                "legal_rep",
                "address",
                "area_code",
                "default_type",
                "loan_amount",
                "default_amount",
                "default_days",
                "disbursed",
            ],
        ),
        (
            PERSONAL,
            any,
            &[
                "loan_no",
                "customer_name",
                "doc_type",
                "address",
                "area_code",
                "loan_kind",
                "default_type",
                "loan_amount",
                "default_amount",
                "default_days",
                "disbursed",
            ],
        ),
    ];
    for (dataset, wanted, fields) in fields {
        for field in *fields {
            cell(p, (*dataset, field), *wanted, "REQ", Cell::Blank, &[]);
        }
    }
}

/// A loan without a balance owes nothing, so its customer's balance is less by it.
fn balance_blank(p: &mut Planter) {
    let one_of_several = |world: &World, loan: &Record| {
        let other = |other: &Record| other.id != loan.id && other.text("status") != "9" && other.cents("balance") > 0;
        plain(world, loan) && loans_of(world, loan.text("customer_code")).any(other)
    };
    let id = p.spread_fault(LOANS, one_of_several, &[("balance", Cell::Blank)], &["LOAN-REQ-BALANCE"]);
    p.tie(&p.text(id, "customer_code"));
}

fn coded(p: &mut Planter) {
    let fields: &[(usize, &str, Wanted, &str, &[&str])] = &[
        (CUSTOMERS, "doc_type", any, "13", &["CUST-DOC-009"]),
        (CUSTOMERS, "legal_rep_doc_type", any, "0", &[]),
        (SHAREHOLDERS, "doc_type", person, "13", &[]),
        (AFFILIATES, "doc_type", any, "A", &["AFF-DOC-004"]),
        (AFFILIATES, "relation_type", any, "9", &[]),
        (GUARANTEES, "doc_type", person, "20", &[]),
        (LOANS, "loan_type", any, "7", &[]),
        (LOANS, "issue_type", any, "9", &[]),
        (LOANS, "guarantee_kind", plain, "8", &[]),
        (LOANS, "syndicated", plain, "2", &[]),
        (LOANS, "lead_role", plain, "3", &[]),
        (LOANS, "status", plain, "5", &[]),
        (CORPORATE, "doc_type", any, "13", &["RDC-DOC-004"]),
        (PERSONAL, "doc_type", any, "13", &[]),
        (PERSONAL, "default_type", any, "0", &[]),
        (PERSONAL, "sex", any, "3", &[]),
    ];
    for (dataset, field, wanted, value, others) in fields {
        cell(p, (*dataset, field), *wanted, "COD", Cell::text(*value), others);
    }
}

/// One character more than the field takes.
fn long(p: &mut Planter) {
    let number = |length: usize| Cell::text("EB7301942/".repeat(6).chars().take(length).collect::<String>());
    let firm = |length: usize| {
        let form = "有限责任公司";
        Cell::text("示例旗瑞丰源农牧业开发".chars().cycle().take(length - 6).collect::<String>() + form)
    };
    let fields: &[(usize, &str, Wanted, Cell, &[&str])] = &[
        (CUSTOMERS, "doc_no", organisation, number(31), &["CUST-DOC-003"]),
        (CUSTOMERS, "legal_rep", any, firm(51), &["CUST-REP-002"]),
        (SHAREHOLDERS, "shareholder_name", organisation, firm(101), &[]),
        (AFFILIATES, "affiliate_name", any, firm(101), &[]),
        (AFFILIATES, "doc_no", any, number(31), &["AFF-DOC-001"]),
        (GUARANTEES, "guarantee_no", any, number(41), &[]),
        (GUARANTEES, "contract_no", not_a_surety, number(41), &["GTY-REF-001"]),
        (GUARANTEES, "doc_no", organisation, number(31), &["GTY-DOC-001"]),
        (GUARANTEES, "guarantor_name", organisation, firm(101), &[]),
        (LOANS, "loan_no", plain, number(41), &[]),
        (LOANS, "customer_code", cancelled, Cell::text("91150102MA0NABCD5T-01"), &["LOAN-REF-001"]),
        (CORPORATE, "loan_no", any, number(41), &[]),
        (CORPORATE, "customer_name", any, firm(101), &[]),
        (CORPORATE, "doc_no", any, number(31), &["RDC-DOC-001"]),
        (PERSONAL, "loan_no", any, number(41), &[]),
        (PERSONAL, "customer_name", any, firm(51), &["RDP-NAM-001"]),
        (PERSONAL, "doc_no", any, number(31), &["RDP-DOC-001"]),
    ];
    for (dataset, field, wanted, value, others) in fields {
        cell(p, (*dataset, field), *wanted, "LEN", value.clone(), others);
    }
    for (dataset, rule) in [(CORPORATE, "RDC-LEN-ADDRESS"), (PERSONAL, "RDP-LEN-ADDRESS")] {
        let id = p.row(dataset, "address", any);
        let address = p.text(id, "address");
        let more: String = "，经营场所见附页".chars().cycle().take(201 - address.chars().count()).collect();
        p.set(id, "address", Cell::text(address + &more));
        p.expect(id, rule);
    }
    // The credit code with its last character twice.
    let long_document = |_: &World, customer: &Record| customer.text("doc_no").len() == 18;
    let id = p.row(CUSTOMERS, "credit_code", long_document);
    let credit_code = p.text(id, "credit_code");
    p.set(id, "credit_code", Cell::text(format!("{credit_code}{}", &credit_code[17..])));
    p.expect_all(id, &["CUST-LEN-CREDIT_CODE", "CUST-DOC-004"]);
}

fn narrow(p: &mut Planter) {
    let hohhot: Wanted = |_, record| record.text("area_code").starts_with("1501");
    for (dataset, field, wanted, value, other) in [
        (CUSTOMERS, "unit_code", any as Wanted, "1501021", "CUST-UNT-001"),
        (LOANS, "unit_code", any, "150102A", "LOAN-UNT-001"),
        (CUSTOMERS, "area_code", hohhot, "15010A1", "CUST-ARE-001"),
        (CORPORATE, "area_code", any, "1501022", "RDC-ARE-001"),
    ] {
        cell(p, (dataset, field), wanted, "WID", Cell::text(value), &[other]);
    }
}

/// All records of a customer, of one dataset, in October.
fn of_customer(world: &World, dataset: usize, code: &str) -> Vec<usize> {
    world.current(dataset).filter(|record| record.text("customer_code") == code).map(|record| record.id).collect()
}

/// Whatever names the customer's code names nobody.
fn customer_without_code(p: &mut Planter) {
    let id = p.spread(CUSTOMERS, any);
    let code = p.text(id, "customer_code");
    p.set(id, "customer_code", Cell::Blank);
    p.expect(id, "CUST-REQ-CUSTOMER_CODE");
    for (dataset, rule) in [(SHAREHOLDERS, "SHR-REF-001"), (AFFILIATES, "AFF-REF-001"), (LOANS, "LOAN-REF-001")] {
        for id in of_customer(p.world, dataset, &code) {
            p.expect(id, rule);
        }
    }
}

/// A note behind the code, in all tables.
fn customer_with_long_code(p: &mut Planter) {
    let complete = |world: &World, customer: &Record| {
        let code = customer.text("customer_code");
        code.len() == 18
            && [AFFILIATES, GUARANTEES].iter().all(|dataset| !of_customer(world, *dataset, code).is_empty())
    };
    let id = p.spread(CUSTOMERS, complete);
    let code = p.text(id, "customer_code");
    let long = format!("{code}-01");
    for (dataset, rule) in [
        (CUSTOMERS, "CUST-LEN-CUSTOMER_CODE"),
        (CUSTOMERS, "CUST-NUM-001"),
        (SHAREHOLDERS, "SHR-LEN-CUSTOMER_CODE"),
        (AFFILIATES, "AFF-LEN-CUSTOMER_CODE"),
        (GUARANTEES, "GTY-LEN-CUSTOMER_CODE"),
        (LOANS, "LOAN-LEN-CUSTOMER_CODE"),
    ] {
        for id in of_customer(p.world, dataset, &code) {
            p.expect(id, rule);
        }
    }
    p.rewrite(&code, "customer_code", &long);
}

fn customer_with_long_name(p: &mut Planter) {
    let id = p.spread(CUSTOMERS, |world, customer| loans_of(world, customer.text("customer_code")).count() > 1);
    let code = p.text(id, "customer_code");
    let name = p.text(id, "customer_name");
    let long: String = "示例旗农牧业产业化联合体".chars().cycle().take(101 - name.chars().count()).collect();
    p.rewrite(&code, "customer_name", &(long + &name));
    p.expect(id, "CUST-LEN-CUSTOMER_NAME");
    for id in of_customer(p.world, LOANS, &code) {
        p.expect(id, "LOAN-LEN-CUSTOMER_NAME");
    }
}

/// The roster. A unit listed again, or without a code, is no further unit; a code of another width would be one, which
/// hands in nothing, so UNIT-WID-UNIT_CODE is shown by its examples only.
fn roster(p: &mut Planter) {
    let long =
        "王文明（报送）、李丽娟（复核），国庆值班期间由周海燕代报，联系方式见社部通讯录第三页，节后恢复原报送人员安排";
    let unit = |p: &Planter, at: usize| p.world.of(UNITS).nth(at).map(|unit| unit.id).expect("twelve units");
    for (at, field, cell, rule) in [
        (6, "officer", Cell::Blank, "UNIT-REQ-OFFICER"),
        (2, "officer", Cell::text(long), "UNIT-LEN-OFFICER"),
        (8, "reviewer", Cell::text(long), "UNIT-LEN-REVIEWER"),
        (4, "handover", Cell::text(long.repeat(2)), "UNIT-LEN-HANDOVER"),
    ] {
        let id = unit(p, at);
        p.set(id, field, cell);
        p.expect(id, rule);
    }
    let last = unit(p, 11);
    p.expect(last, "UNIT-KEY-001");
    let long_name = p.text(last, "unit_name") + &"（含流动服务点）".repeat(8);
    for (field, cell, rules) in [
        ("unit_name", Cell::text(long_name), &["UNIT-KEY-001", "UNIT-LEN-UNIT_NAME"][..]),
        ("unit_name", Cell::Blank, &["UNIT-KEY-001", "UNIT-REQ-UNIT_NAME"]),
        ("unit_code", Cell::Blank, &["UNIT-REQ-UNIT_CODE"]),
    ] {
        let again = p.copy(last);
        p.set(again, field, cell);
        p.expect_all(again, rules);
    }
}
