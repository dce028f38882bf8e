//! One typed column of a table while it is filled, cell by cell.
//!
//! Knows typing, but neither sheets nor files.

use polars::prelude::{
    ChunkedBuilder, Column as PolarsColumn, Int32Type, Int64Type, Int128Type, IntoSeries, PrimitiveChunkedBuilder,
};

use super::{
    cell::Cell,
    texts::Texts,
    typing::{Notes, Typing},
};
use crate::pack::{DECIMAL_PRECISION, FieldKind};

/// A column being filled.
pub struct Column<'p> {
    typing: Typing<'p>,
    store: Store,
    filled: u32,
}

enum Store {
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

    /// Sets the cell of a record; records in between, whose cells are blank, become null.
    pub fn set(&mut self, record: u32, cell: Cell<'_>, notes: &mut Notes) {
        self.pad(record);
        match &mut self.store {
            Store::Text(texts) => match self.typing.text(cell, notes) {
                Some(text) => texts.push(&text),
                None => texts.push_null(),
            },
            Store::Decimal(builder) => builder.append_option(self.typing.decimal(cell, notes)),
            Store::Integer(builder) => builder.append_option(self.typing.integer(cell, notes)),
            Store::Date(builder) => builder.append_option(self.typing.date(cell, notes)),
        }
        self.filled = record + 1;
    }

    /// The finished column of `height` records.
    ///
    /// # Errors
    /// If the values do not fit together, which would be a fault of this program.
    pub fn finish(mut self, height: u32) -> anyhow::Result<PolarsColumn> {
        self.pad(height);
        let series = match self.store {
            Store::Text(texts) => texts.finish(self.typing.field.id.as_str().into())?.into_series(),
            Store::Decimal(builder) => builder
                .finish()
                .into_decimal_unchecked(DECIMAL_PRECISION, usize::from(self.typing.field.scale))
                .into_series(),
            Store::Integer(builder) => builder.finish().into_series(),
            Store::Date(builder) => builder.finish().into_date().into_series(),
        };
        Ok(series.into())
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
