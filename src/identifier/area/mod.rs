//! Codes of administrative divisions (GB/T 2260), current and former, with the years they were in use.
//!
//! The table unites public yearly editions from 1980 on; a name without a first year was there before. Changes after
//! 2024 are not all in it: a code it does not know is no proof, and the years are information only.

mod address;
mod short;

pub use address::in_address;

use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate};

const TABLE: &str = include_str!("../../../rules/common/data/area_codes.csv");

/// One name of a code, with the years it was in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Code, six digits.
    pub code: u32,
    /// Name of the division alone, without those above it.
    pub name: &'static str,
    /// First year; nothing if it was there before the table begins.
    pub from: Option<u16>,
    /// Last year; nothing if it is in use.
    pub until: Option<u16>,
}

/// The table, by code and then by years.
fn table() -> &'static [Area] {
    static AREAS: OnceLock<Vec<Area>> = OnceLock::new();
    AREAS.get_or_init(|| {
        let mut areas: Vec<Area> = TABLE.lines().skip(1).filter_map(parse).collect();
        areas.sort_by_key(|area| (area.code, area.from));
        areas
    })
}

/// Every code once, in order: one check reads four bytes a step and no names.
fn codes() -> &'static [u32] {
    static CODES: OnceLock<Vec<u32>> = OnceLock::new();
    CODES.get_or_init(|| {
        let mut codes: Vec<u32> = table().iter().map(|area| area.code).collect();
        codes.dedup();
        codes
    })
}

fn parse(line: &'static str) -> Option<Area> {
    let mut cells = line.split(',');
    let code = cells.next()?.parse().ok()?;
    let name = cells.next()?;
    let from = cells.next()?.parse().ok();
    let until = cells.next()?.parse().ok();
    Some(Area { code, name, from, until })
}

/// All rows of the codes from `first` up to but without `end`.
fn range(first: u32, end: u32) -> &'static [Area] {
    let areas = table();
    let start = areas.partition_point(|area| area.code < first);
    let stop = areas.partition_point(|area| area.code < end);
    areas.get(start..stop).unwrap_or_default()
}

/// Every name the code had, oldest first; empty if no year knows it.
pub fn names(code: u32) -> &'static [Area] {
    range(code, code + 1)
}

/// The code's name: the one in use, else the last one.
pub fn name(code: u32) -> Option<&'static str> {
    let names = names(code);
    names.iter().find(|area| area.until.is_none()).or(names.last()).map(|area| area.name)
}

/// Whether any year knows the code.
pub fn known(code: u32) -> bool {
    codes().binary_search(&code).is_ok()
}

/// Whether the code was in use in the year of `date`.
pub fn valid_on(code: u32, date: NaiveDate) -> bool {
    let year = date.year();
    names(code).iter().any(|area| {
        area.from.is_none_or(|from| i32::from(from) <= year) && area.until.is_none_or(|until| year <= i32::from(until))
    })
}

/// Whether the code is in use today, as far as the table goes.
fn in_use(code: u32) -> bool {
    names(code).iter().any(|area| area.until.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn every_line_is_read() {
        assert_eq!(table().len(), TABLE.lines().count() - 1);
        for area in table() {
            assert!((110_000..=999_999).contains(&area.code), "{area:?}");
            assert!(!area.name.is_empty() && area.name.chars().all(super::super::name::is_hanzi), "{area:?}");
            assert!(area.from.is_none_or(|from| area.until.is_none_or(|until| from <= until)), "{area:?}");
        }
    }

    #[test]
    fn a_code_has_one_name_in_use() {
        let mut current: Vec<u32> = table().iter().filter(|area| area.until.is_none()).map(|area| area.code).collect();
        let count = current.len();
        current.dedup();
        assert_eq!(current.len(), count);
        // One of the yearly editions gave this code to another city.
        assert_eq!(name(220_281), Some("蛟河市"));
    }

    #[test]
    fn codes_and_names() {
        assert_eq!(name(150_102), Some("新城区"));
        assert_eq!(name(150_105), Some("赛罕区"));
        assert_eq!(names(150_105).iter().map(|area| area.name).collect::<Vec<_>>(), ["郊区", "赛罕区"]);
        assert_eq!(name(990_102), None);
        assert!(known(152_701) && !known(150_199) && !known(0) && !known(u32::MAX - 1));
    }

    #[test]
    fn years() {
        assert!(valid_on(152_701, day("1983-01-01")));
        assert!(valid_on(152_701, day("2000-12-31")));
        assert!(!valid_on(152_701, day("1964-08-17")));
        assert!(!valid_on(152_701, day("2001-01-01")));
        assert!(valid_on(150_102, day("1949-10-01")) && valid_on(150_102, day("2026-10-31")));
        assert!(in_use(150_102) && !in_use(152_701));
    }
}
