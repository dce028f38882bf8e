//! Reading the records that show what a rule does (`pass`, `fail`, `skip`).

use std::collections::BTreeMap;

use super::{Dataset, Example, Examples, Field, FieldKind, Literal, RulePack, rules::unknown_field};
use crate::{
    problem::{At, Problems, Reader, did_you_mean},
    text::Text,
};

/// A record of an example.
pub type Row = BTreeMap<String, Literal>;

/// Prefix of a value of the prior period in an example record.
pub const PRIOR_PREFIX: &str = "prior_";

/// Reads the examples of a rule on `dataset`.
pub(super) fn read_examples(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    pack: &RulePack,
    dataset: &Dataset,
) -> Examples {
    let mut list = |key: &str| {
        let mut examples = Vec::new();
        reader.tables(key, problems, |reader, problems| {
            examples.push(read_example(reader, problems, pack, dataset));
        });
        examples
    };
    Examples { pass: list("pass"), fail: list("fail"), skip: list("skip") }
}

fn read_example(reader: &mut Reader<'_, '_>, problems: &mut Problems, pack: &RulePack, dataset: &Dataset) -> Example {
    if !reader.has("rows") {
        let row = read_row(reader, problems, dataset);
        return Example { rows: vec![row], ..Example::default() };
    }
    let mut example = Example::default();
    reader.tables("rows", problems, |reader, problems| example.rows.push(read_row(reader, problems, dataset)));
    for at in reader.counts("at", problems) {
        let index = at.value as usize;
        if index >= example.rows.len() {
            let message = Text::new(
                format!("没有第 {index} 条记录；从 0 数起"),
                format!("there is no record {index}; the first is 0"),
            );
            at.span.problem(problems, message, None);
        }
        example.at.push(index);
    }
    reader.table("params", problems, |reader, problems| {
        for key in reader.keys() {
            let Some(literal) = reader.literal(&key.value, problems) else { continue };
            if !pack.params.contains_key(&key.value) {
                let help = did_you_mean(&key.value, pack.params.keys().map(String::as_str));
                let message =
                    Text::new(format!("没有参数 `{}`", key.value), format!("unknown parameter `{}`", key.value));
                key.span.problem(problems, message, help);
            }
            example.params.insert(key.value, literal.value);
        }
    });
    for other in &pack.datasets {
        let mut rows = Vec::new();
        reader.tables(&other.id, problems, |reader, problems| rows.push(read_row(reader, problems, other)));
        if !rows.is_empty() {
            example.others.insert(other.id.clone(), rows);
        }
    }
    reader.table("prior", problems, |reader, problems| {
        for other in &pack.datasets {
            let mut rows = Vec::new();
            reader.tables(&other.id, problems, |reader, problems| rows.push(read_row(reader, problems, other)));
            if !rows.is_empty() {
                example.prior.insert(other.id.clone(), rows);
            }
        }
    });
    example
}

fn read_row(reader: &mut Reader<'_, '_>, problems: &mut Problems, dataset: &Dataset) -> Row {
    let keys = reader.keys();
    read_fields(reader, problems, dataset, keys)
}

/// Reads the values of a record under `keys`.
pub(crate) fn read_fields(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    dataset: &Dataset,
    keys: Vec<At<String>>,
) -> Row {
    let mut row = Row::new();
    for key in keys {
        let Some(literal) = reader.literal(&key.value, problems) else { continue };
        let field = key.value.strip_prefix(PRIOR_PREFIX).unwrap_or(&key.value);
        if key.value == super::sql::UNIT_COLUMN {
            row.insert(key.value, literal.value);
            continue;
        }
        let declared = dataset.field_index(field).and_then(|index| dataset.fields.get(usize::from(index)));
        if let Some(declared) = declared {
            check_type(declared, &literal, problems);
            row.insert(key.value, literal.value);
        } else {
            let help = did_you_mean(field, dataset.fields.iter().map(|field| field.id.as_str()));
            key.span.problem(problems, unknown_field(field, dataset), help);
        }
    }
    row
}

fn check_type(field: &Field, literal: &At<Literal>, problems: &mut Problems) {
    let good = match field.kind {
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
            matches!(literal.value, Literal::Text(_))
        }
        FieldKind::Amount | FieldKind::Decimal => matches!(literal.value, Literal::Integer(_) | Literal::Decimal(_)),
        FieldKind::Integer => matches!(literal.value, Literal::Integer(_)),
        FieldKind::Date => matches!(literal.value, Literal::Date(_)),
    };
    if !good {
        let message = Text::new(format!("`{}` 是别的类型", field.id), format!("`{}` is of another type", field.id));
        let help = Text::new("文字加引号，数字和日期不加", "text in quotes, numbers and dates without");
        literal.span.problem(problems, message, Some(help));
    }
}

/// Reads the examples of a cell rule: `{ type, number | text, width, codes }`.
pub(super) fn read_cell_examples(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Examples {
    let mut list = |key: &str| {
        let mut examples = Vec::new();
        reader.tables(key, problems, |reader, problems| {
            let mut row = Row::new();
            for key in ["type", "number", "format", "text", "date", "width", "codes", "error", "formula", "merged"] {
                row.extend(reader.literal(key, problems).map(|literal| (key.to_owned(), literal.value)));
            }
            examples.push(Example { rows: vec![row], ..Example::default() });
        });
        examples
    };
    Examples { pass: list("pass"), fail: list("fail"), skip: list("skip") }
}
