//! A list: headings, rows, subtotals and the total, over as many sheets as it takes.

use std::ops::Range;

use anyhow::Result;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Formula, Worksheet};

use super::{Drawn, canvas::Canvas};
use crate::{
    finding::Severity,
    message::decimal_text,
    report::{
        evaluate::Rows,
        model::{Column, List, Tone},
        trace::Shows,
        value::{self, Typed, Value},
    },
    table::column_letters,
    text::Lang,
    workbook::{
        cell::{exact_number, write_text},
        style,
        width::{line_count, row_height},
    },
};

/// Lists with more rows are put in when the workbook is finished.
const LONG: usize = 20_000;

/// Width of the column with the number of the row.
pub const NUMBER_WIDTH: u16 = 7;

/// Rows up to which heights follow the text; longer lists have rows of one height.
const FITTED: usize = 5_000;

/// A column ready to be drawn.
pub struct Ready<'a> {
    /// The definition.
    pub column: &'a Column,
    /// First and last column of the sheet.
    pub place: (u16, u16),
    /// Its values.
    pub typed: Option<&'a Typed>,
    /// The other number of a quotient.
    pub divisor: Option<&'a Typed>,
    plain: Format,
    total: Format,
    /// Where a colour holds, the format, and which row of styles it is in a long list.
    pub tones: Vec<(Option<&'a Typed>, Format, usize)>,
}

/// Draws a list; says where its rows stand, if they stand on one sheet.
pub fn draw(
    canvas: &mut Canvas<'_>,
    block: usize,
    list: &List,
    rows: &Rows,
    key: Option<&str>,
) -> Result<Option<Drawn>> {
    let range = rows.page(key);
    let ready = prepare_all(list, rows);
    let is_long = range.len() > LONG && key.is_none() && list.group.is_none();
    let numbered = list.numbered;
    let lang = canvas.lang();
    if let Some(limit) = list.query.limit.filter(|limit| rows.found > *limit) {
        let (found, limit) = (rows.found, limit);
        canvas.remark(&match lang {
            Lang::Zh => format!("共{found}条，列前{limit}条。"),
            Lang::En => format!("{found} in all; the first {limit} are listed."),
        })?;
    }
    let fits = range.len() <= canvas.room();
    if !fits {
        let (count, parts) = (range.len(), range.len().div_ceil(canvas.room().max(1)));
        canvas.remark(&match lang {
            Lang::Zh => format!("共{count}条，超过一张工作表的行数，分{parts}张工作表列示，合计在最后一张。"),
            Lang::En => format!(
                "{count} rows are more than a sheet holds: they go on over {parts} sheets; the total is on the last."
            ),
        })?;
    }
    let heading_row = canvas.row();
    headings(canvas, &ready, numbered)?;
    if range.is_empty() {
        let empty = list.empty.get(lang).to_owned();
        canvas.remark(&empty)?;
        return Ok(None);
    }
    let top = canvas.row();
    let mut done = range.start;
    while done < range.end {
        if canvas.room() == 0 {
            canvas.continue_sheet()?;
            headings(canvas, &ready, numbered)?;
        }
        let part = done..range.end.min(done + canvas.room());
        if is_long {
            put_later(canvas, block, &ready, part.clone(), numbered)?;
        } else if let Some(group) = &list.group {
            // A group that goes on over sheets has one subtotal, at its end.
            draw_groups(canvas, block, group, &ready, rows, part.clone(), (range.clone(), numbered))?;
        } else {
            draw_rows(canvas, block, &ready, rows, part.clone(), (range.start, numbered))?;
        }
        done = part.end;
    }
    let bottom = canvas.row();
    if canvas.single_list && fits {
        let last_column = ready.last().map_or(0, |ready| ready.place.1);
        let sheet = canvas.sheet()?;
        sheet.set_freeze_panes(heading_row + 1, 0)?;
        sheet.set_repeat_rows(heading_row, heading_row)?;
        sheet.autofilter(heading_row, 0, bottom.saturating_sub(1), last_column)?;
    }
    if list.columns.iter().any(|column| column.total) {
        let over = fits.then_some(top..bottom);
        let label = if lang == Lang::Zh { "合计" } else { "Total" };
        sum_row(canvas, block, &ready, (label, range.clone()), over.as_ref(), numbered)?;
    }
    Ok(fits.then(|| Drawn {
        sheet: canvas.name().to_owned(),
        rows: top..bottom,
        fields: ready.iter().map(|ready| (ready.column.field.clone(), ready.place.0)).collect(),
    }))
}

/// The columns of a list, ready to be drawn.
pub fn prepare_all<'a>(list: &'a List, rows: &'a Rows) -> Vec<Ready<'a>> {
    list.columns.iter().zip(list.positions()).map(|(column, place)| prepare(column, place, rows)).collect()
}

/// Draws one row of each style in place of the rows of a long list.
fn put_later(
    canvas: &mut Canvas<'_>,
    block: usize,
    ready: &[Ready<'_>],
    part: Range<usize>,
    numbered: bool,
) -> Result<()> {
    let rows = u32::try_from(part.len())?;
    let templates = 1 + TONES.len();
    canvas.trace(block, rows, Shows::Rows { first: part.start });
    canvas.put_later(block, u32::try_from(templates)?, part);
    let top = canvas.row();
    let sheet = canvas.sheet()?;
    for (row, tone) in (top..).zip(std::iter::once(None).chain(TONES.map(Some))) {
        if numbered {
            write_text(sheet, row, 0, "", &number_format())?;
        }
        for ready in ready {
            let format = tone.map_or_else(|| ready.plain.clone(), |tone| toned(ready.plain.clone(), tone));
            write_text(sheet, row, ready.place.0, "", &format)?;
        }
    }
    canvas.advance(rows);
    Ok(())
}

/// The tones, in the order of their styles in a long list.
const TONES: [Tone; 4] = [Tone::Bad, Tone::Warn, Tone::Good, Tone::Quiet];

fn number_format() -> Format {
    style::cell().set_num_format("0").set_align(FormatAlign::Center)
}

fn prepare<'a>(column: &'a Column, place: (u16, u16), rows: &'a Rows) -> Ready<'a> {
    let typed = rows.column(&column.field);
    let number = typed.is_some_and(Typed::is_number);
    let plain = match typed {
        Some(typed) if number => {
            let format = style::decimal_format(value::places(&column.show, typed.scale()), true);
            style::cell().set_num_format(format).set_align(FormatAlign::Right).set_indent(1)
        }
        Some(Typed::Date(_)) => style::cell().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
        Some(Typed::Flag(_)) => style::centred(),
        _ => style::wrapped(),
    };
    let tones = column.colours.iter().map(|colour| {
        let slot = TONES.iter().position(|tone| *tone == colour.tone).map_or(0, |at| at + 1);
        (rows.column(&colour.column), toned(plain.clone(), colour.tone), slot)
    });
    Ready {
        divisor: column.show.ratio.as_ref().and_then(|ratio| rows.column(&ratio.by)),
        total: style::total(plain.clone()),
        tones: tones.collect(),
        column,
        place,
        typed,
        plain,
    }
}

fn toned(format: Format, tone: Tone) -> Format {
    match tone {
        Tone::Bad => style::shaded(format, Severity::Error),
        Tone::Warn => style::shaded(format, Severity::Warning),
        Tone::Good => format.set_background_color(Color::RGB(0x00E2_F0D9)).set_font_color(Color::RGB(0x0037_5623)),
        Tone::Quiet => style::quiet(format),
    }
}

fn headings(canvas: &mut Canvas<'_>, ready: &[Ready<'_>], numbered: bool) -> Result<()> {
    let (lang, row) = (canvas.lang(), canvas.row());
    let format = style::heading();
    let mut lines = 1;
    for ready in ready {
        let (first, last) = ready.place;
        lines = lines.max(line_count(ready.column.heading.get(lang), canvas.width_of(first..=last)));
    }
    let sheet = canvas.sheet()?;
    if numbered {
        write_text(sheet, row, 0, if lang == Lang::Zh { "序号" } else { "No." }, &format)?;
    }
    for ready in ready {
        join(sheet, row, ready.place, &format)?;
        write_text(sheet, row, ready.place.0, ready.column.heading.get(lang), &format)?;
    }
    sheet.set_row_height(row, row_height(lines) + 4.0)?;
    canvas.advance(1);
    Ok(())
}

/// Joins the cells of a column that takes several.
fn join(sheet: &mut Worksheet, row: u32, (first, last): (u16, u16), format: &Format) -> Result<()> {
    if first < last {
        sheet.merge_range(row, first, row, last, "", format)?;
    }
    Ok(())
}

/// Draws rows without subtotals. `origin` is the first row of the page, from which rows are numbered, and the column.
fn draw_rows(
    canvas: &mut Canvas<'_>,
    block: usize,
    ready: &[Ready<'_>],
    rows: &Rows,
    part: Range<usize>,
    origin: (usize, bool),
) -> Result<()> {
    let (start, numbered) = origin;
    canvas.trace(block, u32::try_from(part.len())?, Shows::Rows { first: part.start });
    let (lang, pack) = (canvas.lang(), canvas.occasion.pack);
    let fitted = rows.height() <= FITTED;
    let widths: Vec<_> = ready.iter().map(|ready| canvas.width_of(ready.place.0..=ready.place.1)).collect();
    let first_row = canvas.row();
    let sheet = canvas.sheet()?;
    let number = number_format();
    for (row, at) in (first_row..).zip(part.clone()) {
        if numbered {
            sheet.write_number_with_format(row, 0, count(at - start + 1), &number)?;
        }
        let mut lines = 1;
        for (ready, width) in ready.iter().zip(&widths) {
            let format = ready.tones.iter().find(|(holds, ..)| holds.is_some_and(|holds| holds.holds(at)));
            let format = format.map_or(&ready.plain, |(_, format, _)| format);
            let value = ready.typed.map_or(Value::Blank, |typed| typed.get(at, lang));
            let divisor = ready.divisor.and_then(|divisor| divisor.number(at));
            let value = value::shown(value, &ready.column.show, divisor, pack);
            if fitted && let Value::Text(text) = &value {
                lines = lines.max(line_count(text, *width));
            }
            join(sheet, row, ready.place, format)?;
            write_value(sheet, row, ready.place.0, &value, format)?;
        }
        if fitted {
            sheet.set_row_height(row, row_height(lines) + 2.0)?;
        }
    }
    canvas.advance(u32::try_from(part.len())?);
    Ok(())
}

/// Draws rows with a subtotal below each group that ends in them. `origin` is the whole page and the column.
fn draw_groups(
    canvas: &mut Canvas<'_>,
    block: usize,
    group: &str,
    ready: &[Ready<'_>],
    rows: &Rows,
    part: Range<usize>,
    origin: (Range<usize>, bool),
) -> Result<()> {
    let (page, numbered) = origin;
    let lang = canvas.lang();
    let typed = rows.column(group);
    let name = |at: usize| typed.map_or(Value::Blank, |typed| typed.get(at, lang));
    let mut start = part.start;
    while start < part.end {
        let mut end = start + 1;
        while end < part.end && name(end) == name(start) {
            end += 1;
        }
        let top = canvas.row();
        draw_rows(canvas, block, ready, rows, start..end, (page.start, numbered))?;
        let goes_on = end < page.end && name(end) == name(start);
        if !goes_on && ready.iter().any(|ready| ready.column.total) {
            let mut first = start;
            while first > page.start && name(first - 1) == name(start) {
                first -= 1;
            }
            let label = match (name(start), lang) {
                (Value::Text(text), Lang::Zh) => format!("小计 {text}"),
                (Value::Text(text), Lang::En) => format!("Subtotal {text}"),
                (_, Lang::Zh) => "小计".to_owned(),
                (_, Lang::En) => "Subtotal".to_owned(),
            };
            let over = (first == start).then_some(top..canvas.row());
            sum_row(canvas, block, ready, (&label, first..end), over.as_ref(), numbered)?;
        }
        start = end;
    }
    Ok(())
}

/// A row of sums: a formula over the rows `over` of the sheet, or the figure alone where they are on several.
fn sum_row(
    canvas: &mut Canvas<'_>,
    block: usize,
    ready: &[Ready<'_>],
    (label, rows): (&str, Range<usize>),
    over: Option<&Range<u32>>,
    numbered: bool,
) -> Result<()> {
    canvas.trace(block, 1, Shows::Sum { rows: rows.clone() });
    let (row, pack) = (canvas.row(), canvas.occasion.pack);
    let sheet = canvas.sheet()?;
    let text = style::total(style::cell());
    let mut labelled = numbered;
    if numbered {
        write_text(sheet, row, 0, label, &text)?;
    }
    for ready in ready {
        let column = ready.place.0;
        join(sheet, row, ready.place, &ready.total)?;
        let sum = ready.typed.filter(|_| ready.column.total).map(|typed| typed.sum(rows.clone()));
        let Some(sum) = sum else {
            write_text(sheet, row, column, if labelled { "" } else { label }, &text)?;
            labelled = true;
            continue;
        };
        let divisor = ready.divisor.map(|divisor| divisor.sum(rows.clone()));
        let value = Value::Number { mantissa: sum.0, scale: sum.1 };
        let value = value::shown(value, &ready.column.show, divisor, pack);
        let shown =
            if let Value::Number { mantissa, scale } = value { Some(decimal_text(mantissa, scale)) } else { None };
        match (over, shown.filter(|text| exact_number(text).is_some())) {
            (Some(over), Some(text)) if ready.column.show.ratio.is_none() => {
                let letters = column_letters(column.into());
                let formula = format!("=SUBTOTAL(9,{letters}{}:{letters}{})", over.start + 1, over.end);
                let formula = Formula::new(formula).set_result(text);
                sheet.write_formula_with_format(row, column, formula, &ready.total)?;
            }
            _ => write_value(sheet, row, column, &value, &ready.total)?,
        }
    }
    sheet.set_row_height(row, row_height(1) + 4.0)?;
    canvas.advance(1);
    Ok(())
}

/// Writes a value: a number exactly, or as text where Excel cannot hold its digits.
pub fn write_value(sheet: &mut Worksheet, row: u32, column: u16, value: &Value<'_>, format: &Format) -> Result<()> {
    match value {
        Value::Blank => write_text(sheet, row, column, "", format)?,
        Value::Text(text) => write_text(sheet, row, column, text, format)?,
        Value::Number { mantissa, scale } => {
            let text = decimal_text(*mantissa, *scale);
            match exact_number(&text) {
                Some(number) => {
                    sheet.write_number_with_format(row, column, number, format)?;
                }
                None => write_text(sheet, row, column, &text, format)?,
            }
        }
        Value::Date(date) => {
            use chrono::Datelike as _;
            let part = |number: u32| u8::try_from(number).unwrap_or(1);
            let year = u16::try_from(date.year()).ok();
            match year.and_then(|year| ExcelDateTime::from_ymd(year, part(date.month()), part(date.day())).ok()) {
                Some(excel) => {
                    sheet.write_datetime_with_format(row, column, &excel, format)?;
                }
                // Before 1900: Excel has no such day.
                None => write_text(sheet, row, column, &date.to_string(), format)?,
            }
        }
    }
    Ok(())
}

/// A count as a cell value.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
