//! The sheets 与上期比较 and 客户变动: the bridge from last period's figures to this one's, and what became of customers.

use anyhow::Result;
use rust_xlsxwriter::{Formula, Workbook};

use super::{Concentration, MOST_LINES, customer_code, customer_name, cut, finish};
use crate::{
    derive::{
        Comparison,
        bridge::{Bridge, Steps},
        changes::Change,
    },
    finding::Severity,
    message::decimal_text,
    text::Lang,
    workbook::{
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const BRIDGE: Label = label("与上期比较", "Bridge");
const CHANGES: Label = label("客户变动", "Customers changed");

const BRIDGE_COLUMNS: [Column; 11] = [
    (label("项目", "Figure"), 18),
    (label("社部代码", "Code"), 11),
    (label("社部名称", "Unit"), 20),
    (label("上期", "Opening"), 20),
    (label("＋新增", "+ new"), 18),
    (label("－减少", "- gone"), 18),
    (label("＋转入", "+ moved in"), 18),
    (label("－转出", "- moved out"), 18),
    (label("＋增减", "+ changed"), 18),
    (label("本期", "Closing"), 20),
    (label("勾稽", "Check"), 10),
];

const CHANGE_COLUMNS: [Column; 8] = [
    (label("变动", "Change"), 16),
    (label("上期客户代码", "Code before"), 24),
    (label("上期客户名称", "Name before"), 36),
    (label("本期客户代码", "Code now"), 24),
    (label("本期客户名称", "Name now"), 36),
    (label("上期余额(元)", "Balance before (yuan)"), 20),
    (label("本期余额(元)", "Balance now (yuan)"), 20),
    (label("增减(元)", "Difference (yuan)"), 20),
];

/// Writes both sheets.
pub fn write(
    workbook: &mut Workbook,
    shown: &Concentration<'_>,
    comparison: &Comparison<'_>,
    title: &str,
    lang: Lang,
) -> Result<()> {
    bridges(workbook, shown, comparison, title, lang)?;
    customers(workbook, shown, comparison, title, lang)
}

fn bridges(
    workbook: &mut Workbook,
    shown: &Concentration<'_>,
    comparison: &Comparison<'_>,
    title: &str,
    lang: Lang,
) -> Result<()> {
    let mut table = TableSheet::new(workbook, BRIDGE, &BRIDGE_COLUMNS, title, lang)?;
    let figures: [(Label, &Bridge<'_>, bool); 3] = [
        (label("大客户数", "Large customers"), &comparison.customers, false),
        (label("贷款笔数", "Loans"), &comparison.loans, false),
        (label("贷款余额(元)", "Balance (yuan)"), &comparison.balances, true),
    ];
    for (figure, bridge, money) in figures {
        let units = bridge.units.iter().map(|(code, steps)| (*code, unit_name(shown, code), steps));
        let total = label("合计", "Total").get(lang);
        for (code, name, steps) in units.chain([("", total, &bridge.total)]) {
            table.centred(0, figure.get(lang))?;
            table.centred(1, code)?;
            table.text(2, name)?;
            let parts =
                [steps.opening, steps.new, steps.gone, steps.moved_in, steps.moved_out, steps.changed, steps.closing];
            for (column, part) in (3u16..).zip(parts) {
                if money {
                    table.money(column, part)?;
                } else {
                    number(&mut table, column, part)?;
                }
            }
            check(&mut table, steps)?;
            table.end_line()?;
        }
    }
    let remark = label(
        "上期＋新增－减少＋转入－转出＋增减＝本期；“勾稽”栏由工作簿自行计算。客户按客户代码、贷款按借据号对应；转入转出指在社部之间移动。\
         没有代码或借据号的记录不能对应，计入新增或减少；已撤销的借据不计。",
        "opening + new - gone + moved in - moved out + changed = closing; the check is computed by the workbook. Customers are \
         matched by code, loans by loan note; moves are between units. Records without code or note count as new or gone; \
         cancelled notes do not count.",
    );
    finish(&mut table, label("没有记录。", "No records."), vec![remark.get(lang).to_owned()], lang)
}

fn unit_name<'a>(shown: &'a Concentration<'_>, code: &str) -> &'a str {
    let units = shown.units.iter().chain(shown.prior_units.into_iter().flatten());
    units.into_iter().find(|unit| unit.code == code).map_or("", |unit| unit.name.as_str())
}

/// A count that may be negative.
fn number(table: &mut TableSheet<'_>, column: u16, value: i128) -> Result<()> {
    let format = style::count().set_align(rust_xlsxwriter::FormatAlign::Right);
    match decimal_text(value, 0).parse::<f64>() {
        Ok(number) => {
            table.sheet.write_number_with_format(table.row(), column, number, &format)?;
            Ok(())
        }
        Err(_) => table.text(column, &value.to_string()),
    }
}

fn check(table: &mut TableSheet<'_>, steps: &Steps) -> Result<()> {
    let row = table.row() + 1;
    let result = if steps.balances() { "✓" } else { "✗" };
    let formula = format!("=IF(ROUND(D{row}+E{row}-F{row}+G{row}-H{row}+I{row}-J{row},2)=0,\"✓\",\"✗\")");
    let format = style::centred().set_num_format("General");
    let format = if steps.balances() { format } else { style::shaded(format, Severity::Error) };
    table.sheet.write_formula_with_format(table.row(), 10, Formula::new(formula).set_result(result), &format)?;
    Ok(())
}

fn customers(
    workbook: &mut Workbook,
    shown: &Concentration<'_>,
    comparison: &Comparison<'_>,
    title: &str,
    lang: Lang,
) -> Result<()> {
    let mut table = TableSheet::streamed(workbook, CHANGES, &CHANGE_COLUMNS, title, lang)?;
    let (before, now) = (&comparison.directory, &shown.derived.directory);
    for change in comparison.changes.iter().take(MOST_LINES) {
        let (kind, prior, customer) = match *change {
            Change::New { customer } => (label("新增", "new"), None, Some(customer)),
            Change::Gone { prior } => (label("减少", "gone"), Some(prior), None),
            Change::Renamed { prior, customer, format_only: false } => {
                (label("更名", "renamed"), Some(prior), Some(customer))
            }
            Change::Renamed { prior, customer, format_only: true } => {
                (label("更名（仅格式）", "renamed (format only)"), Some(prior), Some(customer))
            }
            Change::Renumbered { prior, customer } => (label("换代码", "renumbered"), Some(prior), Some(customer)),
            Change::BalanceJump { prior, customer, .. } => {
                (label("余额突变", "balance jump"), Some(prior), Some(customer))
            }
        };
        table.centred(0, kind.get(lang))?;
        let mut balances = [0, 0];
        for (at, (directory, id)) in [(before, prior), (now, customer)].into_iter().enumerate() {
            let column = if at == 0 { 1 } else { 3 };
            table.text(column, &id.map(|id| customer_code(directory, id)).unwrap_or_default())?;
            table.text(column + 1, &id.map(|id| customer_name(directory, id)).unwrap_or_default())?;
        }
        if let Some(prior) = prior {
            balances[0] = comparison.exposures.get(prior).balance_fen;
        }
        if let Some(customer) = customer {
            balances[1] = shown.derived.exposures.get(customer).balance_fen;
        }
        table.money(5, balances[0])?;
        table.money(6, balances[1])?;
        table.money(7, balances[1] - balances[0])?;
        table.end_line()?;
    }
    let jumps = shown.derived.settings.jumps;
    let floor = decimal_text(jumps.floor_fen, 6);
    let factor = jumps.factor;
    let mut remarks = vec![match lang {
        Lang::Zh => format!(
            "余额突变：一方余额不低于{floor}万元，且为另一方的{factor}倍及以上。换代码：名称相同而两期代码互不存在，且两期各只有一户用此名称。"
        ),
        Lang::En => format!(
            "Balance jump: the larger balance is at least {floor} (10,000 yuan) and {factor} times the smaller. Renumbered: the \
             same name, neither code in the other period, and one customer with the name on each side."
        ),
    }];
    remarks.extend(cut(comparison.changes.len(), MOST_LINES, lang));
    finish(&mut table, label("没有变动。", "No customer changed."), remarks, lang)
}
