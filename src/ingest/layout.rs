//! Where the heading row of a sheet stands, which dataset it belongs to and which field each column holds.
//!
//! Works on the first rows of a sheet as texts; knows no file format and no typing.

use std::collections::BTreeMap;

use super::{
    SkippedKind, SkippedRow,
    heading::{Heading, Headings, Named, normalised, unit_in_title},
};
use crate::{
    pack::{AmountUnit, Dataset, FieldKind, RulePack},
    table::column_letters,
};

/// Rows with content among which the heading is sought.
pub const HEADING_WITHIN: usize = 30;

/// One of the first rows of a sheet: row number and what its cells show, by ascending column; blank cells left out.
#[derive(Clone, Debug, Default)]
pub struct TopRow {
    /// Row number, 1-based.
    pub sheet_row: u32,
    /// 0-based column and text.
    pub cells: Vec<(u32, String)>,
}

/// A dataset files may hold, with its headings ready.
#[derive(Debug)]
pub struct Candidate<'p> {
    /// Index in the pack.
    pub index: usize,
    /// The dataset.
    pub dataset: &'p Dataset,
    headings: Headings,
    sheets: Vec<String>,
}

/// How a sheet is to be read.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Index of the dataset in the pack.
    pub dataset: usize,
    /// Row number of the (lower) heading row.
    pub header_row: u32,
    /// The columns with a heading, from left to right.
    pub columns: Vec<LayoutColumn>,
    /// Required fields without a column.
    pub missing: Vec<u16>,
    /// Fields with several columns, with the column letters.
    pub twice: Vec<(u16, Vec<String>)>,
    /// Fields whose column states another unit than the field.
    pub unit_differs: Vec<u16>,
    /// The rows above.
    pub titles: Vec<SkippedRow>,
    /// The sheet's name is one the dataset declares.
    pub declared: bool,
}

impl Layout {
    /// The columns that hold a field, from left to right.
    pub fn fields(&self) -> impl Iterator<Item = (u32, Named)> {
        self.columns.iter().filter_map(|column| Some((column.index, column.named?)))
    }
}

/// A column with a heading.
#[derive(Clone, Debug)]
pub struct LayoutColumn {
    /// 0-based position.
    pub index: u32,
    /// Heading as submitted.
    pub heading: String,
    /// What stands in the upper and in the lower heading row.
    pub parts: [String; 2],
    /// The field it holds, if any.
    pub named: Option<Named>,
}

/// The dataset a sheet comes nearest to, when it matches none: its index and the required fields not found.
pub type Nearest = (usize, Vec<u16>);

impl<'p> Candidate<'p> {
    /// The datasets of a pack that files may hold: the one asked for, or all but the roster's.
    pub fn all(pack: &'p RulePack, only: Option<usize>) -> Vec<Self> {
        let wanted = |(index, dataset): &(usize, &Dataset)| only.map_or(!dataset.roster, |only| only == *index);
        let of = |(index, dataset): (usize, &'p Dataset)| Candidate {
            index,
            dataset,
            headings: Headings::of(dataset),
            sheets: dataset.sheets.iter().map(|name| normalised(name)).collect(),
        };
        pack.datasets.iter().enumerate().filter(wanted).map(of).collect()
    }

    fn declares(&self, sheet: &str) -> bool {
        self.sheets.contains(&normalised(sheet))
    }
}

/// One column of a possible heading.
struct HeadCell {
    column: u32,
    parts: [String; 2],
    readings: Vec<Heading>,
    /// Stated by the upper row for the columns under it.
    unit: Option<AmountUnit>,
}

impl HeadCell {
    fn label(&self) -> String {
        match &self.parts {
            [upper, lower] if upper.is_empty() => lower.clone(),
            [upper, lower] if lower.is_empty() => upper.clone(),
            [upper, lower] => format!("{upper} / {lower}"),
        }
    }

    fn named(&self, headings: &Headings) -> Option<Named> {
        let found = self.readings.iter().find_map(|reading| headings.find(reading))?;
        Some(Named { unit: found.unit.or(self.unit), ..found })
    }
}

/// The layout of a sheet, or the dataset it comes nearest to.
///
/// A row, or two rows one under the other, are the heading of a dataset if they name at least two of its fields and at
/// least half of the required ones. The largest share of the dataset's fields wins; a declared sheet name counts as a
/// tenth. A single row is preferred to two, and an upper one to a lower.
pub fn locate(rows: &[TopRow], sheet: &str, candidates: &[Candidate<'_>]) -> Result<Layout, Option<Nearest>> {
    let mut best: Option<(usize, usize, &Candidate<'_>, Vec<HeadCell>)> = None;
    let mut nearest: Option<(usize, Nearest)> = None;
    for double in [false, true] {
        for (at, row) in rows.iter().enumerate() {
            let upper = at.checked_sub(1).and_then(|above| rows.get(above));
            let cells = match (double, upper) {
                (false, _) => single(row),
                (true, Some(upper)) if upper.sheet_row + 1 == row.sheet_row => joined(upper, row),
                _ => continue,
            };
            let mut best_here: Option<(usize, &Candidate<'_>)> = None;
            for candidate in candidates {
                let found = fields_of(&cells, candidate);
                if matches(candidate.dataset, &found) {
                    let share = found.len() * 1000 / candidate.dataset.fields.len().max(1);
                    let score = share + if candidate.declares(sheet) { 100 } else { 0 };
                    if best_here.is_none_or(|(most, _)| score > most) {
                        best_here = Some((score, candidate));
                    }
                } else if !found.is_empty() && nearest.as_ref().is_none_or(|(most, _)| found.len() > *most) {
                    let missing = required(candidate.dataset).filter(|field| !found.contains(field)).collect();
                    nearest = Some((found.len(), (candidate.index, missing)));
                }
            }
            if let Some((score, candidate)) = best_here
                && best.as_ref().is_none_or(|(most, ..)| score > *most)
            {
                best = Some((score, at, candidate, cells));
            }
        }
    }
    match best {
        Some((_, at, candidate, cells)) => Ok(layout(rows, at, candidate, cells, sheet)),
        None => Err(nearest.map(|(_, nearest)| nearest)),
    }
}

fn required(dataset: &Dataset) -> impl Iterator<Item = u16> {
    dataset
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.required.is_some())
        .filter_map(|(index, _)| u16::try_from(index).ok())
}

fn fields_of(cells: &[HeadCell], candidate: &Candidate<'_>) -> Vec<u16> {
    let mut found: Vec<u16> =
        cells.iter().filter_map(|cell| cell.named(&candidate.headings)).map(|named| named.field).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn matches(dataset: &Dataset, found: &[u16]) -> bool {
    let needed = required(dataset).count();
    let present = required(dataset).filter(|field| found.contains(field)).count();
    let enough = if needed == 0 { found.len() * 2 >= dataset.fields.len() } else { present * 2 >= needed };
    found.len() >= 2 && enough
}

fn single(row: &TopRow) -> Vec<HeadCell> {
    row.cells
        .iter()
        .map(|(column, text)| HeadCell {
            column: *column,
            parts: [String::new(), text.clone()],
            readings: vec![Heading::parse(text)],
            unit: None,
        })
        .collect()
}

/// Two heading rows: a cell merged downwards has its text above, one merged sideways stands above its first column.
fn joined(upper: &TopRow, lower: &TopRow) -> Vec<HeadCell> {
    let above: BTreeMap<u32, &str> = upper.cells.iter().map(|(column, text)| (*column, text.as_str())).collect();
    let below: BTreeMap<u32, &str> = lower.cells.iter().map(|(column, text)| (*column, text.as_str())).collect();
    let mut columns: Vec<u32> = above.keys().chain(below.keys()).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let mut group = "";
    let mut cells = Vec::with_capacity(columns.len());
    for column in columns {
        let own = above.get(&column).copied();
        group = own.unwrap_or(group);
        let cell = match below.get(&column).copied() {
            Some(text) if group.is_empty() => (["", text], vec![Heading::parse(text)], None),
            Some(text) => (
                [group, text],
                vec![Heading::parse(&format!("{group}{text}")), Heading::parse(text)],
                Heading::parse(group).unit,
            ),
            None => ([group, ""], vec![Heading::parse(group)], None),
        };
        let ([first, second], readings, unit) = cell;
        cells.push(HeadCell { column, parts: [first.to_owned(), second.to_owned()], readings, unit });
    }
    cells
}

fn layout(rows: &[TopRow], at: usize, candidate: &Candidate<'_>, cells: Vec<HeadCell>, sheet: &str) -> Layout {
    let dataset = candidate.dataset;
    let double = cells.iter().any(|cell| !cell.parts[0].is_empty());
    let heading_rows = if double { 2 } else { 1 };
    let titles = rows.get(..(at + 1).saturating_sub(heading_rows)).unwrap_or_default();
    let title_unit = titles.iter().flat_map(|row| &row.cells).find_map(|(_, text)| unit_in_title(text));

    let mut columns: Vec<LayoutColumn> = cells
        .into_iter()
        .map(|cell| LayoutColumn {
            index: cell.column,
            heading: cell.label(),
            named: cell.named(&candidate.headings).map(|named| with_title_unit(named, dataset, title_unit)),
            parts: cell.parts,
        })
        .collect();
    let twice = resolve_doubles(&mut columns);
    let held: Vec<Named> = columns.iter().filter_map(|column| column.named).collect();
    let holds = |field: u16| held.iter().any(|named| named.field == field);
    let differs = |named: &&Named| {
        let unit = dataset.fields.get(usize::from(named.field)).and_then(|field| field.unit);
        unit.is_some() && named.unit.is_some() && unit != named.unit
    };
    let mut unit_differs: Vec<u16> = held.iter().filter(differs).map(|named| named.field).collect();
    unit_differs.sort_unstable();
    Layout {
        dataset: candidate.index,
        header_row: rows.get(at).map_or(0, |row| row.sheet_row),
        missing: required(dataset)
            .filter(|field| !holds(*field) && !twice.iter().any(|(double, _)| double == field))
            .collect(),
        twice,
        unit_differs,
        titles: titles.iter().map(title).collect(),
        declared: candidate.declares(sheet),
        columns,
    }
}

fn with_title_unit(named: Named, dataset: &Dataset, title_unit: Option<AmountUnit>) -> Named {
    let amount = dataset.fields.get(usize::from(named.field)).is_some_and(|field| field.kind == FieldKind::Amount);
    Named { unit: named.unit.or(title_unit).filter(|_| amount), ..named }
}

/// Leaves each field one column: the only one, or the only one with a declared heading to the letter. Fields for which
/// that does not decide keep none and are returned with their column letters.
fn resolve_doubles(columns: &mut [LayoutColumn]) -> Vec<(u16, Vec<String>)> {
    let mut by_field: BTreeMap<u16, Vec<(u32, bool)>> = BTreeMap::new();
    for column in columns.iter() {
        if let Some(named) = column.named {
            by_field.entry(named.field).or_default().push((column.index, named.exact));
        }
    }
    let mut twice = Vec::new();
    for (field, places) in by_field.into_iter().filter(|(_, places)| places.len() > 1) {
        let mut exact = places.iter().filter(|(_, exact)| *exact).map(|(index, _)| *index);
        let chosen = exact.next().filter(|_| exact.next().is_none());
        if chosen.is_none() {
            twice.push((field, places.iter().map(|(index, _)| column_letters(*index)).collect()));
        }
        for column in columns.iter_mut() {
            if column.named.is_some_and(|named| named.field == field) && Some(column.index) != chosen {
                column.named = None;
            }
        }
    }
    twice
}

fn title(row: &TopRow) -> SkippedRow {
    let text = row.cells.first().map_or("", |(_, text)| text.as_str());
    SkippedRow { first: row.sheet_row, last: row.sheet_row, kind: SkippedKind::Title, text: shortened(text) }
}

/// The first 60 characters of a text, on one line.
pub fn shortened(text: &str) -> String {
    text.trim().chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
