//! The sheets of a workbook, streamed row by row whatever the file format. The only file that knows calamine.
//!
//! Knows nothing of datasets.

use std::{
    collections::VecDeque,
    io::Cursor,
    sync::mpsc::{channel, sync_channel},
};

use calamine::{
    Data, DataRef, ExcelDateTime, Ods, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, Xlsx, XlsxError,
};

use super::{
    Format, Trouble, Unreadable,
    cell::{Batch, Cell, Flow, TakeRow},
    date, message, parts,
};

/// Batches on their way between the two threads.
const BATCHES: usize = 8;

/// An open workbook.
pub struct Workbook<'b> {
    book: Book<'b>,
    bytes: &'b [u8],
    paths: Vec<String>,
    /// Serial numbers count from 1904.
    pub is_1904: bool,
    /// Names of its worksheets, and whether they are hidden.
    pub sheets: Vec<(String, bool)>,
}

enum Book<'b> {
    Xlsx(Box<Xlsx<Cursor<&'b [u8]>>>),
    Xlsb(Box<Xlsb<Cursor<&'b [u8]>>>),
    Loaded(Vec<Range<Data>>),
}

/// A sheet that could be read only in part, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The last row read.
    pub after_row: u32,
    /// What the reader said.
    pub detail: String,
}

/// What filling a batch came to.
enum Step {
    More,
    End,
    Broken(Broken),
}

impl<'b> Workbook<'b> {
    /// Opens a workbook.
    ///
    /// # Errors
    /// If it is damaged or encrypted.
    pub fn open(format: Format, bytes: &'b [u8]) -> Result<Self, Unreadable> {
        let input = Cursor::new(bytes);
        let damaged = |error: &dyn std::fmt::Display| message::damaged(format, &error.to_string());
        let (book, is_1904, metadata) = match format {
            Format::Xlsx => {
                let book = Xlsx::new(input).map_err(|error| damaged(&error))?;
                let metadata = book.sheets_metadata().to_vec();
                let is_1904 = book.has_1904_epoch();
                (Book::Xlsx(Box::new(book)), is_1904, metadata)
            }
            Format::Xlsb => {
                let book = Xlsb::new(input).map_err(|error| damaged(&error))?;
                let metadata = book.sheets_metadata().to_vec();
                let is_1904 = book.has_1904_epoch();
                (Book::Xlsb(Box::new(book)), is_1904, metadata)
            }
            Format::Xls => {
                let mut book = Xls::new(input).map_err(|error| match error {
                    XlsError::Password => message::password_unsupported(),
                    other => damaged(&other),
                })?;
                let metadata = book.sheets_metadata().to_vec();
                let is_1904 = book.has_1904_epoch();
                (Book::Loaded(load(&mut book, &metadata)), is_1904, metadata)
            }
            Format::Ods => {
                let mut book = Ods::new(input).map_err(|error| damaged(&error))?;
                let metadata = book.sheets_metadata().to_vec();
                (Book::Loaded(load(&mut book, &metadata)), false, metadata)
            }
            Format::Csv => return Err(message::unreadable(Trouble::UnknownFormat, "", "")),
        };
        let paths = if format == Format::Xlsx { parts::sheet_paths(bytes) } else { Vec::new() };
        let paths = if paths.len() == metadata.len() {
            let kept = metadata.iter().zip(paths).filter(|(sheet, _)| sheet.typ == SheetType::WorkSheet);
            kept.map(|(_, path)| path).collect()
        } else {
            Vec::new()
        };
        let sheets = metadata
            .into_iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| (sheet.name, sheet.visible != SheetVisible::Visible))
            .collect();
        Ok(Self { book, bytes, paths, is_1904, sheets })
    }

    /// The row numbers hidden in a sheet, as far as the format tells them.
    pub fn hidden_rows(&self, sheet: usize) -> HiddenRows<'b> {
        HiddenRows { bytes: self.bytes, path: self.paths.get(sheet).cloned() }
    }

    /// Hands the rows of a sheet to `take` in the order of the file. With `overlap` reading and taking run on two
    /// threads.
    ///
    /// # Errors
    /// If the sheet is damaged; the rows before that place were handed over.
    pub fn stream(&mut self, sheet: usize, overlap: bool, take: &mut TakeRow<'_>) -> Result<Flow, Broken> {
        let name = self.sheets.get(sheet).map(|(name, _)| name.clone()).unwrap_or_default();
        let broken = |error: &dyn std::fmt::Display| Broken { after_row: 0, detail: error.to_string() };
        let is_1904 = self.is_1904;
        match &mut self.book {
            Book::Xlsx(book) => {
                let mut cells = book.worksheet_cells_reader(&name).map_err(|error| broken(&error))?;
                let (bytes, path) = (self.bytes, self.paths.get(sheet).cloned().unwrap_or_default());
                let mut unknown: Option<VecDeque<(u32, u32, String)>> = None;
                let mut held = None;
                let mut last_row = 0;
                pump(
                    overlap,
                    |batch| {
                        loop {
                            let record = match held.take() {
                                Some(record) => record,
                                None => match cells.next_cell_with_formula_metadata() {
                                    Ok(Some(record)) => record,
                                    Ok(None) => return Step::End,
                                    // The reader stands behind the cell and can go on.
                                    Err(XlsxError::CellError(_)) => {
                                        let rest = unknown.get_or_insert_with(|| parts::unknown_errors(bytes, &path));
                                        if let Some((row, column, text)) = rest.pop_front() {
                                            batch.push_error(row, column, &text);
                                        }
                                        continue;
                                    }
                                    Err(error) => {
                                        return Step::Broken(Broken { after_row: last_row, detail: error.to_string() });
                                    }
                                },
                            };
                            let (row, column) = record.pos;
                            if batch.full_before(row) {
                                held = Some(record);
                                return Step::More;
                            }
                            last_row = row.saturating_add(1);
                            if !push(batch, row, column, record.value, is_1904) && record.formula.is_some() {
                                batch.push(row, column, Cell::NoValue);
                            }
                        }
                    },
                    take,
                )
            }
            Book::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(&name).map_err(|error| broken(&error))?;
                let mut held = None;
                let mut last_row = 0;
                pump(
                    overlap,
                    |batch| {
                        loop {
                            let cell = match held.take() {
                                Some(cell) => cell,
                                None => match cells.next_cell() {
                                    Ok(Some(cell)) => cell,
                                    Ok(None) => return Step::End,
                                    Err(error) => {
                                        return Step::Broken(Broken { after_row: last_row, detail: error.to_string() });
                                    }
                                },
                            };
                            let (row, column) = cell.get_position();
                            if batch.full_before(row) {
                                held = Some(cell);
                                return Step::More;
                            }
                            last_row = row.saturating_add(1);
                            push(batch, row, column, cell.get_value().clone(), is_1904);
                        }
                    },
                    take,
                )
            }
            Book::Loaded(ranges) => {
                let Some(range) = ranges.get(sheet) else { return Ok(Flow::More) };
                let (first_row, first_column) = range.start().unwrap_or_default();
                let mut cells = range.used_cells().peekable();
                let offset = |start: u32, index: usize| start.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
                pump(
                    overlap,
                    |batch| {
                        while let Some((row, column, value)) = cells.peek() {
                            let (row, column) = (offset(first_row, *row), offset(first_column, *column));
                            if batch.full_before(row) {
                                return Step::More;
                            }
                            push_data(batch, row, column, value, is_1904);
                            cells.next();
                        }
                        Step::End
                    },
                    take,
                )
            }
        }
    }
}

/// The hidden rows of one sheet, looked up when asked for.
pub struct HiddenRows<'b> {
    bytes: &'b [u8],
    path: Option<String>,
}

impl HiddenRows<'_> {
    /// Row numbers, ascending; empty where the format does not tell.
    pub fn read(&self) -> Vec<u32> {
        self.path.as_ref().map(|path| parts::hidden_rows(self.bytes, path)).unwrap_or_default()
    }
}

fn load<R: Reader<Cursor<B>>, B: AsRef<[u8]>>(book: &mut R, metadata: &[calamine::Sheet]) -> Vec<Range<Data>>
where
    Cursor<B>: std::io::Read + std::io::Seek,
{
    metadata
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| book.worksheet_range(&sheet.name).unwrap_or_default())
        .collect()
}

/// Adds a value to the batch; false if there is none.
fn push<'a>(batch: &mut Batch<'a>, row: u32, column: u32, value: DataRef<'a>, is_1904: bool) -> bool {
    match value {
        DataRef::SharedString("") | DataRef::Empty => return false,
        DataRef::SharedString(text) => batch.push(row, column, Cell::Text(text)),
        DataRef::String(text) => batch.push_text(row, column, &text),
        DataRef::Float(number) => batch.push(row, column, Cell::Number(number)),
        #[allow(clippy::cast_precision_loss, reason = "the format stores 30 bits")]
        DataRef::Int(number) => batch.push(row, column, Cell::Number(number as f64)),
        DataRef::Bool(value) => batch.push(row, column, Cell::Bool(value)),
        DataRef::DateTime(point) => batch.push(row, column, date_cell(point, is_1904)),
        DataRef::DateTimeIso(text) => push_iso(batch, row, column, &text),
        DataRef::DurationIso(text) => batch.push_text(row, column, &text),
        DataRef::Error(error) => batch.push_error(row, column, &error.to_string()),
    }
    true
}

fn push_data(batch: &mut Batch<'_>, row: u32, column: u32, value: &Data, is_1904: bool) {
    match value {
        Data::Empty => {}
        Data::String(text) => batch.push_text(row, column, text),
        Data::Float(number) => batch.push(row, column, Cell::Number(*number)),
        #[allow(clippy::cast_precision_loss, reason = "the format stores 30 bits")]
        Data::Int(number) => batch.push(row, column, Cell::Number(*number as f64)),
        Data::Bool(value) => batch.push(row, column, Cell::Bool(*value)),
        Data::DateTime(point) => batch.push(row, column, date_cell(*point, is_1904)),
        Data::DateTimeIso(text) => push_iso(batch, row, column, text),
        Data::DurationIso(text) => batch.push_text(row, column, text),
        Data::Error(error) => batch.push_error(row, column, &error.to_string()),
    }
}

fn push_iso(batch: &mut Batch<'_>, row: u32, column: u32, text: &str) {
    match date::from_iso(text) {
        Some(point) => batch.push(row, column, Cell::Date(point)),
        None => batch.push_text(row, column, text),
    }
}

/// Durations, and serial numbers no calendar day has, stay numbers.
fn date_cell<'a>(point: ExcelDateTime, is_1904: bool) -> Cell<'a> {
    let serial = point.as_f64();
    let date = if point.is_duration() { None } else { date::from_serial(serial, is_1904) };
    date.map_or(Cell::Number(serial), Cell::Date)
}

/// Runs `fill` until the sheet ends and hands the rows to `take`, on one thread or on two.
fn pump<'a>(
    overlap: bool,
    mut fill: impl FnMut(&mut Batch<'a>) -> Step,
    take: &mut TakeRow<'_>,
) -> Result<Flow, Broken> {
    if !overlap {
        let mut batch = Batch::default();
        loop {
            batch.clear();
            let step = fill(&mut batch);
            let flow = batch.each_row(take);
            match step {
                _ if flow != Flow::More => return Ok(flow),
                Step::More => {}
                Step::End => return Ok(Flow::More),
                Step::Broken(broken) => return Err(broken),
            }
        }
    }
    std::thread::scope(|scope| {
        let (full_sender, full) = sync_channel::<Batch<'a>>(BATCHES);
        let (empty_sender, empty) = channel::<Batch<'a>>();
        let taker = scope.spawn(move || {
            for mut batch in full {
                let flow = batch.each_row(take);
                if flow != Flow::More {
                    return flow;
                }
                batch.clear();
                // Fails only when the reading side has ended.
                let _ = empty_sender.send(batch);
            }
            Flow::More
        });
        let end = loop {
            let mut batch = empty.try_recv().unwrap_or_default();
            let step = fill(&mut batch);
            let wanted = full_sender.send(batch).is_ok();
            match step {
                Step::More if wanted => {}
                Step::Broken(broken) => break Err(broken),
                Step::More | Step::End => break Ok(()),
            }
        };
        drop(full_sender);
        let flow = taker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if flow == Flow::More { end.map(|()| flow) } else { Ok(flow) }
    })
}
