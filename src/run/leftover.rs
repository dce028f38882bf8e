//! What a killed run leaves in the output folder, hidden: an unfinished folder with the outputs it had written so far, and
//! perhaps the earlier outputs it was just putting away.
//!
//! Every staging folder has a file of its name beside it that is locked while it is in use. The lock is the operating
//! system's and ends with its process, however that ends: a folder whose file can be locked is nobody's. One without such
//! a file is never touched. Knows nothing of what is in the folders.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Component, Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{Stages, output::PARTS};
use crate::text::{Lang, Text};

/// How hidden names in the output folder begin.
const PREFIX: &str = ".baosong-";

/// How the name of the file beside a staging folder ends.
const LOCK: &str = ".lock";

/// A staging folder that nobody else removes while this is held.
#[derive(Debug)]
pub struct Claim {
    // Removed with the claim; a killed process leaves it.
    lock: NamedTempFile,
}

impl Claim {
    /// Claims a new name in `out` for outputs that go to `place`, which is below `out`.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn new(out: &Path, place: &Path) -> io::Result<Self> {
        let mut lock = tempfile::Builder::new().prefix(PREFIX).suffix(LOCK).tempfile_in(out)?;
        // Where the file system has no locks the folder has no file, and is left alone.
        if lock.as_file().lock().is_err() {
            fs::remove_file(lock.path())?;
            return Ok(Self { lock });
        }
        let below = place.strip_prefix(out).unwrap_or(place);
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        lock.write_all(names.join("/").as_bytes())?;
        Ok(Self { lock })
    }

    /// The folder claimed.
    pub fn folder(&self) -> PathBuf {
        self.lock.path().with_extension("")
    }

    /// Where earlier outputs are put away while the new ones take their place.
    pub fn away(&self) -> PathBuf {
        self.lock.path().with_extension("old")
    }
}

/// The staging folder beside `lock`, if that is the name of such a file.
fn stem(lock: &Path) -> Option<PathBuf> {
    let name = lock.file_name()?.to_str()?;
    let stem = name.strip_suffix(LOCK)?;
    stem.starts_with(PREFIX).then(|| lock.with_file_name(stem))
}

/// Removes what killed runs left in `out`, and puts earlier outputs back that one was just replacing.
pub fn sweep(out: &Path, stages: &Stages, lang: Lang) {
    for folder in sweep_folder(out) {
        let name = folder.display();
        let said = Text::new(
            format!("清理了中断的运行留下的 {name}"),
            format!("removed {name}, which a run that was killed had left"),
        );
        stages.note(said.get(lang));
    }
}

/// The folders of dead runs that were cleared away.
fn sweep_folder(out: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(out) else { return Vec::new() };
    let mut locks: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    locks.sort();
    let dead = locks.iter().filter_map(|lock| {
        let folder = stem(lock)?;
        let mut file = OpenOptions::new().read(true).write(true).open(lock).ok()?;
        file.try_lock().ok()?;
        // What cannot be cleared is left with its file, for the next run.
        clear(out, &folder, &mut file).ok()?;
        fs::remove_file(lock).ok()?;
        Some(folder)
    });
    dead.collect()
}

fn clear(out: &Path, folder: &Path, lock: &mut File) -> io::Result<()> {
    let away = folder.with_extension("old");
    if away.is_dir()
        && let Some(place) = place_of(out, lock)?
    {
        if !place.exists() {
            // Killed between the two: the outputs are those before, as is the ledger.
            return fs::rename(&away, &place).and_then(|()| remove(folder));
        }
        for part in PARTS.iter().filter(|part| away.join(part).is_dir() && !place.join(part).exists()) {
            fs::rename(away.join(part), place.join(part))?;
        }
        fs::remove_dir_all(&away)?;
    }
    remove(folder)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Where the outputs were to go, if the file says a place below `out`.
fn place_of(out: &Path, lock: &mut File) -> io::Result<Option<PathBuf>> {
    let mut text = String::new();
    lock.read_to_string(&mut text)?;
    let below = Path::new(&text);
    let inside = below.components().all(|part| matches!(part, Component::Normal(_))) && !text.is_empty();
    Ok(inside.then(|| out.join(below)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a run killed at some moment leaves; its lock is gone with it.
    fn killed(out: &Path, staged: bool, away: bool) {
        fs::write(out.join(".baosong-x.lock"), "2026-10").expect("written");
        for (name, there) in [(".baosong-x", staged), (".baosong-x.old", away)] {
            if there {
                fs::create_dir(out.join(name)).expect("made");
                fs::write(out.join(name).join("manifest.json"), name).expect("written");
            }
        }
    }

    fn names(out: &Path) -> Vec<String> {
        let entries = fs::read_dir(out).expect("listed").flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_dead_run_left_goes_and_what_is_in_use_stays() {
        let out = tempfile::tempdir().expect("a folder");
        killed(out.path(), true, false);
        // Of an earlier program, or of another command: without a file that says whether it is in use.
        fs::create_dir(out.path().join(".baosong-other")).expect("made");
        let claim = Claim::new(out.path(), &out.path().join("2026-11")).expect("claimed");
        fs::create_dir(claim.folder()).expect("made");
        assert_eq!(sweep_folder(out.path()), [out.path().join(".baosong-x")]);
        assert_eq!(sweep_folder(out.path()), Vec::<PathBuf>::new());
        assert!(claim.folder().is_dir());
        assert_eq!(names(out.path()).len(), 3, "{:?}", names(out.path()));
        fs::remove_dir(claim.folder()).expect("removed");
        drop(claim);
        assert_eq!(names(out.path()), [".baosong-other"]);
    }

    #[test]
    fn outputs_put_away_come_back_unless_new_ones_are_there() {
        let out = tempfile::tempdir().expect("a folder");
        killed(out.path(), true, true);
        sweep_folder(out.path());
        assert_eq!(names(out.path()), ["2026-10"]);
        let read = || fs::read_to_string(out.path().join("2026-10/manifest.json")).expect("read");
        assert_eq!(read(), ".baosong-x.old");
        // Killed after the new ones were put in place, before another command's folder was moved over.
        fs::write(out.path().join("2026-10/manifest.json"), "new").expect("written");
        killed(out.path(), false, true);
        fs::create_dir(out.path().join(".baosong-x.old/tiers")).expect("made");
        sweep_folder(out.path());
        assert_eq!(names(out.path()), ["2026-10"]);
        assert_eq!((read().as_str(), out.path().join("2026-10/tiers").is_dir()), ("new", true));
    }

    #[test]
    fn a_place_elsewhere_is_not_believed() {
        let out = tempfile::tempdir().expect("a folder");
        for place in ["../elsewhere", "/elsewhere", ""] {
            killed(out.path(), false, true);
            fs::write(out.path().join(".baosong-x.lock"), place).expect("written");
            sweep_folder(out.path());
            assert_eq!(names(out.path()), [".baosong-x.old"], "{place}");
            fs::remove_dir_all(out.path().join(".baosong-x.old")).expect("removed");
        }
    }
}
