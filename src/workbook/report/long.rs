//! The rows of a long list as XML, in pieces that several threads make and compress at once.
//!
//! Knows the markup of rows and cells; which styles they have was found by drawing one row of each.

use std::fmt::Write as _;

use super::list::Ready;
use crate::{
    message::decimal_text,
    pack::RulePack,
    report::value::{self, Value},
    table::column_letters,
    text::Lang,
    workbook::{cell::exact_number, markup::text_cell},
};

/// Day 0 of Excel's calendar in days since 1970.
const EXCEL_EPOCH: i64 = 25_569;
/// The first day from which Excel's count is right: 1 March 1900.
const FIRST_SOUND_DAY: i64 = 61;

/// Rows made and compressed as one piece.
pub const PIECE: usize = 4_096;

/// A long list being written.
pub struct LongRows<'a> {
    /// Columns.
    pub ready: &'a [Ready<'a>],
    /// For each column the style of plain cells, then those of the tones in their order.
    pub styles: Vec<Vec<u32>>,
    /// Style of the column with the row's number, if there is one.
    pub number_style: Option<u32>,
    /// Row of the query the first row of the page is.
    pub page_start: usize,
    /// Row of the sheet, from 1, in which `first` stands.
    pub first_row: u32,
    /// Row of the query in `first_row`.
    pub first: usize,
    /// Code lists.
    pub pack: &'a RulePack,
    /// Language.
    pub lang: Lang,
}

impl LongRows<'_> {
    /// The markup of rows of the query.
    pub fn xml(&self, rows: std::ops::Range<usize>) -> String {
        let letters: Vec<_> = self.ready.iter().map(|ready| column_letters(ready.place.0.into())).collect();
        // What stands before the number of the row, and behind it, in each style.
        let before: Vec<_> = letters.iter().map(|letters| format!("<c r=\"{letters}")).collect();
        let behind: Vec<Vec<_>> =
            self.styles.iter().map(|styles| styles.iter().map(|style| format!("\" s=\"{style}\"")).collect()).collect();
        let mut out = String::with_capacity(rows.len() * self.ready.len() * 56);
        for at in rows {
            let row = (u64::from(self.first_row) + (at - self.first) as u64).to_string();
            out.extend(["<row r=\"", &row, "\">"]);
            if let Some(style) = self.number_style {
                let number = (at - self.page_start + 1).to_string();
                out.extend(["<c r=\"A", &row, "\" s=\"", &style.to_string(), "\"><v>", &number, "</v></c>"]);
            }
            for ((ready, before), behind) in self.ready.iter().zip(&before).zip(&behind) {
                let tone = ready.tones.iter().position(|(holds, ..)| holds.is_some_and(|holds| holds.holds(at)));
                let slot = tone.and_then(|tone| ready.tones.get(tone)).map_or(0, |(.., slot)| *slot);
                let value = ready.typed.map_or(Value::Blank, |typed| typed.get(at, self.lang));
                let divisor = ready.divisor.and_then(|divisor| divisor.number(at));
                let value = value::shown(value, &ready.column.show, divisor, self.pack);
                out.extend([before.as_str(), &row, behind.get(slot).map_or("\"", String::as_str)]);
                cell(&mut out, &value);
            }
            out.push_str("</row>");
        }
        out
    }
}

/// The rest of a cell behind its style.
fn cell(out: &mut String, value: &Value<'_>) {
    match value {
        Value::Blank => out.push_str("/>"),
        Value::Text(text) => text_cell(out, text),
        Value::Number { mantissa, scale } => {
            let text = decimal_text(*mantissa, *scale);
            match exact_number(&text) {
                Some(_) => out.extend(["><v>", &text, "</v></c>"]),
                None => text_cell(out, &text),
            }
        }
        Value::Date(date) => {
            let day = (*date - chrono::NaiveDate::default()).num_days() + EXCEL_EPOCH;
            if day >= FIRST_SOUND_DAY {
                let _ = write!(out, "><v>{day}</v></c>");
            } else {
                text_cell(out, &date.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_excels() {
        let day = |year, month, day| {
            let mut out = String::new();
            cell(&mut out, &Value::Date(chrono::NaiveDate::from_ymd_opt(year, month, day).expect("a day")));
            out
        };
        // Excel shows 46326 as 2026-10-31, and 61 as 1900-03-01.
        assert_eq!(day(2026, 10, 31), "><v>46326</v></c>");
        assert_eq!(day(1900, 3, 1), "><v>61</v></c>");
        assert_eq!(day(1900, 2, 28), " t=\"inlineStr\"><is><t>1900-02-28</t></is></c>");
    }
}
