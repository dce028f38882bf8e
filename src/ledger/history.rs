//! One finding through the periods, with what was said about it; and how the waivers stand.

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::{Connection, Row, Statement};

use super::{
    Checked, Declared, Fault, FindingRow, Ledger, LedgerError, Status, Target,
    answer::choose,
    declared::said_of,
    list::{Lines, period_at},
    lock::TIME,
};
use crate::job::Period;

/// One finding through the periods.
#[derive(Clone, Debug)]
pub struct History {
    /// The finding in the period asked for.
    pub row: FindingRow,
    /// The periods that saw it, oldest first.
    pub seen: Vec<Seen>,
    /// Explanations, oldest first.
    pub explanations: Vec<Explanation>,
    /// What its unit said without another value, oldest first.
    pub declared: Vec<Declared>,
    /// Waivers, oldest first.
    pub waivers: Vec<Waiver>,
    /// Second checks, oldest first.
    pub checks: Vec<Checked>,
    /// What the regulator's lists said about it, oldest first.
    pub reported: Vec<Reported>,
}

/// A line of a list of the regulator's about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The file it stood in, and the row.
    pub file: String,
    /// Row.
    pub row: u32,
    /// The regulator's rule.
    pub rule: String,
    /// What is wrong, masked.
    pub message: String,
    /// When the list was taken in.
    pub imported: NaiveDateTime,
}

/// A finding in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Period.
    pub period: Period,
    /// Status in it.
    pub status: Status,
    /// Value, masked.
    pub value: Option<String>,
    /// When the first run of the period that saw it was recorded.
    pub first: NaiveDateTime,
    /// When the last run of the period that saw it was recorded.
    pub last: NaiveDateTime,
}

/// Why a value is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The period it is said for.
    pub period: Period,
    /// What was said.
    pub text: String,
    /// By whom.
    pub who: String,
    /// When.
    pub given: NaiveDateTime,
    /// The finding has the value still that was explained.
    pub holds: bool,
}

/// A waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Fingerprint of the finding.
    pub fingerprint: String,
    /// Name of the pack.
    pub pack: String,
    /// Record key, masked.
    pub record_key: Option<String>,
    /// Why.
    pub reason: String,
    /// By whom.
    pub who: String,
    /// When.
    pub given: NaiveDateTime,
    /// The last day it holds.
    pub until: NaiveDate,
    /// How it stands.
    pub state: WaiverState,
}

/// How a waiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// It lets its finding pass.
    Used,
    /// The latest period does not have the finding with the value that was waived.
    Unused,
    /// Its last day is past.
    Expired,
    /// It was withdrawn.
    Withdrawn,
}

/// Asks for the periods that saw a finding.
pub(super) const SEEN: &str = "\
SELECT sighting.period, status, value, first.recorded, last.recorded FROM sighting \
JOIN run AS first ON first.id = first_run JOIN run AS last ON last.id = last_run \
WHERE finding = ?1 ORDER BY sighting.period";

const WAIVERS: &str = "\
SELECT fingerprint, series.pack, record_key, reason, who, given, until, withdrawn, \
EXISTS (SELECT 1 FROM sighting WHERE sighting.finding = waiver.finding AND sighting.status = 'waived' \
AND sighting.value_hash = waiver.value_hash \
AND sighting.period = (SELECT max(period) FROM run WHERE run.series = finding.series)) \
FROM waiver JOIN finding ON finding.id = waiver.finding JOIN series ON series.id = finding.series \
WHERE ?1 IS NULL OR waiver.finding = ?1 ORDER BY waiver.id";

impl Ledger {
    /// All about one finding, as of `today`.
    ///
    /// # Errors
    /// If no or no single finding is meant, or the ledger cannot be read.
    pub fn history(&self, target: &Target, today: NaiveDate) -> Result<History, LedgerError> {
        let read = || -> rusqlite::Result<Result<History, super::Refusal>> {
            let connection = self.connection.unchecked_transaction()?;
            let chosen = match choose(&connection, target)? {
                Ok(chosen) => chosen,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let seen = seen(&mut connection.prepare(SEEN)?, chosen.finding)?;
            Ok(Ok(History {
                row: Lines::new(&connection)?.line(chosen.finding, &chosen.period)?,
                explanations: explanations(&connection, chosen.finding)?,
                declared: said_of(&connection, chosen.finding)?,
                waivers: waivers(&connection, Some(chosen.finding), today)?,
                checks: checks(&connection, chosen.finding)?,
                reported: reported(&connection, chosen.finding)?,
                seen,
            }))
        };
        read().map_err(self.fault())?.map_err(|refusal| LedgerError::new(&self.path, Fault::Refused(refusal)))
    }

    /// All waivers as of `today`, oldest first.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn waivers(&self, today: NaiveDate) -> Result<Vec<Waiver>, LedgerError> {
        waivers(&self.connection, None, today).map_err(self.fault())
    }
}

/// The periods that saw a finding, oldest first; `statement` is [`SEEN`], prepared.
pub(super) fn seen(statement: &mut Statement<'_>, finding: i64) -> rusqlite::Result<Vec<Seen>> {
    let rows = statement.query_map([finding], |row| {
        Ok(Seen {
            period: period_at(row, 0)?,
            status: row.get(1)?,
            value: row.get(2)?,
            first: time_at(row, 3)?,
            last: time_at(row, 4)?,
        })
    })?;
    rows.collect()
}

fn explanations(connection: &Connection, finding: i64) -> rusqlite::Result<Vec<Explanation>> {
    let mut statement = connection.prepare(
        "SELECT explanation.period, text, who, given, explanation.value_hash = sighting.value_hash \
         FROM explanation JOIN sighting USING (finding, period) WHERE finding = ?1 ORDER BY explanation.id",
    )?;
    let rows = statement.query_map([finding], |row| {
        Ok(Explanation {
            period: period_at(row, 0)?,
            text: row.get(1)?,
            who: row.get(2)?,
            given: time_at(row, 3)?,
            holds: row.get(4)?,
        })
    })?;
    rows.collect()
}

fn checks(connection: &Connection, finding: i64) -> rusqlite::Result<Vec<Checked>> {
    let mut statement = connection
        .prepare("SELECT period, result, text, who, given FROM verification WHERE finding = ?1 ORDER BY id")?;
    let rows = statement.query_map([finding], |row| {
        Ok(Checked {
            period: period_at(row, 0)?,
            result: row.get(1)?,
            text: row.get(2)?,
            who: row.get(3)?,
            given: time_at(row, 4)?,
        })
    })?;
    rows.collect()
}

fn reported(connection: &Connection, finding: i64) -> rusqlite::Result<Vec<Reported>> {
    let mut statement = connection
        .prepare("SELECT file, line, rule, message, imported FROM feedback WHERE finding = ?1 ORDER BY id")?;
    let rows = statement.query_map([finding], |row| {
        Ok(Reported {
            file: row.get(0)?,
            row: row.get(1)?,
            rule: row.get(2)?,
            message: row.get(3)?,
            imported: time_at(row, 4)?,
        })
    })?;
    rows.collect()
}

/// All waivers, or those of one finding, oldest first, as of `today`.
pub(super) fn waivers(
    connection: &Connection,
    finding: Option<i64>,
    today: NaiveDate,
) -> rusqlite::Result<Vec<Waiver>> {
    let mut statement = connection.prepare(WAIVERS)?;
    let rows = statement.query_map([finding], |row| {
        let until: NaiveDate = parsed(row, 6, |text| text.parse().ok())?;
        let (withdrawn, used): (Option<String>, bool) = (row.get(7)?, row.get(8)?);
        let state = match (withdrawn, used) {
            (Some(_), _) => WaiverState::Withdrawn,
            _ if until < today => WaiverState::Expired,
            (None, true) => WaiverState::Used,
            (None, false) => WaiverState::Unused,
        };
        Ok(Waiver {
            fingerprint: row.get(0)?,
            pack: row.get(1)?,
            record_key: row.get(2)?,
            reason: row.get(3)?,
            who: row.get(4)?,
            given: time_at(row, 5)?,
            until,
            state,
        })
    })?;
    rows.collect()
}

/// A time from a column.
pub(super) fn time_at(row: &Row<'_>, column: usize) -> rusqlite::Result<NaiveDateTime> {
    parsed(row, column, |text| NaiveDateTime::parse_from_str(text, TIME).ok())
}

pub(super) fn parsed<T>(row: &Row<'_>, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
    parse(row.get_ref(column)?.as_str()?).ok_or(rusqlite::Error::InvalidColumnType(
        column,
        String::new(),
        rusqlite::types::Type::Text,
    ))
}
