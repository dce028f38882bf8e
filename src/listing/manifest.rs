//! The manifest of a run: what went in, under which rules, and what came out, in figures. No clock and no machine paths:
//! the same input under the same rules gives the same manifest.

use std::{collections::BTreeMap, fs::File, io::BufWriter, io::Write, path::Path};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::run_id;
use crate::{
    finding::{Place, RuleCount, Severity},
    message::decimal_text,
    outcome::Outcome,
};

/// Writes the manifest as JSON. `outputs` holds the hash of every other output, by its path in the output folder.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_manifest(outcome: &Outcome, outputs: &BTreeMap<String, String>, path: &Path) -> Result<()> {
    let context = || "cannot write the manifest";
    let mut file = BufWriter::new(File::create(path).with_context(context)?);
    serde_json::to_writer_pretty(&mut file, &manifest(outcome, outputs)).with_context(context)?;
    file.write_all(b"\n").with_context(context)?;
    file.flush().with_context(context)
}

fn manifest(outcome: &Outcome, outputs: &BTreeMap<String, String>) -> Value {
    let (job, pack) = (&outcome.job, &outcome.pack);
    json!({
        "program": { "name": "baosong", "version": env!("CARGO_PKG_VERSION") },
        "run": run_id(outcome),
        "institution": job.institution,
        "period": job.period.to_string(),
        "data_date": job.period.data_date(),
        "deadlines": outcome.due(),
        "job": job.path.file_name().map(|name| name.to_string_lossy()),
        "pack": { "id": pack.id, "edition": pack.edition, "sha256": pack.hash },
        "parameters": parameters(outcome),
        "inputs": inputs(outcome),
        "counts": counts(outcome),
        "units": units(outcome),
        "rules": rules(outcome),
        "outputs": outputs,
    })
}

fn parameters(outcome: &Outcome) -> Value {
    outcome.pack.params.iter().map(|(name, param)| (name.clone(), json!(param))).collect::<Map<_, _>>().into()
}

fn inputs(outcome: &Outcome) -> Value {
    let unit_code = |unit: usize| outcome.units.get(unit).map(|unit| unit.code.as_str());
    outcome
        .intake
        .files
        .iter()
        .map(|file| {
            let repairs: Map<_, _> = file
                .repairs
                .iter()
                .filter_map(|(repair, count)| Some((json!(repair).as_str()?.to_owned(), json!(count))))
                .collect();
            json!({
                "name": file.name,
                "unit": unit_code(file.unit),
                "format": file.format,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "records": file.sheets.iter().map(|sheet| sheet.records).sum::<u64>(),
                "skipped_rows": file.sheets.iter().flat_map(|sheet| &sheet.skipped).map(|row| {
                    u64::from(row.last.saturating_sub(row.first)) + 1
                }).sum::<u64>(),
                "repairs": repairs,
                "unreadable": file.unreadable.as_ref().map(|unreadable| unreadable.kind),
            })
        })
        .collect()
}

fn counts(outcome: &Outcome) -> Value {
    let files = &outcome.intake.files;
    let unreadable = files.iter().filter(|file| file.unreadable.is_some()).count();
    let flagged = flagged_records(outcome);
    let records: usize = outcome.intake.tables.iter().map(crate::table::Table::height).sum();
    json!({
        "files": { "found": files.len(), "read": files.len() - unreadable, "unreadable": unreadable },
        "records": { "read": records, "clean": records - flagged, "flagged": flagged },
        "findings": {
            "total": outcome.findings.len(),
            "error": findings_of(outcome, Severity::Error),
            "warning": findings_of(outcome, Severity::Warning),
            "info": findings_of(outcome, Severity::Info),
        },
    })
}

/// Records with at least one finding.
fn flagged_records(outcome: &Outcome) -> usize {
    let mut records: Vec<_> = outcome
        .findings
        .iter()
        .filter_map(|finding| match finding.place {
            Place::Record { dataset, record, .. } => Some((dataset, record)),
            Place::Unit { .. } | Place::Sheet { .. } => None,
        })
        .collect();
    records.sort_unstable();
    records.dedup();
    records.len()
}

fn findings_of(outcome: &Outcome, severity: Severity) -> usize {
    let rules = &outcome.pack.rules;
    let is = |rule: usize| rules.get(rule).is_some_and(|rule| rule.severity == severity);
    outcome.findings.iter().filter(|finding| is(finding.rule)).count()
}

fn units(outcome: &Outcome) -> Value {
    outcome
        .units
        .iter()
        .zip(&outcome.standings)
        .map(|(unit, standing)| {
            json!({
                "code": unit.code,
                "submitted": standing.timeliness,
                "files": standing.files.len(),
                "records": standing.records,
                "flagged": standing.flagged,
                "errors": standing.errors,
                "warnings": standing.warnings,
                "infos": standing.infos,
            })
        })
        .collect()
}

fn rules(outcome: &Outcome) -> Value {
    let mut findings: BTreeMap<usize, u64> = BTreeMap::new();
    for finding in &outcome.findings {
        *findings.entry(finding.rule).or_default() += 1;
    }
    let lines = outcome.pack.rules.iter().zip(&outcome.counts).enumerate().map(|(index, (rule, count))| {
        let line = json!({
            "severity": rule.severity,
            "eligible": count.eligible,
            "violated": count.violated,
            "not_evaluable": count.not_evaluable,
            "findings": findings.get(&index).copied().unwrap_or(0),
            "amount_at_risk_yuan": count.amount_at_risk_fen.map(|fen| decimal_text(fen, 2)),
        });
        (rule.id.clone(), line)
    });
    lines.collect::<Map<_, _>>().into()
}

/// What each rule did in the run a manifest tells of, by rule id; for the catalogue.
///
/// # Errors
/// If the file cannot be read or is no manifest.
pub fn read_rule_counts(path: &Path) -> Result<BTreeMap<String, RuleCount>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is no manifest", path.display()))?;
    let rules = manifest.get("rules").and_then(Value::as_object);
    let rules = rules.with_context(|| format!("{} is no manifest: it tells of no rules", path.display()))?;
    let count = |line: &Value, key: &str| line.get(key).and_then(Value::as_u64).unwrap_or_default();
    let counts = rules.iter().map(|(id, line)| {
        let counts = RuleCount {
            eligible: count(line, "eligible"),
            violated: count(line, "violated"),
            not_evaluable: count(line, "not_evaluable"),
            amount_at_risk_fen: None,
        };
        (id.clone(), counts)
    });
    Ok(counts.collect())
}
