//! Taking in the list the regulator returned (Article 21): read, tied to records and findings, recorded, and told.

mod lines;
mod told;

use anyhow::Result;
use chrono::Local;

use crate::{
    cli::{Common, Exit, FeedbackArgs},
    feedback::{Mapping, Ties, read_list},
    job,
    ledger::{Bounds, FeedbackFile, Recognised},
    run::{self, Stages},
};

/// Takes a list in, opens findings for what we had missed, and says what became of each line.
///
/// # Errors
/// If the job, the mapping or the list is wrong, the period was not run with the ledger, or it cannot be written.
pub fn feedback(args: &FeedbackArgs, common: &Common) -> Result<Exit> {
    let job = job::read_job(&args.job)?;
    let mapping = Mapping::read(args.mapping.as_deref())?;
    let list = read_list(&args.file, &mapping)?;
    let mut ledger = super::ledger::open(common)?;
    let pack = run::load(&job, &run::read_calendar(&job)?)?;
    let read = run::read_period(&job, &pack, "read", &Stages::new(common))?;
    let known = ledger.known_findings(&pack.id, job.period)?;
    let ties = Ties::new(&pack, (&read.units, &read.intake.tables), job.period, &mapping, &known)?;
    let desk = lines::Desk {
        pack: &pack,
        period: job.period,
        units: &read.units,
        files: &read.intake.files,
        mapping: &mapping,
        known: &known,
        ties: &ties,
        who: args.who.as_deref(),
        lang: common.lang,
    };
    let lines: Vec<_> = list.lines.iter().map(|line| desk.line(line)).collect();
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = FeedbackFile { name, sha256: list.sha256.clone() };
    let now = Local::now().naive_local();
    let imported = ledger.import_feedback(&job.institution, (&pack.id, job.period), &file, &lines, now)?;

    let rows = ledger.feedback(&pack.id, job.period)?;
    let register = ledger.register(&pack.id, job.period, Bounds::default(), now)?;
    let told = told::Told {
        period: job.period,
        list: &list,
        lines: &lines,
        rows: &rows,
        imported,
        register: register.as_ref(),
    };
    if common.json {
        told.print_json()?;
    } else if !common.quiet {
        told.print(common.lang)?;
    }
    let unmatched = lines.iter().any(|line| line.recognised() == Recognised::Unmatched);
    let open = rows.iter().any(|row| row.finding.as_ref().is_some_and(|(_, status)| status.is_open()));
    Ok(if unmatched || open { Exit::Blocked } else { Exit::Clear })
}
