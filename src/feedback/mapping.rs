//! How a returned list is read: which heading means what, and which words stand for which severity and result. Shipped
//! with names in use; a file of the institution's own takes the place of any of them.

use std::{collections::BTreeMap, path::Path};

use crate::{
    finding::Severity,
    ingest::Heading,
    ledger::SecondCheck,
    problem::{At, Problems, Reader, TomlFile},
    text::Text,
};

/// The mapping in the program.
const BUILT_IN: &str = include_str!("../../rules/common/data/feedback.toml");

/// What a column of a list can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Code of the unit.
    Unit,
    /// Name of the unit.
    UnitName,
    /// The table.
    Dataset,
    /// Key of the record.
    Record,
    /// Code of the customer.
    Customer,
    /// Name of the customer.
    Name,
    /// The field.
    Field,
    /// The regulator's own rule id.
    Rule,
    /// What is wrong.
    Message,
    /// The value at fault.
    Value,
    /// The kind of check.
    Severity,
    /// The period.
    Period,
    /// What the second check came to.
    Result,
    /// More about that.
    Remark,
    /// Who checked.
    CheckedBy,
}

impl Column {
    /// All of them, with their keys in a mapping.
    pub const ALL: [(Column, &'static str); 15] = [
        (Column::Unit, "unit"),
        (Column::UnitName, "unit_name"),
        (Column::Dataset, "dataset"),
        (Column::Record, "record"),
        (Column::Customer, "customer"),
        (Column::Name, "name"),
        (Column::Field, "field"),
        (Column::Rule, "rule"),
        (Column::Message, "message"),
        (Column::Value, "value"),
        (Column::Severity, "severity"),
        (Column::Period, "period"),
        (Column::Result, "result"),
        (Column::Remark, "remark"),
        (Column::CheckedBy, "checked_by"),
    ];
}

/// How a list is read.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The headings of each column.
    pub columns: BTreeMap<Column, Vec<String>>,
    severities: BTreeMap<String, Severity>,
    results: BTreeMap<String, SecondCheck>,
    /// For rules of the regulator's, ours.
    rules: BTreeMap<String, Vec<String>>,
}

/// A word without differences of width, blanks and case.
fn word(text: &str) -> String {
    Heading::parse(text).whole
}

impl Mapping {
    /// The mapping in the program, with what `own` says in place of it.
    ///
    /// # Errors
    /// All problems of the file.
    pub fn read(own: Option<&Path>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut mapping = Self::default();
        mapping.take(&TomlFile::new("feedback.toml", BUILT_IN.to_owned()), &mut problems);
        if let Some(path) = own {
            let file = TomlFile::open(path, &path.display().to_string(), &mut problems);
            if let Some(file) = file {
                mapping.take(&file, &mut problems);
            }
        }
        problems.into_result(mapping)
    }

    fn take(&mut self, file: &TomlFile, problems: &mut Problems) {
        file.parse(problems, |reader, problems| {
            reader.table("columns", problems, |reader, problems| self.take_columns(reader, problems));
            reader.table("severity", problems, |reader, problems| {
                for severity in [Severity::Error, Severity::Warning] {
                    let words = words(reader, severity.name(), problems);
                    self.severities.extend(words.into_iter().map(|word| (word, severity)));
                }
            });
            reader.table("result", problems, |reader, problems| {
                for result in SecondCheck::ALL {
                    let words = words(reader, result.name(), problems);
                    self.results.extend(words.into_iter().map(|word| (word, result)));
                }
            });
            reader.table("rules", problems, |reader, problems| {
                for key in reader.keys() {
                    let ours = reader.texts(&key.value, problems).into_iter().map(|text| text.value).collect();
                    self.rules.insert(word(&key.value), ours);
                }
            });
        });
    }

    fn take_columns(&mut self, reader: &mut Reader<'_, '_>, problems: &mut Problems) {
        for (column, key) in Column::ALL {
            let given = reader.has(key);
            let names = reader.texts(key, problems);
            if !given {
                continue;
            }
            for At { value, span } in &names {
                if value.trim().is_empty() {
                    let message = Text::new(format!("`{key}` 的列名是空的"), format!("a heading of `{key}` is blank"));
                    span.problem(problems, message, None);
                }
            }
            let names: Vec<_> = names.into_iter().map(|name| name.value).collect();
            // A heading means one thing: what was said last.
            let taken: Vec<_> = names.iter().map(|name| word(name)).collect();
            for others in self.columns.values_mut() {
                others.retain(|name| !taken.contains(&word(name)));
            }
            self.columns.insert(column, names);
        }
    }

    /// The severity a kind of check stands for: what is not known is an error.
    pub fn severity(&self, text: &str) -> Severity {
        self.severities.get(&word(text)).copied().unwrap_or(Severity::Error)
    }

    /// The result a word stands for.
    pub fn result(&self, text: &str) -> Option<SecondCheck> {
        self.results.get(&word(text)).copied()
    }

    /// The rules of ours that the mapping names for one of the regulator's.
    pub fn rules(&self, theirs: &str) -> &[String] {
        self.rules.get(&word(theirs)).map(Vec::as_slice).unwrap_or_default()
    }
}

fn words(reader: &mut Reader<'_, '_>, key: &str, problems: &mut Problems) -> Vec<String> {
    reader.texts(key, problems).iter().map(|text| word(&text.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_heading_of_the_shipped_mapping_means_two_things() {
        let mapping = Mapping::read(None).expect("it is good");
        assert_eq!(mapping.columns.len(), Column::ALL.len());
        let mut seen = std::collections::BTreeSet::new();
        for name in mapping.columns.values().flatten() {
            assert!(seen.insert(word(name)), "{name} is named twice");
        }
        assert_eq!(mapping.severity("一致性校验"), Severity::Warning);
        assert_eq!(mapping.severity("不确定性"), Severity::Warning);
        assert_eq!(mapping.severity("确定性"), Severity::Error);
        assert_eq!(mapping.severity("别的"), Severity::Error);
        assert_eq!(mapping.result(" 核实无误 "), Some(SecondCheck::Confirmed));
        assert_eq!(mapping.result("？"), None);
    }

    #[test]
    fn a_file_takes_the_place_of_single_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("own.toml");
        std::fs::write(&path, "[columns]\nrecord = \"客户代码\"\n[rules]\n\"R1\" = \"LOAN-AMT-001\"\n")
            .expect("written");
        let mapping = Mapping::read(Some(&path)).expect("good");
        assert_eq!(mapping.columns[&Column::Record], ["客户代码"]);
        assert!(!mapping.columns[&Column::Customer].contains(&"客户代码".to_owned()), "it means the record now");
        assert_eq!(mapping.rules("r1"), ["LOAN-AMT-001"]);
        std::fs::write(&path, "[columns]\nrecrd = \"x\"\nvalue = 3\n").expect("written");
        let problems = Mapping::read(Some(&path)).expect_err("problems").to_string();
        for part in ["own.toml:2:1", "did you mean `record`?", "own.toml:3:9"] {
            assert!(problems.contains(part), "{part} in {problems}");
        }
    }
}
