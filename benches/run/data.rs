//! The job folders: roster, submissions, and one job file for each pack. Written once and kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use baosong::{job::Calendar, pack};

use crate::{Case, sheets};

/// Raised when the workbooks change, so that old ones are not taken.
const EDITION: u32 = 2;

/// The packs measured: the one of the program, and one of about forty rules.
const PACKS: [&str; 2] = ["forty", "large-credit"];

/// Makes sure the files of a case are there; gives its job files.
///
/// # Errors
/// If a file cannot be written.
pub fn prepare(folder: &Path, case: &Case) -> Result<Vec<PathBuf>> {
    let place = folder.join(case.name);
    let mark = place.join("edition");
    if fs::read_to_string(&mark).ok().as_deref() != Some(&EDITION.to_string()) {
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        write_files(&place, case).with_context(|| format!("writing {}", place.display()))?;
        fs::write(&mark, EDITION.to_string())?;
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = folder.join("rules");
    copy(&project.join("rules"), &rules)?;
    copy(&project.join("benches/run/forty"), &rules.join("forty"))?;
    copy(&project.join("rules/large-credit/codes"), &rules.join("forty/codes"))?;
    for name in ["loans.toml", "params.toml"] {
        fs::copy(project.join("rules/large-credit").join(name), rules.join("forty").join(name))?;
    }
    let jobs = PACKS.iter().map(|pack| {
        let path = place.join(format!("{pack}.toml"));
        let text = format!(
            "pack = \"{pack}\"\nperiod = \"2026-10\"\nrules = \"../rules\"\nroster = \"roster.xlsx\"\ninput = \
             \"submissions\"\n\n[institution]\ncode = \"150199\"\nname = \"示例旗农村信用合作联社\"\n"
        );
        fs::write(&path, text)?;
        Ok(path)
    });
    jobs.collect()
}

fn write_files(place: &Path, case: &Case) -> Result<()> {
    let request = pack::Request {
        pack: "large-credit",
        folder: None,
        period: "2026-10".parse().map_err(anyhow::Error::msg)?,
        overrides: &std::collections::BTreeMap::new(),
        calendar: Calendar::built_in()?,
    };
    let pack = pack::load_pack(&request)?;
    let units: Vec<String> = (0..case.files).map(|number| (250_101 + number).to_string()).collect();
    fs::create_dir_all(place)?;
    sheets::write_roster(&pack, &units, &place.join("roster.xlsx"))?;
    for (number, unit) in units.iter().enumerate() {
        let folder = place.join("submissions").join(format!("{unit}-社部"));
        fs::create_dir_all(&folder)?;
        sheets::write_submission(&pack, unit, number, case.loans_per_file, &folder.join("贷款数据.xlsx"))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().context("a file has a name")?);
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
