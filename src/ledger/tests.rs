//! Runs over several periods, locks, copies, and what happens when the disk or the process fails.

use std::{fs, path::Path, process::Command};

use chrono::{NaiveDate, NaiveDateTime};

use super::*;
use crate::{finding::Severity, job::Institution};

pub fn at(hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 4).and_then(|day| day.and_hms_opt(hour, 0, 0)).expect("a time")
}

pub fn institution() -> Institution {
    Institution { code: "150100".into(), name: "示例联社".into() }
}

/// A finding about the loan `loan` of the first unit; its value is hashed as given.
pub fn finding(loan: u32, value: u8) -> Sighting {
    Sighting {
        fingerprint: format!("{loan:020x}"),
        unit: 0,
        rule: if loan.is_multiple_of(2) { "LOAN-AMT-001".into() } else { "CUST-NAM-001".into() },
        dataset: "loans".into(),
        field: "amount".into(),
        severity: if loan.is_multiple_of(5) { Severity::Warning } else { Severity::Error },
        key: Key::Record { shown: format!("JJ{loan:06}"), hash: [7; 10] },
        file: Some("150102-城关社部/贷款数据.xlsx".into()),
        sheet: Some("贷款明细".into()),
        cell: Some(format!("F{loan}")),
        value: Some(value.to_string()),
        value_hash: [value; 10],
        message: "单笔贷款金额为0万元".into(),
    }
}

/// A run of `period` on input named `input`, with these findings.
pub fn entry(period: &str, input: &str, findings: Vec<Sighting>) -> RunEntry {
    let unit = |code: &str, name: &str| UnitEntry {
        code: code.into(),
        name: name.into(),
        unread: Unread::Datasets(Vec::new()),
    };
    RunEntry {
        run: format!("{period}-{input}"),
        institution: institution(),
        period: period.parse().expect("a period"),
        pack: "large-credit".into(),
        edition: "2026.1".into(),
        pack_hash: "0".repeat(64),
        program: "0.1.0".into(),
        records: 100,
        flagged: findings.len() as u64,
        units: vec![unit("150102", "城关社部"), unit("150103", "河西社部")],
        submissions: vec![Submission {
            unit: 0,
            file: "150102-城关社部/贷款数据.xlsx".into(),
            sha256: input.into(),
            bytes: 12_345,
            received: Some(at(9)),
            unreadable: None,
        }],
        findings,
    }
}

pub fn record(ledger: &mut Ledger, entry: &RunEntry) -> Tally {
    let mut run = ledger.begin_run(&institution(), at(10)).expect("begun");
    run.record(entry, at(10)).expect("recorded").commit().expect("committed")
}

pub fn ledger(folder: &Path) -> Ledger {
    Ledger::open(&folder.join("ledger.sqlite")).expect("open")
}

fn status(ledger: &Ledger, period: &str, loan: u32) -> Status {
    row(ledger, period, loan).status
}

fn row(ledger: &Ledger, period: &str, loan: u32) -> FindingRow {
    let filter = Filter {
        period: Some(period.parse().expect("a period")),
        fingerprint: Some(format!("{loan:020x}")),
        ..Filter::default()
    };
    ledger.list(&filter).expect("listed").rows.into_iter().next().expect("one line")
}

fn integrity(path: &Path) -> String {
    let connection = Connection::open(path).expect("open");
    let mut broken = connection.prepare("PRAGMA foreign_key_check").expect("prepared");
    assert!(!broken.exists([]).expect("checked"), "a reference to nothing");
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked")
}

#[test]
fn runs_of_one_period_move_findings_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    let tally = record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0), finding(2, 0)]));
    assert_eq!(tally, Tally { new: 2, ..Tally::default() });
    // The same input once more changes nothing.
    let tally = record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0), finding(2, 0)]));
    assert_eq!(tally, Tally { new: 2, ..Tally::default() });
    let tally = record(&mut ledger, &entry("2026-10", "b", vec![finding(2, 0), finding(3, 0)]));
    assert_eq!(tally, Tally { new: 1, open: 1, resolved: 1, ..Tally::default() });
    let tally = record(&mut ledger, &entry("2026-10", "c", vec![finding(1, 0)]));
    assert_eq!(tally, Tally { reopened: 1, resolved: 2, ..Tally::default() });
    assert_eq!(status(&ledger, "2026-10", 1), Status::Reopened);
    assert_eq!(status(&ledger, "2026-10", 2), Status::Resolved);
    assert_eq!(row(&ledger, "2026-10", 1).times, 1, "one period, however many runs");
    assert!(ledger.knows_run("2026-10-b").expect("read") && !ledger.knows_run("2026-10-d").expect("read"));
}

#[test]
fn later_periods_know_what_came_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-08", "a", vec![finding(1, 5), finding(2, 5), finding(3, 5)]));
    record(&mut ledger, &entry("2026-09", "a", vec![finding(1, 5), finding(2, 5), finding(3, 5)]));
    // Two and three are fixed in the file of September.
    record(&mut ledger, &entry("2026-09", "b", vec![finding(1, 5)]));
    let october = entry("2026-10", "a", vec![finding(1, 5), finding(2, 5), finding(3, 6), finding(4, 0)]);
    {
        let run = ledger.begin_run(&institution(), at(10)).expect("begun");
        let repeats = run.repeats(&october).expect("read");
        let third = Repeat {
            times: 3,
            first_period: "2026-08".parse().expect("a period"),
            last_period: "2026-09".parse().expect("a period"),
        };
        assert_eq!(repeats, [Some(third.clone()), Some(third.clone()), Some(third), None]);
    }
    let tally = record(&mut ledger, &october);
    let expected = Tally { new: 1, open: 2, source_not_corrected: 1, repeated: 3, ..Tally::default() };
    assert_eq!(tally, expected);
    assert_eq!(status(&ledger, "2026-10", 1), Status::Open, "was never fixed");
    assert_eq!(status(&ledger, "2026-10", 2), Status::SourceNotCorrected);
    assert_eq!(status(&ledger, "2026-10", 3), Status::Open, "wrong again, but with another value");
    assert_eq!(status(&ledger, "2026-09", 2), Status::Resolved, "September stays as it was");
    // Still not corrected in the source a month later.
    record(&mut ledger, &entry("2026-11", "a", vec![finding(2, 5)]));
    assert_eq!(status(&ledger, "2026-11", 2), Status::SourceNotCorrected);
}

#[test]
fn a_run_of_an_old_period_keeps_first_and_last_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0), finding(2, 0)]));
    assert_eq!(status(&ledger, "2026-10", 1), Status::New);
    let tally = record(&mut ledger, &entry("2026-08", "a", vec![finding(1, 0)]));
    assert_eq!(tally, Tally { new: 1, ..Tally::default() });
    let found = row(&ledger, "2026-10", 1);
    assert_eq!((found.first_period.to_string(), found.last_period.to_string()), ("2026-08".into(), "2026-10".into()));
    assert_eq!((found.times, found.status), (2, Status::Open), "October was not the first");
    assert_eq!(status(&ledger, "2026-10", 2), Status::New);
    // The middle one, and August once more: nothing is counted twice.
    record(&mut ledger, &entry("2026-09", "a", vec![finding(1, 0)]));
    record(&mut ledger, &entry("2026-08", "b", vec![finding(1, 0)]));
    let found = row(&ledger, "2026-08", 1);
    assert_eq!((found.first_period.to_string(), found.last_period.to_string()), ("2026-08".into(), "2026-10".into()));
    assert_eq!(found.times, 3);
    let repeats = ledger.repeats(&entry("2026-09", "x", vec![finding(1, 0)])).expect("read");
    assert_eq!(repeats[0].as_ref().map(|repeat| repeat.times), Some(2), "October is not before September");
}

#[test]
fn what_was_not_read_is_not_resolved() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0)]));
    let mut unread = entry("2026-10", "b", Vec::new());
    unread.units[0].unread = Unread::All;
    assert_eq!(record(&mut ledger, &unread), Tally { undecided: 1, ..Tally::default() });
    unread.units[0].unread = Unread::Datasets(vec!["loans".into()]);
    assert_eq!(record(&mut ledger, &unread), Tally { undecided: 1, ..Tally::default() });
    // A unit that left the roster.
    unread.units.remove(0);
    unread.submissions.clear();
    assert_eq!(record(&mut ledger, &unread), Tally { undecided: 1, ..Tally::default() });
    assert_eq!(record(&mut ledger, &entry("2026-10", "c", Vec::new())), Tally { resolved: 1, ..Tally::default() });
}

#[test]
fn packs_and_kinds_of_period_do_not_mix() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0)]));
    let mut other = entry("2026-10", "a", vec![finding(1, 0)]);
    other.pack = "other".into();
    assert_eq!(record(&mut ledger, &other), Tally { new: 1, ..Tally::default() });
    assert_eq!(record(&mut ledger, &entry("2026Q4", "a", vec![finding(1, 0)])), Tally { new: 1, ..Tally::default() });
    assert_eq!(status(&ledger, "2026-10", 1), Status::New, "none of them resolved it");
    let filter = Filter { pack: Some("other".into()), ..Filter::default() };
    assert_eq!(ledger.list(&filter).expect("listed").total, 1);
}

#[test]
fn records_without_key_are_no_repeats() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    let mut nameless = finding(1, 0);
    nameless.key = Key::Blank { shown: "无主键 第8行".into() };
    record(&mut ledger, &entry("2026-09", "a", vec![nameless.clone()]));
    record(&mut ledger, &entry("2026-09", "b", Vec::new()));
    let october = entry("2026-10", "a", vec![nameless]);
    assert_eq!(ledger.repeats(&october).expect("read"), [None]);
    assert_eq!(record(&mut ledger, &october), Tally { open: 1, ..Tally::default() });
}

#[test]
fn lists_filter_and_count_beyond_their_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    let mut findings: Vec<_> = (0..10).map(|loan| finding(loan, 0)).collect();
    findings[9].unit = 1;
    record(&mut ledger, &entry("2026-09", "a", findings));
    record(&mut ledger, &entry("2026-10", "a", vec![finding(0, 0)]));
    let count = |filter: Filter| ledger.list(&filter).expect("listed").total;
    assert_eq!(count(Filter::default()), 11);
    assert_eq!(count(Filter { unit: Some("150103".into()), ..Filter::default() }), 1);
    assert_eq!(count(Filter { unit: Some("nowhere".into()), ..Filter::default() }), 0);
    assert_eq!(count(Filter { rule: Some("LOAN-*".into()), ..Filter::default() }), 6);
    assert_eq!(count(Filter { statuses: vec![Status::Open, Status::Resolved], ..Filter::default() }), 1);
    let page = ledger.list(&Filter { limit: Some(3), ..Filter::default() }).expect("listed");
    assert_eq!((page.rows.len(), page.total), (3, 11));
    assert_eq!(page.rows[0].period.to_string(), "2026-10");
    assert_eq!(page.rows[0].record_key.as_deref(), Some("JJ000000"));
}

#[test]
fn a_second_run_is_told_who_is_running() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut first, mut second) = (ledger(folder.path()), ledger(folder.path()));
    {
        let run = first.begin_run(&institution(), at(10)).expect("begun");
        assert_eq!(run.interrupted(), None);
        let error = second.begin_run(&institution(), at(11)).expect_err("running");
        let text = error.to_string();
        assert!(text.contains(&std::process::id().to_string()) && text.contains("2026-11-04 10:00:00"), "{text}");
    }
    // Not committed, but ended in good order.
    assert_eq!(second.begin_run(&institution(), at(11)).expect("begun").interrupted(), None);
}

#[test]
fn another_institution_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0)]));
    let other = Institution { code: "150200".into(), name: "别的联社".into() };
    let error = ledger.begin_run(&other, at(10)).expect_err("not its own");
    assert!(error.to_string().contains("150100 示例联社"), "{error}");
    record(&mut ledger, &entry("2026-10", "b", Vec::new()));
}

#[test]
fn nothing_is_seen_of_a_run_before_its_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut writer, reader) = (ledger(folder.path()), ledger(folder.path()));
    record(&mut writer, &entry("2026-10", "a", vec![finding(1, 0)]));
    {
        let mut run = writer.begin_run(&institution(), at(10)).expect("begun");
        let recorded = run.record(&entry("2026-10", "b", vec![finding(2, 0)]), at(10)).expect("recorded");
        assert_eq!(recorded.tally().new, 1);
    }
    assert_eq!(reader.list(&Filter::default()).expect("listed").total, 1);
    assert_eq!(status(&reader, "2026-10", 1), Status::New);
    assert_eq!(integrity(&folder.path().join("ledger.sqlite")), "ok");
}

#[test]
fn a_copy_is_made_while_a_run_is_going_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut writer, reader) = (ledger(folder.path()), ledger(folder.path()));
    record(&mut writer, &entry("2026-10", "a", vec![finding(1, 0)]));
    let copy = folder.path().join("copy.sqlite");
    {
        let _run = writer.begin_run(&institution(), at(10)).expect("begun");
        reader.backup(&copy).expect("copied");
    }
    let error = reader.backup(&copy).expect_err("there is a copy");
    assert!(matches!(error.fault, Fault::Taken(_)), "{error}");
    let mut copied = Ledger::open_existing(&copy).expect("open");
    assert_eq!(copied.list(&Filter::default()).expect("listed").total, 1);
    assert_eq!(copied.begin_run(&institution(), at(11)).expect("begun").interrupted(), None);
    assert_eq!(integrity(&copy), "ok");
    let names: Vec<_> = fs::read_dir(folder.path()).expect("listed").flatten().map(|entry| entry.file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with(".baosong")), "{names:?}");
}

#[test]
fn a_full_disk_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0)]));
    let pages: i64 = ledger.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("read");
    ledger.connection.pragma_update(None, "max_page_count", pages + 2).expect("set");
    let many = entry("2026-10", "b", (10..2_000).map(|loan| finding(loan, 0)).collect());
    {
        let mut run = ledger.begin_run(&institution(), at(10)).expect("begun");
        let error = run.record(&many, at(10)).expect_err("no room");
        assert!(matches!(error.fault, Fault::Full), "{error}");
        assert!(error.to_string().contains("磁盘空间不足"));
    }
    assert_eq!(ledger.list(&Filter::default()).expect("listed").total, 1);
    assert_eq!(integrity(&folder.path().join("ledger.sqlite")), "ok");
    ledger.connection.pragma_update(None, "max_page_count", i64::from(i32::MAX)).expect("set");
    assert_eq!(record(&mut ledger, &many).new, 1_990);
}

#[test]
fn a_read_only_ledger_is_listed_and_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    record(&mut ledger(folder.path()), &entry("2026-10", "a", vec![finding(1, 0)]));
    // Whoever may do everything may write to a write-protected file too: the connection is told not to.
    let mut protected = ledger(folder.path());
    protected.connection.pragma_update(None, "query_only", true).expect("set");
    let error = protected.begin_run(&institution(), at(10)).expect_err("read-only");
    assert!(matches!(error.fault, Fault::ReadOnly), "{error}");
    assert!(error.to_string().contains("只读"));
    assert_eq!(protected.list(&Filter::default()).expect("listed").total, 1);
    drop(protected);
    let before = fs::read(&path).expect("read");
    let mut permissions = fs::metadata(&path).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("set");
    let ledger = Ledger::open(&path).expect("open");
    assert_eq!(ledger.list(&Filter::default()).expect("listed").total, 1);
    drop(ledger);
    assert_eq!(fs::read(&path).expect("read"), before);
}

#[test]
fn missing_and_impossible_places_are_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = Ledger::open_existing(&folder.path().join("none.sqlite")).expect_err("none");
    assert!(matches!(missing.fault, Fault::Missing), "{missing}");
    assert!(!folder.path().join("none.sqlite").exists());
    let nowhere = Ledger::open(&folder.path().join("nowhere/ledger.sqlite")).expect_err("no folder");
    assert!(matches!(nowhere.fault, Fault::CannotOpen(_)), "{nowhere}");
}

#[test]
fn a_damaged_file_is_said_to_be_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    record(&mut ledger(folder.path()), &entry("2026-10", "a", (0..500).map(|loan| finding(loan, 0)).collect()));
    let mut bytes = fs::read(&path).expect("read");
    bytes.iter_mut().skip(4_096).for_each(|byte| *byte = 0xff);
    fs::write(&path, bytes).expect("written");
    let error = Ledger::open(&path).and_then(|ledger| ledger.list(&Filter::default())).expect_err("damaged");
    assert!(matches!(error.fault, Fault::Damaged(_)), "{error}");
}

/// Name of the variable that makes this test program the process to be killed.
const VICTIM: &str = "BAOSONG_TEST_LEDGER";

/// Not a test of its own: what the process does that the next test kills. Without the variable it does nothing.
#[test]
fn victim() {
    let Ok(path) = std::env::var(VICTIM) else { return };
    let mut ledger = Ledger::open(Path::new(&path)).expect("open");
    for round in 0_u32.. {
        let findings = (0..2_000).map(|loan| finding(loan, u8::try_from(round % 250).expect("small"))).collect();
        record(&mut ledger, &entry("2026-10", &round.to_string(), findings));
    }
}

#[test]
fn a_killed_run_leaves_the_old_state_or_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let program = std::env::current_exe().expect("this program");
    for round in 0..12_u64 {
        let mut child = Command::new(&program)
            .args(["--exact", "ledger::tests::victim", "--quiet"])
            .env(VICTIM, &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("started");
        std::thread::sleep(std::time::Duration::from_millis(60 + round * 17));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let mut ledger = Ledger::open(&path).expect("opens");
        assert_eq!(integrity(&path), "ok");
        let listed = ledger.list(&Filter::default()).expect("listed");
        // All or nothing: every finding carries the value of one and the same run.
        assert!([0, 2_000].contains(&listed.total), "{}", listed.total);
        assert!(listed.rows.windows(2).all(|pair| pair[0].value == pair[1].value));
        let run = ledger.begin_run(&institution(), at(10)).expect("the lock is free");
        if let Some(holder) = run.interrupted() {
            assert_ne!(holder.pid, std::process::id());
        }
    }
    record(&mut ledger(folder.path()), &entry("2026-10", "after", vec![finding(1, 0)]));
    assert_eq!(integrity(&path), "ok");
}
