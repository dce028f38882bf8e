//! Rows of one sheet, given one by one, become the typed columns of its dataset.
//!
//! Knows the layout of the sheet and the typing of cells, but no file format and no other sheet.

use std::ops::Range;

use polars::prelude::DataFrame;

use super::{
    SheetRead, SkippedKind, SkippedRow,
    cell::{Cell, Flow},
    column::Column,
    heading::Named,
    layout::{Layout, shortened},
    marks::Marks,
    merged::Cells,
    skip::{may_be_skipped, numbers_columns, repeats_heading, total_or_note},
    typing::{Notes, Typing, shown},
};
use crate::{
    pack::{AmountUnit, Dataset, Field, RulePack},
    table::{Segment, SheetColumn, column_letters},
};

/// Columns without a heading are kept up to this one; further right only their presence is noted.
const UNHEADED_WITHIN: u32 = 512;

/// What one sheet gives: the records of one dataset, numbered from 0.
pub struct SheetTable {
    /// Index of the dataset in the pack.
    pub dataset: usize,
    /// Typed columns.
    pub frame: DataFrame,
    /// Row number of each record.
    pub sheet_rows: Vec<u32>,
    /// Where they came from; file and unit are still 0.
    pub segment: Segment,
    /// Faults, texts and repairs.
    pub notes: Notes,
    /// Records in hidden rows.
    pub hidden_records: Vec<u32>,
}

/// The unit of the amounts under a heading: as it states, else the field's; none if the field has no unit.
fn stated_unit(named: Named, field: &Field) -> Option<AmountUnit> {
    named.unit.filter(|_| field.unit.is_some()).or(field.unit)
}

fn is_null(frame: &DataFrame, record: u32, field: u16) -> bool {
    let value = frame.columns().get(usize::from(field)).map(|column| column.get(record as usize));
    value.is_none_or(|value| value.is_ok_and(|value| value.is_null()))
}

/// Values after which it is no accident that none is more than 1.
const ENOUGH_FRACTIONS: usize = 3;

/// Several numbers, and none of them more than 1.
fn may_be_fractions(frame: &DataFrame, field: u16) -> bool {
    let Some(Ok(values)) = frame.columns().get(usize::from(field)).map(|column| column.decimal()) else { return false };
    let one = 10_u128.saturating_pow(u32::try_from(values.scale()).unwrap_or(u32::MAX));
    let filled = || values.physical().iter().flatten().filter(|value| *value != 0);
    filled().nth(ENOUGH_FRACTIONS - 1).is_some() && filled().all(|value| value.unsigned_abs() <= one)
}

/// Where a text stands among the shared ones, if it is one of them. An empty one has no place of its own.
#[inline]
fn place(shared: &Range<usize>, cell: Cell<'_>) -> Option<u32> {
    let Cell::Text(text) = cell else { return None };
    let address = text.as_ptr().addr();
    if text.is_empty() || !shared.contains(&address) {
        return None;
    }
    u32::try_from(address - shared.start).ok()
}

#[derive(Clone, Copy)]
enum Role {
    None,
    Field(u16),
    Extra(usize),
}

/// Takes the rows of one sheet.
pub struct SheetReader<'p> {
    /// Addresses of the texts that stay where they are while the sheet is read.
    shared: Range<usize>,
    dataset: &'p Dataset,
    layout: &'p Layout,
    roles: Vec<Role>,
    key_columns: Vec<u32>,
    columns: Vec<Column<'p>>,
    extras: Vec<SheetColumn>,
    notes: Notes,
    sheet_rows: Vec<u32>,
    skipped: Vec<SkippedRow>,
    last_row: u32,
    last_filled: u32,
    after_heading: bool,
    beyond: bool,
}

impl<'p> SheetReader<'p> {
    /// A reader for a sheet of this layout. Texts whose address lies in `shared` must stay there until the last row.
    pub fn new(pack: &'p RulePack, layout: &'p Layout, is_1904: bool, shared: Range<usize>) -> Option<Self> {
        let dataset = pack.datasets.get(layout.dataset)?;
        let mut columns: Vec<Column<'p>> = Vec::with_capacity(dataset.fields.len());
        for (index, field) in dataset.fields.iter().enumerate() {
            let codes = field.codes.as_ref().and_then(|name| pack.codes.get(name));
            let mut typing = Typing::new(field, codes);
            let named = layout.columns.iter().filter_map(|column| column.named);
            if let Some(named) = named.into_iter().find(|named| usize::from(named.field) == index) {
                typing.unit = stated_unit(named, field);
                typing.percent = named.percent;
            }
            typing.is_1904 = is_1904;
            columns.push(Column::new(typing));
        }
        let mut reader = Self {
            shared,
            dataset,
            layout,
            roles: Vec::new(),
            key_columns: Vec::new(),
            columns,
            extras: Vec::new(),
            notes: Notes::default(),
            sheet_rows: Vec::new(),
            skipped: layout.titles.clone(),
            last_row: 0,
            last_filled: layout.header_row,
            after_heading: true,
            beyond: false,
        };
        for column in &layout.columns {
            match column.named {
                Some(named) => {
                    reader.set_role(column.index, Role::Field(named.field));
                    if dataset.key.contains(&named.field) {
                        reader.key_columns.push(column.index);
                    }
                }
                None => reader.add_extra(column.index, &column.heading),
            }
        }
        Some(reader)
    }

    fn set_role(&mut self, column: u32, role: Role) {
        let Ok(at) = usize::try_from(column) else { return };
        if self.roles.len() <= at {
            self.roles.resize(at + 1, Role::None);
        }
        if let Some(slot) = self.roles.get_mut(at) {
            *slot = role;
        }
    }

    fn add_extra(&mut self, column: u32, heading: &str) {
        self.set_role(column, Role::Extra(self.extras.len()));
        self.extras.push(SheetColumn::new(column, heading, None));
    }

    fn role(&self, column: u32) -> Role {
        usize::try_from(column).ok().and_then(|at| self.roles.get(at)).copied().unwrap_or(Role::None)
    }

    /// Takes a row.
    pub fn row(&mut self, sheet_row: u32, cells: &[(u32, Cell<'_>)]) -> Flow {
        if sheet_row < self.last_row {
            return Flow::Disordered;
        }
        self.last_row = sheet_row;
        if sheet_row <= self.layout.header_row {
            return Flow::More;
        }
        let Some((_, first)) = cells.iter().find(|(_, cell)| !cell.is_blank()) else { return Flow::More };
        if sheet_row > self.last_filled + 1 {
            self.skip(self.last_filled + 1, sheet_row - 1, SkippedKind::Blank, "");
        }
        self.last_filled = sheet_row;
        if let Some(kind) = self.skipped_kind(cells, *first) {
            self.after_heading = kind == SkippedKind::Heading;
            self.skip(sheet_row, sheet_row, kind, &shown(*first));
            return Flow::More;
        }
        let has_content =
            |(column, cell): &(u32, Cell<'_>)| matches!(self.role(*column), Role::Field(_)) && !cell.is_blank();
        if !cells.iter().any(has_content) {
            self.skip_outside(sheet_row, *first);
            return Flow::More;
        }
        self.after_heading = false;
        self.record(sheet_row, cells);
        Flow::More
    }

    /// The kind of a row that is no record. Looks closely only where the first text, or the place of the row, calls for
    /// it.
    fn skipped_kind(&self, cells: &[(u32, Cell<'_>)], first: Cell<'_>) -> Option<SkippedKind> {
        let first_text = cells.iter().find_map(|(_, cell)| match cell {
            Cell::Text(text) if !cell.is_blank() => Some(*text),
            _ => None,
        });
        let filled =
            || -> Vec<(u32, Cell<'_>)> { cells.iter().filter(|(_, cell)| !cell.is_blank()).copied().collect() };
        if self.after_heading && numbers_columns(&filled()) {
            return Some(SkippedKind::Heading);
        }
        let text = first_text?;
        if may_be_skipped(text)
            && let Some(kind) =
                total_or_note(&filled(), self.layout.columns.len(), |column| self.key_columns.contains(&column))
        {
            return Some(kind);
        }
        let heads = matches!(first, Cell::Text(_))
            && self.layout.columns.first().is_some_and(|head| head.parts.iter().any(|part| part == text));
        (heads && repeats_heading(&filled(), &self.layout.columns)).then_some(SkippedKind::Heading)
    }

    fn skip(&mut self, first: u32, last: u32, kind: SkippedKind, text: &str) {
        self.skipped.push(SkippedRow { first, last, kind, text: shortened(text) });
    }

    /// A row with nothing under the heading of a field: numbers filled in beforehand, a stray cell. Runs are one entry.
    fn skip_outside(&mut self, sheet_row: u32, first: Cell<'_>) {
        if let Some(last) = self.skipped.last_mut()
            && last.kind == SkippedKind::Note
            && last.last + 1 == sheet_row
        {
            last.last = sheet_row;
        } else {
            self.skip(sheet_row, sheet_row, SkippedKind::Note, &shown(first));
        }
    }

    fn record(&mut self, sheet_row: u32, cells: &[(u32, Cell<'_>)]) {
        let Ok(record) = u32::try_from(self.sheet_rows.len()) else { return };
        for (column, cell) in cells {
            match self.role(*column) {
                Role::Field(field) => {
                    self.notes.at = (record, field);
                    if let Some(filled) = self.columns.get_mut(usize::from(field)) {
                        filled.set(record, *cell, place(&self.shared, *cell), &mut self.notes);
                    }
                }
                Role::Extra(at) => self.set_extra(at, *cell),
                Role::None if cell.is_blank() => {}
                Role::None if *column < UNHEADED_WITHIN => {
                    let at = self.extras.len();
                    self.add_extra(*column, "");
                    self.set_extra(at, *cell);
                }
                Role::None => self.beyond = true,
            }
        }
        self.sheet_rows.push(sheet_row);
    }

    fn set_extra(&mut self, at: usize, cell: Cell<'_>) {
        let record = self.sheet_rows.len();
        if let Some(column) = self.extras.get_mut(at) {
            column.extra.resize(record, None);
            column.extra.push(Some(shown(cell)).filter(|text| !text.is_empty()).map(Into::into));
        }
    }

    /// The finished records, and what is reported about the sheet, which says `marks` of itself.
    ///
    /// # Errors
    /// If the columns do not fit together, which would be a fault of this program.
    pub fn finish(mut self, read: &mut SheetRead, marks: &Marks) -> anyhow::Result<SheetTable> {
        let height = u32::try_from(self.sheet_rows.len())?;
        let columns = self.columns.into_iter().map(|column| column.finish(height)).collect::<anyhow::Result<_>>()?;
        let frame = DataFrame::new(self.sheet_rows.len(), columns)?;
        let hidden: std::collections::HashSet<u32> = marks.hidden_rows.iter().copied().collect();
        let hidden_records: Vec<u32> = if hidden.is_empty() {
            Vec::new()
        } else {
            (0_u32..).zip(&self.sheet_rows).filter(|(_, row)| hidden.contains(row)).map(|(record, _)| record).collect()
        };
        for column in &mut self.extras {
            column.extra.resize(self.sheet_rows.len(), None);
        }
        let fields: Vec<(u32, u16)> = self.layout.fields().map(|(column, named)| (column, named.field)).collect();
        let merged = Cells { sheet_rows: &self.sheet_rows, fields: &fields }.merged(&marks.merged, |record, field| {
            self.notes.submitted.contains_key(&(record, field)) || !is_null(&frame, record, field)
        });
        self.notes.faults.extend(merged);
        let held = self.layout.columns.iter().filter_map(|column| {
            let named = column.named?;
            Some(SheetColumn {
                unit: self.dataset.fields.get(usize::from(named.field)).and_then(|field| stated_unit(named, field)),
                percent: named.percent,
                ..SheetColumn::new(column.index, column.heading.as_str(), Some(named.field))
            })
        });
        let mut sheet_columns: Vec<SheetColumn> = held.chain(self.extras).collect();
        sheet_columns.sort_by_key(|column| column.index);
        self.notes.faults.sort_by_key(|fault| (fault.record, fault.field));

        read.dataset = Some(self.layout.dataset);
        read.header_row = self.layout.header_row;
        read.records = u64::from(height);
        read.hidden_records = u64::try_from(hidden_records.len())?;
        read.skipped = self.skipped;
        read.missing.clone_from(&self.layout.missing);
        read.twice.clone_from(&self.layout.twice);
        read.unit_differs.clone_from(&self.layout.unit_differs);
        let hidden_columns = self.layout.columns.iter().filter(|column| marks.hides_column(column.index));
        read.hidden_columns =
            hidden_columns.map(|column| (column_letters(column.index), column.heading.clone())).collect();
        let in_per_cent = self.layout.fields().filter(|(_, named)| named.percent).map(|(_, named)| named.field);
        read.fractions = in_per_cent.filter(|field| may_be_fractions(&frame, *field)).collect();
        if self.beyond {
            read.note = Some(super::message::cells_beyond(UNHEADED_WITHIN));
        }
        debug_assert_eq!(frame.width(), self.dataset.fields.len());
        Ok(SheetTable {
            dataset: self.layout.dataset,
            frame,
            sheet_rows: self.sheet_rows,
            segment: Segment {
                records: 0..height,
                file: 0,
                unit: 0,
                sheet: read.name.clone(),
                sheet_hidden: read.hidden,
                header_row: self.layout.header_row,
                columns: sheet_columns,
            },
            notes: self.notes,
            hidden_records,
        })
    }
}
