//! The sheet 人工调整: the decisions of people, and what became of each.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::Shown;
use crate::{
    finding::Severity,
    text::{Lang, Text},
    tier::{Override, OverrideState},
    workbook::{
        label::label,
        sheet_name::SheetNames,
        style,
        table_sheet::{Column, TableSheet},
    },
};

const COLUMNS: [Column; 9] = [
    (label("出处", "Where"), 16),
    (label("方案", "Scheme"), 16),
    (label("客户", "Customer"), 20),
    (label("调整为", "Tier"), 10),
    (label("批准人", "By"), 14),
    (label("理由", "Reason"), 36),
    (label("生效日期", "From"), 13),
    (label("有效期至", "Until"), 13),
    (label("状态", "State"), 40),
];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Shown<'_, '_>, names: &mut SheetNames) -> Result<()> {
    let lang = shown.lang;
    let overrides = shown.roll.overrides;
    let columns: Vec<_> = COLUMNS.iter().map(|(label, width)| (label.stacked(lang), *width)).collect();
    let name = names.take(label("人工调整", "Decisions").get(lang));
    let mut table = TableSheet::with_headings(workbook, &name, &columns, &shown.title, lang)?;
    if overrides.list.is_empty() {
        let nothing = label("没有人工调整。", "Nobody decided on a tier by hand.");
        return table.foot(&[nothing.get(lang).to_owned()]);
    }
    for (index, line) in overrides.list.iter().enumerate() {
        let states = shown.roll.tierings.iter().filter_map(|tiering| tiering.states.get(index)?.as_ref());
        let (text, severity) = match states.into_iter().next() {
            Some(state) => state_text(state, lang),
            None => (label("没有这个方案", "there is no such scheme").get(lang).to_owned(), Some(Severity::Error)),
        };
        write_line(&mut table, line, lang)?;
        let format = severity.map_or_else(style::wrapped, |severity| style::shaded(style::wrapped(), severity));
        table.text_as(8, &text, &format)?;
        table.end_line()?;
    }
    table.filter()?;
    let name = &overrides.name;
    let mut feet = vec![
        label(
            "台账中的调整用 baosong ledger override 登记；只列本季度末有效的和本季度内到期或撤销的。",
            "Decisions of the ledger are recorded by baosong ledger override; listed are those in force at the end of the quarter and those that ended in it.",
        )
        .get(lang)
        .to_owned(),
    ];
    if !name.is_empty() {
        feet.push(
            Text::new(format!("按行标出的来自 {name}。"), format!("Rows are those of {name}.")).get(lang).to_owned(),
        );
    }
    table.foot(&feet)
}

fn write_line(table: &mut TableSheet<'_>, line: &Override, lang: Lang) -> Result<()> {
    let date = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    table.text(0, line.place.text().get(lang))?;
    table.text(1, &line.scheme)?;
    table.text(2, &crate::text::Mask::None.apply(&line.key))?;
    table.centred(3, &line.tier)?;
    table.text(4, &line.who)?;
    table.text(5, &line.why)?;
    table.centred(6, &date(line.from))?;
    table.centred(7, &date(line.until))
}

fn state_text(state: &OverrideState, lang: Lang) -> (String, Option<Severity>) {
    match state {
        OverrideState::Applied => (label("生效", "in force").get(lang).to_owned(), None),
        OverrideState::Withdrawn => (label("已撤销", "withdrawn").get(lang).to_owned(), Some(Severity::Info)),
        OverrideState::Expired => (label("已过期", "expired").get(lang).to_owned(), Some(Severity::Info)),
        OverrideState::Later => (label("尚未生效", "not yet in force").get(lang).to_owned(), Some(Severity::Info)),
        OverrideState::Unknown => {
            (label("本期没有这户客户", "there is no such customer").get(lang).to_owned(), Some(Severity::Warning))
        }
        OverrideState::Wrong(text) => (text.get(lang).to_owned(), Some(Severity::Error)),
    }
}
