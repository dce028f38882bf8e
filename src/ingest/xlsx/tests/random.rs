//! Random workbooks: rows, cells and texts of every kind, in every notation programs use and now and then in others.

use std::fmt::Write as _;

use super::{rng::Rng, *};

/// Workbooks tried.
const WORKBOOKS: u64 = 400;

const WORDS: [&str; 14] = [
    "甲商贸有限公司",
    "150102198503051238",
    "DK-001",
    "a",
    "",
    " ",
    "  b ",
    "𠮷",
    "_x000D_",
    "_x00",
    "é\u{301}",
    "\u{a0}",
    "1.5",
    "]]>",
];

/// A text as XML, its characters written one way or another.
fn xml_text(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.below(4) {
        for c in rng.pick(&WORDS).chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '&' => out.push_str("&amp;"),
                _ if rng.chance(2) => {
                    let _ = write!(out, "&#{};", u32::from(c));
                }
                _ if rng.chance(1) => {
                    let _ = write!(out, "&#x{:X};", u32::from(c));
                }
                _ => out.push(c),
            }
        }
        if rng.chance(10) {
            out.push_str(rng.pick(&["\n", "\r\n", "\r", "\t", "&lt;", "&amp;", "&gt;", "&quot;", "&apos;"]));
        }
        if rng.below(500) == 0 {
            out.push_str(rng.pick(&["&", "&nbsp;", "<![CDATA[x]]>", "<!-- -->", "<b/>"]));
        }
    }
    out
}

fn text_element(rng: &mut Rng) -> String {
    let space = rng.pick(&["", "", " xml:space=\"preserve\"", " xml:space='default'", " xml:space=\"preserve\" "]);
    match rng.below(12) {
        0 => "<t/>".to_owned(),
        1 => format!("<t{space}></t>"),
        _ => format!("<t{space}>{}</t>", xml_text(rng)),
    }
}

/// What stands in `<si>` and `<is>`.
fn rich_text(rng: &mut Rng) -> String {
    match rng.below(10) {
        0 => {
            let properties =
                ["<rPr><b/><sz val=\"11\"/></rPr>", "<rPr/>", "", "<rPr><rFont val=\"a&amp;b>\"></rFont></rPr>"];
            concat(rng.below(4), || format!("<r>{}{}</r>", rng.pick(&properties), text_element(rng)))
        }
        1 => {
            format!("{}<rPh sb=\"0\" eb=\"1\">{}</rPh><phoneticPr fontId=\"1\"/>", text_element(rng), text_element(rng))
        }
        2 => String::new(),
        3 => format!("\n {} ", text_element(rng)),
        _ => text_element(rng),
    }
}

fn concat(count: usize, mut one: impl FnMut() -> String) -> String {
    (0..count).fold(String::new(), |all, _| all + &one())
}

fn number(rng: &mut Rng) -> String {
    let sign = rng.pick(&["", "", "", "-"]);
    match rng.below(8) {
        0 => format!("{sign}{}", rng.between(0, 10)),
        1 => format!("{sign}{}.{}", rng.between(0, 1_000_000), rng.digits(2)),
        2 => format!("{}", rng.between(0, 60_000)),
        3 => {
            let count = 10 + rng.below(10);
            format!("{sign}{}", rng.digits(count))
        }
        4 => {
            let count = 1 + rng.below(20);
            format!("{sign}0.{}", rng.digits(count))
        }
        5 => format!("{sign}{}.{}E{}{}", rng.digits(1), rng.digits(16), rng.pick(&["+", "-", ""]), rng.between(0, 330)),
        6 => format!("{}.{}", rng.between(0, 60_000), rng.pick(&["0", "5", "25", "999999999"])),
        _ if rng.below(60) == 0 => {
            (*rng.pick(&[&"", &".5", &"5.", &"1 ", &"+1", &"NaN", &"1,5", &"1e", &"&#49;", &"甲"])).to_owned()
        }
        _ => "0".to_owned(),
    }
}

fn cell(rng: &mut Rng, row: u32, column: usize, strings: usize) -> String {
    let letters = crate::table::column_letters(u32::try_from(column).expect("few columns"));
    let mut attributes = Vec::new();
    if !rng.chance(10) {
        let row = if rng.below(3_000) == 0 { row + 1 } else { row };
        attributes.push(format!("r=\"{letters}{row}\""));
    }
    // Newer errors are left out: behind them calamine loses count of cells without a place.
    let errors = ["#N/A", "#REF!", "#VALUE!", "#NUM!", "#NULL!"];
    if rng.chance(50) {
        attributes.push(format!("s=\"{}\"", rng.below(18)));
    }
    let formula = match rng.below(12) {
        0 => "<f>SUM(A1:B2)&amp;\"x\"</f>",
        1 => "<f t=\"shared\" si=\"0\" ref=\"A1:A2\">A1</f>",
        2 => "<f/>",
        _ => "",
    };
    let beyond = usize::from(rng.below(500) == 0);
    let (kind, inner) = match rng.below(11) {
        0..=2 => ("s", format!("<v>{}</v>", rng.below(strings + beyond))),
        3 => ("inlineStr", format!("<is>{}</is>", rich_text(rng))),
        4 => ("str", format!("{formula}<v>{}</v>", xml_text(rng))),
        5 => ("b", format!("{formula}<v>{}</v>", rng.pick(&["0", "1", "true", "false", ""]))),
        6 => ("e", format!("{formula}<v>{}</v>", rng.pick(&errors))),
        7 if rng.chance(20) => ("d", format!("<v>{}</v>", rng.pick(&["2026-09-30", "2026-09-30T10:00:00Z", "", "甲"]))),
        8 if rng.chance(50) => ("", String::new()),
        9 => ("n", format!("{formula}<v>{}</v>", number(rng))),
        _ => (
            "",
            format!("{formula}{}", if rng.chance(5) { "<v/>".to_owned() } else { format!("<v>{}</v>", number(rng)) }),
        ),
    };
    if !kind.is_empty() {
        attributes.push(format!("t=\"{kind}\""));
    }
    if rng.chance(3) {
        attributes.push("cm=\"1\"".to_owned());
    }
    if rng.chance(10) {
        attributes.reverse();
    }
    let mut tag = attributes.iter().fold(String::new(), |tag, attribute| tag + " " + attribute);
    if rng.chance(3) {
        tag = tag.replace('"', "'").replace('=', " = ");
    }
    match rng.below(40) {
        0 if inner.is_empty() => format!("<c{tag}/>"),
        1 => format!(" <c{tag} >\n{inner}\t</c>"),
        _ => format!("<c{tag}>{inner}</c>"),
    }
}

fn workbook(rng: &mut Rng) -> Parts {
    let strings = 1 + rng.below(20);
    let table = concat(strings, || format!("<si>{}</si>", rich_text(rng)));
    let mut sheet = String::new();
    let mut row = 0;
    for _ in 0..rng.below(30) {
        row += if rng.chance(80) { 1 } else { u32::try_from(rng.between(1, 2_000)).expect("few rows") };
        if rng.below(200) == 0 {
            row = row.saturating_sub(5).max(1);
        }
        let hidden = rng.pick(&["", "", "", " hidden=\"1\"", " hidden=\"0\"", " spans=\"1:9\" ht='12.5'"]);
        let mut cells = String::new();
        let mut column = 0;
        while column < 12 {
            cells.push_str(&cell(rng, row, column, strings));
            column += if rng.chance(80) { 1 } else { 1 + rng.below(700) };
        }
        // Rows without cells are rare in the middle of a sheet.
        let next = match rng.below(12) {
            0 => format!("<row r=\"{row}\"{hidden}/>"),
            1 => format!("\n<row{hidden} r=\"{row}\">{cells}</row>"),
            _ => format!("<row r=\"{row}\"{hidden}>{cells}</row>"),
        };
        sheet.push_str(&next);
    }
    let behind = rng.pick(&[
        "",
        "<mergeCells count=\"1\"><mergeCell ref=\"A1:B1\"/><mergeCell ref='C2:C9' /></mergeCells>",
        "\n<hyperlinks/>",
    ]);
    let before = rng.pick(&[
        "",
        "<dimension ref=\"A1\"/>",
        "<dimension ref=\"A1:XFD9\"/><cols><col min=\"1\" max=\"2\"/></cols>",
        "<cols><col max='4' hidden='1' min='3'/><col min=\"6\" max=\"6\" hidden=\"true\"/></cols>",
    ]);
    let mut parts = Parts::around(&format!("{before}<sheetData>{sheet}</sheetData>{behind}"))
        .with("xl/sharedStrings.xml", format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"{strings}\">{table}</sst>"));
    if rng.chance(30) {
        let book = parts.text("xl/workbook.xml").replace("<workbookPr/>", "<workbookPr date1904=\"1\"/>");
        parts = parts.with("xl/workbook.xml", book);
    }
    parts
}

#[test]
fn random_workbooks_read_alike() {
    let mut same = 0;
    for seed in 0..WORKBOOKS {
        let mut rng = Rng::new(seed);
        let parts = workbook(&mut rng);
        let bytes = match rng.below(4) {
            0 => parts.packed_with(Parts::stored()),
            1 => parts.packed_with_descriptors(),
            2 => parts.packed_with(SimpleFileOptions::default().large_file(true)),
            _ => parts.packed(),
        };
        match compare(&bytes) {
            Verdict::Same => {
                same += 1;
                assert_eq!(own(&bytes, true), own(&bytes, false), "seed {seed}");
            }
            Verdict::Stopped(stop) => assert_ne!(stop, Stop::Bomb, "seed {seed}"),
            Verdict::Differ(how) => panic!("seed {seed}: {how}\n{}", parts.text("xl/worksheets/sheet1.xml")),
        }
    }
    // Most must really be compared.
    assert!(same * 2 > WORKBOOKS, "only {same} of {WORKBOOKS} were read by both");
}
