//! Whether a heading, a sheet's name or a list of values tells of persons: such texts are masked, and nothing is named
//! after them.
//!
//! Judged by form alone, and rather once too often than once too seldom.

use std::collections::BTreeMap;

use crate::{
    identifier::{
        self,
        name::{is_hanzi, is_person_name},
        recognise::{Kind, recognise},
    },
    text::Mask,
};

/// The commonest surnames. A short text that begins with one may be a name.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任\
    沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤包乌";

/// Characters of words that head columns: a text with one of them is no name.
const OF_HEADINGS: &str =
    "额号码名称日期率类型别代址话态式数量级社部员间限种度年月元值款税项状用途性口户人地行业物品单价组目料备注";

/// Words in headings of columns that hold names of persons.
const NAME_HEADINGS: [&str; 17] = [
    "姓名",
    "法定代表人",
    "法人代表",
    "负责人",
    "经办",
    "联系人",
    "户主",
    "经理",
    "股东",
    "保证人",
    "担保人",
    "报送人",
    "复核人",
    "审核人",
    "共有人",
    "配偶",
    "签字",
];

/// A run of digits as long as this may be part of somebody's number.
const LONG_RUN: usize = 6;

/// A heading or a sheet's name that is, or may be, somebody's name or number.
pub fn names_a_person(text: &str) -> bool {
    let text = text.trim();
    text.contains('@') || has_number(text) || surnamed(text)
}

fn has_number(text: &str) -> bool {
    let normal = identifier::normalise(text);
    let kinds = recognise(&normal, chrono::NaiveDate::from_ymd_opt(2099, 12, 31).unwrap_or_default());
    kinds.iter().any(|kind| kind.of_person() && kind != Kind::TaiwanPermit)
        || normal.as_bytes().split(|byte| !byte.is_ascii_digit()).any(|run| run.len() > LONG_RUN)
}

/// Whether a text has the form of a person's name in Chinese characters, and a surname, a middle dot or its being
/// written by sound says so too.
pub fn surnamed(text: &str) -> bool {
    let by_sound = || text.chars().count() > 4 && text.chars().all(is_hanzi);
    is_person_name(text)
        && !text.chars().any(|c| OF_HEADINGS.contains(c))
        && (text.contains('·') || text.starts_with(|c| SURNAMES.contains(c)) || by_sound())
}

/// The heading is one of a column of persons' names.
pub fn heads_names(heading: &str) -> bool {
    let numbered = ["号", "代码", "类型", "电话", "地址", "日期", "金额", "比例"];
    NAME_HEADINGS.iter().any(|word| heading.contains(word)) && !numbered.iter().any(|word| heading.contains(word))
}

/// At least half of the different values may be persons' names, or one is somebody's number.
pub fn tell_of_persons(values: &BTreeMap<String, u64>) -> bool {
    let named = values.keys().filter(|value| surnamed(value.trim())).count();
    named * 2 >= values.len().max(1) && named > 0 || values.keys().any(|value| has_number(value))
}

/// A heading or a sheet's name as it may be shown.
pub fn shown(text: &str) -> String {
    // A number may stand beside a name: of such a text only the first character is left.
    let mask = if names_a_person(text) { Mask::Name } else { Mask::None };
    mask.apply(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_told_from_persons() {
        for text in
            ["王小明", "乌云其其格", "买买提·艾力", "13947101234", "150102198503051238", "a@b.cn", "王 150102198503"]
        {
            assert!(names_a_person(text), "{text}");
            assert_ne!(shown(text), text);
        }
        for text in [
            "余额",
            "金额",
            "高管人数",
            "任职日期",
            "单位",
            "方式",
            "Loan Amount",
            "2026年",
            "贷款余额(万元)",
            "五级分类",
        ] {
            assert!(!names_a_person(text), "{text}");
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn lists_of_persons() {
        let list = |values: &[&str]| values.iter().map(|value| ((*value).to_owned(), 1)).collect::<BTreeMap<_, _>>();
        assert!(tell_of_persons(&list(&["王小明", "李强", "城关"])));
        assert!(tell_of_persons(&list(&["正常", "13947101234"])));
        assert!(!tell_of_persons(&list(&["正常", "关注", "次级", "可疑", "损失"])));
        assert!(!tell_of_persons(&list(&["保证", "抵押", "质押", "信用"])));
        assert!(!tell_of_persons(&list(&["150102", "150103"])));
        assert!(heads_names("法定代表人") && !heads_names("法定代表人证件号码") && !heads_names("客户名称"));
    }
}
