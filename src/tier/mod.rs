//! The quarterly tiers of customers: which tier each one is in, why, and what has changed since the quarter before.
//!
//! A scheme (`tiers.toml` of a pack) is assigned to a table (`assign`), what was before, minimum stays and decisions by
//! people are laid over it (`settle`), and the result is put into words (`words`) and counted (`migration`). Functions
//! from values to values: nothing here knows how files are read, where tiers are kept or what a workbook looks like.

mod assign;
mod card;
mod cut;
pub mod examples;
mod migration;
mod missing;
mod model;
mod overrides;
mod plan;
mod quarter;
mod read;
mod read_examples;
mod read_method;
mod result;
mod settings;
mod settle;
#[cfg(test)]
mod tests;
mod words;

pub use assign::{Assigned, Given, OUTSIDE, UNDECIDED, assign};
pub use migration::{Migration, Moves, Side};
pub use missing::{Lack, lack};
pub use model::{Cut, Factor, Keep, Method, Rounding, Scheme, SchemeExample, SchemeRow, Score, Tier, Ties, Way};
pub use overrides::{Override, OverrideState, Overrides, Place, read_overrides};
pub use plan::evaluate_conditions;
pub use quarter::{Basis, quarter_of, quarters_between};
pub use read::{SchemeScope, read_schemes};
pub use result::{Member, Roll, Tiering};
pub use settings::{Settings, read_settings};
pub use settle::{Before, Change, Held, Previous, Settled, key_hash, key_hashes, settle};
pub use words::Words;
