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

/// The records of one dataset: for each its id, the marks of its cells, and which of them a finding was about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Dataset {
    fields: Vec<String>,
    records: BTreeMap<RecordId, (Vec<u32>, Vec<bool>)>,
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
            for record in segment.records.clone() {
                let Some(id) = outcome.overlay.ids.get(index, record) else { continue };
                let at = |field| At { dataset: index, record, field };
                let marks = fields
                    .clone()
                    .map(|field| submitted.get(&at(field)).copied().unwrap_or_else(|| mark(&cells, record, field)));
                let flags = fields.clone().map(|field| flagged.contains(&at(field)));
                dataset.records.insert(id, (marks.collect(), flags.collect()));
            }
        }
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

/// The cells findings are about.
fn flagged(outcome: &Outcome) -> HashSet<At> {
    let mut cells = HashSet::new();
    for finding in &outcome.findings {
        let Place::Record { dataset, record, field } = finding.place else { continue };
        let rule = outcome.pack.rules.get(finding.rule).filter(|rule| rule.on == Some(dataset));
        let marked = rule.map(|rule| rule.fields.as_slice()).unwrap_or_default();
        cells.extend(field.iter().chain(marked).map(|field| At { dataset, record, field: *field }));
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
            for (record, (marks, _)) in &dataset.records {
                let Some((old, flags)) = before.records.get(record) else {
                    compared.added.push((id.clone(), *record));
                    continue;
                };
                for (field, mark) in dataset.fields.iter().zip(marks) {
                    let Some(at) = before.fields.iter().position(|other| other == field) else { continue };
                    if old.get(at) == Some(mark) {
                        continue;
                    }
                    if flags.get(at) == Some(&true) {
                        compared.flagged += 1;
                    } else {
                        compared.unflagged.push((id.clone(), *record, field.clone()));
                    }
                }
            }
        }
        for (id, before) in &self.records.datasets {
            let dataset = now.records.datasets.get(id).unwrap_or(&nothing);
            compared.removed +=
                before.records.keys().filter(|record| !dataset.records.contains_key(*record)).count() as u64;
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
            count(&mut bytes, dataset.records.len());
            for (record, (marks, flags)) in &dataset.records {
                bytes.extend(record);
                marks.iter().for_each(|mark| bytes.extend(mark.to_le_bytes()));
                let octets = flags.chunks(8).map(|flags| {
                    flags.iter().enumerate().fold(0_u8, |octet, (bit, flag)| octet | (u8::from(*flag) << bit))
                });
                bytes.extend(octets);
            }
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
    let width = dataset.fields.len();
    for _ in 0..count(rest)? {
        let id = part(rest, 10)?.try_into().ok()?;
        let marks =
            part(rest, 4 * width)?.chunks_exact(4).filter_map(|mark| Some(u32::from_le_bytes(mark.try_into().ok()?)));
        let marks = marks.collect();
        let octets = part(rest, width.div_ceil(8))?;
        let flags = (0..width).map(|at| octets.get(at / 8).is_some_and(|octet| octet >> (at % 8) & 1 == 1)).collect();
        dataset.records.insert(id, (marks, flags));
    }
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
        assert_eq!(handed_in.records.datasets["loans"].records.len(), 5);
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
