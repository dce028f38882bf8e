//! A sheet as rows of cells, ready for any file format.

use std::collections::BTreeMap;

use crate::model::Cell;

#[derive(Default)]
pub struct Grid {
    pub name: String,
    pub hidden: bool,
    pub rows: Vec<Vec<Cell>>,
    /// Merged areas: first row, first column, last row, last column, 0-based.
    pub merged: Vec<(usize, usize, usize, usize)>,
    /// 0-based rows that are hidden.
    pub hidden_rows: Vec<usize>,
    /// 0-based columns that are hidden.
    pub hidden_columns: Vec<usize>,
    /// 0-based rows in bold: headings and totals.
    pub bold_rows: Vec<usize>,
    /// Record id → row number as Excel shows it.
    pub placed: BTreeMap<usize, usize>,
}

/// A file of one or more sheets.
pub struct Book {
    pub name: String,
    pub format: Format,
    pub grids: Vec<Grid>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Xlsx,
    /// Dates count from 1904.
    Xlsx1904,
    Xls,
    Ods,
    /// Comma-separated, GBK; one sheet.
    Csv,
    /// An xlsx file of which only the first part arrived.
    TruncatedXlsx,
}
