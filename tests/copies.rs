//! The same file or the same records twice, and last month's file sent again.

use crate::desk::{BOOK, Desk, Ran, Sheet, UNIT, book, clean};

/// A unit's sheets with eight loans.
fn eight_loans() -> [Sheet; 3] {
    let [customers, shareholders, mut loans] = clean();
    let model = loans.rows[1].clone();
    for number in 0..6 {
        loans.rows.push(model.clone());
        loans.set(number + 2, "借据号", format!("15010220241112{number:02}").as_str());
    }
    [customers, shareholders, loans]
}

/// What the run says about copies and unchanged records: unit, file, rule, message.
fn told(run: &Ran) -> Vec<[String; 4]> {
    let about = |rule: &str| rule.starts_with("SHEET-COPY-") || rule.ends_with("-CPY-001");
    let lines = run.lines();
    let lines = lines.iter().filter(|line| about(line.get("rule")));
    lines.map(|line| ["unit", "file", "rule", "message"].map(|column| line.get(column).to_owned())).collect()
}

#[test]
fn the_same_file_twice_in_a_unit_is_told_once() {
    let desk = Desk::new();
    let bytes = book(&eight_loans());
    desk.put(BOOK, &bytes);
    assert_eq!(told(&desk.run()), [[""; 4]; 0]);
    let copy = format!("{UNIT}/客户风险数据(1).xlsx");
    desk.put(&copy, &bytes);
    let run = desk.run();
    let said = told(&run);
    assert_eq!(said.len(), 1, "{said:?}");
    // By name the brackets come before the point.
    assert_eq!(said[0][..3], ["150102", BOOK, "SHEET-COPY-001"]);
    assert!(said[0][3].contains(&copy), "{said:?}");
}

#[test]
fn another_units_file_is_told_to_both() {
    let desk = Desk::new();
    let bytes = book(&eight_loans());
    desk.put(BOOK, &bytes);
    let other = "150103-东河社部/客户风险数据.xlsx";
    desk.put(other, &bytes);
    let said = told(&desk.run());
    let short: Vec<_> = said.iter().map(|line| [line[0].as_str(), line[2].as_str()]).collect();
    assert_eq!(short, [["150102", "SHEET-COPY-001"], ["150103", "SHEET-COPY-001"]]);
    assert!(said[0][3].contains(other) && said[1][3].contains(BOOK), "{said:?}");
}

#[test]
fn the_same_records_in_another_file_are_told_by_sheet() {
    let desk = Desk::new();
    desk.put(BOOK, &book(&eight_loans()));
    let [_, _, mut loans] = eight_loans();
    // Another order, another column, another format: the records are the same.
    loans.rows[1..].reverse();
    for row in &mut loans.rows {
        row.push(crate::desk::Cell::Text("备注".to_owned()));
    }
    let copy = format!("{UNIT}/贷款明细.csv");
    desk.put(&copy, loans.csv().as_bytes());
    let said = told(&desk.run());
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0][..3], ["150102", &copy, "SHEET-COPY-002"]);
    assert!(said[0][3].contains("8条") && said[0][3].contains(&format!("{BOOK} 贷款明细")), "{said:?}");
    // One figure differs: they are not the same.
    loans.set(0, "年利率(%)", 1.25);
    desk.put(&copy, loans.csv().as_bytes());
    assert_eq!(told(&desk.run()), [[""; 4]; 0]);
}

#[test]
fn last_months_file_sent_again_wants_an_explanation() {
    let (september, desk) = (Desk::new(), Desk::new());
    september.write_job("2026-09", "");
    let sheets = eight_loans();
    september.put(BOOK, &book(&sheets));
    desk.write_job("2026-10", &format!("prior = '{}'", september.path().join("job.toml").display()));
    desk.put(BOOK, &book(&sheets));
    let said = told(&desk.run());
    // The other unit has two loans only.
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0][..3], ["150102", "", "LOAN-CPY-001"]);
    assert!(said[0][3].contains("8条记录中有8条（100%）"), "{said:?}");
    // Seven of eight are below the bound of 98 %; a job may set another.
    let [customers, shareholders, mut loans] = sheets;
    loans.set(7, "贷款余额(万元)", 501.0);
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    assert_eq!(told(&desk.run()), [[""; 4]; 0]);
    let more = format!("prior = '{}'\nparams = {{ same_pct = 80 }}", september.path().join("job.toml").display());
    desk.write_job("2026-10", &more);
    let said = told(&desk.run());
    assert!(said.len() == 1 && said[0][3].contains("8条记录中有7条（87.5%）"), "{said:?}");
}
