//! The summary of a run for the institution: who has submitted, what was found, and whether the figures balance.
//!
//! Personal data of customers does not appear in it.

mod completeness;
mod corrections;
mod deadlines;
mod files;
mod names;
mod overview;
mod receipts;
mod resubmitted;
mod rules;
mod skipped;
#[cfg(test)]
mod tests;
mod units;

use std::{collections::BTreeSet, fs::File, io::BufWriter, path::Path};

use anyhow::{Context, Result};

use super::new_workbook;
use crate::{
    finding::{Place, Severity},
    outcome::Outcome,
    text::Lang,
};

/// Figures several sheets show.
struct Figures {
    /// Records by the count kept while the sheets were read.
    records: u64,
    /// Records in the tables without a finding.
    clean: u64,
    /// Records in the tables with at least one finding.
    flagged: u64,
    /// Files given to the run.
    files: u64,
    /// Files read without trouble.
    read: u64,
    /// Files of which nothing, or not everything, could be read.
    unreadable: u64,
    /// Findings by severity.
    findings: [u64; 3],
}

/// Writes the summary of a run to `path`. The same outcome gives the same bytes.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_summary(outcome: &Outcome, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the summary workbook";
    let figures = Figures::new(outcome);
    let title = format!("{} {}", outcome.job.institution.name, outcome.job.period);
    let mut workbook = new_workbook(outcome, &title);
    overview::write(&mut workbook, outcome, &figures, &title, lang).with_context(context)?;
    units::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    if outcome.due().is_some() {
        deadlines::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    }
    receipts::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    rules::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    completeness::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    files::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    skipped::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    corrections::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    resubmitted::write(&mut workbook, outcome, &title, lang).with_context(context)?;
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}

impl Figures {
    fn new(outcome: &Outcome) -> Self {
        let files = &outcome.intake.files;
        let unreadable = files.iter().filter(|file| file.unreadable.is_some()).count() as u64;
        let records = files.iter().flat_map(|file| &file.sheets).map(|sheet| sheet.records).sum();
        let held: u64 = outcome.intake.tables.iter().map(|table| table.height() as u64).sum();
        let flagged: BTreeSet<_> = outcome
            .findings
            .iter()
            .filter_map(|finding| match finding.place {
                Place::Record { dataset, record, .. } => Some((dataset, record)),
                Place::Unit { .. } | Place::Sheet { .. } => None,
            })
            .collect();
        let flagged = flagged.len() as u64;
        let mut findings = [0; 3];
        for finding in &outcome.findings {
            let severity = outcome.pack.rules.get(finding.rule).map_or(Severity::Error, |rule| rule.severity);
            findings[severity as usize] += 1;
        }
        Self {
            records,
            clean: held.saturating_sub(flagged),
            flagged,
            files: files.len() as u64,
            read: (files.len() as u64).saturating_sub(unreadable),
            unreadable,
            findings,
        }
    }
}

/// The severities from the worst down.
const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];
