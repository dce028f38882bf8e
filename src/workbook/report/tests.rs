//! Long lists: their rows, styles and sums, and the sheets they go on over.

use std::{collections::BTreeMap, io::Read as _};

use calamine::{Data, Reader as _, Xlsx};
use polars::prelude::IntoLazy as _;

use super::{Occasion, write_report};
use crate::{
    job::{Calendar, Period, Signers},
    pack::{Request, RulePack, load_pack},
    report::{evaluate::evaluate, load_reports, model::Report, query::Tables},
    text::Lang,
};

const PERIOD: &str = "2026-10";

fn pack() -> RulePack {
    let request = Request {
        pack: "large-credit",
        folder: None,
        period: PERIOD.parse().expect("a period"),
        overrides: &BTreeMap::new(),
        calendar: Calendar::built_in().expect("the calendar"),
    };
    load_pack(&request).expect("the pack")
}

/// A report of one list over the table of rules, of which the test makes the rows up.
fn report(pack: &RulePack, columns: &str) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "id = \"long\"\nfile = \"long.xlsx\"\ntitle = \"x\"\nsignature = false\n[[sheet]]\nname = \"s\"\n[[sheet.block]]\n\
         query = \"SELECT rule, violated, at_risk FROM rules\"\nsort = [\"violated\"]\nnumber = true\n{columns}"
    );
    std::fs::write(folder.path().join("long.toml"), text).expect("written");
    let period: Period = PERIOD.parse().expect("a period");
    let reports = load_reports(pack, period, Some(folder.path())).expect("good definitions");
    reports.into_iter().find(|report| report.id == "long").expect("the report")
}

fn draw(height: i64, columns: &str) -> tempfile::NamedTempFile {
    let pack = pack();
    let report = report(&pack, columns);
    let rules = polars::prelude::df!(
        "rule" => (0..height).map(|at| format!("R<{at}>")).collect::<Vec<_>>(),
        "violated" => (0..height).collect::<Vec<_>>(),
        "at_risk" => vec![1_i64; usize::try_from(height).expect("a height")],
    );
    let tables = Tables::from([("rules".to_owned(), rules.expect("rows").lazy())]);
    let evaluated = evaluate(&report, &tables, Lang::Zh).expect("rows");
    let occasion = Occasion {
        institution: "示例",
        period: PERIOD.parse().expect("a period"),
        open_points: 0,
        signers: &Signers::default(),
        pack: &pack,
        lang: Lang::Zh,
    };
    let file = tempfile::NamedTempFile::new().expect("a file");
    write_report(&evaluated, &occasion, file.path()).expect("written");
    file
}

#[test]
fn rows_put_in_later_are_those_of_a_short_list() {
    let columns = "columns = [{ field = \"rule\" }, { field = \"violated\", total = true, colour = [{ when = \"violated = 3\", \
                   tone = \"bad\" }] }]\n";
    let file = draw(30_000, columns);
    let mut book: Xlsx<_> = calamine::open_workbook(file.path()).expect("a workbook");
    let range = book.worksheet_range("s").expect("the sheet");
    let rows: Vec<_> = range.rows().collect();
    let first = rows.iter().position(|row| row[0] == Data::Float(1.0)).expect("the first row");
    assert_eq!(rows[first][1], Data::String("R<0>".to_owned()));
    assert_eq!(rows[first + 29_999][1], Data::String("R<29999>".to_owned()));
    // 0 + 1 + … + 29,999.
    assert_eq!(rows[first + 30_000][2], Data::Float(449_985_000.0));

    let mut archive = zip::ZipArchive::new(std::fs::File::open(file.path()).expect("opened")).expect("a zip");
    let mut xml = String::new();
    archive
        .by_name("xl/worksheets/sheet1.xml")
        .expect("the sheet")
        .read_to_string(&mut xml)
        .expect("its hash is right");
    let style = |row: usize| {
        let cell = format!("<c r=\"C{}\" s=\"", first + row + 1);
        xml.split_once(&cell).and_then(|(_, rest)| rest.split_once('"')).map(|(style, _)| style.to_owned())
    };
    assert!(style(3).is_some() && style(3) != style(2) && style(2) == style(4), "the fourth row is coloured");
}

#[test]
fn a_list_longer_than_a_sheet_goes_on_over_further_sheets_and_says_so() {
    let height = 1_048_600;
    let file = draw(height, "columns = [{ field = \"violated\", total = true }]\n");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file.path()).expect("opened")).expect("a zip");
    let mut sheets = Vec::new();
    for number in 1..=2 {
        let mut xml = String::new();
        let name = format!("xl/worksheets/sheet{number}.xml");
        archive.by_name(&name).expect("the sheet").read_to_string(&mut xml).expect("its hash is right");
        sheets.push(xml);
    }
    assert!(archive.by_name("xl/worksheets/sheet3.xml").is_err(), "two sheets do");
    let rows = |xml: &str| xml.matches("<row ").count();
    assert!(rows(&sheets[0]) <= 1_048_576 && rows(&sheets[0]) > 1_048_000, "{}", rows(&sheets[0]));
    // The last sheet ends with the last row and the total of all of them.
    let mut book: Xlsx<_> = calamine::open_workbook(file.path()).expect("a workbook");
    let range = book.worksheet_range("s (2)").expect("the second sheet");
    let number = |number: i64| Data::Float(number.to_string().parse().expect("a number"));
    let last: Vec<_> = range.rows().filter(|row| row[0] != Data::Empty).map(<[Data]>::to_vec).collect();
    let [.., row, total] = last.as_slice() else { panic!("two rows") };
    assert_eq!((&row[0], &row[1]), (&number(height), &number(height - 1)));
    assert_eq!(total[1], number((height - 1) * height / 2));
    let mut strings = String::new();
    archive.by_name("xl/sharedStrings.xml").expect("texts").read_to_string(&mut strings).expect("read");
    assert!(strings.contains("分2张工作表列示"), "it says so");
}
