//! The rule catalogue as a workbook, for people who live in Excel: every rule with condition, texts, clause and examples,
//! and how often it fired in a run.

use std::{collections::BTreeMap, path::Path};

use super::{
    label::{Label, label},
    style,
    table_sheet::{Column, TableSheet},
};
use crate::{
    finding::RuleCount,
    job::Period,
    message::source_text,
    pack::{RulePack, describe},
    text::Lang,
};
use anyhow::{Context, Result};

const RULES: Label = label("规则", "Rules");
const PARAMETERS: Label = label("参数", "Parameters");

const RULE_COLUMNS: [Column; 11] = [
    (label("规则", "Rule"), 24),
    (label("级别", "Severity"), 10),
    (label("数据集", "Dataset"), 16),
    (label("问题", "What is wrong"), 40),
    (label("处理建议", "What to do"), 34),
    (label("依据", "Clause"), 32),
    (label("条件", "Condition"), 44),
    (label("例子", "Examples"), 44),
    (label("适用", "Eligible"), 11),
    (label("违反", "Violated"), 11),
    (label("不可判定", "Not evaluable"), 13),
];

const PARAMETER_COLUMNS: [Column; 5] = [
    (label("参数", "Parameter"), 28),
    (label("值", "Value"), 16),
    (label("单位", "Unit"), 18),
    (label("依据", "Clause"), 40),
    (label("性质", "Nature"), 16),
];

/// Writes the catalogue of the rules and parameters in force on the period's data date. `fired` holds what each rule did
/// in a run.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_catalogue(
    pack: &RulePack,
    period: Period,
    fired: Option<&BTreeMap<String, RuleCount>>,
    lang: Lang,
    path: &Path,
) -> Result<()> {
    let mut workbook = super::dated_workbook(period, &pack.title.zh, "");
    let title = format!("{} {}", pack.title.get(lang), pack.edition);
    let mut table = TableSheet::new(&mut workbook, RULES, &RULE_COLUMNS, &title, lang)?;
    for rule in &pack.rules {
        let dataset = rule.on.and_then(|on| pack.datasets.get(on));
        let all = label("各数据集", "all").get(lang);
        let lines = |parts: Vec<(&str, String)>| {
            parts.into_iter().map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join("\n")
        };
        table.text(0, &rule.id)?;
        table.text_as(1, rule.severity.title(lang), &style::shaded(style::centred(), rule.severity))?;
        table.text(2, dataset.map_or(all, |dataset| dataset.title.get(lang)))?;
        table.text(3, rule.message.get(lang))?;
        table.text(4, rule.fix.get(lang))?;
        table.text(5, &source_text(&rule.source, lang))?;
        table.text(6, &lines(describe::condition(pack, rule)))?;
        table.text(7, &lines(describe::examples(rule)))?;
        match fired.and_then(|fired| fired.get(&rule.id)) {
            Some(count) => {
                table.count(8, count.eligible)?;
                table.count(9, count.violated)?;
                table.count(10, count.not_evaluable)?;
            }
            None => (8..=10).try_for_each(|column| table.text(column, ""))?,
        }
        table.end_line()?;
    }
    table.filter()?;
    let mut table = TableSheet::new(&mut workbook, PARAMETERS, &PARAMETER_COLUMNS, &title, lang)?;
    for (name, param) in &pack.params {
        table.text(0, name)?;
        table.text(1, &describe::number(&param.value))?;
        table.text(2, &param.unit)?;
        table.text(3, &source_text(&param.source, lang))?;
        let assumed = label("假设，可调整", "assumption").get(lang);
        table.text(4, if param.source.assumption { assumed } else { label("制度规定", "regulation").get(lang) })?;
        table.end_line()?;
    }
    table.filter()?;
    workbook.save(path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx, open_workbook};

    use super::*;
    use crate::{
        job::Calendar,
        pack::{Request, load_pack},
    };

    #[test]
    fn the_catalogue_lists_every_rule_of_the_pack() {
        let period: Period = "2026-10".parse().expect("a period");
        let overrides = BTreeMap::new();
        let calendar = Calendar::built_in().expect("the calendar");
        let request = Request { pack: "large-credit", folder: None, period, overrides: &overrides, calendar };
        let pack = load_pack(&request).unwrap_or_else(|problems| panic!("{problems}"));
        let fired = RuleCount { eligible: 1500, violated: 7, not_evaluable: 2, amount_at_risk_fen: None };
        let fired = BTreeMap::from([("LOAN-AMT-001".to_owned(), fired)]);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalogue.xlsx");
        write_catalogue(&pack, period, Some(&fired), Lang::Zh, &path).expect("written");
        let mut workbook: Xlsx<_> = open_workbook(&path).expect("opened");
        let range = workbook.worksheet_range("规则").expect("the sheet");
        let ids: Vec<_> = range.rows().skip(1).map(|row| row[0].to_string()).collect();
        assert_eq!(ids, pack.rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>());
        let row = range.rows().find(|row| row[0] == Data::String("LOAN-AMT-001".to_owned())).expect("the rule");
        assert_eq!([&row[8], &row[9], &row[10]], [&Data::Float(1500.0), &Data::Float(7.0), &Data::Float(2.0)]);
        assert!(row[6].to_string().contains("amount > 0"), "{}", row[6]);
        let parameters = workbook.worksheet_range("参数").expect("the sheet");
        assert_eq!(parameters.height(), pack.params.len() + 1);
    }
}
