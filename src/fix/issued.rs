//! The hidden sheet of a workbook that comes back: what was issued in it, to whom and for which period.

use std::collections::HashMap;

use crate::{
    digest::unhex,
    ingest::PlainSheet,
    overlay::RecordId,
    text::Text,
    workbook::{LAYOUT, NO_FIELD},
};

use super::refusal;

/// What was issued.
#[derive(Clone, Debug, Default)]
pub struct Issued {
    /// Code of the institution.
    pub institution: String,
    /// Period.
    pub period: String,
    /// Code of the unit.
    pub unit: String,
    /// Name of the pack.
    pub pack: String,
    /// The run that issued it, as in its manifest.
    pub run: String,
    /// The re-issued sheets.
    pub sheets: Vec<IssuedSheet>,
    /// The findings, in the order of the list.
    pub findings: Vec<IssuedFinding>,
}

/// A re-issued sheet.
#[derive(Clone, Debug, Default)]
pub struct IssuedSheet {
    /// Its name.
    pub name: String,
    /// Dataset id.
    pub dataset: String,
    /// Field and heading of each column, from left to right; no field where the column holds none.
    pub columns: Vec<(Option<String>, String)>,
}

/// A finding.
#[derive(Clone, Debug, Default)]
pub struct IssuedFinding {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its number in the list.
    pub number: u32,
    /// Dataset id.
    pub dataset: String,
    /// Id of the field it is listed under; empty if it is about no field.
    pub field: String,
    /// Its record.
    pub record: Option<RecordId>,
    /// Index of the re-issued sheet that shows it.
    pub sheet: Option<usize>,
    /// The columns it marks there: indexes into [`IssuedSheet::columns`].
    pub marked: Vec<usize>,
    /// Mark of the cell it is listed under, as issued; empty if there was none.
    pub mark: String,
}

impl Issued {
    /// Reads the hidden sheet.
    ///
    /// # Errors
    /// If it is of another layout, or damaged.
    pub fn read(sheet: &PlainSheet) -> Result<Self, Text> {
        let mut keys: HashMap<String, String> = HashMap::new();
        let mut issued = Issued::default();
        for row in &sheet.rows {
            let text = |column: u32| row.get(column).seen();
            match text(0).as_str() {
                "sheet" => issued.sheets.push(IssuedSheet {
                    name: text(1),
                    dataset: text(2),
                    columns: (6..)
                        .zip(text(5).split_whitespace())
                        .map(|(at, field)| (Some(field.to_owned()).filter(|field| field != NO_FIELD), text(at)))
                        .collect(),
                }),
                "finding" => issued.findings.push(IssuedFinding {
                    fingerprint: text(1),
                    number: text(2).parse().unwrap_or_default(),
                    dataset: text(3),
                    field: text(4),
                    record: unhex(&text(5)),
                    sheet: text(6).parse::<usize>().ok().and_then(|number| number.checked_sub(1)),
                    marked: text(7).split_whitespace().filter_map(|column| column.parse().ok()).collect(),
                    mark: text(8),
                }),
                key => {
                    keys.insert(key.to_owned(), text(1));
                }
            }
        }
        let mut take = |key: &str| keys.remove(key).unwrap_or_default();
        let layout = take("layout");
        if layout != LAYOUT {
            return Err(refusal::other_layout(&layout));
        }
        issued.institution = take("institution");
        issued.period = take("period");
        issued.unit = take("unit");
        issued.pack = take("pack");
        issued.run = take("run");
        Ok(issued)
    }
}
