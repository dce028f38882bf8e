//! What is said once a list has been taken in: the month's recall, what we had missed and by which rules, what fits
//! nothing and why, and what is open at noon of the fifth working day.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::{Value, json};

use crate::{
    feedback::{Column, List},
    job::Period,
    ledger::{FeedbackLine, FeedbackRow, Imported, Problem, Recognised, Register},
    terminal::say,
    text::{Lang, Text},
};

/// What is to be told.
pub struct Told<'a> {
    pub period: Period,
    pub list: &'a List,
    pub lines: &'a [FeedbackLine],
    pub rows: &'a [FeedbackRow],
    pub imported: Imported,
    pub register: Option<&'a Register>,
}

/// Lines by whether we had found them.
#[derive(Clone, Copy, Default)]
struct Counts {
    caught: usize,
    missed: usize,
    unmatched: usize,
}

impl Counts {
    fn add(&mut self, recognised: Recognised) {
        match recognised {
            Recognised::Caught => self.caught += 1,
            Recognised::Missed => self.missed += 1,
            Recognised::Unmatched => self.unmatched += 1,
        }
    }

    fn of(all: impl Iterator<Item = Recognised>) -> Self {
        let mut counts = Self::default();
        all.for_each(|recognised| counts.add(recognised));
        counts
    }

    /// Caught of all that could be tied, in per cent to one place, rounded half up; nothing of nothing.
    fn recall(self) -> Option<String> {
        let tied = self.caught + self.missed;
        let tenths = (self.caught * 2_000).checked_div(tied)?.div_ceil(2);
        Some(format!("{}.{}", tenths / 10, tenths % 10))
    }

    fn text(self) -> Text {
        let Self { caught, missed, unmatched } = self;
        let (zh, en) = match self.recall() {
            Some(recall) => (format!("，查出率 {recall}%"), format!(", recall {recall} %")),
            None => (String::new(), String::new()),
        };
        Text::new(
            format!("{} 条 = 已查出 {caught} + 未查出 {missed} + 对不上 {unmatched}{zh}", caught + missed + unmatched),
            format!("{} = caught {caught} + missed {missed} + unmatched {unmatched}{en}", caught + missed + unmatched),
        )
    }

    fn json(self) -> Value {
        json!({ "caught": self.caught, "missed": self.missed, "unmatched": self.unmatched, "recall_percent": self.recall() })
    }
}

fn column_name(column: Column) -> &'static str {
    Column::ALL.iter().find(|(known, _)| *known == column).map_or("", |(_, name)| name)
}

impl Told<'_> {
    fn this_list(&self) -> Counts {
        Counts::of(self.lines.iter().map(FeedbackLine::recognised))
    }

    fn month(&self) -> Counts {
        Counts::of(self.rows.iter().map(|row| row.recognised))
    }

    /// The lists' findings that are, or were, open at the deadline.
    fn open(&self) -> Vec<&Problem> {
        let about: BTreeSet<_> =
            self.rows.iter().filter_map(|row| row.finding.as_ref()).map(|(fingerprint, _)| fingerprint).collect();
        let open = self.register.map(|register| register.open_at_noon(None)).unwrap_or_default();
        open.into_iter().filter(|problem| about.contains(&problem.row.fingerprint)).collect()
    }

    /// Prints it as JSON.
    pub fn print_json(&self) -> Result<()> {
        let line = |line: &FeedbackLine| {
            json!({
                "sheet": line.sheet,
                "row": line.row,
                "unit": line.unit,
                "rule": line.rule,
                "dataset": line.dataset,
                "field": line.field,
                "record": line.record_key,
                "message": line.message,
                "outcome": line.recognised().name(),
                "reason": line.reason,
            })
        };
        let left_out: Vec<_> = self
            .list
            .left_out
            .iter()
            .map(|left| json!({ "sheet": left.sheet, "row": left.row, "what": left.what }))
            .collect();
        let twice: Vec<_> = self.list.twice.iter().map(|(column, _)| column_name(*column)).collect();
        let open: Vec<_> = self
            .open()
            .iter()
            .map(|problem| {
                json!({
                    "fingerprint": problem.row.fingerprint,
                    "unit": problem.row.unit,
                    "rule": problem.row.rule,
                    "status": problem.row.status.name(),
                    "closed": problem.closed.as_ref().map(|closed| closed.when.to_string()),
                })
            })
            .collect();
        say(&serde_json::to_string_pretty(&json!({
            "period": self.period.to_string(),
            "list": self.this_list().json(),
            "month": self.month().json(),
            "recorded": self.imported,
            "unknown_columns": self.list.unknown,
            "columns_named_twice": twice,
            "left_out": left_out,
            "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
            "deadline": self.register.and_then(|register| register.deadlines).map(|due| due.correction_time().to_string()),
            "open_at_deadline": open,
        }))?)?;
        Ok(())
    }

    /// Prints it for people.
    pub fn print(&self, lang: Lang) -> Result<()> {
        let word = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
        self.print_columns(lang)?;
        self.print_rules(lang)?;
        let missed: Vec<_> = self.of(Recognised::Missed);
        if !missed.is_empty() {
            say(&word("未查出的（已登记为监管反馈的问题）：", "Missed, and registered as findings of the regulator:"))?;
            say(&lines_table(&missed, lang))?;
        }
        let unmatched = self.of(Recognised::Unmatched);
        if !unmatched.is_empty() {
            say(&word("对不上的，请人工处理：", "Fits nothing; look into these by hand:"))?;
            say(&lines_table(&unmatched, lang))?;
        }
        for left in &self.list.left_out {
            let row = left.row.map(|row| row.to_string()).unwrap_or_default();
            say(&format!("{}：{} {row} {}", word("未作为清单行读入", "not read as a line"), left.sheet, left.what))?;
        }
        let (list, month) = (self.this_list().text(), self.month().text());
        say(&format!("{} {}", word("本清单", "this list:"), list.get(lang)))?;
        say(&format!("{} {} {}", self.period, word("全部清单", "all lists:"), month.get(lang)))?;
        let Imported { new, known, opened, checks } = self.imported;
        let recorded = Text::new(
            format!("新记录 {new} 条，以前的清单已有 {known} 条；登记问题 {opened} 个，二次核实结果 {checks} 个"),
            format!(
                "{new} lines recorded, {known} in earlier lists already; {opened} findings opened, {checks} second checks recorded"
            ),
        );
        say(recorded.get(lang))?;
        self.print_open(lang)
    }

    fn of(&self, recognised: Recognised) -> Vec<&FeedbackLine> {
        self.lines.iter().filter(|line| line.recognised() == recognised).collect()
    }

    fn print_columns(&self, lang: Lang) -> Result<()> {
        if !self.list.unknown.is_empty() {
            let names = self.list.unknown.join("、");
            let text = Text::new(
                format!("清单中未用到的列：{names}（需要时用 --mapping 指定）"),
                format!("columns not used: {names} (name them with --mapping if they matter)"),
            );
            say(text.get(lang))?;
        }
        for (column, letters) in &self.list.twice {
            let (name, letters) = (column_name(*column), letters.join("、"));
            let text = Text::new(
                format!("{letters} 几列都是 `{name}`，都没有读：请用 --mapping 只指定一列"),
                format!("columns {letters} are all `{name}`, so none was read: name just one with --mapping"),
            );
            say(text.get(lang))?;
        }
        Ok(())
    }

    /// The regulator's rules, those we missed most first.
    fn print_rules(&self, lang: Lang) -> Result<()> {
        let mut rules: BTreeMap<&str, (Counts, BTreeSet<&str>)> = BTreeMap::new();
        for line in self.lines {
            let (counts, ours) = rules.entry(line.rule.as_str()).or_default();
            counts.add(line.recognised());
            if line.recognised() == Recognised::Caught {
                ours.extend(line.reason.split(", "));
            }
        }
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by_key(|(rule, (counts, _))| (std::cmp::Reverse(counts.missed), *rule));
        let word = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
        let mut table = Table::new();
        table.load_style(UTF8_BORDERS_ONLY);
        table.set_header(vec![
            word("监管规则", "their rule"),
            word("已查出", "caught"),
            word("未查出", "missed"),
            word("对不上", "unmatched"),
            word("本程序规则", "our rules"),
        ]);
        for (rule, (counts, ours)) in rules {
            let mut row = vec![rule.to_owned()];
            row.extend([counts.caught, counts.missed, counts.unmatched].map(|count| count.to_string()));
            row.push(ours.into_iter().collect::<Vec<_>>().join(", "));
            table.add_row(row);
        }
        for column in table.column_iter_mut().skip(1).take(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        say(&table.to_string())?;
        Ok(())
    }

    fn print_open(&self, lang: Lang) -> Result<()> {
        let Some(due) = self.register.and_then(|register| register.deadlines) else { return Ok(()) };
        let due = due.correction_time().format("%Y-%m-%d %H:%M");
        let open = self.open();
        let count = open.len();
        let text = Text::new(
            format!("清单中的问题，{due} 截止时未了结的 {count} 个"),
            format!("of the lists' findings, {count} are not closed by {due}"),
        );
        say(text.get(lang))?;
        if open.is_empty() {
            return Ok(());
        }
        let mut table = Table::new();
        table.load_style(UTF8_BORDERS_ONLY);
        for problem in open {
            let row = &problem.row;
            let closed = problem.closed.as_ref().map(|closed| closed.when.format("%Y-%m-%d %H:%M").to_string());
            table.add_row(vec![
                row.fingerprint.clone(),
                row.unit.clone(),
                row.rule.clone(),
                row.record_key.clone().unwrap_or_default(),
                format!("{} {}", row.status.title(lang), closed.unwrap_or_default()).trim_end().to_owned(),
            ]);
        }
        say(&table.to_string())?;
        Ok(())
    }
}

fn lines_table(lines: &[&FeedbackLine], lang: Lang) -> String {
    let word = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(vec![
        word("行", "row"),
        word("社部", "unit"),
        word("记录", "record"),
        word("字段", "field"),
        word("监管规则", "their rule"),
        word("问题", "what is wrong"),
        word("说明", "remark"),
    ]);
    for line in lines {
        let row = if line.sheet.is_empty() { line.row.to_string() } else { format!("{}!{}", line.sheet, line.row) };
        table.add_row(vec![
            row,
            line.unit.clone().unwrap_or_default(),
            line.record_key.clone(),
            line.field.clone(),
            line.rule.clone(),
            line.message.clone(),
            line.reason.clone(),
        ]);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recall_leaves_out_what_fits_nothing() {
        let recall = |caught, missed, unmatched| Counts { caught, missed, unmatched }.recall();
        assert_eq!(recall(2, 1, 9), Some("66.7".to_owned()));
        assert_eq!(recall(0, 3, 0), Some("0.0".to_owned()));
        assert_eq!(recall(5, 0, 1), Some("100.0".to_owned()));
        assert_eq!(recall(0, 0, 4), None);
    }
}
