//! Names of suggested datasets and fields: those the packs in the program use, else the heading if it is ASCII, else the
//! letters of the column. No two are alike, and none is a word of SQL.

use std::collections::BTreeSet;

use sqlparser::keywords::ALL_KEYWORDS;

/// Longest name, in characters.
const LONGEST: usize = 40;

/// Names given out within one pack.
#[derive(Debug)]
pub struct Names {
    datasets: BTreeSet<String>,
    prefixes: BTreeSet<String>,
}

impl Default for Names {
    fn default() -> Self {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self { datasets: own(&["units"]), prefixes: own(&["UNIT", "CELL", "SHEET"]) }
    }
}

impl Names {
    /// A name for a dataset: the one known, else one from the sheet's name, else a number.
    pub fn dataset(&mut self, known: Option<&str>, sheet: Option<&str>) -> String {
        let wanted = known.map(str::to_owned).or_else(|| sheet.and_then(from_heading));
        let wanted = wanted.unwrap_or_else(|| format!("table_{}", self.datasets.len()));
        unique(&wanted, &mut self.datasets)
    }

    /// A prefix of rule ids: the one known if it is free, else TA, TB, … TAA.
    pub fn prefix(&mut self, known: Option<&str>) -> String {
        let letters = (0..).map(|number| format!("T{}", crate::table::column_letters(number)));
        let free = known.map(str::to_owned).into_iter().chain(letters).find(|prefix| !self.prefixes.contains(prefix));
        let prefix = free.unwrap_or_default();
        self.prefixes.insert(prefix.clone());
        prefix
    }
}

/// A name for a field, and adds it to those of its dataset.
pub fn field(known: Option<&str>, heading: &str, letters: &str, taken: &mut BTreeSet<String>) -> String {
    let wanted = known.map(str::to_owned).or_else(|| from_heading(heading));
    unique(&wanted.unwrap_or_else(|| format!("column_{}", letters.to_lowercase())), taken)
}

/// A name from an ASCII heading: `Loan Amount` gives `loan_amount`.
fn from_heading(heading: &str) -> Option<String> {
    let heading = heading.trim();
    if !heading.is_ascii() || !heading.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut name = String::new();
    let mut before = ' ';
    for c in heading.chars().take(LONGEST) {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
        before = c;
    }
    let name = name.trim_end_matches('_').to_owned();
    let is_keyword = ALL_KEYWORDS.contains(&name.to_uppercase().as_str());
    Some(if is_keyword { format!("{name}_value") } else { name })
}

fn unique(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_no_words_of_sql() {
        let mut taken = BTreeSet::new();
        let mut name = |heading: &str| field(None, heading, "C", &mut taken);
        assert_eq!(name("Loan Amount (USD)"), "loan_amount_usd");
        assert_eq!(name("LoanAmount USD"), "loan_amount_usd_2");
        assert_eq!(name("Order"), "order_value");
        assert_eq!(name("2026"), "column_c");
        assert_eq!(name("余额"), "column_c_2");
        assert_eq!(name("DisbursementGross"), "disbursement_gross");
        assert_eq!(field(Some("balance"), "贷款余额", "D", &mut taken), "balance");
    }

    #[test]
    fn prefixes_are_capital_letters() {
        let mut names = Names::default();
        assert_eq!(names.prefix(Some("LOAN")), "LOAN");
        assert_eq!(names.prefix(Some("LOAN")), "TA");
        for _ in 0..40 {
            let prefix = names.prefix(None);
            assert!(
                (2..=5).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_uppercase()),
                "{prefix}"
            );
        }
        assert_eq!(names.dataset(Some("loans"), None), "loans");
        assert_eq!(names.dataset(Some("loans"), None), "loans_2");
        assert_eq!(names.dataset(None, Some("Sheet1")), "sheet1");
        assert_eq!(names.dataset(None, Some("贷款")), "table_4");
    }
}
