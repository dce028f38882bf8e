//! What a cadence is once it is known to be good. Nothing here reads files or evaluates anything.

use crate::{pack::Source, text::Text};

/// Contacts that have to recur, or to follow an event.
#[derive(Clone, Debug)]
pub struct Cadence {
    /// Name, unique in the pack.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Index of the dataset whose records it is about.
    pub on: usize,
    /// Fields that together name a record.
    pub key: Vec<u16>,
    /// Field with the name shown.
    pub name: Option<u16>,
    /// Field with the person it falls to.
    pub owner: Option<u16>,
    /// The role it falls to, where the text names one.
    pub role: Option<Text>,
    /// Which records it is about, SQL; all without it.
    pub when: Option<String>,
    /// The scheme and the tiers it is about.
    pub tier: Option<(String, Vec<String>)>,
    /// When it is due.
    pub timing: Timing,
    /// A due day that is no working day moves to the next that is.
    pub workday: bool,
    /// Field with the day from which it counts.
    pub since: Option<u16>,
    /// Where it stands that it was done.
    pub done: Done,
    /// Where it comes from.
    pub source: Source,
}

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// So long after it was last done.
    Every(Span),
    /// Once in each of these.
    Per(Turn),
    /// After the day in a field.
    After {
        /// The field.
        event: u16,
        /// Not before.
        from: Option<Wait>,
        /// Not after.
        until: Wait,
    },
}

/// A length of time between two contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Days; a week has seven.
    Days(u32),
    /// Months, to the same day or the last of a shorter month; a quarter has three, a year twelve.
    Months(u32),
}

/// A part of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Monday to Sunday.
    Week,
    /// So many months that begin with the year: 1, 3, 6 or 12.
    Months(u32),
}

/// A time allowed after an event, which is day 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Calendar days.
    Days(u32),
    /// Working days.
    WorkingDays(u32),
}

/// Where it stands that something was done.
#[derive(Clone, Debug)]
pub enum Done {
    /// A date field of the record itself.
    Field(u16),
    /// Entries of a log.
    Log(Log),
}

/// A log of contacts.
#[derive(Clone, Debug)]
pub struct Log {
    /// Index of the dataset.
    pub dataset: usize,
    /// Its fields with the key of the record.
    pub key: Vec<u16>,
    /// Its field with the day.
    pub date: u16,
    /// Which entries count, SQL; all without it.
    pub when: Option<String>,
    /// Which of those reached the level of person asked for, SQL; all without it.
    pub level: Option<String>,
}
