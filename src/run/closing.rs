//! The end of a run on the terminal: the closing table, or the same as JSON, and errors with what to do about them.

use std::path::Path;

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

use super::{Stages, fixing::Judgement, is_request_fault, output, told};
use crate::{
    cli::{Common, Exit},
    ledger::Tally,
    outcome::{Outcome, Timeliness},
    problem::Problems,
    terminal::say,
    text::{Lang, Text},
};

/// Totals over all units and files. `records = clean + flagged`, `files = read + unreadable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    files: u64,
    files_read: u64,
    files_unreadable: u64,
    records: u64,
    clean: u64,
    flagged: u64,
    errors: u64,
    warnings: u64,
    infos: u64,
    units_missing: u64,
    units_late: u64,
}

impl Totals {
    /// The totals of an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        let files = outcome.intake.files.len() as u64;
        let unreadable = outcome.intake.files.iter().filter(|file| file.unreadable.is_some()).count() as u64;
        let mut totals =
            Totals { files, files_read: files - unreadable, files_unreadable: unreadable, ..Self::default() };
        for (standing, unit) in outcome.standings.iter().zip(&outcome.units) {
            totals.records += standing.records;
            totals.flagged += standing.flagged;
            totals.errors += standing.errors;
            totals.warnings += standing.warnings;
            totals.infos += standing.infos;
            totals.units_missing += u64::from(standing.timeliness == Timeliness::Missing && !unit.institution);
            totals.units_late += u64::from(standing.timeliness == Timeliness::Late);
        }
        totals.clean = totals.records - totals.flagged;
        totals
    }
}

/// How a unit's submission stands, in words.
pub fn timeliness_text(timeliness: Timeliness) -> Text {
    match timeliness {
        Timeliness::OnTime => Text::new("按时", "on time"),
        Timeliness::Late => Text::new("迟报", "late"),
        Timeliness::Missing => Text::new("未报", "missing"),
        Timeliness::NoReceipt => Text::new("无收件记录", "no receipt"),
    }
}

/// Where the outputs went, and what the ledger made of the findings.
pub struct Published<'a> {
    /// The folder for outputs.
    pub out: &'a Path,
    /// The outputs of the last run, if someone had changed them.
    pub kept: Option<&'a Path>,
    /// What became of the period's findings, if there is a ledger.
    pub tally: Option<Tally>,
    /// Unit codes among the receipts that are not in the roster.
    pub strange_receipts: &'a [String],
    /// What came back from units.
    pub fixed: Option<&'a Judgement>,
    /// What else is to be said: of the files for the regulator, and of waivers.
    pub remarks: &'a [Text],
}

/// Prints the closing table, or the same as JSON.
///
/// # Errors
/// If JSON cannot be made of it.
pub fn report(outcome: &Outcome, published: &Published<'_>, common: &Common, stages: &Stages) -> Result<()> {
    let place = published.out.join(outcome.job.period.to_string());
    if common.json {
        let mut json = as_json(outcome, &place, published.tally);
        if let (Some(fixed), Some(json)) = (published.fixed, json.as_object_mut()) {
            json.insert("fix".to_owned(), told::as_json(fixed));
        }
        say(&serde_json::to_string_pretty(&json)?)?;
    } else if !common.quiet {
        if let Some(fixed) = published.fixed {
            say(&told::as_text(fixed, outcome, common.lang))?;
        }
        say(&as_table(outcome, common.lang))?;
        say(&closing_lines(outcome, &place, published, common.lang))?;
    }
    if common.verbose {
        for file in &outcome.intake.files {
            if let Some(reason) = &file.handed_over {
                stages.note(&format!("{}: {}", file.name, reason.get(common.lang)));
            }
            for (normaliser, count) in &file.repairs {
                let name = serde_json::to_value(normaliser)?;
                stages.note(&format!("{}: {count} × {}", file.name, name.as_str().unwrap_or_default()));
            }
        }
    }
    stages.print_times();
    Ok(())
}

fn as_json(outcome: &Outcome, place: &Path, tally: Option<Tally>) -> serde_json::Value {
    let units: Vec<_> = outcome
        .standings
        .iter()
        .zip(&outcome.units)
        .map(|(standing, unit)| {
            json!({
                "code": unit.code,
                "name": unit.name,
                "timeliness": standing.timeliness,
                "received": standing.received.map(|time| time.format("%Y-%m-%dT%H:%M:%S").to_string()),
                "files": standing.files.len(),
                "records": standing.records,
                "flagged": standing.flagged,
                "errors": standing.errors,
                "warnings": standing.warnings,
                "infos": standing.infos,
            })
        })
        .collect();
    let unreadable: Vec<_> = outcome
        .intake
        .files
        .iter()
        .filter_map(|file| {
            let unreadable = file.unreadable.as_ref()?;
            Some(json!({ "file": file.name, "kind": unreadable.kind, "message": unreadable.message }))
        })
        .collect();
    json!({
        "period": outcome.job.period.to_string(),
        "pack": outcome.pack.id,
        "edition": outcome.pack.edition,
        "deadlines": outcome.due(),
        "totals": Totals::of(outcome),
        "units": units,
        "unreadable": unreadable,
        "ledger": tally,
        "corrections": told::corrections_json(outcome),
        "resubmitted": told::compared_json(outcome),
        "outputs": place.display().to_string(),
    })
}

fn as_table(outcome: &Outcome, lang: Lang) -> String {
    let heading = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(vec![
        heading("代码", "code"),
        heading("社部", "unit"),
        heading("报送", "submitted"),
        heading("文件", "files"),
        heading("记录", "records"),
        heading("有问题", "flagged"),
        heading("强制", "errors"),
        heading("提示", "warnings"),
        heading("信息", "infos"),
    ]);
    for (standing, unit) in outcome.standings.iter().zip(&outcome.units) {
        if unit.institution && standing.files.is_empty() {
            continue;
        }
        let state =
            if unit.institution { String::new() } else { timeliness_text(standing.timeliness).get(lang).to_owned() };
        let mut row = vec![unit.code.clone(), unit.name.clone(), state, standing.files.len().to_string()];
        row.extend(
            [standing.records, standing.flagged, standing.errors, standing.warnings, standing.infos]
                .map(|n| n.to_string()),
        );
        table.add_row(row);
    }
    let totals = Totals::of(outcome);
    let mut row = vec![String::new(), heading("合计", "total"), String::new(), totals.files.to_string()];
    row.extend([totals.records, totals.flagged, totals.errors, totals.warnings, totals.infos].map(|n| n.to_string()));
    table.add_row(row);
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn closing_lines(outcome: &Outcome, place: &Path, published: &Published<'_>, lang: Lang) -> String {
    let totals = Totals::of(outcome);
    let mut lines = vec![
        Text::new(
            format!("记录 {} = 无问题 {} + 有问题 {}", totals.records, totals.clean, totals.flagged),
            format!("records {} = clean {} + flagged {}", totals.records, totals.clean, totals.flagged),
        ),
        Text::new(
            format!("文件 {} = 读入 {} + 读不出 {}", totals.files, totals.files_read, totals.files_unreadable),
            format!("files {} = read {} + unreadable {}", totals.files, totals.files_read, totals.files_unreadable),
        ),
    ];
    for file in &outcome.intake.files {
        if let Some(unreadable) = &file.unreadable {
            lines.push(Text::new(
                format!("读不出：{}：{}", file.name, unreadable.message.zh),
                format!("unreadable: {}: {}", file.name, unreadable.message.en),
            ));
        }
    }
    lines.extend(outcome.due().map(|deadlines| {
        Text::new(
            format!("更正截止 {} 12:00，上报监管 {}", deadlines.correction, deadlines.report),
            format!("corrections by {} 12:00, report to the regulator by {}", deadlines.correction, deadlines.report),
        )
    }));
    if let Some(tally) = published.tally {
        lines.push(Text::new(
            format!(
                "台账：新增 {}，仍未解决 {}，重现 {}，源系统未改 {}，已说明 {}，已更正 {}，已解决 {}；往期已报 {}",
                tally.new,
                tally.open,
                tally.reopened,
                tally.source_not_corrected,
                tally.explained,
                tally.corrected,
                tally.resolved,
                tally.repeated
            ),
            format!(
                "ledger: new {}, still open {}, reopened {}, source not corrected {}, explained {}, corrected {}, resolved {}; \
                 in earlier periods too {}",
                tally.new,
                tally.open,
                tally.reopened,
                tally.source_not_corrected,
                tally.explained,
                tally.corrected,
                tally.resolved,
                tally.repeated
            ),
        ));
    }
    lines.extend(told::corrections(outcome));
    lines.extend(told::compared(outcome));
    if !published.strange_receipts.is_empty() {
        let codes = published.strange_receipts.join(", ");
        lines.push(Text::new(
            format!("收件记录中有名册以外的社部代码：{codes}，请核对"),
            format!("the receipts name units that are not in the roster: {codes}; check them"),
        ));
    }
    lines.extend(published.remarks.iter().cloned());
    if let Some(kept) = published.kept {
        lines.push(Text::new(
            format!("上次的输出中有人改动过的文件，已保留在 {}", kept.display()),
            format!("files of the last output were changed by someone; they are kept in {}", kept.display()),
        ));
    }
    lines.push(Text::new(format!("输出在 {}", place.display()), format!("outputs are in {}", place.display())));
    lines.iter().map(|line| line.get(lang)).collect::<Vec<_>>().join("\n")
}

/// Says on standard error what went wrong, and gives the exit that belongs to it.
#[expect(clippy::print_stderr, reason = "this is where the run speaks")]
pub fn report_error(error: &anyhow::Error) -> Exit {
    if let Some(problems) = error.chain().find_map(|cause| cause.downcast_ref::<Problems>()) {
        eprint!("{}", problems.render());
        let count = problems.list.len();
        eprintln!("{count} 处错误 / {count} problem(s)");
        return Exit::BadRequest;
    }
    eprintln!("错误 / error: {error:#}");
    if is_request_fault(error) {
        return Exit::BadRequest;
    }
    if output::is_disk_full(error) {
        eprintln!(
            "磁盘已满或超出限额：腾出空间后重新运行，原有输出未改动 / the disk is full or a limit is reached: \
             free some space and run again; earlier outputs are unchanged"
        );
    }
    Exit::Failed
}
