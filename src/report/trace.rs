//! Where the rows of a report were drawn, so that a cell can be followed back to its query and rows.

use std::ops::Range;

/// A run of cells and what stands in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Name of the sheet as drawn.
    pub sheet: String,
    /// First row, from 0.
    pub row: u32,
    /// Number of rows.
    pub height: u32,
    /// Index of the sheet in the definition.
    pub sheet_at: usize,
    /// Index of the block in the sheet's definition.
    pub block: usize,
    /// What they show.
    pub shows: Shows,
}

/// What cells show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shows {
    /// Rows of the query, one for each row of the sheet.
    Rows {
        /// Position of the first.
        first: usize,
    },
    /// Sums over these rows.
    Sum {
        /// The rows.
        rows: Range<usize>,
    },
    /// A form filled from this row.
    Form {
        /// Position of the row.
        at: usize,
    },
}
