//! The same error again: what earlier periods saw of a finding (Article 22 one).

use rusqlite::OptionalExtension as _;

use super::{Ledger, LedgerError, OpenRun, RunEntry, Sighting};
use crate::job::Period;

/// What earlier periods saw of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// In how many periods it was seen, this one included: 3 is 第3次.
    pub times: u32,
    /// The first of them.
    pub first_period: Period,
    /// The last before this one.
    pub last_period: Period,
}

const EARLIER: &str = "\
SELECT count(*), min(sighting.period), max(sighting.period)
FROM finding JOIN sighting ON sighting.finding = finding.id
WHERE finding.fingerprint = ?1 AND finding.series = ?2 AND sighting.period < ?3";

impl OpenRun<'_> {
    /// For each finding of the entry, in its order, what earlier periods saw of it. Findings of records without key are
    /// never repeats: they cannot be known again.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn repeats(&self, entry: &RunEntry) -> Result<Vec<Option<Repeat>>, LedgerError> {
        repeats(self.connection, entry).map_err(|error| LedgerError::storage(self.path, error))
    }
}

impl Ledger {
    /// As [`OpenRun::repeats`], without a run.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn repeats(&self, entry: &RunEntry) -> Result<Vec<Option<Repeat>>, LedgerError> {
        repeats(&self.connection, entry).map_err(self.fault())
    }
}

fn repeats(connection: &rusqlite::Connection, entry: &RunEntry) -> rusqlite::Result<Vec<Option<Repeat>>> {
    let nothing = || vec![None; entry.findings.len()];
    let Some(series) = super::record::series(connection, entry)? else { return Ok(nothing()) };
    let period = entry.period.to_string();
    let earlier = "SELECT 1 FROM sighting WHERE series = ?1 AND period < ?2 LIMIT 1";
    if connection.query_row(earlier, (series, &period), |_| Ok(())).optional()?.is_none() {
        return Ok(nothing());
    }
    let mut statement = connection.prepare(EARLIER)?;
    let mut look_up = |finding: &Sighting| {
        if !finding.can_repeat() {
            return Ok(None);
        }
        statement.query_row((&finding.fingerprint, series, &period), |row| {
            let count: u32 = row.get(0)?;
            Ok(match (period_at(row, 1)?, period_at(row, 2)?) {
                (Some(first_period), Some(last_period)) => Some(Repeat { times: count + 1, first_period, last_period }),
                _ => None,
            })
        })
    };
    entry.findings.iter().map(&mut look_up).collect()
}

/// A period from a column; none for null.
pub(super) fn period_at(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<Period>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| {
        text.parse().map_err(|error: String| {
            rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
        })
    })
    .transpose()
}
