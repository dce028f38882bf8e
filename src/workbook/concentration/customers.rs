//! The sheet 单一客户: the ten largest customers, and all others above the listing threshold.

use anyhow::Result;
use rust_xlsxwriter::{Chart, ChartSolidFill, Workbook};

use super::{Concentration, MOST_LINES, customer_code, customer_name, cut, finish, left_out};
use crate::{
    derive::{CustomerId, amount::ratio_ppm, limits::TIER_1_CAPITAL},
    finding::Severity,
    message::decimal_text,
    text::Lang,
    workbook::{
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("单一客户", "Customers");

const COLUMNS: [Column; 11] = [
    (label("序号", "No."), 8),
    (label("客户代码", "Code"), 24),
    (label("客户名称", "Customer"), 36),
    (label("贷款余额(元)", "Balance (yuan)"), 20),
    (label("其中不良(元)", "Non-performing (yuan)"), 20),
    (label("授信额度(元)", "Credit line (yuan)"), 20),
    (label("笔数", "Loans"), 9),
    (label("占资本净额", "Of net capital"), 14),
    (label("占一级资本净额", "Of tier-1 capital"), 16),
    (label("所属集团", "Group"), 12),
    (label("列示原因", "Why listed"), 30),
];

const NAME: u16 = 2;
const BALANCE: u16 = 3;
const TOP: usize = 10;

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Concentration<'_>, title: &str, lang: Lang) -> Result<()> {
    let derived = shown.derived;
    let exposures = &derived.exposures;
    let threshold = derived.measured.iter().flatten().find(|measured| measured.ratio.listing);
    let ranked = exposures.largest(derived.directory.len());
    let above = |id: &CustomerId| threshold.is_some_and(|measured| exposures.get(*id).balance_fen > measured.limit_fen);
    let listed: Vec<CustomerId> =
        ranked.iter().enumerate().filter(|(at, id)| *at < TOP || above(id)).map(|(_, id)| *id).collect();
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let limits = &derived.settings.limits;
    let capitals = [limits.net_capital_fen, limits.tier_1_capital_fen];
    for (at, id) in listed.iter().take(MOST_LINES).enumerate() {
        let own = exposures.get(*id);
        table.count(0, at as u64 + 1)?;
        table.text(1, &customer_code(&derived.directory, *id))?;
        table.text(NAME, &customer_name(&derived.directory, *id))?;
        table.money(BALANCE, own.balance_fen)?;
        table.money(4, own.non_performing_fen)?;
        if own.unstated_lines > 0 {
            table.centred(5, "—")?;
        } else {
            table.money(5, own.credit_line_fen)?;
        }
        table.count(6, own.loans.into())?;
        for (column, capital) in (7u16..).zip(capitals) {
            match capital.and_then(|capital| ratio_ppm(own.balance_fen, capital)) {
                Some(share) => table.share(column, share)?,
                None => table.centred(column, "—")?,
            }
        }
        let group = derived.groups.group_of(*id).map(|group| (group + 1).to_string());
        table.centred(9, group.as_deref().unwrap_or("—"))?;
        let reason = match (at < TOP, above(id)) {
            (true, true) => label("最大十家；超过列示标准", "among the ten largest; above the threshold"),
            (true, false) => label("最大十家", "among the ten largest"),
            (false, _) => label("超过列示标准", "above the threshold"),
        };
        table.text(10, reason.get(lang))?;
        table.end_line()?;
    }
    let last = table.row() - 1;
    let top_ten = exposures.sum(ranked.iter().take(TOP).copied());
    let sum = decimal_text(top_ten.balance_fen, 6);
    let mut remarks = vec![match lang {
        Lang::Zh => format!("最大十家客户余额合计{sum}万元。跨社部的贷款按客户代码合并。"),
        Lang::En => {
            format!("The ten largest owe {sum} (10,000 yuan). Loans of all units are added up by customer code.")
        }
    }];
    remarks.push(match (threshold, lang) {
        (Some(measured), Lang::Zh) => {
            format!("列示标准为{}万元。", decimal_text(measured.limit_fen, 6))
        }
        (Some(measured), Lang::En) => {
            format!("The listing threshold is {} (10,000 yuan).", decimal_text(measured.limit_fen, 6))
        }
        (None, Lang::Zh) => {
            format!("任务文件未给出一级资本净额，不能判断列示标准，只列最大十家（{TIER_1_CAPITAL}）。")
        }
        (None, Lang::En) => {
            format!("The job gives no tier-1 capital, so only the ten largest are listed ({TIER_1_CAPITAL}).")
        }
    });
    remarks.extend(cut(listed.len(), MOST_LINES, lang));
    remarks.extend(left_out(
        exposures.keyless.into(),
        label("没有客户代码的贷款", "loans without a customer code"),
        lang,
    ));
    finish(&mut table, label("没有有余额的客户。", "No customer has a balance."), remarks, lang)?;
    if last > 0 {
        chart(&mut table, last.min(10), lang)?;
    }
    Ok(())
}

fn chart(table: &mut TableSheet<'_>, last: u32, lang: Lang) -> Result<()> {
    let sheet = SHEET.get(lang);
    let mut chart = Chart::new_bar();
    chart
        .add_series()
        .set_name((sheet, 0, BALANCE))
        .set_categories((sheet, 1, NAME, last, NAME))
        .set_values((sheet, 1, BALANCE, last, BALANCE))
        .set_format(ChartSolidFill::new().set_color(style::strong(Severity::Info)));
    chart
        .title()
        .set_name(&label("最大十家客户", "The ten largest customers").beside(lang))
        .set_font(&style::chart_title());
    chart.legend().set_hidden();
    chart.y_axis().set_reverse();
    chart.x_axis().set_num_format("#,##0");
    chart.set_width(1_000).set_height(380);
    table.sheet.insert_chart(table.row() + 1, 0, &chart)?;
    Ok(())
}
