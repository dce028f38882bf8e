//! By what a record handed in is known again in another file of the same unit and period: its key, whatever row it
//! stands in.

use std::collections::HashMap;

use anyhow::Result;
use rayon::prelude::*;

use crate::{digest::short, message::Cells, pack::Dataset, table::Table};

/// What a record is known by within its unit and dataset. That of a record with a key no other record of the unit has
/// is the hash of the key, which the ledger has for findings too.
pub type RecordId = [u8; 10];

/// The ids of all records handed in, as they were before anything was corrected.
#[derive(Clone, Debug, Default)]
pub struct RecordIds {
    tables: Vec<Vec<RecordId>>,
}

impl RecordIds {
    /// The ids of the records of `tables`, which belong to `datasets`. Records that share their key, or have none, are
    /// told apart by their content; of those equal in everything the first is the first.
    ///
    /// # Errors
    /// If a table does not have the columns of its dataset.
    pub fn of(datasets: &[Dataset], tables: &[Table]) -> Result<Self> {
        let pairs: Vec<_> = datasets.iter().zip(tables).collect();
        let tables = pairs.into_par_iter().map(|(dataset, table)| ids(dataset, table)).collect::<Result<_>>()?;
        Ok(Self { tables })
    }

    /// The id of a record.
    pub fn get(&self, dataset: usize, record: u32) -> Option<RecordId> {
        self.tables.get(dataset)?.get(record as usize).copied()
    }

    /// The ids of a dataset's records.
    pub fn dataset(&self, dataset: usize) -> &[RecordId] {
        self.tables.get(dataset).map(Vec::as_slice).unwrap_or_default()
    }
}

fn ids(dataset: &Dataset, table: &Table) -> Result<Vec<RecordId>> {
    let cells = Cells::new(dataset, table)?;
    let records = 0..u32::try_from(table.height())?;
    let mut ids: Vec<RecordId> = records.into_par_iter().map(|record| short([cells.key_identity(record)])).collect();
    let mut taken: HashMap<(usize, RecordId), u32> = HashMap::new();
    for (unit, record) in not_known_by_key(table, &ids) {
        let content = content(&cells, record);
        let whole = short(content.iter().map(String::as_str));
        let earlier = taken.entry((unit, whole)).or_insert(0);
        if let Some(id) = ids.get_mut(record as usize) {
            *id = short(content.iter().cloned().chain([earlier.to_string()]));
        }
        *earlier += 1;
    }
    Ok(ids)
}

/// The records without a key, or with one another record of their unit has too, in their order.
fn not_known_by_key(table: &Table, ids: &[RecordId]) -> Vec<(usize, u32)> {
    let nameless = short([""]);
    let units = table.segments.iter().flat_map(|segment| segment.records.clone().map(|record| (segment.unit, record)));
    // Sorted instead of counted in a map, which would miss the cache for each of them.
    let mut sorted: Vec<(RecordId, usize, u32)> =
        units.filter_map(|(unit, record)| Some((*ids.get(record as usize)?, unit, record))).collect();
    sorted.par_sort_unstable();
    let mut found: Vec<(usize, u32)> = sorted
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .filter(|alike| alike.len() > 1 || alike.first().is_some_and(|(id, ..)| *id == nameless))
        .flatten()
        .map(|(_, unit, record)| (*unit, *record))
        .collect();
    found.sort_unstable_by_key(|(_, record)| *record);
    found
}

fn content(cells: &Cells<'_>, record: u32) -> Vec<String> {
    let fields = 0..u16::try_from(cells.dataset.fields.len()).unwrap_or(u16::MAX);
    let values = fields.map(|field| cells.plain(record, field).unwrap_or_default().into_owned());
    std::iter::once(cells.key_identity(record)).chain(values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::fixture;

    #[test]
    fn records_are_known_by_their_key_and_told_apart_by_their_content() {
        let outcome = fixture::outcome();
        let ids = RecordIds::of(&outcome.pack.datasets, &outcome.intake.tables).expect("ids");
        let all = ids.dataset(0);
        assert_eq!(all.len(), 6);
        assert_eq!(all[1], short(["JJ002"]));
        // Of two units: the same key is not shared.
        assert_eq!(all[0], all[5]);
        assert_ne!(all[3], short([""]), "a record without key is known by its content");
        let mut doubled = fixture::outcome();
        doubled.intake.tables[0].segments[1].unit = 0;
        let ids = RecordIds::of(&doubled.pack.datasets, &doubled.intake.tables).expect("ids");
        assert_ne!(ids.get(0, 0), ids.get(0, 5));
        assert_ne!(ids.get(0, 0), Some(short(["JJ001"])));
    }
}
