//! The sheet 名称近似: names that differ in one character, and names written in several ways.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{Concentration, cut, finish, left_out, shown_name};
use crate::{
    derive::{
        Origin,
        names::{Documents, Form},
    },
    text::Lang,
    workbook::{
        label::{Label, label},
        table_sheet::{Column, TableSheet},
    },
};

/// Most pairs the sheet lists, those with different documents first; what is beyond is counted. No one compares more by eye.
const MOST_PAIRS: usize = 2_000;

const SHEET: Label = label("名称近似", "Names");

const COLUMNS: [Column; 8] = [
    (label("类型", "Kind"), 14),
    (label("常用写法", "Usual form"), 40),
    (label("记录数", "Records"), 10),
    (label("首见于", "First in"), 18),
    (label("另一写法", "Other form"), 40),
    (label("记录数", "Records"), 10),
    (label("首见于", "First in"), 18),
    (label("证件", "Documents"), 30),
];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Concentration<'_>, title: &str, lang: Lang) -> Result<()> {
    let names = &shown.derived.names;
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let near = label("差一个字", "one character");
    let format = label("仅格式不同", "format only");
    let suspects = names.suspects.iter().map(|suspect| {
        let documents = match suspect.documents {
            Documents::Different => label("证件不同", "different"),
            Documents::Same => label("证件相同：同一企业，名称有一处有误", "the same: one firm, one name is wrong"),
            Documents::Unknown => label("至少一方没有证件", "one has none"),
        };
        (near, suspect.usual, suspect.other, documents)
    });
    let variants = names.variants.iter().flat_map(|variants| {
        let usual = variants.forms.first().copied();
        let others = variants.forms.iter().skip(1);
        others.filter_map(move |other| Some((format, usual?, *other, label("—", "—"))))
    });
    for (kind, usual, other, documents) in suspects.chain(variants).take(MOST_PAIRS) {
        table.centred(0, kind.get(lang))?;
        form(&mut table, shown, 1, &usual, lang)?;
        form(&mut table, shown, 4, &other, lang)?;
        table.text(7, documents.get(lang))?;
        table.end_line()?;
    }
    let variants: usize = names.variants.iter().map(|variants| variants.forms.len().saturating_sub(1)).sum();
    let mut remarks: Vec<String> = cut(names.suspects.len() + variants, MOST_PAIRS, lang).into_iter().collect();
    remarks.extend(left_out(
        names.numbered.into(),
        label("只差序号或方位的名称（如第一、第二）", "pairs that differ in a numeral or direction only"),
        lang,
    ));
    remarks.extend(left_out(
        names.crowded.into(),
        label(
            "相近名称过多、只比较了一部分的组",
            "crowded blocks of like names, of which only the first were compared",
        ),
        lang,
    ));
    remarks.push(
        label(
            "只比较单位名称，自然人不比较。名称不作改动；是否同一企业，以营业执照为准。",
            "Names of organisations only. Names are never rewritten; whether it is one firm the business licence says.",
        )
        .get(lang)
        .to_owned(),
    );
    finish(&mut table, label("没有近似的名称。", "No names are nearly the same."), remarks, lang)
}

fn form(table: &mut TableSheet<'_>, shown: &Concentration<'_>, column: u16, form: &Form<'_>, lang: Lang) -> Result<()> {
    table.text(column, &shown_name(form.text))?;
    table.count(column + 1, form.count.into())?;
    table.text(column + 2, dataset(shown, form.first, lang))
}

fn dataset<'a>(shown: &'a Concentration<'_>, origin: Origin, lang: Lang) -> &'a str {
    shown.pack.datasets.get(usize::from(origin.dataset)).map_or("", |dataset| dataset.title.get(lang))
}
