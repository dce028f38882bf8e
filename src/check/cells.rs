//! Findings about cells and sheets, from what reading the files has noted.

use super::{Details, Evaluation, Verdict, masked_detail, open_detail};
use crate::{
    finding::{Place, RuleCount},
    pack::SheetCheck,
    table::FaultKind,
};

/// What one cell detector found in all tables.
pub fn evaluate_cells(evaluation: &Evaluation<'_>, kind: FaultKind) -> Verdict {
    let mut verdict = Verdict::default();
    for (dataset, table) in evaluation.input.tables.iter().enumerate() {
        let Some(declared) = evaluation.input.pack.datasets.get(dataset) else { continue };
        verdict.count.eligible += (table.height() * declared.fields.len()) as u64;
        for fault in table.cell_faults.iter().filter(|fault| fault.kind == kind) {
            let place = Place::Record { dataset, record: fault.record, field: Some(fault.field) };
            let mut details = Details::new();
            if let Some(field) = declared.fields.get(usize::from(fault.field)) {
                let submitted =
                    table.submitted.get(&(fault.record, fault.field)).map(AsRef::as_ref).unwrap_or_default();
                let heading = table.segment(fault.record).column_of(fault.field).map(|column| column.heading.clone());
                details.push(open_detail("heading", heading.unwrap_or_default()));
                if !submitted.is_empty() {
                    details.push(masked_detail("value".into(), with_signs(submitted), field.mask));
                }
            }
            verdict.places.push((place, details));
        }
    }
    verdict.count.violated = verdict.places.len() as u64;
    verdict
}

/// A text in which invisible characters are named: `1501‹U+200B›02`.
fn with_signs(text: &str) -> String {
    let seen = |c: char| {
        !(c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{a0}'))
    };
    text.chars().map(|c| if seen(c) { c.to_string() } else { format!("‹U+{:04X}›", u32::from(c)) }).collect()
}

/// What one check of whole sheets or submissions found.
pub fn evaluate_sheets(evaluation: &Evaluation<'_>, check: SheetCheck) -> Verdict {
    if check == SheetCheck::DatasetMissing {
        return missing_datasets(evaluation);
    }
    let mut verdict = Verdict::default();
    let input = evaluation.input;
    for (file_index, file) in input.files.iter().enumerate() {
        for (sheet_index, sheet) in file.sheets.iter().enumerate() {
            let Some(dataset) = sheet.dataset else { continue };
            let Some(declared) = input.pack.datasets.get(dataset) else { continue };
            verdict.count.eligible += 1;
            let heading = |field: u16| declared.fields.get(usize::from(field)).map(|field| field.title().zh);
            let fields: Vec<(Option<u16>, Details)> = match check {
                SheetCheck::HeadingMissing => {
                    let strange = unknown_headings(evaluation, dataset, file_index, &sheet.name);
                    let missing = |field: &u16| {
                        let heading = open_detail("heading", heading(*field).unwrap_or_default());
                        (Some(*field), vec![heading, open_detail("columns", strange.clone())])
                    };
                    sheet.missing.iter().map(missing).collect()
                }
                SheetCheck::HeadingTwice => sheet
                    .twice
                    .iter()
                    .map(|(field, columns)| {
                        let details = vec![
                            open_detail("heading", heading(*field).unwrap_or_default()),
                            open_detail("columns", columns.join(", ")),
                        ];
                        (Some(*field), details)
                    })
                    .collect(),
                SheetCheck::UnitDiffers => sheet
                    .unit_differs
                    .iter()
                    .map(|field| (Some(*field), vec![open_detail("heading", heading(*field).unwrap_or_default())]))
                    .collect(),
                SheetCheck::Hidden if sheet.hidden => {
                    vec![(None, vec![open_detail("rows", sheet.records.to_string())])]
                }
                SheetCheck::Hidden if sheet.hidden_records > 0 => {
                    vec![(None, vec![open_detail("rows", sheet.hidden_records.to_string())])]
                }
                SheetCheck::HiddenColumns if !sheet.hidden_columns.is_empty() => {
                    let columns: Vec<_> =
                        sheet.hidden_columns.iter().map(|(letters, heading)| format!("{heading}({letters})")).collect();
                    vec![(None, vec![open_detail("columns", columns.join("、"))])]
                }
                SheetCheck::PercentAsFraction => sheet
                    .fractions
                    .iter()
                    .map(|field| (Some(*field), vec![open_detail("heading", heading(*field).unwrap_or_default())]))
                    .collect(),
                // The others are not about one sheet alone.
                SheetCheck::Hidden
                | SheetCheck::HiddenColumns
                | SheetCheck::DatasetMissing
                | SheetCheck::FileTwice
                | SheetCheck::RecordsTwice => Vec::new(),
            };
            verdict.count.violated += u64::from(!fields.is_empty());
            for (field, mut details) in fields {
                details.push(open_detail("sheet", sheet.name.clone()));
                details.push(open_detail("dataset", declared.title.zh.clone()));
                let place = Place::Sheet { unit: file.unit, dataset, file: file_index, field, sheet: sheet_index };
                verdict.places.push((place, details));
            }
        }
    }
    verdict
}

/// The headings of a sheet that belong to no field; one of them may be a missing one under another name.
fn unknown_headings(evaluation: &Evaluation<'_>, dataset: usize, file: usize, sheet: &str) -> String {
    let segments = evaluation.input.tables.get(dataset).into_iter().flat_map(|table| &table.segments);
    let columns =
        segments.filter(|segment| segment.file == file && segment.sheet == sheet).flat_map(|segment| &segment.columns);
    let strange: Vec<_> = columns
        .filter(|column| column.field.is_none() && !column.heading.is_empty())
        .map(|column| format!("{}({})", column.heading, crate::table::column_letters(column.index)))
        .collect();
    if strange.is_empty() { "—".to_owned() } else { strange.join("、") }
}

/// Units that handed in files but not every dataset they must.
fn missing_datasets(evaluation: &Evaluation<'_>) -> Verdict {
    let input = evaluation.input;
    let mut verdict = Verdict { count: RuleCount::default(), places: Vec::new() };
    for (unit, declared_unit) in input.units.iter().enumerate() {
        let submitted = input.files.iter().any(|file| file.unit == unit);
        if declared_unit.institution || !submitted {
            continue;
        }
        for (dataset, declared) in input.pack.datasets.iter().enumerate().filter(|(_, declared)| declared.required) {
            verdict.count.eligible += 1;
            let present = input
                .tables
                .get(dataset)
                .is_some_and(|table| table.segments.iter().any(|segment| segment.unit == unit));
            let empty_sheet = || {
                input
                    .files
                    .iter()
                    .filter(|file| file.unit == unit)
                    .flat_map(|file| &file.sheets)
                    .any(|sheet| sheet.dataset == Some(dataset))
            };
            if present || empty_sheet() {
                continue;
            }
            if evaluation.incomplete.get(unit).copied().unwrap_or(false) {
                verdict.count.not_evaluable += 1;
                continue;
            }
            verdict.count.violated += 1;
            let details = vec![open_detail("dataset", declared.title.zh.clone())];
            verdict.places.push((Place::Unit { unit, dataset }, details));
        }
    }
    verdict
}
