//! A submitted sheet issued again with the records at fault only: same columns and headings in the same order, flagged
//! cells in colour, with a note, and open for correction.

use std::borrow::Cow;

use anyhow::Result;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};
use rust_xlsxwriter::{Format, Url, Workbook, Worksheet};

use super::{
    cell::{MAX_LINKS, write_text},
    finding_list::{LIST_SHEET, MAX_LISTED},
    identity::{record_mark, sheet_mark},
    label::{Label, label},
    note::note,
    page,
    plan::{Flagged, LEADING_COLUMNS, Notes, Plan, Reissue, is_listed},
    shown::{Shown, entered, extra, shown, write_cell},
    style,
    width::{column_width, display_width, line_count, row_height},
};
use crate::{
    finding::Severity,
    message::{Cells, Renderer},
    outcome::Outcome,
    pack::{Dataset, Field, FieldKind},
    table::SheetColumn,
    text::{Lang, Text},
};

/// Sheets with more cells are spooled to disk while they are written.
pub const LARGE_SHEET: usize = 200_000;

/// Records looked at to find the width of a column.
const SAMPLE: usize = 200;

/// Most lines a row shows.
const MOST_LINES: usize = 6;

/// Widest column, in characters; wider text wraps.
const WIDEST: usize = 36;

const ROW_NUMBER: Label = label("原行号", "Row");
/// The heading of the column with the row numbers of the file handed in.
pub fn row_number_heading() -> Text {
    Text::new(ROW_NUMBER.get(Lang::Zh), ROW_NUMBER.get(Lang::En))
}

const NUMBERS: Label = label("问题序号", "Findings");

/// A column of the new sheet with the formats of its cells: clean, then by severity.
struct Column<'a> {
    source: &'a SheetColumn,
    clean: Format,
    flagged: [Format; 3],
    width: f64,
    wraps: bool,
}

/// Writes the sheet `plan.sheets[index]`.
pub fn write(
    workbook: &mut Workbook,
    outcome: &Outcome,
    renderer: &Renderer,
    plan: &Plan,
    index: usize,
    title: &str,
) -> Result<()> {
    let Some(reissue) = plan.sheets.get(index) else { return Ok(()) };
    let Some(cells) = renderer.cells(reissue.dataset) else { return Ok(()) };
    let lang = renderer.lang();
    let columns: Vec<_> =
        reissue.segment.columns.iter().map(|source| column(cells.dataset, cells, reissue, source)).collect();
    let large = reissue.records.len() * (columns.len() + usize::from(LEADING_COLUMNS)) > LARGE_SHEET;
    let sheet = if large { workbook.add_worksheet_with_low_memory()? } else { workbook.add_worksheet() };
    sheet.set_name(&reissue.name)?;
    write_headings(sheet, &columns, lang)?;

    let hidden = LEADING_COLUMNS + u16::try_from(columns.len())?;
    let mark = style::text();
    write_text(sheet, 0, hidden, &sheet_mark(index), &mark)?;
    let leading = [style::quiet(style::centred()), style::quiet(style::link(style::centred()))];
    let unplaced =
        [Severity::Error, Severity::Warning, Severity::Info].map(|severity| style::shaded(style::centred(), severity));
    // Marks are hashes of all cells: made beforehand, on all threads.
    let record_marks: Vec<String> = reissue
        .records
        .par_iter()
        .map(|flagged| {
            let number = cells.table.sheet_rows.get(flagged.record as usize).copied().unwrap_or(0);
            let id = outcome.overlay.ids.get(reissue.dataset, flagged.record);
            let seen = columns
                .iter()
                .map(|column| entered(shown(cells, reissue.segment, column.source, flagged.record)).seen());
            record_mark(id, number, seen)
        })
        .collect();
    for ((row, flagged), record) in (1u32..).zip(&reissue.records).zip(&record_marks) {
        write_leading(sheet, plan, cells, row, flagged, (&leading, &unplaced), lang)?;
        let mut lines = 1;
        for (at, column) in (LEADING_COLUMNS..).zip(&columns) {
            let marks = flagged.cells.get(&at).map(Vec::as_slice).unwrap_or_default();
            let format = worst(plan, marks).map_or(&column.clean, |severity| &column.flagged[severity as usize]);
            let shown = shown(cells, reissue.segment, column.source, flagged.record);
            if let (true, Shown::Text(text)) = (column.wraps, &shown) {
                lines = lines.max(line_count(text, WIDEST));
            }
            write_cell(sheet, row, at, shown, format)?;
        }
        write_text(sheet, row, hidden, record, &mark)?;
        sheet.set_row_height(row, row_height(lines.min(MOST_LINES)) + 2.0)?;
        if !matches!(plan.notes, Notes::Until(last, last_row) if (index, row) > (last, last_row)) {
            write_notes(sheet, outcome, renderer, plan, row, flagged)?;
        }
    }

    sheet.set_column_hidden(hidden)?;
    // Sorting moves only what the filter covers: the hidden column must move with its record.
    sheet.autofilter(0, 0, u32::try_from(reissue.records.len())?, hidden)?;
    sheet.set_freeze_panes(1, LEADING_COLUMNS)?;
    sheet.set_repeat_rows(0, 0)?;
    page::set_up(sheet, title, &reissue.name, lang);
    page::spread(sheet, columns.iter().map(|column| column.width).sum(), LEADING_COLUMNS)?;
    page::protect(sheet);
    Ok(())
}

fn write_headings(sheet: &mut Worksheet, columns: &[Column], lang: Lang) -> Result<()> {
    let heading = style::heading();
    let quiet = style::quiet(style::heading());
    write_text(sheet, 0, 0, &ROW_NUMBER.stacked(lang), &quiet)?;
    write_text(sheet, 0, 1, &NUMBERS.stacked(lang), &quiet)?;
    sheet.set_column_width(0, 9)?;
    sheet.set_column_width(1, 10)?;
    let mut lines = 2;
    for (at, column) in (LEADING_COLUMNS..).zip(columns) {
        write_text(sheet, 0, at, &column.source.heading, &heading)?;
        sheet.set_column_width(at, column.width)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let room = (column.width as usize).saturating_sub(2);
        lines = lines.max(line_count(&column.source.heading, room));
    }
    sheet.set_row_height(0, row_height(lines.min(4)))?;
    Ok(())
}

/// Row number and numbers of the findings, the latter linked back to the list.
fn write_leading(
    sheet: &mut Worksheet,
    plan: &Plan,
    cells: &Cells,
    row: u32,
    flagged: &Flagged,
    (leading, unplaced): (&[Format; 2], &[Format; 3]),
    lang: Lang,
) -> Result<()> {
    let marks = flagged.cells.get(&0).map(Vec::as_slice).unwrap_or_default();
    let format = worst(plan, marks).map_or(&leading[0], |severity| &unplaced[severity as usize]);
    let number = cells.table.sheet_rows.get(flagged.record as usize).copied().unwrap_or(0);
    sheet.write_number_with_format(row, 0, f64::from(number), format)?;
    let numbers: Vec<_> = flagged.entries.iter().map(|entry| (entry + 1).to_string()).collect();
    let numbers = numbers.join(", ");
    match flagged.entries.first().filter(|first| **first < MAX_LISTED && (row as usize) < MAX_LINKS) {
        Some(first) => {
            let url = Url::new(format!("internal:'{}'!A{}", LIST_SHEET.get(lang), first + 2)).set_text(numbers);
            sheet.write_url_with_format(row, 1, &url, &leading[1])?;
        }
        None => write_text(sheet, row, 1, &numbers, &leading[0])?,
    }
    Ok(())
}

fn write_notes(
    sheet: &mut Worksheet,
    outcome: &Outcome,
    renderer: &Renderer,
    plan: &Plan,
    row: u32,
    flagged: &Flagged,
) -> Result<()> {
    for (&column, marks) in &flagged.cells {
        if plan.notes != Notes::All && !is_listed(column, marks, &plan.entries) {
            continue;
        }
        let texts: Vec<_> = marks
            .iter()
            .filter_map(|&mark| {
                let entry = plan.entries.get(mark)?;
                let rule = outcome.pack.rules.get(entry.finding.rule).map_or("", |rule| rule.id.as_str());
                let severity = entry.severity.title(renderer.lang());
                let (message, fix) = (renderer.message(entry.finding), renderer.fix(entry.finding));
                Some(format!("{}. [{severity}] {message}\n→ {fix} ({rule})", mark + 1))
            })
            .collect();
        sheet.insert_note(row, column, &note(&texts))?;
    }
    Ok(())
}

/// The worst severity of some findings.
fn worst(plan: &Plan, marks: &[usize]) -> Option<Severity> {
    marks.iter().filter_map(|&mark| plan.entries.get(mark)).map(|entry| entry.severity).min()
}

/// The format of a cell of a field with which nothing is wrong; of a column that holds none if there is no field.
pub fn clean_format(field: Option<&Field>, wraps: bool) -> Format {
    let scale = field.map_or(2, |field| usize::from(field.scale));
    match field.map_or(FieldKind::Text, |field| field.kind) {
        FieldKind::Amount => style::cell().set_num_format(style::decimal_format(scale, true)),
        FieldKind::Decimal => style::cell().set_num_format(style::decimal_format(scale, false)),
        FieldKind::Integer => style::cell().set_num_format("0"),
        FieldKind::Date => style::cell().set_num_format("yyyy-mm-dd"),
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier if wraps => style::wrapped(),
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => style::text(),
    }
}

fn column<'a>(dataset: &Dataset, cells: &Cells, reissue: &Reissue, source: &'a SheetColumn) -> Column<'a> {
    let field = source.field.and_then(|field| dataset.fields.get(usize::from(field)));
    let kind = field.map_or(FieldKind::Text, |field| field.kind);
    let mut widest = 0;
    for flagged in reissue.records.iter().take(SAMPLE) {
        let text = match source.field {
            Some(field) => cells.text(flagged.record, field),
            None => extra(reissue.segment, source, flagged.record).map(Cow::Borrowed),
        };
        widest = widest.max(text.map_or(0, |text| display_width(&text)));
    }
    let wraps = widest + 2 > WIDEST && matches!(kind, FieldKind::Text | FieldKind::Name | FieldKind::Identifier);
    let clean = clean_format(field, wraps);
    if kind == FieldKind::Amount {
        widest += widest / 3 + 1;
    }
    // A heading may take two lines.
    let heading = display_width(&source.heading).div_ceil(2) + 3;
    let flagged = [Severity::Error, Severity::Warning, Severity::Info]
        .map(|severity| style::shaded(clean.clone(), severity).set_unlocked());
    Column { source, clean, flagged, width: column_width(widest.max(heading), 8, WIDEST), wraps }
}
