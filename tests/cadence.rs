//! Contacts that are due, with the shipped cadences on small packs; and what schedulers are told.

mod packs;

use std::path::Path;

use crate::{
    desk::{program, project, sheet},
    tiers::PROPERTY,
};

const ARCHIVE: &str = r#"[[dataset]]
id = "customers"
prefix = "CUST"
title = { zh = "客户", en = "Customers" }
sheets = ["客户"]
key = ["customer_no"]
fields = [
    { id = "customer_no", headings = ["档案编号"], en = "Number", type = "identifier" },
    { id = "opened_on", headings = ["建档日期"], en = "Opened on", type = "date" },
    { id = "customer_name", headings = ["客户名称"], en = "Name", type = "name" },
    { id = "region", headings = ["区域"], en = "Region", type = "text" },
    { id = "strength_score", headings = ["实力"], en = "Strength", type = "integer" },
    { id = "deal_probability", headings = ["成交可能"], en = "Chance", type = "decimal" },
    { id = "class", headings = ["类别"], en = "Class", type = "code" },
    { id = "owner", headings = ["负责人"], en = "Owner", type = "name" },
]
[[dataset]]
id = "activities"
prefix = "ACTV"
title = { zh = "联络", en = "Contacts" }
sheets = ["联络"]
key = ["activity_no"]
fields = [
    { id = "activity_no", headings = ["记录编号"], en = "Number", type = "identifier" },
    { id = "customer_no", headings = ["档案编号"], en = "Customer", type = "identifier" },
    { id = "channel", headings = ["联络方式"], en = "Channel", type = "code" },
    { id = "person_level", headings = ["对方职级"], en = "Level", type = "code" },
    { id = "happened", headings = ["日期"], en = "Date", type = "date" },
]
"#;

/// The small pack of files of customers: the roster of all small packs, and the datasets above.
fn archive() -> String {
    let (roster, _) = PROPERTY.split_once("[[dataset]]\nid = \"customers\"").expect("the roster");
    format!("{roster}{ARCHIVE}")
}

const PARAMS: &str = "param = [{ name = \"abc_share_a\", value = 20, source = { doc = \"试\" } }, \
     { name = \"abc_share_b\", value = 40, source = { doc = \"试\" } }, { name = \"abc_share_c\", value = 40, source = { doc = \"试\" } }]\n";

/// A job of 2026-11 in `folder`.
fn office(folder: &Path, pack: &str, declared: &str, files: &[(&str, &str)]) {
    let rules = folder.join("rules").join(pack);
    // The cadences, and the schemes they may name: the shipped rules are about datasets these small packs lack.
    std::fs::create_dir_all(&rules).expect("a folder");
    for name in ["cadence.toml", "tiers.toml"] {
        let shipped = project("rules").join(pack).join(name);
        if shipped.exists() {
            std::fs::copy(shipped, rules.join(name)).expect("copied");
        }
    }
    std::fs::write(rules.join("pack.toml"), declared).expect("written");
    std::fs::write(rules.join("params.toml"), PARAMS).expect("written");
    let unit = folder.join("job/submissions/01-一部");
    std::fs::create_dir_all(&unit).expect("a folder");
    for (name, text) in files {
        std::fs::write(unit.join(name), text).expect("written");
    }
    std::fs::write(folder.join("job/roster.csv"), "社部代码,社部名称\n01,一部\n").expect("written");
    let job = format!(
        "pack = \"{pack}\"\nperiod = \"2026-11\"\ninput = \"submissions\"\nroster = \"roster.csv\"\nrules = \"../rules\"\n\
         [institution]\ncode = \"1\"\nname = \"示例公司\"\n"
    );
    std::fs::write(folder.join("job/job.toml"), job).expect("written");
}

fn run(folder: &Path, as_of: &str, code: i32) -> serde_json::Value {
    let mut command = program(&["cadence", "--as-of", as_of, "--json"]);
    command.arg(folder.join("job")).arg("--out").arg(folder.join("out"));
    let output = command.output().expect("started");
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("json")
}

/// As of Tuesday 2026-11-24. K1 (A): called on Monday; the top leader was met on 24 September, so the next visit was due
/// on the 24th of November, today; a lower level met in October does not count. K2 (B): last called on Sunday the 22nd, so
/// this week is open; visited on 23 August, due the 23rd of November: a day late. K3 (C): called on 10 November, due on
/// the 24th; never visited since it was opened on 1 August, so it is due on 1 December.
#[test]
fn calls_and_visits_follow_the_class_and_the_level() {
    let folder = tempfile::tempdir().expect("a folder");
    let customers = "档案编号,建档日期,客户名称,区域,实力,成交可能,类别,负责人\n\
                     K1,2026-01-05,甲公司,东,9,90,A,王\nK2,2026-01-05,乙公司,东,8,80,B,李\nK3,2026-08-01,丙公司,西,7,70,C,李\nK4,,丁公司,西,7,70,C,李\n";
    let activities = "记录编号,档案编号,联络方式,对方职级,日期\n\
                      1,K1,1,,2026-11-23\n2,K1,2,1,2026-09-24\n3,K1,2,3,2026-10-20\n4,K2,1,,2026-11-22\n5,K2,2,2,2026-08-23\n6,K3,1,,2026-11-10\n7,K9,1,,2026-11-10\n8,K1,1,,2026-11-30\n";
    office(folder.path(), "abc-archive", &archive(), &[("客户.csv", customers), ("联络.csv", activities)]);
    let json = run(folder.path(), "2026-11-24", 1);
    let counts: Vec<_> = json["cadences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| {
            let count = |key: &str| line[key].as_u64().expect("a count");
            (
                line["cadence"].as_str().expect("a name"),
                count("overdue"),
                count("due_soon"),
                count("met"),
                count("unknown"),
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("a-call", 0, 1, 0, 0),
            ("a-visit", 0, 1, 0, 0),
            ("b-call", 0, 1, 0, 0),
            ("b-visit", 1, 0, 0, 0),
            ("c-call", 0, 1, 0, 1),
            ("c-visit", 0, 1, 0, 1),
        ]
    );
    let book = folder.path().join("out/2026-11/cadence/联络提醒.xlsx");
    let lines = sheet(&book, "到期清单");
    let line = |customer: &str, duty: &str| {
        lines
            .iter()
            .find(|row| row[3] == customer && row[5].contains(duty))
            .unwrap_or_else(|| panic!("{customer} {duty} in {lines:?}"))
    };
    // State, owner, due, days overdue, last done, contacts below the level.
    let short = |row: &Vec<String>| [0, 1, 6, 7, 8, 10].map(|column| row[column].clone());
    assert_eq!(short(line("K2", "三个月")), ["已逾期", "李", "2026-11-23", "1", "2026-08-23", "0"]);
    assert_eq!(short(line("K1", "高层领导")), ["将到期", "王", "2026-11-24", "0", "2026-09-24", "1"]);
    assert_eq!(short(line("K1", "每周电话")), ["将到期", "王", "2026-12-06", "0", "2026-11-23", "0"]);
    assert_eq!(short(line("K2", "每周电话")), ["将到期", "李", "2026-11-29", "0", "2026-11-22", "0"]);
    assert_eq!(short(line("K3", "四个月")), ["将到期", "李", "2026-12-01", "0", "—", "0"]);
    assert!(sheet(&book, "不能判定")[1][5].contains("缺少：建档日期"));
    let overview = format!("{:?}", sheet(&book, "总览"));
    assert!(overview.contains("联络记录中有1户不在客户表中"), "{overview}");
    let ics = std::fs::read_to_string(folder.path().join("out/2026-11/cadence/联络提醒.ics")).expect("the calendar");
    let unfolded = ics.replace("\r\n ", "");
    assert!(
        unfolded.contains("DTSTART;VALUE=DATE:20261124\r\n")
            && unfolded.contains("SUMMARY:李 B类每三个月拜访营销总监及以上 1户（已逾期）\r\n"),
        "{unfolded}"
    );
    assert!(ics.split_terminator("\r\n").all(|line| line.len() <= 75));
    // The same day gives the same bytes.
    let before = std::fs::read(&book).expect("read");
    run(folder.path(), "2026-11-24", 1);
    assert!(before == std::fs::read(&book).expect("read"));
}

#[test]
fn a_quarter_visit_and_a_verification_follow_the_customer_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let pack = archive()
        .replace("opened_on", "registered_on")
        .replace("id = \"class\", headings = [\"类别\"]", "id = \"relation\", headings = [\"客户界定\"]")
        .replace("    { id = \"region\"", "    { id = \"verified_on\", headings = [\"最近核实日期\"], en = \"Verified\", type = \"date\" },\n    { id = \"region\"");
    let customers = "档案编号,建档日期,客户名称,最近核实日期,客户界定,负责人\n\
                     K1,2026-01-05,甲公司,2026-08-31,1,王\nK2,2026-01-05,乙公司,2026-08-30,2,李\n";
    let activities = "记录编号,档案编号,联络方式,对方职级,日期\n1,K1,5,,2026-09-30\n";
    office(folder.path(), "trade-credit", &pack, &[("客户.csv", customers), ("联络.csv", activities)]);
    let json = run(folder.path(), "2026-12-01", 1);
    // Verified on 31 and 30 August: due on 30 November in both cases, since November has no 31st.
    assert_eq!(
        json["cadences"][0],
        serde_json::json!({ "cadence": "file-verification", "overdue": 2, "due_soon": 0, "met": 0, "late": 0, "unknown": 0 })
    );
    // Visited on the last day of the third quarter; the fourth is open until 31 December. K2 never bought.
    assert_eq!(
        json["cadences"][1],
        serde_json::json!({ "cadence": "quarterly-visit", "overdue": 0, "due_soon": 1, "met": 0, "late": 0, "unknown": 0 })
    );
    let json = run(folder.path(), "2026-11-30", 0);
    assert_eq!(json["cadences"][0]["due_soon"], 2);
}

#[test]
fn the_shipped_cadences_are_good() {
    let declared = PROPERTY.replace("    { id = \"contact_kind\"", "    { id = \"first_contact_on\", headings = [\"来电来访日期\"], en = \"First\", type = \"date\" },\n    { id = \"contact_kind\"");
    let activities = archive().split("[[dataset]]").nth(3).expect("the log").replace("\"channel\"", "\"role\"");
    let folder = tempfile::tempdir().expect("a folder");
    let pack = format!("{declared}[[dataset]]{activities}");
    office(folder.path(), "property-sales", &pack, &[]);
    let rules = folder.path().join("rules/property-sales");
    std::fs::create_dir_all(rules.join("codes")).expect("made");
    for name in ["villa", "influence", "yes_no"] {
        std::fs::write(rules.join(format!("codes/{name}.csv")), "code,name\n0,否\n1,是\n2,当地\n3,官员\n")
            .expect("written");
    }
    let params = "param = [{ name = \"tier_diamond\", value = 5000.00, source = { doc = \"试\" } }, { name = \"tier_platinum\", value = 800.00, source = { doc = \"试\" } }]\n";
    std::fs::write(rules.join("params.toml"), params).expect("written");
    let customers = "客户编号,客户姓名,销售人员,已购独立别墅,累计购买金额(万元),影响力,带动购买,购买意向,参加活动,来电来访日期\nK1,王一,甲,0,5000,0,0,0,0,2026-08-01\nK2,李二,甲,0,800,0,0,0,0,2026-09-01\nK3,李三,甲,0,799.99,0,0,0,0,2026-09-01\n";
    let unit = folder.path().join("job/submissions/01-一部");
    std::fs::write(unit.join("客户.csv"), customers).expect("written");
    std::fs::write(unit.join("联络.csv"), "记录编号,档案编号,联络方式,对方职级,日期\n1,K1,2,,2026-11-01\n")
        .expect("written");
    // K1 is A by its amount: seen by the sales manager (2) only, and due on 1 November. K2 is B and due on 1 December.
    let json = run(folder.path(), "2026-11-24", 1);
    assert_eq!((&json["cadences"][0]["overdue"], &json["cadences"][1]["due_soon"]), (&1.into(), &1.into()), "{json}");
    assert_eq!(json["cadences"][1]["overdue"], 0);
}

#[test]
fn problems_of_cadences_are_reported_where_they_stand() {
    let folder = tempfile::tempdir().expect("a folder");
    office(folder.path(), "abc-archive", &archive(), &[]);
    let path = folder.path().join("rules/abc-archive/cadence.toml");
    let text = std::fs::read_to_string(&path).expect("read");
    let spoilt = text
        .replacen("every  = \"2 months\"", "every  = \"2 moons\"", 1)
        .replacen("since  = \"opened_on\"", "since  = \"opend_on\"", 1)
        .replacen("dataset = \"activities\"", "dataset = \"activites\"", 1)
        .replacen("per    = \"week\"", "per    = \"week\"\nevery  = \"1 week\"", 1);
    std::fs::write(&path, spoilt).expect("written");
    let mut command = program(&["rules", "lint", "--pack", "abc-archive", "--period", "2026-11", "--rules"]);
    let output = command.arg(folder.path().join("rules")).output().expect("started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    for part in [
        "`2 moons` is not understood",
        "did you mean `opened_on`?",
        "did you mean `activities`?",
        "exactly one of `every`, `per` and `after`",
        "abc-archive/cadence.toml:",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
}

#[test]
fn a_scheduler_asks_whether_today_is_the_day() {
    let ask = |arguments: &[&str]| {
        let output = program(&["schedule"]).args(arguments).output().expect("started");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    assert_eq!(ask(&["--is", "run", "--on", "2026-11-05"]), (Some(0), "2026-10".to_owned()));
    assert_eq!(ask(&["--is", "run", "--on", "2026-11-04"]), (Some(1), String::new()));
    assert_eq!(ask(&["--is", "tier", "--on", "2026-10-15"]), (Some(0), "2026-09 2026Q3".to_owned()));
    assert_eq!(ask(&["--is", "run", "--on", "2027-01-07"]).0, Some(2), "the calendar has no such year");
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("tasks");
    let mut command = program(&["schedule", "--for", "windows", "--from", "2026-10-01", "--quiet", "--into"]);
    assert!(command.arg(&into).status().expect("started").success());
    let bytes = std::fs::read(into.join("baosong-run.xml")).expect("the task");
    assert_eq!(bytes[..2], [0xFF, 0xFE], "UTF-16, as Windows exports tasks");
    for scheduler in ["systemd", "cron", "ics"] {
        let (code, text) = ask(&["--for", scheduler, "--from", "2026-10-01"]);
        assert!(code == Some(0) && text.contains("baosong"), "{scheduler}: {text}");
    }
}
