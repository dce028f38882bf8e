//! Reports as data: definitions of workbooks for the union and the regulator, and what they show of a run.
//!
//! A definition (`reports/*.toml`) names queries over the tables of the `catalog`; [`load_reports`] proves it before
//! anything is read, `evaluate` runs it. Drawing is `workbook`'s, the order of steps `run`'s.

pub mod catalog;
pub mod evaluate;
mod html;
pub mod lineage;
mod load;
pub mod model;
pub mod origin;
pub mod query;
pub(crate) mod read;
pub mod tables;
mod titles;
pub mod trace;
pub mod value;

pub use html::write_html;
pub use load::{load_reports, read_folder};
pub(crate) use read::word;
pub use tables::{DerivedRecords, DerivedTables, Material, Total, derive_tables, fill, read_totals};
