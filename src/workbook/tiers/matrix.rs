//! The sheets 迁移矩阵, from which tier to which in customers and amounts, and 客户经理, the same by person.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{One, Shown, amount_heading, number, side_text, tier_text};
use crate::{
    finding::Severity,
    text::Lang,
    tier::{Moves, Side},
    workbook::{label::label, sheet_name::SheetNames, style, table_sheet::TableSheet},
};

/// Writes the sheet 迁移矩阵.
pub fn write(workbook: &mut Workbook, shown: &Shown<'_, '_>, one: &One<'_, '_>, names: &mut SheetNames) -> Result<()> {
    let lang = shown.lang;
    let name = names.take(&format!("{}{}", one.prefix, label("迁移矩阵", "Migration").get(lang)));
    let (rows, columns) = one.migration.sides(one.tiering.scheme.tiers.len());
    let amount = amount_heading(one.tiering, lang);
    let mut headings =
        vec![(label("数值", "Figure").stacked(lang), 20), (label("上期＼本期", "From \\ to").stacked(lang), 20)];
    headings.extend(columns.iter().map(|side| (side_text(one.tiering, side, lang), 16)));
    headings.push((label("上期合计", "Total").stacked(lang), 16));
    let mut table = TableSheet::with_headings(workbook, &name, &headings, &shown.title, lang)?;
    if one.tiering.previous.is_none() {
        let nothing =
            label("台账中没有上期分级，没有迁移可列。", "There is no quarter before in the ledger: nothing moved.");
        return table.foot(&[nothing.get(lang).to_owned()]);
    }
    let counts = label("户数", "Customers").get(lang).to_owned();
    part(&mut table, one, &rows, &columns, &counts, None, lang)?;
    if let Some(amount) = amount {
        part(&mut table, one, &rows, &columns, &amount, Some(one.tiering.amount_scale()), lang)?;
    }
    table.foot(&[label(
        "左上到右下的对角线为不变；其右上方为降级，左下方为升级。不在册：行为本期新增，列为上期有而本期没有。金额按本期；本期没有的客户按上期。",
        "On the diagonal nothing changed; above it customers went down, below it up. Not there: new ones by row, gone ones by \
         column. Amounts are this quarter's; of those gone, the quarter before's.",
    )
    .get(lang)
    .to_owned()])
}

/// One figure of the matrix: counts, or amounts with so many decimal places.
fn part(
    table: &mut TableSheet<'_>,
    one: &One<'_, '_>,
    rows: &[Side],
    columns: &[Side],
    title: &str,
    scale: Option<usize>,
    lang: Lang,
) -> Result<()> {
    let cell =
        |from: &Side, to: &Side| one.migration.cells.get(&(from.clone(), to.clone())).copied().unwrap_or_default();
    let write = |table: &mut TableSheet<'_>, column: u16, moves: Moves| match scale {
        Some(scale) => number(table, column, moves.amount, scale),
        None => table.count(column, moves.count),
    };
    let sum = |one: Moves, other: Moves| Moves { count: one.count + other.count, amount: one.amount + other.amount };
    for from in rows {
        table.text(0, title)?;
        table.text(1, &side_text(one.tiering, from, lang))?;
        let mut total = Moves::default();
        for (column, to) in (2_u16..).zip(columns) {
            let moves = cell(from, to);
            total = sum(total, moves);
            if moves.count == 0 {
                let format = if from == to { style::quiet(style::centred()) } else { style::centred() };
                table.text_as(column, "", &format)?;
                continue;
            }
            write(table, column, moves)?;
        }
        write(table, u16::try_from(columns.len())? + 2, total)?;
        table.end_line()?;
    }
    table.text_as(0, title, &style::total(style::text()))?;
    table.text_as(1, label("本期合计", "Total").get(lang), &style::total(style::text()))?;
    let mut total = Moves::default();
    for (column, to) in (2_u16..).zip(columns) {
        let moves = rows.iter().map(|from| cell(from, to)).fold(Moves::default(), sum);
        total = sum(total, moves);
        write(table, column, moves)?;
    }
    write(table, u16::try_from(columns.len())? + 2, total)?;
    table.end_line()
}

/// Writes the sheet 客户经理.
pub fn write_managers(
    workbook: &mut Workbook,
    shown: &Shown<'_, '_>,
    one: &One<'_, '_>,
    names: &mut SheetNames,
) -> Result<()> {
    let lang = shown.lang;
    if one.tiering.scheme.manager.is_none() {
        return Ok(());
    }
    let name = names.take(&format!("{}{}", one.prefix, label("客户经理", "By manager").get(lang)));
    let mut headings = vec![(label("客户经理", "Manager").stacked(lang), 18)];
    for tier in 0..one.migration.now.len() {
        headings.push((tier_text(one.tiering, u8::try_from(tier)?, lang), 14));
    }
    for text in [
        label("不能分级", "Not classed"),
        label("合计", "Total"),
        label("升级", "Up"),
        label("降级", "Down"),
        label("新增", "New"),
        label("不再在册", "Gone"),
    ] {
        headings.push((text.stacked(lang), 12));
    }
    let amount = amount_heading(one.tiering, lang);
    if let Some(amount) = &amount {
        for text in [label("合计", "Total"), label("升级", "Up"), label("降级", "Down"), label("不再在册", "Gone")]
        {
            headings.push((format!("{}\n{amount}", text.get(lang)), 18));
        }
    }
    let mut table = TableSheet::with_headings(workbook, &name, &headings, &shown.title, lang)?;
    let mut sums: Vec<(u16, u64)> = Vec::new();
    for (manager, own) in &one.migration.managers {
        if manager.is_empty() {
            table.text_as(
                0,
                label("（未填客户经理）", "(no manager)").get(lang),
                &style::shaded(style::text(), Severity::Warning),
            )?;
        } else {
            table.text(0, manager)?;
        }
        let all = own.tiers.iter().chain([&own.unclassed]);
        let total = all
            .fold(Moves::default(), |sum, own| Moves { count: sum.count + own.count, amount: sum.amount + own.amount });
        let counts = own.tiers.iter().chain([&own.unclassed, &total, &own.up, &own.down, &own.new, &own.gone]);
        let mut column = 1;
        for moves in counts {
            table.count(column, moves.count)?;
            match sums.iter_mut().find(|(at, _)| *at == column) {
                Some((_, sum)) => *sum += moves.count,
                None => sums.push((column, moves.count)),
            }
            column += 1;
        }
        if amount.is_some() {
            for moves in [total, own.up, own.down, own.gone] {
                number(&mut table, column, moves.amount, one.tiering.amount_scale())?;
                column += 1;
            }
        }
        table.end_line()?;
    }
    if one.migration.managers.is_empty() {
        return table.foot(&[label("没有客户。", "There are no customers.").get(lang).to_owned()]);
    }
    table.filter()?;
    table.total(&sums)
}
