//! Writing single cells within Excel's limits.

use std::borrow::Cow;

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// Longest text of a cell, in UTF-16 units.
const LONGEST_TEXT: usize = 32_767;

/// Rows a sheet has.
pub const MAX_ROWS: usize = 1_048_576;

/// Links a sheet can have.
pub const MAX_LINKS: usize = 65_530;

/// Writes text, never as a formula; an empty text leaves a formatted blank cell. Text beyond Excel's limit is cut,
/// with `…` at its end.
///
/// # Errors
/// If the cell is outside the sheet or the sheet cannot be written to.
pub fn write_text(sheet: &mut Worksheet, row: u32, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
    if text.is_empty() {
        sheet.write_blank(row, column, format)?;
    } else {
        sheet.write_string_with_format(row, column, fitted(text).as_ref(), format)?;
    }
    Ok(())
}

/// `text` as a cell can hold it.
pub fn fitted(text: &str) -> Cow<'_, str> {
    if text.starts_with("<r>") && text.ends_with("</r>") {
        // The writer takes such text for its own rich-text markup and would copy it into the file unescaped.
        return Cow::Owned(format!(" {text}"));
    }
    if text.len() <= LONGEST_TEXT || text.encode_utf16().count() <= LONGEST_TEXT {
        return Cow::Borrowed(text);
    }
    let mut length = 0;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            length += c.len_utf16();
            length < LONGEST_TEXT
        })
        .collect();
    kept.push('…');
    Cow::Owned(kept)
}

/// A number Excel holds exactly as written: digits with at most one point, no more than 15 of them significant.
pub fn exact_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    // Zeros in front of the first other digit do not count, nor, where there are decimals, those behind the last.
    let has_decimals = !fraction.is_empty();
    let fraction = fraction.trim_end_matches('0');
    let whole = whole.trim_start_matches('0');
    let whole = if has_decimals && fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
    let leading = if whole.is_empty() { fraction.len() - fraction.trim_start_matches('0').len() } else { 0 };
    if whole.len() + fraction.len() - leading > 15 {
        return None;
    }
    text.parse().ok()
}

/// A count as a cell value; counts beyond 2^53 do not occur.
#[allow(clippy::cast_precision_loss)]
pub fn count_value(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_text() {
        assert_eq!(exact_number("499.99"), Some(499.99));
        assert_eq!(exact_number("-0.01"), Some(-0.01));
        assert_eq!(exact_number("123456789012345"), Some(123_456_789_012_345.0));
        assert_eq!(exact_number("1234567890123456"), None);
        assert_eq!(exact_number("1234567890123450"), None);
        assert_eq!(exact_number("1234567890123450.00"), Some(1_234_567_890_123_450.0));
        assert_eq!(exact_number("000123.4567890123450"), Some(123.456_789_012_345));
        assert_eq!(exact_number("0.1234567890123456"), None);
        assert_eq!(exact_number("0.0000001234567890123450"), Some(0.000_000_123_456_789_012_345));
        for text in ["", "-", ".5", "1e5", "1.2.3", "１２", "1,2", "=1"] {
            assert_eq!(exact_number(text), None, "{text}");
        }
    }

    #[test]
    fn long_text_is_cut_at_the_limit() {
        let cut = fitted(&"字".repeat(40_000)).into_owned();
        assert_eq!(cut.encode_utf16().count(), 32_767);
        assert!(cut.ends_with('…'));
        assert_eq!(fitted(&"字".repeat(32_767)).encode_utf16().count(), 32_767);
        assert_eq!(fitted("<r>a</r>"), " <r>a</r>");
    }
}
