//! Tasks for the Windows Task Scheduler, one XML file each, with a trigger for each date.

use super::{File, Plan, Task, end_note, starts};

/// Triggers a task can have.
const MOST_TRIGGERS: usize = 48;

/// The tasks. The text has no declaration of its encoding: it is UTF-8 on a terminal and written as UTF-16 to a file.
pub fn files(plan: &Plan<'_>) -> Vec<File> {
    Task::ALL.into_iter().map(|task| (format!("baosong-{}.xml", task.name()), text(task, plan))).collect()
}

fn text(task: Task, plan: &Plan<'_>) -> String {
    let title = task.title();
    let note = end_note(plan.calendar);
    let mut xml = String::from(
        "<?xml version=\"1.0\"?>\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n",
    );
    let about = escaped(&format!("{} / {}. {} / {}", title.zh, title.en, note.zh, note.en));
    xml.push_str("  <RegistrationInfo>\n    <Description>");
    xml.push_str(&about);
    xml.push_str("</Description>\n  </RegistrationInfo>\n  <Triggers>\n");
    for start in starts(task, plan.from, plan.calendar).into_iter().take(MOST_TRIGGERS) {
        let trigger = format!(
            "    <TimeTrigger>\n      <StartBoundary>{}T{}</StartBoundary>\n      <Enabled>true</Enabled>\n    </TimeTrigger>\n",
            start.day,
            task.time()
        );
        xml.push_str(&trigger);
    }
    xml.push_str(
        "  </Triggers>\n  <Settings>\n    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n    \
         <StartWhenAvailable>false</StartWhenAvailable>\n    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>\n  </Settings>\n  \
         <Actions>\n    <Exec>\n      <Command>powershell.exe</Command>\n      <Arguments>",
    );
    xml.push_str(&escaped(&format!("-NoProfile -Command \"{}\"", command(task, plan))));
    xml.push_str("</Arguments>\n    </Exec>\n  </Actions>\n</Task>\n");
    xml
}

/// The command for PowerShell: the guard tells the month, or ends it on any other day.
fn command(task: Task, plan: &Plan<'_>) -> String {
    let Plan { program, folder, .. } = plan;
    let folder = folder.display();
    let calendar = plan.calendar_file.map(|path| format!(" --calendar '{}'", path.display())).unwrap_or_default();
    let common = format!("--ledger '{folder}\\ledger.db' --out '{folder}\\out' --quiet");
    let guard = format!(
        "$p = & '{program}' schedule --is {}{calendar}; if ($LASTEXITCODE -eq 1) {{ exit 0 }}; \
         if ($LASTEXITCODE -ne 0) {{ exit $LASTEXITCODE }}",
        task.name()
    );
    match task {
        Task::Run | Task::Again => {
            format!("{guard}; & '{program}' run (Join-Path '{folder}' $p) {common}; exit $LASTEXITCODE")
        }
        Task::Tier => format!(
            "{guard}; $a = $p.Split(' '); & '{program}' tier (Join-Path '{folder}' $a[0]) --quarter $a[1] {common}; \
             exit $LASTEXITCODE"
        ),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::job::Calendar;

    /// Names of elements in order; a tag that does not match its end is a mistake.
    fn elements(xml: &str) -> Vec<String> {
        let mut open: Vec<String> = Vec::new();
        let mut all = Vec::new();
        let mut rest = xml;
        while let Some(at) = rest.find('<') {
            assert!(!rest[..at].contains('>'), "a loose > in {}", &rest[..at]);
            for part in rest[..at].split('&').skip(1) {
                let name = part.split(';').next().unwrap_or_default();
                assert!(["amp", "lt", "gt", "quot"].contains(&name), "a loose & before {part}");
            }
            let end = at + rest[at..].find('>').expect("a tag ends");
            let tag = &rest[at + 1..end];
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name));
            } else if !tag.starts_with('?') {
                let name = tag.split(' ').next().unwrap_or_default().to_owned();
                all.push(name.clone());
                open.push(name);
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty(), "{open:?}");
        all
    }

    #[test]
    fn tasks_are_well_formed_and_have_a_trigger_for_each_date() {
        let calendar = Calendar::built_in().expect("the calendar");
        let from = "2026-10-01".parse().expect("a day");
        let plan = Plan {
            program: "C:\\工具 & 程序\\baosong.exe",
            folder: Path::new("D:\\报送"),
            from,
            calendar: &calendar,
            calendar_file: None,
        };
        for ((name, xml), triggers) in files(&plan).into_iter().zip([3, 3, 1]) {
            let elements = elements(&xml);
            assert_eq!(elements.iter().filter(|name| *name == "TimeTrigger").count(), triggers, "{name}");
            for wanted in ["Task", "Triggers", "Actions", "Exec", "Command", "Arguments"] {
                assert_eq!(elements.iter().filter(|name| *name == wanted).count(), 1, "{wanted} in {name}");
            }
        }
        let run = &files(&plan)[0].1;
        assert!(run.contains("<StartBoundary>2026-11-05T18:00:00</StartBoundary>"));
        assert!(run.contains("工具 &amp; 程序"));
        // Triggers without end would be refused.
        let all = Plan { from: "2015-02-01".parse().expect("a day"), ..plan };
        assert_eq!(elements(&files(&all)[0].1).iter().filter(|name| *name == "TimeTrigger").count(), MOST_TRIGGERS);
    }
}
