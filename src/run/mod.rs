//! The order of steps of a run, and nothing else: read the job, read the files, check, write.

mod cadence;
mod closing;
mod decisions;
mod evidence;
mod fixing;
mod leftover;
pub(crate) mod output;
mod reports;
mod restart;
mod stage;
mod tier;
mod told;

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result};
use chrono::{Local, NaiveDate, NaiveDateTime};
use polars::prelude::DataType;

pub use cadence::cadence;
pub use closing::{report_error, timeliness_text};
pub use evidence::{evidence, verify};
pub use fixing::{Returned, fix};
pub use reports::{Definitions, Given, draw, reports, with_read};
pub use restart::{restart, settings};
pub use stage::Stages;
pub use tier::tier;

use crate::{
    check::{self, Checked, Input, Prior},
    cli::{Common, Exit},
    derive::{self, Derived, Records},
    ingest::{self, FileRead, Intake, Options, Source, Trouble, Unreadable},
    job::{
        self, Calendar, Job, MissingYear, Unit,
        receipts::{Receipts, read_receipts},
        submission::{Found, find_files},
    },
    ledger::{Bounds, Fault, Gate, Ledger, LedgerError, OpenRun, Recorded, RunEntry},
    outcome::{Deadlines, Outcome, Standing, Timeliness},
    overlay::{Overlay, RecordIds},
    pack::{self, Literal, RulePack},
    problem::Problems,
    report, resubmission,
    table::Table,
    text::{Lang, Text},
    workbook::{self, Concentration},
};

/// Runs a job.
///
/// # Errors
/// If the job or pack is wrong, or an output cannot be written.
pub fn run(path: &Path, common: &Common) -> Result<Exit> {
    carry_out(path, common, None)
}

/// Runs a job, with what came back from units taken in first if there is anything.
#[expect(clippy::too_many_lines, reason = "the order of steps, told once from top to bottom")]
fn carry_out(path: &Path, common: &Common, returned: Option<&Returned<'_>>) -> Result<Exit> {
    let stages = Stages::new(common);
    let job = job::read_job(path)?;
    let calendar = read_calendar(&job)?;
    let pack = load(&job, &calendar)?;
    let definitions = Definitions::load(&job, &pack, &[])?;
    let deadlines = calendar.deadlines(job.period)?;
    let working_days = calendar.working_days(job.period)?;
    leftover::sweep(&common.out, &stages, common.lang);
    // Fails in the first second if the folder cannot be written.
    let staging = output::Staging::open(&common.out, job.period)?;
    let receipts = match &job.receipts {
        Some(path) => read_receipts(path)?,
        None => Receipts::default(),
    };

    // What comes back was issued by a run: its ledger is there.
    let open = if returned.is_some() { Ledger::open_existing } else { Ledger::open };
    let mut ledger = common.ledger.as_deref().map(open).transpose()?;
    let mut book = match &mut ledger {
        Some(ledger) => Some(ledger.begin_run(&job.institution, now())?),
        None => None,
    };
    if let (Some(book), Some(_)) = (&book, returned) {
        fixing::expect_run(book, &job)?;
    }

    let mut read = read_period(&job, &pack, "read", &stages)?;
    let mut prior = match &job.prior {
        Some(path) => Some(read_prior(path, &job, &calendar, &pack, &stages)?),
        None => None,
    };
    let ids = stages.part("record ids", || RecordIds::of(&pack.datasets, &read.intake.tables))?;
    let mut overlay = Overlay { ids, ..Overlay::default() };
    let fixed = match &book {
        Some(book) => {
            let period = fixing::Period { job: &job, pack: &pack, calendar: &calendar };
            fixing::correct(book, returned, &period, &mut read, prior.as_mut(), &mut overlay, common)?
        }
        None => None,
    };
    let now_records = Records { tables: &read.intake.tables, units: &read.units };
    let prior_records = prior.as_ref().map(|prior| Records { tables: &prior.intake.tables, units: &prior.units });
    let params = pack::load::parameter_values(&pack, job.period);
    let derived = if derive::possible(&pack.datasets, &params).is_ok() {
        Some(stages.time("derive", || Derived::of(&pack.datasets, &params, now_records, prior_records))?)
    } else {
        None
    };
    let prior_units = prior.as_ref().map(|prior| prior.units.as_slice());
    let check = || {
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
    };
    let checked = match &derived {
        // While the tables are where `derived` borrows them. One thread has to do with it, checking leaves time.
        Some(derived) => {
            let shown = Concentration { job: &job, pack: &pack, units: &read.units, prior_units, derived };
            let path = staging.path().join(format!("summary/{}.xlsx", workbook::CONCENTRATION));
            let write = || workbook::write_concentration(&shown, common.lang, &path);
            let (checked, written) = stages.both(("check", check), ("write concentration", write));
            written?;
            checked?
        }
        None => stages.time("check", check)?,
    };
    stages.detail(&checked.timings);
    let tables = definitions.derived(derived.as_ref(), &pack, now_records, prior_records, common.lang)?;
    drop(derived);
    let mut outcome = conclude(job, pack, read, checked, Dates { deadlines, working_days }, receipts, overlay);
    let fixed = fixed.map(|fixed| fixed.judged(&mut outcome, common.lang));
    let entry = match &book {
        Some(book) => Some(enter(book, &mut outcome, fixed.as_ref(), common.lang, &stages)?),
        None => None,
    };
    stages.time("write", || output::write_all(&outcome, common.lang, &staging, &stages))?;
    // The ledger is written before the outputs are published and committed after: see `ledger` for why.
    let recorded = match (&mut book, &entry) {
        (Some(book), Some(entry)) => Some(stages.part("ledger", || book.record(entry, now()))?),
        _ => None,
    };
    let view = match &recorded {
        Some(recorded) => {
            Some(recorded.view(&outcome.pack.id, outcome.job.period, now().date(), definitions.wants_tiers())?)
        }
        None => None,
    };
    let prior_files = prior.as_ref().map_or(&[][..], |prior| &prior.intake.files);
    let prior = prior.as_ref().map(|prior| Records { tables: &prior.intake.tables, units: &prior.units });
    let (derived, ledger, lang) = (&tables, view.as_ref(), common.lang);
    let given = Given { outcome: &outcome, prior, prior_files, derived, ledger, lang };
    let material = given.material(&definitions.totals);
    // Reports show what the ledger makes of this run, so it is recorded first.
    stages.part("reports", || definitions.write(&material, &reports::folder_of(staging.path())))?;
    let submission = staging.path().join(reports::SUBMISSION);
    let written = stages.part("submission", || definitions.write_submissions(&material, &submission))?;
    stages.part("report.html", || report::write_html(&material, &staging.path().join("report.html")))?;
    if let Some(recorded) = &recorded {
        stages.part("register", || write_register(recorded, &outcome, common.lang, &staging))?;
        stages.part("ledger to disk", || recorded.flush())?;
    }
    stages.part("manifest", || output::write_manifest(&outcome, &staging))?;
    let kept = staging.publish()?;
    let tally = recorded.map(Recorded::commit).transpose()?;
    let known = |code: &&String| outcome.units.iter().any(|unit| unit.code == **code);
    let noted: BTreeSet<_> = outcome.receipts.list.iter().map(|receipt| &receipt.unit).collect();
    let strange: Vec<_> = noted.into_iter().filter(|code| !known(code)).cloned().collect();
    let mut remarks = reports::remarks(&written);
    remarks.extend(view.as_ref().and_then(|view| told::waivers(&view.waivers)));
    let published = closing::Published {
        out: &common.out,
        kept: kept.as_deref(),
        tally,
        strange_receipts: &strange,
        fixed: fixed.as_ref(),
        remarks: &remarks,
    };
    closing::report(&outcome, &published, common, &stages)?;
    let refused = fixed.as_ref().is_some_and(fixing::Judgement::has_refused);
    let gate = view.as_ref().map(|view| &view.gate);
    Ok(if refused { Exit::Unreadable } else { exit(&outcome, gate) })
}

/// What the ledger is told of the run; what it knows of the findings and of earlier files goes into the outcome.
fn enter(
    book: &OpenRun<'_>,
    outcome: &mut Outcome,
    fixed: Option<&fixing::Judgement>,
    lang: Lang,
    stages: &Stages,
) -> Result<RunEntry> {
    let mut entry = stages.part("ledger entry", || RunEntry::of(outcome, lang))?;
    outcome.repeats = stages.part("repeats", || book.repeats(&entry))?;
    entry.handed_in = stages.part("handed in", || resubmission::handed_in(outcome, &entry))?;
    outcome.compared = stages.part("compared", || book.compare(&entry))?;
    if let Some(fixed) = fixed {
        entry.amendments = fixed.amendments(lang);
    }
    Ok(entry)
}

/// The time entries of the ledger carry.
pub(crate) fn now() -> NaiveDateTime {
    Local::now().naive_local()
}

/// Writes the register from the ledger as it will be.
fn write_register(recorded: &Recorded<'_>, outcome: &Outcome, lang: Lang, staging: &output::Staging) -> Result<()> {
    let whole = |name: &str| match outcome.pack.params.get(name).map(|param| &param.value) {
        Some(Literal::Integer(number)) => u32::try_from(*number).ok().filter(|number| *number > 0),
        _ => None,
    };
    let usual = Bounds::default();
    let bounds = Bounds {
        times: whole("repeat_times").map_or(usual.times, |times| times as usize),
        periods: whole("repeat_periods").unwrap_or(usual.periods),
    };
    let period = outcome.job.period;
    match recorded.register(&outcome.pack.id, period, bounds, now())? {
        Some(register) => output::write_register(&register, outcome, lang, staging),
        None => Ok(()),
    }
}

/// The working days a job goes by.
pub(crate) fn read_calendar(job: &Job) -> Result<Calendar, Problems> {
    match &job.calendar {
        Some(path) => Calendar::read(path, &path.display().to_string()),
        None => Calendar::built_in(),
    }
}

/// The pack a job names, as in force for its period.
pub(crate) fn load(job: &Job, calendar: &Calendar) -> Result<RulePack, Problems> {
    pack::load_pack(&pack::Request {
        pack: &job.pack,
        folder: job.rules.as_deref(),
        period: job.period,
        overrides: &job.params,
        calendar: calendar.clone(),
    })
}

/// One period as read.
pub(crate) struct Read {
    /// The units of the roster, the institution last.
    pub units: Vec<Unit>,
    /// What they handed in.
    pub intake: Intake,
}

fn read_prior(path: &Path, job: &Job, calendar: &Calendar, pack: &RulePack, stages: &Stages) -> Result<Read> {
    let prior = job::read_job(path).context("the prior period's job")?;
    if prior.pack != job.pack || prior.period != job.period.prior() {
        let mut problems = Problems::default();
        let (pack, period) = (&prior.pack, prior.period);
        let message =
            Text::new(format!("`prior` 是 {pack} {period} 的作业"), format!("`prior` is a job of {pack} for {period}"));
        let (pack, period) = (&job.pack, job.period.prior());
        let help = Text::new(format!("应为 {pack} {period} 的作业"), format!("it is to be {pack} for {period}"));
        problems.add(message, Some(help));
        return Err(problems.into());
    }
    // Its own datasets are those of this period: values are compared field by field.
    calendar.deadlines(prior.period)?;
    let read = read_period(&prior, pack, "read prior", stages)?;
    for file in read.intake.files.iter().filter(|file| file.unreadable.is_some()) {
        stages.note(&format!("prior period: {} could not be read", file.name));
    }
    Ok(read)
}

/// Reads the roster and everything handed in.
pub(crate) fn read_period(job: &Job, pack: &RulePack, stage: &str, stages: &Stages) -> Result<Read> {
    let password = job.password_env.as_ref().and_then(|name| std::env::var(name).ok());
    let roster_dataset = pack.datasets.iter().position(|dataset| dataset.roster);
    let institution = Unit {
        code: job.institution.code.clone(),
        name: job.institution.name.clone(),
        institution: true,
        ..Unit::default()
    };
    let roster_name = job.roster.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut roster = Intake::default();
    let mut units = Vec::new();
    if let Some(dataset) = roster_dataset {
        let source = Source { path: job.roster.clone(), name: roster_name, unit: 0 };
        let options = Options { password: password.clone(), only_dataset: Some(dataset) };
        roster = ingest::read_files(&[source], pack, &options, &|_| {});
        units = roster_units(job, pack, dataset, &roster)?;
    }
    units.push(institution);
    let institution = units.len() - 1;
    roster.files.iter_mut().for_each(|file| file.unit = institution);
    for table in &mut roster.tables {
        table.segments.iter_mut().for_each(|segment| segment.unit = institution);
    }

    let found = find_files(&job.input, &units)?;
    let (known, strange): (Vec<_>, Vec<_>) = found.into_iter().partition(|file| file.unit.is_some());
    let sources: Vec<_> = known
        .into_iter()
        .filter_map(|file| Some(Source { path: file.path, name: file.name, unit: file.unit? }))
        .collect();
    let options = Options { password, only_dataset: None };
    let mut intake =
        stages.reading(stage, sources.len(), |progress| ingest::read_files(&sources, pack, &options, progress));
    append_roster(&mut intake, roster, roster_dataset)?;
    intake.files.extend(strange.into_iter().map(|file| without_unit(&file, institution)));
    Ok(Read { units, intake })
}

/// The roster's table and file join the others; its file comes last.
fn append_roster(intake: &mut Intake, roster: Intake, dataset: Option<usize>) -> Result<()> {
    let Some(dataset) = dataset else { return Ok(()) };
    let offset = intake.files.len();
    intake.files.extend(roster.files);
    let Some(mut table) = roster.tables.into_iter().nth(dataset) else { return Ok(()) };
    table.segments.iter_mut().for_each(|segment| segment.file += offset);
    let slot = intake.tables.get_mut(dataset).context("a table for each dataset")?;
    *slot = table;
    Ok(())
}

fn without_unit(file: &Found, institution: usize) -> FileRead {
    FileRead {
        name: file.name.clone(),
        unit: institution,
        bytes: std::fs::metadata(&file.path).map_or(0, |metadata| metadata.len()),
        sha256: String::new(),
        format: None,
        sheets: Vec::new(),
        unreadable: Some(Unreadable {
            kind: Trouble::NoUnit,
            message: Text::new(
                "文件夹或文件名不以名册中任何社部的代码开头，也不含唯一的社部名称；请按“代码-名称”命名文件夹",
                "neither its folder nor its name begins with the code of a unit of the roster, nor holds the name of just \
                 one; name the folder code-name",
            ),
        }),
        handed_over: None,
        repairs: std::collections::BTreeMap::new(),
    }
}

fn roster_units(job: &Job, pack: &RulePack, dataset: usize, roster: &Intake) -> Result<Vec<Unit>> {
    let shown = job.roster.display();
    let file = roster.files.first().context("the roster was not read")?;
    let mut problems = Problems::default();
    let headings = || {
        let headings = pack.datasets.get(dataset)?.fields.iter().map(|field| field.title().zh);
        let headings = headings.collect::<Vec<_>>().join(", ");
        Some(Text::new(format!("表头：{headings}"), format!("headings: {headings}")))
    };
    if let Some(unreadable) = &file.unreadable {
        let help = if unreadable.kind == Trouble::NothingMatches { headings() } else { None };
        let (zh, en) = (&unreadable.message.zh, &unreadable.message.en);
        problems.add(Text::new(format!("机构名册 {shown}：{zh}"), format!("the roster {shown}: {en}")), help);
        return Err(problems.into());
    }
    let table = roster.tables.get(dataset).context("a table for each dataset")?;
    let texts = |field: &str| -> Vec<String> {
        let column = table.frame.column(field).and_then(|column| column.cast(&DataType::String));
        let column = column.and_then(|column| column.str().cloned());
        column
            .map(|values| values.iter().map(|value| value.unwrap_or_default().to_owned()).collect())
            .unwrap_or_default()
    };
    let [codes, names, officers, since, handovers, reviewers, phones] =
        ["unit_code", "unit_name", "officer", "officer_since", "handover", "reviewer", "phone"].map(texts);
    let at = |values: &[String], index: usize| values.get(index).cloned().unwrap_or_default();
    let mut units: Vec<Unit> = Vec::new();
    for (index, code) in codes.into_iter().enumerate() {
        if code.is_empty() || units.iter().any(|unit| unit.code == code) {
            continue;
        }
        units.push(Unit {
            code,
            name: at(&names, index),
            officer: at(&officers, index),
            officer_since: at(&since, index),
            handover: at(&handovers, index),
            reviewer: at(&reviewers, index),
            phone: at(&phones, index),
            institution: false,
        });
    }
    if units.is_empty() {
        let message = Text::new(format!("机构名册 {shown} 没有列出社部"), format!("the roster {shown} lists no unit"));
        problems.add(message, headings());
    }
    Ok(problems.into_result(units)?)
}

/// When things are due.
struct Dates {
    deadlines: Deadlines,
    working_days: Vec<NaiveDate>,
}

/// Puts everything together: who the findings belong to, and how each unit stands.
fn conclude(
    job: Job,
    pack: RulePack,
    read: Read,
    checked: Checked,
    dates: Dates,
    receipts: Receipts,
    overlay: Overlay,
) -> Outcome {
    let Read { units, intake } = read;
    let Dates { deadlines, working_days } = dates;
    let mut standings = vec![Standing::default(); units.len()];
    for (index, file) in intake.files.iter().enumerate() {
        if let Some(standing) = standings.get_mut(file.unit) {
            standing.files.push(index);
        }
    }
    for (standing, unit) in standings.iter_mut().zip(&units) {
        standing.received = receipts.submitted(&unit.code);
        standing.resubmitted = receipts.resubmitted(&unit.code);
        standing.timeliness = match standing.received {
            _ if standing.files.is_empty() => Timeliness::Missing,
            Some(time) if time.date() <= deadlines.submission || pack.without_deadlines => Timeliness::OnTime,
            Some(_) => Timeliness::Late,
            None => Timeliness::NoReceipt,
        };
    }
    let flagged = flagged_records(&intake.tables, &checked);
    for (table, flagged) in intake.tables.iter().zip(&flagged) {
        for segment in &table.segments {
            let Some(standing) = standings.get_mut(segment.unit) else { continue };
            standing.records += u64::from(segment.records.end - segment.records.start);
            let own = flagged.get(segment.records.start as usize..segment.records.end as usize).unwrap_or_default();
            standing.flagged += own.iter().filter(|flag| **flag).count() as u64;
        }
    }
    for (finding, unit) in checked.findings.iter().zip(&checked.finding_units) {
        let (Some(rule), Some(standing)) = (pack.rules.get(finding.rule), standings.get_mut(*unit)) else { continue };
        match rule.severity {
            crate::finding::Severity::Error => standing.errors += 1,
            crate::finding::Severity::Warning => standing.warnings += 1,
            crate::finding::Severity::Info => standing.infos += 1,
        }
    }
    Outcome {
        job,
        pack,
        units,
        intake,
        findings: checked.findings,
        finding_units: checked.finding_units,
        repeats: Vec::new(),
        counts: checked.counts,
        completeness: checked.completeness,
        standings,
        deadlines,
        compared: Vec::new(),
        overlay,
        working_days,
        receipts,
    }
}

/// For each table, which records have at least one finding.
fn flagged_records(tables: &[Table], checked: &Checked) -> Vec<Vec<bool>> {
    let mut flagged: Vec<_> = tables.iter().map(|table| vec![false; table.height()]).collect();
    for finding in &checked.findings {
        if let crate::finding::Place::Record { dataset, record, .. } = finding.place
            && let Some(flag) = flagged.get_mut(dataset).and_then(|flags| flags.get_mut(record as usize))
        {
            *flag = true;
        }
    }
    flagged
}

/// Whether the submission can go out: with a ledger as its gate says, without one if nothing was found. Input that could
/// not be read weighs more than findings.
fn exit(outcome: &Outcome, gate: Option<&Gate>) -> Exit {
    if outcome.intake.files.iter().any(|file| file.unreadable.is_some()) {
        return Exit::Unreadable;
    }
    if let Some(gate) = gate {
        return if gate.ready() { Exit::Clear } else { Exit::Blocked };
    }
    let open = outcome.standings.iter().zip(&outcome.units).any(|(standing, unit)| {
        standing.errors > 0
            || standing.warnings > 0
            || (standing.timeliness == Timeliness::Missing && !unit.institution)
    });
    if open { Exit::Blocked } else { Exit::Clear }
}

/// Whether an error is the caller's: a bad job, pack, calendar, roster or another institution's ledger.
fn is_request_fault(error: &anyhow::Error) -> bool {
    let wrong_ledger = |error: &LedgerError| {
        matches!(
            error.fault,
            Fault::Missing
                | Fault::NotALedger
                | Fault::Newer { .. }
                | Fault::OtherInstitution { .. }
                | Fault::Refused(_)
        )
    };
    error.chain().any(|cause| {
        cause.is::<Problems>() || cause.is::<MissingYear>() || cause.downcast_ref().is_some_and(wrong_ledger)
    })
}
