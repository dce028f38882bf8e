//! The sheet 文件: what became of every file and sheet handed in.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::names;
use crate::{
    finding::Severity,
    ingest::{FileRead, SheetRead},
    outcome::Outcome,
    text::Lang,
    workbook::{
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("文件", "Files");

const COLUMNS: [Column; 13] = [
    (label("社部", "Unit"), 10),
    (label("文件", "File"), 30),
    (label("格式", "Format"), 9),
    (label("字节", "Bytes"), 12),
    (label("工作表", "Sheet"), 18),
    (label("读作", "Read as"), 20),
    (label("表头行", "Heading row"), 13),
    (label("记录数", "Records"), 11),
    (label("隐藏行", "Hidden rows"), 13),
    (label("跳过行", "Skipped rows"), 13),
    (label("规范化处理", "Repairs"), 26),
    (label("未读入的原因和办法", "Not read: why, and what to do"), 40),
    (label("SHA-256", "SHA-256"), 34),
];

/// Writes the sheet: a line for each sheet of each file, what concerns the whole file in its first.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let nothing = [SheetRead::default()];
    let mut sums = [0u64; 4];
    for file in &outcome.intake.files {
        let sheets = if file.sheets.is_empty() { &nothing[..] } else { &file.sheets };
        sums[0] += file.bytes;
        for (index, sheet) in sheets.iter().enumerate() {
            let unit = outcome.units.get(file.unit).map_or("", |unit| unit.code.as_str());
            table.centred(0, unit)?;
            table.text(1, &file.name)?;
            of_file(&mut table, file, index == 0, lang)?;
            of_sheet(&mut table, outcome, file, sheet, lang)?;
            table.end_line()?;
            sums[1] += sheet.records;
            sums[2] += sheet.hidden_records;
            sums[3] += skipped_rows(sheet);
        }
    }
    table.filter()?;
    table.total(&[(3, sums[0]), (7, sums[1]), (8, sums[2]), (9, sums[3])])
}

/// Rows of a sheet that are no records.
fn skipped_rows(sheet: &SheetRead) -> u64 {
    sheet.skipped.iter().map(|row| u64::from(row.last.saturating_sub(row.first)) + 1).sum()
}

fn of_file(table: &mut TableSheet, file: &FileRead, first: bool, lang: Lang) -> Result<()> {
    table.centred(2, file.format.map_or("—", names::format))?;
    if !first {
        for column in [3, 10, 12] {
            table.text(column, "")?;
        }
        return Ok(());
    }
    table.count(3, file.bytes)?;
    let repairs: Vec<_> =
        file.repairs.iter().map(|(repair, count)| format!("{} {count}", names::repair(*repair).get(lang))).collect();
    table.text(10, &repairs.join("\n"))?;
    table.text(12, &file.sha256)
}

fn of_sheet(table: &mut TableSheet, outcome: &Outcome, file: &FileRead, sheet: &SheetRead, lang: Lang) -> Result<()> {
    let mut name = sheet.name.clone();
    if sheet.hidden {
        name.push_str(if lang == Lang::Zh { "（隐藏）" } else { " (hidden)" });
    }
    table.text(4, &name)?;
    let dataset = sheet.dataset.and_then(|dataset| outcome.pack.datasets.get(dataset));
    table.text(5, dataset.map_or("—", |dataset| dataset.title.get(lang)))?;
    if sheet.header_row > 0 {
        table.count(6, u64::from(sheet.header_row))?;
    } else {
        table.text(6, "")?;
    }
    table.count(7, sheet.records)?;
    table.count(8, sheet.hidden_records)?;
    table.count(9, skipped_rows(sheet))?;
    match (&file.unreadable, &sheet.note) {
        (Some(unreadable), _) => {
            let format = style::shaded(style::wrapped(), Severity::Error);
            table.text_as(11, unreadable.message.get(lang), &format)
        }
        (None, Some(note)) => table.text(11, note.get(lang)),
        (None, None) => table.text(11, ""),
    }
}
