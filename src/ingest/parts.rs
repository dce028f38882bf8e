//! What calamine does not tell about an xlsx file, or only at a price: what is hidden or merged, whether there are formulas
//! without a value, and where error cells stand that it does not know. Looks for a few marks in the inflated parts,
//! without parsing them.
//!
//! Knows nothing of datasets. Finding nothing is never an error here: the sheet itself is read by calamine.

use std::{
    collections::VecDeque,
    io::{Cursor, Read},
};

use memchr::memmem;
use zip::ZipArchive;

use super::{
    characters::is_error,
    marks::{Marks, attribute, position, tag_name},
};

/// Bytes inflated at a time.
const PIECE: usize = 1 << 18;

/// The parts of the worksheets, in the order of the workbook.
pub fn sheet_paths(bytes: &[u8]) -> Vec<String> {
    let Some(workbook) = whole_part(bytes, "xl/workbook.xml") else { return Vec::new() };
    let Some(relations) = whole_part(bytes, "xl/_rels/workbook.xml.rels") else { return Vec::new() };
    let targets: Vec<(String, String)> = tags(&relations, "Relationship")
        .filter_map(|tag| Some((attribute(tag, "Id")?.to_owned(), attribute(tag, "Target")?.to_owned())))
        .collect();
    tags(&workbook, "sheet")
        .map(|tag| {
            let id = tag.split_ascii_whitespace().find_map(|part| part.split_once(":id=")).map(|(_, value)| value);
            let id = id.map(|value| value.trim_matches(['"', '\'', '/']));
            let target = targets.iter().find(|(target_id, _)| Some(target_id.as_str()) == id);
            target.map_or_else(String::new, |(_, target)| match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("xl/{target}"),
            })
        })
        .collect()
}

/// What a look through a worksheet part shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// What the sheet says of itself; hidden rows ascending.
    pub marks: Marks,
    /// Some formula has no stored result, or it is not known that all have one.
    pub formula_without_value: bool,
}

impl Survey {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Self { marks: Marks::default(), formula_without_value: true }
    }
}

/// Looks through a worksheet part.
pub fn survey(bytes: &[u8], path: &str) -> Survey {
    let mut survey = Survey::default();
    let (hidden, formula) = (memmem::Finder::new(b"hidden="), memmem::Finder::new(b"<f"));
    // With another prefix the marks below are not found.
    let mut is_plain = false;
    let mut unnumbered = false;
    let seen = each_piece(bytes, path, |piece| {
        is_plain = is_plain || memmem::find(piece, b"<sheetData").is_some();
        for at in hidden.find_iter(piece) {
            unnumbered |= !add_hidden(&mut survey.marks, piece, at);
        }
        survey.marks.merge_cells(piece);
        survey.formula_without_value =
            survey.formula_without_value || formula.find_iter(piece).any(|at| lacks_value(piece, at));
    });
    if !seen || !is_plain {
        survey.formula_without_value = true;
    }
    if unnumbered {
        survey.marks.hidden_rows = counted_hidden_rows(bytes, path);
    }
    survey.marks.hidden_rows.sort_unstable();
    survey
}

/// Adds the row, or the columns, in whose tag the attribute at `at` says that they are hidden. False for a row without a
/// number.
fn add_hidden(marks: &mut Marks, piece: &[u8], at: usize) -> bool {
    let start = memchr::memrchr(b'<', piece.get(..at).unwrap_or_default()).map_or(at, |start| start + 1);
    let end = memchr::memchr(b'>', piece.get(at..).unwrap_or_default()).map_or(piece.len(), |length| at + length);
    let tag = piece.get(start..end).and_then(|tag| std::str::from_utf8(tag).ok()).unwrap_or_default();
    if !is_hidden(tag) {
        return true;
    }
    let number = |name: &str| attribute(tag, name).and_then(|value| value.parse().ok());
    match tag_name(tag) {
        "row" => {
            let number = number("r");
            marks.hidden_rows.extend(number);
            return number.is_some();
        }
        "col" => marks.hide_columns(number("min"), number("max")),
        _ => {}
    }
    true
}

fn is_hidden(tag: &str) -> bool {
    attribute(tag, "hidden").is_some_and(|value| matches!(value, "1" | "true"))
}

/// Numbers of the hidden rows where not all rows have one of their own: such a row follows the one before.
fn counted_hidden_rows(bytes: &[u8], path: &str) -> Vec<u32> {
    let (mut last, mut hidden) = (0_u32, Vec::new());
    each_piece(bytes, path, |piece| {
        let piece = String::from_utf8_lossy(piece);
        for tag in tags(&piece, "row") {
            let number = attribute(tag, "r").and_then(|number| number.parse().ok());
            last = number.unwrap_or_else(|| last.saturating_add(1));
            hidden.extend(is_hidden(tag).then_some(last));
        }
    });
    hidden
}

/// Whether the formula element at `at` is followed by no value. An empty value of a text is one.
fn lacks_value(piece: &[u8], at: usize) -> bool {
    let Some(element) = piece.get(at..) else { return false };
    if !element.get(2).is_some_and(|next| matches!(next, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n')) {
        return false;
    }
    let Some(tag_end) = memchr::memchr(b'>', element) else { return true };
    let closed = tag_end > 0 && element.get(tag_end - 1) == Some(&b'/');
    let after = if closed {
        element.get(tag_end + 1..)
    } else {
        memmem::find(element, b"</f>").and_then(|end| element.get(end + 4..))
    };
    let after = after.unwrap_or_default().trim_ascii_start();
    match after.strip_prefix(b"<v") {
        Some(value) => {
            let empty = value.trim_ascii_start().starts_with(b"/>") || value.starts_with(b"></v>");
            let cell = piece.get(..at).and_then(|before| Some((before, memmem::rfind(before, b"<c")?)));
            let tag = cell.and_then(|(before, start)| std::str::from_utf8(before.get(start + 1..)?).ok());
            empty && tag.is_none_or(|tag| attribute(tag, "t") != Some("str"))
        }
        None => true,
    }
}

/// Error cells with a text calamine refuses, in the order of the part: 0-based row and column, text.
pub fn unknown_errors(bytes: &[u8], path: &str) -> VecDeque<(u32, u32, String)> {
    let mut found = VecDeque::new();
    each_piece(bytes, path, |piece| {
        let piece = String::from_utf8_lossy(piece);
        found.extend(piece.match_indices("<c ").filter_map(|(at, _)| unknown_error(piece.get(at + 1..)?)));
    });
    found
}

/// The place and text of a cell, the XML of which begins here, if it is an error calamine does not know.
fn unknown_error(cell: &str) -> Option<(u32, u32, String)> {
    let (tag, rest) = cell.split_once('>')?;
    if attribute(tag, "t") != Some("e") {
        return None;
    }
    let text = rest.split_once("<v>").and_then(|(_, value)| value.split_once('<')).map_or("", |(value, _)| value);
    if matches!(text, "#DIV/0!" | "#N/A" | "#NAME?" | "#NULL!" | "#NUM!" | "#REF!" | "#VALUE!") {
        return None;
    }
    let (row, column) = attribute(tag, "r").and_then(position)?;
    Some((row, column, if is_error(text) { text } else { "#ERROR!" }.to_owned()))
}

fn tags<'x>(xml: &'x str, name: &'x str) -> impl Iterator<Item = &'x str> {
    xml.split('<')
        .skip(1)
        .filter_map(|part| part.split_once('>'))
        .map(|(tag, _)| tag)
        .filter(move |tag| tag_name(tag) == name)
}

fn open<'b>(bytes: &'b [u8], path: &str) -> Option<(ZipArchive<Cursor<&'b [u8]>>, usize)> {
    let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let wanted = path.to_ascii_lowercase();
    let is_wanted = |name: &str| name.replace('\\', "/").to_ascii_lowercase() == wanted;
    let index = (0..archive.len())
        .find(|index| archive.name_for_index(*index).is_some_and(|name| name.is_ok_and(|name| is_wanted(&name))))?;
    Some((archive, index))
}

pub fn whole_part(bytes: &[u8], path: &str) -> Option<String> {
    let (mut archive, index) = open(bytes, path)?;
    let mut text = Vec::new();
    archive.by_index(index).ok()?.take(1 << 31).read_to_end(&mut text).ok()?;
    Some(String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Hands the part over piece by piece; pieces end behind a row, or if a row is very long, behind a tag. False if there is
/// no such part.
pub fn each_piece(bytes: &[u8], path: &str, mut take: impl FnMut(&[u8])) -> bool {
    let Some((mut archive, index)) = open(bytes, path) else { return false };
    let Ok(mut part) = archive.by_index(index) else { return false };
    let mut piece = Vec::with_capacity(2 * PIECE);
    loop {
        let kept = piece.len();
        piece.resize(kept + PIECE, 0);
        let Some(free) = piece.get_mut(kept..) else { return false };
        let Ok(read) = part.read(free) else { return false };
        piece.truncate(kept + read);
        if read == 0 {
            take(&piece);
            return true;
        }
        let end = match memmem::rfind(&piece, b"</row>") {
            Some(at) => at + 6,
            None if piece.len() > 64 * PIECE => memchr::memrchr(b'>', &piece).map_or(0, |at| at + 1),
            None => 0,
        };
        if let Some(whole) = piece.get(..end) {
            take(whole);
        }
        piece.drain(..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_without_a_value() {
        for (xml, lacks) in [
            ("<c r=\"A1\"><f>B1</f><v>6</v></c>", false),
            ("<c r=\"A1\"><f>B1</f></c>", true),
            ("<c r=\"A1\"><f>B1</f><v></v></c>", true),
            ("<c r=\"A1\"><f>B1</f> <v/></c>", true),
            ("<c r=\"A1\" t=\"str\"><f>B1</f><v></v></c>", false),
            ("<c r=\"A1\"><f t=\"shared\" si=\"0\"/><v>1</v></c>", false),
            ("<c r=\"A1\"><f t=\"shared\" si=\"0\"/></c>", true),
            ("<font/><c r=\"A1\"><v>1</v></c>", false),
        ] {
            let found = memmem::find_iter(xml.as_bytes(), b"<f").any(|at| lacks_value(xml.as_bytes(), at));
            assert_eq!(found, lacks, "{xml}");
        }
    }
}
