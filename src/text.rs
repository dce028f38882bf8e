//! Texts people read, in Chinese and English, and the masking of personal data in them.
//!
//! Knows nothing of tables, rules or files.

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

/// How a field's values are shown outside the unit's own workbook and the submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Shown in full.
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
            Mask::None => return value.to_owned(),
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
    fn names_keep_the_first_character() {
        assert_eq!(Mask::Name.apply("乌云其木格"), "乌****");
        assert_eq!(Mask::Name.apply("王"), "*");
        assert_eq!(Mask::Name.apply(""), "");
    }
}
