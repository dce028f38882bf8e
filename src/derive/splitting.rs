//! Loans just under the reporting line: several to one customer, shortly after each other, that together pass it.
//!
//! Article 18(3) has loans of 500 (10,000 yuan) and more reported singly; loans split to stay below it are not.

use chrono::NaiveDate;

use super::{CustomerId, Directory, Origin, Portfolio, amount::WHOLE_PPM, exposure::Counting};

/// What counts as split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitRules {
    /// The reporting line, fen; a loan of exactly this amount is reported.
    pub line_fen: i128,
    /// How far below the line a loan may be, millionths of the line.
    pub below_ppm: i128,
    /// Largest number of days between the first and the last loan.
    pub days: i64,
    /// Which loans count.
    pub counting: Counting,
}

/// Loans that look split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Customer.
    pub customer: CustomerId,
    /// The loans, by day of disbursement.
    pub loans: Vec<Origin>,
    /// First and last day of disbursement.
    pub days: (NaiveDate, NaiveDate),
    /// Sum of the amounts disbursed, fen; above the line.
    pub amount_fen: i128,
}

/// Runs of two or more loans just under the line that together exceed it, by customer and day. A run is as long as the
/// days allow; two runs of a customer may share loans, none contains another. Loans without amount, day or customer
/// code are left out. Linear but for sorting the loans near the line.
pub fn find_splits(portfolio: &Portfolio<'_>, directory: &Directory<'_>, rules: SplitRules) -> Vec<Split> {
    let mut near: Vec<(CustomerId, NaiveDate, Origin, i128)> = Vec::new();
    for loan in portfolio.loans.iter().filter(|loan| rules.counting.counts(loan)) {
        let customer = directory.of_loan(&loan);
        if let (Some(customer), Some(day), Some(amount)) = (customer, loan.disbursed, loan.amount())
            && amount < rules.line_fen
            && amount.saturating_mul(WHOLE_PPM) >= rules.line_fen.saturating_mul(WHOLE_PPM - rules.below_ppm)
        {
            near.push((customer, day, loan.origin, amount));
        }
    }
    near.sort_unstable();
    let mut splits = Vec::new();
    for own in near.chunk_by(|a, b| a.0 == b.0) {
        let mut covered = 0;
        for (start, (customer, first, ..)) in own.iter().enumerate() {
            let end = own.partition_point(|(_, day, ..)| (*day - *first).num_days() <= rules.days);
            let Some(run) = own.get(start..end).filter(|run| run.len() > 1 && end > covered) else { continue };
            covered = end;
            let amount_fen = run.iter().map(|(.., amount)| amount).sum();
            if amount_fen > rules.line_fen {
                let last = run.last().map_or(*first, |(_, day, ..)| *day);
                let loans = run.iter().map(|(_, _, origin, _)| *origin).collect();
                splits.push(Split { customer: *customer, loans, days: (*first, last), amount_fen });
            }
        }
    }
    splits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Loan;

    const WAN: i128 = 1_000_000;

    fn loan<'a>(record: u32, customer: &'a str, wan: i128, day: &str) -> Loan<'a> {
        Loan {
            origin: Origin { dataset: 0, record },
            customer: Some(customer),
            amount_fen: i64::try_from(wan * WAN).ok(),
            disbursed: Some(day.parse().expect("a date")),
            ..Loan::default()
        }
    }

    fn runs(loans: Vec<Loan<'_>>) -> Vec<(Vec<u32>, i128)> {
        let portfolio = Portfolio { loans: loans.into(), ..Portfolio::default() };
        // 20 % below 500: from 400 on.
        let rules = SplitRules {
            line_fen: 500 * WAN,
            below_ppm: 200_000,
            days: 30,
            counting: Counting { exclude_participants: true, default_days: 90 },
        };
        let splits = find_splits(&portfolio, &Directory::of(&portfolio), rules);
        splits.into_iter().map(|s| (s.loans.iter().map(|o| o.record).collect(), s.amount_fen / WAN)).collect()
    }

    #[test]
    fn loans_near_the_line_within_the_days() {
        let loans = vec![
            loan(0, "A", 499, "2026-10-31"),
            loan(1, "A", 400, "2026-10-01"),
            // Reported itself; too far below.
            loan(2, "A", 500, "2026-10-02"),
            loan(3, "A", 399, "2026-10-03"),
            loan(4, "B", 499, "2026-10-03"),
        ];
        assert_eq!(runs(loans), [(vec![1, 0], 899)]);
    }

    #[test]
    fn too_far_apart_taken_back_or_alone() {
        let cancelled = Loan { cancelled: true, ..loan(2, "B", 450, "2026-10-02") };
        let loans = vec![
            loan(0, "A", 450, "2026-10-01"),
            loan(1, "A", 450, "2026-11-01"),
            cancelled,
            loan(3, "B", 450, "2026-10-02"),
        ];
        assert!(runs(loans).is_empty());
    }

    #[test]
    fn runs_overlap_but_none_contains_another() {
        let loans = vec![
            loan(0, "A", 450, "2026-01-01"),
            loan(1, "A", 450, "2026-01-20"),
            loan(2, "A", 450, "2026-01-25"),
            loan(3, "A", 450, "2026-02-15"),
        ];
        // 1 to 25 January; 20 January to 15 February, which is 26 days; 25 January to 15 February is part of that.
        assert_eq!(runs(loans), [(vec![0, 1, 2], 1_350), (vec![1, 2, 3], 1_350)]);
    }
}
