//! How each unit stands in figures, and how it kept its deadlines over the months. The figures of the scorecard and the
//! evidence for Article 22, item three.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::Connection;

use super::{
    Gate, People, Problem, Repeated, Status, UnitGate, gate::timeliness_of, history::parsed, list::period_at,
    lock::TIME,
};
use crate::{
    job::Period,
    outcome::{Deadlines, Timeliness},
};

/// How one unit stands.
#[derive(Clone, Debug)]
pub struct UnitScore {
    /// Submission, records and open findings.
    pub gate: UnitGate,
    /// Its persons.
    pub people: People,
    /// The person who reported in the last period before that the ledger knows, and that period.
    pub before: Option<(Period, String)>,
    /// Amounts of the records with errors or warnings, in fen.
    pub at_risk_fen: Option<i128>,
    /// Findings of the period by severity, whatever became of them.
    pub found: [u64; 3],
    /// Of those: found in so many periods that it counts as repeated.
    pub repeats: u64,
    /// Of those: fixed in an earlier file, and back with the same value.
    pub not_corrected: u64,
    /// How it kept its deadlines, oldest period first, this one last.
    pub months: Vec<Month>,
}

/// How a unit kept the deadlines of one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Period.
    pub period: Period,
    /// T+4.
    pub timeliness: Timeliness,
    /// T+5, 12:00.
    pub correction: Correction,
}

/// Whether what was to be corrected was corrected by noon of the fifth working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// Nothing was to be corrected, or when it was due is not known.
    NotNeeded,
    /// It is not due yet, as of the last run.
    NotDue,
    /// A file came again in time, or nothing was open any more.
    InTime,
    /// A file came again later.
    Late,
    /// No file came again, and something was open at the deadline.
    Missed,
}

impl Month {
    /// Whether it counts against the unit under Article 22 three.
    pub fn is_lapse(&self) -> bool {
        matches!(self.timeliness, Timeliness::Late | Timeliness::Missing)
            || matches!(self.correction, Correction::Late | Correction::Missed)
    }
}

/// How many problems each unit has, by its code.
pub(super) struct Counts(HashMap<String, UnitCounts>);

#[derive(Clone, Copy, Default)]
struct UnitCounts {
    found: [u64; 3],
    repeats: u64,
    not_corrected: u64,
}

impl Counts {
    pub fn of(problems: &[Problem], repeated: &[Repeated]) -> Self {
        let mut counts: HashMap<String, UnitCounts> = HashMap::new();
        for Problem { row, .. } in problems {
            let unit = counts.entry(row.unit.clone()).or_default();
            unit.found[row.severity as usize] += 1;
            unit.not_corrected += u64::from(row.status == Status::SourceNotCorrected);
        }
        for repeated in repeated {
            counts.entry(repeated.row.unit.clone()).or_default().repeats += 1;
        }
        Self(counts)
    }

    fn of_unit(&self, code: &str) -> UnitCounts {
        self.0.get(code).copied().unwrap_or_default()
    }
}

/// What a unit's submission of one period was.
struct Past {
    period: Period,
    people: People,
    timeliness: Timeliness,
    resubmitted: Option<NaiveDateTime>,
    at_risk_fen: Option<i128>,
}

/// How each unit of `gate` stands, with its deadlines from `since` to `period`.
pub(super) fn units(
    connection: &Connection,
    gate: Gate,
    counts: &Counts,
    series: i64,
    (since, period): (Period, Period),
    now: NaiveDateTime,
) -> rusqlite::Result<Vec<UnitScore>> {
    let mut past = past(connection, series, period)?;
    let dates = all_deadlines(connection, series)?;
    let mut scores = Vec::new();
    for unit in gate.units {
        let past = past.remove(&unit.code).unwrap_or_default();
        let UnitCounts { found, repeats, not_corrected } = counts.of_unit(&unit.code);
        let current = past.iter().find(|past| past.period == period);
        let before = past.iter().rev().find(|past| past.period < period && !past.people.officer.is_empty());
        let mut months = Vec::new();
        for month in past.iter().filter(|past| past.period >= since) {
            let correction = match dates.get(&month.period) {
                Some(deadlines) => correction(connection, series, &unit.code, month, deadlines, now)?,
                None => Correction::NotNeeded,
            };
            months.push(Month { period: month.period, timeliness: month.timeliness, correction });
        }
        scores.push(UnitScore {
            people: current.map(|past| past.people.clone()).unwrap_or_default(),
            before: before.map(|past| (past.period, past.people.officer.clone())),
            at_risk_fen: current.and_then(|past| past.at_risk_fen),
            gate: unit,
            found,
            repeats,
            not_corrected,
            months,
        });
    }
    Ok(scores)
}

/// The submissions of all units up to a period, by unit, oldest first.
fn past(connection: &Connection, series: i64, until: Period) -> rusqlite::Result<BTreeMap<String, Vec<Past>>> {
    let mut statement = connection.prepare(
        "SELECT unit.code, period, timeliness, resubmitted, officer, officer_since, handover, reviewer, at_risk_fen \
         FROM standing JOIN unit ON unit.id = standing.unit WHERE series = ?1 AND period <= ?2 ORDER BY period",
    )?;
    let mut rows = statement.query((series, until.to_string()))?;
    let mut past: BTreeMap<String, Vec<Past>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let resubmitted: Option<String> = row.get(3)?;
        let at_risk: Option<String> = row.get(8)?;
        past.entry(row.get(0)?).or_default().push(Past {
            period: period_at(row, 1)?,
            timeliness: timeliness_of(row.get_ref(2)?.as_str()?),
            resubmitted: resubmitted.and_then(|text| NaiveDateTime::parse_from_str(&text, TIME).ok()),
            people: People { officer: row.get(4)?, since: row.get(5)?, handover: row.get(6)?, reviewer: row.get(7)? },
            at_risk_fen: at_risk.and_then(|text| text.parse().ok()),
        });
    }
    Ok(past)
}

fn all_deadlines(connection: &Connection, series: i64) -> rusqlite::Result<HashMap<Period, Deadlines>> {
    let mut statement =
        connection.prepare("SELECT period, submission, correction, report FROM deadline WHERE series = ?1")?;
    let rows = statement.query_map([series], |row| {
        let day = |column| parsed(row, column, |text| text.parse::<NaiveDate>().ok());
        Ok((period_at(row, 0)?, Deadlines { submission: day(1)?, correction: day(2)?, report: day(3)? }))
    })?;
    rows.collect()
}

/// Errors and warnings of a unit that were there at the deadline: found by then and closed after it, or not at all.
const OPEN_AT: &str = "\
SELECT 1 FROM sighting JOIN unit ON unit.id = sighting.unit JOIN run AS first ON first.id = sighting.first_run \
WHERE sighting.series = ?1 AND sighting.period = ?2 AND unit.code = ?3 AND sighting.severity <> 'info' \
AND first.recorded <= ?4 AND sighting.status NOT IN ('explained', 'waived') \
AND (sighting.status NOT IN ('resolved', 'corrected') OR sighting.closed > ?4) LIMIT 1";

fn correction(
    connection: &Connection,
    series: i64,
    unit: &str,
    month: &Past,
    deadlines: &Deadlines,
    now: NaiveDateTime,
) -> rusqlite::Result<Correction> {
    let due = deadlines.correction_time();
    if let Some(time) = month.resubmitted {
        return Ok(if time <= due { Correction::InTime } else { Correction::Late });
    }
    if month.timeliness == Timeliness::Missing {
        return Ok(Correction::NotNeeded);
    }
    let parameters = (series, month.period.to_string(), unit, due.format(TIME).to_string());
    let open = connection.prepare(OPEN_AT)?.exists(parameters)?;
    Ok(match (open, now > due) {
        (true, true) => Correction::Missed,
        (true, false) => Correction::NotDue,
        (false, _) => Correction::NotNeeded,
    })
}
