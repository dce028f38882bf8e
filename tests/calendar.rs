//! When data is due: the table, the calendar file, and years nobody entered.

use std::path::Path;

use crate::desk::{program, ran};

fn calendar(arguments: &[&str], file: Option<&Path>) -> crate::desk::Ran {
    let mut command = program(&[&["calendar"], arguments].concat());
    if let Some(file) = file {
        command.arg("--ics").arg(file);
    }
    ran(command, Path::new(""))
}

#[test]
fn the_deadlines_of_a_period_are_shown_day_by_day() {
    // September 2026 by the announced calendar: the holiday ends on the 7th, Saturday the 10th is worked.
    let shown = calendar(&["--period", "2026-09"], None);
    shown.expect_code(0).expect_words(&[
        "T+4  2026-10-12",
        "T+5  2026-10-13 二 12:00",
        "T+7  2026-10-15",
        "休 2026-10-01",
    ]);
    let json = calendar(&["--period", "2026-09", "--period", "2026Q3", "--json"], None).json();
    assert_eq!(json[0]["deadlines"][1]["date"], "2026-10-13");
    assert_eq!(json[0]["deadlines"][1]["time"], "12:00");
    assert_eq!(json[1]["deadlines"][2]["date"], "2026-10-15");
}

#[test]
fn the_calendar_file_is_the_same_every_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = |name: &str| {
        let path = folder.path().join(name);
        calendar(&["--period", "2026-09", "--period", "2026-10"], Some(&path)).expect_code(0);
        std::fs::read_to_string(path).expect("the file")
    };
    let first = written("a.ics");
    assert_eq!(first.matches("BEGIN:VEVENT\r\n").count(), 6);
    assert_eq!(first.matches("BEGIN:VALARM\r\n").count(), 12);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(first, written("b.ics"));
    let nowhere = folder.path().join("nowhere/a.ics");
    calendar(&["--period", "2026-09"], Some(&nowhere)).expect_code(4).expect_words(&["cannot write"]);
}

#[test]
fn a_year_nobody_entered_is_said_and_can_be_added() {
    let missing = calendar(&["--period", "2026-10", "--period", "2026-12"], None);
    // The other period is shown all the same.
    missing.expect_code(2).expect_words(&["2026-11-06", "工作日历缺少2027年", "date,kind", "--calendar"]);
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("2027.csv");
    std::fs::write(&own, "date,kind\n2027-01-01,holiday\n").expect("written");
    let own = own.to_str().expect("a path");
    // 1 January 2027 is a Friday: the fourth working day after it is Thursday the 7th.
    calendar(&["--period", "2026-12", "--calendar", own], None).expect_code(0).expect_words(&["T+4 2027-01-07"]);
    calendar(&["--period", "2026-12", "--calendar", "none.csv"], None).expect_code(2).expect_words(&["none.csv"]);
}
