//! The own reader beside calamine: for every workbook both give the same cells, or the own reader hands over.

mod constructs;
mod files;
mod mutated;
mod random;
#[path = "../../../../examples/make_sample/rng.rs"]
mod rng;

use std::{
    io::{Cursor, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Book, Stop};
use crate::ingest::{
    Format,
    cell::{Cell, Flow},
    foreign::Foreign,
    marks::Marks,
    sheets::How,
};

/// A cell: row number, column index, what it shows. Blank texts are left out: they are no content to anyone.
type Found = (u32, u32, String);

/// What a reader finds in a workbook.
#[derive(Debug, PartialEq)]
pub struct Read {
    pub is_1904: bool,
    pub sheets: Vec<(String, bool)>,
    /// For each sheet its cells and what it says of itself.
    pub cells: Vec<(Vec<Found>, Marks)>,
}

fn collect(into: &mut Vec<Found>, row: u32, cells: &[(u32, Cell<'_>)]) -> Flow {
    let shown = cells.iter().filter(|(_, cell)| *cell != Cell::Text(""));
    into.extend(shown.map(|(column, cell)| (row, *column, format!("{cell:?}"))));
    Flow::More
}

/// What the own reader finds; the reason, if it hands over.
pub fn own(bytes: &[u8], overlap: bool) -> Result<Read, Stop> {
    let mut book = Book::open(bytes)?;
    let mut read = Read { is_1904: book.is_1904(), sheets: book.sheets(), cells: Vec::new() };
    for sheet in 0..read.sheets.len() {
        let mut cells = Vec::new();
        let (end, seen) = book.stream(sheet, overlap, &mut |row, row_cells| collect(&mut cells, row, row_cells));
        assert_eq!(end?, Flow::More);
        let mut marks = seen.marks;
        marks.hidden_rows.sort_unstable();
        read.cells.push((cells, marks));
    }
    Ok(read)
}

/// What calamine finds; what it says, if it fails.
pub fn foreign(bytes: &[u8]) -> Result<Read, String> {
    let read = || {
        let (mut book, contents) = Foreign::open(Format::Xlsx, bytes).map_err(|error| error.message.en)?;
        let mut read = Read { is_1904: contents.is_1904, sheets: contents.sheets, cells: Vec::new() };
        for sheet in 0..read.sheets.len() {
            let mut cells = Vec::new();
            let how = How { overlap: false, formulas: true };
            let end = book.stream(sheet, how, &mut |row, row_cells| collect(&mut cells, row, row_cells));
            end.map_err(|broken| broken.detail)?;
            read.cells.push((cells, book.surveyor(sheet).look().marks));
        }
        Ok(read)
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("it panics".to_owned()))
}

/// What became of a workbook.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both readers found the same.
    Same,
    /// The own reader left it to calamine, or gave it up.
    Stopped(Stop),
    /// They differ, or calamine alone refuses; how.
    Differ(String),
}

/// Reads a workbook with both.
pub fn compare(bytes: &[u8]) -> Verdict {
    let own = match own(bytes, false) {
        Ok(read) => read,
        Err(stop) => return Verdict::Stopped(stop),
    };
    match foreign(bytes) {
        Err(detail) => Verdict::Differ(format!("calamine refuses: {detail}")),
        Ok(foreign) if foreign == own => Verdict::Same,
        Ok(foreign) => Verdict::Differ(first_difference(&own, &foreign)),
    }
}

fn first_difference(own: &Read, foreign: &Read) -> String {
    for (sheet, ((ours, our_marks), (theirs, their_marks))) in own.cells.iter().zip(&foreign.cells).enumerate() {
        if our_marks != their_marks {
            return format!("sheet {sheet}: {our_marks:?}, calamine {their_marks:?}");
        }
        let at = ours.iter().zip(theirs).position(|(own, their)| own != their).unwrap_or(ours.len().min(theirs.len()));
        if ours != theirs {
            return format!("sheet {sheet}: {:?}, calamine {:?}", ours.get(at), theirs.get(at));
        }
    }
    format!("{own:?}, calamine {foreign:?}")
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The parts of a package with one sheet, to be changed and packed.
#[derive(Clone)]
pub struct Parts(pub Vec<(String, Vec<u8>)>);

impl Parts {
    /// A package whose sheet has this between `<worksheet>` and `</worksheet>`.
    pub fn around(sheet: &str) -> Self {
        let relation = |id: usize, kind: &str, target: &str| {
            format!(r#"<Relationship Id="rId{id}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
        };
        let relations = |inner: String| {
            format!(
                r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>"#
            )
        };
        let formats = [0, 14, 22, 46, 164, 165, 166, 4, 49, 31, 57, 45, 21, 10, 167, 168, 169];
        let formats = formats.map(|id| format!(r#"<xf numFmtId="{id}" fontId="0" fillId="0" borderId="0"/>"#)).concat();
        let parts = [
            ("[Content_Types].xml", "<Types/>".to_owned()),
            ("_rels/.rels", relations(relation(1, "officeDocument", "xl/workbook.xml"))),
            (
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr/><sheets><sheet name="贷款" sheetId="1" r:id="rId1"/></sheets></workbook>"#
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                relations(
                    [
                        relation(1, "worksheet", "worksheets/sheet1.xml"),
                        relation(2, "styles", "styles.xml"),
                        relation(3, "sharedStrings", "sharedStrings.xml"),
                    ]
                    .concat(),
                ),
            ),
            (
                "xl/styles.xml",
                format!(
                    r#"<styleSheet xmlns="{MAIN}"><numFmts count="6"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="0.00&quot;d&quot;"/><numFmt numFmtId="167" formatCode="000000"/><numFmt numFmtId="168" formatCode="0\.0,"/><numFmt numFmtId="169" formatCode="0.00&quot;万元&quot;"/></numFmts><cellXfs>{formats}</cellXfs></styleSheet>"#
                ),
            ),
            (
                "xl/sharedStrings.xml",
                format!(
                    r#"<sst xmlns="{MAIN}"><si><t>甲</t></si><si><t xml:space="preserve"> 乙 </t></si><si/><si><r><t>丙</t></r><r><rPr><b/></rPr><t> 丁 </t></r></si><si><t>&lt;戊&gt;_x000D_</t></si></sst>"#
                ),
            ),
            ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{MAIN}">{sheet}</worksheet>"#)),
        ];
        Self(parts.map(|(name, text)| (name.to_owned(), text.into_bytes())).into())
    }

    /// Replaces a part, or adds it.
    pub fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        match self.0.iter_mut().find(|(part, _)| part == name) {
            Some((_, own)) => *own = content,
            None => self.0.push((name.to_owned(), content)),
        }
        self
    }

    /// A part as text.
    pub fn text(&self, name: &str) -> String {
        let part = self.0.iter().find(|(part, _)| part == name).expect("the part");
        String::from_utf8(part.1.clone()).expect("UTF-8")
    }

    /// The package as a file.
    pub fn packed(&self) -> Vec<u8> {
        self.packed_with(SimpleFileOptions::default())
    }

    pub fn packed_with(&self, options: SimpleFileOptions) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        self.write(&mut zip, options);
        zip.finish().expect("a package").into_inner()
    }

    /// Sizes and checksums follow each part instead of standing before it.
    pub fn packed_with_descriptors(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new_stream(Vec::new());
        self.write(&mut zip, SimpleFileOptions::default());
        zip.finish().expect("a package").into_inner()
    }

    pub fn stored() -> SimpleFileOptions {
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
    }

    fn write<W: Write + std::io::Seek>(&self, zip: &mut ZipWriter<W>, options: SimpleFileOptions) {
        for (name, content) in &self.0 {
            zip.start_file(name.as_str(), options).expect("a part");
            zip.write_all(content).expect("a part");
        }
    }
}

/// A sheet with the rows given.
pub fn rows(rows: &str) -> Parts {
    Parts::around(&format!("<sheetData>{rows}</sheetData>"))
}
