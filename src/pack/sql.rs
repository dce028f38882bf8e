//! The rule language: Polars SQL with our own functions, parameters and exact numbers.
//!
//! A condition is parsed, calls of our functions are taken out and become columns computed beforehand, parameters and
//! numbers with decimals become exact literals, and the rest is handed to Polars SQL. Knows nothing of findings.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use chrono::{Datelike, NaiveDate};
use polars::{
    prelude::{
        AnyValue, DataFrame, DataType, Expr, Field, IntoLazy, PlSmallStr, Scalar, Schema, SortMultipleOptions, lit,
    },
    sql::sql_expr,
};
use sqlparser::{
    ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Value, VisitMut, VisitorMut},
    dialect::GenericDialect,
    parser::Parser,
    tokenizer::Token,
};

use super::{
    DECIMAL_PRECISION, Literal,
    functions::{self, Context},
};
use crate::problem::did_you_mean;

/// Column with the code of the unit that handed in the record.
pub const UNIT_COLUMN: &str = "_unit";
/// Column with the index of the record in its table.
pub const ROW_COLUMN: &str = "_row";
const LITERAL_MARK: &str = "lit:";
const DATE_MARK: &str = "date:";

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
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Offset in the condition, in characters.
    pub offset: usize,
    /// Length, in characters.
    pub length: usize,
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

struct Rewriter<'a> {
    scope: Scope<'a>,
    text: &'a str,
    calls: Vec<Call>,
    fields: Vec<String>,
    prior: Vec<String>,
    windowed: bool,
}

impl Rewriter<'_> {
    #[expect(clippy::unnecessary_box_returns, reason = "the parser's visitor wants a small break value")]
    fn mistake(&self, span: sqlparser::tokenizer::Span, message: String, help: Option<String>) -> Box<Mistake> {
        let offset = offset_of(self.text, span.start.line, span.start.column);
        let end = offset_of(self.text, span.end.line, span.end.column);
        Box::new(Mistake { message, help, offset, length: end.saturating_sub(offset).max(1) })
    }

    fn identifier(&mut self, ident: &Ident) -> Result<(), Box<Mistake>> {
        let name = ident.value.as_str();
        let ours = name.starts_with(LITERAL_MARK)
            || name.starts_with(DATE_MARK)
            || name.starts_with('$')
            || self.calls.iter().any(|call| call.column == name)
            || self.prior.iter().any(|field| prior_column(field) == name);
        if ours || name == UNIT_COLUMN {
            return Ok(());
        }
        if self.scope.schema.get(name).is_none() {
            let help = did_you_mean(name, self.scope.schema.iter_names().map(PlSmallStr::as_str));
            return Err(self.mistake(ident.span, format!("unknown field `{name}`"), help));
        }
        if !self.fields.iter().any(|field| field == name) {
            self.fields.push(name.to_owned());
        }
        Ok(())
    }

    fn call(&mut self, call: &ast::Function) -> Result<Option<String>, Box<Mistake>> {
        let name = call.name.to_string().to_lowercase();
        let span = call
            .name
            .0
            .first()
            .and_then(ast::ObjectNamePart::as_ident)
            .map_or_else(sqlparser::tokenizer::Span::empty, |ident| ident.span);
        if name == "prior" {
            let argument = arguments(call).into_iter().flatten().next();
            let Some(ast::Expr::Identifier(ident)) = argument else {
                return Err(self.mistake(span, "prior() takes the name of a field".to_owned(), None));
            };
            if !self.prior.contains(&ident.value) {
                self.prior.push(ident.value.clone());
            }
            return Ok(Some(prior_column(&ident.value)));
        }
        let Some(function) = functions::find(&name) else { return Ok(None) };
        let args = arguments(call).unwrap_or_default();
        if args.len() != function.arity || call.over.is_some() {
            let message = format!("{name}() takes {} argument(s); found {}", function.arity, args.len());
            return Err(self.mistake(span, message, Some(function.usage.to_owned())));
        }
        let column = format!("{name}({})", args.iter().map(|arg| plain(arg)).collect::<Vec<_>>().join(", "));
        if !self.calls.iter().any(|call| call.column == column) {
            let mut inputs = Vec::new();
            for arg in &args {
                inputs.push(self.polars(arg).map_err(|message| self.mistake(span, message, None))?);
            }
            let depth = inputs
                .iter()
                .flat_map(|input| input.clone().meta().root_names())
                .filter_map(|root| self.calls.iter().find(|call| call.column == root.as_str()))
                .map(|call| call.depth + 1)
                .max()
                .unwrap_or(0);
            let expr = function.expr(inputs, self.scope.context).alias(column.as_str());
            self.calls.push(Call { column: column.clone(), expr, depth });
        }
        Ok(Some(column))
    }

    /// The Polars expression of a rewritten one.
    fn polars(&self, expr: &ast::Expr) -> Result<Expr, String> {
        let parsed = sql_expr(expr.to_string()).map_err(|error| first_line(&error.to_string()))?;
        Ok(parsed.map_expr(|expr| match &expr {
            Expr::Column(name) => self.literal(name).unwrap_or(expr),
            _ => expr,
        }))
    }

    fn literal(&self, name: &str) -> Option<Expr> {
        if let Some(digits) = name.strip_prefix(LITERAL_MARK) {
            return exact_decimal(digits);
        }
        if let Some(date) = name.strip_prefix(DATE_MARK) {
            return date.parse().ok().map(date_literal);
        }
        self.scope.params.get(name.strip_prefix('$')?).and_then(literal_expr)
    }
}

impl VisitorMut for Rewriter<'_> {
    type Break = Box<Mistake>;

    fn pre_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<Self::Break> {
        // The argument of prior() names a field and is not read from this period.
        if let ast::Expr::Function(call) = expr
            && call.name.to_string().eq_ignore_ascii_case("prior")
            && let Some(ast::Expr::Identifier(ident)) = arguments(call).into_iter().flatten().next()
            && self.scope.schema.get(&ident.value).is_none()
        {
            let help = did_you_mean(&ident.value, self.scope.schema.iter_names().map(PlSmallStr::as_str));
            return ControlFlow::Break(self.mistake(ident.span, format!("unknown field `{}`", ident.value), help));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<Self::Break> {
        let replacement = match expr {
            ast::Expr::Identifier(ident) => match self.identifier(ident) {
                Ok(()) => None,
                Err(mistake) => return ControlFlow::Break(mistake),
            },
            ast::Expr::CompoundIdentifier(parts) => {
                let span = parts.first().map_or_else(sqlparser::tokenizer::Span::empty, |part| part.span);
                let help = Some("a condition reads one record of one dataset; use `query` to join datasets".to_owned());
                return ControlFlow::Break(self.mistake(span, "names with a dot are not known here".to_owned(), help));
            }
            ast::Expr::Value(value) => match &value.value {
                Value::Number(digits, _) if digits.contains('.') => Some(format!("{LITERAL_MARK}{digits}")),
                Value::Placeholder(name) => {
                    let known = name.strip_prefix('$').is_some_and(|name| self.scope.params.contains_key(name));
                    if !known {
                        let help =
                            did_you_mean(name.trim_start_matches('$'), self.scope.params.keys().map(String::as_str));
                        let mistake = self.mistake(value.span, format!("unknown parameter `{name}`"), help);
                        return ControlFlow::Break(mistake);
                    }
                    Some(name.clone())
                }
                _ => None,
            },
            ast::Expr::TypedString(typed) if typed.data_type == ast::DataType::Date => {
                let text = typed.value.value.to_string();
                let date = text.trim_matches('\'');
                if date.parse::<NaiveDate>().is_err() {
                    let mistake = self.mistake(typed.value.span, format!("{text} is no date"), None);
                    return ControlFlow::Break(mistake);
                }
                Some(format!("{DATE_MARK}{date}"))
            }
            ast::Expr::Function(call) => {
                self.windowed |= call.over.is_some();
                match self.call(call) {
                    Ok(column) => column,
                    Err(mistake) => return ControlFlow::Break(mistake),
                }
            }
            _ => None,
        };
        if let Some(name) = replacement {
            *expr = ast::Expr::Identifier(Ident::with_quote('"', name));
        }
        ControlFlow::Continue(())
    }
}

/// Compiles a condition and tries it on a table without records.
///
/// # Errors
/// With what is wrong and where: syntax, unknown field, parameter or function, types that do not go together, a
/// constant, an aggregate, a result that is not true or false.
pub fn compile(text: &str, scope: Scope<'_>) -> Result<Condition, Box<Mistake>> {
    let whole = |message: String, help: Option<String>| {
        Box::new(Mistake { message, help, offset: 0, length: text.chars().count() })
    };
    let syntax = |error: &dyn std::fmt::Display| {
        let message = error.to_string();
        let offset = position_in(&message).map_or(0, |(line, column)| offset_of(text, line, column));
        let message = message.trim_start_matches("sql parser error: ").to_owned();
        Box::new(Mistake { message, help: None, offset, length: 1 })
    };
    let dialect = GenericDialect;
    let mut parser = Parser::new(&dialect).try_with_sql(text).map_err(|error| syntax(&error))?;
    let mut parsed = parser.parse_expr().map_err(|error| syntax(&error))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let offset = offset_of(text, next.span.start.line, next.span.start.column);
        let message = format!("`{}` does not belong here", next.token);
        return Err(Box::new(Mistake { message, help: None, offset, length: next.token.to_string().chars().count() }));
    }
    let mut rewriter = Rewriter { scope, text, calls: vec![], fields: vec![], prior: vec![], windowed: false };
    if let ControlFlow::Break(mistake) = parsed.visit(&mut rewriter) {
        return Err(mistake);
    }
    let expr = rewriter.polars(&parsed).map_err(|message| {
        let help = did_you_mean_function(&message);
        whole(message, help)
    })?;
    if expr.clone().meta().root_names().is_empty() {
        return Err(whole("the condition reads no field".to_owned(), None));
    }
    let Rewriter { calls, fields, prior, windowed, .. } = rewriter;
    let condition = Condition { expr, calls, fields, prior, windowed };
    dry_run(&condition, scope).map_err(|message| whole(message, None))?;
    Ok(condition)
}

fn dry_run(condition: &Condition, scope: Scope<'_>) -> Result<(), String> {
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
        .map_err(|error| first_line(&error.to_string()))?;
    if result.height() != 0 {
        return Err("the condition sums over all records; it is about one record (or use OVER)".to_owned());
    }
    match result.columns().first().map(polars::prelude::Column::dtype) {
        Some(DataType::Boolean) => Ok(()),
        Some(other) => Err(format!("the condition is neither true nor false; it gives {other}")),
        None => Err("the condition gives nothing".to_owned()),
    }
}

/// A number with decimals as SQL that stays exact.
fn sql_decimal(digits: &str) -> String {
    let scale = digits.split('.').nth(1).map_or(0, str::len);
    format!("CAST('{digits}' AS DECIMAL({DECIMAL_PRECISION},{scale}))")
}

fn sql_literal(literal: &Literal) -> String {
    match literal {
        Literal::Integer(number) => number.to_string(),
        Literal::Decimal(digits) => sql_decimal(digits),
        Literal::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Literal::Date(date) => format!("DATE('{date}', '%Y-%m-%d')"),
        Literal::Bool(flag) => flag.to_string(),
    }
}

/// Compiles a whole `SELECT` over datasets: parameters become literals and numbers with decimals exact. The frames are registered by the caller.
///
/// # Errors
/// With what is wrong and where.
pub fn prepare_query(text: &str, params: &BTreeMap<String, Literal>) -> Result<String, Box<Mistake>> {
    struct Params<'a>(&'a BTreeMap<String, Literal>);
    impl VisitorMut for Params<'_> {
        type Break = String;
        fn post_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<String> {
            if let ast::Expr::Value(value) = expr {
                let sql = match &value.value {
                    Value::Number(digits, _) if digits.contains('.') => sql_decimal(digits),
                    Value::Placeholder(name) => match name.strip_prefix('$').and_then(|name| self.0.get(name)) {
                        Some(literal) => sql_literal(literal),
                        None => return ControlFlow::Break(name.clone()),
                    },
                    _ => return ControlFlow::Continue(()),
                };
                if let Ok(parsed) = Parser::new(&GenericDialect).try_with_sql(&sql).and_then(|mut p| p.parse_expr()) {
                    *expr = parsed;
                }
            }
            ControlFlow::Continue(())
        }
    }
    let whole = |message: String| Box::new(Mistake { message, help: None, offset: 0, length: text.chars().count() });
    let mut statements = Parser::parse_sql(&GenericDialect, text).map_err(|error| {
        let message = error.to_string();
        let offset = position_in(&message).map_or(0, |(line, column)| offset_of(text, line, column));
        Box::new(Mistake { message, help: None, offset, length: 1 })
    })?;
    let [ast::Statement::Query(query)] = statements.as_mut_slice() else {
        return Err(whole("a query is one SELECT".to_owned()));
    };
    if let ControlFlow::Break(name) = query.visit(&mut Params(params)) {
        let help = did_you_mean(name.trim_start_matches('$'), params.keys().map(String::as_str));
        return Err(Box::new(Mistake { help, ..*whole(format!("unknown parameter `{name}`")) }));
    }
    Ok(query.to_string())
}

/// The rows a query returns, ascending and without repeats.
///
/// # Errors
/// If the query fails or has no column `_row`.
pub fn run_query(sql: &str, frames: &[(String, polars::prelude::LazyFrame)]) -> Result<Vec<u32>, String> {
    let mut context = polars::sql::SQLContext::new();
    for (name, frame) in frames {
        context.register(name, frame.clone());
    }
    let result = context
        .execute(sql)
        .and_then(|frame| {
            frame
                .select([polars::prelude::col(ROW_COLUMN).cast(DataType::UInt32)])
                .unique(None, polars::prelude::UniqueKeepStrategy::Any)
                .sort([ROW_COLUMN], SortMultipleOptions::default())
                .collect()
        })
        .map_err(|error| first_line(&error.to_string()))?;
    let rows = result.column(ROW_COLUMN).and_then(|column| column.u32().cloned()).map_err(|e| e.to_string())?;
    Ok(rows.iter().flatten().collect())
}

fn arguments(call: &ast::Function) -> Option<Vec<&ast::Expr>> {
    let FunctionArguments::List(list) = &call.args else { return None };
    list.args
        .iter()
        .map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}

/// An argument as it is written in a column name: without the quotes of replaced parts.
fn plain(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Identifier(ident) => ident.value.clone(),
        other => other.to_string(),
    }
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

fn did_you_mean_function(message: &str) -> Option<String> {
    let name = message.split("unsupported function '").nth(1).or_else(|| message.split("function: ").nth(1))?;
    let name = name.split(['\'', '(', ' ']).next()?.to_lowercase();
    did_you_mean(&name, functions::names())
        .or_else(|| Some(format!("our functions: {}", functions::names().collect::<Vec<_>>().join(", "))))
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

/// The schema a query sees: fields, `_unit` and `_row`.
pub fn query_schema(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    schema.insert(UNIT_COLUMN.into(), DataType::String);
    schema.insert(ROW_COLUMN.into(), DataType::UInt32);
    schema
}

/// The output field of a function.
pub fn output(name: &str, dtype: DataType) -> Field {
    Field::new(name.into(), dtype)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Calendar;
    use polars::prelude::{BooleanChunked, Column, Int128Chunked, IntoColumn, SchemaExt};

    fn schema() -> Schema {
        Schema::from_iter([
            output("amount", DataType::Decimal(DECIMAL_PRECISION, 6)),
            output("code", DataType::String),
            output("day", DataType::Date),
            output("days", DataType::Int64),
        ])
    }

    fn params() -> BTreeMap<String, Literal> {
        BTreeMap::from([
            ("large_loan".to_owned(), Literal::Decimal("500.00".to_owned())),
            ("data_date".to_owned(), Literal::Date(NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day"))),
        ])
    }

    fn compiled(text: &str) -> Result<Condition, Box<Mistake>> {
        let (schema, params) = (schema(), params());
        let date = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day");
        let calendar = Calendar::built_in().expect("the calendar");
        let context = Arc::new(Context::new(date, calendar, &BTreeMap::new()));
        compile(text, Scope { schema: &schema, params: &params, context: &context })
    }

    fn outcomes(text: &str, amounts: &[Option<i128>]) -> Vec<Option<bool>> {
        let condition = compiled(text).expect("a good condition");
        let amounts: Int128Chunked = amounts.iter().copied().collect();
        let height = amounts.len();
        let amount = amounts.into_decimal_unchecked(DECIMAL_PRECISION, 6).into_column().with_name("amount".into());
        let schema = schema();
        let rest = schema.iter_fields().skip(1).map(|field| Column::full_null(field.name, height, &field.dtype));
        let frame = DataFrame::new(height, std::iter::once(amount).chain(rest).collect()).expect("a frame");
        let computed = condition.calls.iter().fold(frame.lazy(), |lazy, call| lazy.with_columns([call.expr.clone()]));
        let result = computed.select([condition.expr.alias("outcome")]).collect().expect("evaluated");
        let result: BooleanChunked = result.column("outcome").expect("the column").bool().expect("truth").clone();
        result.iter().collect()
    }

    #[test]
    fn amounts_are_compared_exactly_at_the_threshold() {
        // 499.99, 500.00, 500.01 (10,000 yuan), one fen below, and blank.
        let amounts = [Some(499_990_000), Some(500_000_000), Some(500_010_000), Some(499_999_999), None];
        let expected = [Some(false), Some(true), Some(true), Some(false), None];
        assert_eq!(outcomes("amount >= 500", &amounts), expected);
        assert_eq!(outcomes("amount >= 500.00", &amounts), expected);
        assert_eq!(outcomes("amount >= $large_loan", &amounts), expected);
        assert_eq!(outcomes("amount = 500.01", &amounts), [Some(false), Some(false), Some(true), Some(false), None]);
        assert_eq!(
            outcomes("amount - 0.01 < 500.00", &amounts),
            [Some(true), Some(true), Some(false), Some(true), None]
        );
        assert_eq!(outcomes("amount > -0.000001", &[Some(-1), Some(0)]), [Some(false), Some(true)]);
    }

    #[test]
    fn a_tenth_and_two_tenths_are_three_tenths() {
        assert_eq!(outcomes("amount + 0.2 = 0.3", &[Some(100_000)]), [Some(true)]);
    }

    #[test]
    fn blanks_give_no_answer() {
        assert_eq!(outcomes("amount > 0 AND code IS NOT NULL", &[Some(1), None]), [Some(false), Some(false)]);
        assert_eq!(outcomes("amount > 0", &[None]), [None]);
        assert_eq!(outcomes("resident_id(code)", &[Some(1)]), [None]);
    }

    #[test]
    fn mistakes_are_found_where_they_stand() {
        let cases = [
            ("amuont > 0", "unknown field `amuont`", Some("did you mean `amount`?"), 0),
            ("amount > $large_laon", "unknown parameter `$large_laon`", Some("did you mean `large_loan`?"), 9),
            ("amount > 0 garbage", "`garbage` does not belong here", None, 11),
            ("amount >", "Expected", None, 0),
            ("resident_id(code, day)", "resident_id() takes 1 argument(s); found 2", None, 0),
            ("code > 5", "cannot compare", None, 0),
            ("SUM(amount) > 5", "sums over all records", None, 0),
            ("amount", "neither true nor false", None, 0),
            ("1 = 1", "reads no field", None, 0),
            ("code ~ '['", "regex", None, 0),
            ("customers.amount > 0", "names with a dot", None, 0),
            ("prior(amuont) > 0", "unknown field `amuont`", Some("did you mean `amount`?"), 6),
            ("day > DATE '2026-02-30'", "is no date", None, 11),
        ];
        for (text, message, help, offset) in cases {
            let mistake = compiled(text).expect_err(text);
            assert!(mistake.message.contains(message), "{text}: {}", mistake.message);
            if let Some(help) = help {
                assert_eq!(mistake.help.as_deref(), Some(help), "{text}");
            }
            if offset > 0 {
                assert_eq!(mistake.offset, offset, "{text}");
            }
        }
    }

    #[test]
    fn an_unknown_function_is_named_with_a_suggestion() {
        let mistake = compiled("resident_idd(code)").expect_err("unknown");
        assert!(mistake.help.as_deref().is_some_and(|help| help.contains("resident_id")), "{mistake:?}");
    }

    #[test]
    fn calls_are_computed_once_and_in_order() {
        let condition = compiled("area_code(uscc_area(code)) AND uscc(code) AND NOT uscc(code)").expect("good");
        let calls: Vec<_> = condition.calls.iter().map(|call| (call.column.as_str(), call.depth)).collect();
        assert_eq!(calls, [("uscc_area(code)", 0), ("area_code(uscc_area(code))", 1), ("uscc(code)", 0)]);
        assert_eq!(condition.fields, ["code"]);
    }

    #[test]
    fn queries_take_parameters_and_return_rows() {
        let sql = prepare_query("SELECT a._row FROM loans a WHERE a.amount >= $large_loan", &params()).expect("good");
        assert!(sql.contains("CAST('500.00' AS DECIMAL(38,2))"), "{sql}");
        let sql = prepare_query("SELECT _row FROM loans WHERE amount > 500.01", &params()).expect("good");
        assert!(sql.contains("CAST('500.01' AS DECIMAL(38,2))"), "{sql}");
        let mistake = prepare_query("SELECT _row FROM loans WHERE amount > $x", &params()).expect_err("unknown");
        assert!(mistake.message.contains("unknown parameter `$x`"));
        assert!(prepare_query("DELETE FROM loans", &params()).is_err());
    }
}
