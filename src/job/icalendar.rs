//! The deadlines of periods as a calendar file that Outlook, WPS and telephones take in (RFC 5545).
//!
//! Knows nothing of how deadlines are found. The same deadlines give the same bytes: no clock is read.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

/// Longest line in octets, without its end (RFC 5545, section 3.1).
const LONGEST_LINE: usize = 75;

/// What there is one time zone of: deadlines are times of day in China, which has no summer time.
const ZONE: &str = "Asia/Shanghai";

/// An event: a deadline, with two reminders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its identity: the same for the same deadline in every file, so that a later file replaces it.
    pub uid: String,
    /// The day the description of it was valid from (`DTSTAMP`).
    pub stamp: NaiveDate,
    /// The day.
    pub day: NaiveDate,
    /// The time of day it is due at; the whole day if absent. The event then begins an hour before.
    pub due: Option<NaiveTime>,
    /// What is due.
    pub summary: String,
    /// More about it.
    pub description: String,
    /// Times of the reminders.
    pub reminders: Vec<NaiveDateTime>,
}

impl Event {
    fn begin(&self) -> NaiveDateTime {
        match self.due {
            Some(time) => self.day.and_time(time) - chrono::Duration::hours(1),
            None => self.day.and_time(NaiveTime::MIN),
        }
    }
}

/// A calendar of `events` called `name`.
pub fn calendar(name: &str, events: &[Event]) -> String {
    let mut lines = Lines(String::new());
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", "-//baosong//deadlines//ZH");
    lines.add("CALSCALE", "GREGORIAN");
    lines.add("X-WR-CALNAME", &escaped(name));
    lines.add("X-WR-TIMEZONE", ZONE);
    lines.add("BEGIN", "VTIMEZONE");
    lines.add("TZID", ZONE);
    lines.add("BEGIN", "STANDARD");
    lines.add("DTSTART", "19920101T000000");
    lines.add("TZOFFSETFROM", "+0800");
    lines.add("TZOFFSETTO", "+0800");
    lines.add("TZNAME", "CST");
    lines.add("END", "STANDARD");
    lines.add("END", "VTIMEZONE");
    for event in events {
        lines.event(event);
    }
    lines.add("END", "VCALENDAR");
    lines.0
}

struct Lines(String);

impl Lines {
    /// A property on as many lines as it takes; no character is torn apart.
    fn add(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for c in format!("{name}:{value}").chars() {
            if length + c.len_utf8() > LONGEST_LINE {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(c);
            length += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    fn event(&mut self, event: &Event) {
        self.add("BEGIN", "VEVENT");
        self.add("UID", &escaped(&event.uid));
        self.add("DTSTAMP", &event.stamp.format("%Y%m%dT000000Z").to_string());
        if let Some(time) = event.due {
            let local = |time: NaiveDateTime| time.format("%Y%m%dT%H%M%S").to_string();
            self.add(&format!("DTSTART;TZID={ZONE}"), &local(event.begin()));
            self.add(&format!("DTEND;TZID={ZONE}"), &local(event.day.and_time(time)));
        } else {
            let date = |day: NaiveDate| day.format("%Y%m%d").to_string();
            self.add("DTSTART;VALUE=DATE", &date(event.day));
            self.add("DTEND;VALUE=DATE", &date(event.day + Days::new(1)));
        }
        self.add("SUMMARY", &escaped(&event.summary));
        self.add("DESCRIPTION", &escaped(&event.description));
        self.add("TRANSP", "TRANSPARENT");
        for reminder in &event.reminders {
            self.add("BEGIN", "VALARM");
            self.add("ACTION", "DISPLAY");
            self.add("DESCRIPTION", &escaped(&event.summary));
            self.add("TRIGGER", &duration(*reminder - event.begin()));
            self.add("END", "VALARM");
        }
        self.add("END", "VEVENT");
    }
}

/// A text value (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A duration (RFC 5545, section 3.3.6), such as `-P1DT15H`.
fn duration(length: chrono::Duration) -> String {
    let minutes = length.num_minutes();
    let (days, rest) = (minutes.abs() / 1_440, minutes.abs() % 1_440);
    let mut text = if minutes < 0 { "-P".to_owned() } else { "P".to_owned() };
    // Writing to a String cannot fail.
    if days > 0 {
        let _ = write!(text, "{days}D");
    }
    if rest > 0 || days == 0 {
        text.push('T');
        if rest >= 60 {
            let _ = write!(text, "{}H", rest / 60);
        }
        if rest % 60 > 0 || rest < 60 {
            let _ = write!(text, "{}M", rest % 60);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("a time")
    }

    fn event() -> Event {
        Event {
            uid: "2026-10-t5".to_owned(),
            stamp: "2026-10-31".parse().expect("a day"),
            day: "2026-11-06".parse().expect("a day"),
            due: NaiveTime::from_hms_opt(12, 0, 0),
            summary: "更正后重报; 逗号, 反斜杠\\\n下一行".repeat(4),
            description: String::new(),
            reminders: vec![at("2026-11-05T09:00:00"), at("2026-11-06T09:00:00")],
        }
    }

    #[test]
    fn lines_are_folded_between_characters_and_end_in_crlf() {
        let text = calendar("报送期限", &[event()]);
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        let lines: Vec<_> = text.split_terminator("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with(' ') && line.len() > 70), "something is folded");
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains("SUMMARY:更正后重报\\; 逗号\\, 反斜杠\\\\\\n下一行更正后重报\\;"));
    }

    #[test]
    fn an_event_has_its_times_and_reminders() {
        let text = calendar("报送期限", &[event(), Event { due: None, ..event() }]);
        for line in [
            "UID:2026-10-t5",
            "DTSTAMP:20261031T000000Z",
            "DTSTART;TZID=Asia/Shanghai:20261106T110000",
            "DTEND;TZID=Asia/Shanghai:20261106T120000",
            // The event begins at 11:00: 26 hours, and two, before.
            "TRIGGER:-P1DT2H",
            "TRIGGER:-PT2H",
            "DTSTART;VALUE=DATE:20261106",
            "DTEND;VALUE=DATE:20261107",
            // The day begins at midnight: 15 hours before, and nine after.
            "TRIGGER:-PT15H",
            "TRIGGER:PT9H",
        ] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in\n{text}");
        }
    }

    #[test]
    fn durations_are_those_of_the_standard() {
        for (minutes, text) in
            [(0, "PT0M"), (90, "PT1H30M"), (-15, "-PT15M"), (-1_440, "-P1D"), (-5_220, "-P3DT15H"), (1_441, "P1DT1M")]
        {
            assert_eq!(duration(chrono::Duration::minutes(minutes)), text);
        }
    }
}
