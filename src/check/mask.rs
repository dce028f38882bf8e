//! Records as bits: which are eligible, which could not be decided, which violate.

use polars::prelude::{BooleanChunked, ChunkFull, NewChunkedArray};

use crate::table::Table;

/// One bit for each record, none null.
pub type Bits = BooleanChunked;

/// All records, or none.
pub fn all(value: bool, height: usize) -> Bits {
    BooleanChunked::full("".into(), value, height)
}

/// The indexes of the set bits, ascending.
pub fn indexes(bits: &Bits) -> Vec<u32> {
    let mut found = Vec::new();
    let mut start = 0_u32;
    for chunk in bits.downcast_iter() {
        found.extend(
            chunk.values().true_idx_iter().filter_map(|index| u32::try_from(index).ok()).map(|index| start + index),
        );
        start += u32::try_from(chunk.values().len()).unwrap_or(0);
    }
    found
}

/// Number of set bits.
pub fn count(bits: &Bits) -> u64 {
    bits.sum().map_or(0, u64::from)
}

/// True where the value is true; null counts as `null`.
pub fn known(values: &BooleanChunked, null: bool) -> Bits {
    // Whole words of bits at a time. Three-valued logic settles the nulls: `null OR true` is true, `null AND false` false.
    if values.null_count() == 0 {
        values.clone()
    } else if null {
        values | &values.is_null()
    } else {
        values & &values.is_not_null()
    }
}

/// Bits from truth values.
pub fn from_flags(flags: impl Iterator<Item = bool>) -> Bits {
    BooleanChunked::from_iter_values("".into(), flags)
}

/// The records whose value of `field` is unusable: the cell failed typing, or the sheet has no such column.
/// Nothing if there are none.
pub fn unusable(table: &Table, field: u16) -> Option<Bits> {
    let mut flags = Vec::new();
    let flag = |flags: &mut Vec<bool>, record: u32| {
        if flags.is_empty() {
            flags.resize(table.height(), false);
        }
        if let Some(flag) = flags.get_mut(record as usize) {
            *flag = true;
        }
    };
    for fault in table.cell_faults.iter().filter(|fault| fault.field == field && fault.kind.destroys_value()) {
        flag(&mut flags, fault.record);
    }
    for segment in table.segments.iter().filter(|segment| segment.column_of(field).is_none()) {
        segment.records.clone().for_each(|record| flag(&mut flags, record));
    }
    (!flags.is_empty()).then(|| from_flags(flags.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_and_listed() {
        let values: BooleanChunked = [Some(true), None, Some(false), Some(true)].into_iter().collect();
        assert_eq!(indexes(&known(&values, false)), [0, 3]);
        assert_eq!(count(&known(&values, true)), 3);
        assert_eq!(known(&values, true).null_count() + known(&values, false).null_count(), 0);
        assert_eq!(indexes(&known(&values, true)), [0, 1, 3]);
        let mut chunks = known(&values, false);
        chunks.append(&all(true, 2)).expect("same type");
        assert_eq!(indexes(&chunks), [0, 3, 4, 5]);
    }
}
