//! Rows, cells and links of a sheet as XML, for sheets that are written in pieces.
//!
//! Knows the markup, not what the cells are about.

use std::fmt::Write as _;

use super::cell::fitted;
use crate::table::column_letters;

/// The letters of the first columns, `A` first.
pub fn letters(columns: usize) -> Vec<String> {
    (0..u32::try_from(columns).unwrap_or(u32::MAX)).map(column_letters).collect()
}

/// The height of a row as the markup has it: in points, to the nearest pixel of three quarters.
pub fn height(points: f64) -> String {
    ((points * 4.0 / 3.0).round() * 0.75).to_string()
}

/// Rows being written. Columns count from 0.
pub struct Rows<'l> {
    out: String,
    letters: &'l [String],
    row: String,
}

impl<'l> Rows<'l> {
    /// No rows yet; `capacity` is the number of bytes expected.
    pub fn new(letters: &'l [String], capacity: usize) -> Self {
        Self { out: String::with_capacity(capacity), letters, row: String::new() }
    }

    /// Begins a row, counted from 1.
    pub fn begin(&mut self, row: usize, height: Option<&str>) {
        self.row = row.to_string();
        self.out.extend(["<row r=\"", &self.row]);
        if let Some(height) = height {
            self.out.extend(["\" ht=\"", height, "\" customHeight=\"1"]);
        }
        self.out.push_str("\">");
    }

    /// Ends the row.
    pub fn end(&mut self) {
        self.out.push_str("</row>");
    }

    fn cell(&mut self, column: usize, style: u32) {
        let letters = self.letters.get(column).map_or("", String::as_str);
        self.out.extend(["<c r=\"", letters, &self.row, "\" s=\""]);
        digits(&mut self.out, style);
        self.out.push('"');
    }

    /// A cell with text, never a formula; without any it is blank.
    pub fn text(&mut self, column: usize, style: u32, text: &str) {
        self.cell(column, style);
        text_cell(&mut self.out, text);
    }

    /// A cell with a whole number.
    pub fn whole(&mut self, column: usize, style: u32, number: u32) {
        self.cell(column, style);
        self.out.push_str("><v>");
        digits(&mut self.out, number);
        self.out.push_str("</v></c>");
    }

    /// A cell with a finite number.
    pub fn number(&mut self, column: usize, style: u32, number: f64) {
        self.cell(column, style);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "><v>{number}</v></c>");
    }

    /// A cell with nothing but its style.
    pub fn blank(&mut self, column: usize, style: u32) {
        self.cell(column, style);
        self.out.push_str("/>");
    }

    /// The markup.
    pub fn finish(self) -> String {
        self.out
    }
}

fn digits(out: &mut String, number: u32) {
    if number >= 10 {
        digits(out, number / 10);
    }
    out.push(char::from_digit(number % 10, 10).unwrap_or('0'));
}

/// A link from the cell `from`, such as `M6`, to a cell of a sheet of the same workbook.
pub fn link(out: &mut String, from: (&str, usize), sheet: &str, to: (&str, usize), shown: &str) {
    let _ = write!(out, "<hyperlink ref=\"{}{}\" location=\"'", from.0, from.1);
    escape(out, &sheet.replace('\'', "''"));
    let _ = write!(out, "'!{}{}\" display=\"", to.0, to.1);
    escape(out, shown);
    out.push_str("\"/>");
}

/// The rest of a cell with text, behind its style.
pub fn text_cell(out: &mut String, text: &str) {
    if text.is_empty() {
        return out.push_str("/>");
    }
    let text = fitted(text);
    out.push_str(" t=\"inlineStr\"><is><t");
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) || text.contains('\n') {
        out.push_str(" xml:space=\"preserve\"");
    }
    out.push('>');
    escape(out, &text);
    out.push_str("</t></is></c>");
}

/// Text as XML, also within quotes; what XML cannot hold, and text that looks like Excel's way of writing it, in Excel's way (`_x0001_`).
fn escape(out: &mut String, text: &str) {
    // Most text is plain.
    if !text.bytes().any(|byte| byte < b' ' || matches!(byte, b'&' | b'<' | b'>' | b'"' | b'_' | 0xef)) {
        return out.push_str(text);
    }
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "_x{:04X}_", u32::from(c));
            }
            '_' if is_escape(text.get(at..).unwrap_or_default()) => out.push_str("_x005F_"),
            _ => out.push(c),
        }
    }
}

/// Whether text begins like `_x0041_`.
fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.get(1) == Some(&b'x')
        && bytes.get(6) == Some(&b'_')
        && bytes.get(2..6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_xml_cannot_hold_is_written_in_excels_way() {
        let mut out = String::new();
        escape(&mut out, "a<b>&c\u{1}_x0041_ _x1_\r\"d\"");
        assert_eq!(out, "a&lt;b&gt;&amp;c_x0001__x005F_x0041_ _x1__x000D_&quot;d&quot;");
    }

    #[test]
    fn a_row_is_written() {
        let letters = letters(28);
        let mut rows = Rows::new(&letters, 0);
        rows.begin(1_048_576, Some(&height(51.5)));
        rows.whole(0, 10, 0);
        rows.number(25, 1, -1_200.5);
        rows.text(26, 2, "a\nb");
        rows.blank(27, 3);
        rows.end();
        assert_eq!(
            rows.finish(),
            "<row r=\"1048576\" ht=\"51.75\" customHeight=\"1\"><c r=\"A1048576\" s=\"10\"><v>0</v></c>\
             <c r=\"Z1048576\" s=\"1\"><v>-1200.5</v></c>\
             <c r=\"AA1048576\" s=\"2\" t=\"inlineStr\"><is><t xml:space=\"preserve\">a\nb</t></is></c>\
             <c r=\"AB1048576\" s=\"3\"/></row>"
        );
    }

    #[test]
    fn a_link_names_its_sheet() {
        let mut out = String::new();
        link(&mut out, ("M", 6), "a & 'b'", ("H", 3), "5, 6");
        assert_eq!(out, "<hyperlink ref=\"M6\" location=\"'a &amp; ''b'''!H3\" display=\"5, 6\"/>");
    }
}
