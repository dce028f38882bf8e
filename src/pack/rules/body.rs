//! Reading what a rule checks: its condition, or the form of a rule on many records.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, DataType, IntoLazy, Schema};

use super::{RuleScope, dataset_of, field_of};
use crate::{
    derive,
    pack::{
        Body, Bound, Dataset, DerivedCheck, Literal, Measure, SheetCheck,
        examples::PRIOR_PREFIX,
        sql::{self, Condition, Mistakes, Scope},
    },
    problem::{At, Problems, Reader, did_you_mean},
    table::FaultKind,
    text::Text,
};

/// A rule's body being read.
pub(super) struct BodyReader<'r, 'a, 'i, 's> {
    pub(super) reader: &'r mut Reader<'a, 'i>,
    pub(super) problems: &'r mut Problems,
    pub(super) scope: &'s RuleScope<'s>,
    pub(super) on: Option<usize>,
    pub(super) when: Option<At<String>>,
    /// Placeholders the texts may use besides the fields.
    pub(super) placeholders: BTreeSet<String>,
    /// Fields the condition reads.
    pub(super) reads: Vec<String>,
}

impl BodyReader<'_, '_, '_, '_> {
    /// The body written as `name`; nothing, with a problem, if it is not usable.
    pub(super) fn body(&mut self, name: &str) -> Option<Body> {
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

    /// The placeholders computed for records at fault.
    pub(super) fn values(&mut self) -> Vec<(String, String)> {
        let mut values = Vec::new();
        let Some(dataset) = self.on.and_then(|on| self.scope.pack.datasets.get(on)) else { return values };
        let schema = dataset.schema();
        let scope = Scope { schema: &schema, params: self.scope.params, context: self.scope.context };
        let placeholders = &mut self.placeholders;
        self.reader.table("values", self.problems, |reader, problems| {
            for key in reader.keys() {
                let Some(text) = reader.text(&key.value, problems) else { continue };
                if dataset.field_index(&key.value).is_some() || !placeholders.insert(key.value.clone()) {
                    let message = Text::new(
                        format!("`{}` 已另有所指", key.value),
                        format!("`{}` stands for something else already", key.value),
                    );
                    key.span.problem(problems, message, None);
                }
                match sql::compile_value(&text.value, scope) {
                    Ok(_) => values.push((key.value, text.value)),
                    Err(mistakes) => report(mistakes, &text, problems),
                }
            }
        });
        values
    }

    fn when(&mut self) -> Option<String> {
        let when = self.when.take()?;
        let dataset = self.scope.pack.datasets.get(self.on?)?;
        self.one_record(&when, dataset)?;
        Some(when.value)
    }

    /// Tries a condition that says which records of a dataset count.
    fn one_record(&mut self, condition: &At<String>, dataset: &Dataset) -> Option<()> {
        if self.compile(condition, dataset)?.windowed {
            let message = Text::new(
                "`when` 只看一条记录；OVER 写在 `assert` 里",
                "`when` looks at one record; windows belong in `assert`",
            );
            condition.span.problem(self.problems, message, None);
        }
        Some(())
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
        let mut to_when = None;
        let mut same_unit = false;
        let scope = self.scope;
        self.reader.table("refers", self.problems, |reader, problems| {
            let to = reader.required_text("to", problems);
            target = dataset_of(&to, scope, problems);
            key = reader.texts("key", problems);
            to_key = reader.texts("to_key", problems);
            to_when = reader.text("to_when", problems);
            same_unit = reader.flag("same_unit", problems).unwrap_or(false);
            if key.is_empty() {
                reader.missing("key", problems);
            }
        });
        let there = scope.pack.datasets.get(target?)?;
        if let Some(condition) = &to_when {
            self.one_record(condition, there)?;
        }
        let to_when = to_when.map(|condition| condition.value);
        let names = if to_key.is_empty() { &key } else { &to_key };
        let to_key: Vec<_> = names.iter().filter_map(|name| field_of(name, there, self.problems)).collect();
        let key = self.fields_here(key);
        self.same_length(&key, &to_key);
        Some(Body::Refers { when, key, to: target?, to_key, to_when, same_unit })
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
        let mut bounds = [None, None, None];
        let mut institution = false;
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
            for (bound, key) in bounds.iter_mut().zip(["absolute", "percent", "fall"]) {
                let literal = reader.literal(key, problems);
                if literal.is_none() && !reader.has(key) && key != "fall" {
                    reader.missing(key, problems);
                }
                *bound = literal.and_then(|literal| bound_value(&literal, scope, problems));
            }
            institution = reader.flag("institution", problems).unwrap_or(false);
        });
        self.more_placeholders(&["now", "prior", "difference", "percent", "units"]);
        let [absolute, percent, fall] = bounds;
        let (absolute, percent) = (absolute?, percent?);
        let fall = fall.unwrap_or_else(|| percent.clone());
        Some(Body::Change { when, of: measure?, absolute, percent, fall, institution })
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
        // Prepared again when it runs: an example may set parameters otherwise.
        Some(Body::Query { sql: text.value })
    }
}

/// A bound: a number, or the number of a parameter (`"$name"`).
fn bound_value(literal: &At<Literal>, scope: &RuleScope<'_>, problems: &mut Problems) -> Option<Bound> {
    let bound = match &literal.value {
        Literal::Text(text) => {
            let name = text.trim_start_matches('$');
            let found = scope.params.get(name).cloned();
            if found.is_none() {
                let help = did_you_mean(name, scope.params.keys().map(String::as_str));
                let message = Text::new(format!("没有参数 `{text}`"), format!("unknown parameter `{text}`"));
                literal.span.problem(problems, message, help);
            }
            Bound { param: Some(name.to_owned()), value: found? }
        }
        other => Bound { param: None, value: other.clone() },
    };
    if !matches!(bound.value, Literal::Integer(_) | Literal::Decimal(_)) {
        let message = Text::new("界限是数字，或值为数字的参数", "a bound is a number, or a parameter that is one");
        literal.span.problem(problems, message, None);
        return None;
    }
    Some(bound)
}

/// Reports the mistakes of a condition where they stand.
pub fn report(mistakes: Mistakes, text: &At<String>, problems: &mut Problems) {
    for mistake in mistakes.0 {
        text.span.inside(mistake.offset, mistake.length).problem(problems, mistake.message, mistake.help);
    }
}
