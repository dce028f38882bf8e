//! When a period's data is due: the working days after it, with the deadlines of Articles 16 and 21, as a table, as
//! JSON and as a calendar file. The day the table is made on decides only what is left.

use std::path::Path;

use anyhow::{Context as _, Result};
use chrono::{Datelike as _, Days, Local, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

use crate::{
    cli::{CalendarArgs, Common, Exit},
    job::{
        Calendar, MissingYear, Period,
        icalendar::{self, Event},
    },
    outcome::Deadlines,
    terminal::say,
    text::{Lang, Text},
};

/// A deadline of a period.
struct Due {
    /// The number of the working day.
    number: u32,
    /// Its name in identities of events.
    name: &'static str,
    day: NaiveDate,
    /// The time of day; the end of the day if absent.
    time: Option<NaiveTime>,
    what: Text,
    article: Text,
}

impl Due {
    /// The moment it is over.
    fn end(&self) -> NaiveDateTime {
        match self.time {
            Some(time) => self.day.and_time(time),
            None => (self.day + Days::new(1)).and_time(NaiveTime::MIN),
        }
    }

    fn time_text(&self) -> String {
        self.time.map_or("24:00".to_owned(), |time| time.format("%H:%M").to_string())
    }
}

fn dues(deadlines: Deadlines) -> [Due; 3] {
    [
        Due {
            number: 4,
            name: "submission",
            day: deadlines.submission,
            time: None,
            what: Text::new("各社部报送", "units hand in"),
            article: Text::new("第十六条", "Article 16"),
        },
        Due {
            number: 5,
            name: "correction",
            day: deadlines.correction,
            time: NaiveTime::from_hms_opt(12, 0, 0),
            what: Text::new("社部核实更正后重报", "units hand in again after corrections"),
            article: Text::new("第二十一条", "Article 21"),
        },
        Due {
            number: 7,
            name: "report",
            day: deadlines.report,
            time: None,
            what: Text::new("联社上报监管部门", "the union reports to the regulator"),
            article: Text::new("第十六条", "Article 16"),
        },
    ]
}

/// Prints the calendar of the periods asked for, or of the months whose deadlines are near, and writes the file.
///
/// # Errors
/// If the calendar file is wrong, a year is missing, or the file cannot be written.
pub fn calendar(args: &CalendarArgs, common: &Common) -> Result<Exit> {
    show(args, common, Local::now().naive_local())
}

fn show(args: &CalendarArgs, common: &Common, now: NaiveDateTime) -> Result<Exit> {
    let calendar = match &args.calendar {
        Some(path) => Calendar::read(path, &path.display().to_string())?,
        None => Calendar::built_in()?,
    };
    let this = Period::month_of(now.date());
    let periods = if args.period.is_empty() { vec![this.prior(), this] } else { args.period.clone() };
    let mut missing = None;
    let (mut lines, mut events) = (Vec::new(), Vec::new());
    for period in periods {
        let deadlines = match calendar.deadlines(period) {
            Ok(deadlines) => deadlines,
            Err(year) => {
                // What can be told is told first.
                missing = missing.or(Some(year));
                continue;
            }
        };
        let dues = dues(deadlines);
        if common.json {
            lines.push(as_json(period, &dues));
        } else if !common.quiet {
            say(&heading(period, common.lang))?;
            let days = if args.period.is_empty() { None } else { Some(&calendar) };
            say(&table(period, &dues, days, now, common.lang)?)?;
        }
        for due in &dues {
            events.push(event(period, due, &calendar, common.lang)?);
        }
    }
    if common.json {
        say(&serde_json::to_string_pretty(&lines)?)?;
    }
    if let Some(missing) = missing {
        return Err(missing.into());
    }
    if let Some(path) = &args.ics {
        let name = Text::new("客户风险信息报送期限", "Reporting deadlines");
        write(path, &icalendar::calendar(name.get(common.lang), &events))?;
        if !common.quiet && !common.json {
            let count = events.len();
            let (zh, en) = (format!("{count} 个期限写入 "), format!("{count} deadlines written to "));
            say(&format!("{}{}", Text::new(zh, en).get(common.lang), path.display()))?;
        }
    }
    Ok(Exit::Clear)
}

/// Writes a file under a temporary name first.
fn write(path: &Path, text: &str) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".baosong-").tempfile_in(folder).with_context(context)?;
    std::fs::write(file.path(), text).with_context(context)?;
    file.persist(path).with_context(context)?;
    Ok(())
}

fn heading(period: Period, lang: Lang) -> String {
    let date = period.data_date();
    let text = Text::new(
        format!("报告期 {period}，数据日期 {date}（星期{}）", weekday(date, Lang::Zh)),
        format!("Period {period}, data date {date} ({})", weekday(date, Lang::En)),
    );
    text.get(lang).to_owned()
}

fn weekday(day: NaiveDate, lang: Lang) -> &'static str {
    let index = day.weekday().num_days_from_monday() as usize;
    let names = match lang {
        Lang::Zh => ["一", "二", "三", "四", "五", "六", "日"],
        Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    names.get(index).copied().unwrap_or_default()
}

/// The deadlines of a period; with a calendar every day up to the last of them, days off included.
fn table(
    period: Period,
    dues: &[Due],
    days: Option<&Calendar>,
    now: NaiveDateTime,
    lang: Lang,
) -> Result<String, MissingYear> {
    let word = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(vec![
        word("工作日", "working day"),
        word("日期", "date"),
        word("星期", "weekday"),
        word("时间", "time"),
        word("事项", "what is due"),
        word("依据", "source"),
        word("还有", "left"),
    ]);
    let last = dues.iter().map(|due| due.day).max().unwrap_or_default();
    let mut number = 0;
    for day in period.data_date().iter_days().skip(1).take_while(|day| *day <= last) {
        let due = dues.iter().find(|due| due.day == day);
        let mut row = match days {
            Some(calendar) if calendar.is_working_day(day)? => {
                number += 1;
                vec![format!("T+{number}")]
            }
            Some(_) => vec![word("休", "off")],
            None => due.iter().map(|due| format!("T+{}", due.number)).collect(),
        };
        if row.is_empty() {
            continue;
        }
        row.extend([day.to_string(), weekday(day, lang).to_owned()]);
        if let Some(due) = due {
            row.extend([due.time_text(), due.what.get(lang).to_owned(), due.article.get(lang).to_owned()]);
            row.push(left(due.end(), now).get(lang).to_owned());
        } else {
            row.resize(7, String::new());
        }
        table.add_row(row);
    }
    Ok(table.to_string())
}

/// The time left until `end`, or that it is past.
pub fn left(end: NaiveDateTime, now: NaiveDateTime) -> Text {
    // The end of a day is the beginning of the next, and no longer in time.
    if now > end {
        return Text::new("已过", "past");
    }
    let (days, hours) = ((end - now).num_days(), (end - now).num_hours() % 24);
    match days {
        0 => Text::new(format!("{hours} 小时"), format!("{hours} h")),
        _ => Text::new(format!("{days} 天 {hours} 小时"), format!("{days} d {hours} h")),
    }
}

fn as_json(period: Period, dues: &[Due]) -> serde_json::Value {
    let due = |due: &Due| {
        json!({
            "working_day": due.number,
            "date": due.day.to_string(),
            "time": due.time.map(|time| time.format("%H:%M").to_string()),
            "what": due.what,
            "article": due.article.zh,
        })
    };
    let deadlines: Vec<_> = dues.iter().map(due).collect();
    json!({ "period": period.to_string(), "data_date": period.data_date().to_string(), "deadlines": deadlines })
}

/// The event of a deadline, with reminders at nine o'clock on the working day before and on the day itself.
fn event(period: Period, due: &Due, calendar: &Calendar, lang: Lang) -> Result<Event, MissingYear> {
    let nine = |day: NaiveDate| day.and_time(NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default());
    let mut before = due.day - Days::new(1);
    while !calendar.is_working_day(before)? {
        before = before - Days::new(1);
    }
    let hour = due.time.map(|time| format!(" {}:{:02}", time.hour(), time.minute())).unwrap_or_default();
    let summary = Text::new(
        format!("{period} {}（T+{}{hour}）", due.what.zh, due.number),
        format!("{period} {} (T+{}{hour})", due.what.en, due.number),
    );
    let description = Text::new(
        format!("{}：月后第{}个工作日{}前。", due.article.zh, due.number, due.time_text()),
        format!("{}: working day {} after the period, by {}.", due.article.en, due.number, due.time_text()),
    );
    Ok(Event {
        uid: format!("{period}-{}@baosong", due.name),
        stamp: period.data_date(),
        day: due.day,
        due: due.time,
        summary: summary.get(lang).to_owned(),
        description: description.get(lang).to_owned(),
        reminders: vec![nine(before), nine(due.day)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("a time")
    }

    #[test]
    fn what_is_left_counts_down_to_the_minute() {
        let noon = at("2026-11-06T12:00:00");
        for (now, zh) in [
            ("2026-11-05T09:30:00", "1 天 2 小时"),
            ("2026-11-06T11:59:00", "0 小时"),
            ("2026-11-06T12:00:00", "0 小时"),
            ("2026-11-06T12:00:01", "已过"),
        ] {
            assert_eq!(left(noon, at(now)).zh, zh, "{now}");
        }
    }

    #[test]
    fn every_day_up_to_the_report_is_shown() {
        // September 2026: the National Day holiday lasts from 1 to 7 October, and Saturday the 10th is worked.
        let calendar = Calendar::built_in().expect("in the program");
        let period: Period = "2026-09".parse().expect("a period");
        let dues = dues(calendar.deadlines(period).expect("2026 is there"));
        let text = table(period, &dues, Some(&calendar), at("2026-10-12T08:00:00"), Lang::Zh).expect("2026 is there");
        let lines: Vec<_> = text.lines().filter(|line| line.contains("2026-")).collect();
        assert_eq!(lines.len(), 15, "{text}");
        assert!(lines[0].contains('休') && lines[0].contains("2026-10-01"), "{text}");
        assert!(lines[9].contains("T+3") && lines[9].contains("2026-10-10"), "{text}");
        assert!(lines[11].contains("T+4") && lines[11].contains("16 小时"), "{text}");
        assert!(lines[12].contains("T+5") && lines[12].contains("12:00"), "{text}");
    }

    #[test]
    fn the_first_reminder_is_on_a_working_day() {
        let calendar = Calendar::built_in().expect("in the program");
        let period: Period = "2026-10".parse().expect("a period");
        let dues = dues(calendar.deadlines(period).expect("2026 is there"));
        // The report is due on Tuesday, 10 November 2026.
        let report = event(period, &dues[2], &calendar, Lang::Zh).expect("2026 is there");
        assert_eq!(report.reminders, [at("2026-11-09T09:00:00"), at("2026-11-10T09:00:00")]);
        let period: Period = "2026-04".parse().expect("a period");
        let deadlines = calendar.deadlines(period).expect("2026 is there");
        // Monday, 11 May 2026; the Saturday before is worked.
        let correction = event(period, &super::dues(deadlines)[1], &calendar, Lang::Zh).expect("2026 is there");
        assert_eq!(correction.reminders[0], at("2026-05-09T09:00:00"));
        assert_eq!(correction.uid, "2026-04-correction@baosong");
    }
}
