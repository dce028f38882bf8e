//! The sheet 担保圈: circles, mutual and joint guarantees, longest chains, and guarantors in default.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{Concentration, MOST_LINES, cut, finish, left_out, members};
use crate::{
    derive::{
        CustomerId,
        amount::ratio_ppm,
        circles::{Chain, LARGEST_JOINT},
        exposure::Exposure,
    },
    message::decimal_text,
    text::Lang,
    workbook::{
        label::{Label, label},
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("担保圈", "Circles");

const COLUMNS: [Column; 9] = [
    (label("类型", "Kind"), 18),
    (label("成员数", "Members"), 10),
    (label("成员", "Members"), 60),
    (label("贷款余额(元)", "Balance (yuan)"), 20),
    (label("其中不良(元)", "Non-performing (yuan)"), 20),
    (label("不良占比", "Share"), 10),
    (label("担保金额(元)", "Guaranteed (yuan)"), 20),
    (label("违约成员", "In default"), 34),
    (label("说明", "Remark"), 44),
];

const CIRCLE: Label = label("担保圈", "circle");
const MUTUAL: Label = label("互保", "mutual");
const JOINT: Label = label("联保", "joint");
const CHAIN: Label = label("担保链", "chain");
const DEFAULTED: Label = label("担保人违约", "guarantor in default");

/// One line of the sheet.
struct Line {
    kind: Label,
    count: usize,
    members: String,
    exposure: Exposure,
    guaranteed_fen: Option<i128>,
    in_default: String,
    remark: String,
}

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Concentration<'_>, title: &str, lang: Lang) -> Result<()> {
    let circles = &shown.derived.circles;
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let lines = lines(shown, lang);
    for line in lines.iter().take(MOST_LINES) {
        table.centred(0, line.kind.get(lang))?;
        table.count(1, line.count as u64)?;
        table.text(2, &line.members)?;
        table.money(3, line.exposure.balance_fen)?;
        table.money(4, line.exposure.non_performing_fen)?;
        match ratio_ppm(line.exposure.non_performing_fen, line.exposure.balance_fen) {
            Some(share) => table.share(5, share)?,
            None => table.centred(5, "—")?,
        }
        match line.guaranteed_fen {
            Some(fen) => table.money(6, fen)?,
            None => table.centred(6, "—")?,
        }
        table.text(7, &line.in_default)?;
        table.text(8, &line.remark)?;
        table.end_line()?;
    }
    let mut remarks: Vec<String> = cut(lines.len(), MOST_LINES, lang).into_iter().collect();
    remarks.extend(
        [
            left_out(
                circles.unidentified.into(),
                label("保证人没有证件、不能确认身份的担保记录", "guarantees whose guarantor nothing identifies"),
                lang,
            ),
            left_out(
                circles.dangling.into(),
                label("客户代码查无此户的担保记录", "guarantees for a customer code nobody has"),
                lang,
            ),
            left_out(circles.for_itself.into(), label("为自己担保的记录", "guarantees of a customer for itself"), lang),
        ]
        .into_iter()
        .flatten(),
    );
    if circles.joint_too_large > 0 {
        let count = circles.joint_too_large;
        remarks.push(match lang {
            Lang::Zh => format!("{count}个联保合同的成员超过{LARGEST_JOINT}户，未列。"),
            Lang::En => format!("{count} joint contracts with more than {LARGEST_JOINT} members are not listed."),
        });
    }
    remarks.push(
        label(
            "只计保证类担保（合同类型3至6），抵押、质押不计。箭头由保证人指向借款人；不是本社客户的保证人不进入担保圈和担保链。",
            "Guarantees proper only (contract types 3 to 6), no collateral. An arrow goes from guarantor to borrower; guarantors who \
             are no customers stand in no circle and no chain.",
        )
        .get(lang)
        .to_owned(),
    );
    let nothing =
        label("没有担保圈、互保、联保或担保链。", "There are no circles, mutual or joint guarantees, or chains.");
    finish(&mut table, nothing, remarks, lang)
}

fn lines(shown: &Concentration<'_>, lang: Lang) -> Vec<Line> {
    let derived = shown.derived;
    let circles = &derived.circles;
    let named = |ids: &[CustomerId], between: &str| members(&derived.directory, ids, between, lang);
    let comma = if lang == Lang::Zh { "、" } else { ", " };
    let defaulted = |ids: &[CustomerId]| {
        let ids: Vec<_> = ids.iter().copied().filter(|id| derived.exposures.get(*id).in_default).collect();
        named(&ids, comma)
    };
    let sum = |ids: &[CustomerId]| derived.exposures.sum(ids.iter().copied());
    let mut lines = Vec::new();
    for circle in &circles.circles {
        lines.push(Line {
            kind: CIRCLE,
            count: circle.members.len(),
            members: named(&circle.members, comma),
            exposure: circle.exposure,
            guaranteed_fen: Some(circle.inside_fen),
            in_default: named(&circle.in_default, comma),
            remark: label("成员之间直接或间接互相担保", "each guarantees, directly or through others, every other")
                .get(lang)
                .to_owned(),
        });
    }
    for mutual in &circles.mutual {
        let pair = [mutual.first.guarantor, mutual.first.borrower];
        let count = mutual.first.guarantees + mutual.second.guarantees;
        lines.push(Line {
            kind: MUTUAL,
            count: 2,
            members: named(&pair, " ⇄ "),
            exposure: sum(&pair),
            guaranteed_fen: Some(mutual.first.amount_fen + mutual.second.amount_fen),
            in_default: defaulted(&pair),
            remark: match lang {
                Lang::Zh => format!("双方互保，共{count}笔担保"),
                Lang::En => format!("they guarantee each other, {count} guarantees"),
            },
        });
    }
    for joint in &circles.joint {
        lines.push(Line {
            kind: JOINT,
            count: joint.members.len(),
            members: named(&joint.members, comma),
            exposure: sum(&joint.members),
            guaranteed_fen: None,
            in_default: defaulted(&joint.members),
            remark: match (joint.missing, lang) {
                (0, Lang::Zh) => "每户都为其他各户担保".to_owned(),
                (0, Lang::En) => "every one guarantees every other".to_owned(),
                (missing, Lang::Zh) => format!("缺{missing}个方向的联保记录"),
                (missing, Lang::En) => format!("{missing} of the directions have no joint guarantee"),
            },
        });
    }
    lines.extend(circles.chains.iter().map(|chain| {
        let ids: Vec<_> = chain.links.iter().flatten().copied().collect();
        Line {
            kind: CHAIN,
            count: ids.len(),
            members: chain_text(chain, &named),
            exposure: sum(&ids),
            guaranteed_fen: None,
            in_default: defaulted(&ids),
            remark: match lang {
                Lang::Zh => format!("最长的一条，{}环", chain.links.len()),
                Lang::En => format!("the longest, {} links", chain.links.len()),
            },
        }
    }));
    for guarantor in circles.guarantors.iter().filter(|guarantor| guarantor.own.in_default) {
        let name = guarantor.shown();
        let balance = decimal_text(guarantor.guaranteed_balance_fen, 6);
        let (borrowers, contracts) = (guarantor.borrowers, guarantor.contracts);
        let mut remark = match lang {
            Lang::Zh => {
                format!("为{borrowers}户的{contracts}份合同担保，合同项下余额{balance}万元；余额栏是担保人自身的贷款")
            }
            Lang::En => format!(
                "guarantees {contracts} contracts of {borrowers} borrowers, who owe {balance} (10,000 yuan) under them; the balance \
                 is what the guarantor owes itself"
            ),
        };
        if guarantor.unread > 0 {
            remark.push_str(label("（部分担保金额读不出）", " (some amounts could not be read)").get(lang));
        }
        lines.push(Line {
            kind: DEFAULTED,
            count: guarantor.customer.iter().count(),
            members: name.clone(),
            exposure: guarantor.own,
            guaranteed_fen: Some(guarantor.amount_fen),
            in_default: name,
            remark,
        });
    }
    lines
}

/// A chain with its circles in brackets; of a long one both ends.
fn chain_text(chain: &Chain, named: &impl Fn(&[CustomerId], &str) -> String) -> String {
    const ENDS: usize = 10;
    let text = |links: &[Vec<CustomerId>]| {
        let link =
            |ids: &Vec<CustomerId>| if ids.len() > 1 { format!("（{}）", named(ids, "、")) } else { named(ids, "") };
        links.iter().map(link).collect::<Vec<_>>().join(" → ")
    };
    if chain.links.len() <= 2 * ENDS {
        return text(&chain.links);
    }
    let (head, rest) = chain.links.split_at(ENDS);
    let (_, tail) = rest.split_at(rest.len() - ENDS);
    format!("{} → … → {}", text(head), text(tail))
}
