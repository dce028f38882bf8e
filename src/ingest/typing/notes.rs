//! What is noted about the cells of a sheet beside their typed values.

use std::collections::{BTreeMap, HashMap};

use crate::{
    ingest::{
        Normaliser,
        characters::{Cleaned, is_dash, is_error},
    },
    table::{CellFault, FaultKind},
};

/// What is noted about the cells of a sheet beside their values.
#[derive(Debug, Default)]
pub struct Notes {
    /// The cell at work: record and field.
    pub at: (u32, u16),
    /// What the detectors found.
    pub faults: Vec<CellFault>,
    /// Texts as submitted, where the typed value does not show them.
    pub submitted: HashMap<(u32, u16), Box<str>>,
    /// Repairs, with how often.
    pub repairs: BTreeMap<Normaliser, u64>,
    /// How many faults, texts and repairs were noted.
    pub noted: u64,
}

impl Notes {
    /// A detector found something in the cell at work.
    pub fn fault(&mut self, kind: FaultKind) {
        self.noted += 1;
        self.faults.push(CellFault { record: self.at.0, field: self.at.1, kind });
    }

    /// A normaliser was applied to it.
    pub fn repair(&mut self, kind: Normaliser) {
        self.noted += 1;
        *self.repairs.entry(kind).or_default() += 1;
    }

    /// Its typed value does not show this text.
    pub fn submit(&mut self, text: &str) {
        self.noted += 1;
        self.submitted.insert(self.at, text.into());
    }

    /// The value is gone: fault and text as submitted.
    pub fn destroy<T>(&mut self, kind: FaultKind, text: &str) -> Option<T> {
        self.fault(kind);
        self.submit(text);
        None
    }

    /// What cleaning its text found.
    pub fn cleaning(&mut self, found: &Cleaned) {
        if found.invisible {
            self.fault(FaultKind::InvisibleCharacters);
            self.repair(Normaliser::Invisible);
        }
        if found.full_width {
            self.repair(Normaliser::FullWidth);
        }
        if found.full_width_fault {
            self.fault(FaultKind::FullWidthCharacters);
        }
        if found.blanks {
            self.repair(Normaliser::Blanks);
        }
    }

    /// Whether nothing was entered: blanks, a dash for "nothing", or an error shown as text. Reports the latter two.
    pub fn nothing_entered(&mut self, found: &Cleaned, text: &str) -> bool {
        if found.text.is_empty() {
            return true;
        }
        if is_dash(text) {
            self.repair(Normaliser::DashAsBlank);
            self.submit(text);
            return true;
        }
        if is_error(text.trim()) {
            self.fault(FaultKind::ErrorCell);
            self.submit(text);
            return true;
        }
        false
    }
}
