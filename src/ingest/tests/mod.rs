//! Whole files through [`read_files`](super::read_files): generated workbooks, hand-made packages and the odd files under
//! `tests/odd-workbooks/`.

mod damage;
mod handed_over;
mod marks;
mod odd;
mod sheets;

use std::{
    io::{Cursor, Write},
    path::PathBuf,
};

use rust_xlsxwriter::Workbook;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{FileRead, Intake, Options, Source, read_files, testpack::pack};
use crate::{pack::RulePack, table::Table};

/// Index of the loans in the test pack.
pub const LOANS: usize = 0;
/// Index of the guarantees.
pub const GUARANTEES: usize = 1;

/// The headings of the loans.
pub const LOAN_HEADINGS: [&str; 9] =
    ["社部代码", "合同号", "客户名称", "贷款金额(万元)", "年利率(%)", "逾期天数", "到期日期", "贷款状态", "贷款用途"];

/// Files in a folder of their own.
pub struct Files {
    folder: tempfile::TempDir,
    sources: Vec<Source>,
}

impl Files {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), sources: Vec::new() }
    }

    pub fn with(mut self, name: &str, bytes: &[u8]) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        self.sources.push(Source { path, name: name.into(), unit: self.sources.len() });
        self
    }

    pub fn with_path(mut self, path: PathBuf) -> Self {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        self.sources.push(Source { path, name, unit: self.sources.len() });
        self
    }

    pub fn read_with(&self, pack: &RulePack, options: &Options) -> Intake {
        read_files(&self.sources, pack, options, &|_| ())
    }

    pub fn read(&self) -> Intake {
        self.read_with(&pack(), &Options::default())
    }
}

/// Reads one file.
pub fn read(name: &str, bytes: &[u8]) -> (FileRead, Vec<Table>) {
    let mut intake = Files::new().with(name, bytes).read();
    (intake.files.pop().expect("one file"), intake.tables)
}

/// The bytes of a workbook.
pub fn saved(workbook: &mut Workbook) -> Vec<u8> {
    workbook.save_to_buffer().expect("a workbook")
}

/// A workbook with one sheet of loans; `rows` are the cells below the headings, and how they are written.
pub fn loans(rows: &[&[Value]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("贷款明细").expect("a name");
    sheet.write_row(0, 0, LOAN_HEADINGS).expect("headings");
    for (row, values) in (1_u32..).zip(rows) {
        write(sheet, row, values);
    }
    saved(&mut workbook)
}

/// A cell to be written.
#[derive(Clone, Copy)]
pub enum Value {
    Text(&'static str),
    Number(f64),
    /// Serial number with the format of a date.
    Date(f64),
    Blank,
}

pub use Value::{Blank, Date, Number, Text};

pub fn write(sheet: &mut rust_xlsxwriter::Worksheet, row: u32, values: &[Value]) {
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for (column, value) in (0_u16..).zip(values) {
        match value {
            Text(text) => sheet.write_string(row, column, *text),
            Number(number) => sheet.write_number(row, column, *number),
            Date(serial) => sheet.write_number_with_format(row, column, *serial, &date),
            Blank => Ok(&mut *sheet),
        }
        .map(|_| ())
        .expect("a cell");
    }
}

/// An xlsx package around hand-made sheet XML; `workbook` goes into the workbook part before the sheets.
pub fn package(workbook: &str, sheet_data: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packages = "http://schemas.openxmlformats.org/package/2006";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                r#"<Types xmlns="{packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{packages}/relationships"><Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{relations}">{workbook}<sheets><sheet name="贷款明细" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{packages}/relationships"><Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{main}">{sheet_data}</worksheet>"#)),
    ];
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("a part");
    }
    zip.finish().expect("a package").into_inner()
}

/// A row of sheet XML with inline texts from column A on.
pub fn xml_row(row: u32, texts: &[&str]) -> String {
    let cells: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(column, text)| {
            let letter = char::from(b'A' + u8::try_from(column).expect("few columns"));
            format!(r#"<c r="{letter}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#)
        })
        .collect();
    format!(r#"<row r="{row}">{cells}</row>"#, cells = cells.concat())
}

/// A column as texts, null as `∅`.
pub fn column(table: &Table, field: &str) -> Vec<String> {
    let column = table.frame.column(field).expect("a field");
    let column = column.as_materialized_series();
    (0..column.len())
        .map(|index| match column.get(index).expect("a record") {
            polars::prelude::AnyValue::Null => "∅".to_owned(),
            polars::prelude::AnyValue::String(text) => text.to_owned(),
            polars::prelude::AnyValue::Decimal(mantissa, _, scale) => decimal_text(mantissa, scale),
            other => other.to_string(),
        })
        .collect()
}

fn decimal_text(mantissa: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{fraction}", if mantissa < 0 { "-" } else { "" })
}

/// The faults of a table: record, field id, kind.
pub fn faults(table: &Table) -> Vec<(u32, String, &'static str)> {
    let names = table.frame.get_column_names();
    table
        .cell_faults
        .iter()
        .map(|fault| (fault.record, names[usize::from(fault.field)].to_string(), fault.kind.name()))
        .collect()
}

/// The text as submitted of a record's field.
pub fn submitted<'t>(table: &'t Table, record: u32, field: &str) -> Option<&'t str> {
    let index = table.frame.get_column_index(field).expect("a field");
    table.submitted.get(&(record, u16::try_from(index).expect("few fields"))).map(AsRef::as_ref)
}
