//! Corrected values laid over the tables read from the files, so that every later step sees them while the files stay as
//! they were handed in.
//!
//! A correction is bound to the value it corrects: where the file now has another one, it no longer applies, and that is
//! told. Knows tables and fields; neither workbooks that come back nor where corrections are kept.

mod carried;
mod correction;
mod ids;
mod mark;
mod replace;

pub use carried::{Carried, SourceState, carried};
pub use correction::{Correction, Suspicion};
pub use ids::{RecordId, RecordIds};
pub use mark::mark;

use std::collections::HashMap;

use anyhow::Result;

use crate::{
    ingest::{As, TypedCell, typed_cell},
    job::Unit,
    message::Cells,
    pack::{Field, RulePack},
    table::Table,
};

/// A cell of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// Index of the dataset.
    pub dataset: usize,
    /// Index of the record in its table.
    pub record: u32,
    /// Index of the field.
    pub field: u16,
}

/// What became of a correction when it met the files of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The tables have the corrected value.
    Applied,
    /// The file has the corrected value itself by now.
    Adopted,
    /// The file has a third value by now: the correction no longer applies.
    Changed,
    /// The record, or its column, is no longer in the files.
    Gone,
}

/// What a run knows of corrections.
#[derive(Debug, Default)]
pub struct Overlay {
    /// By what the records handed in are known again.
    pub ids: RecordIds,
    /// The period's corrections and what became of each.
    pub laid: Vec<Laid>,
    /// The prior period's corrections, and whether this period's files show that the source system has them.
    pub carried: Vec<Carried>,
    /// What officers are told about their last answers, by unit code and fingerprint.
    pub notes: HashMap<(String, String), String>,
}

impl Overlay {
    /// The corrections the tables have, with their cells.
    pub fn applied(&self) -> impl Iterator<Item = (&Laid, At)> {
        let applied = self.laid.iter().filter(|laid| laid.fate == Fate::Applied);
        applied.filter_map(|laid| Some((laid, laid.at?)))
    }
}

/// A correction and what became of it.
#[derive(Clone, Debug)]
pub struct Laid {
    /// The correction.
    pub correction: Correction,
    /// What became of it.
    pub fate: Fate,
    /// Its cell, unless it is gone.
    pub at: Option<At>,
    /// What the file shows in that cell, as handed in; nothing for a blank one.
    pub submitted: Option<String>,
    /// Mark of the cell as handed in.
    pub mark: u32,
}

/// The records of some units by their ids.
pub struct Finder<'a> {
    pack: &'a RulePack,
    records: HashMap<(usize, usize, RecordId), u32>,
    units: HashMap<&'a str, usize>,
}

impl<'a> Finder<'a> {
    /// Prepares looking up records of the datasets that `wanted` names.
    pub fn new<'d>(
        pack: &'a RulePack,
        units: &'a [Unit],
        ids: &RecordIds,
        tables: &[Table],
        wanted: impl IntoIterator<Item = &'d str>,
    ) -> Self {
        let mut wanted: Vec<_> = wanted.into_iter().filter_map(|id| pack.dataset_index(id)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut records = HashMap::new();
        for dataset in wanted {
            let Some(table) = tables.get(dataset) else { continue };
            for segment in &table.segments {
                for record in segment.records.clone() {
                    if let Some(id) = ids.get(dataset, record) {
                        records.entry((segment.unit, dataset, id)).or_insert(record);
                    }
                }
            }
        }
        let units = units.iter().enumerate().map(|(index, unit)| (unit.code.as_str(), index)).collect();
        Self { pack, records, units }
    }

    /// The record of a unit with this id.
    pub fn record(&self, unit: &str, dataset: &str, id: RecordId) -> Option<(usize, u32)> {
        let (unit, dataset) = (*self.units.get(unit)?, self.pack.dataset_index(dataset)?);
        Some((dataset, *self.records.get(&(unit, dataset, id))?))
    }

    /// The cell of a correction.
    pub fn at(&self, correction: &Correction) -> Option<At> {
        let (dataset, record) = self.record(&correction.unit, &correction.dataset, correction.record)?;
        let field = self.pack.datasets.get(dataset)?.field_index(&correction.field)?;
        Some(At { dataset, record, field })
    }
}

/// The field of a cell, and how its column is read; nothing if the sheet does not have the column.
pub fn reading<'p>(pack: &'p RulePack, tables: &[Table], at: At) -> Option<(&'p Field, As)> {
    let field = pack.datasets.get(at.dataset)?.fields.get(usize::from(at.field))?;
    let table = tables.get(at.dataset).filter(|table| (at.record as usize) < table.height())?;
    let column = table.segment(at.record).column_of(at.field)?;
    Some((field, As { unit: column.unit, percent: column.percent }))
}

/// A value entered for a cell, typed as the cells of its column are; nothing if the sheet does not have the column.
pub fn typed(pack: &RulePack, tables: &[Table], at: At, entered: &crate::ingest::Entered) -> Option<TypedCell> {
    let (field, read_as) = reading(pack, tables, at)?;
    let codes = field.codes.as_ref().and_then(|name| pack.codes.get(name));
    Some(typed_cell(field, codes, read_as, entered))
}

/// Lays corrections over `tables`. Of several for one cell the last counts. What became of each, in the order of the records.
///
/// # Errors
/// If a table does not have the columns of its dataset.
pub fn lay(
    corrections: Vec<Correction>,
    pack: &RulePack,
    units: &[Unit],
    ids: &RecordIds,
    tables: &mut [Table],
) -> Result<Vec<Laid>> {
    if corrections.is_empty() {
        return Ok(Vec::new());
    }
    let datasets = corrections.iter().map(|correction| correction.dataset.as_str());
    let finder = Finder::new(pack, units, ids, tables, datasets);
    let mut laid = Vec::with_capacity(corrections.len());
    let mut changes: Vec<Vec<(u32, u16, TypedCell)>> = pack.datasets.iter().map(|_| Vec::new()).collect();
    {
        let cells = pack.datasets.iter().zip(tables.iter()).map(|(dataset, table)| Cells::new(dataset, table));
        let cells = cells.collect::<Result<Vec<_>>>()?;
        for correction in corrections {
            let found = finder.at(&correction).and_then(|at| {
                let typed = typed(pack, tables, at, &correction.new)?;
                Some((at, typed, cells.get(at.dataset)?))
            });
            let Some((at, typed, cells)) = found else {
                laid.push(Laid { correction, fate: Fate::Gone, at: None, submitted: None, mark: 0 });
                continue;
            };
            let now = cells.plain(at.record, at.field);
            let fate = if now.as_deref() == correction.old.as_deref() {
                Fate::Applied
            } else if now.as_deref() == replace::plain(cells.dataset, at.field, &typed).as_deref() {
                Fate::Adopted
            } else {
                Fate::Changed
            };
            let submitted = cells.text(at.record, at.field).map(std::borrow::Cow::into_owned);
            if fate == Fate::Applied
                && let Some(changes) = changes.get_mut(at.dataset)
            {
                changes.push((at.record, at.field, typed));
            }
            let mark = mark(cells, at.record, at.field);
            laid.push(Laid { correction, fate, at: Some(at), submitted, mark });
        }
    }
    for ((dataset, table), changes) in pack.datasets.iter().zip(tables).zip(changes) {
        replace::replace(dataset, table, changes)?;
    }
    // In the order of the records, whenever they were corrected; what is gone comes last.
    laid.sort_by_key(|laid| (laid.at.is_none(), laid.at));
    Ok(laid)
}

pub use replace::plain;

#[cfg(test)]
mod tests;
