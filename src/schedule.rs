//! When the program is to be started: monthly runs and quarterly tiers on their working days, as units for systemd,
//! lines for cron, tasks for Windows and events for a calendar.
//!
//! Knows days and how each scheduler is told of them; starts nothing. The calendar of working days ends with the last
//! year that was announced: dates are given as far as it goes.

mod cron;
mod ics;
mod systemd;
mod windows;

use std::path::Path;

use chrono::{Datelike as _, NaiveDate, NaiveTime};

use crate::{
    job::{Calendar, MissingYear, Period},
    problem::Problems,
    text::Text,
};

/// The schedulers there are texts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scheduler {
    /// Units of systemd.
    Systemd,
    /// Lines for crontab.
    Cron,
    /// Tasks of the Windows Task Scheduler, as XML.
    Windows,
    /// Events for a calendar, for people (RFC 5545).
    Ics,
}

/// What is to be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Task {
    /// The month's run, when the units have handed in.
    Run,
    /// The same again, when the corrections are in.
    Again,
    /// The quarter's tiers.
    Tier,
}

impl Task {
    /// All of them.
    pub const ALL: [Task; 3] = [Task::Run, Task::Again, Task::Tier];

    /// Its name on the command line and in the names of units.
    pub fn name(self) -> &'static str {
        match self {
            Task::Run => "run",
            Task::Again => "again",
            Task::Tier => "tier",
        }
    }

    /// The working day after the month, or quarter, it is started on. Articles 16 and 21 give the fourth for handing in,
    /// noon of the fifth for corrections, and the seventh for the report: by then the quarter's data is settled.
    pub fn working_day(self) -> u32 {
        match self {
            Task::Run => 4,
            Task::Again => 5,
            Task::Tier => 7,
        }
    }

    /// The time of day, in China: after office hours, and after the noon the corrections are due.
    pub fn time(self) -> NaiveTime {
        let (hour, minute) = if self == Task::Again { (12, 30) } else { (18, 0) };
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
    }

    /// What it is, for people.
    pub fn title(self) -> Text {
        match self {
            Task::Run => Text::new("月度校验（社部报送截止日）", "Monthly run, on the day the units hand in"),
            Task::Again => Text::new("更正后再次校验", "Monthly run again, after the corrections"),
            Task::Tier => Text::new("季度客户分层", "Quarterly tiers"),
        }
    }

    /// Whether it has something to do for a month: tiers only for the last of a quarter.
    fn is_for(self, month: Period) -> bool {
        self != Task::Tier || month.data_date().month().is_multiple_of(3)
    }
}

/// A start: the day, and the month it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The day.
    pub day: NaiveDate,
    /// The month the data is of.
    pub month: Period,
}

impl Start {
    /// The quarter the month ends.
    pub fn quarter(self) -> Period {
        crate::tier::quarter_of(self.month.data_date())
    }
}

/// The starts of a task from a day on, as far as the calendar goes.
pub fn starts(task: Task, from: NaiveDate, calendar: &Calendar) -> Vec<Start> {
    let mut starts = Vec::new();
    let mut month = Period::month_of(from).prior();
    while let Ok(day) = calendar.add_working_days(month.data_date(), task.working_day()) {
        if day >= from && task.is_for(month) {
            starts.push(Start { day, month });
        }
        month = Period::month_of(month.data_date() + chrono::Days::new(1));
    }
    starts
}

/// The start a day is, if it is one.
///
/// # Errors
/// If the calendar lacks the year.
pub fn start_on(task: Task, day: NaiveDate, calendar: &Calendar) -> Result<Option<Start>, MissingYear> {
    let month = Period::month_of(day).prior();
    let due = calendar.add_working_days(month.data_date(), task.working_day())?;
    Ok((due == day && task.is_for(month)).then_some(Start { day, month }))
}

/// Days of the month between which a task has been started in all the years the calendar has.
fn days_of_month(task: Task, calendar: &Calendar) -> (u32, u32) {
    let first = calendar.years().next().and_then(|year| NaiveDate::from_ymd_opt(year, 2, 1));
    let days = first.map(|first| starts(task, first, calendar)).unwrap_or_default();
    let days: Vec<u32> = days.iter().map(|start| start.day.day()).collect();
    (days.iter().min().copied().unwrap_or(1), days.iter().max().copied().unwrap_or(28))
}

/// What the texts are made for.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The program, as it is called.
    pub program: &'a str,
    /// The folder that holds the months' job folders.
    pub folder: &'a Path,
    /// The first day.
    pub from: NaiveDate,
    /// Working days.
    pub calendar: &'a Calendar,
    /// File with further years, if there is one.
    pub calendar_file: Option<&'a Path>,
}

/// A file to be given to the scheduler: name and text.
pub type File = (String, String);

/// The files for a scheduler.
///
/// # Errors
/// If a path has signs that the scheduler would take for its own.
pub fn files(scheduler: Scheduler, plan: &Plan<'_>) -> Result<Vec<File>, Problems> {
    check_paths(scheduler, plan)?;
    Ok(match scheduler {
        Scheduler::Systemd => systemd::files(plan),
        Scheduler::Cron => vec![("baosong.cron".to_owned(), cron::text(plan))],
        Scheduler::Windows => windows::files(plan),
        Scheduler::Ics => vec![("baosong.ics".to_owned(), ics::text(plan))],
    })
}

fn check_paths(scheduler: Scheduler, plan: &Plan<'_>) -> Result<(), Problems> {
    let forbidden: &[char] = match scheduler {
        Scheduler::Ics => &[],
        Scheduler::Windows => &['\'', '"', '\n', '\r'],
        Scheduler::Systemd | Scheduler::Cron => &['\'', '"', '`', '$', '%', '\\', '\n', '\r'],
    };
    let mut problems = Problems::default();
    let paths = [Some(plan.folder), plan.calendar_file, Some(Path::new(plan.program))];
    for path in paths.into_iter().flatten().map(|path| path.display().to_string()) {
        if path.contains(forbidden) {
            let message = Text::new(
                format!("路径 {path} 含有引号、$、% 等符号，不能写进计划任务"),
                format!("the path {path} holds quotes, $, % or the like, which a scheduler takes for its own"),
            );
            problems.add(message, Some(Text::new("请换一个路径", "use another path")));
        }
    }
    problems.into_result(())
}

/// The last year of the calendar, for the note that ends each text.
fn last_year(calendar: &Calendar) -> i32 {
    calendar.years().last().unwrap_or_default()
}

/// That dates end with the calendar, in both languages.
fn end_note(calendar: &Calendar) -> Text {
    let year = last_year(calendar);
    Text::new(
        format!("工作日历到{year}年为止；下一年放假安排公布后，用 --calendar 指明文件重新生成"),
        format!(
            "the calendar of working days ends with {year}; print this again with --calendar once the next year is announced"
        ),
    )
}

/// The shell command of a task: the guard tells the month, or ends it on any other day.
fn shell(task: Task, plan: &Plan<'_>) -> String {
    let Plan { program, folder, .. } = plan;
    let folder = folder.display();
    let calendar = plan.calendar_file.map(|path| format!(" --calendar '{}'", path.display())).unwrap_or_default();
    // 1 is another day; anything else, such as a year the calendar lacks, is to be seen.
    let guard = format!(
        "p=$('{program}' schedule --is {}{calendar}); s=$?; [ $s -eq 1 ] && exit 0; [ $s -eq 0 ] || exit $s",
        task.name()
    );
    let common = format!("--ledger '{folder}/ledger.db' --out '{folder}/out' --quiet");
    match task {
        Task::Run | Task::Again => format!("{guard}; '{program}' run '{folder}'/\"$p\" {common}"),
        Task::Tier => format!("{guard}; set -- $p; '{program}' tier '{folder}'/\"$1\" --quarter \"$2\" {common}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn calendar() -> Calendar {
        Calendar::built_in().expect("the calendar")
    }

    fn found(task: Task, from: &str) -> Vec<(String, String)> {
        starts(task, day(from), &calendar())
            .iter()
            .map(|start| (start.day.to_string(), start.month.to_string()))
            .collect()
    }

    /// The fourth, fifth and seventh working days of 2026, as the deadlines of the calendar's own test have them.
    #[test]
    fn tasks_start_on_their_working_days() {
        let pair = |day: &str, month: &str| (day.to_owned(), month.to_owned());
        assert_eq!(
            found(Task::Run, "2026-10-12"),
            [pair("2026-10-12", "2026-09"), pair("2026-11-05", "2026-10"), pair("2026-12-04", "2026-11")]
        );
        assert_eq!(found(Task::Run, "2026-10-13").len(), 2);
        assert_eq!(found(Task::Again, "2026-11-01")[0], pair("2026-11-06", "2026-10"));
        assert_eq!(
            found(Task::Tier, "2026-01-01"),
            [
                pair("2026-01-12", "2025-12"),
                pair("2026-04-10", "2026-03"),
                pair("2026-07-09", "2026-06"),
                pair("2026-10-15", "2026-09"),
            ]
        );
        assert_eq!(found(Task::Run, "2027-01-01"), []);
    }

    #[test]
    fn a_day_is_a_start_or_not() {
        let on = |task, text| start_on(task, day(text), &calendar()).expect("the year is there");
        assert_eq!(on(Task::Run, "2026-05-09").map(|start| start.month.to_string()), Some("2026-04".to_owned()));
        assert_eq!(on(Task::Run, "2026-05-08"), None);
        assert_eq!(on(Task::Tier, "2026-10-15").map(|start| start.quarter().to_string()), Some("2026Q3".to_owned()));
        assert_eq!(on(Task::Tier, "2026-11-10"), None, "October ends no quarter");
        assert!(start_on(Task::Run, day("2027-01-07"), &calendar()).is_err());
    }

    #[test]
    fn paths_a_shell_would_run_are_refused() {
        let calendar = calendar();
        let plan = |folder: &'static str| Plan {
            program: "baosong",
            folder: Path::new(folder),
            from: day("2026-01-01"),
            calendar: &calendar,
            calendar_file: None,
        };
        for folder in ["/x/$(rm)", "/x/'a'", "/x/50%"] {
            assert!(files(Scheduler::Cron, &plan(folder)).is_err(), "{folder}");
            assert!(files(Scheduler::Systemd, &plan(folder)).is_err(), "{folder}");
        }
        assert!(files(Scheduler::Cron, &plan("/数据/报送")).is_ok());
        assert!(files(Scheduler::Windows, &plan("D:\\报送")).is_ok());
    }
}
