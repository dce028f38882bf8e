//! The error workbook of one unit: what is wrong, where, why, what to do, by when; and the place to correct and explain.

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context, Result};

use super::{finding_list, identity, instructions, new_workbook, plan::Plan, reissue};
use crate::{message::Renderer, outcome::Outcome, text::Lang};

/// Writes the error workbook of a unit (index into `Outcome::units`) to `path`. Personal data is shown in full, for
/// the unit itself handed it in. The same outcome gives the same bytes.
///
/// # Errors
/// If there is no such unit, or `path` cannot be written.
pub fn write_error_workbook(outcome: &Outcome, unit: usize, lang: Lang, path: &Path) -> Result<()> {
    let named = outcome.units.get(unit).context("the unit is not in the roster")?;
    let renderer = Renderer::new(outcome, lang, false)?;
    let plan = Plan::new(outcome, &renderer, unit);
    let title = format!("{} {} {}", named.code, named.name, outcome.job.period);
    let context = || format!("cannot write the error workbook of unit {}", named.code);

    let mut workbook = new_workbook(outcome, &title);
    // Large sheets are spooled to disk: beside the target, where there is room for the result anyway.
    if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
        workbook.set_tempdir(folder).with_context(context)?;
    }
    instructions::write(&mut workbook, outcome, &plan, unit, lang).with_context(context)?;
    finding_list::write(&mut workbook, outcome, &renderer, &plan, &title).with_context(context)?;
    for (index, reissue) in plan.sheets.iter().enumerate() {
        let place = || format!("{}, sheet {}", context(), reissue.name);
        reissue::write(&mut workbook, outcome, &renderer, &plan, index, &title).with_context(place)?;
    }
    identity::write(&mut workbook, outcome, &renderer, &plan, unit).with_context(context)?;

    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}
