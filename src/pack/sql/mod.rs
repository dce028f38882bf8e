//! The rule language: Polars SQL with our own functions, parameters and exact numbers.
//!
//! A condition is parsed, calls of our functions are taken out and become columns computed beforehand, parameters and
//! numbers with decimals become exact literals, and the rest is handed to Polars SQL. Knows nothing of findings.

mod kind;
mod query;
mod rewrite;

use std::{collections::BTreeMap, fmt, sync::Arc};

use chrono::{Datelike, NaiveDate};
use polars::prelude::{AnyValue, DataFrame, DataType, Expr, Field, IntoLazy, Scalar, Schema, lit};
use sqlparser::{
    ast::VisitMut,
    dialect::GenericDialect,
    parser::Parser,
    tokenizer::{Span, Token},
};

pub use query::{prepare_query, query_schema, run_query};

use self::rewrite::Rewriter;
use super::{DECIMAL_PRECISION, Literal, functions::Context};
use crate::text::Text;

/// Column with the code of the unit that handed in the record.
pub const UNIT_COLUMN: &str = "_unit";
/// Column with the index of the record in its table.
pub const ROW_COLUMN: &str = "_row";

/// A condition ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The expression; it reads fields and the columns of `calls`.
    pub expr: Expr,
    /// Calls of our functions, those they need first.
    pub calls: Vec<Call>,
    /// Names of the fields it reads, in the order of first mention; those read through `prior()` included.
    pub fields: Vec<String>,
    /// Fields of which it reads the prior period's value.
    pub prior: Vec<String>,
    /// It looks at other records through a window (`OVER`).
    pub windowed: bool,
}

/// A call of one of our functions, computed as a column.
#[derive(Clone, Debug)]
pub struct Call {
    /// Name of the column: the call as written.
    pub column: String,
    /// The computation.
    pub expr: Expr,
    /// How many calls are nested in its arguments.
    pub depth: usize,
}

/// What is wrong with a condition, and where in it (in characters).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub help: Option<Text>,
    /// Offset in the condition, in characters.
    pub offset: usize,
    /// Length, in characters.
    pub length: usize,
}

/// All mistakes of a condition; never empty when returned as an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            mistake.message.fmt(f)?;
        }
        Ok(())
    }
}

impl Mistake {
    /// A mistake at a place the parser names.
    fn at(text: &str, span: Span, message: Text, help: Option<Text>) -> Self {
        let offset = offset_of(text, span.start.line, span.start.column);
        let end = offset_of(text, span.end.line, span.end.column);
        Self { message, help, offset, length: end.saturating_sub(offset).max(1) }
    }

    /// A mistake of the whole text.
    fn whole(text: &str, message: Text) -> Mistakes {
        Mistakes(vec![Self { message, help: None, offset: 0, length: text.chars().count() }])
    }

    /// What the parser says.
    fn syntax(text: &str, error: &dyn fmt::Display) -> Mistakes {
        let message = error.to_string();
        let offset = position_in(&message).map_or(0, |(line, column)| offset_of(text, line, column));
        let message = Text::new("SQL 语法错误", message.trim_start_matches("sql parser error: "));
        Mistakes(vec![Self { message, help: None, offset, length: 1 }])
    }
}

/// What conditions are compiled against.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Fields of the dataset.
    pub schema: &'a Schema,
    /// Values of the parameters, `data_date` and `period_start` included.
    pub params: &'a BTreeMap<String, Literal>,
    /// What our functions need.
    pub context: &'a Arc<Context>,
}

/// The name of the column that holds a field's value in the prior period.
pub fn prior_column(field: &str) -> String {
    format!("prior({field})")
}

/// Compiles a condition and tries it on a table without records.
///
/// # Errors
/// With all that is wrong and where: syntax, unknown fields, parameters and functions, comparisons that never hold,
/// types that do not go together, a constant, an aggregate, a result that is not true or false.
pub fn compile(text: &str, scope: Scope<'_>) -> Result<Condition, Mistakes> {
    let condition = compile_proven(text, scope)?;
    match dry_run(&condition, scope).map_err(|message| Mistake::whole(text, message))? {
        DataType::Boolean => Ok(condition),
        other => Err(Mistake::whole(
            text,
            Text::new(
                format!("条件的结果不是真假，而是 {other}"),
                format!("the condition is neither true nor false; it gives {other}"),
            ),
        )),
    }
}

/// Compiles an expression that gives text for a message, about one record of the period.
///
/// # Errors
/// As [`compile`], and if it reads the prior period or other records.
pub fn compile_value(text: &str, scope: Scope<'_>) -> Result<Condition, Mistakes> {
    let value = compile_proven(text, scope)?;
    if value.windowed || !value.prior.is_empty() {
        let message = Text::new("文字只能取自本期的这一条记录", "a value is taken from this record of this period");
        return Err(Mistake::whole(text, message));
    }
    match dry_run(&value, scope).map_err(|message| Mistake::whole(text, message))? {
        DataType::String => Ok(value),
        other => Err(Mistake::whole(
            text,
            Text::new(format!("结果不是文字，而是 {other}"), format!("it gives no text but {other}")),
        )),
    }
}

/// Compiles an expression that gives an exact number: whole, or with decimals.
///
/// # Errors
/// As [`compile`].
pub fn compile_number(text: &str, scope: Scope<'_>) -> Result<Condition, Mistakes> {
    let number = compile_proven(text, scope)?;
    match dry_run(&number, scope).map_err(|message| Mistake::whole(text, message))? {
        dtype if dtype.is_integer() || matches!(dtype, DataType::Decimal(..)) => Ok(number),
        other => Err(Mistake::whole(
            text,
            Text::new(format!("结果不是精确的数字，而是 {other}"), format!("it gives no exact number but {other}")),
        )),
    }
}

/// Compiles a condition of a pack known to be good, which has been tried already.
///
/// # Errors
/// As [`compile`], except for what only trying tells.
pub fn compile_proven(text: &str, scope: Scope<'_>) -> Result<Condition, Mistakes> {
    let dialect = GenericDialect;
    let mut parser = Parser::new(&dialect).try_with_sql(text).map_err(|error| Mistake::syntax(text, &error))?;
    let mut parsed = parser.parse_expr().map_err(|error| Mistake::syntax(text, &error))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let token = &next.token;
        let message = Text::new(format!("`{token}` 不该在这里"), format!("`{token}` does not belong here"));
        return Err(Mistakes(vec![Mistake::at(text, next.span, message, None)]));
    }
    let mut rewriter = Rewriter::new(scope, text);
    // The visitor goes through to the end; what it finds wrong it collects.
    let _ = parsed.visit(&mut rewriter);
    if !rewriter.mistakes.is_empty() {
        rewriter.mistakes.sort_by_key(|mistake| mistake.offset);
        return Err(Mistakes(rewriter.mistakes));
    }
    let expr = rewriter.polars(&parsed).map_err(|message| Mistake::whole(text, message))?;
    if expr.clone().meta().root_names().is_empty() {
        return Err(Mistake::whole(text, Text::new("条件没有用到任何字段", "the condition reads no field")));
    }
    let Rewriter { calls, fields, prior, windowed, .. } = rewriter;
    Ok(Condition { expr, calls, fields, prior, windowed })
}

/// The type of what a condition gives, found by trying it on a table without records.
fn dry_run(condition: &Condition, scope: Scope<'_>) -> Result<DataType, Text> {
    let mut schema = scope.schema.clone();
    schema.insert(UNIT_COLUMN.into(), DataType::String);
    for field in &condition.prior {
        let dtype = scope.schema.get(field).cloned().unwrap_or(DataType::Null);
        schema.insert(prior_column(field).into(), dtype);
    }
    let mut frame = DataFrame::empty_with_schema(&schema).lazy();
    for call in &condition.calls {
        frame = frame.with_columns([call.expr.clone()]);
    }
    let result = frame
        .select([condition.expr.clone().alias("outcome")])
        .collect()
        .map_err(|error| engine(&first_line(&error.to_string())))?;
    if result.height() != 0 {
        return Err(Text::new(
            "条件对全部记录求和；它应只看一条记录（或用 OVER）",
            "the condition sums over all records; it is about one record (or use OVER)",
        ));
    }
    let given = result.columns().first().map(|column| column.dtype().clone());
    given.ok_or_else(|| Text::new("条件没有结果", "the condition gives nothing"))
}

/// What the SQL engine says, which it says in English.
pub fn engine(message: &str) -> Text {
    Text::new("SQL 引擎报错，原文如下", message)
}

/// A number as an exact decimal literal with as many places as written.
pub fn exact_decimal(digits: &str) -> Option<Expr> {
    let (value, scale) = scaled(digits)?;
    let dtype = DataType::Decimal(DECIMAL_PRECISION, scale);
    Some(lit(Scalar::new(dtype, AnyValue::Decimal(value, DECIMAL_PRECISION, scale))))
}

/// Digits with a decimal point as a whole number and the number of decimal places: `-12.50` is (-1250, 2).
pub fn scaled(digits: &str) -> Option<(i128, usize)> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let value = format!("{whole}{fraction}").parse().ok()?;
    Some((value, fraction.len()))
}

fn date_literal(date: NaiveDate) -> Expr {
    let days = date.num_days_from_ce() - NaiveDate::default().num_days_from_ce();
    lit(Scalar::new(DataType::Date, AnyValue::Date(days)))
}

fn literal_expr(literal: &Literal) -> Option<Expr> {
    Some(match literal {
        Literal::Text(text) => lit(text.clone()),
        Literal::Integer(number) => lit(*number),
        Literal::Decimal(digits) => return exact_decimal(digits),
        Literal::Date(date) => date_literal(*date),
        Literal::Bool(flag) => lit(*flag),
    })
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim().to_owned()
}

/// `Line: 1, Column: 7` in a message of the parser.
fn position_in(message: &str) -> Option<(u64, u64)> {
    let rest = message.rsplit("Line: ").next()?;
    let (line, rest) = rest.split_once(", Column: ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// Offset in characters of a line and column (both from 1).
fn offset_of(text: &str, line: u64, column: u64) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let before: usize = text.split_inclusive('\n').take(line - 1).map(|line| line.chars().count()).sum();
    before + usize::try_from(column).unwrap_or(1).saturating_sub(1)
}

/// The output field of a function.
pub fn output(name: &str, dtype: DataType) -> Field {
    Field::new(name.into(), dtype)
}

#[cfg(test)]
mod tests;
