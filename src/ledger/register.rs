//! The register of a period (差错登记簿, Articles 11 and 20): every problem with who, when and what became of it; how
//! each unit stands over the months; and what might fall under Article 22. Evidence only, never a fine.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Declared, FindingRow, Ledger, LedgerError, Origin, Recorded, Repeated, Status, UnitScore,
    declared::declared,
    gate::gate,
    history::{parsed, time_at},
    list::{LINE, LINE_COLUMNS, LineNames},
    lock::TIME,
    record::series_of,
    repeat::repeated,
    score::{Counts, units},
};
use crate::{finding::Severity, job::Period, outcome::Deadlines};

/// What counts as repeated (Article 22): so many times within so many periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The fewest times.
    pub times: usize,
    /// The periods looked at, this one included.
    pub periods: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { times: 2, periods: 12 }
    }
}

/// Everything the register of one period needs.
#[derive(Clone, Debug)]
pub struct Register {
    /// Code and name of the institution.
    pub institution: (String, String),
    /// Period.
    pub period: Period,
    /// When what is due, if a run since it is kept has recorded it.
    pub deadlines: Option<Deadlines>,
    /// What counts as repeated.
    pub bounds: Bounds,
    /// Every problem, by unit, the worst first.
    pub problems: Vec<Problem>,
    /// How each unit stands, in the order of their codes, the institution last.
    pub units: Vec<UnitScore>,
    /// Findings of this period that earlier ones had too (Article 22 one).
    pub repeated: Vec<Repeated>,
    /// Findings their units answered without another value, with what they said last.
    pub declared: Vec<(FindingRow, Declared)>,
}

/// A problem of the period.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The finding.
    pub row: FindingRow,
    /// When it was found.
    pub found: NaiveDateTime,
    /// Who registered it, if no run did.
    pub who: Option<String>,
    /// When and how it was closed, if it was.
    pub closed: Option<Closed>,
    /// It was told to the unit before the last run: by an earlier run of the period, or in an earlier period.
    pub told_before: bool,
}

/// How a problem was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub when: NaiveDateTime,
    /// By whom; nobody if a run no longer found it.
    pub who: Option<String>,
    /// What was said.
    pub text: Option<String>,
}

impl Register {
    /// The warnings that were told to the unit before and are neither corrected nor explained: what is obvious among
    /// them, and should have been corrected, is for people to say (Article 22 two).
    pub fn ignored(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| {
            problem.told_before && problem.row.severity == Severity::Warning && problem.row.status.is_open()
        })
    }

    /// The units that missed a deadline in at least as many periods as count as repeatedly (Article 22 three).
    pub fn tardy(&self) -> impl Iterator<Item = &UnitScore> {
        self.units.iter().filter(|unit| {
            !unit.gate.institution && unit.months.iter().filter(|month| month.is_lapse()).count() >= self.bounds.times
        })
    }
}

impl Ledger {
    /// The register of a period as of `now`; nothing if it was never run.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn register(
        &self,
        pack: &str,
        period: Period,
        bounds: Bounds,
        now: NaiveDateTime,
    ) -> Result<Option<Register>, LedgerError> {
        let read = || {
            let connection = self.connection.unchecked_transaction()?;
            register(&connection, pack, period, bounds, now)
        };
        read().map_err(self.fault())
    }
}

impl Recorded<'_> {
    /// The register as it will be once this run is committed.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn register(
        &self,
        pack: &str,
        period: Period,
        bounds: Bounds,
        now: NaiveDateTime,
    ) -> Result<Option<Register>, LedgerError> {
        register(&self.transaction, pack, period, bounds, now).map_err(|error| LedgerError::storage(self.path, error))
    }
}

fn register(
    connection: &Connection,
    pack: &str,
    period: Period,
    bounds: Bounds,
    now: NaiveDateTime,
) -> rusqlite::Result<Option<Register>> {
    let Some(series) = series_of(connection, pack, period)? else { return Ok(None) };
    let text = period.to_string();
    let since = (1..bounds.periods).fold(period, |since, _| since.prior());
    let Some(run) = last_news(connection, series, &text)? else { return Ok(None) };
    let institution = connection.query_row("SELECT code, name FROM owner", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let problems = problems(connection, series, &text, run)?;
    let repeated = repeated(connection, pack, period, since, bounds.times)?;
    let counts = Counts::of(&problems, &repeated);
    let gate = gate(connection, pack, period, now.date())?;
    let units = units(connection, gate, &counts, series, (since, period), now)?;
    Ok(Some(Register {
        institution,
        period,
        deadlines: deadlines(connection, series, &text)?,
        bounds,
        problems,
        units,
        repeated,
        declared: declared(connection, series, &text)?,
    }))
}

/// The row of the last run of a period that was no repetition of the one before it.
fn last_news(connection: &Connection, series: i64, period: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement =
        connection.prepare("SELECT id, content FROM run WHERE series = ?1 AND period = ?2 ORDER BY id DESC")?;
    let mut rows = statement.query((series, period))?;
    let mut news: Option<(i64, String)> = None;
    while let Some(row) = rows.next()? {
        let (id, content): (i64, String) = (row.get(0)?, row.get(1)?);
        if news.as_ref().is_some_and(|(_, last)| *last != content) {
            break;
        }
        news = Some((id, content));
    }
    Ok(news.map(|(id, _)| id))
}

/// When what of a period is due, if the ledger knows.
pub(super) fn deadlines(connection: &Connection, series: i64, period: &str) -> rusqlite::Result<Option<Deadlines>> {
    let sql = "SELECT submission, correction, report FROM deadline WHERE series = ?1 AND period = ?2";
    let read = connection.query_row(sql, (series, period), |row| {
        let day = |column| parsed(row, column, |text| text.parse::<NaiveDate>().ok());
        Ok(Deadlines { submission: day(0)?, correction: day(1)?, report: day(2)? })
    });
    read.optional()
}

/// What is read of a problem besides its line.
const MORE: &str = "\
sighting.finding, first.recorded, opening.opened, opening.who, sighting.closed, \
finding.first_period < sighting.period OR sighting.first_run < ?3";

/// The problems of a period, by unit, the worst first, then by rule and place.
fn problems(connection: &Connection, series: i64, period: &str, run: i64) -> rusqlite::Result<Vec<Problem>> {
    let mut statement = connection.prepare(&format!(
        "SELECT {LINE}, {MORE} FROM sighting JOIN finding ON finding.id = sighting.finding \
         JOIN run AS first ON first.id = sighting.first_run \
         LEFT JOIN opening ON opening.finding = sighting.finding AND opening.period = sighting.period \
         WHERE sighting.series = ?1 AND sighting.period = ?2"
    ))?;
    let mut rows = statement.query((series, period, run))?;
    let names = LineNames::read(connection)?;
    let said = Said::read(connection, series, period)?;
    let mut problems = Vec::new();
    while let Some(row) = rows.next()? {
        let at = |column: usize| LINE_COLUMNS + column;
        let finding = row.get(at(0))?;
        let line = names.line(row)?;
        let opened: Option<String> = row.get(at(2))?;
        let found = if opened.is_some() { time_at(row, at(2))? } else { time_at(row, at(1))? };
        let closed = match line.status {
            Status::Resolved => {
                let checked = said.checks.get(&finding).cloned();
                let when: Option<String> = row.get(at(4))?;
                let when = when.and_then(|text| NaiveDateTime::parse_from_str(&text, TIME).ok());
                checked.or_else(|| Some(Closed { when: when?, who: None, text: None }))
            }
            Status::Corrected => {
                let when: Option<String> = row.get(4)?;
                let when = when.and_then(|text| NaiveDateTime::parse_from_str(&text, TIME).ok());
                said.corrections.get(&finding).cloned().or_else(|| Some(Closed { when: when?, who: None, text: None }))
            }
            Status::Explained => said.explanations.get(&finding).cloned(),
            Status::Waived => said.waivers.get(&finding).cloned(),
            Status::New | Status::Open | Status::Reopened | Status::SourceNotCorrected => None,
        };
        problems.push(Problem { row: line, found, who: row.get(at(3))?, closed, told_before: row.get(at(5))? });
    }
    problems.sort_by(|a, b| place(a).cmp(&place(b)));
    Ok(problems)
}

/// What problems are put in order by; cells of one column by their row.
fn place(problem: &Problem) -> impl Ord + '_ {
    let row = &problem.row;
    let cell = row.cell.as_deref().unwrap_or_default();
    (&row.unit, row.severity, &row.rule, &row.file, &row.sheet, cell.len(), cell, &row.fingerprint)
}

/// What was said about the findings of a period, the latest of each.
struct Said {
    explanations: HashMap<i64, Closed>,
    waivers: HashMap<i64, Closed>,
    corrections: HashMap<i64, Closed>,
    checks: HashMap<i64, Closed>,
}

impl Said {
    fn read(connection: &Connection, series: i64, period: &str) -> rusqlite::Result<Self> {
        let read = |sql: &str| -> rusqlite::Result<HashMap<i64, Closed>> {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map((series, period), |row| {
                Ok((row.get(0)?, Closed { when: time_at(row, 1)?, who: row.get(2)?, text: row.get(3)? }))
            })?;
            rows.collect()
        };
        Ok(Self {
            explanations: read(
                "SELECT said.finding, given, who, text FROM explanation AS said \
                 JOIN sighting ON sighting.finding = said.finding AND sighting.period = said.period \
                 WHERE sighting.series = ?1 AND said.period = ?2 AND said.value_hash = sighting.value_hash \
                 ORDER BY said.id",
            )?,
            waivers: read(
                "SELECT said.finding, given, who, reason FROM waiver AS said \
                 JOIN sighting ON sighting.finding = said.finding \
                 WHERE sighting.series = ?1 AND sighting.period = ?2 AND said.value_hash = sighting.value_hash \
                 AND withdrawn IS NULL ORDER BY said.id",
            )?,
            corrections: read(
                "SELECT said.finding, given, who, workbook FROM correction_finding AS said \
                 JOIN correction ON correction.id = said.correction \
                 WHERE correction.series = ?1 AND correction.period = ?2 AND ended IS NULL ORDER BY correction.id",
            )?,
            checks: read(
                "SELECT said.finding, given, who, text FROM verification AS said \
                 JOIN finding ON finding.id = said.finding \
                 WHERE finding.series = ?1 AND said.period = ?2 AND finding.source <> 'system' ORDER BY said.id",
            )?,
        })
    }
}

/// Findings not closed by noon of the fifth working day: still open, or closed later.
pub(super) fn was_open_at(problem: &Problem, due: NaiveDateTime) -> bool {
    problem.row.severity != Severity::Info
        && (problem.row.status.is_open() || problem.closed.as_ref().is_some_and(|closed| closed.when > due))
}

impl Register {
    /// The problems that were open at 12:00 on the fifth working day, or still are before it; those of `origin` only if
    /// it is given. Nothing if it is not known when that was.
    pub fn open_at_noon(&self, origin: Option<Origin>) -> Vec<&Problem> {
        let Some(deadlines) = &self.deadlines else { return Vec::new() };
        let due = deadlines.correction_time();
        let asked = |problem: &&Problem| origin.is_none_or(|origin| problem.row.origin == origin);
        self.problems.iter().filter(asked).filter(|problem| was_open_at(problem, due)).collect()
    }
}
