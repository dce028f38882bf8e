//! Office Open XML workbooks, with what the library does not offer put in afterwards: dates from 1904 and formulas
//! without a result.

use std::io::{Cursor, Read, Write};

use anyhow::Context;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet};
use zip::{DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{number, serial, whole};
use crate::{grid::Grid, model::Cell};

/// Stands for the result of a formula that has none.
const NO_RESULT: &str = "<v>no result</v>";
/// Days between the two epochs.
const FROM_1900_TO_1904: f64 = 1_462.0;

pub fn bytes(grids: &[Grid], from_1904: bool) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2026, 11, 3)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    for grid in grids {
        let sheet = book.add_worksheet();
        sheet.set_name(&grid.name)?;
        sheet.set_hidden(grid.hidden);
        write_sheet(sheet, grid, from_1904).with_context(|| grid.name.clone())?;
    }
    finished(book.save_to_buffer()?, from_1904)
}

fn write_sheet(sheet: &mut Worksheet, grid: &Grid, from_1904: bool) -> anyhow::Result<()> {
    let bold = Format::new().set_bold();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let amount = Format::new().set_num_format("0.00");
    for &(first_row, first_column, last_row, last_column) in &grid.merged {
        let (first, last) = (u32::try_from(first_row)?, u32::try_from(last_row)?);
        sheet.merge_range(first, u16::try_from(first_column)?, last, u16::try_from(last_column)?, "", &bold)?;
    }
    for (row_index, row) in grid.rows.iter().enumerate() {
        let at = u32::try_from(row_index)?;
        for (column, cell) in row.iter().enumerate() {
            let column = u16::try_from(column)?;
            match cell {
                Cell::Blank | Cell::Covered => continue,
                Cell::Text(text) if grid.bold_rows.contains(&row_index) => {
                    sheet.write_string_with_format(at, column, text, &bold)?
                }
                Cell::Text(text) => sheet.write_string(at, column, text)?,
                Cell::Cents(cents) => sheet.write_number_with_format(at, column, number(*cents), &amount)?,
                Cell::Whole(value) => sheet.write_number(at, column, whole(*value))?,
                Cell::Number(value) => sheet.write_number(at, column, *value)?,
                Cell::Formatted(value, code) => {
                    sheet.write_number_with_format(at, column, *value, &Format::new().set_num_format(*code))?
                }
                Cell::Day(day) => {
                    let days = serial(*day) - if from_1904 { FROM_1900_TO_1904 } else { 0.0 };
                    sheet.write_number_with_format(at, column, days, &date)?
                }
                Cell::Error(error) => sheet.write_formula(at, column, Formula::new("=#N/A").set_result(*error))?,
                Cell::Unfinished(formula) => {
                    sheet.write_formula(at, column, Formula::new(*formula).set_result("no result"))?
                }
            };
        }
    }
    for &row in &grid.hidden_rows {
        sheet.set_row_hidden(u32::try_from(row)?)?;
    }
    for &column in &grid.hidden_columns {
        sheet.set_column_hidden(u16::try_from(column)?)?;
    }
    Ok(())
}

/// Rewrites the parts of the workbook that the library cannot write as wanted.
fn finished(bytes: Vec<u8>, from_1904: bool) -> anyhow::Result<Vec<u8>> {
    let mut source = ZipArchive::new(Cursor::new(bytes))?;
    let mut target = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for index in 0..source.len() {
        let mut part = source.by_index(index)?;
        let name = part.name()?.into_owned();
        let mut content = String::new();
        part.read_to_string(&mut content)?;
        if name == "xl/workbook.xml" && from_1904 {
            content = content.replace("<workbookPr ", "<workbookPr date1904=\"1\" ");
        }
        target.start_file(name, options)?;
        target.write_all(without_results(&content).as_bytes())?;
    }
    Ok(target.finish()?.into_inner())
}

/// Takes the stand-in results out, with the type they gave their cells.
fn without_results(sheet: &str) -> String {
    let Some((before, after)) = sheet.split_once(NO_RESULT) else { return sheet.to_owned() };
    let (start, cell) = before.rsplit_once(" t=\"str\"").unwrap_or((before, ""));
    format!("{start}{cell}{}", without_results(after))
}
