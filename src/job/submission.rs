//! The files handed in, and whose they are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::Unit;

/// A file found below the input folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the input folder, with `/`.
    pub name: String,
    /// Index of the unit it belongs to; none if no unit, or several, fit.
    pub unit: Option<usize>,
}

/// Files Windows leaves in folders.
const LEFT_BY_WINDOWS: [&str; 2] = ["Thumbs.db", "desktop.ini"];

/// All files below `input` in the order of their names. Hidden files and the lock files of Excel (`~$name.xlsx`) are
/// passed over. A file belongs to the unit whose code its folder or its own name begins with, or whose name it holds.
///
/// # Errors
/// If a folder cannot be listed.
pub fn find_files(input: &Path, units: &[Unit]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut folders = vec![input.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
            let own_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if own_name.starts_with('.') || own_name.starts_with("~$") || LEFT_BY_WINDOWS.contains(&own_name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(input).unwrap_or(&path);
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            let name = parts.join("/");
            let unit = parts.first().and_then(|part| unit_of(part, units));
            found.push(Found { path, name, unit });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The unit a folder or file name belongs to: by the code it begins with, else by the unit name it holds (the longest,
/// if one name holds another). None if nothing or several fit.
fn unit_of(name: &str, units: &[Unit]) -> Option<usize> {
    let units = || units.iter().enumerate().filter(|(_, unit)| !unit.institution);
    let by_code = units().filter(|(_, unit)| {
        !unit.code.is_empty()
            && name
                .strip_prefix(unit.code.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() && c.is_ascii()))
    });
    if let Some((index, _)) = by_code.max_by_key(|(_, unit)| unit.code.len()) {
        return Some(index);
    }
    let mut by_name: Vec<_> = units().filter(|(_, unit)| !unit.name.is_empty() && name.contains(&unit.name)).collect();
    by_name.sort_by_key(|(_, unit)| std::cmp::Reverse(unit.name.len()));
    match by_name.as_slice() {
        [] => None,
        [(index, _)] => Some(*index),
        [(index, longest), rest @ ..] => rest
            .iter()
            .all(|(_, unit)| longest.name.contains(&unit.name) && longest.name != unit.name)
            .then_some(*index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units() -> Vec<Unit> {
        [("150102", "城关社部"), ("150103", "城关东社部"), ("1501", "营业部")]
            .into_iter()
            .map(|(code, name)| Unit { code: code.to_owned(), name: name.to_owned(), ..Unit::default() })
            .collect()
    }

    #[test]
    fn files_belong_to_the_unit_they_are_named_after() {
        let units = units();
        assert_eq!(unit_of("150102-城关社部", &units), Some(0));
        assert_eq!(unit_of("150103", &units), Some(1));
        assert_eq!(unit_of("1501_贷款.xlsx", &units), Some(2));
        assert_eq!(unit_of("1501029-x", &units), None);
        assert_eq!(unit_of("城关东社部2026年10月.xlsx", &units), Some(1));
        assert_eq!(unit_of("城关社部和营业部.xlsx", &units), None);
    }

    #[test]
    fn lock_files_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("150102-城关社部");
        std::fs::create_dir(&inner).expect("a folder");
        for name in ["贷款.xlsx", "~$贷款.xlsx", ".DS_Store", "Thumbs.db"] {
            std::fs::write(inner.join(name), "x").expect("written");
        }
        let found = find_files(folder.path(), &units()).expect("listed");
        let names: Vec<_> = found.iter().map(|file| (file.name.as_str(), file.unit)).collect();
        assert_eq!(names, [("150102-城关社部/贷款.xlsx", Some(0))]);
    }
}
