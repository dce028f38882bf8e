//! Rules made from what a pack declares about its fields: required, longest length, code list, fixed width, key.

use super::{Body, Dataset, Examples, Field, FieldKind, Literal, Rule, RulePack, Source};
use crate::{finding::Severity, text::Text};

/// The rules all datasets' fields and keys stand for.
pub fn field_rules(pack: &RulePack) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (index, dataset) in pack.datasets.iter().enumerate() {
        for (field, position) in dataset.fields.iter().zip(0..) {
            rules.extend(rules_of_field(pack, index, dataset, field, position));
        }
        if !dataset.key.is_empty() {
            rules.push(key_rule(pack, index, dataset));
        }
    }
    rules
}

/// Where the rules of a field come from: what it or its dataset says, else the pack itself.
fn declared(pack: &RulePack, field: Option<&Field>) -> Source {
    let own = || Source { doc: pack.title.zh.clone(), article: "字段要求".to_owned(), ..Source::default() };
    field.and_then(|field| field.source.clone()).unwrap_or_else(own)
}

/// The file the fields are declared in.
fn declared_in(pack: &RulePack) -> String {
    format!("{}/pack.toml", pack.id)
}

fn example(field: &Field, value: Literal) -> Vec<super::Example> {
    let row = std::iter::once((field.id.clone(), value)).collect();
    vec![super::Example { rows: vec![row], ..super::Example::default() }]
}

fn rules_of_field(pack: &RulePack, on: usize, dataset: &Dataset, field: &Field, position: u16) -> Vec<Rule> {
    let title = field.title();
    let id = &field.id;
    let rule = |topic: &str, severity, when: Option<String>, assert: String, message: Text, fix: Text, examples| Rule {
        id: format!("{}-{topic}-{}", dataset.prefix, id.to_uppercase()),
        severity,
        on: Some(on),
        body: Body::Assert { when, assert },
        fields: vec![position],
        message,
        fix,
        source: declared(pack, Some(field)),
        amount: None,
        examples,
        place: declared_in(pack),
        values: Vec::new(),
        expanded: true,
        mandatory: false,
    };
    let mut rules = Vec::new();
    if let Some(severity) = field.required {
        let examples = Examples {
            pass: example(field, numbered_value(field, 1)),
            fail: vec![super::Example { rows: vec![std::collections::BTreeMap::new()], ..Default::default() }],
            skip: vec![],
        };
        rules.push(rule(
            "REQ",
            severity,
            None,
            format!("{id} IS NOT NULL"),
            Text::new(format!("{}未填写", title.zh), format!("{} is blank", title.en)),
            Text::new(format!("补录{}", title.zh), format!("Enter the {}", lower(&title.en))),
            examples,
        ));
    }
    if let Some(longest) = field.max_length {
        let text = |count: u32| Literal::Text("字".repeat(count as usize));
        let examples =
            Examples { pass: example(field, text(longest)), fail: example(field, text(longest + 1)), skip: vec![] };
        rules.push(rule(
            "LEN",
            Severity::Error,
            None,
            format!("LENGTH({id}) <= {longest}"),
            Text::new(
                format!("{}超过{longest}个字符", title.zh),
                format!("{} is longer than {longest} characters", title.en),
            ),
            Text::new("按登记内容缩短，去掉多余说明", "Shorten it to what is registered, without notes"),
            examples,
        ));
    }
    if let Some(list) = &field.codes {
        let good = pack.codes.get(list).and_then(|list| list.codes.keys().next());
        let examples = Examples {
            pass: good.map(|code| example(field, Literal::Text(code.clone()))).unwrap_or_default(),
            fail: example(field, Literal::Text("?".to_owned())),
            skip: vec![],
        };
        rules.push(rule(
            "COD",
            Severity::Error,
            None,
            format!("in_list({id}, '{list}')"),
            Text::new(
                format!("{}“{{{id}}}”不在代码表中", title.zh),
                format!("{} \"{{{id}}}\" is not in the code list", title.en),
            ),
            Text::new(
                format!("按代码表填写：{}", codes_text(pack, list)),
                format!("Enter a code of the list `{list}`"),
            ),
            examples,
        ));
    }
    if let Some(width) = field.width {
        let text = |count: u32| Literal::Text("1".repeat(count as usize));
        let examples =
            Examples { pass: example(field, text(width)), fail: example(field, text(width + 1)), skip: vec![] };
        rules.push(rule(
            "WID",
            Severity::Error,
            None,
            format!("{id} ~ '^[0-9A-Z]{{{width}}}$'"),
            Text::new(
                format!("{}“{{{id}}}”不是{width}位数字或大写字母", title.zh),
                format!("{} \"{{{id}}}\" is not {width} digits or capital letters", title.en),
            ),
            Text::new(
                format!("按{width}位代码填写，单元格设为文本格式"),
                format!("Enter all {width} characters; format the cell as text"),
            ),
            examples,
        ));
    }
    rules
}

fn codes_text(pack: &RulePack, list: &str) -> String {
    let Some(list) = pack.codes.get(list) else { return String::new() };
    let shown = list.codes.iter().take(15).map(|(code, entry)| format!("{code} {}", entry.name));
    let text = shown.collect::<Vec<_>>().join("，");
    if list.codes.len() > 15 {
        return format!("{text}……共{}项", list.codes.len());
    }
    text
}

fn lower(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// A value of a field for an example: another one for each number.
fn numbered_value(field: &Field, number: i64) -> Literal {
    match field.kind {
        FieldKind::Amount | FieldKind::Decimal | FieldKind::Integer => Literal::Integer(number),
        FieldKind::Date => Literal::Date(chrono::NaiveDate::default() + chrono::TimeDelta::days(number)),
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
            Literal::Text(format!("A{number}"))
        }
    }
}

fn key_rule(pack: &RulePack, on: usize, dataset: &Dataset) -> Rule {
    let names: Vec<_> = dataset.key.iter().filter_map(|index| dataset.fields.get(usize::from(*index))).collect();
    let zh = names.iter().map(|field| field.title().zh).collect::<Vec<_>>().join("、");
    let en = names.iter().map(|field| lower(&field.title_en)).collect::<Vec<_>>().join(" and ");
    let row = |number: i64| names.iter().map(|field| (field.id.clone(), numbered_value(field, number))).collect();
    let rows = |numbers: &[i64]| {
        vec![super::Example { rows: numbers.iter().map(|number| row(*number)).collect(), ..Default::default() }]
    };
    Rule {
        id: format!("{}-KEY-001", dataset.prefix),
        severity: Severity::Error,
        on: Some(on),
        body: Body::Unique { when: None, key: dataset.key.clone(), across_units: true },
        fields: dataset.key.clone(),
        message: Text::new(
            format!("{zh}重复，共{{count}}条：{{others}}"),
            format!("{{count}} records have the same {en}: {{others}}"),
        ),
        fix: Text::new("核对后删除重复行，或更正编号", "Remove the repeated row, or correct the number"),
        source: declared(pack, names.first().copied()),
        amount: None,
        examples: Examples { pass: rows(&[1, 2]), fail: rows(&[1, 1]), skip: vec![] },
        place: declared_in(pack),
        values: Vec::new(),
        expanded: true,
        mandatory: false,
    }
}
