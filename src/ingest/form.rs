//! What the number format of a cell adds to its value: zeros in front, per cent, another magnitude, a unit.
//!
//! Knows format codes (ECMA-376 part 1, 18.8.31), but neither cells nor fields. Dates are told apart elsewhere.

use crate::pack::AmountUnit;

/// How a number format shows a number that is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As a whole number with zeros in front, up to so many digits.
    Zeros(u8),
    /// Multiplied by a hundred, with a sign of per cent.
    Percent,
    /// Divided by a power of ten: by thousands, with a point drawn between its digits, or beside a word such as 千元.
    Scaled,
    /// Beside the word 元 or 万元.
    Unit(AmountUnit),
}

impl Form {
    /// A name for storage.
    pub fn name(self) -> String {
        match self {
            Self::Zeros(digits) => format!("zeros-{digits}"),
            Self::Percent => "percent".to_owned(),
            Self::Scaled => "scaled".to_owned(),
            Self::Unit(AmountUnit::Yuan) => "yuan".to_owned(),
            Self::Unit(AmountUnit::WanYuan) => "wan-yuan".to_owned(),
        }
    }

    /// The form of a name [`Form::name`] gave.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "percent" => Self::Percent,
            "scaled" => Self::Scaled,
            "yuan" => Self::Unit(AmountUnit::Yuan),
            "wan-yuan" => Self::Unit(AmountUnit::WanYuan),
            other => Self::Zeros(other.strip_prefix("zeros-")?.parse().ok()?),
        })
    }
}

/// The form of a built-in format; none if it shows a number by its digits alone.
pub fn built_in(id: u32) -> Option<Form> {
    matches!(id, 9 | 10).then_some(Form::Percent)
}

/// What stands in a section of a format code.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a sign of the code")]
struct Section {
    zeros: u8,
    other_places: bool,
    point: bool,
    percent: bool,
    /// Commas behind the last place of a digit: each divides by a thousand.
    commas: bool,
    scaled: bool,
    /// A point that is only drawn, behind places of digits.
    drawn_point: bool,
    words: String,
}

impl Section {
    fn place(&mut self, zero: bool) {
        if zero {
            self.zeros = self.zeros.saturating_add(1);
        } else {
            self.other_places = true;
        }
        self.commas = false;
        self.scaled |= self.drawn_point;
    }

    fn has_places(&self) -> bool {
        self.zeros > 0 || self.other_places
    }

    fn word(&mut self, c: char) {
        self.drawn_point |= c == '.' && self.has_places();
        self.words.push(c);
    }

    fn form(self) -> Option<Form> {
        if !self.has_places() {
            return None;
        }
        let other_magnitude = self.words.contains(['亿', '千', '百', '仟', '佰']);
        if self.scaled || self.commas || other_magnitude {
            return Some(Form::Scaled);
        }
        if self.percent {
            return Some(Form::Percent);
        }
        if self.words.contains('万') {
            return Some(Form::Unit(AmountUnit::WanYuan));
        }
        if self.words.contains(['元', '圆']) {
            return Some(Form::Unit(AmountUnit::Yuan));
        }
        if self.zeros >= 2 && !self.other_places && !self.point && self.words.trim().is_empty() {
            return Some(Form::Zeros(self.zeros));
        }
        None
    }
}

/// The form of a format code: of its first section, which is that of positive numbers. None if it shows a number by its
/// digits alone.
pub fn form_of(code: &str) -> Option<Form> {
    let mut section = Section::default();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '\\' => {
                if let Some(shown) = chars.next() {
                    section.word(shown);
                }
            }
            '"' => chars.by_ref().take_while(|c| *c != '"').for_each(|c| section.word(c)),
            // A blank as wide as the next character, or that character repeated.
            '_' | '*' => {
                chars.next();
            }
            '[' => chars.by_ref().take_while(|c| *c != ']').for_each(drop),
            '0' => section.place(true),
            '#' | '?' => section.place(false),
            '.' => {
                section.point = true;
                section.scaled |= section.commas;
                section.commas = false;
            }
            ',' => section.commas = section.has_places(),
            '%' => section.percent = true,
            other => section.word(other),
        }
    }
    section.form()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_format_codes() {
        let (wan, yuan) = (Some(Form::Unit(AmountUnit::WanYuan)), Some(Form::Unit(AmountUnit::Yuan)));
        for (code, form) in [
            ("General", None),
            ("@", None),
            ("0", None),
            ("0.00", None),
            ("#,##0.00_);[Red]\\(#,##0.00\\)", None),
            ("_ ¥* #,##0.00_ ;_ ¥* \\-#,##0.00_ ;_ ¥* \"-\"??_ ;_ @_ ", None),
            ("0.00E+00", None),
            ("\"No.\"000", None),
            ("000\\-000", None),
            ("000000", Some(Form::Zeros(6))),
            ("000000_ ", Some(Form::Zeros(6))),
            ("[$-804]00;[Red]0", Some(Form::Zeros(2))),
            ("0%", Some(Form::Percent)),
            ("0.00%;-0.00%", Some(Form::Percent)),
            ("0\"%\"", None),
            ("#,##0,", Some(Form::Scaled)),
            ("0.0,,", Some(Form::Scaled)),
            ("#,##0,.00", Some(Form::Scaled)),
            // 万元 drawn by a point four digits from the right, as written with 0!.0, in Chinese editions.
            ("0\\.0,", Some(Form::Scaled)),
            ("0\\.0000", Some(Form::Scaled)),
            ("0\".\"0000", Some(Form::Scaled)),
            ("0.00\"千元\"", Some(Form::Scaled)),
            ("0.00\"亿\"", Some(Form::Scaled)),
            ("0.00\"万元\"", wan),
            ("0.00\\万", wan),
            ("#,##0.00\"元\"", yuan),
            ("#,##0.00元", yuan),
            ("\"元\"", None),
            ("", None),
            ("\"", None),
            ("0;0%", None),
        ] {
            assert_eq!(form_of(code), form, "{code}");
        }
    }
}
