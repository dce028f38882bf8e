//! How sheets are printed: A4, as wide as one page unless that becomes illegible, headings on every page, page numbers.

use anyhow::Result;
use rust_xlsxwriter::{ProtectionOptions, Worksheet};

use crate::text::Lang;

/// A4 in Excel's list of papers.
const A4: u8 = 9;

/// Most pages side by side.
const MOST_ACROSS: u16 = 6;

/// Longest part of a page header; the whole may have 255 characters.
const LONGEST_PART: usize = 60;

/// Sets up the page. `left` and `right` stand in the header of every page, `&` in them is harmless.
pub fn set_up(sheet: &mut Worksheet, left: &str, right: &str, lang: Lang) {
    let footer = match lang {
        Lang::Zh => "&L&A&R第 &P 页，共 &N 页",
        Lang::En => "&L&A&RPage &P of &N",
    };
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3)
        .set_header(format!("&L{}&R{}", part(left), part(right)))
        .set_footer(footer)
        .set_print_center_horizontally(true);
}

/// Characters one page across holds at about 55 per cent, the smallest print that can be read.
const LEGIBLE: f64 = 260.0;

/// Spreads a sheet `width` characters wide over as many pages across as it takes to read it, and repeats the first
/// `leading` columns on each. To be called after `set_up`.
pub fn spread(sheet: &mut Worksheet, width: f64, leading: u16) -> Result<()> {
    let pages = pages_across(width);
    if pages > 1 {
        sheet.set_print_fit_to_pages(pages, 0);
        sheet.set_repeat_columns(0, leading.saturating_sub(1))?;
    }
    Ok(())
}

fn pages_across(width: f64) -> u16 {
    (1..MOST_ACROSS).find(|pages| width <= f64::from(*pages) * LEGIBLE).unwrap_or(MOST_ACROSS)
}

/// Protects the sheet without a password: entries go into unlocked cells, while filters, sorting and widths stay free.
pub fn protect(sheet: &mut Worksheet) {
    sheet.protect_with_options(&ProtectionOptions {
        use_autofilter: true,
        sort: true,
        format_columns: true,
        format_rows: true,
        ..ProtectionOptions::new()
    });
}

fn part(text: &str) -> String {
    text.chars().take(LONGEST_PART).collect::<String>().replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_sheets_take_several_pages_across() {
        for (width, pages) in [(0.0, 1), (260.0, 1), (260.5, 2), (520.0, 2), (521.0, 3), (1.0e6, 6)] {
            assert_eq!(pages_across(width), pages, "{width}");
        }
    }
}
