//! How each unit hands its records in: files, sheets, headings, and what else stands on the sheets.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::{
    grid::{Book, Format, Grid},
    model::{
        AFFILIATES, CORPORATE, CUSTOMERS, Cell, GUARANTEES, LOANS, PACK, PERSONAL, Record, SHAREHOLDERS, Standing,
        UNITS, World,
    },
    plant::sheets::{HEADING_MISSING, HEADING_TWICE, HIDDEN_COLUMN, HIDDEN_ROWS, HIDDEN_SHEET, IN_YUAN},
    union::{CSV, EPOCH_1904, HEAD, HIDDEN, MANY_FILES, MISSING, ODS, OLD_EXCEL, OTHER_HEADINGS, UNTIDY},
    untidy,
};

const ALL: [usize; 7] = [CUSTOMERS, SHAREHOLDERS, AFFILIATES, GUARANTEES, LOANS, CORPORATE, PERSONAL];

/// A column of a sheet.
#[derive(Clone)]
pub struct Column {
    pub heading: String,
    /// The field, or none for a column of the unit's own.
    pub field: Option<usize>,
    /// The heading says yuan though the field is in ten thousand yuan.
    pub in_yuan: bool,
}

/// How dates are written.
#[derive(Clone, Copy)]
enum Dates {
    Cells,
    /// `2026-10-08`
    Hyphens,
    /// `2026.10.8`
    Dots,
    /// `20261008`
    Digits,
}

/// The files of one unit for October.
pub fn october(world: &World, unit: usize) -> Vec<Book> {
    let sheet = |dataset: usize| tidy(world, unit, dataset);
    let all = || ALL.into_iter().filter(|&dataset| has(world, unit, dataset));
    let book = |name: &str, format, grids| Book { name: name.to_owned(), format, grids };
    match unit {
        MISSING => Vec::new(),
        MANY_FILES => vec![
            book("客户信息.xlsx", Format::Xlsx, [CUSTOMERS, SHAREHOLDERS, AFFILIATES].map(sheet).into()),
            book("贷款数据.xlsx", Format::Xlsx, [LOANS, GUARANTEES].map(sheet).into()),
            book("违约个人客户.xlsx", Format::Xlsx, vec![sheet(PERSONAL)]),
            book("违约法人客户.xlsx", Format::TruncatedXlsx, vec![sheet(CORPORATE)]),
        ],
        OLD_EXCEL => vec![book("客户风险数据.xls", Format::Xls, all().map(sheet).collect())],
        CSV => all()
            .map(|dataset| book(&format!("{}.csv", standard_name(dataset)), Format::Csv, vec![sheet(dataset)]))
            .collect(),
        ODS => vec![book("客户风险数据.ods", Format::Ods, all().map(sheet).collect())],
        UNTIDY => {
            let grids = all().map(|dataset| match dataset {
                CUSTOMERS | LOANS | PERSONAL => untidy::sheet(
                    standard_name(dataset),
                    dataset,
                    columns(unit, dataset),
                    &records(world, unit, dataset),
                ),
                _ => sheet(dataset),
            });
            vec![book("报送数据（10月）.xlsx", Format::Xlsx, grids.collect())]
        }
        HIDDEN => {
            let mut grids: Vec<Grid> = all().map(sheet).collect();
            grids.push(code_table());
            vec![book("客户风险数据.xlsx", Format::Xlsx, grids)]
        }
        EPOCH_1904 => vec![book("客户风险数据.xlsx", Format::Xlsx1904, all().map(sheet).collect())],
        _ => vec![book("客户风险数据.xlsx", Format::Xlsx, all().map(sheet).collect())],
    }
}

/// The one tidy file of a unit for September.
pub fn september(world: &World, unit: usize) -> Book {
    let all = ALL.into_iter().filter(|&dataset| has(world, unit, dataset));
    let grids = all.map(|dataset| {
        let columns = standard_columns(dataset);
        let mut grid = Grid { name: standard_name(dataset).to_owned(), ..Grid::default() };
        fill(&mut grid, &columns, &records(world, unit, dataset), Dates::Cells);
        grid
    });
    Book { name: "客户风险数据.xlsx".to_owned(), format: Format::Xlsx, grids: grids.collect() }
}

/// The roster.
pub fn roster(world: &World) -> Book {
    let mut grid = Grid { name: standard_name(UNITS).to_owned(), ..Grid::default() };
    let units: Vec<&Record> = world.of(UNITS).collect();
    fill(&mut grid, &standard_columns(UNITS), &units, Dates::Cells);
    Book { name: "roster.xlsx".to_owned(), format: Format::Xlsx, grids: vec![grid] }
}

fn has(world: &World, unit: usize, dataset: usize) -> bool {
    world.of(dataset).any(|record| record.unit == unit)
}

/// The records of the world's period; September has none that are new, October none that are gone.
fn records(world: &World, unit: usize, dataset: usize) -> Vec<&Record> {
    let september = world.records.iter().all(|record| record.standing != Standing::New);
    let shown = |record: &&Record| record.unit == unit && (september || record.standing != Standing::Gone);
    world.of(dataset).filter(shown).collect()
}

pub fn standard_name(dataset: usize) -> &'static str {
    &PACK.dataset[dataset].sheets[0]
}

fn standard_columns(dataset: usize) -> Vec<Column> {
    let field = |(index, field): (usize, &crate::model::Field)| Column {
        heading: field.headings[0].clone(),
        field: Some(index),
        in_yuan: false,
    };
    PACK.dataset[dataset].fields.iter().enumerate().map(field).collect()
}

/// The columns of a unit's sheet, with the faults planted in its headings.
fn columns(unit: usize, dataset: usize) -> Vec<Column> {
    let fields = &PACK.dataset[dataset].fields;
    let mut columns = standard_columns(dataset);
    if unit == OTHER_HEADINGS {
        for column in &mut columns {
            let field = &fields[column.field.unwrap_or(0)];
            column.heading.clone_from(field.headings.get(1).unwrap_or(&field.headings[0]));
        }
        let width = columns.len();
        columns.rotate_left(width / 3);
        columns.swap(1, width - 1);
        for (at, heading) in [(2, "客户经理"), (columns.len() / 2, "备注")] {
            columns.insert(at, Column { heading: heading.to_owned(), field: None, in_yuan: false });
        }
    }
    for (.., field) in HEADING_MISSING.iter().filter(|(u, d, _)| (*u, *d) == (unit, dataset)) {
        let field = PACK.dataset[dataset].index(field);
        columns.retain(|column| column.field != Some(field));
    }
    for (.., field) in HEADING_TWICE.iter().filter(|(u, d, _)| (*u, *d) == (unit, dataset)) {
        let index = PACK.dataset[dataset].index(field);
        let known: Vec<&str> = columns.iter().map(|column| column.heading.as_str()).collect();
        let other = fields[index].headings.iter().find(|heading| !known.contains(&heading.as_str()));
        let second = Column { heading: other.expect("a second heading").clone(), field: Some(index), in_yuan: false };
        columns.push(second);
    }
    for (.., field) in IN_YUAN.iter().filter(|(u, d, _)| (*u, *d) == (unit, dataset)) {
        let field = PACK.dataset[dataset].index(field);
        for column in columns.iter_mut().filter(|column| column.field == Some(field)) {
            column.heading = column.heading.replace("万元", "元");
            if !column.heading.contains('元') {
                column.heading.push_str("(元)");
            }
            column.in_yuan = true;
        }
    }
    columns
}

/// A sheet with the headings in its first row.
fn tidy(world: &World, unit: usize, dataset: usize) -> Grid {
    let sheets = &PACK.dataset[dataset].sheets;
    let name = if unit == OTHER_HEADINGS { sheets.last() } else { sheets.first() };
    let mut grid = Grid { name: name.expect("a sheet name").clone(), ..Grid::default() };
    let records = records(world, unit, dataset);
    let dates = match (unit, dataset) {
        (CSV, _) => Dates::Hyphens,
        (OTHER_HEADINGS, LOANS) => Dates::Dots,
        (OTHER_HEADINGS, _) => Dates::Digits,
        _ => Dates::Cells,
    };
    fill(&mut grid, &columns(unit, dataset), &records, dates);
    grid.hidden = HIDDEN_SHEET.contains(&(unit, dataset));
    if HIDDEN_ROWS.contains(&(unit, dataset)) {
        grid.hidden_rows = vec![4, 5, 11];
    }
    for (.., field) in HIDDEN_COLUMN.iter().filter(|(u, d, _)| (*u, *d) == (unit, dataset)) {
        let field = PACK.dataset[dataset].index(field);
        let columns = columns(unit, dataset);
        grid.hidden_columns.extend(columns.iter().position(|column| column.field == Some(field)));
    }
    if unit == HEAD && dataset == CUSTOMERS {
        total_below(&mut grid, &columns(unit, dataset), &records);
    }
    grid
}

fn fill(grid: &mut Grid, columns: &[Column], records: &[&Record], dates: Dates) {
    grid.bold_rows.push(grid.rows.len());
    grid.rows.push(columns.iter().map(|column| Cell::text(column.heading.clone())).collect());
    for (number, record) in records.iter().enumerate() {
        let row: Vec<Cell> = columns.iter().map(|column| shown(column, record, number, dates)).collect();
        let at = grid.rows.len();
        let covered = row.iter().enumerate().filter(|(_, cell)| matches!(cell, Cell::Covered));
        grid.merged.extend(covered.map(|(column, _)| (at - 1, column, at, column)));
        grid.rows.push(row);
        grid.placed.insert(record.id, grid.rows.len());
    }
}

/// A cell of a record as this sheet writes it.
fn shown(column: &Column, record: &Record, number: usize, dates: Dates) -> Cell {
    let Some(field) = column.field else {
        let own = ["", "已核对", "", "贷后已走访"][number % 4];
        return if own.is_empty() || column.heading == "客户经理" { Cell::Blank } else { Cell::text(own) };
    };
    match &record.cells[field] {
        Cell::Cents(cents) if column.in_yuan => Cell::Cents(cents * 10_000),
        Cell::Day(day) if !is_damage(record, field) => dated(*day, dates),
        Cell::Text(code) if column.heading == "五级分类" && record.unit == OTHER_HEADINGS => {
            let name = [("1", "正常"), ("2", "关注"), ("3", "次级"), ("4", "可疑"), ("5", "损失")];
            name.iter().find(|(known, _)| known == code).map_or(Cell::text(code.clone()), |(_, name)| Cell::text(*name))
        }
        other => other.clone(),
    }
}

/// A date in a field that holds no dates is damage, and stays a date cell.
fn is_damage(record: &Record, field: usize) -> bool {
    let dates: BTreeSet<&str> = ["founded", "statement_date", "disbursed", "due", "officer_since"].into();
    !dates.contains(PACK.dataset[record.dataset].fields[field].id.as_str())
}

fn dated(day: NaiveDate, dates: Dates) -> Cell {
    match dates {
        Dates::Cells => Cell::Day(day),
        Dates::Hyphens => Cell::text(day.format("%Y-%m-%d").to_string()),
        Dates::Dots => Cell::text(day.format("%Y.%-m.%-d").to_string()),
        Dates::Digits => Cell::text(day.format("%Y%m%d").to_string()),
    }
}

/// The row of totals an officer adds by hand.
fn total_below(grid: &mut Grid, columns: &[Column], records: &[&Record]) {
    grid.bold_rows.push(grid.rows.len());
    grid.rows.push(untidy::total("合计", columns, records));
}

/// A hidden sheet that is no dataset.
fn code_table() -> Grid {
    let rows = [("代码", "名称"), ("1", "正常"), ("2", "关注"), ("3", "次级"), ("4", "可疑"), ("5", "损失")];
    let rows = rows.iter().map(|(code, name)| vec![Cell::text(*code), Cell::text(*name)]).collect();
    Grid { name: "代码表".to_owned(), hidden: true, rows, ..Grid::default() }
}
