//! How the units stand, and whether a submission may go out.

use std::path::Path;

use anyhow::Result;
use chrono::NaiveDateTime;
use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::{Value, json};

use super::{super::calendar::left, now, open, pretty, today};
use crate::{
    cli::{Common, Exit},
    job,
    ledger::{Gate, UnitGate},
    outcome::{Deadlines, Timeliness},
    run::timeliness_text,
    terminal::say,
    text::{Lang, Text},
};

/// The units as JSON.
pub fn gate_json(gate: &Gate) -> Value {
    let unit = |unit: &UnitGate| {
        json!({
            "code": unit.code,
            "name": unit.name,
            "timeliness": unit.timeliness,
            "received": unit.received.map(|time| time.to_string()),
            "resubmitted": unit.resubmitted.map(|time| time.to_string()),
            "unread": unit.unread,
            "records": unit.records,
            "flagged": unit.flagged,
            "errors": unit.errors,
            "warnings": unit.warnings,
            "explained": unit.explained,
            "waived": unit.waived,
            "resolved": unit.resolved,
            "blocks": unit.blocks(),
        })
    };
    json!({ "run": gate.run, "ready": gate.ready(), "deadlines": gate.deadlines, "units": gate.units.iter().map(unit).collect::<Vec<_>>() })
}

/// Whether a unit has met its next deadline, or what is left of it.
fn resubmission_text(unit: &UnitGate, deadlines: Option<&Deadlines>, now: NaiveDateTime) -> Text {
    let nothing = Text::new("", "");
    let Some(deadlines) = deadlines.filter(|_| !unit.institution) else { return nothing };
    let until = |text: Text| Text::new(format!("还剩 {}", text.zh), format!("{} left", text.en));
    let counted = |end: NaiveDateTime| {
        if now > end { Text::new("已过期限", "past due") } else { until(left(end, now)) }
    };
    match unit.resubmitted {
        Some(time) if time <= deadlines.correction_time() => Text::new("按时重报", "in time"),
        Some(_) => Text::new("逾期重报", "late"),
        None if unit.timeliness == Timeliness::Missing => {
            counted((deadlines.submission + chrono::Days::new(1)).and_time(chrono::NaiveTime::MIN))
        }
        None if unit.errors + unit.warnings > 0 => counted(deadlines.correction_time()),
        None => nothing,
    }
}

/// The units as a table for the terminal.
pub fn gate_table(gate: &Gate, lang: Lang) -> String {
    let heading = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(vec![
        heading("代码", "code"),
        heading("社部", "unit"),
        heading("报送", "submitted"),
        heading("重报", "corrected"),
        heading("读不出", "unread"),
        heading("未改强制", "open errors"),
        heading("未答提示", "open warnings"),
        heading("已说明", "explained"),
        heading("已豁免", "waived"),
        heading("已消除", "resolved"),
    ]);
    for unit in &gate.units {
        let state =
            if unit.institution { String::new() } else { timeliness_text(unit.timeliness).get(lang).to_owned() };
        let unread = if unit.unread { heading("是", "yes") } else { String::new() };
        let due = resubmission_text(unit, gate.deadlines.as_ref(), now()).get(lang).to_owned();
        let mut row = vec![unit.code.clone(), unit.name.clone(), state, due, unread];
        row.extend(
            [unit.errors, unit.warnings, unit.explained, unit.waived, unit.resolved].map(|count| count.to_string()),
        );
        table.add_row(row);
    }
    table.to_string()
}

/// Whether the job's submission may go out (Article 8, last sentence): yes only when no error is open and every warning
/// is corrected, explained or waived; otherwise what is missing, by unit.
///
/// # Errors
/// If the job is wrong or the ledger cannot be read.
pub fn ready(path: &Path, common: &Common) -> Result<Exit> {
    let job = job::read_job(path)?;
    let ledger = open(common)?;
    let gate = ledger.gate(&job.pack, job.period, today())?;
    if common.json {
        say(&pretty(&gate_json(&gate))?)?;
    } else if !common.quiet {
        let blocking = Gate {
            run: gate.run,
            deadlines: gate.deadlines,
            units: gate.units.iter().filter(|unit| unit.blocks()).cloned().collect(),
        };
        let text = if !gate.run {
            Text::new(
                format!("{} 还没有运行过，请先 baosong run", job.period),
                format!("{} has not been run with this ledger; use baosong run first", job.period),
            )
        } else if gate.ready() {
            Text::new(format!("{} 可以报送", job.period), format!("{} may go out", job.period))
        } else {
            say(&gate_table(&blocking, common.lang))?;
            Text::new(
                format!("{} 不能报送：以上 {} 个单位还有未了事项", job.period, blocking.units.len()),
                format!("{} may not go out: {} units above are not done", job.period, blocking.units.len()),
            )
        };
        say(text.get(common.lang))?;
    }
    Ok(if gate.ready() { Exit::Clear } else { Exit::Blocked })
}
