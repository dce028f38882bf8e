//! Why a record cannot be classed: which fields are blank or unusable, or what is wrong with its key.

use super::assign::Assigned;
use crate::{
    message::{Cells, Value},
    table::Table,
};

/// Why a record cannot be classed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A part of its key is blank.
    NoKey,
    /// Others have its key too: so many in all.
    Repeated(u32),
    /// These fields are blank, or, where marked, hold what could not be read.
    Fields(Vec<(u16, bool)>),
    /// No tier's condition holds.
    NoTier,
}

/// Why a record cannot be classed.
pub fn lack(assigned: &Assigned, cells: &Cells<'_>, record: u32) -> Lack {
    if assigned.keys.get(record as usize).is_none() {
        return Lack::NoKey;
    }
    if let Some(count) = assigned.repeated.get(&record) {
        return Lack::Repeated(*count);
    }
    let mut fields = Vec::new();
    for asked in &assigned.asked {
        let outcome = asked.outcome.get(record as usize);
        if outcome.is_none() || (asked.is_score && outcome == Some(false)) {
            fields.extend(asked.fields.iter().copied().filter(|field| cells.value(record, *field) == Value::Blank));
        }
    }
    fields.sort_unstable();
    fields.dedup();
    if fields.is_empty() {
        return Lack::NoTier;
    }
    Lack::Fields(fields.into_iter().map(|field| (field, is_fault(cells.table, record, field))).collect())
}

/// Whether the cell holds something that could not be read.
fn is_fault(table: &Table, record: u32, field: u16) -> bool {
    let faults = &table.cell_faults;
    let first = faults.partition_point(|fault| (fault.record, fault.field) < (record, field));
    faults
        .iter()
        .skip(first)
        .take_while(|fault| (fault.record, fault.field) == (record, field))
        .any(|fault| fault.kind.destroys_value())
}
