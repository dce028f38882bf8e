//! A sample run against the list of faults planted in it, `expected-findings.csv`: nothing missing, nothing extra.
//!
//! Knows the forms of both lists and nothing of any pack.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use baosong::{
    ingest::{self, Options, Source},
    job::{Calendar, Unit, submission::find_files},
    pack::{self, RulePack},
    table::column_letters,
};

use crate::desk::{Line, Ran};

/// A pack in force for a period.
pub fn shipped_pack(name: &str, period: &str) -> RulePack {
    let request = pack::Request {
        pack: name,
        folder: None,
        period: period.parse().expect("a period"),
        overrides: &BTreeMap::new(),
        calendar: Calendar::built_in().expect("the calendar"),
    };
    pack::load_pack(&request).expect("the shipped pack")
}

/// Unit, file, sheet, row, field, rule.
pub type Finding = [String; 6];

/// A sample with its list of planted faults.
pub struct Planted {
    pub pack: RulePack,
    /// Folder of the job.
    pub sample: PathBuf,
}

impl Planted {
    /// Which field each column of the submitted sheets holds: (file, sheet, column letters) to field id.
    fn fields_of_columns(&self) -> BTreeMap<(String, String, String), String> {
        // Unit codes are the first part of the folders' names.
        let input = self.sample.join("submissions");
        let folders = std::fs::read_dir(&input).expect("the submissions").flatten();
        let code = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
        let units: Vec<_> = folders
            .map(|folder| Unit { code: code(&folder.file_name().to_string_lossy()), ..Unit::default() })
            .collect();
        let sources: Vec<_> = find_files(&input, &units)
            .expect("files")
            .into_iter()
            .map(|file| Source { path: file.path, name: file.name, unit: file.unit.expect("a unit") })
            .collect();
        let mut columns = BTreeMap::new();
        let roster = Source { path: self.sample.join("roster.xlsx"), name: "roster.xlsx".to_owned(), unit: 0 };
        let pack = &self.pack;
        for (sources, only_dataset) in [(vec![roster], pack.dataset_index("units")), (sources, None)] {
            let intake = ingest::read_files(&sources, pack, &Options { password: None, only_dataset }, &|_| {});
            for (dataset, table) in pack.datasets.iter().zip(&intake.tables) {
                for segment in &table.segments {
                    for column in &segment.columns {
                        let Some(field) = column.field else { continue };
                        let file = intake.files[segment.file].name.clone();
                        let place = (file, segment.sheet.clone(), column_letters(column.index));
                        columns.insert(place, dataset.fields[usize::from(field)].id.clone());
                    }
                }
            }
        }
        columns
    }

    /// The field a finding about a whole sheet names: the one whose standard heading stands in the message, in quotes.
    fn field_in_message(&self, line: &Line, expected: &BTreeSet<Finding>) -> String {
        // One heading can belong to fields of several datasets; the planted fault says which id is meant here.
        let heading = line.get("message").split(['“', '”']).nth(1).unwrap_or_default();
        let fields = self.pack.datasets.iter().flat_map(|dataset| &dataset.fields);
        let ids: BTreeSet<_> = fields
            .filter(|field| field.headings.iter().any(|known| known == heading))
            .map(|field| field.id.clone())
            .collect();
        let place = ["unit", "file", "sheet", "row", "rule"].map(|column| line.get(column).to_owned());
        let meant = expected
            .iter()
            .find(|finding| ids.contains(&finding[4]) && [0, 1, 2, 3, 5].map(|index| finding[index].clone()) == place);
        meant.map_or_else(|| ids.first().cloned().unwrap_or_default(), |finding| finding[4].clone())
    }

    /// The faults planted in the sample.
    pub fn expected(&self) -> Vec<Finding> {
        let path = self.sample.join("expected-findings.csv");
        let mut reader = csv::Reader::from_path(path).expect("the list of planted faults");
        let line =
            |record: csv::StringRecord| std::array::from_fn(|index| record.get(index).unwrap_or_default().to_owned());
        reader.records().map(|record| line(record.expect("a record"))).collect()
    }

    /// Asserts that a run found what was planted and nothing else; `example` is what writes the sample.
    pub fn assert_found(&self, run: &Ran, at_least: usize, example: &str) {
        let columns = self.fields_of_columns();
        let wanted = self.expected();
        let planted: BTreeSet<_> = wanted.iter().cloned().collect();
        let found: Vec<Finding> = run
            .lines()
            .iter()
            .map(|line| {
                let field = match line.get("column") {
                    "" if line.get("sheet").is_empty() => String::new(),
                    "" if line.get("message").contains('“') => self.field_in_message(line, &planted),
                    "" => String::new(),
                    letters => {
                        let place = (line.get("file").to_owned(), line.get("sheet").to_owned(), letters.to_owned());
                        columns.get(&place).cloned().unwrap_or_else(|| panic!("no field in column {place:?}"))
                    }
                };
                let text = |column: &str| line.get(column).to_owned();
                [text("unit"), text("file"), text("sheet"), text("row"), field, text("rule")]
            })
            .collect();
        assert!(wanted.len() >= at_least, "the list of planted faults has only {} lines", wanted.len());
        let missing = difference("planted but not found", &wanted, &found);
        let extra = difference("found but not planted", &found, &wanted);
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{missing}{extra}The list is written by `cargo run --release --example {example}` from the faults it plants; \
             if a rule changed on purpose, plant its fault there and make the sample again."
        );
    }
}

fn difference(title: &str, left: &[Finding], right: &[Finding]) -> String {
    let mut rest = right.to_vec();
    let mut lines = Vec::new();
    for finding in left {
        match rest.iter().position(|other| other == finding) {
            Some(at) => drop(rest.swap_remove(at)),
            None => lines.push(format!("  {}", finding.join(" | "))),
        }
    }
    if lines.is_empty() { String::new() } else { format!("{title} ({}):\n{}\n", lines.len(), lines.join("\n")) }
}
