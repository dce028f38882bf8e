//! The sheet 评分表: all units beside each other, in figures. No marks are given and no ranks: which figure weighs how
//! much stands in no clause.

use anyhow::Result;
use rust_xlsxwriter::{ConditionalFormatDataBar, Formula, Workbook};

use super::{correction, timeliness};
use crate::{
    finding::Severity,
    ledger::{Correction, Register, UnitScore},
    outcome::Timeliness,
    text::{Lang, Text},
    workbook::{
        cell::count_value,
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("评分表", "Scorecard");

const COLUMNS: [Column; 18] = [
    (label("社部代码", "Code"), 10),
    (label("社部名称", "Unit"), 16),
    (label("报送人员", "Officer"), 11),
    (label("本期报送", "Submission"), 12),
    (label("本期重报", "Correction"), 12),
    (label("记录数", "Records"), 10),
    (label("强制", "Errors"), 9),
    (label("提示", "Warnings"), 10),
    (label("每千条强制", "Errors per 1,000"), 12),
    (label("未了强制", "Errors open"), 10),
    (label("未了提示", "Warnings open"), 11),
    (label("反复出现", "Repeated"), 10),
    (label("源系统未改", "Source not corrected"), 12),
    (label("涉及金额(元)", "At risk, yuan"), 18),
    (label("按时期数", "Periods on time"), 11),
    (label("迟报未报期数", "Late or missing"), 13),
    (label("逾期未重报期数", "Corrections late or missed"), 14),
    (label("统计期数", "Periods counted"), 11),
];

const RECORDS: u16 = 5;
const ERRORS: u16 = 6;
const RATE: u16 = 8;

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, register: &Register, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    for unit in register.units.iter().filter(|unit| !unit.gate.institution) {
        line(&mut table, unit, lang)?;
        table.end_line()?;
    }
    let last = table.row() - 1;
    table.filter()?;
    if last > 0 {
        let bar = ConditionalFormatDataBar::new().set_fill_color(style::strong(Severity::Warning));
        table.sheet.add_conditional_format(1, RATE, last, RATE, &bar)?;
    }
    let periods = register.bounds.periods;
    let remark = Text::new(
        format!(
            "强制和提示为本期发现的条数，不论是否已了结；未了为最近一次运行后仍未了结的条数。期数在最近 {periods} 期内统计。\
             涉及金额为有强制或提示问题的记录的金额，每条记录只计一次。"
        ),
        format!(
            "Errors and warnings are those found in the period, whatever became of them; open are those left after the \
             last run. Periods are counted among the last {periods}. At risk are the amounts of records with errors or \
             warnings, each record once."
        ),
    );
    table.foot(&[remark.get(lang).to_owned()])
}

fn line(table: &mut TableSheet, unit: &UnitScore, lang: Lang) -> Result<()> {
    let gate = &unit.gate;
    table.centred(0, &gate.code)?;
    table.text(1, &gate.name)?;
    table.text(2, &unit.people.officer)?;
    let severity = match gate.timeliness {
        Timeliness::OnTime => None,
        Timeliness::Late | Timeliness::NoReceipt => Some(Severity::Warning),
        Timeliness::Missing => Some(Severity::Error),
    };
    let shade = |severity: Option<Severity>| match severity {
        Some(severity) => style::shaded(style::centred(), severity),
        None => style::centred(),
    };
    table.text_as(3, timeliness(gate.timeliness).get(lang), &shade(severity))?;
    let current = unit.months.last().map_or(Correction::NotNeeded, |month| month.correction);
    let severity = match current {
        Correction::NotNeeded | Correction::InTime => None,
        Correction::NotDue => Some(Severity::Warning),
        Correction::Late | Correction::Missed => Some(Severity::Error),
    };
    table.text_as(4, correction(current).get(lang), &shade(severity))?;
    table.count(RECORDS, gate.records)?;
    table.count(ERRORS, unit.found[Severity::Error as usize])?;
    table.count(7, unit.found[Severity::Warning as usize])?;
    rate(table, unit)?;
    let months =
        |test: fn(&crate::ledger::Month) -> bool| unit.months.iter().filter(|month| test(month)).count() as u64;
    let counts = [gate.errors, gate.warnings, unit.repeats, unit.not_corrected];
    for (column, count) in (9u16..).zip(counts) {
        table.count(column, count)?;
    }
    match unit.at_risk_fen {
        Some(fen) => table.money(13, fen)?,
        None => table.text(13, "")?,
    }
    table.count(14, months(|month| month.timeliness == Timeliness::OnTime))?;
    table.count(15, months(|month| matches!(month.timeliness, Timeliness::Late | Timeliness::Missing)))?;
    table.count(16, months(|month| matches!(month.correction, Correction::Late | Correction::Missed)))?;
    table.count(17, unit.months.len() as u64)
}

/// Errors per 1,000 records, computed by the workbook; nothing where there are no records.
fn rate(table: &mut TableSheet, unit: &UnitScore) -> Result<()> {
    let row = table.row() + 1;
    let (errors, records) = (unit.found[Severity::Error as usize], unit.gate.records);
    let result =
        if records == 0 { String::new() } else { (count_value(errors) / count_value(records) * 1_000.0).to_string() };
    let formula = Formula::new(format!("=IF(F{row}=0,\"\",G{row}/F{row}*1000)")).set_result(result);
    let format = style::cell().set_num_format("#,##0.0");
    table.sheet.write_formula_with_format(row - 1, RATE, formula, &format)?;
    Ok(())
}
