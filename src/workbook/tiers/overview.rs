//! The sheet 总览: customers and amounts of each tier now and in the quarter before, with a chart.

use std::fmt::Write as _;

use anyhow::Result;
use rust_xlsxwriter::{Chart, ChartLegendPosition, ChartSolidFill, Workbook};

use super::{One, Shown, amount_heading, change_text, number, share, tier_text};
use crate::{
    finding::Severity,
    text::{Lang, Text},
    tier::{Moves, UNDECIDED},
    workbook::{label::label, sheet_name::SheetNames, style, table_sheet::TableSheet},
};

/// Writes the sheet.
pub fn write(
    workbook: &mut Workbook,
    shown: &Shown<'_, '_>,
    schemes: &[One<'_, '_>],
    names: &mut SheetNames,
) -> Result<()> {
    let lang = shown.lang;
    let name = names.take(label("总览", "Overview").get(lang));
    let amounts = schemes.iter().find_map(|one| amount_heading(one.tiering, lang));
    let mut columns: Vec<(String, u16)> = vec![
        (label("方案", "Scheme").stacked(lang), 22),
        (label("级别", "Tier").stacked(lang), 24),
        (label("户数", "Customers").stacked(lang), 12),
        (label("占比", "Share").stacked(lang), 11),
        (label("上期户数", "Before").stacked(lang), 12),
        (label("增减", "Difference").stacked(lang), 11),
    ];
    if let Some(heading) = &amounts {
        columns.push((heading.clone(), 20));
        columns.push((format!("{}\n{heading}", label("上期", "Before").get(lang)), 20));
    }
    let mut table = TableSheet::with_headings(workbook, &name, &columns, &shown.title, lang)?;
    let mut remarks = vec![basis(shown)];
    let mut places = Vec::new();
    for one in schemes {
        let first = table.row();
        let total = one.tiering.count() as u64;
        let compared = one.tiering.previous.is_some();
        for (index, tier) in (0_u8..).zip(&one.tiering.scheme.tiers) {
            let at = |list: &[Moves]| list.get(usize::from(index)).copied().unwrap_or_default();
            let (now, before) = (at(&one.migration.now), at(&one.migration.before));
            table.text(0, one.tiering.scheme.title.get(lang))?;
            table.text(1, &format!("{} {}", tier.id, tier.title.get(lang)))?;
            table.count(2, now.count)?;
            share(&mut table, 3, now.count, total)?;
            if compared {
                table.count(4, before.count)?;
                let difference = i128::from(now.count) - i128::from(before.count);
                number_plain(&mut table, 5, difference)?;
            } else {
                table.centred(4, "—")?;
                table.centred(5, "—")?;
            }
            if one.tiering.scheme.amount.is_some() {
                let scale = one.tiering.amount_scale();
                number(&mut table, 6, now.amount, scale)?;
                if compared {
                    number(&mut table, 7, before.amount, scale)?;
                } else {
                    table.centred(7, "—")?;
                }
            }
            table.end_line()?;
        }
        places.push((first, table.row() - 1));
        let open = one.tiering.unclassed().count() as u64;
        table.text(0, one.tiering.scheme.title.get(lang))?;
        table.text(1, &tier_text(one.tiering, UNDECIDED, lang))?;
        table.count(2, open)?;
        share(&mut table, 3, open, total)?;
        table.end_line()?;
        remarks.push(summary(one, total, lang));
    }
    let chart_row = table.row() + u32::try_from(remarks.len())? + 3;
    table.foot(&remarks)?;
    for (one, (first, last)) in schemes.iter().zip(places) {
        let index = u16::try_from(schemes.iter().position(|other| other.prefix == one.prefix).unwrap_or(0))?;
        chart(&mut table, &name, one, (first, last), chart_row + u32::from(index) * 18, lang)?;
    }
    Ok(())
}

fn number_plain(table: &mut TableSheet<'_>, column: u16, value: i128) -> Result<()> {
    let format = style::count();
    let number: f64 = value.to_string().parse().unwrap_or_default();
    table.sheet.write_number_with_format(table.row(), column, number, &format)?;
    Ok(())
}

fn basis(shown: &Shown<'_, '_>) -> String {
    let (basis, pack) = (shown.roll.basis, shown.roll.pack);
    let text = Text::new(
        format!("季度{}，数据截至{}；规则包{} {}。", basis.quarter, basis.date, pack.id, pack.edition),
        format!("Quarter {}, data of {}; pack {} {}.", basis.quarter, basis.date, pack.id, pack.edition),
    );
    let mut text = text.get(shown.lang).to_owned();
    if basis.forecast() {
        let note = Text::new(" 季度尚未结束，为试算结果。", " The quarter is not over: this is a forecast.");
        text.push_str(note.get(shown.lang));
    }
    text
}

fn summary(one: &One<'_, '_>, total: u64, lang: Lang) -> String {
    let mut text = match lang {
        Lang::Zh => format!("{}：共{total}户", one.tiering.scheme.title.zh),
        Lang::En => format!("{}: {total} customers", one.tiering.scheme.title.en),
    };
    for (change, moves) in &one.migration.changes {
        let (name, count) = (change_text(*change).get(lang), moves.count);
        // Writing to a String cannot fail.
        let _ = match lang {
            Lang::Zh => write!(text, "，{name}{count}户"),
            Lang::En => write!(text, ", {name} {count}"),
        };
    }
    let gone = one.tiering.gone.len();
    if let Some(previous) = &one.tiering.previous {
        let _ = match lang {
            Lang::Zh => write!(text, "；上期（{}）有而本期没有的{gone}户。", previous.quarter),
            Lang::En => write!(text, "; gone since {}: {gone}.", previous.quarter),
        };
    } else {
        text.push_str(if lang == Lang::Zh {
            "；台账中没有上期分级，不作比较。"
        } else {
            "; no quarter before to compare with."
        });
    }
    text
}

fn chart(
    table: &mut TableSheet<'_>,
    name: &str,
    one: &One<'_, '_>,
    (first, last): (u32, u32),
    row: u32,
    lang: Lang,
) -> Result<()> {
    let mut chart = Chart::new_column();
    let columns: &[(u16, Severity)] = if one.tiering.previous.is_some() {
        &[(4, Severity::Warning), (2, Severity::Info)]
    } else {
        &[(2, Severity::Info)]
    };
    for (column, colour) in columns {
        let series = if *column == 2 { label("本期", "This quarter") } else { label("上期", "Quarter before") };
        chart
            .add_series()
            .set_name(series.get(lang))
            .set_categories((name, first, 1, last, 1))
            .set_values((name, first, *column, last, *column))
            .set_format(ChartSolidFill::new().set_color(style::strong(*colour)));
    }
    let title = format!("{} {}", one.tiering.scheme.title.get(lang), label("各级户数", "customers by tier").get(lang));
    chart.title().set_name(&title).set_font(&style::chart_title());
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.y_axis().set_num_format("#,##0");
    chart.set_width(820).set_height(320);
    table.sheet.insert_chart(row, 0, &chart)?;
    Ok(())
}
