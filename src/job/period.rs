//! Reporting periods: months and quarters.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::text::Text;

/// A month (`2026-10`) or quarter (`2026Q3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first_day: NaiveDate,
    months: u32,
}

impl Period {
    /// The month of `year`, if there is such a month (1 to 12).
    pub fn month(year: i32, month: u32) -> Option<Self> {
        Some(Self { first_day: NaiveDate::from_ymd_opt(year, month, 1)?, months: 1 })
    }

    /// The month a day lies in.
    pub fn month_of(day: NaiveDate) -> Self {
        Self { first_day: day - Days::new(u64::from(day.day0())), months: 1 }
    }

    /// The quarter of `year`, if there is such a quarter (1 to 4).
    pub fn quarter(year: i32, quarter: u32) -> Option<Self> {
        let month = quarter.checked_sub(1)?.checked_mul(3)? + 1;
        Some(Self { first_day: NaiveDate::from_ymd_opt(year, month, 1)?, months: 3 })
    }

    /// First day.
    pub fn first_day(self) -> NaiveDate {
        self.first_day
    }

    /// The data date: last day of the period.
    pub fn data_date(self) -> NaiveDate {
        self.first_day + Months::new(self.months) - Days::new(1)
    }

    /// The period before.
    #[must_use]
    pub fn prior(self) -> Self {
        Self { first_day: self.first_day - Months::new(self.months), months: self.months }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.first_day.year(), self.first_day.month());
        if self.months == 3 { write!(f, "{year:04}Q{}", month.div_ceil(3)) } else { write!(f, "{year:04}-{month:02}") }
    }
}

/// A text that is no period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPeriod(Text);

impl NoPeriod {
    /// What was found and how periods are written.
    pub fn text(&self) -> &Text {
        &self.0
    }
}

impl fmt::Display for NoPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for NoPeriod {}

impl FromStr for Period {
    type Err = NoPeriod;

    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        let parts = |separator| {
            let (year, rest) = text.split_once(separator)?;
            (year.len() == 4).then_some(())?;
            Some((year.parse().ok()?, rest.parse().ok()?))
        };
        let period = match (parts('-'), parts('Q')) {
            (Some((year, month)), _) => Period::month(year, month),
            (_, Some((year, quarter))) => Period::quarter(year, quarter),
            _ => None,
        };
        period.ok_or_else(|| {
            NoPeriod(Text::new(
                format!("`{text}` 不是报告期；月份写成 2026-10，季度写成 2026Q3"),
                format!("`{text}` is no period; write a month such as 2026-10 or a quarter such as 2026Q3"),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_and_written() {
        for text in ["2026-10", "2026Q3", "2024-02"] {
            assert_eq!(text.parse::<Period>().expect("a period").to_string(), text);
        }
        for text in ["2026-13", "2026Q5", "26-10", "2026", "", "2026-1x", "2026Q0"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn data_date_is_the_last_day() {
        let date = |text: &str| text.parse::<Period>().expect("a period").data_date().to_string();
        assert_eq!(date("2024-02"), "2024-02-29");
        assert_eq!(date("2026Q4"), "2026-12-31");
    }

    #[test]
    fn prior_crosses_the_year() {
        let prior = |text: &str| text.parse::<Period>().expect("a period").prior().to_string();
        assert_eq!(prior("2026-01"), "2025-12");
        assert_eq!(prior("2026Q1"), "2025Q4");
    }
}
