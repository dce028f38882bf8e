//! Units of systemd: a service and a timer for each task, the timer with concrete dates.

use super::{File, Plan, Task, end_note, shell, starts};

/// The units.
pub fn files(plan: &Plan<'_>) -> Vec<File> {
    let mut files = Vec::new();
    for task in Task::ALL {
        let title = task.title();
        let name = format!("baosong-{}", task.name());
        // `$` is the unit's own sign: two stand for one.
        let command = shell(task, plan).replace('$', "$$").replace('"', "\\\"");
        // Findings (1) and files that could not be read (3) are results, not failures of the service.
        let service = format!(
            "[Unit]\nDescription={} / {}\n\n[Service]\nType=oneshot\nExecStart=/bin/sh -c \"{command}\"\n\
             SuccessExitStatus=1 3\n",
            title.zh, title.en
        );
        files.push((format!("{name}.service"), service));
        let note = end_note(plan.calendar);
        let mut timer =
            format!("# {}\n# {}\n[Unit]\nDescription={} / {}\n\n[Timer]\n", note.zh, note.en, title.zh, title.en);
        for start in starts(task, plan.from, plan.calendar) {
            timer.push_str(&format_line(start.day, task));
        }
        timer.push_str("\n[Install]\nWantedBy=timers.target\n");
        files.push((format!("{name}.timer"), timer));
    }
    files
}

fn format_line(day: chrono::NaiveDate, task: Task) -> String {
    format!("OnCalendar={day} {} Asia/Shanghai\n", task.time())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::job::Calendar;

    fn units() -> Vec<File> {
        let calendar = Calendar::built_in().expect("the calendar");
        let from = "2026-10-01".parse().expect("a day");
        files(&Plan {
            program: "/usr/bin/env",
            folder: Path::new("/srv/报送"),
            from,
            calendar: &calendar,
            calendar_file: None,
        })
    }

    #[test]
    fn each_task_has_a_service_and_a_timer_with_dates() {
        let units = units();
        let names: Vec<_> = units.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "baosong-run.service",
                "baosong-run.timer",
                "baosong-again.service",
                "baosong-again.timer",
                "baosong-tier.service",
                "baosong-tier.timer"
            ]
        );
        let timer = &units[1].1;
        assert!(
            timer.contains(
                "OnCalendar=2026-10-12 18:00:00 Asia/Shanghai\nOnCalendar=2026-11-05 18:00:00 Asia/Shanghai\n"
            )
        );
        assert!(units[3].1.contains("OnCalendar=2026-10-13 12:30:00 Asia/Shanghai\n"));
        assert!(
            units[0].1.contains(
                "p=$$('/usr/bin/env' schedule --is run); s=$$?; [ $$s -eq 1 ] && exit 0; [ $$s -eq 0 ] || exit $$s; '/usr/bin/env' run '/srv/报送'/\\\"$$p\\\" "
            )
        );
    }

    /// With systemd's own tool, where the machine has it.
    #[test]
    fn systemd_takes_the_units() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths: Vec<_> = units()
            .into_iter()
            .map(|(name, text)| {
                let path = folder.path().join(name);
                std::fs::write(&path, text).expect("written");
                path
            })
            .collect();
        let verify = std::process::Command::new("systemd-analyze").arg("verify").arg("--man=no").args(&paths).output();
        if let Ok(output) = verify {
            let said = String::from_utf8_lossy(&output.stderr);
            let own: Vec<_> = said.lines().filter(|line| line.contains("baosong")).collect();
            assert!(own.is_empty(), "{own:?}");
        }
        let calendar = std::process::Command::new("systemd-analyze")
            .args(["calendar", "2026-11-05 18:00:00 Asia/Shanghai"])
            .output();
        if let Ok(output) = calendar {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
