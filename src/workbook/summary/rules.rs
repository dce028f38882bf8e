//! The sheet 规则: what each rule did, with its denominator.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use crate::{
    message::{Renderer, decimal_text, source_text},
    outcome::Outcome,
    text::Lang,
    workbook::{
        cell::{count_value, exact_number},
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("规则", "Rules");

const COLUMNS: [Column; 10] = [
    (label("规则", "Rule"), 22),
    (label("级别", "Severity"), 10),
    (label("数据集", "Dataset"), 18),
    (label("检查内容", "What is checked"), 44),
    (label("依据", "Clause"), 34),
    (label("适用", "Eligible"), 11),
    (label("违反", "Violated"), 11),
    (label("不可判定", "Not evaluable"), 14),
    (label("违反率", "Rate"), 10),
    (label("涉及金额(元)", "Amount at risk (yuan)"), 21),
];

/// Writes the sheet: rules that had something to check first, the others below in grey.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let renderer = Renderer::new(outcome, lang, true)?;
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let used = |rule: &usize| outcome.counts.get(*rule).is_some_and(|count| count.eligible > 0);
    let (applied, idle): (Vec<usize>, Vec<usize>) = (0..outcome.pack.rules.len()).partition(used);
    for rule in applied {
        line(&mut table, outcome, &renderer, rule, true)?;
    }
    for rule in idle {
        line(&mut table, outcome, &renderer, rule, false)?;
    }
    table.filter()?;
    table.total(&[
        (6, outcome.counts.iter().map(|count| count.violated).sum()),
        (7, outcome.counts.iter().map(|count| count.not_evaluable).sum()),
    ])
}

fn line(table: &mut TableSheet, outcome: &Outcome, renderer: &Renderer, index: usize, applied: bool) -> Result<()> {
    let Some(rule) = outcome.pack.rules.get(index) else { return Ok(()) };
    let count = outcome.counts.get(index).copied().unwrap_or_default();
    let lang = renderer.lang();
    let wrapped = style::wrapped();
    let format = if applied { wrapped } else { style::quiet(wrapped) };
    table.text_as(0, &rule.id, &format)?;
    table.text_as(1, rule.severity.title(lang), &style::shaded(style::centred(), rule.severity))?;
    let dataset = rule.on.and_then(|on| outcome.pack.datasets.get(on));
    let all = label("各数据集", "all").get(lang);
    table.text_as(2, dataset.map_or(all, |dataset| dataset.title.get(lang)), &format)?;
    table.text_as(3, &renderer.title(index), &format)?;
    table.text_as(4, &source_text(&rule.source, lang), &format)?;
    table.count(5, count.eligible)?;
    table.count(6, count.violated)?;
    table.count(7, count.not_evaluable)?;
    let row = table.row();
    let rate = style::cell().set_num_format("0.00%");
    if count.eligible > 0 {
        let share = count_value(count.violated) / count_value(count.eligible);
        table.sheet.write_number_with_format(row, 8, share, &rate)?;
    } else {
        table.sheet.write_blank(row, 8, &rate)?;
    }
    let money = style::cell().set_num_format("#,##0.00");
    let amount = count.amount_at_risk_fen.map(|fen| decimal_text(fen, 2));
    match amount.as_deref().map(|text| (text, exact_number(text))) {
        Some((_, Some(number))) => {
            table.sheet.write_number_with_format(row, 9, number, &money)?;
        }
        Some((text, None)) => table.text_as(9, text, &money)?,
        None => {
            table.sheet.write_blank(row, 9, &money)?;
        }
    }
    table.end_line()
}
