//! The sheet 源系统修改清单: what one unit must change in its source system, to be printed, done and signed.

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context as _, Result};

use super::line;
use crate::{
    finding::Severity,
    message::Renderer,
    outcome::Outcome,
    overlay::{Fate, SourceState},
    text::Lang,
    workbook::{
        label::{Label, label},
        new_workbook, style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("源系统修改清单", "Source system changes");

const COLUMNS: [Column; 14] = [
    (label("序号", "No."), 6),
    (label("报送期", "Period"), 10),
    (label("数据表", "Dataset"), 15),
    (label("记录", "Record"), 20),
    (label("栏目", "Heading"), 15),
    (label("原值", "Old value"), 20),
    (label("更正为", "New value"), 20),
    (label("文件", "File"), 22),
    (label("工作表", "Sheet"), 13),
    (label("单元格", "Cell"), 9),
    (label("更正人", "Corrected by"), 12),
    (label("状态", "State"), 20),
    (label("源系统修改日期", "Changed on"), 14),
    (label("修改人签字", "Signature"), 14),
];

/// Writes the list of a unit (index into `Outcome::units`). Values are in full, for they are the unit's own.
///
/// # Errors
/// If there is no such unit, or `path` cannot be written.
pub fn write_source_changes(outcome: &Outcome, unit: usize, lang: Lang, path: &Path) -> Result<()> {
    let named = outcome.units.get(unit).context("the unit is not in the roster")?;
    let renderer = Renderer::new(outcome, lang, false)?;
    let title = format!("{} {} {}", named.code, named.name, outcome.job.period);
    let context = || format!("cannot write the source system changes of unit {}", named.code);
    let mut workbook = new_workbook(outcome, &title);
    let mut table = TableSheet::new(&mut workbook, SHEET, &COLUMNS, &title, lang).with_context(context)?;
    let mut number = 0;
    let period = outcome.job.period;
    let own = outcome.overlay.laid.iter().filter(|laid| laid.correction.unit == named.code);
    let own = own.map(|laid| {
        let state = match (laid.fate, laid.correction.source_changed) {
            (Fate::Applied, true) => label("社部称已改源系统", "said to be changed"),
            (Fate::Applied, false) => label("待修改源系统", "to be changed"),
            (Fate::Adopted, _) => label("报送文件已改，请核对源系统", "the file is changed; check the source"),
            (Fate::Changed, _) => label("报送文件为另一数值，请核对", "the file has another value; check"),
            (Fate::Gone, _) => label("报送文件已无此记录", "no longer in the file"),
        };
        (period, &laid.correction, laid.at, laid.submitted.as_deref().filter(|_| laid.fate == Fate::Applied), state)
    });
    let carried = outcome.overlay.carried.iter();
    let carried =
        carried.filter(|carried| carried.correction.unit == named.code && carried.state == SourceState::NotChanged);
    let carried = carried.map(|carried| {
        let state = label("上期已更正，本期仍报原值：源系统未改", "corrected last period, back again: not changed");
        (period.prior(), &carried.correction, carried.at, None, state)
    });
    let urgent = style::shaded(style::wrapped(), Severity::Error);
    for (period, correction, at, submitted, state) in carried.chain(own) {
        number += 1;
        let line = line(outcome, &renderer, correction, at, submitted, false);
        table.count(0, number)?;
        table.centred(1, &period.to_string())?;
        for (column, text) in
            (2..).zip([&line.dataset, &line.record, &line.heading, &line.old, &line.new].into_iter().chain(&line.place))
        {
            table.text(column, text)?;
        }
        table.centred(10, &correction.who)?;
        if period == outcome.job.period {
            table.text(11, state.get(lang))?;
        } else {
            table.text_as(11, state.get(lang), &urgent)?;
        }
        table.text_as(12, "", &style::entry())?;
        table.text_as(13, "", &style::entry())?;
        table.end_line()?;
    }
    table.filter()?;
    let remarks = match lang {
        Lang::Zh => [
            "《客户风险信息共享管理办法》第十四条：报送人员在修改数据时，不仅要修改上报的文件，还要对数据源进行修改，避免以后报送的数据出现同样的错误。请逐条在源系统修改后填写日期并签字，交回联社。",
            "报送人员：                    复核人：                    日期：",
        ],
        Lang::En => [
            "Article 14: who corrects data must change not only the file handed in but the source too. Change each line in the source system, enter the day, sign and return the list.",
            "Officer:                    Reviewer:                    Date:",
        ],
    };
    table.foot(&remarks.map(ToOwned::to_owned)).with_context(context)?;
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}
