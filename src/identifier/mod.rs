//! Identifiers and names: one file for each standard, every one with `check(value, ..) -> Result<Parsed, Failure>`.
//!
//! Checks take normalised text (see [`normalise`]), never allocate and know nothing of tables, rules, fields or the
//! clock: what depends on a day gets it as the argument `data_date`.

pub mod area;
pub mod bank_card;
pub mod biz_reg;
mod checksum;
pub mod filler;
pub mod foreign_residence;
pub mod institution_credit;
pub mod lei;
pub mod loan_card;
pub mod name;
pub mod org_code;
pub mod passport;
pub mod phone;
pub mod postcode;
pub mod reason;
pub mod recognise;
pub mod residence_permit;
pub mod resident_id;
pub mod travel_permit;
pub mod uscc;

#[cfg(test)]
mod comparison;

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::text::Text;

/// Why a value does not pass a check, in the order the checks are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Not as many characters as the standard demands.
    Length,
    /// A character at a place where the standard has no such character.
    Format,
    /// The check character does not fit the others.
    Checksum,
    /// Form and check character fit, but a part of the number cannot be.
    Component(Component),
}

impl Failure {
    /// What is wrong, about a number of `length` characters, in a few words.
    pub fn text(self, length: usize) -> Text {
        match self {
            Failure::Length => Text::new(format!("位数不对，现为{length}位"), format!("it has {length} characters")),
            Failure::Format => Text::new("有不该出现的字符", "a character stands where none like it can"),
            Failure::Checksum => Text::new("校验位不符", "its check character does not fit"),
            Failure::Component(Component::Area) => Text::new("其中的地区代码不存在", "its area code does not exist"),
            Failure::Component(Component::BirthDate) => Text::new(
                "其中的出生日期不存在或晚于数据日期",
                "its birth date does not exist or is after the data date",
            ),
            Failure::Component(Component::Filler) => Text::new("是凑位数的号码", "it is a filler"),
        }
    }
}

/// The part of a number that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// An area code that no year of the table of administrative divisions knows.
    Area,
    /// A date that does not exist or lies after the data date.
    BirthDate,
    /// Repeated or running characters typed to fill the cell; several formulas accept them.
    Filler,
}

/// Sex as coded in identity numbers: an odd sequence number is male (GB 11643-1999).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

impl Sex {
    /// The Chinese word, as in the code list of sexes.
    pub fn name(self) -> &'static str {
        match self {
            Sex::Male => "男",
            Sex::Female => "女",
        }
    }

    fn of_sequence(digit: u8) -> Self {
        if digit % 2 == 1 { Sex::Male } else { Sex::Female }
    }
}

/// The value with full-width characters folded to ASCII, letters raised, and blanks, invisible characters and hyphens
/// removed. Borrowed if nothing changed, so that a caller can tell and note the change.
///
/// Landline numbers keep their hyphens: see [`phone::normalise`].
pub fn normalise(value: &str) -> Cow<'_, str> {
    if value.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
        return Cow::Borrowed(value);
    }
    let folded: String = value.chars().filter_map(fold).filter(|c| *c != '-').collect();
    if folded == value { Cow::Borrowed(value) } else { Cow::Owned(folded) }
}

/// One character folded; nothing for a blank or an invisible character. Dashes become `-`.
fn fold(c: char) -> Option<char> {
    match c {
        c if c.is_whitespace() || name::is_invisible(c) => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => Some('-'),
        // The full-width forms stand in ASCII order.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).map(|c| c.to_ascii_uppercase()),
        c => Some(c.to_ascii_uppercase()),
    }
}

/// The number the ASCII digits write; nothing if another character is among them. At most nine digits fit.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, byte| {
        byte.is_ascii_digit().then(|| number.checked_mul(10)?.checked_add(u32::from(byte - b'0'))).flatten()
    })
}

/// The birth date written in year, month and day.
///
/// # Errors
/// The date does not exist, lies before 1800 or after `data_date`.
fn birth_date(year: u32, month_day: u32, data_date: NaiveDate) -> Result<NaiveDate, Failure> {
    i32::try_from(year)
        .ok()
        .filter(|year| *year >= 1800)
        .and_then(|year| NaiveDate::from_ymd_opt(year, month_day / 100, month_day % 100))
        .filter(|date| *date <= data_date)
        .ok_or(Failure::Component(Component::BirthDate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalise_folds_and_removes() {
        assert_eq!(normalise("11010519491231002x"), "11010519491231002X");
        assert_eq!(normalise("１１０105\u{3000}19491231 ００２ｘ"), "11010519491231002X");
        assert_eq!(normalise("75346870－8"), "753468708");
        assert_eq!(normalise("\u{feff}6228 4800-1234\u{200b}"), "622848001234");
    }

    #[test]
    fn normalise_borrows_what_is_normal() {
        for value in ["11010519491231002X", "", "无"] {
            assert!(matches!(normalise(value), Cow::Borrowed(_)), "{value}");
        }
    }
}
