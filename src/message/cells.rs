//! Access to the cells of one dataset's table: each column is looked up and downcast once, not once a finding.
//!
//! Knows what a cell holds and how it is shown; not what is wrong with it.

use std::borrow::Cow;

use anyhow::{Context, Result};
use chrono::{Days, NaiveDate};
use polars::prelude::{Column as PolarsColumn, Int32Chunked, Int64Chunked, Int128Chunked, StringChunked};

use crate::{
    pack::{Dataset, FieldKind},
    table::Table,
    text::Lang,
};

/// The cells of one dataset.
pub struct Cells<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// Its records.
    pub table: &'a Table,
    columns: Vec<Column<'a>>,
}

/// A column by the type its field has.
enum Column<'a> {
    Text(&'a StringChunked),
    Number(&'a Int128Chunked, usize),
    Integer(&'a Int64Chunked),
    Date(&'a Int32Chunked),
}

/// The typed value of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing, or something that could not be typed.
    Blank,
    /// Text, name, identifier or code.
    Text(&'a str),
    /// Amount or decimal: `mantissa / 10^scale`.
    Number {
        /// The digits.
        mantissa: i128,
        /// How many of them are decimals.
        scale: usize,
    },
    /// Whole number.
    Integer(i64),
    /// Calendar day.
    Date(NaiveDate),
}

impl<'a> Value<'a> {
    /// The value as text: numbers without trailing zeros, dates as `2026-10-31`; nothing for a blank.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Value::Blank => None,
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Number { mantissa, scale } => Some(Cow::Owned(decimal_text(mantissa, scale))),
            Value::Integer(number) => Some(Cow::Owned(number.to_string())),
            Value::Date(date) => Some(Cow::Owned(date.to_string())),
        }
    }
}

impl<'a> Cells<'a> {
    /// Prepares access to `table`, which holds records of `dataset`.
    ///
    /// # Errors
    /// If the table lacks a column of the dataset or has it in another type.
    pub fn new(dataset: &'a Dataset, table: &'a Table) -> Result<Self> {
        if table.height() == 0 {
            return Ok(Self { dataset, table, columns: Vec::new() });
        }
        let columns = dataset
            .fields
            .iter()
            .map(|field| {
                let place = || format!("column `{}` of dataset `{}`", field.id, dataset.id);
                let column = table.frame.column(&field.id).with_context(place)?;
                Column::new(column, field.kind).with_context(place)
            })
            .collect::<Result<_>>()?;
        Ok(Self { dataset, table, columns })
    }

    /// The typed value of a cell.
    pub fn value(&self, record: u32, field: u16) -> Value<'a> {
        let at = record as usize;
        let value = match self.columns.get(usize::from(field)) {
            Some(Column::Text(cells)) => cells.get(at).map(Value::Text),
            Some(Column::Number(cells, scale)) => {
                cells.get(at).map(|mantissa| Value::Number { mantissa, scale: *scale })
            }
            Some(Column::Integer(cells)) => cells.get(at).map(Value::Integer),
            Some(Column::Date(cells)) => cells.get(at).and_then(date_of).map(Value::Date),
            None => None,
        };
        value.unwrap_or(Value::Blank)
    }

    /// The text as submitted, where it was kept because the typed value does not show it.
    pub fn submitted(&self, record: u32, field: u16) -> Option<&'a str> {
        self.table.submitted.get(&(record, field)).map(AsRef::as_ref)
    }

    /// What the cell shows: the text as submitted if it was kept, else the typed value; nothing for a blank cell.
    pub fn text(&self, record: u32, field: u16) -> Option<Cow<'a, str>> {
        match self.submitted(record, field) {
            Some(text) => Some(Cow::Borrowed(text)).filter(|text| !text.is_empty()),
            None => self.value(record, field).text(),
        }
    }

    /// The value by which a record is known: the typed value, so that repairs of its spelling keep its identity; the
    /// text as submitted if it could not be typed.
    fn key_part(&self, record: u32, field: u16) -> Option<Cow<'a, str>> {
        self.plain(record, field)
    }

    /// The value however it is spelt: typed, or as submitted if it could not be typed; nothing for a blank cell.
    pub fn plain(&self, record: u32, field: u16) -> Option<Cow<'a, str>> {
        self.value(record, field).text().or_else(|| self.submitted(record, field).map(Cow::Borrowed))
    }

    /// The record key for people: the fields of the key joined by ` / `, masked if `masked`. A record without any is
    /// named by its row.
    pub fn key_text(&self, record: u32, lang: Lang, masked: bool) -> String {
        let parts: Vec<_> = self.dataset.key.iter().map(|&field| (field, self.key_part(record, field))).collect();
        if parts.iter().all(|(_, part)| part.is_none()) {
            let row = self.table.sheet_rows.get(record as usize).copied().unwrap_or(0);
            return match lang {
                Lang::Zh => format!("无主键 第{row}行"),
                Lang::En => format!("no key, row {row}"),
            };
        }
        let mut key = String::new();
        for (index, (field, part)) in parts.iter().enumerate() {
            if index > 0 {
                key.push_str(" / ");
            }
            match part {
                None => key.push_str(blank(lang)),
                Some(part) if masked => {
                    let mask = self.dataset.fields.get(usize::from(*field)).map(|field| field.mask).unwrap_or_default();
                    key.push_str(&mask.apply(part));
                }
                Some(part) => key.push_str(part),
            }
        }
        key
    }

    /// The record key for fingerprints: the same in every language, never masked, empty for a record without key.
    pub fn key_identity(&self, record: u32) -> String {
        let parts: Vec<_> = self.dataset.key.iter().map(|&field| self.key_part(record, field)).collect();
        if parts.iter().all(Option::is_none) {
            return String::new();
        }
        parts.iter().map(|part| part.as_deref().unwrap_or_default()).collect::<Vec<_>>().join("\u{1f}")
    }
}

impl<'a> Column<'a> {
    fn new(column: &'a PolarsColumn, kind: FieldKind) -> Result<Self> {
        Ok(match kind {
            FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => Self::Text(column.str()?),
            FieldKind::Amount | FieldKind::Decimal => {
                let decimals = column.decimal()?;
                Self::Number(decimals.physical(), decimals.scale())
            }
            FieldKind::Integer => Self::Integer(column.i64()?),
            FieldKind::Date => Self::Date(column.date()?.physical()),
        })
    }
}

/// What stands for a blank cell in a message.
pub fn blank(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "（空）",
        Lang::En => "(blank)",
    }
}

/// `mantissa / 10^scale` in digits, without trailing zeros: `5000000000, 6` is `5000`.
pub fn decimal_text(mantissa: i128, scale: usize) -> String {
    let digits = mantissa.unsigned_abs().to_string();
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if mantissa < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The day `days` after 1970-01-01, if the calendar has it.
fn date_of(days: i32) -> Option<NaiveDate> {
    let distance = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 {
        NaiveDate::default().checked_sub_days(distance)
    } else {
        NaiveDate::default().checked_add_days(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_lose_trailing_zeros_only() {
        for (mantissa, scale, text) in [
            (500_000_000, 6, "500"),
            (499_990_000, 6, "499.99"),
            (-1, 6, "-0.000001"),
            (0, 2, "0"),
            (-5_000, 2, "-50"),
            (1_230, 0, "1230"),
            (7, 2, "0.07"),
        ] {
            assert_eq!(decimal_text(mantissa, scale), text);
        }
    }

    #[test]
    fn days_count_from_1970() {
        // 2026-10-31 is 20,757 days after 1970-01-01 (Unix day number).
        assert_eq!(date_of(20_757), NaiveDate::from_ymd_opt(2026, 10, 31));
        assert_eq!(date_of(-1), NaiveDate::from_ymd_opt(1969, 12, 31));
    }
}
