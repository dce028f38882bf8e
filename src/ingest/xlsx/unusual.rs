//! Why the own reader leaves a file to calamine, and what neither of them may read.
//!
//! Knows nothing of how anything is read.

use crate::text::Text;

/// What the own reader does not know. The file is read all the same, by calamine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusual {
    /// The zip package.
    Package,
    /// The compressed data.
    Checksum,
    /// The encoding.
    Encoding,
    /// Tags and attributes.
    Xml,
    /// Names with a prefix.
    Prefix,
    /// The list of sheets.
    Workbook,
    /// The cell formats.
    Styles,
    /// The shared strings.
    Strings,
    /// A part without an end.
    Truncated,
    /// What surrounds the rows of a sheet.
    Sheet,
    /// A row, or its number.
    Row,
    /// A cell.
    Cell,
    /// The value of a cell.
    Value,
    /// A text.
    Text,
}

impl Unusual {
    /// As a text for people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::Package => ("压缩包的结构不常见", "an unusual zip package"),
            Self::Checksum => {
                ("压缩数据不完整或校验和不符", "compressed data that are incomplete or fail their checksum")
            }
            Self::Encoding => ("不是 UTF-8 编码", "an encoding other than UTF-8"),
            Self::Xml => ("XML 写法不常见", "unusual XML"),
            Self::Prefix => ("元素名带命名空间前缀", "element names with a namespace prefix"),
            Self::Workbook => ("工作簿目录不常见", "an unusual list of sheets"),
            Self::Styles => ("单元格格式表不常见", "an unusual table of cell formats"),
            Self::Strings => ("共享字符串表不常见", "an unusual table of shared strings"),
            Self::Truncated => ("内容中断", "content that breaks off"),
            Self::Sheet => ("工作表的结构不常见", "an unusual structure of the sheet"),
            Self::Row => ("行号不常见", "unusual row numbers"),
            Self::Cell => ("单元格写法不常见", "an unusual cell"),
            Self::Value => ("单元格的值写法不常见", "an unusually written value"),
            Self::Text => ("文本写法不常见", "an unusually written text"),
        };
        Text::new(zh, en)
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
