//! One block of a sheet: a list, a form or a chart.

use std::collections::BTreeMap;

use polars::prelude::{DataType, Schema};

use super::{Surroundings, UNITS, compiled, word};
use crate::{
    pack::AmountUnit,
    problem::{At, Problems, Reader, did_you_mean},
    report::{
        model::{
            Block, Body, Chart, ChartKind, Colour, Column, Content, Form, FormCell, List, Query, Ratio, Show, Tone,
        },
        query, titles,
    },
    text::Text,
};

const BODIES: [&str; 3] = ["query", "cells", "chart"];
const KINDS: [(&str, ChartKind); 4] =
    [("column", ChartKind::Column), ("bar", ChartKind::Bar), ("line", ChartKind::Line), ("pie", ChartKind::Pie)];
const TONES: [(&str, Tone); 4] =
    [("bad", Tone::Bad), ("warn", Tone::Warn), ("good", Tone::Good), ("quiet", Tone::Quiet)];

/// Rows of a sheet's height a chart takes if it does not say.
const CHART_ROWS: u32 = 15;

/// Reads one block.
pub struct BlockReader<'a, 's> {
    /// Pack, tables and parameters.
    pub around: &'a Surroundings<'s>,
    /// Unit of the report's amounts.
    pub unit: Option<AmountUnit>,
    /// Columns and key of what the sheet is repeated for.
    pub each: Option<&'a (Schema, String)>,
    /// Columns of the lists read so far, by their names.
    pub lists: &'a mut BTreeMap<String, Vec<(String, bool)>>,
    /// Number of the block in its sheet.
    pub numbered: usize,
}

impl BlockReader<'_, '_> {
    /// Reads the block; nothing if it cannot be told what it is.
    pub fn read(&mut self, reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<Block> {
        let heading = word::either_language(reader, "heading", false, problems);
        let present: Vec<_> = BODIES.into_iter().filter(|body| reader.has(body)).collect();
        let is_form = present.contains(&"cells");
        let body = match present.as_slice() {
            ["chart"] => Body::Chart(self.chart(reader, problems)?),
            ["query"] => Body::List(self.list(reader, problems)?),
            // The query of a form gives its row.
            [..] if is_form && !present.contains(&"chart") => Body::Form(self.form(reader, problems)?),
            _ => {
                let bodies = BODIES.join(", ");
                let message = Text::new("看不出这是什么块", "it cannot be told what this block is");
                let help = Text::new(
                    format!("清单写 query，表单写 cells，图表写 chart：{bodies}"),
                    format!("a list has a query, a form has cells, a chart has chart: {bodies}"),
                );
                reader.span.problem(problems, message, Some(help));
                let all: Vec<_> = reader.keys().into_iter().map(|key| key.value).collect();
                reader.pass_over(&all.iter().map(String::as_str).collect::<Vec<_>>());
                return None;
            }
        };
        Some(Block { heading, body })
    }

    fn query(&self, reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<(Query, Schema)> {
        let text = reader.required_text("query", problems);
        let compiled = compiled(&text, self.around, problems)?;
        if let Some((_, key)) = self.each
            && !compiled.schema.contains(key)
            && !reader.has("cells")
        {
            let message = Text::new(
                format!("查询要有 each 的列 `{key}`，行按它分到各页"),
                format!("the query needs the column `{key}` of `each`: rows go to the pages by it"),
            );
            text.span.problem(problems, message, None);
        }
        for (name, dtype) in compiled.schema.iter() {
            if matches!(dtype, DataType::Float32 | DataType::Float64) {
                let message =
                    Text::new(format!("列 `{name}` 是近似的小数"), format!("the column `{name}` is no exact number"));
                let help = Text::new(
                    "除法和平均数用列的 `ratio = { by = \"…\", times = 100 }`",
                    "for quotients use the column's `ratio = { by = \"…\", times = 100 }`",
                );
                text.span.problem(problems, message, Some(help));
            }
        }
        Some((compiled.query, compiled.schema))
    }

    fn list(&mut self, reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<List> {
        const REST: [&str; 7] = ["columns", "sort", "limit", "group", "total", "name", "number"];
        let Some((mut query, schema)) = self.query(reader, problems) else {
            reader.pass_over(&REST);
            reader.pass_over(&["empty"]);
            return None;
        };
        query.sort = word::sorting(reader, &schema, problems);
        query.limit = reader.count("limit", problems).map(|limit| limit as usize);
        let mut columns = Vec::new();
        if reader.has("columns") {
            reader.tables("columns", problems, |reader, problems| {
                let at = columns.len();
                columns.extend(self.column(reader, &schema, at, problems));
            });
        } else {
            let key = self.each.map(|(_, key)| key.as_str());
            let shown = |name: &str| Some(name) != key && (name == "_unit" || !name.starts_with('_'));
            columns.extend(
                schema.iter().filter(|(name, _)| shown(name)).map(|(name, dtype)| self.plain_column(name, dtype)),
            );
        }
        for name in reader.texts("total", problems) {
            let found = columns.iter_mut().find(|column| column.field == name.value);
            match found {
                Some(column) => column.total = true,
                None => {
                    word::known_column(&name, &schema, problems);
                }
            }
        }
        for column in columns.iter().filter(|column| column.total && column.show.ratio.is_none()) {
            let dtype = schema.get(&column.field);
            if !dtype.is_some_and(|dtype| dtype.is_integer() || dtype.is_decimal()) {
                let name = &column.field;
                let message =
                    Text::new(format!("`{name}` 不是数，不能合计"), format!("`{name}` is no number to total"));
                reader.span.problem(problems, message, None);
            }
        }
        let group = reader.text("group", problems).filter(|group| word::known_column(group, &schema, problems));
        if let Some(group) = &group {
            query.sort.retain(|(column, _)| *column != group.value);
            query.sort.insert(0, (group.value.clone(), false));
        }
        let name = reader.text("name", problems).map(|name| name.value);
        if let Some(name) = &name {
            let is_number = |column: &Column| {
                column.show.ratio.is_some()
                    || schema.get(&column.field).is_some_and(|dtype| dtype.is_integer() || dtype.is_decimal())
            };
            let columns = columns.iter().map(|column| (column.field.clone(), is_number(column))).collect();
            self.lists.insert(name.clone(), columns);
        }
        Some(List {
            name,
            query,
            columns,
            group: group.map(|group| group.value),
            numbered: reader.flag("number", problems).unwrap_or(false),
            empty: word::either_language(reader, "empty", false, problems)
                .unwrap_or_else(|| Text::new("本期没有记录。", "Nothing this period.")),
        })
    }

    /// The unit in which the pack or the catalog states the column of that name.
    fn unit_of(&self, name: &str) -> Option<AmountUnit> {
        let fields = self.around.pack.datasets.iter().flat_map(|dataset| &dataset.fields);
        let mut units: Vec<_> = fields.filter(|field| field.id == name).filter_map(|field| field.unit).collect();
        units.dedup();
        match units.as_slice() {
            [unit] => Some(*unit),
            _ => None,
        }
    }

    fn plain_column(&self, name: &str, dtype: &DataType) -> Column {
        Column {
            field: name.to_owned(),
            heading: titles::of(name, self.around.pack),
            width: titles::width(name, dtype),
            show: Show::default(),
            span: 1,
            total: false,
            colours: Vec::new(),
        }
    }

    fn column(
        &self,
        reader: &mut Reader<'_, '_>,
        schema: &Schema,
        at: usize,
        problems: &mut Problems,
    ) -> Option<Column> {
        let field = reader.required_text("field", problems);
        let known = word::known_column(&field, schema, problems);
        let heading = word::either_language(reader, "heading", false, problems);
        let width = reader.count("width", problems).and_then(|width| u16::try_from(width).ok());
        let span = reader.count("span", problems).and_then(|span| u16::try_from(span).ok()).unwrap_or(1).clamp(1, 50);
        let show = self.show(reader, &field, Some(schema), problems);
        let total = reader.flag("total", problems).unwrap_or(false);
        let mut colours = Vec::new();
        reader.tables("colour", problems, |reader, problems| {
            let when = reader.required_text("when", problems);
            let tone = word::choice(reader, "tone", &TONES, problems);
            let sql = query::compile_expression(&when, schema, self.around.params(), problems);
            if let (Some((sql, dtype)), Some(tone)) = (sql, tone) {
                if dtype == DataType::Boolean {
                    let column = format!("colour {} {at} {}", self.numbered, colours.len());
                    colours.push(Colour { column, when: sql, tone });
                } else {
                    let message = Text::new("条件的结果不是真假", "the condition is neither true nor false");
                    when.span.problem(problems, message, None);
                }
            }
        });
        let dtype = schema.get(&field.value)?;
        known.then(|| Column {
            heading: heading.unwrap_or_else(|| titles::of(&field.value, self.around.pack)),
            width: width.unwrap_or_else(|| titles::width(&field.value, dtype)),
            field: field.value,
            span,
            show,
            total,
            colours,
        })
    }

    /// How a value is shown. `unit` alone converts from the unit the pack states; `from` states another.
    fn show(
        &self,
        reader: &mut Reader<'_, '_>,
        field: &At<String>,
        schema: Option<&Schema>,
        problems: &mut Problems,
    ) -> Show {
        let from = word::choice(reader, "from", &UNITS, problems);
        let shown = word::choice(reader, "unit", &UNITS, problems);
        let stated = from.or_else(|| self.unit_of(&field.value));
        let units = match (shown.or(self.unit.filter(|_| from.is_some())), stated) {
            (Some(shown), Some(from)) => Some((from, shown)),
            (Some(_), None) => {
                let message = Text::new(
                    format!("不知道 `{}` 的单位", field.value),
                    format!("the unit of `{}` is not known", field.value),
                );
                let help = Text::new("写明 from = \"元\" 或 \"万元\"", "say from = \"元\" or \"万元\"");
                field.span.problem(problems, message, Some(help));
                None
            }
            _ => None,
        };
        let codes = reader.text("codes", problems);
        if let Some(codes) = &codes
            && !self.around.pack.codes.contains_key(&codes.value)
        {
            let name = &codes.value;
            let help = did_you_mean(name, self.around.pack.codes.keys().map(String::as_str));
            let message = Text::new(format!("没有代码表 `{name}`"), format!("there is no code list `{name}`"));
            codes.span.problem(problems, message, help);
        }
        let ratio = reader.table("ratio", problems, |reader, problems| {
            let by = reader.required_text("by", problems);
            let times = reader.count("times", problems).unwrap_or(100);
            let known = schema.is_none_or(|schema| word::known_column(&by, schema, problems));
            known.then_some(Ratio { by: by.value, times })
        });
        Show {
            units,
            places: reader.count("places", problems).and_then(|places| u8::try_from(places).ok()),
            codes: codes.map(|codes| codes.value),
            ratio: ratio.flatten(),
        }
    }

    fn form(&mut self, reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<Form> {
        let own = if reader.has("query") { Some(self.query(reader, problems)?) } else { None };
        let schema = match (&own, self.each) {
            (Some((_, schema)), _) | (None, Some((schema, _))) => schema.clone(),
            (None, None) => Schema::default(),
        };
        let mut cells = Vec::new();
        reader.tables("cells", problems, |reader, problems| {
            let place = reader.required_text("at", problems);
            let Some((first, last)) = range(&place.value) else {
                if !place.value.is_empty() {
                    let text = &place.value;
                    let message = Text::new(format!("`{text}` 不是单元格"), format!("`{text}` is no cell"));
                    let help = Text::new(
                        "如 B2 或 B2:D2，从表单左上角算起",
                        "such as B2 or B2:D2, counted from the form's corner",
                    );
                    place.span.problem(problems, message, Some(help));
                }
                reader.pass_over(&["text", "value", "unit", "from", "places", "codes"]);
                return;
            };
            let content = if reader.has("text") {
                word::either_language(reader, "text", true, problems).map(Content::Label)
            } else {
                let value = reader.required_text("value", problems);
                let show = self.show(reader, &value, None, problems);
                let sql = query::compile_expression(&value, &schema, self.around.params(), problems);
                sql.map(|(sql, _)| Content::Value { sql, written: value.value, show })
            };
            cells.extend(content.map(|content| FormCell {
                row: first.1,
                column: first.0,
                last_column: last.0,
                last_row: last.1,
                content,
            }));
        });
        // Rows are written from top to bottom.
        cells.sort_by_key(|cell| (cell.row, cell.column));
        let widths = reader.counts("widths", problems).into_iter();
        let widths = widths.filter_map(|width| u16::try_from(width.value).ok()).collect();
        Some(Form { query: own.map(|(query, _)| query), cells, widths })
    }

    fn chart(&mut self, reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<Chart> {
        let kind = word::choice(reader, "chart", &KINDS, problems);
        let of = reader.required_text("of", problems);
        let category = reader.required_text("category", problems);
        let values = reader.texts("values", problems);
        let title = word::either_language(reader, "title", true, problems).unwrap_or_default();
        let height = reader.count("height", problems).unwrap_or(CHART_ROWS);
        let Some(columns) = self.lists.get(&of.value) else {
            let name = &of.value;
            let help = did_you_mean(name, self.lists.keys().map(String::as_str));
            let message =
                Text::new(format!("本表上方没有名为 `{name}` 的清单"), format!("no list above is called `{name}`"));
            of.span.problem(problems, message, help);
            return None;
        };
        for (name, number) in values.iter().map(|value| (value, true)).chain([(&category, false)]) {
            let found = columns.iter().find(|(column, _)| *column == name.value);
            if !found.is_some_and(|(_, is_number)| *is_number || !number) {
                let help = did_you_mean(&name.value, columns.iter().map(|(column, _)| column.as_str()));
                let column = &name.value;
                let message = Text::new(
                    format!("清单没有可以画图的列 `{column}`"),
                    format!("the list has no column `{column}` to draw"),
                );
                name.span.problem(problems, message, help);
            }
        }
        Some(Chart {
            kind: kind?,
            of: of.value,
            category: category.value,
            values: values.into_iter().map(|value| value.value).collect(),
            title,
            height,
        })
    }
}

/// `B2` or `B2:D3` as first and last column and row, from 0.
fn range(text: &str) -> Option<((u16, u32), (u16, u32))> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let (first, last) = (cell(first)?, cell(last)?);
    (first.0 <= last.0 && first.1 <= last.1).then_some((first, last))
}

/// `B2` as column and row, from 0; within the columns a form can have.
fn cell(text: &str) -> Option<(u16, u32)> {
    let letters = text.chars().take_while(char::is_ascii_uppercase).count();
    let (letters, digits) = text.split_at_checked(letters)?;
    let mut column: u16 = 0;
    for letter in letters.bytes() {
        column = column.checked_mul(26)?.checked_add(u16::from(letter - b'A') + 1)?;
    }
    let row: u32 = digits.parse().ok()?;
    let column = column.checked_sub(1).filter(|column| *column < 256)?;
    Some((column, row.checked_sub(1).filter(|row| *row < 10_000)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_excel_names_them() {
        assert_eq!(range("A1"), Some(((0, 0), (0, 0))));
        assert_eq!(range("B2:D3"), Some(((1, 1), (3, 2))));
        assert_eq!(range("AA10"), Some(((26, 9), (26, 9))));
        for text in ["", "1", "A", "A0", "b2", "D1:B1", "A1:", "ZZZ1"] {
            assert_eq!(range(text), None, "{text}");
        }
    }
}
