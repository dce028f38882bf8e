//! `init`: a job folder that runs as it is written, and workbooks that, filled in as officers do it, are read without a
//! finding about headings, types or codes.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
};

use baosong::pack::pack_names;
use calamine::{Data, Reader, SheetVisible, Xlsx, open_workbook};
use regex::Regex;

use crate::desk::{BOOK, Cell, Desk, Ran, Sheet, clean, contents, program, ran};

/// A job folder made for the test, and its workbook.
struct Made {
    folder: tempfile::TempDir,
    ran: Ran,
}

impl Made {
    fn new(pack: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = program(&["init"]);
        command.arg(folder.path().join("2026-10")).args(["--pack", pack, "--period", "2026-10"]).args(more);
        let ran = ran(command, Path::new(""));
        Made { folder, ran }
    }

    fn job(&self) -> PathBuf {
        self.folder.path().join("2026-10")
    }

    fn workbook(&self) -> PathBuf {
        self.job().join("submissions/000001-示例社部/报送数据.xlsx")
    }

    fn run(&self) -> Ran {
        let out = self.folder.path().join("out");
        let mut command = program(&["run", "--json"]);
        command.arg(self.job()).arg("--out").arg(&out);
        ran(command, &out.join("2026-10"))
    }
}

/// The parts of a workbook by name.
fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip archive");
    let names: Vec<String> = archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
    let mut read = |name: String| {
        let mut content = Vec::new();
        archive.by_name(&name).expect("a part").read_to_end(&mut content).expect("read");
        (name, content)
    };
    names.into_iter().map(&mut read).collect()
}

fn packed(parts: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("a part");
        writer.write_all(content).expect("written");
    }
    writer.finish().expect("a workbook").into_inner()
}

/// The part of a sheet and its text.
fn sheet_part(path: &Path, parts: &BTreeMap<String, Vec<u8>>, sheet: &str) -> (String, String) {
    let workbook: Xlsx<_> = open_workbook(path).expect("opened");
    let index = workbook.sheet_names().iter().position(|name| name == sheet).expect("the sheet");
    let name = format!("xl/worksheets/sheet{}.xml", index + 1);
    let text = String::from_utf8(parts[&name].clone()).expect("UTF-8");
    (name, text)
}

/// The style of each column, from 0, as the sheet declares it.
fn column_styles(sheet: &str) -> Vec<u32> {
    let mut styles = Vec::new();
    let found = Regex::new(r#"<col min="(\d+)" max="(\d+)" [^>]*style="(\d+)""#).expect("an expression");
    for column in found.captures_iter(sheet) {
        let number = |group: usize| column[group].parse::<u32>().expect("a number");
        styles.resize(number(2) as usize, number(3));
    }
    styles
}

/// The entries of the drop-down of each column, from 0; none where there is no list.
fn drop_downs(path: &Path, sheet: &str) -> BTreeMap<usize, Vec<String>> {
    let mut workbook: Xlsx<_> = open_workbook(path).expect("opened");
    let codes = workbook.worksheet_range("_codes").expect("the sheet of codes");
    let list = Regex::new(
        r#"type="list"[^>]* sqref="([A-Z]+)2:[A-Z]+1048576"[^>]*><formula1>_codes!\$([A-Z]+)\$2:\$[A-Z]+\$(\d+)</formula1>"#,
    )
    .expect("an expression");
    let index = |letters: &str| letters.bytes().fold(0, |index, byte| index * 26 + usize::from(byte - b'A') + 1) - 1;
    list.captures_iter(sheet)
        .map(|found| {
            let (column, from) = (index(&found[1]), index(&found[2]));
            let end: usize = found[3].parse().expect("a row");
            let entries = (1..end).map(|row| codes[(row, from)].to_string()).collect();
            (column, entries)
        })
        .collect()
}

/// Fills the records of `sheet` in below the headings of the template as its columns are formatted: numbers and dates
/// as numbers, everything else as text, codes as the entry of the drop-down.
fn fill(path: &Path, parts: &mut BTreeMap<String, Vec<u8>>, sheet: &Sheet) {
    let (name, text) = sheet_part(path, parts, sheet.name);
    let (styles, lists) = (column_styles(&text), drop_downs(path, &text));
    let numeric = ["万元", "(%)", "天数"];
    let mut rows = String::new();
    for (record, row) in (2..).zip(&sheet.rows[1..]) {
        let _ = write!(rows, r#"<row r="{record}">"#);
        for (column, cell) in row.iter().enumerate() {
            let Cell::Text(value) = cell else { continue };
            let Cell::Text(heading) = &sheet.rows[0][column] else { panic!("a heading") };
            let place = format!("{}{record}", char::from(b'A' + u8::try_from(column).expect("few columns")));
            let style = styles[column];
            if let Ok(day) = value.parse::<chrono::NaiveDate>() {
                let serial = (day - chrono::NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day")).num_days();
                let _ = write!(rows, r#"<c r="{place}" s="{style}"><v>{serial}</v></c>"#);
            } else if numeric.iter().any(|word| heading.contains(word)) {
                let _ = write!(rows, r#"<c r="{place}" s="{style}"><v>{value}</v></c>"#);
            } else {
                let entry = lists.get(&column).map(|entries| {
                    let named = |entry: &&String| entry.split('-').next() == Some(value.as_str());
                    entries.iter().find(named).unwrap_or_else(|| panic!("{heading} offers no {value}: {entries:?}"))
                });
                let text = entry.unwrap_or(value);
                let _ = write!(rows, r#"<c r="{place}" s="{style}" t="inlineStr"><is><t>{text}</t></is></c>"#);
            }
        }
        rows.push_str("</row>");
    }
    let filled = text.replacen("</sheetData>", &format!("{rows}</sheetData>"), 1);
    assert_ne!(filled, text, "the sheet has no place for records");
    parts.insert(name, filled.into_bytes());
}

#[test]
fn a_new_job_of_every_pack_runs_as_it_is() {
    let packs = pack_names(None).expect("the packs of the program");
    assert!(packs.contains(&"large-credit".to_owned()), "{packs:?}");
    for pack in packs {
        let made = Made::new(&pack, &[]);
        made.ran.expect_code(0).expect_words(&["接下来", "baosong run"]);
        let run = made.run();
        assert!([0, 1].contains(&run.code), "{pack}: {}{}", run.stdout, run.stderr);
        assert_eq!(run.json()["totals"]["files_unreadable"], 0, "{pack}: {}", run.stdout);
        let strange: Vec<_> = run.findings().into_iter().filter(|line| !line.contains("UNIT-REQ-")).collect();
        assert_eq!(strange, [""; 0], "{pack}: only the example unit's officers are missing");
    }
}

#[test]
fn a_workbook_filled_in_with_the_drop_downs_has_no_findings() {
    let made = Made::new("large-credit", &[]);
    let path = made.workbook();
    let mut parts = parts(&std::fs::read(&path).expect("the workbook"));
    for sheet in clean() {
        fill(&path, &mut parts, &sheet);
    }
    let desk = Desk::new();
    desk.put(BOOK, &packed(&parts));
    let run = desk.run();
    run.expect_code(1).expect_findings(&[]);
    let json = run.json();
    assert_eq!(json["totals"]["records"], 10, "4 records of each unit, and 2 of the roster: {json}");
}

#[test]
fn columns_of_numbers_to_be_kept_are_text_and_headings_are_as_declared() {
    let made = Made::new("large-credit", &[]);
    let path = made.workbook();
    let parts = parts(&std::fs::read(&path).expect("the workbook"));
    let mut workbook: Xlsx<_> = open_workbook(&path).expect("opened");
    let styles = String::from_utf8(parts["xl/styles.xml"].clone()).expect("UTF-8");
    let formats = styles.split_once("<cellXfs").expect("formats").1;
    let formats: Vec<&str> = formats.split("<xf ").skip(1).collect();
    let is_text = |style: u32| formats[style as usize].contains(r#"numFmtId="49""#);
    for sheet in clean() {
        let range = workbook.worksheet_range(sheet.name).expect("the sheet");
        let headings: Vec<_> = range.rows().next().expect("headings").iter().map(Data::to_string).collect();
        let declared: Vec<_> = sheet.rows[0].iter().map(|cell| format!("{cell:?}")).collect();
        let declared: Vec<_> = declared.iter().map(|cell| cell.split('"').nth(1).unwrap_or_default()).collect();
        assert_eq!(headings, declared);
        assert_eq!(range.height(), 1, "a template holds no records");
        let (_, text) = sheet_part(&path, &parts, sheet.name);
        let columns = column_styles(&text);
        for (column, heading) in headings.iter().enumerate() {
            let number = ["万元", "(%)", "天数", "日期"].iter().any(|word| heading.contains(word));
            assert_eq!(is_text(columns[column]), !number, "{} {heading}", sheet.name);
        }
        assert!(text.contains("promptTitle=\"客户代码\"") && text.contains("prompt=\"必填。"), "hints are missing");
        assert!(text.contains("state=\"frozen\"") && text.contains("fitToPage"), "{}", sheet.name);
    }
    let hidden: Vec<_> =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Hidden).collect();
    assert_eq!(hidden.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>(), ["_codes"]);
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let made = Made::new("large-credit", &[]);
    let roster = made.job().join("roster.xlsx");
    std::fs::write(&roster, "名册").expect("written");
    std::fs::remove_file(made.job().join("job.toml")).expect("removed");
    let before = contents(&made.job());
    let mut command = program(&["init"]);
    command.arg(made.job());
    ran(command, Path::new("")).expect_code(2).expect_words(&["roster.xlsx 已经存在，没有覆盖", "was left alone"]);
    assert_eq!(contents(&made.job()), before);
}

#[test]
fn equal_requests_give_equal_bytes_and_english_has_english_hints() {
    let first = contents(&Made::new("large-credit", &[]).job());
    assert_eq!(first, contents(&Made::new("large-credit", &[]).job()));
    let english = Made::new("large-credit", &["--lang", "en"]);
    english.ran.expect_words(&["What to do next"]);
    let parts = parts(&std::fs::read(english.workbook()).expect("the workbook"));
    let (_, loans) = sheet_part(&english.workbook(), &parts, "贷款明细");
    assert!(loans.contains("prompt=\"Required. Number entered as text, at most 40 characters."), "{loans}");
}

#[test]
fn every_line_of_the_job_file_can_be_used() {
    let made = Made::new("large-credit", &[]);
    let path = made.job().join("job.toml");
    let text = std::fs::read_to_string(&path).expect("the job file");
    let (head, params) = text.split_once("[params]\n").expect("parameters");
    let used: Vec<_> = params.lines().map(|line| line.strip_prefix("# ").expect("a comment")).collect();
    std::fs::write(&path, format!("{head}[params]\n{}\n", used.join("\n"))).expect("written");
    assert!(used.len() > 20, "{used:?}");
    made.run().expect_code(1);
}

#[test]
fn a_pack_without_a_roster_makes_no_job() {
    let rules = tempfile::tempdir().expect("a folder");
    let pack = rules.path().join("mine");
    std::fs::create_dir(&pack).expect("a folder");
    std::fs::write(pack.join("pack.toml"), "edition = \"1\"\ntitle = { zh = \"空\", en = \"Empty\" }\n")
        .expect("written");
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program(&["init", "--pack", "mine", "--rules"]);
    command.arg(rules.path()).arg(folder.path());
    ran(command, Path::new("")).expect_code(2).expect_words(&["没有机构名册", "has no dataset that units hand in"]);
    assert!(contents(folder.path()).is_empty());
}
