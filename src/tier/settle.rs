//! What was before and what people decided, laid over the tiers the data gives: conditions that keep a customer in its
//! tier, minimum stays, decisions by name until a day. Since when, and what changed.

use std::collections::HashMap;

use rayon::prelude::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use sha2::{Digest as _, Sha256};

use super::{
    assign::{Assigned, OUTSIDE, UNDECIDED},
    model::{Keep, Method, Scheme},
    overrides::Decided,
    quarter::{Basis, quarters_between},
};
use crate::job::Period;

/// A customer as an earlier quarter left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// Hash of the key in full.
    pub key: [u8; 10],
    /// The key, masked.
    pub shown: String,
    /// The name, masked.
    pub name: String,
    /// Code of the unit.
    pub unit: String,
    /// Who looked after it.
    pub manager: String,
    /// The tier; none if it could not be classed.
    pub tier: Option<String>,
    /// The quarter it came into that tier.
    pub since: Period,
    /// The amount, in the unit of its field.
    pub amount: Option<String>,
}

/// The last quarter before this one that tiers were recorded for.
#[derive(Clone, Debug)]
pub struct Previous {
    /// The quarter.
    pub quarter: Period,
    /// The customers.
    pub rows: Vec<Before>,
    places: HashMap<[u8; 10], u32>,
}

impl Previous {
    /// The customers of a quarter.
    pub fn new(quarter: Period, rows: Vec<Before>) -> Self {
        let places = rows.iter().zip(0_u32..).map(|(row, at)| (row.key, at)).collect();
        Self { quarter, rows, places }
    }

    /// The customer with this key.
    pub fn of(&self, key: &[u8; 10]) -> Option<&Before> {
        self.rows.get(*self.places.get(key)? as usize)
    }
}

/// What changed since the quarter before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// There is no quarter before.
    First,
    /// The customer was not there.
    New,
    /// The same tier.
    Same,
    /// A higher tier.
    Up,
    /// A lower tier.
    Down,
    /// It could not be classed before.
    Classed,
    /// It cannot be classed any more.
    Lost,
    /// It was in a tier the scheme no longer has.
    Other,
}

/// Why a customer is not in the tier its data gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The condition of its tier keeps it.
    Keep,
    /// It has been in its tier for too few quarters: how many, and how many it takes.
    Stay(u32, u32),
    /// Someone decided so: index of the decision.
    Override(u32),
}

/// The tier of a record in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Index of the tier, [`UNDECIDED`] or [`OUTSIDE`].
    pub tier: u8,
    /// The tier its data gives.
    pub by_data: u8,
    /// Why they differ, or that someone decided on it.
    pub held: Option<Held>,
    /// The quarter it came into the tier.
    pub since: Period,
    /// What changed.
    pub change: Change,
}

/// The key of each record as the ledger knows it; none for a blank one. `dataset` is its id.
pub fn key_hashes(dataset: &str, assigned: &Assigned) -> Vec<Option<[u8; 10]>> {
    let keys = &assigned.keys;
    (0..keys.len())
        .into_par_iter()
        .with_min_len(1 << 12)
        .map(|at| keys.get(at).map(|key| key_hash(dataset, key)))
        .collect()
}

/// The key of a record as the ledger knows it. `dataset` is its id.
pub fn key_hash(dataset: &str, key: &str) -> [u8; 10] {
    let mut hash = Sha256::new();
    hash.update(dataset.as_bytes());
    hash.update([0x1f]);
    hash.update(key.as_bytes());
    let mut short = [0; 10];
    short.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    short
}

/// Settles the tiers of all records. `keys` are their hashes (empty without a quarter before), `decided` the records
/// someone decided on: index of the decision and of its tier.
pub fn settle(
    scheme: &Scheme,
    assigned: &Assigned,
    previous: Option<&Previous>,
    keys: &[Option<[u8; 10]>],
    decided: &Decided,
    basis: Basis,
) -> Vec<Settled> {
    let one = |(record, by_data): (usize, &u8)| {
        let before = previous.and_then(|previous| previous.of(keys.get(record)?.as_ref()?));
        let at = u32::try_from(record).unwrap_or(u32::MAX);
        let mut settled =
            Settled { tier: *by_data, by_data: *by_data, held: None, since: basis.quarter, change: Change::First };
        if *by_data == OUTSIDE {
            return settled;
        }
        let was = before.and_then(|before| before.tier.as_deref()).and_then(|id| scheme.tier_index(id));
        if let (Some(was), Some(before)) = (was, before) {
            settled.held = hold(scheme, assigned, at, (was, before.since), *by_data, basis.quarter);
            if settled.held.is_some() {
                settled.tier = was;
            }
        }
        if let Some((decision, tier)) = decided.get(&at) {
            settled.tier = *tier;
            settled.held = Some(Held::Override(*decision));
        }
        settled.change = match (previous, before) {
            (None, _) => Change::First,
            (_, None) => Change::New,
            (_, Some(before)) => change(was, before.tier.is_some(), settled.tier),
        };
        if let Some(before) = before.filter(|_| settled.change == Change::Same) {
            settled.since = before.since;
        }
        settled
    };
    assigned.tiers.par_iter().enumerate().with_min_len(1 << 12).map(one).collect()
}

fn change(was: Option<u8>, was_classed: bool, now: u8) -> Change {
    match (was, was_classed, now) {
        (None, false, UNDECIDED) => Change::Same,
        (None, false, _) => Change::Classed,
        (_, _, UNDECIDED) => Change::Lost,
        (None, true, _) => Change::Other,
        (Some(was), ..) if was == now => Change::Same,
        (Some(was), ..) if was > now => Change::Up,
        _ => Change::Down,
    }
}

/// Whether a customer stays where it was. A record that cannot be classed is not held: its fields are to be filled.
fn hold(
    scheme: &Scheme,
    assigned: &Assigned,
    record: u32,
    (was, since): (u8, Period),
    now: u8,
    quarter: Period,
) -> Option<Held> {
    if now == UNDECIDED || now == was {
        return None;
    }
    let down = now > was;
    let needed = if down { scheme.stay_down } else { scheme.stay_up };
    let been = quarters_between(since, quarter);
    if been < needed {
        return Some(Held::Stay(been, needed));
    }
    if !down {
        return None;
    }
    let index = record as usize;
    let keeps = match scheme.tier(was)?.keep.as_ref()? {
        Keep::When(_) => assigned.keeps.get(usize::from(was))?.as_ref()?.get(index) == Some(true),
        Keep::Bound(bound) => {
            let score = assigned.scores.get(index).copied()?;
            match (&scheme.method, &assigned.ranks) {
                (Method::Shares(..), Some(ranks)) => {
                    let (position, count) = ranks.position(record, score);
                    let number = |count: usize| i128::try_from(count).unwrap_or(i128::MAX >> 64);
                    number(position) * super::cut::WHOLE <= number(count) * bound
                }
                _ => score >= *bound,
            }
        }
    };
    keeps.then_some(Held::Keep)
}
