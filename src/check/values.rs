//! Texts a rule computes for its messages: what a number looks like, why it fails.
//!
//! Computed for the records at fault only, after the rule was decided.

use anyhow::{Context as _, Result, anyhow};
use polars::prelude::{IdxCa, IdxSize, IntoLazy, NamedFrom};

use super::{Evaluation, Verdict, record::unit_column};
use crate::{
    finding::{Detail, Place},
    pack::{
        Dataset, Rule,
        functions::SAID_MARK,
        sql::{self, Scope, UNIT_COLUMN},
    },
    table::Table,
    text::Mask,
};

/// Adds the values of `rule` to the details of its findings.
///
/// # Errors
/// If an expression cannot be evaluated: a fault of the pack or of this program.
pub fn add(
    evaluation: &Evaluation<'_>,
    declared: &Dataset,
    table: &Table,
    rule: &Rule,
    verdict: &mut Verdict,
) -> Result<()> {
    let records: Vec<IdxSize> = verdict.places.iter().filter_map(|(place, _)| record_of(*place)).collect();
    if rule.values.is_empty() || records.is_empty() {
        return Ok(());
    }
    let schema = declared.schema();
    let scope = Scope { schema: &schema, params: &evaluation.params, context: &evaluation.context };
    let at_fault = IdxCa::new("".into(), records);
    for (name, text) in &rule.values {
        let value = sql::compile_proven(text, scope).map_err(|mistakes| anyhow!("value {name}: {mistakes}"))?;
        let own: Vec<_> = value.fields.iter().map(String::as_str).filter(|field| *field != UNIT_COLUMN).collect();
        let mut frame = table.frame.select(own)?;
        frame.with_column(unit_column(evaluation, table))?;
        let mut lazy = frame.take(&at_fault)?.lazy();
        for call in &value.calls {
            lazy = lazy.with_columns([call.expr.clone()]);
        }
        let computed = lazy.select([value.expr.clone().alias("value")]).collect().context("a value for a message")?;
        let texts = computed.column("value")?.str()?;
        // What is said of a masked field tells no more than the field's kind of number, so words need no mask.
        let mask = value.fields.iter().filter_map(|id| declared.fields.iter().find(|field| field.id == *id));
        let mask = mask.map(|field| field.mask).find(|mask| *mask != Mask::None).unwrap_or_default();
        let about = verdict.places.iter_mut().filter(|(place, _)| record_of(*place).is_some());
        for ((_, details), text) in about.zip(texts.iter()) {
            let Some(text) = text else { continue };
            let detail = match text.split_once(SAID_MARK) {
                Some((zh, en)) => Detail { text: zh.to_owned(), en: Some(en.to_owned()), mask: Mask::None },
                None => Detail { text: text.to_owned(), en: None, mask },
            };
            details.push((name.clone().into(), detail));
        }
    }
    Ok(())
}

fn record_of(place: Place) -> Option<IdxSize> {
    match place {
        Place::Record { record, .. } => Some(record),
        Place::Unit { .. } | Place::Sheet { .. } => None,
    }
}
