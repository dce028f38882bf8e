//! Cells of a table replaced by others: value, text as submitted and what the detectors found.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use polars::prelude::{
    Column, Int32Chunked, Int64Chunked, Int128Chunked, IntoColumn as _, IntoSeries as _, StringChunked,
};

use crate::{
    ingest::{TypedCell, TypedValue},
    message::{Value, decimal_text},
    pack::{DECIMAL_PRECISION, Dataset, Field, FieldKind},
    table::{CellFault, Table},
};

/// The value of a typed cell however it is spelt, as [`crate::message::Cells::plain`] gives it.
pub fn plain(dataset: &Dataset, field: u16, typed: &TypedCell) -> Option<String> {
    let scale = dataset.fields.get(usize::from(field)).map_or(0, |field| usize::from(field.scale));
    match &typed.value {
        TypedValue::Blank => typed.submitted.as_deref().map(ToOwned::to_owned),
        TypedValue::Text(text) => Some(text.clone()),
        TypedValue::Number(mantissa) => Some(decimal_text(*mantissa, scale)),
        TypedValue::Integer(number) => Some(number.to_string()),
        TypedValue::Day(day) => {
            let date = chrono::NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(i64::from(*day)))?;
            Value::Date(date).text().map(std::borrow::Cow::into_owned)
        }
    }
}

/// Replaces cells. Of several for one cell the last counts.
///
/// # Errors
/// If the table lacks a column of the dataset or has it in another type.
pub fn replace(dataset: &Dataset, table: &mut Table, changes: Vec<(u32, u16, TypedCell)>) -> Result<()> {
    let mut by_field: BTreeMap<u16, BTreeMap<u32, TypedCell>> = BTreeMap::new();
    for (record, field, cell) in changes {
        by_field.entry(field).or_default().insert(record, cell);
    }
    for (index, cells) in by_field {
        let Some(field) = dataset.fields.get(usize::from(index)) else { continue };
        let place = || format!("column `{}` of dataset `{}`", field.id, dataset.id);
        let replaced = column(field, table.frame.column(&field.id).with_context(place)?, &cells).with_context(place)?;
        table.frame.replace(&field.id, replaced).with_context(place)?;
        table.cell_faults.retain(|fault| fault.field != index || !cells.contains_key(&fault.record));
        for (record, cell) in cells {
            match cell.submitted {
                Some(text) => table.submitted.insert((record, index), text),
                None => table.submitted.remove(&(record, index)),
            };
            let faults = cell.faults.into_iter();
            table.cell_faults.extend(faults.map(|kind| CellFault { record, field: index, kind }));
        }
        table.cell_faults.sort_by_key(|fault| (fault.record, fault.field));
    }
    Ok(())
}

fn column(field: &Field, old: &Column, cells: &BTreeMap<u32, TypedCell>) -> Result<Column> {
    let series = match field.kind {
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
            let values =
                (0..).zip(old.str()?.iter()).map(|(record, value)| match cells.get(&record).map(|cell| &cell.value) {
                    None => value,
                    Some(TypedValue::Text(text)) => Some(text.as_str()),
                    Some(_) => None,
                });
            values.collect::<StringChunked>().with_name(field.id.as_str().into()).into_series()
        }
        FieldKind::Amount | FieldKind::Decimal => {
            let decimals = old.decimal()?;
            let values = (0..).zip(decimals.physical().iter());
            let values = values.map(|(record, value)| match cells.get(&record).map(|cell| &cell.value) {
                None => value,
                Some(TypedValue::Number(mantissa)) => Some(*mantissa),
                Some(_) => None,
            });
            let values = values.collect::<Int128Chunked>().with_name(field.id.as_str().into());
            values.into_decimal_unchecked(DECIMAL_PRECISION, usize::from(field.scale)).into_series()
        }
        FieldKind::Integer => {
            let values =
                (0..).zip(old.i64()?.iter()).map(|(record, value)| match cells.get(&record).map(|cell| &cell.value) {
                    None => value,
                    Some(TypedValue::Integer(number)) => Some(*number),
                    Some(_) => None,
                });
            values.collect::<Int64Chunked>().with_name(field.id.as_str().into()).into_series()
        }
        FieldKind::Date => {
            let days = old.date()?;
            let values = (0..).zip(days.physical().iter()).map(|(record, value)| {
                match cells.get(&record).map(|cell| &cell.value) {
                    None => value,
                    Some(TypedValue::Day(day)) => Some(*day),
                    Some(_) => None,
                }
            });
            values.collect::<Int32Chunked>().with_name(field.id.as_str().into()).into_date().into_series()
        }
    };
    Ok(series.into_column())
}
