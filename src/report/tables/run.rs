//! Tables of a run: institution, units, findings, rules, files, code lists.

use std::collections::HashMap;

use anyhow::Result;
use chrono::{Datelike as _, NaiveDate};
use polars::prelude::DataFrame;

use super::Material;
use crate::{
    finding::{Place, Severity},
    message::{Renderer, source_text},
    outcome::{Deadlines, Timeliness},
    report::catalog::{self, Values},
    run::timeliness_text,
};

fn text(text: impl Into<String>) -> Values {
    Values::Text(vec![Some(text.into())])
}

fn count(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

/// The one row about the institution.
pub fn institution(material: &Material<'_>) -> Result<DataFrame> {
    let outcome = material.outcome;
    let (job, deadlines) = (&outcome.job, outcome.due());
    let day = |day: fn(&Deadlines) -> NaiveDate| text(deadlines.map(|due| day(due).to_string()).unwrap_or_default());
    let (date, signers) = (job.period.data_date(), &job.outputs.signers);
    let units = outcome.units.iter().filter(|unit| !unit.institution).count();
    catalog::INSTITUTION.frame(vec![
        text(&job.institution.code),
        text(&job.institution.name),
        text(job.period.to_string()),
        text(format!("{:04}", date.year())),
        text(format!("{:02}", date.month())),
        text(date.to_string()),
        text(&signers.fill),
        text(&signers.phone),
        text(&signers.verify),
        text(&signers.head),
        day(|due| due.submission),
        day(|due| due.correction),
        day(|due| due.report),
        Values::Count(vec![count(units as u64)]),
        Values::Flag(vec![Some(!material.is_final())]),
    ])
}

/// How one unit stands, with what the ledger knows.
#[derive(Clone, Debug, Default)]
pub struct UnitStanding {
    /// Index of the unit.
    pub unit: usize,
    /// Errors and warnings left to do.
    pub open: u64,
    /// Findings explained.
    pub explained: u64,
    /// Findings earlier periods had too.
    pub repeated: u64,
    /// Files that could not be read.
    pub unreadable: u64,
    /// Nothing was handed in, although it is no institution.
    pub missing: bool,
}

/// How the units stand, the institution last.
pub fn standings(material: &Material<'_>) -> Vec<UnitStanding> {
    let outcome = material.outcome;
    let gate: HashMap<&str, _> =
        material.ledger.into_iter().flat_map(|view| &view.gate.units).map(|unit| (unit.code.as_str(), unit)).collect();
    let mut rows: Vec<_> = outcome
        .units
        .iter()
        .zip(&outcome.standings)
        .enumerate()
        .map(|(at, (unit, standing))| {
            let known = gate.get(unit.code.as_str());
            let unreadable = standing
                .files
                .iter()
                .filter(|file| outcome.intake.files.get(**file).is_some_and(|file| file.unreadable.is_some()));
            UnitStanding {
                unit: at,
                open: known.map_or(standing.errors + standing.warnings, |gate| gate.errors + gate.warnings),
                explained: known.map_or(0, |gate| gate.explained + gate.waived),
                repeated: 0,
                unreadable: unreadable.count() as u64,
                missing: standing.timeliness == Timeliness::Missing && !unit.institution,
            }
        })
        .collect();
    for (unit, repeat) in outcome.finding_units.iter().zip(&outcome.repeats) {
        if let Some(row) = rows.get_mut(*unit).filter(|_| repeat.is_some()) {
            row.repeated += 1;
        }
    }
    rows
}

fn timeliness_name(timeliness: Timeliness) -> &'static str {
    match timeliness {
        Timeliness::OnTime => "on-time",
        Timeliness::Late => "late",
        Timeliness::Missing => "missing",
        Timeliness::NoReceipt => "no-receipt",
    }
}

/// The table of units; the institution is in it only if it has files or findings.
pub fn standings_table(material: &Material<'_>) -> Result<DataFrame> {
    let outcome = material.outcome;
    let rows: Vec<_> = standings(material)
        .into_iter()
        .filter_map(|row| Some((outcome.units.get(row.unit)?, outcome.standings.get(row.unit)?, row)))
        .filter(|(unit, ..)| !unit.institution)
        .collect();
    let texts = |of: &dyn Fn(usize) -> Option<String>| Values::Text((0..rows.len()).map(of).collect());
    let counts = |of: &dyn Fn(usize) -> Option<u64>| Values::Count((0..rows.len()).map(|at| count(of(at)?)).collect());
    let row = |at: usize| rows.get(at);
    catalog::STANDINGS.frame(vec![
        texts(&|at| Some(row(at)?.0.code.clone())),
        texts(&|at| Some(row(at)?.0.name.clone())),
        texts(&|at| Some(row(at)?.0.officer.clone())),
        texts(&|at| Some(timeliness_name(row(at)?.1.timeliness).to_owned())),
        texts(&|at| Some(timeliness_text(row(at)?.1.timeliness).get(material.lang).to_owned())),
        texts(&|at| Some(row(at)?.1.received?.format("%Y-%m-%d %H:%M").to_string())),
        counts(&|at| Some(row(at)?.1.files.len() as u64)),
        counts(&|at| Some(row(at)?.2.unreadable)),
        counts(&|at| Some(row(at)?.1.records)),
        counts(&|at| Some(row(at)?.1.flagged)),
        counts(&|at| Some(row(at)?.1.errors)),
        counts(&|at| Some(row(at)?.1.warnings)),
        counts(&|at| Some(row(at)?.1.infos)),
        counts(&|at| Some(row(at)?.2.open)),
        counts(&|at| Some(row(at)?.2.explained)),
        counts(&|at| Some(row(at)?.2.repeated)),
    ])
}

/// The table of findings, in the order of the lists.
pub fn findings(material: &Material<'_>) -> Result<DataFrame> {
    let outcome = material.outcome;
    let renderer = Renderer::new(outcome, material.lang, true)?;
    let prints = renderer.fingerprints(&outcome.findings);
    let height = outcome.findings.len();
    let mut texts: Vec<Vec<Option<String>>> = (0..16).map(|_| Vec::with_capacity(height)).collect();
    let (mut open, mut times) = (Vec::with_capacity(height), Vec::with_capacity(height));
    for (at, (finding, print)) in outcome.findings.iter().zip(prints).enumerate() {
        let rule = outcome.pack.rules.get(finding.rule);
        let unit = outcome.finding_units.get(at).and_then(|unit| outcome.units.get(*unit));
        let (Place::Unit { dataset, .. } | Place::Sheet { dataset, .. } | Place::Record { dataset, .. }) =
            finding.place;
        let location = renderer.location(finding);
        let known = material.ledger.and_then(|view| view.findings.get(&print));
        let severity = rule.map_or(Severity::Error, |rule| rule.severity);
        let own = |text: &str| Some(text.to_owned());
        let row: [Option<String>; 16] = [
            unit.map(|unit| unit.code.clone()),
            unit.map(|unit| unit.name.clone()),
            outcome.pack.datasets.get(dataset).map(|dataset| dataset.title.get(material.lang).to_owned()),
            rule.map(|rule| rule.id.clone()),
            own(severity.name()),
            own(severity.title(material.lang)),
            location.file.map(str::to_owned),
            own(location.sheet),
            location.cell(),
            renderer.record_key(finding),
            renderer.value(finding).map(std::borrow::Cow::into_owned),
            Some(renderer.message(finding)),
            Some(renderer.fix(finding)),
            known.map(|known| known.status.title(material.lang)),
            known.and_then(|known| known.explanation.clone()),
            Some(print),
        ];
        for (column, text) in texts.iter_mut().zip(row) {
            column.push(text);
        }
        open.push(Some(
            known.map_or(severity != Severity::Info, |known| known.status.is_open() && severity != Severity::Info),
        ));
        let seen = outcome.repeats.get(at).and_then(Option::as_ref).map_or(1, |repeat| repeat.times);
        times.push(Some(i64::from(seen)));
    }
    let mut texts = texts.into_iter();
    let mut next = || Values::Text(texts.next().unwrap_or_default());
    let mut columns: Vec<Values> = (0..13).map(|_| next()).collect();
    let (status, explanation, fingerprint) = (next(), next(), next());
    columns.extend([fingerprint, status, Values::Flag(open), Values::Count(times), explanation]);
    catalog::FINDINGS.frame(columns)
}

/// The table of rules, in the order of their ids.
pub fn rules(material: &Material<'_>) -> Result<DataFrame> {
    let outcome = material.outcome;
    let renderer = Renderer::new(outcome, material.lang, true)?;
    let rules = || outcome.pack.rules.iter().zip(&outcome.counts).enumerate();
    let lang = material.lang;
    let dataset = |on: Option<usize>| {
        on.and_then(|on| outcome.pack.datasets.get(on)).map(|dataset| dataset.title.get(lang).to_owned())
    };
    catalog::RULES.frame(vec![
        Values::Text(rules().map(|(_, (rule, _))| Some(rule.id.clone())).collect()),
        Values::Text(rules().map(|(at, _)| Some(renderer.title(at))).collect()),
        Values::Text(rules().map(|(_, (rule, _))| dataset(rule.on)).collect()),
        Values::Text(rules().map(|(_, (rule, _))| Some(rule.severity.name().to_owned())).collect()),
        Values::Text(rules().map(|(_, (rule, _))| Some(rule.severity.title(lang).to_owned())).collect()),
        Values::Text(rules().map(|(_, (rule, _))| Some(source_text(&rule.source, lang))).collect()),
        Values::Count(rules().map(|(_, (_, counts))| count(counts.eligible)).collect()),
        Values::Count(rules().map(|(_, (_, counts))| count(counts.violated)).collect()),
        Values::Count(rules().map(|(_, (_, counts))| count(counts.not_evaluable)).collect()),
        Values::Fixed(rules().map(|(_, (_, counts))| counts.amount_at_risk_fen).collect()),
    ])
}

/// The table of files.
pub fn files(material: &Material<'_>) -> Result<DataFrame> {
    let outcome = material.outcome;
    let files = &outcome.intake.files;
    let unit = |index: usize| outcome.units.get(index).map(|unit| unit.code.clone());
    let unreadable = |file: &crate::ingest::FileRead| {
        file.unreadable.as_ref().map(|unreadable| unreadable.message.get(material.lang).to_owned())
    };
    let format = |file: &crate::ingest::FileRead| serde_json::to_value(file.format?).ok()?.as_str().map(str::to_owned);
    catalog::FILES.frame(vec![
        Values::Text(files.iter().map(|file| unit(file.unit)).collect()),
        Values::Text(files.iter().map(|file| Some(file.name.clone())).collect()),
        Values::Text(files.iter().map(format).collect()),
        Values::Count(files.iter().map(|file| count(file.bytes)).collect()),
        Values::Count(files.iter().map(|file| count(file.sheets.iter().map(|sheet| sheet.records).sum())).collect()),
        Values::Text(files.iter().map(unreadable).collect()),
        Values::Text(files.iter().map(|file| Some(file.sha256.clone())).collect()),
    ])
}

/// The table of codes.
pub fn codes(material: &Material<'_>) -> Result<DataFrame> {
    let lists =
        || material.outcome.pack.codes.iter().flat_map(|(name, list)| list.codes.iter().map(move |code| (name, code)));
    catalog::CODES.frame(vec![
        Values::Text(lists().map(|(name, _)| Some(name.clone())).collect()),
        Values::Text(lists().map(|(_, (code, _))| Some(code.clone())).collect()),
        Values::Text(lists().map(|(_, (_, entry))| Some(entry.name.clone())).collect()),
    ])
}
