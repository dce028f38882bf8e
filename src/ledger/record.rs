//! Recording a run: everything of it in one transaction.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Statement, Transaction, TransactionBehavior, params};

use super::{Ledger, LedgerError, OpenRun, RunEntry, Sighting, Status, Unread, entry::Key, lock::TIME};
use crate::finding::Severity;

/// A recorded run that is not committed yet. Dropped, it is as if it had not been.
#[derive(Debug)]
pub struct Recorded<'r> {
    transaction: Transaction<'r>,
    path: &'r std::path::Path,
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
    /// Seen by an earlier run of the period, and no longer by this one.
    pub resolved: u64,
    /// Of the findings this run sees: those seen in earlier periods too.
    pub repeated: u64,
    /// Seen by an earlier run, and now neither seen nor resolved: the unit's file is missing or could not be read.
    pub undecided: u64,
}

impl Tally {
    fn count(&mut self, status: Status) {
        match status {
            Status::New => self.new += 1,
            Status::Open => self.open += 1,
            Status::Reopened => self.reopened += 1,
            Status::SourceNotCorrected => self.source_not_corrected += 1,
            Status::Resolved => self.resolved += 1,
        }
    }
}

impl OpenRun<'_> {
    /// Writes the run, the files handed in and the findings, all in one transaction that is left to be committed. What
    /// is to be written is handed to the disk already, so that a full disk shows here.
    ///
    /// # Errors
    /// If the ledger cannot be written; it is then as before.
    pub fn record(&mut self, entry: &RunEntry, now: NaiveDateTime) -> Result<Recorded<'_>, LedgerError> {
        let path = self.path;
        let storage = |error| LedgerError::storage(path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        let tally = record(&transaction, entry, now).map_err(storage)?;
        match transaction.cache_flush() {
            // Someone is reading: the commit waits for that.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
            other => other.map_err(storage)?,
        }
        Ok(Recorded { transaction, path, tally })
    }
}

impl Recorded<'_> {
    /// What the run made of the period's findings.
    pub fn tally(&self) -> Tally {
        self.tally
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

/// The entry's series, if the ledger has it.
pub fn series(connection: &Connection, entry: &RunEntry) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT id FROM series WHERE pack = ?1 AND kind = ?2";
    connection.query_row(sql, (&entry.pack, kind(entry)), |row| row.get(0)).optional()
}

fn kind(entry: &RunEntry) -> &'static str {
    let days = entry.period.data_date() - entry.period.first_day();
    if days.num_days() > 31 { "quarter" } else { "month" }
}

fn record(transaction: &Transaction<'_>, entry: &RunEntry, now: NaiveDateTime) -> rusqlite::Result<Tally> {
    transaction.execute(
        "INSERT INTO series (pack, kind) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (&entry.pack, kind(entry)),
    )?;
    let Some(series) = series(transaction, entry)? else { return Err(rusqlite::Error::QueryReturnedNoRows) };
    let period = entry.period.to_string();
    let last: Option<String> = transaction
        .query_row(
            "SELECT content FROM run WHERE series = ?1 AND period = ?2 ORDER BY id DESC LIMIT 1",
            (series, &period),
            |row| row.get(0),
        )
        .optional()?;
    let run = write_run(transaction, entry, series, &period, now)?;
    let units = write_units(transaction, entry)?;
    write_submissions(transaction, entry, &Scope { series, period: &period, run, units: &units })?;
    let scope = Scope { series, period: &period, run, units: &units };
    write_findings(transaction, entry, &scope, last.as_deref() == Some(&entry.run))
}

/// What all rows of a run share.
struct Scope<'a> {
    series: i64,
    period: &'a str,
    run: i64,
    /// Row of each unit of the entry.
    units: &'a [i64],
}

impl Scope<'_> {
    fn unit(&self, index: usize) -> rusqlite::Result<i64> {
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
            number(entry.records),
            number(entry.flagged),
            number(entry.count(Severity::Error)),
            number(entry.count(Severity::Warning)),
            number(entry.count(Severity::Info)),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// A count as SQLite keeps it.
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

fn write_submissions(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare(
        "INSERT INTO submission (series, period, unit, file, sha256, bytes, received, unreadable, first_run, last_run) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) \
         ON CONFLICT DO UPDATE SET received = coalesce(received, excluded.received), \
         unreadable = excluded.unreadable, last_run = excluded.last_run",
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
        ])?;
    }
    Ok(())
}

/// A finding the ledger has for this period already.
struct Previous {
    finding: i64,
    unit: i64,
    dataset: String,
    status: Status,
    severity: String,
    repeated: bool,
}

fn previous(transaction: &Transaction<'_>, scope: &Scope<'_>) -> rusqlite::Result<HashMap<String, Previous>> {
    let mut statement = transaction.prepare(
        "SELECT finding.fingerprint, finding.id, sighting.unit, finding.dataset, sighting.status, \
         sighting.severity, finding.first_period < sighting.period \
         FROM sighting JOIN finding ON finding.id = sighting.finding \
         WHERE sighting.period = ?1 AND sighting.series = ?2",
    )?;
    let rows = statement.query_map((scope.period, scope.series), |row| {
        let previous = Previous {
            finding: row.get(1)?,
            unit: row.get(2)?,
            dataset: row.get(3)?,
            status: row.get(4)?,
            severity: row.get(5)?,
            repeated: row.get(6)?,
        };
        Ok((row.get(0)?, previous))
    })?;
    rows.collect()
}

fn write_findings(
    transaction: &Transaction<'_>,
    entry: &RunEntry,
    scope: &Scope<'_>,
    same_input: bool,
) -> rusqlite::Result<Tally> {
    let mut tally = Tally::default();
    let mut previous = previous(transaction, scope)?;
    let mut writer = Writer::new(transaction, scope)?;
    for sighting in &entry.findings {
        match previous.remove(&sighting.fingerprint) {
            Some(previous) => {
                let status = previous.status.seen_again(same_input);
                writer.update(&previous, sighting, status)?;
                tally.count(status);
                tally.repeated += u64::from(previous.repeated && sighting.can_repeat());
            }
            None => {
                let (status, repeated) = writer.insert(sighting)?;
                tally.count(status);
                tally.repeated += u64::from(repeated);
            }
        }
    }
    let unread: HashMap<i64, &Unread> =
        scope.units.iter().copied().zip(entry.units.iter().map(|u| &u.unread)).collect();
    let mut gone: Vec<_> = previous.into_values().collect();
    gone.sort_unstable_by_key(|previous| previous.finding);
    for previous in gone {
        let looked_at = match unread.get(&previous.unit) {
            // A unit that is no longer in the roster was not looked at either.
            None | Some(Unread::All) => false,
            Some(Unread::Datasets(datasets)) => !datasets.contains(&previous.dataset),
        };
        let status = if looked_at { previous.status.not_seen() } else { previous.status };
        if status != previous.status {
            writer.set_status(previous.finding, status, &previous.severity)?;
            tally.resolved += 1;
        } else if status.is_open() {
            tally.undecided += 1;
        }
    }
    Ok(tally)
}

impl Sighting {
    /// Whether it would be known again in another period.
    pub(super) fn can_repeat(&self) -> bool {
        !matches!(self.key, Key::Blank { .. })
    }
}

/// The statements for findings, prepared once.
struct Writer<'t> {
    scope: &'t Scope<'t>,
    rules: HashMap<String, i64>,
    next_finding: i64,
    rule: Statement<'t>,
    known: Statement<'t>,
    finding: Statement<'t>,
    seen: Statement<'t>,
    earlier: Statement<'t>,
    not_new: Statement<'t>,
    sighting: Statement<'t>,
    content: Statement<'t>,
    status: Statement<'t>,
}

impl<'t> Writer<'t> {
    fn new(transaction: &'t Transaction<'_>, scope: &'t Scope<'t>) -> rusqlite::Result<Self> {
        let last = "SELECT coalesce(max(id), 0) FROM finding";
        Ok(Self {
            scope,
            rules: HashMap::new(),
            next_finding: transaction.query_row(last, [], |row| row.get::<_, i64>(0))? + 1,
            rule: transaction.prepare(
                "INSERT INTO rule (code) VALUES (?1) ON CONFLICT (code) DO UPDATE SET code = code RETURNING id",
            )?,
            known: transaction.prepare("SELECT id FROM finding WHERE fingerprint = ?1 AND series = ?2")?,
            finding: transaction.prepare(
                "INSERT INTO finding (id, series, fingerprint, dataset, field, record_key, key_hash, first_period, \
                 last_period, times) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 1)",
            )?,
            seen: transaction.prepare(
                "UPDATE finding SET times = times + 1, first_period = min(first_period, ?2), \
                 last_period = max(last_period, ?2) WHERE id = ?1",
            )?,
            earlier: transaction.prepare(
                "SELECT status, value_hash FROM sighting WHERE finding = ?1 AND period < ?2 \
                 ORDER BY period DESC LIMIT 1",
            )?,
            not_new: transaction
                .prepare("UPDATE sighting SET status = 'open' WHERE finding = ?1 AND period > ?2 AND status = 'new'")?,
            sighting: transaction.prepare(
                "INSERT INTO sighting (finding, period, series, unit, rule, status, severity, file, sheet, cell, \
                 value, value_hash, message, first_run, last_run) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
            )?,
            content: transaction.prepare(
                "UPDATE sighting SET file = ?3, sheet = ?4, cell = ?5, value = ?6, value_hash = ?7, message = ?8, \
                 last_run = ?9 WHERE finding = ?1 AND period = ?2",
            )?,
            status: transaction
                .prepare("UPDATE sighting SET status = ?3, severity = ?4 WHERE finding = ?1 AND period = ?2")?,
        })
    }

    /// A finding not seen in this period before. Its status, and whether earlier periods saw it.
    fn insert(&mut self, sighting: &Sighting) -> rusqlite::Result<(Status, bool)> {
        let scope = self.scope;
        let known = self.known.query_row((&sighting.fingerprint, scope.series), |row| row.get(0)).optional()?;
        let (finding, earlier) = match known {
            None => (self.insert_finding(sighting)?, None),
            Some(finding) => {
                self.seen.execute((finding, scope.period))?;
                let found = self.earlier.query_row((finding, scope.period), |row| Ok((row.get(0)?, row.get(1)?)));
                let earlier: Option<(Status, [u8; 10])> = found.optional()?;
                if earlier.is_none() {
                    // A run of a period older than those that saw it before.
                    self.not_new.execute((finding, scope.period))?;
                }
                (finding, earlier)
            }
        };
        let comparable = matches!(sighting.key, Key::Record { .. });
        let status =
            Status::at_first(earlier.map(|(status, hash)| (status, comparable && hash == sighting.value_hash)));
        let rule = self.rule_row(&sighting.rule)?;
        self.sighting.execute(params![
            finding,
            scope.period,
            scope.series,
            scope.unit(sighting.unit)?,
            rule,
            status,
            sighting.severity.name(),
            sighting.file,
            sighting.sheet,
            sighting.cell,
            sighting.value,
            sighting.value_hash,
            sighting.message,
            scope.run,
        ])?;
        Ok((status, earlier.is_some() && sighting.can_repeat()))
    }

    fn insert_finding(&mut self, sighting: &Sighting) -> rusqlite::Result<i64> {
        let (shown, hash): (Option<&str>, Option<&[u8]>) = match &sighting.key {
            Key::None => (None, None),
            Key::Blank { shown } => (Some(shown), Some(&[])),
            Key::Record { shown, hash } => (Some(shown), Some(hash)),
        };
        let finding = self.next_finding;
        self.finding.execute(params![
            finding,
            self.scope.series,
            sighting.fingerprint,
            sighting.dataset,
            sighting.field,
            shown,
            hash,
            self.scope.period,
        ])?;
        self.next_finding += 1;
        Ok(finding)
    }

    /// A finding an earlier run of this period saw.
    fn update(&mut self, previous: &Previous, sighting: &Sighting, status: Status) -> rusqlite::Result<()> {
        self.content.execute(params![
            previous.finding,
            self.scope.period,
            sighting.file,
            sighting.sheet,
            sighting.cell,
            sighting.value,
            sighting.value_hash,
            sighting.message,
            self.scope.run,
        ])?;
        // Apart, because these two stand in the index too.
        if status != previous.status || sighting.severity.name() != previous.severity {
            self.set_status(previous.finding, status, sighting.severity.name())?;
        }
        Ok(())
    }

    fn set_status(&mut self, finding: i64, status: Status, severity: &str) -> rusqlite::Result<()> {
        self.status.execute((finding, self.scope.period, status, severity))?;
        Ok(())
    }

    fn rule_row(&mut self, rule: &str) -> rusqlite::Result<i64> {
        if let Some(row) = self.rules.get(rule) {
            return Ok(*row);
        }
        let row = self.rule.query_row([rule], |row| row.get(0))?;
        self.rules.insert(rule.to_owned(), row);
        Ok(row)
    }
}
