//! Reading one `[[rule]]` block into a [`Rule`] known to be good.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::NaiveDate;
use polars::prelude::{DataFrame, DataType, IntoLazy, Schema};

use super::{
    Body, Dataset, DerivedCheck, Examples, FieldKind, Literal, Measure, Rule, RulePack, SheetCheck,
    examples::{PRIOR_PREFIX, read_cell_examples, read_examples},
    functions::Context,
    load::{SEVERITIES, read_source, required_choice},
    sql::{self, Condition, Mistakes, Scope},
};
use crate::{
    derive,
    problem::{At, Problems, Reader, Span, TextAt, did_you_mean},
    table::FaultKind,
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
const OTHER_KEYS: [&str; 10] =
    ["message", "fix", "fields", "amount", "mandatory", "source", "pass", "fail", "skip", "across_units"];

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
    let BodyReader { placeholders, reads, .. } = parts;

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
    let index = scope.pack.dataset_index(&name.value);
    // An empty name was reported as missing.
    if index.is_none() && !name.value.is_empty() {
        let help = did_you_mean(&name.value, scope.pack.datasets.iter().map(|dataset| dataset.id.as_str()));
        let message = Text::new(format!("没有数据集 `{}`", name.value), format!("unknown dataset `{}`", name.value));
        name.span.problem(problems, message, help);
    }
    index
}

/// Index of a field; an unknown one is a problem.
pub(super) fn field_of(name: &At<String>, dataset: &Dataset, problems: &mut Problems) -> Option<u16> {
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

struct BodyReader<'r, 'a, 'i, 's> {
    reader: &'r mut Reader<'a, 'i>,
    problems: &'r mut Problems,
    scope: &'s RuleScope<'s>,
    on: Option<usize>,
    when: Option<At<String>>,
    /// Placeholders the texts may use besides the fields.
    placeholders: BTreeSet<String>,
    /// Fields the condition reads.
    reads: Vec<String>,
}

impl BodyReader<'_, '_, '_, '_> {
    fn body(&mut self, name: &str) -> Option<Body> {
        if name == "detector" {
            return self.detector();
        }
        if self.on.is_none() {
            if !self.reader.has("on") {
                self.reader.missing("on", self.problems);
            }
            // Known, so that it is not also reported as unknown; its own faults show once the dataset is named.
            self.reader.pass_over(&[name]);
            return None;
        }
        if name == "derived" {
            return self.derived();
        }
        let when = self.when();
        match name {
            "assert" => self.assert(when),
            "unique" => {
                let key = self.own_fields("unique");
                self.more_placeholders(&["count", "others"]);
                let across_units = self.reader.flag("across_units", self.problems).unwrap_or(false);
                Some(Body::Unique { when, key, across_units })
            }
            "refers" => self.refers(when),
            "determines" => self.determines(when),
            "sum" => self.sum(when),
            "change" => self.change(when),
            _ => self.query(),
        }
    }

    fn more_placeholders(&mut self, names: &[&str]) {
        self.placeholders.extend(names.iter().map(|name| (*name).to_owned()));
    }

    fn own_fields(&mut self, key: &str) -> Vec<u16> {
        let names = self.reader.texts(key, self.problems);
        let Some(dataset) = self.on.and_then(|on| self.scope.pack.datasets.get(on)) else { return Vec::new() };
        let fields: Vec<_> = names.iter().filter_map(|name| field_of(name, dataset, self.problems)).collect();
        self.reads.extend(names.into_iter().map(|name| name.value));
        fields
    }

    fn compile(&mut self, text: &At<String>, dataset: &Dataset) -> Option<Condition> {
        let schema = dataset.schema();
        let scope = Scope { schema: &schema, params: self.scope.params, context: self.scope.context };
        match sql::compile(&text.value, scope) {
            Ok(condition) => Some(condition),
            Err(mistakes) => {
                report(mistakes, text, self.problems);
                None
            }
        }
    }

    fn when(&mut self) -> Option<String> {
        let when = self.when.take()?;
        let dataset = self.scope.pack.datasets.get(self.on?)?;
        let condition = self.compile(&when, dataset)?;
        if condition.windowed {
            let message = Text::new(
                "`when` 只看一条记录；OVER 写在 `assert` 里",
                "`when` looks at one record; windows belong in `assert`",
            );
            when.span.problem(self.problems, message, None);
        }
        Some(when.value)
    }

    fn assert(&mut self, when: Option<String>) -> Option<Body> {
        let assert = self.reader.text("assert", self.problems)?;
        let dataset = self.scope.pack.datasets.get(self.on?)?;
        let condition = self.compile(&assert, dataset)?;
        if condition.windowed && when.is_none() {
            let message = Text::new("用 OVER 的规则要有 `when`", "a window needs a `when`");
            let help = Text::new(
                "没有键值的记录会归为一组；写 `when = \"键 IS NOT NULL\"`",
                "records without a key fall into one group; say `when = \"key IS NOT NULL\"`",
            );
            assert.span.problem(self.problems, message, Some(help));
        }
        self.placeholders.extend(condition.prior.iter().map(|field| format!("{PRIOR_PREFIX}{field}")));
        self.reads.extend(condition.fields);
        self.reads.extend(condition.prior);
        Some(Body::Assert { when, assert: assert.value })
    }

    fn detector(&mut self) -> Option<Body> {
        let name = self.reader.text("detector", self.problems)?;
        let cells = FaultKind::ALL.map(|kind| (kind.name(), Body::Cell(kind)));
        let sheets = SheetCheck::ALL.map(|check| (check.name(), Body::Sheet(check)));
        self.more_placeholders(&["heading", "value", "rows", "sheet", "columns", "dataset", "other"]);
        let all: Vec<_> = cells.into_iter().chain(sheets).collect();
        let found = all.iter().find(|(known, _)| *known == name.value).map(|(_, body)| body.clone());
        if found.is_none() {
            let help = did_you_mean(&name.value, all.iter().map(|(known, _)| *known));
            let message =
                Text::new(format!("没有检测项 `{}`", name.value), format!("unknown detector `{}`", name.value));
            name.span.problem(self.problems, message, help);
        }
        found
    }

    fn derived(&mut self) -> Option<Body> {
        let name = self.reader.text("derived", self.problems)?;
        if let Some(when) = self.when.take() {
            let message = Text::new(
                "派生的检查自己决定适用哪些记录，不能写 when",
                "what is derived says itself which records it applies to",
            );
            when.span.problem(self.problems, message, None);
        }
        let Some(check) = DerivedCheck::ALL.into_iter().find(|check| check.name() == name.value) else {
            let help = did_you_mean(&name.value, DerivedCheck::ALL.map(DerivedCheck::name));
            let message = Text::new(
                format!("没有派生检查 `{}`", name.value),
                format!("nothing derived is called `{}`", name.value),
            );
            name.span.problem(self.problems, message, help);
            return None;
        };
        let pack = self.scope.pack;
        let on = self.on.and_then(|on| pack.datasets.get(on))?;
        if on.id != check.dataset() {
            let line = format!("on = \"{}\"", check.dataset());
            let message = Text::new(
                format!("`{}` 不是关于 {} 的检查", name.value, on.id),
                format!("`{}` is not about {}", name.value, on.id),
            );
            name.span.problem(self.problems, message, Some(Text::new(line.clone(), line)));
        } else if let Err(lacking) = derive::possible(&pack.datasets, self.scope.params) {
            let message = Text::new(
                format!("`{}` 无法派生：{}", name.value, lacking.zh),
                format!("`{}` cannot be derived: {}", name.value, lacking.en),
            );
            name.span.problem(self.problems, message, None);
        }
        self.more_placeholders(check.placeholders());
        self.reads.push(check.field().to_owned());
        Some(Body::Derived(check))
    }

    fn refers(&mut self, when: Option<String>) -> Option<Body> {
        let mut target = None;
        let mut key = Vec::new();
        let mut to_key = Vec::new();
        let mut same_unit = false;
        let scope = self.scope;
        self.reader.table("refers", self.problems, |reader, problems| {
            let to = reader.required_text("to", problems);
            target = dataset_of(&to, scope, problems);
            key = reader.texts("key", problems);
            to_key = reader.texts("to_key", problems);
            same_unit = reader.flag("same_unit", problems).unwrap_or(false);
            if key.is_empty() {
                reader.missing("key", problems);
            }
        });
        let there = scope.pack.datasets.get(target?)?;
        let names = if to_key.is_empty() { &key } else { &to_key };
        let to_key: Vec<_> = names.iter().filter_map(|name| field_of(name, there, self.problems)).collect();
        let key = self.fields_here(key);
        self.same_length(&key, &to_key);
        Some(Body::Refers { when, key, to: target?, to_key, same_unit })
    }

    fn fields_here(&mut self, names: Vec<At<String>>) -> Vec<u16> {
        let Some(dataset) = self.on.and_then(|on| self.scope.pack.datasets.get(on)) else { return Vec::new() };
        let fields = names.iter().filter_map(|name| field_of(name, dataset, self.problems)).collect();
        self.reads.extend(names.into_iter().map(|name| name.value));
        fields
    }

    fn same_length(&mut self, one: &[u16], other: &[u16]) {
        if one.len() != other.len() {
            let message = Text::new("两边的键字段个数要相同", "both keys need the same number of fields");
            self.reader.span.problem(self.problems, message, None);
        }
    }

    fn determines(&mut self, when: Option<String>) -> Option<Body> {
        let mut key = Vec::new();
        let mut field = None;
        let mut with = Vec::new();
        let scope = self.scope;
        self.reader.table("determines", self.problems, |reader, problems| {
            key = reader.texts("key", problems);
            field = Some(reader.required_text("field", problems));
            reader.tables("with", problems, |reader, problems| {
                let dataset = reader.required_text("dataset", problems);
                let keys = reader.texts("key", problems);
                let value = reader.required_text("field", problems);
                let index = dataset_of(&dataset, scope, problems);
                if let Some((index, there)) = index.and_then(|index| Some((index, scope.pack.datasets.get(index)?))) {
                    let keys: Vec<_> = keys.iter().filter_map(|name| field_of(name, there, problems)).collect();
                    with.extend(field_of(&value, there, problems).map(|value| (index, keys, value)));
                }
            });
        });
        self.more_placeholders(&["usual", "count"]);
        let own = self.on.and_then(|on| scope.pack.datasets.get(on))?;
        let value = field_of(&field?, own, self.problems)?;
        let key = self.fields_here(key);
        // Only the value is at fault, so only its cell is marked by default.
        self.reads = own.fields.get(usize::from(value)).map(|field| field.id.clone()).into_iter().collect();
        Some(Body::Determines { when, key, field: value, with })
    }

    fn sum(&mut self, when: Option<String>) -> Option<Body> {
        let scope = self.scope;
        self.more_placeholders(&["sum", "difference"]);
        let own = self.on.and_then(|on| scope.pack.datasets.get(on))?;
        let mut parts = None;
        let mut of_when = None;
        self.reader.table("sum", self.problems, |reader, problems| {
            let field = reader.required_text("field", problems);
            let key = reader.texts("key", problems);
            let of = reader.required_text("of", problems);
            let of_field = reader.required_text("of_field", problems);
            let of_key = reader.texts("of_key", problems);
            of_when = reader.text("of_when", problems);
            let tolerance = reader.literal("tolerance", problems);
            let of = dataset_of(&of, scope, problems)?;
            let there = scope.pack.datasets.get(of)?;
            let names = if of_key.is_empty() { &key } else { &of_key };
            let of_key: Vec<_> = names.iter().filter_map(|name| field_of(name, there, problems)).collect();
            let key: Vec<_> = key.iter().filter_map(|name| field_of(name, own, problems)).collect();
            let field = field_of(&field, own, problems)?;
            let of_field = field_of(&of_field, there, problems)?;
            let tolerance = tolerance.map_or(Literal::Integer(0), |literal| literal.value);
            parts = Some((field, key, of, of_field, of_key, tolerance));
            Some(())
        });
        let (field, key, of, of_field, of_key, tolerance) = parts?;
        self.same_length(&key, &of_key);
        let there = scope.pack.datasets.get(of)?;
        if let Some(condition) = &of_when {
            self.compile(condition, there)?;
        }
        let is_number = |dataset: &Dataset, field: u16| {
            dataset
                .fields
                .get(usize::from(field))
                .is_some_and(|field| matches!(field.data_type(), DataType::Decimal(..)))
        };
        if !is_number(own, field) || !is_number(there, of_field) {
            let message = Text::new("sum 只比较金额或小数字段", "a sum compares amounts or decimals");
            self.reader.span.problem(self.problems, message, None);
        }
        self.reads.extend(own.fields.get(usize::from(field)).map(|field| field.id.clone()));
        let of_when = of_when.map(|condition| condition.value);
        Some(Body::Sum { when, field, key, of, of_field, of_key, of_when, tolerance })
    }

    fn change(&mut self, when: Option<String>) -> Option<Body> {
        let scope = self.scope;
        let own = self.on.and_then(|on| scope.pack.datasets.get(on))?;
        let mut measure = None;
        let mut bounds = [None, None];
        self.reader.table("change", self.problems, |reader, problems| {
            let of = reader.required_text("of", problems);
            measure = if of.value == "count" {
                Some(Measure::Count)
            } else if of.value == "unchanged" {
                Some(Measure::Unchanged)
            } else if let Some(name) = of.value.strip_prefix("sum(").and_then(|rest| rest.strip_suffix(')')) {
                let name = At { value: name.to_owned(), span: of.span };
                field_of(&name, own, problems).map(Measure::Sum)
            } else {
                if !of.value.is_empty() {
                    let message = Text::new(
                        "指标写 `count`、`sum(字段)` 或 `unchanged`",
                        "a measure is `count`, `sum(field)` or `unchanged`",
                    );
                    of.span.problem(problems, message, None);
                }
                None
            };
            for (bound, key) in bounds.iter_mut().zip(["absolute", "percent"]) {
                let literal = reader.literal(key, problems);
                if literal.is_none() && !reader.has(key) {
                    reader.missing(key, problems);
                }
                *bound = literal.and_then(|literal| bound_value(&literal, scope, problems));
            }
        });
        self.more_placeholders(&["now", "prior", "difference", "percent"]);
        let [absolute, percent] = bounds;
        Some(Body::Change { when, of: measure?, absolute: absolute?, percent: percent? })
    }

    fn query(&mut self) -> Option<Body> {
        let text = self.reader.text("query", self.problems)?;
        let sql = match sql::prepare_query(&text.value, self.scope.params) {
            Ok(sql) => sql,
            Err(mistakes) => {
                report(mistakes, &text, self.problems);
                return None;
            }
        };
        let frames: Vec<_> = self
            .scope
            .pack
            .datasets
            .iter()
            .map(|dataset| {
                let schema: Schema = sql::query_schema(&dataset.schema());
                (dataset.id.clone(), DataFrame::empty_with_schema(&schema).lazy())
            })
            .collect();
        if let Err(message) = sql::run_query(&sql, &frames) {
            let help =
                Text::new("查询用 `_row` 列返回有问题的记录", "it returns the records at fault in a column `_row`");
            text.span.problem(self.problems, sql::engine(&message), Some(help));
            return None;
        }
        Some(Body::Query { sql })
    }
}

/// A bound: a number, or the number of a parameter (`"$name"`).
fn bound_value(literal: &At<Literal>, scope: &RuleScope<'_>, problems: &mut Problems) -> Option<Literal> {
    let value = match &literal.value {
        Literal::Text(text) => {
            let name = text.trim_start_matches('$');
            let found = scope.params.get(name).cloned();
            if found.is_none() {
                let help = did_you_mean(name, scope.params.keys().map(String::as_str));
                let message = Text::new(format!("没有参数 `{text}`"), format!("unknown parameter `{text}`"));
                literal.span.problem(problems, message, help);
            }
            found?
        }
        other => other.clone(),
    };
    if !matches!(value, Literal::Integer(_) | Literal::Decimal(_)) {
        let message = Text::new("界限是数字，或值为数字的参数", "a bound is a number, or a parameter that is one");
        literal.span.problem(problems, message, None);
        return None;
    }
    Some(value)
}

fn report(mistakes: Mistakes, text: &At<String>, problems: &mut Problems) {
    for mistake in mistakes.0 {
        text.span.inside(mistake.offset, mistake.length).problem(problems, mistake.message, mistake.help);
    }
}
