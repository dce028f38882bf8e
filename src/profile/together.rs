//! Which columns together tell all records of a sheet apart, where none does alone.
//!
//! Keeps a hash of each cell of the leftmost columns. Two values of one hash look alike, so that a key may be missed but
//! none is made up. Knows nothing of what the cells mean.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use crate::ingest::{Cell, shown};

/// Columns looked at: keys stand on the left.
const COLUMNS: usize = 12;

/// Records looked at; of a sheet with more nothing is told.
const MOST_RECORDS: usize = 100_000;

/// Stands for a blank cell.
const BLANK: u32 = 0;

/// The cells of the leftmost columns, as hashes.
#[derive(Debug, Default)]
pub struct Together {
    records: Vec<[u32; COLUMNS]>,
    more: bool,
}

impl Together {
    /// Takes a record.
    pub fn take(&mut self, cells: &[(u32, Cell<'_>)]) {
        if self.more || self.records.len() == MOST_RECORDS {
            // What was kept is of no use any more.
            self.more = true;
            self.records = Vec::new();
            return;
        }
        let mut record = [BLANK; COLUMNS];
        for (column, cell) in cells.iter().filter(|(_, cell)| !cell.is_blank()) {
            let Some(own) = record.get_mut(*column as usize) else { continue };
            let mut hasher = DefaultHasher::new();
            shown(*cell).trim().hash(&mut hasher);
            // A hash that happens to be that of a blank is another one.
            *own = u32::try_from(hasher.finish() >> 32).unwrap_or(1).max(1);
        }
        self.records.push(record);
    }

    /// Whether the columns at these positions are filled in and alike in no two records.
    pub fn tell_apart(&self, columns: &[u32]) -> bool {
        let mut seen = HashSet::with_capacity(self.records.len());
        let own = |record: &[u32; COLUMNS]| {
            let cells = columns.iter().map(|column| record.get(*column as usize).copied().unwrap_or(BLANK));
            let cells: Vec<u32> = cells.collect();
            !cells.contains(&BLANK) && seen.insert(cells)
        };
        !self.more && !self.records.is_empty() && self.records.iter().all(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together(rows: &[&str]) -> Together {
        let mut together = Together::default();
        for row in rows {
            let cells: Vec<_> = (0..).zip(row.split('|').map(Cell::Text)).collect();
            together.take(&cells);
        }
        together
    }

    #[test]
    fn columns_tell_records_apart_together() {
        let sheet = together(&["K1|2026-01|a", "K1|2026-02|a", "K2|2026-01|a", "K2|2026-02|"]);
        assert!(sheet.tell_apart(&[0, 1]) && sheet.tell_apart(&[1, 0]));
        assert!(!sheet.tell_apart(&[0]) && !sheet.tell_apart(&[1]));
        // The third is blank in one record; the thirteenth is not looked at.
        assert!(!sheet.tell_apart(&[0, 1, 2]) && !sheet.tell_apart(&[0, 12]));
        assert!(!Together::default().tell_apart(&[0, 1]));
        // AB and C is not A and BC.
        assert!(together(&["AB|C", "A|BC"]).tell_apart(&[0, 1]));
    }

    #[test]
    fn of_too_many_records_nothing_is_told() {
        let mut sheet = Together::default();
        for number in 0..=MOST_RECORDS {
            let text = number.to_string();
            sheet.take(&[(0, Cell::Text(&text)), (1, Cell::Text("a"))]);
        }
        assert!(!sheet.tell_apart(&[0, 1]));
    }
}
