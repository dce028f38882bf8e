//! Whether a period's submission may go out (Article 8, last sentence): how each unit stands, and what is missing.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Ledger, LedgerError, Status, lock::TIME, record::series_of, register::deadlines};
use crate::{
    finding::Severity,
    job::Period,
    outcome::{Deadlines, Timeliness},
};

/// Whether a period's submission may go out.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The period has been run.
    pub run: bool,
    /// When what is due, if the last run has recorded it.
    pub deadlines: Option<Deadlines>,
    /// The units of the last run's roster in its order, the institution last.
    pub units: Vec<UnitGate>,
}

/// How one unit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitGate {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// It is the institution itself.
    pub institution: bool,
    /// Submitted in time?
    pub timeliness: Timeliness,
    /// When the last of its files first came.
    pub received: Option<NaiveDateTime>,
    /// When a file of it last came again.
    pub resubmitted: Option<NaiveDateTime>,
    /// Nothing was handed in, or a file or dataset of it could not be read.
    pub unread: bool,
    /// Records read.
    pub records: u64,
    /// Records with a finding.
    pub flagged: u64,
    /// Errors left to fix.
    pub errors: u64,
    /// Warnings left to correct, explain or have waived.
    pub warnings: u64,
    /// Explained.
    pub explained: u64,
    /// Waived.
    pub waived: u64,
    /// No longer there, or corrected.
    pub resolved: u64,
}

impl UnitGate {
    /// Whether it keeps the submission back.
    pub fn blocks(&self) -> bool {
        let missing = self.timeliness == Timeliness::Missing && !self.institution;
        missing || self.unread || self.errors > 0 || self.warnings > 0
    }
}

impl Gate {
    /// Whether the submission may go out: no error is open and every warning corrected, explained or waived.
    pub fn ready(&self) -> bool {
        self.run && !self.units.iter().any(UnitGate::blocks)
    }
}

/// The name of a timeliness in the ledger.
pub(super) fn timeliness_name(timeliness: Timeliness) -> &'static str {
    match timeliness {
        Timeliness::OnTime => "on-time",
        Timeliness::Late => "late",
        Timeliness::Missing => "missing",
        Timeliness::NoReceipt => "no-receipt",
    }
}

pub(super) fn timeliness_of(name: &str) -> Timeliness {
    let known = [Timeliness::OnTime, Timeliness::Late, Timeliness::NoReceipt];
    known.into_iter().find(|timeliness| timeliness_name(*timeliness) == name).unwrap_or_default()
}

impl Ledger {
    /// How the units stand in a period, as of `today`: waivers that have run out since the last run count no more.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn gate(&self, pack: &str, period: Period, today: NaiveDate) -> Result<Gate, LedgerError> {
        let gate = || {
            // One state for all of it, whatever is committed meanwhile.
            let transaction = self.connection.unchecked_transaction()?;
            gate(&transaction, pack, period, today)
        };
        gate().map_err(self.fault())
    }
}

pub(super) fn gate(connection: &Connection, pack: &str, period: Period, today: NaiveDate) -> rusqlite::Result<Gate> {
    let Some(series) = series_of(connection, pack, period)? else {
        return Ok(Gate { run: false, deadlines: None, units: Vec::new() });
    };
    let period = period.to_string();
    let run = connection
        .query_row("SELECT 1 FROM run WHERE series = ?1 AND period = ?2 LIMIT 1", (series, &period), |_| Ok(()))
        .optional()?
        .is_some();
    let (order, mut units) = standings(connection, series, &period)?;
    let mut counts = connection.prepare(
        "SELECT unit, severity, status, count(*) FROM sighting WHERE series = ?1 AND period = ?2 \
         GROUP BY unit, severity, status",
    )?;
    let mut rows = counts.query((series, &period))?;
    while let Some(row) = rows.next()? {
        let Some(unit) = units.get_mut(&row.get(0)?) else { continue };
        let count = count(row.get(3)?);
        match (row.get::<_, Status>(2)?, row.get::<_, Severity>(1)?) {
            (Status::Explained, _) => unit.explained += count,
            (Status::Waived, _) => unit.waived += count,
            (Status::Corrected | Status::Resolved, _) => unit.resolved += count,
            (_, Severity::Error) => unit.errors += count,
            (_, Severity::Warning) => unit.warnings += count,
            (_, Severity::Info) => {}
        }
    }
    let mut expired = connection.prepare(
        "SELECT unit, severity FROM sighting WHERE series = ?1 AND period = ?2 AND status = 'waived' \
         AND NOT EXISTS (SELECT 1 FROM waiver WHERE waiver.finding = sighting.finding \
         AND waiver.value_hash = sighting.value_hash AND withdrawn IS NULL AND until >= ?3)",
    )?;
    let mut rows = expired.query((series, &period, today.to_string()))?;
    while let Some(row) = rows.next()? {
        let Some(unit) = units.get_mut(&row.get(0)?) else { continue };
        unit.waived -= 1;
        match row.get(1)? {
            Severity::Error => unit.errors += 1,
            Severity::Warning => unit.warnings += 1,
            Severity::Info => {}
        }
    }
    let deadlines = deadlines(connection, series, &period)?;
    Ok(Gate { run, deadlines, units: order.into_iter().filter_map(|unit| units.remove(&unit)).collect() })
}

/// The units of the last run by their row, and the rows in order: by code, the institution last.
fn standings(
    connection: &Connection,
    series: i64,
    period: &str,
) -> rusqlite::Result<(Vec<i64>, HashMap<i64, UnitGate>)> {
    let mut statement = connection.prepare(
        "SELECT unit.id, unit.code, unit.name, institution, timeliness, received, unread, records, flagged, resubmitted \
         FROM standing JOIN unit ON unit.id = standing.unit WHERE series = ?1 AND period = ?2 \
         ORDER BY institution, unit.code",
    )?;
    let mut rows = statement.query((series, period))?;
    let (mut order, mut units) = (Vec::new(), HashMap::new());
    while let Some(row) = rows.next()? {
        let (received, resubmitted): (Option<String>, Option<String>) = (row.get(5)?, row.get(9)?);
        let time = |text: Option<String>| text.and_then(|text| NaiveDateTime::parse_from_str(&text, TIME).ok());
        let unit = UnitGate {
            code: row.get(1)?,
            name: row.get(2)?,
            institution: row.get(3)?,
            timeliness: timeliness_of(row.get_ref(4)?.as_str()?),
            received: time(received),
            resubmitted: time(resubmitted),
            unread: row.get(6)?,
            records: count(row.get(7)?),
            flagged: count(row.get(8)?),
            errors: 0,
            warnings: 0,
            explained: 0,
            waived: 0,
            resolved: 0,
        };
        order.push(row.get(0)?);
        units.insert(row.get(0)?, unit);
    }
    Ok((order, units))
}

/// A count as it was stored.
pub(super) fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}
