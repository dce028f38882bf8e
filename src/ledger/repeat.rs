//! The same error again: what earlier periods saw of a finding (Article 22 one).

use std::collections::{HashMap, hash_map::Entry};

use rusqlite::{Connection, OptionalExtension as _};

use super::{
    FindingRow, Key, Ledger, LedgerError, OpenRun, RunEntry, Seen, Sighting,
    history::{SEEN, seen},
    list::{Lines, period_at},
    record::series_of,
    status::State,
};
use crate::job::Period;

/// What earlier periods saw of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// In how many periods it was seen, this one included: 3 is 第3次.
    pub times: u32,
    /// The first of them.
    pub first_period: Period,
    /// The last before this one.
    pub last_period: Period,
    /// It had been fixed in the file of the last of them, and has the same wrong value again: the source system was not
    /// corrected (Article 14).
    pub source_not_corrected: bool,
    /// It was another record of the same customer.
    pub other_record: bool,
}

/// What all periods together saw of a finding.
const KNOWN: &str = "\
SELECT id, times, first_period, last_period FROM finding WHERE fingerprint = ?1 AND series = ?2";

/// What the periods before one saw of a finding.
const EARLIER: &str = "\
SELECT count(*), min(period), max(period) FROM sighting WHERE finding = ?1 AND period < ?2";

/// How a finding stood in the last period before one that saw it.
const STOOD: &str = "\
SELECT state, value_hash FROM sighting WHERE finding = ?1 AND period < ?2 ORDER BY period DESC LIMIT 1";

/// In which periods before one a unit had the same error for the same customer.
const CUSTOMER: &str = "\
SELECT count(DISTINCT sighting.period), min(sighting.period), max(sighting.period) \
FROM finding JOIN sighting ON sighting.finding = finding.id \
WHERE finding.customer_hash = ?1 AND finding.series = ?2 AND finding.field = ?3 AND sighting.period < ?4 \
AND sighting.rule = (SELECT id FROM rule WHERE code = ?5) AND sighting.unit = (SELECT id FROM unit WHERE code = ?6)";

impl OpenRun<'_> {
    /// For each finding of the entry, in its order, what earlier periods saw of it. Findings of records without key are
    /// never repeats: they cannot be known again.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn repeats(&self, entry: &RunEntry) -> Result<Vec<Option<Repeat>>, LedgerError> {
        repeats(self.connection, entry).map_err(|error| LedgerError::storage(self.path, error))
    }
}

impl Ledger {
    /// As [`OpenRun::repeats`], without a run.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn repeats(&self, entry: &RunEntry) -> Result<Vec<Option<Repeat>>, LedgerError> {
        repeats(&self.connection, entry).map_err(self.fault())
    }
}

fn repeats<'e>(connection: &Connection, entry: &'e RunEntry) -> rusqlite::Result<Vec<Option<Repeat>>> {
    // Without it the file would be locked and unlocked for each finding.
    let connection = connection.unchecked_transaction()?;
    let nothing = || vec![None; entry.findings.len()];
    let Some(series) = series_of(&connection, &entry.pack, entry.period)? else { return Ok(nothing()) };
    let period = entry.period.to_string();
    let earlier = "SELECT 1 FROM sighting WHERE series = ?1 AND period < ?2 LIMIT 1";
    if connection.query_row(earlier, (series, &period), |_| Ok(())).optional()?.is_none() {
        return Ok(nothing());
    }
    let (mut known, mut before) = (connection.prepare(KNOWN)?, connection.prepare(EARLIER)?);
    let (mut stood, mut of_customer) = (connection.prepare(STOOD)?, connection.prepare(CUSTOMER)?);
    let mut asked = HashMap::new();
    let mut look_up = |sighting: &'e Sighting| {
        if !sighting.can_repeat() {
            return Ok(None);
        }
        let found = known.query_row((&sighting.fingerprint, series), |row| {
            Ok((row.get::<_, i64>(0)?, (row.get(1)?, period_at(row, 2)?, period_at(row, 3)?)))
        });
        let periods = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, period_at(row, 1)?, period_at(row, 2)?));
        let found = match found.optional()? {
            None => None,
            // Mostly this period is the latest, and new: all that is known was before it.
            Some((finding, all)) if all.2 < entry.period => Some((finding, all)),
            Some((_, all)) if all.1 >= entry.period => None,
            Some((finding, _)) => Some((finding, before.query_row((finding, &period), periods)?)),
        };
        let repeat = |(times, first_period, last_period): (u32, Period, Period)| Repeat {
            times: times + 1,
            first_period,
            last_period,
            source_not_corrected: false,
            other_record: false,
        };
        if let Some((finding, seen)) = found {
            let (state, value): (State, [u8; 10]) =
                stood.query_row((finding, &period), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let comparable = matches!(sighting.key, Key::Record { .. });
            let state = State::at_first(Some((state, comparable && value == sighting.value_hash)));
            return Ok(Some(Repeat { source_not_corrected: state == State::SourceNotCorrected, ..repeat(seen) }));
        }
        let Some(customer) = sighting.customer else { return Ok(None) };
        let unit = entry.units.get(sighting.unit).map(|unit| unit.code.as_str());
        // A customer with many records has the same answer for each.
        let key = (customer, sighting.field.as_str(), sighting.rule.as_str(), sighting.unit);
        let seen = match asked.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let seen = of_customer
                    .query_row((customer, series, &sighting.field, &period, &sighting.rule, unit), |row| {
                        Ok(if row.get::<_, u32>(0)? == 0 { None } else { Some(periods(row)?) })
                    })?;
                *place.insert(seen)
            }
        };
        Ok(seen.map(|seen| Repeat { other_record: true, ..repeat(seen) }))
    };
    entry.findings.iter().map(&mut look_up).collect()
}

/// A finding of a period that earlier periods saw too, in the same record or in another of the same customer: evidence for Article 22 one, never more than that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The finding in the period.
    pub row: FindingRow,
    /// The periods that saw it, this one included, oldest first.
    pub seen: Vec<Seen>,
}

impl Ledger {
    /// The findings of `period` that at least `times` periods saw between `since` and it, itself included; by unit and
    /// rule. Findings of records without key are left out.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn repeated(
        &self,
        pack: &str,
        period: Period,
        since: Period,
        times: usize,
    ) -> Result<Vec<Repeated>, LedgerError> {
        let read = || {
            let connection = self.connection.unchecked_transaction()?;
            repeated(&connection, pack, period, since, times)
        };
        read().map_err(self.fault())
    }
}

pub(super) fn repeated(
    connection: &Connection,
    pack: &str,
    period: Period,
    since: Period,
    times: usize,
) -> rusqlite::Result<Vec<Repeated>> {
    let Some(series) = series_of(connection, pack, period)? else { return Ok(Vec::new()) };
    let mut findings = connection.prepare(REPEATED)?;
    let text = period.to_string();
    let since_text = since.to_string();
    let mut findings = findings.query((series, &text, &since_text))?;
    let mut before = connection.prepare(OF_CUSTOMER_BEFORE)?;
    // A customer with many records has the same answers for each.
    let mut groups: HashMap<Group, Option<Vec<Seen>>> = HashMap::new();
    let mut lines = Lines::new(connection)?;
    let mut seen_in = connection.prepare(SEEN)?;
    let mut seen_of_customer = connection.prepare(SEEN_OF_CUSTOMER)?;
    let mut repeated = Vec::new();
    while let Some(row) = findings.next()? {
        let (finding, own): (i64, bool) = (row.get(0)?, row.get(1)?);
        let group = match row.get::<_, Option<Vec<u8>>>(2)? {
            Some(customer) => Some((customer, row.get::<_, String>(3)?, row.get::<_, i64>(4)?, row.get::<_, i64>(5)?)),
            None => None,
        };
        let others: &[Seen] = match group {
            None => &[],
            Some(group) => match groups.entry(group) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let (customer, field, rule, unit) = place.key();
                    let exists = before.exists((customer, series, field, rule, unit, &since_text, &text))?;
                    place.insert(if exists { Some(seen(&mut seen_of_customer, finding)?) } else { None })
                }
            }
            .as_deref()
            .unwrap_or_default(),
        };
        if !own && others.is_empty() {
            continue;
        }
        let mut seen = seen(&mut seen_in, finding)?;
        for other in others {
            if !seen.iter().any(|seen| seen.period == other.period) {
                seen.push(other.clone());
            }
        }
        seen.sort_by_key(|seen| seen.period);
        seen.retain(|seen| since <= seen.period && seen.period <= period);
        if seen.len() >= times {
            repeated.push(Repeated { row: lines.line(finding, &text)?, seen });
        }
    }
    Ok(repeated)
}

/// As [`SEEN`], the other findings of the same rule, field, unit and customer.
const SEEN_OF_CUSTOMER: &str = "\
SELECT sighting.period, sighting.status, sighting.value, first.recorded, last.recorded \
FROM finding AS own JOIN sighting AS mine ON mine.finding = own.id \
JOIN finding ON finding.customer_hash = own.customer_hash AND finding.series = own.series AND finding.field = own.field \
JOIN sighting ON sighting.finding = finding.id AND sighting.rule = mine.rule AND sighting.unit = mine.unit \
JOIN run AS first ON first.id = sighting.first_run JOIN run AS last ON last.id = sighting.last_run \
WHERE own.id = ?1 GROUP BY sighting.period ORDER BY sighting.period";

/// Customer, field, rule and unit.
type Group = (Vec<u8>, String, i64, i64);

/// Whether periods from ?6 on and before ?7 saw an error of a customer.
const OF_CUSTOMER_BEFORE: &str = "\
SELECT 1 FROM finding JOIN sighting ON sighting.finding = finding.id WHERE finding.customer_hash = ?1 \
AND finding.series = ?2 AND finding.field = ?3 AND sighting.rule = ?4 AND sighting.unit = ?5 \
AND sighting.period >= ?6 AND sighting.period < ?7";

/// Findings of a period whose records can be known again: whether an earlier one, not before ?3, saw it too, and what
/// makes it the same error in another record.
const REPEATED: &str = "\
SELECT sighting.finding, finding.first_period < ?2 AND EXISTS (SELECT 1 FROM sighting AS before \
WHERE before.finding = finding.id AND before.period >= ?3 AND before.period < ?2), \
finding.customer_hash, finding.field, sighting.rule, sighting.unit FROM sighting JOIN finding ON finding.id = sighting.finding \
WHERE sighting.series = ?1 AND sighting.period = ?2 \
AND (finding.key_hash IS NULL OR length(finding.key_hash) > 0) \
ORDER BY sighting.unit, sighting.rule, sighting.finding";
