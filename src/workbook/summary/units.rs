//! The sheet 社部: how each unit stands, with a chart of errors by unit.

use anyhow::Result;
use rust_xlsxwriter::{Chart, ChartLegendPosition, ChartSolidFill, Format, Formula, Workbook};

use super::{SEVERITIES, names};
use crate::{
    finding::Severity,
    outcome::{Outcome, Standing, Timeliness},
    text::Lang,
    workbook::{
        cell::count_value,
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("社部", "Units");

const COLUMNS: [Column; 13] = [
    (label("社部代码", "Code"), 11),
    (label("社部名称", "Unit"), 20),
    (label("报送人员", "Officer"), 12),
    (label("报送情况", "Submission"), 13),
    (label("收到时间", "Received"), 18),
    (label("文件数", "Files"), 9),
    (label("记录数", "Records"), 11),
    (label("有问题记录", "Flagged"), 12),
    (label("强制", "Errors"), 10),
    (label("提示", "Warnings"), 11),
    (label("信息", "Infos"), 10),
    (label("每千条记录强制数", "Errors per 1,000"), 18),
    (label("差错工作簿", "Error workbook"), 24),
];

const ERRORS: u16 = 8;
const RATE: u16 = 11;

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let mut sums = Standing::default();
    let mut files = 0;
    let rated = style::cell().set_num_format("#,##0.0");
    for (unit, standing) in outcome.units.iter().zip(&outcome.standings) {
        let findings = standing.errors + standing.warnings + standing.infos;
        if unit.institution && findings == 0 {
            continue;
        }
        table.centred(0, &unit.code)?;
        table.text(1, &unit.name)?;
        table.text(2, &unit.officer)?;
        state(&mut table, standing, unit.institution, lang)?;
        let received = standing.received.map(|time| time.format("%Y-%m-%d %H:%M").to_string());
        table.centred(4, received.as_deref().unwrap_or_default())?;
        let counts = [
            standing.files.len() as u64,
            standing.records,
            standing.flagged,
            standing.errors,
            standing.warnings,
            standing.infos,
        ];
        for (column, count) in (5u16..).zip(counts) {
            table.count(column, count)?;
        }
        rate(&mut table, standing, &rated)?;
        let missing = standing.files.is_empty() && standing.timeliness == Timeliness::Missing;
        let workbook = match (findings, missing) {
            (0, true) => label("未报送", "nothing submitted"),
            (0, false) => label("无问题，不发差错工作簿", "no findings, none issued"),
            _ => label("已生成", "issued"),
        };
        table.text(12, workbook.get(lang))?;
        table.end_line()?;
        files += standing.files.len() as u64;
        sums.records += standing.records;
        sums.flagged += standing.flagged;
        sums.errors += standing.errors;
        sums.warnings += standing.warnings;
        sums.infos += standing.infos;
    }
    table.filter()?;
    let last = table.row() - 1;
    table.total(&[
        (5, files),
        (6, sums.records),
        (7, sums.flagged),
        (ERRORS, sums.errors),
        (9, sums.warnings),
        (10, sums.infos),
    ])?;
    if last > 0 {
        rate(&mut table, &sums, &style::total(rated))?;
        chart(&mut table, last, lang)?;
    }
    Ok(())
}

fn state(table: &mut TableSheet, standing: &Standing, institution: bool, lang: Lang) -> Result<()> {
    if institution {
        return table.centred(3, "—");
    }
    let centred = style::centred();
    let format = match standing.timeliness {
        Timeliness::OnTime => centred,
        Timeliness::Late | Timeliness::NoReceipt => style::shaded(centred, Severity::Warning),
        Timeliness::Missing => style::shaded(centred, Severity::Error),
    };
    table.text_as(3, names::timeliness(standing.timeliness).get(lang), &format)
}

/// Errors per 1,000 records, computed by the workbook from its own columns; nothing where there are no records.
fn rate(table: &mut TableSheet, standing: &Standing, format: &Format) -> Result<()> {
    let row = table.row() + 1;
    let result = if standing.records == 0 {
        String::new()
    } else {
        (count_value(standing.errors) / count_value(standing.records) * 1_000.0).to_string()
    };
    let formula = Formula::new(format!("=IF(G{row}=0,\"\",I{row}/G{row}*1000)")).set_result(result);
    table.sheet.write_formula_with_format(row - 1, RATE, formula, format)?;
    Ok(())
}

fn chart(table: &mut TableSheet, last: u32, lang: Lang) -> Result<()> {
    let name = SHEET.get(lang);
    let mut chart = Chart::new_column();
    for (column, severity) in (ERRORS..).zip(&SEVERITIES[..2]) {
        chart
            .add_series()
            .set_name((name, 0, column))
            .set_categories((name, 1, 1, last, 1))
            .set_values((name, 1, column, last, column))
            .set_format(ChartSolidFill::new().set_color(style::strong(*severity)));
    }
    chart.title().set_name(&label("各社部问题数", "Findings by unit").beside(lang)).set_font(&style::chart_title());
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.y_axis().set_num_format("#,##0");
    chart.set_width(1_000).set_height(340);
    table.sheet.insert_chart(last + 3, 0, &chart)?;
    Ok(())
}
