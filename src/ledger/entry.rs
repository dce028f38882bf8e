//! What a run tells the ledger: values taken from its outcome, personal data masked.
//!
//! Knows nothing of storage.

use anyhow::Result;

use super::{Amendments, at_risk::at_risk};
use crate::{
    digest::short as hash,
    finding::{Finding, Place, Severity},
    job::{Institution, Period},
    listing::run_id,
    message::Renderer,
    outcome::{Deadlines, Outcome, Timeliness},
    overlay::{Correction, Fate},
    pack::Dataset,
    resubmission::HandedIn,
    text::Lang,
};

/// Everything the ledger keeps of one run.
#[derive(Clone, Debug)]
pub struct RunEntry {
    /// The run's identity by input and rules, as in the manifest.
    pub run: String,
    /// Whose run it is.
    pub institution: Institution,
    /// Period.
    pub period: Period,
    /// Name of the pack.
    pub pack: String,
    /// Its edition.
    pub edition: String,
    /// Its hash.
    pub pack_hash: String,
    /// Version of the program.
    pub program: String,
    /// The units of the roster, and the institution.
    pub units: Vec<UnitEntry>,
    /// The files handed in.
    pub submissions: Vec<Submission>,
    /// When what is due.
    pub deadlines: Option<Deadlines>,
    /// The findings, in the order of the outcome's.
    pub findings: Vec<Sighting>,
    /// The corrections the ledger had, and what became of each when it met the files.
    pub laid: Vec<(Correction, Fate)>,
    /// What the units handed in, to be compared with what they hand in next.
    pub handed_in: Vec<HandedIn>,
    /// What is taken in with this run.
    pub amendments: Amendments,
}

/// A unit in a run.
#[derive(Clone, Debug)]
pub struct UnitEntry {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// It is the institution itself, and no unit of it.
    pub institution: bool,
    /// Submitted in time?
    pub timeliness: Timeliness,
    /// When the last of its files first came, if a receipt says so.
    pub received: Option<chrono::NaiveDateTime>,
    /// When a file of it last came again, if a receipt says so.
    pub resubmitted: Option<chrono::NaiveDateTime>,
    /// Who reports for it, since when, and who reviews, as the roster says.
    pub people: People,
    /// The amounts of the records with errors or warnings, in fen; none if no rule names one.
    pub at_risk_fen: Option<i128>,
    /// Records read.
    pub records: u64,
    /// Records with a finding.
    pub flagged: u64,
    /// What of it could not be looked at.
    pub unread: Unread,
}

/// The persons of a unit, as the roster names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// The named person who reports; blank if there is none (Article 13).
    pub officer: String,
    /// Since when.
    pub since: String,
    /// The record of the handover.
    pub handover: String,
    /// Who reviews.
    pub reviewer: String,
}

/// What of a unit a run could not look at. Findings there that the run does not see are not resolved by that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Only these datasets, by id, which the unit must hand in and did not; usually none.
    Datasets(Vec<String>),
    /// All: the unit handed in nothing, or a file of it could not be read.
    All,
}

/// A file handed in.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Index of the unit in [`RunEntry::units`].
    pub unit: usize,
    /// Its path below the input folder.
    pub file: String,
    /// SHA-256 of its content, hexadecimal; empty if it could not be opened.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// When it last came, if a receipt says so.
    pub received: Option<chrono::NaiveDateTime>,
    /// By which way, if a receipt says so.
    pub channel: Option<String>,
    /// Why it could not be read, in the run's language.
    pub unreadable: Option<String>,
}

/// A finding as one run sees it.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// Its identity across runs and periods.
    pub fingerprint: String,
    /// Index of the unit in [`RunEntry::units`].
    pub unit: usize,
    /// Rule id.
    pub rule: String,
    /// The rule cannot be waived.
    pub mandatory: bool,
    /// Dataset id.
    pub dataset: String,
    /// Field id; empty for findings about no field.
    pub field: String,
    /// Severity.
    pub severity: Severity,
    /// Which record.
    pub key: Key,
    /// Name of the file.
    pub file: Option<String>,
    /// Name of the sheet.
    pub sheet: Option<String>,
    /// The cell, or the row, as Excel names it.
    pub cell: Option<String>,
    /// The value, masked.
    pub value: Option<String>,
    /// Hash of the values at fault in full: an explanation or waiver holds for this value only.
    pub value_hash: [u8; 10],
    /// What is wrong, masked, in the run's language.
    pub message: String,
    /// Hash of the customer whose record it is about, if the record names one.
    pub customer: Option<[u8; 10]>,
}

/// The record a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// None: it is about a sheet or a unit.
    None,
    /// A record without key, named by its row. It cannot be known again in another period.
    Blank {
        /// What people call it.
        shown: String,
    },
    /// A record with a key.
    Record {
        /// The key, masked.
        shown: String,
        /// Hash of the key in full.
        hash: [u8; 10],
    },
}

impl RunEntry {
    /// What the ledger keeps of `outcome`; texts in `lang`.
    ///
    /// # Errors
    /// If a table does not have the columns of its dataset.
    pub fn of(outcome: &Outcome, lang: Lang) -> Result<Self> {
        let renderer = Renderer::new(outcome, lang, true)?;
        let fingerprints = renderer.fingerprints(&outcome.findings);
        let pack = &outcome.pack;
        let findings = outcome.findings.iter().zip(&outcome.finding_units).zip(fingerprints);
        Ok(Self {
            run: run_id(outcome),
            institution: outcome.job.institution.clone(),
            period: outcome.job.period,
            pack: pack.id.clone(),
            edition: pack.edition.clone(),
            pack_hash: pack.hash.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            units: units(outcome, &renderer),
            submissions: submissions(outcome, lang),
            deadlines: outcome.due().copied(),
            findings: findings
                .filter_map(|((finding, unit), fingerprint)| sighting(outcome, &renderer, finding, *unit, fingerprint))
                .collect(),
            laid: outcome.overlay.laid.iter().map(|laid| (laid.correction.clone(), laid.fate)).collect(),
            handed_in: Vec::new(),
            amendments: Amendments::default(),
        })
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|finding| finding.severity == severity).count() as u64
    }
}

fn units(outcome: &Outcome, renderer: &Renderer<'_>) -> Vec<UnitEntry> {
    let at_risk = at_risk(outcome, renderer);
    let files = &outcome.intake.files;
    let unread = |index: usize| {
        let own = || files.iter().filter(move |file| file.unit == index);
        if own().next().is_none() || own().any(|file| file.unreadable.is_some()) {
            return Unread::All;
        }
        let institution = outcome.units.get(index).is_some_and(|unit| unit.institution);
        let tables = outcome.pack.datasets.iter().zip(&outcome.intake.tables);
        let missing = tables.filter(|(dataset, table)| {
            dataset.required
                && dataset.roster == institution
                && !table.segments.iter().any(|segment| segment.unit == index)
        });
        Unread::Datasets(missing.map(|(dataset, _)| dataset.id.clone()).collect())
    };
    let entry = |(index, unit): (usize, &crate::job::Unit)| {
        let standing = outcome.standings.get(index).cloned().unwrap_or_default();
        UnitEntry {
            code: unit.code.clone(),
            name: unit.name.clone(),
            institution: unit.institution,
            timeliness: standing.timeliness,
            received: standing.received,
            resubmitted: standing.resubmitted,
            people: People {
                officer: unit.officer.clone(),
                since: unit.officer_since.clone(),
                handover: unit.handover.clone(),
                reviewer: unit.reviewer.clone(),
            },
            at_risk_fen: at_risk.get(&index).copied(),
            records: standing.records,
            flagged: standing.flagged,
            unread: unread(index),
        }
    };
    outcome.units.iter().enumerate().map(entry).collect()
}

fn submissions(outcome: &Outcome, lang: Lang) -> Vec<Submission> {
    let entry = |file: &crate::ingest::FileRead| {
        let standing = outcome.standings.get(file.unit);
        let code = outcome.units.get(file.unit).map_or("", |unit| unit.code.as_str());
        let receipt = outcome.receipts.of_file(code, &file.name);
        Submission {
            unit: file.unit,
            file: file.name.clone(),
            sha256: file.sha256.clone(),
            bytes: file.bytes,
            // A receipt that names no file is one for all of the unit's.
            received: receipt.map(|receipt| receipt.received).or_else(|| {
                standing
                    .filter(|standing| standing.timeliness != Timeliness::Missing)
                    .and_then(|standing| standing.received)
            }),
            channel: receipt
                .or_else(|| outcome.receipts.of_unit(code).next_back())
                .map(|receipt| receipt.channel.clone())
                .filter(|channel| !channel.is_empty()),
            unreadable: file.unreadable.as_ref().map(|unreadable| unreadable.message.get(lang).to_owned()),
        }
    };
    outcome.intake.files.iter().map(entry).collect()
}

fn sighting(
    outcome: &Outcome,
    renderer: &Renderer<'_>,
    finding: &Finding,
    unit: usize,
    fingerprint: String,
) -> Option<Sighting> {
    let rule = outcome.pack.rules.get(finding.rule)?;
    let (dataset, field) = match finding.place {
        Place::Unit { dataset, .. } => (dataset, None),
        Place::Sheet { dataset, field, .. } | Place::Record { dataset, field, .. } => (dataset, field),
    };
    let dataset_of: Option<&Dataset> = outcome.pack.datasets.get(dataset);
    let field_id = field.and_then(|field| dataset_of?.fields.get(usize::from(field))).map(|field| field.id.clone());
    let location = renderer.location(finding);
    let key = match finding.place {
        Place::Record { dataset, record, .. } => {
            let identity = renderer.cells(dataset).map(|cells| cells.key_identity(record)).unwrap_or_default();
            let shown = renderer.record_key(finding).unwrap_or_default();
            if identity.is_empty() { Key::Blank { shown } } else { Key::Record { shown, hash: hash([&identity]) } }
        }
        Place::Unit { .. } | Place::Sheet { .. } => Key::None,
    };
    Some(Sighting {
        fingerprint,
        unit,
        rule: rule.id.clone(),
        mandatory: rule.mandatory,
        dataset: dataset_of.map(|dataset| dataset.id.clone()).unwrap_or_default(),
        field: field_id.unwrap_or_default(),
        severity: rule.severity,
        key,
        file: location.file.map(ToOwned::to_owned),
        sheet: Some(location.sheet).filter(|sheet| !sheet.is_empty()).map(ToOwned::to_owned),
        cell: location.cell().or_else(|| location.row.map(|row| row.to_string())),
        value: renderer.value(finding).map(std::borrow::Cow::into_owned),
        value_hash: value_hash(renderer, finding, &rule.fields),
        message: renderer.message(finding),
        customer: customer(renderer, finding),
    })
}

/// Fields that name the customer of a record: the customer's code, or for retail customers the number of the document.
const CUSTOMER_FIELDS: [&str; 2] = ["customer_code", "doc_no"];

fn customer(renderer: &Renderer<'_>, finding: &Finding) -> Option<[u8; 10]> {
    let Place::Record { dataset, record, .. } = finding.place else { return None };
    let cells = renderer.cells(dataset)?;
    let field = CUSTOMER_FIELDS.iter().find_map(|id| cells.dataset.field_index(id))?;
    Some(hash([cells.plain(record, field)?]))
}

/// Hash of the values at fault: of a record the cells its rule marks, of a unit the figures of the message. What a
/// sheet finding says, such as which rows are hidden, is no value: row numbers move.
fn value_hash(renderer: &Renderer<'_>, finding: &Finding, fields: &[u16]) -> [u8; 10] {
    match finding.place {
        Place::Record { dataset, record, field } => {
            let Some(cells) = renderer.cells(dataset) else { return hash::<&str>([]) };
            let listed = field.filter(|field| !fields.contains(field));
            hash(listed.iter().chain(fields).map(|&field| cells.plain(record, field).unwrap_or_default()))
        }
        Place::Unit { .. } => hash(finding.details.iter().map(|(_, detail)| detail.text.as_str())),
        Place::Sheet { .. } => hash::<&str>([]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::fixture;

    #[test]
    fn an_entry_masks_and_keeps_the_order() {
        let outcome = fixture::outcome();
        let entry = RunEntry::of(&outcome, Lang::Zh).expect("an entry");
        assert_eq!(entry.findings.len(), outcome.findings.len());
        let text = format!("{entry:?}");
        assert!(text.contains("150102********1238") && !text.contains("150102198503051238"));
        let finding = &entry.findings[4];
        assert_eq!((finding.rule.as_str(), finding.field.as_str()), ("LOAN-AMT-003", "balance"));
        assert_eq!((finding.cell.as_deref(), finding.value.as_deref()), (Some("G5"), Some("560")));
        assert!(matches!(&finding.key, Key::Record { shown, .. } if shown == "JJ002"));
        assert_eq!(entry.findings[0].key, Key::None);
        assert!(matches!(&entry.findings[7].key, Key::Blank { shown } if shown == "无主键 第8行"));
    }

    #[test]
    fn values_have_their_hash_however_they_are_spelt() {
        let mut outcome = fixture::outcome();
        let hash_of = |outcome: &Outcome| RunEntry::of(outcome, Lang::En).expect("an entry").findings[4].value_hash;
        let before = hash_of(&outcome);
        // The amount of the record was kept as it was submitted, 500.00; the value is 500 all the same.
        outcome.intake.tables[0].submitted.clear();
        assert_eq!(hash_of(&outcome), before);
        let mut other = fixture::outcome();
        other.findings[4].place = other.findings[2].place;
        assert_ne!(hash_of(&other), before);
    }

    #[test]
    fn a_unit_whose_file_could_not_be_read_was_not_looked_at() {
        let outcome = fixture::outcome();
        let entry = RunEntry::of(&outcome, Lang::Zh).expect("an entry");
        for (index, unit) in entry.units.iter().enumerate() {
            let own: Vec<_> = outcome.intake.files.iter().filter(|file| file.unit == index).collect();
            let unread = own.is_empty() || own.iter().any(|file| file.unreadable.is_some());
            assert_eq!(unit.unread == Unread::All, unread, "{}", unit.code);
        }
        assert!(entry.submissions.iter().any(|file| file.unreadable.is_some()));
    }
}
