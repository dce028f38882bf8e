//! GBK csv as an old export writes it: CRLF, quotes where needed, thousands separators in large amounts.

use crate::{grid::Grid, model::Cell};

pub fn bytes(grid: &Grid) -> Vec<u8> {
    let mut text = String::new();
    for row in &grid.rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(&shown(cell))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    let (bytes, _, lossy) = encoding_rs::GBK.encode(&text);
    assert!(!lossy, "the csv unit has only characters of GBK");
    bytes.into_owned()
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Cents(cents) => grouped(*cents),
        Cell::Whole(value) => value.to_string(),
        Cell::Day(day) => day.format("%Y-%m-%d").to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Error(_) | Cell::Unfinished(_) | Cell::Formatted(..) | Cell::Covered => {
            panic!("csv has neither formulas nor formats")
        }
    }
}

/// With a comma after the thousands from 10,000 on.
fn grouped(cents: i64) -> String {
    let plain = Cell::decimal(cents);
    let Some((whole, fraction)) = plain.split_once('.').filter(|(whole, _)| whole.len() > 4 && cents > 0) else {
        return plain;
    };
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{fraction}")
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
