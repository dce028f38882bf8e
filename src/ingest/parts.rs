//! What calamine does not tell about an xlsx file: which rows are hidden, and where error cells stand that it does not
//! know. Looks for a few attributes in the inflated parts, without parsing them.
//!
//! Knows nothing of datasets. Finding nothing is never an error here: the sheet itself is read by calamine.

use std::{
    collections::VecDeque,
    io::{Cursor, Read},
};

use memchr::memmem;
use zip::ZipArchive;

use super::characters::is_error;

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

/// The hidden rows of a worksheet part, ascending.
pub fn hidden_rows(bytes: &[u8], path: &str) -> Vec<u32> {
    let mut rows = Vec::new();
    let finder = memmem::Finder::new(b"hidden=");
    each_piece(bytes, path, |piece| {
        for at in finder.find_iter(piece) {
            let Some(start) = piece.get(..at).and_then(|before| memchr::memrchr(b'<', before)) else { continue };
            let end = piece.get(at..).and_then(|after| memchr::memchr(b'>', after)).map_or(piece.len(), |len| at + len);
            let tag = piece.get(start + 1..end).and_then(|tag| std::str::from_utf8(tag).ok()).unwrap_or_default();
            if tag_name(tag) == "row"
                && attribute(tag, "hidden").is_some_and(|value| matches!(value, "1" | "true"))
                && let Some(row) = attribute(tag, "r").and_then(|row| row.parse().ok())
            {
                rows.push(row);
            }
        }
    });
    rows.sort_unstable();
    rows
}

/// Error cells with a text calamine refuses, in the order of the part: 0-based row and column, text.
pub fn unknown_errors(bytes: &[u8], path: &str) -> VecDeque<(u32, u32, String)> {
    let Some(part) = whole_part(bytes, path) else { return VecDeque::new() };
    let mut found = VecDeque::new();
    for (at, _) in part.match_indices("<c ") {
        let cell = part.get(at + 1..).unwrap_or_default();
        let Some((tag, rest)) = cell.split_once('>') else { continue };
        if attribute(tag, "t") != Some("e") {
            continue;
        }
        let text = rest.split_once("<v>").and_then(|(_, value)| value.split_once('<')).map_or("", |(value, _)| value);
        let known = matches!(text, "#DIV/0!" | "#N/A" | "#NAME?" | "#NULL!" | "#NUM!" | "#REF!" | "#VALUE!");
        if !known && let Some((row, column)) = attribute(tag, "r").and_then(position) {
            let text = if is_error(text) { text } else { "#ERROR!" };
            found.push_back((row, column, text.to_owned()));
        }
    }
    found
}

/// 0-based row and column of a reference such as `B3`.
fn position(reference: &str) -> Option<(u32, u32)> {
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = reference.split_at_checked(digits)?;
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let digit = letter.to_ascii_uppercase().checked_sub(b'A' - 1).filter(|digit| *digit <= 26)?;
        column.checked_mul(26)?.checked_add(u32::from(digit))
    })?;
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

fn tag_name(tag: &str) -> &str {
    let name = tag.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn tags<'x>(xml: &'x str, name: &'x str) -> impl Iterator<Item = &'x str> {
    xml.split('<')
        .skip(1)
        .filter_map(|part| part.split_once('>'))
        .map(|(tag, _)| tag)
        .filter(move |tag| tag_name(tag) == name)
}

fn attribute<'x>(tag: &'x str, name: &str) -> Option<&'x str> {
    tag.match_indices(name).find_map(|(at, _)| {
        let before = tag.get(..at)?;
        let value = tag.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        if !before.ends_with(|c: char| c.is_ascii_whitespace()) {
            return None;
        }
        value.get(1..)?.split(quote).next()
    })
}

fn open<'b>(bytes: &'b [u8], path: &str) -> Option<(ZipArchive<Cursor<&'b [u8]>>, usize)> {
    let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let wanted = path.to_ascii_lowercase();
    let is_wanted = |name: &str| name.replace('\\', "/").to_ascii_lowercase() == wanted;
    let index = (0..archive.len())
        .find(|index| archive.name_for_index(*index).is_some_and(|name| name.is_ok_and(|name| is_wanted(&name))))?;
    Some((archive, index))
}

fn whole_part(bytes: &[u8], path: &str) -> Option<String> {
    let (mut archive, index) = open(bytes, path)?;
    let mut text = Vec::new();
    archive.by_index(index).ok()?.take(1 << 31).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Hands the part over piece by piece; pieces end behind a tag, so that no tag is cut.
fn each_piece(bytes: &[u8], path: &str, mut take: impl FnMut(&[u8])) {
    let Some((mut archive, index)) = open(bytes, path) else { return };
    let Ok(mut part) = archive.by_index(index) else { return };
    let mut piece = Vec::with_capacity(2 * PIECE);
    loop {
        let kept = piece.len();
        piece.resize(kept + PIECE, 0);
        let Some(free) = piece.get_mut(kept..) else { return };
        let read = part.read(free).unwrap_or(0);
        piece.truncate(kept + read);
        if read == 0 {
            take(&piece);
            return;
        }
        let end = memchr::memrchr(b'>', &piece).map_or(0, |at| at + 1);
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
    fn attributes_are_found_whole() {
        let tag = r#"row r="12" spans='1:3' hidden = "1" customHidden="0""#;
        assert_eq!(attribute(tag, "r"), Some("12"));
        assert_eq!(attribute(tag, "hidden"), Some("1"));
        assert_eq!(attribute(tag, "spans"), Some("1:3"));
        assert_eq!(attribute(tag, "s"), None);
        assert_eq!(tag_name("x:row r=\"1\""), "row");
    }

    #[test]
    fn references() {
        assert_eq!(position("A1"), Some((0, 0)));
        assert_eq!(position("XFD1048576"), Some((1_048_575, 16_383)));
        assert_eq!(position("1A"), None);
    }
}
