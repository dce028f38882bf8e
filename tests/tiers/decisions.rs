//! Tiers decided by people and kept in the ledger.

use std::path::Path;

use super::{Office, customers};
use crate::desk::program;

fn ledger(office: &Office, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = program(&["ledger"]);
    let output = command.args(arguments).args(["--lang", "en", "--ledger"]).arg(office.path().join("l.db")).output();
    let output = output.expect("started");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

fn decide(office: &Office, job: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let job = job.to_str().expect("a path");
    let end = ["--reason", "合同在签", "--who", "示例甲", "--until", "2099-12-31"];
    ledger(office, &[&["override", job], arguments, &end].concat())
}

#[test]
fn what_the_ledger_has_decides_from_its_first_day_and_leaves_past_quarters_alone() {
    let office = Office::property();
    let lines = customers(&["K1,王一,13800000001,甲,0,100,0,0,0,0,业主", "K2,李二,13800000002,甲,0,100,0,0,0,0,业主"]);
    let (earlier, later) = (office.job("2026-06", &lines, ""), office.job("2026-09", &lines, ""));
    let read = |quarter: &str| {
        let folder = office.path().join("out").join(quarter).join("tiers");
        ["客户分层.xlsx", "tiers.csv", "manifest.json"].map(|name| std::fs::read(folder.join(name)).expect("read"))
    };
    office.ran(&earlier, "2026Q2", 0);
    office.ran(&later, "2026Q3", 0);
    let second = read("2026Q2");

    let (code, said) = decide(&office, &later, &["--customer", "K1", "--tier", "A", "--from", "2026-09-30"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no. 1: K1 set to A, 2026-09-30 to 2099-12-31"), "{said}");
    assert!(said.contains("calculate them again: 2026Q3") && !said.contains("2026Q2"), "{said}");
    // From tomorrow's quarters on only: today's date is its first day, and both quarters are over.
    let (code, said) = decide(&office, &later, &["--customer", "K2", "--tier", "B"]);
    assert_eq!((code, said.contains("calculate them again")), (Some(0), false), "{said}");

    let json = office.ran(&earlier, "2026Q2", 0);
    assert!(read("2026Q2") == second && json["notes"] == serde_json::json!([]), "a past quarter stays as it was");
    let json = office.ran(&later, "2026Q3", 0);
    assert_eq!(json["schemes"][0]["decided"], 1);
    assert!(json["notes"].to_string().contains("decisions"), "{json}");
    assert_eq!(office.list("2026Q3"), ["K1 A up 2026Q3", "K2 C same 2026Q2"]);
    assert_eq!(
        office.column("2026Q3", "K1", 10),
        "人工调整为A（示例甲，合同在签，至2099-12-31）；按数据为C：已购买物业，累计100万元"
    );
    let sheet = office.sheet("2026Q3", "人工调整");
    let line = ["台账第 1 号", "importance", "K1", "A", "示例甲", "合同在签", "2026-09-30", "2099-12-31", "生效"];
    assert_eq!(sheet[1], line);
    assert!(!format!("{sheet:?}").contains("K2"), "what holds later is not of this quarter: {sheet:?}");
    let third = read("2026Q3");

    // Withdrawn today: the quarter that is over keeps it.
    let (code, said) = ledger(&office, &["unoverride", "1", "--who", "示例乙"]);
    assert_eq!(code, Some(0), "{said}");
    let json = office.ran(&later, "2026Q3", 0);
    assert!(read("2026Q3") == third && json["notes"] == serde_json::json!([]), "{json}");
    let (_, said) = ledger(&office, &["overrides"]);
    assert!(said.contains("withdrawn (示例乙") && said.contains("in force"), "{said}");
    assert!(said.contains("2 decision(s), 0 expired"), "{said}");
}

#[test]
fn decisions_that_cannot_hold_are_refused_or_told() {
    let office = Office::property();
    let job = office.job("2026-09", &customers(&["K1,王一,13800000001,甲,0,100,0,0,0,0,业主"]), "");
    let (code, said) = decide(&office, &job, &["--customer", "K1", "--tier", "A"]);
    assert!(code == Some(2) && said.contains("there is no such file; run a job first"), "{said}");
    office.ran(&job, "2026Q3", 0);
    for (arguments, part) in [
        (["--customer", "K1", "--tier", "F"].as_slice(), "one of: A, B, C, D, E"),
        (&["--customer", "K1", "--tier", "A", "--scheme", "importanc"], "--scheme is one of: importance"),
        (&["--customer", " ", "--tier", "A"], "written as Number"),
        (&["--customer", "K1", "--tier", "A", "--from", "2100-01-01"], "lies after the last"),
    ] {
        let (code, said) = decide(&office, &job, arguments);
        assert!(code == Some(2) && said.contains(part), "{part} in {said}");
    }
    let past =
        ["override", job.to_str().expect("a path"), "--customer", "K1", "--tier", "A", "--reason", "因", "--who", "甲"];
    let (code, said) = ledger(&office, &[&past[..], &["--until", "2026-09-30"]].concat());
    assert!(code == Some(2) && said.contains("2026-09-30 is past"), "{said}");
    let (code, said) = ledger(&office, &["unoverride", "7", "--who", "示例乙"]);
    assert!(code == Some(2) && said.contains("no decision 7"), "{said}");

    let first = ["--customer", "K9", "--tier", "A", "--from", "2026-09-01"];
    assert_eq!(decide(&office, &job, &first).0, Some(0));
    let (code, said) = decide(&office, &job, &first);
    assert!(code == Some(2) && said.contains("ledger unoverride 1"), "{said}");
    // Nobody is called K9: the calculation says so, and ends with 1.
    office.ran(&job, "2026Q3", 1);
    assert_eq!(office.sheet("2026Q3", "人工调整")[1][8], "本期没有这户客户");
}

/// The last day of February in a leap year: the day a forecast is of, and the last of a decision.
#[test]
fn a_decision_of_a_leap_year_ends_with_29_february() {
    let office = Office::property();
    let lines = customers(&["K1,王一,1,甲,0,100,0,0,0,0,业主", "K2,李二,1,甲,0,100,0,0,0,0,业主"]);
    let job = office.job("2024-02", &lines, "[tiers]\noverrides = \"人工调整.csv\"\n");
    let decisions = "客户编号,级别,批准人,理由,生效日期,有效期至\n\
                     K1,A,示例甲,合同在签,2024-02-29,2024-02-29\nK2,A,示例甲,合同在签,2023-12-31,2024-02-28\n";
    std::fs::write(job.join("人工调整.csv"), decisions).expect("written");
    let forecast = office.tier(&job, "2024Q1", &["--as-of", "2024-02-29"]);
    assert_eq!(forecast.status.code(), Some(0), "{}", String::from_utf8_lossy(&forecast.stderr));
    assert_eq!(office.list("2024Q1"), ["K1 A first 2024Q1", "K2 C first 2024Q1"]);
    let states: Vec<_> = office.sheet("2024Q1", "人工调整")[1..3].iter().map(|row| row[8].clone()).collect();
    assert_eq!(states, ["生效", "已过期"]);
}
