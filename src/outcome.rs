//! The outcome of a run, as the outputs need it: values only, no steps.

use chrono::{NaiveDate, NaiveDateTime};

use crate::{
    finding::{Finding, RuleCount},
    ingest::Intake,
    job::{Job, Unit},
    ledger::Repeat,
    overlay::Overlay,
    pack::RulePack,
    resubmission::Compared,
};

/// Everything a run found.
#[derive(Debug)]
pub struct Outcome {
    /// The job.
    pub job: Job,
    /// The pack in force for the job's period.
    pub pack: RulePack,
    /// The units of the roster in its order; last the institution itself, which hands in the roster.
    pub units: Vec<Unit>,
    /// What was read. Records of all units stand in one table for each dataset.
    pub intake: Intake,
    /// Findings, ordered by unit, file, sheet, row, column and rule id.
    pub findings: Vec<Finding>,
    /// For each finding the unit it belongs to: index into `units`.
    pub finding_units: Vec<usize>,
    /// For each finding what earlier periods saw of it, by the ledger; empty without a ledger.
    pub repeats: Vec<Option<Repeat>>,
    /// What each rule did, in the order of the pack's rules.
    pub counts: Vec<RuleCount>,
    /// How each unit stands, in the order of `units`.
    pub standings: Vec<Standing>,
    /// The period's deadlines.
    pub deadlines: Deadlines,
    /// What units changed that handed in again: in the order of the roster.
    pub compared: Vec<Compared>,
    /// What was corrected, and by what the records handed in are known again.
    pub overlay: Overlay,
}

/// How one unit stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Indexes of its files in `Outcome::intake.files`.
    pub files: Vec<usize>,
    /// When its last file was received, if a receipt says so.
    pub received: Option<NaiveDateTime>,
    /// Submitted in time?
    pub timeliness: Timeliness,
    /// Records read.
    pub records: u64,
    /// Records with at least one finding.
    pub flagged: u64,
    /// Findings of severity error.
    pub errors: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// Findings of severity info.
    pub infos: u64,
}

/// Whether a unit submitted in time (Articles 12 and 16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timeliness {
    /// Received by the end of the fourth working day.
    OnTime,
    /// Received after it.
    Late,
    /// Nothing received.
    #[default]
    Missing,
    /// Files are there but no receipt says when they came.
    NoReceipt,
}

/// The deadlines of a period, by working days after its last day (Articles 16 and 21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Deadlines {
    /// T+4, end of day: units hand in.
    pub submission: NaiveDate,
    /// T+5, 12:00: units hand in again after corrections.
    pub correction: NaiveDate,
    /// T+7: the union reports to the regulator.
    pub report: NaiveDate,
}
