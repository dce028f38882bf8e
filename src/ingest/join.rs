//! The tables of all files, one for each dataset, in the order of the sources whatever thread read them.
//!
//! Knows nothing of files and cells.

use super::rows::SheetTable;
use crate::{
    pack::Dataset,
    table::{CellFault, Table},
};

/// Adds the records of one sheet to the table of its dataset.
///
/// # Errors
/// If the columns do not fit, or there are more than 2^32 records.
pub fn append(table: &mut Table, sheet: SheetTable, file: usize, unit: usize) -> anyhow::Result<()> {
    let base = u32::try_from(table.sheet_rows.len())?;
    let end = base
        .checked_add(u32::try_from(sheet.sheet_rows.len())?)
        .ok_or_else(|| anyhow::anyhow!("more records than 32 bits can count"))?;
    if table.sheet_rows.is_empty() {
        table.frame = sheet.frame;
    } else {
        table.frame.vstack_mut_owned(sheet.frame)?;
    }
    table.sheet_rows.extend(sheet.sheet_rows);
    let mut segment = sheet.segment;
    segment.records = base..end;
    segment.file = file;
    segment.unit = unit;
    if base != end {
        table.segments.push(segment);
    }
    let faults = sheet.notes.faults.into_iter();
    table.cell_faults.extend(faults.map(|fault| CellFault { record: fault.record + base, ..fault }));
    let submitted = sheet.notes.submitted.into_iter();
    if table.submitted.is_empty() && base == 0 {
        table.submitted = submitted.collect();
    } else {
        table.submitted.extend(submitted.map(|((record, field), text)| ((record + base, field), text)));
    }
    table.hidden_records.extend(sheet.hidden_records.into_iter().map(|record| record + base));
    Ok(())
}

/// Makes each column of a finished table one piece in memory.
pub fn settle(table: &mut Table, dataset: &Dataset) {
    if table.sheet_rows.is_empty() {
        *table = Table { segments: std::mem::take(&mut table.segments), ..Table::empty(dataset) };
    } else if table.segments.len() > 1 {
        table.frame.rechunk_mut();
    }
}
