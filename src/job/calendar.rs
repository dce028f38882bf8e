//! The working-day calendar: weekends, public holidays and the weekend days worked in exchange for them.
//!
//! Holidays are announced by the State Council year by year, so a year that nobody entered is an error and is never
//! guessed from weekends. Knows nothing of what is due on which day, but for the three deadlines of Articles 16 and 21.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
};

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Period;
use crate::{outcome::Deadlines, problem::Problems, text::Text};

/// The calendar in the binary: exceptions from Monday to Friday, from 2015 on.
const BUILT_IN: &str = include_str!("../../rules/common/data/workdays.csv");
/// Years a calendar may speak of: others are typing errors.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// Which days are working days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    exceptions: BTreeMap<NaiveDate, DayKind>,
    years: BTreeSet<i32>,
    /// First day of the first year.
    first: NaiveDate,
    /// For each day from `first` on the working days up to and including it; days of years that are missing are
    /// counted by weekends and never asked for.
    counts: Vec<i64>,
}

/// What an exception makes of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayKind {
    Holiday,
    Workday,
}

/// A year the calendar does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingYear {
    /// The year.
    pub year: i32,
}

impl MissingYear {
    /// What is missing and how to add it.
    pub fn text(&self) -> Text {
        let year = self.year;
        Text::new(
            format!(
                "工作日历缺少{year}年。请按国务院办公厅公布的{year}年放假安排编制CSV文件（表头date,kind；放假日写holiday，\
                 调休上班日写workday，如{year}-01-01,holiday），并在作业文件中用 calendar 指明该文件（calendar 命令用 --calendar）"
            ),
            format!(
                "the working-day calendar has no year {year}. Write the holidays announced for {year} to a CSV file \
                 (heading date,kind; holiday for days off, workday for weekend days worked, such as \
                 {year}-01-01,holiday) and name the file as `calendar` in the job file \
                 (`--calendar` of the command calendar)"
            ),
        )
    }
}

impl fmt::Display for MissingYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

impl std::error::Error for MissingYear {}

impl Calendar {
    /// The calendar in the binary.
    ///
    /// # Errors
    /// Never for the file that is shipped, which a test reads; the type is that of [`Calendar::read`].
    pub fn built_in() -> Result<Self, Problems> {
        Ok(Self::build(parse(BUILT_IN, "workdays.csv")?))
    }

    /// The calendar in the binary, with the years in the CSV file `path` (date, kind: `holiday` or `workday`) in place
    /// of its own. `shown` names the file in problems.
    ///
    /// # Errors
    /// The file cannot be read, or has lines that cannot be understood: all are reported.
    pub fn read(path: &Path, shown: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| {
            problems.cannot_read(shown, &error);
            String::new()
        });
        let text = problems.into_result(text)?;
        let own = parse(text.strip_prefix('\u{feff}').unwrap_or(&text), shown)?;
        let years: BTreeSet<i32> = own.keys().map(Datelike::year).collect();
        let mut exceptions = parse(BUILT_IN, "workdays.csv")?;
        exceptions.retain(|date, _| !years.contains(&date.year()));
        exceptions.extend(own);
        Ok(Self::build(exceptions))
    }

    fn build(exceptions: BTreeMap<NaiveDate, DayKind>) -> Self {
        let years: BTreeSet<i32> = exceptions.keys().map(Datelike::year).collect();
        let first = years.first().and_then(|year| NaiveDate::from_ymd_opt(*year, 1, 1)).unwrap_or_default();
        let end = years.last().and_then(|year| NaiveDate::from_ymd_opt(year + 1, 1, 1)).unwrap_or_default();
        let mut count = 0;
        let counts = first
            .iter_days()
            .take_while(|date| *date < end)
            .map(|date| {
                count += i64::from(match exceptions.get(&date) {
                    Some(kind) => *kind == DayKind::Workday,
                    None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
                });
                count
            })
            .collect();
        Self { exceptions, years, first, counts }
    }

    /// The years it has.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.iter().copied()
    }

    /// Whether `date` is a working day.
    ///
    /// # Errors
    /// The calendar does not have the year.
    pub fn is_working_day(&self, date: NaiveDate) -> Result<bool, MissingYear> {
        self.covers(date, date)?;
        let before = date.pred_opt().map_or(0, |day| self.count(day));
        Ok(self.count(date) > before)
    }

    /// The `days`-th working day after `from`, which is day 0 whether or not it is one itself. With 0, `from`.
    ///
    /// # Errors
    /// The calendar does not have a year on the way.
    pub fn add_working_days(&self, from: NaiveDate, days: u32) -> Result<NaiveDate, MissingYear> {
        if days == 0 {
            return Ok(from);
        }
        let next = from + Days::new(1);
        self.covers(next, next)?;
        let target = self.count(from) + i64::from(days);
        let index = self.counts.partition_point(|count| *count < target);
        let date = self.first + Days::new(u64::try_from(index).unwrap_or(u64::MAX));
        // Past the last day the index is that of the first day of the year after.
        self.covers(next, date)?;
        Ok(date)
    }

    /// Working days after `from` up to and including `to`; negative if `to` is before `from`.
    ///
    /// # Errors
    /// The calendar does not have a year on the way.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<i64, MissingYear> {
        if from != to {
            self.covers(from.min(to) + Days::new(1), from.max(to))?;
        }
        Ok(self.count(to) - self.count(from))
    }

    /// The deadlines of a period: the fourth, fifth and seventh working day after its data date (Articles 16 and 21).
    ///
    /// # Errors
    /// The calendar does not have a year on the way.
    pub fn deadlines(&self, period: Period) -> Result<Deadlines, MissingYear> {
        let day = |number| self.add_working_days(period.data_date(), number);
        Ok(Deadlines { submission: day(4)?, correction: day(5)?, report: day(7)? })
    }

    /// The working days after the data date of a period up to the last deadline, T+7.
    ///
    /// # Errors
    /// The calendar does not have a year on the way.
    pub fn working_days(&self, period: Period) -> Result<Vec<NaiveDate>, MissingYear> {
        (1..=7).map(|number| self.add_working_days(period.data_date(), number)).collect()
    }

    /// Working days of the calendar up to and including `date`.
    fn count(&self, date: NaiveDate) -> i64 {
        let index = date.signed_duration_since(self.first).num_days();
        match usize::try_from(index) {
            Ok(index) => self.counts.get(index).or(self.counts.last()).copied().unwrap_or(0),
            Err(_) => 0,
        }
    }

    fn covers(&self, from: NaiveDate, to: NaiveDate) -> Result<(), MissingYear> {
        match (from.year()..=to.year()).find(|year| !self.years.contains(year)) {
            Some(year) => Err(MissingYear { year }),
            None => Ok(()),
        }
    }
}

/// Reads the lines of a calendar file.
fn parse(text: &str, shown: &str) -> Result<BTreeMap<NaiveDate, DayKind>, Problems> {
    let mut problems = Problems::default();
    let mut exceptions = BTreeMap::new();
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, line)| line.trim()) != Some("date,kind") {
        let message = Text::new(
            format!("{shown}:1：首行应为 `date,kind`"),
            format!("{shown}:1: the first line is not `date,kind`"),
        );
        problems.add(message, None);
    }
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let number = index + 1;
        let (date, kind) = line.split_once(',').unwrap_or((line, ""));
        let date = NaiveDate::parse_from_str(date.trim(), "%Y-%m-%d").ok().filter(|date| YEARS.contains(&date.year()));
        let kind = match kind.trim() {
            "holiday" => Some(DayKind::Holiday),
            "workday" => Some(DayKind::Workday),
            _ => None,
        };
        let (Some(date), Some(kind)) = (date, kind) else {
            let line = line.trim();
            let message = Text::new(
                format!("{shown}:{number}：`{line}` 不是日期和类别"),
                format!("{shown}:{number}: `{line}` is no day"),
            );
            let help = Text::new(
                "写日期和 holiday 或 workday，如 2026-10-01,holiday",
                "write a date and `holiday` or `workday`, such as 2026-10-01,holiday",
            );
            problems.add(message, Some(help));
            continue;
        };
        if exceptions.insert(date, kind).is_some_and(|before| before != kind) {
            let message = Text::new(
                format!("{shown}:{number}：{date} 既是 holiday 又是 workday"),
                format!("{shown}:{number}: {date} is both holiday and workday"),
            );
            problems.add(message, None);
        }
    }
    problems.into_result(exceptions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn calendar() -> Calendar {
        Calendar::built_in().expect("the file in the binary")
    }

    /// Counted by hand on the announced calendars of 2024 to 2026; an independent package gives the same.
    #[test]
    fn deadlines_of_months() {
        let months = [
            ("2024-12", "2025-01-07", "2025-01-08", "2025-01-10"),
            ("2025-01", "2025-02-08", "2025-02-10", "2025-02-12"),
            ("2025-03", "2025-04-07", "2025-04-08", "2025-04-10"),
            ("2025-06", "2025-07-04", "2025-07-07", "2025-07-09"),
            ("2025-09", "2025-10-13", "2025-10-14", "2025-10-16"),
            ("2025-12", "2026-01-07", "2026-01-08", "2026-01-12"),
            ("2026-01", "2026-02-05", "2026-02-06", "2026-02-10"),
            ("2026-03", "2026-04-07", "2026-04-08", "2026-04-10"),
            ("2026-04", "2026-05-09", "2026-05-11", "2026-05-13"),
            ("2026-06", "2026-07-06", "2026-07-07", "2026-07-09"),
            ("2026-09", "2026-10-12", "2026-10-13", "2026-10-15"),
            ("2026-10", "2026-11-05", "2026-11-06", "2026-11-10"),
        ];
        for (month, submission, correction, report) in months {
            let deadlines = calendar().deadlines(month.parse().expect("a month")).expect("years are there");
            let expected = Deadlines { submission: day(submission), correction: day(correction), report: day(report) };
            assert_eq!(deadlines, expected, "{month}");
        }
    }

    #[test]
    fn the_days_up_to_the_report() {
        let days = calendar().working_days("2026-09".parse().expect("a month")).expect("2026 is there");
        let expected = ["08", "09", "10", "12", "13", "14", "15"].map(|number| day(&format!("2026-10-{number}")));
        assert_eq!(days, expected);
    }

    #[test]
    fn days_of_2026() {
        let calendar = calendar();
        let work = |text| calendar.is_working_day(day(text)).expect("2026 is there");
        assert!(work("2026-05-09") && work("2026-10-30") && work("2026-01-04"));
        assert!(!work("2026-10-01") && !work("2026-10-31") && !work("2026-01-01"));
    }

    #[test]
    fn counting_forth_and_back_agree() {
        let calendar = calendar();
        let from = day("2026-04-30");
        for days in 0..60 {
            let to = calendar.add_working_days(from, days).expect("2026 is there");
            assert_eq!(calendar.working_days_between(from, to), Ok(i64::from(days)));
            assert_eq!(calendar.working_days_between(to, from), Ok(-i64::from(days)));
        }
        // From a Saturday to the Monday after is one working day.
        assert_eq!(calendar.working_days_between(day("2026-10-31"), day("2026-11-02")), Ok(1));
    }

    #[test]
    fn a_missing_year_is_an_error() {
        let calendar = calendar();
        assert_eq!(calendar.years().collect::<Vec<_>>(), (2015..=2026).collect::<Vec<_>>());
        let missing = |year| Err(MissingYear { year });
        assert_eq!(calendar.is_working_day(day("2027-01-04")).map(|_| ()), missing(2027));
        assert_eq!(calendar.is_working_day(day("2014-12-31")).map(|_| ()), missing(2014));
        assert_eq!(calendar.deadlines("2026-12".parse().expect("a month")).map(|_| ()), missing(2027));
        assert_eq!(calendar.add_working_days(day("2026-12-30"), 2).map(|_| ()), missing(2027));
        assert_eq!(calendar.working_days_between(day("2026-12-30"), day("2027-01-04")).map(|_| ()), missing(2027));
        // Counting begins after the first day: the last day of a missing year does no harm.
        assert_eq!(calendar.add_working_days(day("2014-12-31"), 1), Ok(day("2015-01-04")));
        let text = MissingYear { year: 2027 }.text();
        assert!(text.zh.contains("2027-01-01,holiday") && text.en.contains("2027-01-01,holiday"));
    }

    #[test]
    fn a_file_adds_its_years() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("days.csv");
        std::fs::write(&path, "\u{feff}date,kind\r\n2027-01-01,holiday\r\n2027-01-03,workday\r\n").expect("written");
        let calendar = Calendar::read(&path, "days.csv").expect("good");
        assert_eq!(calendar.add_working_days(day("2026-12-31"), 1), Ok(day("2027-01-03")));
        assert_eq!(calendar.is_working_day(day("2026-05-09")), Ok(true));
        assert_eq!(calendar.is_working_day(day("2028-01-03")), Err(MissingYear { year: 2028 }));
    }

    #[test]
    fn all_problems_of_a_file_are_reported() {
        let text = "day,kind\n2027-13-01,holiday\n2027-01-01,off\n2027-01-02,holiday\n2027-01-02,workday\n0027-01-01,holiday\n";
        let problems = parse(text, "days.csv").expect_err("bad lines").to_string();
        for place in ["days.csv:1:", "days.csv:2:", "days.csv:3:", "days.csv:5: 2027-01-02", "days.csv:6:"] {
            assert!(problems.contains(place), "{place} in {problems}");
        }
    }
}
