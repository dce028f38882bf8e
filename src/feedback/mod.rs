//! The list of errors the regulator returns (Article 21): read by a mapping of its columns, each line tied to the record
//! and the findings it is about, and told apart by whether we had found it too.
//!
//! Knows tables and packs, and is handed what the ledger knows; stores nothing itself.

mod list;
mod mapping;
#[cfg(test)]
mod tests;
mod tie;

pub use list::{LeftOut, Line, List, read_list};
pub use mapping::{Column, Mapping};
pub use tie::{Known, Outcome, Place, Tied, Ties};
