//! The tiers of customers, quarter by quarter: recorded like a run, and asked for by the quarter after.

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{LedgerError, OpenRun, lock::TIME};
use crate::job::Period;

/// What is read of a calculation.
const COLUMNS: &str = "SELECT quarter, data_date, content, edition, pack_hash, program, params FROM tier_run";

/// A calculation of tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierRun {
    /// Name of the pack.
    pub pack: String,
    /// The quarter.
    pub quarter: Period,
    /// The day of the data.
    pub data_date: NaiveDate,
    /// Its identity by input and rules.
    pub content: String,
    /// Edition of the pack.
    pub edition: String,
    /// Hash of the pack.
    pub pack_hash: String,
    /// Version of the program.
    pub program: String,
    /// The parameters, as JSON.
    pub params: String,
}

/// A customer's tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierRow {
    /// Hash of the key in full.
    pub key: [u8; 10],
    /// The key, masked.
    pub shown: String,
    /// The name, masked.
    pub name: String,
    /// Code of the unit.
    pub unit: String,
    /// Who looks after the customer.
    pub manager: String,
    /// The tier; none if it could not be classed.
    pub tier: Option<String>,
    /// The tier its data gives.
    pub by_data: Option<String>,
    /// The quarter it came into the tier.
    pub since: Period,
    /// The amount, in the unit of its field.
    pub amount: Option<String>,
    /// Why, masked, in the run's language.
    pub reason: String,
}

/// Recorded tiers that are not committed yet. Dropped, it is as if they had not been.
#[derive(Debug)]
pub struct RecordedTiers<'r> {
    transaction: Transaction<'r>,
    path: &'r std::path::Path,
    run: i64,
}

impl OpenRun<'_> {
    /// The last calculation of a pack's tiers before `quarter`, and that of the quarter itself if there is one.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn tier_runs(&self, pack: &str, quarter: Period) -> Result<(Option<TierRun>, Option<TierRun>), LedgerError> {
        let read = |sql: &str| {
            self.connection
                .query_row(sql, (pack, quarter.to_string()), |row| {
                    let period: String = row.get(0)?;
                    Ok(TierRun {
                        pack: pack.to_owned(),
                        quarter: period.parse().unwrap_or(quarter),
                        data_date: row.get::<_, String>(1)?.parse().unwrap_or_default(),
                        content: row.get(2)?,
                        edition: row.get(3)?,
                        pack_hash: row.get(4)?,
                        program: row.get(5)?,
                        params: row.get(6)?,
                    })
                })
                .optional()
                .map_err(|error| LedgerError::storage(self.path, error))
        };
        // The order of the quarters' texts is that of time.
        let before = read(&format!("{COLUMNS} WHERE pack = ?1 AND quarter < ?2 ORDER BY quarter DESC LIMIT 1"))?;
        let own = read(&format!("{COLUMNS} WHERE pack = ?1 AND quarter = ?2"))?;
        Ok((before, own))
    }

    /// The quarters after `quarter` a pack's tiers were recorded for: they rest on it.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn tier_quarters_after(&self, pack: &str, quarter: Period) -> Result<Vec<Period>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let sql = "SELECT quarter FROM tier_run WHERE pack = ?1 AND quarter > ?2 ORDER BY quarter";
            self.connection.prepare(sql)?.query_map((pack, quarter.to_string()), |row| row.get(0))?.collect()
        };
        let texts = read().map_err(|error| LedgerError::storage(self.path, error))?;
        Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
    }

    /// The customers of a scheme in a recorded quarter, by the hash of their key.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn tiers(&self, pack: &str, quarter: Period, scheme: &str) -> Result<Vec<TierRow>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<TierRow>> {
            let mut statement = self.connection.prepare(
                "SELECT key_hash, shown, name, unit, manager, tier, by_data, since, amount, reason FROM tier \
                 WHERE run = (SELECT id FROM tier_run WHERE pack = ?1 AND quarter = ?2) AND scheme = ?3 ORDER BY key_hash",
            )?;
            let rows = statement.query_map((pack, quarter.to_string(), scheme), |row| {
                let since: String = row.get(7)?;
                Ok(TierRow {
                    key: row.get(0)?,
                    shown: row.get(1)?,
                    name: row.get(2)?,
                    unit: row.get(3)?,
                    manager: row.get(4)?,
                    tier: row.get(5)?,
                    by_data: row.get(6)?,
                    since: since.parse().unwrap_or(quarter),
                    amount: row.get(8)?,
                    reason: row.get(9)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|error| LedgerError::storage(self.path, error))
    }

    /// Begins to write the tiers of a quarter in place of those it had, in one transaction that is left to be committed.
    ///
    /// # Errors
    /// If the ledger cannot be written; it is then as before.
    pub fn record_tiers(&mut self, run: &TierRun, now: NaiveDateTime) -> Result<RecordedTiers<'_>, LedgerError> {
        let path = self.path;
        let storage = |error| LedgerError::storage(path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        let run = write_run(&transaction, run, now).map_err(storage)?;
        Ok(RecordedTiers { transaction, path, run })
    }
}

fn write_run(transaction: &Transaction<'_>, run: &TierRun, now: NaiveDateTime) -> rusqlite::Result<i64> {
    let quarter = run.quarter.to_string();
    transaction.execute(
        "DELETE FROM tier WHERE run = (SELECT id FROM tier_run WHERE pack = ?1 AND quarter = ?2)",
        (&run.pack, &quarter),
    )?;
    transaction.query_row(
        "INSERT INTO tier_run (pack, quarter, data_date, content, recorded, edition, pack_hash, program, params) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (pack, quarter) DO UPDATE SET \
         data_date = excluded.data_date, content = excluded.content, recorded = excluded.recorded, \
         edition = excluded.edition, pack_hash = excluded.pack_hash, program = excluded.program, \
         params = excluded.params RETURNING id",
        params![
            run.pack,
            quarter,
            run.data_date.to_string(),
            run.content,
            now.format(TIME).to_string(),
            run.edition,
            run.pack_hash,
            run.program,
            run.params,
        ],
        |row| row.get(0),
    )
}

impl RecordedTiers<'_> {
    /// Writes the customers of a scheme. Of several with one key the last counts.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub fn write(&self, scheme: &str, rows: impl IntoIterator<Item = TierRow>) -> Result<(), LedgerError> {
        let write = || -> rusqlite::Result<()> {
            let mut statement = self.transaction.prepare(
                "INSERT OR REPLACE INTO tier (run, scheme, key_hash, shown, name, unit, manager, tier, by_data, since, \
                 amount, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?;
            for row in rows {
                statement.execute(params![
                    self.run,
                    scheme,
                    row.key,
                    row.shown,
                    row.name,
                    row.unit,
                    row.manager,
                    row.tier,
                    row.by_data,
                    row.since.to_string(),
                    row.amount,
                    row.reason,
                ])?;
            }
            Ok(())
        };
        write().map_err(|error| LedgerError::storage(self.path, error))
    }

    /// Makes it last.
    ///
    /// # Errors
    /// If the ledger cannot be written; it is then as before.
    pub fn commit(self) -> Result<(), LedgerError> {
        self.transaction.commit().map_err(|error| LedgerError::storage(self.path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{job::Institution, ledger::Ledger};

    fn run(quarter: &str, content: &str) -> TierRun {
        let quarter: Period = quarter.parse().expect("a quarter");
        TierRun {
            pack: "p".to_owned(),
            quarter,
            data_date: quarter.data_date(),
            content: content.to_owned(),
            edition: "1".to_owned(),
            pack_hash: "h".to_owned(),
            program: "0".to_owned(),
            params: "{}".to_owned(),
        }
    }

    fn row(number: u8, tier: Option<&str>) -> TierRow {
        TierRow {
            key: [number; 10],
            shown: format!("K{number}"),
            name: String::new(),
            unit: "1".to_owned(),
            manager: String::new(),
            tier: tier.map(ToOwned::to_owned),
            by_data: None,
            since: "2026Q1".parse().expect("a quarter"),
            amount: Some("800.01".to_owned()),
            reason: "why".to_owned(),
        }
    }

    #[test]
    fn a_quarter_is_replaced_and_the_one_before_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut ledger = Ledger::open(&folder.path().join("l.db")).expect("open");
        let owner = Institution { code: "1".into(), name: "示例".into() };
        let now = NaiveDateTime::default();
        let mut book = ledger.begin_run(&owner, now).expect("a run");
        for (quarter, content, rows) in [
            ("2026Q1", "a", vec![row(1, Some("A")), row(2, None)]),
            ("2026Q3", "b", vec![row(1, Some("B"))]),
            ("2026Q3", "c", vec![row(3, Some("C"))]),
        ] {
            let recorded = book.record_tiers(&run(quarter, content), now).expect("recorded");
            recorded.write("s", rows).expect("written");
            recorded.commit().expect("committed");
        }
        let quarter = |text: &str| text.parse::<Period>().expect("a quarter");
        let (before, own) = book.tier_runs("p", quarter("2026Q3")).expect("read");
        assert_eq!((before, own), (Some(run("2026Q1", "a")), Some(run("2026Q3", "c"))));
        assert_eq!(book.tier_runs("p", quarter("2026Q1")).expect("read").0, None);
        assert_eq!(book.tiers("p", quarter("2026Q1"), "s").expect("read"), [row(1, Some("A")), row(2, None)]);
        assert_eq!(book.tiers("p", quarter("2026Q3"), "s").expect("read"), [row(3, Some("C"))]);
        assert_eq!(book.tiers("p", quarter("2026Q3"), "other").expect("read"), []);
        assert_eq!(book.tier_quarters_after("p", quarter("2026Q1")).expect("read"), [quarter("2026Q3")]);
        // What is not committed falls.
        let recorded = book.record_tiers(&run("2026Q4", "d"), now).expect("recorded");
        drop(recorded);
        assert_eq!(book.tier_runs("p", quarter("2026Q4")).expect("read").1, None);
    }
}
