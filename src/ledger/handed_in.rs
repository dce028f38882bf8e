//! What units handed in for a period last, and before that, so that what they hand in next can be compared. Of older
//! periods nothing is kept: they are not compared any more.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{
    LedgerError, OpenRun, RunEntry,
    record::{Scope, series_of},
};
use crate::resubmission::{Compared, HandedIn, Records};

/// Periods before the one recorded of which what was handed in is kept.
const KEPT: usize = 2;

impl OpenRun<'_> {
    /// For each unit whose files are others than those of an earlier run of the period, what it changed.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn compare(&self, entry: &RunEntry) -> Result<Vec<Compared>, LedgerError> {
        compare(self.connection, entry).map_err(|error| LedgerError::storage(self.path, error))
    }
}

fn compare(connection: &Connection, entry: &RunEntry) -> rusqlite::Result<Vec<Compared>> {
    let connection = connection.unchecked_transaction()?;
    let Some(series) = series_of(&connection, &entry.pack, entry.period)? else { return Ok(Vec::new()) };
    let period = entry.period.to_string();
    let mut compared = Vec::new();
    for now in &entry.handed_in {
        let read = |slot: &str| read(&connection, series, &period, &now.unit, slot);
        // A run repeated compares with what the first one compared with.
        let earlier = match read("last")? {
            Some(last) if last.content != now.content => Some(last),
            Some(_) => read("before")?,
            None => None,
        };
        compared.extend(earlier.map(|earlier| earlier.compared(now)));
    }
    Ok(compared)
}

fn read(
    connection: &Connection,
    series: i64,
    period: &str,
    unit: &str,
    slot: &str,
) -> rusqlite::Result<Option<HandedIn>> {
    let sql = "SELECT content, findings, records FROM handed_in WHERE series = ?1 AND period = ?2 \
               AND unit = (SELECT id FROM unit WHERE code = ?3) AND slot = ?4";
    let found = connection.query_row(sql, (series, period, unit, slot), |row| {
        let findings: Vec<u8> = row.get(1)?;
        Ok(HandedIn {
            unit: unit.to_owned(),
            content: row.get(0)?,
            findings: findings.chunks_exact(10).filter_map(|chunk| chunk.try_into().ok()).collect(),
            records: Records::from_bytes(row.get_ref(2)?.as_blob()?),
        })
    });
    found.optional()
}

/// Writes what the units handed in; files other than those of the last run push that one back.
pub fn write_handed_in(transaction: &Transaction<'_>, entry: &RunEntry, scope: &Scope<'_>) -> rusqlite::Result<()> {
    let mut oldest = entry.period;
    (0..KEPT).for_each(|_| oldest = oldest.prior());
    transaction
        .execute("DELETE FROM handed_in WHERE series = ?1 AND period < ?2", (scope.series, oldest.to_string()))?;
    let unit = "unit = (SELECT id FROM unit WHERE code = ?3)";
    let mut last = transaction.prepare(&format!(
        "SELECT content FROM handed_in WHERE series = ?1 AND period = ?2 AND {unit} AND slot = 'last'"
    ))?;
    let mut forget = transaction
        .prepare(&format!("DELETE FROM handed_in WHERE series = ?1 AND period = ?2 AND {unit} AND slot = ?4"))?;
    let mut push_back = transaction.prepare(&format!(
        "UPDATE handed_in SET slot = 'before' WHERE series = ?1 AND period = ?2 AND {unit} AND slot = 'last'"
    ))?;
    let mut insert = transaction.prepare(
        "INSERT OR REPLACE INTO handed_in (series, period, unit, slot, content, findings, records) \
         VALUES (?1, ?2, (SELECT id FROM unit WHERE code = ?3), 'last', ?4, ?5, ?6)",
    )?;
    for now in &entry.handed_in {
        let key = (scope.series, scope.period, &now.unit);
        let content: Option<[u8; 10]> = last.query_row(key, |row| row.get(0)).optional()?;
        if content.is_some_and(|content| content != now.content) {
            forget.execute((scope.series, scope.period, &now.unit, "before"))?;
            push_back.execute(key)?;
        }
        insert.execute(params![
            scope.series,
            scope.period,
            now.unit,
            now.content,
            now.findings.concat(),
            now.records.to_bytes(),
        ])?;
    }
    Ok(())
}
