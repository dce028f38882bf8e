//! The order of steps for contacts that are due: read the job, read the files, see how each duty stands, write.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

use super::{Read, Stages, leftover, now, output, read_calendar, read_period};
use crate::{
    cadence::{Agenda, State, TierOf, evaluate, reminders},
    cli::{Common, Exit},
    job::{self, Period, icalendar},
    ledger::{Ledger, OpenRun},
    message::Cells,
    pack::{self, Literal, RulePack, functions::Context, load::parameter_values},
    problem::Problems,
    terminal::say,
    text::{Lang, Mask, Text},
    tier::{Given, assign, key_hashes, quarter_of},
    workbook::{self, ContactLine, Contacts},
};

/// Names of the outputs.
const WORKBOOK: &str = "联络提醒.xlsx";
const CALENDAR: &str = "联络提醒.ics";

/// Says which contacts of a job's customers are due or overdue on a day, the data date by default.
///
/// # Errors
/// If the job or pack is wrong, or an output cannot be written.
pub fn cadence(path: &Path, as_of: Option<NaiveDate>, common: &Common) -> Result<Exit> {
    let stages = Stages::new(common);
    let job = job::read_job(path)?;
    let today = as_of.unwrap_or(job.period.data_date());
    let calendar = read_calendar(&job)?;
    let pack = pack::load_pack(&pack::Request {
        pack: &job.pack,
        folder: job.rules.as_deref(),
        period: job.period,
        overrides: &job.params,
        calendar: calendar.clone(),
    })?;
    if pack.cadences.is_empty() {
        return Err(no_cadences(&pack.id).into());
    }
    let period = Period::month_of(today);
    leftover::sweep(&common.out, &stages, common.lang);
    let staging = output::Staging::open_part(&common.out, period, "cadence")?;
    let mut ledger = common.ledger.as_deref().map(Ledger::open).transpose()?;
    let book = match &mut ledger {
        Some(ledger) => Some(ledger.begin_run(&job.institution, now())?),
        None => None,
    };
    let read = read_period(&job, &pack, "read", &stages)?;
    let mut params = parameter_values(&pack, job.period);
    params.insert("data_date".to_owned(), Literal::Date(today));
    let context = Arc::new(Context::new(today, calendar.clone(), &pack.codes));
    let given = Given { datasets: &pack.datasets, params: &params, context: &context, units: &read.units };
    let agenda = stages.time("cadence", || {
        let tiers = tiers(&pack, given, &read, book.as_ref(), today)?;
        evaluate(&pack.cadences, given, &read.intake.tables, &tiers, (&calendar, today))
    })?;
    let lines = lines(&pack, &read, &agenda, common.lang)?;
    let shown =
        Contacts { job: &job, datasets: &pack.datasets, cadences: &pack.cadences, agenda: &agenda, lines: &lines };
    workbook::write_contacts(&shown, common.lang, &staging.path().join(WORKBOOK))?;
    let events = reminders(&agenda, &pack.cadences, &pack.id, common.lang, |index| {
        let line = lines.get(index).cloned().unwrap_or_default();
        (line.owner, format!("{} {}", line.key, line.name).trim().to_owned())
    });
    let name = Text::new("联络提醒", "Contacts due");
    let text = icalendar::calendar(name.get(common.lang), &events);
    std::fs::write(staging.path().join(CALENDAR), text).context("cannot write the calendar file")?;
    staging.write_manifest(manifest(&job, &pack, &read, &agenda))?;
    staging.publish()?;
    report(&pack, &agenda, &read, period, common)?;
    stages.print_times();
    let bad = |state| agenda.items.iter().any(|item| item.finding.state == state);
    Ok(if read.intake.files.iter().any(|file| file.unreadable.is_some()) {
        Exit::Unreadable
    } else if bad(State::Overdue) || bad(State::Unknown) {
        Exit::Blocked
    } else {
        Exit::Clear
    })
}

fn no_cadences(pack: &str) -> Problems {
    let mut problems = Problems::default();
    let message = Text::new(format!("规则包 {pack} 没有联络周期"), format!("the pack {pack} has no cadence"));
    let help = Text::new(
        format!("在规则包文件夹中写 {pack}/cadence.toml"),
        format!("write {pack}/cadence.toml in the folder of packs"),
    );
    problems.add(message, Some(help));
    problems
}

/// The tiers of the schemes cadences name: as the ledger has them for the last quarter, else by the data.
fn tiers(
    pack: &RulePack,
    given: Given<'_>,
    read: &Read,
    book: Option<&OpenRun<'_>>,
    today: NaiveDate,
) -> Result<TierOf> {
    let mut tiers = TierOf::new();
    let recorded = match book {
        Some(book) => {
            let (before, own) = book.tier_runs(&pack.id, quarter_of(today))?;
            own.or(before)
        }
        None => None,
    };
    for scheme in &pack.tiers {
        if !pack.cadences.iter().any(|cadence| cadence.tier.as_ref().is_some_and(|(name, _)| *name == scheme.id)) {
            continue;
        }
        let table = read.intake.tables.get(scheme.on).context("a table for each dataset")?;
        let assigned = assign(scheme, given, table)?;
        let own: Vec<Option<String>> = match (book, &recorded) {
            (Some(book), Some(run)) => {
                let dataset = pack.datasets.get(scheme.on).context("the scheme's dataset")?;
                let rows = book.tiers(&pack.id, run.quarter, &scheme.id)?;
                let by_key: std::collections::HashMap<_, _> = rows.into_iter().map(|row| (row.key, row.tier)).collect();
                let keys = key_hashes(&dataset.id, &assigned);
                keys.iter().map(|key| key.and_then(|key| by_key.get(&key).cloned().flatten())).collect()
            }
            _ => assigned.tiers.iter().map(|tier| scheme.tier(*tier).map(|tier| tier.id.clone())).collect(),
        };
        tiers.insert(scheme.id.clone(), own);
    }
    Ok(tiers)
}

/// Whom each item is about, as it may be shown.
fn lines(pack: &RulePack, read: &Read, agenda: &Agenda, lang: Lang) -> Result<Vec<ContactLine>> {
    let mut cells = Vec::new();
    for cadence in &pack.cadences {
        let dataset = pack.datasets.get(cadence.on).context("the cadence's dataset")?;
        let table = read.intake.tables.get(cadence.on).context("a table for each dataset")?;
        cells.push((dataset, Cells::new(dataset, table)?));
    }
    let mut lines = Vec::new();
    for item in &agenda.items {
        let (Some(cadence), Some((dataset, cells))) = (pack.cadences.get(item.cadence), cells.get(item.cadence)) else {
            continue;
        };
        let shown = |field: u16| {
            let mask = dataset.fields.get(usize::from(field)).map_or(Mask::None, |field| field.mask);
            cells.value(item.record, field).text().map(|text| mask.apply(&text)).unwrap_or_default()
        };
        let owner = cadence.owner.map(shown).unwrap_or_default();
        let role = cadence.role.as_ref().map(|role| role.get(lang));
        let unit = read.units.get(cells.table.segment(item.record).unit);
        lines.push(ContactLine {
            unit: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
            // Where the text names a role, it falls to whoever holds it, and not to the customer's own contact.
            owner: role.map_or(owner, ToOwned::to_owned),
            key: cadence.key.iter().map(|field| shown(*field)).collect::<Vec<_>>().join("/"),
            name: cadence.name.map(shown).unwrap_or_default(),
        });
    }
    Ok(lines)
}

fn counts(pack: &RulePack, agenda: &Agenda) -> Vec<[u64; 5]> {
    let mut counts = vec![[0; 5]; pack.cadences.len()];
    for item in &agenda.items {
        if let Some(count) = counts.get_mut(item.cadence).and_then(|own| own.get_mut(item.finding.state as usize)) {
            *count += 1;
        }
    }
    counts
}

fn summary(pack: &RulePack, agenda: &Agenda) -> Vec<serde_json::Value> {
    let one = |(cadence, [overdue, soon, met, late, unknown]): (&crate::cadence::Cadence, [u64; 5])| json!({ "cadence": cadence.id, "overdue": overdue, "due_soon": soon, "met": met, "late": late, "unknown": unknown });
    pack.cadences.iter().zip(counts(pack, agenda)).map(one).collect()
}

fn manifest(job: &job::Job, pack: &RulePack, read: &Read, agenda: &Agenda) -> serde_json::Value {
    let inputs = read.intake.files.iter().map(|file| json!({ "name": file.name, "sha256": file.sha256 }));
    json!({
        "program": { "name": "baosong", "version": env!("CARGO_PKG_VERSION") },
        "institution": job.institution,
        "as_of": agenda.today,
        "pack": { "id": pack.id, "edition": pack.edition, "sha256": pack.hash },
        "inputs": inputs.collect::<Vec<_>>(),
        "cadences": summary(pack, agenda),
    })
}

fn report(pack: &RulePack, agenda: &Agenda, read: &Read, period: Period, common: &Common) -> Result<()> {
    let lang = common.lang;
    let place = common.out.join(period.to_string()).join("cadence");
    if common.json {
        let value =
            json!({ "as_of": agenda.today, "cadences": summary(pack, agenda), "outputs": place.display().to_string() });
        say(&serde_json::to_string_pretty(&value)?)?;
        return Ok(());
    }
    if common.quiet {
        return Ok(());
    }
    let heading = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(vec![
        heading("联络要求", "duty"),
        heading("已逾期", "overdue"),
        heading("30天内到期", "due in 30 days"),
        heading("已完成", "met"),
        heading("迟完成", "done late"),
        heading("不能判定", "unknown"),
    ]);
    for (cadence, counts) in pack.cadences.iter().zip(counts(pack, agenda)) {
        let mut row = vec![cadence.title.get(lang).to_owned()];
        row.extend(counts.map(|count| count.to_string()));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    say(&table.to_string())?;
    for file in &read.intake.files {
        if let Some(unreadable) = &file.unreadable {
            let text = Text::new(
                format!("读不出：{}：{}", file.name, unreadable.message.zh),
                format!("unreadable: {}: {}", file.name, unreadable.message.en),
            );
            say(text.get(lang))?;
        }
    }
    let text = Text::new(
        format!("截至 {}；输出在 {}", agenda.today, place.display()),
        format!("as of {}; outputs are in {}", agenda.today, place.display()),
    );
    say(text.get(lang))?;
    Ok(())
}
