//! What units hand back: corrected values, explanations and declarations, and the workbooks they came in.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::{
    Declaration, Ledger, LedgerError, OpenRun, RunEntry,
    lock::TIME,
    record::{Scope, series_of},
};
use crate::{
    ingest::Entered,
    job::Period,
    overlay::{Correction, Fate, Suspicion},
};

/// What is taken in with a run.
#[derive(Clone, Debug, Default)]
pub struct Amendments {
    /// Corrected values, each in place of an earlier one for the same cell.
    pub corrections: Vec<Given>,
    /// Corrections taken back: the value handed in stands again.
    pub withdrawn: Vec<Correction>,
    /// Explanations.
    pub explanations: Vec<Said>,
    /// Declarations.
    pub declarations: Vec<Declaring>,
    /// The workbooks that came back.
    pub returned: Vec<ReturnedBook>,
}

/// A corrected value that is new.
#[derive(Clone, Debug)]
pub struct Given {
    /// The correction.
    pub correction: Correction,
    /// What people call the record, masked.
    pub record_key: String,
}

/// An explanation; it holds for the value the finding has in this run.
#[derive(Clone, Debug)]
pub struct Said {
    /// Fingerprint of the finding.
    pub fingerprint: String,
    /// What was said.
    pub text: String,
    /// By whom.
    pub who: String,
}

/// What was said about a finding without another value.
#[derive(Clone, Debug)]
pub struct Declaring {
    /// Fingerprint of the finding.
    pub fingerprint: String,
    /// What.
    pub kind: Declaration,
    /// What was said beside it.
    pub text: String,
    /// By whom.
    pub who: String,
    /// Name of the workbook.
    pub workbook: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

/// A workbook that came back.
#[derive(Clone, Debug, Default)]
pub struct ReturnedBook {
    /// Code of its unit, if it could be told.
    pub unit: Option<String>,
    /// Its name.
    pub workbook: String,
    /// Its SHA-256, hexadecimal; empty if it could not be opened.
    pub sha256: String,
    /// Findings issued in it.
    pub findings: u64,
    /// Of these, answered in any way.
    pub answered: u64,
    /// Of these, corrected.
    pub corrected: u64,
    /// Of these, in conflict with a newer file or with another answer.
    pub conflicts: u64,
    /// Cells changed that no finding was about.
    pub unflagged: u64,
    /// Why it was not taken.
    pub refused: Option<String>,
}

/// The name of a fate in the ledger.
fn fate_name(fate: Fate) -> &'static str {
    match fate {
        Fate::Applied => "applied",
        Fate::Adopted => "adopted",
        Fate::Changed => "changed",
        Fate::Gone => "gone",
    }
}

/// The corrections of a period that have not ended, oldest first.
const CORRECTIONS: &str = "\
SELECT unit.code, dataset, record, field, old, kind, new, flagged, source_changed, suspicions, who, given, workbook, \
sha256, correction.id FROM correction JOIN unit ON unit.id = correction.unit \
WHERE series = ?1 AND period = ?2 AND ended IS NULL ORDER BY correction.id";

const ANSWERED: &str = "\
SELECT fingerprint FROM correction_finding JOIN finding ON finding.id = correction_finding.finding \
WHERE correction = ?1 ORDER BY fingerprint";

impl OpenRun<'_> {
    /// The corrections of a period that stand, oldest first.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn corrections(&self, pack: &str, period: Period) -> Result<Vec<Correction>, LedgerError> {
        corrections(self.connection, pack, period).map_err(|error| LedgerError::storage(self.path, error))
    }

    /// Whether a run of the period was recorded.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn has_run(&self, pack: &str, period: Period) -> Result<bool, LedgerError> {
        let read = || -> rusqlite::Result<bool> {
            let Some(series) = series_of(self.connection, pack, period)? else { return Ok(false) };
            let sql = "SELECT 1 FROM run WHERE series = ?1 AND period = ?2 LIMIT 1";
            let found = self.connection.query_row(sql, (series, period.to_string()), |_| Ok(()));
            Ok(found.optional()?.is_some())
        };
        read().map_err(|error| LedgerError::storage(self.path, error))
    }
}

impl Ledger {
    /// As [`OpenRun::corrections`], without a run.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn corrections(&self, pack: &str, period: Period) -> Result<Vec<Correction>, LedgerError> {
        corrections(&self.connection, pack, period).map_err(self.fault())
    }
}

fn corrections(connection: &Connection, pack: &str, period: Period) -> rusqlite::Result<Vec<Correction>> {
    let connection = connection.unchecked_transaction()?;
    let Some(series) = series_of(&connection, pack, period)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare(CORRECTIONS)?;
    let mut answered = connection.prepare(ANSWERED)?;
    let rows =
        statement.query_map((series, period.to_string()), |row| Ok((row.get::<_, i64>(14)?, correction(row)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (id, mut correction) = row?;
        correction.findings = answered.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        found.push(correction);
    }
    Ok(found)
}

fn correction(row: &Row<'_>) -> rusqlite::Result<Correction> {
    let bad = |column| rusqlite::Error::InvalidColumnType(column, String::new(), rusqlite::types::Type::Text);
    let new = Entered::from_stored(row.get_ref(5)?.as_str()?, row.get_ref(6)?.as_str()?).ok_or_else(|| bad(6))?;
    let suspicions: String = row.get(9)?;
    Ok(Correction {
        unit: row.get(0)?,
        dataset: row.get(1)?,
        record: row.get(2)?,
        field: row.get(3)?,
        old: row.get(4)?,
        new,
        flagged: row.get(7)?,
        source_changed: row.get(8)?,
        suspicions: suspicions.split(' ').filter_map(Suspicion::named).collect(),
        findings: Vec::new(),
        who: row.get(10)?,
        given: NaiveDateTime::parse_from_str(row.get_ref(11)?.as_str()?, TIME).map_err(|_| bad(11))?,
        workbook: row.get(12)?,
        sha256: row.get(13)?,
    })
}

/// Ends the correction of a cell that stands.
const END: &str = "\
UPDATE correction SET ended = ?7, fate = ?8 WHERE series = ?1 AND period = ?2 \
AND unit = (SELECT id FROM unit WHERE code = ?3) AND dataset = ?4 AND record = ?5 AND field = ?6 AND ended IS NULL";

/// Writes what became of the corrections the ledger had, ends those withdrawn or replaced, and adds the new ones.
pub fn write_corrections(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<()> {
    let now = scope.now;
    let mut fate = transaction.prepare(
        "UPDATE correction SET fate = ?7 WHERE series = ?1 AND period = ?2 \
         AND unit = (SELECT id FROM unit WHERE code = ?3) AND dataset = ?4 AND record = ?5 AND field = ?6 \
         AND ended IS NULL",
    )?;
    for (laid, what) in &entry.laid {
        fate.execute(params![
            scope.series,
            scope.period,
            laid.unit,
            laid.dataset,
            laid.record,
            laid.field,
            fate_name(*what)
        ])?;
    }
    let mut end = transaction.prepare(END)?;
    let mut end = |correction: &Correction, how: &str| {
        let Correction { unit, dataset, record, field, .. } = correction;
        end.execute(params![scope.series, scope.period, unit, dataset, record, field, now, how])
    };
    for correction in &entry.amendments.withdrawn {
        end(correction, "withdrawn")?;
    }
    let mut insert = transaction.prepare(
        "INSERT INTO correction (series, period, unit, dataset, record, field, record_key, old, kind, new, flagged, \
         source_changed, suspicions, who, given, workbook, sha256, fate) \
         VALUES (?1, ?2, (SELECT id FROM unit WHERE code = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
         ?16, ?17, 'applied')",
    )?;
    let mut answer = transaction.prepare(
        "INSERT INTO correction_finding (correction, finding) \
         SELECT ?1, id FROM finding WHERE fingerprint = ?2 AND series = ?3",
    )?;
    for Given { correction, record_key } in &entry.amendments.corrections {
        end(correction, "replaced")?;
        let (kind, new) = correction.new.stored();
        let suspicions: Vec<_> = correction.suspicions.iter().map(|suspicion| suspicion.name()).collect();
        insert.execute(params![
            scope.series,
            scope.period,
            correction.unit,
            correction.dataset,
            correction.record,
            correction.field,
            record_key,
            correction.old,
            kind,
            new,
            correction.flagged,
            correction.source_changed,
            suspicions.join(" "),
            correction.who,
            correction.given.format(TIME).to_string(),
            correction.workbook,
            correction.sha256,
        ])?;
        let id = transaction.last_insert_rowid();
        for fingerprint in &correction.findings {
            answer.execute((id, fingerprint, scope.series))?;
        }
    }
    Ok(())
}

/// The findings whose value a correction that applies stands in for.
pub fn corrected(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<HashSet<i64>> {
    let applied = entry.laid.iter().filter(|(_, fate)| *fate == Fate::Applied).map(|(correction, _)| correction);
    let given = entry.amendments.corrections.iter().map(|given| &given.correction);
    let mut find = transaction.prepare("SELECT id FROM finding WHERE fingerprint = ?1 AND series = ?2")?;
    let mut found = HashSet::new();
    for fingerprint in applied.chain(given).flat_map(|correction| &correction.findings) {
        found.extend(find.query_row((fingerprint, scope.series), |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(found)
}

/// Writes explanations and declarations, each once, and the workbooks that came back.
pub fn write_answers(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<()> {
    let now = scope.now;
    let mut explain = transaction.prepare(
        "INSERT INTO explanation (finding, period, value_hash, text, who, given) \
         SELECT finding.id, ?3, value_hash, ?4, ?5, ?6 FROM finding JOIN sighting ON sighting.finding = finding.id \
         WHERE fingerprint = ?1 AND finding.series = ?2 AND sighting.period = ?3 AND NOT EXISTS \
         (SELECT 1 FROM explanation AS said WHERE said.finding = finding.id AND said.period = ?3 \
         AND said.value_hash = sighting.value_hash AND said.text = ?4 AND said.who = ?5)",
    )?;
    for said in &entry.amendments.explanations {
        explain.execute((&said.fingerprint, scope.series, scope.period, &said.text, &said.who, now))?;
    }
    let mut declare = transaction.prepare(
        "INSERT INTO declaration (finding, period, kind, text, who, given, workbook, sha256) \
         SELECT finding.id, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM finding WHERE fingerprint = ?1 AND series = ?2 \
         AND NOT EXISTS (SELECT 1 FROM declaration AS said WHERE said.finding = finding.id AND said.period = ?3 \
         AND said.kind = ?4 AND said.text = ?5 AND said.who = ?6)",
    )?;
    for said in &entry.amendments.declarations {
        declare.execute(params![
            said.fingerprint,
            scope.series,
            scope.period,
            said.kind.name(),
            said.text,
            said.who,
            now,
            said.workbook,
            said.sha256,
        ])?;
    }
    let mut returned = transaction.prepare(
        "INSERT INTO returned (series, period, unit, workbook, sha256, taken, findings, answered, corrected, conflicts, \
         unflagged, refused) \
         VALUES (?1, ?2, (SELECT id FROM unit WHERE code = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for book in &entry.amendments.returned {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        returned.execute(params![
            scope.series,
            scope.period,
            book.unit,
            book.workbook,
            book.sha256,
            now,
            number(book.findings),
            number(book.answered),
            number(book.corrected),
            number(book.conflicts),
            number(book.unflagged),
            book.refused,
        ])?;
    }
    Ok(())
}
