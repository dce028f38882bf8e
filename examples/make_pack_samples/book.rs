//! Files as bytes: workbooks, and csv in UTF-8 with a byte order mark as Excel writes it.

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

use crate::sample::{Cell, File, Sheet, is_csv};

pub fn bytes(file: &File) -> Result<Vec<u8>> {
    if is_csv(file) { csv(file.sheets.first().context("a csv file has one table")?) } else { xlsx(file) }
}

fn csv(sheet: &Sheet) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    for row in &sheet.rows {
        let texts = row.iter().map(|cell| match cell {
            Cell::Blank => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Day(day) => day.to_string(),
        });
        writer.write_record(texts)?;
    }
    Ok(writer.into_inner()?)
}

fn xlsx(file: &File) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2026, 11, 3)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let bold = Format::new().set_bold();
    for sheet in &file.sheets {
        let page = book.add_worksheet();
        page.set_name(&sheet.name)?;
        let mut at = 0;
        if let Some(title) = &sheet.title {
            page.write_string_with_format(0, 0, title, &bold)?;
            at = 1;
        }
        for row in &sheet.rows {
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Blank => continue,
                    Cell::Text(text) => page.write_string(at, column, text)?,
                    Cell::Number(number) => page.write_number(at, column, *number)?,
                    Cell::Day(day) => page.write_number_with_format(at, column, serial(*day), &date)?,
                };
            }
            at += 1;
        }
    }
    Ok(book.save_to_buffer()?)
}

/// Days as workbooks count them, from 1899-12-30.
fn serial(day: NaiveDate) -> f64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    i32::try_from(day.signed_duration_since(first).num_days()).map_or(0.0, f64::from)
}
