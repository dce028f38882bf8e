//! The conditions of a scheme compiled into one plan, and what they gave for a table.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, anyhow};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Int128Chunked, IntoColumn, IntoLazy, StringChunkedBuilder,
};

use super::{
    assign::{Asked, Given},
    model::{Keep, SCORE_SCALE, Scheme, Score},
};
use crate::{
    check::unusable,
    job::Unit,
    pack::{
        DECIMAL_PRECISION, Dataset,
        sql::{self, Condition, Scope, UNIT_COLUMN},
    },
    table::Table,
};

/// Where the conditions of a scheme stand among all of them.
pub(super) struct Plan<'a> {
    dataset: &'a Dataset,
    conditions: Vec<Condition>,
    /// The scheme's own condition.
    pub(super) when: Option<usize>,
    /// The ways over all tiers; none for one without condition.
    pub(super) ways: Vec<Option<usize>>,
    /// The bands of each factor.
    pub(super) bands: Vec<Vec<usize>>,
    /// The number that is the score.
    pub(super) value: Option<usize>,
    /// For each tier what keeps a customer in it.
    pub(super) keeps: Vec<Option<usize>>,
}

/// What the conditions of a plan gave.
pub(super) struct Results<'p> {
    plan: &'p Plan<'p>,
    frame: DataFrame,
    /// For each field that is read the records where it is unusable, if there are any.
    unusable: BTreeMap<u16, BooleanChunked>,
}

impl<'a> Plan<'a> {
    /// Compiles the conditions of `scheme`.
    ///
    /// # Errors
    /// If one cannot be compiled: a fault of the pack.
    pub(super) fn of(scheme: &Scheme, dataset: &'a Dataset, given: Given<'_>) -> Result<Self> {
        let fields = dataset.schema();
        let scope = Scope { schema: &fields, params: given.params, context: given.context };
        let mut conditions = Vec::new();
        let mut add = |text: &str| -> Result<usize> {
            let compiled = sql::compile_proven(text, scope);
            conditions.push(compiled.map_err(|mistakes| anyhow!("scheme {}: {mistakes}", scheme.id))?);
            Ok(conditions.len() - 1)
        };
        let when = scheme.when.as_deref().map(&mut add).transpose()?;
        let mut ways = Vec::new();
        for way in scheme.tiers.iter().flat_map(|tier| &tier.ways) {
            ways.push(way.when.as_deref().map(&mut add).transpose()?);
        }
        let mut bands = Vec::new();
        let mut value = None;
        match scheme.method.score() {
            Some(Score::Value(text)) => value = Some(add(text)?),
            Some(Score::Card(factors)) => {
                for factor in factors {
                    bands.push(factor.bands.iter().map(|(text, _)| add(text)).collect::<Result<Vec<_>>>()?);
                }
            }
            None => {}
        }
        let mut keeps = Vec::new();
        for tier in &scheme.tiers {
            keeps.push(match &tier.keep {
                Some(Keep::When(text)) => Some(add(text)?),
                _ => None,
            });
        }
        Ok(Self { dataset, conditions, when, ways, bands, value, keeps })
    }

    /// Evaluates all conditions on `table`.
    ///
    /// # Errors
    /// If that fails: a fault of the pack or of this program.
    pub(super) fn evaluate(&self, table: &Table, units: &[Unit]) -> Result<Results<'_>> {
        let frame = evaluate_conditions(&self.conditions, self.value, table, units)?;
        let fields: BTreeSet<u16> = (0..self.conditions.len()).flat_map(|at| self.fields(at)).collect();
        let unusable = fields.into_iter().filter_map(|field| Some((field, unusable(table, field)?))).collect();
        Ok(Results { plan: self, frame, unusable })
    }

    /// The fields a condition reads.
    fn fields(&self, at: usize) -> Vec<u16> {
        let names = self.conditions.get(at).into_iter().flat_map(|condition| &condition.fields);
        names.filter_map(|name| self.dataset.field_index(name)).collect()
    }
}

impl Results<'_> {
    /// Where a condition cannot be told because of a cell or column it reads.
    fn open(&self, at: usize) -> Option<BooleanChunked> {
        let fields = self.plan.fields(at);
        let masks = fields.iter().filter_map(|field| self.unusable.get(field));
        masks.fold(None, |all: Option<BooleanChunked>, mask| Some(all.map_or_else(|| mask.clone(), |all| &all | mask)))
    }

    /// What a condition gave: true, false or null.
    pub(super) fn truth(&self, at: usize) -> Result<BooleanChunked> {
        let outcome = self.frame.column(&name(at))?.bool().context("a condition is true or false")?;
        let outcome = outcome.rechunk().into_owned();
        let Some(open) = self.open(at) else { return Ok(outcome) };
        Ok(outcome.iter().zip(open.iter()).map(|(outcome, open)| outcome.filter(|_| open != Some(true))).collect())
    }

    /// A condition with its outcome.
    pub(super) fn asked(&self, at: usize) -> Result<Asked> {
        Ok(Asked { outcome: self.truth(at)?, fields: self.plan.fields(at), is_score: false })
    }

    /// A number: its values, and where it is known.
    pub(super) fn number(&self, at: usize) -> Result<(Int128Chunked, Asked)> {
        let column = self.frame.column(&name(at))?.decimal().context("a score is a decimal")?;
        let column = column.physical().rechunk().into_owned();
        let mut known = column.is_not_null();
        if let Some(open) = self.open(at) {
            known = &known & &!&open;
        }
        Ok((column, Asked { outcome: known, fields: self.plan.fields(at), is_score: true }))
    }
}

/// Evaluates conditions on a table, all in one plan: a column for each, in their order. The one at `number_at` is a
/// number, which becomes a decimal with [`SCORE_SCALE`] places.
///
/// # Errors
/// If that fails: a fault of the pack or of this program.
pub fn evaluate_conditions(
    conditions: &[Condition],
    number_at: Option<usize>,
    table: &Table,
    units: &[Unit],
) -> Result<DataFrame> {
    let mut frame = table.frame.clone();
    let reads_unit = |condition: &Condition| {
        let own = condition.expr.clone().meta().root_names();
        let calls = condition.calls.iter().flat_map(|call| call.expr.clone().meta().root_names());
        own.into_iter().chain(calls).any(|name| name.as_str() == UNIT_COLUMN)
    };
    if conditions.iter().any(reads_unit) {
        frame.with_column(unit_column(table, units))?;
    }
    let mut calls = BTreeMap::new();
    for call in conditions.iter().flat_map(|condition| &condition.calls) {
        calls.insert((call.depth, call.column.clone()), call.expr.clone());
    }
    let mut lazy = frame.lazy();
    let deepest = calls.keys().map(|(depth, _)| *depth).max();
    for level in 0..deepest.map_or(0, |deepest| deepest + 1) {
        let exprs: Vec<_> =
            calls.iter().filter(|((depth, _), _)| *depth == level).map(|(_, expr)| expr.clone()).collect();
        lazy = lazy.with_columns(exprs);
    }
    let one = |(at, condition): (usize, &Condition)| {
        let expr = condition.expr.clone();
        let number = number_at == Some(at);
        let expr = if number { expr.cast(DataType::Decimal(DECIMAL_PRECISION, SCORE_SCALE)) } else { expr };
        expr.alias(name(at))
    };
    let exprs: Vec<_> = conditions.iter().enumerate().map(one).collect();
    if exprs.is_empty() {
        return Ok(DataFrame::default());
    }
    lazy.select(exprs).collect().context("evaluating conditions")
}

fn name(at: usize) -> String {
    format!("c{at}")
}

fn unit_column(table: &Table, units: &[Unit]) -> Column {
    let mut builder = StringChunkedBuilder::new(UNIT_COLUMN.into(), table.height());
    for segment in &table.segments {
        let code = units.get(segment.unit).map(|unit| unit.code.as_str()).filter(|code| !code.is_empty());
        segment.records.clone().for_each(|_| builder.append_option(code));
    }
    builder.finish().into_column()
}
