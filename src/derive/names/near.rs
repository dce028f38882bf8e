//! Pairs of texts that differ in one character, without comparing all with all.
//!
//! Two such texts become equal when one character is taken out of the longer, or of both. Every text is put under the
//! hash of each text it gives so; texts under one hash are compared. So the cost is that of the characters, and no
//! assumption on where names agree is needed.

use super::NameRules;

/// An odd number without structure: products modulo 2^64 lose nothing.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Characters that number or place one of several like organisations.
const NUMBERING: &str = "0123456789〇零一二三四五六七八九十百甲乙丙丁戊己庚辛壬癸东南西北";

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Near {
    /// Indexes of the two texts, the smaller first; ascending.
    pub pairs: Vec<(usize, usize)>,
    /// Pairs that differ in numbering only.
    pub numbered: u32,
    /// Blocks larger than the bound.
    pub crowded: u32,
}

/// Finds the pairs; `keys` are distinct.
pub(super) fn find(keys: &[&str], rules: NameRules) -> Near {
    let mut hashes: Vec<(u64, u32)> = Vec::new();
    let mut suffixes = Vec::new();
    let mut chars: Vec<char> = Vec::new();
    for (key, index) in keys.iter().zip(0_u32..) {
        chars.clear();
        chars.extend(key.chars());
        if chars.len() >= rules.shortest {
            push_hashes(&chars, index, &mut suffixes, &mut hashes);
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    let mut near = Near::default();
    let mut found: Vec<(u32, u32, bool)> = Vec::new();
    for block in hashes.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
        near.crowded += u32::from(block.len() > rules.block);
        let block = block.get(..rules.block).unwrap_or(block);
        for (at, (_, first)) in block.iter().enumerate() {
            for (_, second) in block.iter().skip(at + 1) {
                let text = |index: u32| keys.get(index as usize).copied().unwrap_or_default();
                if let Some(difference) = difference(text(*first), text(*second)) {
                    let numbering = difference.iter().flatten().all(|c| NUMBERING.contains(*c));
                    found.push((*first, *second, numbering));
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    for (first, second, numbering) in found {
        if numbering {
            near.numbered += 1;
        } else {
            near.pairs.push((first as usize, second as usize));
        }
    }
    near
}

/// The hash of the text, and of each text without one character.
fn push_hashes(chars: &[char], index: u32, suffixes: &mut Vec<(u64, u64)>, hashes: &mut Vec<(u64, u32)>) {
    // For each place the hash of what stands behind it, and the power that lifts what stands before it.
    suffixes.clear();
    let (mut hash, mut power) = (0_u64, 1_u64);
    for c in chars.iter().rev() {
        suffixes.push((hash, power));
        hash = value(*c).wrapping_mul(power).wrapping_add(hash);
        power = power.wrapping_mul(BASE);
    }
    hashes.push((hash, index));
    let mut prefix = 0_u64;
    for (c, (behind, power)) in chars.iter().zip(suffixes.iter().rev()) {
        hashes.push((prefix.wrapping_mul(*power).wrapping_add(*behind), index));
        prefix = prefix.wrapping_mul(BASE).wrapping_add(value(*c));
    }
}

fn value(c: char) -> u64 {
    u64::from(u32::from(c)) + 1
}

/// The characters two texts differ in, if it is one: of both if it is replaced, of one if it is missing in the other.
fn difference(a: &str, b: &str) -> Option<[Option<char>; 2]> {
    let (mut a, mut b) = (a.chars(), b.chars());
    let (first, second) = loop {
        match (a.next(), b.next()) {
            (None, None) => return None,
            (first, second) if first == second => {}
            differing => break differing,
        }
    };
    let rest_after = |c: Option<char>, rest: &std::str::Chars<'_>, other: &std::str::Chars<'_>| {
        c.is_some() && rest.clone().eq(c.into_iter().chain(other.clone()))
    };
    if first.is_some() && second.is_some() && a.as_str() == b.as_str() {
        return Some([first, second]);
    }
    // One character more in the first, or in the second; at the end the other is exhausted.
    if rest_after(second, &a, &b) || (second.is_none() && a.as_str().is_empty()) {
        return Some([first, None]);
    }
    (rest_after(first, &b, &a) || (first.is_none() && b.as_str().is_empty())).then_some([None, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_difference() {
        assert_eq!(difference("草原乳业", "草塬乳业"), Some([Some('原'), Some('塬')]));
        assert_eq!(difference("草原乳业", "草原业"), Some([Some('乳'), None]));
        assert_eq!(difference("草原", "草原乳"), Some([None, Some('乳')]));
        assert_eq!(difference("草原乳", "草原"), Some([Some('乳'), None]));
        assert_eq!(difference("原乳", "草原乳"), Some([None, Some('草')]));
        for (a, b) in
            [("草原", "草原"), ("草原乳业", "原草乳业"), ("草原", "草原乳业"), ("", "草原"), ("甲乙丙", "甲丁戊")]
        {
            assert_eq!(difference(a, b), None, "{a} {b}");
        }
    }

    #[test]
    fn all_pairs_are_found_that_comparing_all_with_all_finds() {
        // Texts of three characters out of four kinds: many neighbours.
        let mut keys = Vec::new();
        for length in [5_u32, 6] {
            for number in 0..3_u32.pow(length) {
                keys.push(
                    (0..length).map(|at| ['草', '原', '山'][(number / 3_u32.pow(at) % 3) as usize]).collect::<String>(),
                );
            }
        }
        keys.sort_unstable();
        let keys: Vec<&str> = keys.iter().step_by(7).map(String::as_str).collect();
        let mut expected = Vec::new();
        for (first, a) in keys.iter().enumerate() {
            for (second, b) in keys.iter().enumerate().skip(first + 1) {
                if strsim::levenshtein(a, b) == 1 {
                    expected.push((first, second));
                }
            }
        }
        assert!(!expected.is_empty());
        let near = find(&keys, NameRules { shortest: 1, block: 1_000 });
        assert_eq!(near, Near { pairs: expected, numbered: 0, crowded: 0 });
    }

    #[test]
    fn a_large_block_is_cut_and_said() {
        let keys = ["草原乳业有限公司", "草山乳业有限公司", "草海乳业有限公司", "草滩乳业有限公司"];
        let near = find(&keys, NameRules { shortest: 4, block: 3 });
        assert_eq!((near.pairs, near.crowded), (vec![(0, 1), (0, 2), (1, 2)], 1));
    }
}
