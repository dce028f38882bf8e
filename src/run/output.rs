//! Writing a run's outputs: under a temporary name first, then put in place at once.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use super::{Stages, leftover::Claim};
use crate::{job::Period, ledger::Register, listing, outcome::Outcome, text::Lang, workbook};

/// Name of the manifest in the output folder.
const MANIFEST: &str = "manifest.json";

/// Folders in a period's folder that other commands than `run` write and keep a manifest of their own in.
pub(super) const PARTS: [&str; 2] = ["tiers", "cadence"];

/// A folder beside the final one, removed unless it is published.
pub struct Staging {
    folder: tempfile::TempDir,
    claim: Claim,
    place: PathBuf,
}

impl Staging {
    /// A new folder below `out`, for the period.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(out: &Path, period: Period) -> Result<Self> {
        let advice = || {
            format!(
                "输出文件夹 {0} 不能写入；请换一个文件夹（--out）或检查权限和磁盘空间 / cannot write to the output folder {0}; \
                 name another with --out, or check permissions and free space",
                out.display()
            )
        };
        fs::create_dir_all(out).with_context(advice)?;
        let staging = Self::claimed(out, out.join(period.to_string())).with_context(advice)?;
        for sub in ["errors", "summary", super::reports::FOLDER, super::reports::SUBMISSION] {
            fs::create_dir(staging.path().join(sub)).with_context(advice)?;
        }
        Ok(staging)
    }

    /// A new and empty folder below `out` for outputs that go to `place`.
    fn claimed(out: &Path, place: PathBuf) -> std::io::Result<Self> {
        let claim = Claim::new(out, &place)?;
        let folder = claim.folder();
        let name = folder.file_name().unwrap_or_default();
        let folder = tempfile::Builder::new().prefix(name).rand_bytes(0).tempdir_in(out)?;
        Ok(Self { folder, claim, place })
    }

    /// A new folder below `out` for one of the parts of a period that have a manifest of their own, such as `tiers`.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open_part(out: &Path, period: Period, part: &str) -> Result<Self> {
        let place = out.join(period.to_string()).join(part);
        let advice = || {
            format!(
                "输出文件夹 {0} 不能写入；请换一个文件夹（--out）或检查权限和磁盘空间 / cannot write to the output folder {0}; \
                 name another with --out, or check permissions and free space",
                out.display()
            )
        };
        fs::create_dir_all(out.join(period.to_string())).with_context(advice)?;
        Self::claimed(out, place).with_context(advice)
    }

    /// Writes the manifest `value`, with the hashes of all other outputs under `outputs`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_manifest(&self, mut value: serde_json::Value) -> Result<()> {
        let outputs = hashes(self.path()).context("reading back the outputs")?;
        if let Some(map) = value.as_object_mut() {
            map.insert("outputs".to_owned(), serde_json::to_value(outputs)?);
        }
        let text = serde_json::to_string_pretty(&value)? + "\n";
        fs::write(self.path().join(MANIFEST), text).context("cannot write the manifest")
    }

    /// Where outputs are written until they are published.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts the outputs in place of those of an earlier run. An earlier folder in which someone changed or added a file
    /// is kept under another name, which is returned.
    ///
    /// # Errors
    /// If a folder cannot be renamed.
    pub fn publish(self) -> Result<Option<PathBuf>> {
        let place = self.place;
        let advice =
            || format!("cannot put the outputs in place at {}; close the files opened from it", place.display());
        let mut kept = None;
        let mut old = None;
        if place.exists() {
            if is_untouched(&place) {
                let away = self.claim.away();
                fs::rename(&place, &away).with_context(advice)?;
                old = Some(away);
            } else {
                let name = |number: u32| place.with_file_name(format!("{}.kept-{number}", file_name(&place)));
                let free = (1..1000).map(name).find(|path| !path.exists());
                let Some(free) = free else { bail!("too many kept folders beside {}", place.display()) };
                fs::rename(&place, &free).with_context(advice)?;
                kept = Some(free);
            }
        }
        let staged = self.folder.keep();
        if let Err(error) = fs::rename(&staged, &place) {
            // Back to the state before, as far as it goes.
            if let Some(previous) = old.as_ref().or(kept.as_ref()) {
                let _ = fs::rename(previous, &place);
            }
            let _ = fs::remove_dir_all(&staged);
            return Err(error).with_context(advice);
        }
        for part in PARTS {
            let from = old.as_ref().or(kept.as_ref()).map(|previous| previous.join(part)).filter(|from| from.is_dir());
            if let Some(from) = from {
                fs::rename(&from, place.join(part)).with_context(advice)?;
            }
        }
        if let Some(old) = old {
            fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        }
        Ok(kept)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Files below a folder by their path, with their hashes.
fn hashes(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current)? {
            let path = entry?.path();
            if path.is_dir() {
                let part = current == folder && PARTS.iter().any(|part| path.ends_with(part));
                folders.extend((!part).then_some(path));
                continue;
            }
            let below = path.strip_prefix(folder).unwrap_or(&path);
            let name = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            found.insert(name, crate::digest::of_file(&path)?);
        }
    }
    Ok(found)
}

/// Whether a folder holds just what an earlier run wrote.
fn is_untouched(folder: &Path) -> bool {
    let Ok(mut found) = hashes(folder) else { return false };
    if found.is_empty() {
        return true;
    }
    found.remove(MANIFEST);
    let manifest = fs::read(folder.join(MANIFEST)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let Some(serde_json::Value::Object(manifest)) = manifest else { return false };
    let Some(serde_json::Value::Object(outputs)) = manifest.get("outputs") else { return false };
    outputs.len() == found.len()
        && outputs.iter().all(|(name, hash)| found.get(name).map(String::as_str) == hash.as_str())
}

/// Writes everything into the staging folder but reports and manifest.
///
/// # Errors
/// If a file cannot be written.
pub fn write_all(outcome: &Outcome, lang: Lang, staging: &Staging, stages: &Stages) -> Result<()> {
    let folder = staging.path();
    // The workbook of a large unit keeps one thread busy for long: the lists are written beside it.
    let (workbooks, lists) = rayon::join(
        || {
            let errors = timed("error workbooks", || write_error_workbooks(outcome, lang, &folder.join("errors")));
            [errors, timed("corrections", || write_corrections(outcome, lang, folder))]
        },
        || {
            let csv = || listing::write_findings_csv(outcome, lang, &folder.join("findings.csv"));
            let parquet = || listing::write_findings_parquet(outcome, lang, &folder.join("findings.parquet"));
            let summary = || workbook::write_summary(outcome, lang, &folder.join("summary/校验汇总.xlsx"));
            [timed("summary", summary), timed("findings.csv", csv), timed("findings.parquet", parquet)]
        },
    );
    for (name, time, result) in workbooks.into_iter().chain(lists) {
        stages.took(name, time);
        result?;
    }
    Ok(())
}

/// Writes the register and the notices to the units, from what the ledger holds once the run is recorded.
///
/// # Errors
/// If a file cannot be written.
pub fn write_register(register: &Register, outcome: &Outcome, lang: Lang, staging: &Staging) -> Result<()> {
    let folder = staging.path().join("summary");
    let (register, notices) = rayon::join(
        || workbook::write_register(register, &outcome.pack, lang, &folder.join("差错登记簿.xlsx")),
        || workbook::write_notices(register, lang, &folder.join("社部通知单.xlsx")),
    );
    register.and(notices)
}

/// Writes the manifest, which holds the hashes of all other outputs: the last of them.
///
/// # Errors
/// If a file cannot be read back or the manifest not be written.
pub fn write_manifest(outcome: &Outcome, staging: &Staging) -> Result<()> {
    let outputs = hashes(staging.path()).context("reading back the outputs")?;
    listing::write_manifest(outcome, &outputs, &staging.path().join(MANIFEST))
}

/// Enters files written later below `place/folder` into the manifest of the run, if there is one, so that they are not
/// taken for someone's changes.
///
/// # Errors
/// If a file cannot be read back or the manifest not be written.
pub fn note_in_manifest(place: &Path, folder: &str, files: &[PathBuf]) -> Result<()> {
    let path = place.join(MANIFEST);
    let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
    let Ok(mut manifest) = serde_json::from_str::<serde_json::Value>(&text) else { return Ok(()) };
    let Some(outputs) = manifest.get_mut("outputs").and_then(serde_json::Value::as_object_mut) else { return Ok(()) };
    for file in files {
        outputs.insert(format!("{folder}/{}", file_name(file)), crate::digest::of_file(file)?.into());
    }
    outputs.sort_keys();
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    let staged = tempfile::NamedTempFile::new_in(place)?;
    fs::write(staged.path(), text)?;
    staged.persist(&path).context("cannot write the manifest")?;
    Ok(())
}

fn timed<T>(name: &'static str, work: impl FnOnce() -> T) -> (&'static str, Duration, T) {
    let started = Instant::now();
    let result = work();
    (name, started.elapsed(), result)
}

/// One workbook for each unit with findings, written by several threads.
fn write_error_workbooks(outcome: &Outcome, lang: Lang, folder: &Path) -> Result<()> {
    use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};
    let mut units: Vec<_> = outcome.finding_units.clone();
    units.sort_unstable();
    units.dedup();
    let names = file_names(outcome, &units);
    let jobs: Vec<_> = units.into_iter().zip(names).collect();
    jobs.par_iter().try_for_each(|(unit, name)| {
        let path = folder.join(name);
        workbook::write_error_workbook(outcome, *unit, lang, &path)
            .with_context(|| format!("writing the error workbook {name}"))
    })
}

/// The data of units with corrections, and what they must change in their source systems. The folders are made only if
/// there is something to put into them.
fn write_corrections(outcome: &Outcome, lang: Lang, folder: &Path) -> Result<()> {
    type Write = fn(&Outcome, usize, Lang, &Path) -> Result<()>;
    let (data, source) = workbook::units_with_corrections(outcome);
    let kinds: [(&str, Vec<usize>, Write); 2] = [
        ("corrected-data", data, workbook::write_corrected_data),
        ("source-changes", source, workbook::write_source_changes),
    ];
    for (name, units, write) in kinds {
        if units.is_empty() {
            continue;
        }
        let folder = folder.join(name);
        fs::create_dir(&folder).with_context(|| format!("cannot make the folder {name}"))?;
        for (unit, file) in units.iter().zip(file_names(outcome, &units)) {
            write(outcome, *unit, lang, &folder.join(&file)).with_context(|| format!("writing {name}/{file}"))?;
        }
    }
    Ok(())
}

/// A file name for each unit: its code and name, without anything a file system would take for a path.
fn file_names(outcome: &Outcome, units: &[usize]) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::new();
    let mut names = Vec::new();
    for unit in units {
        let text = outcome.units.get(*unit).map(|unit| format!("{}-{}", unit.code, unit.name)).unwrap_or_default();
        let stem = safe_name(&text);
        let mut name = format!("{stem}.xlsx");
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            name = format!("{stem}-{number}.xlsx");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// `text` as a file name on Windows and elsewhere: separators, control characters and reserved names are replaced.
pub fn safe_name(text: &str) -> String {
    let replaced: String =
        text.chars().map(|c| if c.is_control() || r#"\/:*?"<>|"#.contains(c) { '_' } else { c }).take(80).collect();
    let trimmed = replaced.trim().trim_matches('.');
    let device = trimmed.split(['.', '-']).next().unwrap_or_default().to_ascii_uppercase();
    let numbered = |name: &str| device.strip_prefix(name).is_some_and(|rest| rest.len() == 1 && rest != "0");
    let reserved = ["CON", "PRN", "AUX", "NUL"].contains(&device.as_str()) || numbered("COM") || numbered("LPT");
    if trimmed.is_empty() || reserved { format!("_{trimmed}") } else { trimmed.to_owned() }
}

/// Whether an error chain ends in a lack of room: a full disk, a quota used up, a file larger than allowed.
pub fn is_disk_full(error: &anyhow::Error) -> bool {
    const KINDS: [ErrorKind; 3] = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
    // Some writers keep only the text of the error: ENOSPC, EDQUOT and EFBIG of Linux, ERROR_DISK_FULL of Windows.
    const TEXTS: &[&str] =
        if cfg!(windows) { &["(os error 112)"] } else { &["(os error 28)", "(os error 122)", "(os error 27)"] };
    error.chain().any(|cause| {
        let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let text = cause.to_string();
        kind.is_some_and(|kind| KINDS.contains(&kind)) || TEXTS.iter().any(|part| text.contains(part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_the_data_stay_in_the_folder() {
        assert_eq!(safe_name("150102-城关社部"), "150102-城关社部");
        assert_eq!(safe_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(safe_name("..\\x"), "_x");
        assert_eq!(safe_name("CON-x"), "_CON-x");
        assert_eq!(safe_name(" "), "_");
        assert_eq!(safe_name("COM1"), "_COM1");
    }

    #[test]
    fn parts_of_other_commands_stay_and_are_no_change() {
        let out = tempfile::tempdir().expect("a folder");
        let period: Period = "2026Q3".parse().expect("a quarter");
        let part = || {
            let staging = Staging::open_part(out.path(), period, "tiers").expect("staging");
            fs::write(staging.path().join("tiers.csv"), "x").expect("written");
            staging.write_manifest(serde_json::json!({})).expect("written");
            staging.publish().expect("published")
        };
        let whole = || {
            let staging = Staging::open(out.path(), period).expect("staging");
            staging.write_manifest(serde_json::json!({})).expect("written");
            staging.publish().expect("published")
        };
        assert_eq!((part(), whole(), part(), whole()), (None, None, None, None));
        assert!(
            out.path().join("2026Q3/tiers/tiers.csv").is_file() && out.path().join("2026Q3/manifest.json").is_file()
        );
        fs::write(out.path().join("2026Q3/tiers/tiers.csv"), "changed").expect("written");
        assert_eq!(part(), Some(out.path().join("2026Q3/tiers.kept-1")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_lack_of_room_is_told_from_other_failures() {
        let full = |code| {
            let error = anyhow::Error::from(std::io::Error::from_raw_os_error(code)).context("writing");
            (is_disk_full(&error), is_disk_full(&anyhow::anyhow!("writing: {error:#}")))
        };
        // ENOSPC, EDQUOT, EFBIG; then ENOENT and EACCES.
        assert_eq!([28, 122, 27].map(full), [(true, true); 3]);
        assert_eq!([2, 13].map(full), [(false, false); 2]);
    }

    #[test]
    fn a_folder_someone_worked_in_is_kept() {
        let out = tempfile::tempdir().expect("a folder");
        let period: Period = "2026-10".parse().expect("a period");
        let write = |text: &str| {
            let staging = Staging::open(out.path(), period).expect("staging");
            fs::write(staging.path().join("errors/a.xlsx"), text).expect("written");
            let outputs = hashes(staging.path()).expect("hashes");
            let manifest = serde_json::json!({ "outputs": outputs });
            fs::write(staging.path().join(MANIFEST), manifest.to_string()).expect("written");
            staging.publish().expect("published")
        };
        assert_eq!(write("one"), None);
        assert_eq!(write("two"), None, "nothing was changed, so the old folder goes");
        fs::write(out.path().join("2026-10/errors/a.xlsx"), "corrected by the officer").expect("written");
        let kept = write("three").expect("kept");
        assert_eq!(fs::read_to_string(kept.join("errors/a.xlsx")).expect("read"), "corrected by the officer");
        assert_eq!(fs::read_to_string(out.path().join("2026-10/errors/a.xlsx")).expect("read"), "three");
        let names: Vec<_> =
            fs::read_dir(out.path()).expect("listed").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(names.len(), 2, "nothing temporary is left: {names:?}");
    }
}
