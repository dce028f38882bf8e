//! What is in a spreadsheet nobody has declared: sheets, headings, and for each column what it holds, how much of it is
//! filled in, how its values are built, what is damaged; and a first pack suggested from that.
//!
//! Only figures, shapes and masked texts leave this module. Knows no job and no unit.

mod damage;
mod facts;
mod guess;
mod head;
mod known;
mod page;
mod personal;
mod shape;
mod shown;
mod suggest;
mod summary;
mod together;

pub use page::page;
pub use suggest::{PACK_NAME, pack_files};
pub use summary::{json, tables};

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use facts::Facts;
use guess::{Guess, guess};
use head::{Head, TopRow};
use known::{Known, KnownDataset};
use together::Together;

use crate::{
    ingest::{
        Cell, Entered, Flow, Format, RawFile, Unreadable, shown,
        skip::{may_be_skipped, numbers_columns, total_or_note},
        with_file,
    },
    problem::Problems,
    text::Text,
};

/// Columns looked at; further right there are only stray cells.
const MOST_COLUMNS: u32 = 512;

/// A file looked into.
#[derive(Debug)]
pub struct FileProfile {
    /// How it is named to people.
    pub name: String,
    /// What it really is.
    pub format: Option<Format>,
    /// Its sheets.
    pub sheets: Vec<SheetProfile>,
    /// Why it could not be read.
    pub unreadable: Option<Unreadable>,
}

/// A sheet looked into.
#[derive(Debug)]
pub struct SheetProfile {
    /// Its name; empty for text files.
    name: String,
    hidden: bool,
    head: Head,
    records: u64,
    skipped: u64,
    columns: Vec<ColumnProfile>,
    /// By the positions of two columns of dates.
    orders: BTreeMap<(u32, u32), Order>,
    together: Together,
    /// The dataset of a pack in the program whose sheet has this name.
    known: Option<KnownDataset>,
    note: Option<Text>,
}

/// How the dates of two columns stand to each other, in records that have both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Order {
    /// Records that have both.
    both: u64,
    /// The left one is earlier.
    before: u64,
    /// The left one is later.
    after: u64,
}

/// Columns of dates compared in one record.
const MOST_DATES: usize = 8;

/// A column looked into.
#[derive(Debug)]
struct ColumnProfile {
    /// 0-based position.
    index: u32,
    /// Heading as people read it; empty if there is none.
    label: String,
    /// Heading as a pack declares it.
    declared: String,
    facts: Facts,
    guess: Guess,
}

/// Looks into files, one after the other. A file that cannot be read is reported, and the others are looked into.
///
/// # Errors
/// If a pack in the program, whose headings are compared, is wrong.
pub fn profile(paths: &[PathBuf]) -> Result<Vec<FileProfile>, Problems> {
    let known = Known::load()?;
    Ok(paths.iter().map(|path| of_file(path, &known)).collect())
}

fn of_file(path: &Path, known: &Known) -> FileProfile {
    let name = path.display().to_string();
    match with_file(path, |file| (file.format, of_sheets(file, known))) {
        Ok((format, sheets)) => FileProfile { name, format: Some(format), sheets, unreadable: None },
        Err(unreadable) => FileProfile { name, format: None, sheets: Vec::new(), unreadable: Some(unreadable) },
    }
}

fn of_sheets(file: &mut RawFile<'_>, known: &Known) -> Vec<SheetProfile> {
    let names = file.names();
    names.into_iter().enumerate().map(|(index, (name, hidden))| of_sheet(file, index, name, hidden, known)).collect()
}

fn of_sheet(file: &mut RawFile<'_>, index: usize, name: String, hidden: bool, known: &Known) -> SheetProfile {
    let mut reader = SheetReader::default();
    let mut end = file.stream(index, false, &mut |row, cells| reader.row(row, cells));
    if end == Ok(Flow::Disordered) {
        reader = SheetReader::default();
        end = file.stream(index, true, &mut |row, cells| reader.row(row, cells));
    }
    reader.finish(name, hidden, end.err(), known)
}

/// Takes the rows of one sheet.
#[derive(Default)]
struct SheetReader {
    first: Vec<(u32, Vec<(u32, Entered)>)>,
    head: Option<Head>,
    last_row: u32,
    records: u64,
    skipped: u64,
    beyond: bool,
    columns: BTreeMap<u32, Facts>,
    orders: BTreeMap<(u32, u32), Order>,
    together: Together,
}

impl SheetReader {
    fn row(&mut self, sheet_row: u32, cells: &[(u32, Cell<'_>)]) -> Flow {
        if sheet_row < self.last_row {
            return Flow::Disordered;
        }
        self.last_row = sheet_row;
        if cells.iter().all(|(_, cell)| cell.is_blank()) {
            return Flow::More;
        }
        if self.head.is_some() {
            self.below(sheet_row, cells);
            return Flow::More;
        }
        self.first.push((sheet_row, cells.iter().map(|(column, cell)| (*column, Entered::of(*cell))).collect()));
        if self.first.len() == head::WITHIN {
            self.settle();
        }
        Flow::More
    }

    /// Finds the headings and counts what stands below them.
    fn settle(&mut self) {
        let first = std::mem::take(&mut self.first);
        let rows: Vec<TopRow> = first
            .iter()
            .map(|(sheet_row, cells)| TopRow {
                sheet_row: *sheet_row,
                cells: cells
                    .iter()
                    .filter(|(column, kept)| *column < MOST_COLUMNS && !kept.cell().is_blank())
                    .map(|(column, kept)| (*column, shown(kept.cell()).into_owned(), matches!(kept, Entered::Text(_))))
                    .collect(),
            })
            .filter(|row| !row.cells.is_empty())
            .collect();
        let head = head::find(&rows);
        let (begin, end) = head.rows;
        self.head = Some(head);
        for (sheet_row, cells) in &first {
            let cells: Vec<(u32, Cell<'_>)> = cells.iter().map(|(column, kept)| (*column, kept.cell())).collect();
            if *sheet_row > end {
                self.below(*sheet_row, &cells);
            } else if *sheet_row < begin {
                self.skipped += 1;
            }
        }
    }

    /// Counts a row below the headings.
    fn below(&mut self, sheet_row: u32, cells: &[(u32, Cell<'_>)]) {
        if self.is_no_record(cells) {
            self.skipped += 1;
            return;
        }
        let mut counted = false;
        let mut days: Vec<(u32, i32)> = Vec::new();
        for (column, cell) in cells.iter().filter(|(_, cell)| !cell.is_blank()) {
            if *column >= MOST_COLUMNS {
                self.beyond = true;
                continue;
            }
            let day = self.columns.entry(*column).or_default().take(*cell, sheet_row);
            days.extend(day.filter(|_| days.len() < MOST_DATES).map(|day| (*column, day)));
            counted = true;
        }
        for (at, (left, day)) in days.iter().enumerate() {
            for (right, other) in days.iter().skip(at + 1) {
                let order = self.orders.entry((*left, *right)).or_default();
                order.both += 1;
                order.before += u64::from(day < other);
                order.after += u64::from(day > other);
            }
        }
        if counted {
            self.together.take(cells);
            self.records += 1;
        }
    }

    /// Totals, notes, a row that numbers the columns, the headings again.
    fn is_no_record(&self, cells: &[(u32, Cell<'_>)]) -> bool {
        let filled: Vec<(u32, Cell<'_>)> = cells.iter().filter(|(_, cell)| !cell.is_blank()).copied().collect();
        let head = self.head.as_ref();
        if head.is_some_and(|head| head.rows.1 > 0) && self.records == 0 && numbers_columns(&filled) {
            return true;
        }
        let columns = head.map_or(0, |head| head.columns.len());
        let text = filled.iter().find_map(|(_, cell)| if let Cell::Text(text) = cell { Some(*text) } else { None });
        if text.is_some_and(may_be_skipped) && total_or_note(&filled, columns, |_| false).is_some() {
            return true;
        }
        let repeats = |(column, cell): &&(u32, Cell<'_>)| {
            let Cell::Text(text) = cell else { return false };
            head.is_some_and(|head| {
                head.columns.iter().any(|headed| headed.column == *column && headed.declared == text.trim())
            })
        };
        let equal = filled.iter().filter(repeats).count();
        equal >= 2 && equal * 5 >= filled.len() * 4
    }

    fn finish(mut self, name: String, hidden: bool, broken: Option<Text>, known: &Known) -> SheetProfile {
        if self.head.is_none() {
            self.settle();
        }
        let head = self.head.take().unwrap_or_default();
        let dataset = known.dataset(&name);
        // Headings without a cell below are columns too.
        for headed in &head.columns {
            self.columns.entry(headed.column).or_default();
        }
        let columns: Vec<ColumnProfile> = self
            .columns
            .into_iter()
            .map(|(index, mut facts)| {
                let headed = head.columns.iter().find(|headed| headed.column == index);
                let (label, declared) =
                    headed.map(|headed| (headed.label.clone(), headed.declared.clone())).unwrap_or_default();
                let own = headed.map_or("", |headed| headed.own.as_str());
                let field = known.field(&declared, dataset).or_else(|| known.field(own, dataset));
                let unit = headed.and_then(|headed| headed.unit).or(head.unit);
                let guess = guess(own, &mut facts, unit, field);
                ColumnProfile { index, label, declared, facts, guess }
            })
            .collect();
        let note = broken.or_else(|| note_on(&columns, &head, self.beyond));
        SheetProfile {
            name,
            hidden,
            head,
            records: self.records,
            skipped: self.skipped,
            columns,
            orders: self.orders,
            together: self.together,
            known: dataset.cloned(),
            note,
        }
    }
}

fn note_on(columns: &[ColumnProfile], head: &Head, beyond: bool) -> Option<Text> {
    if columns.is_empty() {
        return Some(Text::new("空工作表", "an empty sheet"));
    }
    if head.rows.1 == 0 {
        return Some(Text::new("没有找到表头，列按字母称呼", "no headings were found; columns go by their letters"));
    }
    beyond.then(|| {
        Text::new(
            format!("第{MOST_COLUMNS}列以后还有内容，没有统计"),
            format!("what stands right of column {MOST_COLUMNS} was not counted"),
        )
    })
}
