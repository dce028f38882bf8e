//! A workbook as plain cells, for workbooks this program wrote itself and that come back filled in.
//!
//! Knows nothing of what they mean.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{
    Format, Unreadable,
    cell::{Cell, Flow},
    entered::Entered,
    format::{Content, identify},
    message,
    sheets::{How, Workbook},
};

/// A workbook read whole.
#[derive(Clone, Debug)]
pub struct PlainBook {
    /// What the file really is.
    pub format: Format,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Its sheets in their order; none for other formats than xlsx, which are not looked into.
    pub sheets: Vec<PlainSheet>,
}

/// A sheet.
#[derive(Clone, Debug, Default)]
pub struct PlainSheet {
    /// Name.
    pub name: String,
    /// Rows with content, as they come.
    pub rows: Vec<PlainRow>,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct PlainRow {
    /// Row number as Excel shows it.
    pub number: u32,
    /// 0-based column and value of each cell that is not blank, by ascending column.
    pub cells: Vec<(u32, Entered)>,
}

impl PlainRow {
    /// The value in a column.
    pub fn get(&self, column: u32) -> &Entered {
        let found = self.cells.binary_search_by_key(&column, |(column, _)| *column);
        found.ok().and_then(|at| self.cells.get(at)).map_or(&Entered::Blank, |(_, value)| value)
    }
}

/// Reads an xlsx workbook whole; of other formats only what they are.
///
/// # Errors
/// If it cannot be opened, is damaged, needs a password or is no spreadsheet.
pub fn read_plain(path: &Path, password: Option<&str>) -> Result<PlainBook, Unreadable> {
    let bytes = std::fs::read(path).map_err(|error| message::unopened(&error))?;
    let sha256 = crate::digest::hex(&Sha256::digest(&bytes));
    let content = match identify(&bytes, password)? {
        Content::Workbook(Format::Xlsx, content) => content,
        Content::Workbook(format, _) => return Ok(PlainBook { format, sha256, sheets: Vec::new() }),
        Content::Text(_) => return Ok(PlainBook { format: Format::Csv, sha256, sheets: Vec::new() }),
    };
    let mut book = Workbook::open(Format::Xlsx, &content)?;
    let names: Vec<_> = book.contents.sheets.iter().map(|(name, _)| name.clone()).collect();
    let mut sheets = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let mut rows = Vec::new();
        let how = How { overlap: false, formulas: true };
        let mut end = book.stream(index, how, &mut |number, cells| keep(&mut rows, number, cells));
        if end == Ok(Flow::Restart) {
            rows.clear();
            end = book.stream(index, how, &mut |number, cells| keep(&mut rows, number, cells));
        }
        if let Err(broken) = end {
            return Err(message::damaged(Format::Xlsx, &format!("{name}: {}", broken.detail)));
        }
        sheets.push(PlainSheet { name, rows });
    }
    Ok(PlainBook { format: Format::Xlsx, sha256, sheets })
}

fn keep(rows: &mut Vec<PlainRow>, number: u32, cells: &[(u32, Cell<'_>)]) -> Flow {
    let filled = cells.iter().filter(|(_, cell)| !cell.is_blank());
    let cells: Vec<_> = filled.map(|(column, cell)| (*column, Entered::of(*cell))).collect();
    if !cells.is_empty() {
        rows.push(PlainRow { number, cells });
    }
    Flow::More
}
