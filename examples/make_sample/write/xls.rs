//! Excel 97-2003 workbooks (BIFF8, [MS-XLS]) with the records a reader needs and no more.

use super::{compound, number, serial, whole};
use crate::{grid::Grid, model::Cell};

/// Cell formats, by their position among the XF records written below.
const GENERAL: u16 = 15;
const AMOUNT: u16 = 16;
const DATE: u16 = 17;

pub fn bytes(grids: &[Grid]) -> Vec<u8> {
    let sheets: Vec<Vec<u8>> = grids.iter().map(sheet).collect();
    let mut book = globals();
    let names: Vec<Vec<u8>> = grids.iter().map(|grid| short_text(&grid.name)).collect();
    // Each BOUNDSHEET holds the position of its sheet behind the globals: 4 bytes header, 6 fixed, the name; EOF is 4.
    let mut start = book.len() + names.iter().map(|name| 10 + name.len()).sum::<usize>() + 4;
    for ((grid, sheet), name) in grids.iter().zip(&sheets).zip(names) {
        let mut body = u32::try_from(start).expect("a small file").to_le_bytes().to_vec();
        body.extend([u8::from(grid.hidden), 0]);
        body.extend(name);
        record(&mut book, 0x0085, &body);
        start += sheet.len();
    }
    record(&mut book, 0x000A, &[]);
    for sheet in &sheets {
        book.extend(sheet);
    }
    compound::wrapped(book)
}

fn record(target: &mut Vec<u8>, kind: u16, body: &[u8]) {
    target.extend(kind.to_le_bytes());
    target.extend(u16::try_from(body.len()).expect("a short record").to_le_bytes());
    target.extend(body);
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Length in one byte, the flag for two-byte characters, the characters.
fn short_text(text: &str) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(text.encode_utf16().count()).expect("a short name"), 1];
    bytes.extend(utf16(text));
    bytes
}

fn globals() -> Vec<u8> {
    let mut book = Vec::new();
    record(&mut book, 0x0809, &words(&[0x0600, 0x0005, 0x0DBB, 0x07CC, 0x0041, 0, 0x0006, 0]));
    record(&mut book, 0x0042, &words(&[1200]));
    record(&mut book, 0x003D, &words(&[0, 0, 0x4000, 0x2000, 0x0038, 0, 0, 1, 600]));
    record(&mut book, 0x0022, &words(&[0]));
    for _ in 0..5 {
        let mut font = words(&[200, 0, 0x7FFF, 400, 0]);
        font.extend([0, 0, 134, 0]);
        font.extend(short_text("宋体"));
        record(&mut book, 0x0031, &font);
    }
    for style in 0..15 {
        record(&mut book, 0x00E0, &format(0, 0xFFF5, if style == 0 { 0 } else { 0xF4 }));
    }
    // Built-in number formats: general, two decimals, date.
    for number_format in [0, 2, 14] {
        record(&mut book, 0x00E0, &format(number_format, 0x0001, 0));
    }
    record(&mut book, 0x0293, &[0x00, 0x80, 0x00, 0xFF]);
    book
}

fn format(number_format: u16, kind: u16, unused: u8) -> Vec<u8> {
    let mut body = words(&[0, number_format, kind]);
    body.extend([0x20, 0, 0, unused]);
    body.extend([0; 8]);
    body.extend(words(&[0x20C0]));
    body
}

fn sheet(grid: &Grid) -> Vec<u8> {
    let mut sheet = Vec::new();
    record(&mut sheet, 0x0809, &words(&[0x0600, 0x0010, 0x0DBB, 0x07CC, 0x0041, 0, 0x0006, 0]));
    let width = u16::try_from(grid.rows.iter().map(Vec::len).max().unwrap_or(0)).expect("a narrow sheet");
    let height = u32::try_from(grid.rows.len()).expect("a short sheet");
    let mut dimensions = [0_u32, height].iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    dimensions.extend(words(&[0, width, 0]));
    record(&mut sheet, 0x0200, &dimensions);
    for (row, cells) in (0..).zip(&grid.rows) {
        for (column, cell) in (0..).zip(cells) {
            write_cell(&mut sheet, row, column, cell);
        }
    }
    let mut window = words(&[0x00B6, 0, 0, 0x0040, 0, 0, 0]);
    window.extend([0; 4]);
    record(&mut sheet, 0x023E, &window);
    record(&mut sheet, 0x000A, &[]);
    sheet
}

fn write_cell(sheet: &mut Vec<u8>, row: u16, column: u16, cell: &Cell) {
    let (format, value) = match cell {
        Cell::Blank => return,
        Cell::Text(text) => {
            let mut label = words(&[row, column, GENERAL]);
            label.extend(u16::try_from(text.encode_utf16().count()).expect("a short text").to_le_bytes());
            label.push(1);
            label.extend(utf16(text));
            record(sheet, 0x0204, &label);
            return;
        }
        Cell::Cents(cents) => (AMOUNT, number(*cents)),
        Cell::Whole(value) => (GENERAL, whole(*value)),
        Cell::Number(value) => (GENERAL, *value),
        Cell::Day(day) => (DATE, serial(*day)),
        Cell::Error(_) | Cell::Unfinished(_) | Cell::Formatted(..) | Cell::Covered => {
            panic!("formulas and formats are planted in xlsx only")
        }
    };
    let mut body = words(&[row, column, format]);
    body.extend(value.to_le_bytes());
    record(sheet, 0x0203, &body);
}
