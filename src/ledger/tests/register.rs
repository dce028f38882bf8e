//! The register: who, when and what became of it; and what might fall under Article 22.

use super::*;

fn time(text: &str) -> NaiveDateTime {
    text.parse().expect("a time")
}

fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

/// Records a run at `now`.
pub fn run_at(ledger: &mut Ledger, entry: &RunEntry, now: &str) {
    let mut run = ledger.begin_run(&institution(), time(now)).expect("begun");
    run.record(entry, time(now)).expect("recorded").commit().expect("committed");
}

fn register(ledger: &Ledger, of: &str, now: &str) -> Register {
    let register = ledger.register("large-credit", period(of), Bounds::default(), time(now)).expect("read");
    register.expect("it was run")
}

/// Two months. The first unit is late in both, and its finding 1 is there in both; finding 5, a warning, is told by
/// two runs of October; finding 2 is corrected on the 6th at 11 o'clock and finding 3 at 13 o'clock. The second unit
/// changes its officer.
pub fn two_months(folder: &Path) -> Ledger {
    let mut ledger = ledger(folder);
    let mut september = entry("2026-09", "a", vec![finding(1, 0)]);
    september.units[0].timeliness = crate::outcome::Timeliness::Late;
    september.units[0].people.officer = "报送员甲".into();
    september.units[1].people.officer = "报送员乙".into();
    let october_days = |day| NaiveDate::from_ymd_opt(2026, 10, day).expect("a day");
    september.deadlines = Some(crate::outcome::Deadlines {
        submission: october_days(12),
        correction: october_days(13),
        report: october_days(15),
    });
    run_at(&mut ledger, &september, "2026-10-12T09:00:00");
    let october = |input: &str, loans: &[u32]| {
        let mut october = entry("2026-10", input, loans.iter().map(|loan| finding(*loan, 0)).collect());
        october.units[0].timeliness = crate::outcome::Timeliness::Late;
        october.units[0].people.officer = "报送员甲".into();
        october.units[0].at_risk_fen = Some(1_234_500);
        october.units[1].people.officer = "报送员丙".into();
        october
    };
    run_at(&mut ledger, &october("a", &[1, 2, 3, 5]), "2026-11-05T10:00:00");
    run_at(&mut ledger, &october("b", &[1, 3, 5]), "2026-11-06T11:00:00");
    run_at(&mut ledger, &october("c", &[1, 5]), "2026-11-06T13:00:00");
    ledger
}

#[test]
fn every_problem_has_who_when_and_what_became_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = two_months(folder.path());
    let target = Target { fingerprint: format!("{:020x}", 5), ..Target::default() };
    ledger.explain(&target, "按合同", "报送员甲", time("2026-11-06T11:30:00")).expect("explained");
    let register = register(&ledger, "2026-10", "2026-11-06T14:00:00");
    let lines: Vec<_> = register
        .problems
        .iter()
        .map(|problem| {
            let closed = problem.closed.as_ref().map(|closed| closed.when.to_string());
            let number = u32::from_str_radix(&problem.row.fingerprint, 16).expect("a number");
            (number, problem.found.to_string(), problem.row.status, closed.unwrap_or_default())
        })
        .collect();
    let found = || "2026-11-05 10:00:00".to_owned();
    assert_eq!(
        lines,
        [
            (1, found(), Status::Open, String::new()),
            (3, found(), Status::Resolved, "2026-11-06 13:00:00".to_owned()),
            (2, found(), Status::Resolved, "2026-11-06 11:00:00".to_owned()),
            (5, found(), Status::Explained, "2026-11-06 11:30:00".to_owned()),
        ]
    );
    assert_eq!(register.problems[3].closed.as_ref().and_then(|closed| closed.who.as_deref()), Some("报送员甲"));
    let open: Vec<_> = register.open_at_noon(None).iter().map(|problem| problem.row.fingerprint.clone()).collect();
    assert_eq!(open, [format!("{:020x}", 1), format!("{:020x}", 3)], "two was corrected in time, three was not");
}

#[test]
fn article_22_has_evidence_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = two_months(folder.path());
    let register = register(&ledger, "2026-10", "2026-11-06T14:00:00");
    let repeated: Vec<_> = register.repeated.iter().map(|repeated| repeated.seen.len()).collect();
    assert_eq!(repeated, [2], "the same error in September and October");
    let ignored: Vec<_> = register.ignored().map(|problem| problem.row.fingerprint.as_str()).collect();
    assert_eq!(ignored, [format!("{:020x}", 5)], "a warning that three runs told");
    let tardy: Vec<_> = register.tardy().map(|unit| unit.gate.code.as_str()).collect();
    assert_eq!(tardy, ["150102"]);
    let unit = &register.units[0];
    let months: Vec<_> = unit.months.iter().map(|month| (month.period.to_string(), month.correction)).collect();
    // In both months something was open at noon of the fifth working day, and no file came again.
    let missed = Correction::Missed;
    assert_eq!(months, [("2026-09".to_owned(), missed), ("2026-10".to_owned(), missed)]);
    assert_eq!((unit.found, unit.repeats, unit.at_risk_fen), ([3, 1, 0], 1, Some(1_234_500)));
    // The last run once more is no news: nothing was told before that was not.
    let mut ledger = ledger;
    run_at(&mut ledger, &entry("2026-10", "d", vec![finding(10, 0)]), "2026-11-07T10:00:00");
    run_at(&mut ledger, &entry("2026-10", "d", vec![finding(10, 0)]), "2026-11-07T11:00:00");
    let again = self::register(&ledger, "2026-10", "2026-11-07T12:00:00");
    assert_eq!(again.ignored().count(), 0);
    // With other bounds it is nothing out of the ordinary.
    let strict = Bounds { times: 3, periods: 12 };
    let register = ledger.register("large-credit", period("2026-10"), strict, at(14)).expect("read").expect("run");
    assert_eq!((register.repeated.len(), register.tardy().count()), (0, 0));
    let short = Bounds { times: 2, periods: 1 };
    let register = ledger.register("large-credit", period("2026-10"), short, at(14)).expect("read").expect("run");
    assert_eq!((register.repeated.len(), register.tardy().count()), (0, 0));
}

#[test]
fn before_the_deadline_nothing_is_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    run_at(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0)]), "2026-11-05T10:00:00");
    let correction = |ledger: &Ledger, now: &str| register(ledger, "2026-10", now).units[0].months[0].correction;
    assert_eq!(correction(&ledger, "2026-11-06T12:00:00"), Correction::NotDue);
    assert_eq!(correction(&ledger, "2026-11-06T12:00:01"), Correction::Missed);
    let mut again = entry("2026-10", "b", vec![finding(1, 0)]);
    again.units[0].resubmitted = Some(time("2026-11-06T11:59:00"));
    run_at(&mut ledger, &again, "2026-11-06T15:00:00");
    assert_eq!(correction(&ledger, "2026-11-06T16:00:00"), Correction::InTime);
    assert_eq!(
        register(&ledger, "2026-10", "2026-11-06T16:00:00").units[1].months[0].correction,
        Correction::NotNeeded
    );
}

#[test]
fn a_change_of_the_officer_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = two_months(folder.path());
    let register = register(&ledger, "2026-10", "2026-11-06T14:00:00");
    let before = |unit: usize| register.units[unit].before.clone();
    assert_eq!(before(0), Some((period("2026-09"), "报送员甲".to_owned())));
    assert_eq!(before(1), Some((period("2026-09"), "报送员乙".to_owned())));
    assert_eq!(register.units[1].people.officer, "报送员丙");
    assert!(ledger.register("large-credit", period("2026-08"), Bounds::default(), at(9)).expect("read").is_none());
}
