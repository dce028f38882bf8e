//! What a workbook that comes back is matched by: a hidden sheet that names run, unit, sheets and findings, and marks in
//! a hidden column of each re-issued sheet that name its records. Never row numbers.
//!
//! The reader of workbooks that come back takes names and marks from here.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{
    cell::write_text,
    plan::{Entry, LEADING_COLUMNS, Plan},
    reissue::LARGE_SHEET,
    shown::seen_cell,
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
/// cells, as they were issued.
pub fn record_mark(id: Option<RecordId>, row: u32, seen: impl Iterator<Item = String>) -> String {
    let mut mark = id.map(|id| hex(&id)).unwrap_or_default();
    mark.push(':');
    mark.push_str(&row.to_string());
    mark.push(':');
    mark.extend(seen.map(|seen| cell_mark(&seen)));
    mark
}

/// By this it is seen whether a cell was changed.
pub fn cell_mark(seen: &str) -> String {
    let mut mark = hex(&short([seen]));
    mark.truncate(CELL_MARK);
    mark
}

/// Writes the sheet: lines of key and value, then one line for each re-issued sheet with the sheet it came from and the
/// fields and headings of its columns, then one for each finding with its number, its record and the cells it marks.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, renderer: &Renderer, plan: &Plan, unit: usize) -> Result<()> {
    let large = plan.entries.len() * 8 > LARGE_SHEET;
    let sheet = if large { workbook.add_worksheet_with_low_memory()? } else { workbook.add_worksheet() };
    sheet.set_name(IDENTITY_SHEET)?.set_very_hidden(true);
    let format = style::text();
    let code = outcome.units.get(unit).map_or("", |unit| unit.code.as_str());
    let period = outcome.job.period.to_string();
    let language = if renderer.lang() == Lang::Zh { "zh" } else { "en" };
    let run = run_id(outcome);
    let mut lines: Vec<Vec<&str>> = vec![
        vec!["layout", LAYOUT],
        vec!["program", env!("CARGO_PKG_VERSION")],
        vec!["institution", &outcome.job.institution.code],
        vec!["period", &period],
        vec!["unit", code],
        vec!["pack", &outcome.pack.id],
        vec!["edition", &outcome.pack.edition],
        vec!["pack_hash", &outcome.pack.hash],
        vec!["language", language],
        vec!["run", &run],
    ];
    let fields: Vec<_> = plan.sheets.iter().map(|reissue| fields(outcome, reissue)).collect();
    for (reissue, fields) in plan.sheets.iter().zip(&fields) {
        let dataset = outcome.pack.datasets.get(reissue.dataset).map_or("", |dataset| dataset.id.as_str());
        let file = outcome.intake.files.get(reissue.segment.file).map_or("", |file| file.name.as_str());
        let mut line = vec!["sheet", &reissue.name, dataset, file, &reissue.segment.sheet, fields];
        line.extend(reissue.segment.columns.iter().map(|column| column.heading.as_str()));
        lines.push(line);
    }
    let findings: Vec<_> =
        plan.entries.iter().enumerate().map(|(index, entry)| finding(outcome, renderer, entry, index)).collect();
    lines.extend(findings.iter().map(|finding| finding.iter().map(String::as_str).collect()));
    for (row, line) in (0u32..).zip(lines) {
        for (column, text) in (0u16..).zip(line) {
            write_text(sheet, row, column, text, &format)?;
        }
    }
    Ok(())
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
fn finding(outcome: &Outcome, renderer: &Renderer, entry: &Entry, index: usize) -> [String; 9] {
    let (dataset, field, record) = match entry.finding.place {
        Place::Unit { dataset, .. } => (dataset, None, None),
        Place::Sheet { dataset, field, .. } => (dataset, field, None),
        Place::Record { dataset, record, field } => (dataset, field, outcome.overlay.ids.get(dataset, record)),
    };
    let declared = outcome.pack.datasets.get(dataset);
    let field = field.and_then(|field| declared?.fields.get(usize::from(field)));
    let marked = entry.marked.iter().filter_map(|column| column.checked_sub(LEADING_COLUMNS));
    let seen = match entry.finding.place {
        Place::Record { dataset, record, field: Some(field) } => {
            renderer.cells(dataset).and_then(|cells| seen_cell(cells, record, field))
        }
        _ => None,
    };
    [
        "finding".to_owned(),
        entry.fingerprint.clone(),
        (index + 1).to_string(),
        declared.map(|dataset| dataset.id.clone()).unwrap_or_default(),
        field.map(|field| field.id.clone()).unwrap_or_default(),
        record.map(|id| hex(&id)).unwrap_or_default(),
        entry.target.map(|(sheet, ..)| (sheet + 1).to_string()).unwrap_or_default(),
        marked.map(|column| column.to_string()).collect::<Vec<_>>().join(" "),
        seen.map(|seen| cell_mark(&seen)).unwrap_or_default(),
    ]
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
        let mark = record_mark(Some([1; 10]), 5, ["500", ""].map(ToOwned::to_owned).into_iter());
        assert_eq!(mark.len(), 20 + 3 + 2 * CELL_MARK);
        assert_ne!(cell_mark("500"), cell_mark("500.00"));
    }
}
