//! The sheet 升降级: who went up or down, who is new and who is gone.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{MOST_LINES, One, Shown, amount_heading, change_text, cut, number, tier_text};
use crate::{
    finding::Severity,
    tier::{Change, OUTSIDE, UNDECIDED},
    workbook::{label::label, sheet_name::SheetNames, style, table_sheet::TableSheet},
};

/// The order lines come in.
const ORDER: [Change; 6] = [Change::Up, Change::Down, Change::Lost, Change::Classed, Change::Other, Change::New];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Shown<'_, '_>, one: &One<'_, '_>, names: &mut SheetNames) -> Result<()> {
    let (lang, tiering) = (shown.lang, one.tiering);
    let name = names.take(&format!("{}{}", one.prefix, label("升降级", "Changes").get(lang)));
    let amount = amount_heading(tiering, lang);
    let mut headings = vec![
        (label("变动", "Change").stacked(lang), 14),
        (label("社部代码", "Unit").stacked(lang), 11),
        (label("客户", "Customer").stacked(lang), 18),
        (label("名称", "Name").stacked(lang), 26),
        (label("客户经理", "Manager").stacked(lang), 14),
        (label("上期级别", "Before").stacked(lang), 14),
        (label("本期级别", "Now").stacked(lang), 14),
        (label("理由", "Reason").stacked(lang), 56),
    ];
    headings.extend(amount.map(|heading| (heading, 18)));
    let words = shown.roll.words(tiering, lang);
    let mut table = TableSheet::with_headings(workbook, &name, &headings, &shown.title, lang)?;
    let mut total = 0;
    for change in ORDER {
        let moved =
            (0_u32..).zip(&tiering.settled).filter(|(_, settled)| settled.change == change && settled.tier != OUTSIDE);
        for (record, settled) in moved {
            total += 1;
            if total > MOST_LINES {
                continue;
            }
            let Some(member) = tiering.member(record, shown.roll, &words) else { continue };
            let format = match change {
                Change::Up => style::shaded(style::centred(), Severity::Info),
                Change::Down | Change::Lost => style::shaded(style::centred(), Severity::Warning),
                _ => style::centred(),
            };
            table.text_as(0, change_text(change).get(lang), &format)?;
            table.centred(1, member.unit)?;
            table.text(2, &member.key)?;
            table.text(3, &member.name)?;
            table.text(4, &member.manager)?;
            let before = tiering.before(record).map(|before| before.tier.as_deref());
            table.centred(5, &before.map_or_else(|| "—".to_owned(), |tier| id_text(one, tier, lang)))?;
            table.centred(6, &tier_text(tiering, settled.tier, lang))?;
            table.text(7, &member.reason)?;
            if let Some((value, scale)) = tiering.amount(record) {
                number(&mut table, 8, value, scale)?;
            }
            table.end_line()?;
        }
    }
    for before in tiering.gone_rows() {
        total += 1;
        if total > MOST_LINES {
            continue;
        }
        table.centred(0, label("不再在册", "gone").get(lang))?;
        table.centred(1, &before.unit)?;
        table.text(2, &before.shown)?;
        table.text(3, &before.name)?;
        table.text(4, &before.manager)?;
        table.centred(5, &id_text(one, before.tier.as_deref(), lang))?;
        table.centred(6, "—")?;
        let unread = shown.roll.unread(&before.unit);
        let reason = if unread {
            label("该社部本期未报或有文件读不出", "its unit handed in nothing, or a file that could not be read")
        } else {
            label("本期数据中没有这户", "it is not in this quarter's data")
        };
        table.text(7, reason.get(lang))?;
        if one.tiering.scheme.amount.is_some() {
            let text = before.amount.as_deref().and_then(crate::pack::sql::scaled);
            if let Some((value, scale)) = text {
                number(&mut table, 8, value, scale)?;
            }
        }
        table.end_line()?;
    }
    if total == 0 {
        let nothing = label("与上期相比没有变动，或没有上期可比。", "Nothing changed, or there is no quarter before.");
        return table.foot(&[nothing.get(lang).to_owned()]);
    }
    table.filter()?;
    table.foot(&cut(total, lang).into_iter().collect::<Vec<_>>())
}

fn id_text(one: &One<'_, '_>, id: Option<&str>, lang: crate::text::Lang) -> String {
    match id {
        None => tier_text(one.tiering, UNDECIDED, lang),
        Some(id) => {
            one.tiering.scheme.tier_index(id).map_or_else(|| id.to_owned(), |tier| tier_text(one.tiering, tier, lang))
        }
    }
}
