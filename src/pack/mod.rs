//! Rule packs: what is checked, as data. [`RulePack`] is a pack known to be good.
//!
//! Knows nothing of files handed in, of findings or of workbooks.

pub mod clauses;
mod completeness;
mod derived;
pub mod describe;
pub mod examples;
mod expand;
pub mod functions;
pub mod load;
mod model;
mod params;
mod rules;
pub mod schema;
mod schemes;
pub mod sql;

pub use clauses::Clause;
pub use completeness::{Completeness, Part};
pub use derived::DerivedCheck;
pub use load::{Request, common_files, load_pack, pack_names};
pub(crate) use load::{choose, read_source};
pub use model::*;
pub use rules::placeholders;
pub(crate) use rules::{dataset_index, field_of, report};
