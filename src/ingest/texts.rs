//! A column of texts while it is filled: repeated values are kept once, so that names and codes that stand in many
//! records cost four bytes each.
//!
//! Knows neither cells nor typing.

use polars::prelude::{ChunkTake, IdxCa, IdxSize, PlSmallStr, StringChunked, StringChunkedBuilder};

/// Values met lately that a new one is compared with, a power of two. Enough for the customers of a sheet sorted in any
/// way; one more lookup in a table that grows with the sheet would miss the cache.
const REMEMBERED: usize = 1 << 13;

/// Shared texts of the workbook that are remembered at most, and at first: there are many small files. Powers of two.
const SHARED: usize = 1 << 15;
const SHARED_AT_FIRST: usize = 1 << 10;

/// No value.
const NULL: IdxSize = IdxSize::MAX;

/// Texts in the order of the records.
#[derive(Debug, Default)]
pub struct Texts {
    /// For each record the number of its value, or [`NULL`].
    rows: Vec<IdxSize>,
    /// The values, one after the other.
    text: String,
    ends: Vec<usize>,
    /// For each hash the last value that had it, or [`NULL`].
    recent: Vec<IdxSize>,
    /// For each hash the last shared text that had it, and the number of its value.
    shared: Vec<(u32, IdxSize)>,
}

impl Texts {
    /// Adds a record without a value.
    pub fn push_null(&mut self) {
        self.rows.push(NULL);
    }

    /// Adds a record whose text is the shared one at `place` in the workbook's table; false if its value is not
    /// remembered.
    #[inline]
    pub fn push_shared(&mut self, place: u32) -> bool {
        match self.shared.get(slot_of(place, self.shared.len())) {
            Some((known, number)) if *known == place && *number != NULL => {
                self.rows.push(*number);
                true
            }
            _ => false,
        }
    }

    /// Remembers that the value added last is that of the shared text at `place`.
    pub fn remember(&mut self, place: u32) {
        let length = self.shared.len();
        if length == 0 || (length < SHARED && self.rows.len() > 4 * length) {
            // Nothing is lost that is not found again.
            self.shared = vec![(0, NULL); SHARED_AT_FIRST.max(4 * length).min(SHARED)];
        }
        let slot = slot_of(place, self.shared.len());
        if let (Some(slot), Some(number)) = (self.shared.get_mut(slot), self.rows.last()) {
            *slot = (place, *number);
        }
    }

    /// Adds a record with a value.
    pub fn push(&mut self, value: &str) {
        let number = self.number(value);
        self.rows.push(number);
    }

    /// Adds the records of another column behind these.
    pub fn append(&mut self, other: &Texts) {
        let mut numbers = Vec::with_capacity(other.ends.len());
        let mut start = 0;
        for end in &other.ends {
            numbers.push(self.number(other.text.get(start..*end).unwrap_or_default()));
            start = *end;
        }
        let number = |row: &IdxSize| usize::try_from(*row).ok().and_then(|row| numbers.get(row)).copied();
        self.rows.extend(other.rows.iter().map(|row| number(row).unwrap_or(NULL)));
        // Places of another workbook.
        self.shared = Vec::new();
    }

    /// Whether a record has no value.
    pub fn is_null(&self, record: usize) -> bool {
        self.rows.get(record).is_none_or(|row| *row == NULL)
    }

    /// The number of a value, which is kept if it was not met lately.
    fn number(&mut self, value: &str) -> IdxSize {
        if self.recent.is_empty() {
            self.recent = vec![NULL; REMEMBERED];
        }
        let slot = hash(value.as_bytes());
        let known = self.recent.get(slot).copied().unwrap_or(NULL);
        if known != NULL && self.value(known) == Some(value) {
            return known;
        }
        // A sheet has fewer cells.
        let number = IdxSize::try_from(self.ends.len()).unwrap_or(NULL);
        self.text.push_str(value);
        self.ends.push(self.text.len());
        if let Some(slot) = self.recent.get_mut(slot) {
            *slot = number;
        }
        number
    }

    fn value(&self, number: IdxSize) -> Option<&str> {
        let number = usize::try_from(number).ok()?;
        let start = if number == 0 { 0 } else { *self.ends.get(number - 1)? };
        self.text.get(start..*self.ends.get(number)?)
    }

    /// The finished column. Records with the same value share its bytes.
    ///
    /// # Errors
    /// If the values do not fit together, which would be a fault of this program.
    pub fn finish(self, name: PlSmallStr) -> anyhow::Result<StringChunked> {
        let mut builder = StringChunkedBuilder::new(name.clone(), self.ends.len());
        let mut start = 0;
        for end in &self.ends {
            builder.append_value(self.text.get(start..*end).unwrap_or_default());
            start = *end;
        }
        let Self { rows, text, ends, recent, shared } = self;
        drop((text, ends, recent, shared));
        let values = builder.finish();
        if rows.iter().zip(0..).all(|(row, number)| *row == number) {
            return Ok(values);
        }
        let rows: IdxCa = rows.into_iter().map(|row| (row != NULL).then_some(row)).collect();
        Ok(values.take(&rows)?.with_name(name))
    }
}

/// Where a shared text is remembered among `length`, a power of two up to [`SHARED`].
#[inline]
fn slot_of(place: u32, length: usize) -> usize {
    // As below; the upper bits.
    (place.wrapping_mul(0x9e37_79b1) >> 17) as usize & length.wrapping_sub(1)
}

/// A place among the remembered values, from the length and both ends of a text: codes differ there.
fn hash(bytes: &[u8]) -> usize {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let (first, last) = if bytes.len() < 8 {
        (bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0)
    } else {
        (word(bytes.first_chunk()), word(bytes.last_chunk()))
    };
    // Multiplication by odd constants, whose upper bits depend on all lower ones (Knuth, TAOCP 6.4).
    let mixed = (first ^ last.rotate_left(23) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    #[allow(clippy::cast_possible_truncation, reason = "thirteen bits are wanted")]
    let place = (mixed >> 40) as usize;
    place % REMEMBERED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[Option<&str>]) -> Vec<Option<String>> {
        let mut texts = Texts::default();
        for value in values {
            match value {
                Some(value) => texts.push(value),
                None => texts.push_null(),
            }
        }
        let column = texts.finish("a".into()).expect("a column");
        assert_eq!(column.name().as_str(), "a");
        column.iter().map(|value| value.map(ToOwned::to_owned)).collect()
    }

    #[test]
    fn values_come_back_in_order() {
        for values in [
            vec![],
            vec![None, None],
            vec![Some("甲"), Some("乙")],
            vec![
                Some(""),
                Some("a"),
                Some(""),
                None,
                Some("a"),
                Some("甲商贸有限责任公司"),
                Some("甲商贸有限责任公司"),
                None,
            ],
        ] {
            let expected: Vec<_> = values.iter().map(|value| value.map(ToOwned::to_owned)).collect();
            assert_eq!(column(&values), expected);
        }
    }

    /// More shared texts than are remembered, each asked for first.
    #[test]
    fn shared_texts_are_remembered_by_their_place() {
        let places: Vec<u32> = (0..200_000_u32).map(|number| number * 7_919 % 50_021 * 3).collect();
        let mut texts = Texts::default();
        let mut remembered = 0;
        for place in &places {
            if texts.push_shared(*place) {
                remembered += 1;
            } else {
                texts.push(&format!("甲{place}"));
                texts.remember(*place);
            }
        }
        assert!(remembered > 10_000 && remembered < 190_000, "{remembered}");
        let column = texts.finish("a".into()).expect("a column");
        let expected = places.iter().map(|place| Some(format!("甲{place}")));
        assert!(column.iter().map(|value| value.map(ToOwned::to_owned)).eq(expected));
    }

    /// Values of the first column and of none come again in the second.
    #[test]
    fn columns_are_put_together() {
        let of = |values: &[Option<&str>]| {
            let mut texts = Texts::default();
            for value in values {
                match value {
                    Some(value) => texts.push(value),
                    None => texts.push_null(),
                }
            }
            texts
        };
        let (first, second) =
            ([Some("甲"), None, Some("JJ0000001")], [None, Some("乙"), Some("甲"), Some(""), Some("乙")]);
        let mut texts = of(&first);
        texts.append(&of(&second));
        texts.append(&of(&[]));
        assert_eq!(texts.ends.len(), 4, "a value met before is not kept again");
        let column = texts.finish("a".into()).expect("a column");
        assert!(column.iter().eq(first.into_iter().chain(second)));
        let mut texts = of(&[]);
        texts.append(&of(&second));
        assert!(texts.finish("a".into()).expect("a column").iter().eq(second));
    }

    /// Many values, some of which share a place among the remembered.
    #[test]
    fn more_values_than_are_remembered() {
        let values: Vec<String> = (0..60_000_u32).map(|number| format!("JJ{:08}", number * 7_919 % 20_011)).collect();
        let values: Vec<Option<&str>> = values.iter().map(|value| Some(value.as_str())).collect();
        let expected: Vec<_> = values.iter().map(|value| value.map(ToOwned::to_owned)).collect();
        assert_eq!(column(&values), expected);
        // Long texts that agree at both ends.
        let values = ["内蒙古甲甲甲有限公司", "内蒙古乙乙乙有限公司"].map(Some).repeat(3);
        let expected: Vec<_> = values.iter().map(|value| value.map(ToOwned::to_owned)).collect();
        assert_eq!(column(&values), expected);
    }
}
