//! What a workbook that comes back is matched by: a hidden sheet that names run, unit, sheets and findings, and marks in
//! a hidden column of each re-issued sheet that name its records. Never row numbers.
//!
//! The reader of workbooks that come back takes names and marks from here.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{
    cell::write_text,
    markup::{Rows, letters},
    plan::{LEADING_COLUMNS, Plan, marked},
    shown::seen_cell,
    splice::{Insert, styles_of},
    style,
};
use crate::{
    digest::{hex, short},
    finding::Place,
    listing::run_id,
    message::Renderer,
    outcome::Outcome,
    overlay::RecordId,
    text::Lang,
};

/// Name of the hidden sheet.
pub const IDENTITY_SHEET: &str = "_baosong";

/// Edition of the layout of error workbooks; raised when a reader of older ones would misread it.
pub const LAYOUT: &str = "2";

/// Stands for a column that holds no field.
pub const NO_FIELD: &str = "-";

/// Characters a mark of one cell has.
pub const CELL_MARK: usize = 6;

/// Cells the line of a finding has.
const FINDING_COLUMNS: usize = 9;

/// The heading of the hidden column of the `index`-th re-issued sheet.
pub fn sheet_mark(index: usize) -> String {
    format!("{IDENTITY_SHEET}:{}", index + 1)
}

/// The index of the re-issued sheet a hidden column with this heading is in.
pub fn sheet_marked(heading: &str) -> Option<usize> {
    let number: usize = heading.trim().strip_prefix(IDENTITY_SHEET)?.strip_prefix(':')?.parse().ok()?;
    number.checked_sub(1)
}

/// What stands in the hidden column beside a record: its id, its row number in the file handed in and the marks of its
/// cells, as they were issued; of the latter nothing yet, [`push_cell_mark`] adds them.
pub fn record_mark(id: Option<RecordId>, row: u32, cells: usize) -> String {
    let mut mark = id.map(|id| hex(&id)).unwrap_or_default();
    mark.reserve(12 + cells * CELL_MARK);
    mark.extend([":", &row.to_string(), ":"]);
    mark
}

/// Adds the mark of a cell.
pub fn push_cell_mark(mark: &mut String, seen: &str) {
    let hash = short([seen]);
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(CELL_MARK);
    mark.extend(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)));
}

/// By this it is seen whether a cell was changed.
pub fn cell_mark(seen: &str) -> String {
    let mut mark = String::with_capacity(CELL_MARK);
    push_cell_mark(&mut mark, seen);
    mark
}

/// Draws the sheet with one cell in its style.
pub fn draw(workbook: &mut Workbook) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(IDENTITY_SHEET)?.set_very_hidden(true);
    write_text(sheet, 0, 0, "layout", &style::text())?;
    write_text(sheet, 0, 1, LAYOUT, &style::text())?;
    Ok(())
}

/// The rows below: lines of key and value, then one line for each re-issued sheet with the sheet it came from and the
/// fields and headings of its columns, then one for each finding with its number, its record and the cells it marks.
pub fn inserts<'a>(
    drawn: &[u8],
    part: &str,
    outcome: &'a Outcome,
    renderer: &'a Renderer<'a>,
    plan: &'a Plan<'a>,
    unit: usize,
) -> Result<[Insert<'a>; 2]> {
    let style = styles_of(drawn, part, 1)?.first().copied().unwrap_or_default();
    let lines = lines(outcome, renderer, plan, unit);
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default().max(FINDING_COLUMNS);
    let letters = letters(columns);
    Ok(Insert::below_headings(part, lines.len() + plan.entries.len(), columns, move |range| {
        let mut rows = Rows::new(&letters, range.len() * 640);
        for at in range {
            rows.begin(at + 2, None);
            let index = at.checked_sub(lines.len());
            let found = index.and_then(|index| finding(outcome, renderer, plan, index));
            let line = lines.get(at).map(Vec::as_slice).unwrap_or_default();
            let texts = found.as_ref().map_or(line, |found| found.as_slice());
            for (column, text) in texts.iter().enumerate() {
                rows.text(column, style, text);
            }
            rows.end();
        }
        rows.finish()
    }))
}

/// The lines between that of the layout and those of the findings.
fn lines(outcome: &Outcome, renderer: &Renderer, plan: &Plan, unit: usize) -> Vec<Vec<String>> {
    let code = outcome.units.get(unit).map_or("", |unit| unit.code.as_str());
    let language = if renderer.lang() == Lang::Zh { "zh" } else { "en" };
    let keys = [
        ("program", env!("CARGO_PKG_VERSION").to_owned()),
        ("institution", outcome.job.institution.code.clone()),
        ("period", outcome.job.period.to_string()),
        ("unit", code.to_owned()),
        ("pack", outcome.pack.id.clone()),
        ("edition", outcome.pack.edition.clone()),
        ("pack_hash", outcome.pack.hash.clone()),
        ("language", language.to_owned()),
        ("run", run_id(outcome)),
    ];
    let sheets = plan.sheets.iter().map(|reissue| {
        let dataset = outcome.pack.datasets.get(reissue.dataset).map_or("", |dataset| dataset.id.as_str());
        let file = outcome.intake.files.get(reissue.segment.file).map_or("", |file| file.name.as_str());
        let line = ["sheet", &reissue.name, dataset, file, &reissue.segment.sheet].map(ToOwned::to_owned);
        let headings = reissue.segment.columns.iter().map(|column| column.heading.clone());
        line.into_iter().chain([fields(outcome, reissue)]).chain(headings).collect()
    });
    keys.map(|(key, value)| vec![key.to_owned(), value]).into_iter().chain(sheets).collect()
}

/// The fields of a re-issued sheet's columns, from left to right.
fn fields(outcome: &Outcome, reissue: &super::plan::Reissue) -> String {
    let dataset = outcome.pack.datasets.get(reissue.dataset);
    let fields = reissue.segment.columns.iter().map(|column| {
        let field = column.field.and_then(|field| dataset?.fields.get(usize::from(field)));
        field.map_or(NO_FIELD, |field| field.id.as_str())
    });
    fields.collect::<Vec<_>>().join(" ")
}

/// A finding: its number in the list, dataset, the field it is listed under, its record, the re-issued sheet, the columns
/// it marks there, counted from the first that was handed in, and the mark of the cell it is listed under.
fn finding(outcome: &Outcome, renderer: &Renderer, plan: &Plan, index: usize) -> Option<[String; FINDING_COLUMNS]> {
    let entry = plan.entries.get(index)?;
    let (dataset, field, record) = match entry.finding.place {
        Place::Unit { dataset, .. } => (dataset, None, None),
        Place::Sheet { dataset, field, .. } => (dataset, field, None),
        Place::Record { dataset, record, field } => (dataset, field, outcome.overlay.ids.get(dataset, record)),
    };
    let declared = outcome.pack.datasets.get(dataset);
    let field = field.and_then(|field| declared?.fields.get(usize::from(field)));
    let columns = entry.target.and_then(|(sheet, ..)| plan.sheets.get(sheet));
    let columns = columns.map(|sheet| marked(outcome, sheet.segment, entry.finding)).unwrap_or_default();
    let columns = columns.iter().filter_map(|column| column.checked_sub(LEADING_COLUMNS));
    let seen = match entry.finding.place {
        Place::Record { dataset, record, field: Some(field) } => {
            renderer.cells(dataset).and_then(|cells| seen_cell(cells, record, field))
        }
        _ => None,
    };
    Some([
        "finding".to_owned(),
        entry.fingerprint.clone(),
        (index + 1).to_string(),
        declared.map(|dataset| dataset.id.clone()).unwrap_or_default(),
        field.map(|field| field.id.clone()).unwrap_or_default(),
        record.map(|id| hex(&id)).unwrap_or_default(),
        entry.target.map(|(sheet, ..)| (sheet + 1).to_string()).unwrap_or_default(),
        columns.map(|column| column.to_string()).collect::<Vec<_>>().join(" "),
        seen.map(|seen| cell_mark(&seen)).unwrap_or_default(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back() {
        assert_eq!(sheet_marked(&sheet_mark(6)), Some(6));
        for text in ["", "_baosong", "_baosong:", "_baosong:0", "_baosong:x", "备注"] {
            assert_eq!(sheet_marked(text), None, "{text}");
        }
        let mut mark = record_mark(Some([1; 10]), 5, 2);
        push_cell_mark(&mut mark, "500");
        push_cell_mark(&mut mark, "");
        // The SHA-256 of the length in eight bytes and the text, from another tool.
        assert_eq!(mark, format!("{}:5:868cfcaf5570", "01".repeat(10)));
        assert_ne!(cell_mark("500"), cell_mark("500.00"));
    }
}
