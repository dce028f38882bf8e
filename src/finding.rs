//! A finding: one rule violated at one place. Findings are about the data; errors of the program are never findings.

use sha2::{Digest, Sha256};

/// One rule violated at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Index of the rule in the pack.
    pub rule: usize,
    /// Where.
    pub place: Place,
    /// Values for the message that are no fields of the record, by placeholder name (`count`, `other`, `prior`, ...).
    pub details: Vec<(std::borrow::Cow<'static, str>, Detail)>,
}

/// A value for a message, with the masking it needs outside the unit's workbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// The text in full.
    pub text: String,
    /// The same in English, if it is words and no value.
    pub en: Option<String>,
    /// How it is masked elsewhere.
    pub mask: crate::text::Mask,
}

/// Where a finding is. The order is that of the lists: unit-wide and file-wide findings first, then by record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A whole unit's submission, or the unit's records of one dataset taken together.
    Unit {
        /// Index of the unit in the roster.
        unit: usize,
        /// Index of the dataset.
        dataset: usize,
    },
    /// One sheet as a whole, such as a missing heading.
    Sheet {
        /// Index of the unit in the roster.
        unit: usize,
        /// Index of the dataset.
        dataset: usize,
        /// Index of the file in the list of files read.
        file: usize,
        /// The field concerned.
        field: Option<u16>,
        /// Index of the sheet in the file's list of sheets.
        sheet: usize,
    },
    /// A record of a dataset; the finding is about these cells of it.
    Record {
        /// Index of the dataset.
        dataset: usize,
        /// Index of the record in its table.
        record: u32,
        /// Index of the field the finding is listed under; further marked fields are the rule's.
        field: Option<u16>,
    },
}

/// How serious a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Must be fixed (强制性).
    Error,
    /// Must be fixed or explained (提示性).
    Warning,
    /// For information.
    Info,
}

impl Severity {
    /// The name in packs and lists.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }

    /// The name officers read.
    pub fn title(self, lang: crate::text::Lang) -> &'static str {
        match (self, lang) {
            (Severity::Error, crate::text::Lang::Zh) => "强制",
            (Severity::Warning, crate::text::Lang::Zh) => "提示",
            (Severity::Info, crate::text::Lang::Zh) => "信息",
            (_, crate::text::Lang::En) => self.name(),
        }
    }
}

/// What a rule did on its dataset. `eligible = satisfied + violated + not_evaluable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct RuleCount {
    /// Records the rule applies to.
    pub eligible: u64,
    /// Records that violate it.
    pub violated: u64,
    /// Records for which it could not be decided.
    pub not_evaluable: u64,
    /// Sum of the rule's amount field over the violating records, in fen (0.01 yuan); absent if it names none.
    pub amount_at_risk_fen: Option<i128>,
}

/// The identity of a finding across runs and months: unit, rule, record key and field, never the row number.
/// `occurrence` tells apart records that share a key (0 for the first).
pub fn fingerprint(unit: &str, rule: &str, record_key: &str, field: &str, occurrence: u32) -> String {
    let mut hash = Sha256::new();
    for part in [unit, rule, record_key, field] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    if occurrence > 0 {
        hash.update(occurrence.to_le_bytes());
    }
    hash.finalize().get(..10).map(crate::digest::hex).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_do_not_run_together() {
        assert_ne!(fingerprint("1", "23", "k", "f", 0), fingerprint("12", "3", "k", "f", 0));
        assert_ne!(fingerprint("1", "2", "k", "f", 0), fingerprint("1", "2", "k", "f", 1));
        assert_eq!(fingerprint("1", "2", "k", "f", 0).len(), 20);
    }
}
