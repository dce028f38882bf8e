//! Rule packs: what is checked, as data. [`RulePack`] is a pack known to be good.
//!
//! Knows nothing of files handed in, of findings or of workbooks.

mod model;

pub use model::*;
