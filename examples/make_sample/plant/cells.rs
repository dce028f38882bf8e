//! Cells that cannot be typed, and cells Excel or copying damaged. Rules that read a value that is gone say nothing.

use super::Planter;
use crate::{
    model::{AFFILIATES, CORPORATE, CUSTOMERS, Cell, GUARANTEES, LOANS, PERSONAL, Record, SHAREHOLDERS, World, day},
    union::{CSV, EPOCH_1904, HEAD, HIDDEN, LATE, MANY_FILES, NO_CUSTOMERS, ODS, OLD_EXCEL, OTHER_HEADINGS, UNTIDY},
};

fn any(_: &World, _: &Record) -> bool {
    true
}

fn unsecured(_: &World, loan: &Record) -> bool {
    loan.text("guarantee_kind") == "4"
}

fn person(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "2"
}

fn organisation(_: &World, record: &Record) -> bool {
    record.text("doc_type") == "1"
}

fn holds_a_rest(_: &World, shareholder: &Record) -> bool {
    shareholder.cents("share_percent") < 6_000
}

pub fn plant(p: &mut Planter) {
    untypable(p);
    damaged(p);
    odd_characters(p);
}

fn untypable(p: &mut Planter) {
    for (dataset, unit, field, cell, rule) in [
        (CUSTOMERS, HEAD, "registered_capital", Cell::text("约五百万"), "CELL-TYP-001"),
        (GUARANTEES, CSV, "collateral_value", Cell::text("待评估"), "CELL-TYP-001"),
        (CUSTOMERS, UNTIDY, "founded", Cell::text("不详"), "CELL-TYP-002"),
        (CUSTOMERS, CSV, "statement_date", Cell::text("2026-13-31"), "CELL-TYP-002"),
        (PERSONAL, MANY_FILES, "default_days", Cell::Number(95.5), "CELL-TYP-003"),
        (LOANS, OLD_EXCEL, "arrears_days", Cell::Number(10.5), "CELL-TYP-003"),
        (CORPORATE, HEAD, "default_amount", Cell::Number(12_345.678), "CELL-TYP-004"),
        (CUSTOMERS, HIDDEN, "total_assets", Cell::Error("#N/A"), "CELL-TYP-005"),
        (GUARANTEES, LATE, "collateral_value", Cell::Error("#DIV/0!"), "CELL-TYP-005"),
        (LOANS, HEAD, "annual_rate", Cell::Error("#VALUE!"), "CELL-TYP-005"),
        (CUSTOMERS, MANY_FILES, "total_liabilities", Cell::Unfinished("S3*0.6"), "CELL-TYP-006"),
        (GUARANTEES, EPOCH_1904, "collateral_value", Cell::Unfinished("H3*1.5"), "CELL-TYP-006"),
    ] {
        p.fault((dataset, unit), any, &[(field, cell)], &[&format!("{rule}@{field}")]);
    }
    let third = [("share_percent", Cell::Number(33.333))];
    p.fault((SHAREHOLDERS, EPOCH_1904), holds_a_rest, &third, &["CELL-TYP-004@share_percent"]);
}

/// What a sheet shows otherwise than it is stored. Placed after all others, which keep their places.
pub fn plant_shown(p: &mut Planter) {
    // 500.01 in a column of 10,000 yuan, but held as 5,000,100 yuan.
    let capital = [("registered_capital", Cell::Formatted(5_000_100.0, "0\\.0,"))];
    p.fault((CUSTOMERS, HEAD), any, &capital, &["CELL-TYP-007@registered_capital"]);
    let founded = [("founded", Cell::Covered)];
    p.fault((CUSTOMERS, MANY_FILES), below_a_date, &founded, &["CELL-MRG-001@founded"]);
}

/// The record above it in its sheet says when the customer was founded.
fn below_a_date(world: &World, record: &Record) -> bool {
    let above = world.current(CUSTOMERS).filter(|other| other.unit == record.unit && other.id < record.id);
    above.max_by_key(|other| other.id).is_some_and(|above| matches!(above.get("founded"), Cell::Day(_)))
}

fn damaged(p: &mut Planter) {
    // Digits after the fifteenth are gone; telephone numbers only lost their type.
    for (dataset, unit, wanted, field, number) in [
        (CUSTOMERS, HEAD, any as fn(&World, &Record) -> bool, "legal_rep_doc_no", 150_102_198_503_051_000.0),
        (PERSONAL, ODS, any, "doc_no", 150_121_197_908_124_000.0),
        (GUARANTEES, OLD_EXCEL, person, "doc_no", 150_105_196_911_230_000.0),
        (PERSONAL, OTHER_HEADINGS, any, "phone", 19_947_182_035.0),
    ] {
        p.fault((dataset, unit), wanted, &[(field, Cell::Number(number))], &[&format!("CELL-DMG-001@{field}")]);
    }
    for (dataset, unit, wanted, field, text) in [
        (PERSONAL, CSV, any as fn(&World, &Record) -> bool, "doc_no", "1.50102E+17"),
        (SHAREHOLDERS, LATE, person, "doc_no", "1.50125E+17"),
        (CUSTOMERS, CSV, any, "legal_rep_doc_no", "1.50428E+17"),
    ] {
        p.fault((dataset, unit), wanted, &[(field, Cell::text(text))], &[&format!("CELL-DMG-002@{field}")]);
    }
    // The head office's unit code is 001501.
    for dataset in [CUSTOMERS, LOANS, LOANS] {
        p.fault((dataset, HEAD), any, &[("unit_code", Cell::Number(1501.0))], &["CELL-DMG-003@unit_code"]);
    }
    for (unit, date) in [(HEAD, day(2025, 11, 4)), (EPOCH_1904, day(2026, 3, 7))] {
        p.fault((LOANS, unit), unsecured, &[("contract_no", Cell::Day(date))], &["CELL-DMG-004@contract_no"]);
    }
    p.fault((CUSTOMERS, MANY_FILES), any, &[("industry", Cell::Day(day(2026, 1, 11)))], &["CELL-DMG-004@industry"]);
}

/// Puts `inside` after the fourth character of the text.
fn insert(p: &mut Planter, id: usize, field: &str, inside: char) {
    let text = p.text(id, field);
    let start: String = text.chars().take(4).collect();
    let rest: String = text.chars().skip(4).collect();
    p.set(id, field, Cell::text(format!("{start}{inside}{rest}")));
}

fn odd_characters(p: &mut Planter) {
    // Removed from identifiers and codes before they are compared, so nothing else is wrong with them.
    for (dataset, unit, field, inside) in [
        (CUSTOMERS, OTHER_HEADINGS, "doc_no", '\u{200b}'),
        (LOANS, UNTIDY, "customer_code", '\u{feff}'),
        (SHAREHOLDERS, ODS, "doc_no", '\u{200b}'),
        (PERSONAL, NO_CUSTOMERS, "doc_no", '\u{00a0}'),
        (CUSTOMERS, OLD_EXCEL, "loan_card", '\u{200d}'),
    ] {
        let id = p.take(dataset, unit, any);
        insert(p, id, field, inside);
        p.expect(id, &format!("CELL-DMG-005@{field}"));
    }
    for (dataset, unit, field) in [
        (CUSTOMERS, HIDDEN, "credit_code"),
        (AFFILIATES, LATE, "doc_no"),
        (PERSONAL, OLD_EXCEL, "phone"),
        (LOANS, ODS, "five_class"),
        (PERSONAL, CSV, "doc_no"),
    ] {
        let id = p.take(dataset, unit, any);
        p.set(id, field, Cell::text(full_width(&p.text(id, field))));
        p.expect(id, &format!("CELL-DMG-006@{field}"));
    }
    let id = p.take(GUARANTEES, UNTIDY, any);
    p.set(id, "guaranteed_amount", Cell::text(full_width(&Cell::decimal(p.cents(id, "guaranteed_amount")))));
    p.expect(id, "CELL-DMG-006@guaranteed_amount");

    // With such a character they are no names either.
    for (dataset, unit, wanted, field, text, rule) in [
        (
            SHAREHOLDERS,
            HIDDEN,
            person as fn(&World, &Record) -> bool,
            "shareholder_name",
            "王\u{fffd}明",
            "SHR-NAM-003",
        ),
        (GUARANTEES, MANY_FILES, organisation, "guarantor_name", "示例旗□盛商贸有限责任公司", "GTY-NAM-001"),
        (CORPORATE, CSV, any, "legal_rep", "李?丽", "RDC-REP-001"),
        (CORPORATE, OTHER_HEADINGS, any, "legal_rep", "赵\u{e815}军", "RDC-REP-001"),
    ] {
        p.fault((dataset, unit), wanted, &[(field, Cell::text(text))], &[&format!("CELL-DMG-007@{field}"), rule]);
    }
}

/// Digits, letters and signs in their full-width forms.
fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| if ('!'..='~').contains(&c) { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c })
        .collect()
}
