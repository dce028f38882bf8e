//! The sheets 客户分层, one line for each customer with the tier and why, and 不能分级, with what is missing.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{MOST_LINES, One, Shown, amount_heading, change_text, cut, number, tier_text};
use crate::{
    finding::Severity,
    message::Value,
    text::Lang,
    tier::{Change, UNDECIDED},
    workbook::{label::label, sheet_name::SheetNames, style, table_sheet::TableSheet},
};

/// Headings every list begins with.
fn leading(one: &One<'_, '_>, lang: Lang) -> Vec<(String, u16)> {
    let mut columns = vec![(label("社部代码", "Unit").stacked(lang), 11)];
    let title =
        |field: u16| one.tiering.dataset.fields.get(usize::from(field)).map(|field| field.title().get(lang).to_owned());
    let keys: Vec<_> = one.tiering.scheme.key.iter().filter_map(|field| title(*field)).collect();
    columns.push((keys.join("/"), 18));
    columns.extend(one.tiering.scheme.name.and_then(title).map(|title| (title, 26)));
    columns.extend(one.tiering.scheme.manager.and_then(title).map(|title| (title, 14)));
    columns
}

/// Writes who a line is about; the column after it.
fn who(table: &mut TableSheet<'_>, shown: &Shown<'_, '_>, one: &One<'_, '_>, record: u32) -> Result<u16> {
    let tiering = one.tiering;
    let unit = shown.roll.units.get(tiering.cells.table.segment(record).unit);
    table.centred(0, unit.map_or("", |unit| unit.code.as_str()))?;
    table.text(1, &tiering.key_text(record))?;
    let mut column = 2;
    for field in [tiering.scheme.name, tiering.scheme.manager].into_iter().flatten() {
        table.text(column, &tiering.masked(record, field))?;
        column += 1;
    }
    Ok(column)
}

/// Writes the sheet 客户分层.
pub fn write(workbook: &mut Workbook, shown: &Shown<'_, '_>, one: &One<'_, '_>, names: &mut SheetNames) -> Result<()> {
    let lang = shown.lang;
    let tiering = one.tiering;
    let name = names.take(&format!("{}{}", one.prefix, label("客户分层", "Tiers").get(lang)));
    let mut columns = leading(one, lang);
    columns.push((label("级别", "Tier").stacked(lang), 14));
    columns.push((label("理由", "Reason").stacked(lang), 56));
    for field in &tiering.scheme.figures {
        let title = tiering.dataset.fields.get(usize::from(*field)).map(|field| field.title().get(lang).to_owned());
        columns.push((title.unwrap_or_default(), 16));
    }
    columns.push((label("上期级别", "Before").stacked(lang), 14));
    columns.push((label("变动", "Change").stacked(lang), 14));
    columns.push((label("自何季度", "Since").stacked(lang), 12));
    let words = shown.roll.words(tiering, lang);
    let mut table = TableSheet::with_headings(workbook, &name, &columns, &shown.title, lang)?;
    let members = tiering.members();
    for record in members.iter().take(MOST_LINES).copied() {
        let Some(settled) = tiering.settled.get(record as usize) else { continue };
        let mut column = who(&mut table, shown, one, record)?;
        table.centred(column, &tier_text(tiering, settled.tier, lang))?;
        table.text(column + 1, &words.reason(record))?;
        column += 2;
        for field in &tiering.scheme.figures {
            match tiering.cells.value(record, *field) {
                Value::Number { mantissa, scale } => number(&mut table, column, mantissa, scale)?,
                Value::Integer(value) => number(&mut table, column, i128::from(value), 0)?,
                Value::Blank => table.text(column, "")?,
                _ => table.text(column, &words.value(record, *field))?,
            }
            column += 1;
        }
        table.centred(column, &before_text(one, record, lang))?;
        let format = match settled.change {
            Change::Up => style::shaded(style::centred(), Severity::Info),
            Change::Down | Change::Lost => style::shaded(style::centred(), Severity::Warning),
            _ => style::centred(),
        };
        table.text_as(column + 1, change_text(settled.change).get(lang), &format)?;
        table.centred(column + 2, &settled.since.to_string())?;
        table.end_line()?;
    }
    if members.is_empty() {
        return table.foot(&[label("没有客户。", "There are no customers.").get(lang).to_owned()]);
    }
    table.filter()?;
    table.foot(&cut(members.len(), lang).into_iter().collect::<Vec<_>>())
}

fn before_text(one: &One<'_, '_>, record: u32, lang: Lang) -> String {
    let Some(before) = one.tiering.before(record) else { return "—".to_owned() };
    match &before.tier {
        None => tier_text(one.tiering, UNDECIDED, lang),
        Some(id) => {
            one.tiering.scheme.tier_index(id).map_or_else(|| id.clone(), |tier| tier_text(one.tiering, tier, lang))
        }
    }
}

/// Writes the sheet 不能分级.
pub fn write_unclassed(
    workbook: &mut Workbook,
    shown: &Shown<'_, '_>,
    one: &One<'_, '_>,
    names: &mut SheetNames,
) -> Result<()> {
    let lang = shown.lang;
    let name = names.take(&format!("{}{}", one.prefix, label("不能分级", "Not classed").get(lang)));
    let mut columns = leading(one, lang);
    columns.push((label("原因", "Why").stacked(lang), 56));
    columns.push((label("文件", "File").stacked(lang), 30));
    columns.push((label("工作表", "Sheet").stacked(lang), 16));
    columns.push((label("行", "Row").stacked(lang), 9));
    columns.push((label("上期级别", "Before").stacked(lang), 14));
    columns.extend(amount_heading(one.tiering, lang).map(|heading| (heading, 18)));
    let words = shown.roll.words(one.tiering, lang);
    let mut table = TableSheet::with_headings(workbook, &name, &columns, &shown.title, lang)?;
    let records: Vec<u32> = one.tiering.unclassed().collect();
    for record in records.iter().take(MOST_LINES).copied() {
        let column = who(&mut table, shown, one, record)?;
        let source = one.tiering.cells.table;
        let segment = source.segment(record);
        table.text(column, &words.lack(&one.tiering.lack(record)))?;
        table.text(column + 1, shown.roll.files.get(segment.file).map_or("", |(name, _)| name.as_str()))?;
        table.text(column + 2, &segment.sheet)?;
        table.count(column + 3, source.sheet_rows.get(record as usize).copied().unwrap_or(0).into())?;
        table.centred(column + 4, &before_text(one, record, lang))?;
        if let Some((value, scale)) = one.tiering.amount(record) {
            number(&mut table, column + 5, value, scale)?;
        }
        table.end_line()?;
    }
    let mut remarks = vec![
        label(
            "这些客户补齐字段后即可分级；在此之前不影响其他客户。",
            "These customers are classed once the fields are filled in; the others are not affected.",
        )
        .get(lang)
        .to_owned(),
    ];
    if records.is_empty() {
        remarks = vec![label("所有客户都已分级。", "Every customer is classed.").get(lang).to_owned()];
    } else {
        table.filter()?;
    }
    remarks.extend(cut(records.len(), lang));
    table.foot(&remarks)
}
