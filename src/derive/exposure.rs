//! What each customer owes: the exact sum of its loan balances, and what of it is non-performing.
//!
//! Knows nothing of limits and groups.

use super::{CustomerId, Directory, Loan, Portfolio};

/// Classes of non-performing loans: 次级, 可疑, 损失.
const NON_PERFORMING: std::ops::RangeInclusive<u8> = 3..=5;

/// Which loans count, and from when on one is in default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counting {
    /// Leave out shares in syndicated loans another bank leads: only the lead reports them (Article 18(3)).
    pub exclude_participants: bool,
    /// A loan whose principal is overdue for as many days is in default, whatever its class.
    pub default_days: i64,
}

impl Counting {
    /// Whether the loan counts: not taken back, and no participant's share if those are left out.
    pub fn counts(self, loan: &Loan<'_>) -> bool {
        let left_out = self.exclude_participants && loan.participant;
        !loan.cancelled && !left_out
    }

    /// Whether the loan is in default: non-performing, or overdue for the days stated.
    pub fn in_default(self, loan: &Loan<'_>) -> bool {
        is_non_performing(loan) || loan.overdue_days.is_some_and(|days| i64::from(days) >= self.default_days)
    }
}

/// Whether the loan's class is 3, 4 or 5.
fn is_non_performing(loan: &Loan<'_>) -> bool {
    loan.class.is_some_and(|class| NON_PERFORMING.contains(&class))
}

/// What one customer, or several together, owe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Sum of the balances, fen.
    pub balance_fen: i128,
    /// Part of the balance in classes 3 to 5, fen.
    pub non_performing_fen: i128,
    /// Credit line, fen; of a customer several units report the largest, for the line is one.
    pub credit_line_fen: i128,
    /// Customers without a credit line in their records: the sum lacks them.
    pub unstated_lines: u32,
    /// Loans that count.
    pub loans: u32,
    /// Of these, loans whose balance could not be read: the sums lack them.
    pub unread: u32,
    /// Some loan with a balance is in default.
    pub in_default: bool,
}

impl Exposure {
    /// Adds what another customer owes.
    pub fn add(&mut self, other: &Exposure) {
        self.balance_fen += other.balance_fen;
        self.non_performing_fen += other.non_performing_fen;
        self.credit_line_fen += other.credit_line_fen;
        self.unstated_lines += other.unstated_lines;
        self.loans += other.loans;
        self.unread += other.unread;
        self.in_default |= other.in_default;
    }
}

/// What every customer owes.
#[derive(Clone, Debug, Default)]
pub struct Exposures {
    of: Vec<Exposure>,
    /// All customers together.
    pub total: Exposure,
    /// Loans that count and have no customer code; they are in no exposure.
    pub keyless: u32,
    /// Their balances, fen.
    pub keyless_fen: i128,
}

impl Exposures {
    /// Sums the loans that count. Linear.
    pub fn of(portfolio: &Portfolio<'_>, directory: &Directory<'_>, counting: Counting) -> Self {
        let mut exposures = Self {
            of: vec![Exposure { unstated_lines: 1, ..Exposure::default() }; directory.len()],
            ..Self::default()
        };
        for loan in portfolio.loans.iter().filter(|loan| counting.counts(loan)) {
            let id = directory.of_loan(&loan);
            let Some(exposure) = id.and_then(|id| exposures.of.get_mut(id.index())) else {
                exposures.keyless += 1;
                exposures.keyless_fen += loan.balance().unwrap_or_default();
                continue;
            };
            exposure.loans += 1;
            let Some(balance) = loan.balance() else {
                exposure.unread += 1;
                continue;
            };
            exposure.balance_fen += balance;
            if is_non_performing(&loan) {
                exposure.non_performing_fen += balance;
            }
            exposure.in_default |= balance > 0 && counting.in_default(&loan);
        }
        for customer in &portfolio.customers {
            let id = directory.by_customer_code(customer.code);
            if let (Some(exposure), Some(line)) =
                (id.and_then(|id| exposures.of.get_mut(id.index())), customer.credit_line_fen)
            {
                exposure.credit_line_fen = exposure.credit_line_fen.max(line);
                exposure.unstated_lines = 0;
            }
        }
        for exposure in &exposures.of {
            exposures.total.add(exposure);
        }
        exposures
    }

    /// All customers, in the order of their codes.
    pub fn ids(&self) -> impl Iterator<Item = CustomerId> + use<> {
        (0..self.of.len()).filter_map(CustomerId::from_index)
    }

    /// What the customer owes.
    pub fn get(&self, id: CustomerId) -> Exposure {
        self.of.get(id.index()).copied().unwrap_or_default()
    }

    /// What these customers owe together.
    pub fn sum(&self, ids: impl IntoIterator<Item = CustomerId>) -> Exposure {
        let mut sum = Exposure::default();
        for id in ids {
            sum.add(&self.get(id));
        }
        sum
    }

    /// The `count` customers with the largest balances, largest first, equal ones by code; those without a balance are
    /// not among them.
    pub fn largest(&self, count: usize) -> Vec<CustomerId> {
        let mut owing: Vec<(i128, usize)> = Vec::with_capacity(self.of.len());
        owing.extend(self.of.iter().enumerate().map(|(index, exposure)| (-exposure.balance_fen, index)));
        owing.retain(|(negative, _)| *negative < 0);
        if count < owing.len() {
            owing.select_nth_unstable(count);
            owing.truncate(count);
        }
        owing.sort_unstable();
        owing.into_iter().filter_map(|(_, index)| CustomerId::from_index(index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Customer;

    const COUNTING: Counting = Counting { exclude_participants: true, default_days: 90 };

    fn loan(customer: &str, balance: i128, class: u8) -> Loan<'_> {
        Loan {
            customer: Some(customer),
            balance_fen: i64::try_from(balance).ok(),
            class: Some(class),
            ..Loan::default()
        }
    }

    #[test]
    fn balances_add_up_to_the_fen() {
        let portfolio = Portfolio {
            customers: vec![
                Customer { code: Some("A"), credit_line_fen: Some(70), ..Customer::default() },
                Customer { code: Some("A"), credit_line_fen: Some(90), ..Customer::default() },
            ],
            loans: vec![
                loan("A", 100_000_000_000_000_001, 1),
                loan("A", 2, 3),
                Loan { cancelled: true, ..loan("A", 1_000, 1) },
                Loan { participant: true, ..loan("A", 10_000, 1) },
                Loan { balance_fen: None, ..loan("B", 0, 1) },
                Loan { overdue_days: Some(90), ..loan("C", 5, 2) },
                Loan { customer: None, ..loan("", 7, 1) },
            ]
            .into(),
            ..Portfolio::default()
        };
        let directory = Directory::of(&portfolio);
        let exposures = Exposures::of(&portfolio, &directory, COUNTING);
        let get = |code| exposures.get(directory.by_customer_code(Some(code)).expect("a customer"));
        let a = Exposure {
            balance_fen: 100_000_000_000_000_003,
            non_performing_fen: 2,
            credit_line_fen: 90,
            unstated_lines: 0,
            loans: 2,
            unread: 0,
            in_default: true,
        };
        assert_eq!(get("A"), a);
        assert_eq!((get("B").loans, get("B").unread, get("B").balance_fen), (1, 1, 0));
        assert!(get("C").in_default && get("C").non_performing_fen == 0);
        assert_eq!((exposures.keyless, exposures.keyless_fen), (1, 7));
        assert_eq!((exposures.total.balance_fen, exposures.total.unstated_lines), (100_000_000_000_000_008, 2));

        let all = Exposures::of(&portfolio, &directory, Counting { exclude_participants: false, ..COUNTING });
        assert_eq!(all.total.balance_fen, 100_000_000_000_010_008);
    }

    #[test]
    fn the_largest_come_first_and_equal_ones_by_code() {
        let portfolio = Portfolio {
            loans: vec![loan("D", 5, 1), loan("B", 9, 1), loan("A", 5, 1), loan("C", 0, 1), loan("E", 1, 1)].into(),
            ..Portfolio::default()
        };
        let directory = Directory::of(&portfolio);
        let exposures = Exposures::of(&portfolio, &directory, COUNTING);
        let codes = |count| exposures.largest(count).into_iter().map(|id| directory.code(id)).collect::<Vec<_>>();
        assert_eq!(codes(3), ["B", "A", "D"]);
        assert_eq!(codes(10), ["B", "A", "D", "E"]);
        assert!(codes(0).is_empty());
    }
}
