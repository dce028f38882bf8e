//! Contacts that have to recur, or to follow an event: who is due when, what is overdue and by how much.
//!
//! A cadence (`cadence.toml` of a pack) names customers, an interval and the log in which contacts stand; [`evaluate`]
//! gives a line for each customer. Functions from values to values: nothing here knows files or workbooks.

mod due;
mod evaluate;
mod model;
mod read;
mod reminder;
#[cfg(test)]
mod tests;

pub use due::{Calendars, Finding, State, find};
pub use evaluate::{Agenda, Item, TierOf, evaluate};
pub use model::{Cadence, Done, Log, Span, Timing, Turn, Wait};
pub use read::read_cadences;
pub use reminder::reminders;

/// Days ahead that are shown as due soon.
pub const AHEAD: u64 = 30;
