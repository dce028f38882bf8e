//! Spreadsheets in the `OpenDocument` format, as small as they can be.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{number, whole};
use crate::{grid::Grid, model::Cell};

const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet>"#;
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;

pub fn bytes(grids: &[Grid]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    // The media type comes first and uncompressed, so that the file can be told by its first bytes.
    let stored = options.compression_method(CompressionMethod::Stored);
    for (name, options, content) in [
        ("mimetype", stored, MEDIA_TYPE.to_owned()),
        ("META-INF/manifest.xml", options, MANIFEST.to_owned()),
        ("content.xml", options, content(grids)),
    ] {
        zip.start_file(name, options)?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn content(grids: &[Grid]) -> String {
    // Writing to a String cannot fail.
    let mut xml = HEAD.to_owned();
    for grid in grids {
        let width = grid.rows.iter().map(Vec::len).max().unwrap_or(1);
        let _ = write!(xml, r#"<table:table table:name="{}">"#, escaped(&grid.name));
        let _ = write!(xml, r#"<table:table-column table:number-columns-repeated="{width}"/>"#);
        for row in &grid.rows {
            xml.push_str("<table:table-row>");
            for cell in row {
                xml.push_str(&shown(cell));
            }
            xml.push_str("</table:table-row>");
        }
        // Office programs fill the sheet up to its last row with one repeated blank row.
        let left = 1_048_576 - grid.rows.len();
        let _ = write!(
            xml,
            r#"<table:table-row table:number-rows-repeated="{left}"><table:table-cell table:number-columns-repeated="{width}"/></table:table-row></table:table>"#
        );
    }
    xml + "</office:spreadsheet></office:body></office:document-content>"
}

fn shown(cell: &Cell) -> String {
    let float = |value: f64| {
        format!(
            r#"<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>"#
        )
    };
    match cell {
        Cell::Blank => "<table:table-cell/>".to_owned(),
        Cell::Text(text) => {
            let text = escaped(text);
            format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
        }
        Cell::Cents(cents) => float(number(*cents)),
        Cell::Whole(value) => float(whole(*value)),
        Cell::Number(value) => float(*value),
        Cell::Day(day) => format!(
            r#"<table:table-cell office:value-type="date" office:date-value="{day}"><text:p>{day}</text:p></table:table-cell>"#
        ),
        Cell::Error(_) | Cell::Unfinished(_) | Cell::Formatted(..) | Cell::Covered => {
            panic!("formulas and formats are planted in xlsx only")
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
