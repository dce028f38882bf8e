//! Looking at the definitions of reports: which there are, whether they are good, and what they can ask for.

use anyhow::Result;
use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

use super::{load, period};
use crate::{
    cli::{Common, Exit, ReportArgs, ReportCommand},
    job::Calendar,
    pack::RulePack,
    report::{catalog, load_reports, model::Report},
    terminal::say,
    text::{Lang, Text},
};

/// Does what a `report` command asks for.
///
/// # Errors
/// If the pack or a definition is wrong.
pub fn report(command: &ReportCommand, common: &Common) -> Result<Exit> {
    let (ReportCommand::List(args) | ReportCommand::Lint(args) | ReportCommand::Tables(args)) = command;
    let pack = load(&args.pack, &Calendar::built_in()?)?;
    match command {
        ReportCommand::Tables(_) => say(&tables(&pack, common)?)?,
        ReportCommand::List(_) => say(&list(&loaded(&pack, args)?, common)?)?,
        ReportCommand::Lint(_) => {
            let count = loaded(&pack, args)?.len();
            let text = Text::new(format!("{count} 张报表，没有错误"), format!("{count} reports, no problems"));
            say(text.get(common.lang))?;
        }
    }
    Ok(Exit::Clear)
}

fn loaded(pack: &RulePack, args: &ReportArgs) -> Result<Vec<Report>> {
    Ok(load_reports(pack, period(&args.pack), args.reports.as_deref())?)
}

fn list(reports: &[Report], common: &Common) -> Result<String> {
    let lang = common.lang;
    let clause = |report: &Report| {
        report.source.as_ref().map(|source| crate::message::source_text(source, lang)).unwrap_or_default()
    };
    if common.json {
        let rows: Vec<_> = reports
            .iter()
            .map(|report| {
                json!({ "id": report.id, "file": report.file, "title": report.title, "identifiers_in_full": report.full,
                        "source": clause(report), "place": report.place })
            })
            .collect();
        return Ok(serde_json::to_string_pretty(&rows)?);
    }
    let heading = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(vec![
        heading("编号", "id"),
        heading("报表", "report"),
        heading("工作表", "sheets"),
        heading("个人信息", "personal data"),
        heading("依据", "source"),
    ]);
    for report in reports {
        table.add_row(vec![
            report.id.clone(),
            report.title.get(lang).to_owned(),
            report.sheets.len().to_string(),
            if report.full { heading("完整", "in full") } else { heading("掩码", "masked") },
            clause(report),
        ]);
    }
    Ok(table.to_string())
}

fn tables(pack: &RulePack, common: &Common) -> Result<String> {
    let mut rows = Vec::new();
    for (name, frame) in catalog::empty_tables(pack) {
        let schema = { frame }.collect_schema()?;
        let columns: Vec<_> = schema.iter_names().map(ToString::to_string).collect();
        let about = catalog::about(&name, pack).get(common.lang).to_owned();
        rows.push((name, about, columns));
    }
    if common.json {
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(name, about, columns)| json!({ "table": name, "about": about, "columns": columns }))
            .collect();
        return Ok(serde_json::to_string_pretty(&rows)?);
    }
    let line = |(name, about, columns): (String, String, Vec<String>)| {
        let stop = if common.lang == Lang::Zh { "：" } else { ": " };
        format!("{name}{stop}{about}\n    {}", columns.join(", "))
    };
    Ok(rows.into_iter().map(line).collect::<Vec<_>>().join("\n"))
}
