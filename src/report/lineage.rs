//! From a figure back to records: which records of the submitted tables a row of a query was made of.
//!
//! Works on the text of the query. A plain `SELECT` over tables that hold records, with joins, conditions and groups, can
//! be followed exactly; of others (`WITH`, `UNION`, queries inside queries) it is said that they cannot.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, anyhow};
use polars::prelude::{AnyValue, DataFrame, DataType, Expr, col, lit};
use sqlparser::{
    ast::{self, GroupByExpr, SelectItem, SetExpr, TableFactor, Visit, Visitor},
    dialect::GenericDialect,
    parser::Parser,
};

use super::{model::Query, query::Tables};
use crate::pack::sql::ROW_COLUMN;

/// Functions that make one value of many.
const AGGREGATES: [&str; 8] = ["sum", "count", "min", "max", "avg", "first", "last", "string_agg"];

/// The records a row was made of, of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The table as the query names it.
    pub table: String,
    /// Indexes of the records, ascending.
    pub records: Vec<u32>,
}

/// What a query says of its rows.
pub struct Lineage {
    statement: ast::Select,
    sources: Vec<(String, String)>,
    /// Projected expressions by the name of their column; nothing for `*`.
    columns: Vec<(String, ast::Expr)>,
    grouped: bool,
    aggregated: bool,
}

impl Lineage {
    /// The lineage of a query, if it is a plain `SELECT`.
    pub fn of(query: &Query, tables: &Tables) -> Option<Self> {
        let mut statements = Parser::parse_sql(&GenericDialect, &query.sql).ok()?;
        let ast::Statement::Query(parsed) = statements.pop()? else { return None };
        if parsed.with.is_some() {
            return None;
        }
        let SetExpr::Select(select) = *parsed.body else { return None };
        let mut sources = Vec::new();
        for from in &select.from {
            let factors = std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation));
            for factor in factors {
                let TableFactor::Table { name, alias, .. } = factor else { return None };
                let name = name.to_string();
                let shown = alias.as_ref().map_or_else(|| name.clone(), |alias| alias.name.value.clone());
                let schema = tables.get(&name)?.clone().collect_schema().ok()?;
                if schema.contains(ROW_COLUMN) {
                    sources.push((shown, name));
                }
            }
        }
        let mut columns = Vec::new();
        let mut aggregated = false;
        for item in &select.projection {
            let (name, expr) = match item {
                SelectItem::UnnamedExpr(expr) => (last_name(expr)?, expr.clone()),
                SelectItem::ExprWithAlias { expr, alias } => (alias.value.clone(), expr.clone()),
                _ => continue,
            };
            aggregated |= is_aggregate(&expr);
            columns.push((name, expr));
        }
        let grouped = matches!(&select.group_by, GroupByExpr::Expressions(list, _) if !list.is_empty());
        (!sources.is_empty()).then_some(Self { statement: *select, sources, columns, grouped, aggregated })
    }

    /// The names of the fields a column is made from.
    pub fn fields(&self, column: &str) -> BTreeSet<String> {
        match self.columns.iter().find(|(name, _)| name == column) {
            Some((_, expr)) => names_in(expr),
            None => BTreeSet::from([column.to_owned()]),
        }
    }

    /// The records the row `at` of `rows` was made of.
    ///
    /// # Errors
    /// If the query, changed to give records, fails.
    pub fn behind(&self, rows: &DataFrame, at: usize, tables: &Tables) -> Result<Vec<Behind>> {
        let mut select = self.statement.clone();
        let mut keys: Vec<(String, ast::Expr)> = Vec::new();
        // Columns that tell the row apart: those it is grouped by, or all of a row that is made of one record.
        let plain = |(name, expr): &(String, ast::Expr)| {
            (!is_aggregate(expr) && rows.schema().contains(name)).then(|| (name.clone(), expr.clone()))
        };
        if self.grouped || !self.aggregated {
            keys.extend(self.columns.iter().filter_map(plain));
        }
        let mut statement: Vec<String> = Vec::new();
        for (at, (_, expr)) in keys.iter().enumerate() {
            statement.push(format!("{expr} AS \"key {at}\""));
        }
        // `SELECT *` keeps the index of the record itself.
        let own = rows.column(ROW_COLUMN).ok().filter(|_| !self.aggregated && !self.grouped);
        for (at, (alias, _)) in self.sources.iter().enumerate() {
            statement.push(format!("\"{alias}\".{ROW_COLUMN} AS \"record {at}\""));
        }
        select.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
        select.having = None;
        select.distinct = None;
        let list = Parser::new(&GenericDialect)
            .try_with_sql(&format!("SELECT {}", statement.join(", ")))
            .and_then(|mut parser| parser.parse_select())
            .map_err(|error| anyhow!("{error}"))?;
        select.projection = list.projection;
        let mut context = polars::sql::SQLContext::new();
        for (name, frame) in tables {
            context.register(name, frame.clone());
        }
        let mut frame = context.execute(&select.to_string()).map_err(|error| anyhow!("{error}"))?;
        for (index, (name, _)) in keys.iter().enumerate() {
            let value = rows.column(name)?.get(at)?;
            frame = frame.filter(equals(&format!("key {index}"), rows.column(name)?.dtype(), &value));
        }
        if keys.is_empty()
            && let Some(own) = own
        {
            frame = frame.filter(equals("record 0", own.dtype(), &own.get(at)?));
        }
        let found = frame.collect().map_err(|error| anyhow!("{error}")).context("following a figure")?;
        let mut behind = Vec::new();
        for (index, (_, table)) in self.sources.iter().enumerate() {
            let numbers = found.column(&format!("record {index}"))?.cast(&DataType::UInt32)?;
            let records: BTreeSet<u32> = numbers.u32()?.iter().flatten().collect();
            behind.push(Behind { table: table.clone(), records: records.into_iter().collect() });
        }
        Ok(behind)
    }
}

/// That a column has the value, or like it none.
fn equals(column: &str, dtype: &DataType, value: &AnyValue<'_>) -> Expr {
    match value {
        AnyValue::Null => col(column).is_null(),
        value => {
            let scalar = polars::prelude::Scalar::new(dtype.clone(), value.clone().into_static());
            col(column).eq(lit(scalar))
        }
    }
}

fn last_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::Identifier(ident) => Some(ident.value.clone()),
        ast::Expr::CompoundIdentifier(parts) => parts.last().map(|part| part.value.clone()),
        _ => None,
    }
}

#[derive(Default)]
struct Names {
    names: BTreeSet<String>,
    aggregate: bool,
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> std::ops::ControlFlow<()> {
        self.names.extend(last_name(expr));
        if let ast::Expr::Function(call) = expr {
            self.aggregate |=
                call.over.is_none() && AGGREGATES.contains(&call.name.to_string().to_lowercase().as_str());
        }
        std::ops::ControlFlow::Continue(())
    }
}

fn names_in(expr: &ast::Expr) -> BTreeSet<String> {
    let mut names = Names::default();
    let _ = expr.visit(&mut names);
    names.names
}

fn is_aggregate(expr: &ast::Expr) -> bool {
    let mut names = Names::default();
    let _ = expr.visit(&mut names);
    names.aggregate
}

/// The rows of a frame as text, for people: the columns named, at one position.
pub fn shown(rows: &DataFrame, at: usize) -> Vec<(String, String)> {
    let columns = rows.columns().iter().filter(|column| !column.name().contains(' '));
    columns
        .filter_map(|column| {
            let value = column.get(at).ok()?;
            let text = match value {
                AnyValue::Null => return None,
                AnyValue::String(text) => text.to_owned(),
                AnyValue::Decimal(mantissa, _, scale) => crate::message::decimal_text(mantissa, scale),
                other => other.to_string(),
            };
            Some((column.name().to_string(), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use polars::prelude::IntoLazy as _;

    use super::*;

    fn tables() -> Tables {
        let loans = polars::prelude::df!(
            "_row" => [0_i64, 1, 2, 3], "unit" => ["1", "1", "2", "1"], "code" => ["A", "B", "A", "A"],
            "amount" => [10_i64, 20, 30, 40]
        );
        let customers = polars::prelude::df!("_row" => [0_i64, 1], "code" => ["A", "B"], "name" => ["甲", "乙"]);
        Tables::from([
            ("loans".to_owned(), loans.expect("loans").lazy()),
            ("customers".to_owned(), customers.expect("customers").lazy()),
        ])
    }

    fn query(sql: &str) -> Query {
        Query {
            written: sql.to_owned(),
            sql: sql.to_owned(),
            tables: vec!["loans".to_owned(), "customers".to_owned()],
            columns: BTreeSet::new(),
            sort: Vec::new(),
            limit: None,
        }
    }

    fn behind(sql: &str, at: usize) -> Option<Vec<(String, Vec<u32>)>> {
        let (tables, query) = (tables(), query(sql));
        let lineage = Lineage::of(&query, &tables)?;
        let need = super::super::query::Need::default();
        let (rows, _) = super::super::query::run(&query, &tables, &need).expect("rows");
        let found = lineage.behind(&rows, at, &tables).expect("records");
        Some(found.into_iter().map(|behind| (behind.table, behind.records)).collect())
    }

    fn of(table: &str, records: &[u32]) -> (String, Vec<u32>) {
        (table.to_owned(), records.to_vec())
    }

    #[test]
    fn sums_are_followed_to_the_records_of_their_group() {
        let sql = "SELECT unit, SUM(amount) AS total FROM loans WHERE amount > 10 GROUP BY unit";
        assert_eq!(behind(sql, 0), Some(vec![of("loans", &[1, 3])]));
        assert_eq!(behind(sql, 1), Some(vec![of("loans", &[2])]));
        assert_eq!(behind("SELECT SUM(amount) AS total FROM loans", 0), Some(vec![of("loans", &[0, 1, 2, 3])]));
    }

    #[test]
    fn joins_are_followed_on_both_sides() {
        let sql = "SELECT c.name, SUM(l.amount) AS total FROM loans AS l JOIN customers AS c ON l.code = c.code GROUP BY c.name";
        // 乙 comes before 甲.
        assert_eq!(behind(sql, 0), Some(vec![of("loans", &[1]), of("customers", &[1])]));
        assert_eq!(behind(sql, 1), Some(vec![of("loans", &[0, 2, 3]), of("customers", &[0])]));
    }

    #[test]
    fn a_row_made_of_one_record_is_that_record() {
        assert_eq!(behind("SELECT * FROM loans", 2), Some(vec![of("loans", &[2])]));
    }

    #[test]
    fn what_cannot_be_followed_is_not_guessed() {
        assert_eq!(behind("WITH t AS (SELECT * FROM loans) SELECT SUM(amount) AS s FROM t", 0), None);
        assert_eq!(behind("SELECT SUM(amount) AS s FROM loans UNION ALL SELECT 1 AS s FROM customers", 0), None);
    }
}
