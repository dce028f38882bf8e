//! Locks, copies, and what happens when the disk or the process fails.

use std::{fs, path::Path, process::Command};

use super::*;

fn integrity(path: &Path) -> String {
    let connection = Connection::open(path).expect("open");
    let mut broken = connection.prepare("PRAGMA foreign_key_check").expect("prepared");
    assert!(!broken.exists([]).expect("checked"), "a reference to nothing");
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked")
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
        let error = run.record(&many, at(10)).and_then(|recorded| recorded.flush()).expect_err("no room");
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
            .args(["--exact", "ledger::tests::failures::victim", "--quiet"])
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
