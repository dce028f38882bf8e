//! Comparisons that cannot mean what was written: numbers, texts and dates with each other, anything with `NULL`.
//!
//! The SQL engine takes them without a word and the condition never holds. What it cannot tell is left to the engine.

use polars::prelude::DataType;
use sqlparser::ast::{self, BinaryOperator, Spanned, UnaryOperator, Value};

use super::rewrite::{DATE_MARK, LITERAL_MARK, Rewriter};
use crate::{
    pack::{Literal, functions},
    text::Text,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Date,
    Null,
}

impl Kind {
    /// What it is called in a message.
    fn title(self) -> Text {
        match self {
            Kind::Number => Text::new("数字", "a number"),
            Kind::Text => Text::new("文字", "text"),
            Kind::Date => Text::new("日期", "a date"),
            Kind::Null => Text::new("NULL", "NULL"),
        }
    }

    /// How it is written in a condition.
    fn written(self) -> Text {
        match self {
            Kind::Number => Text::new("数字不加引号", "write numbers without quotes"),
            Kind::Text => Text::new("文字加单引号，如 '1'", "write text in single quotes, such as '1'"),
            Kind::Date => Text::new("日期写成 DATE '2026-10-31'", "write dates as DATE '2026-10-31'"),
            Kind::Null => Text::new("写 IS NULL 或 IS NOT NULL", "write IS NULL or IS NOT NULL"),
        }
    }
}

/// Adds a mistake if `expr`, whose parts are rewritten already, compares what cannot be compared.
pub(super) fn check_comparison(rewriter: &mut Rewriter<'_>, expr: &ast::Expr) {
    match expr {
        ast::Expr::BinaryOp { left, op, right } if is_comparison(op) => compare(rewriter, left, right),
        ast::Expr::Between { expr, low, high, .. } => {
            compare(rewriter, expr, low);
            compare(rewriter, expr, high);
        }
        ast::Expr::InList { expr, list, .. } => list.iter().for_each(|item| compare(rewriter, expr, item)),
        _ => {}
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Gt | GtEq | Lt | LtEq)
}

fn compare(rewriter: &mut Rewriter<'_>, left: &ast::Expr, right: &ast::Expr) {
    let (one, other) = (kind(rewriter, left), kind(rewriter, right));
    for (side, found) in [(left, one), (right, other)] {
        if found == Some(Kind::Null) {
            let message = Text::new("与 NULL 比较永远不成立", "a comparison with NULL never holds");
            rewriter.mistake(side.span(), message, Some(Kind::Null.written()));
            return;
        }
    }
    let (Some(one), Some(other)) = (one, other) else { return };
    if one != other {
        let (a, b) = (one.title(), other.title());
        let message = Text::new(format!("{}与{}不能比较", a.zh, b.zh), format!("{} is compared with {}", a.en, b.en));
        // What is written out is more likely wrong than what the pack declares.
        let (side, wanted) = if is_written(left) && !is_written(right) { (left, other) } else { (right, one) };
        rewriter.mistake(side.span(), message, Some(wanted.written()));
    }
}

fn is_written(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Value(_) => true,
        ast::Expr::Identifier(ident) => ident.value.starts_with(LITERAL_MARK) || ident.value.starts_with(DATE_MARK),
        _ => false,
    }
}

fn kind(rewriter: &Rewriter<'_>, expr: &ast::Expr) -> Option<Kind> {
    match expr {
        ast::Expr::Value(value) => match &value.value {
            Value::Number(..) => Some(Kind::Number),
            Value::SingleQuotedString(_) => Some(Kind::Text),
            Value::Null => Some(Kind::Null),
            _ => None,
        },
        ast::Expr::Identifier(ident) => named(rewriter, &ident.value),
        ast::Expr::Nested(inner)
        | ast::Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr: inner } => kind(rewriter, inner),
        ast::Expr::BinaryOp { left, op, right } if is_arithmetic(op) => {
            let sides = [kind(rewriter, left), kind(rewriter, right)];
            (sides.contains(&Some(Kind::Number)) && !sides.contains(&Some(Kind::Date))).then_some(Kind::Number)
        }
        _ => None,
    }
}

fn is_arithmetic(op: &BinaryOperator) -> bool {
    matches!(op, BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide)
}

/// The kind of a column: a field, a parameter or a call of ours.
fn named(rewriter: &Rewriter<'_>, name: &str) -> Option<Kind> {
    if name.starts_with(LITERAL_MARK) {
        return Some(Kind::Number);
    }
    if name.starts_with(DATE_MARK) {
        return Some(Kind::Date);
    }
    if let Some(param) = name.strip_prefix('$') {
        return match rewriter.scope.params.get(param)? {
            Literal::Integer(_) | Literal::Decimal(_) => Some(Kind::Number),
            Literal::Text(_) => Some(Kind::Text),
            Literal::Date(_) => Some(Kind::Date),
            Literal::Bool(_) => None,
        };
    }
    let of_type = |dtype: &DataType| match dtype {
        DataType::Decimal(..) | DataType::Int64 => Some(Kind::Number),
        DataType::String => Some(Kind::Text),
        DataType::Date => Some(Kind::Date),
        _ => None,
    };
    let (function, argument) = name.split_once('(').unwrap_or((name, ""));
    if function == "prior" {
        return rewriter.scope.schema.get(argument.trim_end_matches(')')).and_then(of_type);
    }
    match functions::find(function) {
        Some(function) if !argument.is_empty() => of_type(&function.data_type()),
        _ => rewriter.scope.schema.get(name).and_then(of_type),
    }
}
