//! The sheet 更正: every value corrected for the period, what became of it, and what is doubtful; and whether last period's
//! corrections reached the source systems. Only there if there are any.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use crate::{
    finding::Severity,
    message::Renderer,
    outcome::Outcome,
    overlay::{Fate, SourceState},
    text::Lang,
    workbook::{
        cell::MAX_ROWS,
        corrections::line,
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("更正", "Corrections");

const COLUMNS: [Column; 13] = [
    (label("报送期", "Period"), 10),
    (label("社部", "Unit"), 10),
    (label("数据表", "Dataset"), 16),
    (label("记录", "Record"), 22),
    (label("栏目", "Heading"), 16),
    (label("原值", "Old value"), 20),
    (label("更正值", "New value"), 20),
    (label("状态", "State"), 24),
    (label("疑点", "Doubts"), 24),
    (label("更正人", "Corrected by"), 12),
    (label("时间", "Time"), 17),
    (label("工作簿", "Workbook"), 24),
    (label("指出过问题", "Flagged"), 11),
];

/// Writes the sheet.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, title: &str, lang: Lang) -> Result<()> {
    let overlay = &outcome.overlay;
    if overlay.laid.is_empty() && overlay.carried.is_empty() {
        return Ok(());
    }
    let renderer = Renderer::new(outcome, lang, true)?;
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    let period = outcome.job.period;
    let own = overlay.laid.iter().map(|laid| {
        let state = match laid.fate {
            Fate::Applied => (label("已采用", "applied"), None),
            Fate::Adopted => (label("报送文件已改", "the file has it now"), None),
            Fate::Changed => {
                (label("报送文件已变，不再采用", "the file changed; no longer applied"), Some(Severity::Warning))
            }
            Fate::Gone => (label("报送文件已无此记录", "no longer in the file"), Some(Severity::Warning)),
        };
        (period, &laid.correction, laid.at, laid.submitted.as_deref().filter(|_| laid.fate == Fate::Applied), state)
    });
    let carried = overlay.carried.iter().map(|carried| {
        let state = match carried.state {
            SourceState::Changed => (label("源系统已改", "changed in the source"), None),
            SourceState::NotChanged => (label("源系统未改", "not changed in the source"), Some(Severity::Error)),
            SourceState::Other => (label("本期为另一数值", "another value this period"), Some(Severity::Info)),
            SourceState::Gone => (label("本期无此记录", "no such record this period"), None),
        };
        (period.prior(), &carried.correction, carried.at, None, state)
    });
    let doubtful = style::shaded(style::wrapped(), Severity::Warning);
    for (period, correction, at, submitted, (state, severity)) in own.chain(carried).take(MAX_ROWS - 2) {
        let line = line(outcome, &renderer, correction, at, submitted, true);
        table.centred(0, &period.to_string())?;
        table.centred(1, &correction.unit)?;
        for (column, text) in (2..).zip([&line.dataset, &line.record, &line.heading, &line.old, &line.new]) {
            table.text(column, text)?;
        }
        match severity {
            Some(severity) => table.text_as(7, state.get(lang), &style::shaded(style::wrapped(), severity))?,
            None => table.text(7, state.get(lang))?,
        }
        if line.doubts.is_empty() {
            table.text(8, "")?;
        } else {
            table.text_as(8, &line.doubts, &doubtful)?;
        }
        table.centred(9, &correction.who)?;
        table.centred(10, &correction.given.format("%Y-%m-%d %H:%M").to_string())?;
        table.text(11, &correction.workbook)?;
        let flagged = if correction.flagged { label("是", "yes") } else { label("否", "no") };
        table.centred(12, flagged.get(lang))?;
        table.end_line()?;
    }
    table.filter()?;
    Ok(())
}
