//! How a finding stands in a period, and what a further run, an explanation or a waiver makes of it. Pure functions.

use std::{fmt, str::FromStr};

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::{
    finding::Severity,
    text::{Lang, Text},
};

/// How a finding stands in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Status {
    /// Seen for the first time in any period, by the last run that saw it.
    New,
    /// Seen by an earlier run of the same period, or in an earlier period.
    Open,
    /// Had been resolved in this period, and is back.
    Reopened,
    /// Had been fixed in the file of an earlier period, and the same wrong value is back: the source system still has it
    /// (Article 14).
    SourceNotCorrected,
    /// Explained, with the value it has (提示性 findings only: others must be fixed).
    Explained,
    /// Waived, with the value it has.
    Waived,
    /// No longer there, because a corrected value stands in place of the one in the file.
    Corrected,
    /// A later run of the period no longer finds it.
    Resolved,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 8] = [
        Status::New,
        Status::Open,
        Status::Reopened,
        Status::SourceNotCorrected,
        Status::Explained,
        Status::Waived,
        Status::Corrected,
        Status::Resolved,
    ];

    /// The name on the command line and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Status::New => "new",
            Status::Open => "open",
            Status::Reopened => "reopened",
            Status::SourceNotCorrected => "source-not-corrected",
            Status::Explained => "explained",
            Status::Waived => "waived",
            Status::Corrected => "corrected",
            Status::Resolved => "resolved",
        }
    }

    /// What people read.
    pub fn title(self, lang: Lang) -> String {
        let zh = match self {
            Status::New => "新增",
            Status::Open => "未处理",
            Status::Reopened => "再次出现",
            Status::SourceNotCorrected => "源系统未修改",
            Status::Explained => "已说明",
            Status::Waived => "已豁免",
            Status::Corrected => "已更正",
            Status::Resolved => "已消除",
        };
        Text::new(zh, self.name().replace('-', " ")).get(lang).to_owned()
    }

    /// Whether something is left to do.
    pub fn is_open(self) -> bool {
        match self {
            Status::New | Status::Open | Status::Reopened | Status::SourceNotCorrected => true,
            Status::Explained | Status::Waived | Status::Corrected | Status::Resolved => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Status::ALL.into_iter().find(|status| status.name() == text).ok_or_else(|| format!("`{text}` is no status"))
    }
}

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error: String| FromSqlError::Other(error.into()))
    }
}

/// What runs alone make of a finding. Kept beside the status, which an explanation or waiver may hide it behind and must
/// give back when it no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    New,
    Open,
    Reopened,
    SourceNotCorrected,
    Corrected,
    Resolved,
}

impl State {
    /// The state of a finding in the first run of a period that sees it. `earlier` is how it stood in the last period
    /// before that saw it, and whether it has the same value as then.
    pub fn at_first(earlier: Option<(State, bool)>) -> State {
        match earlier {
            None => State::New,
            Some((State::Corrected | State::Resolved | State::SourceNotCorrected, true)) => State::SourceNotCorrected,
            Some(_) => State::Open,
        }
    }

    /// Whether the last run that looked no longer saw it.
    pub fn is_gone(self) -> bool {
        matches!(self, State::Corrected | State::Resolved)
    }

    /// The state after a further run of the period that sees it again. `same_input`: the run is the last one once more.
    pub fn seen_again(self, same_input: bool) -> State {
        match self {
            State::New if same_input => State::New,
            State::New | State::Open => State::Open,
            State::Reopened | State::Corrected | State::Resolved => State::Reopened,
            State::SourceNotCorrected => State::SourceNotCorrected,
        }
    }

    /// The status that shows, given whether there is an explanation or a waiver for the value it has, and whether its
    /// rule can be waived at all.
    pub fn status(self, severity: Severity, answer: Answer) -> Status {
        match self {
            State::Corrected => Status::Corrected,
            State::Resolved => Status::Resolved,
            _ if answer.waived && !answer.mandatory => Status::Waived,
            _ if answer.explained && severity != Severity::Error => Status::Explained,
            State::New => Status::New,
            State::Open => Status::Open,
            State::Reopened => Status::Reopened,
            State::SourceNotCorrected => Status::SourceNotCorrected,
        }
    }
}

/// What people have said about a finding with the value it has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answer {
    /// It is explained.
    pub explained: bool,
    /// A waiver is in force.
    pub waived: bool,
    /// Its rule cannot be waived.
    pub mandatory: bool,
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.status(Severity::Error, Answer::default()).name().into())
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match Status::column_result(value)? {
            Status::New => Ok(State::New),
            Status::Open => Ok(State::Open),
            Status::Reopened => Ok(State::Reopened),
            Status::SourceNotCorrected => Ok(State::SourceNotCorrected),
            Status::Corrected => Ok(State::Corrected),
            Status::Resolved => Ok(State::Resolved),
            Status::Explained | Status::Waived => Err(FromSqlError::InvalidType),
        }
    }
}

impl FromSql for Severity {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        let known = [Severity::Error, Severity::Warning, Severity::Info];
        known.into_iter().find(|severity| severity.name() == text).ok_or(FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for status in Status::ALL {
            assert_eq!(status.name().parse(), Ok(status));
            assert!(!status.title(Lang::Zh).is_ascii());
        }
        assert!("neu".parse::<Status>().is_err());
    }

    #[test]
    fn the_first_run_of_a_period_looks_at_earlier_periods() {
        assert_eq!(State::at_first(None), State::New);
        assert_eq!(State::at_first(Some((State::Open, true))), State::Open);
        assert_eq!(State::at_first(Some((State::Resolved, true))), State::SourceNotCorrected);
        assert_eq!(State::at_first(Some((State::Corrected, true))), State::SourceNotCorrected);
        assert_eq!(State::at_first(Some((State::Resolved, false))), State::Open);
        assert_eq!(State::at_first(Some((State::SourceNotCorrected, true))), State::SourceNotCorrected);
    }

    #[test]
    fn further_runs_of_a_period_move_it_on() {
        assert_eq!(State::New.seen_again(true), State::New);
        assert_eq!(State::New.seen_again(false), State::Open);
        assert_eq!(State::Resolved.seen_again(true), State::Reopened);
        assert_eq!(State::Corrected.seen_again(false), State::Reopened);
        assert_eq!(State::Reopened.seen_again(false), State::Reopened);
        assert_eq!(State::SourceNotCorrected.seen_again(false), State::SourceNotCorrected);
    }

    #[test]
    fn errors_are_not_explained_away_and_mandatory_ones_not_waived() {
        let explained = Answer { explained: true, ..Answer::default() };
        let waived = Answer { waived: true, ..Answer::default() };
        assert_eq!(State::New.status(Severity::Warning, explained), Status::Explained);
        assert_eq!(State::New.status(Severity::Error, explained), Status::New);
        assert_eq!(State::Open.status(Severity::Error, waived), Status::Waived);
        assert_eq!(State::Open.status(Severity::Error, Answer { mandatory: true, ..waived }), Status::Open);
        assert_eq!(State::Resolved.status(Severity::Error, waived), Status::Resolved);
    }
}
