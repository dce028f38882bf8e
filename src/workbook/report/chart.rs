//! A native chart of a list above it.

use anyhow::Result;
use rust_xlsxwriter::{Chart as XlsxChart, ChartType};

use super::{Drawn, canvas::Canvas};
use crate::{
    report::model::{Chart, ChartKind},
    text::Text,
    workbook::style,
};

/// Pixels of a row of usual height, and of a character of a column's width.
const ROW_PIXELS: u32 = 20;
const CHARACTER_PIXELS: u32 = 7;
/// Widest chart, in pixels.
const WIDEST: u32 = 1_000;

/// Colours of the series, told apart also when printed in grey.
const SERIES: [u32; 4] = [0x001F_3A5F, 0x00E8_A33D, 0x00C0_504D, 0x007F_9F5F];

/// Draws a chart; of a list without rows, or one that goes on over several sheets, it says so.
pub fn draw(canvas: &mut Canvas<'_>, chart: &Chart, of: Option<&Drawn>) -> Result<()> {
    let lang = canvas.lang();
    let Some(drawn) = of else {
        let text = Text::new("没有可以画图的行。", "There are no rows to draw.");
        return canvas.remark(text.get(lang));
    };
    let column = |field: &str| drawn.fields.iter().find(|(known, _)| known == field).map(|(_, column)| *column);
    let kind = match chart.kind {
        ChartKind::Column => ChartType::Column,
        ChartKind::Bar => ChartType::Bar,
        ChartKind::Line => ChartType::Line,
        ChartKind::Pie => ChartType::Pie,
    };
    let (top, bottom) = (drawn.rows.start, drawn.rows.end.saturating_sub(1));
    let mut drawing = XlsxChart::new(kind);
    for (at, field) in chart.values.iter().enumerate() {
        let (Some(category), Some(values)) = (column(&chart.category), column(field)) else { continue };
        let series = drawing.add_series();
        series
            .set_categories((drawn.sheet.as_str(), top, category, bottom, category))
            .set_values((drawn.sheet.as_str(), top, values, bottom, values))
            // The heading stands right above the rows.
            .set_name((drawn.sheet.as_str(), top.saturating_sub(1), values));
        if chart.kind != ChartKind::Pie {
            let colour = SERIES.get(at % SERIES.len()).copied().unwrap_or_default();
            let mut format = rust_xlsxwriter::ChartFormat::new();
            if chart.kind == ChartKind::Line {
                format.set_line(rust_xlsxwriter::ChartLine::new().set_color(colour).set_width(2.25));
            } else {
                format.set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(colour));
            }
            series.set_format(&mut format);
        }
    }
    drawing.title().set_name(chart.title.get(lang)).set_font(&style::chart_title());
    if chart.kind == ChartKind::Bar {
        // The first row of the list is the topmost bar.
        drawing.x_axis().set_reverse();
    }
    if chart.values.len() == 1 && chart.kind != ChartKind::Pie {
        drawing.legend().set_hidden();
    } else {
        drawing.legend().set_position(rust_xlsxwriter::ChartLegendPosition::Bottom);
    }
    let width = u32::try_from(canvas.total_width())?.saturating_mul(CHARACTER_PIXELS).min(WIDEST);
    drawing.set_width(width).set_height(chart.height * ROW_PIXELS);
    let row = canvas.row();
    canvas.sheet()?.insert_chart(row, 0, &drawing)?;
    canvas.advance(chart.height + 1);
    Ok(())
}
