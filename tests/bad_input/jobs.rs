//! Job files that cannot be run.

use crate::desk::{BOOK, Desk, book, clean, program, ran};

/// Runs the job after its file was changed: `from` becomes `to`.
fn changed(from: &str, to: &str) -> (Desk, crate::desk::Ran) {
    let desk = Desk::new();
    let path = desk.path().join("job.toml");
    let text = std::fs::read_to_string(&path).expect("the job file");
    assert!(text.contains(from), "correct the test: no `{from}` in\n{text}");
    std::fs::write(&path, text.replace(from, to)).expect("written");
    let run = desk.run();
    (desk, run)
}

/// Nothing was written: neither outputs nor folders that hold them.
#[track_caller]
fn expect_nothing_written(desk: &Desk) {
    let left: Vec<_> =
        std::fs::read_dir(desk.out()).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn a_misspelt_key() {
    let (desk, run) = changed("roster =", "rooster =");
    run.expect_code(2).expect_words(&[
        "job.toml:4:1",
        "unknown key `rooster`",
        "did you mean `roster`?",
        "`roster` is missing",
    ]);
    expect_nothing_written(&desk);
}

#[test]
fn a_value_of_the_wrong_kind() {
    let (_desk, run) = changed("period = \"2026-10\"", "period = 2026");
    run.expect_code(2).expect_words(&["job.toml:2:10", "period"]);
    let (_desk, run) = changed("2026-10", "2026-1O");
    run.expect_code(2).expect_words(&["job.toml:2:10", "`2026-1O` is no period", "2026-10"]);
}

#[test]
fn text_that_is_no_toml() {
    let (_desk, run) = changed("input = \"submissions\"", "input = \"submissions");
    run.expect_code(2).expect_words(&["job.toml:3:"]);
}

#[test]
fn a_pack_and_a_parameter_that_are_not_there() {
    let (_desk, run) = changed("large-credit", "large-credits");
    run.expect_code(2).expect_words(&["large-credits", "did you mean `large-credit`?"]);
    let (desk, run) = changed("[institution]", "[params]\nlarge_lone = 400.00\n\n[institution]");
    run.expect_code(2).expect_words(&["large_lone", "did you mean `large_loan`?"]);
    expect_nothing_written(&desk);
}

#[test]
fn files_named_in_the_job_are_not_there() {
    let desk = Desk::new();
    std::fs::remove_file(desk.path().join("roster.xlsx")).expect("removed");
    desk.write_job("2026-10", "receipts = \"receipts.csv\"");
    let run = desk.run();
    run.expect_code(2).expect_words(&[
        "job.toml:4:10",
        "there is no roster.xlsx",
        "there is no receipts.csv",
        "relative to the job file",
    ]);
    expect_nothing_written(&desk);
}

#[test]
fn a_job_that_is_not_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["run"]);
    command.arg(folder.path().join("2026-13/job.toml"));
    ran(command, folder.path()).expect_code(2).expect_words(&[
        "job.toml",
        "读不出",
        "没有这个文件；请指定作业的 job.toml",
    ]);
    std::fs::write(folder.path().join("jobs"), "").expect("written");
    let mut command = program(&["run"]);
    command.arg(folder.path().join("nosuch"));
    ran(command, folder.path()).expect_code(2).expect_words(&[
        "nosuch",
        "没有这个文件；请指定作业的 job.toml 或它所在的文件夹",
        "name the job's job.toml or the folder it lies in",
    ]);
}

#[test]
fn a_roster_that_is_none() {
    let desk = Desk::new();
    std::fs::write(desk.path().join("roster.xlsx"), b"").expect("written");
    desk.run().expect_code(2).expect_words(&["roster.xlsx", "重新导出"]);
    // A workbook without the roster's headings.
    std::fs::write(desk.path().join("roster.xlsx"), book(&clean())).expect("written");
    desk.run().expect_code(2).expect_words(&["roster.xlsx", "社部代码"]);
    // Headings alone.
    desk.write_roster(&[]);
    desk.run().expect_code(2).expect_words(&["lists no unit", "社部代码"]);
    expect_nothing_written(&desk);
}

#[test]
fn a_prior_job_of_another_period() {
    let desk = Desk::new();
    let prior = Desk::new();
    let name = prior.path().join("job.toml");
    desk.write_job("2026-10", &format!("prior = {:?}", name.display().to_string()));
    prior.write_job("2026-08", "");
    desk.run().expect_code(2).expect_words(&["`prior` is a job of large-credit for 2026-08", "for 2026-09"]);
    prior.write_job("2026-09", "");
    // Nothing changed between the periods.
    desk.run().expect_code(1).expect_findings(&[]);
}

#[test]
fn a_prior_job_with_a_bad_file_does_not_sink_this_period() {
    let (desk, prior) = (Desk::new(), Desk::new());
    prior.write_job("2026-09", "");
    prior.put(BOOK, b"");
    desk.write_job("2026-10", &format!("prior = {:?}", prior.path().display().to_string()));
    desk.run().expect_code(1).expect_findings(&[]);
}

#[test]
fn receipts_with_a_line_that_is_none() {
    let desk = Desk::new();
    let lines = "unit,file,received,channel\n150102,a,2026-11-03T09:00:00,x\n150103,b,yesterday,x\n";
    std::fs::write(desk.path().join("receipts.csv"), lines).expect("written");
    desk.write_job("2026-10", "receipts = \"receipts.csv\"");
    desk.run().expect_code(2).expect_words(&["receipts.csv:3", "`yesterday` is no time", "2026-11-05T16:20:00"]);
    expect_nothing_written(&desk);
}

#[test]
fn a_period_after_the_last_year_of_the_calendar() {
    let desk = Desk::new();
    desk.write_job("2031-05", "");
    let run = desk.run();
    run.expect_code(2).expect_words(&["2031", "date,kind", "calendar", "工作日历缺少2031年"]);
    expect_nothing_written(&desk);
    // Doing what it says helps.
    std::fs::write(desk.path().join("workdays.csv"), "date,kind\n2031-06-02,holiday\n").expect("written");
    desk.write_job("2031-05", "calendar = \"workdays.csv\"");
    let run = desk.run();
    // The 2nd is a holiday: working days from the 3rd on.
    assert_eq!(run.json()["deadlines"]["submission"], "2031-06-06", "{}", run.stderr);
}
