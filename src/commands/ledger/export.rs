//! Writing the ledger, or its findings, to files other programs read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use super::{COLUMNS, cells, filter, row_json};
use crate::{
    cli::{Common, Exit, ExportArgs, ExportFormat},
    ledger::{Cell, Ledger, Table},
    problem::Problems,
    terminal::say,
    text::Text,
    workbook,
};

/// Marks a text as UTF-8 for Excel.
const MARK: &str = "\u{feff}";

/// Writes what is asked for to a file; all tables as csv to a folder, one file for each.
///
/// # Errors
/// If the format cannot be told, the place is taken, or it cannot be written.
pub fn export(ledger: &Ledger, args: &ExportArgs, common: &Common) -> Result<Exit> {
    let format = match args.format {
        Some(format) => format,
        None => format_of(&args.to)?,
    };
    let tables = if args.tables { ledger.tables()? } else { vec![findings(ledger, args, common)?] };
    let rows: usize = tables.iter().map(|table| table.rows.len()).sum();
    match format {
        ExportFormat::Csv if args.tables => write_folder(&args.to, &tables)?,
        ExportFormat::Csv => write_file(&args.to, |path| Ok(fs::write(path, csv_text(tables.first())?)?))?,
        ExportFormat::Json => {
            let value: Value = if args.tables {
                tables.iter().map(|table| (table.name.clone(), json_rows(table))).collect::<Map<_, _>>().into()
            } else {
                // As `ledger list --json` has them, with statuses by their names.
                ledger.list(&filter(&args.list))?.rows.iter().map(row_json).collect()
            };
            let text = serde_json::to_string_pretty(&value)? + "\n";
            write_file(&args.to, |path| Ok(fs::write(path, text)?))?;
        }
        ExportFormat::Xlsx => write_file(&args.to, |path| workbook::write_tables(&tables, path))?,
    }
    let (count, place) = (tables.len(), args.to.display());
    let said = Text::new(
        format!("已导出 {count} 张表、{rows} 行到 {place}"),
        format!("{count} tables, {rows} rows written to {place}"),
    );
    if !common.quiet {
        say(said.get(common.lang))?;
    }
    Ok(Exit::Clear)
}

/// The format a file's name says.
fn format_of(path: &Path) -> Result<ExportFormat, Problems> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("csv") => Ok(ExportFormat::Csv),
        Some("json") => Ok(ExportFormat::Json),
        Some("xlsx") => Ok(ExportFormat::Xlsx),
        _ => {
            let mut problems = Problems::default();
            let name = path.display();
            let message =
                Text::new(format!("从 {name} 看不出导出格式"), format!("{name} does not say which format to write"));
            let help = Text::new(
                "文件名以 .csv、.json 或 .xlsx 结尾，或用 --format 指定",
                "end it in .csv, .json or .xlsx, or name --format",
            );
            problems.add(message, Some(help));
            Err(problems)
        }
    }
}

/// The findings that match, as one table with the columns of `ledger list`.
fn findings(ledger: &Ledger, args: &ExportArgs, common: &Common) -> Result<Table> {
    let listing = ledger.list(&filter(&args.list))?;
    let text = |cell: String| if cell.is_empty() { Cell::Blank } else { Cell::Text(cell) };
    let rows = listing.rows.iter().map(|row| cells(row, common.lang).map(text).to_vec()).collect();
    Ok(Table { name: "findings".to_owned(), columns: COLUMNS.map(str::to_owned).to_vec(), rows })
}

fn json_rows(table: &Table) -> Value {
    let value = |cell: &Cell| match cell {
        Cell::Blank => Value::Null,
        Cell::Number(number) => (*number).into(),
        Cell::Text(text) => text.as_str().into(),
    };
    let row = |row: &Vec<Cell>| -> Value {
        table.columns.iter().cloned().zip(row.iter().map(value)).collect::<Map<_, _>>().into()
    };
    table.rows.iter().map(row).collect()
}

fn csv_text(table: Option<&Table>) -> Result<String> {
    let Some(table) = table else { return Ok(MARK.to_owned()) };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&table.columns)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(ToString::to_string))?;
    }
    Ok(MARK.to_owned() + &String::from_utf8(writer.into_inner()?)?)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file under a temporary name first.
fn write_file(path: &Path, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let file = tempfile::Builder::new().prefix(".baosong-").tempfile_in(folder_of(path)).with_context(context)?;
    let temporary = file.into_temp_path();
    write(&temporary).with_context(context)?;
    temporary.persist(path).with_context(context)
}

/// Writes a file for each table into a new folder.
fn write_folder(path: &Path, tables: &[Table]) -> Result<()> {
    if path.exists() {
        let mut problems = Problems::default();
        let name = path.display();
        let help = Text::new("请换一个文件夹名", "name another folder");
        problems.add(Text::new(format!("{name} 已经存在"), format!("{name} is there already")), Some(help));
        return Err(problems.into());
    }
    let context = || format!("cannot write {}", path.display());
    let folder = tempfile::Builder::new().prefix(".baosong-").tempdir_in(folder_of(path)).with_context(context)?;
    for table in tables {
        let name: PathBuf = folder.path().join(format!("{}.csv", table.name));
        fs::write(name, csv_text(Some(table))?).with_context(context)?;
    }
    let staged = folder.keep();
    fs::rename(&staged, path).with_context(context)
}
