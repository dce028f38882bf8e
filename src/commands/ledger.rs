//! Looking into the ledger, and answering findings.

mod decisions;
mod export;
mod gate;
mod people;

pub use gate::ready;

use anyhow::Result;
use chrono::{Local, NaiveDate, NaiveDateTime};
use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::{Value, json};

use crate::{
    cli::{Common, Exit, LedgerCommand, ListArgs, ListFilter, Output},
    job::Period,
    ledger::{Filter, FindingRow, History, Ledger, Target},
    problem::Problems,
    terminal::say,
    text::{Lang, Text},
};

/// Columns of a listing, as they are named in csv and json.
const COLUMNS: [&str; 15] = [
    "fingerprint",
    "period",
    "unit",
    "unit_name",
    "rule",
    "severity",
    "status",
    "times",
    "first_period",
    "record_key",
    "cell",
    "value",
    "message",
    "pack",
    "source",
];

/// Those a terminal has room for.
const SHOWN: [usize; 8] = [0, 1, 2, 4, 6, 7, 10, 12];

pub(super) fn open(common: &Common) -> Result<Ledger> {
    let Some(path) = &common.ledger else {
        let mut problems = Problems::default();
        let help = Text::new("用 --ledger 指定，如 --ledger 联社.db", "name it: --ledger 联社.db");
        problems.add(Text::new("没有指定台账", "no ledger is named"), Some(help));
        return Err(problems.into());
    };
    Ok(Ledger::open_existing(path)?)
}

fn now() -> NaiveDateTime {
    Local::now().naive_local()
}

fn today() -> NaiveDate {
    now().date()
}

/// Does what a `ledger` command asks for.
///
/// # Errors
/// If there is no ledger, it cannot be read or written, or an answer is refused.
pub fn ledger(command: &LedgerCommand, common: &Common) -> Result<Exit> {
    let mut ledger = open(common)?;
    let target =
        |fingerprint: &str, period: Option<Period>| Target { fingerprint: fingerprint.to_owned(), pack: None, period };
    let answered = match command {
        LedgerCommand::List(args) => return list(&ledger, args, common),
        LedgerCommand::Show { fingerprint, period } => {
            let history = ledger.history(&target(fingerprint, *period), today())?;
            say(&if common.json { pretty(&history_json(&history))? } else { history_text(&history, common.lang) })?;
            return Ok(Exit::Clear);
        }
        LedgerCommand::Explain { fingerprint, period, text, who } => {
            ledger.explain(&target(fingerprint, *period), text, who, now())?
        }
        LedgerCommand::Waive { fingerprint, period, reason, who, until } => {
            ledger.waive(&target(fingerprint, *period), reason, who, *until, now())?
        }
        LedgerCommand::Unwaive { fingerprint, period, who } => {
            ledger.unwaive(&target(fingerprint, *period), who, now())?
        }
        LedgerCommand::Add(args) => return people::add(&mut ledger, args, common),
        LedgerCommand::Verify { fingerprint, period, result, text, who } => {
            let text = text.as_deref().unwrap_or_default();
            ledger.second_check(&target(fingerprint, *period), *result, text, who, now())?
        }
        LedgerCommand::Override(args) => return decisions::decide(&mut ledger, args, common),
        LedgerCommand::Unoverride { number, who } => return decisions::withdraw(&mut ledger, *number, who, common),
        LedgerCommand::Overrides => return decisions::list(&ledger, common),
        LedgerCommand::Waivers => return waivers(&ledger, common),
        LedgerCommand::Units { pack, period } => {
            let units = ledger.gate(pack, *period, today())?;
            say(&if common.json { pretty(&gate::gate_json(&units))? } else { gate::gate_table(&units, common.lang) })?;
            return Ok(Exit::Clear);
        }
        LedgerCommand::Repeats { pack, period, times } => {
            return repeats(&ledger, pack, *period, *times, common);
        }
        LedgerCommand::Export(args) => return export::export(&ledger, args, common),
        LedgerCommand::Backup { to } => {
            ledger.backup(to)?;
            let text = Text::new(format!("已备份到 {}", to.display()), format!("copied to {}", to.display()));
            say(text.get(common.lang))?;
            return Ok(Exit::Clear);
        }
    };
    let title = answered.title(common.lang);
    say(&if common.json { pretty(&json!({ "status": answered.name() }))? } else { title })?;
    Ok(Exit::Clear)
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}

fn cells(row: &FindingRow, lang: Lang) -> [String; 15] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        row.fingerprint.clone(),
        row.period.to_string(),
        row.unit.clone(),
        row.unit_name.clone(),
        row.rule.clone(),
        row.severity.name().to_owned(),
        row.status.title(lang),
        row.times.to_string(),
        row.first_period.to_string(),
        text(&row.record_key),
        text(&row.cell),
        text(&row.value),
        row.message.clone(),
        row.pack.clone(),
        row.origin.title(lang),
    ]
}

fn row_json(row: &FindingRow) -> Value {
    let mut cells = cells(row, Lang::En);
    row.status.name().clone_into(&mut cells[6]);
    row.origin.name().clone_into(&mut cells[14]);
    COLUMNS
        .iter()
        .zip(cells)
        .map(|(name, text)| ((*name).to_owned(), Value::from(text)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What a list is asked for.
fn filter(args: &ListFilter) -> Filter {
    Filter {
        unit: args.unit.clone(),
        rule: args.rule.clone(),
        period: args.period,
        statuses: args.status.clone(),
        origin: args.source,
        declared: args.answer,
        pack: None,
        fingerprint: None,
        limit: args.limit,
    }
}

fn list(ledger: &Ledger, args: &ListArgs, common: &Common) -> Result<Exit> {
    let listing = ledger.list(&filter(&args.filter))?;
    let output = if common.json { Output::Json } else { args.output };
    match output {
        Output::Json => say(&pretty(&listing.rows.iter().map(row_json).collect::<Vec<_>>().into())?)?,
        Output::Csv => {
            let mut writer = csv::Writer::from_writer(vec![]);
            writer.write_record(COLUMNS)?;
            for row in &listing.rows {
                writer.write_record(cells(row, common.lang))?;
            }
            say(String::from_utf8(writer.into_inner()?)?.trim_end())?;
        }
        Output::Table => {
            say(&table(&listing.rows, common.lang))?;
            let (shown, total) = (listing.rows.len(), listing.total);
            let text =
                Text::new(format!("共 {total} 条，列出 {shown} 条"), format!("{total} findings, {shown} listed"));
            say(text.get(common.lang))?;
        }
    }
    Ok(Exit::Clear)
}

fn table(rows: &[FindingRow], lang: Lang) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(SHOWN.iter().filter_map(|column| COLUMNS.get(*column)).copied().collect::<Vec<_>>());
    for row in rows {
        let cells = cells(row, lang);
        table.add_row(SHOWN.iter().filter_map(|column| cells.get(*column)).cloned().collect::<Vec<_>>());
    }
    table.to_string()
}

fn history_json(history: &History) -> Value {
    json!({
        "finding": row_json(&history.row),
        "seen": history.seen.iter().map(|seen| json!({
            "period": seen.period.to_string(),
            "status": seen.status.name(),
            "value": seen.value,
            "first": seen.first.to_string(),
            "last": seen.last.to_string(),
        })).collect::<Vec<_>>(),
        "explanations": history.explanations.iter().map(|said| json!({
            "period": said.period.to_string(),
            "text": said.text,
            "who": said.who,
            "given": said.given.to_string(),
            "holds": said.holds,
        })).collect::<Vec<_>>(),
        "declared": history.declared.iter().map(|said| json!({
            "kind": said.kind.name(),
            "text": said.text,
            "who": said.who,
            "given": said.given.to_string(),
            "workbook": said.workbook,
        })).collect::<Vec<_>>(),
        "waivers": history.waivers.iter().map(|waiver| json!({
            "reason": waiver.reason,
            "who": waiver.who,
            "given": waiver.given.to_string(),
            "until": waiver.until.to_string(),
            "state": waiver.state,
        })).collect::<Vec<_>>(),
        "regulator": history.reported.iter().map(|line| json!({
            "file": line.file,
            "row": line.row,
            "rule": line.rule,
            "message": line.message,
            "imported": line.imported.to_string(),
        })).collect::<Vec<_>>(),
        "second_checks": history.checks.iter().map(|check| json!({
            "period": check.period.to_string(),
            "result": check.result.name(),
            "text": check.text,
            "who": check.who,
            "given": check.given.to_string(),
        })).collect::<Vec<_>>(),
    })
}

fn history_text(history: &History, lang: Lang) -> String {
    let mut lines: Vec<_> =
        COLUMNS.iter().zip(cells(&history.row, lang)).map(|(name, text)| format!("{name:<13} {text}")).collect();
    for seen in &history.seen {
        let value = seen.value.as_deref().unwrap_or_default();
        lines.push(format!("{:<13} {}  {value}", seen.period.to_string(), seen.status.title(lang)));
    }
    for said in &history.explanations {
        let changed = Text::new("（数值已变，不再有效）", " (the value has changed)");
        let stale = if said.holds { "" } else { changed.get(lang) };
        lines.push(format!("{:<13} {}：{}{stale}", said.given.format("%Y-%m-%d"), said.who, said.text));
    }
    for said in &history.declared {
        let (given, kind) = (said.given.format("%Y-%m-%d"), said.kind.title(lang));
        lines.push(format!("{given}  {kind}  {}：{} [{}]", said.who, said.text, said.workbook));
    }
    for waiver in &history.waivers {
        let state = serde_json::to_value(waiver.state).ok();
        let state = state.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        let text = format!("{} → {}", waiver.given.format("%Y-%m-%d"), waiver.until);
        lines.push(format!("{text}  {}：{} [{state}]", waiver.who, waiver.reason));
    }
    for line in &history.reported {
        let what = Text::new("监管反馈", "returned by the regulator");
        let (given, what) = (line.imported.format("%Y-%m-%d"), what.get(lang));
        lines.push(format!("{given}  {what}：{} {}  {}:{}", line.rule, line.message, line.file, line.row));
    }
    for check in &history.checks {
        let check_text = Text::new("二次核实", "second check");
        let (given, what) = (check.given.format("%Y-%m-%d"), check_text.get(lang));
        let (result, who, text) = (check.result.title(lang), &check.who, &check.text);
        lines.push(format!("{given}  {what}：{result}  {who} {text}").trim_end().to_owned());
    }
    lines.join("\n")
}

fn waivers(ledger: &Ledger, common: &Common) -> Result<Exit> {
    let waivers = ledger.waivers(today())?;
    let lines: Vec<_> = waivers
        .iter()
        .map(|waiver| {
            json!({
                "fingerprint": waiver.fingerprint,
                "record_key": waiver.record_key,
                "reason": waiver.reason,
                "who": waiver.who,
                "until": waiver.until.to_string(),
                "state": waiver.state,
            })
        })
        .collect();
    if common.json {
        say(&pretty(&lines.into())?)?;
        return Ok(Exit::Clear);
    }
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(["fingerprint", "record_key", "reason", "who", "until", "state"]);
    for line in &lines {
        let cells = line.as_object().into_iter().flat_map(serde_json::Map::values);
        table.add_row(cells.map(|cell| cell.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>());
    }
    say(&table.to_string())?;
    Ok(Exit::Clear)
}

fn repeats(ledger: &Ledger, pack: &str, period: Period, times: usize, common: &Common) -> Result<Exit> {
    // Twelve months, this one included.
    let since = (0..11).fold(period, |since, _| since.prior());
    let repeated = ledger.repeated(pack, period, since, times)?;
    if common.json {
        let lines: Vec<_> = repeated
            .iter()
            .map(|repeated| {
                let seen: Vec<_> = repeated.seen.iter().map(|seen| seen.period.to_string()).collect();
                json!({ "finding": row_json(&repeated.row), "seen": seen })
            })
            .collect();
        say(&pretty(&lines.into())?)?;
    } else {
        let rows: Vec<_> = repeated.into_iter().map(|repeated| repeated.row).collect();
        say(&table(&rows, common.lang))?;
        let text = Text::new(
            format!(
                "{period} 之前十二个月内至少出现 {times} 期的问题 {} 条；是第二十二条（一）的线索，不是处罚",
                rows.len()
            ),
            format!(
                "{} findings seen in at least {times} of the twelve months up to {period}: evidence, not a fine",
                rows.len()
            ),
        );
        say(text.get(common.lang))?;
    }
    Ok(Exit::Clear)
}
