//! Proves rules by the records they ship: `pass` records are satisfied, `fail` records violated, `skip` records not
//! eligible. Used by `rules test` and by the test suite.

use std::{borrow::Cow, fmt};

use anyhow::{Context as _, Result, anyhow};
use polars::prelude::{Column, DataFrame, DataType, Int64Chunked, Int128Chunked, IntoColumn, NamedFrom, Series};

mod reason;

use super::{Checked, Input, Prior, evaluate};
use crate::{
    finding::{Place, RuleCount},
    ingest,
    job::{Calendar, Period, Unit},
    pack::{
        AmountUnit, Body, DECIMAL_PRECISION, Dataset, Example, Field, FieldKind, Literal, Rule, RulePack,
        examples::{PRIOR_PREFIX, Row},
        sql::{UNIT_COLUMN, scaled},
    },
    table::{FaultKind, Segment, SheetColumn, Table},
    text::Text,
};

/// An example that does not come out as the rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Id of the rule.
    pub rule: String,
    /// File and line of the rule.
    pub place: String,
    /// `pass`, `fail` or `skip`, and its number from 1.
    pub example: String,
    /// What should come out.
    pub expected: Text,
    /// What came out instead.
    pub found: Text,
    /// The likely reason, if there is one.
    pub reason: Option<Text>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, place, example, expected, found, reason } = self;
        write!(f, "{rule} {example}  {place}\n  应为 / expected: {expected}\n  结果 / found:    {found}")?;
        if let Some(reason) = reason {
            write!(f, "\n  原因 / reason:   {reason}")?;
        }
        Ok(())
    }
}

/// How many examples were tried, and those that came out otherwise.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Number of examples.
    pub tried: usize,
    /// Those that came out otherwise.
    pub mismatches: Vec<Mismatch>,
}

/// What an example record shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Pass,
    Fail,
    Skip,
}

/// Tries the examples of all rules of a pack.
///
/// # Errors
/// If a rule cannot be evaluated at all.
pub fn prove(pack: &RulePack, period: Period, calendar: &Calendar) -> Result<Proof> {
    let mut proof = Proof::default();
    for rule in &pack.rules {
        let alone = RulePack { rules: vec![rule.clone()], ..pack.clone() };
        let kinds = [
            (Shows::Pass, "pass", &rule.examples.pass),
            (Shows::Fail, "fail", &rule.examples.fail),
            (Shows::Skip, "skip", &rule.examples.skip),
        ];
        for (shows, name, examples) in kinds {
            for (index, example) in examples.iter().enumerate() {
                proof.tried += 1;
                let found = match &rule.body {
                    Body::Cell(kind) => cell_outcome(*kind, example, shows, pack),
                    _ => outcome(&alone, rule, example, shows, period, calendar)
                        .with_context(|| format!("rule {}, {name} example {}", rule.id, index + 1))?,
                };
                if let Some(Unlike { expected, found, reason }) = found {
                    let (rule, place) = (rule.id.clone(), rule.place.clone());
                    let example = format!("{name} {}", index + 1);
                    proof.mismatches.push(Mismatch { rule, place, example, expected, found, reason });
                }
            }
        }
    }
    Ok(proof)
}

/// How an example came out otherwise than it shows.
struct Unlike {
    expected: Text,
    found: Text,
    reason: Option<Text>,
}

fn outcome(
    alone: &RulePack,
    rule: &Rule,
    example: &Example,
    shows: Shows,
    period: Period,
    calendar: &Calendar,
) -> Result<Option<Unlike>> {
    let on = rule.on.context("the rule names no dataset")?;
    let checked = run(alone, on, example, period, calendar)?;
    let mut at: Vec<usize> = Vec::new();
    let mut unit_wide = false;
    for finding in &checked.findings {
        match finding.place {
            Place::Record { record, .. } => at.push(record as usize),
            Place::Unit { .. } | Place::Sheet { .. } => unit_wide = true,
        }
    }
    let count = checked.counts.first().copied().unwrap_or_default();
    let good = match shows {
        Shows::Pass => checked.findings.is_empty() && count.not_evaluable == 0 && count.eligible > 0,
        Shows::Skip => count.eligible == 0,
        Shows::Fail if rule.body.of_unit() => unit_wide,
        Shows::Fail if example.at.is_empty() => at == (0..example.rows.len()).collect::<Vec<_>>(),
        Shows::Fail => at == example.at,
    };
    if good {
        return Ok(None);
    }
    let reason = reason::why(alone, rule, example, shows == Shows::Skip, count, (period, calendar));
    Ok(Some(Unlike { expected: expected(example, shows), found: found(example, count, &at), reason }))
}

fn expected(example: &Example, shows: Shows) -> Text {
    match shows {
        Shows::Pass => Text::new("符合", "satisfied"),
        Shows::Skip => Text::new("不适用", "not eligible"),
        Shows::Fail if example.at.is_empty() => Text::new("违反", "violated"),
        Shows::Fail => {
            let at = &example.at;
            Text::new(format!("违反的记录 {at:?}（从 0 数起）"), format!("records {at:?} violated, counted from 0"))
        }
    }
}

fn found(example: &Example, count: RuleCount, at: &[usize]) -> Text {
    let RuleCount { eligible, violated, not_evaluable, .. } = count;
    if example.rows.len() > 1 {
        return Text::new(
            format!("适用 {eligible} 条，违反 {violated} 条 {at:?}，不可判定 {not_evaluable} 条"),
            format!("{eligible} eligible, {violated} violated {at:?}, {not_evaluable} not evaluable"),
        );
    }
    if eligible == 0 {
        Text::new("不适用", "not eligible")
    } else if not_evaluable > 0 {
        Text::new("不可判定", "not evaluable")
    } else if violated > 0 {
        Text::new("违反", "violated")
    } else {
        Text::new("符合", "satisfied")
    }
}

fn run(alone: &RulePack, on: usize, example: &Example, period: Period, calendar: &Calendar) -> Result<Checked> {
    let mut units = Vec::new();
    let mut tables = Vec::new();
    let mut prior_tables = Vec::new();
    for (index, dataset) in alone.datasets.iter().enumerate() {
        let own = if index == on { Some(&example.rows) } else { example.others.get(&dataset.id) };
        let mut rows = own.cloned().unwrap_or_default();
        let mut prior_rows = example.prior.get(&dataset.id).cloned().unwrap_or_default();
        if index == on {
            prior_rows
                .extend(rows.iter_mut().enumerate().filter_map(|(number, row)| split_prior(row, dataset, number)));
        }
        tables.push(build(dataset, &rows, &mut units)?);
        prior_tables.push(build(dataset, &prior_rows, &mut units)?);
    }
    let has_prior = prior_tables.iter().any(|table| table.height() > 0);
    let prior = has_prior.then_some(Prior { tables: &prior_tables, units: &units });
    let mut pack = Cow::Borrowed(alone);
    if !example.params.is_empty() {
        let params = &mut pack.to_mut().params;
        for (name, value) in &example.params {
            if let Some(param) = params.get_mut(name) {
                param.value = value.clone();
            }
        }
    }
    evaluate(Input {
        pack: pack.as_ref(),
        tables: &tables,
        files: &[],
        units: &units,
        prior,
        derived: None,
        period,
        calendar,
    })
}

/// Takes the `prior_` values out of a record; the prior record gets the same key, made up where the example has none.
fn split_prior(row: &mut Row, dataset: &Dataset, number: usize) -> Option<Row> {
    let names: Vec<_> = row.keys().filter(|name| name.starts_with(PRIOR_PREFIX)).cloned().collect();
    if names.is_empty() {
        return None;
    }
    let mut prior = Row::new();
    for name in names {
        if let (Some(value), Some(field)) = (row.remove(&name), name.strip_prefix(PRIOR_PREFIX)) {
            prior.insert(field.to_owned(), value);
        }
    }
    for field in dataset.key.iter().filter_map(|index| dataset.fields.get(usize::from(*index))) {
        let key = row.entry(field.id.clone()).or_insert_with(|| Literal::Text(format!("K{number}"))).clone();
        prior.insert(field.id.clone(), key);
    }
    Some(prior)
}

/// A table of example records; those of one unit after another form a segment.
///
/// # Errors
/// If a value does not fit its field.
pub fn build(dataset: &Dataset, rows: &[Row], units: &mut Vec<Unit>) -> Result<Table> {
    let mut columns = Vec::new();
    for field in &dataset.fields {
        let values: Vec<_> = rows.iter().map(|row| row.get(&field.id)).collect();
        let name = field.id.as_str();
        let wrong = |value: &Literal| anyhow!("`{value:?}` does not fit {name}");
        let column: Column = match field.kind {
            FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
                let texts = values.into_iter().map(|value| match value {
                    None => Ok(None),
                    Some(Literal::Text(text)) => Ok(Some(text.as_str())),
                    Some(other) => Err(wrong(other)),
                });
                Series::new(name.into(), texts.collect::<Result<Vec<_>>>()?).into_column()
            }
            FieldKind::Amount | FieldKind::Decimal => {
                let scale = usize::from(field.scale);
                let numbers = values.into_iter().map(|value| {
                    let digits = match value {
                        None => return Ok(None),
                        Some(Literal::Integer(number)) => number.to_string(),
                        Some(Literal::Decimal(digits)) => digits.clone(),
                        Some(other) => return Err(wrong(other)),
                    };
                    let (number, own) = scaled(&digits).context("no number")?;
                    let places = u32::try_from(scale.checked_sub(own).context("too many decimal places")?)?;
                    Ok(Some(number * 10_i128.pow(places)))
                });
                let numbers: Int128Chunked = numbers.collect::<Result<Vec<_>>>()?.into_iter().collect();
                numbers.into_decimal_unchecked(DECIMAL_PRECISION, scale).into_column().with_name(name.into())
            }
            FieldKind::Integer => {
                let numbers = values.into_iter().map(|value| match value {
                    None => Ok(None),
                    Some(Literal::Integer(number)) => Ok(Some(*number)),
                    Some(other) => Err(wrong(other)),
                });
                let numbers: Int64Chunked = numbers.collect::<Result<Vec<_>>>()?.into_iter().collect();
                numbers.into_column().with_name(name.into())
            }
            FieldKind::Date => {
                let dates = values.into_iter().map(|value| match value {
                    None => Ok(None),
                    Some(Literal::Date(date)) => Ok(Some(*date)),
                    Some(other) => Err(wrong(other)),
                });
                let dates = dates.collect::<Result<Vec<_>>>()?;
                let days: Vec<Option<i32>> = dates
                    .into_iter()
                    .map(|date| {
                        date.and_then(|date| i32::try_from((date - chrono::NaiveDate::default()).num_days()).ok())
                    })
                    .collect();
                Series::new(name.into(), days).cast(&DataType::Date)?.into_column()
            }
        };
        columns.push(column);
    }
    let mut table = Table { frame: DataFrame::new(rows.len(), columns)?, ..Table::default() };
    for (row, record) in rows.iter().zip(0_u32..) {
        let code = match row.get(UNIT_COLUMN) {
            Some(Literal::Text(code)) => code.as_str(),
            _ => "U",
        };
        let unit = units.iter().position(|unit: &Unit| unit.code == code).unwrap_or_else(|| {
            units.push(Unit { code: code.to_owned(), ..Unit::default() });
            units.len() - 1
        });
        table.sheet_rows.push(record + 2);
        match table.segments.last_mut().filter(|segment| segment.unit == unit) {
            Some(segment) => segment.records.end = record + 1,
            None => table.segments.push(segment(dataset, record, unit)),
        }
    }
    Ok(table)
}

fn segment(dataset: &Dataset, record: u32, unit: usize) -> Segment {
    let columns = dataset.fields.iter().zip(0_u16..).map(|(field, index)| SheetColumn {
        unit: field.unit,
        ..SheetColumn::new(index.into(), field.title().zh, Some(index))
    });
    Segment {
        records: record..record + 1,
        file: 0,
        unit,
        sheet: String::new(),
        sheet_hidden: false,
        header_row: 1,
        columns: columns.collect(),
    }
}

fn cell_outcome(kind: FaultKind, example: &Example, shows: Shows, pack: &RulePack) -> Option<Unlike> {
    let row = example.rows.first()?;
    let name = kind.name();
    let expected = if shows == Shows::Fail {
        Text::new(format!("查出 {name}"), format!("{name} is detected"))
    } else {
        Text::new(format!("没有 {name}"), format!("no {name}"))
    };
    let found = match example_faults(row, pack) {
        Ok(faults) if faults.contains(&kind) == (shows == Shows::Fail) => return None,
        Ok(faults) if faults.is_empty() => Text::new("没有查出问题", "nothing is detected"),
        Ok(faults) => {
            let names = faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ");
            Text::new(format!("查出 {names}"), format!("{names} detected"))
        }
        Err(error) => Text::new("例子读不懂", error.to_string()),
    };
    Some(Unlike { expected, found, reason: None })
}

/// What the cell detectors find in the cell an example describes.
fn example_faults(row: &Row, pack: &RulePack) -> Result<Vec<FaultKind>> {
    let text = |key: &str| match row.get(key) {
        Some(Literal::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    if row.contains_key("merged") {
        return Ok(ingest::merged_cell_faults());
    }
    let name = text("type").context("the example names no `type`")?;
    let (_, kind) = FieldKind::NAMES.into_iter().find(|(known, _)| *known == name).context("unknown `type`")?;
    let width = match row.get("width") {
        Some(Literal::Integer(width)) => Some(u32::try_from(*width)?),
        _ => None,
    };
    let unit = (kind == FieldKind::Amount).then_some(AmountUnit::WanYuan);
    let field = Field {
        id: "example".to_owned(),
        headings: vec!["例".to_owned()],
        title_en: "Example".to_owned(),
        kind,
        required: None,
        max_length: None,
        codes: text("codes").map(str::to_owned),
        unit,
        scale: unit.map_or(2, AmountUnit::fen_scale),
        width,
        mask: crate::text::Mask::None,
        source: None,
    };
    let number_cell = |digits: &str| -> Result<ingest::Cell<'_>> {
        let value = digits.parse()?;
        Ok(text("format").map_or(ingest::Cell::Number(value), |format| ingest::Cell::with_format(value, format)))
    };
    let cell = if let Some(text) = text("text") {
        ingest::Cell::Text(text)
    } else if let Some(error) = text("error") {
        ingest::Cell::Error(error)
    } else if row.contains_key("formula") {
        ingest::Cell::NoValue
    } else {
        match (row.get("number"), row.get("date")) {
            (Some(Literal::Integer(number)), _) => number_cell(&number.to_string())?,
            (Some(Literal::Decimal(digits)), _) => number_cell(digits)?,
            (_, Some(Literal::Date(date))) => {
                let day = i32::try_from((*date - chrono::NaiveDate::default()).num_days())?;
                ingest::Cell::Date(ingest::DayTime { day, second: 0 })
            }
            _ => return Err(anyhow!("the example gives no `text`, `number`, `date`, `error`, `formula` or `merged`")),
        }
    };
    Ok(ingest::cell_faults(&field, field.codes.as_ref().and_then(|codes| pack.codes.get(codes)), cell))
}
