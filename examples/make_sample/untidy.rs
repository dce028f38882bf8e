//! Sheets as people print them: titles, the unit of amounts, headings in two rows with merged cells, numbered columns,
//! blank rows, subtotals, totals, notes and a line for signatures.

use crate::{
    grid::Grid,
    layout::Column,
    model::{CUSTOMERS, Cell, LOANS, PACK, Record},
    union::INSTITUTION,
};

/// Headings of loans that stand under a common heading.
const GROUPS: [(&str, &[&str]); 3] = [
    ("期限", &["disbursed", "due"]),
    ("逾期及欠息情况", &["overdue_amount", "overdue_days", "interest_arrears", "arrears_days"]),
    ("社团贷款", &["syndicated", "lead_role"]),
];

pub fn sheet(name: &str, dataset: usize, columns: Vec<Column>, records: &[&Record]) -> Grid {
    let mut grid = Grid { name: name.to_owned(), ..Grid::default() };
    let columns = without_units(dataset, columns);
    titles(&mut grid, name, columns.len());
    if dataset == LOANS {
        two_row_heading(&mut grid, &columns);
    } else {
        heading(&mut grid, &columns);
    }
    if dataset != CUSTOMERS {
        let numbers = (1..).take(columns.len()).map(Cell::Whole);
        grid.rows.push(numbers.collect());
    }
    for (group, records) in records.chunks(25).enumerate() {
        if group > 0 && dataset != LOANS {
            // A page break repeats the heading.
            grid.rows.push(Vec::new());
            heading(&mut grid, &columns);
        }
        for record in records {
            grid.rows.push(columns.iter().map(|column| record.cells[column.field.unwrap_or(0)].clone()).collect());
            grid.placed.insert(record.id, grid.rows.len());
        }
        if dataset == LOANS {
            grid.bold_rows.push(grid.rows.len());
            grid.rows.push(total("小计", &columns, records));
            grid.rows.push(Vec::new());
        }
    }
    grid.bold_rows.push(grid.rows.len());
    grid.rows.push(total("合  计", &columns, records));
    grid.rows.push(Vec::new());
    grid.rows.push(vec![Cell::text("注1：本表由各社部于月后4个工作日内报送。")]);
    grid.rows.push(vec![Cell::text("注2：社团贷款由牵头社填报。")]);
    grid.rows.push(vec![
        Cell::text("填表人：王示例"),
        Cell::Blank,
        Cell::text("复核人：李样本"),
        Cell::Blank,
        Cell::text("报送日期：2026年11月4日"),
    ]);
    grid
}

/// The unit of amounts stands once above the table, so the headings leave it out where a heading without it exists.
fn without_units(dataset: usize, columns: Vec<Column>) -> Vec<Column> {
    let shorten = |mut column: Column| {
        if let Some(field) = column.field.map(|field| &PACK.dataset[dataset].fields[field])
            && field.unit.as_deref() == Some("万元")
            && let Some(short) = field.headings.iter().find(|heading| !heading.contains('元'))
        {
            column.heading.clone_from(short);
        }
        column
    };
    columns.into_iter().map(shorten).collect()
}

fn titles(grid: &mut Grid, name: &str, width: usize) {
    grid.rows.push(vec![Cell::text(format!("{}{name}统计表", INSTITUTION.1))]);
    grid.merged.push((0, 0, 0, width - 1));
    grid.rows.push(vec![
        Cell::text("报送单位：北湾社部"),
        Cell::Blank,
        Cell::Blank,
        Cell::text("报表日期：2026年10月31日"),
    ]);
    if name.starts_with("零售") {
        grid.rows.push(vec![Cell::text("金额单位：元")]);
    } else {
        grid.rows.push(vec![Cell::text("单位：万元")]);
    }
    grid.rows.push(Vec::new());
}

fn heading(grid: &mut Grid, columns: &[Column]) {
    grid.bold_rows.push(grid.rows.len());
    grid.rows.push(columns.iter().map(|column| Cell::text(column.heading.clone())).collect());
}

/// Grouped headings in two rows; the others are merged over both.
fn two_row_heading(grid: &mut Grid, columns: &[Column]) {
    let top = grid.rows.len();
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    for (at, column) in columns.iter().enumerate() {
        let id = PACK.dataset[LOANS].fields[column.field.unwrap_or(0)].id.as_str();
        let own = Cell::text(column.heading.clone());
        if let Some((group, members)) = GROUPS.iter().find(|(_, members)| members.contains(&id)) {
            let first = members[0] == id;
            if first {
                grid.merged.push((top, at, top, at + members.len() - 1));
            }
            upper.push(if first { Cell::text(*group) } else { Cell::Blank });
            lower.push(own);
        } else {
            grid.merged.push((top, at, top + 1, at));
            upper.push(own);
            lower.push(Cell::Blank);
        }
    }
    grid.bold_rows.extend([top, top + 1]);
    grid.rows.extend([upper, lower]);
}

/// A row that sums the amounts of some records.
pub fn total(label: &str, columns: &[Column], records: &[&Record]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = columns
        .iter()
        .map(|column| {
            let field = column.field.unwrap_or(0);
            let amount = records.first().is_some_and(|r| PACK.dataset[r.dataset].fields[field].unit.is_some());
            let sum = records.iter().map(|r| if let Cell::Cents(cents) = r.cells[field] { cents } else { 0 }).sum();
            if amount { Cell::Cents(sum) } else { Cell::Blank }
        })
        .collect();
    cells[0] = Cell::text(label);
    cells
}
