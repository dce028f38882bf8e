//! A job: one institution, one period, the files handed in for it, the roster of units and the calendar of deadlines.
//!
//! Knows nothing of rules and findings.

mod calendar;
pub mod icalendar;
mod load;
mod outputs;
mod period;
pub mod receipts;
pub mod submission;

pub use calendar::{Calendar, MissingYear};
pub use load::{JOB_FILE, read_job};
pub use outputs::{Outputs, Signers};
pub use period::{NoPeriod, Period};

use std::{collections::BTreeMap, path::PathBuf};

use crate::pack::Literal;

/// A job, read from a job file and checked.
#[derive(Clone, Debug)]
pub struct Job {
    /// The job file.
    pub path: PathBuf,
    /// Name of the pack.
    pub pack: String,
    /// Folder with packs that overrides those in the binary.
    pub rules: Option<PathBuf>,
    /// Period.
    pub period: Period,
    /// The institution.
    pub institution: Institution,
    /// Folder with the files handed in.
    pub input: PathBuf,
    /// File with the roster of units.
    pub roster: PathBuf,
    /// File with the receipts: unit, file, time, channel.
    pub receipts: Option<PathBuf>,
    /// Job file of the prior period.
    pub prior: Option<PathBuf>,
    /// Parameters the job sets.
    pub params: BTreeMap<String, Literal>,
    /// File with the working-day calendar, if not the one in the binary.
    pub calendar: Option<PathBuf>,
    /// Name of the environment variable that holds the password of encrypted workbooks.
    pub password_env: Option<String>,
    /// Reports and submission files.
    pub outputs: Outputs,
}

/// The institution that reports.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Institution {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A unit of the roster.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// Code, unique.
    pub code: String,
    /// Name.
    pub name: String,
    /// The named person who reports.
    pub officer: String,
    /// Since when that person reports, as the roster says.
    pub officer_since: String,
    /// The record of the handover to that person, as the roster says.
    pub handover: String,
    /// The person who reviews.
    pub reviewer: String,
    /// Telephone.
    pub phone: String,
    /// It is the institution itself, which hands in the roster, and no unit of it.
    pub institution: bool,
}
