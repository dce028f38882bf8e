//! Why the own reader leaves a file to calamine, and what neither of them may read.
//!
//! Knows nothing of how anything is read.

use crate::text::Text;

/// A construct the own reader does not know, in Chinese and English. The file is read all the same, by calamine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusual {
    zh: &'static str,
    en: &'static str,
}

macro_rules! unusual {
    ($($name:ident, $zh:literal, $en:literal;)+) => {
        impl Unusual {
            $(#[doc = $en] pub const $name: Self = Self { zh: $zh, en: $en };)+
        }
    };
}

unusual! {
    PACKAGE, "压缩包的结构不常见", "an unusual zip package";
    CHECKSUM, "压缩数据不完整或校验和不符", "compressed data that are incomplete or fail their checksum";
    ENCODING, "不是 UTF-8 编码", "an encoding other than UTF-8";
    XML, "XML 写法不常见", "unusual XML";
    PREFIX, "元素名带命名空间前缀", "element names with a namespace prefix";
    WORKBOOK, "工作簿目录不常见", "an unusual list of sheets";
    STYLES, "单元格格式表不常见", "an unusual table of cell formats";
    STRINGS, "共享字符串表不常见", "an unusual table of shared strings";
    TRUNCATED, "内容中断", "content that breaks off";
    SHEET, "工作表的结构不常见", "an unusual structure of the sheet";
    ROW, "行号不常见", "unusual row numbers";
    CELL, "单元格写法不常见", "an unusual cell";
    VALUE, "单元格的值写法不常见", "an unusually written value";
    TEXT, "文本写法不常见", "an unusually written text";
}

impl Unusual {
    /// As a text for people.
    pub fn text(self) -> Text {
        Text::new(self.zh, self.en)
    }
}

/// Why reading cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Calamine is to read the file.
    Unusual(Unusual),
    /// What the file inflates to is out of all proportion: no reader may go on.
    Bomb,
}

impl From<Unusual> for Stop {
    fn from(unusual: Unusual) -> Self {
        Self::Unusual(unusual)
    }
}
