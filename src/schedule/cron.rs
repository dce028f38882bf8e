//! Lines for crontab. Cron knows no working days and no years: each line starts on every day the task may fall on, and
//! the guard ends it unless it is the one.

use super::{Plan, Task, days_of_month, end_note, shell};

/// The lines.
pub fn text(plan: &Plan<'_>) -> String {
    let note = end_note(plan.calendar);
    let mut lines = vec![
        "# cron 不认识工作日：每行在可能的日子都启动，由 `baosong schedule --is` 判断当天是否该运行".to_owned(),
        "# cron knows no working days: each line starts on every possible day, and `baosong schedule --is` decides"
            .to_owned(),
        format!("# {}", note.zh),
        format!("# {}", note.en),
        "# 有的 cron 不认 CRON_TZ，按本机时区启动 / some crons ignore CRON_TZ and go by the machine's own time"
            .to_owned(),
        "CRON_TZ=Asia/Shanghai".to_owned(),
    ];
    for task in Task::ALL {
        let title = task.title();
        let (first, last) = days_of_month(task, plan.calendar);
        let months = if task == Task::Tier { "1,4,7,10" } else { "*" };
        let time = task.time();
        lines.push(format!("# {} / {}", title.zh, title.en));
        lines.push(format!("{} {first}-{last} {months} * {}", time.format("%-M %-H"), shell(task, plan)));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chrono::Datelike as _;

    use super::*;
    use crate::{
        job::Calendar,
        schedule::{Start, starts},
    };

    /// Whether a field of five means numbers from `low` to `high` only.
    fn is_field(text: &str, low: u32, high: u32) -> bool {
        text.split(',').all(|part| {
            let (range, step) = part.split_once('/').unwrap_or((part, "1"));
            let number = |text: &str| text.parse::<u32>().is_ok_and(|number| (low..=high).contains(&number));
            let ends = || {
                range.split_once('-').map_or(number(range), |(from, to)| {
                    number(from) && number(to) && from.parse::<u32>().ok() <= to.parse::<u32>().ok()
                })
            };
            step.parse::<u32>().is_ok_and(|step| step > 0) && (range == "*" || ends())
        })
    }

    #[test]
    fn lines_follow_the_syntax_and_leave_no_start_out() {
        let calendar = Calendar::built_in().expect("the calendar");
        let from = "2015-02-01".parse().expect("a day");
        let plan = Plan {
            program: "baosong",
            folder: Path::new("/srv/报送"),
            from,
            calendar: &calendar,
            calendar_file: Some(Path::new("/srv/days.csv")),
        };
        let text = text(&plan);
        let jobs: Vec<&str> =
            text.lines().filter(|line| !line.starts_with('#') && !line.contains("CRON_TZ=")).collect();
        assert_eq!(jobs.len(), 3);
        for (line, task) in jobs.iter().zip(Task::ALL) {
            let fields: Vec<&str> = line.splitn(6, ' ').collect();
            for (field, (low, high)) in fields.iter().zip([(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]) {
                assert!(is_field(field, low, high), "{field} in {line}");
            }
            // A per cent sign would end the command.
            assert!(!fields[5].contains('%') && fields[5].contains(" --calendar '/srv/days.csv'"), "{line}");
            let (first, last) = fields[2].split_once('-').expect("a range");
            let range = first.parse::<u32>().expect("a number")..=last.parse().expect("a number");
            let outside: Vec<Start> =
                starts(task, from, &calendar).into_iter().filter(|start| !range.contains(&start.day.day())).collect();
            assert!(outside.is_empty(), "{outside:?}");
        }
        assert!(is_field("1-5", 1, 31) && !is_field("5-1", 1, 31) && !is_field("0", 1, 31) && !is_field("x", 1, 31));
    }
}
