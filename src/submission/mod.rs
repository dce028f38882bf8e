//! The file for the regulator: gather, report, table, record, cell, as a template says.
//!
//! A template (`templates/*.toml`) names the queries and the order of cells, because parts of the official layout are
//! not published; the nesting and the encoding are the program's. Templates use the tables of `report`. Knows nothing of
//! workbooks and of the order of a run's steps.

mod load;
mod model;
mod write;

pub use load::load_templates;
pub use model::{Cell, Part, Record, Template};
pub use write::{Written, write_submission};
