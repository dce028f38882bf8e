//! A sheet units fill in: the headings of a dataset, and below them cells that are formatted, checked as they are typed,
//! and explained when they are entered.
//!
//! The checks are the spreadsheet program's and help whoever types; pasting passes them by, and what is handed in is
//! checked all the same.

use std::collections::BTreeMap;

use anyhow::Result;
use rust_xlsxwriter::{
    ConditionalFormatFormula, DataValidation, DataValidationRule, ExcelDateTime, Format, FormatAlign, Formula,
    Worksheet,
};

use super::hint;
use crate::{
    finding::Severity,
    pack::{Dataset, Field, FieldKind, RulePack},
    table::column_letters,
    text::Lang,
    workbook::{
        cell::{MAX_ROWS, write_text},
        note::note,
        page, style,
        width::{column_width, display_width, line_count, row_height},
    },
};

/// Longest text of an input message, in UTF-16 units.
const LONGEST_MESSAGE: usize = 255;
/// Longest title of an input message.
const LONGEST_TITLE: usize = 32;
/// Columns that stay in view when the others are scrolled.
const MOST_FROZEN: u16 = 3;
/// Rows in which blanks of required columns are coloured: more would slow the spreadsheet program down.
const COLOURED_ROWS: u32 = 20_000;

/// Where the entries of each code list stand: name of the list, reference to its cells.
pub type CodeRanges = BTreeMap<String, String>;

/// Writes the headings, formats and checks of `dataset`.
pub fn write(
    sheet: &mut Worksheet,
    pack: &RulePack,
    dataset: (usize, &Dataset),
    ranges: &CodeRanges,
    lang: Lang,
) -> Result<()> {
    let (index, dataset) = dataset;
    let mut lines = 1;
    let mut total_width = 0.0;
    for (column, field) in (0u16..).zip(&dataset.fields) {
        let heading = field.headings.first().map_or(field.id.as_str(), String::as_str);
        let hint = hint::hint(pack, index, field, column, lang);
        let width = width_of(pack, field, heading);
        total_width += width;
        lines = lines.max(line_count(heading, whole(width).saturating_sub(4)));
        sheet.set_column_width(column, width)?;
        sheet.set_column_format(column, &format_of(field))?;
        write_text(sheet, 0, column, heading, &heading_of(field))?;
        sheet.insert_note(0, column, &note(&[note_text(field, heading, &hint, lang)]))?;
        let check = checked(field, column, ranges, lang)?
            .set_input_title(cut(heading, LONGEST_TITLE))?
            .set_input_message(cut(&hint, LONGEST_MESSAGE))?;
        sheet.add_data_validation(1, column, last_row(), column, &check)?;
    }
    colour_blanks(sheet, dataset)?;
    sheet.set_row_height(0, row_height(lines.max(2)) + 4.0)?;
    let frozen = dataset.key.iter().max().map_or(1, |last| last.saturating_add(1)).clamp(1, MOST_FROZEN);
    sheet.set_freeze_panes(1, frozen)?;
    page::set_up(sheet, dataset.title.get(lang), pack.title.get(lang), lang);
    sheet.set_repeat_rows(0, 0)?;
    page::spread(sheet, total_width, frozen)
}

fn last_row() -> u32 {
    u32::try_from(MAX_ROWS).unwrap_or(u32::MAX) - 1
}

/// The heading as declared; a mark before it, which is only shown and not in the cell, says that it is required.
fn heading_of(field: &Field) -> Format {
    match field.required {
        Some(Severity::Error) => style::shaded(style::heading(), Severity::Error).set_num_format("\"* \"@"),
        Some(Severity::Warning) => style::shaded(style::heading(), Severity::Warning).set_num_format("\"△ \"@"),
        _ => style::heading(),
    }
}

/// `format` with the number format Text by its built-in number: what is typed stays as typed in every program, also in one
/// that would take `@` for a pattern of the user's own.
pub fn as_text(format: Format) -> Format {
    format.set_num_format_index(49)
}

/// The format of the column's cells.
fn format_of(field: &Field) -> Format {
    let format = style::plain();
    match field.kind {
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => as_text(format),
        FieldKind::Amount | FieldKind::Decimal => format
            .set_num_format(style::decimal_format(usize::from(field.scale), field.kind == FieldKind::Amount))
            .set_align(FormatAlign::Right),
        FieldKind::Integer => format.set_num_format("0").set_align(FormatAlign::Right),
        FieldKind::Date => format.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
    }
}

fn width_of(pack: &RulePack, field: &Field, heading: &str) -> f64 {
    let list = field.codes.as_ref().and_then(|name| pack.codes.get(name));
    let entries = list.into_iter().flat_map(|list| crate::ingest::code_entries(list));
    let entry = entries.map(|(_, text)| display_width(&text)).max().unwrap_or(0).min(24);
    let (least, value) = match field.kind {
        FieldKind::Identifier => (20, 20),
        FieldKind::Name => (16, field.max_length.map_or(16, |longest| if longest > 60 { 30 } else { 16 })),
        FieldKind::Text => (18, 36),
        FieldKind::Code => (10, entry.max(10)),
        FieldKind::Amount => (14, 14),
        FieldKind::Date => (12, 12),
        FieldKind::Decimal | FieldKind::Integer => (10, 10),
    };
    column_width((display_width(heading) + 2).min(20).max(value), least, 40)
}

fn whole(width: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small and positive")]
    let whole = width as usize;
    whole
}

/// What the program that shows the sheet refuses as it is typed.
fn checked(field: &Field, column: u16, ranges: &CodeRanges, lang: Lang) -> Result<DataValidation> {
    let cell = format!("{}2", column_letters(u32::from(column)));
    let validation = DataValidation::new();
    let list = field.codes.as_ref().and_then(|name| ranges.get(name)).filter(|_| field.kind == FieldKind::Code);
    let (validation, zh, en) = match (list, field.kind) {
        (Some(range), _) => (
            validation.allow_list_formula(Formula::new(format!("={range}"))),
            "请从下拉列表选择。".to_owned(),
            "Choose an entry of the list.".to_owned(),
        ),
        (None, kind) => kind_check(field, kind, validation, &cell)?,
    };
    let (title, message) = match lang {
        Lang::Zh => ("填写有误", zh),
        Lang::En => ("Not accepted", en),
    };
    if message.is_empty() {
        return Ok(validation);
    }
    Ok(validation.set_error_title(title)?.set_error_message(message)?)
}

/// The check for what a field holds, and what is said about what it refuses, in Chinese and English.
fn kind_check(
    field: &Field,
    kind: FieldKind,
    validation: DataValidation,
    cell: &str,
) -> Result<(DataValidation, String, String)> {
    Ok(match kind {
        FieldKind::Identifier | FieldKind::Code => text_check(field, validation, cell),
        FieldKind::Text | FieldKind::Name => match field.max_length {
            Some(longest) => (
                validation.allow_text_length(DataValidationRule::LessThanOrEqualTo(longest)),
                format!("最多{longest}个字符。"),
                format!("At most {longest} characters."),
            ),
            None => (validation.allow_any_value(), String::new(), String::new()),
        },
        FieldKind::Amount | FieldKind::Decimal => {
            let scale = field.scale;
            (
                validation.allow_custom(Formula::new(format!("=AND(ISNUMBER({cell}),ROUND({cell},{scale})={cell})"))),
                format!("只填数字，最多{scale}位小数；单位和说明不要写在单元格里。"),
                format!("A number with at most {scale} decimals, without unit or remark."),
            )
        }
        FieldKind::Integer => (
            validation.allow_custom(Formula::new(format!("=AND(ISNUMBER({cell}),INT({cell})={cell})"))),
            "只填整数。".to_owned(),
            "A whole number.".to_owned(),
        ),
        FieldKind::Date => (
            validation.allow_date(DataValidationRule::Between(
                ExcelDateTime::from_ymd(1900, 1, 1)?,
                ExcelDateTime::from_ymd(9999, 12, 31)?,
            )),
            "填写完整的日期，如2026-10-31。".to_owned(),
            "A date with year, month and day, such as 2026-10-31.".to_owned(),
        ),
    })
}

/// Text, and not a number: a number has lost its digits after the 15th and the zeros it began with.
fn text_check(field: &Field, validation: DataValidation, cell: &str) -> (DataValidation, String, String) {
    let (length, zh, en) = match (field.width, field.max_length) {
        (Some(width), _) => {
            (format!(",LEN({cell})={width}"), format!("，共{width}位"), format!(" of {width} characters"))
        }
        (None, Some(longest)) => (
            format!(",LEN({cell})<={longest}"),
            format!("，最多{longest}个字符"),
            format!(" of at most {longest} characters"),
        ),
        (None, None) => (String::new(), String::new(), String::new()),
    };
    (
        validation.allow_custom(Formula::new(format!("=AND(ISTEXT({cell}){length})"))),
        format!("按文本填写{zh}；单元格格式应为“文本”。"),
        format!("A text{en}; the cell's format is to be Text."),
    )
}

/// Colours blanks of required columns in rows in which something was entered.
fn colour_blanks(sheet: &mut Worksheet, dataset: &Dataset) -> Result<()> {
    let Some(last) = dataset.fields.len().checked_sub(1).and_then(|last| u32::try_from(last).ok()) else {
        return Ok(());
    };
    let last = column_letters(last);
    for (column, field) in (0u16..).zip(&dataset.fields) {
        let Some(severity) = field.required else { continue };
        let cell = format!("{}2", column_letters(u32::from(column)));
        let formula = Formula::new(format!("=AND(LEN(TRIM({cell}))=0,COUNTA($A2:${last}2)>0)"));
        let (fill, _) = style::colours(severity);
        let blank =
            ConditionalFormatFormula::new().set_rule(formula).set_format(Format::new().set_background_color(fill));
        sheet.add_conditional_format(1, column, COLOURED_ROWS, column, &blank)?;
    }
    Ok(())
}

fn note_text(field: &Field, heading: &str, hint: &str, lang: Lang) -> String {
    let others: Vec<&str> = field.headings.iter().skip(1).map(String::as_str).collect();
    let text = match lang {
        Lang::Zh => format!("{heading}\n{hint}"),
        Lang::En => format!("{} ({heading})\n{hint}", field.title_en),
    };
    match lang {
        _ if others.is_empty() => text,
        Lang::Zh => format!("{text}\n也认可的表头：{}", others.join("、")),
        Lang::En => format!("{text}\nHeadings read as the same: {}", others.join(", ")),
    }
}

/// The text within `longest` UTF-16 units.
fn cut(text: &str, longest: usize) -> String {
    if text.encode_utf16().count() <= longest {
        return text.to_owned();
    }
    let mut length = 1;
    let kept = text.chars().take_while(|c| {
        length += c.len_utf16();
        length <= longest
    });
    kept.collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn texts_are_cut_in_utf16_units() {
        assert_eq!(cut("法定代表人", 5), "法定代表人");
        assert_eq!(cut("法定代表人", 4), "法定代…");
        assert_eq!(cut("𠮷𠮷𠮷", 4), "𠮷…");
    }
}
