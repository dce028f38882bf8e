//! Looking findings up: by unit, rule, period and status.

use std::collections::HashMap;

use rusqlite::{Connection, Row, Statement, ToSql, params_from_iter};

use super::{Declaration, Ledger, LedgerError, Origin, Status};
use crate::{
    finding::Severity,
    job::{NoPeriod, Period},
};

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
    /// Who found it.
    pub origin: Option<Origin>,
    /// What the unit said of it in the period without another value.
    pub declared: Option<Declaration>,
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
    /// Severity.
    pub severity: Severity,
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
    /// Who found it.
    pub origin: Origin,
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
        match filter.origin {
            None => {}
            // Few are of people or the regulator, and an index names them.
            Some(Origin::System) => {
                conditions.sql.push_str(" AND finding NOT IN (SELECT id FROM finding WHERE source <> 'system')");
            }
            Some(origin) => {
                let sql = "finding IN (SELECT id FROM finding WHERE source = ? AND source <> 'system')";
                conditions.add(sql, origin.name().to_owned());
            }
        }
        if let Some(declared) = filter.declared {
            let sql = "(finding, period) IN (SELECT finding, period FROM declaration WHERE kind = ?)";
            conditions.add(sql, declared.name().to_owned());
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
            conditions.sql.extend([" AND status IN (", places.as_str(), ")"]);
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

/// What a line shows, of `sighting` and `finding`; the names of unit, rule and pack are looked up apart, once each.
pub(super) const LINE: &str = "\
sighting.unit, sighting.rule, sighting.series, sighting.status, sighting.severity, sighting.value, sighting.message, \
sighting.file, sighting.sheet, sighting.cell, finding.fingerprint, finding.dataset, finding.field, \
finding.record_key, finding.first_period, finding.last_period, finding.times, sighting.period, finding.source";

/// How many columns these are.
pub(super) const LINE_COLUMNS: usize = 19;

impl Ledger {
    /// The findings that match.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Listing, LedgerError> {
        let list = || -> rusqlite::Result<Listing> {
            // One state for all of it, whatever is committed meanwhile.
            let transaction = self.connection.unchecked_transaction()?;
            let rows = rows(&transaction, filter)?;
            let complete = filter.limit.is_none_or(|limit| rows.len() < limit);
            let total = if complete { rows.len() as u64 } else { count(&transaction, filter)? };
            Ok(Listing { rows, total })
        };
        list().map_err(self.fault())
    }
}

fn count(connection: &Connection, filter: &Filter) -> rusqlite::Result<u64> {
    let conditions = Conditions::of(filter);
    let sql = format!("SELECT count(*) FROM sighting WHERE {}", conditions.sql);
    let count: i64 = connection.query_row(&sql, params_from_iter(&conditions.values), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn rows(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<FindingRow>> {
    let conditions = Conditions::of(filter);
    let limit = filter.limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    let sql = format!(
        "SELECT finding, period FROM sighting WHERE {} \
         ORDER BY period DESC, series, unit, rule, status, severity, finding{limit}",
        conditions.sql
    );
    let mut keys = connection.prepare(&sql)?;
    let mut keys = keys.query(params_from_iter(&conditions.values))?;
    let mut lines = Lines::new(connection)?;
    let mut rows = Vec::new();
    while let Some(key) = keys.next()? {
        rows.push(lines.line(key.get(0)?, key.get_ref(1)?.as_str()?)?);
    }
    Ok(rows)
}

/// Two texts by the row they stand in.
type Names = HashMap<i64, (String, String)>;

/// Reads lines one by one.
pub(super) struct Lines<'c> {
    statement: Statement<'c>,
    names: LineNames,
}

impl<'c> Lines<'c> {
    /// Prepares the reading.
    pub fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let sql = format!(
            "SELECT {LINE} FROM sighting JOIN finding ON finding.id = sighting.finding \
             WHERE sighting.finding = ?1 AND sighting.period = ?2"
        );
        Ok(Self { statement: connection.prepare(&sql)?, names: LineNames::read(connection)? })
    }

    /// The line of a finding in a period that saw it.
    pub fn line(&mut self, finding: i64, period: &str) -> rusqlite::Result<FindingRow> {
        self.statement.query_row((finding, period), |row| self.names.line(row))
    }
}

/// The names lines show in place of rows.
pub(super) struct LineNames {
    units: Names,
    rules: Names,
    packs: Names,
}

impl LineNames {
    /// Reads them.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            units: names(connection, "SELECT id, code, name FROM unit")?,
            rules: names(connection, "SELECT id, code, '' FROM rule")?,
            packs: names(connection, "SELECT id, pack, '' FROM series")?,
        })
    }

    /// The line in a row that begins with the columns of [`LINE`].
    pub fn line(&self, row: &Row<'_>) -> rusqlite::Result<FindingRow> {
        let name = |names: &Names, id: i64| names.get(&id).cloned().unwrap_or_default();
        let (unit, unit_name) = name(&self.units, row.get(0)?);
        Ok(FindingRow {
            period: period_at(row, 17)?,
            unit,
            unit_name,
            rule: name(&self.rules, row.get(1)?).0,
            pack: name(&self.packs, row.get(2)?).0,
            status: row.get(3)?,
            severity: row.get(4)?,
            value: row.get(5)?,
            message: row.get(6)?,
            file: row.get(7)?,
            sheet: row.get(8)?,
            cell: row.get(9)?,
            fingerprint: row.get(10)?,
            dataset: row.get(11)?,
            field: row.get(12)?,
            record_key: row.get(13)?,
            first_period: period_at(row, 14)?,
            last_period: period_at(row, 15)?,
            times: row.get(16)?,
            origin: row.get(18)?,
        })
    }
}

fn names(connection: &Connection, sql: &str) -> rusqlite::Result<Names> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    rows.collect()
}

/// A period from a column.
pub(super) fn period_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Period> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error: NoPeriod| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
