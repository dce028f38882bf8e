//! The list of errors the regulator returns (Article 21): read by a mapping of its columns, each line tied to the record
//! and the findings it is about, and told apart by whether we had found it too.
//!
//! Knows tables and packs, and is handed what the ledger knows; stores nothing itself.

mod list;
mod mapping;
#[cfg(test)]
mod tests;
mod tie;

pub use list::{LeftOut, Line, List, read_list};
pub use mapping::{Column, Mapping};
pub use tie::Ties;

use crate::text::Text;

/// A finding of the period, as the ledger knows it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Code of the unit.
    pub unit: String,
    /// Rule id.
    pub rule: String,
    /// Dataset id.
    pub dataset: String,
    /// Field id; blank for none.
    pub field: String,
    /// Hash of the record's key; none if it is about no record.
    pub key: Option<Vec<u8>>,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the unit.
    pub unit: usize,
    /// Index of the dataset, if it is known.
    pub dataset: Option<usize>,
    /// Index of the record; none if it is about a whole unit.
    pub record: Option<u32>,
    /// Index of the field, if it is known.
    pub field: Option<u16>,
}

/// Whether we had found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes: indexes of the findings.
    Caught(Vec<usize>),
    /// No.
    Missed,
    /// It cannot be told: the line fits no record.
    Unmatched,
}

/// A line, tied.
#[derive(Clone, Debug)]
pub struct Tied {
    /// What it is about.
    pub place: Option<Place>,
    /// Whether we had found it.
    pub outcome: Outcome,
    /// What is to be said about it: why it fits nothing, which rules found it, what else was found there.
    pub reason: Text,
}
