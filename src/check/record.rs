//! Rules about one record: one plan and one collect for a dataset, then bits are counted, rules beside each other on
//! the threads there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use polars::prelude::{
    AnyValue, BooleanChunked, ChunkFullNull as _, Column, DataFrame, DataType, IntoColumn, IntoLazy, LazyFrame, Scalar,
    StringChunkedBuilder, col,
};
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{
    Details, Evaluation, Verdict, keys,
    mask::{self, Bits},
    masked_detail, prior, sums, values,
};
use crate::{
    finding::{Place, RuleCount},
    pack::{
        Body, Dataset, Rule,
        examples::PRIOR_PREFIX,
        sql::{self, Condition, Scope, UNIT_COLUMN, prior_column},
    },
    table::Table,
};

/// The records a rule applies to, and those for which that cannot be told.
pub struct Eligible {
    /// It applies.
    pub yes: Bits,
    /// A field it depends on is unusable.
    pub undecided: Bits,
}

struct Compiled<'a> {
    index: usize,
    rule: &'a Rule,
    when: Option<Condition>,
    assert: Option<Condition>,
}

/// Evaluates the rules of one dataset, except changes against the prior period.
pub fn evaluate_dataset(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    verdicts: &mut [Verdict],
    timings: &mut BTreeMap<String, Duration>,
) -> Result<()> {
    let input = evaluation.input;
    let (Some(declared), Some(table)) = (input.pack.datasets.get(dataset), input.tables.get(dataset)) else {
        return Ok(());
    };
    if table.height() == 0 {
        return Ok(());
    }
    let started = Instant::now();
    let rules = compile(evaluation, dataset, declared)?;
    let frame = with_computed(evaluation, dataset, table, &rules)?;
    let outcomes = collect(&frame, &rules)?;
    timings.insert(format!("plan of {}", declared.id), started.elapsed());

    let fields_read = |compiled: &Compiled<'_>| -> BTreeSet<u16> {
        let conditions = compiled.when.iter().chain(&compiled.assert);
        let named = conditions.flat_map(|condition| &condition.fields).filter_map(|name| declared.field_index(name));
        named.chain(set_fields(&compiled.rule.body)).collect()
    };
    let read_by_any: BTreeSet<u16> = rules.iter().flat_map(fields_read).collect();
    let unusable: BTreeMap<u16, Bits> =
        read_by_any.into_iter().filter_map(|field| Some((field, mask::unusable(table, field)?))).collect();
    let judged: Vec<(Verdict, Duration)> = rules
        .par_iter()
        .map(|compiled| {
            let started = Instant::now();
            let bad = fields_read(compiled)
                .iter()
                .filter_map(|field| unusable.get(field))
                .fold(None, |bad: Option<Bits>, more| Some(bad.map_or_else(|| more.clone(), |bad| &bad | more)));
            let eligible = eligible(compiled, &outcomes, bad, table.height())?;
            let about = || format!("rule {}", compiled.rule.id);
            let mut verdict = judge(evaluation, dataset, declared, table, compiled, &frame, &outcomes, &eligible)
                .with_context(about)?;
            values::add(evaluation, declared, table, compiled.rule, &mut verdict).with_context(about)?;
            Ok((verdict, started.elapsed()))
        })
        .collect::<Result<_>>()?;
    for (compiled, (verdict, time)) in rules.iter().zip(judged) {
        timings.insert(compiled.rule.id.clone(), time);
        if let Some(slot) = verdicts.get_mut(compiled.index) {
            *slot = verdict;
        }
    }
    Ok(())
}

/// Fields of this dataset a set rule reads besides its `when`.
fn set_fields(body: &Body) -> Vec<u16> {
    match body {
        Body::Unique { key, .. } | Body::Refers { key, .. } => key.clone(),
        Body::Determines { key, field, .. } | Body::Sum { key, field, .. } => {
            key.iter().copied().chain(std::iter::once(*field)).collect()
        }
        _ => Vec::new(),
    }
}

fn compile<'a>(evaluation: &Evaluation<'a>, dataset: usize, declared: &Dataset) -> Result<Vec<Compiled<'a>>> {
    let schema = declared.schema();
    let scope = Scope { schema: &schema, params: &evaluation.params, context: &evaluation.context };
    let condition = |rule: &Rule, text: &str| {
        sql::compile_proven(text, scope).map_err(|mistakes| anyhow!("rule {}: {mistakes}", rule.id))
    };
    let mut compiled = Vec::new();
    for (index, rule) in evaluation.input.pack.rules.iter().enumerate().filter(|(_, rule)| rule.on == Some(dataset)) {
        let (when, assert) = match &rule.body {
            Body::Assert { when, assert } => (when, Some(assert)),
            Body::Unique { when, .. }
            | Body::Refers { when, .. }
            | Body::Determines { when, .. }
            | Body::Sum { when, .. } => (when, None),
            Body::Query { .. } => (&None, None),
            Body::Cell(_) | Body::Sheet(_) | Body::Change { .. } | Body::Derived(_) => continue,
        };
        let when = when.as_ref().map(|text| condition(rule, text)).transpose()?;
        let assert = assert.map(|text| condition(rule, text)).transpose()?;
        compiled.push(Compiled { index, rule, when, assert });
    }
    Ok(compiled)
}

/// The code of the unit of each record; null where no unit is known.
pub fn unit_column(evaluation: &Evaluation<'_>, table: &Table) -> Column {
    // The submission of a single unit: one value stands for all records.
    if let [only] = table.segments.as_slice()
        && let Some(unit) = evaluation.input.units.get(only.unit).filter(|unit| !unit.code.is_empty())
    {
        let code = Scalar::new(DataType::String, AnyValue::StringOwned(unit.code.as_str().into()));
        return Column::new_scalar(UNIT_COLUMN.into(), code, table.height());
    }
    let mut builder = StringChunkedBuilder::new(UNIT_COLUMN.into(), table.height());
    for segment in &table.segments {
        let code =
            evaluation.input.units.get(segment.unit).map(|unit| unit.code.as_str()).filter(|code| !code.is_empty());
        segment.records.clone().for_each(|_| builder.append_option(code));
    }
    builder.finish().into_column()
}

/// The records of `table` for which `when` is true; all without a condition.
pub fn selected(evaluation: &Evaluation<'_>, dataset: usize, table: &Table, when: Option<&str>) -> Result<Vec<bool>> {
    let Some(when) = when else { return Ok(vec![true; table.height()]) };
    let schema = evaluation.input.pack.datasets[dataset].schema();
    let scope = Scope { schema: &schema, params: &evaluation.params, context: &evaluation.context };
    let condition = sql::compile_proven(when, scope).map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
    let mut frame = table.frame.clone();
    frame.with_column(unit_column(evaluation, table))?;
    let mut lazy = frame.lazy();
    for call in &condition.calls {
        lazy = lazy.with_columns([call.expr.clone()]);
    }
    let result = lazy.select([condition.expr.alias("yes")]).select([col("yes")]).collect()?;
    Ok(result.column("yes")?.bool()?.iter().map(|yes| yes == Some(true)).collect())
}

/// The dataset's frame with everything the conditions read: prior values, the unit, and calls of our functions.
fn with_computed(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    table: &Table,
    rules: &[Compiled<'_>],
) -> Result<LazyFrame> {
    let conditions = || rules.iter().flat_map(|rule| rule.when.iter().chain(&rule.assert));
    let prior: BTreeSet<_> = conditions().flat_map(|condition| condition.prior.iter().cloned()).collect();
    let mut frame = table.frame.clone();
    let prior: Vec<_> = prior.into_iter().collect();
    for column in prior::prior_columns(evaluation, dataset, &prior)? {
        frame.with_column(column).context("prior period")?;
    }
    frame.with_column(unit_column(evaluation, table)).context("units")?;
    let mut calls = BTreeMap::new();
    for call in conditions().flat_map(|condition| &condition.calls) {
        calls.insert((call.depth, call.column.clone()), call.expr.clone());
    }
    let mut lazy = frame.lazy();
    let deepest = calls.keys().map(|(depth, _)| *depth).max();
    for level in 0..deepest.map_or(0, |deepest| deepest + 1) {
        let exprs: Vec<_> =
            calls.iter().filter(|((depth, _), _)| *depth == level).map(|(_, expr)| expr.clone()).collect();
        lazy = lazy.with_columns(exprs);
    }
    Ok(lazy)
}

fn when_name(rule: usize) -> String {
    format!("when {rule}")
}

fn assert_name(rule: usize) -> String {
    format!("assert {rule}")
}

/// One collect for all conditions that look at one record.
fn collect(frame: &LazyFrame, rules: &[Compiled<'_>]) -> Result<DataFrame> {
    let mut exprs = Vec::new();
    for rule in rules {
        if let Some(when) = &rule.when {
            exprs.push(when.expr.clone().alias(when_name(rule.index)));
        }
        if let Some(assert) = rule.assert.as_ref().filter(|assert| !assert.windowed) {
            exprs.push(assert.expr.clone().alias(assert_name(rule.index)));
        }
    }
    if exprs.is_empty() {
        return Ok(DataFrame::default());
    }
    frame.clone().select(exprs).collect().context("evaluating the record rules")
}

fn outcome<'f>(outcomes: &'f DataFrame, name: &str) -> Result<&'f BooleanChunked> {
    outcomes.column(name)?.bool().context("a condition is true or false")
}

fn eligible(compiled: &Compiled<'_>, outcomes: &DataFrame, bad: Option<Bits>, height: usize) -> Result<Eligible> {
    let applies = match &compiled.when {
        Some(_) => mask::known(outcome(outcomes, &when_name(compiled.index))?, false),
        None => mask::all(true, height),
    };
    Ok(match bad {
        Some(bad) => Eligible { yes: &applies & &!&bad, undecided: bad },
        None => Eligible { yes: applies, undecided: mask::all(false, height) },
    })
}

#[expect(clippy::too_many_arguments, reason = "one dispatch over everything a dataset's rules share")]
fn judge(
    evaluation: &Evaluation<'_>,
    dataset: usize,
    declared: &Dataset,
    table: &Table,
    compiled: &Compiled<'_>,
    frame: &LazyFrame,
    outcomes: &DataFrame,
    eligible: &Eligible,
) -> Result<Verdict> {
    let rule = compiled.rule;
    match &rule.body {
        Body::Assert { .. } => {
            let Some(assert) = &compiled.assert else { return Ok(Verdict::default()) };
            let good = if assert.windowed {
                windowed(frame, assert, &eligible.yes)?
            } else {
                outcome(outcomes, &assert_name(compiled.index))?.clone()
            };
            let violated = &eligible.yes & &!&mask::known(&good, true);
            let unknown = &eligible.yes & &good.is_null();
            let count = RuleCount {
                eligible: mask::count(&eligible.yes) + mask::count(&eligible.undecided),
                violated: mask::count(&violated),
                not_evaluable: mask::count(&unknown) + mask::count(&eligible.undecided),
                amount_at_risk_fen: None,
            };
            let records = mask::indexes(&violated);
            let details = prior_details(declared, frame, assert, &records)?;
            let places = records
                .into_iter()
                .zip(details)
                .map(|(record, details)| (place(dataset, record, rule), details))
                .collect();
            Ok(Verdict { count, places })
        }
        Body::Unique { key, across_units, .. } => {
            keys::evaluate_unique(evaluation, dataset, rule, key, *across_units, eligible)
        }
        Body::Refers { .. } => keys::evaluate_refers(evaluation, dataset, rule, eligible),
        Body::Determines { key, field, with, .. } => {
            keys::evaluate_determines(evaluation, dataset, rule, key, *field, with, eligible)
        }
        Body::Sum { .. } => sums::evaluate_sum(evaluation, dataset, rule, eligible),
        Body::Query { sql } => {
            let frames: Vec<_> = evaluation
                .input
                .pack
                .datasets
                .iter()
                .zip(evaluation.input.tables)
                .map(|(declared, table)| Ok((declared.id.clone(), query_frame(evaluation, table)?)))
                .collect::<Result<_>>()?;
            let prepared = sql::prepare_query(sql, &evaluation.params)
                .map_err(|mistakes| anyhow!("rule {}: {mistakes}", rule.id))?;
            let records = sql::run_query(&prepared, &frames).map_err(|message| anyhow!(message))?;
            let count = RuleCount {
                eligible: table.height() as u64,
                violated: records.len() as u64,
                not_evaluable: 0,
                amount_at_risk_fen: None,
            };
            let places = records.into_iter().map(|record| (place(dataset, record, rule), Details::new())).collect();
            Ok(Verdict { count, places })
        }
        Body::Cell(_) | Body::Sheet(_) | Body::Change { .. } | Body::Derived(_) => Ok(Verdict::default()),
    }
}

fn query_frame(evaluation: &Evaluation<'_>, table: &Table) -> Result<LazyFrame> {
    let mut frame = table.frame.clone();
    frame.with_column(unit_column(evaluation, table))?;
    let rows: Vec<u32> = (0..u32::try_from(table.height())?).collect();
    frame.with_column(Column::new(sql::ROW_COLUMN.into(), rows))?;
    Ok(frame.lazy())
}

/// The place of a finding of `rule` in a record.
pub fn place(dataset: usize, record: u32, rule: &Rule) -> Place {
    Place::Record { dataset, record, field: rule.fields.first().copied() }
}

/// A condition with a window, over the eligible records only; null elsewhere.
fn windowed(frame: &LazyFrame, assert: &Condition, eligible: &Bits) -> Result<BooleanChunked> {
    let height = eligible.len();
    if mask::count(eligible) == 0 {
        return Ok(BooleanChunked::full_null("outcome".into(), height));
    }
    let flag = "eligible";
    let mask = eligible.clone().with_name(flag.into()).into_column();
    // Only what it reads: the rest of the plan was computed for the other rules already.
    let reads: BTreeSet<_> = assert.expr.clone().meta().root_names().into_iter().collect();
    let reads: Vec<_> = reads.into_iter().map(col).collect();
    let mut all = frame.clone().select(reads).collect().context("evaluating a window rule")?;
    all.with_column(mask)?;
    let kept = all.lazy().filter(col(flag)).select([assert.expr.clone().alias("outcome")]).collect()?;
    let mut values = outcome(&kept, "outcome")?.iter();
    let mut flags = eligible.iter();
    Ok((0..height).map(|_| if flags.next().flatten() == Some(true) { values.next().flatten() } else { None }).collect())
}

/// The prior values a message may show, for each violating record.
fn prior_details(declared: &Dataset, frame: &LazyFrame, assert: &Condition, records: &[u32]) -> Result<Vec<Details>> {
    let mut details = vec![Details::new(); records.len()];
    if assert.prior.is_empty() || records.is_empty() {
        return Ok(details);
    }
    let wanted: Vec<_> = assert.prior.iter().map(|field| col(prior_column(field).as_str())).collect();
    let values = frame.clone().select(wanted).collect()?;
    for name in &assert.prior {
        let mask = declared.fields.iter().find(|field| field.id == *name).map(|field| field.mask).unwrap_or_default();
        let column = values.column(&prior_column(name))?;
        for (record, details) in records.iter().zip(&mut details) {
            let text = keys::value_text(&column.get(*record as usize)?);
            details.push(masked_detail(format!("{PRIOR_PREFIX}{name}").into(), text, mask));
        }
    }
    Ok(details)
}
