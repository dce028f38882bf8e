//! Cutting a ranking into shares: how many records each tier takes, and what becomes of equal scores at a border.
//!
//! Knows scores and shares only. The order of the records makes no difference.

use std::sync::OnceLock;

use rayon::prelude::ParallelSliceMut as _;

use super::model::{Cut, Rounding, SCORE_SCALE, Ties};

/// One hundred per cent with [`SCORE_SCALE`] places.
pub const WHOLE: i128 = 10_000_000_000;
const _: () = assert!(SCORE_SCALE == 8);

/// How many of `count` records belong to each tier and those above it, by shares in per cent that add up to 100.
pub fn borders(count: usize, shares: &[i128], rounding: Rounding) -> Vec<usize> {
    let total = i128::try_from(count).unwrap_or(i128::MAX / WHOLE);
    let size = |number: i128| usize::try_from(number).unwrap_or(count).min(count);
    if rounding != Rounding::LargestRemainder {
        let mut sum = 0;
        return shares
            .iter()
            .map(|share| {
                sum += share;
                let exact = total * sum;
                let up = i128::from(rounding == Rounding::Up && exact % WHOLE != 0);
                size(exact / WHOLE + up)
            })
            .collect();
    }
    let mut sizes: Vec<i128> = shares.iter().map(|share| total * share / WHOLE).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    // The sort is stable: of equal remainders the higher tier comes first.
    order.sort_by_key(|index| std::cmp::Reverse(total * shares[*index] % WHOLE));
    let left = total - sizes.iter().sum::<i128>();
    for index in order.into_iter().take(size(left)) {
        sizes[index] += 1;
    }
    let mut sum = 0;
    sizes
        .into_iter()
        .map(|own| {
            sum += own;
            size(sum)
        })
        .collect()
}

/// For each score the index of its tier.
pub fn cut(scores: &[i128], shares: &[i128], how: &Cut) -> Vec<u8> {
    // Nearly all scores fit into half the memory, which has to be gone through several times.
    match scores.iter().map(|score| i64::try_from(*score).ok()).collect::<Option<Vec<i64>>>() {
        Some(scores) => cut_numbers(&scores, shares, how),
        None => cut_numbers(scores, shares, how),
    }
}

fn cut_numbers<T: Ord + Copy>(scores: &[T], shares: &[i128], how: &Cut) -> Vec<u8> {
    let mut ranked = scores.to_vec();
    let last = shares.len().saturating_sub(1);
    // Whoever is in no other tier is in the last.
    let mut lowest = Vec::new();
    for border in borders(scores.len(), shares, how.rounding).into_iter().take(last) {
        lowest.push(lowest_of(&mut ranked, border, how.ties));
    }
    let tier = |score: &T| {
        let found = lowest.iter().position(|bound| bound.is_some_and(|bound| *score >= bound)).unwrap_or(last);
        u8::try_from(found).unwrap_or(u8::MAX)
    };
    scores.iter().map(tier).collect()
}

/// The lowest score above a border; none if nothing is above it.
fn lowest_of<T: Ord + Copy>(ranked: &mut [T], border: usize, ties: Ties) -> Option<T> {
    let last = border.checked_sub(1)?;
    if last >= ranked.len() {
        return None;
    }
    let by_rank = |one: &T, other: &T| other.cmp(one);
    let (above, at, below) = ranked.select_nth_unstable_by(last, by_rank);
    let at = *at;
    if ties == Ties::Up || below.iter().all(|score| *score < at) {
        return Some(at);
    }
    // Those equal to the last do not all fit: they go down together.
    above.iter().filter(|score| **score > at).min().copied()
}

/// The ranks of records. They are sorted when the first is asked for.
#[derive(Debug, Default)]
pub struct Ranks {
    /// The scores of each group, as they were added.
    groups: Vec<Vec<i128>>,
    /// The same from the highest down.
    sorted: OnceLock<Vec<Vec<i128>>>,
    /// For each record its group; empty if there is one group only.
    group_of: Vec<u32>,
}

impl Ranks {
    /// No ranks yet, for `height` records in several groups, or 0 if all are in one.
    pub fn new(height: usize) -> Self {
        Self { group_of: vec![0; height], ..Self::default() }
    }

    /// Adds a group of records with their scores.
    pub fn add(&mut self, records: &[u32], scores: Vec<i128>) {
        let group = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        if !self.group_of.is_empty() {
            for record in records {
                if let Some(own) = self.group_of.get_mut(*record as usize) {
                    *own = group;
                }
            }
        }
        self.groups.push(scores);
    }

    /// The position of a record with this score, from 1, and how many are ranked with it. Records of equal score have
    /// the same position.
    pub fn position(&self, record: u32, score: i128) -> (usize, usize) {
        let group = self.group_of.get(record as usize).copied().unwrap_or(0);
        let sorted = self.sorted.get_or_init(|| {
            let mut groups = self.groups.clone();
            for scores in &mut groups {
                scores.par_sort_unstable_by(|one, other| other.cmp(one));
            }
            groups
        });
        let scores = sorted.get(group as usize).map(Vec::as_slice).unwrap_or_default();
        (scores.partition_point(|other| *other > score) + 1, scores.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(percent: &[i128]) -> Vec<i128> {
        percent.iter().map(|share| share * WHOLE / 100).collect()
    }

    fn sizes(count: usize, percent: &[i128], rounding: Rounding) -> Vec<usize> {
        let borders = borders(count, &shares(percent), rounding);
        (0..borders.len())
            .map(|index| borders[index] - index.checked_sub(1).map_or(0, |before| borders[before]))
            .collect()
    }

    /// By hand: seven customers are 1.4, 2.8 and 2.8; the whole parts 1, 2 and 2 leave two, which go to .8 and .8.
    #[test]
    fn shares_are_rounded_by_the_largest_remainder() {
        let own = |count| sizes(count, &[20, 40, 40], Rounding::LargestRemainder);
        assert_eq!(own(10), [2, 4, 4]);
        assert_eq!(own(7), [1, 3, 3]);
        // 0.6, 1.2 and 1.2: the one left over goes to .6.
        assert_eq!(own(3), [1, 1, 1]);
        // 1.6, 3.2, 3.2.
        assert_eq!(own(8), [2, 3, 3]);
        // 0.2, 0.4, 0.4: equal remainders, the higher tier first.
        assert_eq!(own(1), [0, 1, 0]);
        assert_eq!(own(0), [0, 0, 0]);
        assert_eq!(sizes(7, &[20, 40, 40], Rounding::Up), [2, 3, 2]);
        assert_eq!(sizes(7, &[20, 40, 40], Rounding::Down), [1, 3, 3]);
    }

    fn tiers(scores: &[i128], percent: &[i128], ties: Ties) -> Vec<u8> {
        let how = Cut { rounding: Rounding::LargestRemainder, ties, within: Vec::new() };
        cut(scores, &shares(percent), &how)
    }

    #[test]
    fn equal_scores_at_a_border_stay_together() {
        let scores = [90, 80, 80, 80, 50, 40, 30, 20, 10, 0];
        // Two are to be A; the second has 80 points, as have two more.
        assert_eq!(tiers(&scores, &[20, 40, 40], Ties::Up), [0, 0, 0, 0, 1, 1, 2, 2, 2, 2]);
        assert_eq!(tiers(&scores, &[20, 40, 40], Ties::Down), [0, 1, 1, 1, 1, 1, 2, 2, 2, 2]);
        assert_eq!(tiers(&[5; 4], &[20, 40, 40], Ties::Up), [0; 4]);
        assert_eq!(tiers(&[5; 4], &[20, 40, 40], Ties::Down), [2; 4]);
        assert_eq!(tiers(&[], &[20, 40, 40], Ties::Up), [0; 0]);
    }

    #[test]
    fn the_order_of_records_makes_no_difference() {
        let scores: Vec<i128> = (0..101).map(|number| (number * 37) % 23).collect();
        let given = tiers(&scores, &[20, 40, 40], Ties::Up);
        let mut pairs: Vec<_> = scores.iter().zip(&given).collect();
        pairs.sort();
        let back: Vec<i128> = scores.iter().rev().copied().collect();
        let again = tiers(&back, &[20, 40, 40], Ties::Up);
        let mut others: Vec<_> = back.iter().zip(&again).collect();
        others.sort();
        assert_eq!(pairs, others);
    }
}
