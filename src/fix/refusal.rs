//! Why a workbook that came back was not taken, or something in it not, and what to do.

use crate::{ingest::Unreadable, text::Text};

/// A workbook that was not taken, as a whole.
#[derive(Clone, Debug)]
pub struct Refused {
    /// SHA-256 of the file, hexadecimal; empty if it could not be opened.
    pub sha256: String,
    /// Code of the unit it was issued to, if that could be told.
    pub unit: Option<String>,
    /// Why, and what to do.
    pub text: Text,
}

/// Something in a workbook that was not taken, or is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where: sheet and row or cell.
    pub place: String,
    /// What, and what to do.
    pub text: Text,
}

impl Remark {
    /// A remark.
    pub fn new(place: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { place: place.into(), text: Text::new(zh, en) }
    }
}

/// The file could not be read.
pub fn unreadable(unreadable: &Unreadable) -> Text {
    unreadable.message.clone()
}

/// It was saved as something else than xlsx.
pub fn other_format(format: &str) -> Text {
    Text::new(
        format!(
            "工作簿被另存为 {format} 格式，隐藏的标识可能已丢失；请在原来的 xlsx 工作簿中填写，或另存为 xlsx 后再交"
        ),
        format!(
            "it was saved as {format}, which may lose the hidden marks; fill in the xlsx workbook that was issued, or save it as xlsx"
        ),
    )
}

/// It has no hidden sheet.
pub fn foreign() -> Text {
    Text::new(
        "不是本程序发出的差错工作簿，或其中的隐藏表已被删除；请在 errors/ 里发出的工作簿上填写",
        "it is no error workbook of this program, or its hidden sheet was deleted; fill in the workbook issued in errors/",
    )
}

/// The hidden sheet cannot be understood.
pub fn other_layout(found: &str) -> Text {
    Text::new(
        format!("工作簿由另一版本的程序发出（格式 {found}），不能读回；请用本次运行发出的工作簿"),
        format!(
            "it was issued by another version of the program (layout {found}) and cannot be read back; use the workbook of the last run"
        ),
    )
}

/// It belongs to another institution, pack, period or unit.
pub fn other_job(what: &Text, found: &str, wanted: &str) -> Text {
    let (zh, en) = (&what.zh, &what.en);
    Text::new(
        format!("工作簿的{zh}是 {found}，本作业是 {wanted}；请核对文件，或换用相应的作业"),
        format!("its {en} is {found}, that of the job {wanted}; check the file, or name the job it belongs to"),
    )
}

/// Its unit is not in the roster.
pub fn no_unit(code: &str) -> Text {
    Text::new(
        format!("工作簿的社部 {code} 不在名册中；请核对名册"),
        format!("its unit {code} is not in the roster; check the roster"),
    )
}

/// The list of findings is not there.
pub fn no_list() -> Text {
    Text::new(
        "没有找到“问题清单”（处理方式、更正值、说明各列）；工作表或表头已被删除，请用原来发出的工作簿填写",
        "the list of findings with its headings was not found; the sheet or its headings were deleted: fill in the workbook as issued",
    )
}

/// A hidden column was deleted.
pub fn no_marks(sheet: &str) -> Text {
    Text::new(
        format!("工作表“{sheet}”的隐藏标识列已被删除，无法对应到记录；请用原来发出的工作簿填写，不要删除隐藏列"),
        format!(
            "the hidden column of sheet {sheet} was deleted, so that nothing can be matched; fill in the workbook as issued and leave hidden columns"
        ),
    )
}

/// Lines no longer stand beside their marks.
pub fn torn(sheet: &str, rows: &[u32]) -> Text {
    let rows: Vec<_> = rows.iter().take(5).map(ToString::to_string).collect();
    let rows = rows.join(", ");
    Text::new(
        format!(
            "工作表“{sheet}”第 {rows} 行的序号或行号与隐藏标识不一致，多为排序或粘贴时没有带上隐藏列；请用原来发出的工作簿重新填写，排序时用表头的筛选按钮"
        ),
        format!(
            "in sheet {sheet}, rows {rows}, numbers and hidden marks do not agree: some columns were sorted or pasted without the hidden one; fill in the workbook as issued and sort by the filter buttons"
        ),
    )
}

/// A column was deleted, or another with its heading added.
pub fn columns(sheet: &str, heading: &str) -> Text {
    Text::new(
        format!("工作表“{sheet}”的“{heading}”列缺少或重复，无法对应；请恢复表头后再交"),
        format!(
            "the column {heading} of sheet {sheet} is missing or there is another of that name; restore the headings"
        ),
    )
}

/// The same file was given twice, the second time as `name`.
pub fn same_file(name: &str) -> Remark {
    Remark::new(
        name,
        "与已读入的工作簿是同一个文件，只读一次",
        "it is the same file as one read before, which is read once",
    )
}
