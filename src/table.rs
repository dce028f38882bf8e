//! A dataset as read from the submission files: typed columns, and for every record and cell where it stood.
//!
//! Knows neither how files are read nor what the rules are.

use std::{collections::HashMap, ops::Range};

use polars::prelude::DataFrame;

use crate::pack::{AmountUnit, Dataset};

/// All records of one dataset for one period, from every unit's files.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Typed columns, one for each field of the dataset, in the dataset's order and named by field id. A blank cell,
    /// and a cell that could not be typed, is null. Text, name, identifier and code fields are `String`, amounts and
    /// decimals `Decimal(38, scale)`, integers `Int64`, dates `Date`.
    pub frame: DataFrame,
    /// The row number Excel shows (1-based) of each record.
    pub sheet_rows: Vec<u32>,
    /// Which sheet each run of records came from; in order, covering all records.
    pub segments: Vec<Segment>,
    /// What the cell detectors found, ordered by record and field.
    pub cell_faults: Vec<CellFault>,
    /// The text as submitted, where it is not what the typed value itself shows: normalised or untypable cells.
    /// Key: record index, field index.
    pub submitted: HashMap<(u32, u16), Box<str>>,
    /// Indexes of the records whose row is hidden in the sheet; ascending.
    pub hidden_records: Vec<u32>,
}

/// A run of records that came from one sheet of one file.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Indexes of the records in the table.
    pub records: Range<u32>,
    /// Index of the file in the list of files read.
    pub file: usize,
    /// Index of the unit in the job's roster.
    pub unit: usize,
    /// Name of the sheet; empty for csv.
    pub sheet: String,
    /// The sheet is hidden in the workbook.
    pub sheet_hidden: bool,
    /// Row number (1-based) of the heading row; of a two-row heading the lower one.
    pub header_row: u32,
    /// The columns of the sheet that have a heading, from left to right.
    pub columns: Vec<SheetColumn>,
}

/// One column of a submitted sheet.
#[derive(Clone, Debug)]
pub struct SheetColumn {
    /// Position in the sheet, 0-based.
    pub index: u32,
    /// The heading as submitted; of a two-row heading both parts, joined by ` / `.
    pub heading: String,
    /// The dataset's field this column holds, if it is one of them.
    pub field: Option<u16>,
    /// The unit its amounts are in, as heading or title state it; the field's unless stated.
    pub unit: Option<AmountUnit>,
    /// The heading states per cent.
    pub percent: bool,
    /// Cells of a column that is no field of the dataset, as text, one for each record of the segment; empty otherwise.
    pub extra: Vec<Option<Box<str>>>,
}

/// What a cell detector found in one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFault {
    /// Index of the record.
    pub record: u32,
    /// Index of the field.
    pub field: u16,
    /// What is wrong.
    pub kind: FaultKind,
}

/// Faults the cell detectors tell apart. Each has a rule in the pack that gives severity and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The text is no number (amount, decimal and integer fields).
    NotANumber,
    /// The value is no date.
    NotADate,
    /// The number has a fraction (integer fields).
    NotAnInteger,
    /// The number has more decimal places than the field allows.
    TooManyDecimals,
    /// The cell shows an error such as `#N/A`.
    ErrorCell,
    /// The cell holds a formula without a stored result.
    FormulaWithoutValue,
    /// An identifier stored as a number: digits after the 15th are gone.
    NumericIdentifier,
    /// An identifier in scientific notation, such as `1.50102E+17`.
    ScientificNotation,
    /// A code of fixed width that lost its leading zeros.
    LostLeadingZeros,
    /// A code or identifier that became a date.
    CodeBecameDate,
    /// Zero-width, no-break or control characters inside the text; removed from identifiers and codes.
    InvisibleCharacters,
    /// Full-width digits, letters or signs in an identifier, code, number or date; folded.
    FullWidthCharacters,
    /// Private-use or replacement characters, or `?` and `□` between characters of a name: characters were lost.
    LostCharacters,
    /// The number format shows another number than the cell holds: another magnitude, or another unit beside it.
    ShownOtherwise,
    /// Blank because it is merged with a cell above or to the left, which holds the value.
    MergedCell,
}

impl FaultKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [FaultKind; 15] = [
        FaultKind::NotANumber,
        FaultKind::NotADate,
        FaultKind::NotAnInteger,
        FaultKind::TooManyDecimals,
        FaultKind::ErrorCell,
        FaultKind::FormulaWithoutValue,
        FaultKind::NumericIdentifier,
        FaultKind::ScientificNotation,
        FaultKind::LostLeadingZeros,
        FaultKind::CodeBecameDate,
        FaultKind::InvisibleCharacters,
        FaultKind::FullWidthCharacters,
        FaultKind::LostCharacters,
        FaultKind::ShownOtherwise,
        FaultKind::MergedCell,
    ];

    /// The name used for `detector` in a pack.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::NotANumber => "not-a-number",
            FaultKind::NotADate => "not-a-date",
            FaultKind::NotAnInteger => "not-an-integer",
            FaultKind::TooManyDecimals => "too-many-decimals",
            FaultKind::ErrorCell => "error-cell",
            FaultKind::FormulaWithoutValue => "formula-without-value",
            FaultKind::NumericIdentifier => "numeric-identifier",
            FaultKind::ScientificNotation => "scientific-notation",
            FaultKind::LostLeadingZeros => "lost-leading-zeros",
            FaultKind::CodeBecameDate => "code-became-date",
            FaultKind::InvisibleCharacters => "invisible-characters",
            FaultKind::FullWidthCharacters => "full-width-characters",
            FaultKind::LostCharacters => "lost-characters",
            FaultKind::ShownOtherwise => "shown-otherwise",
            FaultKind::MergedCell => "merged-cell",
        }
    }

    /// The cell has no usable value: it is null in the frame, and rules that read it are not evaluable.
    pub fn destroys_value(self) -> bool {
        !matches!(self, FaultKind::InvisibleCharacters | FaultKind::FullWidthCharacters | FaultKind::LostCharacters)
    }
}

impl Table {
    /// An empty table with the typed columns of `dataset`.
    pub fn empty(dataset: &Dataset) -> Self {
        Self { frame: DataFrame::empty_with_schema(&dataset.schema()), ..Self::default() }
    }

    /// Number of records.
    pub fn height(&self) -> usize {
        self.sheet_rows.len()
    }

    /// The segment a record came from.
    ///
    /// # Panics
    /// If `record` is not a record of this table.
    pub fn segment(&self, record: u32) -> &Segment {
        let at = self.segments.partition_point(|segment| segment.records.end <= record);
        &self.segments[at]
    }
}

impl SheetColumn {
    /// A column of which nothing is known but its place and heading.
    pub fn new(index: u32, heading: impl Into<String>, field: Option<u16>) -> Self {
        Self { index, heading: heading.into(), field, unit: None, percent: false, extra: Vec::new() }
    }
}

impl Segment {
    /// The sheet column that holds `field`, if the sheet has it.
    pub fn column_of(&self, field: u16) -> Option<&SheetColumn> {
        self.columns.iter().find(|column| column.field == Some(field))
    }
}

/// The letters Excel shows above a column: 0 → `A`, 26 → `AA`.
pub fn column_letters(index: u32) -> String {
    let mut rest = index + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_follow_excel() {
        for (index, letters) in
            [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")]
        {
            assert_eq!(column_letters(index), letters);
        }
    }

    #[test]
    fn fault_names_are_unique_and_kebab_case() {
        let names: std::collections::BTreeSet<_> = FaultKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), FaultKind::ALL.len());
        for kind in FaultKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a name"), serde_json::Value::from(kind.name()));
        }
    }
}
