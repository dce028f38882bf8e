//! Which customers are reported (Article 18(3)), read in three ways side by side: by the largest single loan, by the sum
//! of a customer's loans, and by its credit line. The article says "single"; which reading holds is a parameter.
//!
//! Knows nothing of findings and sheets.

use super::{CustomerId, Directory, Loan, Portfolio, exposure::Counting};

/// What the reporting line is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The amount of a single loan.
    Loan,
    /// The sum of a customer's loan amounts.
    Customer,
    /// The customer's credit line.
    Line,
}

impl Reading {
    /// All of them, in the order they are shown.
    pub const ALL: [Reading; 3] = [Reading::Loan, Reading::Customer, Reading::Line];

    /// The word the parameter `scope` uses.
    pub fn name(self) -> &'static str {
        match self {
            Reading::Loan => "loan",
            Reading::Customer => "customer",
            Reading::Line => "line",
        }
    }
}

/// The reporting line and how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeRules {
    /// The reporting line, fen; exactly this amount is reported.
    pub line_fen: i128,
    /// The reading chosen.
    pub reading: Reading,
    /// Which loans count.
    pub counting: Counting,
}

/// What is compared with the line for one customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Largest amount of a single loan, fen.
    pub largest_fen: i128,
    /// Sum of the amounts of all loans, fen.
    pub sum_fen: i128,
    /// Largest credit line any unit states, fen.
    pub line_fen: Option<i128>,
    /// Loans that count.
    pub loans: u32,
    /// Of these, loans whose amount could not be read.
    pub unread: u32,
    /// The customer stands in the customer table.
    pub reported: bool,
}

impl Reach {
    /// Whether the customer is reported under a reading; nothing if that cannot be told because an amount is missing.
    pub fn within(&self, reading: Reading, line_fen: i128) -> Option<bool> {
        let (amount, known) = match reading {
            Reading::Loan => (self.largest_fen, self.unread == 0),
            Reading::Customer => (self.sum_fen, self.unread == 0),
            Reading::Line => (self.line_fen.unwrap_or_default(), self.line_fen.is_some()),
        };
        if amount >= line_fen { Some(true) } else { known.then_some(false) }
    }
}

/// The reach of every customer of a directory.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    of: Vec<Reach>,
}

impl Scopes {
    /// Measures all customers. Linear.
    pub fn of(portfolio: &Portfolio<'_>, directory: &Directory<'_>, rules: ScopeRules) -> Self {
        let mut scopes = Self { of: vec![Reach::default(); directory.len()] };
        for loan in portfolio.loans.iter().filter(|loan| is_reported(loan, rules.counting)) {
            let Some(reach) = scopes.reach(directory.of_loan(&loan)) else { continue };
            reach.loans += 1;
            match loan.amount() {
                Some(amount) => {
                    reach.largest_fen = reach.largest_fen.max(amount);
                    reach.sum_fen += amount;
                }
                None => reach.unread += 1,
            }
        }
        for customer in &portfolio.customers {
            let Some(reach) = scopes.reach(directory.by_customer_code(customer.code)) else { continue };
            reach.reported = true;
            reach.line_fen = reach.line_fen.max(customer.credit_line_fen);
        }
        scopes
    }

    fn reach(&mut self, customer: Option<CustomerId>) -> Option<&mut Reach> {
        self.of.get_mut(customer?.index())
    }

    /// What is compared with the line for a customer.
    pub fn get(&self, id: CustomerId) -> Reach {
        self.of.get(id.index()).copied().unwrap_or_default()
    }

    /// All customers, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = (CustomerId, Reach)> {
        self.of.iter().enumerate().filter_map(|(index, reach)| Some((CustomerId::from_index(index)?, *reach)))
    }
}

/// Whether a loan is one the report is about: it counts, and it was not paid back.
pub fn is_reported(loan: &Loan<'_>, counting: Counting) -> bool {
    counting.counts(loan) && !loan.settled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Customer;

    const LINE: i128 = 50_000_000_000;
    const RULES: ScopeRules = ScopeRules {
        line_fen: LINE,
        reading: Reading::Loan,
        counting: Counting { exclude_participants: true, default_days: 90 },
    };

    fn loan(customer: &str, amount: i128) -> Loan<'_> {
        Loan { customer: Some(customer), amount_fen: i64::try_from(amount).ok(), ..Loan::default() }
    }

    /// 500 exactly is reported, 499.99 is not; two of 250 together are by the sum only; a line of 500 without loans by
    /// the line only.
    #[test]
    fn three_readings_differ_where_they_should() {
        let portfolio = Portfolio {
            customers: vec![
                Customer { code: Some("D"), credit_line_fen: Some(LINE), ..Customer::default() },
                Customer { code: Some("A"), credit_line_fen: Some(LINE - 1), ..Customer::default() },
            ],
            loans: vec![
                loan("A", LINE),
                loan("B", LINE - 1),
                loan("C", LINE / 2),
                loan("C", LINE / 2),
                Loan { settled: true, ..loan("B", LINE) },
                Loan { participant: true, ..loan("B", LINE) },
                Loan { amount_fen: None, ..loan("E", 0) },
            ]
            .into(),
            ..Portfolio::default()
        };
        let directory = Directory::of(&portfolio);
        let scopes = Scopes::of(&portfolio, &directory, RULES);
        let within = |code| {
            let reach = scopes.get(directory.by_customer_code(Some(code)).expect("a customer"));
            Reading::ALL.map(|reading| reach.within(reading, LINE))
        };
        assert_eq!(within("A"), [Some(true), Some(true), Some(false)]);
        assert_eq!(within("B"), [Some(false), Some(false), None]);
        assert_eq!(within("C"), [Some(false), Some(true), None]);
        assert_eq!(within("D"), [Some(false), Some(false), Some(true)]);
        assert_eq!(within("E"), [None, None, None]);
        assert!(scopes.get(directory.by_customer_code(Some("D")).expect("a customer")).reported);
        assert!(!scopes.get(directory.by_customer_code(Some("C")).expect("a customer")).reported);
    }
}
