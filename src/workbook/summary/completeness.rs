//! The sheet 完整率: how many of each unit's records have what Article 8(4) names.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use crate::{
    outcome::Outcome,
    text::Lang,
    workbook::{
        cell::count_value,
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("完整率", "Completeness");

const COLUMNS: [Column; 7] = [
    (label("代码", "Code"), 12),
    (label("社部", "Unit"), 26),
    (label("数据集", "Dataset"), 22),
    (label("项目", "Item"), 34),
    (label("应填", "Records"), 11),
    (label("已填", "Complete"), 11),
    (label("完整率", "Share"), 12),
];

/// Writes the sheet: all units together first, then each unit; what a unit has no records of is left out. A pack
/// without measures gets no sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    if outcome.pack.completeness.is_empty() {
        return Ok(());
    }
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let measures = || outcome.pack.completeness.iter().zip(&outcome.completeness);
    let all = label("全辖", "All units");
    for (measure, shares) in measures() {
        let total = shares.iter().fold((0, 0), |sum, share| (sum.0 + share.records, sum.1 + share.complete));
        line(&mut table, outcome, ("", all.get(lang)), measure, total, lang)?;
    }
    for (unit, declared) in outcome.units.iter().enumerate() {
        for (measure, shares) in measures() {
            if let Some(share) = shares.get(unit) {
                line(
                    &mut table,
                    outcome,
                    (&declared.code, &declared.name),
                    measure,
                    (share.records, share.complete),
                    lang,
                )?;
            }
        }
    }
    table.filter()
}

fn line(
    table: &mut TableSheet,
    outcome: &Outcome,
    (code, name): (&str, &str),
    measure: &crate::pack::Completeness,
    (records, complete): (u64, u64),
    lang: Lang,
) -> Result<()> {
    if records == 0 {
        return Ok(());
    }
    table.centred(0, code)?;
    table.text(1, name)?;
    table.text(2, outcome.pack.datasets.get(measure.on).map_or("", |dataset| dataset.title.get(lang)))?;
    table.text(3, measure.title.get(lang))?;
    table.count(4, records)?;
    table.count(5, complete)?;
    let share = count_value(complete) / count_value(records);
    let row = table.row();
    table.sheet.write_number_with_format(row, 6, share, &style::cell().set_num_format("0.00%"))?;
    table.end_line()
}
