//! The workbook 客户分层: who is in which tier and why, what has moved since the quarter before, who cannot be classed,
//! decisions of people, parameters.
//!
//! Knows a result and how it is shown; decides no tier. Personal data is masked as the fields ask for.

mod decisions;
mod list;
mod matrix;
mod moves;
mod overview;
mod parameters;

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context as _, Result};
use rust_xlsxwriter::{Format, FormatAlign};

use super::{
    cell::exact_number,
    dated_workbook,
    label::{Label, label},
    sheet_name::SheetNames,
    style,
    table_sheet::TableSheet,
};
use crate::{
    message::decimal_text,
    pack::AmountUnit,
    text::{Lang, Text},
    tier::{Change, Migration, Roll, Side, Tiering},
};

/// Most lines a sheet lists; what is beyond is counted, and stands in `tiers.csv`.
const MOST_LINES: usize = 200_000;

/// What the sheets share.
struct Shown<'a, 'r> {
    roll: &'a Roll<'r>,
    title: String,
    lang: Lang,
}

/// A scheme as its sheets show it.
struct One<'a, 'r> {
    tiering: &'a Tiering<'r>,
    migration: Migration,
    /// Names of sheets begin with it; empty if there is one scheme only.
    prefix: String,
}

/// Writes the workbook to `path`. The same result gives the same bytes.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_tiers(roll: &Roll<'_>, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the workbook of tiers";
    let company = &roll.job.institution.name;
    let title = format!("{company} {}", roll.title().get(lang));
    let shown = Shown { roll, title, lang };
    let mut workbook = dated_workbook(roll.basis.quarter, &shown.title, company);
    let mut names = SheetNames::new(&[]);
    let alone = roll.tierings.len() == 1;
    let schemes: Vec<One> = roll
        .tierings
        .iter()
        .map(|tiering| One {
            tiering,
            migration: Migration::of(tiering),
            prefix: if alone { String::new() } else { format!("{}-", tiering.scheme.title.get(lang)) },
        })
        .collect();
    overview::write(&mut workbook, &shown, &schemes, &mut names).with_context(context)?;
    for one in &schemes {
        list::write(&mut workbook, &shown, one, &mut names).with_context(context)?;
        matrix::write(&mut workbook, &shown, one, &mut names).with_context(context)?;
        matrix::write_managers(&mut workbook, &shown, one, &mut names).with_context(context)?;
        moves::write(&mut workbook, &shown, one, &mut names).with_context(context)?;
        list::write_unclassed(&mut workbook, &shown, one, &mut names).with_context(context)?;
    }
    decisions::write(&mut workbook, &shown, &mut names).with_context(context)?;
    parameters::write(&mut workbook, &shown, &mut names).with_context(context)?;
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}

/// What changed, in words.
fn change_text(change: Change) -> Label {
    match change {
        Change::First => label("首次分级", "first calculation"),
        Change::New => label("新增", "new"),
        Change::Same => label("不变", "same"),
        Change::Up => label("升级", "up"),
        Change::Down => label("降级", "down"),
        Change::Classed => label("补齐后分级", "classed now"),
        Change::Lost => label("不能再分级", "cannot be classed any more"),
        Change::Other => label("原级别已取消", "tier no longer there"),
    }
}

/// A tier, with its title.
fn tier_text(tiering: &Tiering<'_>, tier: u8, lang: Lang) -> String {
    match tiering.scheme.tier(tier) {
        Some(tier) => format!("{} {}", tier.id, tier.title.get(lang)),
        None => label("不能分级", "not classed").get(lang).to_owned(),
    }
}

fn side_text(tiering: &Tiering<'_>, side: &Side, lang: Lang) -> String {
    match side {
        Side::Tier(tier) => tier_text(tiering, *tier, lang),
        Side::Retired(id) => id.clone(),
        Side::Unclassed => label("不能分级", "not classed").get(lang).to_owned(),
        Side::Absent => label("不在册", "not there").get(lang).to_owned(),
    }
}

/// Heading of amounts, with their unit.
fn amount_heading(tiering: &Tiering<'_>, lang: Lang) -> Option<String> {
    let field = tiering.dataset.fields.get(usize::from(tiering.scheme.amount?))?;
    let unit = field.unit.map(AmountUnit::name).unwrap_or_default();
    let title = field.title();
    let title = title.get(lang);
    Some(if title.contains(unit) { title.to_owned() } else { format!("{title}（{unit}）") })
}

fn amount_format(scale: usize) -> Format {
    style::cell().set_num_format(style::decimal_format(scale.max(2), true)).set_align(FormatAlign::Right)
}

/// An amount, or any number, from its digits; one Excel cannot hold exactly is written as text.
fn number(table: &mut TableSheet<'_>, column: u16, value: i128, scale: usize) -> Result<()> {
    let (text, format) = (decimal_text(value, scale), amount_format(scale));
    match exact_number(&text) {
        Some(number) => {
            table.sheet.write_number_with_format(table.row(), column, number, &format)?;
            Ok(())
        }
        None => table.text_as(column, &text, &format),
    }
}

/// A share of a whole, in per cent; nothing of nothing.
fn share(table: &mut TableSheet<'_>, column: u16, part: u64, whole: u64) -> Result<()> {
    if whole == 0 {
        return table.centred(column, "—");
    }
    table.share(column, (i128::from(part) * 1_000_000 + i128::from(whole) / 2) / i128::from(whole))
}

/// What the limit of lines cut off, in words.
fn cut(total: usize, lang: Lang) -> Option<String> {
    let more = total.checked_sub(MOST_LINES).filter(|more| *more > 0)?;
    let text = Text::new(
        format!("共{total}户，本表只列前{MOST_LINES}户，其余{more}户见 tiers.csv。"),
        format!("{total} in all; the first {MOST_LINES} are listed, the other {more} stand in tiers.csv."),
    );
    Some(text.get(lang).to_owned())
}
