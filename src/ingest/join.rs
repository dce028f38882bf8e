//! The tables of all files, one for each dataset, in the order of the sources whatever thread read them.
//!
//! Knows nothing of files and cells.

use anyhow::{Context as _, Result};
use polars::prelude::DataFrame;
use rayon::prelude::*;

use super::{column::Store, rows::SheetTable};
use crate::{
    pack::Dataset,
    table::{CellFault, Table},
};

/// The table of one dataset while the sheets that hold it are put together. Its values are copied once: each sheet's are
/// let go as soon as they have been added.
pub struct Joined<'p> {
    dataset: &'p Dataset,
    table: Table,
    columns: Vec<Store>,
}

impl<'p> Joined<'p> {
    /// A table without records.
    pub fn new(dataset: &'p Dataset) -> Self {
        Self { dataset, table: Table::default(), columns: Vec::new() }
    }

    /// Adds the records of one sheet.
    ///
    /// # Errors
    /// If the columns do not fit, or there are more than 2^32 records.
    pub fn append(&mut self, sheet: SheetTable, file: usize, unit: usize) -> Result<()> {
        let table = &mut self.table;
        let base = u32::try_from(table.sheet_rows.len())?;
        let end = base
            .checked_add(u32::try_from(sheet.sheet_rows.len())?)
            .ok_or_else(|| anyhow::anyhow!("more records than 32 bits can count"))?;
        if table.sheet_rows.is_empty() {
            self.columns = sheet.columns.into_iter().map(Store::from).collect();
        } else {
            for (column, values) in self.columns.iter_mut().zip(sheet.columns) {
                column.append(values)?;
            }
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

    /// The finished table.
    ///
    /// # Errors
    /// If its columns do not fit together, which would be a fault of this program; with the indexes of the files whose
    /// records it would have held.
    pub fn finish(self) -> Result<Table, (anyhow::Error, Vec<usize>)> {
        let Self { dataset, mut table, columns } = self;
        if table.sheet_rows.is_empty() {
            return Ok(Table { segments: std::mem::take(&mut table.segments), ..Table::empty(dataset) });
        }
        let fields: Vec<_> = dataset.fields.iter().zip(columns).collect();
        let columns = fields.into_par_iter().with_max_len(1);
        let columns = columns.map(|(field, values)| values.finish(field).with_context(|| field.id.clone()));
        let columns = columns.collect::<Result<Vec<_>>>();
        match columns.and_then(|columns| Ok(DataFrame::new(table.sheet_rows.len(), columns)?)) {
            Ok(frame) => Ok(Table { frame, ..table }),
            Err(error) => Err((error, table.segments.iter().map(|segment| segment.file).collect())),
        }
    }
}
