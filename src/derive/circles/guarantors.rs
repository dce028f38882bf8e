//! What each guarantor guarantees, in total, against what is owed under these contracts and what it owes itself.

use polars::prelude::PlHashMap;

use super::Stated;
use crate::{
    derive::{
        CustomerId, Directory, Loans, Portfolio,
        directory::Known,
        exposure::{Counting, Exposure, Exposures},
    },
    text::Mask,
};

/// A guarantor and all it guarantees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarantor {
    /// The customer, if it is one of ours.
    pub customer: Option<CustomerId>,
    /// Name; the smallest text if records disagree.
    pub name: String,
    /// It is a natural person, whose name is masked outside the unit's own workbook.
    pub person: bool,
    /// Sum of the amounts guaranteed, fen.
    pub amount_fen: i128,
    /// Guarantees whose amount could not be read: the sum lacks them.
    pub unread: u32,
    /// Number of borrowers.
    pub borrowers: u32,
    /// Number of loan contracts guaranteed.
    pub contracts: u32,
    /// Balance of the loans under these contracts, each contract once, fen.
    pub guaranteed_balance_fen: i128,
    /// What the guarantor owes itself; nothing of one who is no customer. [`Exposure::in_default`] says that it is in
    /// default.
    pub own: Exposure,
}

impl Guarantor {
    /// The name as it may be shown outside the unit's own workbook.
    pub fn shown(&self) -> String {
        if self.person { Mask::Name.apply(&self.name) } else { self.name.clone() }
    }
}

/// Totals per guarantor, largest amount first, equal ones by party.
pub(super) fn total(
    stated: &[Stated<'_>],
    portfolio: &Portfolio<'_>,
    directory: &Directory<'_>,
    exposures: &Exposures,
    counting: Counting,
) -> Vec<Guarantor> {
    let mut balances: PlHashMap<&str, i128> = PlHashMap::default();
    for guarantee in stated {
        if let Some(contract) = guarantee.row.contract {
            balances.entry(contract).or_default();
        }
    }
    let loans = if balances.is_empty() { &Loans::default() } else { &portfolio.loans };
    for (index, loan) in loans.iter().enumerate().filter(|(_, loan)| counting.counts(loan)) {
        if let Some(balance) = loans.contract(index).and_then(|contract| balances.get_mut(contract)) {
            *balance += loan.balance().unwrap_or_default();
        }
    }
    let mut sorted: Vec<&Stated<'_>> = stated.iter().collect();
    sorted.sort_unstable_by(|a, b| (&a.guarantor, a.row.origin).cmp(&(&b.guarantor, b.row.origin)));
    let mut guarantors: Vec<Guarantor> = Vec::new();
    for own in sorted.chunk_by(|a, b| a.guarantor == b.guarantor) {
        let Some(first) = own.first() else { continue };
        let mut contracts: Vec<&str> = own.iter().filter_map(|one| one.row.contract).collect();
        let mut borrowers: Vec<CustomerId> = own.iter().map(|one| one.borrower).collect();
        contracts.sort_unstable();
        contracts.dedup();
        borrowers.sort_unstable();
        borrowers.dedup();
        let customer = match first.guarantor {
            Known::Customer(id) => Some(id),
            Known::Document(_) | Known::Organisation(_) => None,
        };
        let stated_name = own.iter().filter_map(|one| one.row.name).min();
        guarantors.push(Guarantor {
            customer,
            name: customer.and_then(|id| directory.name(id)).or(stated_name).unwrap_or_default().to_owned(),
            person: own.iter().any(|one| one.person),
            amount_fen: own.iter().filter_map(|one| one.row.amount_fen).sum(),
            unread: own.iter().filter(|one| one.row.amount_fen.is_none()).map(|_| 1).sum(),
            borrowers: u32::try_from(borrowers.len()).unwrap_or(u32::MAX),
            contracts: u32::try_from(contracts.len()).unwrap_or(u32::MAX),
            guaranteed_balance_fen: contracts.iter().filter_map(|contract| balances.get(contract)).sum(),
            own: customer.map(|id| exposures.get(id)).unwrap_or_default(),
        });
    }
    // Stable: equal amounts stay in the order of the parties.
    guarantors.sort_by_key(|guarantor| -guarantor.amount_fen);
    guarantors
}
