//! The hidden sheet by which a workbook that comes back is matched with its run.

use anyhow::Result;
use rust_xlsxwriter::Workbook;

use super::{cell::write_text, plan::Plan, style};
use crate::{outcome::Outcome, text::Lang};

/// Name of the hidden sheet.
pub const IDENTITY_SHEET: &str = "_baosong";

/// Edition of the layout of error workbooks; raised when a reader of older ones would misread it.
const LAYOUT: &str = "1";

/// Writes the sheet: lines of key and value, then one line for each re-issued sheet with the sheet it came from.
pub fn write(workbook: &mut Workbook, outcome: &Outcome, plan: &Plan, unit: usize, lang: Lang) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(IDENTITY_SHEET)?.set_very_hidden(true);
    let format = style::text();
    let code = outcome.units.get(unit).map_or("", |unit| unit.code.as_str());
    let period = outcome.job.period.to_string();
    let language = if lang == Lang::Zh { "zh" } else { "en" };
    let lines: [(&str, &str); 9] = [
        ("layout", LAYOUT),
        ("program", env!("CARGO_PKG_VERSION")),
        ("institution", &outcome.job.institution.code),
        ("period", &period),
        ("unit", code),
        ("pack", &outcome.pack.id),
        ("edition", &outcome.pack.edition),
        ("pack_hash", &outcome.pack.hash),
        ("language", language),
    ];
    let mut row = 0;
    for (key, value) in lines {
        write_text(sheet, row, 0, key, &format)?;
        write_text(sheet, row, 1, value, &format)?;
        row += 1;
    }
    for reissue in &plan.sheets {
        let dataset = outcome.pack.datasets.get(reissue.dataset).map_or("", |dataset| dataset.id.as_str());
        let file = outcome.intake.files.get(reissue.segment.file).map_or("", |file| file.name.as_str());
        for (column, text) in (0u16..).zip(["sheet", &reissue.name, dataset, file, &reissue.segment.sheet]) {
            write_text(sheet, row, column, text, &format)?;
        }
        row += 1;
    }
    Ok(())
}
