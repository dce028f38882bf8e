//! Who found a finding: the rules, a person, or the regulator. Those of people and the regulator do not come and go with
//! runs: they stay open until someone says what became of them.

use chrono::NaiveDateTime;
use rusqlite::{
    Connection, OptionalExtension as _, Transaction, TransactionBehavior, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use super::{
    Fault, Ledger, LedgerError, Refusal, Status, Target,
    answer::{choose, settle},
    lock::TIME,
    record::series_of,
    status::State,
};
use crate::{
    finding::Severity,
    job::Period,
    text::{Lang, Text},
};

/// Who found it (Article 11: problems found by people or by the system are registered).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Origin {
    /// A rule of a pack, in a run.
    System,
    /// A person of the union.
    Manual,
    /// The regulator, by a list it returned.
    Regulator,
}

impl Origin {
    /// All of them.
    pub const ALL: [Origin; 3] = [Origin::System, Origin::Manual, Origin::Regulator];

    /// The name on the command line and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Origin::System => "system",
            Origin::Manual => "manual",
            Origin::Regulator => "regulator",
        }
    }

    /// What people read.
    pub fn title(self, lang: Lang) -> String {
        let zh = match self {
            Origin::System => "系统",
            Origin::Manual => "人工",
            Origin::Regulator => "监管反馈",
        };
        Text::new(zh, self.name()).get(lang).to_owned()
    }
}

impl ToSql for Origin {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Origin {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        Origin::ALL.into_iter().find(|origin| origin.name() == text).ok_or(FromSqlError::InvalidType)
    }
}

/// What the second check of a finding came to (二次核实, Article 21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SecondCheck {
    /// It was wrong and has been corrected.
    Corrected,
    /// It was checked and is right as it is: an explanation.
    Confirmed,
    /// Whoever reported it has taken it back.
    Withdrawn,
    /// It was checked, is wrong, and has not been corrected.
    Wrong,
}

impl SecondCheck {
    /// All of them.
    pub const ALL: [SecondCheck; 4] =
        [SecondCheck::Corrected, SecondCheck::Confirmed, SecondCheck::Withdrawn, SecondCheck::Wrong];

    /// The name on the command line and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            SecondCheck::Corrected => "corrected",
            SecondCheck::Confirmed => "confirmed",
            SecondCheck::Withdrawn => "withdrawn",
            SecondCheck::Wrong => "wrong",
        }
    }

    /// What people read.
    pub fn title(self, lang: Lang) -> String {
        let zh = match self {
            SecondCheck::Corrected => "已更正",
            SecondCheck::Confirmed => "核实无误",
            SecondCheck::Withdrawn => "已撤销",
            SecondCheck::Wrong => "有误未改",
        };
        Text::new(zh, self.name()).get(lang).to_owned()
    }
}

impl FromSql for SecondCheck {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        SecondCheck::ALL.into_iter().find(|result| result.name() == text).ok_or(FromSqlError::InvalidType)
    }
}

/// A finding that no run found.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its identity.
    pub fingerprint: String,
    /// Name of the pack.
    pub pack: String,
    /// Period.
    pub period: Period,
    /// Code of the unit.
    pub unit: String,
    /// Who found it.
    pub origin: Origin,
    /// Id of the rule, the regulator's own or one of the program's.
    pub rule: String,
    /// Severity.
    pub severity: Severity,
    /// Dataset id; blank if it is not known.
    pub dataset: String,
    /// Field id; blank if it is about no field.
    pub field: String,
    /// The record's key, masked, and its hash; none if it is about no record.
    pub key: Option<(String, Option<[u8; 10]>)>,
    /// File, sheet and cell it stands in, as far as known.
    pub file: Option<String>,
    /// Sheet.
    pub sheet: Option<String>,
    /// Cell or row.
    pub cell: Option<String>,
    /// Value, masked.
    pub value: Option<String>,
    /// Hash of the value in full.
    pub value_hash: [u8; 10],
    /// What is wrong, masked.
    pub message: String,
    /// Who registered it.
    pub who: String,
}

impl Ledger {
    /// Registers a finding that no run found. One that is there already is opened again if it was resolved. Its
    /// fingerprint's status then.
    ///
    /// # Errors
    /// If the period has not been run, the unit is not in the ledger, a text is blank, or the ledger cannot be written.
    pub fn open_finding(&mut self, opening: &Opening, now: NaiveDateTime) -> Result<Status, LedgerError> {
        let path = self.path.clone();
        let storage = |error| LedgerError::storage(&path, error);
        let refused = |refusal| LedgerError::new(&path, Fault::Refused(refusal));
        if opening.message.trim().is_empty() || opening.who.trim().is_empty() {
            return Err(refused(Refusal::Blank));
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        let (_, status) = open(&transaction, opening, now).map_err(storage)?.map_err(refused)?;
        transaction.commit().map_err(storage)?;
        Ok(status)
    }

    /// Records what the second check of a finding came to. A finding of people or the regulator is closed by
    /// `corrected` and `withdrawn`, a warning also by `confirmed`; what a run found is closed by the next run only.
    /// How it stands then.
    ///
    /// # Errors
    /// If the finding is not known, a text is blank, or the ledger cannot be written.
    pub fn second_check(
        &mut self,
        target: &Target,
        result: SecondCheck,
        text: &str,
        who: &str,
        now: NaiveDateTime,
    ) -> Result<Status, LedgerError> {
        let path = self.path.clone();
        let storage = |error| LedgerError::storage(&path, error);
        let refused = |refusal| LedgerError::new(&path, Fault::Refused(refusal));
        if who.trim().is_empty() || (result == SecondCheck::Confirmed && text.trim().is_empty()) {
            return Err(refused(Refusal::Blank));
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        let chosen = choose(&transaction, target).map_err(storage)?.map_err(refused)?;
        let check =
            Check { finding: chosen.finding, period: &chosen.period, result, text: text.trim(), who: who.trim() };
        let status = verify(&transaction, &check, now).map_err(storage)?;
        transaction.commit().map_err(storage)?;
        Ok(status)
    }
}

/// A second check to be recorded.
pub(super) struct Check<'a> {
    pub finding: i64,
    pub period: &'a str,
    pub result: SecondCheck,
    pub text: &'a str,
    pub who: &'a str,
}

/// Records a second check, with what follows from it.
pub(super) fn verify(transaction: &Transaction<'_>, check: &Check<'_>, now: NaiveDateTime) -> rusqlite::Result<Status> {
    let time = now.format(TIME).to_string();
    transaction.execute(
        "INSERT INTO verification (finding, period, result, text, who, given) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![check.finding, check.period, check.result.name(), check.text, check.who, time],
    )?;
    let origin: Origin =
        transaction.query_row("SELECT source FROM finding WHERE id = ?1", [check.finding], |row| row.get(0))?;
    match check.result {
        SecondCheck::Corrected | SecondCheck::Withdrawn if origin != Origin::System => {
            transaction.execute(
                "UPDATE sighting SET state = 'resolved', status = 'resolved', closed = ?3 \
                 WHERE finding = ?1 AND period = ?2",
                params![check.finding, check.period, time],
            )?;
        }
        SecondCheck::Confirmed => {
            transaction.execute(
                "INSERT INTO explanation (finding, period, value_hash, text, who, given) \
                 SELECT finding, period, value_hash, ?3, ?4, ?5 FROM sighting WHERE finding = ?1 AND period = ?2",
                params![check.finding, check.period, check.text, check.who, time],
            )?;
        }
        SecondCheck::Wrong if origin != Origin::System => {
            transaction.execute(
                "UPDATE sighting SET state = 'reopened' WHERE finding = ?1 AND period = ?2 AND state = 'resolved'",
                params![check.finding, check.period],
            )?;
        }
        SecondCheck::Corrected | SecondCheck::Withdrawn | SecondCheck::Wrong => {}
    }
    settle(transaction, check.finding, check.period, now.date())
}

/// Writes a finding that no run found: its row, and how it stands.
pub(super) fn open(
    transaction: &Transaction<'_>,
    opening: &Opening,
    now: NaiveDateTime,
) -> rusqlite::Result<Result<(i64, Status), Refusal>> {
    let period = opening.period.to_string();
    let Some((series, run)) = last_run(transaction, &opening.pack, opening.period)? else {
        return Ok(Err(Refusal::NotRun(opening.period)));
    };
    let unit: Option<i64> =
        transaction.query_row("SELECT id FROM unit WHERE code = ?1", [&opening.unit], |row| row.get(0)).optional()?;
    let Some(unit) = unit else { return Ok(Err(Refusal::NoUnit(opening.unit.clone()))) };
    let (shown, hash) = match &opening.key {
        None => (None, None),
        // Like records without key: not to be known again in another period.
        Some((shown, hash)) => (Some(shown), Some(hash.map(Vec::from).unwrap_or_default())),
    };
    transaction.execute(
        "INSERT INTO finding (series, fingerprint, dataset, field, record_key, key_hash, first_period, last_period, \
         times, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0, ?8) ON CONFLICT (fingerprint, series) DO NOTHING",
        params![series, opening.fingerprint, opening.dataset, opening.field, shown, hash, period, opening.origin],
    )?;
    let finding: i64 = transaction.query_row(
        "SELECT id FROM finding WHERE fingerprint = ?1 AND series = ?2",
        (&opening.fingerprint, series),
        |row| row.get(0),
    )?;
    let rule: i64 = transaction.query_row(
        "INSERT INTO rule (code, mandatory) VALUES (?1, 0) ON CONFLICT (code) DO UPDATE SET code = excluded.code \
         RETURNING id",
        [&opening.rule],
        |row| row.get(0),
    )?;
    let known: Option<State> = transaction
        .query_row("SELECT state FROM sighting WHERE finding = ?1 AND period = ?2", (finding, &period), |row| {
            row.get(0)
        })
        .optional()?;
    let state = match known {
        Some(state) => state.seen_again(true),
        None => first_state(transaction, finding, &period, opening.value_hash)?,
    };
    transaction.execute(
        "INSERT INTO sighting (finding, period, series, unit, rule, state, status, severity, file, sheet, cell, value, \
         value_hash, message, first_run, last_run) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14) \
         ON CONFLICT (finding, period) DO UPDATE SET state = excluded.state, severity = excluded.severity, \
         value = excluded.value, value_hash = excluded.value_hash, message = excluded.message, \
         last_run = excluded.last_run",
        params![
            finding,
            period,
            series,
            unit,
            rule,
            state,
            opening.severity.name(),
            opening.file,
            opening.sheet,
            opening.cell,
            opening.value,
            opening.value_hash,
            opening.message,
            run,
        ],
    )?;
    if known.is_none() {
        transaction.execute(
            "UPDATE finding SET times = times + 1, first_period = min(first_period, ?2), \
             last_period = max(last_period, ?2) WHERE id = ?1",
            (finding, &period),
        )?;
        transaction.execute(
            "INSERT INTO opening (finding, period, who, opened) VALUES (?1, ?2, ?3, ?4)",
            (finding, &period, &opening.who, now.format(TIME).to_string()),
        )?;
    }
    let status = settle(transaction, finding, &period, now.date())?;
    Ok(Ok((finding, status)))
}

/// The state of a finding opened in a period for the first time: as it would be if a run had found it.
fn first_state(connection: &Connection, finding: i64, period: &str, value_hash: [u8; 10]) -> rusqlite::Result<State> {
    let earlier = connection
        .query_row(
            "SELECT state, value_hash FROM sighting WHERE finding = ?1 AND period < ?2 ORDER BY period DESC LIMIT 1",
            (finding, period),
            |row| Ok((row.get::<_, State>(0)?, row.get::<_, [u8; 10]>(1)?)),
        )
        .optional()?;
    Ok(State::at_first(earlier.map(|(state, hash)| (state, hash == value_hash))))
}

/// The rows of a series and of its last run of a period, if there is one.
pub(super) fn last_run(connection: &Connection, pack: &str, period: Period) -> rusqlite::Result<Option<(i64, i64)>> {
    let Some(series) = series_of(connection, pack, period)? else { return Ok(None) };
    let run: Option<i64> = connection.query_row(
        "SELECT max(id) FROM run WHERE series = ?1 AND period = ?2",
        (series, period.to_string()),
        |row| row.get(0),
    )?;
    Ok(run.map(|run| (series, run)))
}

/// A second check as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Period.
    pub period: Period,
    /// What it came to.
    pub result: SecondCheck,
    /// More about it.
    pub text: String,
    /// Who checked.
    pub who: String,
    /// When.
    pub given: NaiveDateTime,
}
