//! A unit's data with the corrected values: its sheets as they were handed in, all records, corrected cells in colour.

use std::{collections::HashMap, fs::File, io::BufWriter, path::Path};

use anyhow::{Context as _, Result};
use rust_xlsxwriter::{Format, Note, Workbook};

use super::line;
use crate::{
    finding::Severity,
    message::{Cells, Renderer},
    outcome::Outcome,
    overlay::At,
    pack::Field,
    table::{Segment, SheetColumn},
    text::Lang,
    workbook::{
        cell::{MAX_ROWS, write_text},
        new_workbook, page,
        reissue::{LARGE_SHEET, clean_format},
        sheet_name::SheetNames,
        sheet_title,
        shown::{shown, write_cell},
        style,
        width::{column_width, display_width},
    },
};

/// Records looked at to find the width of a column.
const SAMPLE: u32 = 200;

/// Writes the data of a unit (index into `Outcome::units`). Values are in full, for they are the unit's own.
///
/// # Errors
/// If there is no such unit, or `path` cannot be written.
pub fn write_corrected_data(outcome: &Outcome, unit: usize, lang: Lang, path: &Path) -> Result<()> {
    let named = outcome.units.get(unit).context("the unit is not in the roster")?;
    let renderer = Renderer::new(outcome, lang, false)?;
    let title = format!("{} {} {}", named.code, named.name, outcome.job.period);
    let context = || format!("cannot write the corrected data of unit {}", named.code);
    let mut notes = HashMap::new();
    for (laid, at) in outcome.overlay.applied().filter(|(laid, _)| laid.correction.unit == named.code) {
        let line = line(outcome, &renderer, &laid.correction, Some(at), laid.submitted.as_deref(), false);
        let who = &laid.correction.who;
        notes.insert(
            at,
            match lang {
                Lang::Zh => format!("原值：{}\n{who} 更正", line.old),
                Lang::En => format!("was: {}\ncorrected by {who}", line.old),
            },
        );
    }
    let mut workbook = new_workbook(outcome, &title);
    if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
        workbook.set_tempdir(folder).with_context(context)?;
    }
    let mut titles = SheetNames::new(&[]);
    for (dataset, table) in outcome.intake.tables.iter().enumerate() {
        let Some(cells) = renderer.cells(dataset) else { continue };
        for segment in table.segments.iter().filter(|segment| segment.unit == unit) {
            let name = titles.take(sheet_title(outcome, segment));
            write_sheet(&mut workbook, cells, (dataset, segment), &name, &notes, &title, lang).with_context(context)?;
        }
    }
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}

fn write_sheet(
    workbook: &mut Workbook,
    cells: &Cells<'_>,
    (dataset, segment): (usize, &Segment),
    name: &str,
    notes: &HashMap<At, String>,
    title: &str,
    lang: Lang,
) -> Result<()> {
    let large = segment.records.len() * segment.columns.len() > LARGE_SHEET;
    let sheet = if large { workbook.add_worksheet_with_low_memory()? } else { workbook.add_worksheet() };
    sheet.set_name(name)?;
    let heading = style::heading();
    let mut formats: Vec<(Format, Format)> = Vec::with_capacity(segment.columns.len());
    for (at, column) in (0u16..).zip(&segment.columns) {
        let field = column.field.and_then(|field| cells.dataset.fields.get(usize::from(field)));
        let heading_text = stated(column, field);
        write_text(sheet, 0, at, &heading_text, &heading)?;
        let clean = clean_format(field, false);
        let corrected = style::shaded(clean.clone(), Severity::Info);
        formats.push((clean, corrected));
        let sample = segment.records.clone().take(SAMPLE as usize);
        let widest = sample.filter_map(|record| column.field.and_then(|field| cells.text(record, field)));
        let widest = widest.map(|text| display_width(&text)).max().unwrap_or_default();
        sheet.set_column_width(at, column_width(widest.max(display_width(&heading_text)), 8, 36))?;
    }
    for (row, record) in (1u32..).zip(segment.records.clone()).take(MAX_ROWS - 1) {
        for ((at, column), (clean, corrected)) in (0u16..).zip(&segment.columns).zip(&formats) {
            let note = column.field.and_then(|field| notes.get(&At { dataset, record, field }));
            write_cell(
                sheet,
                row,
                at,
                shown(cells, segment, column, record),
                if note.is_some() { corrected } else { clean },
            )?;
            if let Some(note) = note {
                sheet.insert_note(row, at, &Note::new(note.as_str()).add_author_prefix(false))?;
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    page::set_up(sheet, title, name, lang);
    Ok(())
}

/// The heading; with the unit of its amounts where only a title above it had said it.
fn stated(column: &SheetColumn, field: Option<&Field>) -> String {
    let unit = column.unit.filter(|unit| field.is_some_and(|field| field.unit != Some(*unit)));
    match unit {
        Some(unit) if !column.heading.contains('元') => format!("{}({})", column.heading, unit.name()),
        _ => column.heading.clone(),
    }
}
