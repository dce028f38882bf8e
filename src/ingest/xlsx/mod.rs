//! The own reader of ordinary xlsx workbooks: as fast as inflating and one look at every byte allow.
//!
//! It knows what spreadsheet programs write and nothing else. At the first construct it does not know it stops, and the
//! file is read by calamine from the beginning; so it may be strict, and never has to guess. Knows no datasets.
//!
//! The bytes of a sheet are inflated in pieces (`package`), scanned row by row (`scan`, `cursor`) into cells of sixteen
//! bytes (`batch`), which point into the piece or the table of shared strings (`strings`) until they are typed.

mod batch;
mod cursor;
mod number;
mod package;
mod scan;
mod strings;
mod styles;
mod unusual;
mod workbook;
mod xml;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{
    cell::{Flow, TakeRow},
    form::Form,
    marks::{Marks, Tail},
    pump::{Step, pump},
};
use batch::Batch;
use cursor::Halt;
use package::{Inflater, Package};
use scan::{Finds, Place, Scan, Tables};
use strings::{Strings, read_strings};
use styles::{Shows, read_styles};
pub use unusual::{Stop, Unusual};
use workbook::{Contents, read_contents};

/// Bytes of XML in a batch.
const PIECE: usize = 1 << 18;
/// One row may be so long.
const LONGEST_ROW: usize = 64 << 20;

/// An open workbook.
pub struct Book<'b> {
    package: Package<'b>,
    contents: Contents,
    strings: Strings,
    formats: Vec<Shows>,
}

/// What a sheet gave beside its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The last row handed over, and perhaps no more than begun; 0 if there was none.
    pub last_row: u32,
    /// What the sheet says of itself.
    pub marks: Marks,
}

impl<'b> Book<'b> {
    /// Opens a workbook.
    ///
    /// # Errors
    /// If something about it is not ordinary.
    pub fn open(bytes: &'b [u8]) -> Result<Self, Stop> {
        let mut package = Package::open(bytes)?;
        let contents = read_contents(&mut package)?;
        let styles = package.text(&format!("{}styles.xml", contents.folder))?;
        let formats = styles.map(|text| read_styles(&text, false)).transpose()?.unwrap_or_default();
        let strings = match package.part(&format!("{}sharedStrings.xml", contents.folder))? {
            Some(part) => read_strings(part)?,
            None => Strings::default(),
        };
        Ok(Self { package, contents, strings, formats })
    }

    /// Serial numbers count from 1904.
    pub fn is_1904(&self) -> bool {
        self.contents.is_1904
    }

    /// Names of its worksheets, and whether they are hidden.
    pub fn sheets(&self) -> Vec<(String, bool)> {
        self.contents.sheets.iter().map(|sheet| (sheet.name.clone(), sheet.hidden)).collect()
    }

    /// Addresses of its shared strings, which stay where they are as long as it lives.
    pub fn shared(&self) -> Range<usize> {
        self.strings.addresses()
    }

    /// Hands the rows of a sheet to `take` in the order of the file, blank ones left out. With `overlap`, `take` runs on
    /// another thread.
    ///
    /// # Errors
    /// If something about the sheet is not ordinary; what was handed over until then is to be forgotten.
    pub fn stream(&mut self, sheet: usize, overlap: bool, take: &mut TakeRow<'_>) -> (Result<Flow, Stop>, Seen) {
        let part = self.contents.sheets.get(sheet).map(|sheet| self.package.part(&sheet.part));
        let Some(Ok(Some(part))) = part else { return (Err(Unusual::Package.into()), Seen::default()) };
        let tables = Tables { strings: self.strings.len(), formats: &self.formats };
        let mut feed = Feed {
            part,
            scan: Scan::new(tables),
            carried: Vec::new(),
            tail: Tail::default(),
            whole: false,
            filled_to: 0,
        };
        let (strings, is_1904) = (&self.strings, self.contents.is_1904);
        let fill = |batch: &mut Batch| match feed.fill(batch) {
            Ok(true) => Step::More,
            Ok(false) => Step::End,
            Err(stop) => {
                batch.rows.clear();
                Step::Broken(stop)
            }
        };
        let end = pump(overlap, fill, &mut |batch: &Batch| batch.each_row(strings, is_1904, take));
        (end, Seen { last_row: feed.filled_to, marks: feed.scan.marks })
    }
}

/// The forms of a workbook's cell formats, in the order cells refer to them, from its part for styles; none if that is not
/// as spreadsheet programs write it. For readers that do not see them.
pub fn forms(styles: &str) -> Vec<Option<Form>> {
    let form = |shows| if let Shows::Number(form) = shows { form } else { None };
    read_styles(styles, true).unwrap_or_default().into_iter().map(form).collect()
}

/// Whether a part of the package inflates out of all proportion. For readers without bounds of their own; a package that
/// cannot be opened is none.
pub fn is_bomb(bytes: &[u8]) -> bool {
    Package::open(bytes).is_ok_and(|mut package| package.is_bomb())
}

/// A sheet on its way from the package to batches.
struct Feed<'b, 't> {
    part: Inflater<'b>,
    scan: Scan<'t>,
    /// The beginning of a row whose end was not at hand yet.
    carried: Vec<u8>,
    tail: Tail,
    whole: bool,
    /// The last row of the last batch that was filled.
    filled_to: u32,
}

impl Feed<'_, '_> {
    /// Fills a batch with whole rows; false at the end of the sheet.
    fn fill(&mut self, batch: &mut Batch) -> Result<bool, Stop> {
        let mut xml = std::mem::take(&mut batch.xml).into_bytes();
        let mut decoded = std::mem::take(&mut batch.decoded).into_bytes();
        xml.clear();
        decoded.clear();
        batch.cells.clear();
        batch.rows.clear();
        xml.append(&mut self.carried);
        loop {
            if !self.whole {
                // A row that does not end within the piece is scanned again: the piece doubles.
                let wanted = if xml.len() < PIECE / 2 { PIECE - xml.len() } else { xml.len() };
                self.whole = !self.part.more(&mut xml, wanted)?;
            }
            let mut finds = Finds { cells: &mut batch.cells, rows: &mut batch.rows, decoded: &mut decoded };
            let (passed, halt) = self.scan.go_on(&xml, &mut finds);
            let behind = self.scan.place == Place::Behind;
            match halt {
                Some(Halt::Unusual(unusual)) => return Err(unusual.into()),
                Some(Halt::More) if self.whole => return Err(Unusual::Truncated.into()),
                Some(Halt::More) if passed == 0 && xml.len() > LONGEST_ROW => return Err(Stop::Bomb),
                Some(Halt::More) if passed == 0 => continue,
                None if behind => {
                    self.tail.take(xml.get(passed..).unwrap_or_default(), &mut self.scan.marks);
                    xml.truncate(passed);
                }
                Some(Halt::More) => {
                    self.carried.extend_from_slice(xml.get(passed..).unwrap_or_default());
                    xml.truncate(passed);
                }
                None => {}
            }
            break;
        }
        batch.xml = String::from_utf8(xml).map_err(|_| Unusual::Encoding)?;
        batch.decoded = String::from_utf8(decoded).map_err(|_| Unusual::Encoding)?;
        self.filled_to = self.scan.row;
        if self.scan.place != Place::Behind {
            return Ok(true);
        }
        // What follows the rows is inflated for the checksum too.
        while !self.whole {
            self.carried.clear();
            self.whole = !self.part.more(&mut self.carried, PIECE)?;
            self.tail.take(&self.carried, &mut self.scan.marks);
        }
        Ok(false)
    }
}
