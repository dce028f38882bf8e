//! Fixed texts of the workbooks, in both languages.

use crate::text::Lang;

/// A fixed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    zh: &'static str,
    en: &'static str,
}

/// A text from its Chinese and English forms.
pub const fn label(zh: &'static str, en: &'static str) -> Label {
    Label { zh, en }
}

impl Label {
    /// In one language.
    pub fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }

    /// The other language below the reader's.
    pub fn stacked(self, lang: Lang) -> String {
        self.joined(lang, "\n")
    }

    /// The other language beside the reader's.
    pub fn beside(self, lang: Lang) -> String {
        self.joined(lang, " ")
    }

    fn joined(self, lang: Lang, separator: &str) -> String {
        let (first, second) = match lang {
            Lang::Zh => (self.zh, self.en),
            Lang::En => (self.en, self.zh),
        };
        format!("{first}{separator}{second}")
    }
}
