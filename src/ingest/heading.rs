//! Headings: how the text above a column names a field, in spite of blanks, brackets and units.
//!
//! Knows datasets and fields, but no cells and no sheets.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::characters::{is_blank, is_hanzi, is_invisible};
use crate::pack::{AmountUnit, Dataset, FieldKind};

/// A heading taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// All of it, normalised.
    pub whole: String,
    /// Without the unit at its end.
    pub base: String,
    /// The unit of amounts it states.
    pub unit: Option<AmountUnit>,
    /// It states per cent.
    pub percent: bool,
}

/// The field a heading names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Index of the field.
    pub field: u16,
    /// The heading is one of the declared ones to the letter, unit included.
    pub exact: bool,
    /// The unit it states.
    pub unit: Option<AmountUnit>,
    /// It states per cent.
    pub percent: bool,
}

/// The headings of one dataset.
#[derive(Debug)]
pub struct Headings {
    whole: HashMap<String, (u16, bool)>,
    base: HashMap<String, (u16, bool)>,
}

/// Compatibility forms folded, blanks, line breaks and asterisks removed, brackets made one kind, small letters.
pub fn normalised(text: &str) -> String {
    let folded: String = text
        .nfkc()
        .filter(|c| !is_blank(*c) && !is_invisible(*c))
        .map(|c| match c {
            '[' | '{' | '〔' | '【' | '〈' | '《' => '(',
            ']' | '}' | '〕' | '】' | '〉' | '》' => ')',
            other => other,
        })
        .collect();
    folded.trim_matches(['*', ':', '★', '※']).to_lowercase()
}

/// The unit stated in brackets at the end of a heading, or by a note: `万元`, `单位:人民币元`.
fn unit_of(text: &str) -> Option<AmountUnit> {
    let mut text = text;
    for prefix in ["金额", "单位:", "人民币"] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    match text.strip_suffix("人民币").unwrap_or(text) {
        "万元" => Some(AmountUnit::WanYuan),
        "元" | "圆" => Some(AmountUnit::Yuan),
        _ => None,
    }
}

impl Heading {
    /// Takes a heading apart.
    pub fn parse(text: &str) -> Self {
        let whole = normalised(text);
        let mut heading = Self { base: whole.clone(), whole, unit: None, percent: false };
        if let Some((base, suffix)) = heading.whole.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
            heading.unit = unit_of(suffix);
            heading.percent = suffix == "%";
            if heading.unit.is_some() || heading.percent {
                heading.base = base.to_owned();
            }
        } else if let Some(base) = heading.whole.strip_suffix('%') {
            heading.percent = true;
            heading.base = base.to_owned();
        }
        heading
    }
}

impl Headings {
    /// The headings a dataset declares. Where two fields declare the same one, it belongs to the first.
    pub fn of(dataset: &Dataset) -> Self {
        let (mut whole, mut base) = (HashMap::new(), HashMap::new());
        for (index, field) in dataset.fields.iter().enumerate() {
            let Ok(index) = u16::try_from(index) else { break };
            let numeric = matches!(field.kind, FieldKind::Amount | FieldKind::Decimal);
            let percent = field.headings.iter().any(|text| Heading::parse(text).percent);
            for text in &field.headings {
                let heading = Heading::parse(text);
                whole.entry(heading.whole).or_insert((index, percent));
                if numeric {
                    base.entry(heading.base).or_insert((index, percent));
                }
            }
        }
        Self { whole, base }
    }

    /// The field a heading names.
    pub fn find(&self, heading: &Heading) -> Option<Named> {
        if heading.whole.is_empty() {
            return None;
        }
        let named = |(field, percent): (u16, bool), exact| Named {
            field,
            exact,
            unit: heading.unit,
            percent: percent || heading.percent,
        };
        if let Some(found) = self.whole.get(&heading.whole) {
            return Some(named(*found, true));
        }
        self.base.get(&heading.base).map(|found| named(*found, false))
    }
}

/// The unit of amounts a title or note above the headings states: `单位：万元`, `（金额单位：人民币元）`.
pub fn unit_in_title(text: &str) -> Option<AmountUnit> {
    let text = normalised(text);
    text.match_indices("单位:").find_map(|(at, word)| {
        let stated = text.get(at + word.len()..)?;
        let end = stated.find(|c: char| !is_unit_letter(c)).unwrap_or(stated.len());
        let (unit, rest) = stated.split_at_checked(end)?;
        // `填报单位:元宝山社部` states no unit.
        if rest.starts_with(is_hanzi) { None } else { unit_of(unit) }
    })
}

fn is_unit_letter(c: char) -> bool {
    matches!(c, '人' | '民' | '币' | '万' | '亿' | '千' | '百' | '元' | '圆')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_taken_off_in_all_their_forms() {
        for (text, base, unit) in [
            ("贷款余额(万元)", "贷款余额", Some(AmountUnit::WanYuan)),
            ("贷款余额（元）", "贷款余额", Some(AmountUnit::Yuan)),
            ("贷 款\n余额 〔单位：人民币元〕", "贷款余额", Some(AmountUnit::Yuan)),
            ("*贷款余额", "贷款余额", None),
            ("贷款余额（亿元）", "贷款余额(亿元)", None),
            ("客户名称（全称）", "客户名称(全称)", None),
        ] {
            let heading = Heading::parse(text);
            assert_eq!((heading.base.as_str(), heading.unit), (base, unit), "{text}");
        }
        assert!(Heading::parse("持股比例(%)").percent);
        assert_eq!(Heading::parse("持股比例％").base, "持股比例");
    }

    #[test]
    fn titles_state_units() {
        assert_eq!(unit_in_title("单位：万元"), Some(AmountUnit::WanYuan));
        assert_eq!(unit_in_title("报送日期：2026-10-31  金额单位：人民币元、%"), Some(AmountUnit::Yuan));
        assert_eq!(unit_in_title("填报单位：城关社部 单位：万元"), Some(AmountUnit::WanYuan));
        assert_eq!(unit_in_title("填报单位：城关社部"), None);
        assert_eq!(unit_in_title("填报单位：元宝山社部"), None);
        assert_eq!(unit_in_title("单位：亿元"), None);
    }
}
