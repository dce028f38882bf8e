//! Values of a report: read from the rows of a query, converted exactly, and turned into what a cell shows.
//!
//! Knows nothing of cells and sheets. No number passes through floating point.

use std::borrow::Cow;

use anyhow::{Result, bail};
use chrono::{Days, NaiveDate};
use polars::prelude::{BooleanChunked, Column, DataType, Int32Chunked, Int64Chunked, Int128Chunked, StringChunked};

use super::model::{Ratio, Show};
use crate::{pack::AmountUnit, pack::RulePack, text::Lang};

/// Decimal places of a quotient if none are named.
const RATIO_PLACES: u8 = 2;

/// What one cell of a query's rows holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Blank,
    /// Text.
    Text(Cow<'a, str>),
    /// `mantissa / 10^scale`.
    Number {
        /// The digits.
        mantissa: i128,
        /// How many of them are decimals.
        scale: usize,
    },
    /// Calendar day.
    Date(NaiveDate),
}

/// A column of rows, ready to be read by position.
pub enum Typed {
    /// Text.
    Text(StringChunked),
    /// Whole numbers.
    Whole(Int64Chunked),
    /// Numbers with decimals.
    Decimal(Int128Chunked, usize),
    /// Days since 1970.
    Date(Int32Chunked),
    /// Truth values.
    Flag(BooleanChunked),
    /// A column without values.
    Blank,
}

impl Typed {
    /// The column of a query's rows.
    ///
    /// # Errors
    /// If it holds something a report cannot show.
    pub fn of(column: &Column) -> Result<Self> {
        let column = column.rechunk();
        Ok(match column.dtype() {
            DataType::String => Typed::Text(column.str()?.clone()),
            DataType::Decimal(_, scale) => Typed::Decimal(column.decimal()?.physical().clone(), *scale),
            DataType::Date => Typed::Date(column.date()?.physical().clone()),
            DataType::Boolean => Typed::Flag(column.bool()?.clone()),
            DataType::Null => Typed::Blank,
            dtype if dtype.is_integer() => Typed::Whole(column.cast(&DataType::Int64)?.i64()?.clone()),
            other => bail!("the column `{}` is {other}, which a report cannot show", column.name()),
        })
    }

    /// The value at a position.
    pub fn get(&self, at: usize, lang: Lang) -> Value<'_> {
        let found = match self {
            Typed::Text(texts) => texts.get(at).map(|text| Value::Text(Cow::Borrowed(text))),
            Typed::Whole(numbers) => numbers.get(at).map(|number| Value::Number { mantissa: number.into(), scale: 0 }),
            Typed::Decimal(numbers, scale) => numbers.get(at).map(|mantissa| Value::Number { mantissa, scale: *scale }),
            Typed::Date(days) => days.get(at).and_then(date).map(Value::Date),
            Typed::Flag(flags) => flags.get(at).map(|flag| Value::Text(Cow::Borrowed(truth(flag, lang)))),
            Typed::Blank => None,
        };
        found.unwrap_or(Value::Blank)
    }

    /// The number at a position as mantissa and scale.
    pub fn number(&self, at: usize) -> Option<(i128, usize)> {
        match self {
            Typed::Whole(numbers) => numbers.get(at).map(|number| (number.into(), 0)),
            Typed::Decimal(numbers, scale) => numbers.get(at).map(|mantissa| (mantissa, *scale)),
            _ => None,
        }
    }

    /// Whether the values are numbers.
    pub fn is_number(&self) -> bool {
        matches!(self, Typed::Whole(_) | Typed::Decimal(..))
    }

    /// Decimal places of its numbers.
    pub fn scale(&self) -> usize {
        if let Typed::Decimal(_, scale) = self { *scale } else { 0 }
    }

    /// Whether the condition of a colour holds.
    pub fn holds(&self, at: usize) -> bool {
        matches!(self, Typed::Flag(flags) if flags.get(at) == Some(true))
    }

    /// The exact sum of the numbers at these positions; blanks count nothing.
    pub fn sum(&self, rows: std::ops::Range<usize>) -> (i128, usize) {
        let sum = rows.filter_map(|at| self.number(at)).map(|(mantissa, _)| mantissa).sum();
        (sum, self.scale())
    }
}

fn truth(flag: bool, lang: Lang) -> &'static str {
    match (flag, lang) {
        (true, Lang::Zh) => "是",
        (false, Lang::Zh) => "否",
        (true, Lang::En) => "yes",
        (false, Lang::En) => "no",
    }
}

fn date(days: i32) -> Option<NaiveDate> {
    let distance = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 {
        NaiveDate::default().checked_sub_days(distance)
    } else {
        NaiveDate::default().checked_add_days(distance)
    }
}

/// An amount in another unit: the same fen, with the decimal point elsewhere.
pub fn converted((mantissa, scale): (i128, usize), from: AmountUnit, to: AmountUnit) -> (i128, usize) {
    const PLACES: usize = 4;
    match (from, to) {
        (AmountUnit::Yuan, AmountUnit::WanYuan) => (mantissa, scale + PLACES),
        (AmountUnit::WanYuan, AmountUnit::Yuan) if scale >= PLACES => (mantissa, scale - PLACES),
        (AmountUnit::WanYuan, AmountUnit::Yuan) => {
            let factor = 10_i128.pow(u32::try_from(PLACES - scale).unwrap_or_default());
            (mantissa.saturating_mul(factor), 0)
        }
        _ => (mantissa, scale),
    }
}

/// `number` divided by `by`, times the factor, rounded half away from zero; nothing if divided by nothing.
pub fn quotient(number: (i128, usize), by: (i128, usize), ratio: &Ratio, places: usize) -> Option<(i128, usize)> {
    let power = |exponent: usize| 10_i128.checked_pow(u32::try_from(exponent).ok()?);
    let above = number.0.checked_mul(i128::from(ratio.times))?.checked_mul(power(by.1 + places)?)?;
    let below = by.0.checked_mul(power(number.1)?)?;
    if below == 0 {
        return None;
    }
    let (whole, rest) = (above / below, above % below);
    let away = rest.unsigned_abs() * 2 >= below.unsigned_abs();
    let sign = if (above < 0) == (below < 0) { 1 } else { -1 };
    Some((whole + if away { sign } else { 0 }, places))
}

/// What a cell shows of a value.
///
/// `divisor` is the other number of a quotient.
pub fn shown<'a>(value: Value<'a>, show: &Show, divisor: Option<(i128, usize)>, pack: &RulePack) -> Value<'a> {
    match value {
        Value::Number { mantissa, scale } => {
            let mut number = (mantissa, scale);
            if let Some(ratio) = &show.ratio {
                let places = usize::from(show.places.unwrap_or(RATIO_PLACES));
                return match divisor.and_then(|by| quotient(number, by, ratio, places)) {
                    Some((mantissa, scale)) => Value::Number { mantissa, scale },
                    None => Value::Blank,
                };
            }
            if let Some((from, to)) = show.units {
                number = converted(number, from, to);
            }
            Value::Number { mantissa: number.0, scale: number.1 }
        }
        Value::Text(text) => {
            match show.codes.as_ref().and_then(|list| pack.codes.get(list)?.codes.get(text.as_ref())) {
                Some(code) => Value::Text(Cow::Owned(format!("{text} {}", code.name))),
                None => Value::Text(text),
            }
        }
        other => other,
    }
}

/// Decimal places shown for numbers of `scale` decimals.
pub fn places(show: &Show, scale: usize) -> usize {
    if show.ratio.is_some() {
        return usize::from(show.places.unwrap_or(RATIO_PLACES));
    }
    let scale = show.units.map_or(scale, |(from, to)| converted((0, scale), from, to).1);
    show.places.map_or(scale, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_to_the_fen() {
        use AmountUnit::{WanYuan, Yuan};
        // 500.010001 (10,000 yuan) is 5,000,100.01 yuan.
        assert_eq!(converted((500_010_001, 6), WanYuan, Yuan), (500_010_001, 2));
        assert_eq!(converted((500_010_001, 2), Yuan, WanYuan), (500_010_001, 6));
        assert_eq!(converted((15, 1), WanYuan, Yuan), (15_000, 0));
        assert_eq!(converted((15, 1), Yuan, Yuan), (15, 1));
    }

    #[test]
    fn quotients_round_half_away_from_zero() {
        let per = |times| Ratio { by: String::new(), times };
        assert_eq!(quotient((1, 0), (3, 0), &per(100), 2), Some((3_333, 2)));
        assert_eq!(quotient((2, 0), (3, 0), &per(100), 2), Some((6_667, 2)));
        assert_eq!(quotient((1, 0), (8, 0), &per(1), 2), Some((13, 2)));
        assert_eq!(quotient((-1, 0), (8, 0), &per(1), 2), Some((-13, 2)));
        // 0.50 of 2.000 is a quarter, whatever the decimals.
        assert_eq!(quotient((50, 2), (2_000, 3), &per(100), 1), Some((250, 1)));
        assert_eq!(quotient((1, 0), (0, 0), &per(100), 2), None);
    }
}
