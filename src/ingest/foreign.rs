//! Workbooks of every format, streamed row by row with calamine. The only file that knows it.
//!
//! Ordinary xlsx workbooks do not come here (see `xlsx`), unusual ones do. Knows nothing of datasets.

use std::{
    collections::{HashMap, VecDeque},
    io::Cursor,
};

use calamine::{
    Data, DataRef, Dimensions, ExcelDateTime, Ods, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb,
    XlsbError, Xlsx, XlsxCellFormulaMetadataRecord, XlsxError,
};

use super::{
    Format, Trouble, Unreadable,
    cell::{Batch, Broken, Cell, Flow, TakeRow},
    date,
    form::Form,
    marks::{Area, Marks},
    message,
    parts::{self, Survey},
    pump::{self, pump},
    sheets::{Contents, How},
    telling::{Telling, TellingCells, telling_cells},
    xlsx::forms,
};

type Step = pump::Step<Broken>;

/// A workbook opened with calamine.
pub struct Foreign<'b> {
    book: Book<'b>,
    bytes: &'b [u8],
    names: Vec<String>,
    paths: Vec<String>,
    is_1904: bool,
    /// Merged cells of each sheet, where opening the workbook shows them.
    merged: Vec<Vec<Area>>,
    /// Forms of the cell formats of an xlsx workbook.
    forms: Vec<Option<Form>>,
    /// The telling cells of the sheets streamed so far.
    telling: HashMap<usize, TellingCells>,
}

enum Book<'b> {
    Xlsx(Box<Xlsx<Cursor<&'b [u8]>>>),
    Xlsb(Box<Xlsb<Cursor<&'b [u8]>>>),
    /// What the reader gave for each sheet, or what it said.
    Loaded(Vec<Result<Range<Data>, String>>),
}

impl<'b> Foreign<'b> {
    /// Opens a workbook, and says what it consists of.
    ///
    /// # Errors
    /// If it is damaged or encrypted.
    pub fn open(format: Format, bytes: &'b [u8]) -> Result<(Self, Contents), Unreadable> {
        let input = Cursor::new(bytes);
        let damaged = |error: &dyn std::fmt::Display| message::damaged(format, &error.to_string());
        let mut merged: HashMap<String, Vec<Area>> = HashMap::new();
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
                for sheet in &metadata {
                    let areas = book.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
                    merged.insert(sheet.name.clone(), areas.iter().map(area).collect());
                }
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
        let sheets: Vec<(String, bool)> = metadata
            .into_iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| (sheet.name, sheet.visible != SheetVisible::Visible))
            .collect();
        let names: Vec<String> = sheets.iter().map(|(name, _)| name.clone()).collect();
        let merged = names.iter().map(|name| merged.remove(name).unwrap_or_default()).collect();
        let styles = if format == Format::Xlsx { parts::whole_part(bytes, "xl/styles.xml") } else { None };
        let forms = styles.map(|styles| forms(&styles)).unwrap_or_default();
        let opened = Self { book, bytes, names, paths, is_1904, merged, forms, telling: HashMap::new() };
        Ok((opened, Contents { is_1904, sheets }))
    }

    /// What a look through a sheet's part shows, to be taken beside reading it.
    pub fn surveyor(&self, sheet: usize) -> Surveyor<'b> {
        let path = matches!(self.book, Book::Xlsx(_)).then(|| self.paths.get(sheet).cloned().unwrap_or_default());
        Surveyor { bytes: self.bytes, path, merged: self.merged.get(sheet).cloned().unwrap_or_default() }
    }

    /// Hands the rows of a sheet to `take` in the order of the file.
    ///
    /// # Errors
    /// If the sheet is damaged; the rows before that place were handed over.
    pub fn stream(&mut self, sheet: usize, how: How, take: &mut TakeRow<'_>) -> Result<Flow, Broken> {
        let name = self.names.get(sheet).map(String::as_str).unwrap_or_default();
        let is_1904 = self.is_1904;
        match &mut self.book {
            Book::Xlsx(book) => {
                let path = self.paths.get(sheet).map_or("", String::as_str);
                let (bytes, forms) = (self.bytes, &self.forms);
                let telling = self.telling.entry(sheet).or_insert_with(|| telling_cells(bytes, path, forms));
                stream_xlsx(book, name, &Beside { bytes, path, is_1904, telling }, how, take)
            }
            Book::Xlsb(book) => stream_xlsb(book, name, is_1904, how.overlap, take),
            Book::Loaded(ranges) => match ranges.get(sheet) {
                Some(Ok(range)) => stream_range(range, is_1904, how.overlap, take),
                Some(Err(detail)) => Err(Broken::new(0, detail)),
                None => Ok(Flow::More),
            },
        }
    }
}

/// What streaming an xlsx worksheet needs beside calamine.
struct Beside<'s> {
    /// The file and the name of the sheet's part, for cells calamine refuses.
    bytes: &'s [u8],
    path: &'s str,
    is_1904: bool,
    telling: &'s TellingCells,
}

impl Beside<'_> {
    /// Adds a cell as calamine gives it, with what it leaves out; false for a blank one.
    fn push<'a>(&self, batch: &mut Batch<'a>, (row, column): (u32, u32), value: &DataRef<'a>) -> bool {
        if let DataRef::Float(number) = value
            && let Some(telling) = self.telling.get((row, column), *number)
        {
            match telling {
                Telling::Digits(digits) => batch.push_digits(row, column, digits),
                Telling::Form(form) => batch.push(row, column, Cell::Formatted(*number, *form)),
            }
            return true;
        }
        push(batch, row, column, value, self.is_1904)
    }
}

fn stream_xlsx(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    beside: &Beside<'_>,
    how: How,
    take: &mut TakeRow<'_>,
) -> Result<Flow, Broken> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| broken(0, &error))?;
    let mut unknown: Option<VecDeque<(u32, u32, String)>> = None;
    // The reader stands behind a cell whose error it does not know and can go on.
    let mut refused = |error: XlsxError, last_row: u32, batch: &mut Batch<'_>| {
        if !matches!(error, XlsxError::CellError(_)) {
            return Some(broken(last_row, &error));
        }
        let rest = unknown.get_or_insert_with(|| parts::unknown_errors(beside.bytes, beside.path));
        match rest.pop_front() {
            Some((row, column, text)) => {
                batch.push_error(row, column, &text);
                None
            }
            None => Some(broken(last_row, &error)),
        }
    };
    let mut last_row = 0;
    if how.formulas {
        let mut held: Option<XlsxCellFormulaMetadataRecord<'_>> = None;
        pump_rows(
            how.overlap,
            |batch| {
                let next = || cells.next_cell_with_formula_metadata();
                fill(
                    batch,
                    &mut held,
                    &mut last_row,
                    next,
                    |record| record.pos,
                    |batch, record| {
                        if !beside.push(batch, record.pos, &record.value) && record.formula.is_some() {
                            batch.push(record.pos.0, record.pos.1, Cell::NoValue);
                        }
                    },
                    &mut refused,
                )
            },
            take,
        )
    } else {
        let mut held: Option<calamine::Cell<DataRef<'_>>> = None;
        pump_rows(
            how.overlap,
            |batch| {
                let next = || cells.next_cell();
                fill(
                    batch,
                    &mut held,
                    &mut last_row,
                    next,
                    calamine::Cell::get_position,
                    |batch, cell| {
                        beside.push(batch, cell.get_position(), cell.get_value());
                    },
                    &mut refused,
                )
            },
            take,
        )
    }
}

fn stream_xlsb(
    book: &mut Xlsb<Cursor<&[u8]>>,
    name: &str,
    is_1904: bool,
    overlap: bool,
    take: &mut TakeRow<'_>,
) -> Result<Flow, Broken> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| broken(0, &error))?;
    let mut held: Option<calamine::Cell<DataRef<'_>>> = None;
    let mut last_row = 0;
    pump_rows(
        overlap,
        |batch| {
            let next = || cells.next_cell();
            let refused = |error: XlsbError, last_row: u32, _: &mut Batch<'_>| Some(broken(last_row, &error));
            fill(
                batch,
                &mut held,
                &mut last_row,
                next,
                calamine::Cell::get_position,
                |batch, cell| {
                    let (row, column) = cell.get_position();
                    push(batch, row, column, cell.get_value(), is_1904);
                },
                refused,
            )
        },
        take,
    )
}

/// Runs `fill` and hands the rows to `take`, on one thread or on two.
fn pump_rows<'a>(
    overlap: bool,
    mut fill: impl FnMut(&mut Batch<'a>) -> Step,
    take: &mut TakeRow<'_>,
) -> Result<Flow, Broken> {
    let fill = |batch: &mut Batch<'a>| {
        batch.clear();
        fill(batch)
    };
    pump(overlap, fill, &mut |batch: &Batch<'a>| batch.each_row(take))
}

/// Fills a batch from a reader of cells. Batches end where rows end: the cell that begins the next one is `held` until
/// then. `refused` decides whether the reader goes on after an error.
fn fill<'a, R, E>(
    batch: &mut Batch<'a>,
    held: &mut Option<R>,
    last_row: &mut u32,
    mut next: impl FnMut() -> Result<Option<R>, E>,
    place: impl Fn(&R) -> (u32, u32),
    add: impl Fn(&mut Batch<'a>, &R),
    mut refused: impl FnMut(E, u32, &mut Batch<'a>) -> Option<Broken>,
) -> Step {
    if let Some(record) = held.take() {
        add(batch, &record);
    }
    loop {
        match next() {
            Ok(Some(record)) => {
                let (row, _) = place(&record);
                if batch.full_before(row) {
                    *held = Some(record);
                    return Step::More;
                }
                *last_row = row.saturating_add(1);
                add(batch, &record);
            }
            Ok(None) => return Step::End,
            Err(error) => {
                if let Some(broken) = refused(error, *last_row, batch) {
                    return Step::Broken(broken);
                }
            }
        }
    }
}

fn stream_range(range: &Range<Data>, is_1904: bool, overlap: bool, take: &mut TakeRow<'_>) -> Result<Flow, Broken> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut cells = range.used_cells().peekable();
    let offset = |start: u32, index: usize| start.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
    pump_rows(
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

fn broken(after_row: u32, error: &dyn std::fmt::Display) -> Broken {
    Broken::new(after_row, error)
}

/// Looks through one sheet when asked to.
pub struct Surveyor<'b> {
    bytes: &'b [u8],
    path: Option<String>,
    merged: Vec<Area>,
}

impl Surveyor<'_> {
    /// What is hidden or merged, and formulas without a value; of formats other than xlsx no more than what is merged in
    /// xls.
    pub fn look(&self) -> Survey {
        match &self.path {
            Some(path) => parts::survey(self.bytes, path),
            None => Survey { marks: Marks { merged: self.merged.clone(), ..Marks::default() }, ..Survey::default() },
        }
    }
}

fn area(dimensions: &Dimensions) -> Area {
    let (start, end) = (dimensions.start, dimensions.end);
    Area { rows: (start.0.saturating_add(1), end.0.saturating_add(1)), columns: (start.1, end.1) }
}

fn load<'b, R>(book: &mut R, metadata: &[calamine::Sheet]) -> Vec<Result<Range<Data>, String>>
where
    R: Reader<Cursor<&'b [u8]>>,
    R::Error: std::fmt::Display,
{
    metadata
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| book.worksheet_range(&sheet.name).map_err(|error| error.to_string()))
        .collect()
}

/// Adds a value to the batch; false if there is none.
fn push<'a>(batch: &mut Batch<'a>, row: u32, column: u32, value: &DataRef<'a>, is_1904: bool) -> bool {
    match value {
        DataRef::SharedString("") | DataRef::Empty => return false,
        DataRef::SharedString(text) => batch.push(row, column, Cell::Text(text)),
        DataRef::String(text) | DataRef::DurationIso(text) => batch.push_text(row, column, text),
        DataRef::Float(number) => batch.push(row, column, Cell::Number(*number)),
        #[allow(clippy::cast_precision_loss, reason = "the format stores 30 bits")]
        DataRef::Int(number) => batch.push(row, column, Cell::Number(*number as f64)),
        DataRef::Bool(value) => batch.push(row, column, Cell::Bool(*value)),
        DataRef::DateTime(point) => batch.push(row, column, date_cell(*point, is_1904)),
        DataRef::DateTimeIso(text) => push_iso(batch, row, column, text),
        DataRef::Error(error) => batch.push_error(row, column, &error.to_string()),
    }
    true
}

fn push_data(batch: &mut Batch<'_>, row: u32, column: u32, value: &Data, is_1904: bool) {
    match value {
        Data::Empty => {}
        Data::String(text) | Data::DurationIso(text) => batch.push_text(row, column, text),
        Data::Float(number) => batch.push(row, column, Cell::Number(*number)),
        #[allow(clippy::cast_precision_loss, reason = "the format stores 30 bits")]
        Data::Int(number) => batch.push(row, column, Cell::Number(*number as f64)),
        Data::Bool(value) => batch.push(row, column, Cell::Bool(*value)),
        Data::DateTime(point) => batch.push(row, column, date_cell(*point, is_1904)),
        Data::DateTimeIso(text) => push_iso(batch, row, column, text),
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
