//! Reading one `[[rule]]` block into a [`Rule`] known to be good.

mod body;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::NaiveDate;

use self::body::BodyReader;
pub(crate) use self::body::report;
use super::{
    Body, Dataset, Examples, FieldKind, Literal, Rule, RulePack,
    examples::{PRIOR_PREFIX, read_cell_examples, read_examples},
    functions::Context,
    load::{SEVERITIES, read_source, required_choice},
    sql,
};
use crate::{
    problem::{At, Problems, Reader, Span, TextAt, did_you_mean},
    text::Text,
};

/// What a rule is read against.
pub struct RuleScope<'a> {
    /// Datasets, code lists and parameters of the pack; its rules are not read.
    pub pack: &'a RulePack,
    /// Values of all parameters.
    pub params: &'a BTreeMap<String, Literal>,
    /// What our SQL functions need.
    pub context: &'a Arc<Context>,
    /// Data date: rules not in force on it are left out.
    pub date: NaiveDate,
}

const BODIES: [&str; 9] = ["assert", "unique", "refers", "determines", "sum", "change", "query", "derived", "detector"];

/// Keys of a rule that are not read if its condition cannot be told.
const OTHER_KEYS: [&str; 11] =
    ["message", "fix", "values", "fields", "amount", "mandatory", "source", "pass", "fail", "skip", "across_units"];

/// Reads a rule. Nothing is returned for a rule that is not in force or has no usable body; problems say why.
/// `ids` holds the ids met so far.
pub fn read_rule(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    scope: &RuleScope<'_>,
    ids: &mut BTreeMap<String, Span>,
) -> Option<Rule> {
    let id = reader.required_text("id", problems);
    check_id(&id, scope, problems, ids);
    let severity = required_choice(reader, "severity", &SEVERITIES, problems);
    let from = reader.date("from", problems).unwrap_or(NaiveDate::MIN);
    let until = reader.date("until", problems).unwrap_or(NaiveDate::MAX);
    let on = reader.text("on", problems).and_then(|name| dataset_of(&name, scope, problems));
    let when = reader.text("when", problems);
    let present: Vec<_> = BODIES.into_iter().filter(|body| reader.has(body)).collect();
    let [form] = present.as_slice() else {
        let (id, count, bodies) = (&id.value, present.len(), BODIES.join(", "));
        let message = Text::new(format!("{id} 有 {count} 个条件"), format!("{id} has {count} conditions"));
        let help = Text::new(format!("规则恰好写其中一个：{bodies}"), format!("a rule has exactly one of: {bodies}"));
        reader.span.problem(problems, message, Some(help));
        reader.pass_over(&BODIES);
        reader.pass_over(&OTHER_KEYS);
        return None;
    };
    let mut parts = BodyReader { reader, problems, scope, on, when, placeholders: BTreeSet::new(), reads: Vec::new() };
    let body = parts.body(form);
    let values = parts.values();
    let BodyReader { placeholders, reads, .. } = parts;

    if !values.is_empty() && matches!(body, Some(Body::Change { .. } | Body::Cell(_) | Body::Sheet(_))) {
        let message = Text::new("`values` 只用于针对记录的规则", "`values` are of records; this rule is about none");
        reader.span.problem(problems, message, None);
    }
    let message = reader.both_languages("message", problems);
    let fix = reader.both_languages("fix", problems);
    let dataset = on.and_then(|on| scope.pack.datasets.get(on));
    // Without a dataset it cannot be told what a text may name; that there is none was reported.
    if dataset.is_some() || *form == "detector" {
        for text in [&message, &fix] {
            check_placeholders(text, dataset, &placeholders, body.is_some(), problems);
        }
    } else {
        reader.pass_over(&OTHER_KEYS);
    }
    let mut fields = Vec::new();
    for name in reader.texts("fields", problems) {
        fields.extend(dataset.and_then(|dataset| field_of(&name, dataset, problems)));
    }
    if fields.is_empty()
        && let Some(dataset) = dataset
    {
        fields = reads.iter().filter_map(|name| dataset.field_index(name)).collect();
        fields.sort_unstable();
        fields.dedup();
    }
    let amount = reader.text("amount", problems).and_then(|name| {
        let dataset = dataset?;
        let index = field_of(&name, dataset, problems)?;
        let is_amount = dataset.fields.get(usize::from(index)).is_some_and(|field| field.kind == FieldKind::Amount);
        if !is_amount {
            let message = Text::new(format!("`{}` 不是金额字段", name.value), format!("`{}` is no amount", name.value));
            name.span.problem(problems, message, None);
        }
        Some(index)
    });
    let mandatory = reader.flag("mandatory", problems).unwrap_or(false);
    let source = read_source(reader, problems);
    let takes_cells = *form == "detector" && !matches!(body, Some(Body::Sheet(_)));
    let examples = match dataset {
        Some(dataset) => read_examples(reader, problems, scope.pack, dataset),
        None if takes_cells => read_cell_examples(reader, problems),
        None => Examples::default(),
    };
    let needs_examples = !matches!(body, Some(Body::Sheet(_)) | None);
    if needs_examples && (examples.pass.is_empty() || examples.fail.is_empty()) {
        let message = Text::new(format!("{} 缺少例子", id.value), format!("{} shows no examples", id.value));
        let help = Text::new("`pass` 和 `fail` 至少各写一条记录", "give at least one `pass` and one `fail` record");
        id.span.problem(problems, message, Some(help));
    }
    let in_force = from <= scope.date && scope.date <= until;
    let rule = Rule {
        place: id.span.file_line(),
        id: id.value,
        severity: severity?,
        on,
        body: body?,
        fields,
        message: message.value,
        fix: fix.value,
        values,
        source,
        amount,
        examples,
        expanded: false,
        mandatory,
    };
    in_force.then_some(rule)
}

fn check_id(id: &At<String>, scope: &RuleScope<'_>, problems: &mut Problems, ids: &mut BTreeMap<String, Span>) {
    if id.value.is_empty() {
        return;
    }
    let parts: Vec<_> = id.value.split('-').collect();
    let word = |part: &str| (2..=5).contains(&part.len()) && part.chars().all(|c| c.is_ascii_uppercase());
    let good = matches!(parts.as_slice(), [dataset, topic, number]
        if word(dataset) && word(topic) && number.len() == 3 && number.chars().all(|c| c.is_ascii_digit()));
    if !good {
        let message = Text::new(format!("`{}` 不是规则编号", id.value), format!("`{}` is no rule id", id.value));
        let help = Text::new("数据集-主题-三位数字，如 LOAN-AMT-001", "dataset, topic, number, such as LOAN-AMT-001");
        id.span.problem(problems, message, Some(help));
    }
    if scope.pack.retired.contains(&id.value) {
        let message = Text::new(format!("编号 {} 已停用", id.value), format!("{} is retired", id.value));
        let help =
            Text::new("停用的编号不再使用，请取下一个空号", "ids are never used again; take the next free number");
        id.span.problem(problems, message, Some(help));
    }
    if let Some(first) = ids.get(&id.value) {
        let (name, place) = (&id.value, first.file_line());
        let message = Text::new(
            format!("两条规则编号相同：{name}，另一条在 {place}"),
            format!("two rules have the id {name}; the other is at {place}"),
        );
        id.span.problem(problems, message, None);
    } else {
        ids.insert(id.value.clone(), id.span.clone());
    }
}

fn dataset_of(name: &At<String>, scope: &RuleScope<'_>, problems: &mut Problems) -> Option<usize> {
    dataset_index(name, &scope.pack.datasets, problems)
}

/// Index of a dataset; an unknown one is a problem.
pub(crate) fn dataset_index(name: &At<String>, datasets: &[Dataset], problems: &mut Problems) -> Option<usize> {
    let index = datasets.iter().position(|dataset| dataset.id == name.value);
    // An empty name was reported as missing.
    if index.is_none() && !name.value.is_empty() {
        let help = did_you_mean(&name.value, datasets.iter().map(|dataset| dataset.id.as_str()));
        let message = Text::new(format!("没有数据集 `{}`", name.value), format!("unknown dataset `{}`", name.value));
        name.span.problem(problems, message, help);
    }
    index
}

/// Index of a field; an unknown one is a problem.
pub(crate) fn field_of(name: &At<String>, dataset: &Dataset, problems: &mut Problems) -> Option<u16> {
    let index = dataset.field_index(&name.value);
    // An empty name was reported as missing.
    if index.is_none() && !name.value.is_empty() {
        let help = did_you_mean(&name.value, dataset.fields.iter().map(|field| field.id.as_str()));
        name.span.problem(problems, unknown_field(&name.value, dataset), help);
    }
    index
}

/// That a dataset has no such field.
pub(super) fn unknown_field(name: &str, dataset: &Dataset) -> Text {
    let dataset = &dataset.id;
    Text::new(format!("{dataset} 没有字段 `{name}`"), format!("unknown field `{name}` of {dataset}"))
}

/// The names in braces of a text.
pub fn placeholders(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// Reports placeholders nobody fills, each where it stands. `complete` tells that the condition could be read: what
/// it gives to the texts is known.
fn check_placeholders(
    text: &TextAt,
    dataset: Option<&Dataset>,
    extra: &BTreeSet<String>,
    complete: bool,
    problems: &mut Problems,
) {
    for (text, span) in [(&text.value.zh, &text.zh), (&text.value.en, &text.en)] {
        let mut seen = BTreeSet::new();
        for name in placeholders(text) {
            let known = extra.contains(name)
                || name == sql::UNIT_COLUMN
                || (!complete && name.starts_with(PRIOR_PREFIX))
                || dataset.is_some_and(|dataset| dataset.field_index(name).is_some());
            if known || !seen.insert(name) {
                continue;
            }
            let fields = dataset.into_iter().flat_map(|dataset| dataset.fields.iter().map(|field| field.id.as_str()));
            let help = did_you_mean(name, fields.chain(extra.iter().map(String::as_str)));
            let message = Text::new(
                format!("占位符 {{{name}}} 没有对应的字段"),
                format!("the text has an unknown placeholder {{{name}}}"),
            );
            let written = format!("{{{name}}}");
            let before = text.split(&written).next().unwrap_or_default().chars().count();
            span.inside(before, written.chars().count()).problem(problems, message, help);
        }
    }
}
