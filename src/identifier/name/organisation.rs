//! Names of organisations: is it the full legal name?
//!
//! The forms of organisation are data (`organisation_forms.csv`): what a full name of each kind ends with.

use std::sync::OnceLock;

use super::{is_hanzi, is_invisible, is_latin_form};

const TABLE: &str = include_str!("../../../rules/common/data/organisation_forms.csv");

/// What a form at the end of a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A company: only a branch may follow.
    Company,
    /// Stands in brackets at the end.
    Partnership,
    /// Any other full form.
    Full,
    /// A branch: a full form, also after a company's.
    Branch,
    /// No full name ends so, and no person's.
    Abbreviation,
}

struct Form {
    last: char,
    text: &'static str,
    kind: Kind,
}

fn forms() -> &'static [Form] {
    static FORMS: OnceLock<Vec<Form>> = OnceLock::new();
    FORMS.get_or_init(|| TABLE.lines().skip(1).filter_map(parse).collect())
}

fn parse(line: &'static str) -> Option<Form> {
    let (text, kind) = line.split_once(',')?;
    let kind = match kind {
        "company" => Kind::Company,
        "partnership" => Kind::Partnership,
        "full" => Kind::Full,
        "branch" => Kind::Branch,
        "abbreviation" => Kind::Abbreviation,
        _ => return None,
    };
    Some(Form { last: text.chars().next_back()?, text, kind })
}

/// The forms the name ends with, and what stands before each.
fn endings(name: &str) -> impl Iterator<Item = (&'static Form, &str)> {
    let last = name.chars().next_back();
    let here = forms().iter().filter(move |form| Some(form.last) == last);
    here.filter_map(move |form| Some((form, name.strip_suffix(form.text)?)))
}

/// Whether the text has the form of an organisation's full legal name (Article 8(5)): it ends with a form of
/// organisation that says enough, something stands before it, and nothing is put behind it.
///
/// `公司` or `集团` alone is no such form, nor are notes such as `(旧)`, names of departments behind a company's name,
/// and blanks. Foreign names in Latin letters end with a form such as Ltd.
pub fn is_full_name(name: &str) -> bool {
    if name.trim() != name || name.chars().any(spoils) {
        return false;
    }
    if !name.chars().any(is_hanzi) {
        let mut words = name.split(' ');
        return words.next_back().is_some_and(is_latin_form)
            && words.next().is_some_and(|word| word.starts_with(char::is_alphanumeric));
    }
    if name.contains(char::is_whitespace) {
        return false;
    }
    if let Some(bare) = name.strip_suffix([')', '）', '〕', '］', ']']) {
        let Some((before, note)) = bare.rsplit_once(['(', '（', '〔', '［', '[']) else { return false };
        let partnership = |form: &Form| form.kind == Kind::Partnership && form.text == note;
        return before.chars().count() >= 4 && forms().iter().any(partnership);
    }
    let length = name.chars().count();
    endings(name).any(|(form, before)| {
        let body = before.chars().count();
        match form.kind {
            Kind::Company => body >= 2,
            // 财政局, 老王店: a place is missing before forms of one character.
            Kind::Full => body >= 2 && (length > body + 1 || length >= 5) && !has_company(before),
            Kind::Branch => body >= 4,
            Kind::Partnership | Kind::Abbreviation => false,
        }
    })
}

/// Whether the text ends like an organisation's name, full or not, so that it is no person's. One character before
/// the form is a surname: 李大学.
pub(super) fn ends_like_one(name: &str) -> bool {
    endings(name).any(|(form, before)| {
        // Given names end with 行, 社 and the like.
        let common = form.text.chars().count() == 1 && !"局厅厂店馆".contains(form.text);
        !common && form.kind != Kind::Partnership && before.chars().count() != 1
    })
}

/// Whether a company's name stands inside the text.
fn has_company(text: &str) -> bool {
    forms().iter().any(|form| form.kind == Kind::Company && text.contains(form.text))
}

/// Characters that are in no legal name: what is left of lost characters, and marks of a writer's own.
fn spoils(c: char) -> bool {
    is_invisible(c)
        || matches!(c, '?' | '？' | '□' | '■' | '*' | '＊' | '#' | '/' | '\\' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}'
            | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_no_form_is_there_twice() {
        assert_eq!(forms().len(), TABLE.lines().count() - 1);
        for (index, form) in forms().iter().enumerate() {
            assert!(forms()[..index].iter().all(|other| other.text != form.text), "{}", form.text);
        }
    }

    #[test]
    fn full_names() {
        let names = [
            "内蒙古草原乳业股份有限公司",
            "呼和浩特市青城商贸有限责任公司",
            "内蒙古草原(集团)有限公司",
            "内蒙古草原（集团）有限公司呼和浩特分公司",
            "呼和浩特市明达会计师事务所(普通合伙)",
            "内蒙古青山投资中心（有限合伙）",
            "武川县丰收农牧业农民专业合作社",
            "新城区老张饭店",
            "新城区便民超市",
            "武川县上秃亥乡大路壕村村民委员会",
            "北京大学",
            "呼和浩特市第一医院",
            "武川县财政局",
            "包头钢铁厂",
            "武川县农村信用合作联社",
            "土默特左旗农村信用合作联社城关信用社",
            "中国邮政集团有限公司",
            "中国人民银行",
            "内蒙古草原养殖场",
            "Foo Trading Co., Ltd.",
            "Bar Holdings PLC",
            "ABC贸易有限公司",
        ];
        for name in names {
            assert!(is_full_name(name), "{name}");
        }
    }

    #[test]
    fn not_full_names() {
        let names = [
            "",
            " ",
            "公司",
            "有限公司",
            "草原公司",
            "内蒙古草原公司",
            "内蒙古草原集团",
            "伊利股份",
            "草原",
            "农行",
            "财政局",
            "老王店",
            "内蒙古草原有限公司(旧)",
            "内蒙古草原有限公司（张三）",
            "内蒙古草原有限公司 张三",
            "内蒙古草原有限公司张三",
            "内蒙古草原有限公司信贷部",
            "内蒙古草原 有限公司",
            " 内蒙古草原有限公司",
            "内蒙古草原有限公司\u{3000}",
            "内蒙古草?有限公司",
            "内蒙古草\u{E123}有限公司",
            "张三",
            "乌云其其格",
            "内蒙古草原(集团)",
            "Foo Trading",
            "Ltd.",
            "有限合伙",
        ];
        for name in names {
            assert!(!is_full_name(name), "{name}");
        }
    }
}
