//! The value of a cell that outlives the file it stood in: kept while rows are sorted, and in the ledger.
//!
//! Knows no file format and no field.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::{
    cell::{Cell, DayTime},
    date,
    form::Form,
    typing::shown,
};

/// The value of a cell, owned.
#[derive(Clone, Debug, PartialEq)]
pub enum Entered {
    /// Nothing.
    Blank,
    /// Text.
    Text(String),
    /// A number whose format is no date.
    Number(f64),
    /// A number whose format tells more than its value.
    Formatted(f64, Form),
    /// A whole number of more than fifteen digits, as written.
    Digits(String),
    /// A date.
    Date(DayTime),
    /// Truth value.
    Bool(bool),
    /// An error, as shown.
    Error(String),
    /// A formula without a stored result.
    NoValue,
}

impl Entered {
    /// A cell, kept.
    pub fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Number(number) => Self::Number(number),
            Cell::Formatted(number, form) => Self::Formatted(number, form),
            Cell::Digits(digits) => Self::Digits(digits.to_owned()),
            Cell::Date(point) => Self::Date(point),
            Cell::Bool(value) => Self::Bool(value),
            Cell::Error(text) => Self::Error(text.to_owned()),
            Cell::NoValue => Self::NoValue,
        }
    }

    /// A calendar day.
    pub fn day(day: NaiveDate) -> Self {
        Self::Date(DayTime { day: date::day_of(day), second: 0 })
    }

    /// The cell again; a blank one is a text without characters.
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Blank => Cell::Text(""),
            Self::Text(text) => Cell::Text(text),
            Self::Number(number) => Cell::Number(*number),
            Self::Formatted(number, form) => Cell::Formatted(*number, *form),
            Self::Digits(digits) => Cell::Digits(digits),
            Self::Date(point) => Cell::Date(*point),
            Self::Bool(value) => Cell::Bool(*value),
            Self::Error(text) => Cell::Error(text),
            Self::NoValue => Cell::NoValue,
        }
    }

    /// Nothing can be seen in it.
    pub fn is_blank(&self) -> bool {
        self.cell().is_blank()
    }

    /// What a person sees, without blanks around it and with one kind of line end: what programs that save a workbook
    /// leave as it is.
    pub fn seen(&self) -> String {
        seen(self.cell()).into_owned()
    }

    /// How it is written in the ledger: its kind, and the value exactly.
    pub fn stored(&self) -> (&'static str, String) {
        match self {
            Self::Blank => ("blank", String::new()),
            Self::Text(text) => ("text", text.clone()),
            Self::Number(number) => ("number", number.to_string()),
            Self::Formatted(number, form) => ("formatted", format!("{} {number}", form.name())),
            Self::Digits(digits) => ("digits", digits.clone()),
            Self::Date(point) => ("date", format!("{} {}", point.day, point.second)),
            Self::Bool(value) => ("bool", value.to_string()),
            Self::Error(text) => ("error", text.clone()),
            Self::NoValue => ("no-value", String::new()),
        }
    }

    /// The value [`Entered::stored`] wrote; nothing if it did not write this.
    pub fn from_stored(kind: &str, text: &str) -> Option<Self> {
        Some(match kind {
            "blank" => Self::Blank,
            "text" => Self::Text(text.to_owned()),
            "number" => Self::Number(text.parse().ok()?),
            "formatted" => {
                let (form, number) = text.split_once(' ')?;
                Self::Formatted(number.parse().ok()?, Form::from_name(form)?)
            }
            "digits" => Self::Digits(text.to_owned()),
            "date" => {
                let (day, second) = text.split_once(' ')?;
                Self::Date(DayTime { day: day.parse().ok()?, second: second.parse().ok()? })
            }
            "bool" => Self::Bool(text.parse().ok()?),
            "error" => Self::Error(text.to_owned()),
            "no-value" => Self::NoValue,
            _ => return None,
        })
    }
}

/// What a person sees of a cell, as [`Entered::seen`] has it.
pub fn seen(cell: Cell<'_>) -> Cow<'_, str> {
    let text = match shown(cell) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::AmountUnit;

    #[test]
    fn values_come_back_from_the_ledger() {
        let point = DayTime { day: 20_757, second: 60 };
        let values = [
            Entered::Blank,
            Entered::Text(" 0x".into()),
            Entered::Number(0.1 + 0.2),
            Entered::Number(-1.5e300),
            Entered::Formatted(0.0435, Form::Percent),
            Entered::Formatted(-7.0, Form::Zeros(6)),
            Entered::Formatted(5e6, Form::Scaled),
            Entered::Formatted(5.0, Form::Unit(AmountUnit::WanYuan)),
            Entered::Formatted(5.5, Form::Unit(AmountUnit::Yuan)),
            Entered::Digits("150102198503051238".into()),
            Entered::Date(point),
            Entered::Bool(true),
            Entered::Error("#N/A".into()),
            Entered::NoValue,
        ];
        for value in values {
            let (kind, text) = value.stored();
            assert_eq!(Entered::from_stored(kind, &text), Some(value));
        }
        assert_eq!(Entered::from_stored("number", "x"), None);
        assert_eq!(Entered::from_stored("formatted", "plain 5"), None);
        assert_eq!(Entered::from_stored("thing", ""), None);
    }

    #[test]
    fn what_is_seen_does_not_depend_on_who_saved_it() {
        assert_eq!(Entered::Text("甲\r\n乙 ".into()).seen(), "甲\n乙");
        assert_eq!(Entered::Number(500.0).seen(), "500");
        let day = Entered::day(NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day"));
        assert_eq!(day, Entered::Date(DayTime { day: 20_757, second: 0 }));
        assert_eq!(day.seen(), "2026-10-31");
    }
}
