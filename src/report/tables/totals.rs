//! Totals of the general ledger the job names, for reconciling (Article 19).
//!
//! Knows nothing of what they are compared with.

use std::path::Path;

use anyhow::Result;
use polars::prelude::DataFrame;

use crate::{
    pack::sql::scaled,
    problem::{Problems, did_you_mean},
    report::catalog::{self, Values},
    text::Text,
};

/// Columns of the file.
const COLUMNS: [&str; 3] = ["unit", "subject", "amount"];

/// A total of one unit and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Unit code.
    pub unit: String,
    /// Subject.
    pub subject: String,
    /// Fen.
    pub fen: i128,
    /// Line of the file.
    pub line: u64,
}

/// Reads the totals: a csv with `unit,subject,amount` in its first line, amounts in yuan.
///
/// # Errors
/// All lines that cannot be read, with their numbers.
pub fn read_totals(path: &Path) -> Result<Vec<Total>, Problems> {
    let mut problems = Problems::default();
    let shown = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            problems.cannot_read(&shown, &error);
            return Err(problems);
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut at = [0; 3];
    for (column, slot) in COLUMNS.into_iter().zip(&mut at) {
        if let Some(found) = header.iter().position(|heading| heading == column) {
            *slot = found;
            continue;
        }
        let message =
            Text::new(format!("{shown}:1：缺少 `{column}` 列"), format!("{shown}:1: the column `{column}` is missing"));
        let help = did_you_mean(column, header.iter())
            .unwrap_or_else(|| Text::new("首行应为 unit,subject,amount", "the first line is unit,subject,amount"));
        problems.add(message, Some(help));
    }
    if !problems.list.is_empty() {
        return Err(problems);
    }
    let mut totals: Vec<Total> = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else {
            problems.add(Text::new(format!("{shown}：有一行不是 CSV"), format!("{shown}: a line is not csv")), None);
            continue;
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let [unit, subject, amount] = at.map(cell);
        let Some(fen) = fen(amount) else {
            let message = Text::new(
                format!("{shown}:{line}：`{amount}` 不是金额"),
                format!("{shown}:{line}: `{amount}` is no amount"),
            );
            problems.add(message, Some(Text::new("单位为元，最多两位小数", "in yuan, with at most two decimals")));
            continue;
        };
        if let Some(first) = totals.iter().find(|total| total.unit == unit && total.subject == subject) {
            let first = first.line;
            let message = Text::new(
                format!("{shown}:{line}：{unit} {subject} 在第 {first} 行已有"),
                format!("{shown}:{line}: {unit} {subject} stands on line {first} already"),
            );
            problems.add(message, None);
        }
        totals.push(Total { unit: unit.to_owned(), subject: subject.to_owned(), fen, line });
    }
    problems.into_result(totals)
}

/// Yuan as fen; thousands separators are taken out.
fn fen(text: &str) -> Option<i128> {
    let digits = text.replace(',', "");
    let whole = digits.trim_start_matches('-');
    if whole.is_empty() || !whole.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (value, scale) = scaled(&digits)?;
    match scale {
        0 => value.checked_mul(100),
        1 => value.checked_mul(10),
        2 => Some(value),
        _ => None,
    }
}

/// The totals as a table.
pub fn table(totals: &[Total]) -> Result<DataFrame> {
    catalog::LEDGER_TOTALS.frame(vec![
        Values::Text(totals.iter().map(|total| Some(total.unit.clone())).collect()),
        Values::Text(totals.iter().map(|total| Some(total.subject.clone())).collect()),
        Values::Fixed(totals.iter().map(|total| Some(total.fen)).collect()),
        Values::Count(totals.iter().map(|total| i64::try_from(total.line).ok()).collect()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        assert_eq!(fen("1,234.5"), Some(123_450));
        assert_eq!(fen("-0.01"), Some(-1));
        assert_eq!(fen("7"), Some(700));
        for text in ["", "-", "1.005", "1e5", "十", "1-2"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }

    #[test]
    fn every_bad_line_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("totals.csv");
        std::fs::write(&path, "unit,subject,amount\n1,贷款余额,5\n1,贷款余额,6\n2,贷款余额,x\n").expect("written");
        let problems = read_totals(&path).expect_err("problems").to_string();
        assert!(problems.contains("totals.csv:3: 1 贷款余额 stands on line 2 already"), "{problems}");
        assert!(problems.contains("totals.csv:4: `x` is no amount"), "{problems}");
        std::fs::write(&path, "unit,subjct,amount\n").expect("written");
        let problems = read_totals(&path).expect_err("problems").to_string();
        assert!(problems.contains("did you mean `subjct`?"), "{problems}");
    }
}
