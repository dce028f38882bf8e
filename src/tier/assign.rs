//! A scheme and a table give each record its tier, by this period's data alone.
//!
//! All conditions go into one plan and one collect. A condition that cannot be told because a field is blank leaves the
//! record without a tier, unless a higher one is true: nothing is guessed. Nor can one be told that reads a cell which
//! failed typing or a column the sheet does not have, even if a blank would do. Knows neither what was before nor people's
//! decisions.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, Result};
use polars::prelude::{BooleanChunked, StringChunked};

use super::{
    card,
    cut::{self, Ranks},
    model::{Cut, Method, Scheme, Score},
    plan::{Plan, Results},
};
use crate::{
    check::{from_flags, indexes, known, row_keys},
    job::Unit,
    pack::{Dataset, Literal, functions::Context},
    table::Table,
};

/// Stands for a tier that cannot be told.
pub const UNDECIDED: u8 = u8::MAX - 1;
/// Stands for a record the scheme does not class.
pub const OUTSIDE: u8 = u8::MAX;

/// What schemes are evaluated with.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// Datasets of the pack.
    pub datasets: &'a [Dataset],
    /// Values of all parameters.
    pub params: &'a BTreeMap<String, Literal>,
    /// What our SQL functions need.
    pub context: &'a Arc<Context>,
    /// The units; segments of the tables point to them.
    pub units: &'a [Unit],
}

/// The tier of each record by its data, and what is needed to say why.
#[derive(Debug)]
pub struct Assigned {
    /// For each record the index of its tier, [`UNDECIDED`] or [`OUTSIDE`].
    pub tiers: Vec<u8>,
    /// For each record the way that was true, counted over all tiers; of no meaning without a tier.
    pub ways: Vec<u8>,
    /// For each record its score with [`super::model::SCORE_SCALE`] places; empty where no score decides, 0 where it is missing.
    pub scores: Vec<i128>,
    /// The records' ranks, where shares decide.
    pub ranks: Option<Ranks>,
    /// For each tier whether its own may keep it.
    pub keeps: Vec<Option<BooleanChunked>>,
    /// For each record its key; none if a part of it is blank.
    pub keys: StringChunked,
    /// Records whose key others have too, with how many have it.
    pub repeated: BTreeMap<u32, u32>,
    /// The conditions asked, in order, with the fields each reads.
    pub asked: Vec<Asked>,
}

/// A condition as it came out.
#[derive(Clone, Debug)]
pub struct Asked {
    /// For each record true, false or null.
    pub outcome: BooleanChunked,
    /// Fields it reads.
    pub fields: Vec<u16>,
    /// A score: the record has none where this is false.
    pub is_score: bool,
}

/// Assigns the tiers of `scheme` to the records of `table`, a table of its dataset.
///
/// # Errors
/// If a condition cannot be evaluated: a fault of the pack or of this program, never of the data.
pub fn assign(scheme: &Scheme, given: Given<'_>, table: &Table) -> Result<Assigned> {
    let dataset = given.datasets.get(scheme.on).context("the scheme's dataset")?;
    let plan = Plan::of(scheme, dataset, given)?;
    let results = plan.evaluate(table, given.units)?;
    let when = plan.when.map(|at| results.asked(at)).transpose()?;
    let keys = row_keys(&table.frame, dataset, &scheme.key)?;
    let repeated = repeated(&keys);
    let mut assigned = Assigned {
        tiers: start(when.as_ref(), &keys, &repeated, table.height()),
        ways: vec![0; table.height()],
        scores: Vec::new(),
        ranks: None,
        keeps: plan.keeps.iter().map(|at| at.map(|at| results.truth(at)).transpose()).collect::<Result<_>>()?,
        keys,
        repeated,
        asked: when.into_iter().collect(),
    };
    match &scheme.method {
        Method::Ways => {
            let ways = plan.ways.iter().map(|at| at.map(|at| results.asked(at)).transpose());
            let ways: Vec<Option<Asked>> = ways.collect::<Result<_>>()?;
            by_ways(scheme, &ways, &mut assigned);
            assigned.asked.extend(ways.into_iter().flatten());
        }
        Method::Points(score) => {
            set_scores(score, &plan, &results, &mut assigned)?;
            by_points(scheme, &mut assigned);
        }
        Method::Shares(score, how) => {
            set_scores(score, &plan, &results, &mut assigned)?;
            by_shares(scheme, how, dataset, table, &mut assigned)?;
        }
    }
    Ok(assigned)
}

/// The scores of all records; those of which it is not known cannot be classed.
fn set_scores(score: &Score, plan: &Plan<'_>, results: &Results<'_>, assigned: &mut Assigned) -> Result<()> {
    let known = if let Score::Card(factors) = score {
        let bands =
            plan.bands.iter().map(|bands| bands.iter().map(|at| results.asked(*at)).collect::<Result<Vec<_>>>());
        let bands: Vec<Vec<Asked>> = bands.collect::<Result<_>>()?;
        let (scores, known) = card::scores(factors, &bands, assigned.tiers.len());
        assigned.scores = scores;
        assigned.asked.extend(bands.into_iter().flatten());
        known
    } else {
        let (numbers, asked) = results.number(plan.value.context("the score's place")?)?;
        assigned.scores = match numbers.cont_slice() {
            Ok(numbers) => numbers.to_vec(),
            Err(_) => numbers.iter().map(Option::unwrap_or_default).collect(),
        };
        let known = asked.outcome.clone();
        assigned.asked.push(asked);
        known
    };
    if known.null_count() == 0 && known.all() {
        return Ok(());
    }
    for (tier, known) in assigned.tiers.iter_mut().zip(known.iter()) {
        if *tier == START && known != Some(true) {
            *tier = UNDECIDED;
        }
    }
    Ok(())
}

/// Not decided yet.
const START: u8 = u8::MAX - 2;

/// Who is to be classed at all: a record outside the scheme is not, nor is one whose key is blank or not its own.
fn start(when: Option<&Asked>, keys: &StringChunked, repeated: &BTreeMap<u32, u32>, height: usize) -> Vec<u8> {
    let mut tiers = match when {
        None => vec![START; height],
        Some(when) => when
            .outcome
            .iter()
            .map(|applies| match applies {
                Some(true) => START,
                Some(false) => OUTSIDE,
                None => UNDECIDED,
            })
            .collect(),
    };
    let mut undecided = |at: usize| {
        if let Some(tier) = tiers.get_mut(at).filter(|tier| **tier == START) {
            *tier = UNDECIDED;
        }
    };
    if keys.null_count() > 0 {
        keys.iter().enumerate().filter(|(_, key)| key.is_none()).for_each(|(at, _)| undecided(at));
    }
    for at in repeated.keys() {
        undecided(*at as usize);
    }
    tiers
}

/// The records whose key others have too. Blank keys are not compared.
///
/// Otherwise one pass over a table of places: a place holds a record with a part of its hash, so that other keys are looked at only
/// where that part is equal.
fn repeated(keys: &StringChunked) -> BTreeMap<u32, u32> {
    // Exports are mostly in the order of their keys: one comparison for each tells that none is repeated.
    if keys.null_count() == 0 && keys.iter().is_sorted_by(|one, other| one < other) {
        return BTreeMap::new();
    }
    let size = (keys.len() * 2).next_power_of_two().max(2);
    let mut places = vec![0_u64; size];
    // By the first record of a key those that follow.
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let all = keys.downcast_iter().flat_map(|chunk| chunk.iter());
    for (record, key) in (0_u32..).zip(all) {
        let Some(key) = key else { continue };
        let hash = hash(key.as_bytes());
        let entry = (hash & !LOW) | (u64::from(record) + 1);
        let mut at = usize::try_from(hash & LOW).unwrap_or(0) & (size - 1);
        while let Some(place) = places.get_mut(at) {
            if *place == 0 {
                *place = entry;
                break;
            }
            let other = u32::try_from((*place & LOW) - 1).unwrap_or(0);
            if *place & !LOW == entry & !LOW && keys.get(other as usize) == Some(key) {
                groups.entry(other).or_default().push(record);
                break;
            }
            at = (at + 1) & (size - 1);
        }
    }
    let mut found = BTreeMap::new();
    for (first, others) in groups {
        let count = u32::try_from(others.len() + 1).unwrap_or(u32::MAX);
        found.extend(std::iter::once(first).chain(others).map(|record| (record, count)));
    }
    found
}

/// The half of a place that holds the record.
const LOW: u64 = 0xFFFF_FFFF;

/// A quick hash: eight bytes at a time, each mixed in by a multiplication.
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
        state ^= state >> 32;
    }
    state
}

fn by_ways(scheme: &Scheme, asked: &[Option<Asked>], assigned: &mut Assigned) {
    // Whole words of bits at a time; only where something is decided records are looked at one by one.
    let mut open = from_flags(assigned.tiers.iter().map(|tier| *tier == START));
    let mut way = 0_u8;
    let mut decide = |bits: &BooleanChunked, tier: u8, way: u8| {
        for record in indexes(bits) {
            let at = record as usize;
            if let (Some(own), Some(own_way)) = (assigned.tiers.get_mut(at), assigned.ways.get_mut(at)) {
                (*own, *own_way) = (tier, way);
            }
        }
    };
    for (index, tier) in (0_u8..).zip(&scheme.tiers) {
        // Who is in the tier by one of its ways is in it, whatever cannot be told of the others.
        let mut unknown: Option<BooleanChunked> = None;
        for _ in &tier.ways {
            let Some(Asked { outcome, .. }) = asked.get(usize::from(way)).and_then(Option::as_ref) else {
                decide(&open, index, way);
                return;
            };
            let yes = &open & &known(outcome, false);
            decide(&yes, index, way);
            open = &open & &!&yes;
            if outcome.null_count() > 0 {
                let null = outcome.is_null();
                unknown = Some(unknown.map_or_else(|| null.clone(), |others| &others | &null));
            }
            way = way.saturating_add(1);
        }
        if let Some(unknown) = unknown {
            let unknown = &open & &unknown;
            decide(&unknown, UNDECIDED, way);
            open = &open & &!&unknown;
        }
    }
    // No way was true and the last tier has a condition: there is no tier for it.
    decide(&open, UNDECIDED, way);
}

fn by_points(scheme: &Scheme, assigned: &mut Assigned) {
    for (tier, score) in assigned.tiers.iter_mut().zip(&assigned.scores).filter(|(tier, _)| **tier == START) {
        let reached = scheme.tiers.iter().position(|tier| tier.bound.is_none_or(|bound| *score >= bound));
        *tier = reached.and_then(|index| u8::try_from(index).ok()).unwrap_or(UNDECIDED);
    }
}

fn by_shares(scheme: &Scheme, how: &Cut, dataset: &Dataset, table: &Table, assigned: &mut Assigned) -> Result<()> {
    let height = table.height();
    let within = if how.within.is_empty() { None } else { Some(row_keys(&table.frame, dataset, &how.within)?) };
    let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    if within.is_none() {
        let records = (0_u32..).zip(&assigned.tiers).filter(|(_, tier)| **tier == START).map(|(record, _)| record);
        groups.insert("", records.collect());
    }
    if let Some(within) = &within {
        for ((record, tier), group) in (0_u32..).zip(&mut assigned.tiers).zip(within.iter()) {
            match group {
                _ if *tier != START => {}
                Some(group) => groups.entry(group).or_default().push(record),
                None => *tier = UNDECIDED,
            }
        }
        assigned.asked.push(Asked { outcome: within.is_not_null(), fields: how.within.clone(), is_score: true });
    }
    let shares: Vec<i128> = scheme.tiers.iter().map(|tier| tier.bound.unwrap_or_default()).collect();
    let mut ranks = Ranks::new(if within.is_some() { height } else { 0 });
    for records in groups.values() {
        let score = |record: &u32| assigned.scores.get(*record as usize).copied().unwrap_or_default();
        let scores: Vec<i128> = records.iter().map(score).collect();
        for (record, own) in records.iter().zip(cut::cut(&scores, &shares, how)) {
            if let Some(tier) = assigned.tiers.get_mut(*record as usize) {
                *tier = own;
            }
        }
        ranks.add(records, scores);
    }
    assigned.ranks = Some(ranks);
    Ok(())
}
