//! The error workbook of one unit: what is wrong, where, why, what to do, by when; and the place to correct and explain.

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context, Result};

use super::{finding_list, identity, instructions, new_workbook, plan::Plan, reissue, splice::splice};
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

    // Headings, columns, notes and page set-up are drawn; the rows, which may be very many, are put in afterwards.
    let mut workbook = new_workbook(outcome, &title);
    instructions::write(&mut workbook, outcome, &plan, unit, lang).with_context(context)?;
    finding_list::draw(&mut workbook, &plan, &title, lang).with_context(context)?;
    let mut sheets = Vec::new();
    for (index, reissue) in plan.sheets.iter().enumerate() {
        let place = || format!("{}, sheet {}", context(), reissue.name);
        sheets.push(reissue::draw(&mut workbook, outcome, &renderer, &plan, index, &title).with_context(place)?);
    }
    identity::draw(&mut workbook).with_context(context)?;
    let drawn = workbook.save_to_buffer().with_context(context)?;
    drop(workbook);

    let part = |number: usize| format!("xl/worksheets/sheet{number}.xml");
    let mut inserts = finding_list::inserts(&drawn, &part(2), outcome, &renderer, &plan).with_context(context)?;
    for (at, sheet) in sheets.into_iter().enumerate() {
        inserts.extend(sheet.inserts(&drawn, &part(3 + at)).with_context(context)?);
    }
    let last = part(3 + plan.sheets.len());
    inserts.extend(identity::inserts(&drawn, &last, outcome, &renderer, &plan, unit).with_context(context)?);
    let file = File::create(path).with_context(context)?;
    splice(&drawn, &inserts, BufWriter::new(file)).with_context(context)
}
