//! The sheet 报送范围: which customers are reported if the reporting line is read as a single loan, as the sum of a
//! customer's loans, or as its credit line, side by side, and how that compares with who is in the file.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{Concentration, MOST_LINES, customer_code, customer_name, cut, finish};
use crate::{
    derive::{
        CustomerId,
        scope::{Reach, Reading},
    },
    message::decimal_text,
    text::{Lang, Text},
    workbook::{
        label::{Label, label},
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("报送范围", "Scope");

const COLUMNS: [Column; 9] = [
    (label("客户代码", "Code"), 24),
    (label("客户名称", "Customer"), 36),
    (label("最大单笔(元)", "Largest loan (yuan)"), 20),
    (label("贷款合计(元)", "All loans (yuan)"), 20),
    (label("授信额度(元)", "Credit line (yuan)"), 20),
    (label("按单笔", "By loan"), 10),
    (label("按合计", "By sum"), 10),
    (label("按额度", "By line"), 10),
    (label("结论", "Result"), 34),
];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Concentration<'_>, title: &str, lang: Lang) -> Result<()> {
    let derived = shown.derived;
    let rules = derived.settings.scope;
    let mut table = TableSheet::streamed(workbook, SHEET, &COLUMNS, title, lang)?;
    let mut customers: Vec<Judged> = derived.scopes.iter().map(|(id, reach)| Judged::of(id, reach, shown)).collect();
    let within =
        |reading: usize| customers.iter().filter(|judged| judged.within.get(reading) == Some(&Some(true))).count();
    let counts = [within(0), within(1), within(2)];
    customers.retain(|judged| judged.reach.reported || judged.within.contains(&Some(true)));
    // What needs a decision first, then the largest.
    customers.sort_by_key(|judged| (judged.standing, -judged.reach.sum_fen, judged.id));
    for judged in customers.iter().take(MOST_LINES) {
        table.text(0, &customer_code(&derived.directory, judged.id))?;
        table.text(1, &customer_name(&derived.directory, judged.id))?;
        table.money(2, judged.reach.largest_fen)?;
        table.money(3, judged.reach.sum_fen)?;
        match judged.reach.line_fen {
            Some(fen) => table.money(4, fen)?,
            None => table.centred(4, "—")?,
        }
        for (column, within) in (5_u16..).zip(judged.within) {
            table.centred(column, yes_no(within, lang))?;
        }
        table.text(8, judged.standing.text().get(lang))?;
        table.end_line()?;
    }
    let participants = derived.portfolio.loans.iter().filter(|loan| {
        loan.participant && !loan.cancelled && loan.amount().is_some_and(|amount| amount >= rules.line_fen)
    });
    let mut remarks = vec![summary(counts, rules.reading, rules.line_fen, participants.count()).get(lang).to_owned()];
    remarks.extend(cut(customers.len(), MOST_LINES, lang));
    finish(&mut table, label("没有达到起点的客户。", "No customer reaches the line."), remarks, lang)
}

fn summary(counts: [usize; 3], reading: Reading, line_fen: i128, participants: usize) -> Text {
    let [single, sum, line] = counts;
    let threshold = decimal_text(line_fen, 6);
    let (zh, en) = match reading {
        Reading::Loan => ("单笔贷款", "single loan"),
        Reading::Customer => ("客户贷款合计", "sum of a customer's loans"),
        Reading::Line => ("授信额度", "credit line"),
    };
    Text::new(
        format!(
            "报送起点{threshold}万元（含）：按单笔{single}户，按客户合计{sum}户，按授信额度{line}户；本期口径为{zh}（参数 scope）。\
             已结清、已撤销的贷款不计；参与社在社团贷款中的份额不计，其中达到起点的有{participants}笔，由牵头社报送。"
        ),
        format!(
            "Reporting line {threshold} (10,000 yuan, included): {single} customers by single loan, {sum} by the sum of their \
             loans, {line} by credit line; the reading in force is the {en} (parameter scope). Loans repaid or taken back do not \
             count, nor do shares in syndicated loans another unit leads, of which {participants} reach the line."
        ),
    )
}

/// How a customer stands between the report and the rule. What needs a decision comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Omitted,
    Unknown,
    WronglyIncluded,
    OnlyOtherwise,
    Reported,
}

impl Standing {
    fn text(self) -> Text {
        match self {
            Standing::Omitted => Text::new("应报送而客户表中没有", "to be reported, not in the customer table"),
            Standing::WronglyIncluded => Text::new("已报送而未达到起点", "reported, below the line"),
            Standing::Unknown => Text::new("金额不全，无法判断", "amounts are missing, cannot be told"),
            Standing::OnlyOtherwise => Text::new("其他口径下才报送", "to be reported in another reading only"),
            Standing::Reported => Text::new("应报送且已报送", "to be reported, and reported"),
        }
    }
}

struct Judged {
    id: CustomerId,
    reach: Reach,
    within: [Option<bool>; 3],
    standing: Standing,
}

impl Judged {
    fn of(id: CustomerId, reach: Reach, shown: &Concentration<'_>) -> Self {
        let rules = shown.derived.settings.scope;
        let within = Reading::ALL.map(|reading| reach.within(reading, rules.line_fen));
        let standing = match (reach.within(rules.reading, rules.line_fen), reach.reported) {
            (Some(true), true) => Standing::Reported,
            (Some(true), false) => Standing::Omitted,
            (Some(false), true) => Standing::WronglyIncluded,
            (Some(false), false) => Standing::OnlyOtherwise,
            (None, _) => Standing::Unknown,
        };
        Self { id, reach, within, standing }
    }
}

fn yes_no(within: Option<bool>, lang: Lang) -> &'static str {
    match (within, lang) {
        (None, _) => "—",
        (Some(true), Lang::Zh) => "是",
        (Some(false), Lang::Zh) => "否",
        (Some(true), Lang::En) => "yes",
        (Some(false), Lang::En) => "no",
    }
}
