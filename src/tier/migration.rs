//! From which tier to which: counts and amounts, over all and by the people who look after the customers.
//!
//! Every customer of this quarter or the one before is in exactly one cell.

use std::collections::BTreeMap;

use super::{
    assign::{OUTSIDE, UNDECIDED},
    result::Tiering,
    settle::Change,
};
use crate::pack::sql::scaled;

/// A row or column of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// A tier, by index.
    Tier(u8),
    /// A tier the scheme no longer has.
    Retired(String),
    /// Not classed.
    Unclassed,
    /// Not there.
    Absent,
}

/// Customers of a cell: how many, and their amounts with the decimal places of the amount field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// How many.
    pub count: u64,
    /// The sum of their amounts; of those gone, as the quarter before had them.
    pub amount: i128,
}

/// What changed for the customers of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByManager {
    /// Customers in each tier now.
    pub tiers: Vec<Moves>,
    /// Those that cannot be classed.
    pub unclassed: Moves,
    /// Up.
    pub up: Moves,
    /// Down.
    pub down: Moves,
    /// New.
    pub new: Moves,
    /// Gone.
    pub gone: Moves,
}

/// The migration of a scheme's customers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    /// From, to.
    pub cells: BTreeMap<(Side, Side), Moves>,
    /// By manager.
    pub managers: BTreeMap<String, ByManager>,
    /// In each tier now.
    pub now: Vec<Moves>,
    /// In each tier in the quarter before.
    pub before: Vec<Moves>,
    /// By what changed.
    pub changes: BTreeMap<Change, Moves>,
}

impl Moves {
    /// Adds one customer.
    pub fn add(&mut self, amount: i128) {
        self.count += 1;
        self.amount += amount;
    }
}

impl Migration {
    /// Counts the migration of `tiering`.
    pub fn of(tiering: &Tiering<'_>) -> Self {
        let tiers = tiering.scheme.tiers.len();
        let mut migration =
            Self { now: vec![Moves::default(); tiers], before: vec![Moves::default(); tiers], ..Self::default() };
        let scale = tiering.amount_scale();
        let parsed = |text: &Option<String>| amount_of(text.as_deref(), scale);
        let side_of = |id: Option<&str>| match id {
            None => Side::Unclassed,
            Some(id) => tiering.scheme.tier_index(id).map_or_else(|| Side::Retired(id.to_owned()), Side::Tier),
        };
        for (record, settled) in (0_u32..).zip(&tiering.settled).filter(|(_, settled)| settled.tier != OUTSIDE) {
            let amount = tiering.amount(record).map(|(value, _)| value).unwrap_or_default();
            let to = if settled.tier == UNDECIDED { Side::Unclassed } else { Side::Tier(settled.tier) };
            if let Some(now) = migration.now.get_mut(usize::from(settled.tier)) {
                now.add(amount);
            }
            migration.changes.entry(settled.change).or_default().add(amount);
            let manager = tiering.scheme.manager.map(|field| tiering.masked(record, field));
            if let Some(manager) = manager {
                let own = migration.managers.entry(manager).or_insert_with(|| ByManager::new(tiers));
                match own.tiers.get_mut(usize::from(settled.tier)) {
                    Some(cell) => cell.add(amount),
                    None => own.unclassed.add(amount),
                }
                match settled.change {
                    Change::Up => own.up.add(amount),
                    Change::Down => own.down.add(amount),
                    Change::New => own.new.add(amount),
                    _ => {}
                }
            }
            if tiering.previous.is_none() {
                continue;
            }
            let from = match tiering.before(record) {
                None => Side::Absent,
                Some(before) => {
                    let side = side_of(before.tier.as_deref());
                    if let Side::Tier(tier) = side
                        && let Some(cell) = migration.before.get_mut(usize::from(tier))
                    {
                        cell.add(parsed(&before.amount));
                    }
                    side
                }
            };
            migration.cells.entry((from, to)).or_default().add(amount);
        }
        for before in tiering.gone_rows() {
            let amount = parsed(&before.amount);
            let from = side_of(before.tier.as_deref());
            if let Side::Tier(tier) = from
                && let Some(cell) = migration.before.get_mut(usize::from(tier))
            {
                cell.add(amount);
            }
            migration.cells.entry((from, Side::Absent)).or_default().add(amount);
            if tiering.scheme.manager.is_some() {
                let own = migration.managers.entry(before.manager.clone()).or_insert_with(|| ByManager::new(tiers));
                own.gone.add(amount);
            }
        }
        migration
    }

    /// Rows and columns of the matrix: the tiers, tiers no longer there, and the others if anyone is in them.
    pub fn sides(&self, tiers: usize) -> (Vec<Side>, Vec<Side>) {
        let own = || (0..tiers).filter_map(|tier| u8::try_from(tier).ok()).map(Side::Tier);
        let extra = |sides: Vec<&Side>| {
            let mut extra: Vec<Side> =
                sides.into_iter().filter(|side| !matches!(side, Side::Tier(_))).cloned().collect();
            extra.sort();
            extra.dedup();
            extra
        };
        let from = own().chain(extra(self.cells.keys().map(|(from, _)| from).collect())).collect();
        let to = own().chain(extra(self.cells.keys().map(|(_, to)| to).collect())).collect();
        (from, to)
    }
}

impl ByManager {
    fn new(tiers: usize) -> Self {
        Self { tiers: vec![Moves::default(); tiers], ..Self::default() }
    }
}

impl Tiering<'_> {
    /// The customers of the quarter before that are not there any more.
    pub fn gone_rows(&self) -> impl Iterator<Item = &super::Before> {
        let rows = self.previous.as_ref().map(|previous| previous.rows.as_slice()).unwrap_or_default();
        self.gone.iter().filter_map(move |index| rows.get(*index))
    }
}

/// An amount the ledger kept, with `scale` decimal places.
fn amount_of(text: Option<&str>, scale: usize) -> i128 {
    let Some((value, places)) = text.and_then(scaled) else { return 0 };
    let more = scale.checked_sub(places).and_then(|more| u32::try_from(more).ok());
    more.and_then(|more| value.checked_mul(10_i128.checked_pow(more)?)).unwrap_or(0)
}
