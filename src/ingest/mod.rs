//! Files handed in become [`Table`]s, losing nothing. The only module that knows calamine and csv.
//!
//! Must not know rules, findings or workbooks to be written.

mod model;

pub use model::*;
