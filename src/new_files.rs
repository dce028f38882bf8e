//! Writes files that must not be there yet: what a person may have edited is never overwritten.
//!
//! Knows nothing of what is in them.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

use crate::{problem::Problems, text::Text};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its path below the folder, with `/`.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl NewFile {
    /// A file of these bytes.
    pub fn new(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: content.into() }
    }
}

/// Writes the files below `folder` and returns their paths. None is written if one of them is there already.
///
/// # Errors
/// Files that are there, as problems; folders and files that cannot be written.
pub fn write_new(folder: &Path, files: &[NewFile]) -> Result<Vec<PathBuf>> {
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(&file.name)).collect();
    let mut problems = Problems::default();
    for path in paths.iter().filter(|path| path.symlink_metadata().is_ok()) {
        there_already(path, &mut problems);
    }
    problems.into_result(())?;
    for (path, file) in paths.iter().zip(files) {
        let parent = path.parent().unwrap_or(folder);
        let written = || format!("cannot write {}", path.display());
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        let mut unnamed = NamedTempFile::new_in(parent).with_context(written)?;
        unnamed.write_all(&file.content).with_context(written)?;
        unnamed.as_file().sync_all().with_context(written)?;
        if let Err(error) = unnamed.persist_noclobber(path) {
            // Someone else has put it there in the meantime.
            if error.error.kind() == std::io::ErrorKind::AlreadyExists {
                let mut problems = Problems::default();
                there_already(path, &mut problems);
                return Err(problems.into());
            }
            return Err(error.error).with_context(written);
        }
        readable_by_others(path)?;
    }
    Ok(paths)
}

fn there_already(path: &Path, problems: &mut Problems) {
    let shown = path.display();
    let message =
        Text::new(format!("{shown} 已经存在，没有覆盖"), format!("{shown} is there already and was left alone"));
    let help = Text::new("换一个文件夹，或先把它移走", "name another folder, or move it away first");
    problems.add(message, Some(help));
}

/// Temporary files belong to their owner alone; what is made here is meant to be shared like any other file.
#[cfg(unix)]
fn readable_by_others(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
        .with_context(|| format!("cannot set the permissions of {}", path.display()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems' form can fail")]
fn readable_by_others(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_are_written_or_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = [NewFile::new("a/b.txt", "一"), NewFile::new("c.txt", "二")];
        let paths = write_new(folder.path(), &files).expect("written");
        assert_eq!(std::fs::read_to_string(&paths[0]).expect("read"), "一");

        let more = [NewFile::new("d.txt", "三"), NewFile::new("c.txt", "四")];
        let refused = write_new(folder.path(), &more).expect_err("refused").to_string();
        assert!(refused.contains("c.txt is there already"), "{refused}");
        assert!(!folder.path().join("d.txt").exists(), "written beside a file that was refused");
        assert_eq!(std::fs::read_to_string(folder.path().join("c.txt")).expect("read"), "二");
    }
}
