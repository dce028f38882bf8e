//! Amounts, decimals and whole numbers.

use super::{Notes, Typing, not_a, shown};
use crate::{
    ingest::{
        Normaliser,
        cell::Cell,
        characters::cleaned,
        form::Form,
        number::{self, Inexact},
    },
    pack::{AmountUnit, FieldKind},
    table::FaultKind,
};

impl Typing<'_> {
    /// The mantissa of an amount or decimal, in the unit and scale of the field.
    pub fn decimal(&self, cell: Cell<'_>, notes: &mut Notes) -> Option<i128> {
        let converts = self.converts();
        let value = match cell {
            Cell::Formatted(value, form) if self.shows_otherwise(form) => {
                notes.destroy(FaultKind::ShownOtherwise, &number::shown(value))
            }
            Cell::Number(_) | Cell::Formatted(..) | Cell::Digits(_) => {
                let value = cell.number()?;
                let percent = self.percent && matches!(cell, Cell::Formatted(_, Form::Percent));
                let scale = self.read_scale() + if percent { 2 } else { 0 };
                match number::decimal_of_f64(value, scale) {
                    Ok(mantissa) => {
                        if converts || percent {
                            notes.submit(&shown(cell));
                        }
                        if percent {
                            notes.repair(Normaliser::PercentFormat);
                        }
                        Some(mantissa)
                    }
                    Err(inexact) => notes.destroy(fault_of(inexact), &shown(cell)),
                }
            }
            Cell::Text(text) => match number::decimal_of_text(text, self.read_scale()) {
                Ok(mantissa) => {
                    if converts {
                        notes.submit(text);
                    }
                    Some(mantissa)
                }
                Err(_) => self
                    .repaired_number(text, notes)?
                    .and_then(|repaired| number::decimal_of_text(&repaired, self.read_scale()))
                    .map_or_else(|inexact| notes.destroy(fault_of(inexact), text), Some),
            },
            other => not_a(FaultKind::NotANumber, other, notes),
        };
        if converts && value.is_some() {
            notes.repair(Normaliser::UnitOfHeading);
        }
        value
    }

    /// The value of an integer field.
    pub fn integer(&self, cell: Cell<'_>, notes: &mut Notes) -> Option<i64> {
        let found = match cell {
            Cell::Formatted(value, Form::Percent | Form::Scaled) => {
                return notes.destroy(FaultKind::ShownOtherwise, &number::shown(value));
            }
            Cell::Number(_) | Cell::Formatted(..) | Cell::Digits(_) => number::decimal_of_f64(cell.number()?, 0),
            Cell::Text(text) => {
                let plain = number::decimal_of_text(text, 0);
                if plain.is_ok() {
                    plain
                } else {
                    self.repaired_number(text, notes)?.and_then(|repaired| number::decimal_of_text(&repaired, 0))
                }
            }
            other => return not_a(FaultKind::NotANumber, other, notes),
        };
        match found.map(i64::try_from) {
            Ok(Ok(whole)) => Some(whole),
            Err(Inexact::TooManyDecimals) => notes.destroy(FaultKind::NotAnInteger, &shown(cell)),
            _ => notes.destroy(FaultKind::NotANumber, &shown(cell)),
        }
    }

    /// The format of a number cell shows another number than the cell holds, in the unit of the column.
    fn shows_otherwise(&self, form: Form) -> bool {
        match form {
            Form::Zeros(_) => false,
            Form::Scaled => true,
            // A ratio that is not stated in per cent is what the cell holds.
            Form::Percent => self.field.kind == FieldKind::Amount,
            Form::Unit(unit) => self.unit.is_some_and(|own| own != unit),
        }
    }

    /// A number as people write it, without what the named normalisers remove. The outer `None` is a blank cell.
    fn repaired_number(&self, text: &str, notes: &mut Notes) -> Option<Result<String, Inexact>> {
        let found = cleaned(text);
        if notes.nothing_entered(&found, text) {
            return None;
        }
        let mut repairs = Vec::new();
        let mut plain = found.text.as_str();
        let mut negative = false;
        if let Some(inner) = plain.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            (plain, negative) = (inner, true);
            repairs.push(Normaliser::BracketNegative);
        }
        if let Some(inner) = self.without_sign(plain) {
            plain = inner;
            repairs.push(Normaliser::CurrencySign);
        }
        let mut number = plain.to_owned();
        if has_thousands(plain) {
            number.retain(|c| c != ',');
            repairs.push(Normaliser::Thousands);
        }
        if negative {
            // `(-5)` is no usual way to write anything.
            if number.starts_with(['-', '+']) {
                return Some(Err(Inexact::NotANumber));
            }
            number.insert(0, '-');
        }
        if number::decimal_of_text(&number, 0) == Err(Inexact::NotANumber) {
            return Some(Err(Inexact::NotANumber));
        }
        notes.cleaning(&found);
        for repair in repairs {
            notes.repair(repair);
        }
        notes.submit(text);
        Some(Ok(number))
    }

    /// Without the sign of currency, unit or per cent, if it agrees with the unit of the column.
    fn without_sign<'t>(&self, text: &'t str) -> Option<&'t str> {
        if let Some(number) = text.strip_suffix('%') {
            return self.percent.then_some(number);
        }
        if let Some(number) = text.strip_suffix("万元") {
            return (self.unit == Some(AmountUnit::WanYuan)).then_some(number);
        }
        if let Some(number) = text.strip_suffix(['元', '圆']) {
            return (self.unit == Some(AmountUnit::Yuan)).then_some(number);
        }
        let number = text.strip_prefix(['¥', '￥'])?;
        (self.unit == Some(AmountUnit::Yuan)).then_some(number)
    }
}

/// Commas between groups of three digits and nowhere else.
fn has_thousands(text: &str) -> bool {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole).trim_start_matches(['-', '+']);
    let mut groups = whole.split(',');
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| matches!(group.len(), 1..=3) && is_digits(group));
    let mut more = false;
    first
        && groups.all(|group| {
            more = true;
            group.len() == 3 && is_digits(group)
        })
        && more
}

fn fault_of(inexact: Inexact) -> FaultKind {
    match inexact {
        Inexact::TooManyDecimals => FaultKind::TooManyDecimals,
        Inexact::NotANumber => FaultKind::NotANumber,
    }
}
