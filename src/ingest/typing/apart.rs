//! The typing of one cell apart from any sheet: a value entered in place of another goes the same way as the cells of a
//! file.

use super::{Notes, Typing};
use crate::{
    ingest::Entered,
    pack::{AmountUnit, CodeList, Field, FieldKind},
    table::FaultKind,
};

/// How the cell is to be read, as the column it stands for states.
#[derive(Clone, Copy, Debug, Default)]
pub struct As {
    /// Unit of the amounts; the field's if absent.
    pub unit: Option<AmountUnit>,
    /// The heading states per cent.
    pub percent: bool,
}

/// The value of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedValue {
    /// Nothing, or something that could not be typed.
    Blank,
    /// Text, name, identifier or code.
    Text(String),
    /// The digits of an amount or decimal in the unit and scale of the field.
    Number(i128),
    /// Whole number.
    Integer(i64),
    /// Days since 1970-01-01.
    Day(i32),
}

/// A typed cell, with what was noted about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedCell {
    /// The value.
    pub value: TypedValue,
    /// What was entered, where the value does not show it.
    pub submitted: Option<Box<str>>,
    /// What the detectors found.
    pub faults: Vec<FaultKind>,
}

impl TypedCell {
    /// What makes the value unusable, if anything does.
    pub fn destroyed(&self) -> Option<FaultKind> {
        self.faults.iter().copied().find(|fault| fault.destroys_value())
    }
}

/// Types a value of `field`, as a cell of a column read `read_as`.
pub fn typed_cell(field: &Field, codes: Option<&CodeList>, read_as: As, entered: &Entered) -> TypedCell {
    let mut typing = Typing::new(field, codes);
    typing.unit = read_as.unit.or(field.unit);
    typing.percent = read_as.percent;
    let mut notes = Notes::default();
    let cell = entered.cell();
    let value = match field.kind {
        _ if *entered == Entered::Blank => None,
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
            typing.text(cell, &mut notes).map(|text| TypedValue::Text(text.into_owned()))
        }
        FieldKind::Amount | FieldKind::Decimal => typing.decimal(cell, &mut notes).map(TypedValue::Number),
        FieldKind::Integer => typing.integer(cell, &mut notes).map(TypedValue::Integer),
        FieldKind::Date => typing.date(cell, &mut notes).map(TypedValue::Day),
    };
    TypedCell {
        value: value.unwrap_or(TypedValue::Blank),
        submitted: notes.submitted.remove(&notes.at),
        faults: notes.faults.iter().map(|fault| fault.kind).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::testpack;

    #[test]
    fn a_value_entered_goes_the_way_of_a_cell() {
        let pack = testpack::pack();
        let loans = &pack.datasets[0];
        let field = |id: &str| loans.fields.iter().find(|field| field.id == id).expect("a field");
        let text = |text: &str| Entered::Text(text.to_owned());
        let amount = |read_as: As, entered: &Entered| typed_cell(field("amount"), None, read_as, entered);
        // 500.01 (10,000 yuan) has six decimals; the same in yuan.
        assert_eq!(amount(As::default(), &text("500.01")).value, TypedValue::Number(500_010_000));
        let yuan = As { unit: Some(AmountUnit::Yuan), percent: false };
        let converted = amount(yuan, &Entered::Number(5_000_100.0));
        assert_eq!(converted.value, TypedValue::Number(500_010_000));
        assert_eq!(converted.submitted.as_deref(), Some("5000100"));
        let wrong = amount(As::default(), &text("五百"));
        assert_eq!((wrong.value.clone(), wrong.destroyed()), (TypedValue::Blank, Some(FaultKind::NotANumber)));
        assert_eq!(amount(As::default(), &Entered::Blank).destroyed(), None);
        let number = typed_cell(field("contract_no"), None, As::default(), &Entered::Number(1.5e17));
        assert_eq!(number.destroyed(), Some(FaultKind::NumericIdentifier));
    }
}
