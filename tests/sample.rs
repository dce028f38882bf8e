//! The shipped sample, whose planted faults are listed in `expected-findings.csv`: nothing missing, nothing extra, and the
//! outputs agree with each other and keep personal data to themselves.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use baosong::{
    ingest::{self, Options, Source},
    job::submission::find_files,
    pack::RulePack,
};
use calamine::{Data, DataType as _, Reader as _, Xlsx, open_workbook};

use crate::{
    desk::{Ran, program, project, ran},
    planted::{self, Planted},
};

const SAMPLE: &str = "sample-input/large-credit/2026-10";

/// The run of the sample, made once for all tests.
static RUN: LazyLock<(tempfile::TempDir, Ran)> = LazyLock::new(|| run("2026-10"));

fn run(period: &str) -> (tempfile::TempDir, Ran) {
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["run", "--json"]);
    command.arg(project("sample-input/large-credit").join(period)).arg("--out").arg(out.path());
    let ran = ran(command, &out.path().join(period));
    (out, ran)
}

/// The pack in force for the sample's period.
pub fn shipped_pack() -> RulePack {
    planted::shipped_pack("large-credit", "2026-10")
}

#[test]
fn the_planted_faults_are_found_and_nothing_else() {
    // One of its files is cut off.
    RUN.1.expect_code(3);
    let planted = Planted { pack: shipped_pack(), sample: project(SAMPLE) };
    planted.assert_found(&RUN.1, 650, "make_sample");
}

#[test]
fn the_manuals_show_this_run() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["run"]);
    command.arg(project(SAMPLE)).arg("--out").arg(out.path());
    let ran = ran(command, &out.path().join("2026-10"));
    ran.expect_code(3);
    let shown = ran.stdout.replace(&ran.place.display().to_string(), "out/2026-10");
    let findings = csv::Reader::from_path(ran.place.join("findings.csv")).expect("the list").records().count();
    for manual in ["README.md", "README.zh.md"] {
        let manual = std::fs::read_to_string(project(manual)).expect("a manual");
        assert!(manual.contains(&format!("```text\n{}\n```", shown.trim_end())), "the manual shows:\n{shown}");
        assert!(manual.contains(&format!(" {findings} ")), "{findings}");
    }
}

/// Rules of which the sample shows no fault, and why.
const NOT_IN_THE_SAMPLE: &[(&str, &str)] = &[
    ("UNIT-WID-UNIT_CODE", "a code of another width is a further unit, from which the run would wait for files"),
    ("SHEET-COPY-001", "a file sent twice doubles every record in it; shown in copies.rs"),
    ("SHEET-PCT-001", "a whole column of fractions changes all that is counted from it; shown in bad_input/sheets.rs"),
    ("SHEET-COPY-002", "so does a sheet sent twice; shown in copies.rs"),
    ("LOAN-CPY-001", "last month's file in place of this month's leaves no other change to show; shown in copies.rs"),
    ("RDC-CPY-001", "the same; shown by its examples"),
    ("RDP-CPY-001", "the same; shown by its examples"),
];

#[test]
fn every_rule_has_a_planted_fault() {
    let pack = shipped_pack();
    let sample = Planted { pack: pack.clone(), sample: project(SAMPLE) };
    let planted: BTreeSet<String> = sample.expected().into_iter().map(|[.., rule]| rule).collect();
    let excused: BTreeSet<&str> = NOT_IN_THE_SAMPLE.iter().map(|(rule, _)| *rule).collect();
    let known: BTreeSet<&str> = pack.rules.iter().map(|rule| rule.id.as_str()).collect();
    let (mut without, mut needless) = (Vec::new(), Vec::new());
    for rule in &known {
        match (planted.contains(*rule), excused.contains(rule)) {
            (false, false) => without.push(rule),
            (true, true) => needless.push(rule),
            _ => {}
        }
    }
    assert!(
        without.is_empty() && needless.is_empty(),
        "plant a fault for {without:?} in examples/make_sample, or say in NOT_IN_THE_SAMPLE why not; take {needless:?} \
         out of it"
    );
    assert!(excused.is_subset(&known), "NOT_IN_THE_SAMPLE names a rule that is gone");
    let unknown: Vec<_> = planted.iter().filter(|rule| !known.contains(rule.as_str())).collect();
    assert!(unknown.is_empty(), "planted for rules that are gone: {unknown:?}");
}

#[test]
fn the_prior_period_has_only_the_unit_without_large_customers() {
    let (_out, run) = run("2026-09");
    // The smallest unit has no large customers and hands in no table of them, in October too.
    let found = run.findings();
    assert_eq!(found, ["150112 SHEET-DATA-001"], "the sample of 2026-09 is the clean one; make it again");
    run.expect_code(1);
}

#[test]
fn messages_are_filled_in() {
    let lines = RUN.1.lines();
    for line in &lines {
        let (rule, message, fix) = (line.get("rule"), line.get("message"), line.get("fix"));
        let faulty =
            ["{", "}", "%%", "“”", "“（空）”"].into_iter().find(|part| message.contains(part) || fix.contains(part));
        assert_eq!(faulty, None, "{rule}: {message} / {fix}");
    }
    let missing = lines.iter().find(|line| line.get("rule") == "SHEET-DATA-001").expect("the unit without customers");
    assert_eq!(missing.get("message"), "本期未报送“客户基本信息”");
    let change = lines.iter().find(|line| line.get("rule") == "CUST-CHG-001").expect("the planted change");
    assert_eq!(change.get("message"), "本期大客户76户，上期39户，增减37户（94.87%）");
}

/// The rows of a sheet of a workbook, as text.
fn sheet(path: &Path, name: &str) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = open_workbook(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let range = workbook.worksheet_range(name).unwrap_or_else(|error| panic!("{}: {name}: {error}", path.display()));
    range.rows().map(<[Data]>::to_vec).collect()
}

fn whole_number(cell: &Data) -> u64 {
    cell.as_i64().and_then(|number| u64::try_from(number).ok()).unwrap_or_else(|| panic!("{cell:?} is no whole number"))
}

#[test]
fn the_lines_of_arithmetic_balance_wherever_they_are_printed() {
    let run = &RUN.1;
    let json = run.json();
    let total = |name: &str| json["totals"][name].as_u64().unwrap_or_else(|| panic!("no total `{name}` in {json}"));
    assert_eq!(total("records"), total("clean") + total("flagged"));
    assert_eq!(total("files"), total("files_read") + total("files_unreadable"));
    // Handed in are all files but the lock file, and the roster.
    let input = project(SAMPLE).join("submissions");
    let handed_in = find_files(&input, &[]).expect("files").len() as u64;
    assert_eq!(total("files"), handed_in + 1);
    assert_eq!(total("files_unreadable"), 1);
    assert_eq!((total("units_missing"), total("units_late")), (1, 1));
    let lines = run.lines();
    let severity = |name: &str| lines.iter().filter(|line| line.get("severity") == name).count() as u64;
    assert_eq!([total("errors"), total("warnings"), total("infos")], ["error", "warning", "info"].map(severity));
    let flagged: BTreeSet<_> = lines
        .iter()
        .filter(|line| !line.get("row").is_empty())
        .map(|line| ["file", "sheet", "row"].map(|column| line.get(column)))
        .collect();
    assert_eq!(total("flagged"), flagged.len() as u64, "records with at least one finding");

    let overview = sheet(&run.place.join("summary/校验汇总.xlsx"), "总览");
    let balance = |begin: &str| {
        let line = overview.iter().find(|row| row[0].to_string().starts_with(begin));
        let line = line.unwrap_or_else(|| panic!("the overview has no line {begin}"));
        let numbers: [u64; 3] = std::array::from_fn(|index| whole_number(&line[index + 1]));
        assert_eq!(line[4].to_string(), "✓ 平", "{begin}");
        numbers
    };
    assert_eq!(balance("读入记录"), [total("records"), total("clean"), total("flagged")]);
    assert_eq!(balance("收到文件"), [total("files"), total("files_read"), total("files_unreadable")]);
    let manifest = std::fs::read(run.place.join("manifest.json")).expect("the manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    let count = |path: &str| manifest.pointer(path).and_then(serde_json::Value::as_u64).expect("a count");
    assert_eq!(count("/counts/records/flagged"), total("flagged"));
    assert_eq!(count("/counts/records/read"), total("records"));
    assert_eq!(count("/counts/findings/total"), lines.len() as u64);
}

#[test]
fn units_with_findings_get_a_workbook_and_others_none() {
    let run = &RUN.1;
    let with_findings: BTreeSet<_> = run.lines().iter().map(|line| line.get("unit").to_owned()).collect();
    let workbooks: BTreeSet<_> = error_workbooks(run).iter().map(|path| file_stem(path)[..6].to_owned()).collect();
    assert_eq!(workbooks, with_findings);
    assert!(!workbooks.contains("150110"), "the unit that handed in nothing");
    let units = sheet(&run.place.join("summary/校验汇总.xlsx"), "社部");
    for row in units.iter().filter(|row| row[0].to_string().len() == 6) {
        let said = row[12].get_string() == Some("已生成");
        assert_eq!(said, with_findings.contains(&row[0].to_string()), "what the summary says of unit {}", row[0]);
    }
}

fn error_workbooks(run: &Ran) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        std::fs::read_dir(run.place.join("errors")).expect("errors/").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn file_stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn error_workbooks_agree_with_the_list_of_findings() {
    let run = &RUN.1;
    let lines = run.lines();
    let mut reissued = 0;
    for path in error_workbooks(run) {
        let stem = file_stem(&path);
        let unit = &stem[..6];
        let own: Vec<_> = lines.iter().filter(|line| line.get("unit") == unit).collect();
        let list = sheet(&path, "问题清单");
        assert_eq!(list.len() - 1, own.len(), "{stem}: lines of the list against lines of findings.csv");
        for (row, line) in list[1..].iter().zip(&own) {
            let place = [2, 3, 4, 5].map(|index| row[index].to_string());
            let wanted = ["file", "sheet", "row", "column"].map(|column| line.get(column).to_owned());
            assert_eq!(place, wanted, "{stem}, {}", line.get("rule"));
            assert!(row[11].to_string().starts_with(line.get("rule")), "{stem}: {} / {}", row[11], line.get("rule"));
        }
        reissued += check_reissued_sheets(&path, &list);
    }
    let flagged = run.json()["totals"]["flagged"].as_u64().expect("a total");
    assert_eq!(reissued, flagged, "each flagged record is on one re-issued sheet");
}

/// Original row numbers against the list, and identifiers as text. Gives the number of re-issued records.
fn check_reissued_sheets(path: &Path, list: &[Vec<Data>]) -> u64 {
    let mut workbook: Xlsx<_> = open_workbook(path).expect("opens");
    let mut records = 0;
    for name in workbook.sheet_names() {
        if ["说明", "问题清单", "_baosong"].contains(&name.as_str()) {
            continue;
        }
        let range = workbook.worksheet_range(&name).expect("a sheet");
        let mut rows = range.rows();
        let heading: Vec<_> = rows.next().expect("headings").iter().map(ToString::to_string).collect();
        for row in rows {
            records += 1;
            let numbers = row[1].to_string();
            for number in numbers.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()) {
                let line = &list[number.parse::<usize>().expect("a number of the list")];
                assert_eq!(row[0].to_string(), line[4].to_string(), "{}: {name}: finding {number}", path.display());
            }
            for (heading, cell) in heading.iter().zip(row).skip(2) {
                let identifier = ["代码", "号码", "借据号", "合同号"].iter().any(|end| heading.ends_with(end));
                assert!(
                    !identifier || matches!(cell, Data::String(_) | Data::Empty),
                    "{}: {name}: {heading} holds {cell:?}",
                    path.display()
                );
            }
        }
    }
    records
}

/// Numbers of eighteen digits that are someone's, in everything submitted: from the cells, so that damaged ones count.
fn personal_numbers() -> BTreeSet<String> {
    let pack = shipped_pack();
    let input = project(SAMPLE).join("submissions");
    let sources: Vec<_> = find_files(&input, &[])
        .expect("files")
        .into_iter()
        .map(|file| Source { path: file.path, name: file.name, unit: 0 })
        .collect();
    let intake = ingest::read_files(&sources, &pack, &Options::default(), &|_| {});
    let mut numbers = BTreeSet::new();
    for (dataset, table) in pack.datasets.iter().zip(&intake.tables) {
        for field in &dataset.fields {
            let Ok(column) = table.frame.column(&field.id) else { continue };
            let Ok(texts) = column.str() else { continue };
            numbers.extend(texts.iter().flatten().filter(|text| is_personal(text)).map(str::to_owned));
        }
        numbers.extend(table.submitted.values().filter(|text| is_personal(text)).map(ToString::to_string));
    }
    numbers
}

/// Shaped like a resident id: eighteen digits, the last one may be X, with a birth year in the middle.
fn is_personal(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 18
        && bytes[..17].iter().all(u8::is_ascii_digit)
        && (bytes[17].is_ascii_digit() || bytes[17].eq_ignore_ascii_case(&b'X'))
        && matches!(&bytes[6..8], b"19" | b"20")
}

/// All resident-id-shaped runs in some bytes.
fn numbers_in(bytes: &[u8]) -> BTreeSet<String> {
    let texts = bytes.windows(18).filter_map(|window| std::str::from_utf8(window).ok());
    texts.filter(|text| is_personal(text)).map(str::to_owned).collect()
}

const CONCENTRATION: &str = "大额风险暴露及集中度.xlsx";

#[test]
fn the_concentration_workbook_shows_what_was_planted() {
    let path = RUN.1.place.join("summary").join(CONCENTRATION);
    let ratios = sheet(&path, "指标");
    // 23,250.01 of 170,000 (10,000 yuan), and ten per cent of the latter.
    let largest = &ratios[1];
    let figures = [2, 4, 5, 7, 8].map(|column| largest[column].to_string());
    assert_eq!(figures, ["232500100", "1700000000", "0.136765", "170000000", "-62500100"]);
    assert!(largest[10].to_string().starts_with("超限4户"), "{}", largest[10]);
    let lines = |name: &str, kind: &str| sheet(&path, name).iter().filter(|row| row[0] == *kind).count();
    // A pair and a group of three, whose members also guarantee each other two by two.
    assert_eq!(lines("担保圈", "担保圈"), 2);
    assert_eq!(lines("担保圈", "互保"), 4);
    assert_eq!(lines("担保圈", "联保"), 1);
    assert_eq!(lines("担保圈", "担保链"), 1);
    assert_eq!(lines("担保圈", "担保人违约"), 1);
    assert_eq!(lines("名称近似", "仅格式不同"), 1);
    let splits = sheet(&path, "拆分疑似");
    assert_eq!(splits[1][3].to_string(), "9930000");
    let groups = sheet(&path, "关联集团");
    let shared =
        groups.iter().find(|row| row[10].to_string().contains("法定代表人")).expect("the shared representative");
    assert!(shared[10].to_string().contains('*'), "names of persons are masked: {}", shared[10]);
    assert!(lines("客户变动", "更名") > 0 && lines("客户变动", "余额突变") > 0);
    let bridge = sheet(&path, "与上期比较");
    let rows: Vec<_> = bridge.iter().filter(|row| row[10] == "✓").collect();
    assert_eq!(rows.len(), bridge.iter().filter(|row| row[9].as_f64().is_some()).count(), "every line balances");
    let totals: Vec<_> = rows.iter().filter(|row| row[2] == "合计").collect();
    assert_eq!(totals.len(), 3);
    for total in totals {
        let units = rows.iter().filter(|row| row[0] == total[0] && row[2] != total[2]);
        let closing: f64 = units.filter_map(|row| row[9].as_f64()).sum();
        assert!((closing - total[9].as_f64().expect("a figure")).abs() < 0.005, "{}", total[0]);
    }
}

#[test]
fn no_personal_number_leaves_the_units_own_workbook() {
    let run = &RUN.1;
    let personal = personal_numbers();
    assert!(
        personal.len() > 500,
        "only {} personal numbers in the sample; the test would prove nothing",
        personal.len()
    );
    let mut outputs: Vec<(String, Vec<u8>)> = ["findings.csv", "findings.parquet", "manifest.json"]
        .map(|name| (name.to_owned(), std::fs::read(run.place.join(name)).expect(name)))
        .to_vec();
    outputs.push(("standard output".to_owned(), run.stdout.clone().into_bytes()));
    outputs.push(("standard error".to_owned(), run.stderr.clone().into_bytes()));
    for name in ["校验汇总.xlsx", CONCENTRATION] {
        let summary = std::fs::File::open(run.place.join("summary").join(name)).expect(name);
        let mut archive = zip::ZipArchive::new(summary).expect("a zip");
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).expect("a part");
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut part, &mut bytes).expect("read");
            outputs.push((format!("part {index} of {name}"), bytes));
        }
    }
    for (name, bytes) in &outputs {
        let leaked: Vec<_> = numbers_in(bytes).intersection(&personal).cloned().collect();
        assert!(
            leaked.is_empty(),
            "{name} holds {} personal numbers in full; mask the field in pack.toml",
            leaked.len()
        );
    }
    // The unit's own workbook holds them, so the search can find them at all.
    let own = sheet(&error_workbooks(run)[0], "问题清单");
    let text = own.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert!(!numbers_in(text.as_bytes()).is_empty(), "the search finds no personal number where there are some");
}
