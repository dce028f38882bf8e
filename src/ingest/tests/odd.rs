//! Files that are not what they seem, damaged ones, and XML no spreadsheet program writes.

use super::{super::*, *};

fn trouble(name: &str, bytes: &[u8]) -> (Trouble, String, String) {
    let (read, tables) = read(name, bytes);
    assert!(tables.iter().all(|table| table.height() == 0));
    let unreadable = read.unreadable.expect("trouble");
    assert!(!unreadable.message.zh.is_empty() && !unreadable.message.en.is_empty());
    (unreadable.kind, unreadable.message.zh, unreadable.message.en)
}

/// A file of the folder of odd workbooks, named after the trap it holds.
fn odd(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/odd-workbooks").join(name)
}

fn read_odd(name: &str) -> (FileRead, Vec<Table>) {
    read(name, &std::fs::read(odd(name)).expect("the file"))
}

fn good() -> Vec<u8> {
    loans(&[&[Text("150102"), Text("DK-001"), Text("甲"), Number(1.0)]])
}

#[test]
fn what_is_no_spreadsheet_is_called_by_its_name() {
    let cases: [(&str, &[u8], Trouble, &str); 8] = [
        ("a.xlsx", b"", Trouble::Empty, "0 bytes"),
        ("a.csv", b" \n \n", Trouble::Empty, "nothing but blanks"),
        ("a.xlsx", b"just some words", Trouble::NothingMatches, "delimited text"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", Trouble::UnknownFormat, "HTML"),
        (
            "a.xls",
            b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>",
            Trouble::UnknownFormat,
            "XML spreadsheet 2003",
        ),
        ("a.xlsx", b"%PDF-1.7\n", Trouble::UnknownFormat, "PDF"),
        ("a.xlsx", b"PK\x03\x04 and no more", Trouble::Damaged, "incomplete"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", Trouble::UnknownFormat, "OLE"),
    ];
    for (name, bytes, kind, words) in cases {
        let (found, _, en) = trouble(name, bytes);
        assert_eq!(found, kind, "{en}");
        assert!(en.contains(words), "{en}");
    }
}

#[test]
fn a_truncated_file_does_not_sink_the_batch() {
    let whole = good();
    let files = Files::new()
        .with("truncated.xlsx", &whole[..whole.len() / 2])
        .with("good.xlsx", &whole)
        .with_path("no/such/file.xlsx".into());
    let intake = files.read();
    let kinds: Vec<_> = intake.files.iter().map(|file| file.unreadable.as_ref().map(|trouble| trouble.kind)).collect();
    assert_eq!(kinds, [Some(Trouble::Damaged), None, Some(Trouble::Unopened)]);
    assert_eq!(intake.tables[LOANS].segments[0].file, 1);
}

#[test]
fn formats_are_told_by_content() {
    assert_eq!(read("loans.csv", &good()).0.format, Some(Format::Xlsx));
    let csv = "社部代码;合同号;客户名称;贷款金额(万元)\n150102;DK-1;甲;1,5\n";
    assert_eq!(read("loans.xlsx", csv.as_bytes()).0.format, Some(Format::Csv));
}

#[test]
fn encrypted_workbooks() {
    let files = Files::new().with_path(odd("encrypted_kouling2026.xlsx"));
    let kind = |password: Option<&str>| {
        let options = Options { password: password.map(Into::into), ..Options::default() };
        let intake = files.read_with(&pack(), &options);
        (intake.files[0].unreadable.clone().map(|trouble| trouble.kind), intake.tables[LOANS].height())
    };
    assert_eq!(kind(None), (Some(Trouble::PasswordNeeded), 0));
    assert_eq!(kind(Some("wrong")), (Some(Trouble::PasswordWrong), 0));
    assert_eq!(kind(Some("口令2026")), (None, 1));
    let bytes = std::fs::read(odd("encrypted_kouling2026.xlsx")).expect("the file");
    let (_, zh, _) = trouble("a.xlsx", &bytes);
    assert!(zh.contains("password_env"));
}

#[test]
fn encodings_and_row_numbers_of_csv() {
    let text =
        "社部代码,合同号,客户名称,贷款金额(万元)\r\n\r\n150102,DK-1,\"甲\n商贸\",\"1,234.5\"\r\n150102,DK-2,乙,2\r\n";
    let gbk = encoding_rs::GB18030.encode(text).0.into_owned();
    let utf16: Vec<u8> = [0xfeff_u16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes().to_vec(), format!("\u{feff}{text}").into_bytes(), gbk, utf16] {
        let (read, tables) = read("a.csv", &bytes);
        assert_eq!(read.unreadable, None);
        assert_eq!(tables[LOANS].sheet_rows, [3, 4]);
        assert_eq!(column(&tables[LOANS], "customer_name"), ["甲\n商贸", "乙"]);
        assert_eq!(column(&tables[LOANS], "amount"), ["1234.500000", "2.000000"]);
    }
}

#[test]
fn wrong_dimension_and_a_stray_cell_in_the_last_corner() {
    let headings = xml_row(1, &LOAN_HEADINGS[..4]);
    let data = xml_row(2, &["150102", "DK-1", "甲", "5"]);
    let stray = r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let sheet = format!(r#"<dimension ref="A1:XFD1048576"/><sheetData>{headings}{data}{stray}</sheetData>"#);
    let (read, tables) = read("a.xlsx", &package("", &sheet));
    assert_eq!(read.unreadable, None);
    assert_eq!(tables[LOANS].sheet_rows, [2]);
    let last = read.sheets[0].skipped.last().expect("the stray row");
    assert_eq!((last.first, last.kind), (1_048_576, SkippedKind::Note));
}

#[test]
fn rows_out_of_order_lose_nothing() {
    let rows = [
        xml_row(4, &["150102", "DK-3", "丙", "3"]),
        xml_row(1, &LOAN_HEADINGS[..4]),
        xml_row(3, &["150102", "DK-2", "乙", "2"]),
        xml_row(2, &["150102", "DK-1", "甲", "1"]),
    ];
    let early = package("", &format!("<sheetData>{}</sheetData>", rows.concat()));
    let mut many: Vec<String> = vec![xml_row(1, &LOAN_HEADINGS[..4])];
    many.extend((2..60).map(|row| xml_row(row, &["150102", &format!("DK-{row}"), "甲", "1"])));
    many.swap(50, 55);
    let late = package("", &format!("<sheetData>{}</sheetData>", many.concat()));

    let (_, tables) = read("a.xlsx", &early);
    assert_eq!(column(&tables[LOANS], "contract_no"), ["DK-1", "DK-2", "DK-3"]);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    let (_, tables) = pool.install(|| read("a.xlsx", &late));
    assert_eq!(tables[LOANS].sheet_rows, (2..60).collect::<Vec<u32>>());
}

#[test]
fn errors_known_and_unknown_and_formulas_without_value() {
    let headings = xml_row(1, &LOAN_HEADINGS[..5]);
    let row = |row: u32, amount: &str, rate: &str| {
        format!(
            r#"<row r="{row}"><c r="A{row}"><v>150102</v></c><c r="B{row}" t="str"><f>"D"&amp;1</f><v>DK-{row}</v></c><c r="C{row}" t="inlineStr"><is><t>甲</t></is></c>{amount}{rate}</row>"#
        )
    };
    let sheet = [
        headings,
        row(2, r#"<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#, ""),
        row(3, r#"<c r="D3" t="e"><f>A1#</f><v>#SPILL!</v></c>"#, r#"<c r="E3"><v>4.5</v></c>"#),
        row(4, r#"<c r="D4"><f>SUM(A1)</f></c>"#, r#"<c r="E4" s="1"/>"#),
        row(5, r#"<c r="D5"><f>2*3</f><v>6</v></c>"#, ""),
    ];
    let file = package("", &format!("<sheetData>{}</sheetData>", sheet.concat()));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let (file, tables) = pool.install(|| read("a.xlsx", &file));
        assert_eq!(file.unreadable, None);
        assert_errors(&tables[LOANS]);
    }
}

fn assert_errors(table: &Table) {
    assert_eq!(table.sheet_rows, [2, 3, 4, 5]);
    assert_eq!(column(table, "amount"), ["∅", "∅", "∅", "6.000000"]);
    assert_eq!(column(table, "rate"), ["∅", "4.50", "∅", "∅"]);
    assert_eq!(column(table, "contract_no")[0], "DK-2");
    let amount = "amount".to_owned();
    assert_eq!(
        faults(table),
        [(0, amount.clone(), "error-cell"), (1, amount.clone(), "error-cell"), (2, amount, "formula-without-value"),]
    );
    assert_eq!(submitted(table, 1, "amount"), Some("#SPILL!"));
}

#[test]
fn a_sheet_damaged_halfway_keeps_what_was_read() {
    let mut rows = vec![xml_row(1, &LOAN_HEADINGS[..4])];
    rows.extend((2..200).map(|row| xml_row(row, &["150102", &format!("DK-{row}"), "甲", "1"])));
    rows[100] = r#"<row r="101"><c r="A101" t="s"><v>77</v></c></row>"#.into();
    let (read, tables) = read("a.xlsx", &package("", &format!("<sheetData>{}</sheetData>", rows.concat())));
    let trouble = read.unreadable.expect("trouble");
    assert_eq!(trouble.kind, Trouble::Damaged);
    assert!(trouble.message.en.contains("below row 100"), "{}", trouble.message.en);
    assert_eq!(tables[LOANS].height(), 99);
    assert!(read.sheets[0].note.is_some());
}

#[test]
fn the_1904_epoch_of_an_xlsx() {
    let date = r#"<row r="2"><c r="A2"><v>150102</v></c><c r="B2" t="str"><v>DK-1</v></c><c r="C2" t="str"><v>甲</v></c><c r="D2"><v>44833</v></c></row>"#;
    let sheet = format!("<sheetData>{}{date}</sheetData>", xml_row(1, &["社部代码", "合同号", "客户名称", "到期日期"]));
    let (_, tables) = read("a.xlsx", &package(r#"<workbookPr date1904="1"/>"#, &sheet));
    assert_eq!(column(&tables[LOANS], "due"), ["2026-09-30"]);
}

#[test]
fn old_workbooks_of_both_epochs() {
    for name in ["titles_and_total.xls", "date_1904.xls"] {
        let (read, tables) = read_odd(name);
        assert_eq!(read.unreadable, None);
        assert_eq!(read.format, Some(Format::Xls));
        assert!(read.sheets[1].hidden);
        let table = &tables[LOANS];
        assert_eq!(table.sheet_rows, [4, 5]);
        assert_eq!(column(table, "amount"), ["499.990000", "500.010000"]);
        assert_eq!(column(table, "due"), ["2026-09-30", "2026-09-30"], "{name}");
        assert_eq!(read.repairs.get(&Normaliser::DateSerial), Some(&1));
        let kinds: Vec<_> = read.sheets[0].skipped.iter().map(|row| (row.first, row.kind)).collect();
        assert_eq!(kinds, [(1, SkippedKind::Title), (6, SkippedKind::Total)]);
    }
}

#[test]
fn open_document_with_repeated_blank_rows() {
    let (read, tables) = read_odd("repeated_blank_rows.ods");
    assert_eq!((read.format, read.unreadable), (Some(Format::Ods), None));
    let table = &tables[LOANS];
    assert_eq!(table.sheet_rows, [5, 9]);
    assert_eq!(column(table, "amount"), ["499.990000", "500.010000"]);
    assert_eq!(column(table, "due"), ["2026-09-30", "∅"]);
    assert_eq!(table.segments[0].columns[0].index, 1);
}

#[test]
fn binary_workbook_with_the_widest_dimension() {
    let (read, tables) = read_odd("wide_dimension.xlsb");
    assert_eq!((read.format, read.unreadable), (Some(Format::Xlsb), None));
    let table = &tables[LOANS];
    assert_eq!(table.sheet_rows, [2, 4]);
    assert_eq!(column(table, "amount"), ["499.990000", "∅"]);
    assert_eq!(column(table, "days"), ["7", "∅"]);
    assert_eq!(column(table, "due"), ["2026-09-30", "∅"]);
    assert_eq!(faults(table), [(1, "amount".to_owned(), "error-cell")]);
}

/// The reader of this format slices a record that is too short, and panics.
#[test]
fn a_file_that_makes_a_reader_panic_does_not_sink_the_batch() {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let files = Files::new().with_path(odd("short_dimension.xlsb")).with("good.xlsx", &good());
        let intake = pool.install(|| files.read());
        assert_eq!(intake.files[0].unreadable, Some(super::super::message::crashed()));
        assert_eq!(intake.files[1].unreadable, None);
        assert_eq!(intake.tables[LOANS].height(), 1);
    }
}

/// Saved by a program that calculates nothing: every cell below the headings is a formula without a value.
#[test]
fn a_sheet_of_formulas_without_values_is_not_taken_for_blank() {
    let cells: Vec<String> =
        ["A", "B", "C", "D"].map(|column| format!("<c r=\"{column}2\"><f>旧表!{column}2</f></c>")).into();
    let sheet =
        format!("<sheetData>{}<row r=\"2\">{}</row></sheetData>", xml_row(1, &LOAN_HEADINGS[..4]), cells.concat());
    let (_, tables) = read("a.xlsx", &package("", &sheet));
    assert_eq!(faults(&tables[LOANS]).len(), 4);
    assert_eq!(tables[LOANS].cell_faults[3].kind, crate::table::FaultKind::FormulaWithoutValue);
}
