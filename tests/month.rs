//! A month from beginning to end: September, October with two rounds of corrections, the regulator's list, late files, an
//! explanation, a waiver and the gate, then November. The ledger is compared with `tests/data/month/expected.csv`, written
//! by hand; the manual's walk-through of the same month is run to the letter.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::desk::{Ran, copy, program, project, ran, sheet};

/// The files of the month, in a folder that can be written.
struct Month {
    folder: tempfile::TempDir,
}

/// Period, unit, rule and record of a finding.
type Line = [String; 4];

impl Month {
    fn new() -> Self {
        let month = Self { folder: tempfile::tempdir().expect("a folder") };
        copy(&project("tests/data/month"), month.folder.path());
        month
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn job(&self, period: &str) -> String {
        self.path(period).display().to_string()
    }

    fn baosong(&self, arguments: &[&str]) -> Ran {
        let mut command = program(arguments);
        command.arg("--ledger").arg(self.path("union.db")).arg("--out").arg(self.path("out")).arg("--json");
        ran(command, &self.path("out"))
    }

    /// Takes in all workbooks of a folder of `returned`.
    fn fix(&self, period: &str, returned: &str) -> Ran {
        let folder = std::fs::read_dir(self.path("returned").join(returned)).expect("workbooks");
        let mut books: Vec<_> = folder.flatten().map(|entry| entry.path().display().to_string()).collect();
        books.sort();
        let job = self.job(period);
        let mut arguments = vec!["fix", job.as_str()];
        arguments.extend(books.iter().map(String::as_str));
        self.baosong(&arguments)
    }

    fn run(&self, period: &str) -> Ran {
        self.baosong(&["run", &self.job(period)])
    }

    fn is_ready(&self, period: &str) -> bool {
        let ran = self.baosong(&["ready", &self.job(period)]);
        let ready = ran.json()["ready"].as_bool().expect("yes or no");
        ran.expect_code(i32::from(!ready));
        ready
    }

    fn listed(&self, more: &[&str]) -> BTreeMap<Line, serde_json::Value> {
        let listed = self.baosong(&[&["ledger", "list"], more].concat()).json();
        let lines = listed.as_array().expect("a list").iter();
        let name = |line: &serde_json::Value| {
            ["period", "unit", "rule", "record_key"].map(|key| line[key].as_str().expect("a text").to_owned())
        };
        lines.map(|line| (name(line), line.clone())).collect()
    }

    /// Compares the ledger with the column `step` of the table.
    #[track_caller]
    fn expect(&self, step: &str) {
        let statuses = self.listed(&[]);
        let status = |line: &serde_json::Value| line["status"].as_str().expect("a status").to_owned();
        let statuses: BTreeMap<_, _> = statuses.iter().map(|(name, line)| (name.clone(), status(line))).collect();
        assert_eq!(statuses, expected(step), "after {step}");
    }

    /// Fingerprint of the one finding by a rule in a unit in October.
    fn fingerprint(&self, unit: &str, rule: &str) -> String {
        let listed = self.listed(&["--period", "2026-10", "--unit", unit, "--rule", rule]);
        assert_eq!(listed.len(), 1, "{rule}");
        let line = listed.values().next().expect("one");
        line["fingerprint"].as_str().expect("a fingerprint").to_owned()
    }

    /// The last line of what the list of `unit` says beside its finding by `rule`.
    fn said(&self, period: &str, unit: &str, rule: &str) -> String {
        let list = sheet(&self.path(&format!("out/{period}/errors/{unit}.xlsx")), "问题清单");
        let line = list.iter().find(|row| row[11].starts_with(rule)).unwrap_or_else(|| panic!("{rule} in the list"));
        line[9].lines().last().unwrap_or_default().to_owned()
    }
}

/// A column of the table written by hand, without the findings that are not there yet.
fn expected(step: &str) -> BTreeMap<Line, String> {
    let path = project("tests/data/month/expected.csv");
    let mut table = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).expect("the table");
    let column = table.headers().expect("headings").iter().position(|name| name == step).expect("a step");
    let rows = table.records().map(|row| row.expect("a line"));
    let there = rows.filter(|row| &row[column] != ".");
    there.map(|row| ([0, 1, 2, 3].map(|at| row[at].to_owned()), row[column].to_owned())).collect()
}

const FIRST: &str = "150102-城关社部";
const SECOND: &str = "150103-东河社部";

#[test]
fn the_ledger_is_as_written_by_hand_after_each_step() {
    let month = Month::new();
    september(&month);
    october(&month);
    answers(&month);
    november(&month);
}

fn september(month: &Month) {
    month.run("2026-09").expect_code(1);
    month.expect("september");
    assert!(!month.is_ready("2026-09"));
    // Corrected or explained: nothing keeps the submission back.
    month.fix("2026-09", "2026-09").expect_code(0);
    month.expect("september-fix");
    assert!(month.is_ready("2026-09"));
}

fn october(month: &Month) {
    month.run("2026-10").expect_code(1);
    month.expect("october");
    assert_eq!(month.said("2026-10", FIRST, "LOAN-RAT-001"), "【上月已更正，源系统未修改，第2次】");
    assert!(month.said("2026-10", SECOND, "CUST-SCP-001").ends_with("【上月已报，第2次】"));
    // Sorted, filtered, widened, renamed, a line deleted; and saved by LibreOffice.
    let fixed = month.fix("2026-10", "2026-10");
    fixed.expect_code(1);
    let corrections = fixed.json()["fix"]["corrections"].clone();
    let doubtful: Vec<_> = corrections
        .as_array()
        .expect("a list")
        .iter()
        .filter(|correction| correction["suspicions"] != serde_json::json!([]))
        .map(|correction| (correction["field"].clone(), correction["suspicions"].clone()))
        .collect();
    assert_eq!(doubtful, [("amount".into(), serde_json::json!(["tiny"]))]);
    month.expect("fix");
    // The officer sees that the value is not the file's, but his own.
    assert_eq!(month.said("2026-10", FIRST, "LOAN-AMT-003"), "【更正过：贷款金额(万元) 0 → 0.01】");
    assert!(!month.is_ready("2026-10"));
    let not_theirs = month.listed(&["--answer", "not-ours"]);
    assert_eq!(not_theirs.keys().map(|line| line[2].as_str()).collect::<Vec<_>>(), ["CUST-DOC-004"]);
    let list = month.path("feedback-2026-10.csv").display().to_string();
    let told = month.baosong(&["feedback", &month.job("2026-10"), &list]);
    assert_eq!(told.expect_code(1).json()["list"]["recall_percent"], "50.0", "one of two that could be tied");
    month.expect("feedback");
    copy(&month.path("later"), &month.path("2026-10"));
    let again = month.run("2026-10").json()["resubmitted"].clone();
    let expected = serde_json::json!([{
        "unit": "150103", "fixed": 1, "open": 2, "new": 0, "flagged": 1, "unflagged": 0, "added": 0, "removed": 0
    }]);
    assert_eq!(again, expected);
    month.expect("again");
    month.fix("2026-10", "2026-10-second").expect_code(1);
    month.expect("second-fix");
    assert!(!month.is_ready("2026-10"));
    // What units said without another value is a sheet of the register.
    let declared = sheet(&month.path("out/2026-10/summary/差错登记簿.xlsx"), "社部声明");
    assert_eq!(declared.len(), 2);
    let line = &declared[1];
    assert_eq!(
        [&line[1], &line[6], &line[8], &line[9], &line[12]],
        ["150103", "CUST-DOC-004", "称非本社部", "代码由联社统一维护", "已消除"]
    );
    assert!(line[10].starts_with("赵示例 20"), "{}", line[10]);
}

fn answers(month: &Month) {
    let answer = |unit: &str, command: &str, rule: &str, more: &[&str]| {
        let fingerprint = month.fingerprint(unit, rule);
        month.baosong(&[&["ledger", command, &fingerprint], more].concat()).expect_code(0);
    };
    answer("150103", "explain", "LOAN-SCP-001", &["--text", "联社要求报送", "--who", "赵示例"]);
    let waive = ["--reason", "联社要求报送", "--who", "信贷管理部", "--until", "2099-12-31"];
    answer("150103", "waive", "CUST-SCP-001", &waive);
    assert!(!month.is_ready("2026-10"), "the regulator's rate is open");
    answer("150103", "verify", "REG:LJX-201", &["--result", "withdrawn", "--who", "赵示例"]);
    month.expect("answers");
    assert!(month.is_ready("2026-10"));
    let submissions = || {
        let folder = std::fs::read_dir(month.path("out/2026-10/submission")).expect("the submission");
        folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(submissions(), ["客户风险统计-150199-2026-10-未定稿.xml"], "written before the answers");
    month.run("2026-10").expect_code(0);
    month.expect("answers");
    assert_eq!(submissions(), ["客户风险统计-150199-2026-10.xml"]);
    // Seven values were corrected, one of them by 150103; and the rate of September is not in the source system yet.
    let changes = |unit: &str| sheet(&month.path(&format!("out/2026-10/source-changes/{unit}.xlsx")), "源系统修改清单");
    let count = |unit: &str| changes(unit)[1..].iter().filter(|row| row[0].parse::<f64>().is_ok()).count();
    assert_eq!((count(FIRST), count(SECOND)), (6 + 1, 1));
}

fn november(month: &Month) {
    let november = month.run("2026-11");
    november.expect_code(1);
    let prior = november.json()["corrections"]["prior"].clone();
    assert_eq!((&prior["source_changed"], &prior["source_not_changed"]), (&6.into(), &1.into()));
    month.expect("november");
    assert!(month.said("2026-11", FIRST, "LOAN-RAT-001").ends_with("【上月已更正，源系统未修改，第3次】"));
    assert!(month.said("2026-11", SECOND, "LOAN-SCP-001").ends_with("【上月已报，第3次】"));
    let repeats = month.baosong(&["ledger", "repeats", "--period", "2026-11"]).json();
    let seen: Vec<_> = repeats.as_array().expect("a list").iter().map(|line| line["seen"].clone()).collect();
    assert_eq!(seen, vec![serde_json::json!(["2026-09", "2026-10", "2026-11"]); 3]);
    let waivers = month.baosong(&["ledger", "waivers"]).json();
    assert_eq!(waivers[0]["state"], "used");
}

/// The blocks of a manual in a language of code, in order.
fn blocks(manual: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = manual.split(&fence).skip(1);
    parts.map(|part| part.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// Whether `shown` is what was printed, with any lines left out where a line says `…`.
fn is_shown(shown: &str, printed: &str) -> Result<(), String> {
    let printed: Vec<_> = printed.lines().map(str::trim_end).collect();
    let (mut at, mut gap) = (0, false);
    for line in shown.lines() {
        if line == "…" {
            gap = true;
            continue;
        }
        let found = if gap { printed[at..].iter().position(|next| *next == line) } else { Some(0) };
        at += found.ok_or_else(|| format!("not printed: {line}"))?;
        if printed.get(at) != Some(&line) {
            return Err(format!("shown: {line}\nprinted: {:?}", printed.get(at)));
        }
        (at, gap) = (at + 1, false);
    }
    if gap || at == printed.len() { Ok(()) } else { Err(format!("not shown: {}", printed[at])) }
}

#[test]
#[cfg(unix)]
fn the_walk_through_prints_what_the_manual_shows() {
    const BREAK: &str = "--- the next block ---";
    for name in ["docs/month.zh.md", "docs/month.md"] {
        let manual = std::fs::read_to_string(project(name)).expect("the manual");
        let (commands, shown) = (blocks(&manual, "sh"), blocks(&manual, "text"));
        // The first commands print nothing.
        assert_eq!(commands.len(), shown.len() + 1, "{name}");
        let folder = tempfile::tempdir().expect("a folder");
        copy(&project("tests/data/month"), &folder.path().join("tests/data/month"));
        let program = Path::new(env!("CARGO_BIN_EXE_baosong")).parent().expect("a folder");
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
        let script = commands.join(&format!("echo '{BREAK}'\n"));
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &format!("exec 2>&1; export LC_ALL=C\n{script}")]);
        let output = command.env("PATH", path).current_dir(folder.path()).output().expect("bash");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        let printed: Vec<_> = printed.split(&format!("{BREAK}\n")).skip(1).collect();
        assert_eq!(printed.len(), shown.len(), "{name}: {printed:?}");
        for (shown, printed) in shown.iter().zip(printed) {
            if let Err(why) = is_shown(shown, printed) {
                panic!("{name} does not show what is printed: {why}\n\n{printed}");
            }
        }
    }
}

#[test]
fn the_samples_months_take_workbooks_of_two_units_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = |period: &str| project("sample-input/large-credit").join(period).display().to_string();
    let out = folder.path().join("out");
    let baosong = |arguments: &[&str]| {
        let mut command = program(arguments);
        command.arg("--ledger").arg(folder.path().join("union.db")).arg("--out").arg(&out).arg("--json");
        ran(command, &out)
    };
    baosong(&["run", &sample("2026-09")]).expect_code(1);
    // One file of October is cut off.
    let october = baosong(&["run", &sample("2026-10")]);
    assert_eq!(october.expect_code(3).json()["ledger"]["new"], 701);
    let books = ["150109-清泉社部", "150112-石门社部"]
        .map(|unit| project("tests/data/sample/returned").join(format!("{unit}.xlsx")).display().to_string());
    let fixed = baosong(&["fix", &sample("2026-10"), &books[0], &books[1]]);
    let json = fixed.expect_code(3).json();
    assert_eq!(json["fix"]["refused"], serde_json::json!([]));
    let mut verdicts = BTreeMap::new();
    for finding in json["fix"]["findings"].as_array().expect("findings") {
        let text = |key: &str| finding[key].as_str().expect("a text").to_owned();
        *verdicts.entry((text("unit"), text("verdict"))).or_insert(0) += 1;
    }
    let count = |unit: &str, verdict: &str, count: i32| ((unit.to_owned(), verdict.to_owned()), count);
    // As fill_in.py answers them; 67 and 17 findings were issued.
    let answered = [
        count("150109", "corrected", 3),
        count("150109", "explained", 1),
        count("150109", "unchanged", 63),
        count("150112", "corrected", 7),
        count("150112", "unchanged", 10),
    ];
    assert_eq!(verdicts, answered.into());
    assert_eq!(json["corrections"]["applied"], 8);
    let listed = |status: &str| {
        let listed = baosong(&["ledger", "list", "--period", "2026-10", "--status", status]).json();
        listed.as_array().expect("a list").clone()
    };
    assert_eq!((listed("corrected").len(), listed("explained").len()), (10, 1));
    // A branch's customer whose balance another unit's loan had been counted into as 0.06.
    let new = listed("new");
    assert_eq!(new.len(), 1);
    assert_eq!((&new[0]["unit"], &new[0]["rule"]), (&"001501".into(), &"CUST-SUM-001".into()));
    let gate = baosong(&["ready", &sample("2026-10")]).expect_code(1).json();
    assert_eq!((&gate["ready"], gate["units"].as_array().map(Vec::len)), (&false.into(), Some(13)));
}
