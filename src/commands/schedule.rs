//! Prints what a scheduler is to be told, and answers it whether a task is due on a day.

use std::path::Path;

use anyhow::{Context as _, Result};
use chrono::Local;

use crate::{
    cli::{Common, Exit, ScheduleArgs},
    job::Calendar,
    schedule::{self, Plan, Scheduler, Task},
    terminal::say,
    text::Text,
};

/// Prints or writes the texts for a scheduler, or tells whether a task is due.
///
/// # Errors
/// If the calendar cannot be read or lacks the year, or a file cannot be written.
pub fn schedule(args: &ScheduleArgs, common: &Common) -> Result<Exit> {
    let calendar = match &args.calendar {
        Some(path) => Calendar::read(path, &path.display().to_string())?,
        None => Calendar::built_in()?,
    };
    let today = || Local::now().date_naive();
    if let Some(task) = args.is {
        let Some(start) = schedule::start_on(task, args.on.unwrap_or_else(today), &calendar)? else {
            return Ok(Exit::Blocked);
        };
        let text = match task {
            Task::Run | Task::Again => start.month.to_string(),
            Task::Tier => format!("{} {}", start.month, start.quarter()),
        };
        say(&text)?;
        return Ok(Exit::Clear);
    }
    let folder = std::path::absolute(&args.job).with_context(|| format!("cannot find {}", args.job.display()))?;
    let file = args.calendar.as_deref().map(std::path::absolute).transpose().context("cannot find the calendar")?;
    let plan = Plan {
        program: &args.program,
        folder: &folder,
        from: args.from.unwrap_or_else(today),
        calendar: &calendar,
        calendar_file: file.as_deref(),
    };
    let scheduler = args.scheduler.unwrap_or(Scheduler::Cron);
    let files = schedule::files(scheduler, &plan)?;
    let Some(into) = &args.into else {
        let several = files.len() > 1;
        for (name, text) in files {
            // A comment in units as in XML would break the latter: only the former are told apart by one.
            match scheduler {
                Scheduler::Systemd if several => say(&format!("# ---- {name}\n{text}"))?,
                Scheduler::Windows => say(&format!("<!-- {name} -->\n{text}"))?,
                _ => say(text.trim_end_matches('\n'))?,
            }
        }
        return Ok(Exit::Clear);
    };
    std::fs::create_dir_all(into).with_context(|| format!("cannot make {}", into.display()))?;
    for (name, text) in files {
        write(&into.join(&name), &text, scheduler)?;
        if !common.quiet {
            let path = into.join(&name);
            let text = Text::new(format!("写出 {}", path.display()), format!("wrote {}", path.display()));
            say(text.get(common.lang))?;
        }
    }
    Ok(Exit::Clear)
}

/// Windows takes tasks in UTF-16, as it exports them; the others are UTF-8.
fn write(path: &Path, text: &str, scheduler: Scheduler) -> Result<()> {
    let bytes = if scheduler == Scheduler::Windows {
        let declared = text.replacen("<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>", 1);
        let units = std::iter::once(0xFEFF).chain(declared.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    } else {
        text.as_bytes().to_vec()
    };
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
