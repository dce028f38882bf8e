//! What people say about findings: explanations for one period, and waivers until a day. Both hold for the value the
//! finding has, and no longer.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{
    Fault, Ledger, LedgerError, Sighting, Status,
    lock::TIME,
    record::Scope,
    status::{Answer, State},
};
use crate::{finding::Severity, job::Period};

/// Which finding is meant.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Its fingerprint, or a beginning of it that fits no other.
    pub fingerprint: String,
    /// Name of the pack, where two packs have the same finding.
    pub pack: Option<String>,
    /// Period; the last that saw it if absent.
    pub period: Option<Period>,
}

/// A finding in one period, found.
pub(super) struct Chosen {
    pub finding: i64,
    pub period: String,
    state: State,
    severity: Severity,
    value_hash: [u8; 10],
    rule: String,
    mandatory: bool,
}

/// Why an answer was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No finding has this fingerprint, or not in that period.
    Unknown(String),
    /// Several findings have fingerprints that begin so.
    Ambiguous(String),
    /// It is resolved: there is nothing to say.
    Resolved(String),
    /// Its rule cannot be waived.
    Mandatory(String),
    /// The text, or who says it, is blank.
    Blank,
    /// The last day lies in the past.
    Past(NaiveDate),
    /// There is no waiver to withdraw.
    NotWaived(String),
    /// The period has not been run with this ledger.
    NotRun(Period),
    /// No run had a unit with this code.
    NoUnit(String),
    /// No decision about a tier has this number, or it is withdrawn already.
    NoDecision(i64),
    /// Another decision about the same customer holds on some of the days: its number and days.
    Decided(i64, NaiveDate, NaiveDate),
    /// The first day lies after the last.
    Backwards(NaiveDate, NaiveDate),
}

impl Ledger {
    /// Records an explanation. 提示性 findings are closed by it; an error stays open, with the explanation beside it.
    /// How it stands then.
    ///
    /// # Errors
    /// If the finding is not known or resolved, text or name are blank, or the ledger cannot be written.
    pub fn explain(
        &mut self,
        target: &Target,
        text: &str,
        who: &str,
        now: NaiveDateTime,
    ) -> Result<Status, LedgerError> {
        let (text, who) = (self.filled(text)?, self.filled(who)?);
        self.answer(target, now, |transaction, chosen| {
            transaction.execute(
                "INSERT INTO explanation (finding, period, value_hash, text, who, given) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![chosen.finding, chosen.period, chosen.value_hash, text, who, now.format(TIME).to_string()],
            )?;
            Ok(None)
        })
    }

    /// Lets a finding pass until the end of `until`, in every period, while its value stays. How it stands then.
    ///
    /// # Errors
    /// As for [`Ledger::explain`], and if the rule cannot be waived or `until` is past.
    pub fn waive(
        &mut self,
        target: &Target,
        reason: &str,
        who: &str,
        until: NaiveDate,
        now: NaiveDateTime,
    ) -> Result<Status, LedgerError> {
        let (reason, who) = (self.filled(reason)?, self.filled(who)?);
        if until < now.date() {
            return Err(self.refused(Refusal::Past(until)));
        }
        self.answer(target, now, |transaction, chosen| {
            if chosen.mandatory {
                return Ok(Some(Refusal::Mandatory(chosen.rule.clone())));
            }
            transaction.execute(
                "INSERT INTO waiver (finding, value_hash, reason, who, given, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    chosen.finding,
                    chosen.value_hash,
                    reason,
                    who,
                    now.format(TIME).to_string(),
                    until.to_string()
                ],
            )?;
            Ok(None)
        })
    }

    /// Withdraws the waivers of a finding. How it stands then; periods other than the target's stay as they are until
    /// they are run again.
    ///
    /// # Errors
    /// If the finding is not known or has no waiver, the name is blank, or the ledger cannot be written.
    pub fn unwaive(&mut self, target: &Target, who: &str, now: NaiveDateTime) -> Result<Status, LedgerError> {
        let who = self.filled(who)?;
        self.answer(target, now, |transaction, chosen| {
            let withdrawn = transaction.execute(
                "UPDATE waiver SET withdrawn = ?2, withdrawn_by = ?3 WHERE finding = ?1 AND withdrawn IS NULL",
                params![chosen.finding, now.format(TIME).to_string(), who],
            )?;
            Ok((withdrawn == 0).then(|| Refusal::NotWaived(target.fingerprint.clone())))
        })
    }

    /// Finds the target, lets `write` say what is to be said, and sets the status that follows.
    fn answer(
        &mut self,
        target: &Target,
        now: NaiveDateTime,
        write: impl FnOnce(&Transaction<'_>, &Chosen) -> rusqlite::Result<Option<Refusal>>,
    ) -> Result<Status, LedgerError> {
        let path = self.path.as_path();
        let storage = |error| LedgerError::storage(path, error);
        let refused = |refusal| LedgerError::new(path, Fault::Refused(refusal));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        let chosen = choose(&transaction, target).map_err(storage)?.map_err(refused)?;
        if chosen.state.is_gone() {
            return Err(refused(Refusal::Resolved(target.fingerprint.clone())));
        }
        if let Some(refusal) = write(&transaction, &chosen).map_err(storage)? {
            return Err(refused(refusal));
        }
        let status = settle(&transaction, chosen.finding, &chosen.period, now.date()).map_err(storage)?;
        transaction.commit().map_err(storage)?;
        Ok(status)
    }

    pub(super) fn filled<'t>(&self, text: &'t str) -> Result<&'t str, LedgerError> {
        let text = text.trim();
        if text.is_empty() { Err(self.refused(Refusal::Blank)) } else { Ok(text) }
    }

    pub(super) fn refused(&self, refusal: Refusal) -> LedgerError {
        LedgerError::new(&self.path, Fault::Refused(refusal))
    }
}

/// The finding meant, in the period meant.
pub(super) fn choose(connection: &Connection, target: &Target) -> rusqlite::Result<Result<Chosen, Refusal>> {
    let mut statement = connection.prepare(
        "SELECT finding.id, finding.last_period FROM finding JOIN series ON series.id = finding.series \
         WHERE fingerprint >= ?1 AND fingerprint < ?1 || '~' AND (?2 IS NULL OR series.pack = ?2) \
         AND (?3 IS NULL OR EXISTS (SELECT 1 FROM sighting WHERE finding = finding.id AND period = ?3)) LIMIT 2",
    )?;
    let period = target.period.map(|period| period.to_string());
    let rows = statement.query_map((&target.fingerprint, &target.pack, &period), |row| Ok((row.get(0)?, row.get(1)?)));
    let found: Vec<(i64, String)> = rows?.collect::<rusqlite::Result<_>>()?;
    let (finding, period) = match found.as_slice() {
        [] => return Ok(Err(Refusal::Unknown(target.fingerprint.clone()))),
        [(finding, last)] => (*finding, period.unwrap_or_else(|| last.clone())),
        _ => return Ok(Err(Refusal::Ambiguous(target.fingerprint.clone()))),
    };
    let chosen = chosen(connection, finding, &period).optional()?;
    Ok(chosen.ok_or_else(|| Refusal::Unknown(target.fingerprint.clone())))
}

fn chosen(connection: &Connection, finding: i64, period: &str) -> rusqlite::Result<Chosen> {
    connection.query_row(
        "SELECT state, severity, value_hash, rule.code, rule.mandatory \
         FROM sighting JOIN rule ON rule.id = sighting.rule WHERE finding = ?1 AND period = ?2",
        (finding, period),
        |row| {
            Ok(Chosen {
                finding,
                period: period.to_owned(),
                state: row.get(0)?,
                severity: row.get(1)?,
                value_hash: row.get(2)?,
                rule: row.get(3)?,
                mandatory: row.get(4)?,
            })
        },
    )
}

/// Sets the status of one finding as explanations and waivers have it.
pub(super) fn settle(
    transaction: &Transaction<'_>,
    finding: i64,
    period: &str,
    today: NaiveDate,
) -> rusqlite::Result<Status> {
    let chosen = chosen(transaction, finding, period)?;
    let explained = transaction
        .prepare("SELECT 1 FROM explanation WHERE finding = ?1 AND period = ?2 AND value_hash = ?3")?
        .exists((chosen.finding, &chosen.period, chosen.value_hash))?;
    let waived = transaction
        .prepare("SELECT 1 FROM waiver WHERE finding = ?1 AND value_hash = ?2 AND withdrawn IS NULL AND until >= ?3")?
        .exists((chosen.finding, chosen.value_hash, today.to_string()))?;
    let status = chosen.state.status(chosen.severity, Answer { explained, waived, mandatory: chosen.mandatory });
    transaction.execute(
        "UPDATE sighting SET status = ?3 WHERE finding = ?1 AND period = ?2",
        (chosen.finding, &chosen.period, status),
    )?;
    Ok(status)
}

/// The explanations of a period and the waivers in force, each with the value it holds for.
pub(super) struct Answers {
    explained: HashSet<(i64, [u8; 10])>,
    waived: HashSet<(i64, [u8; 10])>,
    /// Findings explained with the run itself, for the value it sees.
    now: HashSet<String>,
}

impl Answers {
    /// Reads those that concern the run; `now` are the findings explained with it.
    pub fn read(
        connection: &Connection,
        scope: &Scope<'_>,
        today: NaiveDate,
        now: HashSet<String>,
    ) -> rusqlite::Result<Self> {
        let explained = "SELECT finding, value_hash FROM explanation JOIN finding ON finding.id = explanation.finding \
                         WHERE finding.series = ?1 AND explanation.period = ?2";
        let waived = "SELECT finding, value_hash FROM waiver JOIN finding ON finding.id = waiver.finding \
                      WHERE finding.series = ?1 AND withdrawn IS NULL AND until >= ?2";
        let read = |sql, parameter: &str| -> rusqlite::Result<HashSet<_>> {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map((scope.series, parameter), |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        Ok(Self { explained: read(explained, scope.period)?, waived: read(waived, &today.to_string())?, now })
    }

    /// How a finding stands with them.
    pub fn status(&self, state: State, finding: i64, sighting: &Sighting) -> Status {
        let said = (finding, sighting.value_hash);
        let answer = Answer {
            explained: self.explained.contains(&said) || self.now.contains(&sighting.fingerprint),
            waived: self.waived.contains(&said),
            mandatory: sighting.mandatory,
        };
        state.status(sighting.severity, answer)
    }
}
