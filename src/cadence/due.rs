//! When something is due, and how it stands on a day: pure arithmetic on dates.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::{
    AHEAD,
    model::{Span, Timing, Turn, Wait},
};
use crate::job::{Calendar, MissingYear};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The day it was due is over.
    Overdue,
    /// Due within the next days.
    Soon,
    /// Done, and not due again soon.
    Met,
    /// Done, but after the day it was due.
    Late,
    /// It cannot be told: a date is blank, or the calendar has no such year.
    Unknown,
}

/// How something stands, with its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub state: State,
    /// The day it is due, or was.
    pub due: Option<NaiveDate>,
    /// The day it was last done.
    pub last: Option<NaiveDate>,
    /// Days it is overdue or was done late; working days where the time allowed is in working days.
    pub over: i64,
    /// Weeks, quarters … in a row before this one in which it was not done.
    pub missed: u32,
}

/// The days things are counted by.
#[derive(Clone, Copy)]
pub struct Calendars<'a> {
    /// Working days.
    pub working: &'a Calendar,
    /// The day asked for.
    pub today: NaiveDate,
    /// The first day of the log: what was not done before is not held against anyone.
    pub log_begins: Option<NaiveDate>,
}

/// How something stands. `done` are the days it was done, ascending; `start` the day it counts from, or for
/// [`Timing::After`] the day of the event. None if there is nothing to do: the event is yet to come.
pub fn find(
    timing: Timing,
    workday: bool,
    start: Option<NaiveDate>,
    done: &[NaiveDate],
    calendars: Calendars<'_>,
) -> Option<Finding> {
    let today = calendars.today;
    let done: Vec<NaiveDate> = done.iter().copied().filter(|day| *day <= today).collect();
    match timing {
        Timing::Every(span) => Some(every(span, workday, start, &done, calendars)),
        Timing::Per(turn) => Some(per(turn, start, &done, calendars)),
        Timing::After { from, until, .. } => {
            let event = start.filter(|event| *event <= today)?;
            Some(after(from, until, event, &done, calendars).unwrap_or(unknown(&done)))
        }
    }
}

fn unknown(done: &[NaiveDate]) -> Finding {
    Finding { state: State::Unknown, due: None, last: done.last().copied(), over: 0, missed: 0 }
}

/// `state` of what is due on `due` and was not done yet.
fn open(due: NaiveDate, today: NaiveDate) -> (State, i64) {
    if due < today {
        (State::Overdue, (today - due).num_days())
    } else if due <= today + Days::new(AHEAD) {
        (State::Soon, 0)
    } else {
        (State::Met, 0)
    }
}

fn every(span: Span, workday: bool, start: Option<NaiveDate>, done: &[NaiveDate], calendars: Calendars<'_>) -> Finding {
    let last = done.last().copied();
    // Never done, and no day to count from: due today.
    let due = last.or(start).map_or(calendars.today, |from| add(from, span));
    let due = if workday { next_working_day(due, calendars.working) } else { due };
    let (state, over) = open(due, calendars.today);
    Finding { state, due: Some(due), last, over, missed: 0 }
}

/// The day `span` after `from`: of months the same day, or the last of a shorter month.
pub fn add(from: NaiveDate, span: Span) -> NaiveDate {
    let sum = match span {
        Span::Days(days) => from.checked_add_days(Days::new(days.into())),
        Span::Months(months) => from.checked_add_months(Months::new(months)),
    };
    sum.unwrap_or(from)
}

/// `day`, or the first working day after it; `day` where the calendar lacks the year.
fn next_working_day(day: NaiveDate, calendar: &Calendar) -> NaiveDate {
    match calendar.is_working_day(day) {
        Ok(false) => calendar.add_working_days(day, 1).unwrap_or(day),
        _ => day,
    }
}

/// First and last day of the turn `day` lies in.
pub fn turn_of(day: NaiveDate, turn: Turn) -> (NaiveDate, NaiveDate) {
    match turn {
        Turn::Week => {
            let first = day - Days::new(day.weekday().num_days_from_monday().into());
            (first, first + Days::new(6))
        }
        Turn::Months(months) => {
            let months = months.max(1);
            let month = day.month0() / months * months;
            let first = NaiveDate::from_ymd_opt(day.year(), month + 1, 1).unwrap_or(day);
            (first, first + Months::new(months) - Days::new(1))
        }
    }
}

fn per(turn: Turn, start: Option<NaiveDate>, done: &[NaiveDate], calendars: Calendars<'_>) -> Finding {
    let today = calendars.today;
    let within = |first: NaiveDate, last: NaiveDate| done.iter().any(|day| (first..=last).contains(day));
    let (first, last) = turn_of(today, turn);
    let begins = start.or(calendars.log_begins).or(done.first().copied()).unwrap_or(first);
    let mut missed = 0;
    let mut oldest = None;
    let mut before = turn_of(first - Days::new(1), turn);
    while before.1 >= begins && !within(before.0, before.1) {
        missed += 1;
        oldest = Some(before.1);
        before = turn_of(before.0 - Days::new(1), turn);
    }
    let (state, due, over) = if within(first, last) {
        let due = turn_of(last + Days::new(1), turn).1;
        let state = if due <= today + Days::new(AHEAD) { State::Soon } else { State::Met };
        (state, due, 0)
    } else {
        let due = oldest.unwrap_or(last);
        let (state, over) = open(due, today);
        (state, due, over)
    };
    Finding { state, due: Some(due), last: done.last().copied(), over, missed }
}

fn after(
    from: Option<Wait>,
    until: Wait,
    event: NaiveDate,
    done: &[NaiveDate],
    calendars: Calendars<'_>,
) -> Result<Finding, MissingYear> {
    let (calendar, today) = (calendars.working, calendars.today);
    let reach = |wait: Wait| match wait {
        Wait::Days(days) => Ok(event + Days::new(days.into())),
        Wait::WorkingDays(days) => calendar.add_working_days(event, days),
    };
    let first = from.map_or(Ok(event), reach)?;
    let due = reach(until)?;
    let beyond = |day: NaiveDate| match until {
        Wait::Days(_) => Ok((day - due).num_days()),
        Wait::WorkingDays(_) => calendar.working_days_between(due, day),
    };
    // What was done too early does not count.
    let done_on = done.iter().copied().find(|day| *day >= first);
    let (state, over) = match done_on {
        Some(day) if day <= due => (State::Met, 0),
        Some(day) => (State::Late, beyond(day)?),
        None => match open(due, today) {
            (State::Overdue, _) => (State::Overdue, beyond(today)?),
            other => other,
        },
    };
    Ok(Finding { state, due: Some(due), last: done_on, over, missed: 0 })
}
