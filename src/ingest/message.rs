//! What is said about files and sheets that could not be read, or not as a whole: what was found and what to do.

use super::{Format, Trouble, Unreadable, cell::Broken};
use crate::text::Text;

/// A message of a kind.
pub fn unreadable(kind: Trouble, zh: impl Into<String>, en: impl Into<String>) -> Unreadable {
    Unreadable { kind, message: Text::new(zh, en) }
}

/// How a format is called.
pub fn format_name(format: Format) -> Text {
    match format {
        Format::Xlsx => Text::new("Excel 工作簿（xlsx）", "Excel workbook (xlsx)"),
        Format::Xls => Text::new("Excel 97-2003 工作簿（xls）", "Excel 97-2003 workbook (xls)"),
        Format::Xlsb => Text::new("Excel 二进制工作簿（xlsb）", "Excel binary workbook (xlsb)"),
        Format::Ods => Text::new("OpenDocument 电子表格（ods）", "OpenDocument spreadsheet (ods)"),
        Format::Csv => Text::new("分隔文本（csv）", "delimited text (csv)"),
    }
}

pub fn empty() -> Unreadable {
    unreadable(
        Trouble::Empty,
        "文件为空（0 字节），请重新导出并报送",
        "The file is empty (0 bytes); export it again and hand it in again",
    )
}

/// Nothing but blanks.
pub fn empty_text() -> Unreadable {
    unreadable(
        Trouble::Empty,
        "文件中只有空白，请重新导出并报送",
        "The file holds nothing but blanks; export it again and hand it in again",
    )
}

pub fn unopened(error: &std::io::Error) -> Unreadable {
    use std::io::ErrorKind;
    let opened_zh = match error.kind() {
        ErrorKind::NotFound => "没有这个文件，请检查路径".to_owned(),
        ErrorKind::IsADirectory => "这是文件夹，请给出其中的文件".to_owned(),
        ErrorKind::PermissionDenied => "没有读取权限，请检查文件权限或关闭占用它的程序".to_owned(),
        _ => format!("无法打开文件（{error}），请检查文件是否存在、是否有读取权限"),
    };
    unreadable(
        Trouble::Unopened,
        opened_zh,
        format!("The file cannot be opened ({error}); check that it exists and may be read"),
    )
}

pub fn damaged(format: Format, detail: &str) -> Unreadable {
    let name = format_name(format);
    unreadable(
        Trouble::Damaged,
        format!("文件是{}，但已损坏或不完整，请用 Excel 或 WPS 打开后另存为 xlsx 再报送", name.zh),
        format!(
            "The file is in the format {} but damaged or incomplete ({detail}); open it in Excel or WPS, save it as xlsx and hand it in again",
            name.en
        ),
    )
}

pub fn damaged_zip(detail: &str) -> Unreadable {
    unreadable(
        Trouble::Damaged,
        "文件开头是 xlsx 一类的压缩格式，但内容不完整，多为传输中断，请重新导出并完整传送",
        format!(
            "The file begins like an xlsx but is incomplete ({detail}), as after an interrupted transfer; export it again and transfer it completely"
        ),
    )
}

/// Sheets of which only the rows above a damage were read.
pub fn damaged_sheets(broken: &[(String, Broken)]) -> Option<Unreadable> {
    if broken.is_empty() {
        return None;
    }
    if broken.iter().any(|(_, broken)| broken.is_bomb) {
        return Some(bomb());
    }
    let places = |template: &dyn Fn(&str, &Broken) -> String| {
        broken.iter().map(|(sheet, broken)| template(sheet, broken)).collect::<Vec<_>>()
    };
    let zh = places(&|sheet, broken| format!("「{sheet}」第 {} 行之后", broken.after_row));
    let en = places(&|sheet, broken| format!("\"{sheet}\" below row {} ({})", broken.after_row, broken.detail));
    Some(unreadable(
        Trouble::Damaged,
        format!("工作表损坏，以下部分未能读取：{}。请用 Excel 或 WPS 打开后另存为 xlsx 再报送", zh.join("；")),
        format!(
            "Damaged sheets; not read: {}. Open the file in Excel or WPS, save it as xlsx and hand it in again",
            en.join("; ")
        ),
    ))
}

/// Note on an xlsx workbook the own reader left to calamine: why, and in which sheet behind which row.
pub fn handed_over(reason: &Text, place: Option<(&str, u32)>) -> Text {
    let (zh, en) = match place {
        Some((sheet, row)) => {
            (format!("（工作表「{sheet}」第 {row} 行之后）"), format!(" (sheet \"{sheet}\", below row {row})"))
        }
        None => (String::new(), String::new()),
    };
    Text::new(
        format!("{}{zh}，已改用通用方式读取，结果相同，只是较慢", reason.zh),
        format!("{}{en}; read the general way, with the same result but more slowly", reason.en),
    )
}

/// What the file inflates to is out of all proportion to its size.
pub fn bomb() -> Unreadable {
    unreadable(
        Trouble::Damaged,
        "文件解压后大得离谱（超过原大小 200 倍或有超长的行），不像正常的工作簿，为避免耗尽内存未读取。请把数据复制到新建的工作簿中另存为 xlsx 再报送",
        "The file unpacks to more than 200 times its size, or has endless rows, as no ordinary workbook does; it was not read, so that memory is not used up. Copy the data into a new workbook, save it as xlsx and hand it in again",
    )
}

pub fn crashed() -> Unreadable {
    unreadable(
        Trouble::Damaged,
        "读取时程序遇到无法处理的内容，文件很可能已损坏，请用 Excel 或 WPS 打开后另存为 xlsx 再报送",
        "Reading came upon content it cannot handle, so the file is probably damaged; open it in Excel or WPS, save it as xlsx and hand it in again",
    )
}

/// The records could not be added to those of the other files.
pub fn not_joined(error: &anyhow::Error) -> Unreadable {
    unreadable(
        Trouble::Damaged,
        format!("记录未能并入数据集（{error}）"),
        format!("The records could not be added to the dataset ({error})"),
    )
}

pub fn password_needed() -> Unreadable {
    unreadable(
        Trouble::PasswordNeeded,
        "文件已加密，需要打开密码：请把密码放入作业文件 password_env 指定的环境变量后重新运行，或取消密码后重新报送",
        "The file is encrypted and needs a password: put it into the environment variable named by password_env in the job file and run again, or hand the file in again without a password",
    )
}

pub fn password_wrong() -> Unreadable {
    unreadable(
        Trouble::PasswordWrong,
        "文件已加密，所给密码不正确：请检查作业文件 password_env 指定的环境变量中的密码，或取消密码后重新报送",
        "The file is encrypted and the password given is wrong: check the environment variable named by password_env in the job file, or hand the file in again without a password",
    )
}

/// Encryption no password helps with here.
pub fn password_unsupported() -> Unreadable {
    unreadable(
        Trouble::PasswordNeeded,
        "文件以本程序不支持的方式加密，请在 Excel 或 WPS 中取消密码，或另存为带密码的 xlsx 后重新报送",
        "The file is encrypted in a way that is not supported; remove the password in Excel or WPS, or save it as an xlsx with a password, and hand it in again",
    )
}

/// The file is something else, whatever it is called.
pub fn unknown(found_zh: &str, found_en: &str) -> Unreadable {
    unreadable(
        Trouble::UnknownFormat,
        format!("文件实际是{found_zh}，不是本程序能读取的电子表格，请用 Excel 或 WPS 打开数据后另存为 xlsx 再报送"),
        format!(
            "The file is really {found_en}, not a spreadsheet that can be read; open the data in Excel or WPS, save it as xlsx and hand it in again"
        ),
    )
}

pub fn nothing_matches(format: Format, sheets: &[String]) -> Unreadable {
    let name = format_name(format);
    let (zh, en) = match sheets {
        [] => ("，没有工作表".to_owned(), " without worksheets".to_owned()),
        _ if format == Format::Csv => (String::new(), String::new()),
        names => (format!("，工作表：{}", names.join("、")), format!(" with the sheets {}", names.join(", "))),
    };
    unreadable(
        Trouble::NothingMatches,
        format!("文件是{}{zh}；前 30 行中没有任何数据集的标题行，请按模板的标题重新导出", name.zh),
        format!(
            "The file is in the format {}{en}; none of its first 30 rows holds the headings of a dataset: export it again with the headings of the template",
            name.en
        ),
    )
}

/// Sheets that match one dataset, none preferred: dataset title and sheet names.
pub fn ambiguous(doubles: &[(Text, Vec<String>)]) -> Option<Unreadable> {
    if doubles.is_empty() {
        return None;
    }
    let zh: Vec<String> =
        doubles.iter().map(|(title, sheets)| format!("{}：{}", title.zh, sheets.join("、"))).collect();
    let en: Vec<String> =
        doubles.iter().map(|(title, sheets)| format!("{}: {}", title.en, sheets.join(", "))).collect();
    Some(unreadable(
        Trouble::Ambiguous,
        format!("多张工作表都符合同一数据集，无法判断读哪一张（{}），请只保留一张，或用模板的表名命名", zh.join("；")),
        format!(
            "Several sheets match one dataset, so that it is unclear which to read ({}); keep one, or name it as in the template",
            en.join("; ")
        ),
    ))
}

/// Note on a sheet left out because another one is read for its dataset.
pub fn other_sheet_read(title: &Text, sheet: &str) -> Text {
    Text::new(
        format!("也符合{}，但已读取工作表「{sheet}」，本表未读", title.zh),
        format!("Also matches {}, but sheet \"{sheet}\" is read; this one is not", title.en),
    )
}

/// Note on a sheet left out because it is unclear which to read.
pub fn one_of_several(title: &Text) -> Text {
    Text::new(
        format!("与其他工作表同样符合{}，无法判断读哪一张，未读", title.zh),
        format!("Matches {} like another sheet; unclear which to read, not read", title.en),
    )
}

/// Note on an empty sheet.
pub fn empty_sheet() -> Text {
    Text::new("空表", "Empty sheet")
}

/// Note on a sheet that matches nothing; with the dataset it comes nearest to and the headings it lacks.
pub fn no_match(nearest: Option<(&Text, &[String])>) -> Text {
    match nearest {
        Some((title, missing)) if !missing.is_empty() => Text::new(
            format!("没有标题行符合任何数据集；最接近{}，缺少：{}", title.zh, missing.join("、")),
            format!(
                "No row holds the headings of a dataset; nearest is {}, which lacks {}",
                title.en,
                missing.join(", ")
            ),
        ),
        _ => Text::new("没有标题行符合任何数据集", "No row holds the headings of a dataset"),
    }
}

/// Note on a sheet that could not be read at all.
pub fn sheet_broken(broken: &Broken) -> Text {
    Text::new(
        format!("工作表损坏，第 {} 行之后未能读取（{}）", broken.after_row, broken.detail),
        format!("Damaged sheet; not read below row {} ({})", broken.after_row, broken.detail),
    )
}

/// Note on cells far to the right that have no heading.
pub fn cells_beyond(columns: u32) -> Text {
    Text::new(
        format!("第 {columns} 列以右有无标题的单元格，未保留"),
        format!("Cells without a heading right of column {columns} were not kept"),
    )
}
