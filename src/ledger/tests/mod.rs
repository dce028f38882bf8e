//! Runs over several periods, and the values the other tests are made of.

mod answers;
mod failures;
pub mod register;
mod second_check;

use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};

use super::*;
use crate::{
    finding::Severity,
    job::{Institution, Period},
};

pub fn at(hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 4).and_then(|day| day.and_hms_opt(hour, 0, 0)).expect("a time")
}

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, number).expect("a day")
}

pub fn institution() -> Institution {
    Institution { code: "150100".into(), name: "示例联社".into() }
}

/// A finding about the loan `loan` of the first unit; its value is hashed as given.
pub fn finding(loan: u32, value: u8) -> Sighting {
    Sighting {
        fingerprint: format!("{loan:020x}"),
        unit: 0,
        mandatory: false,
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
        customer: None,
    }
}

/// A run of `period` on input named `input`, with these findings.
pub fn entry(period: &str, input: &str, findings: Vec<Sighting>) -> RunEntry {
    let unit = |code: &str, name: &str| UnitEntry {
        code: code.into(),
        name: name.into(),
        institution: false,
        timeliness: crate::outcome::Timeliness::OnTime,
        received: Some(at(9)),
        resubmitted: None,
        people: People::default(),
        at_risk_fen: None,
        records: 50,
        flagged: 1,
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
        units: vec![unit("150102", "城关社部"), unit("150103", "河西社部")],
        submissions: vec![Submission {
            unit: 0,
            file: "150102-城关社部/贷款数据.xlsx".into(),
            sha256: input.into(),
            bytes: 12_345,
            received: Some(at(9)),
            channel: None,
            unreadable: None,
        }],
        deadlines: Some(crate::outcome::Deadlines { submission: day(5), correction: day(6), report: day(10) }),
        findings,
        laid: Vec::new(),
        handed_in: Vec::new(),
        amendments: Amendments::default(),
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
            source_not_corrected: false,
            other_record: false,
        };
        let source = Repeat { source_not_corrected: true, ..third.clone() };
        assert_eq!(repeats, [Some(third.clone()), Some(source), Some(third), None]);
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
fn the_same_error_of_the_same_customer_is_a_repeat() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    // Both are of rule LOAN-AMT-001 and field amount.
    let of = |loan: u32, customer: u8| Sighting { customer: Some([customer; 10]), ..finding(loan, 0) };
    record(&mut ledger, &entry("2026-09", "a", vec![of(2, 1)]));
    let mut elsewhere = of(6, 1);
    elsewhere.unit = 1;
    let october = entry("2026-10", "a", vec![of(4, 1), of(8, 2), elsewhere, of(3, 1)]);
    let repeats = ledger.repeats(&october).expect("read");
    let again = Repeat {
        times: 2,
        first_period: "2026-09".parse().expect("a period"),
        last_period: "2026-09".parse().expect("a period"),
        source_not_corrected: false,
        other_record: true,
    };
    assert_eq!(repeats, [Some(again), None, None, None], "another customer, another unit, another rule are no repeats");
    record(&mut ledger, &october);
    let (period, since) = (october.period, "2026-01".parse().expect("a period"));
    let repeated = ledger.repeated("large-credit", period, since, 2).expect("read");
    assert_eq!(repeated.len(), 1);
    assert_eq!(repeated[0].seen.iter().map(|seen| seen.period.to_string()).collect::<Vec<_>>(), ["2026-09", "2026-10"]);
}

#[test]
fn corrected_findings_are_told_from_those_that_vanish() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 5), finding(2, 5), finding(5, 5)]));
    let correction = crate::overlay::Correction {
        unit: "150102".into(),
        dataset: "loans".into(),
        record: [7; 10],
        field: "amount".into(),
        old: Some("0".into()),
        new: crate::ingest::Entered::Number(830.5),
        flagged: true,
        source_changed: false,
        suspicions: vec![crate::overlay::Suspicion::Tiny],
        findings: vec![format!("{:020x}", 1)],
        who: "报送员甲".into(),
        given: at(10),
        workbook: "150102.xlsx".into(),
        sha256: "ab".into(),
    };
    let mut fixed = entry("2026-10", "b", vec![finding(5, 5)]);
    fixed.amendments.corrections.push(Given { correction: correction.clone(), record_key: "JJ000001".into() });
    let said = Said { fingerprint: format!("{:020x}", 5), text: "属实".into(), who: "报送员甲".into() };
    fixed.amendments.explanations = vec![said.clone(), said];
    let tally = record(&mut ledger, &fixed);
    assert_eq!(tally, Tally { explained: 1, corrected: 1, resolved: 1, ..Tally::default() });
    assert_eq!(status(&ledger, "2026-10", 1), Status::Corrected);
    assert_eq!(status(&ledger, "2026-10", 2), Status::Resolved);
    assert_eq!(status(&ledger, "2026-10", 5), Status::Explained);
    let target = Target { fingerprint: format!("{:020x}", 5), ..Target::default() };
    let history = ledger.history(&target, at(10).date()).expect("known");
    assert_eq!(history.explanations.len(), 1, "said twice, recorded once");
    let kept = ledger.corrections("large-credit", fixed.period).expect("read");
    assert_eq!(kept, std::slice::from_ref(&correction));
    // It applies no longer: the finding is back.
    let mut back = entry("2026-10", "c", vec![finding(1, 5), finding(5, 5)]);
    back.laid = vec![(correction.clone(), crate::overlay::Fate::Changed)];
    assert_eq!(record(&mut ledger, &back), Tally { reopened: 1, explained: 1, ..Tally::default() });
    assert_eq!(status(&ledger, "2026-10", 1), Status::Reopened);
    // Next month the old value is back: the source system was not corrected.
    let mut fixed = entry("2026-10", "b", vec![finding(5, 5)]);
    fixed.laid = vec![(correction.clone(), crate::overlay::Fate::Applied)];
    record(&mut ledger, &fixed);
    let tally = record(&mut ledger, &entry("2026-11", "a", vec![finding(1, 5)]));
    assert_eq!(tally, Tally { source_not_corrected: 1, repeated: 1, ..Tally::default() });
    // Withdrawn, it is no more.
    let mut withdrawn = entry("2026-10", "b", vec![finding(5, 5)]);
    withdrawn.amendments.withdrawn.push(correction);
    record(&mut ledger, &withdrawn);
    assert_eq!(ledger.corrections("large-credit", withdrawn.period).expect("read"), []);
}
