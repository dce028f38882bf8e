//! The clauses of the regulation a pack implements, and what carries each out: rules, or something besides rules.
//!
//! A list for people (`clauses.csv`) and the check that it and the rules agree. Knows nothing of conditions.

use super::{Rule, RulePack};
use crate::{
    problem::{Problems, did_you_mean},
    text::Text,
};

/// The first line of `clauses.csv`; the last column may be left out.
const HEADER: [&str; 6] = ["id", "zh", "en", "also_zh", "also_en", "rules"];

/// A clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Identity, such as `T07`; rules name it as `clause` of their source.
    pub id: String,
    /// What it asks for, in a few words.
    pub title: Text,
    /// What carries it out besides rules: a report, tier, cadence or command; or why nothing can. May be empty.
    pub also: Text,
    /// Rules that carry it out and do not name it themselves: ids, in which `*` stands for any text.
    pub patterns: Vec<String>,
}

impl Clause {
    /// The rules that carry it out, by id.
    pub fn rules<'p>(&'p self, pack: &'p RulePack) -> impl Iterator<Item = &'p Rule> {
        pack.rules.iter().filter(|rule| {
            rule.source.clauses.contains(&self.id) || self.patterns.iter().any(|pattern| matches(pattern, &rule.id))
        })
    }
}

/// Whether an id fits a pattern in which `*` stands for any text.
pub fn matches(pattern: &str, id: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = id.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut open = false;
    for part in parts {
        open = true;
        if part.is_empty() {
            rest = "";
            continue;
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
        open = false;
    }
    open || rest.is_empty()
}

/// Reads the list.
pub(super) fn read(name: &str, text: &str, problems: &mut Problems) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    if !reader
        .headers()
        .is_ok_and(|header| header.len() >= 5 && header.iter().eq(HEADER.into_iter().take(header.len())))
    {
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
        let patterns = part(5).split_whitespace().map(str::to_owned).collect();
        clauses.push(Clause { id, title: Text::new(part(1), part(2)), also: Text::new(part(3), part(4)), patterns });
    }
    clauses
}

/// The rules of a clause in few words: several made from fields by their kind, runs of numbers as one.
pub fn rule_words(clause: &Clause, pack: &RulePack) -> String {
    // Rules with one stem, such as CUST-AMT, stand together, since rules are sorted by id.
    let mut stems: Vec<(&str, Vec<&Rule>)> = Vec::new();
    for rule in clause.rules(pack) {
        let stem = rule.id.rsplit_once('-').map_or(rule.id.as_str(), |(stem, _)| stem);
        match stems.last_mut() {
            Some((last, rules)) if *last == stem => rules.push(rule),
            _ => stems.push((stem, vec![rule])),
        }
    }
    let mut words = Vec::new();
    for (stem, rules) in stems {
        match rules.as_slice() {
            [only] => words.push(only.id.clone()),
            // Made from fields: numbered are only those that are written.
            [first, ..] if first.expanded => words.push(format!("{stem}-*")),
            rules => words.extend(runs(stem, rules)),
        }
    }
    words.join(", ")
}

/// Numbered rules of a stem, each run of numbers as one word.
fn runs(stem: &str, rules: &[&Rule]) -> Vec<String> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in rules.iter().filter_map(|rule| rule.id.rsplit_once('-')?.1.parse().ok()) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let word = |(first, last): (u32, u32)| {
        if first == last { format!("{stem}-{first:03}") } else { format!("{stem}-{first:03}–{last:03}") }
    };
    runs.into_iter().map(word).collect()
}

/// Reports rules, schemes and cadences that name a clause which is not in the list. That each clause is carried out cannot
/// be asked here: an older period may lack the rule that does.
pub(super) fn report_unknown(pack: &RulePack, problems: &mut Problems) {
    let rules = pack.rules.iter().map(|rule| (&rule.id, &rule.source, rule.place.as_str()));
    let schemes = pack.tiers.iter().map(|scheme| (&scheme.id, &scheme.source, "tiers.toml"));
    let cadences = pack.cadences.iter().map(|cadence| (&cadence.id, &cadence.source, "cadence.toml"));
    for (named, source, place) in rules.chain(schemes).chain(cadences) {
        for id in source.clauses.iter().filter(|id| !pack.clauses.iter().any(|clause| clause.id == **id)) {
            let message = Text::new(
                format!("{named}（{place}）的条款 `{id}` 不在 clauses.csv 中"),
                format!("{named} ({place}) names the clause `{id}`, which is not in clauses.csv"),
            );
            problems.add(message, did_you_mean(id, pack.clauses.iter().map(|clause| clause.id.as_str())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, id, fits) in [
            ("LOAN-AMT-001", "LOAN-AMT-001", true),
            ("LOAN-AMT-001", "LOAN-AMT-0011", false),
            ("LOAN-AMT-*", "LOAN-AMT-001", true),
            ("LOAN-*", "CUST-AMT-001", false),
            ("*-CHG-*", "RDC-CHG-002", true),
            ("*-001", "LOAN-AMT-001", true),
            ("*-001", "LOAN-AMT-002", false),
            ("LOAN-*-001", "LOAN-AMT-001", true),
            ("LOAN-*-001", "LOAN-AMT-001-X", false),
        ] {
            assert_eq!(matches(pattern, id), fits, "{pattern} {id}");
        }
    }
}
