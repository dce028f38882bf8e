//! A suggested dataset: the fields of the sheets that have the same headings.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ENOUGH, Values, figures,
    naming::{self, Names},
    sheet_name,
};
use crate::{
    ingest::heading::normalised,
    pack::{AmountUnit, FieldKind},
    profile::{ColumnProfile, FileProfile, Order, SheetProfile, guess::MOST_CODES, personal, shown},
    text::{Mask, Text},
    toml_text::quoted,
};

/// Sheets with the files they are in.
pub type Members<'a> = Vec<(&'a FileProfile, &'a SheetProfile)>;

/// A dataset to be suggested.
pub struct Dataset<'a> {
    /// Name in SQL.
    pub id: String,
    /// First part of rule ids.
    pub prefix: String,
    /// Title.
    pub title: Text,
    /// Names of its sheets.
    pub sheets: Vec<String>,
    /// Fields from left to right.
    pub fields: Vec<Field<'a>>,
    /// What was left out, and why, for comments.
    pub left_out: Vec<String>,
    members: Members<'a>,
}

/// A field to be suggested.
pub struct Field<'a> {
    /// Name in SQL.
    pub id: String,
    /// What its cells hold.
    pub kind: FieldKind,
    /// Name of its code list, and the entries.
    pub codes: Option<(String, Values)>,
    /// The column, in the sheet with most records.
    pub column: &'a ColumnProfile,
    sheet: &'a SheetProfile,
    all: Vec<(&'a SheetProfile, &'a ColumnProfile)>,
}

impl<'a> Dataset<'a> {
    /// The dataset of sheets with the same headings.
    pub fn of(members: &Members<'a>, names: &mut Names) -> Self {
        // The first of those with most records.
        let main = members.iter().rev().max_by_key(|(_, sheet)| sheet.records).map(|(_, sheet)| *sheet);
        let titles: Vec<&str> = members.iter().filter_map(|(_, sheet)| sheet_name(sheet)).collect();
        let known = members.iter().find_map(|(_, sheet)| sheet.known.as_ref());
        let id = names.dataset(known.map(|known| known.id.as_str()), titles.first().copied());
        let prefix = names.prefix(known.map(|known| known.prefix.as_str()));
        let title = Text::new(
            titles.first().copied().unwrap_or(&id),
            known.map_or_else(|| id.replace('_', " "), |known| known.title.en.clone()),
        );
        let mut sheets: Vec<String> = Vec::new();
        for name in titles {
            if !sheets.iter().any(|sheet| sheet == name) {
                sheets.push(name.to_owned());
            }
        }
        let mut dataset =
            Self { id, prefix, title, sheets, fields: Vec::new(), left_out: Vec::new(), members: members.clone() };
        let Some(main) = main else { return dataset };
        let mut taken = BTreeSet::new();
        let mut headings: BTreeMap<String, String> = BTreeMap::new();
        for column in &main.columns {
            let (letters, shown) = shown::title(column);
            let heading = normalised(&column.declared);
            if heading.is_empty() {
                dataset.left_out.push(format!("{letters}：没有标题，未列入 / no heading: left out"));
            } else if personal::names_a_person(&column.declared) && column.guess.known.is_none() {
                let reason = "标题像是个人的姓名或号码，未列入 / its heading may name a person: left out";
                dataset.left_out.push(format!("{letters} {shown}：{reason}"));
            } else if let Some(first) = headings.get(&heading) {
                let reason =
                    "标题相同，读入时两列都不取，请在表里改名 / the same heading: neither is read until one is renamed";
                dataset.left_out.push(format!("{letters} {shown}：与{first}列{reason}"));
            } else {
                headings.insert(heading, letters.clone());
                let same = |sheet: &'a SheetProfile| sheet.columns.iter().find(|other| other.index == column.index);
                let all = members.iter().filter_map(|(_, sheet)| Some((*sheet, same(sheet)?)));
                let known = column.guess.known.as_ref().map(|known| known.id.as_str());
                let id = naming::field(known, &column.declared, &letters, &mut taken);
                dataset.fields.push(Field::new(id, &dataset.id, main, column, all.collect()));
            }
        }
        dataset
    }

    /// Where it was found, for comments.
    pub fn evidence(&self) -> Vec<String> {
        let line = |(file, sheet): &(&FileProfile, &SheetProfile)| {
            let rows = shown::heading_rows(sheet, crate::text::Lang::Zh);
            let name = shown::sheet(sheet, crate::text::Lang::Zh);
            format!("{} [{name}]：表头{rows}，{} 条记录", file.name, sheet.records)
        };
        self.members.iter().map(line).collect()
    }

    /// The field no two records have alike, an identifier or code if there is one, else the first; or two or three fields
    /// that no two records have alike together. Empty if there are none.
    pub fn key(&self) -> Vec<&Field<'a>> {
        let candidates = || self.fields.iter().filter(|field| field.is_unique());
        let one = candidates().find(|field| field.kind == FieldKind::Identifier).or_else(|| candidates().next());
        one.map_or_else(|| self.key_of_several(), |field| vec![field])
    }

    fn key_of_several(&self) -> Vec<&Field<'a>> {
        let mut parts: Vec<&Field<'a>> = self.fields.iter().filter(|field| field.may_be_part_of_key()).collect();
        // The stable sort keeps those further left first.
        parts.sort_by_key(|field| field.key_rank());
        let told_by = |fields: &[&Field<'a>]| {
            let columns: Vec<u32> = fields.iter().map(|field| field.column.index).collect();
            fields.first().is_some_and(|first| first.sheet.together.tell_apart(&columns))
        };
        let mut pairs = Vec::new();
        for (at, one) in parts.iter().enumerate() {
            pairs.extend(parts.iter().skip(at + 1).map(|other| vec![*one, *other]));
        }
        let mut threes = Vec::new();
        for (at, one) in parts.iter().enumerate() {
            for (next, other) in parts.iter().enumerate().skip(at + 1) {
                threes.extend(parts.iter().skip(next + 1).map(|third| vec![*one, *other, *third]));
            }
        }
        let mut found = pairs.into_iter().chain(threes).find(|fields| told_by(fields)).unwrap_or_default();
        found.sort_by_key(|field| field.column.index);
        found
    }

    /// Names and entries of its code lists.
    pub fn code_lists(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let lists = self.fields.iter().filter_map(|field| field.codes.as_ref());
        lists.map(|(name, values)| (name.as_str(), values.keys().map(String::as_str).collect()))
    }

    /// Pairs of fields of which the first is never later than the second, with the figures.
    pub fn ordered(&self) -> Vec<(&Field<'a>, &Field<'a>, Order)> {
        let dates = || self.fields.iter().filter(|field| field.kind == FieldKind::Date);
        let mut pairs = Vec::new();
        for left in dates() {
            for right in dates().filter(|right| right.column.index > left.column.index) {
                let mut sum = Order::default();
                for (_, sheet) in &self.members {
                    let Some(order) = sheet.orders.get(&(left.column.index, right.column.index)) else { continue };
                    sum.both += order.both;
                    sum.before += order.before;
                    sum.after += order.after;
                }
                if sum.both >= 2 * ENOUGH && sum.after == 0 && sum.before > 0 {
                    pairs.push((left, right, sum));
                } else if sum.both >= 2 * ENOUGH && sum.before == 0 && sum.after > 0 {
                    pairs.push((right, left, Order { before: sum.after, after: 0, ..sum }));
                }
            }
        }
        pairs
    }
}

impl<'a> Field<'a> {
    fn new(
        id: String,
        dataset: &str,
        sheet: &'a SheetProfile,
        column: &'a ColumnProfile,
        all: Vec<(&'a SheetProfile, &'a ColumnProfile)>,
    ) -> Self {
        let mut field = Self { id, kind: column.guess.kind, codes: None, column, sheet, all };
        if field.kind == FieldKind::Code && column.guess.listed {
            match field.entries() {
                Some(values) => field.codes = Some((format!("{dataset}_{}", field.id), values)),
                None => field.kind = FieldKind::Text,
            }
        }
        field
    }

    /// The values of all sheets, if each takes the column for a code list and they are few together.
    fn entries(&self) -> Option<Values> {
        let mut entries = Values::new();
        for (sheet, column) in &self.all {
            if sheet.records == 0 {
                continue;
            }
            let listed = column.guess.listed || column.facts.filled == 0;
            for (value, count) in column.facts.values.as_ref().filter(|_| listed)? {
                *entries.entry(value.clone()).or_default() += count;
            }
        }
        (!entries.is_empty() && entries.len() <= MOST_CODES && !personal::tell_of_persons(&entries)).then_some(entries)
    }

    /// Records of all sheets.
    fn records(&self) -> u64 {
        self.all.iter().map(|(sheet, _)| sheet.records).sum()
    }

    /// Cells filled in, of all sheets.
    pub fn filled(&self) -> u64 {
        self.all.iter().map(|(_, column)| column.facts.filled).sum()
    }

    /// Letters and heading, masked if need be.
    pub fn shown_title(&self) -> String {
        let (letters, heading) = shown::title(self.column);
        format!("{letters} {heading}")
    }

    /// Why it is suggested as it is.
    pub fn evidence(&self) -> String {
        figures(self.sheet, self.column)
    }

    /// Smallest number of all sheets, and largest.
    pub fn number_range(&self) -> Option<(f64, f64)> {
        let ranges = self.all.iter().filter_map(|(_, column)| column.facts.number_range);
        ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The one shape of all values, if there is only one.
    pub fn only_shape(&self) -> Option<&str> {
        let mut shapes = self.all.iter().flat_map(|(_, column)| column.facts.shapes.keys());
        let first = shapes.next()?;
        let more = self.all.iter().any(|(_, column)| column.facts.other_shapes > 0);
        (!more && shapes.all(|shape| shape == first)).then_some(first)
    }

    fn is_required(&self) -> bool {
        self.records() >= ENOUGH && self.filled() == self.records()
    }

    /// One sheet, every record filled in, no two alike, and no running number.
    fn is_unique(&self) -> bool {
        let facts = &self.column.facts;
        let (distinct, more) = facts.distinct();
        let runs = facts.number_range.is_some_and(|(least, most)| {
            facts.integers == facts.filled && least >= 0.0 && most - least < count(self.sheet.records)
        });
        let kind = matches!(self.kind, FieldKind::Identifier | FieldKind::Code | FieldKind::Integer | FieldKind::Text);
        self.all.len() == 1
            && kind
            && self.is_required()
            && !more
            && distinct == self.sheet.records
            && (!runs || self.kind == FieldKind::Identifier)
            && facts.lengths.is_some_and(|(_, most)| most <= 40)
    }

    /// One sheet, every record filled in, and of a kind that names records.
    fn may_be_part_of_key(&self) -> bool {
        let kinds = [FieldKind::Identifier, FieldKind::Code, FieldKind::Date, FieldKind::Integer, FieldKind::Text];
        let short = self.column.facts.lengths.is_none_or(|(_, most)| most <= 40);
        // A running number tells records apart, and anything beside it does.
        let repeats = self.column.facts.distinct().0 < self.sheet.records;
        self.all.len() == 1 && kinds.contains(&self.kind) && self.is_required() && short && repeats
    }

    /// What is tried first: numbers and codes, then days, then texts.
    fn key_rank(&self) -> u8 {
        match self.kind {
            FieldKind::Identifier => 0,
            FieldKind::Code => 1,
            FieldKind::Date => 2,
            FieldKind::Text => 3,
            _ => 4,
        }
    }

    /// Longest text allowed: the longest there is, rounded up.
    fn max_length(&self) -> Option<usize> {
        let texts = matches!(self.kind, FieldKind::Text | FieldKind::Name | FieldKind::Identifier);
        let longest = self.all.iter().filter_map(|(_, column)| column.facts.lengths).map(|(_, most)| most).max()?;
        let steps = [10, 20, 30, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 32_767];
        steps.into_iter().find(|step| longest <= *step).filter(|_| texts)
    }

    /// The field as an inline table.
    pub fn toml(&self) -> String {
        let guess = &self.column.guess;
        let kind = FieldKind::NAMES.iter().find(|(_, kind)| *kind == self.kind).map_or("text", |(name, _)| *name);
        let en = guess.known.as_ref().map(|known| known.en.clone());
        let declared = self.column.declared.trim();
        let en = en.or_else(|| declared.is_ascii().then(|| declared.to_owned()));
        let en = en.unwrap_or_else(|| self.id.replace('_', " "));
        let mut parts = vec![
            format!("id = {}", quoted(&self.id)),
            format!("headings = [{}]", quoted(declared)),
            format!("en = {}", quoted(&en)),
            format!("type = \"{kind}\""),
        ];
        if self.is_required() {
            parts.push("required = \"warning\"".to_owned());
        }
        parts.extend(self.max_length().map(|longest| format!("max_length = {longest}")));
        parts.extend(self.codes.as_ref().map(|(name, _)| format!("codes = {}", quoted(name))));
        if self.kind == FieldKind::Amount {
            let unit = guess.unit.unwrap_or(AmountUnit::Yuan);
            parts.push(format!("unit = \"{}\"", unit.name()));
            if guess.scale > unit.fen_scale() {
                parts.push(format!("scale = {}", guess.scale));
            }
        }
        if self.kind == FieldKind::Decimal {
            parts.push(format!("scale = {}", guess.scale));
        }
        if self.kind == FieldKind::Code {
            parts.extend(guess.width.map(|width| format!("width = {width}")));
        }
        match guess.mask {
            Mask::None => {}
            Mask::Identifier => parts.push("mask = \"identifier\"".to_owned()),
            Mask::Name => parts.push("mask = \"name\"".to_owned()),
        }
        format!("{{ {} }}", parts.join(", "))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a sheet has a million rows")]
fn count(records: u64) -> f64 {
    records as f64
}
