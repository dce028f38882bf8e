//! Reading one definition file into a [`Report`] known to be good.
//!
//! Knows the keys of definitions; how queries are compiled is `query`'s.

mod block;
pub(crate) mod word;

use std::collections::BTreeMap;

use polars::prelude::Schema;

use super::{
    model::{Each, Paper, Report, Sheet},
    query::{self, Scope},
};
use crate::{
    pack::{AmountUnit, Literal, RulePack},
    problem::{At, Problems, Reader, TomlFile, did_you_mean},
    text::Text,
};

use self::word::{choice, either_language, safe_file, sorting};

/// What a definition is read against.
pub struct Surroundings<'a> {
    /// The pack.
    pub pack: &'a RulePack,
    /// Tables and parameters.
    pub scope: Scope<'a>,
}

impl Surroundings<'_> {
    fn params(&self) -> &BTreeMap<String, Literal> {
        self.scope.params
    }
}

/// Reads a definition. Nothing is returned for one of another pack, or if problems stand in the way.
pub fn read_report(name: &str, text: &str, around: &Surroundings<'_>, problems: &mut Problems) -> Option<Report> {
    let file = TomlFile::new(name, text.to_owned());
    let before = problems.list.len();
    let report = file.parse(problems, |reader, problems| {
        let pack = reader.text("pack", problems);
        if pack.as_ref().is_some_and(|pack| pack.value != around.pack.id) {
            // Its queries are about tables this pack does not have.
            let all: Vec<_> = reader.keys().into_iter().map(|key| key.value).collect();
            reader.pass_over(&all.iter().map(String::as_str).collect::<Vec<_>>());
            return None;
        }
        Some(read(reader, problems, around, name, pack.map(|pack| pack.value)))
    });
    report.filter(|_| problems.list.len() == before)
}

fn read(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    around: &Surroundings<'_>,
    name: &str,
    pack: Option<String>,
) -> Report {
    let id = reader.required_text("id", problems);
    let good = id.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !good {
        let message = Text::new(format!("`{}` 不是报表编号", id.value), format!("`{}` is no report id", id.value));
        let help = Text::new("小写字母、数字和 -", "lower-case letters, digits and -");
        id.span.problem(problems, message, Some(help));
    }
    let workbook = reader.required_text("file", problems);
    safe_file(&workbook, ".xlsx", problems);
    let title = either_language(reader, "title", true, problems).unwrap_or_default();
    let full = choice(reader, "identifiers", &[("masked", false), ("full", true)], problems).unwrap_or(false);
    let unit = choice(reader, "unit", &UNITS, problems);
    let source = reader.has("source").then(|| crate::pack::load::read_source(reader, problems));
    let signature = reader.flag("signature", problems).unwrap_or(true);
    let notes = word::texts(reader, "notes", problems);
    let page = Page {
        paper: choice(reader, "paper", &PAPERS, problems).unwrap_or_default(),
        landscape: reader.flag("landscape", problems).unwrap_or(true),
    };
    let mut sheets = Vec::new();
    if !reader.has("sheet") {
        reader.missing("sheet", problems);
    }
    reader.tables("sheet", problems, |reader, problems| {
        sheets.push(read_sheet(reader, problems, around, page, unit));
    });
    Report {
        id: id.value,
        file: workbook.value,
        title,
        pack,
        full,
        source,
        unit,
        signature,
        notes,
        sheets,
        place: name.to_owned(),
    }
}

/// Units by their names.
const UNITS: [(&str, AmountUnit); 2] = [("元", AmountUnit::Yuan), ("万元", AmountUnit::WanYuan)];
const PAPERS: [(&str, Paper); 2] = [("A4", Paper::A4), ("A3", Paper::A3)];

/// How the sheets of a report lie if they do not say so themselves.
#[derive(Clone, Copy)]
struct Page {
    paper: Paper,
    landscape: bool,
}

fn read_sheet(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    around: &Surroundings<'_>,
    page: Page,
    unit: Option<AmountUnit>,
) -> Sheet {
    let name = either_language(reader, "name", true, problems).unwrap_or_default();
    let title = either_language(reader, "title", false, problems);
    let paper = choice(reader, "paper", &PAPERS, problems).unwrap_or(page.paper);
    let landscape = reader.flag("landscape", problems).unwrap_or(page.landscape);
    let one_page = reader.flag("one_page", problems).unwrap_or(false);
    let clauses = clauses(reader, around, problems);
    let notes = word::texts(reader, "notes", problems);
    let mut each_schema: Option<(Schema, String)> = None;
    let each = reader.table("each", problems, |reader, problems| {
        let text = reader.required_text("query", problems);
        let key = reader.required_text("key", problems);
        let compiled = compiled(&text, around, problems);
        let sort = compiled.as_ref().map(|compiled| sorting(reader, &compiled.schema, problems));
        let limit = reader.count("limit", problems).map(|limit| limit as usize);
        let mut compiled = compiled?;
        compiled.query.limit = limit;
        word::known_column(&key, &compiled.schema, problems);
        compiled.query.sort = sort.unwrap_or_default();
        each_schema = Some((compiled.schema, key.value.clone()));
        Some(Each { query: compiled.query, key: key.value })
    });
    let mut blocks = Vec::new();
    if !reader.has("block") {
        reader.missing("block", problems);
    }
    let mut lists = BTreeMap::new();
    let mut numbered = 0;
    reader.tables("block", problems, |reader, problems| {
        let mut parts = block::BlockReader { around, unit, each: each_schema.as_ref(), lists: &mut lists, numbered };
        blocks.extend(parts.read(reader, problems));
        numbered += 1;
    });
    Sheet { name, title, paper, landscape, one_page, each: each.flatten(), clauses, notes, blocks }
}

/// The clauses a sheet carries out, which the pack has to list.
fn clauses(reader: &mut Reader<'_, '_>, around: &Surroundings<'_>, problems: &mut Problems) -> Vec<String> {
    let named = reader.texts("clause", problems);
    let known = || around.pack.clauses.iter().map(|clause| clause.id.as_str());
    for id in named.iter().filter(|id| !known().any(|known| known == id.value)) {
        let message = Text::new(
            format!("条款 `{}` 不在规则包的 clauses.csv 中", id.value),
            format!("the clause `{}` is not in the pack's clauses.csv", id.value),
        );
        id.span.problem(problems, message, did_you_mean(&id.value, known()));
    }
    named.into_iter().map(|id| id.value).collect()
}

/// A query that is there; one that is missing was reported.
fn compiled(text: &At<String>, around: &Surroundings<'_>, problems: &mut Problems) -> Option<query::Compiled> {
    if text.value.is_empty() { None } else { query::compile(text, &around.scope, problems) }
}
