//! A cell becomes a typed value of its field, and whatever damage it shows is reported.
//!
//! Knows fields and code lists, but neither files nor tables. The detectors run before the typing: what an identifier
//! lost by becoming a number is not to be had back by formatting it.

mod apart;
mod codes;
mod day;
mod notes;
mod numeric;
mod text;

pub use apart::{As, TypedCell, TypedValue, typed_cell};
pub use codes::{CodeNames, code_entries};
pub use notes::Notes;

use std::borrow::Cow;

use super::{cell::Cell, date, form::Form, number};
use crate::{
    pack::{AmountUnit, CodeList, Field, FieldKind},
    table::FaultKind,
};

/// How the cells of one column are read.
#[derive(Debug)]
pub struct Typing<'p> {
    /// The field.
    pub field: &'p Field,
    /// Names of its code list.
    pub codes: Option<CodeNames<'p>>,
    /// Unit of the amounts in the sheet, as its heading or title states; the field's unless stated.
    pub unit: Option<AmountUnit>,
    /// The heading states per cent.
    pub percent: bool,
    /// Serial numbers count from 1904.
    pub is_1904: bool,
}

impl<'p> Typing<'p> {
    /// The typing of a field when the sheet states nothing of its own.
    pub fn new(field: &'p Field, codes: Option<&'p CodeList>) -> Self {
        let codes = codes.filter(|_| field.kind == FieldKind::Code).map(CodeNames::new);
        Self { field, codes, unit: field.unit, percent: false, is_1904: false }
    }

    /// Amounts are converted between yuan and ten thousand yuan.
    pub fn converts(&self) -> bool {
        self.field.unit.is_some() && self.unit != self.field.unit
    }

    fn read_scale(&self) -> i32 {
        let scale = i32::from(self.field.scale);
        match (self.unit, self.field.unit) {
            (Some(AmountUnit::Yuan), Some(AmountUnit::WanYuan)) => scale - 4,
            (Some(AmountUnit::WanYuan), Some(AmountUnit::Yuan)) => scale + 4,
            _ => scale,
        }
    }
}

/// What the detectors find in a cell of `field`; for the examples of cell rules.
pub fn cell_faults(field: &Field, codes: Option<&CodeList>, cell: Cell<'_>) -> Vec<FaultKind> {
    let typing = Typing::new(field, codes);
    let mut notes = Notes::default();
    match field.kind {
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
            typing.text(cell, &mut notes);
        }
        FieldKind::Amount | FieldKind::Decimal => {
            typing.decimal(cell, &mut notes);
        }
        FieldKind::Integer => {
            typing.integer(cell, &mut notes);
        }
        FieldKind::Date => {
            typing.date(cell, &mut notes);
        }
    }
    notes.faults.iter().map(|fault| fault.kind).collect()
}

fn bool_text(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

fn no_value<T>(notes: &mut Notes) -> Option<T> {
    notes.fault(FaultKind::FormulaWithoutValue);
    None
}

/// Cells whose type alone says that they are no number, or no date.
fn not_a<T>(kind: FaultKind, cell: Cell<'_>, notes: &mut Notes) -> Option<T> {
    match cell {
        Cell::NoValue => no_value(notes),
        Cell::Error(text) => notes.destroy(FaultKind::ErrorCell, text),
        other => notes.destroy(kind, &shown(other)),
    }
}

/// The cell as a person sees it.
pub fn shown(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) | Cell::Error(text) => Cow::Borrowed(text),
        Cell::Number(value) => Cow::Owned(number::shown(value)),
        Cell::Formatted(value, form) => Cow::Owned(formatted(value, form)),
        Cell::Digits(digits) => Cow::Borrowed(digits),
        Cell::Date(point) => Cow::Owned(date::shown(point)),
        Cell::Bool(value) => Cow::Borrowed(bool_text(value)),
        Cell::NoValue => Cow::Borrowed(""),
    }
}

/// A number as its format shows it. Formats that show another magnitude or a unit beside it hide what is stored: that is
/// shown instead.
fn formatted(value: f64, form: Form) -> String {
    match form {
        Form::Percent => format!("{}%", number::shown(value * 100.0)),
        Form::Zeros(digits) if value >= 0.0 => {
            format!("{:0>width$}", number::shown(value), width = usize::from(digits))
        }
        Form::Zeros(_) | Form::Scaled | Form::Unit(_) => number::shown(value),
    }
}
