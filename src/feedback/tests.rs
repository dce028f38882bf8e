//! Lines tied to the records of the hand-made outcome: unit 150102 has the loans JJ001 (twice) to JJ005, 150103 one.

use super::*;
use crate::{digest::short, message::fixture};

fn known(rule: &str, field: &str, key: Option<&str>) -> Known {
    Known {
        fingerprint: "f".to_owned(),
        unit: "150102".to_owned(),
        rule: rule.to_owned(),
        dataset: "loans".to_owned(),
        field: field.to_owned(),
        key: key.map(|key| short([key]).to_vec()),
    }
}

/// What a line is tied to: the record's key and field, how it came out, and the reason.
fn tied(known: &[Known], line: &[(Column, &str)]) -> (String, &'static str, String) {
    let fixed = fixture::outcome();
    let mapping = Mapping::read(None).expect("the shipped one");
    let tables = (fixed.units.as_slice(), fixed.intake.tables.as_slice());
    let ties = Ties::new(&fixed.pack, tables, fixed.job.period, &mapping, known).expect("good tables");
    let Tied { place, outcome, reason } = ties.tie(&Line::of(line));
    let place = place.map(|place| {
        let cells = ties.cells(0).expect("loans");
        let key = place.record.map(|record| cells.key_identity(record)).unwrap_or_default();
        let field = place.field.and_then(|field| cells.dataset.fields.get(usize::from(field)));
        format!("{} {key} {}", place.unit, field.map_or("", |field| field.id.as_str()))
    });
    let name = match outcome {
        Outcome::Caught(_) => "caught",
        Outcome::Missed => "missed",
        Outcome::Unmatched => "unmatched",
    };
    (place.unwrap_or_default(), name, reason.zh)
}

fn expect(known: &[Known], line: &[(Column, &str)], place: &str, outcome: &str, reason: &str) {
    let found = tied(known, line);
    assert_eq!((found.0.as_str(), found.1), (place, outcome), "{line:?}: {}", found.2);
    assert!(found.2.contains(reason) && found.2.is_empty() == reason.is_empty(), "{line:?}: {}", found.2);
}

#[test]
fn records_are_found_by_key_and_fields_by_heading() {
    let record = (Column::Record, "jj002");
    expect(&[], &[record, (Column::Field, "贷款余额")], "0 JJ002 balance", "missed", "");
    expect(&[], &[record, (Column::Field, "贷款余额（万元）")], "0 JJ002 balance", "missed", "");
    expect(&[], &[record, (Column::Field, "没有的")], "0 JJ002 ", "missed", "不认识字段");
    // Two records share the key: it is one finding either way.
    expect(&[], &[(Column::Record, "JJ001"), (Column::Unit, "150102")], "0 JJ001 ", "missed", "");
    expect(&[], &[(Column::Name, "示例丙有限公司")], "0 JJ003 ", "missed", "");
    expect(&[], &[record, (Column::Unit, "150103")], "", "unmatched", "记录属于 150102 城关社部");
    expect(&[], &[record, (Column::UnitName, "城关社部")], "0 JJ002 ", "missed", "");
    // The union itself is no unit to look in.
    expect(&[], &[record, (Column::Unit, "150100")], "0 JJ002 ", "missed", "");
    expect(&[], &[record, (Column::Unit, "999999")], "", "unmatched", "名册中没有社部");
    expect(&[], &[(Column::Record, "15010220241111370000")], "", "unmatched", "按数字保存");
    expect(&[], &[(Column::Message, "漏报")], "", "unmatched", "没有写明");
}

#[test]
fn another_period_is_not_this_one() {
    let record = (Column::Record, "JJ002");
    for same in ["2026-10", "202610", "2026-10-31", "20261031", "2026年10月"] {
        expect(&[], &[record, (Column::Period, same)], "0 JJ002 ", "missed", "");
    }
    expect(&[], &[record, (Column::Period, "2026-09-30")], "", "unmatched", "不是 2026-10");
}

#[test]
fn a_line_is_caught_by_its_field_or_by_its_rule() {
    let record = (Column::Record, "JJ002");
    let balance = known("LOAN-AMT-003", "balance", Some("JJ002"));
    let other = known("LOAN-AMT-001", "amount", Some("JJ002"));
    let all = [balance.clone(), other.clone()];
    expect(
        &all,
        &[record, (Column::Field, "贷款余额"), (Column::Rule, "X")],
        "0 JJ002 balance",
        "caught",
        "LOAN-AMT-003",
    );
    // Without field and rule any finding of the record will do; with a rule only ours of that name.
    expect(&all, &[record], "0 JJ002 ", "caught", "LOAN-AMT-001, LOAN-AMT-003");
    expect(&all, &[record, (Column::Rule, "X")], "0 JJ002 ", "missed", "同一记录另有 LOAN-AMT-001, LOAN-AMT-003");
    expect(&all, &[record, (Column::Rule, "loan-amt-001")], "0 JJ002 ", "caught", "LOAN-AMT-001");
    // Another record's finding, and one about the unit, are no finding of this one.
    let elsewhere = [known("LOAN-AMT-003", "balance", Some("JJ003")), known("LOAN-CHG-001", "", None)];
    expect(&elsewhere, &[record, (Column::Field, "贷款余额")], "0 JJ002 balance", "missed", "");
    expect(&elsewhere, &[(Column::Unit, "150102")], "0  ", "caught", "LOAN-CHG-001");
    expect(&elsewhere, &[(Column::Unit, "150103")], "1  ", "missed", "");
}
