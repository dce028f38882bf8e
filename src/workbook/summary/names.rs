//! What officers call the things the program tells apart.

use crate::{
    ingest::{Format, Normaliser, SkippedKind},
    outcome::{Resubmission, Timeliness},
    workbook::label::{Label, label},
};

/// How a unit's submission came in.
pub fn timeliness(timeliness: Timeliness) -> Label {
    match timeliness {
        Timeliness::OnTime => label("按时", "on time"),
        Timeliness::Late => label("迟报", "late"),
        Timeliness::Missing => label("未报", "missing"),
        Timeliness::NoReceipt => label("无收件记录", "no receipt"),
    }
}

/// Whether what was to be corrected came again.
pub fn resubmission(resubmission: Resubmission) -> Label {
    match resubmission {
        Resubmission::NotNeeded => label("—", "—"),
        Resubmission::Awaited => label("待重报", "awaited"),
        Resubmission::InTime => label("按时重报", "in time"),
        Resubmission::Late => label("逾期重报", "late"),
    }
}

/// A file format.
pub fn format(format: Format) -> &'static str {
    match format {
        Format::Xlsx => "xlsx",
        Format::Xls => "xls",
        Format::Xlsb => "xlsb",
        Format::Ods => "ods",
        Format::Csv => "csv",
    }
}

/// Why a row is no record.
pub fn skipped(kind: SkippedKind) -> Label {
    match kind {
        SkippedKind::Title => label("标题行", "title"),
        SkippedKind::Blank => label("空行", "blank"),
        SkippedKind::Total => label("合计行", "total"),
        SkippedKind::Note => label("说明或签字行", "note"),
        SkippedKind::Heading => label("重复的表头", "heading again"),
    }
}

/// A repair.
pub fn repair(normaliser: Normaliser) -> Label {
    match normaliser {
        Normaliser::Blanks => label("去空格", "blanks removed"),
        Normaliser::FullWidth => label("全角转半角", "full-width folded"),
        Normaliser::Invisible => label("去不可见字符", "invisible characters removed"),
        Normaliser::UpperCase => label("字母改大写", "letters raised"),
        Normaliser::Thousands => label("去千分位", "thousands separators removed"),
        Normaliser::CurrencySign => label("去货币或单位字样", "currency or unit removed"),
        Normaliser::BracketNegative => label("括号作负数", "brackets read as minus"),
        Normaliser::NumericCode => label("数值作代码", "number read as code"),
        Normaliser::DateText => label("文本作日期", "text read as date"),
        Normaliser::DateSerial => label("序列值作日期", "serial number read as date"),
        Normaliser::UnitOfHeading => label("按表头换算金额单位", "amount converted to the field's unit"),
        Normaliser::CodeName => label("名称换代码", "name replaced by code"),
        Normaliser::PercentFormat => label("按百分比格式读取", "read as per cent as shown"),
        Normaliser::DashAsBlank => label("横线作空白", "dash read as blank"),
    }
}
