//! The sheet 拆分疑似: loans just under the reporting line that together pass it.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{Concentration, MOST_LINES, customer_code, customer_name, cut, finish};
use crate::{
    derive::{Origin, amount::percent_text},
    message::decimal_text,
    text::Lang,
    workbook::{
        label::{Label, label},
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("拆分疑似", "Split loans");

const COLUMNS: [Column; 7] = [
    (label("客户代码", "Code"), 24),
    (label("客户名称", "Customer"), 36),
    (label("笔数", "Loans"), 9),
    (label("合计金额(元)", "Sum (yuan)"), 20),
    (label("首笔发放", "First"), 13),
    (label("末笔发放", "Last"), 13),
    (label("社部及借据", "Units and loan notes"), 60),
];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Concentration<'_>, title: &str, lang: Lang) -> Result<()> {
    let derived = shown.derived;
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    for split in derived.splits.iter().take(MOST_LINES) {
        table.text(0, &customer_code(&derived.directory, split.customer))?;
        table.text(1, &customer_name(&derived.directory, split.customer))?;
        table.count(2, split.loans.len() as u64)?;
        table.money(3, split.amount_fen)?;
        table.centred(4, &split.days.0.to_string())?;
        table.centred(5, &split.days.1.to_string())?;
        let notes: Vec<_> = split.loans.iter().map(|origin| note(shown, *origin)).collect();
        table.text(6, &notes.join("\n"))?;
        table.end_line()?;
    }
    let rules = derived.settings.splits;
    let line = decimal_text(rules.line_fen, 6);
    let (below, days) = (percent_text(rules.below_ppm), rules.days);
    let mut remarks = vec![match lang {
        Lang::Zh => format!(
            "口径：同一客户{days}天内发放、每笔比{line}万元低{below}%以内、合计超过{line}万元的贷款。\
             没有金额、发放日期或客户代码的贷款未判断。"
        ),
        Lang::En => format!(
            "Loans to one customer within {days} days, each at most {below} % below {line} (10,000 yuan), that together \
             exceed it. Loans without amount, day or customer code are not judged."
        ),
    }];
    remarks.extend(cut(derived.splits.len(), MOST_LINES, lang));
    finish(&mut table, label("没有疑似拆分的贷款。", "No loans look split."), remarks, lang)
}

fn note(shown: &Concentration<'_>, origin: Origin) -> String {
    let (loans, index) = (&shown.derived.portfolio.loans, origin.record as usize);
    let unit = loans.get(index).and_then(|loan| shown.units.get(loan.unit)).map_or("", |unit| unit.code.as_str());
    format!("{unit} {}", loans.loan_no(index).unwrap_or("—"))
}
