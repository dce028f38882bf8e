//! Tiers decided by people: who, why, and from when until when; withdrawn, but never changed.
//!
//! A decision counts by its days, not by when it was recorded: a quarter asks for those of its last day, so that what is
//! decided or withdrawn later leaves it as it was.

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::{Connection, TransactionBehavior, params};

use super::{
    Ledger, LedgerError, OpenRun, Refusal,
    history::{parsed, time_at},
    lock::TIME,
};

/// A tier someone decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number; 0 for one that is not recorded yet.
    pub id: i64,
    /// Name of the pack.
    pub pack: String,
    /// Name of the scheme.
    pub scheme: String,
    /// Hash of the customer's key in full.
    pub key: [u8; 10],
    /// The customer's key, masked.
    pub shown: String,
    /// The tier.
    pub tier: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub who: String,
    /// First day it holds.
    pub since: NaiveDate,
    /// Last day it holds.
    pub until: NaiveDate,
    /// When it was recorded.
    pub given: NaiveDateTime,
    /// First day it holds no more because it was withdrawn, and by whom.
    pub withdrawn: Option<(NaiveDate, String)>,
}

/// How a decision stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionState {
    /// Its first day is yet to come.
    Later,
    /// It holds.
    InForce,
    /// Its last day is over.
    Expired,
    /// It was withdrawn.
    Withdrawn,
}

impl Decision {
    /// How it stands on `day`.
    pub fn state(&self, day: NaiveDate) -> DecisionState {
        let withdrawn = self.withdrawn.as_ref().map(|(from, _)| *from);
        if withdrawn.is_some_and(|from| from <= day && from <= self.until) {
            DecisionState::Withdrawn
        } else if day > self.until {
            DecisionState::Expired
        } else if day < self.since {
            DecisionState::Later
        } else {
            DecisionState::InForce
        }
    }

    /// Whether it and `other` are about one customer on a day.
    fn clashes(&self, other: &Decision) -> bool {
        let about = |decision: &Decision| (decision.pack.clone(), decision.scheme.clone(), decision.key);
        let last = |decision: &Decision| match &decision.withdrawn {
            Some((from, _)) => decision.until.min(from.pred_opt().unwrap_or(NaiveDate::MIN)),
            None => decision.until,
        };
        about(self) == about(other) && self.since <= last(other) && other.since <= last(self)
    }
}

impl OpenRun<'_> {
    /// The decisions of a pack a quarter has to know of: those in force on `day`, the quarter's last or that of its
    /// data, and those that have ended since `first`, the quarter's first: they were in force the day before.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn decisions(&self, pack: &str, first: NaiveDate, day: NaiveDate) -> Result<Vec<Decision>, LedgerError> {
        let all = read(self.connection).map_err(|error| LedgerError::storage(self.path, error))?;
        let ended = |decision: &Decision| match decision.state(day) {
            DecisionState::Later => false,
            DecisionState::InForce => true,
            DecisionState::Expired => decision.until.succ_opt().is_some_and(|over| over >= first),
            DecisionState::Withdrawn => decision.withdrawn.as_ref().is_some_and(|(from, _)| *from >= first),
        };
        let known = |decision: &Decision| decision.pack == pack && decision.since <= day && ended(decision);
        Ok(all.into_iter().filter(known).collect())
    }

    /// Records a decision, whose number and time of recording are given to it. Its number.
    ///
    /// # Errors
    /// If a text is blank, its days are past or backwards, another decision is about the same customer, or the ledger
    /// cannot be written.
    pub fn decide(&mut self, decision: &Decision, now: NaiveDateTime) -> Result<i64, LedgerError> {
        let refused = |refusal| LedgerError::new(self.path, super::Fault::Refused(refusal));
        let storage = |error| LedgerError::storage(self.path, error);
        if [&decision.reason, &decision.who].iter().any(|text| text.trim().is_empty()) {
            return Err(refused(Refusal::Blank));
        }
        if decision.until < now.date() {
            return Err(refused(Refusal::Past(decision.until)));
        }
        if decision.since > decision.until {
            return Err(refused(Refusal::Backwards(decision.since, decision.until)));
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        if let Some(other) = read(&transaction).map_err(storage)?.iter().find(|other| other.clashes(decision)) {
            return Err(refused(Refusal::Decided(other.id, other.since, other.until)));
        }
        let number = transaction
            .query_row(
                "INSERT INTO tier_override (pack, scheme, key_hash, shown, tier, reason, who, since, until, given) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
                params![
                    decision.pack,
                    decision.scheme,
                    decision.key,
                    decision.shown,
                    decision.tier,
                    decision.reason.trim(),
                    decision.who.trim(),
                    decision.since.to_string(),
                    decision.until.to_string(),
                    now.format(TIME).to_string(),
                ],
                |row| row.get(0),
            )
            .map_err(storage)?;
        transaction.commit().map_err(storage)?;
        Ok(number)
    }

    /// The last quarter of a pack's tiers that was calculated on data of `day` or later.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn tiers_since(&self, pack: &str, day: NaiveDate) -> Result<Vec<String>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let sql = "SELECT quarter FROM tier_run WHERE pack = ?1 AND data_date >= ?2 ORDER BY quarter";
            self.connection.prepare(sql)?.query_map((pack, day.to_string()), |row| row.get(0))?.collect()
        };
        read().map_err(|error| LedgerError::storage(self.path, error))
    }
}

impl Ledger {
    /// All decisions, in the order they were recorded.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn decisions(&self) -> Result<Vec<Decision>, LedgerError> {
        read(&self.connection).map_err(self.fault())
    }

    /// Withdraws a decision: it holds no more from today on.
    ///
    /// # Errors
    /// If there is no such decision in force or to come, the name is blank, or the ledger cannot be written.
    pub fn withdraw_decision(&mut self, number: i64, who: &str, now: NaiveDateTime) -> Result<(), LedgerError> {
        let who = self.filled(who)?;
        let changed = self
            .connection
            .execute(
                "UPDATE tier_override SET withdrawn = ?2, withdrawn_by = ?3 \
                 WHERE id = ?1 AND withdrawn IS NULL AND until >= ?2",
                params![number, now.date().to_string(), who],
            )
            .map_err(self.fault())?;
        if changed == 0 { Err(self.refused(Refusal::NoDecision(number))) } else { Ok(()) }
    }
}

fn read(connection: &Connection) -> rusqlite::Result<Vec<Decision>> {
    let mut statement = connection.prepare(
        "SELECT id, pack, scheme, key_hash, shown, tier, reason, who, since, until, given, withdrawn, withdrawn_by \
         FROM tier_override ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
        let day = |column| parsed(row, column, |text| text.parse().ok());
        let by: Option<String> = row.get(12)?;
        Ok(Decision {
            id: row.get(0)?,
            pack: row.get(1)?,
            scheme: row.get(2)?,
            key: row.get(3)?,
            shown: row.get(4)?,
            tier: row.get(5)?,
            reason: row.get(6)?,
            who: row.get(7)?,
            since: day(8)?,
            until: day(9)?,
            given: time_at(row, 10)?,
            withdrawn: by.map(|by| Ok::<_, rusqlite::Error>((day(11)?, by))).transpose()?,
        })
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use DecisionState::{Expired, InForce, Later, Withdrawn};

    use super::*;
    use crate::{job::Institution, ledger::Fault};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn noon(text: &str) -> NaiveDateTime {
        day(text).and_hms_opt(12, 0, 0).expect("noon")
    }

    fn refusal(error: LedgerError) -> Refusal {
        match error.fault {
            Fault::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    fn decision(since: &str, until: &str) -> Decision {
        Decision {
            id: 0,
            pack: "p".into(),
            scheme: "s".into(),
            key: [1; 10],
            shown: "K1".into(),
            tier: "A".into(),
            reason: "合同在签".into(),
            who: "示例甲".into(),
            since: day(since),
            until: day(until),
            given: NaiveDateTime::default(),
            withdrawn: None,
        }
    }

    #[test]
    fn a_decision_holds_from_its_first_to_its_last_day_unless_it_is_withdrawn() {
        let mut one = decision("2026-02-28", "2026-06-30");
        let states =
            |one: &Decision| ["2026-02-27", "2026-02-28", "2026-06-30", "2026-07-01"].map(|at| one.state(day(at)));
        assert_eq!(states(&one), [Later, InForce, InForce, Expired]);
        one.withdrawn = Some((day("2026-06-30"), "示例乙".into()));
        assert_eq!(states(&one), [Later, InForce, Withdrawn, Withdrawn]);
    }

    #[test]
    fn a_quarter_sees_decisions_as_they_stood_on_its_last_day() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut ledger = Ledger::open(&folder.path().join("l.db")).expect("open");
        let owner = Institution { code: "1".into(), name: "示例".into() };
        let seen = |ledger: &mut Ledger, first: &str, last: &str| {
            let book = ledger.begin_run(&owner, noon("2026-12-01")).expect("a run");
            let list = book.decisions("p", day(first), day(last)).expect("read");
            list.iter().map(|decision| (decision.id, decision.state(day(last)))).collect::<Vec<_>>()
        };
        let mut book = ledger.begin_run(&owner, noon("2026-02-10")).expect("a run");
        assert_eq!(book.decide(&decision("2026-02-10", "2026-06-30"), noon("2026-02-10")).expect("recorded"), 1);
        let clash = book.decide(&decision("2026-06-30", "2026-09-30"), noon("2026-02-10")).expect_err("twice");
        let taken = Refusal::Decided(1, day("2026-02-10"), day("2026-06-30"));
        assert_eq!(refusal(clash), taken);
        let next = decision("2026-07-01", "2026-12-31");
        assert_eq!(book.decide(&next, noon("2026-02-10")).expect("the day after"), 2);
        for (wrong, fault) in [
            (Decision { who: " ".into(), ..next.clone() }, Refusal::Blank),
            (decision("2026-01-01", "2026-02-09"), Refusal::Past(day("2026-02-09"))),
            (decision("2027-02-01", "2027-01-31"), Refusal::Backwards(day("2027-02-01"), day("2027-01-31"))),
        ] {
            assert_eq!(refusal(book.decide(&wrong, noon("2026-02-10")).expect_err("wrong")), fault);
        }
        drop(book);
        ledger.withdraw_decision(2, "示例乙", noon("2026-11-02")).expect("withdrawn");
        let again = ledger.withdraw_decision(2, "示例乙", noon("2026-11-03")).expect_err("twice");
        assert_eq!(refusal(again), Refusal::NoDecision(2));
        let over = ledger.withdraw_decision(1, "示例乙", noon("2026-11-03")).expect_err("expired");
        assert_eq!(refusal(over), Refusal::NoDecision(1));
        assert_eq!(seen(&mut ledger, "2025-10-01", "2025-12-31"), []);
        assert_eq!(seen(&mut ledger, "2026-01-01", "2026-03-31"), [(1, InForce)]);
        assert_eq!(seen(&mut ledger, "2026-04-01", "2026-06-30"), [(1, InForce)]);
        // Number 1 ended with the last day of the quarter before; number 2 was not withdrawn yet.
        assert_eq!(seen(&mut ledger, "2026-07-01", "2026-09-30"), [(1, Expired), (2, InForce)]);
        assert_eq!(seen(&mut ledger, "2026-10-01", "2026-12-31"), [(2, Withdrawn)]);
    }
}
