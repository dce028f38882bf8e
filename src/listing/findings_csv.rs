//! The long table as csv that Excel opens with a double click.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};

use super::{COLUMNS, each_line, run_id};
use crate::{outcome::Outcome, text::Lang};

/// Writes all findings as csv: UTF-8 with byte order mark, comma, `\r\n`, blank where there is no value.
///
/// A text that a spreadsheet would take for a formula gets a leading `'`; negative numbers stay as they are.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_findings_csv(outcome: &Outcome, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the list of findings (csv)";
    let mut file = BufWriter::new(File::create(path).with_context(context)?);
    file.write_all("\u{feff}".as_bytes()).with_context(context)?;
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    csv.write_record(COLUMNS).with_context(context)?;
    let (run, period) = (run_id(outcome), outcome.job.period.to_string());
    each_line(outcome, lang, |line| {
        let row = line.row.map(|row| row.to_string()).unwrap_or_default();
        let fields: [&str; COLUMNS.len()] = [
            &run,
            &period,
            line.unit,
            line.file.unwrap_or_default(),
            line.sheet.unwrap_or_default(),
            &row,
            line.column.as_deref().unwrap_or_default(),
            line.cell.as_deref().unwrap_or_default(),
            line.record_key.as_deref().unwrap_or_default(),
            line.rule,
            line.severity,
            line.value.as_deref().unwrap_or_default(),
            &line.message,
            &line.fix,
            line.source,
            &line.fingerprint,
        ];
        csv.write_record(fields.map(harmless).iter().map(|field| field.as_bytes())).with_context(context)
    })?;
    let mut file = csv.into_inner().map_err(csv::IntoInnerError::into_error).with_context(context)?;
    file.flush().with_context(context)
}

/// `text` so that no spreadsheet runs it.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = || text.parse::<f64>().is_ok_and(f64::is_finite);
    if risky && !number() { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_left_alone() {
        for text in ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "-inf"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["-12.50", "+3", "示例", "", "1=1", "150102********1238"] {
            assert_eq!(harmless(text), text);
        }
    }
}
