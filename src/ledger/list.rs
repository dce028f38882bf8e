//! Looking findings up: by unit, rule, period and status.

use rusqlite::{ToSql, params_from_iter};

use super::{Ledger, LedgerError, Status, repeat::period_at};
use crate::job::Period;

/// Which findings to list. Everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Unit code.
    pub unit: Option<String>,
    /// Rule id; `*` stands for any text, as in `LOAN-*`.
    pub rule: Option<String>,
    /// Period.
    pub period: Option<Period>,
    /// Any of these statuses; all if empty.
    pub statuses: Vec<Status>,
    /// Name of the pack.
    pub pack: Option<String>,
    /// Beginning of the fingerprint.
    pub fingerprint: Option<String>,
    /// At most so many lines; all if absent.
    pub limit: Option<usize>,
}

/// Findings found.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The lines, newest period first, then by unit and rule.
    pub rows: Vec<FindingRow>,
    /// How many there are without the limit.
    pub total: u64,
}

/// A finding in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// Its identity across runs and periods.
    pub fingerprint: String,
    /// Name of the pack.
    pub pack: String,
    /// Period.
    pub period: Period,
    /// Unit code.
    pub unit: String,
    /// Unit name.
    pub unit_name: String,
    /// Rule id.
    pub rule: String,
    /// Dataset id.
    pub dataset: String,
    /// Field id; empty for findings about no field.
    pub field: String,
    /// Severity: `error`, `warning` or `info`.
    pub severity: String,
    /// Status in the period.
    pub status: Status,
    /// Record key, masked.
    pub record_key: Option<String>,
    /// Value, masked.
    pub value: Option<String>,
    /// What is wrong, masked.
    pub message: String,
    /// File it stands in.
    pub file: Option<String>,
    /// Sheet it stands in.
    pub sheet: Option<String>,
    /// Cell or row.
    pub cell: Option<String>,
    /// First period that saw it.
    pub first_period: Period,
    /// Last period that saw it.
    pub last_period: Period,
    /// Number of periods that saw it.
    pub times: u32,
}

/// Conditions on `sighting`, all answered by its index.
struct Conditions {
    sql: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    fn of(filter: &Filter) -> Self {
        let mut conditions = Self { sql: "1".to_owned(), values: Vec::new() };
        if let Some(period) = filter.period {
            conditions.add("period = ?", period.to_string());
        }
        if let Some(pack) = &filter.pack {
            conditions.add("series IN (SELECT id FROM series WHERE pack = ?)", pack.clone());
        }
        if let Some(unit) = &filter.unit {
            conditions.add("unit = (SELECT id FROM unit WHERE code = ?)", unit.clone());
        }
        if let Some(rule) = &filter.rule {
            conditions.add("rule IN (SELECT id FROM rule WHERE code GLOB ?)", rule.clone());
        }
        if let Some(start) = &filter.fingerprint {
            let sql = "finding IN (SELECT id FROM finding WHERE fingerprint >= ? AND fingerprint < ?)";
            conditions.add(sql, start.clone());
            conditions.values.push(Box::new(format!("{start}~")));
        }
        if !filter.statuses.is_empty() {
            let places = vec!["?"; filter.statuses.len()].join(", ");
            conditions.sql.push_str(&format!(" AND status IN ({places})"));
            conditions.values.extend(filter.statuses.iter().map(|status| Box::new(*status) as Box<dyn ToSql>));
        }
        conditions
    }

    fn add(&mut self, sql: &str, value: String) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.push(Box::new(value));
    }
}

const COLUMNS: &str = "\
finding.fingerprint, series.pack, sighting.period, unit.code, unit.name, rule.code, finding.dataset, finding.field, \
sighting.severity, sighting.status, finding.record_key, sighting.value, sighting.message, sighting.file, \
sighting.sheet, sighting.cell, finding.first_period, finding.last_period, finding.times";

impl Ledger {
    /// The findings that match.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Listing, LedgerError> {
        let list = || -> rusqlite::Result<Listing> {
            let rows = self.rows(filter)?;
            let complete = filter.limit.is_none_or(|limit| rows.len() < limit);
            let total = if complete { rows.len() as u64 } else { self.count(filter)? };
            Ok(Listing { rows, total })
        };
        list().map_err(self.fault())
    }

    fn count(&self, filter: &Filter) -> rusqlite::Result<u64> {
        let conditions = Conditions::of(filter);
        let sql = format!("SELECT count(*) FROM sighting WHERE {}", conditions.sql);
        let count: i64 = self.connection.query_row(&sql, params_from_iter(&conditions.values), |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    fn rows(&self, filter: &Filter) -> rusqlite::Result<Vec<FindingRow>> {
        let conditions = Conditions::of(filter);
        let limit = filter.limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
        let order = "ORDER BY period DESC, series, unit, rule, status, severity, finding";
        // The inner query reads the index only; the joins see no more than the lines shown.
        let sql = format!(
            "SELECT {COLUMNS} \
             FROM (SELECT finding, period FROM sighting WHERE {} {order}{limit}) AS shown \
             CROSS JOIN sighting ON sighting.finding = shown.finding AND sighting.period = shown.period \
             CROSS JOIN finding ON finding.id = shown.finding \
             CROSS JOIN unit ON unit.id = sighting.unit \
             CROSS JOIN rule ON rule.id = sighting.rule \
             CROSS JOIN series ON series.id = sighting.series",
            conditions.sql,
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(&conditions.values), |row| {
            let period = |column| period_at(row, column)?.ok_or(rusqlite::Error::QueryReturnedNoRows);
            Ok(FindingRow {
                fingerprint: row.get(0)?,
                pack: row.get(1)?,
                period: period(2)?,
                unit: row.get(3)?,
                unit_name: row.get(4)?,
                rule: row.get(5)?,
                dataset: row.get(6)?,
                field: row.get(7)?,
                severity: row.get(8)?,
                status: row.get(9)?,
                record_key: row.get(10)?,
                value: row.get(11)?,
                message: row.get(12)?,
                file: row.get(13)?,
                sheet: row.get(14)?,
                cell: row.get(15)?,
                first_period: period(16)?,
                last_period: period(17)?,
                times: row.get(18)?,
            })
        })?;
        rows.collect()
    }
}
