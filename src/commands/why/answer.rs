//! What is said of a figure: its query, its rows, and the records behind them with their cells in the submitted files.

use std::{collections::BTreeSet, fmt::Write as _, ops::Range};

use anyhow::Result;
use polars::prelude::{DataFrame, DataType, IntoLazy as _, JoinArgs, JoinType, col, lit};

use super::{Target, nothing};
use crate::{
    message::Cells,
    pack::sql::ROW_COLUMN,
    report::{
        evaluate::Rows,
        lineage::{Lineage, shown},
        model::{Block, Body, Content, Query, Report},
        origin::origins,
        query::{Tables, columns_read},
        trace::{Shows, Trace},
    },
    run::Given,
    table::column_letters,
    text::{Lang, Text},
};

/// Records listed at most.
const MOST_RECORDS: usize = 50;
/// Rows of a sum that are listed at most.
const MOST_ROWS: usize = 20;

/// An answer as it grows.
pub struct Answer<'a> {
    /// Its text.
    pub out: String,
    /// Its language.
    pub lang: Lang,
    /// The run.
    pub given: &'a Given<'a>,
    /// The tables of the queries and those behind them, masked.
    pub tables: &'a Tables,
}

impl Answer<'_> {
    /// A line `label: rest`.
    pub fn line(&mut self, zh: &str, en: &str, rest: &str) {
        let label = Text::new(zh, en);
        let stop = if self.lang == Lang::Zh { "：" } else { ": " };
        let _ = writeln!(self.out, "{}{stop}{rest}", label.get(self.lang));
    }

    /// A cell of a block, and what it was made of.
    ///
    /// # Errors
    /// If it holds no figure, or a query fails.
    pub fn block(
        &mut self,
        report: &Report,
        (block, each): (&Block, Option<&Query>),
        trace: &Trace,
        rows: &Rows,
        target: &Target,
    ) -> Result<()> {
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
                let ratio = column.show.ratio.iter().map(|ratio| ratio.by.clone());
                let columns: BTreeSet<String> = ratio.chain([column.field.clone()]).collect();
                match shows {
                    Shows::Rows { first } => {
                        let row = first + usize::try_from(target.row - trace.row)?;
                        self.rows(&list.query, rows, row..row + 1, &columns)?;
                    }
                    Shows::Sum { rows: range } => {
                        let text = Text::new(
                            format!("这一格是{}行的合计", range.len()),
                            format!("the cell sums {} rows", range.len()),
                        );
                        let _ = writeln!(self.out, "{}", text.get(self.lang));
                        self.rows(&list.query, rows, range.clone(), &columns)?;
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
                let Some(Content::Value { written, sql, .. }) = hit.map(|cell| &cell.content) else {
                    let message = Text::new("这个单元格是固定文字", "the cell holds a fixed text");
                    return Err(nothing(message, None));
                };
                self.line("表达式", "Expression", written);
                if let Some(query) = form.query.as_ref().or(each) {
                    self.line("查询", "Query", &format!("\n{}", query.written.trim()));
                    let columns = columns_read(sql).unwrap_or_default().into_iter().collect();
                    self.rows(query, rows, *at..*at + 1, &columns)?;
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

    /// Rows of the query, and the records they were made of.
    fn rows(&mut self, query: &Query, rows: &Rows, range: Range<usize>, columns: &BTreeSet<String>) -> Result<()> {
        for at in range.clone().take(MOST_ROWS) {
            self.line("行", "Row", &joined(&rows.frame, at));
        }
        self.more(range.len(), MOST_ROWS);
        let asked = rows.frame.slice(i64::try_from(range.start)?, range.len());
        let lineage = Lineage::of(query, self.tables, &asked, columns)?;
        if lineage.wider {
            let text = Text::new(
                "  分组所依据的列不在结果里：下面可能多列了记录",
                "  it is grouped by what it does not show: more records than its own may be listed",
            );
            let _ = writeln!(self.out, "{}", text.get(self.lang));
        }
        if lineage.partial {
            let text = Text::new(
                "  查询中有一部分无法追溯（EXCEPT、INTERSECT 等）",
                "  a part of the query is not followed (EXCEPT, INTERSECT and the like)",
            );
            let _ = writeln!(self.out, "{}", text.get(self.lang));
        }
        for (table, behind) in &lineage.behind {
            match &behind.rows {
                Some(made) => {
                    self.made_rows(table, made);
                    // A table that only gave the row a name or a condition is not followed further.
                    if lineage.behind.len() == 1 || !behind.fields.is_empty() {
                        self.made_of(table, made)?;
                    }
                }
                None => self.records(table, &behind.records, &behind.fields)?,
            }
        }
        Ok(())
    }

    /// Rows of a table the program made.
    pub fn made_rows(&mut self, table: &str, rows: &DataFrame) {
        let text = Text::new(format!("  {table}：{}行", rows.height()), format!("  {table}: {} row(s)", rows.height()));
        let _ = writeln!(self.out, "{}", text.get(self.lang));
        for at in 0..rows.height().min(MOST_ROWS) {
            let _ = writeln!(self.out, "    {}", joined(rows, at));
        }
        self.more(rows.height(), MOST_ROWS);
    }

    /// What the program made rows of its tables of.
    ///
    /// # Errors
    /// If a query fails.
    pub fn made_of(&mut self, table: &str, rows: &DataFrame) -> Result<()> {
        for from in origins(table) {
            let Some(source) = self.tables.get(from.table) else { continue };
            let mut rows = rows.clone().lazy();
            if let Some((column, value)) = from.only {
                rows = rows.filter(col(column).eq(lit(value)));
            }
            let [own, others] =
                [0, 1].map(|side| from.by.iter().map(|pair| col([pair.0, pair.1][side])).collect::<Vec<_>>());
            let found = source
                .clone()
                .join(rows.select(own.clone()).drop_nulls(None), others, own, JoinArgs::new(JoinType::Semi))
                .collect()?;
            if found.height() == 0 {
                continue;
            }
            if let Ok(numbers) = found.column(ROW_COLUMN) {
                let numbers = numbers.cast(&DataType::UInt32)?;
                let records: BTreeSet<u32> = numbers.u32()?.iter().flatten().collect();
                self.records(from.table, &records, &from.shows.iter().map(|&name| name.to_owned()).collect())?;
            } else {
                let text = Text::new(
                    format!("  {}：{}行", from.table, found.height()),
                    format!("  {}: {} row(s)", from.table, found.height()),
                );
                let _ = writeln!(self.out, "{}", text.get(self.lang));
                let shown = found.select(from.shows.iter().copied())?;
                for at in 0..shown.height().min(MOST_RECORDS) {
                    let _ = writeln!(self.out, "    {}", joined(&shown, at));
                }
                self.more(found.height(), MOST_RECORDS);
            }
        }
        Ok(())
    }

    fn records(&mut self, table: &str, records: &BTreeSet<u32>, fields: &BTreeSet<String>) -> Result<()> {
        let (dataset, prior) = dataset_of(table);
        let text =
            Text::new(format!("  {table}：{}条记录", records.len()), format!("  {table}: {} record(s)", records.len()));
        let _ = writeln!(self.out, "{}", text.get(self.lang));
        for record in records.iter().take(MOST_RECORDS) {
            self.record(dataset, prior, *record, fields)?;
        }
        self.more(records.len(), MOST_RECORDS);
        Ok(())
    }

    fn record(&mut self, dataset: &str, prior: bool, record: u32, fields: &BTreeSet<String>) -> Result<()> {
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
        let files = if prior { self.given.prior_files } else { outcome.intake.files.as_slice() };
        let file = files.get(segment.file);
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
        let period = if prior { outcome.job.period.prior() } else { outcome.job.period };
        let _ = writeln!(self.out, "    {period} {file} {sheet}!{place} [{key}]");
        Ok(())
    }
}

/// The values of a row, with their names.
fn joined(rows: &DataFrame, at: usize) -> String {
    let values: Vec<_> = shown(rows, at).into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
    values.join(", ")
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
