//! What sheets say beside the values of their cells: number formats, long numbers, merged cells, hidden columns.

use rust_xlsxwriter::{Format, Worksheet};

use super::{super::*, *};

/// A sheet of loans with `below` added under the headings.
fn loans_with(below: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("贷款明细").expect("a name");
    sheet.write_row(0, 0, LOAN_HEADINGS).expect("headings");
    below(sheet);
    saved(&mut workbook)
}

fn loan(sheet: &mut Worksheet, row: u32, contract: &'static str) {
    write(sheet, row, &[Text("150102"), Text(contract), Text("甲"), Number(1.0)]);
}

/// A file as the own reader gives it, and as calamine does once a document type bars the own reader from the sheet.
fn both_readers(bytes: &[u8]) -> [(FileRead, Vec<Table>); 2] {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut barred = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut part, &mut text).expect("text");
        if name.ends_with("sheet1.xml") {
            text = text.replace("<worksheet", "<!DOCTYPE worksheet><worksheet");
        }
        barred.start_file(name, SimpleFileOptions::default()).expect("a part");
        barred.write_all(text.as_bytes()).expect("a part");
    }
    let read = [read("a.xlsx", bytes), read("a.xlsx", &barred.finish().expect("a package").into_inner())];
    assert_eq!(read.each_ref().map(|(file, _)| file.handed_over.is_some()), [false, true]);
    read
}

#[test]
fn number_formats() {
    // Column, value, format; value read, fault, text as submitted, repairs.
    type Case =
        (u16, f64, &'static str, &'static str, Option<&'static str>, Option<&'static str>, &'static [Normaliser]);
    let cases: [Case; 16] = [
        (0, 1_234.0, "000000", "001234", None, None, &[Normaliser::NumericCode]),
        (0, 1_234.0, "0000", "∅", Some("lost-leading-zeros"), Some("1234"), &[]),
        (1, 1_234.0, "000000", "∅", Some("numeric-identifier"), Some("001234"), &[]),
        (8, 7.0, "000", "007", None, None, &[]),
        (3, 500.01, "#,##0.00", "500.010000", None, None, &[]),
        (3, 500.01, "0.00\"万元\"", "500.010000", None, None, &[]),
        (3, 500.0, "0.00\"元\"", "∅", Some("shown-otherwise"), Some("500"), &[]),
        (3, 5_000_100.0, "0\\.0,", "∅", Some("shown-otherwise"), Some("5000100"), &[]),
        (3, 0.35, "0%", "∅", Some("shown-otherwise"), Some("0.35"), &[]),
        (3, 7.0, "0000", "7.000000", None, None, &[]),
        (4, 0.0435, "0.00%", "4.35", None, Some("4.35%"), &[Normaliser::PercentFormat]),
        (4, 4.35, "0.00", "4.35", None, None, &[]),
        (4, 0.043_567, "0.00%", "∅", Some("too-many-decimals"), Some("4.3567%"), &[]),
        (5, 30.0, "00", "30", None, None, &[]),
        (5, 0.3, "0%", "∅", Some("shown-otherwise"), Some("0.3"), &[]),
        (6, 20_260_930.0, "00000000", "2026-09-30", None, Some("20260930"), &[Normaliser::DateText]),
    ];
    let ids: Vec<String> = pack().datasets[LOANS].fields.iter().map(|field| field.id.clone()).collect();
    for (column_index, value, code, expected, fault, text, repairs) in cases {
        let bytes = loans_with(|sheet| {
            loan(sheet, 1, "DK-001");
            let format = Format::new().set_num_format(code);
            sheet.write_number_with_format(1, column_index, value, &format).expect("a cell");
        });
        for (read, tables) in both_readers(&bytes) {
            let (table, id) = (&tables[LOANS], &ids[usize::from(column_index)]);
            assert_eq!(column(table, id), [expected], "{value} as {code}");
            let found: Vec<&str> = faults(table).iter().map(|(_, _, kind)| *kind).collect();
            assert_eq!(found, fault.into_iter().collect::<Vec<_>>(), "{value} as {code}");
            assert_eq!(submitted(table, 0, id), text, "{value} as {code}");
            assert_eq!(read.repairs.keys().copied().collect::<Vec<_>>(), repairs, "{value} as {code}");
        }
    }
}

/// Programs other than Excel write all digits of a long number; what Excel keeps of one has an exponent.
#[test]
fn digits_as_written() {
    for (written, shown) in
        [("150102198503051238", "150102198503051238"), ("1.5010219850305101E+17", "150102198503051000")]
    {
        let row = format!(
            "<row r=\"2\"><c r=\"A2\"><v>150102</v></c><c r=\"B2\"><v>{written}</v></c><c r=\"C2\" t=\"inlineStr\"><is><t>甲</t></is></c>\
             <c r=\"D2\"><v>1</v></c><c r=\"I2\"><v>{written}</v></c></row>"
        );
        let bytes = package("", &format!("<sheetData>{}{row}</sheetData>", xml_row(1, &LOAN_HEADINGS)));
        for (_, tables) in both_readers(&bytes) {
            let table = &tables[LOANS];
            let found = faults(table);
            // In a text too, the last digits would be false.
            let lost = |field: &str| (0, field.to_owned(), "numeric-identifier");
            assert_eq!(found, [lost("contract_no"), lost("purpose")]);
            assert_eq!(submitted(table, 0, "contract_no"), Some(shown));
            assert_eq!(submitted(table, 0, "purpose"), Some(shown));
        }
    }
}

/// Where rows are not in order, cells are kept until they are sorted, with all their digits.
#[test]
fn rows_out_of_order_keep_the_digits() {
    let row = |number: u32| {
        format!(
            "<row r=\"{number}\"><c r=\"A{number}\"><v>150102</v></c><c r=\"B{number}\"><v>15010219850305123{number}</v></c>\
             <c r=\"C{number}\" t=\"inlineStr\"><is><t>甲</t></is></c><c r=\"D{number}\"><v>1</v></c></row>"
        )
    };
    let sheet = format!("<sheetData>{}{}{}</sheetData>", xml_row(1, &LOAN_HEADINGS), row(3), row(2));
    for (_, tables) in both_readers(&package("", &sheet)) {
        let shown = [0, 1].map(|record| submitted(&tables[LOANS], record, "contract_no"));
        assert_eq!(shown, [Some("150102198503051232"), Some("150102198503051233")]);
    }
}

#[test]
fn merged_cells_and_hidden_columns() {
    let bytes = loans_with(|sheet| {
        for (row, contract) in (1..).zip(["DK-001", "DK-002", "DK-003"]) {
            loan(sheet, row, contract);
        }
        sheet.merge_range(1, 2, 2, 2, "甲商贸", &Format::new()).expect("merged");
        sheet.merge_range(3, 6, 3, 8, "用途不详", &Format::new()).expect("merged");
        sheet.set_column_hidden(4).expect("hidden");
        sheet.set_column_hidden(11).expect("hidden");
    });
    for (read, tables) in both_readers(&bytes) {
        let table = &tables[LOANS];
        assert_eq!(column(table, "customer_name"), ["甲商贸", "∅", "甲"]);
        let merged: Vec<_> = faults(table).into_iter().filter(|(_, _, kind)| *kind == "merged-cell").collect();
        let expected = [(1, "customer_name"), (2, "status"), (2, "purpose")];
        assert_eq!(merged, expected.map(|(record, field)| (record, field.to_owned(), "merged-cell")));
        assert_eq!(read.sheets[0].hidden_columns, [("E".to_owned(), "年利率(%)".to_owned())]);
    }
}

#[test]
fn merged_cells_of_xls_workbooks() {
    let files = Files::new().with_path("tests/odd-workbooks/merged.xls".into());
    let intake = files.read();
    let found = faults(&intake.tables[LOANS]);
    assert_eq!(found, [(1, "customer_name".to_owned(), "merged-cell")]);
}

/// Three shares or more, none above one.
#[test]
fn per_cent_that_may_be_fractions() {
    for (rates, doubtful) in
        [([0.35, 0.5, 1.0], true), ([0.35, 0.5, 1.01], false), ([-0.35, 0.5, 0.1], true), ([0.0, 0.5, 0.1], false)]
    {
        let bytes = loans_with(|sheet| {
            for (row, (contract, rate)) in (1..).zip(["DK-001", "DK-002", "DK-003"].into_iter().zip(rates)) {
                loan(sheet, row, contract);
                sheet.write_number(row, 4, rate).expect("a rate");
            }
        });
        let (read, _) = super::read("a.xlsx", &bytes);
        assert_eq!(read.sheets[0].fractions, if doubtful { vec![4] } else { Vec::new() }, "{rates:?}");
    }
}
