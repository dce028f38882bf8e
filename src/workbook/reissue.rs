//! A submitted sheet issued again with the records at fault only: same columns and headings in the same order, flagged
//! cells in colour, with a note, and open for correction.

use std::{borrow::Cow, ops::Range};

use anyhow::{Context as _, Result};
use rust_xlsxwriter::{Format, Url, Workbook, Worksheet};

use super::{
    cell::{MAX_LINKS, write_text},
    finding_list::{LIST_SHEET, MAX_LISTED},
    identity::{record_mark, sheet_mark},
    label::{Label, label},
    markup::{Rows, height, letters, link},
    note::note,
    page,
    plan::{Flagged, LEADING_COLUMNS, Mark, Notes, Plan, Reissue, is_listed},
    shown::{Shown, extra, mark_cell, put_cell, shown},
    splice::{Insert, styles_of},
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

/// A sheet that was drawn, but for its rows.
pub struct Drawn<'a> {
    outcome: &'a Outcome,
    plan: &'a Plan<'a>,
    cells: &'a Cells<'a>,
    reissue: &'a Reissue<'a>,
    columns: Vec<Column<'a>>,
    lang: Lang,
}

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

/// Rows a note may stretch over: their heights make its size.
const NOTE_ROWS: usize = 24;

/// Draws the sheet `plan.sheets[index]` with its headings, notes and a row of each kind of style; the rows of the records
/// come from [`Drawn::inserts`].
pub fn draw<'a>(
    workbook: &mut Workbook,
    outcome: &'a Outcome,
    renderer: &'a Renderer<'a>,
    plan: &'a Plan<'a>,
    index: usize,
    title: &str,
) -> Result<Drawn<'a>> {
    let reissue = plan.sheets.get(index).context("a sheet that was not planned")?;
    let cells = renderer.cells(reissue.dataset).context("a sheet without a table")?;
    let lang = renderer.lang();
    let columns: Vec<_> =
        reissue.segment.columns.iter().map(|source| column(cells.dataset, cells, reissue, source)).collect();
    let sheet = workbook.add_worksheet();
    sheet.set_name(&reissue.name)?;
    write_headings(sheet, &columns, lang)?;
    let hidden = LEADING_COLUMNS + u16::try_from(columns.len())?;
    let mark = style::text();
    write_text(sheet, 0, hidden, &sheet_mark(index), &mark)?;
    write_styles(sheet, &columns, hidden, &mark)?;
    let linked = style::quiet(style::link(style::centred()));
    if has_links(reissue) {
        let url = Url::new(format!("internal:'{}'!A1", LIST_SHEET.get(lang))).set_text("-");
        sheet.write_url_with_format(1, 1, &url, &linked)?;
    } else {
        sheet.write_blank(1, 1, &linked)?;
    }

    let drawn = Drawn { outcome, plan, cells, reissue, columns, lang };
    let noted = match plan.notes {
        Notes::Until(last, row) if index == last => row as usize,
        Notes::Until(last, _) if index > last => 0,
        _ => reissue.records.len(),
    };
    for (row, flagged) in (1u32..).zip(reissue.records.iter().take(noted)) {
        write_notes(sheet, outcome, renderer, plan, row, flagged)?;
    }
    if noted > 0 {
        for (row, flagged) in (1u32..).zip(reissue.records.iter().take(noted + NOTE_ROWS)) {
            sheet.set_row_height(row, points(drawn.lines(flagged)))?;
        }
    }

    sheet.set_column_hidden(hidden)?;
    // Sorting moves only what the filter covers: the hidden column must move with its record.
    sheet.autofilter(0, 0, u32::try_from(reissue.records.len())?, hidden)?;
    sheet.set_freeze_panes(1, LEADING_COLUMNS)?;
    sheet.set_repeat_rows(0, 0)?;
    page::set_up(sheet, title, &reissue.name, lang);
    page::spread(sheet, drawn.columns.iter().map(|column| column.width).sum(), LEADING_COLUMNS)?;
    page::protect(sheet);
    Ok(drawn)
}

/// Height of a row, in points.
fn points(lines: usize) -> f64 {
    row_height(lines.min(MOST_LINES)) + 2.0
}

/// One row of clean cells, then one for each severity.
fn write_styles(sheet: &mut Worksheet, columns: &[Column], hidden: u16, mark: &Format) -> Result<()> {
    sheet.write_blank(1, 0, &style::quiet(style::centred()))?;
    for (row, severity) in (2u32..).zip(SEVERITIES) {
        sheet.write_blank(row, 0, &style::shaded(style::centred(), severity))?;
        sheet.write_blank(row, 1, &style::quiet(style::centred()))?;
    }
    for (at, column) in (LEADING_COLUMNS..).zip(columns) {
        for (row, format) in (1u32..).zip(std::iter::once(&column.clean).chain(&column.flagged)) {
            sheet.write_blank(row, at, format)?;
        }
    }
    sheet.write_blank(1, hidden, mark)?;
    Ok(())
}

/// The styles of the four rows: clean, then by severity.
struct Styles([Vec<u32>; 4]);

impl Styles {
    fn get(&self, severity: Option<Severity>, column: usize) -> u32 {
        let row = self.0.get(severity.map_or(0, |severity| severity as usize + 1));
        row.and_then(|row| row.get(column)).copied().unwrap_or_default()
    }
}

impl<'a> Drawn<'a> {
    /// The rows of the records, and their links to the list.
    pub fn inserts(self, drawn: &[u8], part: &str) -> Result<Vec<Insert<'a>>> {
        let row = |number: u32| styles_of(drawn, part, number);
        let styles = Styles([row(2)?, row(3)?, row(4)?, row(5)?]);
        let (reissue, lang) = (self.reissue, self.lang);
        let columns = usize::from(LEADING_COLUMNS) + self.columns.len() + 1;
        let letters = letters(columns);
        let heights: Vec<_> = (0..=MOST_LINES).map(|lines| height(points(lines))).collect();
        let count = reissue.records.len();
        let rows = Insert::below_headings(part, count, columns, move |range| {
            let mut rows = Rows::new(&letters, range.len() * letters.len() * 56);
            for at in range {
                if let Some(flagged) = self.reissue.records.get(at) {
                    rows.begin(at + 2, heights.get(self.lines(flagged).min(MOST_LINES)).map(String::as_str));
                    self.put(&mut rows, at, flagged, &styles);
                    rows.end();
                }
            }
            rows.finish()
        });
        let mut inserts = Vec::from(rows);
        if has_links(reissue) {
            inserts.push(Insert::links(part, count.min(MAX_LINKS), move |range| links(reissue, range, lang)));
        }
        Ok(inserts)
    }

    /// Lines the row of a record shows at least.
    fn lines(&self, flagged: &Flagged) -> usize {
        let wrapping = self.columns.iter().filter(|column| column.wraps);
        let lines = wrapping.map(|column| match self.shown(column, flagged) {
            Shown::Text(text) => line_count(&text, WIDEST),
            _ => 1,
        });
        lines.max().unwrap_or(1)
    }

    fn shown(&self, column: &Column<'a>, flagged: &Flagged) -> Shown<'a> {
        shown(self.cells, self.reissue.segment, column.source, flagged.record)
    }

    /// The cells of a record: its row number and the numbers of its findings, what was handed in, its mark.
    fn put(&self, rows: &mut Rows<'_>, at: usize, flagged: &Flagged, styles: &Styles) {
        let severity = |column: u16| worst(self.plan, flagged.marks(column));
        let number = self.cells.table.sheet_rows.get(flagged.record as usize).copied().unwrap_or(0);
        rows.whole(0, styles.get(severity(0), 0), number);
        // Behind the clean row, the second cell has the style of numbers without a link.
        let unlinked = link_target(flagged, at).is_none().then_some(Severity::Error);
        rows.text(1, styles.get(unlinked, 1), &numbers(flagged));
        let id = self.outcome.overlay.ids.get(self.reissue.dataset, flagged.record);
        let mut mark = record_mark(id, number, self.columns.len());
        for (column, place) in self.columns.iter().zip(LEADING_COLUMNS..) {
            let shown = self.shown(column, flagged);
            let at = usize::from(place);
            put_cell(rows, at, styles.get(severity(place), at), &shown);
            mark_cell(&mut mark, &shown);
        }
        let hidden = usize::from(LEADING_COLUMNS) + self.columns.len();
        rows.text(hidden, styles.get(None, hidden), &mark);
    }
}

/// The numbers of a record's findings.
fn numbers(flagged: &Flagged) -> String {
    let numbers: Vec<_> = flagged.entries.iter().map(|entry| (entry + 1).to_string()).collect();
    numbers.join(", ")
}

/// The finding the `at`-th record links to in the list.
fn link_target(flagged: &Flagged, at: usize) -> Option<usize> {
    flagged.entries.first().copied().filter(|first| *first < MAX_LISTED && at + 1 < MAX_LINKS)
}

fn has_links(reissue: &Reissue) -> bool {
    reissue.records.iter().enumerate().any(|(at, flagged)| link_target(flagged, at).is_some())
}

/// The links of records to the list.
fn links(reissue: &Reissue, range: Range<usize>, lang: Lang) -> String {
    let mut out = String::with_capacity(range.len() * 80);
    for at in range {
        let flagged = reissue.records.get(at);
        if let Some((flagged, first)) = flagged.and_then(|flagged| Some((flagged, link_target(flagged, at)?))) {
            link(&mut out, ("B", at + 2), LIST_SHEET.get(lang), ("A", first + 2), &numbers(flagged));
        }
    }
    out
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

fn write_notes(
    sheet: &mut Worksheet,
    outcome: &Outcome,
    renderer: &Renderer,
    plan: &Plan,
    row: u32,
    flagged: &Flagged,
) -> Result<()> {
    for (column, marks) in flagged.cells() {
        if plan.notes != Notes::All && !is_listed(column, marks, &plan.entries) {
            continue;
        }
        let texts: Vec<_> = marks
            .iter()
            .filter_map(|&(_, mark)| {
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
fn worst(plan: &Plan, marks: &[Mark]) -> Option<Severity> {
    marks.iter().filter_map(|&(_, mark)| plan.entries.get(mark)).map(|entry| entry.severity).min()
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
    let flagged = SEVERITIES.map(|severity| style::shaded(clean.clone(), severity).set_unlocked());
    Column { source, clean, flagged, width: column_width(widest.max(heading), 8, WIDEST), wraps }
}
