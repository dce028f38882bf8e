//! The sheet 登记簿: every problem of the period, with who, when and what became of it (Article 11).

use std::collections::HashMap;

use anyhow::Result;
use rust_xlsxwriter::{Format, Workbook};

use super::{dataset_title, field_title};
use crate::{
    finding::Severity,
    ledger::{Problem, Register},
    pack::RulePack,
    text::Lang,
    workbook::{
        label::{Label, label},
        page, style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("登记簿", "Register");

const COLUMNS: [Column; 19] = [
    (label("序号", "No."), 7),
    (label("问题标识", "Id"), 23),
    (label("社部代码", "Code"), 10),
    (label("社部名称", "Unit"), 16),
    (label("报送人员", "Officer"), 11),
    (label("数据表", "Dataset"), 14),
    (label("记录", "Record"), 22),
    (label("字段", "Field"), 16),
    (label("规则", "Rule"), 17),
    (label("级别", "Severity"), 9),
    (label("问题", "What is wrong"), 40),
    (label("发现方式", "Found by"), 11),
    (label("登记人", "Registered by"), 11),
    (label("发现时间", "Found"), 17),
    (label("首次出现", "First period"), 11),
    (label("期数", "Periods"), 8),
    (label("状态", "Status"), 14),
    (label("了结时间", "Closed"), 17),
    (label("了结人和说明", "Closed by, and why"), 28),
];

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, register: &Register, pack: &RulePack, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::streamed(workbook, SHEET, &COLUMNS, title, lang)?;
    let officers: HashMap<_, _> =
        register.units.iter().map(|unit| (unit.gate.code.as_str(), unit.people.officer.as_str())).collect();
    let shades = SEVERITIES.map(|severity| style::shaded(style::centred(), severity));
    for (number, problem) in (1..).zip(&register.problems) {
        table.count(0, number)?;
        let officer = officers.get(problem.row.unit.as_str()).copied().unwrap_or_default();
        let shade = shades.get(problem.row.severity as usize).unwrap_or(&shades[0]);
        line(&mut table, pack, problem, (officer, shade), lang)?;
        table.end_line()?;
    }
    table.filter()?;
    let width = COLUMNS.iter().map(|(_, width)| f64::from(*width)).sum();
    page::spread(table.sheet, width, 4)
}

fn line(
    table: &mut TableSheet,
    pack: &RulePack,
    problem: &Problem,
    (officer, shade): (&str, &Format),
    lang: Lang,
) -> Result<()> {
    let row = &problem.row;
    let minute = |time: chrono::NaiveDateTime| time.format("%Y-%m-%d %H:%M").to_string();
    table.text(1, &row.fingerprint)?;
    table.centred(2, &row.unit)?;
    table.text(3, &row.unit_name)?;
    table.text(4, officer)?;
    table.text(5, &dataset_title(pack, &row.dataset, lang))?;
    table.text(6, row.record_key.as_deref().unwrap_or_default())?;
    table.text(7, &field_title(pack, &row.dataset, &row.field, lang))?;
    table.text(8, &row.rule)?;
    table.text_as(9, row.severity.title(lang), shade)?;
    table.text(10, &row.message)?;
    table.centred(11, &row.origin.title(lang))?;
    table.text(12, problem.who.as_deref().unwrap_or_default())?;
    table.centred(13, &minute(problem.found))?;
    table.centred(14, &row.first_period.to_string())?;
    table.count(15, u64::from(row.times))?;
    table.centred(16, &row.status.title(lang))?;
    let closed = problem.closed.as_ref();
    table.centred(17, &closed.map(|closed| minute(closed.when)).unwrap_or_default())?;
    let said = closed.map(|closed| [closed.who.as_deref(), closed.text.as_deref()]);
    let said: Vec<_> = said.into_iter().flatten().flatten().filter(|text| !text.is_empty()).collect();
    table.text(18, &said.join("："))
}
