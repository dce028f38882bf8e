//! The commands besides `run`: a quick check of files, and everything about rules.

mod calendar;
mod clauses;
mod feedback;
mod init;
mod ledger;
mod profile;
mod report;
mod schedule;
mod why;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use chrono::Local;
use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

pub use calendar::calendar;
pub use feedback::feedback;
pub use init::init;
pub use ledger::{ledger, ready};
pub use profile::profile;
pub use report::report;
pub use schedule::schedule;
pub use why::why;

use crate::{
    check::{self, Input, examples},
    cli::{Common, Exit, PackArgs, RulesCommand},
    ingest::{self, Options, Source},
    job::{self, Calendar, Institution, Job, Period, Unit, receipts::Receipts},
    listing,
    message::Renderer,
    outcome::{Outcome, Standing},
    overlay::Overlay,
    pack::{self, Rule, RulePack, describe},
    problem::{Problems, did_you_mean},
    terminal::say,
    text::{Lang, Text},
    tier, workbook,
};

/// The period asked for, or the month before this one.
fn period(args: &PackArgs) -> Period {
    let today = Local::now().date_naive();
    args.period.unwrap_or_else(|| Period::month_of(today).prior())
}

fn load(args: &PackArgs, calendar: &Calendar) -> Result<RulePack, Problems> {
    pack::load_pack(&pack::Request {
        pack: &args.pack,
        folder: args.rules.as_deref(),
        period: period(args),
        overrides: &std::collections::BTreeMap::new(),
        calendar: calendar.clone(),
    })
}

/// Checks files without a job: no units, no prior period, nothing written.
///
/// # Errors
/// If the pack is wrong or a rule cannot be evaluated.
pub fn check(files: &[PathBuf], args: &PackArgs, limit: usize, common: &Common) -> Result<Exit> {
    let calendar = Calendar::built_in()?;
    let pack = load(args, &calendar)?;
    let sources: Vec<_> =
        files.iter().map(|path| Source { path: path.clone(), name: path.display().to_string(), unit: 0 }).collect();
    let intake = ingest::read_files(&sources, &pack, &Options::default(), &|_| {});
    // Not a unit's whole submission: what is not among the files is not missing.
    let units = vec![Unit { institution: true, ..Unit::default() }];
    let period = period(args);
    let checked = check::evaluate(Input {
        pack: &pack,
        tables: &intake.tables,
        files: &intake.files,
        units: &units,
        prior: None,
        derived: None,
        period,
        calendar: &calendar,
    })?;
    let outcome = Outcome {
        job: quick_job(args, period),
        pack,
        units,
        intake,
        findings: checked.findings,
        finding_units: checked.finding_units,
        repeats: Vec::new(),
        counts: checked.counts,
        completeness: checked.completeness,
        standings: vec![Standing::default()],
        deadlines: calendar.deadlines(period)?,
        compared: Vec::new(),
        overlay: Overlay::default(),
        working_days: Vec::new(),
        receipts: Receipts::default(),
    };
    let lines = finding_lines(&outcome, common.lang)?;
    if common.json {
        say(&serde_json::to_string_pretty(&lines)?)?;
    } else if !common.quiet {
        print_check(&outcome, &lines, limit, common.lang)?;
    }
    let unreadable = outcome.intake.files.iter().any(|file| file.unreadable.is_some());
    let open = lines.iter().any(|line| line.severity != "info");
    Ok(if unreadable {
        Exit::Unreadable
    } else if open {
        Exit::Blocked
    } else {
        Exit::Clear
    })
}

fn quick_job(args: &PackArgs, period: Period) -> Job {
    Job {
        path: PathBuf::new(),
        pack: args.pack.clone(),
        rules: args.rules.clone(),
        period,
        institution: Institution::default(),
        input: PathBuf::new(),
        roster: PathBuf::new(),
        receipts: None,
        prior: None,
        params: std::collections::BTreeMap::new(),
        calendar: None,
        password_env: None,
        outputs: job::Outputs::default(),
    }
}

#[derive(serde::Serialize)]
struct FindingLine {
    file: String,
    sheet: String,
    cell: String,
    rule: String,
    severity: &'static str,
    #[serde(skip)]
    title: String,
    message: String,
    fix: String,
}

fn finding_lines(outcome: &Outcome, lang: Lang) -> Result<Vec<FindingLine>> {
    let renderer = Renderer::new(outcome, lang, true)?;
    let mut lines = Vec::new();
    for finding in &outcome.findings {
        let Some(rule) = outcome.pack.rules.get(finding.rule) else { continue };
        let location = renderer.location(finding);
        let row = || location.row.map(|row| row.to_string()).unwrap_or_default();
        lines.push(FindingLine {
            file: location.file.unwrap_or_default().to_owned(),
            sheet: location.sheet.to_owned(),
            cell: location.cell().unwrap_or_else(row),
            rule: rule.id.clone(),
            severity: rule.severity.name(),
            title: rule.severity.title(lang).to_owned(),
            message: renderer.message(finding),
            fix: renderer.fix(finding),
        });
    }
    Ok(lines)
}

fn print_check(outcome: &Outcome, lines: &[FindingLine], limit: usize, lang: Lang) -> Result<()> {
    for file in &outcome.intake.files {
        match &file.unreadable {
            Some(unreadable) => say(&format!("{}: {}", file.name, unreadable.message.get(lang)))?,
            None => {
                for sheet in file.sheets.iter().filter(|sheet| sheet.dataset.is_some()) {
                    let dataset = sheet.dataset.and_then(|dataset| outcome.pack.datasets.get(dataset));
                    let title = dataset.map(|dataset| dataset.title.get(lang)).unwrap_or_default();
                    say(&format!("{} [{}] {title}: {}", file.name, sheet.name, sheet.records))?;
                }
            }
        }
    }
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    for line in lines.iter().take(limit) {
        let mut place = if line.sheet.is_empty() { line.cell.clone() } else { format!("{}!{}", line.sheet, line.cell) };
        if outcome.intake.files.len() > 1 {
            place = format!("{}\n{place}", line.file);
        }
        table.add_row(vec![place, line.rule.clone(), line.title.clone(), line.message.clone(), line.fix.clone()]);
    }
    if !lines.is_empty() {
        say(&table.to_string())?;
    }
    let total = lines.len();
    let shown = total.min(limit);
    let text = Text::new(format!("问题 {total} 条，显示 {shown} 条"), format!("{total} findings, {shown} shown"));
    say(text.get(lang))?;
    Ok(())
}

/// Lists, shows, lints or proves rules.
///
/// # Errors
/// If the pack is wrong.
pub fn rules(command: &RulesCommand, args: &PackArgs, common: &Common) -> Result<Exit> {
    if let RulesCommand::Schema { folder } = command {
        for (name, schema) in pack::schema::schemas() {
            let path = folder.join(name);
            let text = serde_json::to_string_pretty(&schema)? + "\n";
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        return Ok(Exit::Clear);
    }
    let calendar = Calendar::built_in()?;
    let pack = load(args, &calendar)?;
    match command {
        RulesCommand::Schema { .. } => {}
        RulesCommand::Catalogue { output, run } => {
            let fired = run.as_deref().map(listing::read_rule_counts).transpose()?;
            workbook::write_catalogue(&pack, period(args), fired.as_ref(), common.lang, output)?;
        }
        RulesCommand::List if common.json => {
            let rules: Vec<_> = pack.rules.iter().map(|rule| rule_json(&pack, rule)).collect();
            say(&serde_json::to_string_pretty(&rules)?)?;
        }
        RulesCommand::List => say(&list(&pack, common.lang))?,
        RulesCommand::Clauses { markdown } => {
            let reports = crate::report::load_reports(&pack, period(args), None)?;
            let listed = clauses::Listed { pack: &pack, reports: &reports };
            match (common.json, markdown) {
                (true, _) => say(&serde_json::to_string_pretty(&clauses::as_json(listed))?)?,
                (false, true) => say(&clauses::markdown(listed, common.lang))?,
                (false, false) => say(&clauses::table(listed, common.lang))?,
            }
        }
        RulesCommand::Show { id } => {
            let Some(rule) = pack.rule(id) else {
                let mut problems = Problems::default();
                let help = did_you_mean(&id.to_uppercase(), pack.rules.iter().map(|rule| rule.id.as_str()));
                let (pack, date) = (&pack.id, period(args).data_date());
                let message = Text::new(
                    format!("规则包 {pack} 在 {date} 没有规则 {id}"),
                    format!("{pack} has no rule {id} in force on {date}"),
                );
                problems.add(message, help);
                return Err(problems.into());
            };
            if common.json {
                say(&serde_json::to_string_pretty(&rule_json(&pack, rule))?)?;
            } else {
                say(&show(&pack, rule))?;
            }
        }
        RulesCommand::Lint => {
            let text = Text::new(
                format!("{} {}：{} 条规则，没有发现错误", pack.id, pack.edition, pack.rules.len()),
                format!("{} {}: {} rules, no problems", pack.id, pack.edition, pack.rules.len()),
            );
            say(text.get(common.lang))?;
        }
        RulesCommand::Test => {
            let mut proof = examples::prove(&pack, period(args), &calendar)?;
            let tiers = tier::examples::prove(&pack, period(args), &calendar)?;
            proof.tried += tiers.tried;
            proof.mismatches.extend(tiers.mismatches);
            for mismatch in &proof.mismatches {
                say(&mismatch.to_string())?;
            }
            let (tried, failed) = (proof.tried, proof.mismatches.len());
            let text = Text::new(
                format!("{} 条规则，{tried} 个例子，{failed} 个不符", pack.rules.len()),
                format!("{} rules, {tried} examples, {failed} come out otherwise", pack.rules.len()),
            );
            say(text.get(common.lang))?;
            return Ok(if failed == 0 { Exit::Clear } else { Exit::BadRequest });
        }
    }
    Ok(Exit::Clear)
}

fn list(pack: &RulePack, lang: Lang) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    for rule in &pack.rules {
        let source = format!("{}{}", rule.source.article, if rule.source.assumption { " *" } else { "" });
        let severity = rule.severity.title(lang).to_owned();
        table.add_row(vec![
            rule.id.clone(),
            severity,
            describe::dataset_id(pack, rule).to_owned(),
            rule.message.get(lang).to_owned(),
            source,
        ]);
    }
    let note = Text::new("* 假设：不是制度条文，可由联社调整", "* an assumption, not from the regulation");
    format!("{table}\n{}", note.get(lang))
}

fn show(pack: &RulePack, rule: &Rule) -> String {
    let mut lines = vec![
        ("id", rule.id.clone()),
        ("severity", format!("{} {}", rule.severity.name(), rule.severity.title(Lang::Zh))),
        ("on", describe::dataset_id(pack, rule).to_owned()),
        ("place", rule.place.clone()),
    ];
    lines.extend(describe::condition(pack, rule));
    let fields = rule.on.and_then(|on| pack.datasets.get(on)).into_iter().flat_map(|dataset| {
        rule.fields.iter().filter_map(|field| dataset.fields.get(usize::from(*field))).map(|field| field.id.as_str())
    });
    lines.push(("fields", fields.collect::<Vec<_>>().join(", ")));
    lines.push(("message", format!("{}\n{}", rule.message.zh, rule.message.en)));
    lines.push(("fix", format!("{}\n{}", rule.fix.zh, rule.fix.en)));
    let mut source = format!("{} {}", rule.source.doc, rule.source.article);
    source.extend(rule.source.id.iter().map(|id| format!(" ({id})")));
    source.extend(rule.source.checked.iter().map(|date| format!(", checked {date}")));
    if rule.source.assumption {
        source.push_str(", assumption 假设");
    }
    lines.push(("source", source));
    lines.extend(describe::examples(rule));
    let lines = lines.into_iter().map(|(name, text)| format!("{name:<9} {}", text.replace('\n', "\n          ")));
    lines.collect::<Vec<_>>().join("\n")
}

fn rule_json(pack: &RulePack, rule: &Rule) -> serde_json::Value {
    let condition: serde_json::Map<_, _> =
        describe::condition(pack, rule).into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    json!({
        "id": rule.id,
        "severity": rule.severity,
        "on": describe::dataset_id(pack, rule),
        "place": rule.place,
        "condition": condition,
        "message": rule.message,
        "fix": rule.fix,
        "source": rule.source,
    })
}
