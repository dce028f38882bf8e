//! One typed column of a table while it is filled, cell by cell, and then sheet by sheet.
//!
//! Knows typing, but neither sheets nor files.

use anyhow::bail;
use polars::prelude::{
    ChunkedArray, ChunkedBuilder, Column as PolarsColumn, Int32Chunked, Int32Type, Int64Chunked, Int64Type,
    Int128Chunked, Int128Type, IntoSeries, PolarsNumericType, PrimitiveChunkedBuilder,
};

use super::{
    cell::Cell,
    texts::Texts,
    typing::{Notes, Typing},
};
use crate::pack::{DECIMAL_PRECISION, Field, FieldKind};

/// A column being filled.
pub struct Column<'p> {
    typing: Typing<'p>,
    store: Store,
    filled: u32,
}

/// The values of one sheet's column.
pub enum Values {
    /// Texts, codes and names.
    Text(Texts),
    /// Decimals without their point.
    Decimal(Int128Chunked),
    /// Whole numbers.
    Integer(Int64Chunked),
    /// Days since 1970.
    Date(Int32Chunked),
}

impl Values {
    /// Whether a record has no value.
    pub fn is_null(&self, record: u32) -> bool {
        let at = record as usize;
        match self {
            Values::Text(texts) => texts.is_null(at),
            Values::Decimal(values) => at >= values.len() || values.get(at).is_none(),
            Values::Integer(values) => at >= values.len() || values.get(at).is_none(),
            Values::Date(values) => at >= values.len() || values.get(at).is_none(),
        }
    }
}

/// The values of a column while they come in: cell by cell, or those of several sheets one after the other.
pub enum Store {
    Text(Texts),
    Decimal(PrimitiveChunkedBuilder<Int128Type>),
    Integer(PrimitiveChunkedBuilder<Int64Type>),
    Date(PrimitiveChunkedBuilder<Int32Type>),
}

impl<'p> Column<'p> {
    /// An empty column.
    pub fn new(typing: Typing<'p>) -> Self {
        let name = typing.field.id.as_str().into();
        let store = match typing.field.kind {
            FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
                Store::Text(Texts::default())
            }
            FieldKind::Amount | FieldKind::Decimal => Store::Decimal(PrimitiveChunkedBuilder::new(name, 0)),
            FieldKind::Integer => Store::Integer(PrimitiveChunkedBuilder::new(name, 0)),
            FieldKind::Date => Store::Date(PrimitiveChunkedBuilder::new(name, 0)),
        };
        Self { typing, store, filled: 0 }
    }

    /// Sets the cell of a record; records in between, whose cells are blank, become null. `place` is where the cell's text
    /// stands in the workbook's table of shared texts, if it does: what such a text is typed as is remembered, unless
    /// there is something to note about it.
    pub fn set(&mut self, record: u32, cell: Cell<'_>, place: Option<u32>, notes: &mut Notes) {
        self.pad(record);
        match &mut self.store {
            Store::Text(texts) => {
                if !place.is_some_and(|place| texts.push_shared(place)) {
                    let before = notes.noted;
                    match self.typing.text(cell, notes) {
                        Some(text) => {
                            texts.push(&text);
                            if let Some(place) = place.filter(|_| notes.noted == before) {
                                texts.remember(place);
                            }
                        }
                        None => texts.push_null(),
                    }
                }
            }
            Store::Decimal(builder) => builder.append_option(self.typing.decimal(cell, notes)),
            Store::Integer(builder) => builder.append_option(self.typing.integer(cell, notes)),
            Store::Date(builder) => builder.append_option(self.typing.date(cell, notes)),
        }
        self.filled = record + 1;
    }

    /// The values of `height` records.
    pub fn into_values(mut self, height: u32) -> Values {
        self.pad(height);
        match self.store {
            Store::Text(texts) => Values::Text(texts),
            Store::Decimal(builder) => Values::Decimal(builder.finish()),
            Store::Integer(builder) => Values::Integer(builder.finish()),
            Store::Date(builder) => Values::Date(builder.finish()),
        }
    }

    fn pad(&mut self, record: u32) {
        for _ in self.filled..record {
            match &mut self.store {
                Store::Text(texts) => texts.push_null(),
                Store::Decimal(builder) => builder.append_null(),
                Store::Integer(builder) => builder.append_null(),
                Store::Date(builder) => builder.append_null(),
            }
        }
        self.filled = self.filled.max(record);
    }
}

impl From<Values> for Store {
    fn from(values: Values) -> Self {
        fn filled<T: PolarsNumericType>(values: &ChunkedArray<T>) -> PrimitiveChunkedBuilder<T> {
            let mut builder = PrimitiveChunkedBuilder::new(values.name().clone(), values.len());
            values.iter().for_each(|value| builder.append_option(value));
            builder
        }
        match values {
            Values::Text(texts) => Store::Text(texts),
            Values::Decimal(values) => Store::Decimal(filled(&values)),
            Values::Integer(values) => Store::Integer(filled(&values)),
            Values::Date(values) => Store::Date(filled(&values)),
        }
    }
}

impl Store {
    /// Adds the values of another sheet behind these.
    ///
    /// # Errors
    /// If they are of another kind, which would be a fault of this program.
    pub fn append(&mut self, other: Values) -> anyhow::Result<()> {
        match (self, other) {
            (Store::Text(texts), Values::Text(other)) => texts.append(&other),
            (Store::Decimal(builder), Values::Decimal(other)) => {
                other.iter().for_each(|value| builder.append_option(value));
            }
            (Store::Integer(builder), Values::Integer(other)) => {
                other.iter().for_each(|value| builder.append_option(value));
            }
            (Store::Date(builder), Values::Date(other)) => {
                other.iter().for_each(|value| builder.append_option(value));
            }
            _ => bail!("columns of different kinds"),
        }
        Ok(())
    }

    /// The finished column of `field`.
    ///
    /// # Errors
    /// If the values do not fit together, which would be a fault of this program.
    pub fn finish(self, field: &Field) -> anyhow::Result<PolarsColumn> {
        let series = match self {
            Store::Text(texts) => texts.finish(field.id.as_str().into())?.into_series(),
            Store::Decimal(builder) => {
                builder.finish().into_decimal_unchecked(DECIMAL_PRECISION, usize::from(field.scale)).into_series()
            }
            Store::Integer(builder) => builder.finish().into_series(),
            Store::Date(builder) => builder.finish().into_date().into_series(),
        };
        Ok(series.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Normaliser, testpack::field};

    /// A shared text is typed once, but what is to be noted about it is noted for every record.
    #[test]
    fn what_is_noted_about_a_shared_text_is_noted_for_each_record() {
        let declared = field("name", &["名称"], FieldKind::Name);
        let mut column = Column::new(Typing::new(&declared, None));
        let mut notes = Notes::default();
        let cells = [("甲", 3), ("乙 ", 9), ("甲", 3), ("乙 ", 9), ("丙\u{fffd}", 20), ("甲", 3), ("丙\u{fffd}", 20)];
        for (record, (text, place)) in (0..).zip(cells) {
            notes.at = (record, 0);
            column.set(record, Cell::Text(text), Some(place), &mut notes);
        }
        assert_eq!(notes.repairs.get(&Normaliser::Blanks), Some(&2));
        assert_eq!(notes.faults.iter().map(|fault| fault.record).collect::<Vec<_>>(), [4, 6]);
        let column = Store::from(column.into_values(7)).finish(&declared).expect("a column");
        let values: Vec<_> = column.str().expect("texts").iter().flatten().collect();
        assert_eq!(values, ["甲", "乙", "甲", "乙", "丙\u{fffd}", "甲", "丙\u{fffd}"]);
    }
}
