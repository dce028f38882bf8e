//! Following a figure of a report back to its query, its rows and the cells handed in.

mod answer;
mod fixed;

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;

use self::answer::Answer;
use crate::{
    cli::{Common, Exit},
    problem::{Problems, did_you_mean},
    report::{
        evaluate::{evaluate, tables_of},
        fill,
        model::Report,
        origin::origins,
    },
    run::{Definitions, Given, Stages, draw, with_read},
    table::column_letters,
    terminal::say,
    text::Text,
    workbook::CONCENTRATION,
};

/// A cell of a report: `REPORT!SHEET!B12`.
struct Target {
    report: String,
    sheet: String,
    column: u16,
    row: u32,
}

impl Target {
    fn parse(text: &str) -> Result<Self, Problems> {
        let parts: Vec<_> = text.splitn(3, '!').collect();
        let found = if let [report, sheet, cell] = parts.as_slice() {
            place(cell).map(|(column, row)| Self {
                report: report.trim_end_matches(".xlsx").to_owned(),
                sheet: (*sheet).to_owned(),
                column,
                row,
            })
        } else {
            None
        };
        found.ok_or_else(|| {
            let mut problems = Problems::default();
            let help = Text::new(
                "写成 报表!工作表!单元格，如 对账表!对账!E7",
                "write REPORT!SHEET!CELL, such as 对账表!对账!E7",
            );
            problems.add(
                Text::new(format!("`{text}` 不是报表的单元格"), format!("`{text}` is no cell of a report")),
                Some(help),
            );
            problems
        })
    }
}

/// `B12` as column and row, from 0.
fn place(cell: &str) -> Option<(u16, u32)> {
    let letters = cell.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, digits) = cell.split_at(letters);
    let column = (0..16_384_u32).find(|column| column_letters(*column).eq_ignore_ascii_case(letters))?;
    let row: u32 = digits.parse().ok()?;
    Some((u16::try_from(column).ok()?, row.checked_sub(1)?))
}

/// Prints where a figure comes from.
///
/// # Errors
/// If the job is wrong, or there is no such cell.
pub fn why(job: &Path, target: &str, common: &Common) -> Result<Exit> {
    let target = Target::parse(target)?;
    let stages = Stages::new(common);
    let fixed = target.report == CONCENTRATION;
    let also = if fixed { fixed::TABLES.as_slice() } else { &[] };
    let text = with_read(job, &[], also, common, &stages, |definitions, given| {
        if fixed { fixed::explain(given, &target, &common.out) } else { explain(definitions, given, &target) }
    })?;
    say(&text)?;
    Ok(Exit::Clear)
}

fn nothing(message: Text, help: Option<Text>) -> anyhow::Error {
    let mut problems = Problems::default();
    problems.add(message, help);
    problems.into()
}

/// The tables behind those that the program makes.
fn behind(tables: &BTreeSet<String>) -> Vec<String> {
    tables.iter().flat_map(|table| origins(table)).map(|origin| origin.table.to_owned()).collect()
}

fn explain(definitions: &Definitions, given: &Given<'_>, target: &Target) -> Result<String> {
    let names = |report: &Report| {
        [
            report.id.clone(),
            report.file.trim_end_matches(".xlsx").to_owned(),
            report.title.zh.clone(),
            report.title.en.clone(),
        ]
    };
    let Some(report) = definitions.reports.iter().find(|report| names(report).contains(&target.report)) else {
        let all: Vec<_> = definitions.reports.iter().flat_map(names).chain([CONCENTRATION.to_owned()]).collect();
        let help = did_you_mean(&target.report, all.iter().map(String::as_str));
        let name = &target.report;
        return Err(nothing(Text::new(format!("没有报表 `{name}`"), format!("there is no report `{name}`")), help));
    };
    let material = given.material(&definitions.totals);
    // Masked, whatever the report is: this goes to a terminal.
    let mut wanted = tables_of([report]);
    wanted.extend(behind(&wanted));
    let tables = fill(&material, &wanted, true)?;
    let evaluated = evaluate(report, &tables, given.lang)?;
    let traces = draw(&evaluated, &material)?;
    let on_sheet: Vec<_> = traces.iter().filter(|trace| trace.sheet == target.sheet).collect();
    if on_sheet.is_empty() {
        let help = did_you_mean(&target.sheet, traces.iter().map(|trace| trace.sheet.as_str()));
        let name = &target.sheet;
        return Err(nothing(
            Text::new(format!("报表没有工作表 `{name}`"), format!("the report has no sheet `{name}`")),
            help,
        ));
    }
    let found = on_sheet.into_iter().find(|trace| (trace.row..trace.row + trace.height).contains(&target.row));
    let block = found.and_then(|trace| {
        let sheet = evaluated.sheets.get(trace.sheet_at)?;
        let each = sheet.sheet.each.as_ref().map(|each| &each.query);
        Some((trace, sheet.sheet.blocks.get(trace.block)?, sheet.blocks.get(trace.block)?.as_ref()?, each))
    });
    let Some((trace, block, rows, each)) = block else {
        let message = Text::new(
            "这个单元格是标题、表头或说明，没有数据",
            "the cell is a title, a heading or a remark: there is no figure in it",
        );
        return Err(nothing(message, None));
    };
    let mut answer = Answer { out: String::new(), lang: given.lang, given, tables: &tables };
    answer.block(report, (block, each), trace, rows, target)?;
    Ok(answer.out.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        let target = Target::parse("对账表.xlsx!对账!AB12").expect("a target");
        assert_eq!(
            (target.report.as_str(), target.sheet.as_str(), target.column, target.row),
            ("对账表", "对账", 27, 11)
        );
        for text in ["", "a!b", "a!b!12", "a!b!B", "a!b!B0"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }
}
