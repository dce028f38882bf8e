//! Places faults in October and notes, for each, the findings that follow from the conditions of the rules.
//!
//! Never asks the program what it finds. Each fault has a customer, or a retail default, of its own, so that no two
//! faults meet.

mod cells;
mod changes;
mod course;
mod customers;
mod derived;
mod documents;
mod fields;
mod foreign;
mod keys;
mod limits;
mod listed;
mod loans;
mod names;
mod parties;
pub mod periods;
mod retail;
pub mod sheets;

use std::collections::BTreeSet;

use crate::{
    model::{CORPORATE, CUSTOMERS, Cell, LOANS, PACK, Record, Standing, World},
    plant::listed::listed_under,
    rng::Rng,
    union::{MANY_FILES, MISSING, UNIT},
};

/// A finding that is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    pub place: Place,
    pub rule: String,
    pub field: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Record {
        dataset: usize,
        id: usize,
    },
    Sheet {
        unit: usize,
        dataset: usize,
    },
    Unit {
        unit: usize,
    },
    /// The union as a whole.
    Institution,
}

/// Places every fault. September is clean, so what a fault was before is set in both periods only where it has to be.
pub fn plant_all(prior: &mut World, world: &mut World, rng: &mut Rng) -> Vec<Expected> {
    let mut planter = Planter {
        world,
        prior,
        rng,
        customers_taken: BTreeSet::new(),
        records_taken: BTreeSet::new(),
        expected: Vec::new(),
        next_unit: 0,
    };
    customers::plant(&mut planter);
    loans::plant(&mut planter);
    parties::plant(&mut planter);
    retail::plant(&mut planter);
    keys::plant(&mut planter);
    cells::plant(&mut planter);
    sheets::plant(&mut planter);
    derived::plant(&mut planter);
    limits::plant(&mut planter);
    changes::plant(&mut planter);
    foreign::plant(&mut planter);
    documents::plant(&mut planter);
    names::plant(&mut planter);
    course::plant(&mut planter);
    fields::plant(&mut planter);
    cells::plant_shown(&mut planter);
    let mut expected = planter.expected;
    expected.extend(periods::findings(prior, world));
    periods::check_bands(prior, world);
    expected
}

pub struct Planter<'a> {
    world: &'a mut World,
    prior: &'a mut World,
    rng: &'a mut Rng,
    customers_taken: BTreeSet<String>,
    records_taken: BTreeSet<usize>,
    expected: Vec<Expected>,
    /// Where [`Planter::spread`] looks next.
    next_unit: usize,
}

impl Planter<'_> {
    /// A record without fault, present in both periods, whose customer has no fault either. It is taken.
    fn take(&mut self, dataset: usize, unit: usize, wanted: impl Fn(&World, &Record) -> bool) -> usize {
        let candidates: Vec<usize> = self
            .world
            .of(dataset)
            .filter(|record| record.unit == unit && record.standing == Standing::Both)
            .filter(|record| !self.records_taken.contains(&record.id))
            .filter(|record| !self.customers_taken.contains(record.text("customer_code")))
            .filter(|record| wanted(self.world, record))
            .map(|record| record.id)
            .collect();
        assert!(!candidates.is_empty(), "no record left in dataset {dataset} of unit {unit}");
        let id = candidates[self.rng.below(candidates.len())];
        self.records_taken.insert(id);
        let code = self.world.records[id].text("customer_code").to_owned();
        if !code.is_empty() {
            self.customers_taken.insert(code);
        }
        id
    }

    /// As [`Planter::take`], in one unit after the other, so that faults of a kind stand in files of different kinds.
    fn spread(&mut self, dataset: usize, wanted: impl Fn(&World, &Record) -> bool) -> usize {
        for _ in 0..UNIT.len() {
            let unit = self.next_unit();
            let free = |record: &Record| {
                record.unit == unit
                    && record.standing == Standing::Both
                    && !self.records_taken.contains(&record.id)
                    && !self.customers_taken.contains(record.text("customer_code"))
                    && wanted(self.world, record)
            };
            if is_read(unit, dataset) && self.world.of(dataset).any(free) {
                return self.take(dataset, unit, wanted);
            }
        }
        panic!("no record left in dataset {dataset}");
    }

    /// A record without fault whose customer may have one elsewhere: for faults of a cell that no other record shows.
    fn row(&mut self, dataset: usize, field: &str, wanted: impl Fn(&World, &Record) -> bool) -> usize {
        for _ in 0..UNIT.len() {
            let unit = self.next_unit();
            let odd = sheets::HEADING_MISSING.iter().chain(&sheets::HEADING_TWICE);
            let odd = odd.into_iter().any(|known| *known == (unit, dataset, field));
            let free: Vec<usize> = (self.world.of(dataset))
                .filter(|record| record.unit == unit && record.standing == Standing::Both)
                .filter(|record| !self.records_taken.contains(&record.id) && wanted(self.world, record))
                .map(|record| record.id)
                .collect();
            if is_read(unit, dataset) && !odd && !free.is_empty() {
                let id = free[self.rng.below(free.len())];
                self.records_taken.insert(id);
                return id;
            }
        }
        panic!("no row left in dataset {dataset}");
    }

    fn next_unit(&mut self) -> usize {
        self.next_unit = (self.next_unit + 1) % UNIT.len();
        self.next_unit
    }

    fn set(&mut self, id: usize, field: &str, cell: Cell) {
        self.world.records[id].set(field, cell);
    }

    fn set_all(&mut self, id: usize, cells: &[(&str, Cell)]) {
        for (field, cell) in cells {
            self.set(id, field, cell.clone());
        }
    }

    /// What the record said in September.
    fn before(&mut self, id: usize) -> &mut Record {
        self.prior.records.iter_mut().find(|record| record.id == id).expect("a record of both periods")
    }

    fn text(&self, id: usize, field: &str) -> String {
        self.world.records[id].text(field).to_owned()
    }

    fn cents(&self, id: usize, field: &str) -> i64 {
        self.world.records[id].cents(field)
    }

    /// Notes a finding on a record: `RULE`, or `RULE@field` if the rule does not say where it is listed.
    fn expect(&mut self, id: usize, rule: &str) {
        let dataset = self.world.records[id].dataset;
        let (rule, field) = rule.split_once('@').unwrap_or_else(|| (rule, listed_under(rule, dataset)));
        let place = Place::Record { dataset, id };
        self.expected.push(Expected { place, rule: rule.to_owned(), field: field.to_owned() });
    }

    fn expect_sheet(&mut self, unit: usize, dataset: usize, rule: &str, field: &str) {
        let place = Place::Sheet { unit, dataset };
        self.expected.push(Expected { place, rule: rule.to_owned(), field: field.to_owned() });
    }

    fn expect_unit(&mut self, unit: usize, rule: &str) {
        self.expected.push(Expected { place: Place::Unit { unit }, rule: rule.to_owned(), field: String::new() });
    }

    /// Takes a record, changes its cells and notes the findings.
    fn fault(
        &mut self,
        (dataset, unit): (usize, usize),
        wanted: impl Fn(&World, &Record) -> bool,
        cells: &[(&str, Cell)],
        rules: &[&str],
    ) -> usize {
        let id = self.take(dataset, unit, wanted);
        self.set_all(id, cells);
        self.expect_all(id, rules);
        id
    }

    fn expect_all(&mut self, id: usize, rules: &[&str]) {
        for rule in rules {
            self.expect(id, rule);
        }
    }

    /// [`Planter::fault`] in the next unit that has such a record.
    fn spread_fault(
        &mut self,
        dataset: usize,
        wanted: impl Fn(&World, &Record) -> bool,
        cells: &[(&str, Cell)],
        rules: &[&str],
    ) -> usize {
        let id = self.spread(dataset, wanted);
        self.set_all(id, cells);
        self.expect_all(id, rules);
        id
    }

    /// After a loan's balance or status changed: its customer's balance follows, and the credit line stays above it.
    fn tie(&mut self, customer_code: &str) {
        let sum: i64 = loans_of(self.world, customer_code)
            .filter(|loan| loan.text("status") != "9")
            .map(|loan| loan.cents("balance"))
            .sum();
        let customer = self
            .world
            .records
            .iter_mut()
            .find(|record| record.dataset == CUSTOMERS && record.text("customer_code") == customer_code)
            .expect("every loan has a customer before faults are placed");
        customer.set("loan_balance", Cell::Cents(sum));
        let credit_line = customer.cents("credit_line").max(sum);
        customer.set("credit_line", Cell::Cents(credit_line));
        let assets = customer.cents("total_assets").max(credit_line);
        customer.set("total_assets", Cell::Cents(assets));
    }

    /// Changes a field wherever the customer is named, in every dataset that has the field.
    fn rewrite(&mut self, customer_code: &str, field: &str, value: &str) {
        for record in self.world.records.iter_mut().filter(|record| record.text("customer_code") == customer_code) {
            if PACK.dataset[record.dataset].fields.iter().any(|known| known.id == field) {
                record.set(field, Cell::text(value));
            }
        }
    }

    /// A further record like this one; the original stays.
    fn copy(&mut self, id: usize) -> usize {
        let copied = Record { id: self.world.records.len(), ..self.world.records[id].clone() };
        self.records_taken.insert(copied.id);
        self.world.records.push(copied);
        self.world.records.len() - 1
    }
}

/// Whether the unit's file with the dataset arrives and can be opened.
fn is_read(unit: usize, dataset: usize) -> bool {
    unit != MISSING && (unit, dataset) != (MANY_FILES, CORPORATE)
}

/// The loans of a customer in October.
fn loans_of<'a>(world: &'a World, customer_code: &'a str) -> impl Iterator<Item = &'a Record> {
    world.current(LOANS).filter(move |loan| loan.text("customer_code") == customer_code)
}
