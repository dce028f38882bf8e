//! The command line as people and scripts use it.

use std::path::Path;

use crate::desk::{BOOK, Desk, Ran, book, clean, program, project, ran};

fn say(arguments: &[&str]) -> Ran {
    ran(program(arguments), Path::new(""))
}

/// A unit's workbook in which the only fault is what `change` does to the loans.
fn clean_job() -> Desk {
    let desk = Desk::new();
    desk.write_roster(&[("150102", "城关社部")]);
    desk.remove("150103-东河社部/客户风险数据.xlsx");
    desk
}

#[test]
fn each_exit_code_is_reached() {
    // 0: nothing open.
    let desk = clean_job();
    let run = desk.run();
    run.expect_code(0);
    assert_eq!(run.findings(), [""; 0]);
    assert!(!run.place.join("errors").read_dir().expect("errors/").any(|_| true), "a clean unit gets no workbook");
    // 1: something open.
    Desk::new().run().expect_code(1);
    // 2: a wrong request.
    say(&["run", "no/such/job.toml"]).expect_code(2);
    say(&["rules", "show", "NO-SUCH-001"]).expect_code(2);
    say(&["rnu"]).expect_code(2);
    say(&["run", "--threads", "many", "job.toml"]).expect_code(2);
    // 3: something could not be read.
    desk.put("150102-城关社部/a.xlsx", b"");
    desk.run().expect_code(3);
    // 4: our side.
    std::fs::remove_dir_all(desk.out()).expect("removed");
    std::fs::write(desk.out(), "a file").expect("written");
    desk.run().expect_code(4);
}

#[test]
fn informational_findings_block_nothing() {
    let desk = clean_job();
    let [customers, shareholders, mut loans] = clean();
    loans.set(0, "年利率(%)", "６.55");
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    let run = desk.run();
    run.expect_code(0);
    assert_eq!(run.findings(), ["150102 客户风险数据.xlsx 贷款明细!L2 CELL-DMG-006"]);
}

#[test]
fn help_teaches_in_both_languages() {
    let help = say(&["--help"]);
    help.expect_code(0).expect_words(&["月末怎么用", "At month end", "退出码", "Exit codes", "校验社部报送的表格"]);
    for command in ["run", "check", "rules"] {
        let own = say(&[command, "--help"]);
        own.expect_code(0);
        let both = |text: &str| text.chars().any(|c| c >= '\u{4e00}') && text.contains(" / ");
        assert!(both(&own.stdout), "{}", own.stdout);
        help.expect_words(&[command]);
    }
    // Without arguments, help and not silence.
    say(&[]).expect_code(2).expect_words(&["At month end"]);
}

#[test]
fn json_is_all_there_is_on_standard_output() {
    let desk = Desk::new();
    let mut command = desk.command();
    command.args(["--timings", "-v"]);
    let run = ran(command, &desk.out().join("2026-10"));
    let json = run.expect_code(1).json();
    for part in ["period", "pack", "edition", "deadlines", "totals", "units", "unreadable", "outputs"] {
        assert!(!json[part].is_null(), "no `{part}` in {json}");
    }
    assert_eq!((&json["period"], &json["pack"]), (&"2026-10".into(), &"large-credit".into()));
    assert_eq!(json["units"].as_array().map(Vec::len), Some(3), "two units and the institution");
    let quiet = [
        vec!["check", "--json", "--period", "2026-10", "sample-input/large-credit/2026-10/roster.xlsx"],
        vec!["rules", "list", "--json"],
        vec!["rules", "show", "LOAN-AMT-001", "--json"],
    ];
    for arguments in quiet {
        let mut command = program(&arguments);
        command.current_dir(project(""));
        ran(command, Path::new("")).json();
    }
}

#[test]
fn quiet_prints_nothing() {
    let desk = Desk::new();
    for long in ["-q", "--quiet"] {
        let mut command = program(&["run", long]);
        command.arg(desk.path()).arg("--out").arg(desk.out());
        let run = ran(command, &desk.out().join("2026-10"));
        run.expect_code(1).expect_findings(&[]);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    }
    // Faults of the request are still told.
    let mut command = program(&["run", "-q", "no/such/job.toml"]);
    command.arg("--out").arg(desk.out());
    let run = ran(command, Path::new(""));
    run.expect_code(2).expect_words(&["no/such/job.toml"]);
    assert_eq!(run.stdout, "");
    say(&["run", "-q", "-v", "job.toml"]).expect_code(2);
}

#[test]
fn the_job_is_given_as_file_or_folder() {
    let desk = Desk::new();
    let folder = desk.run();
    let mut command = program(&["run", "--json"]);
    command.arg(desk.path().join("job.toml")).arg("--out").arg(desk.out());
    let file = ran(command, &desk.out().join("2026-10"));
    assert_eq!((folder.code, folder.json()), (file.code, file.json()));
}

#[test]
fn the_closing_table_speaks_the_language_asked_for() {
    let desk = Desk::new();
    for (lang, words) in
        [("zh", ["记录 10 =", "文件 3 =", "更正截止"]), ("en", ["records 10 =", "files 3 =", "corrections by"])]
    {
        let mut command = program(&["run", "--lang", lang]);
        command.arg(desk.path()).arg("--out").arg(desk.out());
        ran(command, &desk.out()).expect_code(1).expect_words(&words).expect_words(&["150102", "150103"]);
    }
    let mut command = desk.command();
    command.args(["--lang", "en"]);
    let lines = ran(command, &desk.out().join("2026-10")).lines();
    let english = lines.iter().all(|line| line.get("message").is_ascii());
    assert!(english, "{:?}", lines.iter().map(|line| line.get("message")).collect::<Vec<_>>());
}

#[test]
fn check_looks_at_files_without_a_job() {
    let desk = Desk::new();
    let [customers, shareholders, mut loans] = clean();
    loans.set(1, "贷款金额(万元)", 0.0);
    let xlsx = desk.path().join("a.xlsx");
    std::fs::write(&xlsx, book(&[customers, shareholders, loans.clone()])).expect("written");
    let csv = desk.path().join("loans.csv");
    std::fs::write(&csv, loans.csv()).expect("written");
    for (path, place) in [(&xlsx, "贷款明细!J3"), (&csv, "J3")] {
        let path = path.display().to_string();
        let run = say(&["check", &path, "--pack", "large-credit", "--period", "2026-10"]);
        run.expect_code(1).expect_words(&[place, "LOAN-AMT-001", "单笔贷款金额为0万元", "贷款明细"]);
        let json = say(&["check", &path, "--period", "2026-10", "--json"]).json();
        let rules: Vec<_> = json.as_array().expect("a list").iter().map(|line| line["rule"].as_str()).collect();
        assert!(rules.contains(&Some("LOAN-AMT-001")), "{json}");
        assert!(!rules.contains(&Some("LOAN-UNT-001")), "without a job nobody knows the unit: {json}");
        assert!(!rules.contains(&Some("SHEET-DATA-001")), "a few files are no submission that lacks some: {json}");
    }
    std::fs::write(&csv, "").expect("written");
    say(&["check", &csv.display().to_string()]).expect_code(3).expect_words(&["loans.csv", "重新导出"]);
    say(&["check", "no-such-file.xlsx"]).expect_code(3).expect_words(&["no-such-file.xlsx"]);
    say(&["check"]).expect_code(2);
}
