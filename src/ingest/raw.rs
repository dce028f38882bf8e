//! Files whose tables nobody has declared: their sheets, row by row, as they are.
//!
//! Knows no dataset. What the rows mean is for the caller to find out.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use super::{
    Format, Unreadable,
    cell::{Broken, Flow, TakeRow},
    delimited::Delimited,
    file::Sheets,
    format::{Content, identify},
    message,
    sheets::{How, Workbook},
    sorted::sorted,
};
use crate::text::Text;

/// An open file.
pub struct RawFile<'b> {
    /// What it really is, told by its content.
    pub format: Format,
    sheets: Sheets<'b>,
}

/// Opens a file for `work`.
///
/// # Errors
/// If it cannot be opened, or is damaged, encrypted or no spreadsheet.
pub fn with_file<T>(path: &Path, work: impl FnOnce(&mut RawFile<'_>) -> T) -> Result<T, Unreadable> {
    let bytes = std::fs::read(path).map_err(|error| message::unopened(&error))?;
    // A damaged file can make the reader panic.
    catch_unwind(AssertUnwindSafe(|| match identify(&bytes, None)? {
        Content::Workbook(format, bytes) => {
            let book = Workbook::open(format, &bytes)?;
            Ok(work(&mut RawFile { format, sheets: Sheets::Workbook(Box::new(book)) }))
        }
        Content::Text(text) => {
            Ok(work(&mut RawFile { format: Format::Csv, sheets: Sheets::Text(Delimited::new(&text)) }))
        }
    }))
    .unwrap_or_else(|_| Err(message::crashed()))
}

impl RawFile<'_> {
    /// Names of its sheets, and whether they are hidden. A text file has one without a name.
    pub fn names(&self) -> Vec<(String, bool)> {
        self.sheets.names()
    }

    /// Hands the rows of a sheet to `take`, in the order of the file or, if `in_order`, by ascending row number, which
    /// keeps all cells in memory. [`Flow::Disordered`] is for the taker to return when it wants the latter.
    ///
    /// # Errors
    /// If the sheet is damaged: where and how. The rows before that place were handed over.
    pub fn stream(&mut self, sheet: usize, in_order: bool, take: &mut TakeRow<'_>) -> Result<Flow, Text> {
        let how = How { overlap: false, formulas: true };
        let end = if in_order {
            sorted(&mut |take| self.sheets.stream(sheet, how, take), take)
        } else {
            self.sheets.stream(sheet, how, take)
        };
        end.map_err(|broken: Broken| message::sheet_broken(&broken))
    }
}
