//! The register of a period (差错登记簿) and the notices to the units, from what the ledger holds. Customers' data is
//! masked there already.
//!
//! Knows the ledger's register and the pack's titles, and nothing of files read and rules evaluated.

mod candidates;
mod declared;
mod notice;
mod officers;
mod problems;
mod scorecard;
#[cfg(test)]
mod tests;

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context, Result};

use super::dated_workbook;
use crate::{
    ledger::{Correction, Register},
    outcome::Timeliness,
    pack::RulePack,
    text::Lang,
    workbook::label::{Label, label},
};

/// Writes the register to `path`: every problem, the scorecard, what might fall under Article 22, what units
/// answered without another value, the persons. The same
/// state of the ledger gives the same bytes.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_register(register: &Register, pack: &RulePack, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the register";
    let title = title(register);
    let mut workbook = dated_workbook(register.period, &title, &register.institution.1);
    problems::write(&mut workbook, register, pack, &title, lang).with_context(context)?;
    scorecard::write(&mut workbook, register, &title, lang).with_context(context)?;
    candidates::write(&mut workbook, register, pack, &title, lang).with_context(context)?;
    candidates::write_by_hand(&mut workbook, &title, lang).with_context(context)?;
    declared::write(&mut workbook, register, pack, &title, lang).with_context(context)?;
    officers::write(&mut workbook, register, &title, lang).with_context(context)?;
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}

/// Writes the notices to `path`: a page to be printed for each unit (Article 11).
///
/// # Errors
/// If `path` cannot be written.
pub fn write_notices(register: &Register, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the notices";
    let mut workbook = dated_workbook(register.period, &title(register), &register.institution.1);
    notice::write(&mut workbook, register, lang).with_context(context)?;
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}

fn title(register: &Register) -> String {
    format!("{} {}", register.institution.1, register.period)
}

/// The title of a dataset, or its id where the pack has none of that name.
fn dataset_title(pack: &RulePack, id: &str, lang: Lang) -> String {
    let dataset = pack.dataset_index(id).and_then(|index| pack.datasets.get(index));
    dataset.map_or(id, |dataset| dataset.title.get(lang)).to_owned()
}

/// The heading of a field, or its id where the pack has none of that name.
fn field_title(pack: &RulePack, dataset: &str, id: &str, lang: Lang) -> String {
    let dataset = pack.dataset_index(dataset).and_then(|index| pack.datasets.get(index));
    let field = dataset.and_then(|dataset| dataset.fields.iter().find(|field| field.id == id));
    field.map_or_else(|| id.to_owned(), |field| field.title().get(lang).to_owned())
}

fn timeliness(timeliness: Timeliness) -> Label {
    match timeliness {
        Timeliness::OnTime => label("按时", "on time"),
        Timeliness::Late => label("迟报", "late"),
        Timeliness::Missing => label("未报", "missing"),
        Timeliness::NoReceipt => label("无收件记录", "no receipt"),
    }
}

fn correction(correction: Correction) -> Label {
    match correction {
        Correction::NotNeeded => label("—", "—"),
        Correction::NotDue => label("未到期", "not due"),
        Correction::InTime => label("按时重报", "in time"),
        Correction::Late => label("逾期重报", "late"),
        Correction::Missed => label("未重报", "missed"),
    }
}
