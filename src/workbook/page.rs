//! How sheets are printed: A4, as wide as one page, headings on every page, page numbers.

use rust_xlsxwriter::{ProtectionOptions, Worksheet};

use crate::text::Lang;

/// A4 in Excel's list of papers.
const A4: u8 = 9;

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
