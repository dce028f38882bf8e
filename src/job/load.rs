//! Reading a job file: all problems at once, each with its place.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Institution, Job, Outputs, Period, Signers};
use crate::{
    pack::Literal,
    problem::{Problems, Reader, TomlFile, did_you_mean},
    text::Text,
};

/// Name of the job file in a job folder.
pub const JOB_FILE: &str = "job.toml";

/// Reads a job file; a folder stands for the `job.toml` in it.
///
/// # Errors
/// All problems of the file, and files it names that are not there.
pub fn read_job(path: &Path) -> Result<Job, Problems> {
    let path = if path.is_dir() { path.join(JOB_FILE) } else { path.to_owned() };
    let shown = path.display().to_string();
    let mut problems = Problems::default();
    let Some(file) = TomlFile::open(&path, &shown, &mut problems) else {
        let folder = path.parent().filter(|folder| folder.is_dir());
        let names = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let names: Vec<_> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(problem) = problems.list.last_mut() {
            let nearest = did_you_mean(&wanted, names.iter().map(String::as_str));
            let missing = (!path.exists()).then(|| {
                Text::new(
                    format!("没有这个文件；请指定作业的 {JOB_FILE} 或它所在的文件夹"),
                    format!("there is no such file; name the job's {JOB_FILE} or the folder it lies in"),
                )
            });
            problem.help = nearest.or(missing).or(problem.help.take());
        }
        return Err(problems);
    };
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let job = file.parse(&mut problems, |reader, problems| {
        let period = reader.required_text("period", problems);
        let period = match period.value.parse::<Period>() {
            Ok(found) => Some(found),
            Err(error) => {
                if !period.value.is_empty() {
                    period.span.problem(problems, error.text().clone(), None);
                }
                None
            }
        };
        let mut named = |key: &str, required: bool, problems: &mut Problems| -> Option<PathBuf> {
            if required && !reader.has(key) {
                reader.missing(key, problems);
            }
            let name = reader.text(key, problems)?;
            let path = folder.join(&name.value);
            if !path.exists() {
                let (name_text, looked) = (&name.value, path.display());
                let message =
                    Text::new(format!("`{key}`：没有 {name_text}"), format!("`{key}`: there is no {name_text}"));
                let help = Text::new(
                    format!("路径从作业文件所在的文件夹算起；找的是 {looked}"),
                    format!("paths are relative to the job file; looked for {looked}"),
                );
                name.span.problem(problems, message, Some(help));
            }
            Some(path)
        };
        let input = named("input", true, problems);
        let roster = named("roster", true, problems);
        let receipts = named("receipts", false, problems);
        let prior = named("prior", false, problems);
        let rules = named("rules", false, problems);
        let calendar = named("calendar", false, problems);
        let mut outputs = Outputs {
            reports: named("reports", false, problems),
            templates: named("templates", false, problems),
            ledger_totals: named("ledger_totals", false, problems),
            signers: Signers::default(),
        };
        let institution = reader.table("institution", problems, |reader, problems| Institution {
            code: reader.required_text("code", problems).value,
            name: reader.required_text("name", problems).value,
        });
        if institution.is_none() && !reader.has("institution") {
            reader.missing("institution", problems);
        }
        outputs.signers = signers(reader, problems);
        let mut params = BTreeMap::new();
        reader.table("params", problems, |reader, problems| {
            for key in reader.keys() {
                let value: Option<Literal> = reader.literal(&key.value, problems).map(|literal| literal.value);
                params.extend(value.map(|value| (key.value, value)));
            }
        });
        // Read by `tier`.
        reader.pass_over(&["tiers"]);
        let pack = reader.required_text("pack", problems).value;
        let password_env = reader.text("password_env", problems).map(|name| name.value);
        Some(Job {
            path: path.clone(),
            pack,
            rules,
            period: period?,
            institution: institution?,
            input: input?,
            roster: roster?,
            receipts,
            prior,
            params,
            calendar,
            password_env,
            outputs,
        })
    });
    match job {
        Some(job) => problems.into_result(job),
        None => Err(problems),
    }
}

/// The persons who sign; blank where nobody is named.
fn signers(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Signers {
    let named = reader.table("signers", problems, |reader, problems| {
        let mut name = |key: &str| reader.text(key, problems).map(|name| name.value).unwrap_or_default();
        Signers { fill: name("fill"), phone: name("phone"), verify: name("verify"), head: name("head") }
    });
    named.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_with_mistakes_reports_them_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(JOB_FILE);
        let text = "pack = \"large-credit\"\nperiod = \"2026-1O\"\ninptu = \"submissions\"\nroster = \"roster.xlsx\"\n\n\
                    [institution]\ncode = 150199\nname = \"示例\"\n";
        std::fs::write(&path, text).expect("written");
        let problems = read_job(folder.path()).expect_err("problems").to_string();
        for part in [
            ":2:10: `2026-1O` 不是报告期",
            "`2026-1O` is no period",
            "unknown key `inptu` (是否应为 `input`？ / did you mean `input`?)",
            "`input` is missing",
            "there is no roster.xlsx",
            "`code` is a text in quotes; found integer",
        ] {
            assert!(problems.contains(part), "{part} in\n{problems}");
        }
    }

    #[test]
    fn a_job_file_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(JOB_FILE), "").expect("written");
        let problems = read_job(&folder.path().join("jobs.toml")).expect_err("problems").to_string();
        assert!(problems.contains("jobs.toml") && problems.contains("did you mean `job.toml`?"), "{problems}");
    }
}
