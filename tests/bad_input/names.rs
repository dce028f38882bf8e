//! Names and texts from the data go no further than a name or a text may.

use std::collections::BTreeSet;

use calamine::{Data, Reader as _, Xlsx, open_workbook};

use crate::desk::{BOOK, Desk, book, clean, contents};

#[test]
fn names_stay_in_the_folder_and_texts_stay_texts() {
    let desk = Desk::new();
    desk.write_roster(&[("150102", "../../x"), ("150103", "=cmd()")]);
    let [customers, shareholders, mut loans] = clean();
    loans.set(0, "贷款类型", "=cmd|'/c calc'!A1").set(1, "贷款类型", "@SUM(A1)").set(0, "贷款金额(万元)", 499.0);
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    let before = below(desk.path());
    let run = desk.run();
    run.expect_code(1);
    let strange: Vec<_> =
        below(desk.path()).difference(&before).filter(|name| !name.starts_with("out/2026-10/")).cloned().collect();
    assert!(strange.is_empty(), "written outside the output folder: {strange:?}");
    let names: Vec<_> = below(&run.place.join("errors")).into_iter().collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().all(|name| !name.contains(['/', '\\'])), "{names:?}");
    assert!(!desk.path().parent().expect("a folder").join("x.xlsx").exists());

    for name in names.iter().map(|name| format!("errors/{name}")).chain(["summary/校验汇总.xlsx".to_owned()]) {
        let mut workbook: Xlsx<_> = open_workbook(run.place.join(&name)).expect("opens");
        for sheet in workbook.sheet_names() {
            let formulas = workbook.worksheet_formula(&sheet).expect("formulas");
            let ours = |formula: &&String| formula.contains("cmd") || formula.contains("SUM(A1)");
            let run_by_excel: Vec<_> = formulas.used_cells().map(|(_, _, formula)| formula).filter(ours).collect();
            assert!(run_by_excel.is_empty(), "{name} {sheet}: {run_by_excel:?}");
        }
    }
    let mut workbook: Xlsx<_> = open_workbook(run.place.join("errors").join(&names[0])).expect("opens");
    let loans = workbook.worksheet_range("贷款明细").expect("the sheet");
    let text = Data::String("=cmd|'/c calc'!A1".to_owned());
    assert!(loans.rows().flatten().any(|cell| *cell == text), "the value is kept as it is");
    for line in run.lines() {
        for column in ["unit", "file", "sheet", "record_key", "value", "message"] {
            let value = line.get(column);
            assert!(!value.starts_with(['=', '@', '+']), "findings.csv, {column}: {value}");
        }
    }
    assert!(run.lines().iter().any(|line| line.get("value") == "'=cmd|'/c calc'!A1"), "the value is listed");
}

/// Names of the files below a folder.
fn below(folder: &std::path::Path) -> BTreeSet<String> {
    contents(folder).into_keys().collect()
}
