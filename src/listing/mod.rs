//! The findings of a run as one long table, in csv and parquet, and the manifest of the run.
//!
//! Knows nothing of workbooks. Personal data is masked: these files leave the unit.

mod findings_csv;
mod findings_parquet;
mod manifest;
#[cfg(test)]
mod tests;
mod tiers_csv;

use std::borrow::Cow;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::{
    message::{Renderer, source_text},
    outcome::Outcome,
    text::Lang,
};

pub use findings_csv::write_findings_csv;
pub use findings_parquet::write_findings_parquet;
pub use manifest::{read_rule_counts, write_manifest};
pub use tiers_csv::write_tiers_csv;

/// Columns of the long table, in order. `column` holds the letters, `cell` letters and row, `source` document and
/// article; `fingerprint` is the finding's identity across runs.
pub const COLUMNS: [&str; 16] = [
    "run",
    "period",
    "unit",
    "file",
    "sheet",
    "row",
    "column",
    "cell",
    "record_key",
    "rule",
    "severity",
    "value",
    "message",
    "fix",
    "source",
    "fingerprint",
];

/// A line of the long table, without run and period.
struct Line<'a> {
    unit: &'a str,
    file: Option<&'a str>,
    sheet: Option<&'a str>,
    row: Option<u32>,
    column: Option<String>,
    cell: Option<String>,
    record_key: Option<String>,
    rule: &'a str,
    severity: &'static str,
    value: Option<Cow<'a, str>>,
    message: String,
    fix: String,
    source: &'a str,
    fingerprint: String,
}

/// The identity of a run: a hash over period, institution, pack, parameters, the content of all files read and the
/// corrections laid over it. The same
/// input under the same rules is the same run, whenever and wherever it is made.
pub fn run_id(outcome: &Outcome) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    };
    add(&outcome.job.period.to_string());
    add(&outcome.job.institution.code);
    add(&outcome.pack.id);
    add(&outcome.pack.hash);
    for (name, param) in &outcome.pack.params {
        add(name);
        add(&literal_text(&param.value));
    }
    for file in &outcome.intake.files {
        add(&file.name);
        add(&file.sha256);
    }
    for (laid, _) in outcome.overlay.applied() {
        let (correction, (kind, value)) = (&laid.correction, laid.correction.new.stored());
        add(&crate::digest::hex(&correction.record));
        [&correction.unit, &correction.dataset, &correction.field, kind, &value].into_iter().for_each(&mut add);
    }
    hash.finalize().iter().take(8).fold(String::new(), |id, byte| id + &format!("{byte:02x}"))
}

fn literal_text(literal: &crate::pack::Literal) -> String {
    serde_json::to_string(literal).unwrap_or_default()
}

/// The sources of all rules as text, by rule.
fn sources(outcome: &Outcome, lang: Lang) -> Vec<String> {
    outcome.pack.rules.iter().map(|rule| source_text(&rule.source, lang)).collect()
}

/// Hands every finding's line to `take`, in the order of the findings.
fn each_line(outcome: &Outcome, lang: Lang, mut take: impl FnMut(Line) -> Result<()>) -> Result<()> {
    let renderer = Renderer::new(outcome, lang, true)?;
    let sources = sources(outcome, lang);
    let fingerprints = renderer.fingerprints(&outcome.findings);
    for (finding, fingerprint) in outcome.findings.iter().zip(fingerprints) {
        let location = renderer.location(finding);
        let rule = outcome.pack.rules.get(finding.rule);
        let unit = renderer.unit(finding).and_then(|unit| outcome.units.get(unit));
        take(Line {
            unit: unit.map_or("", |unit| unit.code.as_str()),
            file: location.file,
            sheet: Some(location.sheet).filter(|sheet| !sheet.is_empty()),
            row: location.row,
            column: location.letters(),
            cell: location.cell(),
            record_key: renderer.record_key(finding),
            rule: rule.map_or("", |rule| rule.id.as_str()),
            severity: rule.map_or("", |rule| rule.severity.name()),
            value: renderer.value(finding),
            message: renderer.message(finding),
            fix: renderer.fix(finding),
            source: sources.get(finding.rule).map_or("", String::as_str),
            fingerprint,
        })?;
    }
    Ok(())
}
