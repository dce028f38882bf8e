use std::{collections::BTreeMap, fs, path::Path};

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};

use super::*;
use crate::message::fixture;

fn csv_lines(outcome: &Outcome, lang: Lang) -> Vec<csv::StringRecord> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("findings.csv");
    write_findings_csv(outcome, lang, &path).expect("written");
    let bytes = fs::read(&path).expect("read");
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    reader.records().map(|record| record.expect("a line")).collect()
}

#[test]
fn csv_has_a_line_for_each_finding() {
    let outcome = fixture::outcome();
    let lines = csv_lines(&outcome, Lang::Zh);
    assert_eq!(lines.len(), 9);
    assert_eq!(lines[0].iter().collect::<Vec<_>>(), COLUMNS);
    let expected = [
        "2026-10",
        "150102",
        "150102-城关社部/贷款数据.xlsx",
        "贷款明细",
        "5",
        "G",
        "G5",
        "JJ002",
        "LOAN-AMT-003",
        "error",
        "560",
        "贷款余额560万元大于贷款金额500万元",
        "核对借据余额和发放金额，改正其中有误的一项",
        "《客户风险信息共享管理办法》第八条第一项［LJX-026］",
    ];
    assert_eq!(lines[5].iter().skip(1).take(14).collect::<Vec<_>>(), expected);
    // A finding about a whole unit has no place and no value.
    let blank: Vec<_> = [3, 4, 5, 6, 7, 8, 11].iter().map(|&at| &lines[1][at]).collect();
    assert_eq!(blank, [""; 7]);
}

#[test]
fn csv_shows_no_full_identifier() {
    let text = format!("{:?}", csv_lines(&fixture::outcome(), Lang::Zh));
    assert!(text.contains("150102********1238"));
    assert!(!text.contains("150102198503051238") && !text.contains("150102197001011234"));
}

#[test]
fn parquet_holds_what_the_csv_holds() {
    let outcome = fixture::outcome();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("findings.parquet");
    write_findings_parquet(&outcome, Lang::Zh, &path).expect("written");
    let reader = SerializedFileReader::new(fs::File::open(&path).expect("open")).expect("a parquet file");
    let csv = csv_lines(&outcome, Lang::Zh);
    let mut count = 0;
    for (row, line) in reader.get_row_iter(None).expect("rows").zip(csv.iter().skip(1)) {
        let row = row.expect("a row");
        for ((name, field), text) in row.get_column_iter().zip(line) {
            let found = match field {
                Field::Str(text) => text.clone(),
                Field::Int(number) if name == "row" => number.to_string(),
                Field::Null => String::new(),
                other => panic!("{name} is {other:?}"),
            };
            assert_eq!(found, text, "{name}");
        }
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn no_findings_give_empty_tables() {
    let mut outcome = fixture::outcome();
    outcome.findings.clear();
    assert_eq!(csv_lines(&outcome, Lang::En).len(), 1);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("findings.parquet");
    write_findings_parquet(&outcome, Lang::En, &path).expect("written");
    let reader = SerializedFileReader::new(fs::File::open(&path).expect("open")).expect("a parquet file");
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
}

#[test]
fn run_id_follows_the_input() {
    let mut outcome = fixture::outcome();
    let id = run_id(&outcome);
    assert_eq!(id.len(), 16);
    outcome.job.path = "elsewhere/job.toml".into();
    assert_eq!(run_id(&outcome), id);
    outcome.intake.files[0].sha256 = "0".repeat(64);
    assert_ne!(run_id(&outcome), id);
}

#[test]
fn manifest_names_inputs_and_counts_and_no_machine_path() {
    let outcome = fixture::outcome();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("manifest.json");
    let outputs = BTreeMap::from([("findings.csv".to_owned(), "ab".to_owned())]);
    write_manifest(&outcome, &outputs, &path).expect("written");
    let text = fs::read_to_string(&path).expect("read");
    assert!(!text.contains("somewhere"));
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert_eq!(manifest["job"], "job.toml");
    assert_eq!(manifest["outputs"], serde_json::json!({ "findings.csv": "ab" }));
    assert_eq!(manifest["inputs"][0]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(manifest["inputs"][2]["unreadable"], "damaged");
    assert_eq!(manifest["parameters"]["large_loan"]["value"], "500.00");
    assert_eq!(manifest["counts"]["files"], serde_json::json!({ "found": 3, "read": 2, "unreadable": 1 }));
    assert_eq!(manifest["counts"]["records"], serde_json::json!({ "read": 6, "clean": 2, "flagged": 4 }));
    let findings = serde_json::json!({ "total": 8, "error": 4, "warning": 3, "info": 1 });
    assert_eq!(manifest["counts"]["findings"], findings);
    // 600,000.00 yuan for the one violation of the fixture.
    assert_eq!(manifest["rules"]["LOAN-AMT-003"]["amount_at_risk_yuan"], "600000");
}

#[test]
fn an_unwritable_path_is_named_as_what_it_is_for() {
    let error = write_manifest(&fixture::outcome(), &BTreeMap::new(), Path::new("/nowhere/manifest.json"))
        .expect_err("no such folder");
    assert!(error.to_string().contains("manifest"));
}
