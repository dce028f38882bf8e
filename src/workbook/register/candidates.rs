//! The sheets 第二十二条线索 and 手工登记: what might fall under Article 22. Items one to three are found in the ledger,
//! with the evidence; four and five are for people to enter. Nothing here is a fine, and none is computed.

use anyhow::Result;
use rust_xlsxwriter::{DataValidation, Workbook};

use super::{correction, dataset_title, field_title, timeliness};
use crate::{
    ledger::{Correction, FindingRow, Register, UnitScore},
    outcome::Timeliness,
    pack::RulePack,
    text::{Lang, Text},
    workbook::{
        cell::write_text,
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("第二十二条线索", "Article 22");
const BY_HAND: Label = label("手工登记", "By hand");

const COLUMNS: [Column; 11] = [
    (label("款项", "Item"), 9),
    (label("社部代码", "Code"), 10),
    (label("社部名称", "Unit"), 16),
    (label("报送人员", "Officer"), 11),
    (label("记录", "Record"), 22),
    (label("字段和规则", "Field and rule"), 24),
    (label("线索", "What it is"), 40),
    (label("证据", "Evidence"), 44),
    (label("问题标识", "Id"), 23),
    (label("核定意见", "Decision"), 22),
    (label("核定人", "Decided by"), 12),
];

const BY_HAND_COLUMNS: [Column; 8] = [
    (label("款项", "Item"), 10),
    (label("日期", "Date"), 13),
    (label("社部代码", "Code"), 11),
    (label("社部名称", "Unit"), 18),
    (label("报送人员", "Officer"), 13),
    (label("事实和影响", "What happened, and its effect"), 50),
    (label("证据", "Evidence"), 36),
    (label("登记人", "Entered by"), 13),
];

/// Lines left for entries by hand.
const LINES: u32 = 20;

/// Writes the sheet with what the ledger holds.
pub fn write(workbook: &mut Workbook, register: &Register, pack: &RulePack, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    for repeated in &register.repeated {
        let seen = repeated.seen.iter().map(|seen| format!("{} {}", seen.period, seen.status.title(lang)));
        let what = Text::new(
            format!("同一错误在 {} 期内出现：{}", repeated.seen.len(), repeated.row.message),
            format!("The same error in {} periods: {}", repeated.seen.len(), repeated.row.message),
        );
        let evidence = seen.collect::<Vec<_>>().join("；");
        about_finding(&mut table, register, pack, label("（一）", "one"), &repeated.row, (&what, &evidence), lang)?;
    }
    for problem in register.ignored() {
        let what = Text::new(
            format!("提示性问题未更正也未说明：{}", problem.row.message),
            format!("A warning neither corrected nor explained: {}", problem.row.message),
        );
        let (found, status) = (problem.found.format("%Y-%m-%d %H:%M"), problem.row.status.title(lang));
        let evidence = Text::new(
            format!("首次发现 {found}，最近一次运行后仍为“{status}”"),
            format!("first found {found}, still {status} after the last run"),
        );
        let item = label("（二）", "two");
        about_finding(&mut table, register, pack, item, &problem.row, (&what, evidence.get(lang)), lang)?;
    }
    for unit in register.tardy() {
        about_unit(&mut table, unit, lang)?;
    }
    table.filter()?;
    let (times, periods) = (register.bounds.times, register.bounds.periods);
    let remarks = [
        Text::new(
            format!(
                "（一）同一错误：同一客户、规则和字段在最近 {periods} 期内出现不少于 {times} 期。（三）屡次：最近 {periods} 期内迟报、未报、逾期重报或未重报不少于 {times} 期。办法没有规定次数，以上为可调整的内部口径。"
            ),
            format!(
                "One: same customer, rule and field in at least {times} of the last {periods} periods. Three: late, missing, or correction late or missed in at least {times} of the last {periods}. The regulation gives no figures: these are an assumption and can be set."
            ),
        ),
        Text::new(
            "本表只列线索和证据，不是处罚；（二）是否属于明显错误、是否处罚，由联社核定。报送人员为现任，期间换人的见“报送人员”页。",
            "These are leads with evidence, no fines; whether an error was obvious, and whether anyone is fined, is for the union to decide. Officers are the present ones; the sheet on officers names changes.",
        ),
    ];
    table.foot(&remarks.map(|remark| remark.get(lang).to_owned()))
}

fn about_finding(
    table: &mut TableSheet,
    register: &Register,
    pack: &RulePack,
    item: Label,
    row: &FindingRow,
    (what, evidence): (&Text, &str),
    lang: Lang,
) -> Result<()> {
    let unit = register.units.iter().find(|unit| unit.gate.code == row.unit);
    let (dataset, field) = (dataset_title(pack, &row.dataset, lang), field_title(pack, &row.dataset, &row.field, lang));
    let place = [dataset.as_str(), field.as_str(), row.rule.as_str()];
    let place: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
    table.centred(0, item.get(lang))?;
    table.centred(1, &row.unit)?;
    table.text(2, &row.unit_name)?;
    table.text(3, unit.map_or("", |unit| unit.people.officer.as_str()))?;
    table.text(4, row.record_key.as_deref().unwrap_or_default())?;
    table.text(5, &place.join(" "))?;
    table.text(6, what.get(lang))?;
    table.text(7, evidence)?;
    table.text(8, &row.fingerprint)?;
    decision(table)
}

fn about_unit(table: &mut TableSheet, unit: &UnitScore, lang: Lang) -> Result<()> {
    let lapses: Vec<_> = unit.months.iter().filter(|month| month.is_lapse()).collect();
    let of = |month: &crate::ledger::Month| {
        let late = matches!(month.timeliness, Timeliness::Late | Timeliness::Missing)
            .then(|| timeliness(month.timeliness).get(lang));
        let missed = matches!(month.correction, Correction::Late | Correction::Missed)
            .then(|| correction(month.correction).get(lang));
        let both: Vec<_> = late.into_iter().chain(missed).collect();
        format!("{} {}", month.period, both.join("、"))
    };
    let what = Text::new(
        format!("{} 期内有 {} 期未按时上报或未按时核实重报", unit.months.len(), lapses.len()),
        format!("{} of {} periods with a deadline missed", lapses.len(), unit.months.len()),
    );
    table.centred(0, label("（三）", "three").get(lang))?;
    table.centred(1, &unit.gate.code)?;
    table.text(2, &unit.gate.name)?;
    table.text(3, &unit.people.officer)?;
    table.text(4, "")?;
    table.text(5, "")?;
    table.text(6, what.get(lang))?;
    table.text(7, &lapses.into_iter().map(of).collect::<Vec<_>>().join("；"))?;
    table.text(8, "")?;
    decision(table)
}

/// The cells for people to fill in, and the end of the line.
fn decision(table: &mut TableSheet) -> Result<()> {
    let entry = style::entry();
    table.text_as(9, "", &entry)?;
    table.text_as(10, "", &entry)?;
    table.end_line()
}

/// Writes the sheet for what only people can tell: items four and five.
pub fn write_by_hand(workbook: &mut Workbook, title: &str, lang: Lang) -> Result<()> {
    let mut table = TableSheet::new(workbook, BY_HAND, &BY_HAND_COLUMNS, title, lang)?;
    let entry = style::entry();
    let first = table.row();
    for _ in 0..LINES {
        for column in 0..u16::try_from(BY_HAND_COLUMNS.len())? {
            write_text(table.sheet, table.row(), column, "", &entry)?;
        }
        table.end_line()?;
    }
    let items = match lang {
        Lang::Zh => ["（四）", "（五）"],
        Lang::En => ["four", "five"],
    };
    let choice = DataValidation::new().allow_list_strings(&items)?;
    table.sheet.add_data_validation(first, 0, first + LINES - 1, 0, &choice)?;
    let remark = label(
        "第二十二条（四）对数据使用和汇总上报等造成影响的、（五）其他违反办法相关规定的，由人工登记。",
        "Article 22 four (use or summary of the data affected) and five (other breaches) are entered by hand.",
    );
    table.foot(&[remark.get(lang).to_owned()])
}
