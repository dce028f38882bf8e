//! Column widths and row heights from what the cells show; a Chinese character is as wide as two Latin ones.

use unicode_width::UnicodeWidthStr;

/// Height of one line of text, in points.
pub const LINE_HEIGHT: f64 = 16.5;

/// The widest line of `text`, in Latin characters.
pub fn display_width(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// How many lines `text` takes in a column `width` characters wide.
pub fn line_count(text: &str, width: usize) -> usize {
    text.lines().map(|line| line.width().div_ceil(width.max(1)).max(1)).sum::<usize>().max(1)
}

/// Width of a column, in characters, that shows cells `widest` wide: with some air, and within bounds.
pub fn column_width(widest: usize, least: usize, most: usize) -> f64 {
    let width = (widest + 2).clamp(least, most);
    f64::from(u32::try_from(width).unwrap_or(u32::MAX))
}

/// Height of a row, in points, with `lines` lines; Excel allows 409.
pub fn row_height(lines: usize) -> f64 {
    (f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) * LINE_HEIGHT).min(409.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_counts_double() {
        assert_eq!(display_width("贷款A"), 5);
        assert_eq!(display_width("a\n贷款"), 4);
        assert_eq!(display_width(""), 0);
    }

    #[test]
    fn lines_wrap() {
        assert_eq!(line_count("贷款贷款贷款", 4), 3);
        assert_eq!(line_count("a\nb", 10), 2);
        assert_eq!(line_count("", 10), 1);
    }
}
