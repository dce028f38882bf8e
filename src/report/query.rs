//! Queries of reports: one `SELECT` over the tables of the catalog, proven on tables without rows, and run with an order
//! that leaves nothing to chance.
//!
//! Knows nothing of how rows are shown.

use std::{collections::BTreeMap, ops::ControlFlow};

use anyhow::{Context as _, Result, anyhow};
use polars::prelude::{DataFrame, DataType, IntoLazy as _, LazyFrame, Schema, SortMultipleOptions, col};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};
use sqlparser::{
    ast::{self, Spanned as _, Visit, Visitor},
    dialect::GenericDialect,
    parser::Parser,
};

use super::model::Query;
use crate::{
    pack::{Literal, sql},
    problem::{At, Problems, did_you_mean},
    text::Text,
};

/// The tables queries are run on, by name.
pub type Tables = BTreeMap<String, LazyFrame>;

/// What queries are compiled against.
pub struct Scope<'a> {
    /// Every table, without rows.
    pub tables: &'a Tables,
    /// Values of the parameters.
    pub params: &'a BTreeMap<String, Literal>,
}

/// A compiled query and the columns it gives.
pub struct Compiled {
    /// The query; without sort and limit, which are the block's.
    pub query: Query,
    /// Its columns.
    pub schema: Schema,
}

/// The tables a statement names, with their places; those it makes itself in `WITH` are not among them.
#[derive(Default)]
struct Names {
    named: Vec<(String, sqlparser::tokenizer::Span)>,
    own: Vec<String>,
    ordered: Option<&'static str>,
    depth: usize,
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.own.push(table.alias.name.value.clone());
        }
        if self.depth == 0 {
            let limited = query.limit_clause.is_some() || query.fetch.is_some();
            self.ordered = if query.order_by.is_some() {
                Some("ORDER BY")
            } else if limited {
                Some("LIMIT")
            } else {
                None
            };
        }
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &ast::Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ast::ObjectName) -> ControlFlow<()> {
        self.named.push((relation.to_string(), relation.span()));
        ControlFlow::Continue(())
    }
}

/// Compiles a query and tries it on tables without rows; problems say what is wrong and where.
pub fn compile(text: &At<String>, scope: &Scope<'_>, problems: &mut Problems) -> Option<Compiled> {
    let sql = match sql::prepare_query(&text.value, scope.params) {
        Ok(sql) => sql,
        Err(mistakes) => {
            for mistake in mistakes.0 {
                text.span.inside(mistake.offset, mistake.length).problem(problems, mistake.message, mistake.help);
            }
            return None;
        }
    };
    let statements = Parser::parse_sql(&GenericDialect, &text.value).unwrap_or_default();
    let mut names = Names::default();
    let _ = statements.visit(&mut names);
    if let Some(clause) = names.ordered {
        let message = Text::new(format!("最外层不写 {clause}"), format!("no {clause} at the outermost level"));
        let help = Text::new(
            "用 `sort = [\"-balance\"]` 和 `limit = 10`：并列的行也有确定的次序",
            "say `sort = [\"-balance\"]` and `limit = 10`: equal rows then have a fixed order too",
        );
        text.span.problem(problems, message, Some(help));
        return None;
    }
    let mut tables = Vec::new();
    let mut unknown = false;
    for (name, span) in names.named {
        if names.own.contains(&name) || tables.contains(&name) {
            continue;
        }
        if scope.tables.contains_key(&name) {
            tables.push(name);
            continue;
        }
        unknown = true;
        let help = did_you_mean(&name, scope.tables.keys().map(String::as_str)).unwrap_or_else(|| {
            let all = scope.tables.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            Text::new(format!("可用的表：{all}"), format!("tables: {all}"))
        });
        let message = Text::new(format!("没有表 `{name}`"), format!("unknown table `{name}`"));
        at(text, span).problem(problems, message, Some(help));
    }
    if unknown {
        return None;
    }
    match execute(&sql, &tables, scope.tables).and_then(|frame| frame.collect().map_err(first_line)) {
        Ok(frame) => {
            let schema = frame.schema().as_ref().clone();
            let columns = schema.iter_names().map(ToString::to_string).collect();
            let query = Query { written: text.value.clone(), sql, tables, columns, sort: Vec::new(), limit: None };
            Some(Compiled { query, schema })
        }
        Err(message) => {
            engine_problem(text, &message, &tables, scope.tables, problems);
            None
        }
    }
}

/// Says what the SQL engine found wrong; where it names a column, the place is found again.
fn engine_problem(text: &At<String>, message: &str, used: &[String], tables: &Tables, problems: &mut Problems) {
    let quoted = message.split(['"', '\'', '`']).nth(1).filter(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') && message.contains("column")
    });
    let place = quoted.and_then(|name| {
        let at = find_word(&text.value, name)?;
        Some((name, text.span.inside(at, name.chars().count())))
    });
    if let Some((name, span)) = place {
        let columns: Vec<String> = used
            .iter()
            .filter_map(|table| tables.get(table)?.clone().collect_schema().ok())
            .flat_map(|schema| schema.iter_names().map(ToString::to_string).collect::<Vec<_>>())
            .collect();
        if !columns.iter().any(|column| column == name) {
            let help = did_you_mean(name, columns.iter().map(String::as_str));
            let message = Text::new(format!("没有列 `{name}`"), format!("unknown column `{name}`"));
            span.problem(problems, message, help);
            return;
        }
    }
    text.span.problem(problems, sql::engine(message), None);
}

/// Offset in characters of a whole word.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let found = text.match_indices(word).find(|(at, _)| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    });
    found.and_then(|(at, _)| Some(text.get(..at)?.chars().count()))
}

fn at(text: &At<String>, span: sqlparser::tokenizer::Span) -> crate::problem::Span {
    let offset = |line: u64, column: u64| {
        let lines = usize::try_from(line).unwrap_or(1).max(1) - 1;
        let before: usize = text.value.split_inclusive('\n').take(lines).map(|line| line.chars().count()).sum();
        before + usize::try_from(column).unwrap_or(1).saturating_sub(1)
    };
    let start = offset(span.start.line, span.start.column);
    text.span.inside(start, offset(span.end.line, span.end.column).saturating_sub(start).max(1))
}

fn execute(sql: &str, named: &[String], tables: &Tables) -> Result<LazyFrame, String> {
    let mut context = polars::sql::SQLContext::new();
    for name in named {
        let Some(frame) = tables.get(name) else { return Err(format!("there is no table `{name}`")) };
        context.register(name, frame.clone());
    }
    context.execute(sql).map_err(first_line)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn first_line(error: polars::prelude::PolarsError) -> String {
    error.to_string().lines().next().unwrap_or_default().trim().to_owned()
}

/// What of a query's rows is needed; everything if nothing is said.
#[derive(Default)]
pub struct Need<'a> {
    /// These columns.
    pub columns: Option<Vec<String>>,
    /// Rows whose key is in a frame with that one column.
    pub keys: Option<(&'a str, &'a DataFrame)>,
}

/// The columns an expression reads, if that can be told.
pub fn columns_read(sql: &str) -> Option<Vec<String>> {
    let expr = polars::sql::sql_expr(sql).ok()?;
    Some(expr.meta().root_names().into_iter().map(|name| name.to_string()).collect())
}

/// The rows of a query, ordered by its sort and then by all other columns, and how many there are without its limit.
///
/// # Errors
/// If the query fails: a fault of the definition that the trial did not show, or of this program.
pub fn run(query: &Query, tables: &Tables, need: &Need<'_>) -> Result<(DataFrame, usize)> {
    let narrowed = |mut frame: LazyFrame| {
        if let Some(columns) = &need.columns {
            frame = frame.select(columns.iter().map(|name| col(name.as_str())).collect::<Vec<_>>());
        }
        if let Some((key, keys)) = &need.keys {
            frame = frame.semi_join((*keys).clone().lazy(), col(*key), col(*key));
        }
        frame
    };
    let frame = execute(&query.sql, &query.tables, tables)
        .and_then(|frame| narrowed(frame).collect().map_err(first_line))
        .map_err(|error| anyhow!(error))
        .with_context(|| format!("query {}", query.written))?;
    let frame = sorted(frame, query)?;
    let height = frame.height();
    Ok((query.limit.map_or_else(|| frame.clone(), |limit| frame.head(Some(limit))), height))
}

fn sorted(frame: DataFrame, query: &Query) -> Result<DataFrame> {
    let sortable = |dtype: &DataType| !matches!(dtype, DataType::Null | DataType::List(_) | DataType::Struct(_));
    let named = |name: &str| query.sort.iter().any(|(column, _)| column == name);
    let rest: Vec<String> = frame
        .columns()
        .iter()
        .filter(|column| sortable(column.dtype()) && !named(column.name()))
        .map(|column| column.name().to_string())
        .collect();
    // The index of the record, where it names each row, decides between equal ones as well as all other columns would.
    let record = rest.iter().find(|name| *name == sql::ROW_COLUMN).filter(|name| {
        frame.column(name).and_then(polars::prelude::Column::n_unique).is_ok_and(|distinct| distinct == frame.height())
    });
    let rest = match record {
        Some(record) if !query.sort.is_empty() => vec![record.clone()],
        _ => rest,
    };
    let by: Vec<_> = query.sort.iter().map(|(name, _)| name.clone()).chain(rest).collect();
    if by.is_empty() || frame.height() < 2 {
        return Ok(frame);
    }
    let descending: Vec<_> =
        by.iter().map(|name| query.sort.iter().any(|(column, largest)| column == name && *largest)).collect();
    let options = SortMultipleOptions::default()
        .with_order_descending_multi(descending.iter().copied())
        .with_nulls_last_multi(descending.iter().map(|_| true));
    let order = || -> polars::prelude::PolarsResult<DataFrame> {
        const PLACE: &str = "place before";
        let keys = frame.select(by)?.with_row_index(PLACE.into(), None)?;
        let sorted = keys.sort(keys.get_column_names_owned().into_iter().skip(1), options)?;
        let places = sorted.column(PLACE)?.idx()?.clone();
        drop((keys, sorted));
        if places.no_null_iter().enumerate().all(|(at, place)| at == place as usize) {
            return Ok(frame);
        }
        // A column for each thread: of a long list there is never a second copy as a whole.
        let height = frame.height();
        let columns: Vec<_> =
            frame.into_columns().into_par_iter().map(|column| column.take(&places)).collect::<Result<_, _>>()?;
        DataFrame::new(height, columns)
    };
    order().context("ordering rows")
}

/// Name of the rows an expression is about.
const ROWS: &str = "source_rows";

/// Compiles an expression over the columns of a query, for a column of a form or the condition of a colour. Gives the
/// SQL and the type.
pub fn compile_expression(
    text: &At<String>,
    schema: &Schema,
    params: &BTreeMap<String, Literal>,
    problems: &mut Problems,
) -> Option<(String, DataType)> {
    const BEFORE: &str = "SELECT ";
    let statement = format!("{BEFORE}{} AS \"x\" FROM {ROWS}", text.value);
    let sql = match sql::prepare_query(&statement, params) {
        Ok(sql) => sql,
        Err(mistakes) => {
            for mistake in mistakes.0 {
                let offset = mistake.offset.saturating_sub(BEFORE.len());
                text.span.inside(offset, mistake.length).problem(problems, mistake.message, mistake.help);
            }
            return None;
        }
    };
    let tables = Tables::from([(ROWS.to_owned(), DataFrame::empty_with_schema(schema).lazy())]);
    let named = [ROWS.to_owned()];
    match execute(&sql, &named, &tables).and_then(|frame| frame.collect().map_err(first_line)) {
        Ok(frame) => {
            let dtype = frame.columns().first().map(|column| column.dtype().clone())?;
            let end = sql.rfind(" AS ")?;
            Some((sql.get(BEFORE.len()..end)?.to_owned(), dtype))
        }
        Err(message) => {
            engine_problem(text, &message, &named, &tables, problems);
            None
        }
    }
}

/// The rows with computed columns added, each a name and its SQL; their order stays.
///
/// # Errors
/// If an expression fails.
pub fn with_expressions(frame: DataFrame, expressions: &[(&str, &str)]) -> Result<DataFrame> {
    if expressions.is_empty() {
        return Ok(frame);
    }
    let list: Vec<_> = expressions.iter().map(|(name, sql)| format!("{sql} AS \"{name}\"")).collect();
    let tables = Tables::from([(ROWS.to_owned(), frame.lazy())]);
    execute(&format!("SELECT *, {} FROM {ROWS}", list.join(", ")), &[ROWS.to_owned()], &tables)
        .and_then(|frame| frame.collect().map_err(first_line))
        .map_err(|error| anyhow!(error))
}
