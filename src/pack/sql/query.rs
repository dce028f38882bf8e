//! Whole `SELECT` statements over datasets: parameters and exact numbers put in, and run for the records they return.
//!
//! Knows nothing of conditions on one record.

use std::{collections::BTreeMap, ops::ControlFlow};

use polars::prelude::{DataType, LazyFrame, Schema, SortMultipleOptions, UniqueKeepStrategy, col};
use sqlparser::{
    ast::{self, Value, VisitMut, VisitorMut},
    dialect::GenericDialect,
    parser::Parser,
};

use super::{Mistake, Mistakes, ROW_COLUMN, UNIT_COLUMN, first_line, rewrite::unknown_parameter};
use crate::{
    pack::{DECIMAL_PRECISION, Literal},
    text::Text,
};

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

struct Values<'a> {
    text: &'a str,
    params: &'a BTreeMap<String, Literal>,
    mistakes: Vec<Mistake>,
}

impl VisitorMut for Values<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<()> {
        if let ast::Expr::Value(value) = expr {
            let sql = match &value.value {
                Value::Number(digits, _) if digits.contains('.') => sql_decimal(digits),
                Value::Placeholder(name) => {
                    let Some(literal) = name.strip_prefix('$').and_then(|name| self.params.get(name)) else {
                        self.mistakes.push(unknown_parameter(self.text, value.span, name, self.params));
                        return ControlFlow::Continue(());
                    };
                    sql_literal(literal)
                }
                _ => return ControlFlow::Continue(()),
            };
            if let Ok(parsed) = Parser::new(&GenericDialect).try_with_sql(&sql).and_then(|mut p| p.parse_expr()) {
                *expr = parsed;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Compiles a whole `SELECT` over datasets: parameters become literals and numbers with decimals exact. The frames are
/// registered by the caller.
///
/// # Errors
/// With what is wrong and where.
pub fn prepare_query(text: &str, params: &BTreeMap<String, Literal>) -> Result<String, Mistakes> {
    let mut statements = Parser::parse_sql(&GenericDialect, text).map_err(|error| Mistake::syntax(text, &error))?;
    let [ast::Statement::Query(query)] = statements.as_mut_slice() else {
        return Err(Mistake::whole(text, Text::new("query 应是一个 SELECT 语句", "a query is one SELECT")));
    };
    let mut visitor = Values { text, params, mistakes: Vec::new() };
    let _ = query.visit(&mut visitor);
    if visitor.mistakes.is_empty() { Ok(query.to_string()) } else { Err(Mistakes(visitor.mistakes)) }
}

/// The rows a query returns, ascending and without repeats.
///
/// # Errors
/// If the query fails or has no column `_row`.
pub fn run_query(sql: &str, frames: &[(String, LazyFrame)]) -> Result<Vec<u32>, String> {
    let mut context = polars::sql::SQLContext::new();
    for (name, frame) in frames {
        context.register(name, frame.clone());
    }
    let result = context
        .execute(sql)
        .and_then(|frame| {
            frame
                .select([col(ROW_COLUMN).cast(DataType::UInt32)])
                .unique(None, UniqueKeepStrategy::Any)
                .sort([ROW_COLUMN], SortMultipleOptions::default())
                .collect()
        })
        .map_err(|error| first_line(&error.to_string()))?;
    let rows = result.column(ROW_COLUMN).and_then(|column| column.u32().cloned()).map_err(|e| e.to_string())?;
    Ok(rows.iter().flatten().collect())
}

/// The schema a query sees: fields, `_unit` and `_row`.
pub fn query_schema(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    schema.insert(UNIT_COLUMN.into(), DataType::String);
    schema.insert(ROW_COLUMN.into(), DataType::UInt32);
    schema
}
