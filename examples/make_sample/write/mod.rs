//! Grids into files.

mod compound;
mod csv;
mod ods;
mod xls;
mod xlsx;

use crate::grid::{Book, Format};

/// The content of a file.
pub fn bytes(book: &Book) -> anyhow::Result<Vec<u8>> {
    match book.format {
        Format::Xlsx => xlsx::bytes(&book.grids, false),
        Format::Xlsx1904 => xlsx::bytes(&book.grids, true),
        Format::TruncatedXlsx => {
            let mut whole = xlsx::bytes(&book.grids, false)?;
            whole.truncate(whole.len() * 3 / 5);
            Ok(whole)
        }
        Format::Xls => Ok(xls::bytes(&book.grids)),
        Format::Ods => ods::bytes(&book.grids),
        Format::Csv => Ok(csv::bytes(&book.grids[0])),
    }
}

/// Hundredths as a number.
fn number(cents: i64) -> f64 {
    crate::model::Cell::decimal(cents).parse().expect("digits and a point")
}

/// A whole number as a number.
fn whole(value: i64) -> f64 {
    value.to_string().parse().expect("digits")
}

/// Excel's serial number of a day, counted from 1900 (with its 29 February 1900).
fn serial(day: chrono::NaiveDate) -> f64 {
    whole((day - crate::model::day(1899, 12, 30)).num_days())
}
