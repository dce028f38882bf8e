//! Loading templates: those in the binary, and those of the folder a job names, which are added or take the place of one
//! with the same id. All problems of all files are found at once.

use std::{collections::BTreeMap, path::Path};

use polars::prelude::Schema;
use rust_embed::RustEmbed;

use super::model::{Cell, Part, Record, Template};
use crate::{
    job::Period,
    pack::{RulePack, load::parameter_values, load::read_source},
    problem::{At, Problems, Reader, TomlFile},
    report::{
        catalog,
        model::{Each, Query},
        query::{Scope, compile, compile_expression},
        read_folder, word,
    },
    text::Text,
};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Embedded;

/// The templates of a pack, in the order of their ids.
///
/// # Errors
/// All problems of all templates, each with its place.
pub fn load_templates(pack: &RulePack, period: Period, folder: Option<&Path>) -> Result<Vec<Template>, Problems> {
    let mut problems = Problems::default();
    let own = folder.map(|folder| read_folder(folder, &mut problems)).unwrap_or_default();
    // The schema lies beside them.
    let shipped = Embedded::iter().filter(|name| name.ends_with(".toml")).filter_map(|name| {
        let text = String::from_utf8(Embedded::get(&name)?.data.into_owned()).ok()?;
        Some((format!("templates/{name}"), text))
    });
    let own = own.into_iter().map(|(name, text)| {
        (folder.map_or_else(|| name.clone(), |folder| folder.join(&name).display().to_string()), text)
    });
    let tables = catalog::empty_tables(pack);
    let params = parameter_values(pack, period);
    let institution = tables
        .get(catalog::INSTITUTION.name)
        .and_then(|frame| frame.clone().collect_schema().ok())
        .map(|schema| schema.as_ref().clone())
        .unwrap_or_default();
    let around = Around { pack, scope: Scope { tables: &tables, params: &params }, institution };
    let mut found: BTreeMap<String, Template> = BTreeMap::new();
    for (shown, text) in shipped.chain(own) {
        let before = problems.list.len();
        let file = TomlFile::new(&shown, text);
        let template = file.parse(&mut problems, |reader, problems| around.template(reader, &shown, problems));
        if let Some(template) = template.filter(|_| problems.list.len() == before) {
            found.insert(template.id.clone(), template);
        }
    }
    problems.into_result(found.into_values().collect())
}

/// What templates are read against.
struct Around<'a> {
    pack: &'a RulePack,
    scope: Scope<'a>,
    institution: Schema,
}

impl Around<'_> {
    fn template(&self, reader: &mut Reader<'_, '_>, place: &str, problems: &mut Problems) -> Option<Template> {
        let pack = reader.required_text("pack", problems);
        if pack.value != self.pack.id {
            let all: Vec<_> = reader.keys().into_iter().map(|key| key.value).collect();
            reader.pass_over(&all.iter().map(String::as_str).collect::<Vec<_>>());
            return None;
        }
        let id = reader.required_text("id", problems).value;
        let file = reader.required_text("file", problems);
        word::safe_file(&file, ".xml", problems);
        for name in crate::pack::placeholders(&file.value) {
            let column = At { value: name.to_owned(), span: file.span.clone() };
            word::known_column(&column, &self.institution, problems);
        }
        let title = word::either_language(reader, "title", true, problems).unwrap_or_default();
        let source = reader.has("source").then(|| read_source(reader, problems));
        let compact_dates = reader.flag("compact_dates", problems).unwrap_or(false);
        let attributes = self.cells(reader, "attributes", &self.institution, problems);
        let mut reports = Vec::new();
        if !reader.has("report") {
            reader.missing("report", problems);
        }
        reader.tables("report", problems, |reader, problems| reports.push(self.part(reader, problems)));
        Some(Template {
            id,
            file: file.value,
            title,
            source,
            compact_dates,
            attributes,
            reports,
            place: place.to_owned(),
        })
    }

    fn part(&self, reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Part {
        let name = reader.required_text("name", problems).value;
        let mut each_schema = None;
        let each = reader.table("each", problems, |reader, problems| {
            let query = self.query(reader, true, problems);
            let key = reader.required_text("key", problems);
            let (query, schema) = query?;
            word::known_column(&key, &schema, problems);
            each_schema = Some(schema);
            Some(Each { query, key: key.value })
        });
        let each = each.flatten();
        let attributes = self.cells(reader, "attributes", &self.institution, problems);
        let mut tables = Vec::new();
        if !reader.has("table") {
            reader.missing("table", problems);
        }
        reader.tables("table", problems, |reader, problems| {
            let name = reader.required_text("name", problems).value;
            let own = reader.has("query");
            let query = if own { self.query(reader, false, problems) } else { None };
            let schema =
                query.as_ref().map(|(_, schema)| schema.clone()).or_else(|| each_schema.clone().filter(|_| !own));
            let Some(schema) = schema else {
                if !own {
                    let message =
                        Text::new("没有 `each` 的报表，表要有 `query`", "without `each` a table needs a `query`");
                    reader.span.problem(problems, message, None);
                }
                reader.pass_over(&["cells", "sort", "complete"]);
                return;
            };
            if let (Some((query, _)), Some(each)) = (&query, &each)
                && !query.columns.contains(&each.key)
            {
                let key = &each.key;
                let message = Text::new(format!("查询要有列 `{key}`"), format!("the query needs the column `{key}`"));
                reader.span.problem(problems, message, None);
            }
            let complete = reader.flag("complete", problems).unwrap_or(false);
            let cells = self.cells(reader, "cells", &schema, problems);
            tables.push(Record { name, query: query.map(|(query, _)| query), complete, cells });
        });
        Part { name, each, attributes, tables }
    }

    fn query(&self, reader: &mut Reader<'_, '_>, in_each: bool, problems: &mut Problems) -> Option<(Query, Schema)> {
        let text = reader.required_text("query", problems);
        let compiled = if text.value.is_empty() { None } else { compile(&text, &self.scope, problems) };
        let Some(mut compiled) = compiled else {
            reader.pass_over(if in_each { &["sort", "key"] } else { &["sort"] });
            return None;
        };
        compiled.query.sort = word::sorting(reader, &compiled.schema, problems);
        Some((compiled.query, compiled.schema))
    }

    fn cells(&self, reader: &mut Reader<'_, '_>, key: &str, schema: &Schema, problems: &mut Problems) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::new();
        reader.tables(key, problems, |reader, problems| {
            let name = reader.required_text("name", problems);
            let value = reader.required_text("value", problems);
            let places = reader.count("places", problems).unwrap_or_default().min(12) as usize;
            if key == "attributes" && !is_xml_name(&name.value) {
                let text = &name.value;
                let message = Text::new(format!("`{text}` 不能作属性名"), format!("`{text}` cannot name an attribute"));
                name.span.problem(problems, message, Some(Text::new("字母、数字和 _", "letters, digits and _")));
            }
            if cells.iter().any(|cell| cell.name == name.value) {
                let text = &name.value;
                let message = Text::new(format!("`{text}` 出现两次"), format!("`{text}` occurs twice"));
                name.span.problem(problems, message, None);
            }
            if value.value.is_empty() {
                return;
            }
            if let Some((sql, _)) = compile_expression(&value, schema, self.scope.params, problems) {
                cells.push(Cell { name: name.value, sql, places });
            }
        });
        cells
    }
}

fn is_xml_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
