//! The sheets of a workbook, streamed row by row whatever the format: ordinary xlsx workbooks by the own reader, all
//! others by calamine, which also takes over where the own reader meets something it does not know.
//!
//! Knows neither XML nor datasets.

use std::ops::Range;

use super::{
    Format, Unreadable,
    cell::{Broken, Flow, TakeRow},
    foreign::{Foreign, Surveyor},
    marks::Marks,
    message,
    xlsx::{self, Book, Stop, Unusual},
};
use crate::text::Text;

/// How a sheet is streamed.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Reading and taking run on two threads.
    pub overlap: bool,
    /// Formulas without a stored result are told apart from blank cells, where the format allows it; a little slower.
    pub formulas: bool,
}

/// What a workbook consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Serial numbers count from 1904.
    pub is_1904: bool,
    /// Names of its worksheets, and whether they are hidden.
    pub sheets: Vec<(String, bool)>,
}

/// An open workbook.
pub struct Workbook<'b> {
    format: Format,
    bytes: &'b [u8],
    reader: Reader<'b>,
    /// What it consists of.
    pub contents: Contents,
    /// What the sheet streamed last says of itself, as far as its reader sees that.
    pub marks: Marks,
    /// Why it was handed to calamine although it is an xlsx workbook.
    pub handed_over: Option<Text>,
}

enum Reader<'b> {
    Own(Box<Book<'b>>),
    Foreign(Box<Foreign<'b>>),
}

impl<'b> Workbook<'b> {
    /// Opens a workbook.
    ///
    /// # Errors
    /// If it is damaged, encrypted, or inflates out of all proportion.
    pub fn open(format: Format, bytes: &'b [u8]) -> Result<Self, Unreadable> {
        let mut handed_over = None;
        if format == Format::Xlsx {
            match Book::open(bytes) {
                Ok(book) => {
                    let contents = Contents { is_1904: book.is_1904(), sheets: book.sheets() };
                    let reader = Reader::Own(Box::new(book));
                    return Ok(Self { format, bytes, reader, contents, marks: Marks::default(), handed_over });
                }
                Err(Stop::Unusual(unusual)) if !xlsx::is_bomb(bytes) => {
                    handed_over = Some(message::handed_over(&unusual.text(), None));
                }
                Err(_) => return Err(message::bomb()),
            }
        }
        let (foreign, contents) = Foreign::open(format, bytes)?;
        let reader = Reader::Foreign(Box::new(foreign));
        Ok(Self { format, bytes, reader, contents, marks: Marks::default(), handed_over })
    }

    /// A look through a sheet's part, to be taken beside streaming it; none where streaming it shows everything.
    pub fn surveyor(&self, sheet: usize) -> Option<Surveyor<'b>> {
        match &self.reader {
            Reader::Own(_) => None,
            Reader::Foreign(foreign) => Some(foreign.surveyor(sheet)),
        }
    }

    /// Addresses of its shared texts, which stay where they are until another reader takes over.
    pub fn shared(&self) -> Range<usize> {
        match &self.reader {
            Reader::Own(book) => book.shared(),
            Reader::Foreign(_) => 0..0,
        }
    }

    /// Hands the rows of a sheet to `take` in the order of the file. [`Flow::Restart`] means that another reader took
    /// over: what was handed over so far is to be forgotten, and the sheet streamed again.
    ///
    /// # Errors
    /// If the sheet is damaged; the rows before that place were handed over.
    pub fn stream(&mut self, sheet: usize, how: How, take: &mut TakeRow<'_>) -> Result<Flow, Broken> {
        self.marks = Marks::default();
        let book = match &mut self.reader {
            Reader::Own(book) => book,
            Reader::Foreign(foreign) => return foreign.stream(sheet, how, take),
        };
        let (end, seen) = book.stream(sheet, how.overlap, take);
        match end {
            Ok(flow) => {
                self.marks = seen.marks;
                Ok(flow)
            }
            Err(Stop::Bomb) => Err(Broken::bomb(seen.last_row)),
            Err(Stop::Unusual(unusual)) => self.hand_over(sheet, seen.last_row, unusual),
        }
    }

    fn hand_over(&mut self, sheet: usize, row: u32, unusual: Unusual) -> Result<Flow, Broken> {
        if xlsx::is_bomb(self.bytes) {
            return Err(Broken::bomb(0));
        }
        let (foreign, contents) =
            Foreign::open(self.format, self.bytes).map_err(|unreadable| Broken::new(0, &unreadable.message.en))?;
        if contents != self.contents {
            return Err(Broken::new(0, &"the list of sheets reads in two ways"));
        }
        let name = self.contents.sheets.get(sheet).map(|(name, _)| name.as_str()).unwrap_or_default();
        self.handed_over = Some(message::handed_over(&unusual.text(), Some((name, row))));
        self.reader = Reader::Foreign(Box::new(foreign));
        Ok(Flow::Restart)
    }
}
