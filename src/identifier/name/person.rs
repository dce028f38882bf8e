//! Names of natural persons.

use super::{WRONG_DOTS, is_hanzi, is_latin_form, organisation};
use crate::identifier::filler;

/// Longest name in characters: 25 of double width, 50 columns (民委发〔2016〕33号).
const LONGEST: usize = 25;

/// Characters used to write Mongolian, Tibetan and Uyghur names by their sound. Names longer than four characters and
/// without a dot are taken for a person's only if they have no others behind the first, which may be a surname:
/// 包乌云其其格 is one, 蒙牛乳业集团 is none.
const TRANSLITERATION: &str = include_str!("../../../rules/common/data/transliteration.txt");

/// Whether the text has the form of a natural person's name: two to four Chinese characters without a form of
/// organisation, a longer one written by its sound, parts joined with `·` up to 25 characters, or a foreigner's name
/// in Latin letters. Digits, brackets and blanks between Chinese characters are in no name.
pub fn is_person_name(name: &str) -> bool {
    let length = name.chars().count();
    if length < 2 || filler::is_word(name) {
        return false;
    }
    if name.contains('·') {
        return length <= LONGEST
            && name.split('·').all(|part| !part.is_empty() && part.chars().all(is_hanzi))
            && !organisation::ends_like_one(name);
    }
    if name.chars().all(is_hanzi) {
        let by_sound = || length < 10 && name.chars().skip(1).all(|c| TRANSLITERATION.contains(c));
        return !organisation::ends_like_one(name) && (length <= 4 || by_sound());
    }
    is_latin(name)
}

/// Whether a name is a person's where an organisation's is expected (Article 8(4)): the same test as
/// [`is_person_name`].
pub fn looks_personal(name: &str) -> bool {
    is_person_name(name)
}

/// The first character that stands for the middle dot between two Chinese characters and is not `·` (U+00B7).
pub fn wrong_dot(name: &str) -> Option<char> {
    let mut before = None;
    let mut found = None;
    for c in name.chars() {
        if is_hanzi(c) && found.is_some() {
            return found;
        }
        found = (WRONG_DOTS.contains(&c) && before.is_some_and(is_hanzi)).then_some(c);
        before = Some(c);
    }
    None
}

/// Words of Latin letters, with accents, hyphens, apostrophes, stops after initials, and commas after a word.
fn is_latin(name: &str) -> bool {
    let letter = |c: char| {
        c.is_ascii_alphabetic() || (matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') && c.is_alphabetic())
    };
    let good = |word: &str| {
        word.starts_with(letter)
            && word.chars().all(|c| letter(c) || matches!(c, '-' | '\'' | '’' | '.' | ','))
            // Sa and Se are surnames too.
            && !(word.len() > 2 && is_latin_form(word))
    };
    name.split(' ').all(good) && name.chars().filter(|c| letter(*c)).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons() {
        let names = [
            "张三",
            "李小明",
            "欧阳晓东",
            "王𬭚",
            "𠮷田",
            "乌云其其格",
            "王乌云其其格",
            "阿拉腾其其格",
            "斯琴高娃",
            "买买提·艾力",
            "阿不都热合曼·吐尔逊·买买提",
            "李大学",
            "王建行",
            "陈景明堂",
            "John Smith",
            "José García-López",
            "O'Neil, Mary J.",
        ];
        for name in names {
            assert!(is_person_name(name), "{name}");
            assert!(looks_personal(name), "{name}");
        }
    }

    #[test]
    fn not_persons() {
        let names = [
            "",
            "张",
            "张 三",
            "张三 ",
            "张三1",
            "张三(法人)",
            "草原公司",
            "建设银行",
            "财政局",
            "蒙牛乳业集团",
            "公司",
            "无",
            "不详",
            "暂无",
            "买买提•艾力",
            "买买提.艾力",
            "·艾力",
            "买买提··艾力",
            "Foo Trading Ltd.",
            "12345",
            "J",
            "内蒙古草原有限公司",
            "一二三四五",
        ];
        for name in names {
            assert!(!is_person_name(name), "{name}");
        }
    }

    #[test]
    fn names_have_at_most_25_characters() {
        let long = |parts: usize| vec!["艾力"; parts].join("·");
        assert!(is_person_name(&long(8)), "23 characters");
        assert!(!is_person_name(&long(9)), "26 characters");
    }

    #[test]
    fn wrong_dots_are_found() {
        for dot in ['•', '‧', '・', '∙', '⋅', '．', '.', '●'] {
            assert_eq!(wrong_dot(&format!("买买提{dot}艾力")), Some(dot));
        }
        for name in ["买买提·艾力", "John J. Smith", "张三.", ".张三", "A.B", ""] {
            assert_eq!(wrong_dot(name), None, "{name}");
        }
    }
}
