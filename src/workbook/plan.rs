//! What goes where in a unit's error workbook: which sheets are re-issued with which records, and which cell of them
//! each finding points to. Decided before anything is written, because the list links forward to the sheets.

use std::collections::BTreeMap;

use super::{
    cell::MAX_ROWS, finding_list::LIST_SHEET, identity::IDENTITY_SHEET, instructions::INSTRUCTIONS_SHEET,
    note::MAX_NOTES, sheet_name::SheetNames,
};
use crate::{
    finding::{Finding, Place, Severity},
    ledger::Repeat,
    message::Renderer,
    outcome::Outcome,
    table::Segment,
};

/// Columns that precede the submitted ones in a re-issued sheet: row number, numbers of the findings.
pub const LEADING_COLUMNS: u16 = 2;

/// The plan of one error workbook.
pub struct Plan<'a> {
    /// The unit's findings in the order of the list; the first has number 1.
    pub entries: Vec<Entry<'a>>,
    /// The sheets to re-issue.
    pub sheets: Vec<Reissue<'a>>,
    /// Which flagged cells get a note.
    pub notes: Notes,
}

/// A finding in the list.
pub struct Entry<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Severity of its rule.
    pub severity: Severity,
    /// Its identity across runs.
    pub fingerprint: String,
    /// What earlier periods saw of it.
    pub repeat: Option<&'a Repeat>,
    /// Where in the re-issued sheets it is shown: index into `Plan::sheets`, row, column (0-based).
    pub target: Option<(usize, u32, u16)>,
}

/// A submitted sheet to re-issue.
pub struct Reissue<'a> {
    /// Name of the new sheet.
    pub name: String,
    /// Index of the dataset.
    pub dataset: usize,
    /// Where the records came from.
    pub segment: &'a Segment,
    /// The records with findings, in the order of the submitted sheet; the first stands in row index 1.
    pub records: Vec<Flagged>,
    /// Records with findings that the sheet has no room for.
    pub omitted: usize,
}

/// A cell to mark, by its column, and a finding that marks it (index into `Plan::entries`).
pub type Mark = (u16, usize);

/// A record with findings.
pub struct Flagged {
    /// Index in the table.
    pub record: u32,
    /// Its findings: indexes into `Plan::entries`.
    pub entries: Vec<usize>,
    /// The cells to mark: column of the new sheet and a finding that marks it, in this order.
    marks: Vec<Mark>,
}

impl Flagged {
    /// The cells to mark, by column of the new sheet, each with the findings that mark it.
    pub fn cells(&self) -> impl Iterator<Item = (u16, &[Mark])> {
        self.marks.chunk_by(|a, b| a.0 == b.0).filter_map(|cell| Some((cell.first()?.0, cell)))
    }

    /// The findings that mark the cell in a column of the new sheet.
    pub fn marks(&self, column: u16) -> &[Mark] {
        let from = self.marks.partition_point(|(marked, _)| *marked < column);
        let rest = self.marks.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|(marked, _)| *marked == column)).unwrap_or_default()
    }
}

/// Which flagged cells get a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notes {
    /// All.
    All,
    /// Only those a finding is listed under.
    Listed,
    /// Of these only the first: down to this row (0-based) of this sheet (index into `Plan::sheets`).
    Until(usize, u32),
}

type Groups = BTreeMap<(usize, usize, usize, u32), BTreeMap<u32, Vec<usize>>>;

impl<'a> Plan<'a> {
    /// Plans the workbook of `unit`.
    pub fn new(outcome: &'a Outcome, renderer: &Renderer<'a>, unit: usize) -> Self {
        let of_unit = outcome.findings.iter().zip(&outcome.finding_units).enumerate();
        let findings: Vec<(usize, &Finding)> =
            of_unit.filter(|(_, (_, owner))| **owner == unit).map(|(index, (finding, _))| (index, finding)).collect();
        let fingerprints = renderer.fingerprints(findings.iter().map(|(_, finding)| *finding));
        let mut entries: Vec<_> = findings
            .into_iter()
            .zip(fingerprints)
            .map(|((index, finding), fingerprint)| {
                let severity = outcome.pack.rules.get(finding.rule).map_or(Severity::Error, |rule| rule.severity);
                let repeat = outcome.repeats.get(index).and_then(Option::as_ref);
                Entry { finding, severity, fingerprint, repeat, target: None }
            })
            .collect();

        let lang = renderer.lang();
        let mut names = SheetNames::new(&[INSTRUCTIONS_SHEET.get(lang), LIST_SHEET.get(lang), IDENTITY_SHEET]);
        let mut sheets = Vec::new();
        for ((_, _, dataset, first), records) in groups(outcome, &entries) {
            let Some(table) = outcome.intake.tables.get(dataset) else { continue };
            let segment = table.segment(first);
            let omitted = records.len().saturating_sub(MAX_ROWS - 1);
            let records: Vec<_> = records
                .into_iter()
                .take(MAX_ROWS - 1)
                .map(|(record, found)| flagged(outcome, segment, record, found, &entries))
                .collect();
            for (row, flagged) in (1u32..).zip(&records) {
                for &(column, mark) in &flagged.marks {
                    let entry: &mut Entry = &mut entries[mark];
                    let listed = listed_column(segment, entry.finding);
                    if entry.target.is_none() || listed == Some(column) {
                        entry.target = Some((sheets.len(), row, column));
                    }
                }
            }
            let name = names.take(sheet_title(outcome, segment));
            sheets.push(Reissue { name, dataset, segment, records, omitted });
        }
        let notes = notes(&sheets, &entries);
        Self { entries, sheets, notes }
    }
}

/// Findings by the sheet their record came from (file, position in the file, dataset, first record) and by record.
fn groups(outcome: &Outcome, entries: &[Entry]) -> Groups {
    let mut groups = Groups::new();
    for (index, entry) in entries.iter().enumerate() {
        let Place::Record { dataset, record, .. } = entry.finding.place else { continue };
        let Some(table) = outcome.intake.tables.get(dataset) else { continue };
        let segment = table.segment(record);
        let sheets = outcome.intake.files.get(segment.file).map(|file| file.sheets.as_slice()).unwrap_or_default();
        let position = sheets.iter().position(|sheet| sheet.name == segment.sheet).unwrap_or(0);
        let group = groups.entry((segment.file, position, dataset, segment.records.start)).or_default();
        group.entry(record).or_default().push(index);
    }
    groups
}

fn flagged(outcome: &Outcome, segment: &Segment, record: u32, found: Vec<usize>, entries: &[Entry]) -> Flagged {
    let mut marks = Vec::with_capacity(found.len());
    for &index in &found {
        marks.extend(marked(outcome, segment, entries[index].finding).into_iter().map(|column| (column, index)));
    }
    marks.sort_unstable();
    marks.shrink_to_fit();
    Flagged { record, entries: found, marks }
}

/// The columns a finding marks: its own field and the other fields of its rule, as far as the sheet has them; the row
/// number if it has none of them.
pub fn marked(outcome: &Outcome, segment: &Segment, finding: &Finding) -> Vec<u16> {
    let Place::Record { dataset, field, .. } = finding.place else { return Vec::new() };
    let rule = outcome.pack.rules.get(finding.rule).filter(|rule| rule.on == Some(dataset));
    let further = rule.map(|rule| rule.fields.as_slice()).unwrap_or_default();
    let mut columns: Vec<u16> = field.iter().chain(further).filter_map(|&field| column_of(segment, field)).collect();
    columns.sort_unstable();
    columns.dedup();
    if columns.is_empty() {
        columns.push(0);
    }
    columns
}

fn listed_column(segment: &Segment, finding: &Finding) -> Option<u16> {
    let Place::Record { field: Some(field), .. } = finding.place else { return None };
    column_of(segment, field)
}

/// The column of the re-issued sheet that holds `field`.
fn column_of(segment: &Segment, field: u16) -> Option<u16> {
    let position = segment.columns.iter().position(|column| column.field == Some(field))?;
    Some(u16::try_from(position).ok()? + LEADING_COLUMNS)
}

/// What a submitted sheet is called: its name, or for csv the file's.
pub fn sheet_title<'a>(outcome: &'a Outcome, segment: &'a Segment) -> &'a str {
    if !segment.sheet.is_empty() {
        return &segment.sheet;
    }
    let file = outcome.intake.files.get(segment.file).map_or("", |file| file.name.as_str());
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn notes(sheets: &[Reissue], entries: &[Entry]) -> Notes {
    let count = |wanted: fn(u16, &[Mark], &[Entry]) -> bool| -> usize {
        let records = sheets.iter().flat_map(|sheet| &sheet.records);
        records.map(|flagged| flagged.cells().filter(|(column, marks)| wanted(*column, marks, entries)).count()).sum()
    };
    if count(|_, _, _| true) <= MAX_NOTES {
        Notes::All
    } else if count(is_listed) <= MAX_NOTES {
        Notes::Listed
    } else {
        let mut room = MAX_NOTES;
        let mut last = (0, 0);
        for (index, sheet) in sheets.iter().enumerate() {
            for (row, flagged) in (1u32..).zip(&sheet.records) {
                let listed = flagged.cells().filter(|(column, marks)| is_listed(*column, marks, entries)).count();
                match room.checked_sub(listed) {
                    Some(left) => (room, last) = (left, (index, row)),
                    None => return Notes::Until(last.0, last.1),
                }
            }
        }
        Notes::Listed
    }
}

/// One of the findings on this cell points to it from the list.
pub fn is_listed(column: u16, marks: &[Mark], entries: &[Entry]) -> bool {
    marks
        .iter()
        .any(|&(_, mark)| entries.get(mark).and_then(|entry| entry.target).is_some_and(|target| target.2 == column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{message::fixture, text::Lang};

    #[test]
    fn notes_give_way_when_there_are_too_many() {
        let notes = |records, every| {
            let outcome = fixture::large(records, every);
            let renderer = Renderer::new(&outcome, Lang::Zh, false).expect("a renderer");
            Plan::new(&outcome, &renderer, 0).notes
        };
        // Every record at fault marks two cells and is listed under one of them; every other has a third, listed.
        assert_eq!(notes(2_000, 1), Notes::All);
        assert_eq!(notes(2_002, 1), Notes::Listed);
        assert_eq!(notes(3_332, 1), Notes::Listed);
        // The record of row 3,333 has its one listed cell, that of 3,334 two: after 3,332 of them 4,998 notes.
        assert_eq!(notes(3_336, 1), Notes::Until(0, 3_333));
    }
}
