//! Finding and loading the definitions: those in the binary, and those of the folder a job names, which are added or
//! take the place of one with the same id. All problems of all files are found at once.

use std::{collections::BTreeMap, path::Path};

use rust_embed::RustEmbed;

use super::{
    catalog,
    model::Report,
    query::Scope,
    read::{Surroundings, read_report},
};
use crate::{
    job::Period,
    pack::{RulePack, load::parameter_values},
    problem::Problems,
    text::Text,
};

#[derive(RustEmbed)]
#[folder = "reports/"]
struct Embedded;

/// The definitions by file name, as text.
pub fn read_folder(folder: &Path, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.cannot_read(&folder.display().to_string(), &error);
            return files;
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if !path.is_file() || path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                files.insert(name, text);
            }
            Err(error) => problems.cannot_read(&path.display().to_string(), &error),
        }
    }
    files
}

/// The reports of a pack, in the order of their ids.
///
/// # Errors
/// All problems of all definitions, each with its place.
pub fn load_reports(pack: &RulePack, period: Period, folder: Option<&Path>) -> Result<Vec<Report>, Problems> {
    let mut problems = Problems::default();
    let own = folder.map(|folder| read_folder(folder, &mut problems)).unwrap_or_default();
    let shipped = Embedded::iter().filter_map(|name| {
        let text = String::from_utf8(Embedded::get(&name)?.data.into_owned()).ok()?;
        Some((name.into_owned(), text))
    });
    let shipped: Vec<_> = shipped.collect();
    let tables = catalog::empty_tables(pack);
    let params = parameter_values(pack, period);
    let around = Surroundings { pack, scope: Scope { tables: &tables, params: &params } };
    let mut found: BTreeMap<String, Report> = BTreeMap::new();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (from_job, (name, text)) in
        shipped.into_iter().map(|file| (false, file)).chain(own.into_iter().map(|file| (true, file)))
    {
        let shown = match folder.filter(|_| from_job) {
            Some(folder) => folder.join(&name).display().to_string(),
            None => format!("reports/{name}"),
        };
        let Some(report) = read_report(&shown, &text, &around, &mut problems) else { continue };
        if from_job && let Some(other) = files.insert(report.id.clone(), shown.clone()) {
            let (id, zh) = (&report.id, &other);
            let message = Text::new(
                format!("两个报表编号相同：{id}（{zh} 与 {shown}）"),
                format!("two reports have the id {id}: {other} and {shown}"),
            );
            problems.add(message, None);
        }
        found.insert(report.id.clone(), report);
    }
    let reports: Vec<_> = found.into_values().collect();
    for (at, report) in reports.iter().enumerate() {
        if let Some(other) = reports.iter().take(at).find(|other| other.file == report.file) {
            let (one, two, file) = (&other.id, &report.id, &report.file);
            let message = Text::new(
                format!("报表 {one} 与 {two} 的文件同名：{file}"),
                format!("the reports {one} and {two} have one file name: {file}"),
            );
            problems.add(message, None);
        }
    }
    problems.into_result(reports)
}
