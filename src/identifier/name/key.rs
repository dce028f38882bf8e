//! The key by which two ways to write one name are equal.

use unicode_normalization::UnicodeNormalization;

use super::{WRONG_DOTS, is_hanzi, is_invisible};

/// The equivalence key of a name: NFKC (which folds full-width characters), brackets and dashes of one form, middle
/// dots of one form, blanks and invisible characters removed. Chinese characters are never removed, and 有限公司 stays
/// different from 有限责任公司.
pub fn name_key(name: &str) -> String {
    if name.chars().all(|c| matches!(c, '\u{4E00}'..='\u{9FFF}') || c.is_ascii_alphanumeric()) {
        return name.to_owned();
    }
    let folded: Vec<char> = name.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
    let hanzi_at = |index: Option<usize>| index.and_then(|index| folded.get(index)).is_some_and(|c| is_hanzi(*c));
    let unify = |(index, c): (usize, &char)| match *c {
        '〔' | '［' | '[' | '【' | '〖' | '{' | '〘' => '(',
        '〕' | '］' | ']' | '】' | '〗' | '}' | '〙' => ')',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        // In Latin names the full stop is itself.
        '.' if hanzi_at(index.checked_sub(1)) && hanzi_at(Some(index + 1)) => '·',
        '.' => '.',
        c if WRONG_DOTS.contains(&c) => '·',
        c => c,
    };
    folded.iter().enumerate().map(unify).collect()
}

/// Whether two names are equal by [`name_key`].
pub fn same_name(a: &str, b: &str) -> bool {
    a == b || name_key(a) == name_key(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_variants_are_equal() {
        let pairs = [
            ("内蒙古草原（集团）有限公司", "内蒙古草原(集团)有限公司"),
            ("内蒙古草原〔集团〕有限公司", "内蒙古草原［集团］有限公司"),
            ("内蒙古 草原\u{3000}有限\u{A0}公司", "内蒙古草原有限公司"),
            ("内蒙古\u{200B}草原有限公司\u{FEFF}", "内蒙古草原有限公司"),
            ("ＡＢＣ贸易有限公司", "ABC贸易有限公司"),
            ("买买提•艾力", "买买提·艾力"),
            ("买买提．艾力", "买买提·艾力"),
            ("买买提.艾力", "买买提・艾力"),
            ("买买提‧艾力", "买买提∙艾力"),
            ("A—B贸易有限公司", "A-B贸易有限公司"),
        ];
        for (a, b) in pairs {
            assert!(same_name(a, b), "{a} {b}");
        }
    }

    #[test]
    fn different_names_stay_different() {
        let pairs = [
            ("内蒙古草原有限公司", "内蒙古草原有限责任公司"),
            ("内蒙古草原有限公司", "内蒙古草原有限公司(旧)"),
            ("买买提艾力", "买买提·艾力"),
            ("ABC贸易有限公司", "abc贸易有限公司"),
        ];
        for (a, b) in pairs {
            assert!(!same_name(a, b), "{a} {b}");
        }
    }

    #[test]
    fn latin_stops_and_rare_hanzi_stay() {
        assert_eq!(name_key("Foo Co., Ltd."), "FooCo.,Ltd.");
        assert_eq!(name_key("王𬭚"), "王𬭚");
        assert_eq!(name_key("〇一"), "〇一");
    }
}
