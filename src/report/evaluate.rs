//! A report run on the tables of a period: the rows of each block, ordered and ready to be drawn or asked about.
//!
//! Knows nothing of workbooks.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use anyhow::{Context as _, Result};
use polars::prelude::DataFrame;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{
    model::{Body, Content, Form, List, Report, Sheet},
    query::{self, Need, Tables},
    value::Typed,
};
use crate::{pack::sql::ROW_COLUMN, text::Lang};

/// A report with its rows.
pub struct Evaluated<'r> {
    /// The definition.
    pub report: &'r Report,
    /// Its sheets, in order.
    pub sheets: Vec<EvaluatedSheet<'r>>,
}

/// A sheet with its rows.
pub struct EvaluatedSheet<'r> {
    /// The definition.
    pub sheet: &'r Sheet,
    /// The keys of its pages, in order; one without key if it is not repeated.
    pub pages: Vec<Option<String>>,
    /// How many pages there are without the limit.
    pub found: usize,
    /// The rows of its blocks, in order; none for charts.
    pub blocks: Vec<Option<Rows>>,
}

/// The rows of a block.
pub struct Rows {
    columns: Vec<(String, Typed)>,
    /// The rows as the query gave them, with computed columns.
    pub frame: DataFrame,
    /// How many rows there are without the limit.
    pub found: usize,
    /// Which rows belong to which page.
    pages: HashMap<String, Range<usize>>,
    split: bool,
}

impl Rows {
    /// The rows of a frame; `key` names the column by which they go to pages, if it has it.
    ///
    /// # Errors
    /// If a column holds what a report cannot show.
    pub fn new(frame: DataFrame, found: usize, key: Option<&str>) -> Result<Self> {
        let mut pages: HashMap<String, Range<usize>> = HashMap::new();
        let split = key.is_some_and(|key| frame.schema().contains(key));
        if let Some(key) = key.filter(|_| split) {
            let keys = frame.column(key)?.str().context("the key of pages is no text")?.clone();
            for (at, key) in keys.iter().enumerate() {
                let range = pages.entry(key.unwrap_or_default().to_owned()).or_insert(at..at);
                range.end = at + 1;
            }
        }
        let columns = frame.columns().iter().map(|column| Ok((column.name().to_string(), Typed::of(column)?)));
        let columns = columns.collect::<Result<_>>()?;
        Ok(Self { columns, frame, found, pages, split })
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Typed> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.frame.height()
    }

    /// The rows of a page; all of them if the block is not split.
    pub fn page(&self, key: Option<&str>) -> Range<usize> {
        match key.filter(|_| self.split) {
            Some(key) => self.pages.get(key).cloned().unwrap_or(0..0),
            None => 0..self.height(),
        }
    }
}

/// The tables the reports' queries name.
pub fn tables_of<'r>(reports: impl IntoIterator<Item = &'r Report>) -> BTreeSet<String> {
    reports.into_iter().flat_map(Report::queries).flat_map(|query| query.tables.iter().cloned()).collect()
}

/// Name of the computed column of a form's cell.
pub fn cell_column(at: usize) -> String {
    format!("cell {at}")
}

/// Runs the queries of a report.
///
/// # Errors
/// If one fails: a fault that the trial did not show, or of this program.
pub fn evaluate<'r>(report: &'r Report, tables: &Tables, lang: Lang) -> Result<Evaluated<'r>> {
    let sheets = report.sheets.par_iter().map(|sheet| evaluate_sheet(sheet, tables, lang)).collect::<Result<_>>();
    Ok(Evaluated { report, sheets: sheets.with_context(|| format!("report {}", report.id))? })
}

fn evaluate_sheet<'r>(sheet: &'r Sheet, tables: &Tables, lang: Lang) -> Result<EvaluatedSheet<'r>> {
    let (mut pages, mut found, mut each_rows, mut key) = (vec![None], 1, None, None);
    if let Some(each) = &sheet.each {
        let (frame, all) = query::run(&each.query, tables, &Need::default())?;
        found = all;
        let keys = frame.column(&each.key)?.str().context("the key of pages is no text")?.clone();
        pages = keys.iter().map(|key| Some(key.unwrap_or_default().to_owned())).collect();
        let only = (frame.height() < all).then(|| frame.select([each.key.as_str()])).transpose()?;
        each_rows = Some(frame);
        key = Some(Page { key: &each.key, only });
    }
    let mut blocks = Vec::new();
    for block in &sheet.blocks {
        let context = || block.heading.as_ref().map(|heading| heading.get(lang).to_owned()).unwrap_or_default();
        blocks.push(match &block.body {
            Body::List(list) => Some(list_rows(list, tables, key.as_ref()).with_context(context)?),
            Body::Form(form) => Some(form_rows(form, tables, each_rows.as_ref(), key.as_ref()).with_context(context)?),
            Body::Chart(_) => None,
        });
    }
    Ok(EvaluatedSheet { sheet, pages, found, blocks })
}

/// By what rows go to pages, and which pages there are if not all.
struct Page<'a> {
    key: &'a str,
    only: Option<DataFrame>,
}

/// The columns a list needs of its query; nothing if that cannot be told.
fn needed(list: &List, key: Option<&str>) -> Option<Vec<String>> {
    let mut columns = BTreeSet::new();
    for column in &list.columns {
        columns.insert(column.field.clone());
        columns.extend(column.show.ratio.as_ref().map(|ratio| ratio.by.clone()));
        for colour in &column.colours {
            columns.extend(query::columns_read(&colour.when)?);
        }
    }
    columns.extend(list.query.sort.iter().map(|(column, _)| column.clone()));
    columns.extend(list.group.iter().cloned());
    columns.extend(key.map(str::to_owned));
    if list.query.columns.contains(ROW_COLUMN) {
        columns.insert(ROW_COLUMN.to_owned());
    }
    Some(columns.into_iter().collect())
}

fn list_rows(list: &List, tables: &Tables, page: Option<&Page<'_>>) -> Result<Rows> {
    let mut query = list.query.clone();
    let key = page.map(|page| page.key);
    if let Some(key) = key {
        query.sort.insert(0, (key.to_owned(), false));
    }
    let keys = page.and_then(|page| Some((page.key, page.only.as_ref()?)));
    let (frame, found) = query::run(&query, tables, &Need { columns: needed(list, key), keys })?;
    let colours = list.columns.iter().flat_map(|column| &column.colours);
    let expressions: Vec<_> = colours.map(|colour| (colour.column.as_str(), colour.when.as_str())).collect();
    Rows::new(query::with_expressions(frame, &expressions)?, found, key)
}

fn form_rows(form: &Form, tables: &Tables, each: Option<&DataFrame>, page: Option<&Page<'_>>) -> Result<Rows> {
    let (frame, found) = match (&form.query, each) {
        (Some(query), _) => query::run(query, tables, &Need::default())?,
        (None, Some(each)) => (each.clone(), each.height()),
        // Fixed texts and constants only: one row, whatever it holds.
        (None, None) => (polars::prelude::df!("row" => [1_i64])?, 1),
    };
    let names: Vec<_> = (0..form.cells.len()).map(cell_column).collect();
    let expressions: Vec<_> = form
        .cells
        .iter()
        .zip(&names)
        .filter_map(|(cell, name)| match &cell.content {
            Content::Value { sql, .. } => Some((name.as_str(), sql.as_str())),
            Content::Label(_) => None,
        })
        .collect();
    Rows::new(query::with_expressions(frame, &expressions)?, found, page.map(|page| page.key))
}
