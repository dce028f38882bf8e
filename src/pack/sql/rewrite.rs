//! The pass over a parsed condition: calls of our functions become columns, parameters and numbers with decimals become
//! exact literals, and every mistake is collected with its place.
//!
//! Knows nothing of records; types of operands are told by `kind`.

use std::{collections::BTreeMap, ops::ControlFlow};

use chrono::NaiveDate;
use polars::{
    prelude::{Expr, PlSmallStr},
    sql::sql_expr,
};
use sqlparser::{
    ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Spanned, Value, VisitorMut},
    tokenizer::Span,
};

use super::{
    Call, Mistake, Scope, UNIT_COLUMN, date_literal, engine, exact_decimal, first_line, kind, literal_expr,
    prior_column,
};
use crate::{
    pack::{Literal, functions},
    problem::did_you_mean,
    text::Text,
};

pub(super) const LITERAL_MARK: &str = "lit:";
pub(super) const DATE_MARK: &str = "date:";

/// Functions of the SQL engine that conditions are likely to use, to suggest the right spelling.
const SQL_FUNCTIONS: [&str; 14] = [
    "abs",
    "coalesce",
    "concat",
    "ends_with",
    "left",
    "length",
    "lower",
    "replace",
    "right",
    "round",
    "starts_with",
    "strpos",
    "substr",
    "upper",
];

/// A condition being taken apart.
pub(super) struct Rewriter<'a> {
    pub(super) scope: Scope<'a>,
    text: &'a str,
    pub(super) calls: Vec<Call>,
    pub(super) fields: Vec<String>,
    pub(super) prior: Vec<String>,
    pub(super) windowed: bool,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(scope: Scope<'a>, text: &'a str) -> Self {
        Self { scope, text, calls: vec![], fields: vec![], prior: vec![], windowed: false, mistakes: vec![] }
    }

    pub(super) fn mistake(&mut self, span: Span, message: Text, help: Option<Text>) {
        self.mistakes.push(Mistake::at(self.text, span, message, help));
    }

    fn unknown_field(&mut self, ident: &Ident) {
        let name = &ident.value;
        let help = did_you_mean(name, self.scope.schema.iter_names().map(PlSmallStr::as_str));
        let message = Text::new(format!("没有字段 `{name}`"), format!("unknown field `{name}`"));
        self.mistake(ident.span, message, help);
    }

    fn identifier(&mut self, ident: &Ident) {
        let name = ident.value.as_str();
        let ours = name.starts_with(LITERAL_MARK)
            || name.starts_with(DATE_MARK)
            || name.starts_with('$')
            || self.calls.iter().any(|call| call.column == name)
            || self.prior.iter().any(|field| prior_column(field) == name);
        if ours || name == UNIT_COLUMN {
            return;
        }
        if self.scope.schema.get(name).is_none() {
            self.unknown_field(ident);
        } else if !self.fields.iter().any(|field| field == name) {
            self.fields.push(name.to_owned());
        }
    }

    /// The column that takes the place of a call.
    fn call(&mut self, call: &ast::Function) -> Option<String> {
        let name = call.name.to_string().to_lowercase();
        let span = name_span(call);
        if name == "prior" {
            let argument = arguments(call).into_iter().flatten().next();
            let Some(ast::Expr::Identifier(ident)) = argument else {
                let message = Text::new("prior() 的参数是字段名", "prior() takes the name of a field");
                self.mistake(span, message, None);
                return None;
            };
            if !self.prior.contains(&ident.value) {
                self.prior.push(ident.value.clone());
            }
            return Some(prior_column(&ident.value));
        }
        let Some(function) = functions::find(&name) else {
            self.foreign_call(&name, span);
            return None;
        };
        let args = arguments(call).unwrap_or_default();
        if args.len() != function.arity || call.over.is_some() {
            let (wanted, found) = (function.arity, args.len());
            let message = Text::new(
                format!("{name}() 有 {wanted} 个参数，这里写了 {found} 个"),
                format!("{name}() takes {wanted} argument(s); found {found}"),
            );
            self.mistake(span, message, Some(Text::new("用法", function.usage)));
            return None;
        }
        let column = format!("{name}({})", args.iter().map(|arg| plain(arg)).collect::<Vec<_>>().join(", "));
        if self.mistakes.is_empty() && !self.calls.iter().any(|call| call.column == column) {
            let mut inputs = Vec::new();
            for arg in &args {
                match self.polars(arg) {
                    Ok(input) => inputs.push(input),
                    Err(message) => {
                        self.mistake(span, message, None);
                        return None;
                    }
                }
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
        Some(column)
    }

    /// A call of a function that is not ours: the SQL engine knows it, or it is a mistake.
    fn foreign_call(&mut self, name: &str, span: Span) {
        // Without arguments: only whether the name is known is asked here.
        let Err(error) = sql_expr(format!("{name}()")) else { return };
        if !error.to_string().contains("unsupported function") {
            return;
        }
        let help = did_you_mean(name, functions::names().chain(SQL_FUNCTIONS)).unwrap_or_else(|| {
            let names = functions::names().collect::<Vec<_>>().join(", ");
            Text::new(format!("本程序的函数：{names}"), format!("our functions: {names}"))
        });
        let message = Text::new(format!("没有函数 `{name}`"), format!("unknown function `{name}`"));
        self.mistake(span, message, Some(help));
    }

    /// The Polars expression of a rewritten one.
    pub(super) fn polars(&self, expr: &ast::Expr) -> Result<Expr, Text> {
        let parsed = sql_expr(expr.to_string()).map_err(|error| engine(&first_line(&error.to_string())))?;
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

    /// What takes the place of an expression whose parts are done.
    fn replacement(&mut self, expr: &ast::Expr) -> Option<String> {
        match expr {
            ast::Expr::Identifier(ident) => {
                self.identifier(ident);
                None
            }
            ast::Expr::CompoundIdentifier(_) => {
                let message = Text::new("这里不能用带点的名称", "names with a dot are not known here");
                let help = Text::new(
                    "条件只看一个数据集的一条记录；要联结数据集，用 `query`",
                    "a condition reads one record of one dataset; use `query` to join datasets",
                );
                self.mistake(expr.span(), message, Some(help));
                None
            }
            ast::Expr::Value(value) => match &value.value {
                Value::Number(digits, _) if digits.contains('.') => Some(format!("{LITERAL_MARK}{digits}")),
                Value::Placeholder(name) => {
                    let known = name.strip_prefix('$').is_some_and(|name| self.scope.params.contains_key(name));
                    if !known {
                        self.mistakes.push(unknown_parameter(self.text, value.span, name, self.scope.params));
                    }
                    known.then(|| name.clone())
                }
                _ => None,
            },
            ast::Expr::TypedString(typed) if typed.data_type == ast::DataType::Date => {
                let text = typed.value.value.to_string();
                let date = text.trim_matches('\'');
                if date.parse::<NaiveDate>().is_err() {
                    let message = Text::new(format!("{text} 不是日期"), format!("{text} is no date"));
                    self.mistake(typed.value.span, message, None);
                    return None;
                }
                Some(format!("{DATE_MARK}{date}"))
            }
            ast::Expr::Function(call) => {
                self.windowed |= call.over.is_some();
                self.call(call)
            }
            _ => {
                kind::check_comparison(self, expr);
                None
            }
        }
    }
}

impl VisitorMut for Rewriter<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<()> {
        if let Some(name) = self.replacement(expr) {
            let ident = Ident { value: name, quote_style: Some('"'), span: expr.span() };
            *expr = ast::Expr::Identifier(ident);
        }
        if let Some(comparisons) = comparisons(expr) {
            *expr = comparisons;
        }
        ControlFlow::Continue(())
    }
}

/// Most texts of a list that are compared one by one.
const SHORT_LIST: usize = 6;

/// A short list of texts as comparisons joined by OR: the engine hashes every value of a list, which takes several times as
/// long. Blanks come out the same: null.
fn comparisons(expr: &ast::Expr) -> Option<ast::Expr> {
    let ast::Expr::InList { expr: left, list, negated } = expr else { return None };
    let is_text = |item: &ast::Expr| matches!(item, ast::Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)));
    if list.len() > SHORT_LIST || !list.iter().all(is_text) {
        return None;
    }
    let binary = |left: ast::Expr, op, right: ast::Expr| {
        ast::Expr::Nested(Box::new(ast::Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }))
    };
    let equal = |item: &ast::Expr| binary((**left).clone(), ast::BinaryOperator::Eq, item.clone());
    let any = list.iter().map(equal).reduce(|one, other| binary(one, ast::BinaryOperator::Or, other))?;
    Some(if *negated { ast::Expr::UnaryOp { op: ast::UnaryOperator::Not, expr: Box::new(any) } } else { any })
}

/// That there is no parameter called `name`.
pub(super) fn unknown_parameter(text: &str, span: Span, name: &str, params: &BTreeMap<String, Literal>) -> Mistake {
    let help = did_you_mean(name.trim_start_matches('$'), params.keys().map(String::as_str));
    let message = Text::new(format!("没有参数 `{name}`"), format!("unknown parameter `{name}`"));
    Mistake::at(text, span, message, help)
}

fn name_span(call: &ast::Function) -> Span {
    call.name.0.first().and_then(ast::ObjectNamePart::as_ident).map_or_else(Span::empty, |ident| ident.span)
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
