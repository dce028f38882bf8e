//! The tiers of all customers as csv that Excel opens with a double click.

use std::{fs::File, io::BufWriter, io::Write as _, path::Path};

use anyhow::{Context as _, Result};

use super::findings_csv::harmless;
use crate::{
    text::Lang,
    tier::{Change, Held, Roll},
};

/// Columns, in order. `figures` holds the fields used, as `heading=value` joined by `; `.
const COLUMNS: [&str; 15] = [
    "quarter",
    "data_date",
    "scheme",
    "unit",
    "customer",
    "name",
    "manager",
    "tier",
    "by_data",
    "held",
    "reason",
    "before",
    "change",
    "since",
    "figures",
];

/// Writes all customers: UTF-8 with byte order mark, comma, `\r\n`. Personal data is masked.
///
/// # Errors
/// If `path` cannot be written.
pub fn write_tiers_csv(roll: &Roll<'_>, lang: Lang, path: &Path) -> Result<()> {
    let context = || "cannot write the list of tiers (csv)";
    let mut file = BufWriter::new(File::create(path).with_context(context)?);
    file.write_all("\u{feff}".as_bytes()).with_context(context)?;
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    csv.write_record(COLUMNS).with_context(context)?;
    let (quarter, date) = (roll.basis.quarter.to_string(), roll.basis.date.to_string());
    for tiering in &roll.tierings {
        let words = roll.words(tiering, lang);
        for record in tiering.members() {
            let (Some(settled), Some(member)) =
                (tiering.settled.get(record as usize), tiering.member(record, roll, &words))
            else {
                continue;
            };
            let mut figures = String::new();
            for field in &tiering.scheme.figures {
                let title =
                    tiering.dataset.fields.get(usize::from(*field)).map(crate::pack::Field::title).unwrap_or_default();
                if !figures.is_empty() {
                    figures.push_str("; ");
                }
                figures.push_str(title.get(lang));
                figures.push('=');
                figures.push_str(&tiering.masked(record, *field));
            }
            let before = tiering.before(record).and_then(|before| before.tier.as_deref()).unwrap_or_default();
            let held = match settled.held {
                None => "",
                Some(Held::Keep) => "keep",
                Some(Held::Stay(..)) => "stay",
                Some(Held::Override(_)) => "override",
            };
            let since = settled.since.to_string();
            let fields: [&str; COLUMNS.len()] = [
                &quarter,
                &date,
                &tiering.scheme.id,
                member.unit,
                &member.key,
                &member.name,
                &member.manager,
                member.tier.unwrap_or_default(),
                member.by_data.unwrap_or_default(),
                held,
                &member.reason,
                before,
                change_name(settled.change),
                &since,
                &figures,
            ];
            csv.write_record(fields.map(harmless).iter().map(|field| field.as_bytes())).with_context(context)?;
        }
    }
    let mut file = csv.into_inner().map_err(csv::IntoInnerError::into_error).with_context(context)?;
    file.flush().with_context(context)
}

fn change_name(change: Change) -> &'static str {
    match change {
        Change::First => "first",
        Change::New => "new",
        Change::Same => "same",
        Change::Up => "up",
        Change::Down => "down",
        Change::Classed => "classed",
        Change::Lost => "lost",
        Change::Other => "other",
    }
}
