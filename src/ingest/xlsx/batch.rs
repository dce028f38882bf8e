//! Scanned rows on their way to the typing: sixteen bytes a cell, which point into the inflated XML or the shared strings.
//!
//! Knows no XML and no datasets.

use super::strings::Strings;
use crate::ingest::{
    cell::{Cell, Flow, TakeRow},
    date,
    form::Form,
};

/// One cell as scanned.
#[derive(Clone, Copy, Debug)]
pub struct Scanned {
    /// 0-based column.
    pub column: u16,
    /// What it holds.
    pub kind: Kind,
    /// Bits of a number, number of a shared string, or start and end of a text.
    pub value: u64,
}

/// What a scanned cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A number whose format tells more than its value.
    Formatted(Form),
    /// A whole number of many digits, as it stands in the XML.
    Digits,
    /// A number shown as a date.
    Date,
    /// A shared string.
    Shared,
    /// A text as it stands in the XML.
    Raw,
    /// A text that had to be decoded.
    Decoded,
    /// A date and time of ISO 8601, as it stands in the XML.
    Iso,
    /// An error, as it stands in the XML.
    Error,
    /// Truth values.
    True,
    /// See above.
    False,
    /// A formula without a stored result.
    NoValue,
}

/// A row as scanned.
#[derive(Clone, Copy, Debug)]
pub struct ScannedRow {
    /// Its number, 1-based.
    pub number: u32,
    /// Where its cells end in the list of all cells.
    pub end: u32,
    /// They stand from left to right, and no two in one column.
    pub ordered: bool,
}

/// Rows scanned from one piece of inflated XML.
#[derive(Debug, Default)]
pub struct Batch {
    /// The XML.
    pub xml: String,
    /// Texts that had to be decoded, one after the other.
    pub decoded: String,
    /// The cells of all rows.
    pub cells: Vec<Scanned>,
    /// The rows.
    pub rows: Vec<ScannedRow>,
}

/// Start and end of a text as one number.
pub fn range(start: usize, end: usize) -> u64 {
    (start as u64) << 32 | (end as u64 & u64::from(u32::MAX))
}

impl Batch {
    /// Hands its rows to `take`.
    pub fn each_row(&self, strings: &Strings, is_1904: bool, take: &mut TakeRow<'_>) -> Flow {
        let mut row_cells: Vec<(u32, Cell<'_>)> = Vec::with_capacity(64);
        let mut start = 0;
        for row in &self.rows {
            let end = row.end as usize;
            row_cells.clear();
            let scanned = self.cells.get(start..end).unwrap_or_default();
            row_cells.extend(scanned.iter().map(|cell| (u32::from(cell.column), self.cell(*cell, strings, is_1904))));
            start = end;
            if !row.ordered {
                row_cells.sort_by_key(|cell| cell.0);
                row_cells.dedup_by_key(|cell| cell.0);
            }
            if row_cells.is_empty() {
                continue;
            }
            match take(row.number, &row_cells) {
                Flow::More => {}
                end => return end,
            }
        }
        Flow::More
    }

    fn cell<'c>(&'c self, scanned: Scanned, strings: &'c Strings, is_1904: bool) -> Cell<'c> {
        #[allow(clippy::cast_possible_truncation, reason = "made of twice 32 bits")]
        let text = |whole: &'c str| -> &'c str {
            let (start, end) = ((scanned.value >> 32) as usize, (scanned.value & u64::from(u32::MAX)) as usize);
            whole.get(start..end).unwrap_or_default()
        };
        match scanned.kind {
            Kind::Number => Cell::Number(f64::from_bits(scanned.value)),
            Kind::Formatted(form) => Cell::Formatted(f64::from_bits(scanned.value), form),
            Kind::Digits => Cell::Digits(text(&self.xml)),
            Kind::Date => {
                let serial = f64::from_bits(scanned.value);
                date::from_serial(serial, is_1904).map_or(Cell::Number(serial), Cell::Date)
            }
            #[allow(clippy::cast_possible_truncation, reason = "made from 32 bits")]
            Kind::Shared => Cell::Text(strings.get(scanned.value as u32).unwrap_or_default()),
            Kind::Raw => Cell::Text(text(&self.xml)),
            Kind::Decoded => Cell::Text(text(&self.decoded)),
            Kind::Iso => {
                let text = text(&self.xml);
                date::from_iso(text).map_or(Cell::Text(text), Cell::Date)
            }
            Kind::Error => Cell::Error(text(&self.xml)),
            Kind::True => Cell::Bool(true),
            Kind::False => Cell::Bool(false),
            Kind::NoValue => Cell::NoValue,
        }
    }
}
