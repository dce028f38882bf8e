//! Plain tables as a workbook: a sheet for each, headings in the first row.

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::{Context, Result, bail};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use super::{
    cell::{MAX_ROWS, fitted, write_text},
    sheet_name::SheetNames,
    style,
};
use crate::ledger::{Cell, Table};

/// Width of all columns, in characters.
const WIDTH: f64 = 18.0;

/// Writes the tables to `path`.
///
/// # Errors
/// If a table has more rows than a sheet, or `path` cannot be written.
pub fn write_tables(tables: &[Table], path: &Path) -> Result<()> {
    let mut workbook = Workbook::new();
    // The same tables give the same bytes.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let mut names = SheetNames::new(&[]);
    for table in tables {
        if table.rows.len() >= MAX_ROWS {
            bail!(
                "{0} 有 {1} 行，超过 Excel 一张表的行数，请导出为 csv 或 json / {0} has {1} rows, more than a sheet; export csv or json",
                table.name,
                table.rows.len()
            );
        }
        let sheet = workbook.add_worksheet_with_low_memory()?;
        sheet.set_name(names.take(&table.name))?.set_freeze_panes(1, 0)?;
        let heading = style::heading();
        for (column, name) in (0_u16..).zip(&table.columns) {
            sheet.set_column_width(column, WIDTH)?;
            write_text(sheet, 0, column, name, &heading)?;
        }
        for (row, cells) in (1_u32..).zip(&table.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell {
                    Cell::Blank => {}
                    // Counts and rows of tables are far below what Excel holds exactly.
                    #[expect(clippy::cast_precision_loss, reason = "see above")]
                    Cell::Number(number) => {
                        sheet.write_number(row, column, *number as f64)?;
                    }
                    Cell::Text(text) => {
                        sheet.write_string(row, column, fitted(text).as_ref())?;
                    }
                }
            }
        }
    }
    let context = || format!("cannot write {}", path.display());
    let file = File::create(path).with_context(context)?;
    workbook.save_to_writer(BufWriter::new(file)).with_context(context)
}
