//! The sheet 参数: the figures the tiers were calculated with, where each comes from, and the clause of each scheme.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::Shown;
use crate::{
    message::source_text,
    pack::Source,
    text::Text,
    tier::Words,
    workbook::{
        label::label,
        sheet_name::SheetNames,
        table_sheet::{Column, TableSheet},
    },
};

const COLUMNS: [Column; 6] = [
    (label("方案", "Scheme"), 24),
    (label("参数", "Parameter"), 22),
    (label("值", "Value"), 14),
    (label("单位", "Unit"), 10),
    (label("来源", "Source"), 44),
    (label("说明", "Note"), 24),
];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, shown: &Shown<'_, '_>, names: &mut SheetNames) -> Result<()> {
    let lang = shown.lang;
    let columns: Vec<_> = COLUMNS.iter().map(|(label, width)| (label.stacked(lang), *width)).collect();
    let name = names.take(label("参数", "Parameters").get(lang));
    let mut table = TableSheet::with_headings(workbook, &name, &columns, &shown.title, lang)?;
    for tiering in &shown.roll.tierings {
        let scheme = tiering.scheme;
        let mut line = |name: &str, value: &str, unit: &str, source: &Source, note: &str| -> Result<()> {
            table.text(0, scheme.title.get(lang))?;
            table.text(1, name)?;
            table.text(2, value)?;
            table.text(3, unit)?;
            table.text(4, &source_text(source, lang))?;
            table.text(5, note)?;
            table.end_line()
        };
        line(label("分级办法", "the scheme").get(lang), &scheme.id, "", &scheme.source, "")?;
        for name in &scheme.params {
            let Some(param) = shown.roll.pack.params.get(name) else { continue };
            let note = if param.overridden { label("由作业指定", "set by the job").get(lang) } else { "" };
            line(name, &Words::literal(&param.value), &param.unit, &param.source, note)?;
        }
        let source = &scheme.source;
        for (quarters, text) in [
            (scheme.stay_down, Text::new("降级前至少停留", "quarters before it may go down")),
            (scheme.stay_up, Text::new("升级前至少停留", "quarters before it may go up")),
        ] {
            if quarters > 0 {
                line(text.get(lang), &quarters.to_string(), label("季度", "quarters").get(lang), source, "")?;
            }
        }
    }
    table.filter()
}
