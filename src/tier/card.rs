//! Score cards: the points of the first true band of each factor, weighted.

use polars::prelude::{BooleanChunked, NewChunkedArray};

use super::{assign::Asked, model::Factor};

/// For each record the score, with [`super::model::SCORE_SCALE`] places, and whether it is known: a band that cannot be
/// told before one that is true leaves it unknown.
pub fn scores(factors: &[Factor], bands: &[Vec<Asked>], height: usize) -> (Vec<i128>, BooleanChunked) {
    let mut scores = vec![0_i128; height];
    let mut known = vec![true; height];
    for (factor, own) in factors.iter().zip(bands) {
        let mut open = vec![true; height];
        for ((_, points), asked) in factor.bands.iter().zip(own) {
            let gain = factor.weight * i128::from(*points);
            for (((score, known), open), outcome) in
                scores.iter_mut().zip(&mut known).zip(&mut open).zip(asked.outcome.iter())
            {
                if !*open {
                    continue;
                }
                match outcome {
                    Some(true) => {
                        *score += gain;
                        *open = false;
                    }
                    Some(false) => {}
                    None => {
                        *known = false;
                        *open = false;
                    }
                }
            }
        }
    }
    (scores, BooleanChunked::from_slice("known".into(), &known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{message::decimal_text, text::Text, tier::model::SCORE_SCALE};

    fn factor(weight: i128, points: &[u32]) -> Factor {
        Factor {
            id: String::new(),
            title: Text::default(),
            weight: weight * 1_000_000,
            bands: points.iter().map(|points| (String::new(), *points)).collect(),
        }
    }

    fn outcome(values: &[Option<bool>]) -> Asked {
        Asked { outcome: values.iter().copied().collect(), fields: Vec::new(), is_score: false }
    }

    /// 60 % of 100 and 40 % of 50 are 80; 60 % of 40 are 24; a blank in the second factor leaves the third unknown.
    #[test]
    fn points_are_weighted_and_blanks_leave_the_score_open() {
        let (yes, no) = (Some(true), Some(false));
        let factors = [factor(60, &[100, 40]), factor(40, &[50])];
        let bands = [vec![outcome(&[yes, no, yes]), outcome(&[yes, yes, None])], vec![outcome(&[yes, no, None])]];
        let (scores, known) = scores(&factors, &bands, 3);
        let texts: Vec<_> = scores.iter().map(|score| decimal_text(*score, SCORE_SCALE)).collect();
        assert_eq!(texts[..2], ["80", "24"]);
        assert_eq!(known.iter().collect::<Vec<_>>(), [yes, yes, no]);
    }
}
