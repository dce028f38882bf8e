//! Why an example may have come out otherwise: what the condition reads and the example leaves blank.
//!
//! Guesses from the texts of the rule; evaluates nothing.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    finding::RuleCount,
    job::{Calendar, Period},
    pack::{
        Body, Dataset, Example, Rule, RulePack,
        examples::PRIOR_PREFIX,
        functions::Context,
        load::parameter_values,
        sql::{self, Scope, prior_column},
    },
    text::Text,
};

/// The likely reason for the outcome `count` of an example; `skip` tells that it shows a record the rule is not about.
pub fn why(
    pack: &RulePack,
    rule: &Rule,
    example: &Example,
    skip: bool,
    count: RuleCount,
    (period, calendar): (Period, &Calendar),
) -> Option<Text> {
    let dataset = pack.datasets.get(rule.on?)?;
    let reads = |condition: &str| reads(condition, pack, dataset, period, calendar);
    let (when, assert) = conditions(&rule.body);
    let (lead, names) = if matches!(rule.body, Body::Derived(_)) {
        // It has no `when`; which records it applies to only the program knows.
        return None;
    } else if skip {
        let Some(when) = when else {
            return Some(Text::new(
                "规则没有 `when`，对每条记录都适用",
                "the rule has no `when`: it is about every record",
            ));
        };
        (Text::new("适用：`when` 成立", "eligible: `when` is true"), reads(when))
    } else if count.eligible == 0 {
        (Text::new("不适用：`when` 不成立", "not eligible: `when` is not true"), reads(when?))
    } else if count.not_evaluable > 0 {
        match assert {
            Some(assert) => {
                (Text::new("不可判定：`assert` 没有结果", "not evaluable: `assert` gave no answer"), reads(assert))
            }
            None => (Text::new("不可判定", "not evaluable"), key_fields(&rule.body, dataset)),
        }
    } else {
        return None;
    };
    Some(with_fields(lead, &names, example))
}

/// The reason with the fields read, or those of them that a record of the example leaves blank.
fn with_fields(lead: Text, names: &[String], example: &Example) -> Text {
    let blank: Vec<_> = names
        .iter()
        .filter(|name| example.rows.iter().any(|row| !row.contains_key(*name)))
        .map(String::as_str)
        .collect();
    let Text { zh, en } = lead;
    if names.is_empty() {
        Text { zh, en }
    } else if blank.is_empty() {
        Text::new(format!("{zh}；它读取 {}", names.join("、")), format!("{en}; it reads {}", names.join(", ")))
    } else {
        Text::new(
            format!("{zh}；它读取 {}，例子里没有填", blank.join("、")),
            format!("{en}; it reads {}, which the example leaves blank", blank.join(", ")),
        )
    }
}

/// The condition for a record to be eligible, and the one it must satisfy.
fn conditions(body: &Body) -> (Option<&str>, Option<&str>) {
    match body {
        Body::Assert { when, assert } => (when.as_deref(), Some(assert)),
        Body::Unique { when, .. }
        | Body::Refers { when, .. }
        | Body::Determines { when, .. }
        | Body::Sum { when, .. }
        | Body::Change { when, .. } => (when.as_deref(), None),
        Body::Query { .. } | Body::Derived(_) | Body::Cell(_) | Body::Sheet(_) => (None, None),
    }
}

/// What a condition reads, by the names example records use.
fn reads(condition: &str, pack: &RulePack, dataset: &Dataset, period: Period, calendar: &Calendar) -> Vec<String> {
    let (schema, params) = (dataset.schema(), parameter_values(pack, period));
    let context = Arc::new(Context::new(period.data_date(), calendar.clone(), &pack.codes));
    let Ok(condition) = sql::compile(condition, Scope { schema: &schema, params: &params, context: &context }) else {
        return Vec::new();
    };
    let exprs = condition.calls.into_iter().map(|call| call.expr).chain(std::iter::once(condition.expr));
    let columns: BTreeSet<String> =
        exprs.flat_map(|expr| expr.meta().root_names()).map(|name| name.to_string()).collect();
    let mut names: Vec<_> = condition.fields.into_iter().filter(|field| columns.contains(field)).collect();
    let prior = condition.prior.into_iter().filter(|field| columns.contains(&prior_column(field)));
    names.extend(prior.map(|field| format!("{PRIOR_PREFIX}{field}")));
    names
}

/// The fields a rule about several records compares.
fn key_fields(body: &Body, dataset: &Dataset) -> Vec<String> {
    let indexes: Vec<u16> = match body {
        Body::Unique { key, .. } | Body::Refers { key, .. } => key.clone(),
        Body::Determines { key, field, .. } | Body::Sum { key, field, .. } => {
            key.iter().chain(std::iter::once(field)).copied().collect()
        }
        _ => Vec::new(),
    };
    let fields = indexes.iter().filter_map(|index| dataset.fields.get(usize::from(*index)));
    fields.map(|field| field.id.clone()).collect()
}
