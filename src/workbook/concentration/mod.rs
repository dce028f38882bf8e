//! The workbook 大额风险暴露及集中度 for the institution: exposures against limits, connected groups, guarantee circles,
//! suspects, and the change against the prior period.
//!
//! Knows what was derived and how it is shown; derives nothing. Persons' names are masked.

mod changes;
mod circles;
mod customers;
mod groups;
mod names;
mod ratios;
mod scope;
mod splits;
#[cfg(test)]
mod tests;

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context, Result};

use super::{dated_workbook, label::Label, table_sheet::TableSheet};
use crate::{
    derive::{CustomerId, Derived, Directory},
    identifier::name::looks_personal,
    job::{Job, Unit},
    pack::RulePack,
    text::{Lang, Mask},
};

/// Name of the workbook, without ending.
pub const CONCENTRATION: &str = "大额风险暴露及集中度";

/// Most lines a sheet lists; what is beyond is counted.
const MOST_LINES: usize = 20_000;

/// Most members a cell names; what is beyond is counted.
const MOST_NAMED: usize = 50;

/// What the workbook shows.
pub struct Concentration<'a> {
    /// The job.
    pub job: &'a Job,
    /// The pack in force.
    pub pack: &'a RulePack,
    /// The units of the period.
    pub units: &'a [Unit],
    /// The units of the prior period, if there is data of it.
    pub prior_units: Option<&'a [Unit]>,
    /// What was derived.
    pub derived: &'a Derived<'a>,
}

/// Writes the workbook to `path`. The same figures give the same bytes.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_concentration(shown: &Concentration<'_>, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the concentration workbook";
    let title = format!("{} {}", shown.job.institution.name, shown.job.period);
    let mut workbook = dated_workbook(shown.job.period, &title, &shown.job.institution.name);
    // Long sheets are spooled to disk: beside the target, where there is room for the result anyway.
    if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
        workbook.set_tempdir(folder).with_context(context)?;
    }
    ratios::write(&mut workbook, shown, &title, lang).with_context(context)?;
    customers::write(&mut workbook, shown, &title, lang).with_context(context)?;
    groups::write(&mut workbook, shown, &title, lang).with_context(context)?;
    circles::write(&mut workbook, shown, &title, lang).with_context(context)?;
    scope::write(&mut workbook, shown, &title, lang).with_context(context)?;
    splits::write(&mut workbook, shown, &title, lang).with_context(context)?;
    names::write(&mut workbook, shown, &title, lang).with_context(context)?;
    if let Some(comparison) = &shown.derived.comparison {
        changes::write(&mut workbook, shown, comparison, &title, lang).with_context(context)?;
    }
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}

/// A name as it may be shown here: a person's is masked, and so is a personal number inside any other.
fn shown_name(name: &str) -> String {
    if looks_personal(name) { Mask::Name.apply(name) } else { Mask::None.apply(name) }
}

/// The customer's name as it may be shown; of one without a name in the records a dash.
fn customer_name(directory: &Directory<'_>, id: CustomerId) -> String {
    directory.name(id).map_or_else(|| "—".to_owned(), shown_name)
}

/// The customer's code as it may be shown: some units use a personal number.
fn customer_code(directory: &Directory<'_>, id: CustomerId) -> String {
    Mask::None.apply(directory.code(id))
}

/// The customers by name, joined by `between`; of many the first and how many more.
fn members(directory: &Directory<'_>, ids: &[CustomerId], between: &str, lang: Lang) -> String {
    let mut names: Vec<String> = ids
        .iter()
        .take(MOST_NAMED)
        .map(|id| match directory.name(*id) {
            Some(name) => shown_name(name),
            None => customer_code(directory, *id),
        })
        .collect();
    if let Some(more) = ids.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        names.push(match lang {
            Lang::Zh => format!("……另有{more}户"),
            Lang::En => format!("… and {more} more"),
        });
    }
    names.join(between)
}

/// A remark with a count, unless there is nothing to count.
fn left_out(count: u64, what: Label, lang: Lang) -> Option<String> {
    let text = |what: &str| match lang {
        Lang::Zh => format!("未计入：{what}{count}条。"),
        Lang::En => format!("Left out: {count} {what}."),
    };
    (count > 0).then(|| text(what.get(lang)))
}

/// Ends a sheet: filters if it has lines, says so if it has none, and remarks below.
fn finish(table: &mut TableSheet<'_>, nothing: Label, mut remarks: Vec<String>, lang: Lang) -> Result<()> {
    if table.row() == 1 {
        remarks.insert(0, nothing.get(lang).to_owned());
    } else {
        table.filter()?;
    }
    table.foot(&remarks)
}

/// What the limit of `most` lines cut off, in words.
fn cut(total: usize, most: usize, lang: Lang) -> Option<String> {
    let more = total.checked_sub(most).filter(|more| *more > 0)?;
    Some(match lang {
        Lang::Zh => format!("共{total}条，只列前{most}条，另有{more}条未列。"),
        Lang::En => format!("{total} in all; the first {most} are listed, {more} are not."),
    })
}
