//! Texts people read, in Chinese and English, and the masking of personal data in them.
//!
//! Knows nothing of tables, rules or files.

use std::fmt;

use serde::Serialize;

/// The language of messages and workbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Lang {
    /// Chinese, what officers read.
    #[default]
    Zh,
    /// English.
    En,
}

/// One text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its Chinese and English forms.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl fmt::Display for Text {
    /// Both languages on one line, Chinese first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.zh, self.en)
    }
}

/// How a field's values are shown outside the unit's own workbook and the submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Shown in full, but for numbers of resident identity cards: they turn up in fields that are not meant for them.
    #[default]
    None,
    /// An identifier: the first six and last four characters stay, as in `150102********1238`; of a shorter one the
    /// first and last two.
    Identifier,
    /// A person's name: the first character stays.
    Name,
}

impl Mask {
    /// The value as it may be shown; every hidden character becomes one `*`.
    pub fn apply(self, value: &str) -> String {
        let count = value.chars().count();
        let (head, tail) = match self {
            Mask::None => return hide_resident_ids(value),
            Mask::Identifier if count >= 15 => (6, 4),
            Mask::Identifier if count > 4 => (2, 2),
            Mask::Identifier => (0, 0),
            Mask::Name => (1.min(count.saturating_sub(1)), 0),
        };
        value
            .chars()
            .enumerate()
            .map(|(index, c)| if index < head || index + tail >= count { c } else { '*' })
            .collect()
    }
}

/// `text` with every number shaped like that of a resident identity card masked like an identifier, valid or not.
fn hide_resident_ids(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        let after_digits = run.chars().next_back().is_some_and(is_digit);
        if is_digit(c) || (after_digits && matches!(c, 'X' | 'x' | 'Ｘ' | 'ｘ')) {
            run.push(c);
            continue;
        }
        shown.push_str(&hidden_run(&run));
        run.clear();
        shown.push(c);
    }
    shown.push_str(&hidden_run(&run));
    shown
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// A run of digits, masked if it is the area, birth date, sequence and check character of an identity card.
fn hidden_run(run: &str) -> String {
    let digits: String = run.chars().map(half_width).collect();
    let part = |range| digits.get(range).and_then(|part: &str| part.parse::<u32>().ok());
    let is_one = run.chars().count() == 18
        && run.chars().take(17).all(is_digit)
        && part(6..10).is_some_and(|year| (1800..2100).contains(&year))
        && part(10..12).is_some_and(|month| (1..=12).contains(&month))
        && part(12..14).is_some_and(|day| (1..=31).contains(&day));
    if is_one { Mask::Identifier.apply(run) } else { run.to_owned() }
}

fn half_width(c: char) -> char {
    u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).filter(char::is_ascii_alphanumeric).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_six_and_four() {
        assert_eq!(Mask::Identifier.apply("150102198503051238"), "150102********1238");
        assert_eq!(Mask::Identifier.apply("75346870-8"), "75******-8");
        assert_eq!(Mask::Identifier.apply("1234"), "****");
    }

    #[test]
    fn numbers_of_identity_cards_are_hidden_in_any_field() {
        for (text, shown) in [
            ("150102198503051238", "150102********1238"),
            ("王15010219850305123X，同上", "王150102********123X，同上"),
            ("１５０１０２１９８５０３０５１２３８", "１５０１０２********１２３８"),
            // A credit code, numbers of another length, and one without a date.
            ("91150102MA0NABCD5T", "91150102MA0NABCD5T"),
            ("1501021985030512381", "1501021985030512381"),
            ("1501022024111137", "1501022024111137"),
            ("150102198513051238", "150102198513051238"),
            ("", ""),
        ] {
            assert_eq!(Mask::None.apply(text), shown);
        }
    }

    #[test]
    fn names_keep_the_first_character() {
        assert_eq!(Mask::Name.apply("乌云其木格"), "乌****");
        assert_eq!(Mask::Name.apply("王"), "*");
        assert_eq!(Mask::Name.apply(""), "");
    }
}
