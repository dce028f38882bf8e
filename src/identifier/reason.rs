//! Why a number is no identifier of the kind it should be, and what it looks like instead, in words for officers.
//!
//! The checks themselves are each standard's own; nothing is decided here, and no correct number is proposed.

use chrono::NaiveDate;

use super::{
    Failure, biz_reg, filler, loan_card, org_code,
    recognise::{self, Kind},
    resident_id, uscc,
};
use crate::text::Text;

/// A kind of number a field should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Resident identity number.
    ResidentId,
    /// Unified social credit code.
    Uscc,
    /// Loan card number.
    LoanCard,
    /// One of an organisation's documents, told apart by length: credit code, organisation code, registration number.
    OrgDocument,
}

impl Expected {
    /// The kinds by the names rules use.
    pub const NAMES: [(&str, Expected); 4] = [
        ("resident_id", Expected::ResidentId),
        ("uscc", Expected::Uscc),
        ("loan_card", Expected::LoanCard),
        ("org_document", Expected::OrgDocument),
    ];
}

/// What is wrong with a normalised value that should be of a kind, and what it looks like instead if it looks like
/// anything; nothing if it passes.
pub fn failure(value: &str, expected: Expected, data_date: NaiveDate) -> Option<Text> {
    let found = match expected {
        _ if filler::is_filler(value) => Some(Failure::Component(super::Component::Filler)),
        Expected::ResidentId => resident_id::check(value, data_date).err(),
        Expected::Uscc => uscc::check(value).err(),
        Expected::LoanCard => loan_card::check(value).err(),
        Expected::OrgDocument => match value.chars().count() {
            9 => org_code::check(value).err(),
            15 => biz_reg::check(value).err(),
            18 => uscc::check(value).err(),
            _ => Some(Failure::Length),
        },
    };
    let mut text = found?.text(value.chars().count());
    if let Some(other) = looks_like(value, data_date) {
        text = Text::new(format!("{}，{}", text.zh, other.zh), format!("{}; {}", text.en, other.en));
    }
    Some(text)
}

/// What a normalised value looks like: the one kind whose check character fits, else every kind whose form fits.
pub fn likely(value: &str, data_date: NaiveDate) -> Text {
    looks_like(value, data_date)
        .unwrap_or_else(|| Text::new("与任何已知证件的号码都不符", "it fits no known kind of number"))
}

fn looks_like(value: &str, data_date: NaiveDate) -> Option<Text> {
    let kinds = recognise::recognise(value, data_date);
    let names: Vec<_> = match kinds.only_checked() {
        Some(kind) => vec![kind.text()],
        // Any six or seven digits have the form of a postcode or telephone: that says nothing.
        None => kinds.iter().filter(|kind| !matches!(kind, Kind::Landline | Kind::Postcode)).map(Kind::text).collect(),
    };
    if names.is_empty() {
        return None;
    }
    let zh = names.iter().map(|text| text.zh.as_str()).collect::<Vec<_>>().join("或");
    // Of the names only those beginning with these letters sound as if they began with a vowel.
    let article = |en: &str| if en.starts_with(['i', 'o']) { "an" } else { "a" };
    let en = names.iter().map(|text| format!("{} {}", article(&text.en), text.en)).collect::<Vec<_>>().join(" or ");
    Some(Text::new(format!("像是{zh}"), format!("it looks like {en}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        "2026-10-31".parse().expect("a date")
    }

    /// Length, format, check character and component are told apart; the numbers are those of the standards' examples
    /// with one thing changed.
    #[test]
    fn each_failure_has_its_words() {
        let says = |value, expected| failure(value, expected, day()).map(|text| text.zh);
        for (value, expected, words) in [
            ("11010519491231002X", Expected::ResidentId, None),
            ("1101051949123100", Expected::ResidentId, Some("位数不对，现为16位")),
            ("753468708", Expected::ResidentId, Some("位数不对，现为9位，像是组织机构代码")),
            ("1101051949123100A1", Expected::ResidentId, Some("有不该出现的字符")),
            ("110105194912310021", Expected::ResidentId, Some("校验位不符")),
            ("150102198502311237", Expected::ResidentId, Some("其中的出生日期不存在或晚于数据日期")),
            ("91150102MA0NABCD5T", Expected::Uscc, None),
            ("91150102MA0NABCD5U", Expected::Uscc, Some("校验位不符")),
            ("91150102MA0NIBCD5T", Expected::Uscc, Some("有不该出现的字符")),
            ("1501020000123438", Expected::LoanCard, None),
            ("1501020000123400", Expected::LoanCard, Some("校验位不符")),
            ("753468708", Expected::OrgDocument, None),
            ("753468700", Expected::OrgDocument, Some("校验位不符")),
            ("110108000000017", Expected::OrgDocument, Some("校验位不符")),
            ("7534687", Expected::OrgDocument, Some("位数不对，现为7位")),
            ("000000000", Expected::OrgDocument, Some("是凑位数的号码")),
        ] {
            assert_eq!(says(value, expected).as_deref(), words, "{value}");
        }
    }

    #[test]
    fn the_likely_kind_is_named() {
        assert_eq!(likely("150102198503051238", day()).zh, "像是居民身份证号码");
        assert_eq!(likely("91150102MA0NABCD5T", day()).en, "it looks like a unified social credit code");
        assert_eq!(likely("753468708", day()).en, "it looks like an organisation code");
        assert_eq!(likely("753468700", day()).zh, "与任何已知证件的号码都不符");
        assert_eq!(likely("13947101234", day()).zh, "像是手机号码");
    }
}
