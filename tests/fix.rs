//! Workbooks that come back: filled in with `openpyxl` and saved by `LibreOffice` (`tests/data/fix/generate.py` says how, and
//! which ten faults are in the job), taken in by the program. What is expected was worked out from those faults by hand.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::desk::{Ran, contents, copy, program, project, ran, sheet};

/// The job, run once with a ledger of its own.
struct Issued {
    folder: tempfile::TempDir,
}

impl Issued {
    fn new() -> Self {
        let issued = Self { folder: tempfile::tempdir().expect("a folder") };
        copy(&project("tests/data/fix/job"), issued.path());
        issued.run().expect_code(1);
        issued
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, arguments: &[&str]) -> Ran {
        let mut command = program(arguments);
        command.arg("--ledger").arg(self.path().join("l.db")).arg("--out").arg(self.path().join("out")).arg("--json");
        ran(command, &self.path().join("out/2026-10"))
    }

    fn run(&self) -> Ran {
        self.command(&["run", self.path().to_str().expect("a path")])
    }

    /// Takes workbooks of `tests/data/fix/returned` in.
    fn fix(&self, names: &[&str], more: &[&str]) -> Ran {
        let books: Vec<_> = names.iter().map(|name| returned(name).display().to_string()).collect();
        let mut arguments = vec!["fix", self.path().to_str().expect("a path")];
        arguments.extend(books.iter().map(String::as_str));
        arguments.extend(more);
        self.command(&arguments)
    }

    /// Rule and status of each finding the ledger has.
    fn statuses(&self) -> BTreeMap<String, String> {
        let listed = self.command(&["ledger", "list"]);
        let rows = listed.expect_code(0).json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        rows.as_array().expect("a list").iter().map(|row| (text(&row["rule"]), text(&row["status"]))).collect()
    }

    /// Replaces text in a file the unit handed in.
    fn change(&self, name: &str, from: &str, to: &str) {
        let path = self.path().join("submissions/150102-城关社部").join(name);
        let text = std::fs::read_to_string(&path).expect("the file");
        assert!(text.contains(from), "{from} is in {name}");
        std::fs::write(path, text.replace(from, to)).expect("written");
    }
}

fn returned(name: &str) -> PathBuf {
    project("tests/data/fix/returned").join(name)
}

/// The verdicts of the ten findings, in the order of their numbers.
#[track_caller]
fn verdicts(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let findings = json["fix"]["findings"].as_array().expect("findings").clone();
    let mut all: Vec<_> = findings
        .iter()
        .map(|finding| (finding["number"].as_u64(), finding["verdict"].as_str().expect("a verdict").to_owned()))
        .collect();
    all.sort();
    assert_eq!(all.len(), 10);
    all.into_iter().map(|(_, verdict)| verdict).collect()
}

/// Ten verdicts: those given by number, all others `unchanged`.
fn but(given: &[(usize, &str)]) -> Vec<String> {
    let mut all = vec!["unchanged".to_owned(); 10];
    for (number, verdict) in given {
        (*verdict).clone_into(&mut all[number - 1]);
    }
    all
}

fn rules(ran: &Ran) -> Vec<String> {
    let mut rules: Vec<_> = ran.lines().iter().map(|line| line.get("rule").to_owned()).collect();
    rules.sort();
    rules
}

const ALL: [&str; 10] = [
    "CUST-AMT-001",
    "CUST-DOC-004",
    "CUST-REP-001",
    "LOAN-AMT-001",
    "LOAN-AMT-003",
    "LOAN-COD-BUSINESS_TYPE",
    "LOAN-DAT-002",
    "LOAN-DAT-005",
    "LOAN-RAT-001",
    "LOAN-SCP-001",
];

fn without(gone: &[&str]) -> Vec<String> {
    ALL.iter().filter(|rule| !gone.contains(rule)).map(|rule| (*rule).to_owned()).collect()
}

#[test]
fn a_cell_is_corrected_whatever_was_sorted_renamed_or_added() {
    for name in ["cells.xlsx", "cells-libreoffice.xlsx"] {
        let issued = Issued::new();
        let before = contents(&issued.path().join("submissions"));
        let fixed = issued.fix(&[name], &[]);
        fixed.expect_code(1);
        assert_eq!(verdicts(&fixed), but(&[(4, "corrected"), (5, "corrected")]), "{name}");
        assert_eq!(fixed.json()["fix"]["unflagged"], serde_json::json!([]), "{name}");
        assert_eq!(fixed.json()["fix"]["remarks"], serde_json::json!([]), "{name}");
        assert_eq!(rules(&fixed), without(&["LOAN-SCP-001", "LOAN-AMT-003"]), "{name}");
        let statuses = issued.statuses();
        assert_eq!(statuses.values().filter(|status| *status == "corrected").count(), 2);
        assert_eq!((&*statuses["LOAN-SCP-001"], &*statuses["LOAN-AMT-003"]), ("corrected", "corrected"));
        assert_eq!(contents(&issued.path().join("submissions")), before, "what was handed in is as it was");
        // A later run of the same files has the corrected value.
        let again = issued.run();
        assert_eq!(rules(&again), without(&["LOAN-SCP-001", "LOAN-AMT-003"]));
        assert_eq!(again.json()["corrections"]["applied"], 1);
        assert_eq!(issued.statuses(), statuses);
    }
}

#[test]
fn corrections_explanations_and_declarations_in_the_list() {
    let issued = Issued::new();
    let fixed = issued.fix(&["list.xlsx"], &["--who", "王示例（代）"]);
    let expected = but(&[
        (2, "explained"),
        (5, "explained"),
        (6, "corrected"),
        (7, "corrected"),
        (8, "not-ours"),
        (9, "source-corrected"),
    ]);
    assert_eq!(verdicts(&fixed), expected);
    assert_eq!(rules(&fixed), without(&["LOAN-RAT-001", "LOAN-COD-BUSINESS_TYPE"]));
    let statuses = issued.statuses();
    // A warning is closed by an explanation, an error stays open.
    assert_eq!(statuses["CUST-AMT-001"], "explained");
    assert_eq!(statuses["LOAN-AMT-003"], "open");
    assert_eq!(statuses["LOAN-RAT-001"], "corrected");
    assert_eq!(statuses["LOAN-AMT-001"], "open", "that it is another unit's is not decided here");
    let tally = &fixed.json()["ledger"];
    assert_eq!((&tally["corrected"], &tally["explained"], &tally["open"]), (&2.into(), &1.into(), &7.into()));

    // The list of changes to the source system has both, in full and to be signed.
    let list = sheet(&fixed.place.join("source-changes/150102-城关社部.xlsx"), "源系统修改清单");
    let lines: Vec<_> = list.iter().map(|row| row[3..8].join("|")).collect();
    assert!(lines.contains(&"1501022026137407|年利率(%)|-1|4.43|150102-城关社部/贷款明细.csv".to_owned()), "{lines:?}");
    let code = list.iter().find(|row| row[3] == "1501022026137888").expect("the code");
    assert_eq!(code[4..7], ["贷款业务种类", "77", "1"]);
    assert_eq!((code[9].as_str(), code[10].as_str(), code[11].as_str()), ("G4", "王示例（代）", "社部称已改源系统"));
    assert!(list.iter().flatten().any(|text| text.contains("第十四条")));
    // The unit's data has the corrected values and everything else as it was.
    let data = sheet(&fixed.place.join("corrected-data/150102-城关社部.xlsx"), "贷款明细");
    assert_eq!(data.len(), 9);
    let column = data[0].iter().position(|heading| heading == "年利率(%)").expect("the rate");
    let rates: Vec<_> = data[1..].iter().map(|row| row[column].as_str()).collect();
    assert_eq!(rates, ["5.1", "4.43", "7.91", "8.91", "9.58", "5.25", "4.55", "4.68"]);
    // The summary masks nothing of a loan, and says who and from which workbook.
    let summary = sheet(&fixed.place.join("summary/校验汇总.xlsx"), "更正");
    assert_eq!(summary.len(), 3);
    assert_eq!(summary[1][5..8], ["-1", "4.43", "已采用"]);
    assert_eq!((summary[1][9].as_str(), summary[1][11].as_str()), ("王示例（代）", "list.xlsx"));
}

#[test]
fn what_was_not_flagged_is_told_and_taken_only_on_request() {
    let issued = Issued::new();
    let fixed = issued.fix(&["unflagged.xlsx"], &[]);
    assert_eq!(verdicts(&fixed), but(&[(6, "corrected")]));
    let unflagged = fixed.json()["fix"]["unflagged"].clone();
    assert_eq!(unflagged.as_array().map(Vec::len), Some(1));
    let cell = &unflagged[0];
    assert_eq!((&cell["old"], &cell["new"], &cell["taken"]), (&"5.1".into(), &"5.2".into(), &false.into()));
    assert_eq!(cell["record"], "1501022024137370");
    assert_eq!(fixed.json()["corrections"]["applied"], 1);
    let taken = issued.fix(&["unflagged.xlsx"], &["--accept-unflagged"]);
    assert_eq!(taken.json()["fix"]["unflagged"][0]["taken"], true);
    assert_eq!(taken.json()["corrections"]["applied"], 2);
    assert_eq!(verdicts(&taken), but(&[(6, "done")]), "the first time did it already");
}

#[test]
fn doubtful_values_are_marked_for_review() {
    let issued = Issued::new();
    let fixed = issued.fix(&["suspicious.xlsx"], &[]);
    let corrections = fixed.json()["fix"]["corrections"].clone();
    let doubts: BTreeMap<_, _> = corrections
        .as_array()
        .expect("a list")
        .iter()
        .map(|correction| (correction["field"].to_string(), correction["suspicions"].to_string()))
        .collect();
    let expected = [
        ("\"legal_rep_doc_no\"", "[\"check-digit\"]"),
        ("\"amount\"", "[\"tiny\"]"),
        ("\"credit_code\"", "[\"copied\"]"),
        ("\"total_assets\"", "[\"erased\"]"),
    ];
    assert_eq!(doubts, expected.map(|(field, doubt)| (field.to_owned(), doubt.to_owned())).into());
    // The amount is below the balance now; nothing was entered for the assets, which are still missing.
    assert_eq!(verdicts(&fixed), but(&[(1, "corrected"), (2, "still-wrong"), (3, "corrected"), (8, "worse")]));
    assert!(!fixed.stdout.contains("150103198010085006"), "identifiers of persons are masked");
    assert!(fixed.stdout.contains("150103********5006"));
    let summary = sheet(&fixed.place.join("summary/校验汇总.xlsx"), "更正");
    let doubts: Vec<_> = summary[1..].iter().map(|row| row[8].as_str()).collect();
    for doubt in ["只改了校验位", "由0改为极小数", "与其他客户的记录相同", "数值被清空"] {
        assert!(doubts.contains(&doubt), "{doubt} in {doubts:?}");
    }
    assert!(summary.iter().flatten().all(|text| !text.contains("150103198010085006")));
}

#[test]
fn values_that_do_not_help_or_make_it_worse_are_told_to_the_officer() {
    let issued = Issued::new();
    let fixed = issued.fix(&["worse.xlsx"], &[]);
    assert_eq!(verdicts(&fixed), but(&[(6, "worse"), (8, "worse"), (9, "still-wrong"), (10, "still-wrong")]));
    assert_eq!(fixed.json()["corrections"]["applied"], 2, "what cannot be read is not taken");
    let book = fixed.place.join("errors/150102-城关社部.xlsx");
    let list = sheet(&book, "问题清单");
    let told = |rule: &str| {
        let line = list.iter().find(|row| row[11].starts_with(rule)).unwrap_or_else(|| panic!("{rule} is in the list"));
        line[9].lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(told("LOAN-RAT-001"), "【填写的“百分之四”不是数字，未采用】");
    assert_eq!(told("LOAN-DAT-002"), "【上次改后仍不符合】");
    // Zero became 500, with a balance of 1439.66: another rule is violated in its place.
    assert!(list.iter().any(|row| row[9].contains("贷款余额1439.66万元大于贷款金额500万元")));
    assert!(!list.iter().any(|row| row[11].starts_with("LOAN-AMT-001")));
}

#[test]
fn contradictions_are_told_and_nothing_is_guessed() {
    let issued = Issued::new();
    let fixed = issued.fix(&["contradicting.xlsx"], &[]);
    assert_eq!(verdicts(&fixed), but(&[(4, "conflict"), (5, "conflict")]));
    assert_eq!(fixed.json()["corrections"]["applied"], 0);
    fixed.expect_words(&["“830”", "“930”", "同一问题的标识出现在多行"]);
    assert_eq!(rules(&fixed), without(&[]));
}

#[test]
fn a_file_handed_in_meanwhile_is_not_overruled() {
    let issued = Issued::new();
    // The rate is another by now, the code has been corrected.
    issued.change("贷款明细.csv", "CNY,820,623.12,-1,", "CNY,820,623.12,-2,");
    issued.change("贷款明细.csv", "1,77,1,CNY", "1,1,1,CNY");
    let fixed = issued.fix(&["list.xlsx"], &[]);
    let expected = but(&[
        (2, "explained"),
        (5, "explained"),
        (6, "conflict"),
        (7, "done"),
        (8, "not-ours"),
        (9, "source-corrected"),
    ]);
    assert_eq!(verdicts(&fixed), expected);
    fixed.expect_words(&["发出工作簿后报送的数值已变（现为“-2”），填写的“4.43”未采用"]);
    assert_eq!(issued.statuses()["LOAN-COD-BUSINESS_TYPE"], "resolved");
    assert_eq!(issued.statuses()["LOAN-RAT-001"], "open");
}

#[test]
fn a_correction_ends_with_the_value_it_corrects() {
    let issued = Issued::new();
    issued.fix(&["list.xlsx"], &[]).expect_code(1);
    // The unit hands in again: the rate has a third value, the code the corrected one; another cell was changed too.
    issued.change("贷款明细.csv", "CNY,820,623.12,-1,", "CNY,820,623.12,-3,");
    issued.change("贷款明细.csv", "1,77,1,CNY", "1,1,1,CNY");
    issued.change("贷款明细.csv", "CNY,1125,618.49,4.55,", "CNY,1125,618.49,4.65,");
    let again = issued.run();
    let corrections = again.json()["corrections"].clone();
    assert_eq!(
        (&corrections["applied"], &corrections["adopted"], &corrections["changed"]),
        (&0.into(), &1.into(), &1.into())
    );
    assert_eq!(issued.statuses()["LOAN-RAT-001"], "reopened");
    assert_eq!(issued.statuses()["LOAN-COD-BUSINESS_TYPE"], "resolved");
    // Against what was there before: the rate is back, nothing else came or went.
    let compared = again.json()["resubmitted"].clone();
    let expected = serde_json::json!([{
        "unit": "150102", "fixed": 0, "open": 8, "new": 1, "flagged": 2, "unflagged": 1, "added": 0, "removed": 0
    }]);
    assert_eq!(compared, expected);
    let details = sheet(&again.place.join("summary/校验汇总.xlsx"), "重报改动");
    assert_eq!(details[1][1..], ["未指出而改动", "贷款明细", "1501022026138739", "年利率(%)", "4.65"]);
    // Said once more by a run repeated, with the same outputs.
    let before = contents(&again.place);
    assert_eq!(issued.run().json()["resubmitted"], expected);
    assert_eq!(contents(&again.place), before);
}

#[test]
fn next_month_shows_whether_the_source_was_corrected() {
    let issued = Issued::new();
    issued.fix(&["list.xlsx"], &[]).expect_code(1);
    let job = issued.path().join("job.toml");
    let text = std::fs::read_to_string(&job).expect("the job").replace("2026-10", "2026-11");
    std::fs::write(&job, text).expect("written");
    // The code was corrected in the source system, the rate was not.
    issued.change("贷款明细.csv", "1,77,1,CNY", "1,1,1,CNY");
    let november = issued.command(&["run", issued.path().to_str().expect("a path")]);
    let prior = november.json()["corrections"]["prior"].clone();
    assert_eq!((&prior["source_changed"], &prior["source_not_changed"]), (&1.into(), &1.into()));
    assert_eq!(november.json()["ledger"]["source_not_corrected"], 1);
    let place = issued.path().join("out/2026-11");
    let list = sheet(&place.join("errors/150102-城关社部.xlsx"), "问题清单");
    let rate = list.iter().find(|row| row[11].starts_with("LOAN-RAT-001")).expect("the rate");
    assert!(rate[9].ends_with("【上月已更正，源系统未修改，第2次】"), "{}", rate[9]);
    let changes = sheet(&place.join("source-changes/150102-城关社部.xlsx"), "源系统修改清单");
    assert_eq!(changes[1][3..7], ["1501022026137407", "年利率(%)", "-1", "4.43"]);
    assert!(changes[1][11].contains("源系统未改"));
}

#[test]
fn workbooks_that_cannot_be_taken_are_told_and_the_others_go_on() {
    let issued = Issued::new();
    let cut_off = issued.path().join("cut-off.xlsx");
    let bytes = std::fs::read(returned("cells.xlsx")).expect("read");
    std::fs::write(&cut_off, &bytes[..bytes.len() / 2]).expect("written");
    let summary = issued.path().join("out/2026-10/summary/校验汇总.xlsx");
    let foreign = issued.path().join("foreign.xlsx");
    std::fs::copy(summary, &foreign).expect("copied");
    let encrypted = project("tests/odd-workbooks/encrypted_submission.xlsx");
    let csv = issued.path().join("submissions/150102-城关社部/贷款明细.csv");
    let others = [&cut_off, &foreign, &encrypted, &csv].map(|path| path.to_str().expect("a path"));
    let names = [
        "list-without-marks.xlsx",
        "sheet-without-marks.xlsx",
        "without-hidden-sheet.xlsx",
        "sorted-without-marks.xlsx",
        "column-deleted.xlsx",
        "list.xls",
        "list.ods",
        "cells.xlsx",
    ];
    let fixed = issued.fix(&names, &others);
    fixed.expect_code(3);
    assert_eq!(verdicts(&fixed), but(&[(4, "corrected"), (5, "corrected")]));
    let json = fixed.json();
    let refused: BTreeMap<_, _> = json["fix"]["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|book| (book["workbook"].as_str().expect("a name"), book["text"]["zh"].as_str().expect("a text")))
        .collect();
    let expected = [
        ("list-without-marks.xlsx", "隐藏标识列已被删除"),
        ("sheet-without-marks.xlsx", "“贷款明细”的隐藏标识列已被删除"),
        ("without-hidden-sheet.xlsx", "隐藏表已被删除"),
        ("sorted-without-marks.xlsx", "排序"),
        ("column-deleted.xlsx", "“贷款金额(万元)”列缺少"),
        ("list.xls", "xls 格式"),
        ("list.ods", "ods 格式"),
        ("cut-off.xlsx", "不完整"),
        ("foreign.xlsx", "不是本程序发出的差错工作簿"),
        ("encrypted_submission.xlsx", "密码"),
        ("贷款明细.csv", "csv 格式"),
    ];
    assert_eq!(refused.len(), expected.len(), "{refused:?}");
    for (name, words) in expected {
        assert!(refused[name].contains(words), "{name}: {}", refused[name]);
    }
}

#[test]
fn a_workbook_of_another_job_is_refused() {
    for (from, to, words) in [
        ("period      = \"2026-10\"", "period      = \"2026-11\"", "工作簿的报送期是 2026-10，本作业是 2026-11"),
        ("150199", "150198", "工作簿的联社是 150199，本作业是 150198"),
    ] {
        let issued = Issued::new();
        let job = issued.path().join("job.toml");
        let text = std::fs::read_to_string(&job).expect("the job");
        std::fs::write(&job, text.replace(from, to)).expect("written");
        std::fs::remove_file(issued.path().join("l.db")).expect("removed");
        issued.run();
        issued.fix(&["cells.xlsx"], &[]).expect_code(3).expect_words(&[words]);
    }
}

#[test]
fn without_a_ledger_that_knows_the_period_nothing_is_taken() {
    let issued = Issued::new();
    let mut command = program(&["fix"]);
    command.arg(issued.path()).arg(returned("cells.xlsx")).arg("--out").arg(issued.path().join("out"));
    ran(command, Path::new("")).expect_code(2).expect_words(&["--ledger", "没有指定台账"]);
    let ledger = issued.path().join("l.db");
    std::fs::remove_file(&ledger).expect("removed");
    issued.fix(&["cells.xlsx"], &[]).expect_code(2);
    assert!(!ledger.exists(), "a ledger that is not there is not made");
}

#[test]
fn an_officer_who_changes_their_mind_is_heard() {
    let issued = Issued::new();
    issued.fix(&["list.xlsx"], &[]);
    // The same workbook once more changes nothing.
    let again = issued.fix(&["list.xlsx", "list.xlsx"], &[]);
    assert_eq!(again.json()["fix"]["corrections"], serde_json::json!([]));
    again.expect_words(&["只读一次"]);
    let expected =
        but(&[(2, "explained"), (5, "explained"), (6, "done"), (7, "done"), (8, "not-ours"), (9, "source-corrected")]);
    assert_eq!(verdicts(&again), expected);
}

#[test]
fn a_later_value_takes_the_place_of_an_earlier_one() {
    let amount = |fixed: &Ran| {
        let data = sheet(&fixed.place.join("corrected-data/150102-城关社部.xlsx"), "贷款明细");
        let column = data[0].iter().position(|heading| heading == "贷款金额(万元)").expect("the amount");
        data.iter().find(|row| row[1] == "1501022026137925").expect("the loan")[column].clone()
    };
    let issued = Issued::new();
    // The assets erased, two documents, the amount 0.01; then, in the workbook of the same run, the amount 500 and a day.
    let first = issued.fix(&["suspicious.xlsx"], &[]);
    assert_eq!((first.json()["corrections"]["applied"].clone(), amount(&first)), (4.into(), "0.01".to_owned()));
    let second = issued.fix(&["worse.xlsx"], &[]);
    assert_eq!((second.json()["corrections"]["applied"].clone(), amount(&second)), (5.into(), "500".to_owned()));
    // Together they contradict each other.
    let both = Issued::new();
    let fixed = both.fix(&["suspicious.xlsx", "worse.xlsx"], &[]);
    assert_eq!(verdicts(&fixed)[7], "conflict");
    assert_eq!(fixed.json()["corrections"]["applied"], 4);
}

#[test]
fn the_workbook_issued_next_is_taken_in_too() {
    let issued = Issued::new();
    issued.fix(&["worse.xlsx"], &[]);
    // Its findings have other numbers. The amount is put right; the day is put back, so that its correction ends.
    let second = issued.fix(&["second.xlsx"], &[]);
    let json = second.json();
    assert_eq!(json["corrections"]["applied"], 1);
    let corrections = &json["fix"]["corrections"];
    assert_eq!(corrections.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&corrections[0]["old"], &corrections[0]["new"]),
        (&"0".into(), &"2400".into()),
        "as handed in, not 500"
    );
    assert_eq!(rules(&second), without(&["LOAN-AMT-001"]));
    assert_eq!(issued.run().json()["corrections"]["applied"], 1);
}
