//! What Excel and typists do to cells, field kind by field kind.

use super::{super::*, *};

fn one(column: usize, value: Value) -> (FileRead, Vec<Table>) {
    let mut row = vec![Text("150102"), Text("DK-001"), Text("甲"), Number(1.0), Blank, Blank, Blank, Blank, Blank];
    row[column] = value;
    read("a.xlsx", &loans(&[&row]))
}

/// Field column, cell, value read, fault, text as submitted, repairs.
type Case = (usize, Value, &'static str, Option<&'static str>, Option<&'static str>, &'static [Normaliser]);

fn check(cases: &[Case]) {
    let ids: Vec<String> = pack().datasets[LOANS].fields.iter().map(|field| field.id.clone()).collect();
    for (index, (at, value, expected, fault, text, repairs)) in cases.iter().enumerate() {
        let (read, tables) = one(*at, *value);
        let table = &tables[LOANS];
        assert_eq!(column(table, &ids[*at]), [*expected], "case {index}");
        let found: Vec<&str> = faults(table).iter().map(|(_, _, kind)| *kind).collect();
        assert_eq!(found, fault.iter().copied().collect::<Vec<_>>(), "case {index}");
        assert_eq!(submitted(table, 0, &ids[*at]), *text, "case {index}");
        assert_eq!(read.repairs.keys().copied().collect::<Vec<_>>(), *repairs, "case {index}");
        assert_eq!(table.submitted.len(), usize::from(text.is_some()), "case {index}");
    }
}

#[test]
fn identifiers() {
    use Normaliser::{Blanks, FullWidth, Invisible, UpperCase};
    check(&[
        (1, Number(150_102_198_503_051_238.0), "∅", Some("numeric-identifier"), Some("150102198503051000"), &[]),
        (1, Number(12_345.0), "∅", Some("numeric-identifier"), Some("12345"), &[]),
        (1, Text("1.50102E+17"), "∅", Some("scientific-notation"), Some("1.50102E+17"), &[]),
        (1, Date(46_295.0), "∅", Some("code-became-date"), Some("2026-09-30"), &[]),
        (1, Text("15010219850305123x"), "15010219850305123X", None, Some("15010219850305123x"), &[UpperCase]),
        (1, Text("DK\u{200b}001"), "DK001", Some("invisible-characters"), Some("DK\u{200b}001"), &[Invisible]),
        (1, Text("ＤＫ００１"), "DK001", Some("full-width-characters"), Some("ＤＫ００１"), &[FullWidth]),
        (1, Text(" DK 001\t"), "DK001", None, Some(" DK 001\t"), &[Blanks]),
        (1, Text("农信借字(2026)第1号"), "农信借字(2026)第1号", None, None, &[]),
        (1, Text("农信\u{e123}字1号"), "农信\u{e123}字1号", Some("lost-characters"), None, &[]),
        (1, Text("#N/A"), "∅", Some("error-cell"), Some("#N/A"), &[]),
        (1, Text("91150100MA0N1E2X5K"), "91150100MA0N1E2X5K", None, None, &[]),
    ]);
}

#[test]
fn codes() {
    use Normaliser::{CodeName, DashAsBlank, NumericCode};
    check(&[
        (0, Number(150_102.0), "150102", None, None, &[NumericCode]),
        (0, Number(5_012.0), "∅", Some("lost-leading-zeros"), Some("5012"), &[]),
        (0, Text("5012"), "∅", Some("lost-leading-zeros"), Some("5012"), &[]),
        (0, Text("A5012"), "A5012", None, None, &[]),
        (0, Date(46_295.0), "∅", Some("code-became-date"), Some("2026-09-30"), &[]),
        (7, Number(1.0), "1", None, None, &[NumericCode]),
        (7, Number(3.0), "∅", Some("lost-leading-zeros"), Some("3"), &[]),
        (7, Number(9.0), "9", None, None, &[NumericCode]),
        (7, Text("正常"), "1", None, Some("正常"), &[CodeName]),
        (7, Text("已 结清"), "03", None, Some("已 结清"), &[CodeName]),
        (7, Text("2-逾期"), "2", None, Some("2-逾期"), &[CodeName]),
        (7, Text("2-正常"), "2-正常", None, None, &[]),
        (7, Text("-"), "∅", None, Some("-"), &[DashAsBlank]),
    ]);
}

#[test]
fn names_and_texts_are_left_as_submitted() {
    use Normaliser::{Blanks, DashAsBlank};
    check(&[
        (2, Text("乌云·其木格（代）"), "乌云·其木格（代）", None, None, &[]),
        (2, Text(" 甲商贸 "), "甲商贸", None, Some(" 甲商贸 "), &[Blanks]),
        (2, Text("甲\u{a0}商贸"), "甲\u{a0}商贸", Some("invisible-characters"), None, &[]),
        (2, Text("乌?其木格"), "乌?其木格", Some("lost-characters"), None, &[]),
        (2, Text("王?"), "王?", Some("lost-characters"), None, &[]),
        (2, Text("王\u{fffd}明"), "王\u{fffd}明", Some("lost-characters"), None, &[]),
        (2, Text("—"), "∅", None, Some("—"), &[DashAsBlank]),
        (2, Text("\u{180f}ᠮᠣᠩᠭᠣᠯ\u{202f}ᠤᠨ"), "\u{180f}ᠮᠣᠩᠭᠣᠯ\u{202f}ᠤᠨ", None, None, &[]),
        (8, Text("是否周转?"), "是否周转?", None, None, &[]),
        (8, Number(2026.0), "2026", None, None, &[]),
        (8, Text("ａｂｃ"), "ａｂｃ", None, None, &[]),
    ]);
}

#[test]
fn amounts_rates_and_whole_numbers() {
    use Normaliser::{Blanks, BracketNegative, CurrencySign, DashAsBlank, FullWidth, Thousands};
    check(&[
        (3, Text("1,234.50"), "1234.500000", None, Some("1,234.50"), &[Thousands]),
        (3, Text("1234.50"), "1234.500000", None, None, &[]),
        (3, Text("500万元"), "500.000000", None, Some("500万元"), &[CurrencySign]),
        (3, Text("500元"), "∅", Some("not-a-number"), Some("500元"), &[]),
        (
            3,
            Text("（1,234）"),
            "-1234.000000",
            Some("full-width-characters"),
            Some("（1,234）"),
            &[FullWidth, Thousands, BracketNegative],
        ),
        (3, Text("(5)"), "-5.000000", None, Some("(5)"), &[BracketNegative]),
        (3, Text("1 234"), "1234.000000", None, Some("1 234"), &[Blanks]),
        (3, Text("１２"), "12.000000", Some("full-width-characters"), Some("１２"), &[FullWidth]),
        (3, Text("12,34"), "∅", Some("not-a-number"), Some("12,34"), &[]),
        (3, Text("约500"), "∅", Some("not-a-number"), Some("约500"), &[]),
        (3, Text("1E+06"), "∅", Some("not-a-number"), Some("1E+06"), &[]),
        (3, Text("/"), "∅", None, Some("/"), &[DashAsBlank]),
        (3, Text("  "), "∅", None, None, &[]),
        (3, Number(0.123_456_7), "∅", Some("too-many-decimals"), Some("0.1234567"), &[]),
        (3, Date(46_295.0), "∅", Some("not-a-number"), Some("2026-09-30"), &[]),
        (4, Text("5%"), "5.00", None, Some("5%"), &[CurrencySign]),
        (4, Number(4.356), "∅", Some("too-many-decimals"), Some("4.356"), &[]),
        (3, Text("5%"), "∅", Some("not-a-number"), Some("5%"), &[]),
        (5, Number(30.0), "30", None, None, &[]),
        (5, Number(30.5), "∅", Some("not-an-integer"), Some("30.5"), &[]),
        (5, Text("30"), "30", None, None, &[]),
        (5, Text("30天"), "∅", Some("not-a-number"), Some("30天"), &[]),
    ]);
}

#[test]
fn dates() {
    use Normaliser::{DateSerial, DateText};
    check(&[
        (6, Date(46_295.0), "2026-09-30", None, None, &[]),
        (6, Number(46_295.0), "2026-09-30", None, Some("46295"), &[DateSerial]),
        (6, Number(20_260_930.0), "2026-09-30", None, Some("20260930"), &[DateText]),
        (6, Text("2026-09-30"), "2026-09-30", None, None, &[]),
        (6, Text("2026.9.30"), "2026-09-30", None, Some("2026.9.30"), &[DateText]),
        (6, Text("2026年9月30日"), "2026-09-30", None, Some("2026年9月30日"), &[DateText]),
        (6, Text("2026/9/30 0:00:00"), "2026-09-30", None, Some("2026/9/30 0:00:00"), &[DateText]),
        (6, Text("46295"), "2026-09-30", None, Some("46295"), &[DateSerial]),
        (6, Text("2026-02-30"), "∅", Some("not-a-date"), Some("2026-02-30"), &[]),
        (6, Text("长期"), "∅", Some("not-a-date"), Some("长期"), &[]),
        (6, Number(5.0), "∅", Some("not-a-date"), Some("5"), &[]),
    ]);
}

#[test]
fn detectors_serve_the_examples_of_rules() {
    let pack = pack();
    let field = |index: usize| &pack.datasets[LOANS].fields[index];
    assert_eq!(cell_faults(field(1), None, Cell::Number(1.5e17)), [crate::table::FaultKind::NumericIdentifier]);
    assert_eq!(cell_faults(field(1), None, Cell::Text("DK-1")), []);
    assert_eq!(
        cell_faults(field(7), pack.codes.get("status"), Cell::Number(3.0)),
        [crate::table::FaultKind::LostLeadingZeros]
    );
}
