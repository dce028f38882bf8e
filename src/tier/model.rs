//! What a scheme of tiers is once it is known to be good. Nothing here reads files or evaluates anything.

use std::collections::BTreeSet;

use crate::{
    pack::{Source, examples::Row},
    text::Text,
};

/// Decimal places scores and their bounds are held with.
pub const SCORE_SCALE: usize = 8;

/// Most tiers of a scheme: they are told apart by a byte, of which two values have another meaning.
pub const MOST_TIERS: usize = 200;

/// An ordered list of tiers and how records come into them.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// Name, unique in the pack.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Index of the dataset whose records are customers.
    pub on: usize,
    /// Fields that together name a customer.
    pub key: Vec<u16>,
    /// Field with the customer's name.
    pub name: Option<u16>,
    /// Field with the person who looks after the customer.
    pub manager: Option<u16>,
    /// Amount field shown and summed in the migration.
    pub amount: Option<u16>,
    /// Fields shown beside the tier: the figures used.
    pub figures: Vec<u16>,
    /// Which records are classed, SQL; all without it.
    pub when: Option<String>,
    /// How records come into tiers.
    pub method: Method,
    /// The tiers, highest first.
    pub tiers: Vec<Tier>,
    /// Quarters a customer stays in a tier before it may go down.
    pub stay_down: u32,
    /// Quarters a customer stays in a tier before it may go up.
    pub stay_up: u32,
    /// Parameters its conditions and bounds read.
    pub params: BTreeSet<String>,
    /// Where it comes from.
    pub source: Source,
    /// Records that show it.
    pub examples: Vec<SchemeExample>,
    /// File and line it stands in.
    pub place: String,
}

/// How records come into tiers.
#[derive(Clone, Debug)]
pub enum Method {
    /// The first way of the tiers, top down, whose condition is true.
    Ways,
    /// The first tier whose bound the score reaches.
    Points(Score),
    /// By the score's rank: each tier takes its share of the records.
    Shares(Score, Cut),
}

/// What is ranked or compared.
#[derive(Clone, Debug)]
pub enum Score {
    /// A number, SQL.
    Value(String),
    /// The weighted sum of the points of factors.
    Card(Vec<Factor>),
}

impl Method {
    /// The score, if there is one.
    pub fn score(&self) -> Option<&Score> {
        match self {
            Method::Ways => None,
            Method::Points(score) | Method::Shares(score, _) => Some(score),
        }
    }
}

/// A line of a score card.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Weight in per cent, with [`SCORE_SCALE`] minus two decimal places: `points × weight` is then a score.
    pub weight: i128,
    /// Conditions (SQL) with their points, of which the first that is true counts; none gives no points.
    pub bands: Vec<(String, u32)>,
}

/// How ranks are cut into shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What becomes of shares that are no whole number of records.
    pub rounding: Rounding,
    /// Where records of equal score at a border go.
    pub ties: Ties,
    /// Each combination of these fields is ranked on its own.
    pub within: Vec<u16>,
}

/// What becomes of shares that are no whole number of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Largest remainder: whole parts first, what is left over to the largest fractions, the higher tier first.
    #[default]
    LargestRemainder,
    /// The border between two tiers is rounded up, so that the higher tier gains.
    Up,
    /// The border between two tiers is rounded down.
    Down,
}

/// Where records of equal score at a border go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Ties {
    /// All into the higher tier.
    #[default]
    Up,
    /// All into the lower tier.
    Down,
}

/// A tier.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Name, such as `A`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// The ways into it ([`Method::Ways`]); the first that is true gives the reason.
    pub ways: Vec<Way>,
    /// Lowest score ([`Method::Points`]) with [`SCORE_SCALE`] places, none for all others; or the share in per cent
    /// ([`Method::Shares`]) with [`SCORE_SCALE`] places.
    pub bound: Option<i128>,
    /// Why a record is in it, where a score decides.
    pub reason: Option<Text>,
    /// Until when a customer that is in it stays although another tier would be due.
    pub keep: Option<Keep>,
}

/// A way into a tier.
#[derive(Clone, Debug)]
pub struct Way {
    /// The condition, SQL; none for all others.
    pub when: Option<String>,
    /// Why, with `{placeholders}`.
    pub reason: Text,
}

/// Until when a customer stays in its tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// While this is true, SQL.
    When(String),
    /// While the score is no lower; of shares, while the rank is within so many per cent from the top.
    Bound(i128),
}

/// Records with the tiers they come into.
#[derive(Clone, Debug, Default)]
pub struct SchemeExample {
    /// The records of the dataset.
    pub rows: Vec<SchemeRow>,
    /// File and line.
    pub place: String,
}

/// A record of an example.
#[derive(Clone, Debug, Default)]
pub struct SchemeRow {
    /// Its values.
    pub values: Row,
    /// Index of the tier it comes into; none if it cannot be classed.
    pub expect: Option<usize>,
    /// The tier it was in, by index, and for how many quarters.
    pub was: Option<(usize, u32)>,
}

impl Scheme {
    /// The tier at `index`.
    pub fn tier(&self, index: u8) -> Option<&Tier> {
        self.tiers.get(usize::from(index))
    }

    /// Index of the tier called `id`.
    pub fn tier_index(&self, id: &str) -> Option<u8> {
        self.tiers.iter().position(|tier| tier.id == id).and_then(|index| u8::try_from(index).ok())
    }
}
