//! Recording the findings of a run: which are known, what has become of each, and what is no longer there.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Statement, ToSql, Transaction, params};

use super::{
    RunEntry, Sighting, Status, Tally, Unread,
    amend::corrected,
    answer::Answers,
    entry::Key,
    record::Scope,
    status::{Answer, State},
};
use crate::finding::Severity;

/// A finding the ledger has for this period already.
struct Previous {
    finding: i64,
    unit: i64,
    state: State,
    status: Status,
    severity: Severity,
    repeated: bool,
}

fn previous(transaction: &Transaction<'_>, scope: &Scope<'_>) -> rusqlite::Result<HashMap<String, Previous>> {
    let mut statement = transaction.prepare(
        "SELECT finding.fingerprint, finding.id, sighting.unit, sighting.state, \
         sighting.status, sighting.severity, finding.first_period < sighting.period \
         FROM sighting JOIN finding ON finding.id = sighting.finding \
         WHERE sighting.period = ?1 AND sighting.series = ?2 AND finding.source = 'system'",
    )?;
    let rows = statement.query_map((scope.period, scope.series), |row| {
        let previous = Previous {
            finding: row.get(1)?,
            unit: row.get(2)?,
            state: row.get(3)?,
            status: row.get(4)?,
            severity: row.get(5)?,
            repeated: row.get(6)?,
        };
        Ok((row.get(0)?, previous))
    })?;
    rows.collect()
}

/// Writes the findings of `entry` and settles those it no longer has. `answers` is what people have said about the
/// period's findings. `same_input`: it is the last run once more.
pub fn write_findings(
    transaction: &Transaction<'_>,
    entry: &RunEntry,
    scope: &Scope<'_>,
    answers: &Answers,
    same_input: bool,
) -> rusqlite::Result<Tally> {
    let mut tally = Tally::default();
    let mut previous = previous(transaction, scope)?;
    let mut writer = Writer::new(transaction, scope, answers)?;
    for sighting in &entry.findings {
        if let Some(previous) = previous.remove(&sighting.fingerprint) {
            let state = previous.state.seen_again(same_input);
            tally.count(writer.update(&previous, sighting, state)?);
            tally.repeated += u64::from(previous.repeated && sighting.can_repeat());
        } else {
            let (status, repeated) = writer.insert(sighting)?;
            tally.count(status);
            tally.repeated += u64::from(repeated);
        }
    }
    let unread: HashMap<i64, &Unread> =
        scope.units.iter().copied().zip(entry.units.iter().map(|u| &u.unread)).collect();
    let mut gone: Vec<_> = previous.into_values().collect();
    gone.sort_unstable_by_key(|previous| previous.finding);
    let mut dataset = transaction.prepare("SELECT dataset FROM finding WHERE id = ?1")?;
    let corrected = corrected(transaction, entry, scope)?;
    for previous in gone {
        let looked_at = match unread.get(&previous.unit) {
            // A unit that is no longer in the roster was not looked at either.
            None | Some(Unread::All) => false,
            Some(Unread::Datasets(missing)) if missing.is_empty() => true,
            Some(Unread::Datasets(missing)) => {
                !missing.contains(&dataset.query_row([previous.finding], |row| row.get(0))?)
            }
        };
        let state = if corrected.contains(&previous.finding) { State::Corrected } else { State::Resolved };
        match (looked_at, previous.state) {
            (false, before) => tally.undecided += u64::from(!before.is_gone()),
            // What an earlier file or a correction had done stays done by it.
            (true, State::Resolved) => {}
            (true, before) if before == state => {}
            (true, before) => {
                writer.resolve(previous.finding, state)?;
                match state {
                    _ if before.is_gone() => {}
                    State::Corrected => tally.corrected += 1,
                    _ => tally.resolved += 1,
                }
            }
        }
    }
    Ok(tally)
}

impl Sighting {
    /// Whether it would be known again in another period.
    pub(super) fn can_repeat(&self) -> bool {
        !matches!(self.key, Key::Blank { .. })
    }
}

/// The statements for findings, prepared once.
struct Writer<'t> {
    scope: &'t Scope<'t>,
    answers: &'t Answers,
    rules: HashMap<String, i64>,
    next_finding: i64,
    rule: Statement<'t>,
    known: Statement<'t>,
    finding: Statement<'t>,
    seen: Statement<'t>,
    earlier: Statement<'t>,
    not_new: Statement<'t>,
    sighting: Statement<'t>,
    content: Statement<'t>,
    moved: Statement<'t>,
    resolve: Statement<'t>,
}

/// What a further run may change of a finding without its standing otherwise.
const CONTENT: &str = "\
file = ?3, sheet = ?4, cell = ?5, value = ?6, value_hash = ?7, message = ?8, last_run = ?9";

impl<'t> Writer<'t> {
    fn new(transaction: &'t Transaction<'_>, scope: &'t Scope<'t>, answers: &'t Answers) -> rusqlite::Result<Self> {
        let last = "SELECT coalesce(max(id), 0) FROM finding";
        Ok(Self {
            scope,
            answers,
            rules: HashMap::new(),
            next_finding: transaction.query_row(last, [], |row| row.get::<_, i64>(0))? + 1,
            rule: transaction.prepare(
                "INSERT INTO rule (code, mandatory) VALUES (?1, ?2) \
                 ON CONFLICT (code) DO UPDATE SET mandatory = excluded.mandatory RETURNING id",
            )?,
            known: transaction.prepare("SELECT id FROM finding WHERE fingerprint = ?1 AND series = ?2")?,
            finding: transaction.prepare(
                "INSERT INTO finding (id, series, fingerprint, dataset, field, record_key, key_hash, first_period, \
                 last_period, times, customer_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 1, ?9) \
                 ON CONFLICT (fingerprint, series) DO NOTHING",
            )?,
            seen: transaction.prepare(
                "UPDATE finding SET times = times + 1, first_period = min(first_period, ?2), \
                 last_period = max(last_period, ?2) WHERE id = ?1",
            )?,
            earlier: transaction.prepare(
                "SELECT state, value_hash FROM sighting WHERE finding = ?1 AND period < ?2 \
                 ORDER BY period DESC LIMIT 1",
            )?,
            not_new: transaction.prepare(
                "UPDATE sighting SET state = 'open', status = iif(status = 'new', 'open', status) \
                 WHERE finding = ?1 AND period > ?2 AND state = 'new'",
            )?,
            sighting: transaction.prepare(
                "INSERT INTO sighting (finding, period, series, unit, rule, state, status, severity, file, sheet, \
                 cell, value, value_hash, message, first_run, last_run) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15)",
            )?,
            content: transaction
                .prepare(&format!("UPDATE sighting SET {CONTENT} WHERE finding = ?1 AND period = ?2"))?,
            moved: transaction.prepare(&format!(
                "UPDATE sighting SET {CONTENT}, state = ?10, status = ?11, severity = ?12 \
                 WHERE finding = ?1 AND period = ?2"
            ))?,
            resolve: transaction.prepare(
                "UPDATE sighting SET state = ?3, status = ?4, closed = ?5 WHERE finding = ?1 AND period = ?2",
            )?,
        })
    }

    /// A finding not seen in this period before. Its status, and whether earlier periods saw it.
    fn insert(&mut self, sighting: &Sighting) -> rusqlite::Result<(Status, bool)> {
        let scope = self.scope;
        let mut earlier: Option<(State, [u8; 10])> = None;
        let finding = if let Some(finding) = self.insert_finding(sighting)? {
            finding
        } else {
            let finding = self.known.query_row((&sighting.fingerprint, scope.series), |row| row.get(0))?;
            self.seen.execute((finding, scope.period))?;
            let found = self.earlier.query_row((finding, scope.period), |row| Ok((row.get(0)?, row.get(1)?)));
            earlier = found.optional()?;
            if earlier.is_none() {
                // A run of a period older than those that saw it before.
                self.not_new.execute((finding, scope.period))?;
            }
            finding
        };
        let comparable = matches!(sighting.key, Key::Record { .. });
        let state = State::at_first(earlier.map(|(state, hash)| (state, comparable && hash == sighting.value_hash)));
        let status = self.answers.status(state, finding, sighting);
        let rule = self.rule_row(sighting)?;
        self.sighting.execute(params![
            finding,
            scope.period,
            scope.series,
            scope.unit(sighting.unit)?,
            rule,
            state,
            status,
            sighting.severity.name(),
            sighting.file,
            sighting.sheet,
            sighting.cell,
            sighting.value,
            sighting.value_hash,
            sighting.message,
            scope.run,
        ])?;
        Ok((status, earlier.is_some() && sighting.can_repeat()))
    }

    /// The row of a finding no period saw before; nothing if one did.
    fn insert_finding(&mut self, sighting: &Sighting) -> rusqlite::Result<Option<i64>> {
        let (shown, hash): (Option<&str>, Option<&[u8]>) = match &sighting.key {
            Key::None => (None, None),
            Key::Blank { shown } => (Some(shown), Some(&[])),
            Key::Record { shown, hash } => (Some(shown), Some(hash)),
        };
        let finding = self.next_finding;
        let inserted = self.finding.execute(params![
            finding,
            self.scope.series,
            sighting.fingerprint,
            sighting.dataset,
            sighting.field,
            shown,
            hash,
            self.scope.period,
            sighting.customer,
        ])?;
        if inserted == 0 {
            return Ok(None);
        }
        self.next_finding += 1;
        Ok(Some(finding))
    }

    /// A finding an earlier run of this period saw.
    fn update(&mut self, previous: &Previous, sighting: &Sighting, state: State) -> rusqlite::Result<Status> {
        let status = self.answers.status(state, previous.finding, sighting);
        self.rule_row(sighting)?;
        // Most findings of a further run stay as they are: the index is touched only for those that do not.
        let moved = (state, status, sighting.severity) != (previous.state, previous.status, previous.severity);
        let statement = if moved { &mut self.moved } else { &mut self.content };
        for (place, value) in [
            &previous.finding as &dyn ToSql,
            &self.scope.period,
            &sighting.file,
            &sighting.sheet,
            &sighting.cell,
            &sighting.value,
            &sighting.value_hash,
            &sighting.message,
            &self.scope.run,
        ]
        .into_iter()
        .enumerate()
        {
            statement.raw_bind_parameter(place + 1, value)?;
        }
        if moved {
            statement.raw_bind_parameter(10, state)?;
            statement.raw_bind_parameter(11, status)?;
            statement.raw_bind_parameter(12, sighting.severity.name())?;
        }
        statement.raw_execute()?;
        Ok(status)
    }

    /// A finding of this period that is no longer there; `state` says why.
    fn resolve(&mut self, finding: i64, state: State) -> rusqlite::Result<()> {
        let status = state.status(Severity::Error, Answer::default());
        self.resolve.execute((finding, self.scope.period, state, status, self.scope.now))?;
        Ok(())
    }

    /// The row of the finding's rule, written once a run.
    fn rule_row(&mut self, sighting: &Sighting) -> rusqlite::Result<i64> {
        if let Some(row) = self.rules.get(&sighting.rule) {
            return Ok(*row);
        }
        let row = self.rule.query_row((&sighting.rule, sighting.mandatory), |row| row.get(0))?;
        self.rules.insert(sighting.rule.clone(), row);
        Ok(row)
    }
}
