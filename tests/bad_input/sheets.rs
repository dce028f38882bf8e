//! Workbooks that can be read but are not laid out as they should be.

use std::io::{Cursor, Read as _, Write as _};

use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::desk::{BOOK, Cell, Desk, Sheet, book, clean};

/// Part of a workbook that holds its third sheet, the loans.
const LOANS_PART: &str = "xl/worksheets/sheet3.xml";

/// The workbook with one of its parts rewritten.
fn rewritten(workbook: &[u8], part: &str, rewrite: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a zip");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let names: Vec<_> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    assert!(names.iter().any(|name| name == part), "no part {part} in {names:?}");
    for name in names {
        let mut bytes = Vec::new();
        archive.by_name(&name).expect("the part").read_to_end(&mut bytes).expect("read");
        if name == part {
            let before = String::from_utf8(bytes).expect("UTF-8");
            let after = rewrite(before.clone());
            assert_ne!(before, after, "{part} is written otherwise now; correct the test");
            bytes = after.into_bytes();
        }
        writer.start_file(&*name, SimpleFileOptions::default()).expect("a part");
        writer.write_all(&bytes).expect("written");
    }
    writer.finish().expect("a zip").into_inner()
}

/// The unit hands in these sheets.
fn desk_with(sheets: &[Sheet]) -> Desk {
    let desk = Desk::new();
    desk.put(BOOK, &book(sheets));
    desk
}

fn without_column(sheet: &mut Sheet, heading: &str) {
    let column = sheet.column(heading);
    sheet.rows.iter_mut().for_each(|row| drop(row.remove(column)));
}

#[test]
fn a_sheet_is_missing() {
    let [customers, shareholders, _] = clean();
    let run = desk_with(&[customers, shareholders]).run();
    run.expect_code(1).expect_findings(&["SHEET-DATA-001"]);
    let line = run.lines().into_iter().find(|line| line.get("rule") == "SHEET-DATA-001").expect("the finding");
    assert!(line.get("message").contains("贷款明细"), "{}", line.get("message"));
}

#[test]
fn a_missing_sheet_of_customers_is_one_finding_not_one_for_each_loan() {
    let [_, _, loans] = clean();
    let run = desk_with(&[loans]).run();
    run.expect_code(1).expect_findings(&["SHEET-DATA-001"]);
    // Headings alone say that there are no customers: then the loans' codes lead nowhere.
    let [mut customers, _, loans] = clean();
    customers.rows.truncate(1);
    let run = desk_with(&[customers, loans]).run();
    let places = ["D2", "D3"].map(|cell| format!("客户风险数据.xlsx 贷款明细!{cell} LOAN-REF-001"));
    run.expect_code(1).expect_findings(&places.each_ref().map(String::as_str));
}

#[test]
fn a_heading_is_missing() {
    let [customers, shareholders, mut loans] = clean();
    without_column(&mut loans, "五级分类");
    let run = desk_with(&[customers, shareholders, loans]).run();
    // One finding for the column, none for each of its cells.
    run.expect_code(1).expect_findings(&["客户风险数据.xlsx 贷款明细 SHEET-HEAD-001"]);
    let line = run.lines().into_iter().find(|line| line.get("rule") == "SHEET-HEAD-001").expect("the finding");
    assert!(line.get("message").contains("五级分类"), "{}", line.get("message"));
}

#[test]
fn a_heading_stands_twice() {
    let [customers, shareholders, mut loans] = clean();
    loans.rows[0].push("年利率(%)".into());
    for row in &mut loans.rows[1..] {
        row.push(Cell::Number(4.35));
    }
    let run = desk_with(&[customers, shareholders, loans]).run();
    run.expect_code(1).expect_findings(&["客户风险数据.xlsx 贷款明细 SHEET-HEAD-002"]);
    let line = run.lines().into_iter().find(|line| line.get("rule") == "SHEET-HEAD-002").expect("the finding");
    assert!(line.get("message").contains("年利率(%)") && line.get("fix").contains("只保留一列"));
}

#[test]
fn two_sheets_match_and_neither_name_decides() {
    let [customers, shareholders, mut loans] = clean();
    loans.name = "一组";
    let mut second = loans.clone();
    second.name = "二组";
    let run = desk_with(&[customers, shareholders, loans, second]).run();
    run.expect_trouble(BOOK, "ambiguous", &["一组", "二组", "只保留一张", "keep one"]).expect_findings(&[]);
}

#[test]
fn two_sheets_match_and_one_has_the_usual_name() {
    let [customers, shareholders, loans] = clean();
    let mut draft = loans.clone();
    draft.name = "草稿";
    draft.set(0, "贷款金额(万元)", 1.0);
    let run = desk_with(&[draft, customers, shareholders, loans]).run();
    run.expect_code(1).expect_findings(&[]);
}

#[test]
fn a_dimension_tag_of_a_million_rows_on_a_small_sheet() {
    let bytes = rewritten(&book(&clean()), LOANS_PART, |xml| {
        let start = xml.find("<dimension ref=\"").expect("a dimension tag");
        let end = start + xml[start..].find("/>").expect("its end");
        format!("{}<dimension ref=\"A1:XFD1048576\"{}", &xml[..start], &xml[end..])
    });
    let desk = Desk::new();
    desk.put(BOOK, &bytes);
    // 2 GB of address space would not hold a grid of 1,048,576 by 16,384 cells.
    let run = desk.run();
    run.expect_code(1).expect_findings(&[]);
    assert_eq!(run.json()["units"][0]["records"], 4);
}

#[test]
fn a_stray_cell_in_the_last_corner() {
    let bytes = rewritten(&book(&clean()), LOANS_PART, |xml| {
        let stray = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>";
        xml.replace("</sheetData>", stray)
    });
    let desk = Desk::new();
    desk.put(BOOK, &bytes);
    let run = desk.run();
    run.expect_code(1).expect_findings(&[]);
    assert_eq!(run.json()["units"][0]["records"], 4);
}

#[test]
fn formulas_without_a_stored_result() {
    let [customers, shareholders, mut loans] = clean();
    loans.set(0, "年利率(%)", Cell::Formula("=6.55", "6.55")).set(1, "年利率(%)", Cell::Formula("=5.79", "5.79"));
    let whole = book(&[customers, shareholders, loans]);
    let desk = Desk::new();
    desk.put(BOOK, &whole);
    desk.run().expect_code(1).expect_findings(&[]);
    // As a program writes it that computes nothing.
    desk.put(BOOK, &rewritten(&whole, LOANS_PART, |xml| xml.replace("<v>6.55</v>", "")));
    desk.run().expect_code(1).expect_findings(&["客户风险数据.xlsx 贷款明细!L2 CELL-TYP-006"]);
}

#[test]
fn cells_that_show_an_error() {
    let [mut customers, shareholders, mut loans] = clean();
    customers.set(0, "统一社会信用代码", Cell::Formula("=VLOOKUP(1,A1:B2,2,0)", "#N/A"));
    loans.set(1, "年利率(%)", "#DIV/0!");
    let run = desk_with(&[customers, shareholders, loans]).run();
    let customers = "客户风险数据.xlsx 客户基本信息!H2 CELL-TYP-005";
    run.expect_code(1).expect_findings(&[customers, "客户风险数据.xlsx 贷款明细!L3 CELL-TYP-005"]);
}

#[test]
fn a_sheet_with_headings_alone_is_no_missing_sheet() {
    let [mut customers, mut shareholders, mut loans] = clean();
    for sheet in [&mut customers, &mut shareholders, &mut loans] {
        sheet.rows.truncate(1);
    }
    let run = desk_with(&[customers, shareholders, loans]).run();
    run.expect_code(1).expect_findings(&[]);
    assert_eq!(run.json()["units"][0]["records"], 0);
}

/// A prefix before every name of an element: good XML, and written by some programs.
#[test]
fn a_workbook_read_the_general_way_has_the_same_findings() {
    let [mut customers, shareholders, loans] = clean();
    customers.set(0, "统一社会信用代码", "");
    let plain = book(&[customers, shareholders, loans]);
    let prefixed = rewritten(&plain, LOANS_PART, |xml| {
        xml.replace("</", "<\u{1}")
            .replace('<', "<x:")
            .replace("<x:\u{1}", "</x:")
            .replace("<x:?", "<?")
            .replace(" xmlns=", " xmlns:x=")
    });
    let desk = Desk::new();
    desk.put(BOOK, &plain);
    let run = |desk: &Desk| {
        let mut command = desk.command();
        command.args(["--verbose", "--lang", "en"]);
        crate::desk::ran(command, &desk.out().join("2026-10"))
    };
    let before = run(&desk);
    assert!(!before.findings().is_empty() && !before.stderr.contains("general way"), "{}", before.stderr);
    desk.put(BOOK, &prefixed);
    let after = run(&desk);
    assert_eq!(after.findings(), before.findings());
    let said = "客户风险数据.xlsx: element names with a namespace prefix (sheet \"贷款明细\", below row 0); read the general way";
    assert!(after.stderr.contains(said), "{}", after.stderr);
}

/// One value over two rows, and its column out of sight.
#[test]
fn merged_cells_in_a_hidden_column() {
    let [customers, shareholders, mut loans] = clean();
    loans.set(1, "年利率(%)", "");
    let bytes = rewritten(&book(&[customers, shareholders, loans]), LOANS_PART, |xml| {
        let columns = "<cols><col min=\"12\" max=\"12\" hidden=\"1\"/></cols><sheetData>";
        let merged = "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"L2:L3\"/></mergeCells>";
        xml.replace("<sheetData>", columns).replace("</sheetData>", merged)
    });
    let desk = Desk::new();
    desk.put(BOOK, &bytes);
    let run = desk.run();
    let (merged, hidden) = ("客户风险数据.xlsx 贷款明细!L3 CELL-MRG-001", "客户风险数据.xlsx 贷款明细 SHEET-HIDE-002");
    run.expect_code(1).expect_findings(&[hidden, merged]);
}

/// Shares written as fractions where per cent are asked for; cells shown as per cent are read as they are shown.
#[test]
fn fractions_in_a_column_of_per_cent() {
    let [customers, shareholders, mut loans] = clean();
    let row = loans.rows[1].clone();
    loans.rows.push(row.clone());
    loans.rows.push(row);
    for (record, contract) in ["DK-71", "DK-72"].into_iter().enumerate() {
        loans.set(2 + record, "借据号", contract);
    }
    for record in 0..4 {
        loans.set(record, "年利率(%)", 0.0655);
    }
    let run = desk_with(&[customers, shareholders, loans]).run();
    let found: Vec<_> = run.findings().into_iter().filter(|finding| finding.contains("SHEET-PCT")).collect();
    assert_eq!(found, ["150102 客户风险数据.xlsx 贷款明细 SHEET-PCT-001"]);
}
