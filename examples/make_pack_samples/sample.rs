//! The text a sample is written in, and the findings due in it.
//!
//! ```text
//! @job 2026Q3 0100 某公司            period, code and name of the institution; @job-line adds a line to job.toml
//! @unit 0101 华东业务部              the unit the files below belong to; the roster comes before the first
//! @file 客户档案.xlsx
//! @sheet 客户一览表                  its first row holds the headings; @title puts a row above them
//! 客户编号 | 客户名称 | 建档日期
//! '0001    | 某公司   | 2026-07-01
//! '0002    | {CUST-REQ-CUSTOMER_NAME} | 2026-13-01 {CELL-TYP-002}
//! @expect customers SHEET-DATA-001   a finding about the unit (no sheet open) or the sheet, with its field or nothing
//! ```
//! A cell is text if it begins with `'`, a date or number if it looks like one, else text.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use chrono::NaiveDate;

/// Heading to field id, by sheet name.
pub type Fields = BTreeMap<String, BTreeMap<String, String>>;

/// What a cell holds.
#[derive(Debug, PartialEq)]
pub enum Cell {
    Blank,
    Text(String),
    Number(f64),
    Day(NaiveDate),
}

#[derive(Default)]
pub struct Sheet {
    pub name: String,
    pub title: Option<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// A file; the roster has no unit.
#[derive(Default)]
pub struct File {
    pub unit: String,
    pub name: String,
    pub sheets: Vec<Sheet>,
}

/// Where a finding is due: unit code, file, sheet, row, column or field, rule.
struct Due {
    unit: String,
    file: String,
    sheet: String,
    row: Option<usize>,
    heading: Option<String>,
    field: String,
    rule: String,
}

#[derive(Default)]
pub struct Sample {
    pub period: String,
    pub code: String,
    pub name: String,
    /// Further lines of job.toml.
    pub extra: String,
    pub files: Vec<File>,
    due: Vec<Due>,
}

/// The fields of a pack by the sheets and headings they are read from.
pub fn fields(pack: &str) -> Result<Fields> {
    let pack: toml::Table = pack.parse()?;
    let mut fields = Fields::new();
    let list =
        |value: &toml::Value, key: &str| value.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let text = |value: &toml::Value| value.as_str().unwrap_or_default().to_owned();
    for dataset in pack.get("dataset").and_then(toml::Value::as_array).context("datasets")? {
        let mut headings = BTreeMap::new();
        for field in list(dataset, "fields") {
            let id = field.get("id").map(text).context("a field id")?;
            headings.extend(list(&field, "headings").iter().map(|heading| (text(heading), id.clone())));
        }
        fields.extend(list(dataset, "sheets").iter().map(|sheet| (text(sheet), headings.clone())));
    }
    Ok(fields)
}

impl Sample {
    pub fn parse(text: &str) -> Result<Self> {
        let mut sample = Self::default();
        let (mut unit, mut headings): (String, Vec<String>) = (String::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let rest = rest.trim();
            match word {
                "@job" => {
                    let mut parts = rest.splitn(3, ' ').map(str::to_owned);
                    for part in [&mut sample.period, &mut sample.code, &mut sample.name] {
                        *part = parts.next().unwrap_or_default();
                    }
                }
                "@job-line" => writeln!(sample.extra, "{rest}")?,
                "@unit" => {
                    let (code, name) = rest.split_once(' ').with_context(|| format!("line {number}"))?;
                    unit = format!("{code}-{name}");
                }
                "@file" => {
                    sample.files.push(File { unit: unit.clone(), name: rest.to_owned(), sheets: Vec::new() });
                }
                "@sheet" => {
                    let file = sample.files.last_mut().with_context(|| format!("line {number}: no file"))?;
                    file.sheets.push(Sheet { name: rest.to_owned(), ..Sheet::default() });
                    headings.clear();
                }
                "@title" => {
                    let sheet = sample.files.last_mut().and_then(|file| file.sheets.last_mut());
                    sheet.with_context(|| format!("line {number}: no sheet"))?.title = Some(rest.to_owned());
                }
                "@expect" => sample.expect(&unit, rest),
                _ => sample.row(line, &mut headings).with_context(|| format!("line {number}"))?,
            }
        }
        Ok(sample)
    }

    /// A finding that belongs to no record: of the last sheet if its unit's file is open, else of the unit.
    fn expect(&mut self, unit: &str, text: &str) {
        let (field, rule) = text.rsplit_once(' ').unwrap_or(("", text));
        let file = self.files.last().filter(|file| file.unit == unit);
        let sheet = file.and_then(|file| file.sheets.last()).map(|sheet| sheet.name.clone());
        let file = file.map(shown);
        self.due.push(Due {
            unit: self.code_of(unit),
            file: file.unwrap_or_default(),
            sheet: sheet.unwrap_or_default(),
            row: None,
            heading: None,
            field: field.to_owned(),
            rule: rule.to_owned(),
        });
    }

    /// The roster's findings are the institution's.
    fn code_of(&self, unit: &str) -> String {
        unit.split_once('-').map_or_else(|| self.code.clone(), |(code, _)| code.to_owned())
    }

    fn row(&mut self, line: &str, headings: &mut Vec<String>) -> Result<()> {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let own = self.files.last().map(|file| (self.code_of(&file.unit), shown(file), is_csv(file)));
        let (unit, file, csv) = own.context("a row before any file")?;
        let sheet = self.files.last_mut().and_then(|file| file.sheets.last_mut()).context("a row before any sheet")?;
        if headings.is_empty() {
            headings.extend(cells.iter().map(|cell| (*cell).to_owned()));
            sheet.rows.push(cells.iter().map(|cell| Cell::Text((*cell).to_owned())).collect());
            return Ok(());
        }
        ensure!(cells.len() == headings.len(), "{} cells under {} headings: {line}", cells.len(), headings.len());
        // Headings stand in row 1, or below a title in row 2.
        let row = sheet.rows.len() + 1 + usize::from(sheet.title.is_some());
        let mut filled = Vec::new();
        for (text, heading) in cells.iter().zip(headings.iter()) {
            let (value, rules) = match text.split_once('{') {
                Some((value, rules)) => (value.trim(), rules.trim_end_matches('}')),
                None => (*text, ""),
            };
            filled.push(cell(value));
            for rule in rules.split_whitespace() {
                self.due.push(Due {
                    unit: unit.clone(),
                    file: file.clone(),
                    sheet: if csv { String::new() } else { sheet.name.clone() },
                    row: Some(row),
                    heading: Some(heading.clone()),
                    field: sheet.name.clone(),
                    rule: rule.to_owned(),
                });
            }
        }
        sheet.rows.push(filled);
        Ok(())
    }

    /// `expected-findings.csv`, sorted.
    pub fn expected(&self, fields: &Fields) -> Result<String> {
        let mut lines = Vec::new();
        for due in &self.due {
            let field = match &due.heading {
                None => due.field.clone(),
                Some(heading) => {
                    let known = fields.get(&due.field).and_then(|headings| headings.get(heading));
                    let Some(known) = known else { bail!("sheet {}: no field has the heading {heading}", due.field) };
                    known.clone()
                }
            };
            let key = (due.unit.clone(), due.file.clone(), due.sheet.clone(), due.row, field, due.rule.clone());
            lines.push(key);
        }
        lines.sort();
        let mut table = "unit,file,sheet,row,field,rule\n".to_owned();
        for (unit, file, sheet, row, field, rule) in lines {
            let row = row.map(|row| row.to_string()).unwrap_or_default();
            writeln!(table, "{unit},{file},{sheet},{row},{field},{rule}")?;
        }
        Ok(table)
    }
}

pub fn is_csv(file: &File) -> bool {
    Path::new(&file.name).extension().is_some_and(|extension| extension == "csv")
}

/// A file's name as the program shows it.
fn shown(file: &File) -> String {
    if file.unit.is_empty() { file.name.clone() } else { format!("{}/{}", file.unit, file.name) }
}

fn cell(text: &str) -> Cell {
    if let Some(text) = text.strip_prefix('\'') {
        return Cell::Text(text.to_owned());
    }
    match (text.is_empty(), text.parse::<NaiveDate>(), text.parse::<f64>()) {
        (true, ..) => Cell::Blank,
        (_, Ok(day), _) => Cell::Day(day),
        (_, _, Ok(number)) => Cell::Number(number),
        _ => Cell::Text(text.to_owned()),
    }
}
