//! What a template is once it is known to be good.

use crate::{
    pack::Source,
    report::model::{Each, Query},
    text::Text,
};

/// A template: one file.
#[derive(Clone, Debug)]
pub struct Template {
    /// Name, unique.
    pub id: String,
    /// Name of the file; `{…}` stands for a column of the institution.
    pub file: String,
    /// Title.
    pub title: Text,
    /// The clause it answers to.
    pub source: Option<Source>,
    /// Days are written `20261031`, otherwise `2026-10-31`.
    pub compact_dates: bool,
    /// Attributes of the outermost element.
    pub attributes: Vec<Cell>,
    /// Reports, in order.
    pub reports: Vec<Part>,
    /// File it stands in.
    pub place: String,
}

/// A report of the file: one element, or one for each row of a query.
#[derive(Clone, Debug)]
pub struct Part {
    /// Name.
    pub name: String,
    /// One element for each of these rows.
    pub each: Option<Each>,
    /// Attributes.
    pub attributes: Vec<Cell>,
    /// Tables, in order.
    pub tables: Vec<Record>,
}

/// A table of a report: a record for each row.
#[derive(Clone, Debug)]
pub struct Record {
    /// Name.
    pub name: String,
    /// The rows; of a report with `each`, that row if there is none.
    pub query: Option<Query>,
    /// Every row belongs into the file: one whose key is in no report is reported as left out.
    pub complete: bool,
    /// Cells of a record, in order.
    pub cells: Vec<Cell>,
}

/// A cell or attribute.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Name.
    pub name: String,
    /// Its value, SQL over the row.
    pub sql: String,
    /// Decimals at least shown; more where the number has them. Nothing is rounded.
    pub places: usize,
}

impl Template {
    /// All queries.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        self.reports.iter().flat_map(|part| {
            let tables = part.tables.iter().filter_map(|table| table.query.as_ref());
            part.each.iter().map(|each| &each.query).chain(tables)
        })
    }
}
