//! The list the regulator returned: tied, counted, recorded, and nothing of it lost.

use std::path::{Path, PathBuf};

use crate::desk::{BOOK, Desk, Ran, book, clean, program, ran};

const HEADINGS: &str =
    "机构代码,表名,借据号,客户代码,字段名称,规则编号,错误描述,错误值,校验类型,核实结果,核实说明,核实人,批次号";

/// Eight lines: two we find, three we do not, three that fit nothing.
const LINES: [&str; 8] = [
    // Found under the field, and by the rule its source names.
    "150102,贷款明细,1501022024111137,,贷款余额,XX-001,余额与台账不符,580,确定性,,,,7",
    "150102,,1501022024111137,,,LJX-026,余额大于金额,,确定性,,,,7",
    // Not found: a loan, a person's number, and a prompt that was checked at once.
    "150102,贷款明细,1501022024111174,,年利率,XX-002,年利率与合同不符,5.79,确定性,,,,7",
    ",,,91150103MA0KLY3K5B,法定代表人证件号码,XX-003,号码150122196508180836与公安信息不符,150122196508180836,确定性,,,,7",
    "150103,,,91150104MA0HH52J78,总资产,XX-004,总资产较上期变动较大,9393.54,提示性,核实无误,年报已审计,报送员乙,7",
    // No such loan, another unit's customer, and nothing named at all.
    "150102,贷款明细,9999999999999999,,贷款余额,XX-001,不存在,,确定性,,,,7",
    "150103,,,91150103MA0KLY3K5B,总资产,XX-004,x,,提示性,,,,7",
    ",,,,,XX-009,漏报客户,,确定性,,,,7",
];

fn desk() -> Desk {
    let desk = Desk::new();
    let [customers, shareholders, mut loans] = clean();
    // Above the amount of 5.7 million yuan.
    loans.set(0, "贷款余额(万元)", 580.0);
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    let mut command = desk.command();
    command.arg("--ledger").arg(desk.path().join("ledger.db"));
    ran(command, &desk.out().join("2026-10")).expect_code(1);
    desk
}

fn list(desk: &Desk, name: &str, lines: &[&str]) -> PathBuf {
    let path = desk.path().join(name);
    std::fs::write(&path, [&[HEADINGS], lines].concat().join("\n")).expect("written");
    path
}

fn take_in(desk: &Desk, list: &Path, more: &[&str]) -> Ran {
    let mut command = program(&["feedback"]);
    command.arg(desk.path()).arg(list).arg("--ledger").arg(desk.path().join("ledger.db")).args(more);
    ran(command, Path::new(""))
}

fn ask(desk: &Desk, arguments: &[&str]) -> Ran {
    let mut command = program(arguments);
    command.arg("--ledger").arg(desk.path().join("ledger.db"));
    ran(command, Path::new(""))
}

#[test]
fn each_line_is_caught_missed_or_told_why_not() {
    let desk = desk();
    let run = take_in(&desk, &list(&desk, "反馈.csv", &LINES), &["--json"]);
    let json = run.expect_code(1).json();
    let told: Vec<_> = json["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| ["outcome", "unit", "dataset", "field"].map(|key| line[key].as_str().unwrap_or("-").to_owned()))
        .collect();
    let expected = [
        ["caught", "150102", "loans", "balance"],
        ["caught", "150102", "loans", ""],
        ["missed", "150102", "loans", "annual_rate"],
        ["missed", "150102", "customers", "legal_rep_doc_no"],
        ["missed", "150103", "customers", "total_assets"],
        ["unmatched", "-", "贷款明细", "贷款余额"],
        ["unmatched", "-", "", "总资产"],
        ["unmatched", "-", "", ""],
    ];
    assert_eq!(told, expected);
    // Two of five that could be tied.
    assert_eq!(json["list"]["recall_percent"], "40.0");
    assert_eq!(json["recorded"], serde_json::json!({ "new": 8, "known": 0, "opened": 3, "checks": 1 }));
    assert_eq!(json["unknown_columns"], serde_json::json!(["批次号"]));
    let reason = |line: usize| json["lines"][line]["reason"].as_str().expect("a reason").to_owned();
    assert_eq!(reason(0), "LOAN-AMT-003");
    assert!(reason(5).contains("没有这个主键"), "{}", reason(5));
    assert!(reason(6).contains("150102 城关社部"), "{}", reason(6));
    assert!(reason(7).contains("没有写明"), "{}", reason(7));
    assert!(!run.stdout.contains("150122196508180836"), "a person's number is masked");
}

#[test]
fn what_we_missed_is_a_finding_until_it_is_closed() {
    let desk = desk();
    take_in(&desk, &list(&desk, "反馈.csv", &LINES), &[]).expect_code(1).expect_words(&[
        "查出率 40.0%",
        "未用到的列：批次号",
        "对不上的，请人工处理",
        "2026-11-06 12:00 截止时未了结的",
    ]);
    let rows = ask(&desk, &["ledger", "list", "--source", "regulator", "--json"]).json();
    let rows = rows.as_array().expect("a list");
    let short: Vec<_> = rows
        .iter()
        .map(|row| ["rule", "severity", "status", "cell", "value"].map(|key| row[key].as_str().expect("a text")))
        .collect();
    assert_eq!(
        short,
        [
            ["REG:XX-002", "error", "new", "L3", "5.79"],
            ["REG:XX-003", "error", "new", "L2", "150122********0836"],
            ["REG:XX-004", "warning", "explained", "R2", "9393.54"],
        ]
    );
    assert!(rows[1]["message"].as_str().expect("a text").contains("150122********0836"));
    // A further run leaves them, the gate counts them, and a second check closes them.
    let mut command = desk.command();
    command.arg("--ledger").arg(desk.path().join("ledger.db"));
    ran(command, &desk.out().join("2026-10"));
    assert_eq!(
        ask(&desk, &["ledger", "list", "--source", "regulator", "--status", "new", "--json"])
            .json()
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let fingerprint = rows[0]["fingerprint"].as_str().expect("a fingerprint");
    ask(&desk, &["ledger", "verify", fingerprint, "--result", "corrected", "--who", "王示例"]).expect_code(0);
    let shown = ask(&desk, &["ledger", "show", fingerprint, "--json"]).json();
    assert_eq!(shown["second_checks"][0]["result"], "corrected");
    assert_eq!((&shown["regulator"][0]["file"], &shown["regulator"][0]["row"]), (&"反馈.csv".into(), &4.into()));
    ask(&desk, &["ledger", "show", fingerprint]).expect_words(&["监管反馈：XX-002", "反馈.csv:4"]);
    assert_eq!(shown["finding"]["status"], "resolved");
}

#[test]
fn a_list_taken_in_twice_counts_once_and_results_are_added() {
    let desk = desk();
    let first = list(&desk, "反馈.csv", &LINES);
    take_in(&desk, &first, &["--json"]);
    let again = take_in(&desk, &first, &["--json"]).json();
    assert_eq!(again["recorded"], serde_json::json!({ "new": 0, "known": 8, "opened": 0, "checks": 0 }));
    assert_eq!(again["month"]["recall_percent"], "40.0");
    // The list with the result of the second check, and one more line.
    let third = LINES[2].replace("确定性,,,", "确定性,已更正,按合同更正,");
    let results =
        list(&desk, "反馈-核实.csv", &[&third, "150103,,,91150104MA0HH52J78,授信额度,XX-010,新,,提示性,,,,8"]);
    let told = take_in(&desk, &results, &["--json", "--who", "联社录入员"]).json();
    assert_eq!(told["recorded"], serde_json::json!({ "new": 1, "known": 1, "opened": 1, "checks": 1 }));
    let resolved = ask(&desk, &["ledger", "list", "--source", "regulator", "--status", "resolved", "--json"]).json();
    assert_eq!(resolved[0]["rule"], "REG:XX-002");
    // Reported once more by a later list: it is open again.
    let later = list(&desk, "反馈-二.csv", &[LINES[2]]);
    take_in(&desk, &later, &[]).expect_code(1);
    let open = ask(&desk, &["ledger", "list", "--source", "regulator", "--status", "reopened", "--json"]).json();
    assert_eq!(open[0]["rule"], "REG:XX-002");
    // What a run finds only later was not found in time: the recall stays.
    let [customers, shareholders, mut loans] = clean();
    loans.set(0, "贷款余额(万元)", 580.0).set(1, "年利率(%)", -1.0);
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    let mut command = desk.command();
    command.arg("--ledger").arg(desk.path().join("ledger.db"));
    ran(command, &desk.out().join("2026-10"));
    let month = take_in(&desk, &first, &["--json"]).json()["month"].clone();
    // Two of six: the line of the second list was missed too.
    assert_eq!(month["recall_percent"], "33.3");
}

#[test]
fn columns_are_named_by_a_mapping_and_faults_are_said() {
    let desk = desk();
    let path = desk.path().join("list.csv");
    std::fs::write(&path, "贷款编号,哪一列,怎么了\n1501022024111137,贷款余额,不符\n").expect("written");
    take_in(&desk, &path, &[]).expect_code(2).expect_words(&["--mapping"]);
    let mapping = desk.path().join("own.toml");
    std::fs::write(&mapping, "[columns]\nrecord = \"贷款编号\"\nfield = \"哪一列\"\nmessage = \"怎么了\"\n")
        .expect("written");
    let mapping = mapping.to_str().expect("a path");
    let json = take_in(&desk, &path, &["--mapping", mapping, "--json"]).json();
    assert_eq!(json["list"]["recall_percent"], "100.0");
    std::fs::write(&path, "贷款编号,怎么了\n").expect("written");
    take_in(&desk, &path, &["--mapping", "none.toml"]).expect_code(2).expect_words(&["none.toml"]);
    // A period that was never run has nothing to tie a list to.
    desk.write_job("2026-11", "");
    let list = list(&desk, "反馈.csv", &LINES);
    take_in(&desk, &list, &[]).expect_code(2).expect_words(&["2026-11 还没有用这个台账运行过"]);
}

#[test]
fn the_list_of_the_sample_is_as_the_readme_shows_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path().join("ledger.db");
    let sample = crate::desk::project("sample-input/large-credit");
    let with_ledger = |arguments: &[&str], paths: &[PathBuf]| {
        let mut command = program(arguments);
        command.args(paths).arg("--ledger").arg(&ledger).arg("--out").arg(folder.path());
        ran(command, folder.path())
    };
    with_ledger(&["run", "-q"], &[sample.join("2026-10")]).expect_code(3);
    let told = with_ledger(&["feedback"], &[sample.join("2026-10"), sample.join("feedback-2026-10.csv")]);
    let recall = "本清单 6 条 = 已查出 3 + 未查出 2 + 对不上 1，查出率 60.0%";
    told.expect_code(1).expect_words(&[recall, "新记录 6 条", "登记问题 2 个，二次核实结果 1 个"]);
    let readme = std::fs::read_to_string(crate::desk::project("README.zh.md")).expect("the manual");
    assert!(readme.contains(recall), "the manual shows what is printed");
}
