//! Writing a submission file: rows become records, values become cells, exactly as they are.
//!
//! Knows the nesting and how numbers and days are written.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Write as _},
    ops::Range,
    path::Path,
};

use anyhow::{Context as _, Result};
use polars::prelude::DataFrame;
use quick_xml::{
    Writer,
    escape::escape,
    events::{BytesDecl, BytesEnd, BytesStart, Event},
};
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::model::{Cell, Part, Template};
use crate::{
    message::decimal_text,
    report::{
        catalog,
        evaluate::Rows,
        query::{self, Need, Tables},
        value::{Typed, Value},
    },
    text::Lang,
};

/// What the draft mark is called in the file, and in its name.
const DRAFT: (&str, &str) = ("draft", "未定稿");

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its name.
    pub file: String,
    /// Number of reports in it.
    pub reports: usize,
    /// Number of records.
    pub records: usize,
    /// Records, by table, that belong to no report of the file: their key is in none.
    pub left_out: Vec<(String, usize)>,
}

/// Writes the file of a template into `folder`. While the gate is closed its name and its outermost element say that it
/// is a draft. The same rows give the same bytes.
///
/// # Errors
/// If a query fails or the file cannot be written.
pub fn write_submission(template: &Template, tables: &Tables, is_final: bool, folder: &Path) -> Result<Written> {
    let context = || format!("submission {}", template.id);
    let institution = tables.get(catalog::INSTITUTION.name).context("the table of the institution")?;
    let institution = institution.clone().collect().with_context(context)?;
    let name = file_name(&template.file, &Row::of(&institution, &[])?, is_final);
    let file = File::create(folder.join(&name)).with_context(|| format!("cannot write {name}"))?;
    let mut output = Output {
        xml: Writer::new_with_indent(BufWriter::new(file), b' ', 1),
        compact: template.compact_dates,
        institution,
        written: Written { file: name, reports: 0, records: 0, left_out: Vec::new() },
    };
    output.write(template, tables, is_final).with_context(context)?;
    let Output { xml, written, .. } = output;
    xml.into_inner().flush().with_context(context)?;
    Ok(written)
}

/// The name of the file: columns of the institution put in, and the mark of a draft.
fn file_name(pattern: &str, institution: &Row, is_final: bool) -> String {
    let mut name = pattern.to_owned();
    for placeholder in crate::pack::placeholders(pattern) {
        let text = institution.rows.column(placeholder).map_or(Value::Blank, |column| column.get(0, Lang::Zh));
        let text = if let Value::Text(text) = text { text.into_owned() } else { String::new() };
        let safe: String =
            text.chars().map(|c| if c.is_control() || r#"\/:*?"<>|"#.contains(c) { '_' } else { c }).collect();
        name = name.replace(&format!("{{{placeholder}}}"), &safe);
    }
    if is_final { name } else { name.replace(".xml", &format!("-{}.xml", DRAFT.1)) }
}

/// Rows with the cells computed for them.
struct Row {
    rows: Rows,
}

impl Row {
    fn of(frame: &DataFrame, cells: &[Cell]) -> Result<Self> {
        Ok(Self { rows: Rows::new(computed(frame.clone(), cells)?, frame.height(), None)? })
    }
}

fn column_name(at: usize) -> String {
    format!("cell {at}")
}

fn computed(frame: DataFrame, cells: &[Cell]) -> Result<DataFrame> {
    let names: Vec<_> = (0..cells.len()).map(column_name).collect();
    let list: Vec<_> = names.iter().zip(cells).map(|(name, cell)| (name.as_str(), cell.sql.as_str())).collect();
    query::with_expressions(frame, &list)
}

struct Output {
    xml: Writer<BufWriter<File>>,
    compact: bool,
    institution: DataFrame,
    written: Written,
}

impl Output {
    fn write(&mut self, template: &Template, tables: &Tables, is_final: bool) -> Result<()> {
        self.xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut gather = BytesStart::new("gather");
        for (name, value) in self.attributes(&template.attributes)? {
            gather.push_attribute((name.as_str(), value.as_str()));
        }
        if !is_final {
            gather.push_attribute(("status", DRAFT.0));
        }
        self.xml.write_event(Event::Start(gather))?;
        for part in &template.reports {
            self.part(part, tables)?;
        }
        self.xml.write_event(Event::End(BytesEnd::new("gather")))?;
        Ok(())
    }

    /// Names and values of attributes.
    fn attributes(&self, cells: &[Cell]) -> Result<Vec<(String, String)>> {
        let row = Row::of(&self.institution, cells)?;
        let value = |at: usize, cell: &Cell| self.text(row.rows.column(&column_name(at)), cell);
        Ok(cells.iter().enumerate().map(|(at, cell)| (cell.name.clone(), value(at, cell))).collect())
    }

    fn part(&mut self, part: &Part, tables: &Tables) -> Result<()> {
        let each = match &part.each {
            Some(each) => Some((query::run(&each.query, tables, &Need::default())?.0, each.key.as_str())),
            None => None,
        };
        let key = each.as_ref().map(|(_, key)| *key);
        let mut rows = Vec::new();
        for table in &part.tables {
            let frame = match (&table.query, &each) {
                (Some(query), _) => {
                    let mut query = query.clone();
                    if let Some(key) = key {
                        query.sort.insert(0, (key.to_owned(), false));
                    }
                    query::run(&query, tables, &Need::default())?.0
                }
                (None, Some((frame, _))) => frame.clone(),
                (None, None) => anyhow::bail!("the table {} has no rows", table.name),
            };
            let height = frame.height();
            rows.push(Rows::new(computed(frame, &table.cells)?, height, key)?);
        }
        let keys: Vec<Option<String>> = match &each {
            Some((frame, key)) => {
                let keys = frame.column(key)?.str().context("the key of a report is no text")?.clone();
                keys.iter().map(|key| Some(key.unwrap_or_default().to_owned())).collect()
            }
            None => vec![None],
        };
        for (table, rows) in part.tables.iter().zip(&rows) {
            let placed: usize = keys.iter().map(|key| rows.page(key.as_deref()).len()).sum();
            if placed < rows.height() && table.complete {
                self.written.left_out.push((table.name.clone(), rows.height() - placed));
            }
        }
        let attributes = self.attributes(&part.attributes)?;
        let markup = Markup::new(part, &rows, &attributes, self.compact);
        let pieces = markup.pieces(&keys);
        for batch in pieces.chunks(BATCH) {
            let texts: Vec<String> = batch.par_iter().map(|piece| markup.xml(piece)).collect();
            for text in texts {
                self.xml.get_mut().write_all(text.as_bytes())?;
            }
        }
        self.written.reports += keys.len();
        self.written.records += pieces.iter().map(|piece| piece.rows.len()).sum::<usize>();
        Ok(())
    }

    /// What a cell of an attribute holds; nothing for a blank.
    fn text(&self, column: Option<&Typed>, cell: &Cell) -> String {
        column.map_or(Cow::Borrowed(""), |column| text(column, 0, cell, self.compact)).into_owned()
    }
}

/// Records made into text as one piece, at most.
const PIECE: usize = 1_024;
/// Pieces made before they are written.
const BATCH: usize = 512;

/// Some records of a table of a report.
struct Piece {
    table: usize,
    rows: Range<usize>,
    /// The table begins with them.
    first: bool,
    /// It ends with them.
    last: bool,
}

/// A table's columns, and for each the tag its cells begin with.
struct Columns<'a> {
    name: String,
    cells: Vec<(String, Option<&'a Typed>, &'a Cell)>,
    rows: &'a Rows,
}

/// The markup of the reports of a part.
struct Markup<'a> {
    report: String,
    tables: Vec<Columns<'a>>,
    compact: bool,
}

impl<'a> Markup<'a> {
    fn new(part: &'a Part, rows: &'a [Rows], attributes: &[(String, String)], compact: bool) -> Self {
        let mut report = format!("\n <report name=\"{}\"", escape(part.name.as_str()));
        for (name, value) in attributes {
            report.extend([" ", name, "=\"", &escape(value.as_str()), "\""]);
        }
        report.push('>');
        let tables = part.tables.iter().zip(rows).map(|(table, rows)| {
            let cell = |(at, cell): (usize, &'a Cell)| {
                (format!("\n    <cell name=\"{}\"", escape(cell.name.as_str())), rows.column(&column_name(at)), cell)
            };
            let name = format!("\n  <table name=\"{}\"", escape(table.name.as_str()));
            Columns { name, cells: table.cells.iter().enumerate().map(cell).collect(), rows }
        });
        Self { report, tables: tables.collect(), compact }
    }

    /// The pieces of all reports, in order.
    fn pieces(&self, keys: &[Option<String>]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for key in keys {
            for (table, columns) in self.tables.iter().enumerate() {
                let page = columns.rows.page(key.as_deref());
                let mut from = page.start;
                loop {
                    let to = page.end.min(from + PIECE);
                    pieces.push(Piece { table, rows: from..to, first: from == page.start, last: to == page.end });
                    if to == page.end {
                        break;
                    }
                    from = to;
                }
            }
        }
        pieces
    }

    fn xml(&self, piece: &Piece) -> String {
        let mut out = String::with_capacity(piece.rows.len() * 1_024 + 256);
        if piece.first && piece.table == 0 {
            out.push_str(&self.report);
        }
        if let Some(table) = self.tables.get(piece.table) {
            let empty = piece.rows.is_empty() && piece.first;
            if piece.first {
                out.extend([table.name.as_str(), if empty { "/>" } else { ">" }]);
            }
            for at in piece.rows.clone() {
                out.push_str("\n   <record>");
                for (tag, column, cell) in &table.cells {
                    out.push_str(tag);
                    let text = column.map_or(Cow::Borrowed(""), |column| text(column, at, cell, self.compact));
                    if text.is_empty() {
                        out.push_str("/>");
                    } else {
                        out.extend([">", &escape(text), "</cell>"]);
                    }
                }
                out.push_str("\n   </record>");
            }
            if piece.last && !empty {
                out.push_str("\n  </table>");
            }
        }
        if piece.last && piece.table + 1 == self.tables.len() {
            out.push_str("\n </report>");
        }
        out
    }
}

/// What a cell holds; nothing for a blank.
fn text<'v>(column: &'v Typed, at: usize, cell: &Cell, compact: bool) -> Cow<'v, str> {
    match column.get(at, Lang::Zh) {
        Value::Blank => Cow::Borrowed(""),
        Value::Text(text) => sound(text),
        Value::Number { mantissa, scale } => Cow::Owned(padded(&decimal_text(mantissa, scale), cell.places)),
        Value::Date(date) if compact => Cow::Owned(date.format("%Y%m%d").to_string()),
        Value::Date(date) => Cow::Owned(date.to_string()),
    }
}

/// Digits with at least so many decimals.
fn padded(digits: &str, places: usize) -> String {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if places == 0 && fraction.is_empty() {
        return whole.to_owned();
    }
    format!("{whole}.{fraction:0<places$}")
}

/// Text with what XML cannot hold replaced by the replacement character; such text has a finding of its own.
fn sound(text: Cow<'_, str>) -> Cow<'_, str> {
    let bad = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(bad) { Cow::Owned(text.replace(bad, "\u{fffd}")) } else { text }
}
