//! Days counted by hand on the calendar: ends of months, 29 February, ends of quarters, weekend days worked.

use chrono::NaiveDate;

use super::{
    due::{Calendars, Finding, State, add, find, turn_of},
    model::{Span, Timing, Turn, Wait},
};
use crate::job::Calendar;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn stands(timing: Timing, workday: bool, start: &str, done: &[&str], today: &str) -> Option<Finding> {
    let calendar = Calendar::built_in().expect("the calendar");
    let done: Vec<_> = done.iter().map(|text| day(text)).collect();
    let start = (!start.is_empty()).then(|| day(start));
    let calendars = Calendars { working: &calendar, today: day(today), log_begins: Some(day("2025-01-01")) };
    find(timing, workday, start, &done, calendars)
}

/// State, due, days over.
fn short(finding: Option<Finding>) -> (State, String, i64) {
    let finding = finding.expect("something to do");
    (finding.state, finding.due.map(|due| due.to_string()).unwrap_or_default(), finding.over)
}

fn is(state: State, due: &str, over: i64) -> (State, String, i64) {
    (state, due.to_owned(), over)
}

#[test]
fn months_end_where_they_end() {
    for (from, months, to) in [
        ("2026-11-30", 3, "2027-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 2, "2024-04-29"),
        ("2026-08-31", 4, "2026-12-31"),
        ("2026-10-31", 4, "2027-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-01-31", 6, "2026-07-31"),
    ] {
        assert_eq!(add(day(from), Span::Months(months)), day(to), "{from} + {months}");
    }
    assert_eq!(add(day("2024-02-28"), Span::Days(14)), day("2024-03-13"));
}

#[test]
fn turns_of_the_calendar() {
    for (text, turn, first, last) in [
        ("2026-11-29", Turn::Week, "2026-11-23", "2026-11-29"),
        ("2026-11-30", Turn::Week, "2026-11-30", "2026-12-06"),
        ("2024-02-29", Turn::Months(1), "2024-02-01", "2024-02-29"),
        ("2026-03-31", Turn::Months(3), "2026-01-01", "2026-03-31"),
        ("2026-04-01", Turn::Months(3), "2026-04-01", "2026-06-30"),
        ("2026-06-30", Turn::Months(6), "2026-01-01", "2026-06-30"),
        ("2026-12-31", Turn::Months(12), "2026-01-01", "2026-12-31"),
    ] {
        assert_eq!(turn_of(day(text), turn), (day(first), day(last)), "{text}");
    }
}

#[test]
fn every_three_months_is_overdue_the_day_after() {
    let every =
        |done: &[&str], today: &str| short(stands(Timing::Every(Span::Months(3)), false, "2026-01-15", done, today));
    assert_eq!(every(&["2026-08-31"], "2026-11-30"), is(State::Soon, "2026-11-30", 0));
    assert_eq!(every(&["2026-08-31"], "2026-12-01"), is(State::Overdue, "2026-11-30", 1));
    // 30 days before it is due, and 31.
    assert_eq!(every(&["2026-08-31"], "2026-10-31"), is(State::Soon, "2026-11-30", 0));
    assert_eq!(every(&["2026-08-31"], "2026-10-30"), is(State::Met, "2026-11-30", 0));
    // Never done: it counts from the day in the record. What lies ahead was not done yet.
    assert_eq!(every(&["2026-05-01"], "2026-04-20"), is(State::Overdue, "2026-04-15", 5));
    let never = short(stands(Timing::Every(Span::Days(14)), false, "", &[], "2026-11-24"));
    assert_eq!(never, is(State::Soon, "2026-11-24", 0));
}

/// Two months after 2026-07-26 is Saturday 2026-09-26, after 2026-08-01 is 2026-10-01, a holiday until the 7th; Saturday
/// 2026-10-10 is worked.
#[test]
fn due_days_move_to_working_days_if_asked_to() {
    let due = |done: &str| short(stands(Timing::Every(Span::Months(2)), true, "", &[done], "2026-09-01")).1;
    assert_eq!(due("2026-07-26"), "2026-09-28");
    assert_eq!(due("2026-08-01"), "2026-10-08");
    assert_eq!(due("2026-08-10"), "2026-10-10");
    assert_eq!(due("2026-08-11"), "2026-10-12");
}

#[test]
fn once_a_quarter() {
    let per = |start: &str, done: &[&str], today: &str| stands(Timing::Per(Turn::Months(3)), false, start, done, today);
    assert_eq!(short(per("2026-01-10", &["2026-09-30"], "2026-09-30")), is(State::Met, "2026-12-31", 0));
    // The quarter before was met on its last day; this one has until its own.
    assert_eq!(short(per("2026-01-10", &["2026-09-30"], "2026-10-01")), is(State::Met, "2026-12-31", 0));
    assert_eq!(short(per("2026-01-10", &["2026-09-30"], "2026-12-01")), is(State::Soon, "2026-12-31", 0));
    let missed = per("2026-01-10", &["2026-03-31"], "2026-10-02").expect("due");
    assert_eq!(
        (missed.state, missed.due, missed.over, missed.missed),
        (State::Overdue, Some(day("2026-06-30")), 94, 2)
    );
    // Who came on the last day of a quarter has to be seen in it, and is overdue the day after.
    assert_eq!(short(per("2026-09-30", &[], "2026-09-30")), is(State::Soon, "2026-09-30", 0));
    assert_eq!(short(per("2026-09-30", &[], "2026-10-01")), is(State::Overdue, "2026-09-30", 1));
    assert_eq!(short(per("2026-10-01", &[], "2026-10-01")), is(State::Met, "2026-12-31", 0));
}

#[test]
fn once_a_week_half_year_and_year() {
    let per = |turn, done: &[&str], today| short(stands(Timing::Per(turn), false, "2025-12-01", done, today));
    // Sunday and Monday.
    assert_eq!(per(Turn::Week, &["2026-11-22"], "2026-11-23"), is(State::Soon, "2026-11-29", 0));
    assert_eq!(per(Turn::Week, &["2026-11-15"], "2026-11-23"), is(State::Overdue, "2026-11-22", 1));
    assert_eq!(per(Turn::Months(6), &["2026-06-30"], "2026-12-31"), is(State::Soon, "2026-12-31", 0));
    assert_eq!(per(Turn::Months(6), &["2025-12-31"], "2026-07-01"), is(State::Overdue, "2026-06-30", 1));
    assert_eq!(per(Turn::Months(12), &["2025-12-31"], "2026-11-24"), is(State::Met, "2026-12-31", 0));
}

/// 2026-04-30 is a Thursday before the holiday of 1 to 5 May; Saturday 9 May is worked.
#[test]
fn two_working_days_after_the_contract() {
    let timing = Timing::After { event: 0, from: None, until: Wait::WorkingDays(2) };
    let after = |event, done: &[&str], today| stands(timing, false, event, done, today);
    assert_eq!(short(after("2026-04-30", &[], "2026-05-07")), is(State::Soon, "2026-05-07", 0));
    assert_eq!(short(after("2026-04-30", &[], "2026-05-08")), is(State::Overdue, "2026-05-07", 1));
    // 8 and 9 May are worked, 10 May is not.
    assert_eq!(short(after("2026-05-07", &[], "2026-05-10")), is(State::Overdue, "2026-05-09", 0));
    assert_eq!(short(after("2026-04-30", &["2026-05-07"], "2026-06-01")), is(State::Met, "2026-05-07", 0));
    assert_eq!(short(after("2026-04-30", &["2026-05-11"], "2026-06-01")), is(State::Late, "2026-05-07", 3));
    assert_eq!(after("2026-05-07", &[], "2026-05-06"), None, "the contract is yet to come");
    assert_eq!(short(after("2026-12-31", &[], "2027-01-05")).0, State::Unknown, "no calendar of 2027");
}

#[test]
fn three_to_five_days_after_the_first_visit() {
    let timing = Timing::After { event: 0, from: Some(Wait::Days(3)), until: Wait::Days(5) };
    let after = |done: &[&str], today| short(stands(timing, false, "2024-02-26", done, today));
    // The window is 29 February to 2 March.
    assert_eq!(after(&["2024-02-28"], "2024-02-28"), is(State::Soon, "2024-03-02", 0));
    assert_eq!(after(&["2024-02-29"], "2024-03-10"), is(State::Met, "2024-03-02", 0));
    assert_eq!(after(&["2024-02-28", "2024-03-02"], "2024-03-10"), is(State::Met, "2024-03-02", 0));
    assert_eq!(after(&["2024-02-28"], "2024-03-03"), is(State::Overdue, "2024-03-02", 1));
    assert_eq!(after(&["2024-03-03"], "2024-03-10"), is(State::Late, "2024-03-02", 1));
}
