//! What an officer is told about a column before anything is entered: what belongs in it, whether it may stay blank, and
//! the clauses that ask for it.
//!
//! Knows fields and rules, but no sheets.

use crate::{
    finding::Severity,
    ingest::code_entries,
    pack::{Field, FieldKind, RulePack},
    text::Lang,
};

/// Clauses named for a field.
const MOST_CLAUSES: usize = 4;

/// Whether the field may stay blank, in a word.
pub fn need(field: &Field, lang: Lang) -> &'static str {
    match (field.required, lang) {
        (Some(Severity::Error), Lang::Zh) => "必填",
        (Some(Severity::Error), Lang::En) => "Required",
        (Some(Severity::Warning), Lang::Zh) => "应填",
        (Some(Severity::Warning), Lang::En) => "Expected",
        (_, Lang::Zh) => "选填",
        (_, Lang::En) => "Optional",
    }
}

/// What belongs in a cell.
pub fn content(pack: &RulePack, field: &Field, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    if let Some(entry) = first_entry(pack, field).filter(|_| field.kind == FieldKind::Code) {
        return match lang {
            Lang::Zh => format!("从下拉列表选择，如“{entry}”"),
            Lang::En => format!("Choose from the list, such as {entry}"),
        };
    }
    match field.kind {
        FieldKind::Amount => {
            let unit = field.unit.map_or("", crate::pack::AmountUnit::name);
            let places = field.scale;
            if zh {
                format!("金额，单位{unit}，只填数字，最多{places}位小数")
            } else {
                format!("Amount in {unit}: digits only, at most {places} decimals")
            }
        }
        FieldKind::Decimal if zh => format!("数字，最多{}位小数", field.scale),
        FieldKind::Decimal => format!("Number, at most {} decimals", field.scale),
        FieldKind::Integer => if zh { "整数" } else { "Whole number" }.to_owned(),
        FieldKind::Date => if zh { "日期，如2026-10-31" } else { "Date such as 2026-10-31" }.to_owned(),
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => text_content(field, zh),
    }
}

fn text_content(field: &Field, zh: bool) -> String {
    let what = match (field.kind, zh) {
        (FieldKind::Identifier, true) => "号码，按文本填写",
        (FieldKind::Identifier, false) => "Number entered as text",
        (FieldKind::Code, true) => "代码，按文本填写",
        (FieldKind::Code, false) => "Code entered as text",
        (FieldKind::Name, true) => "名称，写全称",
        (FieldKind::Name, false) => "Name in full",
        (_, true) => "文本",
        (_, false) => "Text",
    };
    match (field.width, field.max_length) {
        (Some(width), _) if zh => format!("{what}，{width}位，开头的0不能省略"),
        (Some(width), _) => format!("{what}, {width} characters, leading zeros included"),
        (None, Some(longest)) if zh => format!("{what}，不超过{longest}个字符"),
        (None, Some(longest)) => format!("{what}, at most {longest} characters"),
        (None, None) => what.to_owned(),
    }
}

fn first_entry(pack: &RulePack, field: &Field) -> Option<String> {
    let list = pack.codes.get(field.codes.as_ref()?)?;
    code_entries(list).into_iter().next().map(|(_, entry)| entry)
}

/// The clauses the written rules on a field come from, without those that stand in no clause; the first few of them.
pub fn clauses(pack: &RulePack, dataset: usize, field: u16) -> Vec<&str> {
    let mut clauses: Vec<&str> = Vec::new();
    let rules = pack.rules.iter().filter(|rule| {
        rule.on == Some(dataset) && !rule.expanded && !rule.source.assumption && rule.fields.contains(&field)
    });
    for rule in rules {
        let article = rule.source.article.as_str();
        if !article.is_empty() && !clauses.contains(&article) {
            clauses.push(article);
        }
    }
    clauses.truncate(MOST_CLAUSES);
    clauses
}

/// All of it in one text.
pub fn hint(pack: &RulePack, dataset: usize, field: &Field, position: u16, lang: Lang) -> String {
    let (need, content) = (need(field, lang), content(pack, field, lang));
    let clauses = clauses(pack, dataset, position);
    match lang {
        Lang::Zh if clauses.is_empty() => format!("{need}。{content}。"),
        Lang::Zh => format!("{need}。{content}。依据：{}", clauses.join("、")),
        Lang::En if clauses.is_empty() => format!("{need}. {content}."),
        Lang::En => format!("{need}. {content}. Clauses: {}", clauses.join(", ")),
    }
}
