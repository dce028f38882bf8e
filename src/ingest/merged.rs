//! Merged cells: one value is shown over several cells, of which only the first holds it.
//!
//! Knows records and fields, but no file format.

use super::marks::Area;
use crate::table::{CellFault, FaultKind};

/// The records and fields of a sheet, for looking up cells.
pub struct Cells<'s> {
    /// Row number of each record, ascending.
    pub sheet_rows: &'s [u32],
    /// Column and field of each column that holds one.
    pub fields: &'s [(u32, u16)],
}

impl Cells<'_> {
    /// The cells that are blank because they are merged with a filled one. `filled` is asked for record and field.
    pub fn merged(&self, areas: &[Area], filled: impl Fn(u32, u16) -> bool) -> Vec<CellFault> {
        let mut faults = Vec::new();
        for area in areas {
            let first = self.sheet_rows.partition_point(|row| *row < area.rows.0);
            let end = self.sheet_rows.partition_point(|row| *row <= area.rows.1);
            let holder = self.fields.iter().find(|(column, _)| *column == area.columns.0).map(|(_, field)| *field);
            let (Some(holder), Ok(first), Ok(end)) = (holder, u32::try_from(first), u32::try_from(end)) else {
                continue;
            };
            // Titles, headings and totals are no records.
            let holds = self.sheet_rows.get(first as usize) == Some(&area.rows.0) && filled(first, holder);
            if !holds {
                continue;
            }
            let covered = |column: u32| (area.columns.0..=area.columns.1).contains(&column);
            let fields = || self.fields.iter().filter(|(column, _)| covered(*column)).map(|(_, field)| *field);
            for record in first..end {
                let blank = fields().filter(|field| (record, *field) != (first, holder) && !filled(record, *field));
                faults.extend(blank.map(|field| CellFault { record, field, kind: FaultKind::MergedCell }));
            }
        }
        faults
    }
}

/// What is found in a blank cell merged with a filled one above; for the examples of cell rules.
pub fn merged_cell_faults() -> Vec<FaultKind> {
    let cells = Cells { sheet_rows: &[2, 3], fields: &[(0, 0)] };
    let faults = cells.merged(&[Area { rows: (2, 3), columns: (0, 0) }], |record, _| record == 0);
    faults.iter().map(|fault| fault.kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_share_a_value() {
        // Records in rows 3, 4, 6 and 7 (5 is a total); columns B, C and E hold the fields 0, 1 and 2.
        let cells = Cells { sheet_rows: &[3, 4, 6, 7], fields: &[(1, 0), (2, 1), (4, 2)] };
        let area = |rows, columns| Area { rows, columns };
        let filled = [(0, 0), (0, 1), (1, 1), (2, 0), (3, 2)];
        let found = |areas: &[Area]| -> Vec<(u32, u16)> {
            let faults = cells.merged(areas, |record, field| filled.contains(&(record, field)));
            assert!(faults.iter().all(|fault| fault.kind == FaultKind::MergedCell));
            faults.into_iter().map(|fault| (fault.record, fault.field)).collect()
        };
        // Downwards, over the total; sideways; both, where one covered cell is filled all the same.
        assert_eq!(found(&[area((3, 6), (1, 1))]), [(1, 0)]);
        assert_eq!(found(&[area((6, 6), (1, 4))]), [(2, 1), (2, 2)]);
        assert_eq!(found(&[area((3, 4), (1, 2))]), [(1, 0)]);
        // From a title or a total, from a blank cell, from a column without a field.
        assert_eq!(
            found(&[area((1, 4), (1, 1)), area((5, 7), (1, 4)), area((3, 7), (4, 4)), area((3, 7), (0, 4))]),
            []
        );
        assert_eq!(found(&[area((7, 1_048_576), (4, 16_383))]), []);
    }
}
