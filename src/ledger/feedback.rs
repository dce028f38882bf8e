//! The regulator's list in the ledger: each line once, whether we had found it, the findings it opened, and the results of
//! the second check (Article 21).

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{
    Fault, Ledger, LedgerError, Opening, Refusal, SecondCheck, Status,
    history::time_at,
    lock::{TIME, take_over},
    record::series_of,
    source::{Check, last_run, open, verify},
};
use crate::{
    feedback::Known,
    job::{Institution, Period},
};

/// Whether we had found what a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// Yes.
    Caught,
    /// No: a finding was opened.
    Missed,
    /// The line fits no record.
    Unmatched,
}

impl Recognised {
    /// The name in the ledger and in lists.
    pub fn name(self) -> &'static str {
        match self {
            Recognised::Caught => "caught",
            Recognised::Missed => "missed",
            Recognised::Unmatched => "unmatched",
        }
    }

    fn of(name: &str) -> Self {
        let all = [Recognised::Caught, Recognised::Missed];
        all.into_iter().find(|known| known.name() == name).unwrap_or(Recognised::Unmatched)
    }
}

/// A line to be recorded; texts are masked.
#[derive(Clone, Debug)]
pub struct FeedbackLine {
    /// Hash of what it says: the same line of another list is the same.
    pub content: [u8; 10],
    /// Sheet and row it stands in.
    pub sheet: String,
    /// Row.
    pub row: u32,
    /// Code of the unit, if known.
    pub unit: Option<String>,
    /// The regulator's rule id.
    pub rule: String,
    /// Dataset id, or what the list says.
    pub dataset: String,
    /// Field id, or what the list says.
    pub field: String,
    /// Record key.
    pub record_key: String,
    /// Value.
    pub value: String,
    /// What is wrong.
    pub message: String,
    /// Why it fits nothing, or what was found there.
    pub reason: String,
    /// Whether we had found it, with the findings, or the finding to be opened.
    pub outcome: LineOutcome,
    /// What the second check came to, with more about it and who checked.
    pub check: Option<(SecondCheck, String, String)>,
}

impl FeedbackLine {
    /// Whether we had found it.
    pub fn recognised(&self) -> Recognised {
        match self.outcome {
            LineOutcome::Caught(_) => Recognised::Caught,
            LineOutcome::Missed(_) => Recognised::Missed,
            LineOutcome::Unmatched => Recognised::Unmatched,
        }
    }
}

/// What is to be done about a line.
#[derive(Clone, Debug)]
pub enum LineOutcome {
    /// We had found it: fingerprints.
    Caught(Vec<String>),
    /// A finding is to be opened.
    Missed(Box<Opening>),
    /// Nothing: it fits no record.
    Unmatched,
}

/// What became of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// Lines not seen before.
    pub new: u64,
    /// Lines an earlier list had too.
    pub known: u64,
    /// Findings opened.
    pub opened: u64,
    /// Results of second checks recorded.
    pub checks: u64,
}

/// A line as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedbackRow {
    /// File, sheet and row it first stood in.
    pub file: String,
    /// Sheet.
    pub sheet: String,
    /// Row.
    pub row: u32,
    /// Code of the unit; blank if it is not known.
    pub unit: String,
    /// The regulator's rule id.
    pub rule: String,
    /// Dataset.
    pub dataset: String,
    /// Field.
    pub field: String,
    /// Record key, masked.
    pub record_key: String,
    /// Value, masked.
    pub value: String,
    /// What is wrong, masked.
    pub message: String,
    /// Whether we had found it.
    pub recognised: Recognised,
    /// Why it fits nothing, or what was found there.
    pub reason: String,
    /// The finding it is about, and how that stands.
    pub finding: Option<(String, Status)>,
    /// When it was first recorded.
    pub imported: NaiveDateTime,
}

/// The file a list came in.
#[derive(Clone, Debug)]
pub struct FeedbackFile {
    /// Its name, without folder.
    pub name: String,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
}

impl Ledger {
    /// The findings runs of a period have seen, whatever became of them: what lines of a list are tied to.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn known_findings(&self, pack: &str, period: Period) -> Result<Vec<Known>, LedgerError> {
        known(&self.connection, pack, period).map_err(self.fault())
    }

    /// Records the lines of a list, opens findings for what we had missed, and records second checks; all or nothing.
    ///
    /// # Errors
    /// If the ledger is another institution's, the period has not been run, or the ledger cannot be written.
    pub fn import_feedback(
        &mut self,
        institution: &Institution,
        (pack, period): (&str, Period),
        file: &FeedbackFile,
        lines: &[FeedbackLine],
        now: NaiveDateTime,
    ) -> Result<Imported, LedgerError> {
        let path = self.path.clone();
        let storage = |error| LedgerError::storage(&path, error);
        let refused = |refusal| LedgerError::new(&path, Fault::Refused(refusal));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        if let Some(owner) = take_over(&transaction, institution).map_err(storage)? {
            return Err(LedgerError::new(&path, Fault::OtherInstitution { owner }));
        }
        let Some((series, _)) = last_run(&transaction, pack, period).map_err(storage)? else {
            return Err(refused(Refusal::NotRun(period)));
        };
        let mut imported = Imported::default();
        for line in lines {
            let place = Place { series, period, file, now };
            import(&transaction, &place, line, &mut imported).map_err(storage)?.map_err(refused)?;
        }
        transaction.commit().map_err(storage)?;
        Ok(imported)
    }

    /// All lines of the lists of a period, in the order they were recorded.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn feedback(&self, pack: &str, period: Period) -> Result<Vec<FeedbackRow>, LedgerError> {
        rows(&self.connection, pack, period).map_err(self.fault())
    }
}

fn known(connection: &Connection, pack: &str, period: Period) -> rusqlite::Result<Vec<Known>> {
    let Some(series) = series_of(connection, pack, period)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare(
        "SELECT fingerprint, unit.code, rule.code, dataset, field, key_hash FROM sighting \
         JOIN finding ON finding.id = sighting.finding JOIN unit ON unit.id = sighting.unit \
         JOIN rule ON rule.id = sighting.rule \
         WHERE sighting.series = ?1 AND sighting.period = ?2 AND finding.source = 'system' ORDER BY finding.id",
    )?;
    let rows = statement.query_map((series, period.to_string()), |row| {
        Ok(Known {
            fingerprint: row.get(0)?,
            unit: row.get(1)?,
            rule: row.get(2)?,
            dataset: row.get(3)?,
            field: row.get(4)?,
            key: row.get(5)?,
        })
    })?;
    rows.collect()
}

/// What all lines of a list share.
struct Place<'a> {
    series: i64,
    period: Period,
    file: &'a FeedbackFile,
    now: NaiveDateTime,
}

/// What an earlier list said of a line: its row, whether we had found it, its finding and the file it came in.
type Earlier = (i64, String, Option<i64>, String);

fn import(
    transaction: &Transaction<'_>,
    place: &Place<'_>,
    line: &FeedbackLine,
    imported: &mut Imported,
) -> rusqlite::Result<Result<(), Refusal>> {
    let earlier: Option<Earlier> = transaction
        .query_row(
            "SELECT id, outcome, finding, sha256 FROM feedback WHERE series = ?1 AND period = ?2 AND content = ?3",
            (place.series, place.period.to_string(), line.content),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    if earlier.is_some() {
        imported.known += 1;
    } else {
        imported.new += 1;
    }
    // Whether we had found it is told by the first list that could be tied: what is found later was not found then.
    let decided = earlier.as_ref().filter(|(_, outcome, ..)| outcome != Recognised::Unmatched.name());
    let (recognised, findings) = match (decided, &line.outcome) {
        (None, LineOutcome::Unmatched) => (Recognised::Unmatched, Vec::new()),
        (None, LineOutcome::Caught(fingerprints)) => {
            (Recognised::Caught, rows_of(transaction, place.series, fingerprints)?)
        }
        (None, LineOutcome::Missed(opening)) => {
            imported.opened += 1;
            match open(transaction, opening, place.now)? {
                Err(refusal) => return Ok(Err(refusal)),
                Ok((finding, _)) => (Recognised::Missed, vec![finding]),
            }
        }
        (Some((_, outcome, finding, sha256)), again) => {
            let recognised = Recognised::of(outcome);
            // Reported once more by another list: what was closed is open again.
            if let (Recognised::Missed, LineOutcome::Missed(opening), None) = (recognised, again, &line.check)
                && *sha256 != place.file.sha256
                && let Err(refusal) = open(transaction, opening, place.now)?
            {
                return Ok(Err(refusal));
            }
            match (recognised, again) {
                (Recognised::Caught, LineOutcome::Caught(fingerprints)) => {
                    (recognised, rows_of(transaction, place.series, fingerprints)?)
                }
                _ => (recognised, finding.iter().copied().collect()),
            }
        }
    };
    let row = earlier.as_ref().map(|(id, ..)| *id);
    if decided.is_none() {
        write(transaction, place, line, row, (recognised, findings.first().copied()))?;
    }
    for finding in findings {
        imported.checks += u64::from(check(transaction, place, line, finding)?);
    }
    Ok(Ok(()))
}

fn rows_of(transaction: &Transaction<'_>, series: i64, fingerprints: &[String]) -> rusqlite::Result<Vec<i64>> {
    let mut statement = transaction.prepare("SELECT id FROM finding WHERE fingerprint = ?1 AND series = ?2")?;
    fingerprints.iter().map(|fingerprint| statement.query_row((fingerprint, series), |row| row.get(0))).collect()
}

/// Writes a line, or what is known of it now, if an earlier list had it.
fn write(
    transaction: &Transaction<'_>,
    place: &Place<'_>,
    line: &FeedbackLine,
    row: Option<i64>,
    (recognised, finding): (Recognised, Option<i64>),
) -> rusqlite::Result<()> {
    let unit: Option<i64> = match &line.unit {
        Some(code) => {
            transaction.query_row("SELECT id FROM unit WHERE code = ?1", [code], |row| row.get(0)).optional()?
        }
        None => None,
    };
    transaction.execute(
        "INSERT INTO feedback (id, series, period, content, file, sha256, sheet, line, unit, rule, dataset, field, \
         record_key, value, message, outcome, reason, finding, imported) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) \
         ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, dataset = excluded.dataset, field = excluded.field, \
         record_key = excluded.record_key, value = excluded.value, message = excluded.message, \
         outcome = excluded.outcome, reason = excluded.reason, finding = excluded.finding",
        params![
            row,
            place.series,
            place.period.to_string(),
            line.content,
            place.file.name,
            place.file.sha256,
            line.sheet,
            line.row,
            unit,
            line.rule,
            line.dataset,
            line.field,
            line.record_key,
            line.value,
            line.message,
            recognised.name(),
            line.reason,
            finding,
            place.now.format(TIME).to_string(),
        ],
    )?;
    Ok(())
}

/// Records what the second check of a finding came to, unless that is the last thing said about it already.
fn check(
    transaction: &Transaction<'_>,
    place: &Place<'_>,
    line: &FeedbackLine,
    finding: i64,
) -> rusqlite::Result<bool> {
    let Some((result, text, who)) = &line.check else { return Ok(false) };
    let period = place.period.to_string();
    let last: Option<(SecondCheck, String, String)> = transaction
        .query_row(
            "SELECT result, text, who FROM verification WHERE finding = ?1 AND period = ?2 ORDER BY id DESC LIMIT 1",
            (finding, &period),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    if last.as_ref().is_some_and(|(was, said, by)| (was, said, by) == (result, text, who)) {
        return Ok(false);
    }
    verify(transaction, &Check { finding, period: &period, result: *result, text, who }, place.now)?;
    Ok(true)
}

fn rows(connection: &Connection, pack: &str, period: Period) -> rusqlite::Result<Vec<FeedbackRow>> {
    let Some(series) = series_of(connection, pack, period)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare(
        "SELECT feedback.file, feedback.sheet, line, coalesce(unit.code, ''), feedback.rule, feedback.dataset, \
         feedback.field, feedback.record_key, feedback.value, feedback.message, outcome, reason, finding.fingerprint, \
         sighting.status, imported FROM feedback LEFT JOIN unit ON unit.id = feedback.unit \
         LEFT JOIN finding ON finding.id = feedback.finding \
         LEFT JOIN sighting ON sighting.finding = feedback.finding AND sighting.period = feedback.period \
         WHERE feedback.series = ?1 AND feedback.period = ?2 ORDER BY feedback.id",
    )?;
    let rows = statement.query_map((series, period.to_string()), |row| {
        let (fingerprint, status): (Option<String>, Option<Status>) = (row.get(12)?, row.get(13)?);
        Ok(FeedbackRow {
            file: row.get(0)?,
            sheet: row.get(1)?,
            row: row.get(2)?,
            unit: row.get(3)?,
            rule: row.get(4)?,
            dataset: row.get(5)?,
            field: row.get(6)?,
            record_key: row.get(7)?,
            value: row.get(8)?,
            message: row.get(9)?,
            recognised: Recognised::of(row.get_ref(10)?.as_str()?),
            reason: row.get(11)?,
            finding: fingerprint.zip(status),
            imported: time_at(row, 14)?,
        })
    })?;
    rows.collect()
}
