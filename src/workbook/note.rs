//! Notes on flagged cells: what is wrong and what to do.

use rust_xlsxwriter::Note;

use super::{style::FONT, width::line_count};

/// Notes slow Excel down, and take some ten kilobytes each while the workbook is written; with more of them in a
/// workbook, fewer cells get one.
pub const MAX_NOTES: usize = 5_000;

/// Longest note, in characters.
const LONGEST: usize = 1_000;

/// Characters in a line of a note.
const LINE: usize = 44;

/// A note that joins the texts of all findings on a cell.
pub fn note(texts: &[String]) -> Note {
    let mut text: String = texts.join("\n");
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(cut);
        text.push('…');
    }
    let lines = u32::try_from(line_count(&text, LINE)).unwrap_or(u32::MAX).min(24);
    Note::new(text)
        .add_author_prefix(false)
        .set_font_name(FONT)
        .set_font_size(9)
        .set_width(320)
        .set_height(lines * 17 + 14)
}
