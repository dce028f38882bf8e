//! What a report is once its definition is known to be good: a file with sheets, made of lists, forms and charts.
//!
//! Nothing here reads files, runs queries or draws.

use std::collections::BTreeSet;

use crate::{
    pack::{AmountUnit, Source},
    text::Text,
};

/// A report: one workbook.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name on the command line, unique.
    pub id: String,
    /// Name of the workbook.
    pub file: String,
    /// Title.
    pub title: Text,
    /// The pack it is for; without one it is for every pack.
    pub pack: Option<String>,
    /// Personal data is shown in full; otherwise as the fields' masks say.
    pub full: bool,
    /// The clause it answers to.
    pub source: Option<Source>,
    /// Unit of the amounts, named once below the title.
    pub unit: Option<AmountUnit>,
    /// The line for 填报人, 复核人 and 负责人.
    pub signature: bool,
    /// Remarks below the last block of every sheet.
    pub notes: Vec<Text>,
    /// Sheets, in order.
    pub sheets: Vec<Sheet>,
    /// File it stands in.
    pub place: String,
}

/// A sheet of a report.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Name.
    pub name: Text,
    /// Title above it; the report's, if it has none of its own.
    pub title: Option<Text>,
    /// Paper.
    pub paper: Paper,
    /// Lies on its side.
    pub landscape: bool,
    /// Printed on one page, however small that makes it.
    pub one_page: bool,
    /// Repeated for each row of a query, each on a page of its own.
    pub each: Option<Each>,
    /// Clauses it carries out.
    pub clauses: Vec<String>,
    /// Remarks below the last block.
    pub notes: Vec<Text>,
    /// Blocks, from top to bottom.
    pub blocks: Vec<Block>,
}

/// What a sheet is repeated for.
#[derive(Clone, Debug)]
pub struct Each {
    /// The query.
    pub query: Query,
    /// The column that tells the rows apart; blocks with such a column are split by it.
    pub key: String,
}

/// Papers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paper {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 297 × 420 mm.
    A3,
}

/// A part of a sheet.
#[derive(Clone, Debug)]
pub struct Block {
    /// Heading above it.
    pub heading: Option<Text>,
    /// What it holds.
    pub body: Body,
}

/// What a block holds.
#[derive(Clone, Debug)]
pub enum Body {
    /// Rows under headings.
    List(List),
    /// Cells at fixed places.
    Form(Form),
    /// A chart of a list above it.
    Chart(Chart),
}

/// A query ready to be run: parameters are put in, and it was tried on tables without rows.
#[derive(Clone, Debug)]
pub struct Query {
    /// As written.
    pub written: String,
    /// As run, but for the parameters of the period.
    pub sql: String,
    /// Tables it reads.
    pub tables: Vec<String>,
    /// Columns it gives.
    pub columns: BTreeSet<String>,
    /// Columns by which rows are ordered, and whether the largest comes first; all others break ties.
    pub sort: Vec<(String, bool)>,
    /// At most so many rows are shown.
    pub limit: Option<usize>,
}

/// Rows under headings.
#[derive(Clone, Debug)]
pub struct List {
    /// Name charts refer to.
    pub name: Option<String>,
    /// The rows.
    pub query: Query,
    /// Columns, from left to right.
    pub columns: Vec<Column>,
    /// Column by which rows are grouped, each group with a subtotal.
    pub group: Option<String>,
    /// Rows carry a number.
    pub numbered: bool,
    /// What is said if there are no rows.
    pub empty: Text,
}

/// A column of a list.
#[derive(Clone, Debug)]
pub struct Column {
    /// Column of the query.
    pub field: String,
    /// Heading.
    pub heading: Text,
    /// Width in Latin characters.
    pub width: u16,
    /// Columns of the sheet it takes; where other blocks need them narrow.
    pub span: u16,
    /// How its values are shown.
    pub show: Show,
    /// Its values are summed in subtotals and the total.
    pub total: bool,
    /// Colours, the first that holds.
    pub colours: Vec<Colour>,
}

/// How a value is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Show {
    /// Unit the values are in and unit they are shown in.
    pub units: Option<(AmountUnit, AmountUnit)>,
    /// Decimal places shown; those of the data if none are named.
    pub places: Option<u8>,
    /// Code list whose names stand beside the codes.
    pub codes: Option<String>,
    /// The value is a share: this column divided by another, times a factor.
    pub ratio: Option<Ratio>,
}

/// A column divided by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Divisor.
    pub by: String,
    /// Factor, such as 100 for per cent.
    pub times: u32,
}

/// A condition and the colour of the cells for which it holds.
#[derive(Clone, Debug)]
pub struct Colour {
    /// Name of the computed column that says where it holds.
    pub column: String,
    /// Condition, SQL over the columns of the query.
    pub when: String,
    /// Colour.
    pub tone: Tone,
}

/// Colours, told apart in print as well: each has its own fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Red: at fault.
    Bad,
    /// Yellow: to be looked at.
    Warn,
    /// Green: as it ought to be.
    Good,
    /// Grey: beside the point.
    Quiet,
}

/// Cells at fixed places.
#[derive(Clone, Debug)]
pub struct Form {
    /// The one row its values come from; of a sheet with `each`, that row.
    pub query: Option<Query>,
    /// Cells.
    pub cells: Vec<FormCell>,
    /// Widths of its columns, from the first.
    pub widths: Vec<u16>,
}

/// A cell of a form, or several joined.
#[derive(Clone, Debug)]
pub struct FormCell {
    /// First row, from 0 at the form's top.
    pub row: u32,
    /// First column.
    pub column: u16,
    /// Last column.
    pub last_column: u16,
    /// Last row.
    pub last_row: u32,
    /// What stands in it.
    pub content: Content,
}

/// What a cell of a form holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Fixed text.
    Label(Text),
    /// The value of an expression over the form's row.
    Value {
        /// The expression, compiled.
        sql: String,
        /// As written.
        written: String,
        /// How it is shown.
        show: Show,
    },
}

/// A chart of a list.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Kind.
    pub kind: ChartKind,
    /// Name of the list.
    pub of: String,
    /// Column of the list with the names.
    pub category: String,
    /// Columns of the list with the figures.
    pub values: Vec<String>,
    /// Title.
    pub title: Text,
    /// Rows it takes.
    pub height: u32,
}

/// Kinds of charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// Upright bars.
    Column,
    /// Bars that lie.
    Bar,
    /// Lines.
    Line,
    /// A pie.
    Pie,
}

impl List {
    /// The first and last column of the sheet of each column.
    pub fn positions(&self) -> Vec<(u16, u16)> {
        let mut next = u16::from(self.numbered);
        let place = |column: &Column| {
            let first = next;
            next += column.span;
            (first, next - 1)
        };
        self.columns.iter().map(place).collect()
    }
}

impl Report {
    /// All queries of the report.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        self.sheets.iter().flat_map(|sheet| {
            let blocks = sheet.blocks.iter().filter_map(|block| match &block.body {
                Body::List(list) => Some(&list.query),
                Body::Form(form) => form.query.as_ref(),
                Body::Chart(_) => None,
            });
            sheet.each.iter().map(|each| &each.query).chain(blocks)
        })
    }
}
