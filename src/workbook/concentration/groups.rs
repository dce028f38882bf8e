//! The sheet 关联集团: each connected group, its members, and the path that joins each of them to the largest.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{Concentration, MOST_LINES, customer_code, customer_name, cut, finish, left_out};
use crate::{
    derive::{
        amount::{percent_text, ratio_ppm},
        groups::Step,
    },
    text::Lang,
    workbook::{
        label::{Label, label},
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("关联集团", "Groups");

const COLUMNS: [Column; 11] = [
    (label("集团", "Group"), 8),
    (label("成员数", "Members"), 10),
    (label("关联关系数", "Relations"), 12),
    (label("集团余额(元)", "Group balance (yuan)"), 20),
    (label("集团授信(元)", "Group line (yuan)"), 20),
    (label("占一级资本净额", "Of tier-1 capital"), 16),
    (label("客户代码", "Code"), 24),
    (label("成员", "Member"), 34),
    (label("余额(元)", "Balance (yuan)"), 20),
    (label("其中不良(元)", "Non-performing (yuan)"), 20),
    (label("与集团核心的关系", "Path to the largest member"), 70),
];

/// Steps of a path that are written out; a longer one is cut in the middle.
const MOST_STEPS: usize = 12;

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Concentration<'_>, title: &str, lang: Lang) -> Result<()> {
    let derived = shown.derived;
    let (groups, directory) = (&derived.groups, &derived.directory);
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let members = groups
        .groups
        .iter()
        .enumerate()
        .flat_map(|(index, group)| group.members.iter().enumerate().map(move |(at, id)| (index, group, at, *id)));
    let total = groups.groups.iter().map(|group| group.members.len()).sum();
    for (index, group, at, id) in members.take(MOST_LINES) {
        table.count(0, index as u64 + 1)?;
        table.count(1, group.members.len() as u64)?;
        table.count(2, groups.links(group).len() as u64)?;
        table.money(3, group.exposure.balance_fen)?;
        table.money(4, group.exposure.credit_line_fen)?;
        let capital = derived.settings.limits.tier_1_capital_fen;
        match capital.and_then(|capital| ratio_ppm(group.exposure.balance_fen, capital)) {
            Some(share) => table.share(5, share)?,
            None => table.centred(5, "—")?,
        }
        let own = derived.exposures.get(id);
        table.text(6, &customer_code(directory, id))?;
        table.text(7, &customer_name(directory, id))?;
        table.money(8, own.balance_fen)?;
        table.money(9, own.non_performing_fen)?;
        let path = if at == 0 {
            label("集团核心：余额最大的成员", "the largest member").get(lang).to_owned()
        } else {
            path_text(&groups.path(id), lang)
        };
        table.text(10, &path)?;
        table.end_line()?;
    }
    let mut remarks = vec![rule_remark(shown, lang)];
    remarks.extend(cut(total, MOST_LINES, lang));
    remarks.extend(left_out(
        groups.dangling.into(),
        label("客户代码查无此户的关系记录", "relations of a customer code nobody has"),
        lang,
    ));
    remarks.extend(left_out(
        groups.unidentified.into(),
        label("没有证件、不能确认身份的关联方记录", "relations to a party nothing identifies"),
        lang,
    ));
    finish(&mut table, label("没有关联集团。", "There are no connected groups."), remarks, lang)
}

fn path_text(steps: &[Step<'_>], lang: Lang) -> String {
    let between = if lang == Lang::Zh { "；" } else { "; " };
    let words = |steps: &[Step<'_>]| steps.iter().map(|step| step.words().get(lang).to_owned()).collect::<Vec<_>>();
    let more = steps.len().saturating_sub(MOST_STEPS);
    if more == 0 {
        return words(steps).join(between);
    }
    let (head, rest) = steps.split_at(MOST_STEPS / 2);
    let (_, tail) = rest.split_at(more);
    let middle = match lang {
        Lang::Zh => format!("……（另有{more}步）"),
        Lang::En => format!("… ({more} more steps)"),
    };
    [words(head), vec![middle], words(tail)].concat().join(between)
}

fn rule_remark(shown: &Concentration<'_>, lang: Lang) -> String {
    let control = percent_text(shown.derived.settings.groups.control_ppm);
    match lang {
        Lang::Zh => format!(
            "按申报数据认定：持股{control}%及以上、申报的控制与被控制及同受控制、同一法定代表人、同一证件。没有证件的自然人不作为关联依据；\
             经济依存关系没有数据，未认定。自然人姓名已掩码。"
        ),
        Lang::En => format!(
            "From declared data: a share of {control} % or more, declared control, one legal representative, one document. A \
             person without a document joins nobody; economic dependence is declared nowhere and not derived. Persons' names \
             are masked."
        ),
    }
}
