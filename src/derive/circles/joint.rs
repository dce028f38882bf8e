//! Joint guarantee groups (多人联保): the borrower and the guarantors of one contract, each of whom guarantees every
//! other.
//!
//! Looking for the largest cliques of any graph takes exponential time; a joint contract names its members, so only
//! these sets are tried.

use polars::prelude::PlHashSet;

use super::{JOINT, Stated};
use crate::derive::{CustomerId, directory::Known};

/// Joint contracts with more members are counted and not looked at: the pairs to try grow with the square.
pub const LARGEST_JOINT: usize = 64;

/// Fewer members are a mutual guarantee or a plain one.
const SMALLEST: usize = 3;

/// The members a joint contract names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JointGroup {
    /// Borrower and guarantors, by code. Guarantors who are no customers are not among them.
    pub members: Vec<CustomerId>,
    /// Of the ordered pairs of members, those without a joint guarantee; none: every one guarantees every other.
    pub missing: usize,
}

/// The joint groups, each combination of members once, and how many contracts were too large.
pub(super) fn find(stated: &[Stated<'_>]) -> (Vec<JointGroup>, u32) {
    let mut rows: Vec<(Option<&str>, CustomerId, CustomerId)> = Vec::new();
    for one in stated.iter().filter(|one| one.row.kind == Some(JOINT)) {
        if let Known::Customer(guarantor) = one.guarantor {
            rows.push((one.row.contract, one.borrower, guarantor));
        }
    }
    rows.sort_unstable();
    let pairs: PlHashSet<(CustomerId, CustomerId)> =
        rows.iter().map(|(_, borrower, guarantor)| (*guarantor, *borrower)).collect();
    let mut groups = Vec::new();
    let mut too_large = 0;
    for contract in rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let mut members: Vec<CustomerId> =
            contract.iter().flat_map(|(_, borrower, guarantor)| [*borrower, *guarantor]).collect();
        members.sort_unstable();
        members.dedup();
        if members.len() > LARGEST_JOINT {
            too_large += 1;
        } else if members.len() >= SMALLEST {
            groups.push(members);
        }
    }
    groups.sort_unstable();
    groups.dedup();
    let complete = |members: Vec<CustomerId>| {
        let ordered = members.iter().flat_map(|a| members.iter().map(move |b| (*a, *b))).filter(|(a, b)| a != b);
        let missing = ordered.filter(|pair| !pairs.contains(pair)).count();
        JointGroup { members, missing }
    };
    (groups.into_iter().map(complete).collect(), too_large)
}
