//! Which quarter tiers are for, on data of which day, and whether the quarter is complete.

use chrono::{Datelike as _, NaiveDate};

use crate::{job::Period, problem::Problems, text::Text};

/// What tiers are calculated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The quarter.
    pub quarter: Period,
    /// The day of the data: the quarter's last, or an earlier one if a forecast was asked for.
    pub date: NaiveDate,
}

impl Basis {
    /// The basis of `quarter` on the data of a job for `job_period`. Without `as_of` the quarter must be over on `today`
    /// and the job must hold its last day.
    ///
    /// # Errors
    /// If it is no quarter, is not complete, or the day does not lie in it.
    pub fn new(
        quarter: Period,
        as_of: Option<NaiveDate>,
        job_period: Period,
        today: NaiveDate,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let end = quarter.data_date();
        if quarter_of(end) != quarter {
            let message = Text::new(format!("`{quarter}` 不是季度"), format!("`{quarter}` is no quarter"));
            problems.add(message, Some(Text::new("季度写成 2026Q3", "write a quarter such as 2026Q3")));
            return Err(problems);
        }
        let date = as_of.unwrap_or(end);
        if quarter_of(date) != quarter {
            let message = Text::new(format!("{date} 不在 {quarter} 之内"), format!("{date} does not lie in {quarter}"));
            problems.add(message, Some(Text::new("--as-of 写该季度内的一天", "--as-of is a day of the quarter")));
        }
        let last = job_period.data_date();
        if as_of.is_none() && (end >= today || last != end) {
            let why = if end >= today {
                Text::new(format!("{quarter} 到 {end} 才结束"), format!("{quarter} ends on {end}"))
            } else {
                Text::new(
                    format!("{quarter} 需要截至 {end} 的数据，作业的数据截至 {last}"),
                    format!("{quarter} takes data of {end}; the job's is of {last}"),
                )
            };
            let help = Text::new(
                "季度不完整不分级；要试算，用 --as-of 指明数据日期",
                "a quarter that is not complete is not calculated; for a forecast give the day of the data with --as-of",
            );
            problems.add(why, Some(help));
        } else if as_of.is_some() && quarter_of(last) != quarter {
            let message = Text::new(
                format!("作业的数据截至 {last}，不在 {quarter} 之内"),
                format!("the job's data is of {last}, which does not lie in {quarter}"),
            );
            problems.add(message, None);
        }
        problems.into_result(Self { quarter, date })
    }

    /// Whether it is a forecast: the quarter is not over on the day of the data.
    pub fn forecast(&self) -> bool {
        self.date != self.quarter.data_date()
    }
}

/// The quarter a day lies in.
pub fn quarter_of(day: NaiveDate) -> Period {
    Period::quarter(day.year(), day.month0() / 3 + 1).unwrap_or_else(|| Period::month_of(day))
}

/// Quarters from one to another; not negative.
pub fn quarters_between(from: Period, to: Period) -> u32 {
    let number =
        |period: Period| period.first_day().year() * 4 + i32::try_from(period.first_day().month0() / 3).unwrap_or(0);
    u32::try_from(number(to) - number(from)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis(quarter: &str, as_of: Option<&str>, job: &str, today: &str) -> Result<Basis, String> {
        let day = |text: &str| text.parse().expect("a day");
        let period = |text: &str| text.parse().expect("a period");
        Basis::new(period(quarter), as_of.map(day), period(job), day(today)).map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_quarter_is_complete_on_the_day_after_its_last() {
        assert!(basis("2026Q3", None, "2026-09", "2026-10-01").is_ok());
        assert!(basis("2026Q3", None, "2026Q3", "2026-10-01").is_ok());
        let early = basis("2026Q3", None, "2026-09", "2026-09-30").expect_err("not over");
        assert!(early.contains("2026Q3 ends on 2026-09-30") && early.contains("--as-of"), "{early}");
        let other = basis("2026Q3", None, "2026-08", "2026-10-01").expect_err("other data");
        assert!(other.contains("takes data of 2026-09-30; the job's is of 2026-08-31"), "{other}");
    }

    #[test]
    fn a_forecast_names_a_day_of_the_quarter() {
        let early = basis("2026Q3", Some("2026-08-31"), "2026-08", "2026-09-01").expect("a forecast");
        assert!(early.forecast() && early.date.to_string() == "2026-08-31");
        assert!(!basis("2026Q3", Some("2026-09-30"), "2026-09", "2026-09-01").expect("its last day").forecast());
        assert!(basis("2026Q3", Some("2026-10-01"), "2026-09", "2026-11-01").is_err());
        assert!(basis("2026Q3", Some("2026-08-31"), "2026-06", "2026-11-01").is_err());
        assert!(basis("2026-09", None, "2026-09", "2026-11-01").expect_err("a month").contains("is no quarter"));
    }

    #[test]
    fn quarters_are_counted_across_years() {
        let period = |text: &str| text.parse().expect("a period");
        for (from, to, count) in
            [("2026Q3", "2026Q3", 0), ("2025Q4", "2026Q1", 1), ("2024Q1", "2026Q3", 10), ("2026Q3", "2026Q1", 0)]
        {
            assert_eq!(quarters_between(period(from), period(to)), count, "{from} {to}");
        }
        assert_eq!(quarter_of("2024-02-29".parse().expect("a day")), period("2024Q1"));
        assert_eq!(quarter_of("2026-12-31".parse().expect("a day")), period("2026Q4"));
    }
}
