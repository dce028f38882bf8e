//! Whether the source systems have last period's corrections: this period's files show it (Article 14).

use anyhow::Result;

use super::{At, Correction, Finder, RecordIds, plain, typed};
use crate::{job::Unit, message::Cells, pack::RulePack, table::Table};

/// What this period's files show of a value corrected in the period before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// The file has the corrected value: the source system does too.
    Changed,
    /// The file has the old value again: the source system was not corrected.
    NotChanged,
    /// The file has a third value.
    Other,
    /// The record, or its column, is no longer in the files.
    Gone,
}

/// A correction of the period before, and what this period's files show.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The correction.
    pub correction: Correction,
    /// What they show.
    pub state: SourceState,
    /// Its cell in this period's tables, unless it is gone.
    pub at: Option<At>,
}

/// Compares the corrections of the period before with `tables`, those of this period as handed in.
///
/// # Errors
/// If a table does not have the columns of its dataset.
pub fn carried(
    corrections: Vec<Correction>,
    pack: &RulePack,
    units: &[Unit],
    ids: &RecordIds,
    tables: &[Table],
) -> Result<Vec<Carried>> {
    if corrections.is_empty() {
        return Ok(Vec::new());
    }
    let datasets = corrections.iter().map(|correction| correction.dataset.as_str());
    let finder = Finder::new(pack, units, ids, tables, datasets);
    let cells = pack.datasets.iter().zip(tables).map(|(dataset, table)| Cells::new(dataset, table));
    let cells = cells.collect::<Result<Vec<_>>>()?;
    let mut found = Vec::with_capacity(corrections.len());
    for correction in corrections {
        let at = finder.at(&correction);
        let state = at.and_then(|at| {
            let cells = cells.get(at.dataset)?;
            let now = cells.plain(at.record, at.field);
            let new = plain(cells.dataset, at.field, &typed(pack, tables, at, &correction.new)?);
            Some(if now.as_deref() == new.as_deref() {
                SourceState::Changed
            } else if now.as_deref() == correction.old.as_deref() {
                SourceState::NotChanged
            } else {
                SourceState::Other
            })
        });
        found.push(Carried {
            correction,
            state: state.unwrap_or(SourceState::Gone),
            at: at.filter(|_| state.is_some()),
        });
    }
    Ok(found)
}
