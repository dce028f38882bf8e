//! A unit's whole file handed in again, compared with the one before: what of it was fixed, is still open or new, and which
//! cells were changed that no finding was about. By hashes: the values themselves are not kept.
//!
//! Knows nothing of storage.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;

use crate::{
    digest::{short, unhex},
    finding::Place,
    ledger::{RunEntry, Unread},
    message::Cells,
    outcome::Outcome,
    overlay::{At, RecordId, mark},
};

/// What one unit handed in, by hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandedIn {
    /// Unit code.
    pub unit: String,
    /// Hash of its files.
    pub content: [u8; 10],
    /// Fingerprints of what was found, ascending.
    pub findings: Vec<[u8; 10]>,
    /// Its records.
    pub records: Records,
}

/// Records by dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    datasets: BTreeMap<String, Dataset>,
}

/// The records of one dataset: their ids, ascending, and for each as many bytes: the marks of its cells, and bits that say
/// which of them a finding was about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Dataset {
    fields: Vec<String>,
    ids: Vec<RecordId>,
    cells: Vec<u8>,
}

impl Dataset {
    fn stride(&self) -> usize {
        4 * self.fields.len() + self.fields.len().div_ceil(8)
    }

    fn row(&self, at: usize) -> Row<'_> {
        let row = self.cells.get(at * self.stride()..(at + 1) * self.stride()).unwrap_or_default();
        Row(row.split_at_checked(4 * self.fields.len()).unwrap_or_default())
    }

    /// The records in the order of their ids; of several with one id the first.
    fn sorted(self) -> Self {
        if self.ids.is_sorted_by(|a, b| a < b) {
            return self;
        }
        let mut order: Vec<usize> = (0..self.ids.len()).collect();
        order.sort_by_key(|at| self.ids.get(*at).copied().unwrap_or_default());
        order.dedup_by_key(|at| self.ids.get(*at).copied().unwrap_or_default());
        let mut sorted = Dataset { fields: self.fields.clone(), ..Dataset::default() };
        for at in order {
            let (marks, flags) = self.row(at).0;
            sorted.ids.extend(self.ids.get(at));
            sorted.cells.extend(marks.iter().chain(flags));
        }
        sorted
    }
}

/// The cells of one record: marks, and bits for those a finding was about.
#[derive(Clone, Copy)]
struct Row<'d>((&'d [u8], &'d [u8]));

impl<'d> Row<'d> {
    fn mark(self, field: usize) -> Option<&'d [u8]> {
        self.0.0.get(4 * field..4 * field + 4)
    }

    fn is_flagged(self, field: usize) -> bool {
        self.0.1.get(field / 8).is_some_and(|octet| octet >> (field % 8) & 1 == 1)
    }
}

/// What a unit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Unit code.
    pub unit: String,
    /// Found before, and no longer.
    pub fixed: u64,
    /// Found before, and still.
    pub open: u64,
    /// Found for the first time.
    pub new: u64,
    /// Cells a finding was about that were changed.
    pub flagged: u64,
    /// Cells no finding was about that were changed: dataset, record and field.
    pub unflagged: Vec<(String, RecordId, String)>,
    /// Records that were not there before: dataset and record.
    pub added: Vec<(String, RecordId)>,
    /// Records that are no longer there.
    pub removed: u64,
}

/// What the units of a run handed in; those with nothing, or with a file that could not be read, are left out.
///
/// # Errors
/// If a table does not have the columns of its dataset.
pub fn handed_in(outcome: &Outcome, entry: &RunEntry) -> Result<Vec<HandedIn>> {
    let submitted: HashMap<At, u32> = outcome.overlay.applied().map(|(laid, at)| (at, laid.mark)).collect();
    let flagged = flagged(outcome);
    let mut findings: Vec<Vec<[u8; 10]>> = outcome.units.iter().map(|_| Vec::new()).collect();
    for finding in &entry.findings {
        if let Some(found) = findings.get_mut(finding.unit) {
            found.extend(unhex(&finding.fingerprint));
        }
    }
    let mut records: Vec<Records> = outcome.units.iter().map(|_| Records::default()).collect();
    for (index, (declared, table)) in outcome.pack.datasets.iter().zip(&outcome.intake.tables).enumerate() {
        let cells = Cells::new(declared, table)?;
        let fields = 0..u16::try_from(declared.fields.len())?;
        for segment in &table.segments {
            let Some(records) = records.get_mut(segment.unit) else { continue };
            let dataset = records.datasets.entry(declared.id.clone()).or_default();
            if dataset.fields.is_empty() {
                dataset.fields = declared.fields.iter().map(|field| field.id.clone()).collect();
            }
            let mut flags = vec![0_u8; dataset.fields.len().div_ceil(8)];
            for record in segment.records.clone() {
                let Some(id) = outcome.overlay.ids.get(index, record) else { continue };
                dataset.ids.push(id);
                flags.fill(0);
                let known = flagged.get(&(index, record)).map(Vec::as_slice).unwrap_or_default();
                for field in known {
                    if let Some(octet) = flags.get_mut(usize::from(*field) / 8) {
                        *octet |= 1 << (field % 8);
                    }
                }
                for field in fields.clone() {
                    // Corrected cells are flagged, and no others differ from what was handed in.
                    let corrected =
                        known.contains(&field).then(|| submitted.get(&At { dataset: index, record, field }));
                    let mark = corrected.flatten().copied().unwrap_or_else(|| mark(&cells, record, field));
                    dataset.cells.extend(mark.to_le_bytes());
                }
                dataset.cells.extend(&flags);
            }
        }
    }
    for records in &mut records {
        let datasets = std::mem::take(&mut records.datasets).into_iter();
        records.datasets = datasets.map(|(id, dataset)| (id, dataset.sorted())).collect();
    }
    let mut all = Vec::new();
    for (index, ((unit, mut findings), records)) in entry.units.iter().zip(findings).zip(records).enumerate() {
        if unit.unread == Unread::All || unit.institution {
            continue;
        }
        findings.sort_unstable();
        let files = entry.submissions.iter().filter(|file| file.unit == index);
        let content = short(files.flat_map(|file| [file.file.as_str(), file.sha256.as_str()]));
        all.push(HandedIn { unit: unit.code.clone(), content, findings, records });
    }
    Ok(all)
}

/// The fields of each record that findings are about, or were about before they were corrected.
fn flagged(outcome: &Outcome) -> HashMap<(usize, u32), Vec<u16>> {
    let mut cells: HashMap<(usize, u32), Vec<u16>> = HashMap::new();
    for finding in &outcome.findings {
        let Place::Record { dataset, record, field } = finding.place else { continue };
        let rule = outcome.pack.rules.get(finding.rule).filter(|rule| rule.on == Some(dataset));
        let marked = rule.map(|rule| rule.fields.as_slice()).unwrap_or_default();
        cells.entry((dataset, record)).or_default().extend(field.iter().chain(marked));
    }
    for (_, at) in outcome.overlay.applied() {
        cells.entry((at.dataset, at.record)).or_default().push(at.field);
    }
    cells
}

impl HandedIn {
    /// What the unit changed since: `now` is what it handed in after this.
    pub fn compared(&self, now: &HandedIn) -> Compared {
        let (was, is): (HashSet<_>, HashSet<_>) = (self.findings.iter().collect(), now.findings.iter().collect());
        let mut compared = Compared {
            unit: now.unit.clone(),
            fixed: was.difference(&is).count() as u64,
            open: was.intersection(&is).count() as u64,
            new: is.difference(&was).count() as u64,
            ..Compared::default()
        };
        let nothing = Dataset::default();
        for (id, dataset) in &now.records.datasets {
            let before = self.records.datasets.get(id).unwrap_or(&nothing);
            let fields: Vec<_> = dataset
                .fields
                .iter()
                .enumerate()
                .filter_map(|(now, field)| Some((field, now, before.fields.iter().position(|old| old == field)?)))
                .collect();
            for (index, record) in dataset.ids.iter().enumerate() {
                let Ok(at) = before.ids.binary_search(record) else {
                    compared.added.push((id.clone(), *record));
                    continue;
                };
                let (now, old) = (dataset.row(index), before.row(at));
                if now.0.0 == old.0.0 && dataset.fields == before.fields {
                    continue;
                }
                for (field, index, at) in &fields {
                    if now.mark(*index) == old.mark(*at) {
                        continue;
                    }
                    if old.is_flagged(*at) {
                        compared.flagged += 1;
                    } else {
                        compared.unflagged.push((id.clone(), *record, (*field).clone()));
                    }
                }
            }
        }
        for (id, before) in &self.records.datasets {
            let dataset = now.records.datasets.get(id).unwrap_or(&nothing);
            compared.removed +=
                before.ids.iter().filter(|record| dataset.ids.binary_search(record).is_err()).count() as u64;
        }
        compared
    }
}

impl Records {
    /// As they are kept: for each dataset its name, its fields and its records, numbers in little-endian order.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let count = |bytes: &mut Vec<u8>, count: usize| {
            bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
        };
        let text = |bytes: &mut Vec<u8>, text: &str| {
            count(bytes, text.len());
            bytes.extend(text.as_bytes());
        };
        for (id, dataset) in &self.datasets {
            text(&mut bytes, id);
            count(&mut bytes, dataset.fields.len());
            dataset.fields.iter().for_each(|field| text(&mut bytes, field));
            count(&mut bytes, dataset.ids.len());
            bytes.extend(dataset.ids.as_flattened());
            bytes.extend(&dataset.cells);
        }
        bytes
    }

    /// As [`Records::to_bytes`] kept them; what cannot be understood is left out.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut records = Self::default();
        let mut rest = bytes;
        while let Some((id, dataset)) = dataset(&mut rest) {
            records.datasets.insert(id, dataset);
        }
        records
    }
}

fn dataset(rest: &mut &[u8]) -> Option<(String, Dataset)> {
    let id = text(rest)?;
    let fields = (0..count(rest)?).map(|_| text(rest)).collect::<Option<Vec<_>>>()?;
    let mut dataset = Dataset { fields, ..Dataset::default() };
    let records = count(rest)?;
    let ids = part(rest, records.checked_mul(10)?)?.chunks_exact(10);
    dataset.ids = ids.filter_map(|id| id.try_into().ok()).collect();
    dataset.cells = part(rest, records.checked_mul(dataset.stride())?)?.to_vec();
    Some((id, dataset))
}

fn part<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (part, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

fn count(rest: &mut &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(part(rest, 4)?.try_into().ok()?)).ok()
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let length = count(rest)?;
    String::from_utf8(part(rest, length)?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{message::fixture, text::Lang};

    fn first_unit(outcome: &Outcome) -> HandedIn {
        let entry = RunEntry::of(outcome, Lang::Zh).expect("an entry");
        handed_in(outcome, &entry).expect("handed in").into_iter().next().expect("a unit")
    }

    #[test]
    fn what_was_kept_is_read_back() {
        let handed_in = first_unit(&fixture::outcome());
        assert_eq!(handed_in.records.datasets["loans"].ids.len(), 5);
        assert_eq!(Records::from_bytes(&handed_in.records.to_bytes()), handed_in.records);
        assert_eq!(Records::from_bytes(&[7, 0, 0, 0, 1]), Records::default());
    }

    #[test]
    fn changes_are_told_apart_by_what_was_flagged() {
        let before = first_unit(&fixture::outcome());
        assert_eq!(before.compared(&before), Compared { unit: "150102".into(), open: 8, ..Compared::default() });
        let mut outcome = fixture::outcome();
        // Record 2 could not be typed in three fields. Its document is flagged, its day of disbursement is not.
        outcome.intake.tables[0].submitted.insert((2, fixture::DOC_NO), "1.60102E+17".into());
        outcome.intake.tables[0].submitted.insert((2, fixture::DISBURSED), "2026年12月".into());
        outcome.findings.truncate(7);
        outcome.finding_units.truncate(7);
        let compared = before.compared(&first_unit(&outcome));
        assert_eq!((compared.fixed, compared.open, compared.new), (1, 7, 0));
        assert_eq!((compared.flagged, compared.removed, compared.added.len()), (1, 0, 0));
        let loan = short(["JJ003"]);
        assert_eq!(compared.unflagged, [("loans".to_owned(), loan, "disbursed".to_owned())]);
    }
}
