//! What a pack measures as completeness: the share of records whose field is filled, or which another dataset knows
//! (Article 8(4)).
//!
//! A measure, not a rule: it makes no findings and blocks nothing.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Dataset, Literal,
    functions::Context,
    rules::{dataset_index, field_of, report},
    sql::{self, Scope},
};
use crate::{
    problem::{At, Problems, Reader},
    text::Text,
};

/// One measure.
#[derive(Clone, Debug)]
pub struct Completeness {
    /// What is measured, for people.
    pub title: Text,
    /// Index of the dataset.
    pub on: usize,
    /// Which records count, SQL; all if absent.
    pub when: Option<String>,
    /// When a record is complete.
    pub part: Part,
}

/// When a record is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// This field is filled.
    Field(u16),
    /// Another dataset has a record with its key.
    Refers {
        /// Fields of the key here.
        key: Vec<u16>,
        /// Index of the other dataset.
        to: usize,
        /// Fields of the key there.
        to_key: Vec<u16>,
    },
}

/// A measure read but not yet tried: where its condition stands.
pub(super) type Untried = (Completeness, Option<At<String>>);

/// Reads one `[[completeness]]` block.
pub(super) fn read(reader: &mut Reader<'_, '_>, problems: &mut Problems, datasets: &[Dataset]) -> Option<Untried> {
    let title = reader.both_languages("title", problems).value;
    let on = reader.required_text("on", problems);
    let when = reader.text("when", problems);
    let field = reader.text("field", problems);
    let on = dataset_index(&on, datasets, problems);
    let own = on.and_then(|on| datasets.get(on));
    let mut part = None;
    reader.table("refers", problems, |reader, problems| {
        let to = reader.required_text("to", problems);
        let key = reader.texts("key", problems);
        let to_key = reader.texts("to_key", problems);
        let to = dataset_index(&to, datasets, problems)?;
        let (own, there) = (own?, datasets.get(to)?);
        let there_names = if to_key.is_empty() { &key } else { &to_key };
        let to_key: Vec<_> = there_names.iter().filter_map(|name| field_of(name, there, problems)).collect();
        let key: Vec<_> = key.iter().filter_map(|name| field_of(name, own, problems)).collect();
        if key.is_empty() || key.len() != to_key.len() {
            let message = Text::new("两边的键字段个数要相同", "both keys need the same number of fields");
            reader.span.problem(problems, message, None);
        }
        part = Some(Part::Refers { key, to, to_key });
        Some(())
    });
    if field.is_some() == reader.has("refers") {
        let message = Text::new("写 `field` 或 `refers` 其中一个", "it has either a `field` or `refers`");
        reader.span.problem(problems, message, None);
    }
    if let (Some(field), Some(own)) = (field, own) {
        part = field_of(&field, own, problems).map(Part::Field);
    }
    let text = when.as_ref().map(|when| when.value.clone());
    Some((Completeness { title, on: on?, when: text, part: part? }, when))
}

/// The measures with their conditions tried.
pub(super) fn tried(
    read: Vec<Untried>,
    datasets: &[Dataset],
    params: &BTreeMap<String, Literal>,
    context: &Arc<Context>,
    problems: &mut Problems,
) -> Vec<Completeness> {
    let mut measures = Vec::new();
    for (measure, when) in read {
        if let (Some(when), Some(dataset)) = (when, datasets.get(measure.on)) {
            let schema = dataset.schema();
            if let Err(mistakes) = sql::compile(&when.value, Scope { schema: &schema, params, context }) {
                report(mistakes, &when, problems);
                continue;
            }
        }
        measures.push(measure);
    }
    measures
}
