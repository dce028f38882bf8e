//! The findings that are due, as a table: where each planted fault ended up in the files.

use std::collections::BTreeMap;

use crate::{
    grid::Book,
    model::{PACK, UNITS, World},
    plant::{Expected, Place},
    union::{INSTITUTION, UNIT},
};

/// Where records and datasets stand in the files: file, sheet, row.
#[derive(Default)]
pub struct Index {
    records: BTreeMap<usize, (String, String, usize)>,
    sheets: BTreeMap<(usize, usize), (String, String)>,
}

impl Index {
    /// Takes in a file that can be read; `file` is its name for people.
    pub fn add(&mut self, world: &World, book: &Book, file: &str) {
        for grid in &book.grids {
            let sheet = if book.format == crate::grid::Format::Csv { String::new() } else { grid.name.clone() };
            for (&id, &row) in &grid.placed {
                let record = &world.records[id];
                self.records.insert(id, (file.to_owned(), sheet.clone(), row));
                self.sheets.insert((record.unit, record.dataset), (file.to_owned(), sheet.clone()));
            }
        }
    }
}

/// `expected-findings.csv`, sorted.
pub fn table(world: &World, index: &Index, expected: &[Expected]) -> String {
    let mut lines: Vec<[String; 6]> = expected.iter().map(|finding| line(world, index, finding)).collect();
    lines.sort_by(|a, b| {
        let key = |line: &[String; 6]| {
            (
                line[0].clone(),
                line[1].clone(),
                line[2].clone(),
                line[3].parse().unwrap_or(0),
                line[4].clone(),
                line[5].clone(),
            )
        };
        let (a, b): ((_, _, _, u32, _, _), _) = (key(a), key(b));
        a.cmp(&b)
    });
    let body: String = lines.iter().map(|line| line.join(",") + "\n").collect();
    format!("unit,file,sheet,row,field,rule\n{body}")
}

fn line(world: &World, index: &Index, finding: &Expected) -> [String; 6] {
    let (unit, (file, sheet), row) = match finding.place {
        Place::Record { dataset, id } => {
            let (file, sheet, row) =
                index.records.get(&id).unwrap_or_else(|| panic!("{} is in no readable file", finding.rule)).clone();
            let unit = if dataset == UNITS { INSTITUTION.0 } else { UNIT[world.records[id].unit].code };
            (unit, (file, sheet), row.to_string())
        }
        Place::Sheet { unit, dataset } => {
            let place = index.sheets.get(&(unit, dataset));
            let place = place.unwrap_or_else(|| panic!("no sheet {}", PACK.dataset[dataset].sheets[0]));
            (UNIT[unit].code, place.clone(), String::new())
        }
        Place::Unit { unit } => (UNIT[unit].code, (String::new(), String::new()), String::new()),
        Place::Institution => (INSTITUTION.0, (String::new(), String::new()), String::new()),
    };
    [unit.to_owned(), file, sheet, row, finding.field.clone(), finding.rule.clone()]
}
