//! From a figure back to records: which records of the submitted tables rows of a query were made of.
//!
//! Works on the text of the query. Each `SELECT` is run again without its groups and sums, with the numbers of its records
//! beside the columns that tell its rows apart; those that belong to the rows asked about stay. Tables made in `WITH`, both
//! sides of a `UNION` and queries in `FROM` are followed in the same way, from the rows they gave. Conditions are run,
//! not followed: what a query in `WHERE … IN (…)` reads is no part of the figure.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    rc::Rc,
};

use anyhow::{Context as _, Result, anyhow};
use polars::prelude::{
    AnyValue, DataFrame, DataType, Expr, IntoLazy as _, JoinArgs, JoinType, LazyFrame, Schema, UniqueKeepStrategy, col,
};
use sqlparser::{
    ast::{self, GroupByExpr, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor, Visit, Visitor},
    dialect::GenericDialect,
    parser::Parser,
};

use super::{model::Query, query::Tables};
use crate::pack::sql::ROW_COLUMN;

/// Functions that make one value of many.
const AGGREGATES: [&str; 8] = ["sum", "count", "min", "max", "avg", "first", "last", "string_agg"];

/// What rows were made of.
#[derive(Default)]
pub struct Lineage {
    /// The tables, by name.
    pub behind: BTreeMap<String, Behind>,
    /// More may be listed than the rows were made of: groups are told apart by what the query does not show.
    pub wider: bool,
    /// Part of the query cannot be followed.
    pub partial: bool,
}

/// What was taken of one table.
#[derive(Default)]
pub struct Behind {
    /// Numbers of its records; empty for a table that was made by the program.
    pub records: BTreeSet<u32>,
    /// Rows of a table that was made by the program.
    pub rows: Option<DataFrame>,
    /// The columns the figure was made from.
    pub fields: BTreeSet<String>,
}

impl Lineage {
    /// What `rows`, which the query gave, were made of; `columns` are those asked about.
    ///
    /// # Errors
    /// If the query, changed to give records, fails.
    pub fn of(query: &Query, tables: &Tables, rows: &DataFrame, columns: &BTreeSet<String>) -> Result<Self> {
        let mut statements = Parser::parse_sql(&GenericDialect, &query.sql)?;
        let mut lineage = Self::default();
        match statements.pop() {
            Some(ast::Statement::Query(parsed)) => {
                let known = Known { frames: tables.clone(), made: BTreeMap::new() };
                let context = || format!("following {}", query.written);
                lineage.query(&parsed, rows, columns, &known).with_context(context)?;
            }
            _ => lineage.partial = true,
        }
        Ok(lineage)
    }

    fn query(&mut self, query: &ast::Query, rows: &DataFrame, columns: &BTreeSet<String>, known: &Known) -> Result<()> {
        let mut known = known.clone();
        for made in query.with.iter().flat_map(|with| &with.cte_tables) {
            let frame = known.run(&made.query.to_string())?.collect()?.lazy();
            let name = made.alias.name.value.clone();
            let before = Rc::new(known.clone());
            known.made.insert(name.clone(), (made.query.clone(), before));
            known.frames.insert(name, frame);
        }
        self.body(&query.body, rows, columns, &known)
    }

    fn body(&mut self, body: &SetExpr, rows: &DataFrame, columns: &BTreeSet<String>, known: &Known) -> Result<()> {
        match body {
            SetExpr::Select(select) => self.select(select, rows, columns, known),
            SetExpr::Query(query) => self.query(query, rows, columns, known),
            SetExpr::SetOperation { op: ast::SetOperator::Union, left, right, .. } => {
                self.body(left, rows, columns, known)?;
                // Columns go together by their places; the names are those of the left side.
                let names = |side: &SetExpr| -> Result<Vec<String>> {
                    let schema = known.run(&side.to_string())?.collect_schema()?;
                    Ok(schema.iter_names().map(ToString::to_string).collect())
                };
                let pairs: BTreeMap<String, String> = names(left)?.into_iter().zip(names(right)?).collect();
                let renamed = |name: &str| pairs.get(name).map_or(name, String::as_str).to_owned();
                let mut other = rows.clone();
                let new: Vec<_> = rows.get_column_names().into_iter().map(|name| renamed(name)).collect();
                other.set_column_names(&new)?;
                self.body(right, &other, &columns.iter().map(|name| renamed(name)).collect(), known)
            }
            _ => {
                self.partial = true;
                Ok(())
            }
        }
    }

    fn select(
        &mut self,
        select: &ast::Select,
        rows: &DataFrame,
        columns: &BTreeSet<String>,
        known: &Known,
    ) -> Result<()> {
        let sources = self.sources(select, known)?;
        let projected = projected(select, &sources);
        let groups: &[ast::Expr] = match &select.group_by {
            GroupByExpr::Expressions(list, _) => list,
            GroupByExpr::All(_) => &[],
        };
        let grouped = !groups.is_empty() || matches!(select.group_by, GroupByExpr::All(_));
        let single = !grouped && projected.iter().any(|(_, expr)| Found::of(expr).aggregate);
        // The columns that tell the rows apart: those of a group, or all of a row that is made of one record of each table.
        let tells = |(name, expr): &&(String, ast::Expr)| {
            let found = Found::of(expr);
            let steady = rows.schema().get(name).is_some_and(comparable);
            steady && !(single || found.aggregate || grouped && found.window)
        };
        let keys: Vec<_> = projected.iter().filter(tells).collect();
        self.wider |= groups.iter().any(|group| {
            let text = group.to_string();
            let number = matches!(group, ast::Expr::Value(_));
            !number && !keys.iter().any(|(name, expr)| *name == text || expr.to_string() == text)
        });

        let mut list: Vec<String> = Vec::new();
        for (at, (_, expr)) in keys.iter().enumerate() {
            list.push(format!("{expr} AS \"key {at}\""));
        }
        for (at, source) in sources.iter().enumerate() {
            for name in source.kept() {
                list.push(format!("\"{}\".\"{name}\" AS \"from {at} {name}\"", source.alias));
            }
        }
        if sources.is_empty() || list.is_empty() {
            return Ok(());
        }
        let mut plain = select.clone();
        plain.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
        plain.having = None;
        plain.distinct = None;
        plain.projection = Parser::new(&GenericDialect)
            .try_with_sql(&format!("SELECT {}", list.join(", ")))?
            .parse_select()?
            .projection;
        let mut frame = known.run(&plain.to_string())?;
        if !keys.is_empty() {
            let wanted: Vec<_> =
                keys.iter().enumerate().map(|(at, (name, _))| col(name.as_str()).alias(key(at))).collect();
            let wanted = rows.clone().lazy().select(wanted);
            let on: Vec<Expr> = (0..keys.len()).map(|at| col(key(at))).collect();
            // A side of a `UNION` may have had a narrower type than the whole.
            let types =
                keys.iter().enumerate().filter_map(|(at, (name, _))| Some((at, rows.schema().get(name)?.clone())));
            frame = frame.with_columns(types.map(|(at, dtype)| col(key(at)).cast(dtype)).collect::<Vec<_>>());
            let mut how = JoinArgs::new(JoinType::Semi);
            how.nulls_equal = true;
            frame = frame.join(wanted, on.clone(), on, how);
        }
        let found = frame.collect()?;

        let from: BTreeSet<String> = columns
            .iter()
            .flat_map(|column| match projected.iter().find(|(name, _)| name == column) {
                Some((_, expr)) => Found::of(expr).names,
                None => BTreeSet::new(),
            })
            .collect();
        for (at, source) in sources.into_iter().enumerate() {
            let fields: BTreeSet<String> =
                from.iter().filter(|name| source.schema.contains(name.as_str())).cloned().collect();
            source.take(self, at, &found, fields)?;
        }
        Ok(())
    }

    fn sources<'a>(&mut self, select: &'a ast::Select, known: &'a Known) -> Result<Vec<Source<'a>>> {
        let mut sources = Vec::new();
        for from in &select.from {
            let factors = std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation));
            for factor in factors {
                match factor {
                    TableFactor::Table { name, alias, .. } => {
                        let name = name.to_string();
                        let Some(frame) = known.frames.get(&name) else { continue };
                        let schema = frame.clone().collect_schema()?;
                        let kind = match known.made.get(&name) {
                            Some((query, before)) => Kind::Made(query, before),
                            None if schema.contains(ROW_COLUMN) => Kind::Records(name.clone()),
                            None => Kind::Rows(name.clone()),
                        };
                        let alias = alias.as_ref().map_or(name, |alias| alias.name.value.clone());
                        sources.push(Source { alias, schema, kind });
                    }
                    TableFactor::Derived { subquery, alias: Some(alias), .. } => {
                        let schema = known.run(&subquery.to_string())?.collect_schema()?;
                        let kind = Kind::Made(subquery, known);
                        sources.push(Source { alias: alias.name.value.clone(), schema, kind });
                    }
                    _ => self.partial = true,
                }
            }
        }
        Ok(sources)
    }
}

/// The tables a part of a query can name.
#[derive(Clone)]
struct Known {
    frames: Tables,
    /// Those the query makes in `WITH`: how, and from which tables.
    made: BTreeMap<String, (Box<ast::Query>, Rc<Known>)>,
}

impl Known {
    fn run(&self, sql: &str) -> Result<LazyFrame> {
        let mut context = polars::sql::SQLContext::new();
        for (name, frame) in &self.frames {
            context.register(name, frame.clone());
        }
        context.execute(sql).map_err(|error| anyhow!("{error}"))
    }
}

enum Kind<'a> {
    /// Records that were handed in.
    Records(String),
    /// A table the program made.
    Rows(String),
    /// A query, and the tables it reads.
    Made(&'a ast::Query, &'a Known),
}

/// A table or query in `FROM`.
struct Source<'a> {
    alias: String,
    schema: std::sync::Arc<Schema>,
    kind: Kind<'a>,
}

impl Source<'_> {
    /// The columns by which its rows are found again.
    fn kept(&self) -> Vec<String> {
        match self.kind {
            Kind::Records(_) => vec![ROW_COLUMN.to_owned()],
            Kind::Rows(_) | Kind::Made(..) => self.schema.iter_names().map(ToString::to_string).collect(),
        }
    }

    fn take(&self, lineage: &mut Lineage, at: usize, found: &DataFrame, fields: BTreeSet<String>) -> Result<()> {
        let kept = self.kept();
        let columns: Vec<_> = kept.iter().map(|name| col(format!("from {at} {name}")).alias(name.as_str())).collect();
        // A row without any value is none: the other side of a join had no partner.
        let some = kept.iter().map(|name| col(name.as_str()).is_not_null()).reduce(Expr::or);
        let Some(some) = some else { return Ok(()) };
        let rows = found.clone().lazy().select(columns).filter(some).collect()?;
        if rows.height() == 0 {
            return Ok(());
        }
        match &self.kind {
            Kind::Records(table) => {
                let numbers = rows.column(ROW_COLUMN)?.cast(&DataType::UInt32)?;
                let behind = lineage.behind.entry(table.clone()).or_default();
                behind.records.extend(numbers.u32()?.iter().flatten());
                behind.fields.extend(fields);
            }
            Kind::Rows(table) => {
                let behind = lineage.behind.entry(table.clone()).or_default();
                let all = match behind.rows.take() {
                    Some(before) => before.vstack(&rows)?,
                    None => rows,
                };
                behind.rows = Some(all.unique_stable(None, UniqueKeepStrategy::First, None)?);
                behind.fields.extend(fields);
            }
            Kind::Made(query, known) => {
                let rows = rows.unique_stable(None, UniqueKeepStrategy::First, None)?;
                lineage.query(query, &rows, &fields, known)?;
            }
        }
        Ok(())
    }
}

fn key(at: usize) -> String {
    format!("key {at}")
}

/// Whether values of a type can be compared without a remainder of doubt.
fn comparable(dtype: &DataType) -> bool {
    !matches!(dtype, DataType::Null | DataType::Float32 | DataType::Float64 | DataType::List(_) | DataType::Struct(_))
}

/// The columns a `SELECT` gives, with the expressions they are made by; `*` stands for the columns of its tables.
fn projected(select: &ast::Select, sources: &[Source<'_>]) -> Vec<(String, ast::Expr)> {
    let mut columns: Vec<(String, ast::Expr)> = Vec::new();
    let all = |source: &Source<'_>, columns: &mut Vec<(String, ast::Expr)>| {
        for name in source.schema.iter_names() {
            if !columns.iter().any(|(known, _)| known == name.as_str()) {
                let parts = [&source.alias, name.as_str()].map(|part| ast::Ident::with_quote('"', part));
                columns.push((name.to_string(), ast::Expr::CompoundIdentifier(parts.to_vec())));
            }
        }
    };
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(expr) => columns.extend(last_name(expr).map(|name| (name, expr.clone()))),
            SelectItem::ExprWithAlias { expr, alias } => columns.push((alias.value.clone(), expr.clone())),
            SelectItem::Wildcard(_) => sources.iter().for_each(|source| all(source, &mut columns)),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let name = name.to_string();
                sources.iter().filter(|source| source.alias == name).for_each(|source| all(source, &mut columns));
            }
            _ => {}
        }
    }
    columns
}

fn last_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::Identifier(ident) => Some(ident.value.clone()),
        ast::Expr::CompoundIdentifier(parts) => parts.last().map(|part| part.value.clone()),
        _ => None,
    }
}

/// What an expression is made of.
#[derive(Default)]
struct Found {
    names: BTreeSet<String>,
    aggregate: bool,
    window: bool,
}

impl Found {
    fn of(expr: &ast::Expr) -> Self {
        let mut found = Self::default();
        let _ = expr.visit(&mut found);
        found
    }
}

impl Visitor for Found {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        self.names.extend(last_name(expr));
        if let ast::Expr::Function(call) = expr {
            self.window |= call.over.is_some();
            self.aggregate |=
                call.over.is_none() && AGGREGATES.contains(&call.name.to_string().to_lowercase().as_str());
        }
        ControlFlow::Continue(())
    }
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
                AnyValue::StringOwned(text) => text.to_string(),
                AnyValue::Decimal(mantissa, _, scale) => crate::message::decimal_text(mantissa, scale),
                other => other.to_string(),
            };
            Some((column.name().to_string(), text))
        })
        .collect()
}

#[cfg(test)]
mod tests;
