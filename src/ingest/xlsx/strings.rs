//! The table of shared strings: all texts in one piece of memory. And the reading of rich texts, which stand in cells too.
//!
//! Knows no cells.

use std::ops::Range;

use super::{
    cursor::{Cursor, Halt},
    package::Inflater,
    unusual::{Stop, Unusual},
    xml,
};

/// Bytes inflated at a time.
const PIECE: usize = 1 << 17;
/// The table may become so large; offsets have 32 bits.
const LARGEST: u64 = 2 << 30;
/// One string with all its mark-up may be so long; Excel allows 32,767 characters.
const LONGEST: usize = 64 << 20;

/// The shared strings of a workbook.
#[derive(Debug, Default)]
pub struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// The string of a number.
    pub fn get(&self, index: u32) -> Option<&str> {
        let index = index as usize;
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? as usize };
        self.text.get(start..end)
    }

    /// Where their bytes lie, one after the other.
    pub fn addresses(&self) -> Range<usize> {
        let start = self.text.as_ptr().addr();
        start..start + self.text.len()
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }
}

/// Reads the table.
///
/// # Errors
/// If it is damaged, out of all proportion, or not as spreadsheet programs write it.
pub fn read_strings(mut part: Inflater<'_>) -> Result<Strings, Stop> {
    let mut texts = Vec::new();
    let mut ends: Vec<u32> = Vec::new();
    let mut piece = Vec::new();
    let mut place = Place::Before;
    let mut whole = false;
    loop {
        if !whole {
            // A string that does not end within the piece is scanned again: the piece doubles.
            let wanted = PIECE.max(piece.len());
            whole = !part.more(&mut piece, wanted)?;
        }
        if part.inflated() > LARGEST || piece.len() > LONGEST {
            return Err(Stop::Bomb);
        }
        let mut cursor = Cursor::new(&piece);
        let halt = scan(&mut cursor, &mut place, &mut texts, &mut ends);
        let passed = cursor.at();
        match halt {
            Err(Halt::More) if whole => return Err(Unusual::Truncated.into()),
            Err(Halt::Unusual(unusual)) => return Err(unusual.into()),
            Ok(()) | Err(Halt::More) => {}
        }
        // What is passed over must be text, too.
        if std::str::from_utf8(piece.get(..passed).unwrap_or_default()).is_err() {
            return Err(Unusual::Encoding.into());
        }
        piece.drain(..passed);
        if place == Place::Behind {
            // The rest is inflated for its checksum alone.
            while !whole {
                piece.clear();
                whole = !part.more(&mut piece, PIECE)?;
            }
            break;
        }
    }
    texts.shrink_to_fit();
    ends.shrink_to_fit();
    let text = String::from_utf8(texts).map_err(|_| Unusual::Encoding)?;
    Ok(Strings { text, ends })
}

/// Where in the part the cursor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Within,
    Behind,
}

/// Goes on through the part; the cursor stays behind the last string that was at hand as a whole.
fn scan(cursor: &mut Cursor<'_>, place: &mut Place, texts: &mut Vec<u8>, ends: &mut Vec<u32>) -> Result<(), Halt> {
    if *place == Place::Before {
        let mut ahead = *cursor;
        prolog(&mut ahead)?;
        ahead.expect(b"<sst", Unusual::Strings)?;
        let empty = ahead.attributes(|_, _| Ok(()))?;
        *place = if empty { Place::Behind } else { Place::Within };
        *cursor = ahead;
    }
    while *place == Place::Within {
        let mut ahead = *cursor;
        let before = texts.len();
        match string(&mut ahead, texts) {
            Ok(true) => ends.push(u32::try_from(texts.len()).map_err(|_| Unusual::Strings)?),
            Ok(false) => *place = Place::Behind,
            Err(halt) => {
                texts.truncate(before);
                return Err(halt);
            }
        }
        *cursor = ahead;
    }
    Ok(())
}

/// One `<si>`; false at the end of the table.
fn string(cursor: &mut Cursor<'_>, texts: &mut Vec<u8>) -> Result<bool, Halt> {
    cursor.spaces();
    if cursor.passes(b"<si>")? {
        rich_text(cursor, b"</si>", texts)?;
        return Ok(true);
    }
    if cursor.passes(b"<si/>")? {
        return Ok(true);
    }
    cursor.expect(b"</sst>", Unusual::Strings)?;
    Ok(false)
}

/// What may stand before the outermost element: mark, declaration, comments, blanks.
pub fn prolog(cursor: &mut Cursor<'_>) -> Result<(), Halt> {
    // UTF-16 begins with FF FE or FE FF, and without a mark with a zero byte first or second.
    if matches!(cursor.rest(), [0xff | 0xfe | 0, ..] | [_, 0, ..]) {
        return Err(Unusual::Encoding.into());
    }
    cursor.passes(b"\xef\xbb\xbf")?;
    cursor.spaces();
    if cursor.passes(b"<?xml")? {
        let end = memchr::memmem::find(cursor.rest(), b"?>").ok_or(Halt::More)?;
        let mut declaration = Cursor::new(cursor.rest().get(..end).unwrap_or_default());
        loop {
            declaration.spaces();
            if declaration.rest().is_empty() {
                break;
            }
            let Some((name, value, length)) = declared(declaration.rest()) else { return Err(Unusual::Xml.into()) };
            if name == b"encoding" && !value.eq_ignore_ascii_case(b"utf-8") {
                return Err(Unusual::Encoding.into());
            }
            declaration.skip(length);
        }
        cursor.skip(end + 2);
    }
    loop {
        cursor.spaces();
        if !cursor.passes(b"<!--")? {
            return Ok(());
        }
        let end = memchr::memmem::find(cursor.rest(), b"-->").ok_or(Halt::More)?;
        cursor.skip(end + 3);
    }
}

/// A name with its quoted value at the beginning of a declaration, and the length of both.
fn declared(bytes: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let equals = memchr::memchr(b'=', bytes)?;
    let quote = *bytes.get(equals + 1)?;
    let value = bytes.get(equals + 2..)?;
    let length = memchr::memchr(quote, value).filter(|_| matches!(quote, b'"' | b'\''))?;
    Some((bytes.get(..equals)?, value.get(..length)?, equals + length + 3))
}

/// The text of an `<si>` or `<is>`, the start tag of which was passed: the runs one after the other, phonetic ones left
/// out.
///
/// # Errors
/// If it holds anything but texts, runs and phonetic hints.
pub fn rich_text<const N: usize>(cursor: &mut Cursor<'_>, end: &[u8; N], texts: &mut Vec<u8>) -> Result<(), Halt> {
    if let Some(rest) = plain_text(cursor.rest(), end) {
        let (text, length) = rest;
        texts.extend_from_slice(text);
        cursor.skip(length);
        return Ok(());
    }
    loop {
        cursor.spaces();
        if cursor.passes(end)? {
            return Ok(());
        }
        if cursor.passes(b"<t")? {
            text(cursor, Some(texts))?;
        } else if cursor.passes(b"<r>")? {
            run(cursor, b"</r>", Some(texts))?;
        } else if cursor.passes(b"<rPh")? {
            if !cursor.attributes(|_, _| Ok(()))? {
                run(cursor, b"</rPh>", None)?;
            }
        } else if cursor.passes(b"<phoneticPr")? {
            if !cursor.attributes(|_, _| Ok(()))? {
                cursor.expect(b"</phoneticPr>", Unusual::Text)?;
            }
        } else {
            cursor.peek()?;
            return Err(Unusual::Text.into());
        }
    }
}

/// The usual case: one text that needs no decoding. The text, and the length of all to behind `end`.
#[inline]
pub fn plain_text<'b, const N: usize>(rest: &'b [u8], end: &[u8; N]) -> Option<(&'b [u8], usize)> {
    let [b'<', b't', b'>', inner @ ..] = rest else { return None };
    let length = memchr::memchr(b'<', inner)?;
    let (text, after) = inner.split_at(length);
    let [b'<', b'/', b't', b'>', after @ ..] = after else { return None };
    let (found, after) = after.split_first_chunk::<N>()?;
    if found != end {
        return None;
    }
    xml::is_plain(text, false).then_some((text, rest.len() - after.len()))
}

/// A run of rich text: its properties are passed over.
fn run<const N: usize>(cursor: &mut Cursor<'_>, end: &[u8; N], mut texts: Option<&mut Vec<u8>>) -> Result<(), Halt> {
    loop {
        cursor.spaces();
        if cursor.passes(end)? {
            return Ok(());
        }
        if cursor.passes(b"<rPr>")? {
            properties(cursor)?;
        } else if cursor.passes(b"<rPr/>")? {
        } else if cursor.passes(b"<t")? {
            text(cursor, texts.as_deref_mut())?;
        } else {
            cursor.peek()?;
            return Err(Unusual::Text.into());
        }
    }
}

/// The properties of a run: empty elements alone.
fn properties(cursor: &mut Cursor<'_>) -> Result<(), Halt> {
    loop {
        cursor.spaces();
        if cursor.passes(b"</rPr>")? {
            return Ok(());
        }
        cursor.expect(b"<", Unusual::Text)?;
        let length = cursor.rest().iter().position(|byte| !byte.is_ascii_alphanumeric()).ok_or(Halt::More)?;
        let name = cursor.rest().get(..length).unwrap_or_default();
        if matches!(name, b"" | b"t" | b"r" | b"rPh") {
            return Err(Unusual::Text.into());
        }
        cursor.skip(length);
        if !cursor.attributes(|_, _| Ok(()))? {
            cursor.expect(b"</", Unusual::Text)?;
            let end = memchr::memchr(b'>', cursor.rest()).ok_or(Halt::More)?;
            if cursor.rest().get(..end) != Some(name) {
                return Err(Unusual::Text.into());
            }
            cursor.skip(end + 1);
        }
    }
}

/// A text, of whose start tag `<t` was passed; to `texts`, if it is wanted.
fn text(cursor: &mut Cursor<'_>, texts: Option<&mut Vec<u8>>) -> Result<(), Halt> {
    let mut keeps_blanks = false;
    let empty = cursor.attributes(|name, value| match name {
        b"xml:space" => {
            keeps_blanks = value == b"preserve";
            Ok(())
        }
        _ => Err(Unusual::Text),
    })?;
    if empty {
        return Ok(());
    }
    let raw = cursor.text()?;
    cursor.expect(b"</t>", Unusual::Text)?;
    if let Some(texts) = texts {
        if xml::is_plain(raw, keeps_blanks) {
            texts.extend_from_slice(raw);
        } else {
            texts.extend_from_slice(xml::cell_text(raw, keeps_blanks)?.as_bytes());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str) -> Result<Vec<String>, Halt> {
        let (mut texts, mut ends) = (Vec::new(), Vec::new());
        let mut place = Place::Before;
        scan(&mut Cursor::new(table.as_bytes()), &mut place, &mut texts, &mut ends)?;
        let strings = Strings { text: String::from_utf8(texts).expect("UTF-8"), ends };
        Ok((0..strings.len()).filter_map(|index| strings.get(index).map(ToOwned::to_owned)).collect())
    }

    #[test]
    fn strings_of_all_kinds() {
        let table = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sst count=\"9\"><si><t>甲</t></si><si/><si><t/></si>\
                     <si><t xml:space=\"preserve\"> a </t></si><si><t> b </t></si>\
                     <si><r><rPr><b/><sz val=\"11\"/><rFont val=\"宋体\"/></rPr><t>贷</t></r><r><t xml:space=\"preserve\"> 款</t></r></si>\
                     <si><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/></si>\
                     <si><t>&lt;_x000D_&gt;</t></si></sst>";
        let expected = ["甲", "", "", " a ", "b", "贷 款", "東京", "<\r>"];
        assert_eq!(read(table).as_deref(), Ok(expected.map(ToOwned::to_owned).as_slice()));
    }

    #[test]
    fn what_is_unknown_is_left_to_others() {
        for (table, unusual) in [
            ("<x:sst/>", Unusual::Strings),
            ("<sst><si><t><![CDATA[a]]></t></si></sst>", Unusual::Text),
            ("<sst><!-- --><si/></sst>", Unusual::Strings),
            ("<sst><si><b/></si></sst>", Unusual::Text),
            ("<?xml version=\"1.0\" encoding=\"GBK\"?><sst/>", Unusual::Encoding),
            ("\u{0}<", Unusual::Encoding),
        ] {
            assert_eq!(read(table), Err(Halt::Unusual(unusual)), "{table}");
        }
        assert_eq!(read("<sst><si><t>a</t></si>"), Err(Halt::More));
    }
}
