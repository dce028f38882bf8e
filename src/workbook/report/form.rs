//! A form: cells at fixed places, filled from one row.

use anyhow::Result;
use rust_xlsxwriter::{Format, FormatAlign};

use super::{canvas::Canvas, list::write_value};
use crate::{
    report::{
        evaluate::{Rows, cell_column},
        model::{Content, Form, FormCell},
        trace::Shows,
        value::{self, Typed, Value},
    },
    workbook::{
        style,
        width::{line_count, row_height},
    },
};

/// Draws a form; without a row its values are blank.
pub fn draw(canvas: &mut Canvas<'_>, block: usize, form: &Form, rows: &Rows, key: Option<&str>) -> Result<()> {
    let at = rows.page(key).next();
    let top = canvas.row();
    let height = form.cells.iter().map(|cell| cell.last_row + 1).max().unwrap_or_default();
    canvas.trace(block, height, Shows::Form { at: at.unwrap_or_default() });
    let lang = canvas.lang();
    let pack = canvas.occasion.pack;
    let mut lines = vec![1; usize::try_from(height)?];
    for (index, cell) in form.cells.iter().enumerate() {
        let (value, format) = match &cell.content {
            Content::Label(text) => (Value::Text(text.get(lang).to_owned().into()), style::heading()),
            Content::Value { show, .. } => {
                let typed = rows.column(&cell_column(index));
                let value = at.zip(typed).map_or(Value::Blank, |(at, typed)| typed.get(at, lang));
                (value::shown(value, show, None, pack), value_format(typed, show))
            }
        };
        if let Value::Text(text) = &value
            && cell.row == cell.last_row
        {
            let width = canvas.width_of(cell.column..=cell.last_column);
            if let Some(known) = lines.get_mut(usize::try_from(cell.row)?) {
                *known = line_count(text, width).max(*known);
            }
        }
        put(canvas, top, cell, &value, &format)?;
    }
    let sheet = canvas.sheet()?;
    for (row, lines) in (top..).zip(lines) {
        sheet.set_row_height(row, row_height(lines) + 6.0)?;
    }
    canvas.advance(height);
    Ok(())
}

fn put(canvas: &mut Canvas<'_>, top: u32, cell: &FormCell, value: &Value<'_>, format: &Format) -> Result<()> {
    let (row, last_row) = (top + cell.row, top + cell.last_row);
    let sheet = canvas.sheet()?;
    if (cell.column, row) != (cell.last_column, last_row) {
        sheet.merge_range(row, cell.column, last_row, cell.last_column, "", format)?;
    }
    write_value(sheet, row, cell.column, value, format)
}

fn value_format(typed: Option<&Typed>, show: &crate::report::model::Show) -> Format {
    match typed {
        Some(typed) if typed.is_number() => {
            let format = style::decimal_format(value::places(show, typed.scale()), true);
            style::cell().set_num_format(format).set_align(FormatAlign::Left)
        }
        Some(Typed::Date(_)) => style::cell().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
        _ => style::wrapped(),
    }
}
