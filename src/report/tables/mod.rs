//! The tables of the catalog, filled from a run: only those that some query names, with personal data masked or not.
//!
//! Knows what a run found, not what reports make of it.

mod derived;
mod ledger;
mod run;
mod scope;
mod totals;

use std::{collections::BTreeSet, sync::OnceLock};

use anyhow::{Context as _, Result};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Field, IntoColumn as _, IntoLazy as _, LazyFrame,
    NewChunkedArray as _, Schema, StringChunked, StringChunkedBuilder, col,
};

pub use derived::{DerivedTables, Records as DerivedRecords, derive_tables};
pub use scope::Basis;
use scope::Decided;
pub use totals::{Total, read_totals};

use super::{
    catalog::{self, PRIOR_PREFIX, REPORTED_CUSTOMERS, REPORTED_LOANS},
    query::Tables,
};
use crate::{
    job::Unit,
    ledger::View,
    outcome::Outcome,
    pack::{
        Dataset, FieldKind,
        sql::{ROW_COLUMN, UNIT_COLUMN},
    },
    table::Table,
    text::{Lang, Mask},
};

/// What tables are filled from.
pub struct Material<'a> {
    /// The run.
    pub outcome: &'a Outcome,
    /// Tables and units of the prior period.
    pub prior: Option<(&'a [Table], &'a [Unit])>,
    /// What was derived, as tables.
    pub derived: &'a DerivedTables,
    /// The ledger as of the period.
    pub ledger: Option<&'a View>,
    /// Totals of the general ledger.
    pub totals: &'a [Total],
    /// Language of texts the program makes.
    pub lang: Lang,
    /// Which loans are reported, once it was asked.
    pub(super) decided: OnceLock<Option<Decided>>,
}

impl<'a> Material<'a> {
    /// What tables are filled from.
    pub fn new(
        outcome: &'a Outcome,
        prior: Option<(&'a [Table], &'a [Unit])>,
        derived: &'a DerivedTables,
        ledger: Option<&'a View>,
        totals: &'a [Total],
        lang: Lang,
    ) -> Self {
        Self { outcome, prior, derived, ledger, totals, lang, decided: OnceLock::new() }
    }

    fn decided(&self) -> Option<&Decided> {
        self.decided.get_or_init(|| scope::decide(self.outcome)).as_ref()
    }

    /// How many points keep the period's submission back: errors and warnings left to do, units that are missing, and
    /// files that could not be read. None: the gate is open.
    pub fn open_points(&self) -> u64 {
        if let Some(view) = self.ledger {
            let units = view.gate.units.iter().filter(|unit| unit.blocks());
            return units.map(|unit| (unit.errors + unit.warnings).max(1)).sum::<u64>() + u64::from(!view.gate.run);
        }
        run::standings(self)
            .iter()
            .map(|standing| standing.open + standing.unreadable + u64::from(standing.missing))
            .sum()
    }

    /// Whether the submission may go out.
    pub fn is_final(&self) -> bool {
        self.open_points() == 0
    }
}

/// Column that marks the records that are reported.
const KEPT: &str = "_kept";

/// The tables that `wanted` names.
///
/// # Errors
/// If one cannot be made: a fault of this program.
pub fn fill(material: &Material<'_>, wanted: &BTreeSet<String>, masked: bool) -> Result<Tables> {
    let outcome = material.outcome;
    let wants = |name: &str| wanted.contains(name);
    let mut tables = Tables::new();
    let needs_scope = [catalog::SCOPE.name, REPORTED_LOANS, REPORTED_CUSTOMERS].into_iter().any(wants);
    let decided = if needs_scope { material.decided() } else { None };
    let shown = |dataset: &Dataset, frame: DataFrame| if masked { hidden(dataset, frame) } else { frame.lazy() };
    for (at, (dataset, table)) in outcome.pack.datasets.iter().zip(&outcome.intake.tables).enumerate() {
        let reported = match dataset.id.as_str() {
            "loans" => Some((REPORTED_LOANS, decided.map(|decided| &decided.loans))),
            "customers" => Some((REPORTED_CUSTOMERS, decided.map(|decided| &decided.customers))),
            _ => None,
        };
        let reported = reported.filter(|(name, _)| wants(name));
        if wants(&dataset.id) || reported.is_some() {
            let frame = dataset_frame(table, &outcome.units).with_context(|| dataset.id.clone())?;
            if let Some((name, kept)) = reported {
                let reported = match kept {
                    Some(kept) if kept.iter().all(|kept| *kept) => shown(dataset, frame.clone()),
                    Some(kept) => {
                        // Only what a query reads is ever copied.
                        let mut with_mark = frame.clone();
                        with_mark.with_column(BooleanChunked::from_slice(KEPT.into(), kept).into_column())?;
                        let fields = frame.get_column_names().into_iter().map(|name| col(name.as_str()));
                        shown(dataset, with_mark).filter(col(KEPT)).select(fields.collect::<Vec<_>>())
                    }
                    None => frame.clear().lazy(),
                };
                tables.insert(name.to_owned(), reported);
            }
            tables.insert(dataset.id.clone(), shown(dataset, frame));
        }
        let prior = format!("{PRIOR_PREFIX}{}", dataset.id);
        if wants(&prior) {
            let frame = match material.prior.and_then(|(tables, units)| Some((tables.get(at)?, units))) {
                Some((table, units)) => dataset_frame(table, units).context("prior period")?,
                None => DataFrame::empty_with_schema(&catalog::dataset_schema(dataset)),
            };
            tables.insert(prior, shown(dataset, frame));
        }
    }
    let mut add = |view: &catalog::View, make: &mut dyn FnMut() -> Result<DataFrame>| -> Result<()> {
        let own = outcome.pack.datasets.iter().any(|dataset| dataset.id == view.name);
        if wants(view.name) && !own {
            tables.insert(view.name.to_owned(), make().with_context(|| format!("table {}", view.name))?.lazy());
        }
        Ok(())
    };
    add(&catalog::INSTITUTION, &mut || run::institution(material))?;
    add(&catalog::STANDINGS, &mut || run::standings_table(material))?;
    add(&catalog::FINDINGS, &mut || run::findings(material))?;
    add(&catalog::RULES, &mut || run::rules(material))?;
    add(&catalog::FILES, &mut || run::files(material))?;
    add(&catalog::CODES, &mut || run::codes(material))?;
    add(&catalog::SCOPE, &mut || scope::table(decided, outcome, material.lang))?;
    add(&catalog::PERIODS, &mut || ledger::periods(material))?;
    add(&catalog::TIERS, &mut || ledger::tiers(material))?;
    add(&catalog::LEDGER_TOTALS, &mut || totals::table(material.totals))?;
    for view in derived::VIEWS {
        add(view, &mut || Ok(material.derived.get(view)))?;
    }
    Ok(tables)
}

/// The records of a dataset with the unit that handed them in and their index.
fn dataset_frame(table: &Table, units: &[Unit]) -> Result<DataFrame> {
    let mut frame = table.frame.clone();
    let mut codes = StringChunkedBuilder::new(UNIT_COLUMN.into(), table.height());
    for segment in &table.segments {
        let code = units.get(segment.unit).map(|unit| unit.code.as_str()).filter(|code| !code.is_empty());
        segment.records.clone().for_each(|_| codes.append_option(code));
    }
    frame.with_column(codes.finish().into_column())?;
    let rows: Vec<i64> = (0..i64::try_from(table.height())?).collect();
    frame.with_column(Column::new(ROW_COLUMN.into(), rows))?;
    Ok(frame)
}

/// The frame with personal data hidden as the fields ask for. Columns no query reads are never computed.
fn hidden(dataset: &Dataset, frame: DataFrame) -> LazyFrame {
    let texts = dataset.fields.iter().filter(|field| field.data_type() == DataType::String);
    let columns: Vec<_> = texts
        // Codes of a list are no persons.
        .filter(|field| !(field.mask == Mask::None && field.kind == FieldKind::Code))
        .map(|field| {
            let (mask, name) = (field.mask, field.id.clone());
            col(field.id.as_str()).map(
                move |column| {
                    let masked = |text: Option<&str>| text.map(|text| mask.apply(text));
                    let texts = column.str()?;
                    let shown = StringChunked::from_iter_options(column.name().clone(), texts.iter().map(masked));
                    Ok(shown.into_column())
                },
                move |_: &Schema, _: &Field| Ok(Field::new(name.as_str().into(), DataType::String)),
            )
        })
        .collect();
    if columns.is_empty() { frame.lazy() } else { frame.lazy().with_columns(columns) }
}
