//! Findings of people and of the regulator: runs leave them alone, second checks close them.

use super::*;

fn opening(origin: Origin, severity: Severity) -> Opening {
    Opening {
        fingerprint: format!("{:020x}", 0xfeed),
        pack: "large-credit".into(),
        period: "2026-10".parse().expect("a period"),
        unit: "150103".into(),
        origin,
        rule: "REG:LJX-024".into(),
        severity,
        dataset: "loans".into(),
        field: "amount".into(),
        key: Some(("JJ000007".into(), Some([7; 10]))),
        file: None,
        sheet: None,
        cell: None,
        value: Some("0".into()),
        value_hash: [1; 10],
        message: "贷款金额为零".into(),
        who: "联社录入员".into(),
    }
}

fn target() -> Target {
    Target { fingerprint: format!("{:020x}", 0xfeed), ..Target::default() }
}

fn check(ledger: &mut Ledger, result: SecondCheck) -> Status {
    ledger.second_check(&target(), result, "按借据核对", "报送员乙", at(15)).expect("recorded")
}

#[test]
fn what_people_register_stays_until_they_close_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    let opening = opening(Origin::Manual, Severity::Error);
    let error = ledger.open_finding(&opening, at(10)).expect_err("never run");
    assert!(matches!(error.fault, Fault::Refused(Refusal::NotRun(_))), "{error}");
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0)]));
    let nowhere = Opening { unit: "999999".into(), ..opening.clone() };
    let error = ledger.open_finding(&nowhere, at(10)).expect_err("no such unit");
    assert!(matches!(error.fault, Fault::Refused(Refusal::NoUnit(_))), "{error}");
    assert_eq!(ledger.open_finding(&opening, at(11)).expect("opened"), Status::New);
    // A run that does not find it does not resolve it, and it keeps the submission back.
    let tally = record(&mut ledger, &entry("2026-10", "b", Vec::new()));
    assert_eq!(tally, Tally { resolved: 1, ..Tally::default() });
    let gate = ledger.gate("large-credit", opening.period, at(12).date()).expect("read");
    assert_eq!(gate.units[1].errors, 1);
    assert!(!gate.ready());
    let manual = Filter { origin: Some(Origin::Manual), ..Filter::default() };
    assert_eq!(ledger.list(&manual).expect("listed").rows[0].rule, "REG:LJX-024");
    let system = Filter { origin: Some(Origin::System), ..Filter::default() };
    assert_eq!(ledger.list(&system).expect("listed").total, 1);
    assert_eq!(check(&mut ledger, SecondCheck::Wrong), Status::New);
    assert_eq!(check(&mut ledger, SecondCheck::Corrected), Status::Resolved);
    assert!(ledger.gate("large-credit", opening.period, at(12).date()).expect("read").ready());
    // Reported again, it is open again; a third report changes nothing.
    assert_eq!(ledger.open_finding(&opening, at(16)).expect("opened"), Status::Reopened);
    assert_eq!(ledger.open_finding(&opening, at(17)).expect("opened"), Status::Reopened);
    assert_eq!(check(&mut ledger, SecondCheck::Withdrawn), Status::Resolved);
    let history = ledger.history(&target(), at(18).date()).expect("read");
    let results: Vec<_> = history.checks.iter().map(|check| check.result).collect();
    assert_eq!(results, [SecondCheck::Wrong, SecondCheck::Corrected, SecondCheck::Withdrawn]);
    assert_eq!(history.row.times, 1);
}

#[test]
fn a_warning_that_was_checked_and_is_right_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", Vec::new()));
    ledger.open_finding(&opening(Origin::Regulator, Severity::Warning), at(11)).expect("opened");
    assert_eq!(check(&mut ledger, SecondCheck::Confirmed), Status::Explained);
    let blank = ledger.second_check(&target(), SecondCheck::Confirmed, " ", "乙", at(15)).expect_err("no reason");
    assert!(matches!(blank.fault, Fault::Refused(Refusal::Blank)), "{blank}");
    // An error of the regulator stays open until it is corrected or withdrawn.
    ledger.open_finding(&opening(Origin::Regulator, Severity::Error), at(16)).expect("opened");
    assert_eq!(check(&mut ledger, SecondCheck::Confirmed), Status::New);
}

#[test]
fn a_second_check_does_not_close_what_a_run_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(folder.path());
    record(&mut ledger, &entry("2026-10", "a", vec![finding(1, 0)]));
    let target = Target { fingerprint: format!("{:020x}", 1), ..Target::default() };
    let status = ledger.second_check(&target, SecondCheck::Corrected, "", "乙", at(12)).expect("recorded");
    assert_eq!(status, Status::New);
    assert_eq!(record(&mut ledger, &entry("2026-10", "b", Vec::new())).resolved, 1);
}
