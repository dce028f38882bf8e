//! What calamine leaves out of the number cells of an xlsx part: the digits of long numbers as written, and formats that
//! tell more than the value. For workbooks the own reader handed over.
//!
//! Knows the mark-up of sheets, but no datasets. Finding nothing is never an error here.

use std::collections::HashMap;

use super::{
    form::Form,
    marks::{attribute, position, tag_name},
    parts::each_piece,
};

/// Digits beyond which a number is kept as written.
pub const EXACT_DIGITS: usize = 15;

/// What is to be known of a number beside its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Telling {
    /// Its format.
    Form(Form),
    /// Its digits as written.
    Digits(String),
}

/// Telling cells by 0-based row and column.
#[derive(Debug, Default)]
pub struct TellingCells {
    /// Each with its value, by which it is told from another in the same place; none if that is written oddly.
    cells: HashMap<(u32, u32), (Option<f64>, Telling)>,
}

impl TellingCells {
    /// What is to be known of the number in a place.
    pub fn get(&self, place: (u32, u32), number: f64) -> Option<&Telling> {
        if self.cells.is_empty() {
            return None;
        }
        let (value, telling) = self.cells.get(&place)?;
        #[allow(clippy::float_cmp, reason = "the same text read twice")]
        value.is_none_or(|value| value == number).then_some(telling)
    }
}

/// Whether a number is written as a whole number of more digits than spreadsheet programs keep.
pub fn has_many_digits(written: &[u8]) -> bool {
    let digits = written.strip_prefix(b"-").unwrap_or(written);
    digits.len() > EXACT_DIGITS && digits.iter().all(u8::is_ascii_digit)
}

/// The telling cells of a worksheet part. `forms` are the forms of the cell formats, in the order cells refer to them.
pub fn telling_cells(bytes: &[u8], path: &str, forms: &[Option<Form>]) -> TellingCells {
    let mut found = Found { cells: HashMap::new(), forms, next: (u32::MAX, 0), current: None };
    each_piece(bytes, path, |piece| {
        let text = String::from_utf8_lossy(piece);
        for (tag, text) in text.split('<').skip(1).filter_map(|part| part.split_once('>')) {
            found.tag(tag, text);
        }
    });
    TellingCells { cells: found.cells }
}

struct Found<'f> {
    cells: HashMap<(u32, u32), (Option<f64>, Telling)>,
    forms: &'f [Option<Form>],
    /// Where a cell without a reference stands; before the first row, the row is one less than 0.
    next: (u32, u32),
    /// The number cell at work: its place and the form of its format.
    current: Option<((u32, u32), Option<Form>)>,
}

impl Found<'_> {
    fn tag(&mut self, tag: &str, text: &str) {
        match tag_name(tag) {
            "row" => {
                let number = attribute(tag, "r").and_then(|number| number.parse::<u32>().ok());
                self.next = (number.map_or(self.next.0.wrapping_add(1), |number| number.saturating_sub(1)), 0);
                self.current = None;
            }
            "c" => {
                let place = attribute(tag, "r").and_then(position).unwrap_or(self.next);
                self.next = (place.0, place.1.saturating_add(1));
                let format = attribute(tag, "s").and_then(|format| format.parse::<usize>().ok());
                let form = format.and_then(|format| self.forms.get(format)).copied().flatten();
                self.current = attribute(tag, "t").is_none_or(|kind| kind == "n").then_some((place, form));
            }
            "v" => {
                let Some((place, form)) = self.current.take() else { return };
                let telling = if has_many_digits(text.as_bytes()) {
                    Some(Telling::Digits(text.to_owned()))
                } else {
                    form.map(Telling::Form)
                };
                if let Some(telling) = telling {
                    self.cells.entry(place).or_insert((text.parse().ok(), telling));
                }
            }
            _ => {}
        }
    }
}
