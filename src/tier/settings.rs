//! What a job says about tiers: the table `[tiers]` of its file.

use std::path::{Path, PathBuf};

use crate::{
    job::JOB_FILE,
    problem::{Problems, TomlFile},
    text::Text,
};

/// What a job says about tiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// File with tiers decided by people.
    pub overrides: Option<PathBuf>,
}

/// Reads the settings of a job, whose other keys the job's own reader looks at.
///
/// # Errors
/// All problems of the table, and a file it names that is not there.
pub fn read_settings(job: &Path) -> Result<Settings, Problems> {
    let path = if job.is_dir() { job.join(JOB_FILE) } else { job.to_owned() };
    let mut problems = Problems::default();
    let Some(file) = TomlFile::open(&path, &path.display().to_string(), &mut problems) else {
        return Err(problems);
    };
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let settings = file.parse(&mut problems, |reader, problems| {
        reader.keys();
        let mut settings = Settings::default();
        reader.table("tiers", problems, |reader, problems| {
            let Some(name) = reader.text("overrides", problems) else { return };
            let path = folder.join(&name.value);
            if !path.exists() {
                let (found, looked) = (&name.value, path.display());
                let message =
                    Text::new(format!("`overrides`：没有 {found}"), format!("`overrides`: there is no {found}"));
                let help = Text::new(
                    format!("路径从作业文件所在的文件夹算起；找的是 {looked}"),
                    format!("paths are relative to the job file; looked for {looked}"),
                );
                name.span.problem(problems, message, Some(help));
            }
            settings.overrides = Some(path);
        });
        settings
    });
    problems.into_result(settings)
}
