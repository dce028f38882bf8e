//! The sheet 社部声明: findings of which a unit said that the source system is corrected, or that they are not its own. They
//! stay open until the union has looked.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{dataset_title, field_title};
use crate::{
    ledger::Register,
    pack::RulePack,
    text::Lang,
    workbook::{
        label::{Label, label},
        page,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("社部声明", "Declared");

const COLUMNS: [Column; 13] = [
    (label("问题标识", "Id"), 23),
    (label("社部代码", "Code"), 10),
    (label("社部名称", "Unit"), 16),
    (label("数据表", "Dataset"), 14),
    (label("记录", "Record"), 22),
    (label("字段", "Field"), 16),
    (label("规则", "Rule"), 17),
    (label("问题", "What is wrong"), 40),
    (label("社部声明", "Said"), 16),
    (label("说明", "Explanation"), 28),
    (label("何人何时", "By, and when"), 24),
    (label("工作簿", "Workbook"), 24),
    (label("状态", "Status"), 14),
];

/// Writes the sheet, if anything was said.
pub fn write(workbook: &mut Workbook, register: &Register, pack: &RulePack, title: &str, lang: Lang) -> Result<()> {
    if register.declared.is_empty() {
        return Ok(());
    }
    let mut table = TableSheet::streamed(workbook, SHEET, &COLUMNS, title, lang)?;
    for (row, said) in &register.declared {
        table.text(0, &row.fingerprint)?;
        table.centred(1, &row.unit)?;
        table.text(2, &row.unit_name)?;
        table.text(3, &dataset_title(pack, &row.dataset, lang))?;
        table.text(4, row.record_key.as_deref().unwrap_or_default())?;
        table.text(5, &field_title(pack, &row.dataset, &row.field, lang))?;
        table.text(6, &row.rule)?;
        table.text(7, &row.message)?;
        table.centred(8, &said.kind.title(lang))?;
        table.text(9, &said.text)?;
        table.text(10, format!("{} {}", said.who, said.given.format("%Y-%m-%d %H:%M")).trim())?;
        table.text(11, &said.workbook)?;
        table.centred(12, &row.status.title(lang))?;
        table.end_line()?;
    }
    table.filter()?;
    let width = COLUMNS.iter().map(|(_, width)| f64::from(*width)).sum();
    page::spread(table.sheet, width, 1)
}
