//! One corrected value, and what may be doubtful about it.

use chrono::NaiveDateTime;

use super::RecordId;
use crate::{ingest::Entered, text::Text};

/// A value that stands in place of one handed in, as long as the file still has the old one.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Unit code.
    pub unit: String,
    /// Dataset id.
    pub dataset: String,
    /// The record, as handed in.
    pub record: RecordId,
    /// Field id.
    pub field: String,
    /// The value handed in, however it was spelt; nothing for a blank cell.
    pub old: Option<String>,
    /// The value entered in its place.
    pub new: Entered,
    /// A finding was about the cell.
    pub flagged: bool,
    /// The unit says that the source system was changed too (Article 14).
    pub source_changed: bool,
    /// What is doubtful about it (Article 23 two).
    pub suspicions: Vec<Suspicion>,
    /// The findings it answers, by fingerprint.
    pub findings: Vec<String>,
    /// Who gave it.
    pub who: String,
    /// When it was taken in.
    pub given: NaiveDateTime,
    /// Name of the workbook it came in.
    pub workbook: String,
    /// SHA-256 of the workbook, hexadecimal.
    pub sha256: String,
}

/// What may be doubtful about a corrected value: it looks as if it was entered only to pass a check. Never more than a
/// mark for whoever reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suspicion {
    /// Of an identifier only the last character, the check digit, was changed.
    CheckDigit,
    /// Zero became an amount of next to nothing.
    Tiny,
    /// The identifier is that of a record of another customer.
    Copied,
    /// The same value was entered for several records.
    OneForAll,
    /// The amount is now just at a threshold of the rules.
    AtThreshold,
    /// The value was erased, so that nothing is left to check.
    Erased,
}

impl Suspicion {
    /// All of them.
    pub const ALL: [Suspicion; 6] = [
        Suspicion::CheckDigit,
        Suspicion::Tiny,
        Suspicion::Copied,
        Suspicion::OneForAll,
        Suspicion::AtThreshold,
        Suspicion::Erased,
    ];

    /// The name in the ledger and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Suspicion::CheckDigit => "check-digit",
            Suspicion::Tiny => "tiny",
            Suspicion::Copied => "copied",
            Suspicion::OneForAll => "one-for-all",
            Suspicion::AtThreshold => "at-threshold",
            Suspicion::Erased => "erased",
        }
    }

    /// The suspicion of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suspicion| suspicion.name() == name)
    }

    /// What people read.
    pub fn title(self) -> Text {
        match self {
            Suspicion::CheckDigit => Text::new("只改了校验位", "only the check digit was changed"),
            Suspicion::Tiny => Text::new("由0改为极小数", "zero became next to nothing"),
            Suspicion::Copied => Text::new("与其他客户的记录相同", "the same as in another customer's record"),
            Suspicion::OneForAll => Text::new("多条记录填同一数值", "one value for several records"),
            Suspicion::AtThreshold => Text::new("恰好等于规则界限", "just at a threshold of the rules"),
            Suspicion::Erased => Text::new("数值被清空", "the value was erased"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspicions_have_names_of_their_own() {
        for suspicion in Suspicion::ALL {
            assert_eq!(Suspicion::named(suspicion.name()), Some(suspicion));
        }
    }
}
