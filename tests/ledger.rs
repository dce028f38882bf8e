//! The ledger through the commands: what a run leaves, how findings are answered, and when the gate opens.

use std::path::Path;

use crate::desk::{BOOK, Desk, Ran, book, clean, ran};

/// A command of the program with the desk's ledger.
fn ask(desk: &Desk, arguments: &[&str]) -> Ran {
    let ledger = desk.path().join("ledger.db");
    let mut command = crate::desk::program(arguments);
    command.arg("--ledger").arg(ledger);
    ran(command, Path::new(""))
}

fn run(desk: &Desk) -> Ran {
    let mut command = desk.command();
    command.arg("--ledger").arg(desk.path().join("ledger.db"));
    ran(command, &desk.out().join("2026-10"))
}

fn ready(desk: &Desk) -> Ran {
    ask(desk, &["ready", desk.path().to_str().expect("a path"), "--json"])
}

fn listed(desk: &Desk, more: &[&str]) -> Vec<serde_json::Value> {
    let run = ask(desk, &[&["ledger", "list", "--json"], more].concat());
    run.expect_code(0);
    run.json().as_array().cloned().expect("a list")
}

#[test]
fn a_finding_is_explained_and_the_gate_opens() {
    let desk = Desk::new();
    ready(&desk).expect_code(2);
    // The desk's one finding is a warning: a loan below the threshold in the second unit.
    run(&desk).expect_code(1);
    let rows = listed(&desk, &[]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["rule"], "LOAN-SCP-001");
    assert_eq!(rows[0]["status"], "new");
    assert_eq!(rows[0]["unit"], "150103");
    let not_ready = ready(&desk);
    not_ready.expect_code(1);
    assert_eq!(not_ready.json()["ready"], false);

    let fingerprint = rows[0]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let explain =
        ["ledger", "explain", &fingerprint[..8], "--text", "团体授信，按客户合计超过500万元", "--who", "报送员乙"];
    ask(&desk, &explain).expect_code(0).expect_words(&["已说明"]);
    assert_eq!(ready(&desk).expect_code(0).json()["ready"], true);
    // A further run of the same files leaves the answer as it is.
    run(&desk);
    assert_eq!(listed(&desk, &["--status", "explained"]).len(), 1);
    ready(&desk).expect_code(0);
    let shown = ask(&desk, &["ledger", "show", &fingerprint, "--json"]);
    assert_eq!(shown.expect_code(0).json()["explanations"][0]["who"], "报送员乙");
}

#[test]
fn a_waiver_ends_when_it_is_withdrawn() {
    let desk = Desk::new();
    run(&desk);
    let fingerprint = listed(&desk, &[])[0]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let waive = |until: &str| {
        ask(&desk, &["ledger", "waive", &fingerprint, "--reason", "联社同意", "--who", "信贷部", "--until", until])
    };
    waive("2020-01-01").expect_code(2);
    waive("2999-12-31").expect_code(0).expect_words(&["已豁免"]);
    ready(&desk).expect_code(0);
    ask(&desk, &["ledger", "waivers"]).expect_code(0).expect_words(&["联社同意", "used"]);
    ask(&desk, &["ledger", "unwaive", &fingerprint, "--who", "信贷部"]).expect_code(0);
    ready(&desk).expect_code(1);
    ask(&desk, &["ledger", "unwaive", "ffffffff", "--who", "信贷部"]).expect_code(2);
}

#[test]
fn what_is_fixed_is_resolved_and_what_comes_back_is_reopened() {
    let desk = Desk::new();
    let mut sheets = clean();
    sheets[0].set(0, "总资产(万元)", 0.0);
    desk.put(BOOK, &book(&sheets));
    run(&desk);
    let status = |desk: &Desk| {
        let rows = listed(desk, &["--rule", "CUST-AMT-001"]);
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows[0]["status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status(&desk), "new");
    desk.put(BOOK, &book(&clean()));
    run(&desk);
    assert_eq!(status(&desk), "resolved");
    desk.put(BOOK, &book(&sheets));
    run(&desk);
    assert_eq!(status(&desk), "reopened");
}

#[test]
fn the_next_month_says_what_was_reported_before() {
    let desk = Desk::new();
    run(&desk);
    desk.write_job("2026-11", "");
    let mut command = desk.command();
    command.arg("--ledger").arg(desk.path().join("ledger.db"));
    let november = ran(command, &desk.out().join("2026-11"));
    assert_eq!(november.expect_code(1).json()["ledger"]["repeated"], 1);
    let workbook =
        std::fs::read_dir(desk.out().join("2026-11/errors")).expect("errors/").flatten().next().expect("a workbook");
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(workbook.path()).expect("opened");
    let list = calamine::Reader::worksheet_range(&mut workbook, "问题清单").expect("the list");
    let said = list.rows().flatten().any(|cell| cell.to_string().contains("上月已报，第2次"));
    assert!(said, "the officer is told that it was reported last month");
    let repeats = ask(&desk, &["ledger", "repeats", "--period", "2026-11", "--json"]);
    assert_eq!(repeats.expect_code(0).json()[0]["seen"], serde_json::json!(["2026-10", "2026-11"]));
}

#[test]
fn lists_come_as_csv_and_copies_open() {
    let desk = Desk::new();
    run(&desk);
    let csv = ask(&desk, &["ledger", "list", "--output", "csv"]);
    assert!(csv.stdout.starts_with("fingerprint,period,unit,"), "{}", csv.stdout);
    assert_eq!(csv.stdout.lines().count(), 2);
    let copy = desk.path().join("copy.db");
    ask(&desk, &["ledger", "backup", copy.to_str().expect("a path")]).expect_code(0);
    let mut command = crate::desk::program(&["ledger", "list", "--json"]);
    command.arg("--ledger").arg(&copy);
    assert_eq!(ran(command, Path::new("")).json().as_array().map(Vec::len), Some(1));
    // Without a ledger there is nothing to ask.
    ran(crate::desk::program(&["ledger", "list"]), Path::new("")).expect_code(2).expect_words(&["--ledger"]);
    let units = ask(&desk, &["ledger", "units", "--period", "2026-10"]);
    units.expect_code(0).expect_words(&["150103", "东河社部"]);
}
