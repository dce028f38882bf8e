//! Reports in a run, and the run that writes nothing but reports.
//!
//! Knows the order of steps; what reports show is `report`'s, how they look `workbook`'s.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{Dates, Stages, conclude, fixing, load, now, output, read_calendar, read_period, read_prior};
use crate::{
    check::{self, Input, Prior},
    cli::{Common, Exit},
    derive::{self, Derived, Records},
    ingest::FileRead,
    job::{
        self, Job,
        receipts::{Receipts, read_receipts},
    },
    ledger::{Ledger, View},
    outcome::Outcome,
    overlay::{Overlay, RecordIds},
    pack::{RulePack, load::parameter_values},
    problem::{Problems, did_you_mean},
    report::{
        DerivedRecords, DerivedTables, Material, Total, catalog, derive_tables,
        evaluate::{Evaluated, evaluate, tables_of},
        fill, load_reports,
        model::Report,
        read_totals,
        trace::Trace,
    },
    submission::{Template, Written, load_templates, write_submission},
    terminal::say,
    text::{Lang, Text},
    workbook::{Occasion, write_report},
};

/// Folder of the reports in the output folder.
pub const FOLDER: &str = "reports";
/// Folder of the files for the regulator.
pub const SUBMISSION: &str = "submission";

/// What reports need before anything is read.
pub struct Definitions {
    /// The reports.
    pub reports: Vec<Report>,
    templates: Vec<Template>,
    /// Totals of the general ledger.
    pub totals: Vec<Total>,
    wanted: BTreeSet<String>,
}

impl Definitions {
    /// Loads the definitions, all or those with an id of `only`, and the totals they reconcile with.
    ///
    /// # Errors
    /// All problems of all definitions; an id nobody has.
    pub fn load(job: &Job, pack: &RulePack, only: &[String]) -> Result<Self, Problems> {
        let mut reports = load_reports(pack, job.period, job.outputs.reports.as_deref())?;
        let mut problems = Problems::default();
        for id in only.iter().filter(|id| !reports.iter().any(|report| report.id == **id)) {
            let ids = || reports.iter().map(|report| report.id.as_str());
            let help = did_you_mean(id, ids()).unwrap_or_else(|| {
                let ids = ids().collect::<Vec<_>>().join(", ");
                Text::new(format!("现有报表：{ids}"), format!("reports: {ids}"))
            });
            problems.add(Text::new(format!("没有报表 `{id}`"), format!("there is no report `{id}`")), Some(help));
        }
        let templates = if only.is_empty() {
            load_templates(pack, job.period, job.outputs.templates.as_deref())?
        } else {
            Vec::new()
        };
        if !only.is_empty() {
            reports.retain(|report| only.contains(&report.id));
        }
        let totals = match &job.outputs.ledger_totals {
            Some(path) => read_totals(path)?,
            None => Vec::new(),
        };
        let mut wanted = tables_of(&reports);
        wanted.extend(template_tables(&templates));
        problems.into_result(Self { reports, templates, totals, wanted })
    }

    /// Whether a query asks for the tiers of customers.
    pub fn wants_tiers(&self) -> bool {
        self.wanted.contains(catalog::TIERS.name)
    }

    /// The tables of what was derived, while it is there.
    ///
    /// # Errors
    /// If one cannot be made: a fault of this program.
    pub fn derived(
        &self,
        derived: Option<&Derived<'_>>,
        pack: &RulePack,
        now: Records<'_>,
        prior: Option<Records<'_>>,
        lang: Lang,
    ) -> Result<DerivedTables> {
        let records = DerivedRecords {
            datasets: &pack.datasets,
            now: (now.tables, now.units),
            prior: prior.map(|prior| (prior.tables, prior.units)),
        };
        derive_tables(derived, &records, &|name| self.wanted.contains(name), lang)
    }

    /// Writes the reports into `folder`, several at once. Says of each where its rows stand.
    ///
    /// # Errors
    /// If a query fails or a file cannot be written.
    pub fn write(&self, material: &Material<'_>, folder: &Path) -> Result<Vec<Vec<Trace>>> {
        let open_points = material.open_points();
        let tables_for = |full: bool| {
            let wanted = tables_of(self.reports.iter().filter(|report| report.full == full));
            fill(material, &wanted, !full)
        };
        let (full, masked) = (tables_for(true)?, tables_for(false)?);
        let occasion = occasion(material, open_points);
        self.reports
            .par_iter()
            .map(|report| {
                let tables = if report.full { &full } else { &masked };
                let evaluated = evaluate(report, tables, material.lang)?;
                write_report(&evaluated, &occasion, &folder.join(&report.file))
            })
            .collect()
    }

    /// Writes the files for the regulator into `folder`.
    ///
    /// # Errors
    /// If a query fails or a file cannot be written.
    pub fn write_submissions(&self, material: &Material<'_>, folder: &Path) -> Result<Vec<Written>> {
        let tables = fill(material, &template_tables(&self.templates), false)?;
        let is_final = material.is_final();
        self.templates.iter().map(|template| write_submission(template, &tables, is_final, folder)).collect()
    }
}

/// What is to be said of the files for the regulator: records that found no place in them.
pub fn remarks(written: &[Written]) -> Vec<Text> {
    let left_out = written.iter().flat_map(|written| written.left_out.iter().map(move |left| (&written.file, left)));
    left_out
        .map(|(file, (table, count))| {
            Text::new(
                format!("{file}：“{table}”有{count}条的客户不在客户基本信息中，没有写入"),
                format!("{file}: {count} record(s) of {table} name a customer nobody handed in; they are not in it"),
            )
        })
        .collect()
}

/// The tables the templates need.
fn template_tables(templates: &[Template]) -> BTreeSet<String> {
    let queries = templates.iter().flat_map(Template::queries);
    let named = queries.flat_map(|query| query.tables.iter().cloned());
    named.chain(std::iter::once(catalog::INSTITUTION.name.to_owned())).collect()
}

/// What a run hands to its reports.
pub struct Given<'a> {
    /// The run.
    pub outcome: &'a Outcome,
    /// The prior period.
    pub prior: Option<Records<'a>>,
    /// The files of the prior period; its records point to them.
    pub prior_files: &'a [FileRead],
    /// What was derived, as tables.
    pub derived: &'a DerivedTables,
    /// The ledger as of the period.
    pub ledger: Option<&'a View>,
    /// Language.
    pub lang: Lang,
}

impl Given<'_> {
    /// What tables are filled from.
    pub fn material<'a>(&'a self, totals: &'a [Total]) -> Material<'a> {
        let prior = self.prior.map(|prior| (prior.tables, prior.units));
        Material::new(self.outcome, prior, self.derived, self.ledger, totals, self.lang)
    }
}

fn occasion<'a>(material: &Material<'a>, open_points: u64) -> Occasion<'a> {
    let outcome = material.outcome;
    Occasion {
        institution: &outcome.job.institution.name,
        period: outcome.job.period,
        open_points,
        signers: &outcome.job.outputs.signers,
        pack: &outcome.pack,
        lang: material.lang,
    }
}

/// Reads and checks a job and writes its reports; nothing else is written, and the ledger is only looked into.
///
/// # Errors
/// If the job, pack or a definition is wrong, or a report cannot be written.
pub fn reports(path: &Path, only: &[String], common: &Common) -> Result<Exit> {
    let stages = Stages::new(common);
    let (place, written) = with_read(path, only, &[], common, &stages, |definitions, given| {
        let outcome = given.outcome;
        let place = common.out.join(outcome.job.period.to_string());
        fs::create_dir_all(&common.out).with_context(|| common.out.display().to_string())?;
        let staging = tempfile::Builder::new().prefix(".baosong-").tempdir_in(&common.out)?;
        let material = given.material(&definitions.totals);
        stages.time("write reports", || definitions.write(&material, staging.path()))?;
        let target = place.join(FOLDER);
        fs::create_dir_all(&target).with_context(|| target.display().to_string())?;
        let mut written = Vec::new();
        for report in &definitions.reports {
            let file = target.join(&report.file);
            let advice = || format!("cannot write {}; close it if it is open", file.display());
            fs::rename(staging.path().join(&report.file), &file).with_context(advice)?;
            written.push(file);
        }
        output::note_in_manifest(&place, FOLDER, &written)?;
        Ok((place, written))
    })?;
    stages.print_times();
    if common.json {
        say(&serde_json::to_string_pretty(&serde_json::json!({ "outputs": place, "reports": written }))?)?;
    } else if !common.quiet {
        let lines: Vec<_> = written.iter().map(|file| file.display().to_string()).collect();
        say(&lines.join("\n"))?;
    }
    Ok(Exit::Clear)
}

/// Reads and checks a job, and hands definitions and what the reports and the derived tables `also` need to `work`.
///
/// # Errors
/// As [`reports`], and what `work` gives.
pub fn with_read<T>(
    path: &Path,
    only: &[String],
    also: &[&str],
    common: &Common,
    stages: &Stages,
    work: impl FnOnce(&Definitions, &Given<'_>) -> Result<T>,
) -> Result<T> {
    let job = job::read_job(path)?;
    let calendar = read_calendar(&job)?;
    let pack = load(&job, &calendar)?;
    let mut definitions = Definitions::load(&job, &pack, only)?;
    definitions.wanted.extend(also.iter().map(|&name| name.to_owned()));
    let deadlines = calendar.deadlines(job.period)?;
    let working_days = calendar.working_days(job.period)?;
    let receipts = match &job.receipts {
        Some(path) => read_receipts(path)?,
        None => Receipts::default(),
    };
    let ledger = common.ledger.as_deref().map(Ledger::open_existing).transpose()?;
    let mut read = read_period(&job, &pack, "read", stages)?;
    let mut prior = match &job.prior {
        Some(path) => Some(read_prior(path, &job, &calendar, &pack, stages)?),
        None => None,
    };
    let ids = RecordIds::of(&pack.datasets, &read.intake.tables)?;
    let mut overlay = Overlay { ids, ..Overlay::default() };
    if let Some(ledger) = &ledger {
        let of = |period| ledger.corrections(&pack.id, period);
        fixing::lay(&of, &job, &pack, &mut read, prior.as_mut(), &mut overlay)?;
    }
    let records = Records { tables: &read.intake.tables, units: &read.units };
    let prior_records = prior.as_ref().map(|prior| Records { tables: &prior.intake.tables, units: &prior.units });
    let params = parameter_values(&pack, job.period);
    let derived = if derive::possible(&pack.datasets, &params).is_ok() {
        Some(stages.time("derive", || Derived::of(&pack.datasets, &params, records, prior_records))?)
    } else {
        None
    };
    let checked = stages.time("check", || {
        check::evaluate(Input {
            pack: &pack,
            tables: &read.intake.tables,
            files: &read.intake.files,
            units: &read.units,
            prior: prior.as_ref().map(|prior| Prior { tables: &prior.intake.tables, units: &prior.units }),
            derived: derived.as_ref(),
            period: job.period,
            calendar: &calendar,
        })
    })?;
    let tables = definitions.derived(derived.as_ref(), &pack, records, prior_records, common.lang)?;
    drop(derived);
    let outcome = conclude(job, pack, read, checked, Dates { deadlines, working_days }, receipts, overlay);
    let view = match &ledger {
        Some(ledger) => {
            Some(ledger.view(&outcome.pack.id, outcome.job.period, now().date(), definitions.wants_tiers())?)
        }
        None => None,
    };
    let prior_files = prior.as_ref().map_or(&[][..], |prior| &prior.intake.files);
    let prior = prior.as_ref().map(|prior| Records { tables: &prior.intake.tables, units: &prior.units });
    let (derived, ledger, lang) = (&tables, view.as_ref(), common.lang);
    work(&definitions, &Given { outcome: &outcome, prior, prior_files, derived, ledger, lang })
}

/// Draws a report nobody keeps, and says where its rows stand.
///
/// # Errors
/// If it cannot be drawn.
pub fn draw(evaluated: &Evaluated<'_>, material: &Material<'_>) -> Result<Vec<Trace>> {
    let file = tempfile::NamedTempFile::new()?;
    write_report(evaluated, &occasion(material, material.open_points()), file.path())
}

/// The files of reports below an output folder.
pub fn folder_of(staging: &Path) -> PathBuf {
    staging.join(FOLDER)
}
