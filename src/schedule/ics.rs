//! The starts as events for a calendar, for those who start the program by hand.

use chrono::Timelike as _;

use super::{Plan, Task, starts};
use crate::job::icalendar::{self, Event};

/// The calendar.
pub fn text(plan: &Plan<'_>) -> String {
    let mut events = Vec::new();
    for task in Task::ALL {
        let title = task.title();
        for start in starts(task, plan.from, plan.calendar) {
            let (program, folder) = (plan.program, plan.folder.display());
            let command = match task {
                Task::Run | Task::Again => format!("{program} run {folder}/{}", start.month),
                Task::Tier => format!("{program} tier {folder}/{} --quarter {}", start.month, start.quarter()),
            };
            let period = if task == Task::Tier { start.quarter() } else { start.month };
            events.push(Event {
                uid: format!("{period}-{}@schedule.baosong", task.name()),
                stamp: start.month.data_date(),
                day: start.day,
                // An event begins an hour before it is due.
                due: task.time().with_hour(task.time().hour() + 1),
                summary: format!("{period} {} / {}", title.zh, title.en),
                description: command,
                reminders: Vec::new(),
            });
        }
    }
    events.sort_by_key(|event| (event.day, event.due));
    icalendar::calendar("报送计划 / baosong", &events)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::job::Calendar;

    /// RFC 5545: what a calendar and an event must have, how lines are folded and ended.
    #[test]
    fn events_follow_the_standard() {
        let calendar = Calendar::built_in().expect("the calendar");
        let from = "2026-10-01".parse().expect("a day");
        let plan =
            Plan {
                program: "baosong", folder: Path::new("/srv/报送"), from, calendar: &calendar, calendar_file: None
            };
        let text = text(&plan);
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:") && text.ends_with("END:VCALENDAR\r\n"));
        assert!(text.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
        let unfolded = text.replace("\r\n ", "");
        let events: Vec<&str> = unfolded.split("BEGIN:VEVENT\r\n").skip(1).collect();
        assert_eq!(events.len(), 7, "three months twice, and one quarter");
        let mut ids = std::collections::BTreeSet::new();
        for event in &events {
            for property in [
                "UID:",
                "DTSTAMP:",
                "DTSTART;TZID=Asia/Shanghai:",
                "DTEND;TZID=Asia/Shanghai:",
                "SUMMARY:",
                "END:VEVENT",
            ] {
                assert_eq!(
                    event.matches(&format!("\r\n{property}")).count() + usize::from(event.starts_with(property)),
                    1,
                    "{property} in {event}"
                );
            }
            ids.insert(event.lines().next());
        }
        assert_eq!(ids.len(), events.len(), "identities are unique");
        assert!(unfolded.contains("DTSTART;TZID=Asia/Shanghai:20261105T180000\r\n"));
        assert!(unfolded.contains("DESCRIPTION:baosong tier /srv/报送/2026-09 --quarter 2026Q3\r\n"));
    }
}
