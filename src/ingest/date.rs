//! Calendar days from texts and serial numbers.
//!
//! Knows nothing of cells, fields or files. A day is the number of days since 1970-01-01.

use chrono::{Datelike, NaiveDate};

use super::cell::DayTime;

/// 1970-01-01 counted from 0001-01-01.
const EPOCH_FROM_CE: i32 = 719_163;
/// 1970-01-01 as serial number of the 1900 system, which counts a 29 February 1900 that never was.
const EPOCH_1900: f64 = 25_569.0;
/// 1970-01-01 as serial number of the 1904 system.
const EPOCH_1904: f64 = 24_107.0;
/// Seconds of a day.
const DAY_SECONDS: f64 = 86_400.0;

/// The day as number.
pub fn day_of(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_FROM_CE
}

/// The day as date.
pub fn date_of(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day.checked_add(EPOCH_FROM_CE)?)
}

/// The point in time a serial number stands for; none outside the years 1900 to 9999, nor for the fake 29 February 1900.
pub fn from_serial(serial: f64, is_1904: bool) -> Option<DayTime> {
    let whole = serial.floor();
    let epoch = if is_1904 {
        EPOCH_1904
    } else if whole < 60.0 {
        EPOCH_1900 - 1.0
    } else if whole < 61.0 {
        return None;
    } else {
        EPOCH_1900
    };
    let limit = if is_1904 { 0.0 } else { 1.0 };
    if !(limit..2_958_466.0).contains(&serial) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are in range by the test above")]
    let (day, second) = ((whole - epoch) as i32, ((serial - whole) * DAY_SECONDS).round() as u32);
    // Half a second before midnight rounds to the next day.
    Some(if second == 86_400 { DayTime { day: day + 1, second: 0 } } else { DayTime { day, second } })
}

/// The day of a serial number in a cell that is not formatted as a date: only whole numbers between 1950 and 2100.
pub fn from_plain_serial(serial: f64, is_1904: bool) -> Option<i32> {
    let point = from_serial(serial, is_1904)?;
    (point.second == 0 && is_plausible(point.day)).then_some(point.day)
}

fn is_plausible(day: i32) -> bool {
    date_of(day).is_some_and(|date| (1950..2100).contains(&date.year()))
}

/// The day of a number such as 20260930, between 1950 and 2100.
pub fn from_digits(value: f64) -> Option<i32> {
    #[allow(clippy::float_cmp, reason = "whole numbers only")]
    if !(19_500_101.0..21_000_101.0).contains(&value) || value.trunc() != value {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "eight digits")]
    let digits = value as u32;
    let year = i32::try_from(digits / 10_000).ok()?;
    NaiveDate::from_ymd_opt(year, digits / 100 % 100, digits % 100).map(day_of)
}

/// The day of a text, and whether it is written `2026-09-30`. Accepted are `2026-09-30`, `2026/9/30`, `2026.9.30`,
/// `20260930` and `2026年9月30日`, each also with a time of midnight behind it as exports write it.
pub fn from_text(text: &str) -> Option<(i32, bool)> {
    let text = text.trim();
    let (date, midnight) = match text.split_once([' ', 'T']) {
        Some((date, time)) => {
            let zero = time.trim().bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'));
            (date, zero.then_some(true)?)
        }
        None => (text, false),
    };
    let (year, month, day) = if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        (date.get(0..4)?, date.get(4..6)?, date.get(6..8)?)
    } else if let Some((year, rest)) = date.split_once('年') {
        let (month, day) = rest.split_once('月')?;
        (year, month, day.strip_suffix('日')?)
    } else {
        let separator = ['-', '/', '.'].into_iter().find(|separator| date.contains(*separator))?;
        let (year, rest) = date.split_once(separator)?;
        let (month, day) = rest.split_once(separator)?;
        (year, month, day)
    };
    let number = |text: &str, longest: usize| -> Option<u32> {
        let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    if year.len() != 4 {
        return None;
    }
    let date_value =
        NaiveDate::from_ymd_opt(i32::try_from(number(year, 4)?).ok()?, number(month, 2)?, number(day, 2)?)?;
    let iso = !midnight && date.len() == 10 && date.as_bytes().get(4) == Some(&b'-');
    Some((day_of(date_value), iso))
}

/// The point in time of an ISO 8601 text such as `2026-09-30T12:00:00`.
pub fn from_iso(text: &str) -> Option<DayTime> {
    let date: NaiveDate = text.get(0..10)?.parse().ok()?;
    let part = |at: usize| text.get(at..at + 2).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    Some(DayTime { day: day_of(date), second: part(11) * 3600 + part(14) * 60 + part(17) })
}

/// The point in time as text: the day, and the time if it is not midnight.
pub fn shown(point: DayTime) -> String {
    let Some(date) = date_of(point.day) else { return point.day.to_string() };
    if point.second == 0 {
        return date.to_string();
    }
    let second = point.second;
    format!("{date} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(day: i32) -> String {
        date_of(day).expect("a date").to_string()
    }

    /// 2026-09-30 is 46295 in the 1900 system and 44833 in the 1904 system.
    #[test]
    fn serials_of_both_epochs() {
        assert_eq!(from_plain_serial(46_295.0, false).map(iso).as_deref(), Some("2026-09-30"));
        assert_eq!(from_plain_serial(44_833.0, true).map(iso).as_deref(), Some("2026-09-30"));
        assert_eq!(from_serial(1.0, false).map(|point| iso(point.day)).as_deref(), Some("1900-01-01"));
        assert_eq!(from_serial(59.0, false).map(|point| iso(point.day)).as_deref(), Some("1900-02-28"));
        assert_eq!(from_serial(60.0, false), None);
        assert_eq!(from_serial(61.0, false).map(|point| iso(point.day)).as_deref(), Some("1900-03-01"));
        assert_eq!(from_serial(0.0, true).map(|point| iso(point.day)).as_deref(), Some("1904-01-01"));
        assert_eq!(from_serial(46_295.5, false).map(shown).as_deref(), Some("2026-09-30 12:00:00"));
        for outside in [-1.0, 0.0, 18_000.0, 80_000.0, 46_295.5, 20_260_930.0] {
            assert_eq!(from_plain_serial(outside, false), None, "{outside}");
        }
    }

    #[test]
    fn texts_of_the_list_and_no_others() {
        for (text, is_iso) in [
            ("2026-09-30", true),
            ("2026/9/30", false),
            ("2026/09/30", false),
            ("2026.9.30", false),
            ("2026-9-30", false),
            ("20260930", false),
            ("2026年9月30日", false),
            ("2026-09-30 00:00:00", false),
            ("2026-09-30T00:00:00.000", false),
        ] {
            assert_eq!(
                from_text(text).map(|(day, iso_form)| (iso(day), iso_form)),
                Some(("2026-09-30".into(), is_iso))
            );
        }
        for text in [
            "2026年9月",
            "2026-09",
            "30/9/2026",
            "26-9-30",
            "2026-02-30",
            "2026-09-30 12:00",
            "2026/9-30",
            "二〇二六",
            "",
        ] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }

    #[test]
    fn eight_digits_stored_as_number() {
        assert_eq!(from_digits(20_260_930.0).map(iso).as_deref(), Some("2026-09-30"));
        assert_eq!(from_digits(20_260_931.0), None);
        assert_eq!(from_digits(20_260_930.5), None);
        assert_eq!(from_digits(99_999_999.0), None);
    }
}
