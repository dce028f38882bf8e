//! Cadences and tables give a line for each customer: how each duty stands on a day.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result, anyhow};
use chrono::NaiveDate;
use polars::prelude::BooleanChunked;

use super::{
    due::{Calendars, Finding, State, find},
    model::{Cadence, Done, Log, Timing},
};
use crate::{
    check::row_keys,
    job::Calendar,
    message::{Cells, Value},
    pack::{
        Dataset,
        sql::{self, Condition, Scope},
    },
    table::Table,
    tier::{Given, evaluate_conditions},
};

/// A duty towards one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Index of the cadence.
    pub cadence: usize,
    /// The record.
    pub record: u32,
    /// How it stands.
    pub finding: Finding,
    /// Contacts since it was last done that did not reach the level asked for.
    pub below: u32,
    /// A field that is blank or unusable, so that it cannot be told.
    pub missing: Option<u16>,
}

/// All duties on a day.
#[derive(Clone, Debug)]
pub struct Agenda {
    /// The day.
    pub today: NaiveDate,
    /// The duties, by cadence and record.
    pub items: Vec<Item>,
    /// For each cadence the log's entries of customers that are not there.
    pub strays: Vec<u64>,
}

/// The tier of each record by scheme: names of tiers, none for a record without.
pub type TierOf = BTreeMap<String, Vec<Option<String>>>;

/// What was done for a customer: days, and whether the level was reached.
type Entries = Vec<(NaiveDate, bool)>;

/// How the duties of `cadences` stand on `today`. `tiers` hold the tiers of the schemes they name.
///
/// # Errors
/// If a condition cannot be evaluated: a fault of the pack or of this program, never of the data.
pub fn evaluate(
    cadences: &[Cadence],
    given: Given<'_>,
    tables: &[Table],
    tiers: &TierOf,
    (calendar, today): (&Calendar, NaiveDate),
) -> Result<Agenda> {
    let mut agenda = Agenda { today, items: Vec::new(), strays: Vec::new() };
    for (index, cadence) in cadences.iter().enumerate() {
        let about = || format!("cadence {}", cadence.id);
        let dataset = given.datasets.get(cadence.on).with_context(about)?;
        let table = tables.get(cadence.on).with_context(about)?;
        let cells = Cells::new(dataset, table)?;
        let applies = truths(given, dataset, table, &[cadence.when.as_deref()]).with_context(about)?.remove(0);
        let keys = row_keys(&table.frame, dataset, &cadence.key)?;
        let (log, begins) = match &cadence.done {
            Done::Log(log) => entries(log, given, tables, today).with_context(about)?,
            Done::Field(_) => (HashMap::new(), None),
        };
        let calendars = Calendars { working: calendar, today, log_begins: begins };
        let named = cadence.tier.as_ref();
        let mut known = std::collections::BTreeSet::new();
        for (record, key) in (0_u32..).zip(keys.iter()) {
            let at = record as usize;
            known.extend(key.filter(|key| log.contains_key(*key)));
            let in_tier = named.is_none_or(|(scheme, wanted)| {
                let own = tiers.get(scheme).and_then(|tiers| tiers.get(at)?.as_ref());
                own.is_some_and(|own| wanted.contains(own))
            });
            if !in_tier || applies.as_ref().is_some_and(|applies| applies.get(at) != Some(true)) {
                continue;
            }
            let own = match &cadence.done {
                Done::Log(_) => key.and_then(|key| log.get(key)).map(Vec::as_slice).unwrap_or_default().to_vec(),
                Done::Field(field) => date(&cells, record, *field).map(|day| (day, true)).into_iter().collect(),
            };
            agenda.items.extend(item(index, cadence, &cells, record, &own, calendars));
        }
        agenda.strays.push((log.len() - known.len()) as u64);
    }
    Ok(agenda)
}

fn date(cells: &Cells<'_>, record: u32, field: u16) -> Option<NaiveDate> {
    match cells.value(record, field) {
        Value::Date(date) => Some(date),
        _ => None,
    }
}

fn item(
    index: usize,
    cadence: &Cadence,
    cells: &Cells<'_>,
    record: u32,
    own: &[(NaiveDate, bool)],
    calendars: Calendars<'_>,
) -> Option<Item> {
    let start_field = match cadence.timing {
        Timing::After { event, .. } => Some(event),
        _ => cadence.since,
    };
    let start = start_field.and_then(|field| date(cells, record, field));
    let done: Vec<NaiveDate> = own.iter().filter(|(_, level)| *level).map(|(day, _)| *day).collect();
    // A blank event has not happened; one that is there and could not be read is another matter.
    let unreadable = |field: &u16| cells.submitted(record, *field).is_some_and(|text| !text.trim().is_empty());
    let missing = match cadence.timing {
        Timing::After { .. } => start_field.filter(|field| start.is_none() && unreadable(field)),
        _ => start_field.filter(|_| start.is_none() && done.is_empty()),
    };
    let finding = match missing {
        Some(_) => Finding { state: State::Unknown, due: None, last: done.last().copied(), over: 0, missed: 0 },
        None => find(cadence.timing, cadence.workday, start, &done, calendars)?,
    };
    let below = own.iter().filter(|(day, level)| !level && finding.last.is_none_or(|last| *day > last)).count();
    Some(Item { cadence: index, record, finding, below: u32::try_from(below).unwrap_or(u32::MAX), missing })
}

/// The entries of a log up to `today`, by key, ascending; and the first day of the log.
fn entries(
    log: &Log,
    given: Given<'_>,
    tables: &[Table],
    today: NaiveDate,
) -> Result<(HashMap<String, Entries>, Option<NaiveDate>)> {
    let dataset = given.datasets.get(log.dataset).context("the log's dataset")?;
    let table = tables.get(log.dataset).context("the log's table")?;
    let cells = Cells::new(dataset, table)?;
    let keys = row_keys(&table.frame, dataset, &log.key)?;
    let mut truths = truths(given, dataset, table, &[log.when.as_deref(), log.level.as_deref()])?;
    let (level, when) = (truths.pop().flatten(), truths.pop().flatten());
    let mut found: HashMap<String, Entries> = HashMap::new();
    let mut first: Option<NaiveDate> = None;
    for (record, key) in (0_u32..).zip(keys.iter()) {
        let at = record as usize;
        let (Some(key), Some(day)) = (key, date(&cells, record, log.date)) else { continue };
        if day > today || when.as_ref().is_some_and(|when| when.get(at) != Some(true)) {
            continue;
        }
        first = Some(first.map_or(day, |first| first.min(day)));
        let reached = level.as_ref().is_none_or(|level| level.get(at) == Some(true));
        found.entry(key.to_owned()).or_default().push((day, reached));
    }
    #[expect(clippy::iter_over_hash_type, reason = "each is sorted on its own")]
    for entries in found.values_mut() {
        entries.sort_unstable();
    }
    Ok((found, first))
}

/// What conditions give for each record; none for a condition that is absent.
fn truths(
    given: Given<'_>,
    dataset: &Dataset,
    table: &Table,
    texts: &[Option<&str>],
) -> Result<Vec<Option<BooleanChunked>>> {
    let columns = dataset.schema();
    let scope = Scope { schema: &columns, params: given.params, context: given.context };
    let compile = |text: &&str| sql::compile_proven(text, scope).map_err(|mistakes| anyhow!("{mistakes}"));
    let conditions: Vec<Condition> = texts.iter().flatten().map(compile).collect::<Result<_>>()?;
    let frame = evaluate_conditions(&conditions, None, table, given.units)?;
    let mut columns = frame.columns().iter();
    let mut all = Vec::new();
    for text in texts {
        if text.is_none() {
            all.push(None);
            continue;
        }
        let column = columns.next().context("a column for each condition")?;
        all.push(Some(column.bool().context("a condition is true or false")?.rechunk().into_owned()));
    }
    Ok(all)
}
