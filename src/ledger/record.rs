//! Recording a run: everything of it in one transaction.

use chrono::NaiveDateTime;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{
    Ledger, LedgerError, OpenRun, RunEntry, Status, Unread,
    amend::{write_answers, write_corrections},
    answer::Answers,
    findings::write_findings,
    gate::timeliness_name,
    handed_in::write_handed_in,
    lock::TIME,
};
use crate::{finding::Severity, job::Period};

/// A recorded run that is not committed yet. Dropped, it is as if it had not been.
#[derive(Debug)]
pub struct Recorded<'r> {
    pub(super) transaction: Transaction<'r>,
    pub(super) path: &'r std::path::Path,
    tally: Tally,
}

/// What a run made of the period's findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Seen for the first time in any period.
    pub new: u64,
    /// Seen before, and still there.
    pub open: u64,
    /// Back after having been resolved in this period.
    pub reopened: u64,
    /// Fixed in the file of an earlier period, and back with the same value.
    pub source_not_corrected: u64,
    /// Explained, with the value they have.
    pub explained: u64,
    /// Waived, with the value they have.
    pub waived: u64,
    /// Seen by an earlier run of the period, and no longer by this one, because a value was corrected.
    pub corrected: u64,
    /// Seen by an earlier run of the period, and no longer by this one.
    pub resolved: u64,
    /// Of the findings this run sees: those seen in earlier periods too.
    pub repeated: u64,
    /// Seen by an earlier run, and now neither seen nor resolved: the unit's file is missing or could not be read.
    pub undecided: u64,
}

impl Tally {
    pub(super) fn count(&mut self, status: Status) {
        match status {
            Status::New => self.new += 1,
            Status::Open => self.open += 1,
            Status::Reopened => self.reopened += 1,
            Status::SourceNotCorrected => self.source_not_corrected += 1,
            Status::Explained => self.explained += 1,
            Status::Waived => self.waived += 1,
            Status::Corrected => self.corrected += 1,
            Status::Resolved => self.resolved += 1,
        }
    }
}

impl OpenRun<'_> {
    /// Writes the run, the files handed in and the findings, all in one transaction that is left to be committed.
    ///
    /// # Errors
    /// If the ledger cannot be written; it is then as before.
    pub fn record(&mut self, entry: &RunEntry, now: NaiveDateTime) -> Result<Recorded<'_>, LedgerError> {
        let path = self.path;
        let storage = |error| LedgerError::storage(path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        let tally = record(&transaction, entry, now).map_err(storage)?;
        Ok(Recorded { transaction, path, tally })
    }
}

impl Recorded<'_> {
    /// What the run made of the period's findings.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Hands what is to be written to the disk already, so that a full disk shows before anything is published. From
    /// here on readers wait.
    ///
    /// # Errors
    /// If there is no room, or the ledger cannot be written; it is then as before.
    pub fn flush(&self) -> Result<(), LedgerError> {
        match self.transaction.cache_flush() {
            // Someone is reading: the commit waits for that.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
            other => other.map_err(|error| LedgerError::storage(self.path, error)),
        }
    }

    /// Makes it last.
    ///
    /// # Errors
    /// If the ledger cannot be written; it is then as before.
    pub fn commit(self) -> Result<Tally, LedgerError> {
        self.transaction.commit().map_err(|error| LedgerError::storage(self.path, error))?;
        Ok(self.tally)
    }
}

impl Ledger {
    /// Whether a run was recorded, by its identity in the manifest: if not, the outputs it wrote are not those the
    /// ledger knows, and the run is to be repeated.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn knows_run(&self, run: &str) -> Result<bool, LedgerError> {
        let found = self.connection.query_row("SELECT 1 FROM run WHERE content = ?1", [run], |_| Ok(()));
        Ok(found.optional().map_err(self.fault())?.is_some())
    }
}

/// The row of the series a pack's period is in, if the ledger has it.
pub fn series_of(connection: &Connection, pack: &str, period: Period) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT id FROM series WHERE pack = ?1 AND kind = ?2";
    connection.query_row(sql, (pack, kind(period)), |row| row.get(0)).optional()
}

fn kind(period: Period) -> &'static str {
    let days = period.data_date() - period.first_day();
    if days.num_days() > 31 { "quarter" } else { "month" }
}

fn record(transaction: &Transaction<'_>, entry: &RunEntry, now: NaiveDateTime) -> rusqlite::Result<Tally> {
    transaction.execute(
        "INSERT INTO series (pack, kind) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (&entry.pack, kind(entry.period)),
    )?;
    let Some(series) = series_of(transaction, &entry.pack, entry.period)? else {
        return Err(rusqlite::Error::QueryReturnedNoRows);
    };
    let period = entry.period.to_string();
    let last: Option<String> = transaction
        .query_row(
            "SELECT content FROM run WHERE series = ?1 AND period = ?2 ORDER BY id DESC LIMIT 1",
            (series, &period),
            |row| row.get(0),
        )
        .optional()?;
    let run = write_run(transaction, entry, series, &period, now)?;
    let today = now.date();
    let units = write_units(transaction, entry)?;
    let now = now.format(TIME).to_string();
    let scope = Scope { series, period: &period, run, units: &units, now: &now };
    write_standings(transaction, entry, &scope)?;
    write_submissions(transaction, entry, &scope)?;
    write_deadlines(transaction, entry, &scope)?;
    write_corrections(transaction, entry, &scope)?;
    let explained = entry.amendments.explanations.iter().map(|said| said.fingerprint.clone()).collect();
    let answers = Answers::read(transaction, &scope, today, explained)?;
    let tally = write_findings(transaction, entry, &scope, &answers, last.as_deref() == Some(&entry.run))?;
    write_answers(transaction, entry, &scope)?;
    write_handed_in(transaction, entry, &scope)?;
    Ok(tally)
}

/// What all rows of a run share.
pub struct Scope<'a> {
    /// Row of the series.
    pub series: i64,
    /// Period.
    pub period: &'a str,
    /// Row of the run.
    pub run: i64,
    /// Row of each unit of the entry.
    pub units: &'a [i64],
    /// When it is recorded.
    pub now: &'a str,
}

impl Scope<'_> {
    /// Row of a unit of the entry.
    pub fn unit(&self, index: usize) -> rusqlite::Result<i64> {
        self.units.get(index).copied().ok_or(rusqlite::Error::QueryReturnedNoRows)
    }
}

fn write_run(
    transaction: &Transaction<'_>,
    entry: &RunEntry,
    series: i64,
    period: &str,
    now: NaiveDateTime,
) -> rusqlite::Result<i64> {
    let unreadable = entry.submissions.iter().filter(|file| file.unreadable.is_some()).count();
    transaction.execute(
        "INSERT INTO run (series, period, content, recorded, edition, pack_hash, program, files, unreadable, records, \
         flagged, errors, warnings, infos) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            series,
            period,
            entry.run,
            now.format(TIME).to_string(),
            entry.edition,
            entry.pack_hash,
            entry.program,
            number(entry.submissions.len() as u64),
            number(unreadable as u64),
            number(entry.units.iter().map(|unit| unit.records).sum()),
            number(entry.units.iter().map(|unit| unit.flagged).sum()),
            number(entry.count(Severity::Error)),
            number(entry.count(Severity::Warning)),
            number(entry.count(Severity::Info)),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// A count as it is stored.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn write_units(transaction: &Transaction<'_>, entry: &RunEntry) -> rusqlite::Result<Vec<i64>> {
    let mut statement = transaction.prepare(
        "INSERT INTO unit (code, name) VALUES (?1, ?2) ON CONFLICT (code) DO UPDATE SET name = excluded.name \
         RETURNING id",
    )?;
    let mut write = |unit: &super::UnitEntry| statement.query_row((&unit.code, &unit.name), |row| row.get(0));
    entry.units.iter().map(&mut write).collect()
}

fn write_standings(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM standing WHERE series = ?1 AND period = ?2", (scope.series, scope.period))?;
    let mut statement = transaction.prepare(
        "INSERT INTO standing (series, period, unit, institution, timeliness, received, unread, records, flagged, run, \
         resubmitted, officer, officer_since, handover, reviewer, at_risk_fen) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    for (unit, row) in entry.units.iter().zip(scope.units) {
        statement.execute(params![
            scope.series,
            scope.period,
            row,
            unit.institution,
            timeliness_name(unit.timeliness),
            unit.received.map(|time| time.format(TIME).to_string()),
            unit.unread != Unread::Datasets(Vec::new()),
            number(unit.records),
            number(unit.flagged),
            scope.run,
            unit.resubmitted.map(|time| time.format(TIME).to_string()),
            unit.people.officer,
            unit.people.since,
            unit.people.handover,
            unit.people.reviewer,
            unit.at_risk_fen.map(|fen| fen.to_string()),
        ])?;
    }
    Ok(())
}

fn write_deadlines(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<()> {
    let Some(deadlines) = &entry.deadlines else { return Ok(()) };
    let days = [deadlines.submission, deadlines.correction, deadlines.report];
    let [submission, correction, report] = days.map(|day| day.to_string());
    transaction.execute(
        "INSERT OR REPLACE INTO deadline (series, period, submission, correction, report) VALUES (?1, ?2, ?3, ?4, ?5)",
        (scope.series, scope.period, submission, correction, report),
    )?;
    Ok(())
}

fn write_submissions(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare(
        "INSERT INTO submission (series, period, unit, file, sha256, bytes, received, unreadable, first_run, last_run, \
         channel) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10) \
         ON CONFLICT DO UPDATE SET received = coalesce(received, excluded.received), \
         channel = coalesce(channel, excluded.channel), unreadable = excluded.unreadable, last_run = excluded.last_run",
    )?;
    for file in &entry.submissions {
        statement.execute(params![
            scope.series,
            scope.period,
            scope.unit(file.unit)?,
            file.file,
            file.sha256,
            number(file.bytes),
            file.received.map(|time| time.format(TIME).to_string()),
            file.unreadable,
            scope.run,
            file.channel,
        ])?;
    }
    Ok(())
}
