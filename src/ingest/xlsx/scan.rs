//! The XML of a worksheet becomes rows of scanned cells. Only what spreadsheet programs write is known; everything else
//! stops the scan, so that a full parser can read the sheet.
//!
//! Knows the mark-up of sheets, but neither files nor datasets.

use super::{
    batch::{Kind, Scanned, ScannedRow, range},
    cursor::{Cursor, Halt, is_name},
    number,
    strings::{plain_text, prolog, rich_text},
    styles::Shows,
    unusual::Unusual,
    xml,
};
use crate::ingest::{characters::is_error, marks::Marks, telling::has_many_digits};

/// Rows and columns of a sheet (Excel's limits).
const ROWS: u32 = 1_048_576;
const COLUMNS: u32 = 16_384;

/// Where in the part the scan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the rows.
    Before,
    /// Among them.
    Rows,
    /// Behind them.
    Behind,
}

/// What cells refer to.
#[derive(Clone, Copy)]
pub struct Tables<'t> {
    /// Number of shared strings.
    pub strings: u32,
    /// The cell formats.
    pub formats: &'t [Shows],
}

/// What a scan puts its finds into.
pub struct Finds<'o> {
    /// Cells.
    pub cells: &'o mut Vec<Scanned>,
    /// Rows.
    pub rows: &'o mut Vec<ScannedRow>,
    /// Texts that had to be decoded.
    pub decoded: &'o mut Vec<u8>,
}

/// Goes through one sheet, piece by piece.
pub struct Scan<'t> {
    tables: Tables<'t>,
    /// Where it stands.
    pub place: Place,
    /// The last row begun; 0 before the first.
    pub row: u32,
    /// What the sheet says of itself, as far as it was scanned.
    pub marks: Marks,
}

/// A cell as its tag describes it.
struct Tag {
    column: u32,
    format: Option<u32>,
    kind: Type,
    empty: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Shared,
    Formula,
    Inline,
    Bool,
    Error,
    Iso,
}

/// What stands in a cell.
enum Content {
    Empty,
    Some(Kind, u64),
}

impl<'t> Scan<'t> {
    /// At the beginning of a sheet.
    pub fn new(tables: Tables<'t>) -> Self {
        Self { tables, place: Place::Before, row: 0, marks: Marks::default() }
    }

    /// Goes on through `bytes` as far as rows are complete, to the end of the last. Gives the bytes passed, and why it
    /// stopped if there are more rows.
    pub fn go_on(&mut self, bytes: &[u8], finds: &mut Finds<'_>) -> (usize, Option<Halt>) {
        let mut cursor = Cursor::new(bytes);
        loop {
            let (cells, decoded, row) = (finds.cells.len(), finds.decoded.len(), self.row);
            let (hidden_rows, hidden_columns) = (self.marks.hidden_rows.len(), self.marks.hidden_columns.len());
            let mut ahead = cursor;
            let step = match self.place {
                Place::Before => self.before_rows(&mut ahead),
                Place::Rows => self.row(&mut ahead, finds),
                Place::Behind => return (cursor.at(), None),
            };
            if let Err(halt) = step {
                finds.cells.truncate(cells);
                finds.decoded.truncate(decoded);
                self.marks.hidden_rows.truncate(hidden_rows);
                self.marks.hidden_columns.truncate(hidden_columns);
                self.row = row;
                return (cursor.at(), Some(halt));
            }
            cursor = ahead;
        }
    }

    /// Everything up to the rows: of interest is only that it is a worksheet.
    fn before_rows(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Halt> {
        prolog(cursor)?;
        if !cursor.passes(b"<worksheet")? {
            cursor.peek()?;
            let length = xml::tag_end(cursor.rest()).ok_or(Halt::More)?;
            let tag = cursor.rest().get(..length).unwrap_or_default();
            let prefixed = memchr::memmem::find(tag, b":worksheet").is_some();
            return Err(if prefixed { Unusual::Prefix } else { Unusual::Sheet }.into());
        }
        if cursor.attributes(|_, _| Ok(()))? {
            return Err(Unusual::Sheet.into());
        }
        let mut depth = 1_u32;
        loop {
            if cursor.text()?.contains(&b'&') {
                return Err(Unusual::Sheet.into());
            }
            if cursor.passes(b"</")? {
                let length = cursor.rest().iter().position(|byte| !is_name(*byte)).ok_or(Halt::More)?;
                cursor.skip(length);
                cursor.spaces();
                cursor.expect(b">", Unusual::Sheet)?;
                depth = depth.checked_sub(1).filter(|depth| *depth > 0).ok_or(Unusual::Sheet)?;
                continue;
            }
            cursor.skip(1);
            let length =
                cursor.rest().iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>'));
            let name = cursor.rest().get(..length.ok_or(Halt::More)?).unwrap_or_default();
            let plain = name.first().is_some_and(u8::is_ascii_alphabetic) && name.iter().all(|byte| is_name(*byte));
            if !plain || name.ends_with(b":sheetData") {
                return Err(Unusual::Sheet.into());
            }
            cursor.skip(name.len());
            let mut plain = name != b"dimension";
            let (mut first, mut last, mut hidden) = (None, None, false);
            let empty = cursor.attributes(|attribute, value| {
                plain = plain || (attribute == b"ref" && is_dimension_plain(value));
                match attribute {
                    b"min" => first = whole(value),
                    b"max" => last = whole(value),
                    b"hidden" => hidden = matches!(value, b"1" | b"true"),
                    _ => {}
                }
                Ok(())
            })?;
            if hidden && name == b"col" {
                self.marks.hide_columns(first, last);
            }
            if !plain {
                return Err(Unusual::Sheet.into());
            }
            if name == b"sheetData" {
                self.place = if empty { Place::Behind } else { Place::Rows };
                return if depth == 1 { Ok(()) } else { Err(Unusual::Sheet.into()) };
            }
            if !empty {
                depth += 1;
            }
        }
    }

    /// One row, or the end of the rows.
    fn row(&mut self, cursor: &mut Cursor<'_>, finds: &mut Finds<'_>) -> Result<(), Halt> {
        cursor.spaces();
        if !cursor.passes(b"<row")? {
            cursor.expect(b"</sheetData>", Unusual::Sheet)?;
            self.place = Place::Behind;
            return Ok(());
        }
        let (mut number, mut hidden) = (None, false);
        let empty = cursor.attributes(|name, value| {
            match name {
                b"r" if number.is_none() => number = Some(whole(value).ok_or(Unusual::Row)?),
                b"r" => return Err(Unusual::Row),
                b"hidden" => hidden = matches!(value, b"1" | b"true"),
                _ => {}
            }
            Ok(())
        })?;
        let number = number.unwrap_or(self.row + 1);
        if !(1..=ROWS).contains(&number) || number == self.row {
            return Err(Unusual::Row.into());
        }
        self.row = number;
        if hidden {
            self.marks.hidden_rows.push(number);
        }
        let mut ordered = true;
        if !empty {
            let expected = ReferenceEnd::of(number);
            let mut next_column = 0;
            while let Some(column) = self.cell(cursor, finds, &expected, next_column)? {
                ordered &= column >= next_column;
                next_column = column + 1;
            }
        }
        let end = u32::try_from(finds.cells.len()).map_err(|_| Unusual::Row)?;
        finds.rows.push(ScannedRow { number, end, ordered });
        Ok(())
    }

    /// One cell, the column of which it gives; none at the end of the row.
    fn cell(
        &self,
        cursor: &mut Cursor<'_>,
        finds: &mut Finds<'_>,
        expected: &ReferenceEnd,
        next_column: u32,
    ) -> Result<Option<u32>, Halt> {
        if !cursor.passes(b"<c")? {
            cursor.spaces();
            if cursor.passes(b"</row>")? {
                return Ok(None);
            }
            cursor.expect(b"<c", Unusual::Row)?;
        }
        let tag = self.tag(cursor, expected, next_column)?;
        if tag.column >= COLUMNS {
            return Err(Unusual::Cell.into());
        }
        if tag.empty {
            return Ok(Some(tag.column));
        }
        let mut formula = false;
        let content = if cursor.passes(b"<v>")? {
            self.value(cursor, &tag, finds)?
        } else {
            self.content(cursor, &tag, finds, &mut formula)?
        };
        if !cursor.passes(b"</c>")? {
            cursor.spaces();
            cursor.expect(b"</c>", Unusual::Cell)?;
        }
        #[allow(clippy::cast_possible_truncation, reason = "below 16,384")]
        let column = tag.column as u16;
        match content {
            Content::Some(kind, value) => finds.cells.push(Scanned { column, kind, value }),
            Content::Empty if formula => finds.cells.push(Scanned { column, kind: Kind::NoValue, value: 0 }),
            Content::Empty => {}
        }
        Ok(Some(tag.column))
    }

    /// What stands in a cell, to before its end tag.
    fn content(
        &self,
        cursor: &mut Cursor<'_>,
        tag: &Tag,
        finds: &mut Finds<'_>,
        formula: &mut bool,
    ) -> Result<Content, Halt> {
        cursor.spaces();
        if cursor.passes(b"<f")? {
            *formula = true;
            // Formulas give texts of their own.
            if tag.kind == Type::Shared {
                return Err(Unusual::Cell.into());
            }
            if !cursor.attributes(|_, _| Ok(()))? {
                let text = cursor.text()?;
                cursor.expect(b"</f>", Unusual::Cell)?;
                check_formula(text)?;
            }
            cursor.spaces();
        }
        if cursor.passes(b"<v")? {
            if !cursor.attributes(|_, _| Ok(()))? {
                return self.value(cursor, tag, finds);
            }
            let is_text = matches!(tag.kind, Type::Formula | Type::Iso);
            return Ok(if is_text { Content::Some(Kind::Raw, 0) } else { Content::Empty });
        }
        if tag.kind == Type::Inline && cursor.passes(b"<is>")? {
            return inline_text(cursor, finds);
        }
        Ok(Content::Empty)
    }

    /// The tag of a cell, behind its name.
    fn tag(&self, cursor: &mut Cursor<'_>, expected: &ReferenceEnd, next_column: u32) -> Result<Tag, Halt> {
        let mut tag = Tag { column: next_column, format: None, kind: Type::Number, empty: false };
        // The usual order and notation first; what is left goes the long way.
        let mut rest = cursor.rest();
        let start = rest.len();
        if let Some((column, after)) = expected.column(rest) {
            tag.column = column;
            rest = after;
        }
        if let [b' ', b's', b'=', b'"', after @ ..] = rest
            && let Some((format, length)) = number::index(after)
            && let Some((b'"', after)) = after.get(length..).and_then(<[u8]>::split_first)
        {
            tag.format = Some(format);
            rest = after;
        }
        let known = match rest {
            [b'>', after @ ..] | [b' ', b't', b'=', b'"', b'n', b'"', b'>', after @ ..] => Some((Type::Number, after)),
            [b' ', b't', b'=', b'"', b's', b'"', b'>', after @ ..] => Some((Type::Shared, after)),
            [b' ', b't', b'=', b'"', b's', b't', b'r', b'"', b'>', after @ ..] => Some((Type::Formula, after)),
            [b' ', b't', b'=', b'"', b'i', b'n', b'l', b'i', b'n', b'e', b'S', b't', b'r', b'"', b'>', after @ ..] => {
                Some((Type::Inline, after))
            }
            _ => None,
        };
        if let Some((kind, after)) = known {
            tag.kind = kind;
            cursor.skip(start - after.len());
            return Ok(tag);
        }
        tag = Tag { column: next_column, format: None, kind: Type::Number, empty: false };
        let (mut placed, mut typed) = (false, false);
        tag.empty = cursor.attributes(|name, value| {
            match name {
                b"r" if !placed => {
                    placed = true;
                    let own = value.iter().position(u8::is_ascii_digit).ok_or(Unusual::Cell)?;
                    let (letters, row) = value.split_at(own);
                    if whole(row) != Some(self.row) {
                        return Err(Unusual::Row);
                    }
                    tag.column = column_of(letters).ok_or(Unusual::Cell)?;
                }
                b"s" if tag.format.is_none() => tag.format = Some(whole(value).ok_or(Unusual::Cell)?),
                b"t" if !typed => {
                    typed = true;
                    tag.kind = match value {
                        b"n" => Type::Number,
                        b"s" => Type::Shared,
                        b"str" => Type::Formula,
                        b"inlineStr" => Type::Inline,
                        b"b" => Type::Bool,
                        b"e" => Type::Error,
                        b"d" => Type::Iso,
                        _ => return Err(Unusual::Cell),
                    };
                }
                b"r" | b"s" | b"t" => return Err(Unusual::Cell),
                _ => {}
            }
            Ok(())
        })?;
        Ok(tag)
    }

    /// A value, behind `<v>`, to behind `</v>`.
    fn value(&self, cursor: &mut Cursor<'_>, tag: &Tag, finds: &mut Finds<'_>) -> Result<Content, Halt> {
        match tag.kind {
            Type::Shared => {
                if let Some((index, length)) = number::index(cursor.rest()) {
                    cursor.skip(length);
                    cursor.expect(b"</v>", Unusual::Value)?;
                    if index >= self.tables.strings {
                        return Err(Unusual::Value.into());
                    }
                    return Ok(Content::Some(Kind::Shared, u64::from(index)));
                }
            }
            Type::Number => {
                if let Some((value, length)) = number::short(cursor.rest()) {
                    cursor.skip(length);
                    cursor.expect(b"</v>", Unusual::Value)?;
                    return Ok(Content::Some(self.number_kind(tag), value.to_bits()));
                }
            }
            _ => {}
        }
        let start = cursor.at();
        let raw = cursor.text()?;
        let place = range(start, start + raw.len());
        cursor.expect(b"</v>", Unusual::Value)?;
        // Only texts may hold entities.
        if tag.kind != Type::Formula && raw.contains(&b'&') {
            return Err(Unusual::Value.into());
        }
        Ok(match tag.kind {
            Type::Inline => return Err(Unusual::Cell.into()),
            Type::Shared | Type::Number | Type::Bool if raw.is_empty() => Content::Empty,
            Type::Shared => return Err(Unusual::Value.into()),
            Type::Number => {
                let value = number::long(raw).ok_or(Unusual::Value)?;
                match self.shows(tag) {
                    Shows::Number(_) if has_many_digits(raw) => Content::Some(Kind::Digits, place),
                    _ => Content::Some(self.number_kind(tag), value.to_bits()),
                }
            }
            Type::Bool => match raw {
                b"0" | b"false" => Content::Some(Kind::False, 0),
                b"1" | b"true" => Content::Some(Kind::True, 0),
                _ => return Err(Unusual::Value.into()),
            },
            Type::Error => {
                let known = std::str::from_utf8(raw).is_ok_and(is_error);
                if known { Content::Some(Kind::Error, place) } else { return Err(Unusual::Value.into()) }
            }
            Type::Iso if raw.contains(&b'\r') => return Err(Unusual::Value.into()),
            Type::Iso => Content::Some(Kind::Iso, place),
            Type::Formula if xml::is_plain(raw, true) => Content::Some(Kind::Raw, place),
            Type::Formula => decoded(finds, xml::cell_text(raw, true)?.as_bytes()),
        })
    }

    fn shows(&self, tag: &Tag) -> Shows {
        let format = tag.format.and_then(|format| self.tables.formats.get(format as usize));
        format.copied().unwrap_or(Shows::Number(None))
    }

    fn number_kind(&self, tag: &Tag) -> Kind {
        match self.shows(tag) {
            Shows::Date => Kind::Date,
            Shows::Number(Some(form)) => Kind::Formatted(form),
            Shows::Number(None) | Shows::Duration => Kind::Number,
        }
    }
}

/// A text in the cell itself, behind `<is>`, to behind `</is>`.
fn inline_text(cursor: &mut Cursor<'_>, finds: &mut Finds<'_>) -> Result<Content, Halt> {
    if let Some((text, length)) = plain_text(cursor.rest(), b"</is>") {
        let start = cursor.at() + b"<t>".len();
        cursor.skip(length);
        return Ok(Content::Some(Kind::Raw, range(start, start + text.len())));
    }
    let start = finds.decoded.len();
    rich_text(cursor, b"</is>", finds.decoded)?;
    Ok(Content::Some(Kind::Decoded, range(start, finds.decoded.len())))
}

/// Formulas are passed over, but what is in them must be XML.
fn check_formula(text: &[u8]) -> Result<(), Unusual> {
    if text.contains(&b'&') {
        xml::resolved(std::str::from_utf8(text).map_err(|_| Unusual::Encoding)?)?;
    }
    Ok(())
}

fn decoded(finds: &mut Finds<'_>, text: &[u8]) -> Content {
    let start = finds.decoded.len();
    finds.decoded.extend_from_slice(text);
    Content::Some(Kind::Decoded, range(start, finds.decoded.len()))
}

/// How the references of a row's cells end: its digits and a quote, as one number to compare with.
struct ReferenceEnd {
    bytes: u64,
    mask: u64,
    length: usize,
}

impl ReferenceEnd {
    /// Of a row with at most seven digits.
    fn of(row: u32) -> Self {
        // From the last byte to the first: the quote, then the digits from the right.
        let (mut bytes, mut length, mut rest) = (u64::from(b'"'), 1, row);
        while rest > 0 {
            bytes = (bytes << 8) | (u64::from(b'0') + u64::from(rest % 10));
            length += 1;
            rest /= 10;
        }
        Self { bytes, mask: u64::MAX >> (64 - 8 * length), length }
    }

    /// The column of ` r="AB12"` at the beginning of `rest`, if it is in this row, and what is behind it.
    #[inline]
    fn column<'b>(&self, rest: &'b [u8]) -> Option<(u32, &'b [u8])> {
        let letter = |byte: u8| u32::from(byte - b'A') + 1;
        let (column, digits) = match rest {
            [b' ', b'r', b'=', b'"', a @ b'A'..=b'Z', digits @ ..] if !digits.first()?.is_ascii_uppercase() => {
                (letter(*a), digits)
            }
            [b' ', b'r', b'=', b'"', a @ b'A'..=b'Z', b @ b'A'..=b'Z', digits @ ..]
                if !digits.first()?.is_ascii_uppercase() =>
            {
                (letter(*a) * 26 + letter(*b), digits)
            }
            [b' ', b'r', b'=', b'"', a @ b'A'..=b'Z', b @ b'A'..=b'Z', c @ b'A'..=b'Z', digits @ ..] => {
                ((letter(*a) * 26 + letter(*b)) * 26 + letter(*c), digits)
            }
            _ => return None,
        };
        let found = u64::from_le_bytes(*digits.first_chunk()?);
        if found & self.mask != self.bytes {
            return None;
        }
        Some((column - 1, digits.get(self.length..)?))
    }
}

/// 0-based column of one to three capitals.
fn column_of(letters: &[u8]) -> Option<u32> {
    if !matches!(letters.len(), 1..=3) || !letters.iter().all(u8::is_ascii_uppercase) {
        return None;
    }
    Some(letters.iter().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1) - 1)
}

/// A whole number of digits alone.
fn whole(text: &[u8]) -> Option<u32> {
    let (value, length) = number::index(text)?;
    (length == text.len()).then_some(value)
}

/// `A1` or `A1:X500`, in this order.
fn is_dimension_plain(value: &[u8]) -> bool {
    let place = |reference: &[u8]| {
        let (letters, row) = reference.split_at(reference.iter().position(u8::is_ascii_digit)?);
        Some((column_of(letters)?, whole(row).filter(|row| *row > 0)?))
    };
    let mut ends = value.split(|byte| *byte == b':');
    match (ends.next().and_then(place), ends.next().map(place), ends.next()) {
        (Some(_), None, None) => true,
        (Some((column, row)), Some(Some((last_column, last_row))), None) => column <= last_column && row <= last_row,
        _ => false,
    }
}
