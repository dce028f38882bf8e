//! The order of steps of a calculation of tiers: read the job, read the files, assign, write, remember.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Read, Stages, decisions, leftover, now, output, read_calendar, read_period};
use crate::{
    cli::{Common, Exit},
    job::{self, Period},
    ledger::{Ledger, OpenRun, TierRow, TierRun},
    listing,
    pack::{self, Literal, RulePack, functions::Context, load::parameter_values},
    problem::Problems,
    terminal::say,
    text::{Lang, Text},
    tier::{Basis, Before, Given, OverrideState, Overrides, Previous, Roll, Tiering, read_overrides, read_settings},
    workbook,
};

/// Calculates the tiers of a job's customers for a quarter.
///
/// # Errors
/// If the job, pack or quarter is wrong, or an output cannot be written.
pub fn tier(path: &Path, quarter: Period, as_of: Option<NaiveDate>, common: &Common) -> Result<Exit> {
    let stages = Stages::new(common);
    let job = job::read_job(path)?;
    let settings = read_settings(path)?;
    let basis = Basis::new(quarter, as_of, job.period, now().date())?;
    let calendar = read_calendar(&job)?;
    let pack = pack::load_pack(&pack::Request {
        pack: &job.pack,
        folder: job.rules.as_deref(),
        period: quarter,
        overrides: &job.params,
        calendar: calendar.clone(),
    })?;
    if pack.tiers.is_empty() {
        return Err(no_tiers(&pack.id).into());
    }
    let overrides = settings.overrides.as_deref().map(read_overrides).transpose()?.unwrap_or_default();
    leftover::sweep(&common.out, &stages, common.lang);
    let staging = output::Staging::open_part(&common.out, quarter, "tiers")?;
    let mut ledger = common.ledger.as_deref().map(Ledger::open).transpose()?;
    let mut book = match &mut ledger {
        Some(ledger) => Some(ledger.begin_run(&job.institution, now())?),
        None => None,
    };
    let overrides = match &book {
        Some(book) => overrides.with_recorded(decisions::recorded(book, &pack.id, basis)?),
        None => overrides,
    };
    let read = read_period(&job, &pack, "read", &stages)?;
    let files = inputs(&read, &overrides);
    let mut params = parameter_values(&pack, quarter);
    params.insert("data_date".to_owned(), Literal::Date(basis.date));
    let context = Arc::new(Context::new(basis.date, calendar, &pack.codes));
    let given = Given { datasets: &pack.datasets, params: &params, context: &context, units: &read.units };
    let tierings = stages.time("tiers", || tierings(&pack, given, &read, book.as_ref(), &overrides, basis))?;
    let unread = unread(&read);
    let roll = Roll {
        basis,
        job: &job,
        pack: &pack,
        units: &read.units,
        unread,
        files: &files,
        overrides: &overrides,
        tierings,
    };
    let run = entry(&roll);
    stages.time("write", || write(&roll, &run, common.lang, &staging))?;
    let mut notes = Vec::new();
    let recorded = match &mut book {
        Some(book) => {
            notes.extend(ledger_notes(book, &run)?);
            let recorded = book.record_tiers(&run, now())?;
            for tiering in &roll.tierings {
                recorded.write(&tiering.scheme.id, rows(&roll, tiering, common.lang))?;
            }
            Some(recorded)
        }
        None => None,
    };
    let kept = staging.publish()?;
    if let Some(recorded) = recorded {
        recorded.commit()?;
    }
    if let Some(kept) = kept {
        let kept = kept.display();
        notes.push(Text::new(
            format!("上次的输出中有人改动过的文件，已保留在 {kept}"),
            format!("files of the last output were changed by someone; they are kept in {kept}"),
        ));
    }
    report(&roll, &read, &notes, common)?;
    stages.print_times();
    Ok(if read.intake.files.iter().any(|file| file.unreadable.is_some()) {
        Exit::Unreadable
    } else if roll.open() || roll.missing().next().is_some() {
        Exit::Blocked
    } else {
        Exit::Clear
    })
}

fn no_tiers(pack: &str) -> Problems {
    let mut problems = Problems::default();
    let message = Text::new(format!("规则包 {pack} 没有分级方案"), format!("the pack {pack} has no scheme of tiers"));
    let help = Text::new(
        format!("在规则包文件夹中写 {pack}/tiers.toml"),
        format!("write {pack}/tiers.toml in the folder of packs"),
    );
    problems.add(message, Some(help));
    problems
}

/// Names and hashes of all inputs.
fn inputs(read: &Read, overrides: &Overrides) -> Vec<(String, String)> {
    let own = read.intake.files.iter().map(|file| (file.name.clone(), file.sha256.clone()));
    let decided = (!overrides.sha256.is_empty()).then(|| (overrides.name.clone(), overrides.sha256.clone()));
    own.chain(decided).collect()
}

/// For each unit whether it handed in nothing, or a file that could not be read.
fn unread(read: &Read) -> Vec<bool> {
    let files = &read.intake.files;
    (0..read.units.len())
        .map(|unit| {
            let own = || files.iter().filter(move |file| file.unit == unit);
            own().next().is_none() || own().any(|file| file.unreadable.is_some())
        })
        .collect()
}

fn tierings<'a>(
    pack: &'a RulePack,
    given: Given<'a>,
    read: &'a Read,
    book: Option<&OpenRun<'_>>,
    overrides: &Overrides,
    basis: Basis,
) -> Result<Vec<Tiering<'a>>> {
    let last = match book {
        Some(book) => book.tier_runs(&pack.id, basis.quarter)?.0,
        None => None,
    };
    let alone = pack.tiers.len() == 1;
    let mut tierings = Vec::new();
    for scheme in &pack.tiers {
        let previous = match (book, &last) {
            (Some(book), Some(last)) => {
                let rows = book.tiers(&pack.id, last.quarter, &scheme.id)?;
                Some(Previous::new(last.quarter, rows.into_iter().map(before).collect()))
            }
            _ => None,
        };
        let table = read.intake.tables.get(scheme.on).context("a table for each dataset")?;
        let tiering = Tiering::new(scheme, given, table, previous, overrides, (basis, alone, book.is_some()))
            .with_context(|| format!("scheme {}", scheme.id))?;
        tierings.push(tiering);
    }
    Ok(tierings)
}

fn before(row: TierRow) -> Before {
    let TierRow { key, shown, name, unit, manager, tier, since, amount, .. } = row;
    Before { key, shown, name, unit, manager, tier, since, amount }
}

/// The customers of a scheme as the ledger keeps them.
fn rows<'t>(roll: &'t Roll<'t>, tiering: &'t Tiering<'t>, lang: Lang) -> impl Iterator<Item = TierRow> + 't {
    let words = roll.words(tiering, lang);
    tiering.members().into_iter().filter_map(move |record| {
        let key = (*tiering.keys.get(record as usize)?)?;
        let settled = tiering.settled.get(record as usize)?;
        let member = tiering.member(record, roll, &words)?;
        Some(TierRow {
            key,
            shown: member.key,
            name: member.name,
            unit: member.unit.to_owned(),
            manager: member.manager,
            tier: member.tier.map(ToOwned::to_owned),
            by_data: member.by_data.map(ToOwned::to_owned),
            since: settled.since,
            amount: member.amount,
            reason: member.reason,
        })
    })
}

/// The calculation as the ledger knows it: its identity is by input, rules and the quarter it rests on.
fn entry(roll: &Roll<'_>) -> TierRun {
    let params: BTreeMap<_, _> = roll.pack.params.iter().map(|(name, param)| (name, &param.value)).collect();
    let params = serde_json::to_string(&params).unwrap_or_default();
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    };
    add(&roll.basis.quarter.to_string());
    add(&roll.basis.date.to_string());
    add(&roll.job.institution.code);
    add(&roll.pack.id);
    add(&roll.pack.hash);
    add(&params);
    for (name, sha256) in roll.files {
        add(name);
        add(sha256);
    }
    for decision in decisions::identity(&roll.overrides.list) {
        add(&decision);
    }
    for tiering in &roll.tierings {
        let previous = tiering.previous.as_ref();
        add(&previous.map(|previous| previous.quarter.to_string()).unwrap_or_default());
        for row in previous.map(|previous| previous.rows.as_slice()).unwrap_or_default() {
            add(&crate::digest::hex(&row.key));
            add(row.tier.as_deref().unwrap_or_default());
            add(&row.since.to_string());
        }
    }
    let content = hash.finalize().iter().take(8).fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
    TierRun {
        pack: roll.pack.id.clone(),
        quarter: roll.basis.quarter,
        data_date: roll.basis.date,
        content,
        edition: roll.pack.edition.clone(),
        pack_hash: roll.pack.hash.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        params,
    }
}

/// What is worth knowing about the ledger's other quarters.
fn ledger_notes(book: &OpenRun<'_>, run: &TierRun) -> Result<Vec<Text>> {
    let mut notes = Vec::new();
    let own = book.tier_runs(&run.pack, run.quarter)?.1;
    if let Some(own) = own.filter(|own| own.content != run.content) {
        let what = if own.params != run.params {
            Text::new("参数", "parameters")
        } else if own.pack_hash != run.pack_hash {
            Text::new("规则包", "the pack")
        } else {
            Text::new("数据、人工调整或上期分级", "the data, decisions or the quarter before")
        };
        notes.push(Text::new(
            format!("与台账中该季度上一次的计算相比，{}不同；已用本次结果替换", what.zh),
            format!("the ledger had this quarter with other input ({}); it is replaced", what.en),
        ));
        let after = book.tier_quarters_after(&run.pack, run.quarter)?;
        if !after.is_empty() {
            let after = after.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            notes.push(Text::new(
                format!("以后的季度以本季度为基础，请依次重新计算：{after}"),
                format!("later quarters rest on this one; calculate them again in turn: {after}"),
            ));
        }
    }
    Ok(notes)
}

fn write(roll: &Roll<'_>, run: &TierRun, lang: Lang, staging: &output::Staging) -> Result<()> {
    let folder = staging.path();
    let (workbook, list) = rayon::join(
        || workbook::write_tiers(roll, lang, &folder.join("客户分层.xlsx")),
        || listing::write_tiers_csv(roll, lang, &folder.join("tiers.csv")),
    );
    workbook?;
    list?;
    staging.write_manifest(json!({
        "program": { "name": "baosong", "version": run.program },
        "run": run.content,
        "institution": roll.job.institution,
        "quarter": run.quarter.to_string(),
        "data_date": run.data_date,
        "forecast": roll.basis.forecast(),
        "pack": { "id": run.pack, "edition": run.edition, "sha256": run.pack_hash },
        "parameters": roll.pack.params,
        "inputs": roll.files.iter().map(|(name, sha256)| json!({ "name": name, "sha256": sha256 })).collect::<Vec<_>>(),
        "schemes": summary(roll),
    }))
}

fn summary(roll: &Roll<'_>) -> Vec<serde_json::Value> {
    let one = |tiering: &Tiering<'_>| {
        let migration = crate::tier::Migration::of(tiering);
        let tiers: serde_json::Map<_, _> = tiering
            .scheme
            .tiers
            .iter()
            .zip(&migration.now)
            .map(|(tier, now)| (tier.id.clone(), json!(now.count)))
            .collect();
        let change = |change| migration.changes.get(&change).map_or(0, |moves| moves.count);
        json!({
            "scheme": tiering.scheme.id,
            "customers": tiering.count(),
            "tiers": tiers,
            "unclassed": tiering.unclassed().count(),
            "decided": tiering.states.iter().flatten().filter(|state| **state == OverrideState::Applied).count(),
            "before": tiering.previous.as_ref().map(|previous| previous.quarter.to_string()),
            "up": change(crate::tier::Change::Up),
            "down": change(crate::tier::Change::Down),
            "new": change(crate::tier::Change::New),
            "gone": tiering.gone.len(),
        })
    };
    roll.tierings.iter().map(one).collect()
}

impl Roll<'_> {
    /// Units of the roster that handed in nothing.
    fn missing(&self) -> impl Iterator<Item = &crate::job::Unit> {
        let units = self.units.iter().zip(&self.unread);
        units.filter(|(unit, unread)| **unread && !unit.institution).map(|(unit, _)| unit)
    }
}

fn report(roll: &Roll<'_>, read: &Read, notes: &[Text], common: &Common) -> Result<()> {
    let lang = common.lang;
    let place = common.out.join(roll.basis.quarter.to_string()).join("tiers");
    if common.json {
        let value = json!({
            "quarter": roll.basis.quarter.to_string(),
            "data_date": roll.basis.date,
            "forecast": roll.basis.forecast(),
            "pack": roll.pack.id,
            "schemes": summary(roll),
            "notes": notes,
            "outputs": place.display().to_string(),
        });
        say(&serde_json::to_string_pretty(&value)?)?;
        return Ok(());
    }
    if common.quiet {
        return Ok(());
    }
    for tiering in &roll.tierings {
        say(&tier_table(tiering, lang))?;
    }
    let mut lines: Vec<Text> = read
        .intake
        .files
        .iter()
        .filter_map(|file| {
            let message = &file.unreadable.as_ref()?.message;
            Some(Text::new(
                format!("读不出：{}：{}", file.name, message.zh),
                format!("unreadable: {}: {}", file.name, message.en),
            ))
        })
        .collect();
    for unit in roll.missing() {
        let (code, name) = (&unit.code, &unit.name);
        lines.push(Text::new(
            format!("{code} {name} 未报或有文件读不出，其客户没有参加分级"),
            format!("{code} {name} handed in nothing, or a file that could not be read: its customers are left out"),
        ));
    }
    if roll.ended() > 0 {
        let ended = roll.ended();
        lines.push(Text::new(
            format!("本季度内到期或撤销的人工调整：{ended}（见“人工调整”表）"),
            format!("decisions by people that ended in this quarter: {ended} (sheet 人工调整)"),
        ));
    }
    lines.extend(notes.iter().cloned());
    lines.push(Text::new(format!("输出在 {}", place.display()), format!("outputs are in {}", place.display())));
    say(&lines.iter().map(|line| line.get(lang)).collect::<Vec<_>>().join("\n"))?;
    Ok(())
}

fn tier_table(tiering: &Tiering<'_>, lang: Lang) -> String {
    let heading = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let migration = crate::tier::Migration::of(tiering);
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(vec![
        heading("级别", "tier"),
        tiering.scheme.title.get(lang).to_owned(),
        heading("户数", "customers"),
        heading("上期", "before"),
    ]);
    for ((tier, now), before) in tiering.scheme.tiers.iter().zip(&migration.now).zip(&migration.before) {
        let before = if tiering.previous.is_some() { before.count.to_string() } else { "—".to_owned() };
        table.add_row(vec![tier.id.clone(), tier.title.get(lang).to_owned(), now.count.to_string(), before]);
    }
    let open = tiering.unclassed().count();
    table.add_row(vec![String::new(), heading("不能分级", "not classed"), open.to_string(), String::new()]);
    table.add_row(vec![String::new(), heading("合计", "total"), tiering.count().to_string(), String::new()]);
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let count = |change| migration.changes.get(&change).map_or(0, |moves| moves.count);
    let moved = match &tiering.previous {
        None => Text::new("没有上期可比", "no quarter before to compare with"),
        Some(previous) => {
            use crate::tier::Change::{Down, New, Up};
            let (up, down, new, gone, quarter) =
                (count(Up), count(Down), count(New), tiering.gone.len(), previous.quarter);
            Text::new(
                format!("与{quarter}相比：升级{up}，降级{down}，新增{new}，不再在册{gone}"),
                format!("against {quarter}: up {up}, down {down}, new {new}, gone {gone}"),
            )
        }
    };
    format!("{table}\n{}", moved.get(lang))
}
