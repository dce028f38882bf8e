//! What reports show of the ledger: the gate, how units stood in the last periods, and what is known of each finding.
//!
//! Also of a run that is recorded and not yet committed: its reports are written before they are put in place.

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::Connection;

use super::{
    Gate, Ledger, LedgerError, Recorded, Status, TierRow, Waiver,
    gate::{count, gate, timeliness_of},
    history::waivers,
    record::series_of,
};
use crate::{finding::Severity, job::Period, outcome::Timeliness};

/// Most periods shown, the latest included.
const PERIODS: i64 = 12;

/// The ledger as of one period.
#[derive(Clone, Debug)]
pub struct View {
    /// Whether the submission may go out.
    pub gate: Gate,
    /// How the units stood, newest period first, then by code; of at most twelve periods.
    pub periods: Vec<PeriodUnit>,
    /// What is known of the period's findings, by fingerprint.
    pub findings: HashMap<String, Known>,
    /// The waivers of the pack, oldest first.
    pub waivers: Vec<Waiver>,
    /// Customers' tiers in the last two quarters up to the period, newest first; empty unless they were asked for.
    pub tiers: Vec<CustomerTier>,
}

/// A customer's tier in a quarter.
#[derive(Clone, Debug)]
pub struct CustomerTier {
    /// Quarter, as the ledger writes it.
    pub quarter: String,
    /// Id of the scheme.
    pub scheme: String,
    /// The tier.
    pub tier: TierRow,
}

/// A unit in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodUnit {
    /// Period, as the ledger writes it.
    pub period: String,
    /// Unit code.
    pub unit: String,
    /// Unit name.
    pub name: String,
    /// Submitted in time?
    pub timeliness: Timeliness,
    /// Records read.
    pub records: u64,
    /// Records with a finding.
    pub flagged: u64,
    /// Findings the last run of the period saw, by severity: errors, warnings, infos.
    pub findings: [u64; 3],
    /// Findings an earlier run of the period saw and the last did not.
    pub resolved: u64,
}

/// What is known of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Status in the period.
    pub status: Status,
    /// Periods that saw it.
    pub times: u32,
    /// The last explanation for the value it has.
    pub explanation: Option<String>,
}

impl Ledger {
    /// The ledger as of a period; waivers that have run out by `today` count no more. `tiers` asks for those of customers.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn view(&self, pack: &str, period: Period, today: NaiveDate, tiers: bool) -> Result<View, LedgerError> {
        let view = || {
            // One state for all of it, whatever is committed meanwhile.
            let transaction = self.connection.unchecked_transaction()?;
            view(&transaction, pack, period, today, tiers)
        };
        view().map_err(self.fault())
    }
}

impl Recorded<'_> {
    /// As [`Ledger::view`], with this run in it.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn view(&self, pack: &str, period: Period, today: NaiveDate, tiers: bool) -> Result<View, LedgerError> {
        view(&self.transaction, pack, period, today, tiers).map_err(|error| LedgerError::storage(self.path, error))
    }
}

fn view(connection: &Connection, pack: &str, period: Period, today: NaiveDate, tiers: bool) -> rusqlite::Result<View> {
    let gate = gate(connection, pack, period, today)?;
    let mut view =
        View { gate, periods: Vec::new(), findings: HashMap::new(), waivers: Vec::new(), tiers: Vec::new() };
    if let Some(series) = series_of(connection, pack, period)? {
        view.periods = periods(connection, series, &period.to_string())?;
        view.findings = findings(connection, series, &period.to_string())?;
        view.waivers = waivers(connection, None, today)?;
        view.waivers.retain(|waiver| waiver.pack == pack);
    }
    if tiers {
        view.tiers = customer_tiers(connection, pack, period)?;
    }
    Ok(view)
}

fn customer_tiers(connection: &Connection, pack: &str, period: Period) -> rusqlite::Result<Vec<CustomerTier>> {
    let mut statement = connection.prepare(
        "SELECT quarter, scheme, key_hash, shown, name, unit, manager, tier, by_data, since, amount, reason FROM tier \
         JOIN (SELECT id, quarter FROM tier_run WHERE pack = ?1 AND data_date <= ?2 ORDER BY quarter DESC LIMIT 2) AS last \
         ON last.id = tier.run ORDER BY quarter DESC, scheme, unit, shown, key_hash",
    )?;
    let rows = statement.query_map((pack, period.data_date().to_string()), |row| {
        let since: String = row.get(9)?;
        Ok(CustomerTier {
            quarter: row.get(0)?,
            scheme: row.get(1)?,
            tier: TierRow {
                key: row.get(2)?,
                shown: row.get(3)?,
                name: row.get(4)?,
                unit: row.get(5)?,
                manager: row.get(6)?,
                tier: row.get(7)?,
                by_data: row.get(8)?,
                since: since.parse().unwrap_or(period),
                amount: row.get(10)?,
                reason: row.get(11)?,
            },
        })
    })?;
    rows.collect()
}

fn periods(connection: &Connection, series: i64, period: &str) -> rusqlite::Result<Vec<PeriodUnit>> {
    let mut standing = connection.prepare(
        "SELECT period, unit.code, unit.name, timeliness, records, flagged, unit.id FROM standing \
         JOIN unit ON unit.id = standing.unit WHERE series = ?1 AND institution = 0 AND period IN \
         (SELECT DISTINCT period FROM standing WHERE series = ?1 AND period <= ?2 ORDER BY period DESC LIMIT ?3) \
         ORDER BY period DESC, unit.code",
    )?;
    let mut units = Vec::new();
    let mut place: HashMap<(String, i64), usize> = HashMap::new();
    let mut rows = standing.query((series, period, PERIODS))?;
    while let Some(row) = rows.next()? {
        let period: String = row.get(0)?;
        place.insert((period.clone(), row.get(6)?), units.len());
        units.push(PeriodUnit {
            period,
            unit: row.get(1)?,
            name: row.get(2)?,
            timeliness: timeliness_of(row.get_ref(3)?.as_str()?),
            records: count(row.get(4)?),
            flagged: count(row.get(5)?),
            findings: [0; 3],
            resolved: 0,
        });
    }
    let mut sightings = connection.prepare(
        "SELECT period, unit, severity, status, count(*) FROM sighting WHERE series = ?1 AND period <= ?2 \
         GROUP BY period, unit, severity, status",
    )?;
    let mut rows = sightings.query((series, period))?;
    while let Some(row) = rows.next()? {
        let at = place.get(&(row.get(0)?, row.get(1)?));
        let Some(unit) = at.and_then(|at| units.get_mut(*at)) else { continue };
        let (severity, status): (Severity, Status) = (row.get(2)?, row.get(3)?);
        let count = count(row.get(4)?);
        if matches!(status, Status::Corrected | Status::Resolved) {
            unit.resolved += count;
        } else if let Some(slot) = unit.findings.get_mut(severity as usize) {
            *slot += count;
        }
    }
    Ok(units)
}

fn findings(connection: &Connection, series: i64, period: &str) -> rusqlite::Result<HashMap<String, Known>> {
    let mut statement = connection.prepare(
        "SELECT fingerprint, status, times, (SELECT text FROM explanation WHERE explanation.finding = sighting.finding \
         AND explanation.period = sighting.period AND explanation.value_hash = sighting.value_hash ORDER BY id DESC LIMIT 1) \
         FROM sighting JOIN finding ON finding.id = sighting.finding WHERE sighting.series = ?1 AND period = ?2",
    )?;
    let rows = statement.query_map((series, period), |row| {
        Ok((row.get(0)?, Known { status: row.get(1)?, times: row.get(2)?, explanation: row.get(3)? }))
    })?;
    rows.collect()
}
