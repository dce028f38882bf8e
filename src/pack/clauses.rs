//! The clauses of the regulation a pack implements, and what carries each out: rules, or something besides rules.
//!
//! A list for people (`clauses.csv`) and the check that it and the rules agree. Knows nothing of conditions.

use super::{Rule, RulePack};
use crate::{
    problem::{Problems, did_you_mean},
    text::Text,
};

/// The first line of `clauses.csv`.
const HEADER: [&str; 5] = ["id", "zh", "en", "also_zh", "also_en"];

/// A clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Identity, such as `T07`; rules name it as `clause` of their source.
    pub id: String,
    /// What it asks for, in a few words.
    pub title: Text,
    /// What carries it out besides rules: a report, tier, cadence or command; or why nothing can. May be empty.
    pub also: Text,
}

impl Clause {
    /// The rules that carry it out, by id.
    pub fn rules<'p>(&self, pack: &'p RulePack) -> impl Iterator<Item = &'p Rule> {
        let id = self.id.clone();
        pack.rules.iter().filter(move |rule| rule.source.clauses.contains(&id))
    }
}

/// Reads the list.
pub(super) fn read(name: &str, text: &str, problems: &mut Problems) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    if !reader.headers().is_ok_and(|header| header.iter().eq(HEADER)) {
        let header = HEADER.join(",");
        let message =
            Text::new(format!("{name}：首行应为 `{header}`"), format!("{name}: the first line is `{header}`"));
        problems.add(message, None);
        return clauses;
    }
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.add(Text::new(format!("{name}：有一行不是 CSV"), format!("{name}: {error}")), None);
                continue;
            }
        };
        let part = |index: usize| record.get(index).unwrap_or_default();
        let id = part(0).to_owned();
        if id.is_empty() || clauses.iter().any(|clause| clause.id == id) {
            let line = record.position().map_or(0, csv::Position::line);
            let message = Text::new(
                format!("{name}:{line}：条款编号“{id}”为空或重复"),
                format!("{name}:{line}: the clause id `{id}` is blank or occurs twice"),
            );
            problems.add(message, None);
            continue;
        }
        clauses.push(Clause { id, title: Text::new(part(1), part(2)), also: Text::new(part(3), part(4)) });
    }
    clauses
}

/// Reports rules that name a clause which is not in the list, and clauses that nothing carries out.
pub(super) fn report_uncovered(pack: &RulePack, problems: &mut Problems) {
    for rule in &pack.rules {
        for id in rule.source.clauses.iter().filter(|id| !pack.clauses.iter().any(|clause| clause.id == **id)) {
            let (rule, place) = (&rule.id, &rule.place);
            let message = Text::new(
                format!("{rule}（{place}）的条款 `{id}` 不在 clauses.csv 中"),
                format!("{rule} ({place}) names the clause `{id}`, which is not in clauses.csv"),
            );
            problems.add(message, did_you_mean(id, pack.clauses.iter().map(|clause| clause.id.as_str())));
        }
    }
    for clause in pack.clauses.iter().filter(|clause| clause.also.zh.is_empty() || clause.also.en.is_empty()) {
        // A rule that an older or newer edition has is not missed: then `also` says so.
        if clause.rules(pack).next().is_none() {
            let id = &clause.id;
            let message = Text::new(format!("条款 {id} 没有规则"), format!("no rule carries out the clause {id}"));
            let help = Text::new(
                "在规则的 source 中写 clause，或在 clauses.csv 的 also_zh、also_en 中说明由什么落实",
                "name it as `clause` in the source of a rule, or say in `also_zh` and `also_en` what does",
            );
            problems.add(message, Some(help));
        }
    }
}
