//! Delimited text: encoding, delimiter, and rows numbered as Excel numbers them when it opens the file.
//!
//! Knows nothing of datasets. Rows are split here and not by a csv library because blank lines count as rows and a line
//! break in quotes does not.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::cell::{Batch, Cell, Flow, TakeRow};

/// Lines looked at to find the delimiter.
const SAMPLE_LINES: usize = 20;

/// The text of a file: UTF-8 or UTF-16 with a byte order mark, UTF-8 without, else GB18030. None if it is no text.
pub fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..)?);
        return Some(text);
    }
    if memchr::memchr(0, bytes).is_some() {
        return None;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text)).filter(|text| is_text(text));
    }
    // Neither may be clean: a file with a few broken bytes is what it is with the fewest replacements.
    let (encoding, text) = [GB18030, UTF_8]
        .map(|encoding| (encoding, encoding.decode_without_bom_handling(bytes).0))
        .into_iter()
        .min_by_key(|(_, text)| text.matches('\u{fffd}').count())?;
    let lost = text.matches('\u{fffd}').count();
    let tolerable = lost * 200 <= text.chars().count() || encoding == UTF_8 && lost * 50 <= text.chars().count();
    Some(text).filter(|text| tolerable && is_text(text))
}

fn is_text(text: &str) -> bool {
    let control =
        text.bytes().filter(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0xc | 0x1a)).count();
    control * 100 <= text.len()
}

/// A delimited text ready to be read.
#[derive(Debug)]
pub struct Delimited<'t> {
    text: &'t str,
    delimiter: u8,
}

impl<'t> Delimited<'t> {
    /// Finds the delimiter: the one a first line `sep=;` names, else the most frequent of tab, semicolon and comma outside
    /// quotes.
    pub fn new(text: &'t str) -> Self {
        if let Some(rest) = text.strip_prefix("sep=")
            && let Some(delimiter) = rest.bytes().next().filter(u8::is_ascii)
            && let Some(body) = rest.get(1..).and_then(|rest| rest.strip_prefix("\r\n").or(rest.strip_prefix('\n')))
        {
            return Self { text: body, delimiter };
        }
        let mut counts = [(b'\t', 0_usize), (b';', 0), (b',', 0)];
        let mut quoted = false;
        let mut lines = 0;
        for byte in text.bytes() {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => lines += 1,
                _ if !quoted => {
                    if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
                        *count += 1;
                    }
                }
                _ => {}
            }
            if lines >= SAMPLE_LINES {
                break;
            }
        }
        let [tab, semicolon, comma] = counts;
        let most = [comma, semicolon, tab].into_iter().max_by_key(|(_, count)| *count);
        Self { text, delimiter: most.map_or(b',', |(delimiter, _)| delimiter) }
    }

    /// Hands the rows to `take`.
    pub fn stream(&self, take: &mut TakeRow<'_>) -> Flow {
        let mut rest = self.text;
        let mut row = 0_u32;
        let mut batch = Batch::default();
        while !rest.is_empty() {
            if batch.full_before(row) {
                let flow = batch.each_row(take);
                if flow != Flow::More {
                    return flow;
                }
                batch.clear();
            }
            rest = self.read_row(rest, row, &mut batch);
            row = row.saturating_add(1);
        }
        batch.each_row(take)
    }

    /// Reads one row into the batch and returns what follows it.
    fn read_row(&self, text: &'t str, row: u32, batch: &mut Batch<'t>) -> &'t str {
        let mut rest = text;
        let mut column = 0_u32;
        loop {
            let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
                quoted_field(quoted, self.delimiter)
            } else {
                let end = memchr::memchr3(self.delimiter, b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
                let (field, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (Cow::Borrowed(field), after)
            };
            push(batch, row, column, field);
            column = column.saturating_add(1);
            rest = match after.as_bytes() {
                [b'\r', b'\n', ..] => return after.get(2..).unwrap_or_default(),
                [b'\r' | b'\n', ..] => return after.get(1..).unwrap_or_default(),
                [_, ..] => after.get(1..).unwrap_or_default(),
                [] => return "",
            };
        }
    }
}

/// A field in quotes, the first of which was taken off, up to the delimiter or line end behind it.
fn quoted_field(text: &str, delimiter: u8) -> (Cow<'_, str>, &str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    let mut doubled = false;
    loop {
        let Some(quote) = bytes.get(from..).and_then(|rest| memchr::memchr(b'"', rest)).map(|at| at + from) else {
            return (unescaped(text, doubled), "");
        };
        if bytes.get(quote + 1) == Some(&b'"') {
            doubled = true;
            from = quote + 2;
            continue;
        }
        let (field, rest) = text.split_at_checked(quote).unwrap_or((text, ""));
        let rest = rest.get(1..).unwrap_or_default();
        let end = memchr::memchr3(delimiter, b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let (tail, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // `"a"b` is no valid field; Excel reads `ab`.
        let field = unescaped(field, doubled);
        return if tail.is_empty() { (field, after) } else { (Cow::Owned(field.into_owned() + tail), after) };
    }
}

fn unescaped(field: &str, doubled: bool) -> Cow<'_, str> {
    if doubled { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) }
}

fn push<'t>(batch: &mut Batch<'t>, row: u32, column: u32, field: Cow<'t, str>) {
    match field {
        Cow::Borrowed("") => {}
        Cow::Borrowed(text) => match text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
            // `="0123"` is how exports keep leading zeros.
            Some(kept) => batch.push(row, column, Cell::Text(kept)),
            None => batch.push(row, column, Cell::Text(text)),
        },
        Cow::Owned(text) => {
            let kept = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(&text);
            batch.push_text(row, column, kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, Vec<(u32, String)>)> {
        let mut rows = Vec::new();
        Delimited::new(text).stream(&mut |row, cells| {
            let shown = |cell: &Cell<'_>| if let Cell::Text(text) = cell { (*text).to_owned() } else { String::new() };
            rows.push((row, cells.iter().map(|(column, cell)| (*column, shown(cell))).collect()));
            Flow::More
        });
        rows
    }

    #[test]
    fn row_numbers_count_blank_lines_but_no_breaks_in_quotes() {
        let read = rows("a,b\r\n\r\n\"x\ny\",\"he said \"\"no\"\"\"\n,,z\n");
        assert_eq!(
            read,
            vec![
                (1, vec![(0, "a".into()), (1, "b".into())]),
                (3, vec![(0, "x\ny".into()), (1, "he said \"no\"".into())]),
                (4, vec![(2, "z".into())]),
            ]
        );
    }

    #[test]
    fn delimiters_are_found() {
        assert_eq!(rows("a;b,c\n1;2,5\n")[1].1.len(), 2);
        assert_eq!(rows("a\tb\n\"1\t2\"\t3\n")[1].1[0].1, "1\t2");
        assert_eq!(rows("sep=|\na|b\n")[0], (1, vec![(0, "a".into()), (1, "b".into())]));
    }

    #[test]
    fn text_formulas_keep_their_zeros() {
        assert_eq!(rows("=\"0123\",\"=\"\"0456\"\"\"\n")[0].1, vec![(0, "0123".into()), (1, "0456".into())]);
    }

    #[test]
    fn encodings() {
        let (gbk, _, _) = GB18030.encode("客户名称,贷款余额\n");
        assert_eq!(decoded(&gbk).as_deref(), Some("客户名称,贷款余额\n"));
        assert_eq!(decoded("\u{feff}客户".as_bytes()).as_deref(), Some("客户"));
        let utf16: Vec<u8> =
            [0xfeff_u16].into_iter().chain("客户\t1".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&utf16).as_deref(), Some("客户\t1"));
        assert_eq!(decoded(b"\x00\x01\x02binary"), None);
        assert_eq!(decoded(&[0x9c, 0x81, 0xff, 0xff, 0xfe, 0x03, 0xff].repeat(20)), None);
    }
}
