//! Following a figure of a report back to its query, its rows and the cells handed in.

use std::{fmt::Write as _, path::Path};

use anyhow::Result;

use crate::{
    cli::{Common, Exit},
    message::Cells,
    problem::{Problems, did_you_mean},
    report::{
        evaluate::{Rows, evaluate, tables_of},
        fill,
        lineage::{Lineage, shown},
        model::{Block, Body, Content, Query, Report},
        query::Tables,
        trace::{Shows, Trace},
    },
    run::{Definitions, Given, Stages, draw, with_read},
    table::column_letters,
    terminal::say,
    text::{Lang, Text},
};

/// Records listed at most.
const MOST_RECORDS: usize = 50;
/// Rows of a sum that are listed at most.
const MOST_ROWS: usize = 20;

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
    let text = with_read(job, &[], common, &stages, |definitions, given| explain(definitions, given, &target))?;
    say(&text)?;
    Ok(Exit::Clear)
}

fn nothing(message: Text, help: Option<Text>) -> anyhow::Error {
    let mut problems = Problems::default();
    problems.add(message, help);
    problems.into()
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
        let all: Vec<_> = definitions.reports.iter().flat_map(names).collect();
        let help = did_you_mean(&target.report, all.iter().map(String::as_str));
        let name = &target.report;
        return Err(nothing(Text::new(format!("没有报表 `{name}`"), format!("there is no report `{name}`")), help));
    };
    let material = given.material(&definitions.totals);
    // Masked, whatever the report is: this goes to a terminal.
    let tables = fill(&material, &tables_of([report]), true)?;
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
        Some((trace, sheet.sheet.blocks.get(trace.block)?, sheet.blocks.get(trace.block)?.as_ref()?))
    });
    let Some((trace, block, rows)) = block else {
        let message = Text::new(
            "这个单元格是标题、表头或说明，没有数据",
            "the cell is a title, a heading or a remark: there is no figure in it",
        );
        return Err(nothing(message, None));
    };
    let mut answer = Answer { out: String::new(), lang: given.lang, given, tables: &tables };
    answer.block(report, block, trace, rows, target)?;
    Ok(answer.out.trim_end().to_owned())
}

struct Answer<'a> {
    out: String,
    lang: Lang,
    given: &'a Given<'a>,
    tables: &'a Tables,
}

impl Answer<'_> {
    fn line(&mut self, zh: &str, en: &str, rest: &str) {
        let label = Text::new(zh, en);
        let stop = if self.lang == Lang::Zh { "：" } else { ": " };
        let _ = writeln!(self.out, "{}{stop}{rest}", label.get(self.lang));
    }

    fn block(&mut self, report: &Report, block: &Block, trace: &Trace, rows: &Rows, target: &Target) -> Result<()> {
        self.line("报表", "Report", &format!("{} ({})", report.title.get(self.lang), report.place));
        if let Some(heading) = &block.heading {
            let heading = heading.get(self.lang).to_owned();
            self.line("部分", "Part", &heading);
        }
        match (&block.body, &trace.shows) {
            (Body::List(list), shows) => {
                let places = list.columns.iter().zip(list.positions());
                let at = places.into_iter().find(|(_, (first, last))| (*first..=*last).contains(&target.column));
                let Some((column, _)) = at else {
                    let message = Text::new("这一列是序号或空白", "that column is the number of the row, or empty");
                    return Err(nothing(message, None));
                };
                let heading = column.heading.get(self.lang).replace('\n', " ");
                self.line("列", "Column", &format!("{heading} ({})", column.field));
                self.line("查询", "Query", &format!("\n{}", list.query.written.trim()));
                match shows {
                    Shows::Rows { first } => {
                        let row = first + usize::try_from(target.row - trace.row)?;
                        self.row(&list.query, rows, row, &column.field)?;
                    }
                    Shows::Sum { rows: range } => {
                        let text = Text::new(
                            format!("这一格是{}行的合计", range.len()),
                            format!("the cell sums {} rows", range.len()),
                        );
                        let _ = writeln!(self.out, "{}", text.get(self.lang));
                        for row in range.clone().take(MOST_ROWS) {
                            self.row(&list.query, rows, row, &column.field)?;
                        }
                        self.more(range.len(), MOST_ROWS);
                    }
                    Shows::Form { .. } => {}
                }
            }
            (Body::Form(form), Shows::Form { at }) => {
                let row = target.row - trace.row;
                let hit = form.cells.iter().find(|cell| {
                    (cell.row..=cell.last_row).contains(&row)
                        && (cell.column..=cell.last_column).contains(&target.column)
                });
                let Some(Content::Value { written, .. }) = hit.map(|cell| &cell.content) else {
                    let message = Text::new("这个单元格是固定文字", "the cell holds a fixed text");
                    return Err(nothing(message, None));
                };
                self.line("表达式", "Expression", written);
                let query = form.query.as_ref();
                if let Some(query) = query {
                    self.line("查询", "Query", &format!("\n{}", query.written.trim()));
                    self.row(query, rows, *at, written)?;
                } else {
                    for (name, value) in shown(&rows.frame, *at) {
                        let _ = writeln!(self.out, "  {name} = {value}");
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn more(&mut self, found: usize, most: usize) {
        if found > most {
            let more = found - most;
            let text = Text::new(format!("  ……另有{more}"), format!("  … and {more} more"));
            let _ = writeln!(self.out, "{}", text.get(self.lang));
        }
    }

    /// A row of the query, and the records it was made of.
    fn row(&mut self, query: &Query, rows: &Rows, at: usize, column: &str) -> Result<()> {
        let values: Vec<_> =
            shown(&rows.frame, at).into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
        self.line("行", "Row", &values.join(", "));
        let Some(lineage) = Lineage::of(query, self.tables) else {
            let tables = query.tables.join(", ");
            let text = Text::new(
                format!("  由汇总表或多个查询合成，不能逐条追溯到单元格；数据来自 {tables}"),
                format!("  made of summaries or several queries, not followed to cells; its tables are {tables}"),
            );
            let _ = writeln!(self.out, "{}", text.get(self.lang));
            return Ok(());
        };
        let fields = lineage.fields(column);
        for behind in lineage.behind(&rows.frame, at, self.tables)? {
            let (dataset, prior) = dataset_of(&behind.table);
            let text = Text::new(
                format!("  {}：{}条记录", behind.table, behind.records.len()),
                format!("  {}: {} record(s)", behind.table, behind.records.len()),
            );
            let _ = writeln!(self.out, "{}", text.get(self.lang));
            for record in behind.records.iter().take(MOST_RECORDS) {
                self.record(dataset, prior, *record, &fields)?;
            }
            self.more(behind.records.len(), MOST_RECORDS);
        }
        Ok(())
    }

    fn record(
        &mut self,
        dataset: &str,
        prior: bool,
        record: u32,
        fields: &std::collections::BTreeSet<String>,
    ) -> Result<()> {
        let outcome = self.given.outcome;
        let Some(at) = outcome.pack.dataset_index(dataset) else { return Ok(()) };
        let tables =
            if prior { self.given.prior.map(|prior| prior.tables) } else { Some(outcome.intake.tables.as_slice()) };
        let (Some(declared), Some(table)) = (outcome.pack.datasets.get(at), tables.and_then(|tables| tables.get(at)))
        else {
            return Ok(());
        };
        let segment = table.segment(record);
        let row = table.sheet_rows.get(record as usize).copied().unwrap_or_default();
        let file = if prior { None } else { outcome.intake.files.get(segment.file) };
        let file = file.map_or("", |file| file.name.as_str());
        let cells = Cells::new(declared, table)?;
        let mut parts = Vec::new();
        for (index, field) in (0_u16..).zip(&declared.fields).filter(|(_, field)| fields.contains(&field.id)) {
            let letters =
                segment.column_of(index).map_or_else(|| "—".to_owned(), |column| column_letters(column.index));
            let value = cells.text(record, index).map(|text| field.mask.apply(&text)).unwrap_or_default();
            parts.push(format!("{letters}{row} {} = {value}", field.title().get(self.lang)));
        }
        let key = cells.key_text(record, self.lang, true);
        let sheet = &segment.sheet;
        let place = if parts.is_empty() { row.to_string() } else { parts.join(", ") };
        let _ = writeln!(self.out, "    {file} {sheet}!{place} [{key}]");
        Ok(())
    }
}

/// The dataset a table holds the records of, and whether they are of the prior period.
fn dataset_of(table: &str) -> (&str, bool) {
    match table {
        "reported_loans" | "scope" => ("loans", false),
        "reported_customers" => ("customers", false),
        _ => match table.strip_prefix(crate::report::catalog::PRIOR_PREFIX) {
            Some(dataset) => (dataset, true),
            None => (table, false),
        },
    }
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
