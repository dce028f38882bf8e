//! Finding the data in sheets: headings, titles, totals, notes, several sheets and files.

use rust_xlsxwriter::{Format, Workbook};

use super::{super::*, *};
use crate::table::FaultKind;

fn skipped(read: &SheetRead) -> Vec<(u32, u32, SkippedKind)> {
    read.skipped.iter().map(|row| (row.first, row.last, row.kind)).collect()
}

#[test]
fn a_plain_sheet_is_read_with_exact_amounts() {
    let (read, tables) = read(
        "贷款.xlsx",
        &loans(&[
            &[
                Text("150102"),
                Text("DK-001"),
                Text("甲商贸有限公司"),
                Number(499.99),
                Number(4.35),
                Number(0.0),
                Date(46_295.0),
                Text("1"),
            ],
            &[Text("150102"), Text("DK-002"), Text("乙"), Number(500.0), Blank, Blank, Blank, Blank, Text("周转")],
            &[Text("150102"), Text("DK-003"), Text("丙"), Number(500.01)],
        ]),
    );
    assert_eq!(read.unreadable, None);
    assert_eq!(read.format, Some(super::super::Format::Xlsx));
    assert_eq!(read.sheets[0].records, 3);
    assert!(read.repairs.is_empty(), "{:?}", read.repairs);
    assert_eq!(read.sha256.len(), 64);
    let table = &tables[LOANS];
    assert_eq!(table.sheet_rows, [2, 3, 4]);
    assert_eq!(column(table, "amount"), ["499.990000", "500.000000", "500.010000"]);
    assert_eq!(column(table, "rate"), ["4.35", "∅", "∅"]);
    assert_eq!(column(table, "days"), ["0", "∅", "∅"]);
    assert_eq!(column(table, "due"), ["2026-09-30", "∅", "∅"]);
    assert_eq!(column(table, "purpose"), ["∅", "周转", "∅"]);
    assert!(table.cell_faults.is_empty() && table.submitted.is_empty());
    assert_eq!(table.frame.schema().as_ref(), &pack().datasets[LOANS].schema());
    assert_eq!(table.segment(2).column_of(3).map(|column| column.index), Some(3));
    assert_eq!(tables[GUARANTEES].frame.schema().as_ref(), &pack().datasets[GUARANTEES].schema());
}

#[test]
fn titles_totals_notes_blank_and_repeated_rows_are_skipped_and_listed() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 1, 0, 6, "大额贷款明细表", &Format::new()).expect("a title");
    sheet.write_string(1, 1, "填报单位：城关社部").expect("a note");
    // The table starts at C5.
    let at = |sheet: &mut rust_xlsxwriter::Worksheet, row, texts: &[&str]| {
        for (column, text) in (2_u16..).zip(texts) {
            if !text.is_empty() {
                sheet.write_string(row, column, *text).expect("a cell");
            }
        }
    };
    at(sheet, 4, &LOAN_HEADINGS);
    at(sheet, 5, &["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    at(sheet, 6, &["150102", "DK-001", "甲", "100"]);
    at(sheet, 7, &["合 计", "", "", "100"]);
    at(sheet, 10, &LOAN_HEADINGS);
    at(sheet, 11, &["150102", "DK-002", "总计商贸有限公司", "200"]);
    at(sheet, 12, &["", "总计", "", "300"]);
    at(sheet, 13, &["注：金额为合同金额"]);
    at(sheet, 14, &["制表人：甲", "", "", "复核人：乙"]);
    let (read, tables) = read("a.xlsx", &saved(&mut workbook));
    assert_eq!(read.unreadable, None);
    assert_eq!(read.sheets[0].header_row, 5);
    assert_eq!(
        skipped(&read.sheets[0]),
        [
            (1, 1, SkippedKind::Title),
            (2, 2, SkippedKind::Title),
            (6, 6, SkippedKind::Heading),
            (8, 8, SkippedKind::Total),
            (9, 10, SkippedKind::Blank),
            (11, 11, SkippedKind::Heading),
            (13, 13, SkippedKind::Total),
            (14, 14, SkippedKind::Note),
            (15, 15, SkippedKind::Note),
        ]
    );
    assert_eq!(tables[LOANS].sheet_rows, [7, 12]);
    assert_eq!(tables[LOANS].segments[0].columns[0].index, 2);
    assert_eq!(column(&tables[LOANS], "amount"), ["100.000000", "200.000000"]);
}

#[test]
fn two_row_headings_merged_both_ways_and_units_of_the_title() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let plain = Format::new();
    sheet.write_string(0, 0, "担保情况（单位：元）").expect("a title");
    sheet.merge_range(1, 0, 2, 0, "担保\n合同号", &plain).expect("a heading");
    sheet.merge_range(1, 1, 1, 2, "担保人", &plain).expect("a heading");
    sheet.write_string(2, 1, "名称").expect("a heading");
    sheet.write_string(2, 2, "证件类型").expect("a heading");
    sheet.merge_range(1, 3, 2, 3, "担保金额", &plain).expect("a heading");
    write(sheet, 3, &[Text("DB-1"), Text("甲"), Text("1"), Number(1_234_567.89)]);
    let (read, tables) = read("a.xlsx", &saved(&mut workbook));
    assert_eq!(read.unreadable, None);
    assert_eq!((read.sheets[0].dataset, read.sheets[0].header_row), (Some(GUARANTEES), 3));
    assert_eq!(read.sheets[0].unit_differs, [3]);
    let table = &tables[GUARANTEES];
    assert_eq!(column(table, "guarantor_name"), ["甲"]);
    assert_eq!(column(table, "doc_type"), ["1"]);
    assert_eq!(column(table, "guaranteed"), ["123.456789"]);
    assert_eq!(submitted(table, 0, "guaranteed"), Some("1234567.89"));
    assert_eq!(table.segments[0].columns[1].heading, "担保人 / 名称");
    assert_eq!(read.repairs.get(&Normaliser::UnitOfHeading), Some(&1));
}

#[test]
fn headings_missing_twice_and_unknown() {
    let csv = "合同号,客户名称,备用,贷款金额（元）,客 户 名 称,\nDK-1,甲,x,12345,乙,stray\nDK-2,,,,,\n";
    let (read, tables) = read("a.csv", csv.as_bytes());
    let sheet = &read.sheets[0];
    assert_eq!(sheet.missing, [0]);
    assert_eq!(sheet.twice, [(2, vec!["B".to_owned(), "E".to_owned()])]);
    assert_eq!(sheet.unit_differs, [3]);
    let table = &tables[LOANS];
    assert_eq!(column(table, "amount"), ["1.234500", "∅"]);
    assert_eq!(column(table, "customer_name"), ["∅", "∅"]);
    let columns = &table.segments[0].columns;
    let extra = |at: usize| columns[at].extra.iter().map(|text| text.as_deref().unwrap_or("∅")).collect::<Vec<_>>();
    assert_eq!(columns.iter().map(|column| column.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    assert_eq!((extra(1), extra(2), extra(4)), (vec!["甲", "∅"], vec!["x", "∅"], vec!["乙", "∅"]));
    assert_eq!((columns[5].heading.as_str(), extra(5)), ("", vec!["stray", "∅"]));
    assert!(extra(0).is_empty());
}

#[test]
fn an_exact_heading_is_preferred_to_one_of_another_unit() {
    let (read, tables) = read("a.csv", "合同号,客户名称,贷款金额(元),贷款金额(万元)\nDK-1,甲,50000,5\n".as_bytes());
    assert!(read.sheets[0].twice.is_empty());
    assert_eq!(column(&tables[LOANS], "amount"), ["5.000000"]);
}

#[test]
fn two_sheets_of_one_dataset() {
    let two = |names: [&str; 2]| {
        let mut workbook = Workbook::new();
        for (name, contract) in names.into_iter().zip(["DK-1", "DK-2"]) {
            let sheet = workbook.add_worksheet().set_name(name).expect("a name");
            sheet.write_row(0, 0, LOAN_HEADINGS).expect("headings");
            sheet.write_row(1, 0, ["150102", contract, "甲"]).expect("a row");
        }
        let sheet = workbook.add_worksheet().set_name("担保").expect("a name");
        sheet.write_row(0, 0, ["担保合同号", "担保人名称", "担保金额(万元)"]).expect("headings");
        sheet.write_row(1, 0, ["DB-1", "乙", "5"]).expect("a row");
        read("a.xlsx", &saved(&mut workbook))
    };
    let (file, tables) = two(["旧表", "贷款明细"]);
    assert_eq!(file.unreadable, None);
    assert_eq!(column(&tables[LOANS], "contract_no"), ["DK-2"]);
    assert!(file.sheets[0].note.is_some() && file.sheets[0].dataset.is_none());

    let (file, tables) = two(["旧表", "新表"]);
    assert_eq!(file.unreadable.as_ref().map(|unreadable| unreadable.kind), Some(Trouble::Ambiguous));
    assert_eq!((tables[LOANS].height(), tables[GUARANTEES].height()), (0, 1));
    assert!(file.sheets[0].note.is_some() && file.sheets[1].note.is_some());
}

#[test]
fn hidden_rows_and_sheets_are_read_and_marked() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("封面").expect("a name").write_string(0, 0, "说明").expect("a cell");
    let sheet = workbook.add_worksheet().set_name("贷款明细").expect("a name");
    sheet.set_hidden(true);
    sheet.write_row(0, 0, LOAN_HEADINGS).expect("headings");
    for row in 1..=4 {
        sheet.write_row(row, 0, ["150102", &format!("DK-{row}"), "甲"]).expect("a row");
    }
    sheet.set_row_hidden(2).expect("a row").set_row_hidden(4).expect("a row");
    let (read, tables) = read("a.xlsx", &saved(&mut workbook));
    assert_eq!(read.sheets.len(), 2);
    assert!(read.sheets[0].note.is_some() && !read.sheets[0].hidden && read.sheets[1].hidden);
    assert_eq!(read.sheets[1].hidden_records, 2);
    assert_eq!(tables[LOANS].hidden_records, [1, 3]);
    assert!(tables[LOANS].segments[0].sheet_hidden);
}

#[test]
fn files_are_joined_in_source_order_for_any_number_of_threads() {
    let mut files = Files::new();
    for file in 0..7_usize {
        let rows: Vec<String> = (0..=(7 - file) * 40).map(|row| format!("{file},DK-{file}-{row},甲,１00")).collect();
        files = files.with(
            &format!("{file}.csv"),
            format!("社部代码,合同号,客户名称,贷款金额(万元)\n{}", rows.join("\n")).as_bytes(),
        );
    }
    let read = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| files.read())
    };
    let (one, four) = (read(1), read(4));
    let (one, four) = (&one.tables[LOANS], &four.tables[LOANS]);
    assert!(one.frame.equals_missing(&four.frame));
    assert_eq!(one.cell_faults, four.cell_faults);
    assert_eq!(one.submitted, four.submitted);
    assert_eq!(one.segments.len(), 7);
    for (file, segment) in one.segments.iter().enumerate() {
        assert_eq!((segment.file, segment.unit), (file, file));
        let first = usize::try_from(segment.records.start).expect("small");
        assert_eq!(column(one, "contract_no")[first], format!("DK-{file}-0"));
        assert_eq!(one.sheet_rows[first], 2);
        assert_eq!(submitted(one, segment.records.start, "amount"), Some("１00"));
    }
    // The code is too short and the amount full-width: two faults a record.
    assert_eq!(one.cell_faults.len(), one.height() * 2);
    assert_eq!(one.cell_faults[1].kind, FaultKind::FullWidthCharacters);
}

#[test]
fn the_roster_is_read_only_when_asked_for() {
    let csv = "社部代码,社部名称\n150102,城关社部\n";
    let (file, _) = read("roster.csv", csv.as_bytes());
    assert_eq!(file.unreadable.map(|unreadable| unreadable.kind), Some(Trouble::NothingMatches));
    let options = Options { only_dataset: Some(2), ..Options::default() };
    let intake = Files::new().with("roster.csv", csv.as_bytes()).read_with(&pack(), &options);
    assert_eq!(column(&intake.tables[2], "unit_name"), ["城关社部"]);
}

#[test]
fn progress_counts_every_file() {
    let files = Files::new().with("a.csv", b"x").with("b.csv", b"").with("c.csv", b"y");
    let most = std::sync::atomic::AtomicUsize::new(0);
    read_files(&files.sources, &pack(), &Options::default(), &|done| {
        most.fetch_max(done, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(most.into_inner(), 3);
}

#[test]
fn numbered_rows_without_content_are_no_records() {
    let csv = "序号,合同号,客户名称,贷款金额(万元)\n1,DK-1,甲,1\n2,,,\n3,,,\n";
    let (read, tables) = read("a.csv", csv.as_bytes());
    assert_eq!(tables[LOANS].height(), 1);
    assert_eq!(skipped(&read.sheets[0]), [(3, 4, SkippedKind::Note)]);
}
