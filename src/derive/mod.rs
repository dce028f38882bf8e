//! What follows from the records taken together: exposures against limits, connected groups of customers, guarantee
//! circles, the change against the prior period, and names that are nearly the same.
//!
//! Functions from values to values. [`Portfolio`] borrows typed rows from the tables, [`Directory`] numbers the
//! customers, and everything else is computed from these two. Nothing here reads files, stores anything or knows how
//! results are shown, and no result depends on the order of records: customers are numbered by their code, parties
//! outside by their document or name.
//!
//! Records from which something cannot be derived are counted, never guessed: each result says what it left out.

pub mod amount;
pub mod bridge;
pub mod changes;
pub mod circles;
mod derived;
mod directory;
pub mod exposure;
pub mod groups;
pub mod limits;
mod loans;
pub mod names;
mod party;
mod portfolio;
pub mod relation;
pub mod scope;
mod settings;
pub mod splitting;

pub use derived::{Comparison, Derived, Records, possible};
pub use directory::{CustomerId, Directory};
pub use loans::{Loan, Loans, Papers, Used};
pub use party::{Document, Evidence};
pub use portfolio::{Affiliate, Customer, Guarantee, Origin, Portfolio, Shareholder};
pub use settings::Settings;
