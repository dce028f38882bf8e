//! What every reader hands over: cells in batches of whole rows.
//!
//! Knows no file format and no dataset, so that readers can be exchanged without touching the typing.

use super::form::{Form, form_of};

/// The value of a cell as stored in the file; blank cells are not handed over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Text; may still consist of blanks.
    Text(&'a str),
    /// A number whose format is no date.
    Number(f64),
    /// A number whose format tells more than its value.
    Formatted(f64, Form),
    /// A whole number of more than fifteen digits, as written in the file.
    Digits(&'a str),
    /// A number whose format is a date, or a date proper.
    Date(DayTime),
    /// Truth value.
    Bool(bool),
    /// An error, as shown: `#N/A`.
    Error(&'a str),
    /// A formula without a stored result.
    NoValue,
}

/// A point in time, independent of the epoch of the workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayTime {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Seconds since midnight.
    pub second: u32,
}

impl Cell<'_> {
    /// A number with a format code, which is none of a date.
    pub fn with_format(value: f64, code: &str) -> Self {
        form_of(code).map_or(Cell::Number(value), |form| Cell::Formatted(value, form))
    }

    /// The value of a number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Number(value) | Cell::Formatted(value, _) => Some(*value),
            Cell::Digits(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// Nothing can be seen in it.
    pub fn is_blank(&self) -> bool {
        matches!(self, Cell::Text(text) if text.chars().all(char::is_whitespace))
    }
}

/// Whether rows are still wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    More,
    /// Enough.
    Stop,
    /// A row came after one that stands below it: the sheet must be sorted first.
    Disordered,
    /// Another reader takes over: everything handed over so far is to be forgotten, and the sheet streamed again.
    Restart,
}

/// A sheet that could be read only in part, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The last row read.
    pub after_row: u32,
    /// What the reader said.
    pub detail: String,
    /// It was given up because it inflates out of all proportion.
    pub is_bomb: bool,
}

impl Broken {
    /// Damage below a row.
    pub fn new(after_row: u32, detail: &dyn std::fmt::Display) -> Self {
        Self { after_row, detail: detail.to_string(), is_bomb: false }
    }

    /// The sheet inflates out of all proportion.
    pub fn bomb(after_row: u32) -> Self {
        Self { after_row, detail: "it inflates out of all proportion".to_owned(), is_bomb: true }
    }
}

/// Takes a row: its number as Excel shows it (1-based) and its cells with their 0-based columns, mostly ascending.
pub type TakeRow<'t> = dyn FnMut(u32, &[(u32, Cell<'_>)]) -> Flow + Send + 't;

/// Cells on their way from a reader to the column builders. Text the reader owns is copied into one buffer, so that a
/// batch costs no allocation for each cell; text of the shared-string table is borrowed.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    cells: Vec<BatchCell<'a>>,
    text: String,
}

#[derive(Clone, Copy, Debug)]
struct BatchCell<'a> {
    row: u32,
    column: u32,
    value: BatchValue<'a>,
}

#[derive(Clone, Copy, Debug)]
enum BatchValue<'a> {
    Whole(Cell<'a>),
    Text(usize, usize),
    Error(usize, usize),
    Digits(usize, usize),
}

/// Cells after which a batch is handed over at the next row.
const BATCH_CELLS: usize = 8_192;
/// Bytes of text after which a batch is handed over at the next row.
const BATCH_TEXT: usize = 1 << 20;

impl<'a> Batch<'a> {
    /// Adds a cell that borrows nothing from the reader's own buffers.
    pub fn push(&mut self, row: u32, column: u32, cell: Cell<'a>) {
        self.cells.push(BatchCell { row, column, value: BatchValue::Whole(cell) });
    }

    /// Adds a text by copying it.
    pub fn push_text(&mut self, row: u32, column: u32, text: &str) {
        self.copy(row, column, text, BatchValue::Text);
    }

    /// Adds an error by copying what it shows.
    pub fn push_error(&mut self, row: u32, column: u32, text: &str) {
        self.copy(row, column, text, BatchValue::Error);
    }

    /// Adds a long number by copying its digits.
    pub fn push_digits(&mut self, row: u32, column: u32, digits: &str) {
        self.copy(row, column, digits, BatchValue::Digits);
    }

    fn copy(&mut self, row: u32, column: u32, text: &str, value: impl Fn(usize, usize) -> BatchValue<'a>) {
        let start = self.text.len();
        self.text.push_str(text);
        self.cells.push(BatchCell { row, column, value: value(start, self.text.len()) });
    }

    /// The batch is large enough, and `row` begins a new row: hand it over first.
    pub fn full_before(&self, row: u32) -> bool {
        (self.cells.len() >= BATCH_CELLS || self.text.len() >= BATCH_TEXT)
            && self.cells.last().is_some_and(|last| last.row != row)
    }

    /// Empties it for reuse.
    pub fn clear(&mut self) {
        self.cells.clear();
        self.text.clear();
    }

    /// Hands its rows to `take`.
    pub fn each_row(&self, take: &mut TakeRow<'_>) -> Flow {
        let mut row_cells: Vec<(u32, Cell<'_>)> = Vec::with_capacity(64);
        let mut rest = self.cells.as_slice();
        while let Some(first) = rest.first() {
            let end = rest.iter().position(|cell| cell.row != first.row).unwrap_or(rest.len());
            let (row, after) = rest.split_at(end);
            rest = after;
            row_cells.clear();
            row_cells.extend(row.iter().map(|cell| (cell.column, self.cell(cell.value))));
            if !row_cells.is_sorted_by(|a, b| a.0 < b.0) {
                row_cells.sort_by_key(|cell| cell.0);
                row_cells.dedup_by_key(|cell| cell.0);
            }
            match take(first.row.saturating_add(1), &row_cells) {
                Flow::More => {}
                end => return end,
            }
        }
        Flow::More
    }

    fn cell<'b>(&'b self, value: BatchValue<'b>) -> Cell<'b> {
        let text = |start, end| self.text.get(start..end).unwrap_or_default();
        match value {
            BatchValue::Whole(cell) => cell,
            BatchValue::Text(start, end) => Cell::Text(text(start, end)),
            BatchValue::Error(start, end) => Cell::Error(text(start, end)),
            BatchValue::Digits(start, end) => Cell::Digits(text(start, end)),
        }
    }
}
