//! The clauses of a pack with what carries each out: for the terminal, the manual and other programs.

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

use crate::{
    pack::{Clause, RulePack, clauses::rule_words},
    report::model::Report,
    text::{Lang, Text},
};

/// A pack with its reports.
#[derive(Clone, Copy)]
pub struct Listed<'a> {
    /// The pack.
    pub pack: &'a RulePack,
    /// Its reports.
    pub reports: &'a [Report],
}

impl<'a> Listed<'a> {
    fn tiers(self, clause: &Clause) -> impl Iterator<Item = &'a str> {
        let named = self.pack.tiers.iter().filter(|scheme| scheme.source.clauses.contains(&clause.id));
        named.map(|scheme| scheme.id.as_str())
    }

    fn cadences(self, clause: &Clause) -> impl Iterator<Item = &'a str> {
        let named = self.pack.cadences.iter().filter(|cadence| cadence.source.clauses.contains(&clause.id));
        named.map(|cadence| cadence.id.as_str())
    }

    /// Workbook and sheet.
    fn sheets(self, clause: &Clause) -> impl Iterator<Item = (&'a str, &'a Text)> {
        self.reports.iter().flat_map(|report| {
            let named = report.sheets.iter().filter(|sheet| sheet.clauses.contains(&clause.id));
            named.map(|sheet| (report.file.trim_end_matches(".xlsx"), &sheet.name))
        })
    }

    /// What carries a clause out besides rules, by name.
    fn carriers(self, clause: &Clause, lang: Lang) -> String {
        let word = |zh: &str, en: &str, id: &str| match lang {
            Lang::Zh => format!("{zh} `{id}`"),
            Lang::En => format!("{en} `{id}`"),
        };
        let tiers = self.tiers(clause).map(|id| word("分级", "tiers", id));
        let cadences = self.cadences(clause).map(|id| word("周期", "cadence", id));
        // The sheets of a workbook are named in its own language, whatever the manual's.
        let sheets = self.sheets(clause).map(|(file, sheet)| format!("{file}/{}", sheet.zh));
        tiers.chain(cadences).chain(sheets).collect::<Vec<_>>().join(", ")
    }
}

fn headings(lang: Lang) -> [String; 5] {
    [
        ("条款", "clause"),
        ("要求", "what it asks for"),
        ("规则", "rules"),
        ("分级、周期、报表", "tiers, cadences, reports"),
        ("其他落实办法、命令或说明", "besides: commands, remarks"),
    ]
    .map(|(zh, en)| Text::new(zh, en).get(lang).to_owned())
}

fn cells(listed: Listed<'_>, clause: &Clause, lang: Lang) -> [String; 5] {
    let (title, also) = (clause.title.get(lang).to_owned(), clause.also.get(lang).to_owned());
    [clause.id.clone(), title, rule_words(clause, listed.pack), listed.carriers(clause, lang), also]
}

/// As a table for the terminal.
pub fn table(listed: Listed<'_>, lang: Lang) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(headings(lang));
    for clause in &listed.pack.clauses {
        table.add_row(cells(listed, clause, lang).to_vec());
    }
    table.to_string()
}

/// As the table in the manual.
pub fn markdown(listed: Listed<'_>, lang: Lang) -> String {
    let row = |cells: [String; 5]| format!("| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    let mut lines = vec![row(headings(lang)), "|---|---|---|---|---|".to_owned()];
    lines.extend(listed.pack.clauses.iter().map(|clause| row(cells(listed, clause, lang))));
    lines.join("\n")
}

/// For other programs, with all ids.
pub fn as_json(listed: Listed<'_>) -> serde_json::Value {
    let clause = |clause: &Clause| {
        let rules: Vec<_> = clause.rules(listed.pack).map(|rule| rule.id.as_str()).collect();
        let tiers: Vec<_> = listed.tiers(clause).collect();
        let cadences: Vec<_> = listed.cadences(clause).collect();
        let reports: Vec<_> = listed.sheets(clause).map(|(file, sheet)| format!("{file}/{}", sheet.zh)).collect();
        json!({
            "id": clause.id,
            "title": clause.title,
            "rules": rules,
            "tiers": tiers,
            "cadences": cadences,
            "reports": reports,
            "also": clause.also,
        })
    };
    listed.pack.clauses.iter().map(clause).collect()
}
