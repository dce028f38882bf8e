//! A new job folder, and what to do with it.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{load, period};
use crate::{
    cli::{Common, Exit, PackArgs},
    job::Calendar,
    new_files::write_new,
    template::{JobFolder, ROSTER, Request, SUBMISSIONS, job_folder},
    terminal::say,
    text::Text,
};

/// Writes a job folder that can be filled in.
///
/// # Errors
/// If the pack is wrong, a file is there already, or one cannot be written.
pub fn init(folder: &Path, args: &PackArgs, common: &Common) -> Result<Exit> {
    let pack = load(args, &Calendar::built_in()?)?;
    let rules = match &args.rules {
        Some(rules) => {
            let full = std::path::absolute(rules).with_context(|| format!("cannot find {}", rules.display()))?;
            // Written with `/`, which every system reads and TOML need not escape.
            Some(full.to_string_lossy().replace('\\', "/"))
        }
        None => None,
    };
    let request = Request { pack: &pack, rules, period: period(args), lang: common.lang };
    let made = job_folder(&request)?;
    let paths = write_new(folder, &made.files)?;
    if common.json {
        let files: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        say(&serde_json::to_string_pretty(&json!({ "files": files }))?)?;
    } else if !common.quiet {
        for path in &paths {
            say(&path.display().to_string())?;
        }
        say("")?;
        say(next_steps(folder, &made).get(common.lang))?;
    }
    Ok(Exit::Clear)
}

fn next_steps(folder: &Path, made: &JobFolder) -> Text {
    let (shown, unit, workbook) = (folder.display(), &made.example_unit, made.workbook);
    Text::new(
        format!(
            "接下来：\n\
             \x20 1. job.toml：填写联社的代码和名称，按需修改参数\n\
             \x20 2. {ROSTER}：把示例行换成本联社的社部，每个社部一行\n\
             \x20 3. 把 {SUBMISSIONS}/{unit}/{workbook} 发给各社部填写；收回后放进 {SUBMISSIONS}/代码-名称/，\n\
             \x20    每个社部一个文件夹，示例文件夹用完删去\n\
             \x20 4. baosong run {shown}"
        ),
        format!(
            "What to do next:\n\
             \x20 1. job.toml: enter code and name of your institution, and parameters as needed\n\
             \x20 2. {ROSTER}: put your units in place of the example, one on each line\n\
             \x20 3. Send {SUBMISSIONS}/{unit}/{workbook} to the units; put what comes back into {SUBMISSIONS}/code-name/,\n\
             \x20    a folder for each unit, and delete the folder of the example\n\
             \x20 4. baosong run {shown}"
        ),
    )
}
