//! The clauses of a pack with what carries each out: for the terminal, the manual and other programs.

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

use crate::{
    pack::{Clause, RulePack, clauses::rule_words},
    text::{Lang, Text},
};

fn headings(lang: Lang) -> [String; 4] {
    [
        ("条款", "clause"),
        ("要求", "what it asks for"),
        ("规则", "rules"),
        ("报表、命令或说明", "reports, commands, remarks"),
    ]
    .map(|(zh, en)| Text::new(zh, en).get(lang).to_owned())
}

fn cells(pack: &RulePack, clause: &Clause, lang: Lang) -> [String; 4] {
    let (title, also) = (clause.title.get(lang).to_owned(), clause.also.get(lang).to_owned());
    [clause.id.clone(), title, rule_words(clause, pack), also]
}

/// As a table for the terminal.
pub fn table(pack: &RulePack, lang: Lang) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(headings(lang));
    for clause in &pack.clauses {
        table.add_row(cells(pack, clause, lang).to_vec());
    }
    table.to_string()
}

/// As the table in the manual.
pub fn markdown(pack: &RulePack, lang: Lang) -> String {
    let row = |cells: [String; 4]| format!("| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    let mut lines = vec![row(headings(lang)), "|---|---|---|---|".to_owned()];
    lines.extend(pack.clauses.iter().map(|clause| row(cells(pack, clause, lang))));
    lines.join("\n")
}

/// For other programs, with all ids.
pub fn as_json(pack: &RulePack) -> serde_json::Value {
    let clause = |clause: &Clause| {
        let rules: Vec<_> = clause.rules(pack).map(|rule| rule.id.as_str()).collect();
        json!({ "id": clause.id, "title": clause.title, "rules": rules, "also": clause.also })
    };
    pack.clauses.iter().map(clause).collect()
}
