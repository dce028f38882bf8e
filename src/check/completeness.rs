//! How complete each unit's records are, by the measures of the pack (Article 8(4)).

use anyhow::{Context as _, Result};
use polars::prelude::PlHashSet;

use super::{Evaluation, keys::row_keys, record::selected};
use crate::pack::Part;

/// Records that count, and those of them that are complete. `complete <= records`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Share {
    /// Records that count.
    pub records: u64,
    /// Of these, complete ones.
    pub complete: u64,
}

/// The share of each unit, in the order of the units, for each measure of the pack.
pub(super) fn measure(evaluation: &Evaluation<'_>) -> Result<Vec<Vec<Share>>> {
    let input = evaluation.input;
    let mut measured = Vec::new();
    for measure in &input.pack.completeness {
        let (declared, table) = (&input.pack.datasets[measure.on], &input.tables[measure.on]);
        let counted = selected(evaluation, measure.on, table, measure.when.as_deref())?;
        let complete: Vec<bool> = match &measure.part {
            Part::Field(field) => {
                let field = declared.fields.get(usize::from(*field)).context("a measure names no field")?;
                table.frame.column(&field.id)?.is_not_null().iter().map(|filled| filled == Some(true)).collect()
            }
            Part::Refers { key, to, to_key } => {
                let there = row_keys(&input.tables[*to].frame, &input.pack.datasets[*to], to_key)?;
                let known: PlHashSet<&str> = there.iter().flatten().collect();
                let own = row_keys(&table.frame, declared, key)?;
                own.iter().map(|key| key.is_some_and(|key| known.contains(key))).collect()
            }
        };
        let mut shares = vec![Share::default(); input.units.len()];
        for segment in &table.segments {
            let Some(share) = shares.get_mut(segment.unit) else { continue };
            for record in segment.records.clone().map(|record| record as usize) {
                if counted.get(record) == Some(&true) {
                    share.records += 1;
                    share.complete += u64::from(complete.get(record) == Some(&true));
                }
            }
        }
        measured.push(shares);
    }
    Ok(measured)
}
