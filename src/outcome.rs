//! The outcome of a run, as the outputs need it: values only, no steps.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::{
    check::Share,
    finding::{Finding, RuleCount},
    ingest::Intake,
    job::{Job, Unit, receipts::Receipts},
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
    /// For each measure of completeness in the pack, the share of each unit, in the order of `units`.
    pub completeness: Vec<Vec<Share>>,
    /// How each unit stands, in the order of `units`.
    pub standings: Vec<Standing>,
    /// The period's deadlines; see [`Outcome::due`].
    pub deadlines: Deadlines,
    /// What units changed that handed in again: in the order of the roster.
    pub compared: Vec<Compared>,
    /// What was corrected, and by what the records handed in are known again.
    pub overlay: Overlay,
    /// The working days after the period up to the report, the last deadline.
    pub working_days: Vec<NaiveDate>,
    /// What came when and how.
    pub receipts: Receipts,
}

impl Outcome {
    /// The period's deadlines, if the pack's regulation sets any.
    pub fn due(&self) -> Option<&Deadlines> {
        (!self.pack.without_deadlines).then_some(&self.deadlines)
    }
}

/// How one unit stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Indexes of its files in `Outcome::intake.files`.
    pub files: Vec<usize>,
    /// When the last of its files was first received, if a receipt says so.
    pub received: Option<NaiveDateTime>,
    /// When a file of it last came again, if a receipt says so.
    pub resubmitted: Option<NaiveDateTime>,
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

impl Standing {
    /// Whether it handed in again by `deadline` what was to be corrected. What is still to be corrected is told by the
    /// files of this run: a unit that came again in time may have something left.
    pub fn resubmission(&self, deadlines: &Deadlines) -> Resubmission {
        match self.resubmitted {
            Some(time) if time <= deadlines.correction_time() => Resubmission::InTime,
            Some(_) => Resubmission::Late,
            None if !self.files.is_empty() && self.errors + self.warnings > 0 => Resubmission::Awaited,
            None => Resubmission::NotNeeded,
        }
    }
}

/// Whether a unit handed in again after corrections (Article 21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resubmission {
    /// There is nothing to correct or explain, or nothing was handed in to begin with.
    NotNeeded,
    /// Something is to be corrected or explained, and nothing came again.
    Awaited,
    /// Came again by 12:00 on the fifth working day.
    InTime,
    /// Came again after it.
    Late,
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

impl Deadlines {
    /// The moment corrections are due: noon of the fifth working day (Article 21).
    pub fn correction_time(&self) -> NaiveDateTime {
        self.correction.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_are_due_at_noon() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let deadlines =
            Deadlines { submission: day("2026-11-05"), correction: day("2026-11-06"), report: day("2026-11-10") };
        let standing = |resubmitted: Option<&str>, warnings| Standing {
            files: vec![0],
            resubmitted: resubmitted.map(|time| time.parse().expect("a time")),
            warnings,
            ..Standing::default()
        };
        for (again, warnings, expected) in [
            (None, 0, Resubmission::NotNeeded),
            (None, 1, Resubmission::Awaited),
            (Some("2026-11-06T12:00:00"), 1, Resubmission::InTime),
            (Some("2026-11-06T12:00:01"), 0, Resubmission::Late),
        ] {
            assert_eq!(standing(again, warnings).resubmission(&deadlines), expected, "{again:?} {warnings}");
        }
        assert_eq!(Standing { files: vec![], ..standing(None, 1) }.resubmission(&deadlines), Resubmission::NotNeeded);
    }
}
