//! Workbooks that come back from units become corrections, explanations and declarations, and each finding gets a verdict.
//!
//! A workbook is read into what was issued and what was filled in (`book`), matched with the tables of now (`take`), and
//! judged by a second check on the tables with the corrected values (`judge`). Knows neither how corrections are kept nor
//! the order of a run's steps. Nothing is matched by row numbers: findings are known by their fingerprint, records by their
//! mark, cells by their heading.

mod book;
mod issued;
mod judge;
mod matcher;
mod refusal;
mod suspicion;
mod take;
#[cfg(test)]
mod tests;

pub use book::{Answer, Book, Edit, Expected, Treatment, read_book};
pub use issued::{Issued, IssuedFinding, IssuedSheet};
pub use judge::{Judged, Verdict, judge};
pub use refusal::{Refused, Remark, same_file};
pub use take::{Change, FindingAnswer, Intent, Options, Taken, Unflagged, take};
