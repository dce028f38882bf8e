//! What a sheet says of itself beside its cells: rows and columns that are hidden, cells that are merged.
//!
//! Knows no datasets. The marks are read leniently: one that is ill-formed is passed over.

use memchr::memmem;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    /// First and last row number, 1-based.
    pub rows: (u32, u32),
    /// First and last column, 0-based.
    pub columns: (u32, u32),
}

/// The marks of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Numbers of the hidden rows, in the order of the file.
    pub hidden_rows: Vec<u32>,
    /// First and last of the hidden columns, 0-based, in the order of the file.
    pub hidden_columns: Vec<(u32, u32)>,
    /// Merged cells, in the order of the file.
    pub merged: Vec<Area>,
}

impl Marks {
    /// Adds the hidden columns `min` to `max`, as the file counts them: from 1.
    pub fn hide_columns(&mut self, min: Option<u32>, max: Option<u32>) {
        if let (Some(min), Some(max)) = (min, max)
            && let Some(first) = min.checked_sub(1).filter(|_| min <= max)
        {
            self.hidden_columns.push((first, max - 1));
        }
    }

    /// The column is hidden.
    pub fn hides_column(&self, column: u32) -> bool {
        self.hidden_columns.iter().any(|(first, last)| (*first..=*last).contains(&column))
    }

    /// Adds the merged cells of whole tags, whatever else stands between them.
    pub fn merge_cells(&mut self, xml: &[u8]) {
        for at in memmem::find_iter(xml, b"mergeCell ") {
            let tag = memchr::memrchr(b'<', xml.get(..at).unwrap_or_default()).and_then(|start| xml.get(start + 1..));
            let tag = tag.and_then(|tag| tag.get(..memchr::memchr(b'>', tag)?));
            let tag = tag.and_then(|tag| std::str::from_utf8(tag).ok()).unwrap_or_default();
            if tag_name(tag) == "mergeCell"
                && let Some(area) = attribute(tag, "ref").and_then(area)
            {
                self.merged.push(area);
            }
        }
    }
}

/// Finds merged cells in the XML behind the rows, which comes in pieces.
#[derive(Debug, Default)]
pub struct Tail {
    rest: Vec<u8>,
}

impl Tail {
    /// Takes a piece.
    pub fn take(&mut self, piece: &[u8], marks: &mut Marks) {
        self.rest.extend_from_slice(piece);
        let Some(end) = memchr::memrchr(b'>', &self.rest) else {
            // No tag is as long.
            if self.rest.len() > LONGEST_TAG {
                self.rest.clear();
            }
            return;
        };
        marks.merge_cells(self.rest.get(..=end).unwrap_or_default());
        self.rest.drain(..=end);
    }
}

const LONGEST_TAG: usize = 1 << 20;

/// `A1:B2` as an area.
fn area(reference: &str) -> Option<Area> {
    let (first, last) = reference.split_once(':')?;
    let ((first_row, first_column), (last_row, last_column)) = (position(first)?, position(last)?);
    let ordered = first_row <= last_row && first_column <= last_column;
    ordered.then_some(Area { rows: (first_row + 1, last_row + 1), columns: (first_column, last_column) })
}

/// 0-based row and column of a reference such as `B3`, within Excel's limits.
pub fn position(reference: &str) -> Option<(u32, u32)> {
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = reference.split_at_checked(digits)?;
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let digit = letter.to_ascii_uppercase().checked_sub(b'A' - 1).filter(|digit| *digit <= 26)?;
        column.checked_mul(26)?.checked_add(u32::from(digit))
    })?;
    let (row, column) = (row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?);
    (row < 1_048_576 && column < 16_384).then_some((row, column))
}

/// The name of a tag, without its prefix.
pub fn tag_name(tag: &str) -> &str {
    let name = tag.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The value of an attribute of a tag, as written.
pub fn attribute<'x>(tag: &'x str, name: &str) -> Option<&'x str> {
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
        for reference in ["1A", "A0", "A", "XFE1", "A1048577", ""] {
            assert_eq!(position(reference), None, "{reference}");
        }
        assert_eq!(area("B2:C9"), Some(Area { rows: (2, 9), columns: (1, 2) }));
        assert_eq!(area("C9:B2"), None);
        assert_eq!(area("B2"), None);
    }

    /// Wherever the pieces end, the same merged cells are found.
    #[test]
    fn merged_cells_in_pieces() {
        let xml = "<autoFilter ref=\"A1:B9\"/><mergeCells count=\"3\"><mergeCell ref=\"A2:A4\"/><x:mergeCell  ref='B2:D2' />\
                   <mergeCell ref=\"A0:B1\"/></mergeCells><note>mergeCell ref=\"A1:B1\"</note>";
        let expected = [Area { rows: (2, 4), columns: (0, 0) }, Area { rows: (2, 2), columns: (1, 3) }];
        for cut in 0..xml.len() {
            let (mut tail, mut marks) = (Tail::default(), Marks::default());
            tail.take(&xml.as_bytes()[..cut], &mut marks);
            tail.take(&xml.as_bytes()[cut..], &mut marks);
            assert_eq!(marks.merged, expected, "cut at {cut}");
        }
    }

    #[test]
    fn hidden_columns() {
        let mut marks = Marks::default();
        marks.hide_columns(Some(3), Some(4));
        for (min, max) in [(Some(0), Some(1)), (Some(5), Some(4)), (None, Some(1))] {
            marks.hide_columns(min, max);
        }
        assert_eq!(marks.hidden_columns, [(2, 3)]);
        let hidden: Vec<u32> = (0..6).filter(|column| marks.hides_column(*column)).collect();
        assert_eq!(hidden, [2, 3]);
    }
}
