//! Records before they are written: datasets and headings from the pack, cells, and the world of one union.
//!
//! Knows no file format and no fault.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

pub const UNITS: usize = 0;
pub const CUSTOMERS: usize = 1;
pub const SHAREHOLDERS: usize = 2;
pub const AFFILIATES: usize = 3;
pub const GUARANTEES: usize = 4;
pub const LOANS: usize = 5;
pub const CORPORATE: usize = 6;
pub const PERSONAL: usize = 7;

/// The datasets of the pack `large-credit`, in its order.
pub static PACK: LazyLock<Pack> = LazyLock::new(|| {
    toml::from_str(include_str!("../../rules/large-credit/pack.toml")).expect("the pack of the repository is sound")
});

#[derive(Deserialize)]
pub struct Pack {
    pub dataset: Vec<Dataset>,
}

#[derive(Deserialize)]
pub struct Dataset {
    pub sheets: Vec<String>,
    pub key: Vec<String>,
    pub fields: Vec<Field>,
}

#[derive(Deserialize)]
pub struct Field {
    pub id: String,
    pub headings: Vec<String>,
    pub unit: Option<String>,
}

impl Dataset {
    pub fn index(&self, field: &str) -> usize {
        self.fields.iter().position(|f| f.id == field).unwrap_or_else(|| panic!("no field {field}"))
    }
}

/// A cell as it is handed in.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Blank,
    Text(String),
    /// A number in hundredths: amounts, rates, shares.
    Cents(i64),
    Whole(i64),
    Day(NaiveDate),
    /// Any other number.
    Number(f64),
    /// A formula whose result is this error, such as `#N/A`.
    Error(&'static str),
    /// A formula without a stored result.
    Unfinished(&'static str),
    /// A number and the format it is shown in.
    Formatted(f64, &'static str),
    /// Blank, and merged with the cell above.
    Covered,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Cell::Text(text.into())
    }

    /// Digits with a point, as written in csv.
    pub fn decimal(cents: i64) -> String {
        format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
    }
}

/// In which of the two periods a record exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Both,
    New,
    Gone,
}

#[derive(Clone, Debug)]
pub struct Record {
    /// Number of the record, over all datasets.
    pub id: usize,
    pub dataset: usize,
    /// Index of the unit that hands it in.
    pub unit: usize,
    pub standing: Standing,
    pub cells: Vec<Cell>,
}

impl Record {
    pub fn get(&self, field: &str) -> &Cell {
        &self.cells[PACK.dataset[self.dataset].index(field)]
    }

    pub fn set(&mut self, field: &str, cell: Cell) {
        self.cells[PACK.dataset[self.dataset].index(field)] = cell;
    }

    /// The text of a cell; nothing if it is no text or the dataset has no such field.
    pub fn text(&self, field: &str) -> &str {
        let index = PACK.dataset[self.dataset].fields.iter().position(|f| f.id == field);
        match index.map(|index| &self.cells[index]) {
            Some(Cell::Text(text)) => text,
            _ => "",
        }
    }

    pub fn cents(&self, field: &str) -> i64 {
        if let Cell::Cents(cents) = self.get(field) { *cents } else { 0 }
    }

    pub fn day(&self, field: &str) -> NaiveDate {
        if let Cell::Day(day) = self.get(field) { *day } else { panic!("{field} is no day") }
    }
}

/// All records of the union, of both periods.
#[derive(Clone, Default)]
pub struct World {
    pub records: Vec<Record>,
}

impl World {
    pub fn add(&mut self, dataset: usize, unit: usize, standing: Standing, cells: &[(&str, Cell)]) -> usize {
        let id = self.records.len();
        let blank = vec![Cell::Blank; PACK.dataset[dataset].fields.len()];
        let mut record = Record { id, dataset, unit, standing, cells: blank };
        for (field, cell) in cells {
            record.set(field, cell.clone());
        }
        self.records.push(record);
        id
    }

    pub fn of(&self, dataset: usize) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.dataset == dataset)
    }

    /// The records of this period.
    pub fn current(&self, dataset: usize) -> impl Iterator<Item = &Record> {
        self.of(dataset).filter(|record| record.standing != Standing::Gone)
    }

    /// Makes the customers' loan balances equal to the sum of their loans, counting records that are not `left_out`.
    pub fn tie_balances(&mut self, left_out: Standing) {
        let mut sums = std::collections::BTreeMap::<String, i64>::new();
        for loan in self.of(LOANS).filter(|loan| loan.standing != left_out && loan.text("status") != "9") {
            *sums.entry(loan.text("customer_code").to_owned()).or_default() += loan.cents("balance");
        }
        for customer in self.records.iter_mut().filter(|record| record.dataset == CUSTOMERS) {
            let sum = sums.get(customer.text("customer_code")).copied().unwrap_or(0);
            customer.set("loan_balance", Cell::Cents(sum));
        }
    }
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}
