//! What a cell of the tables shows when its sheet is issued again.

use std::borrow::Cow;

use anyhow::Result;
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet};

use super::{
    cell::{exact_number, fitted, write_text},
    identity::push_cell_mark,
    markup::Rows,
};
use crate::{
    ingest::{Cell, Entered, seen},
    message::{Cells, Value, decimal_text},
    table::{Segment, SheetColumn},
};

/// What a cell shows.
#[derive(Debug, PartialEq)]
pub enum Shown<'a> {
    /// Nothing.
    Blank,
    /// Text.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// A calendar day.
    Date(NaiveDate),
}

/// A cell of a column that is no field of the dataset.
pub fn extra<'a>(segment: &Segment, source: &'a SheetColumn, record: u32) -> Option<&'a str> {
    let at = record.checked_sub(segment.records.start)?;
    source.extra.get(at as usize)?.as_deref()
}

/// What a cell of the new sheet shows: what was handed in, as a number or date where it is one and Excel can hold it
/// exactly. The typed value is not used where it differs from the text handed in (an amount converted because the
/// heading said so), for the heading is issued again as well.
pub fn shown<'a>(cells: &Cells<'a>, segment: &Segment, source: &'a SheetColumn, record: u32) -> Shown<'a> {
    let Some(field) = source.field else {
        return extra(segment, source, record).map_or(Shown::Blank, |text| Shown::Text(Cow::Borrowed(text)));
    };
    let submitted = cells.submitted(record, field);
    match (cells.value(record, field), submitted) {
        (Value::Blank, None) => Shown::Blank,
        (Value::Blank, Some(text)) => Shown::Text(Cow::Borrowed(text)),
        (Value::Text(text), _) => Shown::Text(Cow::Borrowed(submitted.unwrap_or(text))),
        (Value::Date(date), _) => Shown::Date(date),
        (Value::Number { .. } | Value::Integer(_), Some(text)) => {
            let digits = text.replace(',', "");
            exact_number(&digits).map_or(Shown::Text(Cow::Borrowed(text)), Shown::Number)
        }
        (Value::Number { mantissa, scale }, None) => number(decimal_text(mantissa, scale)),
        (Value::Integer(integer), None) => number(integer.to_string()),
    }
}

/// What a cell of the tables shows in a re-issued sheet, as whoever reads it back sees it; nothing if its sheet does not
/// have the column.
pub fn seen_cell(cells: &Cells<'_>, record: u32, field: u16) -> Option<String> {
    let segment = cells.table.segment(record);
    let column = segment.column_of(field)?;
    Some(entered(shown(cells, segment, column, record)).seen())
}

/// The value as whoever reads the workbook back gets it.
pub fn entered(cell: Shown) -> Entered {
    match cell {
        Shown::Blank => Entered::Blank,
        Shown::Text(text) => Entered::Text(fitted(&text).into_owned()),
        Shown::Number(number) => Entered::Number(number),
        Shown::Date(day) if excel_date(day).is_some() => Entered::day(day),
        Shown::Date(day) => Entered::Text(day.to_string()),
    }
}

/// Adds the mark of what whoever reads the workbook back sees.
pub fn mark_cell(mark: &mut String, cell: &Shown) {
    let text = |text: &str, mark: &mut String| push_cell_mark(mark, &seen(Cell::Text(&fitted(text))));
    match cell {
        Shown::Blank => text("", mark),
        Shown::Text(shown) => text(shown, mark),
        Shown::Number(number) => push_cell_mark(mark, &seen(Cell::Number(*number))),
        Shown::Date(day) if excel_date(*day).is_some() => push_cell_mark(mark, &Entered::day(*day).seen()),
        Shown::Date(day) => text(&day.to_string(), mark),
    }
}

fn number<'a>(text: String) -> Shown<'a> {
    exact_number(&text).map_or(Shown::Text(Cow::Owned(text)), Shown::Number)
}

/// Writes a cell.
///
/// # Errors
/// If it is outside the sheet.
pub fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: Shown, format: &Format) -> Result<()> {
    match cell {
        Shown::Blank => {
            sheet.write_blank(row, column, format)?;
        }
        Shown::Text(text) => write_text(sheet, row, column, &text, format)?,
        Shown::Number(number) => {
            sheet.write_number_with_format(row, column, number, format)?;
        }
        Shown::Date(date) => match excel_date(date) {
            Some(excel) => {
                sheet.write_datetime_with_format(row, column, &excel, format)?;
            }
            None => write_text(sheet, row, column, &date.to_string(), format)?,
        },
    }
    Ok(())
}

/// Puts a cell into the row being written, as [`write_cell`] does.
pub fn put_cell(rows: &mut Rows<'_>, column: usize, style: u32, cell: &Shown) {
    match cell {
        Shown::Blank => rows.blank(column, style),
        Shown::Text(text) => rows.text(column, style, text),
        Shown::Number(number) => rows.number(column, style, *number),
        Shown::Date(date) => match excel_date(*date) {
            Some(excel) => rows.number(column, style, excel.to_excel()),
            None => rows.text(column, style, &date.to_string()),
        },
    }
}

/// A day as Excel knows it: from 1900 to 9999.
fn excel_date(date: NaiveDate) -> Option<ExcelDateTime> {
    let part = |number: u32| u8::try_from(number).ok();
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, part(date.month())?, part(date.day())?).ok()
}
