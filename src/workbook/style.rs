//! Fonts, colours and cell formats, the same in all workbooks.

use rust_xlsxwriter::{ChartFont, Color, Format, FormatAlign, FormatBorder};

use crate::finding::Severity;

/// A font every Windows and WPS has.
pub const FONT: &str = "微软雅黑";

const RULE: Color = Color::RGB(0x00C9_D1DB);
const HEADING: Color = Color::RGB(0x00DC_E6F1);
const ENTRY_HEADING: Color = Color::RGB(0x00D8_EAD3);
const ENTRY: Color = Color::RGB(0x00F4_FAF1);
const QUIET: Color = Color::RGB(0x00F2_F2F2);
const GREY: Color = Color::RGB(0x0059_6573);
const INK: Color = Color::RGB(0x001F_3A5F);

/// Fill and font colour of a severity; told apart also in black-and-white print and by the colour-blind, since the
/// lists name the severity in words.
pub fn colours(severity: Severity) -> (Color, Color) {
    match severity {
        Severity::Error => (Color::RGB(0x00FF_C7CE), Color::RGB(0x009C_0006)),
        Severity::Warning => (Color::RGB(0x00FF_E699), Color::RGB(0x007F_4F00)),
        Severity::Info => (Color::RGB(0x00DD_EBF7), Color::RGB(0x001F_4E78)),
    }
}

/// Colour of a severity in charts.
pub fn strong(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::RGB(0x00C0_504D),
        Severity::Warning => Color::RGB(0x00E8_A33D),
        Severity::Info => Color::RGB(0x005B_9BD5),
    }
}

/// Font of chart titles.
pub fn chart_title() -> ChartFont {
    let mut font = ChartFont::new();
    font.set_name(FONT).set_size(11).set_bold();
    font
}

/// Text outside tables.
pub fn plain() -> Format {
    Format::new().set_font_name(FONT).set_font_size(10).set_align(FormatAlign::VerticalCenter)
}

/// Text outside tables that may take several lines.
pub fn paragraph() -> Format {
    plain().set_text_wrap()
}

/// Side remarks.
pub fn remark() -> Format {
    paragraph().set_font_color(GREY)
}

/// Title of a sheet.
pub fn title() -> Format {
    plain().set_font_size(16).set_bold().set_font_color(INK)
}

/// Title of a part of a sheet.
pub fn section() -> Format {
    plain().set_font_size(11).set_bold().set_font_color(INK)
}

/// A cell of a table.
pub fn cell() -> Format {
    plain().set_border(FormatBorder::Thin).set_border_color(RULE)
}

/// A cell of a table that holds text whatever it looks like.
pub fn text() -> Format {
    cell().set_num_format("@")
}

/// A cell of a table with text that may take several lines.
pub fn wrapped() -> Format {
    text().set_text_wrap()
}

/// A short code in the middle of its cell.
pub fn centred() -> Format {
    text().set_align(FormatAlign::Center)
}

/// A count.
pub fn count() -> Format {
    cell().set_num_format("#,##0")
}

/// Numbers with `scale` decimals: two always shown, the others as far as they are not zero.
pub fn decimal_format(scale: usize, thousands: bool) -> String {
    let whole = if thousands { "#,##0" } else { "0" };
    match scale {
        0 => whole.to_owned(),
        1 | 2 => format!("{whole}.{}", "0".repeat(scale)),
        _ => format!("{whole}.00{}", "#".repeat(scale - 2)),
    }
}

/// A heading of a table.
pub fn heading() -> Format {
    cell().set_bold().set_text_wrap().set_align(FormatAlign::Center).set_background_color(HEADING)
}

/// A heading of a column officers fill in.
pub fn entry_heading() -> Format {
    heading().set_background_color(ENTRY_HEADING)
}

/// A cell officers fill in: unlocked, and text, so that a long number typed into it keeps its digits.
pub fn entry() -> Format {
    wrapped().set_background_color(ENTRY).set_unlocked()
}

/// A cell that only helps to find one's way.
pub fn quiet(format: Format) -> Format {
    format.set_background_color(QUIET).set_font_color(GREY)
}

/// The total row of a table.
pub fn total(format: Format) -> Format {
    format.set_bold().set_background_color(QUIET)
}

/// `format` in the colours of a severity.
pub fn shaded(format: Format, severity: Severity) -> Format {
    let (fill, font) = colours(severity);
    format.set_background_color(fill).set_font_color(font)
}

/// `format` as a link.
pub fn link(format: Format) -> Format {
    format.set_font_color(Color::RGB(0x0005_63C1)).set_underline(rust_xlsxwriter::FormatUnderline::Single)
}
