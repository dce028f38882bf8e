//! Writing a submission file: rows become records, values become cells, exactly as they are.
//!
//! Knows the nesting and how numbers and days are written.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use polars::prelude::DataFrame;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::model::{Cell, Part, Record, Template};
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
        let value = |at: usize, cell: &Cell| self.text(row.rows.column(&column_name(at)), 0, cell);
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
        for key in keys {
            let mut element = BytesStart::new("report");
            element.push_attribute(("name", part.name.as_str()));
            for (name, value) in &attributes {
                element.push_attribute((name.as_str(), value.as_str()));
            }
            self.xml.write_event(Event::Start(element))?;
            for (table, rows) in part.tables.iter().zip(&rows) {
                self.table(table, rows, key.as_deref())?;
            }
            self.xml.write_event(Event::End(BytesEnd::new("report")))?;
            self.written.reports += 1;
        }
        Ok(())
    }

    fn table(&mut self, table: &Record, rows: &Rows, key: Option<&str>) -> Result<()> {
        let mut element = BytesStart::new("table");
        element.push_attribute(("name", table.name.as_str()));
        let range = rows.page(key);
        if range.is_empty() {
            self.xml.write_event(Event::Empty(element))?;
            return Ok(());
        }
        self.xml.write_event(Event::Start(element))?;
        for at in range {
            self.xml.write_event(Event::Start(BytesStart::new("record")))?;
            for (index, cell) in table.cells.iter().enumerate() {
                let text = self.text(rows.column(&column_name(index)), at, cell);
                let mut element = BytesStart::new("cell");
                element.push_attribute(("name", cell.name.as_str()));
                if text.is_empty() {
                    self.xml.write_event(Event::Empty(element))?;
                    continue;
                }
                self.xml.write_event(Event::Start(element))?;
                self.xml.write_event(Event::Text(BytesText::new(&text)))?;
                self.xml.write_event(Event::End(BytesEnd::new("cell")))?;
            }
            self.xml.write_event(Event::End(BytesEnd::new("record")))?;
            self.written.records += 1;
        }
        self.xml.write_event(Event::End(BytesEnd::new("table")))?;
        Ok(())
    }

    /// What a cell holds; nothing for a blank.
    fn text(&self, column: Option<&Typed>, at: usize, cell: &Cell) -> String {
        match column.map_or(Value::Blank, |column| column.get(at, Lang::Zh)) {
            Value::Blank => String::new(),
            Value::Text(text) => sound(&text),
            Value::Number { mantissa, scale } => padded(&decimal_text(mantissa, scale), cell.places),
            Value::Date(date) if self.compact => date.format("%Y%m%d").to_string(),
            Value::Date(date) => date.to_string(),
        }
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
fn sound(text: &str) -> String {
    let bad = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if bad(c) { '\u{fffd}' } else { c }).collect()
}
