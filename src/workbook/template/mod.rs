//! Workbooks for units to fill in, made from what a pack declares: sheets with headings, drop-downs and hints, what each
//! column is for, and a hidden sheet with the entries of the code lists.
//!
//! Knows packs, but neither jobs nor files handed in.

mod entry_sheet;
mod guide;
mod hint;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use rust_xlsxwriter::Worksheet;

use self::entry_sheet::CodeRanges;
use super::{cell::write_text, dated_workbook, sheet_name::SheetNames, style};
use crate::{ingest::code_entries, job::Period, pack::RulePack, table::column_letters, text::Lang};

/// Name of the hidden sheet.
const CODE_SHEET: &str = "_codes";

/// A workbook to be filled in.
#[derive(Clone, Debug)]
pub struct EntryWorkbook<'a> {
    /// The pack.
    pub pack: &'a RulePack,
    /// Indexes of the datasets that get a sheet.
    pub datasets: Vec<usize>,
    /// A record filled in as an example, in the first of them: field id and text.
    pub example: Vec<(&'a str, String)>,
    /// Period; its data date tells which codes are valid, and is the date the workbook claims to be made on.
    pub period: Period,
    /// Language of hints and explanations; headings are as the pack declares them.
    pub lang: Lang,
}

/// The workbook's bytes; equal for equal packs, periods and languages.
///
/// # Errors
/// If a dataset is unknown or has more columns than a sheet.
pub fn entry_workbook(request: &EntryWorkbook<'_>) -> Result<Vec<u8>> {
    let EntryWorkbook { pack, period, lang, .. } = *request;
    let mut names = SheetNames::new(&[CODE_SHEET, guide::GUIDE_SHEET.get(lang), guide::FIELDS_SHEET.get(lang)]);
    let mut datasets = Vec::new();
    for index in &request.datasets {
        let dataset = pack.datasets.get(*index).context("a dataset of the pack")?;
        let name = names.take(dataset.sheets.first().unwrap_or(&dataset.title.zh));
        datasets.push((*index, dataset, name));
    }
    let mut workbook = dated_workbook(period, pack.title.get(lang), "");
    let sheets: Vec<_> = datasets.iter().map(|(_, dataset, name)| (name.as_str(), *dataset)).collect();
    guide::write(&mut workbook, pack, &sheets, lang)?;
    let (code_sheet, ranges) = code_sheet(request)?;
    for (place, (index, dataset, name)) in datasets.iter().enumerate() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        entry_sheet::write(sheet, pack, (*index, dataset), &ranges, lang)?;
        if place == 0 {
            sheet.set_active(true);
            for (field, text) in &request.example {
                let Some(column) = dataset.field_index(field) else { continue };
                write_text(sheet, 1, column, text, &entry_sheet::as_text(style::plain()))?;
            }
        }
    }
    guide::write_fields(&mut workbook, pack, &datasets, lang)?;
    workbook.push_worksheet(code_sheet);
    Ok(workbook.save_to_buffer()?)
}

/// The hidden sheet with a column for each code list the datasets use, and where the entries of each stand.
fn code_sheet(request: &EntryWorkbook<'_>) -> Result<(Worksheet, CodeRanges)> {
    let pack = request.pack;
    let used: BTreeSet<&String> = request
        .datasets
        .iter()
        .filter_map(|index| pack.datasets.get(*index))
        .flat_map(|dataset| dataset.fields.iter().filter_map(|field| field.codes.as_ref()))
        .collect();
    let mut sheet = Worksheet::new();
    sheet.set_name(CODE_SHEET)?.set_hidden(true);
    let date = request.period.data_date();
    let mut ranges = CodeRanges::new();
    for (column, name) in (0u16..).zip(used) {
        let Some(list) = pack.codes.get(name) else { continue };
        write_text(&mut sheet, 0, column, name, &style::text())?;
        let valid = code_entries(list).into_iter().filter(|(code, _)| {
            list.codes.get(*code).is_some_and(|code| {
                code.from.is_none_or(|from| from <= date) && code.until.is_none_or(|until| date <= until)
            })
        });
        let mut row = 0;
        for (_, entry) in valid {
            row += 1;
            write_text(&mut sheet, row, column, &entry, &style::text())?;
        }
        if row > 0 {
            let letters = column_letters(u32::from(column));
            ranges.insert(name.clone(), format!("{CODE_SHEET}!${letters}$2:${letters}${}", row + 1));
        }
    }
    Ok((sheet, ranges))
}
