//! The ledger through the commands: what a run leaves, how findings are answered, and when the gate opens.

use std::path::Path;

use crate::desk::{BOOK, Desk, Ran, book, clean, other, program, ran};

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
    // With another value there is nothing it lets pass, and the run says so.
    let mut sheets = other();
    sheets[2].set(1, "贷款金额(万元)", 410.0);
    desk.put("150103-东河社部/客户风险数据.xlsx", &book(&sheets));
    let mut command = program(&["run"]);
    command.arg(desk.path()).arg("--out").arg(desk.out()).arg("--ledger").arg(desk.path().join("ledger.db"));
    ran(command, Path::new("")).expect_code(1).expect_words(&["豁免：用不上 1，过期 0"]);
    ready(&desk).expect_code(1);
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

/// The cells of a sheet of a workbook below `summary/`.
fn summary(desk: &Desk, period: &str, book: &str, sheet: &str) -> Vec<Vec<String>> {
    let path = desk.out().join(period).join("summary").join(book);
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(path).expect("opened");
    let range = calamine::Reader::worksheet_range(&mut workbook, sheet).expect("the sheet");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn what_someone_found_is_registered_and_checked_again() {
    let desk = Desk::new();
    run(&desk);
    let add = ["ledger", "add", "--period", "2026-10", "--unit", "150102", "--text", "注册地与营业执照不符"];
    let more = ["--who", "联社录入员", "--record", "91150103MA0KLY3K5B", "--dataset", "customers", "--field"];
    let added = ask(&desk, &[&add[..], &more[..], &["registered_place", "--json"]].concat());
    let fingerprint = added.expect_code(0).json()["fingerprint"].as_str().expect("a fingerprint").to_owned();
    assert_eq!(listed(&desk, &["--source", "manual"]).len(), 1);
    // A further run leaves it alone, and the register names who found it.
    run(&desk);
    let register = summary(&desk, "2026-10", "差错登记簿.xlsx", "登记簿");
    let line = register.iter().find(|line| line[1] == fingerprint).expect("it is in the register");
    assert_eq!(line[4..8], ["王示例", "客户基本信息", "91150103MA0KLY3K5B", "注册地"]);
    assert_eq!((line[11].as_str(), line[12].as_str()), ("人工", "联社录入员"));
    ready(&desk).expect_code(1);
    let verify = ["ledger", "verify", &fingerprint[..8], "--result", "corrected", "--who", "王示例"];
    ask(&desk, &verify).expect_code(0).expect_words(&["已消除"]);
    ask(&desk, &["ledger", "show", &fingerprint]).expect_code(0).expect_words(&["二次核实：已更正 王示例"]);
    let nowhere = ["ledger", "add", "--period", "2026-08", "--unit", "150102", "--text", "x", "--who", "y"];
    ask(&desk, &nowhere).expect_code(2).expect_words(&["2026-08 还没有用这个台账运行过"]);
}

#[test]
fn the_register_and_notices_come_with_a_ledger_and_stay_the_same() {
    let desk = Desk::new();
    desk.run();
    assert!(!desk.out().join("2026-10/summary/差错登记簿.xlsx").exists(), "there is no ledger to take it from");
    run(&desk);
    let first = crate::desk::contents(&desk.out());
    // The register tells times in minutes.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    run(&desk);
    let second = crate::desk::contents(&desk.out());
    assert!(first == second, "the same input and the same ledger give the same bytes");
    assert!(first.contains_key("2026-10/summary/社部通知单.xlsx"));
    let scores = summary(&desk, "2026-10", "差错登记簿.xlsx", "评分表");
    assert_eq!(scores[1][0], "150102");
    // One warning on a loan of 4 million yuan.
    assert_eq!((scores[2][7].as_str(), scores[2][13].as_str()), ("1", "4000000"));
}

#[test]
fn units_show_what_is_left_of_their_deadlines() {
    let desk = Desk::new();
    let receipts = "unit,file,received,channel\n150102,客户风险数据.xlsx,2026-11-04T10:00:00,内网\n\
                    150102,客户风险数据.xlsx,2026-11-06T11:00:00,人工上报\n150103,客户风险数据.xlsx,2026-11-04T10:00:00,内网\n";
    std::fs::write(desk.path().join("receipts.csv"), receipts).expect("written");
    desk.write_job("2026-10", "receipts = \"receipts.csv\"");
    run(&desk);
    let units = ask(&desk, &["ledger", "units", "--period", "2026-10"]);
    // The other unit has a warning left, and the deadline of 2026 is long past.
    units.expect_code(0).expect_words(&["城关社部 按时 按时重报", "东河社部 按时 已过期限"]);
    let json = ask(&desk, &["ledger", "units", "--period", "2026-10", "--json"]).json();
    assert_eq!(json["deadlines"]["correction"], "2026-11-06");
    assert_eq!(json["units"][0]["resubmitted"], "2026-11-06 11:00:00");
}

#[test]
fn the_ledger_is_exported_whole_and_by_findings() {
    let desk = Desk::new();
    run(&desk);
    let place = |name: &str| desk.path().join(name);
    let export = |name: &str, more: &[&str]| {
        let path = place(name);
        ask(&desk, &[&["ledger", "export", path.to_str().expect("a path")], more].concat())
    };
    export("f.csv", &[]).expect_code(0).expect_words(&["1 张表、1 行"]);
    let csv = std::fs::read_to_string(place("f.csv")).expect("written");
    assert!(csv.starts_with("\u{feff}fingerprint,period,unit,") && csv.contains("LOAN-SCP-001"), "{csv}");
    export("f.json", &["--unit", "150103"]).expect_code(0);
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place("f.json")).expect("written")).expect("JSON");
    assert_eq!((json[0]["status"].as_str(), json[0]["source"].as_str()), (Some("new"), Some("system")));
    export("none.json", &["--unit", "150102"]).expect_code(0);
    assert_eq!(std::fs::read_to_string(place("none.json")).expect("written").trim(), "[]");

    export("all.xlsx", &["--tables"]).expect_code(0);
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(place("all.xlsx")).expect("opened");
    let names = calamine::Reader::sheet_names(&workbook);
    for name in ["finding", "sighting", "submission", "standing", "feedback", "verification", "waiver", "run"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    let submissions = calamine::Reader::worksheet_range(&mut workbook, "submission").expect("a sheet");
    // The files of the two units and the roster.
    assert_eq!(submissions.height(), 4);
    export("all.json", &["--tables"]).expect_code(0);
    let all: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place("all.json")).expect("written")).expect("JSON");
    assert_eq!(all["owner"][0]["code"], "150199");
    export("all", &["--tables", "--format", "csv"]).expect_code(0);
    assert!(place("all/standing.csv").exists() && !place("all/nothing.csv").exists());

    export("all", &["--tables", "--format", "csv"]).expect_code(2).expect_words(&["已经存在"]);
    export("what", &[]).expect_code(2).expect_words(&["--format"]);
    export("nowhere/f.csv", &[]).expect_code(4).expect_words(&["cannot write"]);
}
