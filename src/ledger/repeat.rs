//! The same error again: what earlier periods saw of a finding (Article 22 one).

use rusqlite::{Connection, OptionalExtension as _};

use super::{
    FindingRow, Ledger, LedgerError, OpenRun, RunEntry, Seen, Sighting,
    history::{SEEN, seen},
    list::{Lines, period_at},
    record::series_of,
};
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

/// What all periods together saw of a finding.
const KNOWN: &str = "\
SELECT id, times, first_period, last_period FROM finding WHERE fingerprint = ?1 AND series = ?2";

/// What the periods before one saw of a finding.
const EARLIER: &str = "\
SELECT count(*), min(period), max(period) FROM sighting WHERE finding = ?1 AND period < ?2";

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

fn repeats(connection: &Connection, entry: &RunEntry) -> rusqlite::Result<Vec<Option<Repeat>>> {
    // Without it the file would be locked and unlocked for each finding.
    let connection = connection.unchecked_transaction()?;
    let nothing = || vec![None; entry.findings.len()];
    let Some(series) = series_of(&connection, &entry.pack, entry.period)? else { return Ok(nothing()) };
    let period = entry.period.to_string();
    let earlier = "SELECT 1 FROM sighting WHERE series = ?1 AND period < ?2 LIMIT 1";
    if connection.query_row(earlier, (series, &period), |_| Ok(())).optional()?.is_none() {
        return Ok(nothing());
    }
    let (mut known, mut before) = (connection.prepare(KNOWN)?, connection.prepare(EARLIER)?);
    let mut look_up = |finding: &Sighting| {
        if !finding.can_repeat() {
            return Ok(None);
        }
        let found = known.query_row((&finding.fingerprint, series), |row| {
            Ok((row.get::<_, i64>(0)?, (row.get(1)?, period_at(row, 2)?, period_at(row, 3)?)))
        });
        let repeat = |(times, first_period, last_period): (u32, Period, Period)| {
            Some(Repeat { times: times + 1, first_period, last_period })
        };
        match found.optional()? {
            None => Ok(None),
            // Mostly this period is the latest, and new: all that is known was before it.
            Some((_, all)) if all.2 < entry.period => Ok(repeat(all)),
            Some((_, all)) if all.1 >= entry.period => Ok(None),
            Some((finding, _)) => before
                .query_row((finding, &period), |row| Ok(repeat((row.get(0)?, period_at(row, 1)?, period_at(row, 2)?)))),
        }
    };
    entry.findings.iter().map(&mut look_up).collect()
}

/// A finding of a period that earlier periods saw too: evidence for Article 22 one, never more than that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The finding in the period.
    pub row: FindingRow,
    /// The periods that saw it, this one included, oldest first.
    pub seen: Vec<Seen>,
}

impl Ledger {
    /// The findings of `period` that at least `times` periods saw between `since` and it, itself included; by unit and
    /// rule. Findings of records without key are left out.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn repeated(
        &self,
        pack: &str,
        period: Period,
        since: Period,
        times: usize,
    ) -> Result<Vec<Repeated>, LedgerError> {
        let read = || {
            let connection = self.connection.unchecked_transaction()?;
            repeated(&connection, pack, period, since, times)
        };
        read().map_err(self.fault())
    }
}

pub(super) fn repeated(
    connection: &Connection,
    pack: &str,
    period: Period,
    since: Period,
    times: usize,
) -> rusqlite::Result<Vec<Repeated>> {
    let Some(series) = series_of(connection, pack, period)? else { return Ok(Vec::new()) };
    let mut findings = connection.prepare(REPEATED)?;
    let text = period.to_string();
    let mut findings = findings.query((series, &text, since.to_string()))?;
    let mut lines = Lines::new(connection)?;
    let mut seen_in = connection.prepare(SEEN)?;
    let mut repeated = Vec::new();
    while let Some(row) = findings.next()? {
        let finding = row.get(0)?;
        let mut seen = seen(&mut seen_in, finding)?;
        seen.retain(|seen| since <= seen.period && seen.period <= period);
        if seen.len() >= times {
            repeated.push(Repeated { row: lines.line(finding, &text)?, seen });
        }
    }
    Ok(repeated)
}

/// Findings of a period that an earlier one, not before ?3, saw too. Answered from the index and the findings.
const REPEATED: &str = "\
SELECT sighting.finding FROM sighting JOIN finding ON finding.id = sighting.finding \
WHERE sighting.series = ?1 AND sighting.period = ?2 AND finding.first_period < ?2 \
AND (finding.key_hash IS NULL OR length(finding.key_hash) > 0) \
AND EXISTS (SELECT 1 FROM sighting AS before WHERE before.finding = finding.id \
AND before.period >= ?3 AND before.period < ?2) \
ORDER BY sighting.unit, sighting.rule, sighting.finding";
