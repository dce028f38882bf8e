//! One file: what it is, which sheets hold which datasets, and their records.
//!
//! Knows nothing of other files.

use std::{collections::BTreeMap, fmt::Write, ops::Range};

use sha2::{Digest, Sha256};

use super::{
    FileRead, Format, Options, SheetRead, Source,
    cell::{Broken, Cell, Flow, TakeRow},
    delimited::Delimited,
    foreign::Surveyor,
    format::{Content, identify},
    layout::{Candidate, HEADING_WITHIN, Layout, Nearest, TopRow, locate},
    marks::Marks,
    message,
    parts::Survey,
    rows::{SheetReader, SheetTable},
    sheets::{How, Workbook},
    sorted::sorted,
    typing::shown,
};
use crate::{pack::RulePack, text::Text};

/// What a file gives.
pub struct FileTables {
    /// The report on it.
    pub read: FileRead,
    /// The records of its sheets.
    pub tables: Vec<SheetTable>,
}

/// What reading needs beside the file.
pub struct Context<'p> {
    /// The pack.
    pub pack: &'p RulePack,
    /// The datasets files may hold.
    pub candidates: Vec<Candidate<'p>>,
    /// Options.
    pub options: &'p Options,
}

/// A file whose sheets can be streamed.
pub(super) enum Sheets<'b> {
    Workbook(Box<Workbook<'b>>),
    Text(Delimited<'b>),
}

impl<'b> Sheets<'b> {
    pub(super) fn names(&self) -> Vec<(String, bool)> {
        match self {
            Sheets::Workbook(book) => book.contents.sheets.clone(),
            Sheets::Text(_) => vec![(String::new(), false)],
        }
    }

    fn is_1904(&self) -> bool {
        matches!(self, Sheets::Workbook(book) if book.contents.is_1904)
    }

    pub(super) fn stream(&mut self, sheet: usize, how: How, take: &mut TakeRow<'_>) -> Result<Flow, Broken> {
        match self {
            Sheets::Workbook(book) => book.stream(sheet, how, take),
            Sheets::Text(text) => Ok(text.stream(take)),
        }
    }

    fn surveyor(&self, sheet: usize) -> Option<Surveyor<'b>> {
        match self {
            Sheets::Workbook(book) => book.surveyor(sheet),
            Sheets::Text(_) => None,
        }
    }

    /// Addresses of texts that stay where they are while this lives.
    fn shared(&self) -> Range<usize> {
        match self {
            Sheets::Workbook(book) => book.shared(),
            Sheets::Text(_) => 0..0,
        }
    }

    /// What the sheet streamed last says of itself.
    fn marks(&mut self) -> Marks {
        match self {
            Sheets::Workbook(book) => std::mem::take(&mut book.marks),
            Sheets::Text(_) => Marks::default(),
        }
    }

    fn handed_over(&self) -> Option<Text> {
        match self {
            Sheets::Workbook(book) => book.handed_over.clone(),
            Sheets::Text(_) => None,
        }
    }
}

/// A report on a file of which nothing is known yet.
pub fn unread(source: &Source) -> FileRead {
    FileRead {
        name: source.name.clone(),
        unit: source.unit,
        bytes: 0,
        sha256: String::new(),
        format: None,
        sheets: Vec::new(),
        unreadable: None,
        handed_over: None,
        repairs: BTreeMap::new(),
    }
}

/// Reads a file. With `overlap` it may use two threads.
pub fn read_file(source: &Source, context: &Context<'_>, overlap: bool) -> FileTables {
    let mut read = unread(source);
    let tables = match std::fs::read(&source.path) {
        Ok(bytes) => {
            read.bytes = bytes.len() as u64;
            let hash = || sha256(&bytes);
            if overlap {
                std::thread::scope(|scope| {
                    let hash = scope.spawn(hash);
                    let tables = read_content(&bytes, context, true, &mut read);
                    read.sha256 = hash.join().unwrap_or_default();
                    tables
                })
            } else {
                read.sha256 = hash();
                read_content(&bytes, context, false, &mut read)
            }
        }
        Err(error) => {
            read.unreadable = Some(message::unopened(&error));
            Vec::new()
        }
    };
    FileTables { read, tables }
}

fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn read_content(bytes: &[u8], context: &Context<'_>, overlap: bool, read: &mut FileRead) -> Vec<SheetTable> {
    let identified = match identify(bytes, context.options.password.as_deref()) {
        Ok(identified) => identified,
        Err(unreadable) => {
            read.unreadable = Some(unreadable);
            return Vec::new();
        }
    };
    let opened = match &identified {
        Content::Workbook(format, bytes) => {
            read.format = Some(*format);
            Workbook::open(*format, bytes).map(|book| Sheets::Workbook(Box::new(book)))
        }
        Content::Text(text) => {
            read.format = Some(Format::Csv);
            Ok(Sheets::Text(Delimited::new(text)))
        }
    };
    match opened {
        Ok(sheets) => read_sheets(sheets, context, overlap, read),
        Err(unreadable) => {
            read.unreadable = Some(unreadable);
            Vec::new()
        }
    }
}

/// What the first rows of a sheet say.
struct Top {
    layout: Option<Layout>,
    nearest: Option<Nearest>,
    empty: bool,
    disordered: bool,
}

fn read_sheets(mut sheets: Sheets<'_>, context: &Context<'_>, overlap: bool, read: &mut FileRead) -> Vec<SheetTable> {
    let names = sheets.names();
    let mut broken: Vec<(String, Broken)> = Vec::new();
    let mut tops = Vec::with_capacity(names.len());
    for (index, (name, hidden)) in names.iter().enumerate() {
        read.sheets.push(SheetRead { name: name.clone(), hidden: *hidden, ..SheetRead::default() });
        tops.push(look(&mut sheets, index, name, context, &mut broken));
    }
    let doubles = choose(&mut tops, &mut read.sheets, context);

    let mut tables = Vec::new();
    for ((index, top), sheet) in tops.iter().enumerate().zip(&mut read.sheets) {
        let Some(layout) = &top.layout else {
            note_unread(top, sheet, context);
            continue;
        };
        match read_sheet(&mut sheets, index, layout, top.disordered, context, overlap, sheet) {
            Ok((table, damage)) => {
                for (kind, count) in &table.notes.repairs {
                    *read.repairs.entry(*kind).or_default() += count;
                }
                tables.push(table);
                broken.extend(damage.map(|damage| (sheet.name.clone(), damage)));
            }
            Err(error) => broken.push((sheet.name.clone(), Broken::new(0, &error))),
        }
    }
    read.handed_over = sheets.handed_over();
    for (name, damage) in &broken {
        if let Some(sheet) = read.sheets.iter_mut().find(|sheet| sheet.name == *name) {
            sheet.note = Some(message::sheet_broken(damage));
        }
    }
    read.unreadable = message::damaged_sheets(&broken).or_else(|| message::ambiguous(&doubles));
    if tables.is_empty() && read.unreadable.is_none() {
        let format = read.format.unwrap_or(Format::Csv);
        let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        read.unreadable = Some(message::nothing_matches(format, &names));
    }
    tables
}

/// Looks at the first rows of a sheet.
fn look(
    sheets: &mut Sheets<'_>,
    index: usize,
    name: &str,
    context: &Context<'_>,
    broken: &mut Vec<(String, Broken)>,
) -> Top {
    let mut rows: Vec<TopRow> = Vec::new();
    let how = How { overlap: false, formulas: true };
    let mut disordered = false;
    let end = loop {
        rows.clear();
        let mut take = |sheet_row: u32, cells: &[(u32, Cell<'_>)]| {
            if rows.last().is_some_and(|last| last.sheet_row > sheet_row) {
                return Flow::Disordered;
            }
            add_top_row(&mut rows, sheet_row, cells);
            if rows.len() < HEADING_WITHIN { Flow::More } else { Flow::Stop }
        };
        let end = if disordered {
            sorted(&mut |take| sheets.stream(index, how, take), &mut take)
        } else {
            sheets.stream(index, how, &mut take)
        };
        match end {
            Ok(Flow::Disordered) => disordered = true,
            Ok(Flow::Restart) => disordered = false,
            end => break end,
        }
    };
    let (layout, nearest) = match locate(&rows, name, &context.candidates) {
        Ok(layout) => (Some(layout), None),
        Err(nearest) => (None, nearest),
    };
    if let (Err(damage), None) = (end, &layout) {
        broken.push((name.to_owned(), damage));
    }
    Top { layout, nearest, empty: rows.is_empty(), disordered }
}

fn add_top_row(rows: &mut Vec<TopRow>, sheet_row: u32, cells: &[(u32, Cell<'_>)]) {
    let cells: Vec<(u32, String)> = cells
        .iter()
        .filter(|(_, cell)| !cell.is_blank())
        .map(|(column, cell)| (*column, shown(*cell).into_owned()))
        .collect();
    if !cells.is_empty() {
        rows.push(TopRow { sheet_row, cells });
    }
}

/// Leaves each dataset one sheet of the file: the only one that matches, or the only one of the matching whose name the
/// dataset declares. Where that does not decide, none is read; those datasets are returned with the sheets' names.
fn choose(tops: &mut [Top], sheets: &mut [SheetRead], context: &Context<'_>) -> Vec<(Text, Vec<String>)> {
    let mut doubles = Vec::new();
    for candidate in &context.candidates {
        let places: Vec<usize> = tops
            .iter()
            .enumerate()
            .filter(|(_, top)| top.layout.as_ref().is_some_and(|layout| layout.dataset == candidate.index))
            .map(|(place, _)| place)
            .collect();
        if places.len() < 2 {
            continue;
        }
        let declared = |place: &&usize| {
            tops.get(**place).and_then(|top| top.layout.as_ref()).is_some_and(|layout| layout.declared)
        };
        let mut by_name = places.iter().filter(declared);
        let chosen = by_name.next().copied().filter(|_| by_name.next().is_none());
        let title = &candidate.dataset.title;
        let name = |place: usize| sheets.get(place).map(|sheet| sheet.name.clone()).unwrap_or_default();
        let chosen_name = chosen.map(name);
        if chosen.is_none() {
            doubles.push((title.clone(), places.iter().map(|place| name(*place)).collect()));
        }
        for place in places.into_iter().filter(|place| Some(*place) != chosen) {
            let (Some(top), Some(sheet)) = (tops.get_mut(place), sheets.get_mut(place)) else { continue };
            sheet.header_row = top.layout.take().map_or(0, |layout| layout.header_row);
            sheet.note = Some(match &chosen_name {
                Some(other) => message::other_sheet_read(title, other),
                None => message::one_of_several(title),
            });
        }
    }
    doubles
}

fn note_unread(top: &Top, sheet: &mut SheetRead, context: &Context<'_>) {
    if sheet.note.is_some() {
        return;
    }
    if top.empty {
        sheet.note = Some(message::empty_sheet());
        return;
    }
    let nearest = top.nearest.as_ref().and_then(|(dataset, missing)| {
        let dataset = context.pack.datasets.get(*dataset)?;
        let titles = missing.iter().filter_map(|field| dataset.fields.get(usize::from(*field)));
        Some((&dataset.title, titles.map(|field| field.title().zh).collect::<Vec<_>>()))
    });
    sheet.note = Some(message::no_match(nearest.as_ref().map(|(title, missing)| (*title, missing.as_slice()))));
}

fn read_sheet(
    sheets: &mut Sheets<'_>,
    index: usize,
    layout: &Layout,
    disordered: bool,
    context: &Context<'_>,
    overlap: bool,
    sheet: &mut SheetRead,
) -> anyhow::Result<(SheetTable, Option<Broken>)> {
    let is_1904 = sheets.is_1904();
    let begin = |shared: Range<usize>| {
        SheetReader::new(context.pack, layout, is_1904, shared)
            .ok_or_else(|| anyhow::anyhow!("dataset {} is unknown", layout.dataset))
    };
    let mut disordered = disordered;
    loop {
        let surveyor = sheets.surveyor(index);
        let shared = sheets.shared();
        let mut reader = begin(shared.clone())?;
        let mut read_with = |reader: &mut SheetReader<'_>, formulas: bool| {
            let how = How { overlap, formulas };
            sheets.stream(index, how, &mut |sheet_row, cells| reader.row(sheet_row, cells))
        };
        let (mut end, survey) = with_survey(surveyor.as_ref(), overlap, |formulas| {
            if disordered { Ok(Flow::Disordered) } else { read_with(&mut reader, formulas) }
        });
        // Read beside the survey, which found formulas without a value only afterwards.
        if overlap && survey.formula_without_value && end != Ok(Flow::Disordered) {
            reader = begin(shared.clone())?;
            end = read_with(&mut reader, true);
        }
        if end == Ok(Flow::Disordered) {
            // What is sorted was copied.
            reader = begin(0..0)?;
            let how = How { overlap: false, formulas: survey.formula_without_value };
            let take = &mut |sheet_row: u32, cells: &[(u32, Cell<'_>)]| reader.row(sheet_row, cells);
            end = sorted(&mut |take| sheets.stream(index, how, take), take);
        }
        if end == Ok(Flow::Restart) {
            disordered = false;
            continue;
        }
        // Where there is nothing to survey, the reader itself has seen the marks.
        let marks = if surveyor.is_some() { survey.marks } else { sheets.marks() };
        return Ok((reader.finish(sheet, &marks)?, end.err()));
    }
}

/// Runs `work` and the survey, side by side if two threads may be used. `work` is told whether there are formulas
/// without a value, as far as that is known when it begins.
fn with_survey<T>(surveyor: Option<&Surveyor<'_>>, overlap: bool, work: impl FnOnce(bool) -> T) -> (T, Survey) {
    let Some(surveyor) = surveyor else {
        return (work(false), Survey::default());
    };
    if !overlap {
        let survey = surveyor.look();
        return (work(survey.formula_without_value), survey);
    }
    std::thread::scope(|scope| {
        let survey = scope.spawn(|| surveyor.look());
        let done = work(false);
        (done, survey.join().unwrap_or_else(|_| Survey::unknown()))
    })
}
