//! How a finding stands in a period, and what a further run makes of it. Pure functions.

use std::{fmt, str::FromStr};

use crate::text::{Lang, Text};

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
    /// A later run of the period no longer finds it.
    Resolved,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 5] =
        [Status::New, Status::Open, Status::Reopened, Status::SourceNotCorrected, Status::Resolved];

    /// The name on the command line and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Status::New => "new",
            Status::Open => "open",
            Status::Reopened => "reopened",
            Status::SourceNotCorrected => "source-not-corrected",
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
            Status::Resolved => "已消除",
        };
        Text::new(zh, self.name().replace('-', " ")).get(lang).to_owned()
    }

    /// Whether something is left to do.
    pub fn is_open(self) -> bool {
        match self {
            Status::New | Status::Open | Status::Reopened | Status::SourceNotCorrected => true,
            Status::Resolved => false,
        }
    }

    /// The status of a finding in the first run of a period that sees it. `earlier` is how it stood in the last period
    /// before that saw it, and whether it has the same value as then.
    pub(super) fn at_first(earlier: Option<(Status, bool)>) -> Status {
        match earlier {
            None => Status::New,
            Some((Status::Resolved | Status::SourceNotCorrected, true)) => Status::SourceNotCorrected,
            Some(_) => Status::Open,
        }
    }

    /// The status after a further run of the period that sees it again. `same_input`: the run is the last one once more.
    pub(super) fn seen_again(self, same_input: bool) -> Status {
        match self {
            Status::New if same_input => Status::New,
            Status::New | Status::Open => Status::Open,
            Status::Reopened | Status::Resolved => Status::Reopened,
            Status::SourceNotCorrected => Status::SourceNotCorrected,
        }
    }

    /// The status after a further run of the period that does not see it, though it read what it stood in.
    pub(super) fn not_seen(self) -> Status {
        match self {
            Status::New | Status::Open | Status::Reopened | Status::SourceNotCorrected | Status::Resolved => {
                Status::Resolved
            }
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

impl rusqlite::types::ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl rusqlite::types::FromSql for Status {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error: String| rusqlite::types::FromSqlError::Other(error.into()))
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
        assert_eq!(Status::at_first(None), Status::New);
        assert_eq!(Status::at_first(Some((Status::Open, true))), Status::Open);
        assert_eq!(Status::at_first(Some((Status::Resolved, true))), Status::SourceNotCorrected);
        assert_eq!(Status::at_first(Some((Status::Resolved, false))), Status::Open);
        assert_eq!(Status::at_first(Some((Status::SourceNotCorrected, true))), Status::SourceNotCorrected);
    }

    #[test]
    fn further_runs_of_a_period_move_it_on() {
        assert_eq!(Status::New.seen_again(true), Status::New);
        assert_eq!(Status::New.seen_again(false), Status::Open);
        assert_eq!(Status::Resolved.seen_again(true), Status::Reopened);
        assert_eq!(Status::Reopened.seen_again(false), Status::Reopened);
        for status in Status::ALL {
            assert_eq!(status.not_seen(), Status::Resolved);
        }
    }
}
