//! baosong (报送): checks the spreadsheets branches of a rural credit union export and prepares the regulator's
//! submission.
//!
//! The data goes one way: submission files are read into [`table::Table`]s (`ingest`), a rule pack (`pack`) is
//! evaluated on them (`check`), and the findings become workbooks and lists (`workbook`, `listing`).
//! [`run`] is the only module that knows the order of these steps.

pub mod cadence;
pub mod check;
pub mod cli;
pub mod commands;
pub mod derive;
pub mod digest;
pub mod feedback;
pub mod finding;
pub mod fix;
pub mod identifier;
pub mod ingest;
pub mod job;
pub mod ledger;
pub mod listing;
pub mod message;
pub mod new_files;
pub mod outcome;
pub mod overlay;
pub mod pack;
pub mod problem;
pub mod profile;
pub mod report;
pub mod resubmission;
pub mod run;
pub mod schedule;
pub mod submission;
pub mod table;
pub mod template;
pub mod terminal;
pub mod text;
pub mod tier;
pub mod toml_text;
pub mod workbook;
