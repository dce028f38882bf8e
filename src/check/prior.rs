//! Last period's values of the same records, by record key.

use anyhow::{Context as _, Result};
use polars::prelude::{Column, IdxCa, IdxSize, PlHashMap};

use super::{Evaluation, keys};
use crate::pack::{Field, sql::prior_column};

/// For each of `fields` a column with the prior period's value of the record with the same key; null where there is no
/// such record or no prior period.
pub fn prior_columns(evaluation: &Evaluation<'_>, dataset: usize, fields: &[String]) -> Result<Vec<Column>> {
    let input = evaluation.input;
    let (Some(declared), Some(table)) = (input.pack.datasets.get(dataset), input.tables.get(dataset)) else {
        return Ok(Vec::new());
    };
    let declared_field = |name: &str| declared.fields.iter().find(|field| field.id == *name);
    let height = table.height();
    let Some(prior) = input.prior.and_then(|prior| prior.tables.get(dataset)) else {
        let nulls =
            |field: &Field| Column::full_null(prior_column(&field.id).as_str().into(), height, &field.data_type());
        return Ok(fields.iter().filter_map(|name| declared_field(name)).map(nulls).collect());
    };
    let prior_keys = keys::row_keys(&prior.frame, declared, &declared.key)?;
    let mut at: PlHashMap<&str, IdxSize> = PlHashMap::default();
    for (index, key) in (0..).zip(prior_keys.iter()) {
        if let Some(key) = key {
            at.entry(key).or_insert(index);
        }
    }
    let own_keys = keys::row_keys(&table.frame, declared, &declared.key)?;
    let indexes: IdxCa = own_keys.iter().map(|key| key.and_then(|key| at.get(key).copied())).collect();
    fields
        .iter()
        .map(|name| {
            let column = prior.frame.column(name).with_context(|| format!("prior period: field {name}"))?;
            let taken = column.take(&indexes).with_context(|| format!("prior period: field {name}"))?;
            Ok(taken.with_name(prior_column(name).as_str().into()))
        })
        .collect()
}
