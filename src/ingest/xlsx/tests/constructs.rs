//! Constructs one by one: what the own reader reads as calamine does, and what it leaves to it.

use super::{
    super::{Unusual, scan},
    *,
};
use crate::ingest::marks::Area;

fn same(what: &str, parts: &Parts) {
    assert_eq!(compare(&parts.packed()), Verdict::Same, "{what}");
}

fn handed_over(what: &str, parts: &Parts, why: Unusual) {
    assert_eq!(compare(&parts.packed()), Verdict::Stopped(Stop::Unusual(why)), "{what}");
}

/// One cell in B2, between others.
fn cell(xml: &str) -> Parts {
    rows(&format!(
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1</v></c>{xml}<c r="C2"><v>3</v></c></row>"#
    ))
}

#[test]
fn cells_read_alike() {
    for xml in [
        r#"<c r="B2" t="s"><v>0</v></c>"#,
        r#"<c r="B2" t="s"><v>1</v></c>"#,
        r#"<c r="B2" t="s"><v>2</v></c>"#,
        r#"<c r="B2" t="s"><v>3</v></c>"#,
        r#"<c r="B2" t="s"><v>4</v></c>"#,
        r#"<c r="B2" t="s"><v></v></c>"#,
        r#"<c r="B2" t="s"/>"#,
        r#"<c r="B2"/>"#,
        r#"<c r="B2" s="1"></c>"#,
        r#"<c r="B2"><v/></c>"#,
        r#"<c r="B2"><v></v></c>"#,
        r#"<c r="B2"><v>12.50</v></c>"#,
        r#"<c r="B2"><v xml:space="preserve">5</v></c>"#,
        r#"<c r="B2"><f>A1</f><v /></c>"#,
        r#"<c r="B2" t="str"><f>A1</f><v xml:space="preserve"> a</v></c>"#,
        r#"<c r="B2"><v>-0</v></c>"#,
        r#"<c r="B2"><v>1E+20</v></c>"#,
        r#"<c r="B2"><v>0.14999999999999999</v></c>"#,
        r#"<c r="B2"><v>150102198503051238</v></c>"#,
        r#"<c r="B2" t="n"><v>7</v></c>"#,
        r#"<c r="B2" t="n" s="1"><v>46295</v></c>"#,
        r#"<c t="n" s="1" r="B2"><v>46295.5</v></c>"#,
        "<c r='B2' s='3' t='n'><v>0.75</v></c>",
        r#"<c  r = "B2"
            s="4" ><v>46295</v></c>"#,
        r#"<c r="B2" s="5"><v>1.5</v></c>"#,
        r#"<c r="B2" s="6"><v>1.5</v></c>"#,
        r#"<c r="B2" s="9"><v>46295</v></c>"#,
        r#"<c r="B2" s="10"><v>46295</v></c>"#,
        r#"<c r="B2" s="11"><v>0.5</v></c>"#,
        r#"<c r="B2" s="77"><v>46295</v></c>"#,
        r#"<c r="B2" s="13"><v>0.0435</v></c>"#,
        r#"<c r="B2" s="14"><v>1234</v></c>"#,
        r#"<c s="14" r="B2"><f>A1</f><v>1234</v></c>"#,
        r#"<c s="15"><v>5000100</v></c>"#,
        r#"<c r="B2" s="16" t="n"><v>5</v></c>"#,
        r#"<c r="B2" s="13" t="s"><v>0</v></c>"#,
        r#"<c r="B2" s="13"/>"#,
        r#"<c r="B2" s="14"><v>-150102198503051238</v></c>"#,
        "<c><v>1501021985030512</v></c>",
        r#"<c r="B2" s="1"><v>150102198503051238</v></c>"#,
        r#"<c r="B2" s="3"><v>150102198503051238</v></c>"#,
        r#"<c r="B2" t="str"><v>150102198503051238</v></c>"#,
        r#"<c r="B2" s="1"><v>-1</v></c>"#,
        r#"<c r="B2" s="1"><v>60</v></c>"#,
        r#"<c r="B2" s="1"><v>2958466</v></c>"#,
        r#"<c r="B2" cm="1" vm="2"><v>5</v></c>"#,
        r#"<c r="B2" t="b"><v>1</v></c>"#,
        r#"<c r="B2" t="b"><v>0</v></c>"#,
        r#"<c r="B2" t="b"><v>true</v></c>"#,
        r#"<c r="B2" t="b"><v></v></c>"#,
        r#"<c r="B2" t="e"><v>#N/A</v></c>"#,
        r#"<c r="B2" t="e"><v>#DIV/0!</v></c>"#,
        r#"<c r="B2" t="e"><f>A1#</f><v>#SPILL!</v></c>"#,
        r#"<c r="B2" t="d"><v>2026-09-30T12:00:00</v></c>"#,
        r#"<c r="B2" t="d"><v>soon</v></c>"#,
        r#"<c r="B2" t="d"><v/></c>"#,
        r#"<c r="B2" t="str"><f>"a"</f><v>a &amp; b</v></c>"#,
        r#"<c r="B2" t="str"><v> a </v></c>"#,
        r#"<c r="B2" t="str"><f>A1</f><v></v></c>"#,
        r#"<c r="B2" t="str"><v/></c>"#,
        r#"<c r="B2" t="str"><v>_x0041_</v></c>"#,
        "<c r=\"B2\" t=\"str\"><v>a\r\nb\rc</v></c>",
        r#"<c r="B2"><f>A1+1</f><v>2</v></c>"#,
        r#"<c r="B2"><f>A1+1</f></c>"#,
        r#"<c r="B2"><f>A1&amp;"&lt;"</f><v/></c>"#,
        r#"<c r="B2"><f t="shared" si="0"/><v>2</v></c>"#,
        r#"<c r="B2"><f t="shared" si="0"/></c>"#,
        r#"<c r="B2"><f t="array" ref="B2:B2">SUM(A1:A2*A1:A2)</f><v>5</v></c>"#,
        r#"<c r="B2" t="b"><f>A1=A2</f><v>1</v></c>"#,
        r#"<c r="B2" t="inlineStr"><is><t>甲</t></is></c>"#,
        r#"<c r="B2" t="inlineStr"><is><t> 甲 </t></is></c>"#,
        r#"<c r="B2" t="inlineStr"><is><t xml:space="preserve"> 甲 </t></is></c>"#,
        r#"<c r="B2" t="inlineStr"><is><t>&#30002;&#x4e59;&apos;&quot;</t></is></c>"#,
        r#"<c r="B2" t="inlineStr"><is><t>&#10;甲&#10;</t></is></c>"#,
        r#"<c r="B2" t="inlineStr"><is><r><rPr><sz val="9"/><color theme="1"/></rPr><t>甲</t></r><r><t>乙</t></r></is></c>"#,
        r#"<c r="B2" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></is></c>"#,
        r#"<c r="B2" t="inlineStr"><is><t/></is></c>"#,
        r#"<c r="B2" t="inlineStr"></c>"#,
        "\n  <c r=\"B2\">\n    <f>A1</f>\n    <v>1</v>\n  </c>\n  ",
        "<c><v>5</v></c>",
        r#"<c s="1"/><c/>"#,
        r#"<c r="D2"><v>4</v></c><c r="B2"><v>2</v></c>"#,
        r#"<c r="B2"><v>2</v></c><c r="B2"><v>3</v></c>"#,
    ] {
        same(xml, &cell(xml));
    }
}

#[test]
fn cells_left_to_calamine() {
    use Unusual::{Cell, Row, Text, Value, Xml};
    for (xml, why) in [
        (r#"<c r="B2" t="s"><v>99</v></c>"#, Value),
        (r#"<c r="B2" t="s"><v>x</v></c>"#, Value),
        (r#"<c r="B2" t="s"><f>A1</f><v>0</v></c>"#, Cell),
        (r#"<c r="B2" t="unknown"><v>1</v></c>"#, Cell),
        (r#"<c r="B2"><v>text</v></c>"#, Value),
        (r#"<c r="B2"><v> 5 </v></c>"#, Value),
        (r#"<c r="B2"><v>1&#48;</v></c>"#, Value),
        (r#"<c r="B2"><v>inf</v></c>"#, Value),
        (r#"<c r="B2"><v>1e999</v></c>"#, Value),
        (r#"<c r="B2"><v><![CDATA[5]]></v></c>"#, Value),
        (r#"<c r="B2"><v>5<!-- five --></v></c>"#, Value),
        (r#"<c r="B2" t="b"><v>2</v></c>"#, Value),
        (r#"<c r="B2" t="e"><v>#WRONG!</v></c>"#, Value),
        (r#"<c r="B2"><v>1</v><f>A1</f></c>"#, Cell),
        (r#"<c r="B2"><f>A1</f><f>A1</f><v>1</v></c>"#, Cell),
        (r#"<c r="B2"><is><t>a</t></is></c>"#, Cell),
        (r#"<c r="B2" t="inlineStr"><v>a</v></c>"#, Cell),
        (r#"<c r="B2" t="inlineStr"><is><t><![CDATA[a]]></t></is></c>"#, Text),
        (r#"<c r="B2" t="inlineStr"><is><t>&unknown;</t></is></c>"#, Text),
        (r#"<c r="B2" t="inlineStr"><is><x/></is></c>"#, Text),
        (r#"<c r="B2"><extLst/></c>"#, Cell),
        (r#"<c r="B2">5</c>"#, Cell),
        (r#"<c r="B3"><v>1</v></c>"#, Row),
        (r#"<c r="B"><v>1</v></c>"#, Cell),
        (r#"<c r="2"><v>1</v></c>"#, Cell),
        (r#"<c r="b2"><v>1</v></c>"#, Cell),
        (r#"<c r="XFE2"><v>1</v></c>"#, Cell),
        (r#"<c r="B2" r="C2"><v>1</v></c>"#, Cell),
        (r#"<c r="B2" s="a"><v>1</v></c>"#, Cell),
        ("<c r=B2><v>1</v></c>", Xml),
        (r#"<x:c r="B2"><x:v>1</x:v></x:c>"#, Row),
        (r#"<!-- --><c r="B2"/>"#, Row),
    ] {
        handed_over(xml, &cell(xml), why);
    }
}

#[test]
fn rows_and_sheets() {
    let one = r#"<c r="A1"><v>1</v></c>"#;
    for (what, sheet) in [
        ("no dimension", format!("<sheetData><row r=\"1\">{one}</row></sheetData>")),
        ("no rows", "<sheetData/>".to_owned()),
        ("no rows, long", "<sheetData></sheetData>".to_owned()),
        ("a wrong dimension", format!("<dimension ref=\"A1:B2\"/><sheetData><row r=\"1\">{one}</row></sheetData>")),
        ("no row number", "<sheetData><row><c><v>1</v></c></row><row/><row><c><v>2</v></c><c><v>3</v></c></row></sheetData>".to_owned()),
        ("sparse rows", format!("<sheetData><row r=\"1\">{one}</row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>")),
        ("disorder", format!("<sheetData><row r=\"3\"><c r=\"A3\"><v>3</v></c></row><row r=\"1\">{one}</row></sheetData>")),
        ("hidden rows", "<sheetData><row r=\"1\" hidden=\"1\"/><row hidden=\"true\" r=\"2\" ht=\"3\"/><row r=\"3\" hidden=\"0\"/></sheetData>".to_owned()),
        ("much before", "<sheetPr><tabColor rgb=\"FF00FF00\"/></sheetPr><sheetViews><sheetView workbookViewId=\"0\"/></sheetViews><cols><col min=\"1\" max=\"2\" width=\"9.5\" hidden=\"1\"/></cols><sheetData/>".to_owned()),
        ("much behind", format!("<sheetData><row r=\"1\">{one}</row></sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:B1\"/></mergeCells><x14:broken>")),
        ("Excel's attributes", format!("<sheetData><row r=\"1\" spans=\"1:3\" x14ac:dyDescent=\"0.25\" thickBot=\"1\">{one}</row>\n\n</sheetData>")),
    ] {
        same(what, &Parts::around(&sheet));
    }
    for (what, sheet, why) in [
        ("a row twice", "<sheetData><row r=\"1\"/><row r=\"1\"/></sheetData>", Unusual::Row),
        ("row 0", "<sheetData><row r=\"0\"/></sheetData>", Unusual::Row),
        ("a row too far", "<sheetData><row r=\"1048577\"/></sheetData>", Unusual::Row),
        ("a backward dimension", "<dimension ref=\"B2:A1\"/><sheetData/>", Unusual::Sheet),
        ("a dimension of nothing", "<dimension/><sheetData/>", Unusual::Sheet),
        ("no rows at all", "<cols/>", Unusual::Sheet),
        ("an unknown element", "<sheetData><rows/></sheetData>", Unusual::Xml),
        ("an end", "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>", Unusual::Sheet),
    ] {
        handed_over(what, &Parts::around(sheet), why);
    }
}

/// What the file says of a number beside its value; both readers see it.
#[test]
fn formats_and_digits_of_numbers() {
    let cells = [
        (r#"<c r="B2"><v>150102198503051238</v></c>"#, r#"Digits("150102198503051238")"#),
        (r#"<c r="B2"><v>1.5010219850305101E+17</v></c>"#, "Number(1.50102198503051e17)"),
        (r#"<c r="B2"><v>150102198503051</v></c>"#, "Number(150102198503051.0)"),
        (r#"<c r="B2" s="13"><v>0.0435</v></c>"#, "Formatted(0.0435, Percent)"),
        (r#"<c r="B2" s="14"><v>1234</v></c>"#, "Formatted(1234.0, Zeros(6))"),
        (r#"<c r="B2" s="15"><v>5000100</v></c>"#, "Formatted(5000100.0, Scaled)"),
        (r#"<c r="B2" s="16"><v>5</v></c>"#, "Formatted(5.0, Unit(WanYuan))"),
        (r#"<c r="B2" s="7"><v>5</v></c>"#, "Number(5.0)"),
    ];
    for (xml, shown) in cells {
        let read = own(&cell(xml).packed(), false).expect("an ordinary workbook");
        let (found, _) = &read.cells[0];
        assert_eq!(
            found.iter().find(|(row, column, _)| (*row, *column) == (2, 1)).map(|cell| cell.2.as_str()),
            Some(shown),
            "{xml}"
        );
        same(xml, &cell(xml));
    }
}

#[test]
fn hidden_columns_and_merged_cells() {
    let sheet = "<cols><col min=\"2\" max=\"3\" hidden=\"1\"/><col min=\"4\" max=\"4\" width=\"9\" hidden=\"false\"/>\
                 <col hidden=\"true\" width=\"0\" max=\"7\" min=\"7\"/></cols>\
                 <sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>\
                 <mergeCells count=\"2\"><mergeCell ref=\"A1:A3\"/><mergeCell ref=\"B2:D2\"/></mergeCells>";
    let read = own(&Parts::around(sheet).packed(), false).expect("an ordinary workbook");
    let areas = [((1, 3), (0, 0)), ((2, 2), (1, 3))].map(|(rows, columns)| Area { rows, columns });
    let marks = Marks { hidden_rows: Vec::new(), hidden_columns: vec![(1, 2), (6, 6)], merged: areas.into() };
    assert_eq!(read.cells[0].1, marks);
    same("marks", &Parts::around(sheet));
}

fn sheet_part(text: &str) -> Parts {
    rows("").with("xl/worksheets/sheet1.xml", text)
}

#[test]
fn encodings_prefixes_and_declarations() {
    let sheet = |declaration: &str| {
        format!(
            "{declaration}<worksheet xmlns=\"{MAIN}\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>甲</t></is></c></row></sheetData></worksheet>"
        )
    };
    for declaration in [
        "",
        "\u{feff}",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n",
        "\u{feff}<?xml version='1.0' encoding='utf-8'?>\n<!-- by hand -->",
    ] {
        same(declaration, &sheet_part(&sheet(declaration)));
    }
    let utf16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeff_u16).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let text = sheet("<?xml version=\"1.0\" encoding=\"UTF-16\"?>");
    handed_over("UTF-16", &rows("").with("xl/worksheets/sheet1.xml", utf16(&text)), Unusual::Encoding);
    let strings = rows("").text("xl/sharedStrings.xml");
    handed_over("UTF-16", &rows("").with("xl/sharedStrings.xml", utf16(&strings)), Unusual::Encoding);
    let gbk = encoding_rs::GB18030.encode(&sheet("<?xml version=\"1.0\" encoding=\"GBK\"?>")).0.into_owned();
    handed_over("GBK", &rows("").with("xl/worksheets/sheet1.xml", gbk), Unusual::Encoding);
    let mut wrong = sheet("").into_bytes();
    let at = wrong.windows(3).position(|bytes| bytes == "甲".as_bytes()).expect("the text");
    wrong[at] = 0xff;
    handed_over("not UTF-8", &rows("").with("xl/worksheets/sheet1.xml", wrong), Unusual::Encoding);
    let prefixed = format!(
        "<x:worksheet xmlns:x=\"{MAIN}\"><x:sheetData><x:row r=\"1\"><x:c r=\"A1\"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    );
    handed_over("a prefix", &sheet_part(&prefixed), Unusual::Prefix);
    handed_over("another part", &sheet_part("<chartsheet/>"), Unusual::Sheet);
    handed_over("nothing", &sheet_part(""), Unusual::Truncated);
    handed_over("a document type", &sheet_part(&sheet("<!DOCTYPE worksheet>")), Unusual::Sheet);
}

#[test]
fn strict_documents() {
    let strict = "http://purl.oclc.org/ooxml/officeDocument/relationships";
    let mut parts = cell(r#"<c r="B2" s="1" t="d"><v>2026-09-30</v></c>"#);
    for (_, content) in &mut parts.0 {
        let text = String::from_utf8(content.clone()).expect("UTF-8");
        *content =
            text.replace(RELATIONS, strict).replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").into();
    }
    same("strict", &parts);
}

#[test]
fn workbooks_and_their_sheets() {
    let book = cell(r#"<c r="B2" s="1"><v>46295</v></c>"#);
    let with = |from: &str, to: &str| {
        let text = book.text("xl/workbook.xml");
        assert!(text.contains(from), "{from}");
        book.clone().with("xl/workbook.xml", text.replace(from, to))
    };
    same("the other epoch", &with("<workbookPr/>", "<workbookPr date1904=\"1\"/>"));
    same("the other epoch, in words", &with("<workbookPr/>", "<workbookPr date1904=\"true\"/>"));
    same("the usual epoch", &with("<workbookPr/>", "<workbookPr date1904=\"false\"/>"));
    same("an extension", &with("<workbookPr/>", "<x15ac:absPath url=\"C:\\\"/><mc:AlternateContent/>"));
    same("hidden", &with("sheetId=\"1\"", "sheetId=\"1\" state=\"veryHidden\""));
    same("an entity in the name", &with("贷款", "a &amp; b"));
    same(
        "a name with a line",
        &with("<sheets>", "<definedNames><definedName name=\"a\">贷款!$A$1</definedName></definedNames><sheets>"),
    );
    let first = "<sheet name=\"贷款\" sheetId=\"1\" r:id=\"rId1\"/>";
    same("the same part twice", &with(first, &format!("{first}<sheet name=\"又\" sheetId=\"2\" r:id=\"rId1\"/>")));
    handed_over("one name twice", &with(first, &format!("{first}{first}")), Unusual::Workbook);
    handed_over("no relation", &with("rId1", "rId9"), Unusual::Workbook);
    handed_over("a strange state", &with("sheetId=\"1\"", "state=\"odd\""), Unusual::Workbook);
    handed_over("a prefix", &with(first, "<x:sheet name=\"a\" r:id=\"rId1\"/>"), Unusual::Prefix);
    let relations = book.text("xl/_rels/workbook.xml.rels");
    let related = |from: &str, to: &str| book.clone().with("xl/_rels/workbook.xml.rels", relations.replace(from, to));
    same("an absolute target", &related("worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"));
    same("capitals", &related("worksheets/sheet1.xml", "Worksheets/Sheet1.xml"));
    handed_over("a macro sheet", &related("/worksheet\"", "/xlMacrosheet\""), Unusual::Workbook);
    handed_over("strings elsewhere", &related("sharedStrings.xml", "strings.xml"), Unusual::Package);
    handed_over("a missing part", &related("sheet1.xml", "sheet7.xml"), Unusual::Package);
    let mut moved = book.clone();
    for (name, content) in &mut moved.0 {
        *name = name.replace("xl/", "a/b/");
        *content = String::from_utf8(content.clone()).expect("UTF-8").replace("xl/workbook", "/a/b/workbook").into();
    }
    same("another folder", &moved);
}

#[test]
fn formats_of_dates() {
    let ids: Vec<u32> = (0..60).collect();
    let codes = [
        "General",
        "yyyy-mm-dd",
        "yyyy\\-mm\\-dd",
        "m/d/yy h:mm",
        "[$-804]yyyy\"年\"m\"月\"d\"日\";@",
        "[h]:mm",
        "[mm]:ss",
        "[s]",
        "0.00_);[Red]\\(0.00\\)",
        "#,##0.00 \"元\"",
        "\"d\"0",
        "\\d0",
        "*d0",
        "_d0",
        "[Red]0",
        "[Magenta]0",
        "[$￥-804]#,##0.00",
        "AM/PM h",
        "h AM/PM",
        "上午/下午h:mm",
        "aaaa",
        "aaaa yyyy",
        "[DBNum1][$-804]yyyy\"年\"",
        "e",
        "0;y",
        "\"",
        "\\",
        "[",
        "",
        "@",
        "0.0E+00",
        "#\" \"?/?",
        "mmss.0",
        "Standard",
        "[<1]0;y",
        "[Blue]d",
        "ss.000",
    ];
    let custom: Vec<String> = codes
        .iter()
        .enumerate()
        .map(|(at, code)| {
            let code = code.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
            format!("<numFmt numFmtId=\"{}\" formatCode=\"{code}\"/>", 164 + at)
        })
        .collect();
    let ids = ids.into_iter().chain((164..).take(codes.len()));
    let formats: Vec<String> = ids.map(|id| format!("<xf numFmtId=\"{id}\"/>")).collect();
    let styles = format!(
        "<styleSheet><numFmts>{}</numFmts><cellXfs>{}</cellXfs></styleSheet>",
        custom.concat(),
        formats.concat()
    );
    let cells: Vec<String> = (1..=formats.len())
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" s=\"{}\"><v>46295.25</v></c></row>", row - 1))
        .collect();
    let cells = cells.concat();
    for epoch in ["<workbookPr/>", "<workbookPr date1904=\"1\"/>"] {
        let parts = rows(&cells).with("xl/styles.xml", styles.as_str());
        let book = parts.text("xl/workbook.xml").replace("<workbookPr/>", epoch);
        same("formats", &parts.with("xl/workbook.xml", book));
    }
    let without = rows(&cells);
    let without = Parts(without.0.into_iter().filter(|(name, _)| name != "xl/styles.xml").collect());
    same("no styles", &without);
    let late = "<styleSheet><cellXfs><xf numFmtId=\"164\"/></cellXfs><numFmts/></styleSheet>";
    handed_over("formats numbered late", &rows("").with("xl/styles.xml", late), Unusual::Styles);
}

#[test]
fn packages() {
    let parts = cell(r#"<c r="B2" t="s"><v>1</v></c>"#);
    assert_eq!(compare(&parts.packed_with(Parts::stored())), Verdict::Same);
    assert_eq!(compare(&parts.packed_with(SimpleFileOptions::default().large_file(true))), Verdict::Same);
    assert_eq!(compare(&parts.packed_with_descriptors()), Verdict::Same);
    let mut shuffled = parts.clone();
    shuffled.0.reverse();
    assert_eq!(compare(&shuffled.packed()), Verdict::Same);
    let mut windows = parts.clone();
    windows.0.iter_mut().for_each(|(name, _)| *name = name.replace("xl/worksheets/", "xl\\worksheets\\"));
    assert_eq!(compare(&windows.packed()), Verdict::Same);
    let without = Parts(parts.0.iter().filter(|(name, _)| name != "xl/sharedStrings.xml").cloned().collect());
    assert_eq!(compare(&without.packed()), Verdict::Stopped(Stop::Unusual(Unusual::Value)));
    // A byte of the stored sheet, an amount perhaps, has changed on the way: the checksum tells.
    let mut changed = parts.packed_with(Parts::stored());
    let at = changed.windows(10).position(|bytes| bytes == b"<v>3</v></").expect("the value");
    changed[at + 3] = b'8';
    assert_eq!(compare(&changed), Verdict::Stopped(Stop::Unusual(Unusual::Checksum)));
    let whole = parts.packed();
    for length in 0..whole.len() {
        assert!(matches!(compare(&whole[..length]), Verdict::Stopped(_)), "{length} bytes");
    }
}

/// Rows larger than a piece, and more rows than a batch, on one thread and on two.
#[test]
fn pieces_end_anywhere() {
    let row = |number: u32, length: usize| {
        format!(
            "<row r=\"{number}\"><c r=\"A{number}\" t=\"inlineStr\"><is><t>{}&amp;</t></is></c><c r=\"B{number}\"><v>{number}</v></c></row>",
            "甲".repeat(length)
        )
    };
    let long: String = (1..40).map(|number| row(number, 20_000)).collect();
    let many: String = (1..20_000).map(|number| row(number, 3)).collect();
    let huge = row(1, 1_000_000);
    for text in [long, many, huge] {
        let bytes = rows(&text).packed();
        assert_eq!(compare(&bytes), Verdict::Same);
        assert_eq!(own(&bytes, true), own(&bytes, false));
    }
}

/// Whatever prefix of a row is at hand, the scan asks for more and then finds the same as at once.
#[test]
fn every_cut_asks_for_more() {
    let sheet = cell(r#"<c r="B2" s="1"><f>A1</f><v>5</v></c><c r="E2" t="inlineStr"><is><r><rPr><b/></rPr><t xml:space="preserve"> a</t></r></is></c><c r="F2" t="b"><v>1</v></c>"#)
        .text("xl/worksheets/sheet1.xml");
    let bytes = sheet.as_bytes();
    let formats = [crate::ingest::xlsx::styles::Shows::Number(None)];
    let tables = scan::Tables { strings: 5, formats: &formats };
    let end = sheet.find("</sheetData>").expect("the end") + "</sheetData>".len();
    for cut in 0..end {
        let (mut cells, mut rows, mut decoded) = (Vec::new(), Vec::new(), Vec::new());
        let mut finds = scan::Finds { cells: &mut cells, rows: &mut rows, decoded: &mut decoded };
        let mut scan = scan::Scan::new(tables);
        let (passed, halt) = scan.go_on(&bytes[..cut], &mut finds);
        assert_eq!(halt, Some(super::super::cursor::Halt::More), "at {cut}: {:?}", &sheet.get(..cut));
        let (_, halt) = scan.go_on(&bytes[passed..], &mut finds);
        assert_eq!((halt, finds.cells.len(), finds.rows.len()), (None, 6, 2), "at {cut}");
    }
}

#[test]
fn bombs_are_given_up() {
    let spaces = " ".repeat(300 << 20);
    let behind = Parts::around(&format!("<sheetData/>{spaces}")).packed();
    assert!(behind.len() < 1 << 20);
    assert_eq!(own(&behind, false), Err(Stop::Bomb));
    assert!(crate::ingest::xlsx::is_bomb(&behind));
    // Not deflated, but a row, and a string, without an end.
    let endless = spaces.get(..140 << 20).expect("as many");
    let row = rows(&format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{endless}"));
    assert_eq!(own(&row.packed_with(Parts::stored()), false), Err(Stop::Bomb));
    let strings = rows("").with("xl/sharedStrings.xml", format!("<sst><si><t>{endless}</t></si></sst>"));
    assert_eq!(own(&strings.packed_with(Parts::stored()), false), Err(Stop::Bomb));
    assert!(!crate::ingest::xlsx::is_bomb(&rows("").packed()));
}
