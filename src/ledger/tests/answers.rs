//! Explanations, waivers, the gate and what is repeated.

use super::*;
use crate::outcome::Timeliness;

fn target(loan: u32, period: &str) -> Target {
    Target { fingerprint: format!("{loan:020x}"), pack: None, period: Some(month(period)) }
}

fn month(text: &str) -> crate::job::Period {
    text.parse().expect("a period")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Findings 5 and 10 are warnings, the others errors.
fn october(ledger: &mut Ledger, input: &str, value: u8) -> Tally {
    record(ledger, &entry("2026-10", input, vec![finding(5, value), finding(6, value), finding(10, value)]))
}

#[test]
fn explanations_close_warnings_while_the_value_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    october(&mut ledger, "a", 1);
    let explain = |ledger: &mut Ledger, loan| {
        ledger.explain(&target(loan, "2026-10"), " 已核对合同，属实 ", "报送员甲", at(11)).expect("explained")
    };
    assert_eq!(explain(&mut ledger, 5), Status::Explained);
    assert_eq!(explain(&mut ledger, 6), Status::New, "an error is to be fixed");
    assert_eq!(october(&mut ledger, "b", 1), Tally { explained: 1, open: 2, ..Tally::default() });
    assert_eq!(october(&mut ledger, "c", 2), Tally { open: 3, ..Tally::default() }, "another value, not explained");
    assert_eq!(october(&mut ledger, "d", 1), Tally { explained: 1, open: 2, ..Tally::default() });
    let history = ledger.history(&target(5, "2026-10"), day("2026-11-04")).expect("known");
    assert_eq!(history.explanations.len(), 1);
    let said = &history.explanations[0];
    assert_eq!((said.text.as_str(), said.who.as_str(), said.holds), ("已核对合同，属实", "报送员甲", true));
    // It was said for October.
    let november = entry("2026-11", "a", vec![finding(5, 1)]);
    assert_eq!(record(&mut ledger, &november), Tally { open: 1, repeated: 1, ..Tally::default() });
}

#[test]
fn two_people_explain_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = ledger(folder.path());
    october(&mut first, "a", 1);
    let people: Vec<_> = ["甲", "乙"]
        .into_iter()
        .map(|who| {
            let mut own = ledger(folder.path());
            std::thread::spawn(move || {
                for _ in 0..10 {
                    own.explain(&target(5, "2026-10"), "属实", who, at(11)).expect("explained");
                }
            })
        })
        .collect();
    for person in people {
        person.join().expect("done");
    }
    let history = first.history(&target(5, "2026-10"), day("2026-11-04")).expect("known");
    assert_eq!(history.explanations.len(), 20);
}

#[test]
fn an_explanation_given_during_a_run_is_kept_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut runner, mut officer) = (ledger(folder.path()), ledger(folder.path()));
    october(&mut runner, "a", 1);
    let mut run = runner.begin_run(&institution(), at(10)).expect("begun");
    officer.explain(&target(5, "2026-10"), "属实", "报送员甲", at(11)).expect("explained");
    let tally = run.record(&entry("2026-10", "b", vec![finding(5, 1)]), at(12)).expect("recorded").commit();
    assert_eq!(tally.expect("committed"), Tally { explained: 1, resolved: 2, ..Tally::default() });
}

#[test]
fn waivers_hold_across_periods_until_their_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    october(&mut ledger, "a", 1);
    let until = day("2026-11-30");
    let waived = ledger.waive(&target(6, "2026-10"), "历史遗留，已报批", "信贷部乙", until, at(11)).expect("waived");
    assert_eq!(waived, Status::Waived);
    let states = |ledger: &Ledger, today: &str| {
        ledger.waivers(day(today)).expect("read").iter().map(|waiver| waiver.state).collect::<Vec<_>>()
    };
    assert_eq!(states(&ledger, "2026-11-30"), [WaiverState::Used]);
    assert_eq!(states(&ledger, "2026-12-01"), [WaiverState::Expired]);
    // The next month, with the same value, and then with another.
    let november = entry("2026-11", "a", vec![finding(6, 1)]);
    assert_eq!(record(&mut ledger, &november), Tally { waived: 1, repeated: 1, ..Tally::default() });
    let november = entry("2026-11", "b", vec![finding(6, 2)]);
    assert_eq!(record(&mut ledger, &november), Tally { open: 1, repeated: 1, ..Tally::default() });
    assert_eq!(states(&ledger, "2026-11-30"), [WaiverState::Unused]);
    let withdrawn = ledger.unwaive(&target(6, "2026-10"), "信贷部乙", at(12)).expect("withdrawn");
    assert_eq!(withdrawn, Status::New, "as the last run of October left it");
    assert_eq!(states(&ledger, "2026-11-30"), [WaiverState::Withdrawn]);
}

#[test]
fn a_waiver_that_ran_out_no_longer_counts_in_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    october(&mut ledger, "a", 1);
    ledger.waive(&target(6, "2026-10"), "已报批", "乙", day("2026-11-04"), at(11)).expect("waived");
    let mut run = ledger.begin_run(&institution(), at(10)).expect("begun");
    let next_day = day("2026-11-05").and_hms_opt(8, 0, 0).expect("a time");
    let tally = run.record(&entry("2026-10", "b", vec![finding(6, 1)]), next_day).expect("recorded").commit();
    assert_eq!(tally.expect("committed"), Tally { open: 1, resolved: 2, ..Tally::default() });
}

#[test]
fn what_cannot_be_said_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    let mut strict = finding(6, 1);
    strict.mandatory = true;
    record(&mut ledger, &entry("2026-10", "a", vec![strict, finding(5, 1), finding(7, 1)]));
    record(&mut ledger, &entry("2026-10", "b", vec![finding(6, 1), finding(5, 1)]));
    let refusal = |result: Result<Status, LedgerError>| match result.expect_err("refused").fault {
        Fault::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    let until = day("2026-12-31");
    // The pack was changed between the runs: the last run's word counts.
    assert_eq!(ledger.waive(&target(6, "2026-10"), "x", "y", until, at(11)).expect("waived"), Status::Waived);
    let mut strict = finding(6, 1);
    strict.mandatory = true;
    record(&mut ledger, &entry("2026-10", "c", vec![strict, finding(5, 1)]));
    assert_eq!(status(&ledger, "2026-10", 6), Status::Open, "mandatory again, the waiver does not help");
    let mandatory = ledger.waive(&target(6, "2026-10"), "x", "y", until, at(11));
    assert_eq!(refusal(mandatory), Refusal::Mandatory("LOAN-AMT-001".into()));
    let past = ledger.waive(&target(5, "2026-10"), "x", "y", day("2026-11-03"), at(11));
    assert_eq!(refusal(past), Refusal::Past(day("2026-11-03")));
    assert_eq!(refusal(ledger.explain(&target(5, "2026-10"), "  ", "y", at(11))), Refusal::Blank);
    assert_eq!(refusal(ledger.explain(&target(5, "2026-10"), "x", "", at(11))), Refusal::Blank);
    assert!(matches!(refusal(ledger.explain(&target(7, "2026-10"), "x", "y", at(11))), Refusal::Resolved(_)));
    assert!(matches!(refusal(ledger.explain(&target(5, "2026-09"), "x", "y", at(11))), Refusal::Unknown(_)));
    assert!(matches!(refusal(ledger.unwaive(&target(5, "2026-10"), "y", at(11))), Refusal::NotWaived(_)));
    let short = Target { fingerprint: "0".into(), ..Target::default() };
    let error = ledger.explain(&short, "x", "y", at(11)).expect_err("several");
    assert!(error.to_string().contains("不止一个") && error.to_string().contains("several"), "{error}");
}

#[test]
fn the_gate_opens_when_nothing_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    let (october_month, today) = (month("2026-10"), day("2026-11-04"));
    let gate = |ledger: &Ledger, today| ledger.gate("large-credit", october_month, today).expect("read");
    assert!(!gate(&ledger, today).ready(), "not run yet");
    october(&mut ledger, "a", 1);
    let found = gate(&ledger, today);
    assert_eq!((found.units[0].errors, found.units[0].warnings, found.units[0].records), (1, 2, 50));
    assert_eq!((found.ready(), found.units[1].blocks()), (false, false));
    ledger.explain(&target(5, "2026-10"), "属实", "甲", at(11)).expect("explained");
    ledger.waive(&target(6, "2026-10"), "已报批", "乙", today, at(11)).expect("waived");
    ledger.explain(&target(10, "2026-10"), "属实", "甲", at(11)).expect("explained");
    let found = gate(&ledger, today);
    assert!(found.ready(), "{found:?}");
    assert_eq!((found.units[0].explained, found.units[0].waived), (2, 1));
    let tomorrow = gate(&ledger, day("2026-11-05"));
    assert_eq!((tomorrow.ready(), tomorrow.units[0].errors, tomorrow.units[0].waived), (false, 1, 0));
    // Fixed in the file: nothing is needed any more. A unit that handed in nothing keeps it closed.
    let mut fixed = entry("2026-10", "b", Vec::new());
    record(&mut ledger, &fixed);
    assert!(gate(&ledger, day("2026-11-05")).ready());
    fixed.run = "2026-10-c".into();
    fixed.units[1].timeliness = Timeliness::Missing;
    fixed.units[1].unread = Unread::All;
    record(&mut ledger, &fixed);
    let found = gate(&ledger, today);
    assert!(!found.ready() && found.units[1].blocks() && !found.units[0].blocks());
}

#[test]
fn repeated_findings_are_listed_with_their_periods() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2025-10", "a", vec![finding(1, 1), finding(2, 1)]));
    record(&mut ledger, &entry("2026-09", "a", vec![finding(1, 1), finding(3, 1)]));
    record(&mut ledger, &entry("2026-09", "b", vec![finding(3, 1)]));
    let mut keyless = finding(4, 1);
    keyless.key = Key::Blank { shown: "无主键 第8行".into() };
    record(&mut ledger, &entry("2026-08", "a", vec![keyless.clone()]));
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 1), finding(2, 1), finding(3, 1), keyless]));
    record(&mut ledger, &entry("2026-11", "a", vec![finding(1, 1)]));
    let repeated =
        |since: &str, times| ledger.repeated("large-credit", month("2026-10"), month(since), times).expect("read");
    let year = repeated("2025-11", 2);
    let keys: Vec<_> = year.iter().filter_map(|repeated| repeated.row.record_key.clone()).collect();
    assert_eq!(keys, ["JJ000001", "JJ000003"], "the second was seen a year ago only");
    let first = &year[0];
    let periods: Vec<_> = first.seen.iter().map(|seen| seen.period.to_string()).collect();
    assert_eq!(periods, ["2026-09", "2026-10"]);
    assert_eq!(first.row.status, Status::SourceNotCorrected);
    assert_eq!(first.seen[0].status, Status::Resolved);
    assert_eq!(repeated("2025-10", 3).len(), 1);
    assert_eq!(repeated("2025-10", 4).len(), 0);
}
