//! Profiles as tables for the terminal and as JSON.

use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::{Value, json as object};

use super::{FileProfile, SheetProfile, shown};
use crate::{
    pack::FieldKind,
    text::{Lang, Text},
};

/// Headings of the table of columns.
pub fn headings(lang: Lang) -> [&'static str; 9] {
    match lang {
        Lang::Zh => ["列", "标题", "类型", "填写", "空白", "不同值", "范围", "形式", "损坏"],
        Lang::En => ["Column", "Heading", "Type", "Filled", "Blank", "Distinct", "Range", "Shapes", "Damage"],
    }
}

/// One line about a sheet.
pub fn sheet_line(sheet: &SheetProfile, lang: Lang) -> String {
    let (name, rows) = (shown::sheet(sheet, lang), shown::heading_rows(sheet, lang));
    let (records, skipped, columns) = (sheet.records, sheet.skipped, sheet.columns.len());
    let line = match lang {
        Lang::Zh => format!("[{name}] 表头：{rows}；记录 {records}，跳过 {skipped} 行，{columns} 列"),
        Lang::En => format!("[{name}] headings: {rows}; {records} records, {skipped} rows skipped, {columns} columns"),
    };
    let hidden = Text::new("隐藏", "hidden");
    let hidden = if sheet.hidden { format!("（{}）", hidden.get(lang)) } else { String::new() };
    let note = sheet.note.as_ref().map(|note| format!("；{}", note.get(lang))).unwrap_or_default();
    format!("{line}{hidden}{note}")
}

/// The cells of the table of columns.
pub fn column_lines(sheet: &SheetProfile, lang: Lang) -> Vec<[String; 9]> {
    sheet
        .columns
        .iter()
        .map(|column| {
            let (letters, heading) = shown::title(column);
            [
                letters,
                heading,
                shown::kind(column).get(lang).to_owned(),
                column.facts.filled.to_string(),
                shown::blank(sheet, column).to_string(),
                shown::distinct(column),
                shown::range(column, lang),
                shown::shapes(column),
                shown::damage(column, lang).join("\n"),
            ]
        })
        .collect()
}

/// Profiles as text.
pub fn tables(files: &[FileProfile], lang: Lang) -> String {
    let mut lines = Vec::new();
    for file in files {
        match (&file.unreadable, file.format) {
            (Some(unreadable), _) => lines.push(format!("{}: {}", file.name, unreadable.message.get(lang))),
            (None, format) => lines.push(format!("{} ({})", file.name, format_name(format))),
        }
        for sheet in &file.sheets {
            lines.push(sheet_line(sheet, lang));
            if sheet.columns.is_empty() {
                continue;
            }
            let mut table = Table::new();
            table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_header(headings(lang));
            for line in column_lines(sheet, lang) {
                table.add_row(line);
            }
            lines.push(table.to_string());
        }
    }
    lines.join("\n")
}

/// The format's name.
pub fn format_name(format: Option<crate::ingest::Format>) -> String {
    serde_json::to_value(format).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Profiles as JSON.
pub fn json(files: &[FileProfile]) -> Value {
    let of_file = |file: &FileProfile| {
        object!({
            "file": file.name,
            "format": format_name(file.format),
            "unreadable": file.unreadable.as_ref().map(|unreadable| &unreadable.message),
            "sheets": file.sheets.iter().map(of_sheet).collect::<Vec<_>>(),
        })
    };
    files.iter().map(of_file).collect()
}

fn of_sheet(sheet: &SheetProfile) -> Value {
    let columns: Vec<_> = sheet
        .columns
        .iter()
        .map(|column| {
            let (letters, heading) = shown::title(column);
            let kind = FieldKind::NAMES.iter().find(|(_, kind)| *kind == column.guess.kind).map(|(name, _)| *name);
            object!({
                "column": letters,
                "heading": heading,
                "type": kind,
                "reasons": shown::reasons(column),
                "filled": column.facts.filled,
                "blank": shown::blank(sheet, column),
                "distinct": column.facts.distinct().0,
                "range": shown::range(column, Lang::En),
                "shapes": shown::shapes(column),
                "damage": shown::damage(column, Lang::En),
            })
        })
        .collect();
    object!({
        "sheet": shown::sheet(sheet, Lang::En),
        "hidden": sheet.hidden,
        "heading_rows": [sheet.head.rows.0, sheet.head.rows.1],
        "records": sheet.records,
        "skipped": sheet.skipped,
        "note": sheet.note,
        "columns": columns,
    })
}
