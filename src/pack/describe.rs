//! A rule in words: its dataset, condition and examples as text, for people who read the catalogue.

use serde_json::json;

use super::{Body, Literal, Measure, Rule, RulePack};

/// Name of the dataset a rule is about; `*` for rules of all datasets.
pub fn dataset_id<'a>(pack: &'a RulePack, rule: &Rule) -> &'a str {
    rule.on.and_then(|on| pack.datasets.get(on)).map_or("*", |dataset| dataset.id.as_str())
}

/// What a rule checks, in the words of the pack: key and text, as they stand in the file.
pub fn condition(pack: &RulePack, rule: &Rule) -> Vec<(&'static str, String)> {
    let dataset = |index: usize| pack.datasets.get(index);
    let names = |index: usize, fields: &[u16]| {
        let fields = fields.iter().filter_map(|field| dataset(index)?.fields.get(usize::from(*field)));
        fields.map(|field| field.id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let id = |index: usize| dataset(index).map_or("", |dataset| dataset.id.as_str());
    let on = rule.on.unwrap_or_default();
    let mut parts = Vec::new();
    let when = match &rule.body {
        Body::Assert { when, .. }
        | Body::Unique { when, .. }
        | Body::Refers { when, .. }
        | Body::Determines { when, .. }
        | Body::Sum { when, .. }
        | Body::Change { when, .. } => when.as_ref(),
        Body::Cell(_) | Body::Sheet(_) | Body::Query { .. } | Body::Derived(_) => None,
    };
    parts.extend(when.map(|when| ("when", when.clone())));
    parts.push(match &rule.body {
        Body::Cell(kind) => ("detector", kind.name().to_owned()),
        Body::Sheet(check) => ("detector", check.name().to_owned()),
        Body::Assert { assert, .. } => ("assert", assert.clone()),
        Body::Unique { key, .. } => ("unique", names(on, key)),
        Body::Refers { key, to, to_key, to_when, .. } => {
            let counted = to_when.as_ref().map(|when| format!(" where {when}")).unwrap_or_default();
            ("refers", format!("{} -> {}({}){counted}", names(on, key), id(*to), names(*to, to_key)))
        }
        Body::Determines { key, field, with, .. } => {
            let with: Vec<_> = with.iter().map(|(other, ..)| id(*other)).collect();
            ("determines", format!("{} -> {} [{}]", names(on, key), names(on, &[*field]), with.join(", ")))
        }
        Body::Sum { field, of, of_field, of_when, tolerance, .. } => (
            "sum",
            format!(
                "{} = sum({}.{}) where {} ± {}",
                names(on, &[*field]),
                id(*of),
                names(*of, &[*of_field]),
                of_when.as_deref().unwrap_or("true"),
                number(tolerance),
            ),
        ),
        Body::Change { of, absolute, percent, fall, institution, .. } => {
            let measure = match of {
                Measure::Count => "count".to_owned(),
                Measure::Unchanged => "unchanged".to_owned(),
                Measure::Sum(field) => format!("sum({})", names(on, &[*field])),
            };
            let of_all = if *institution { " of the institution" } else { "" };
            let (absolute, rise, fall) = (number(&absolute.value), number(&percent.value), number(&fall.value));
            ("change", format!("{measure}{of_all}: more than {absolute} and more than +{rise} / -{fall} %"))
        }
        Body::Query { sql } => ("query", sql.clone()),
        Body::Derived(check) => ("derived", check.name().to_owned()),
    });
    parts.extend(rule.values.iter().map(|(name, sql)| ("value", format!("{name} = {sql}"))));
    parts
}

/// The examples of a rule: `pass`, `fail` or `skip`, and the records.
pub fn examples(rule: &Rule) -> Vec<(&'static str, String)> {
    let kinds = [("pass", &rule.examples.pass), ("fail", &rule.examples.fail), ("skip", &rule.examples.skip)];
    let text =
        |example: &super::Example| example.rows.iter().map(|row| json!(row).to_string()).collect::<Vec<_>>().join("\n");
    kinds.into_iter().flat_map(|(name, list)| list.iter().map(move |example| (name, text(example)))).collect()
}

/// A value as written.
pub fn number(literal: &Literal) -> String {
    match literal {
        Literal::Integer(number) => number.to_string(),
        Literal::Decimal(digits) => digits.clone(),
        Literal::Text(text) => text.clone(),
        Literal::Date(date) => date.to_string(),
        Literal::Bool(flag) => flag.to_string(),
    }
}
