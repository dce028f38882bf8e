//! Sheets the own reader begins and calamine reads: nothing of the beginning may stay.

use super::{super::*, *};
use crate::text::Text;

/// Rows of loans, of which the one at `unusual` has a value written as no program does; every hundredth is hidden.
fn sheet(rows: u32, unusual: Option<u32>, disorder: bool) -> Vec<u8> {
    let row = |number: u32| {
        let amount = if unusual == Some(number) { "5<!-- five -->" } else { "5" };
        let hidden = if number.is_multiple_of(100) { " hidden=\"1\"" } else { "" };
        format!(
            "<row r=\"{number}\"{hidden}><c r=\"A{number}\" t=\"str\"><v>150102</v></c><c r=\"B{number}\" t=\"str\"><v>DK-{number}</v></c>\
             <c r=\"C{number}\" t=\"inlineStr\"><is><t>甲</t></is></c><c r=\"D{number}\" t=\"n\"><v>{amount}</v></c></row>"
        )
    };
    let mut all: Vec<String> = (2..=rows).map(row).collect();
    all.insert(0, xml_row(1, &LOAN_HEADINGS[..4]));
    if disorder {
        let last = all.len() - 1;
        all.swap(1, last);
    }
    package("", &format!("<sheetData>{}</sheetData>", all.concat()))
}

fn read_on(threads: usize, bytes: &[u8]) -> (FileRead, Vec<Table>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(|| read("a.xlsx", bytes))
}

#[test]
fn the_whole_sheet_is_read_once_wherever_it_was_handed_over() {
    let ordinary = sheet(8_000, None, false);
    for threads in [1, 2] {
        let (file, expected) = read_on(threads, &ordinary);
        assert_eq!((file.handed_over, file.unreadable), (None, None));
        assert_eq!(expected[LOANS].hidden_records.len(), 80);
        for unusual in [1, 2, 4_000, 8_000] {
            let (file, tables) = read_on(threads, &sheet(8_000, Some(unusual), false));
            assert_eq!(file.handed_over.is_some(), unusual > 1, "row {unusual}");
            assert_eq!(file.unreadable, None);
            let (table, expected) = (&tables[LOANS], &expected[LOANS]);
            assert!(table.frame.equals_missing(&expected.frame), "row {unusual}, {threads} threads");
            assert_eq!(table.sheet_rows, expected.sheet_rows);
            assert_eq!(table.hidden_records, expected.hidden_records);
        }
    }
}

#[test]
fn disorder_and_an_unusual_cell_together() {
    let (_, expected) = read_on(1, &sheet(8_000, None, false));
    for (threads, unusual) in [(1, None), (2, None), (1, Some(2)), (2, Some(7_900))] {
        let (file, tables) = read_on(threads, &sheet(8_000, unusual, true));
        assert_eq!(file.handed_over.is_some(), unusual.is_some());
        assert!(tables[LOANS].frame.equals_missing(&expected[LOANS].frame));
        assert_eq!(tables[LOANS].sheet_rows, expected[LOANS].sheet_rows);
    }
}

#[test]
fn where_and_why_is_said() {
    let (file, _) = read_on(1, &sheet(9, Some(7), false));
    let Text { zh, en } = file.handed_over.expect("a reason");
    assert!(zh.contains("单元格的值写法不常见（工作表「贷款明细」"), "{zh}");
    assert!(en.contains("an unusually written value (sheet \"贷款明细\", below row"), "{en}");
}

/// No reader is given what inflates without end.
#[test]
fn a_bomb_is_reported_and_the_batch_goes_on() {
    let good = sheet(5, None, false);
    let spaces = " ".repeat(300 << 20);
    let bombs = [
        package("", &format!("<sheetData>{}</sheetData>{spaces}", xml_row(1, &LOAN_HEADINGS[..4]))),
        // Nothing for the own reader, so that calamine would have it.
        package("<!DOCTYPE a>", &format!("<sheetData/>{spaces}")),
    ];
    for bomb in bombs {
        let intake = Files::new().with("bomb.xlsx", &bomb).with("good.xlsx", &good).read();
        assert_eq!(intake.files[0].unreadable, Some(super::super::message::bomb()));
        assert_eq!(intake.files[1].unreadable, None);
        assert_eq!(intake.tables[LOANS].height(), 4);
    }
}
