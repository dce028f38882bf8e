//! The sheet 跳过的行: every row that was taken for no record, so that none is lost unseen.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::names;
use crate::{
    outcome::Outcome,
    text::{Lang, Mask},
    workbook::{
        cell::MAX_ROWS,
        label::{Label, label},
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("跳过的行", "Skipped rows");

const COLUMNS: [Column; 8] = [
    (label("社部", "Unit"), 10),
    (label("文件", "File"), 34),
    (label("工作表", "Sheet"), 20),
    (label("首行", "First row"), 11),
    (label("末行", "Last row"), 11),
    (label("行数", "Rows"), 9),
    (label("类别", "Kind"), 16),
    (label("首个内容", "First text"), 52),
];

/// Digits and letters in a row that may be a personal identifier.
const IDENTIFIER: usize = 15;

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let mut total = 0;
    let files = outcome.intake.files.iter();
    let sheets = files.flat_map(|file| file.sheets.iter().map(move |sheet| (file, sheet)));
    let rows = sheets.flat_map(|(file, sheet)| sheet.skipped.iter().map(move |row| (file, sheet, row)));
    // Room is kept for the heading and the total, which counts what is listed.
    for (file, sheet, row) in rows.take(MAX_ROWS - 2) {
        let count = u64::from(row.last.saturating_sub(row.first)) + 1;
        table.centred(0, outcome.units.get(file.unit).map_or("", |unit| unit.code.as_str()))?;
        table.text(1, &file.name)?;
        table.text(2, &sheet.name)?;
        table.count(3, u64::from(row.first))?;
        table.count(4, u64::from(row.last))?;
        table.count(5, count)?;
        table.centred(6, names::skipped(row.kind).get(lang))?;
        table.text(7, &without_identifiers(&row.text))?;
        table.end_line()?;
        total += count;
    }
    table.filter()?;
    table.total(&[(5, total)])
}

/// `text` with whatever may be a personal identifier masked: a note can hold anything.
fn without_identifiers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        let mask = if run.len() >= IDENTIFIER { Mask::Identifier } else { Mask::None };
        out.push_str(&mask.apply(run));
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            run.push(c);
        } else {
            flush(&mut run, &mut out);
            out.push(c);
        }
    }
    flush(&mut run, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_in_notes_are_masked() {
        assert_eq!(without_identifiers("经办 150102198503051238，2026"), "经办 150102********1238，2026");
        assert_eq!(without_identifiers("合计 12345678901234"), "合计 12345678901234");
    }
}
