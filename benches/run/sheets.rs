//! Workbooks of made-up customers and loans, as a core banking system exports them; two records in a hundred are at
//! fault. Knows nothing of jobs.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result};
use baosong::pack::RulePack;
use rust_xlsxwriter::{Format, Workbook, Worksheet};

use crate::{
    identity::{draw_credit_code, draw_loan_card, draw_resident_id, spoiled},
    rng::Rng,
};

/// Loans of one customer.
const LOANS_PER_CUSTOMER: usize = 25;
/// One record in so many is at fault.
const FAULT_EVERY: usize = 50;

/// Serial numbers of Excel for days the records use: 2015-01-01 and 2026-10-31.
const FIRST_DAY: i64 = 42_005;
const DATA_DATE: i64 = 46_326;

enum Value {
    Text(String),
    Number(f64),
    Day(i64),
    Blank,
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// Cents as an amount with two decimal places.
fn amount(cents: i64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    Value::Number(cents as f64 / 100.0)
}

fn count(number: i64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    Value::Number(number as f64)
}

struct Formats {
    amount: Format,
    day: Format,
}

struct Customer {
    code: String,
    name: String,
    balance: i64,
}

/// Writes the roster.
///
/// # Errors
/// If the file cannot be written.
pub fn write_roster(pack: &RulePack, units: &[String], path: &Path) -> Result<()> {
    let mut workbook = Workbook::new();
    let formats = formats();
    let sheet = sheet(&mut workbook, pack, "units")?;
    for (row, unit) in (1..).zip(units) {
        let values = [
            text(unit),
            text(format!("第{row}社部")),
            text("王文明"),
            Value::Day(FIRST_DAY),
            text("李志强"),
            text("13900001234"),
        ];
        write_row(sheet, &formats, row, &values)?;
    }
    workbook.save(path)?;
    Ok(())
}

/// Writes the workbook of one unit: its customers and its loans.
///
/// # Errors
/// If the file cannot be written.
pub fn write_submission(pack: &RulePack, unit: &str, number: usize, loans: usize, path: &Path) -> Result<()> {
    let mut rng = Rng::new(2026 + number as u64);
    let mut workbook = Workbook::new();
    let formats = formats();
    let mut taken = BTreeSet::new();
    let mut customers: Vec<Customer> = Vec::new();
    while customers.len() < loans.div_ceil(LOANS_PER_CUSTOMER) {
        let code = draw_credit_code(&mut rng, "91", "150102");
        if taken.insert(code.clone()) {
            let name = customer_name(number * 20_000 + customers.len());
            customers.push(Customer { code, name, balance: 0 });
        }
    }
    // The loans come first, because the customers' balances are their sums; the sheets are in the other order.
    let records: Vec<_> = (0..loans).map(|index| loan(&mut rng, unit, index, &mut customers)).collect();
    let own = sheet(&mut workbook, pack, "customers")?;
    for (row, customer) in (1..).zip(&customers) {
        write_row(own, &formats, row, &customer_values(&mut rng, unit, customer))?;
    }
    let own = sheet(&mut workbook, pack, "loans")?;
    for (row, values) in (1..).zip(&records) {
        write_row(own, &formats, row, values)?;
    }
    workbook.save(path)?;
    Ok(())
}

fn formats() -> Formats {
    Formats { amount: Format::new().set_num_format("#,##0.00"), day: Format::new().set_num_format("yyyy-mm-dd") }
}

/// A new sheet with the standard name and headings of a dataset.
fn sheet<'w>(workbook: &'w mut Workbook, pack: &RulePack, dataset: &str) -> Result<&'w mut Worksheet> {
    let dataset = pack.datasets.iter().find(|own| own.id == dataset).context("the pack has the dataset")?;
    let sheet = workbook.add_worksheet_with_low_memory()?;
    sheet.set_name(&dataset.title.zh)?;
    for (column, field) in (0..).zip(&dataset.fields) {
        sheet.write_string(0, column, field.title().zh)?;
    }
    Ok(sheet)
}

fn write_row(sheet: &mut Worksheet, formats: &Formats, row: u32, values: &[Value]) -> Result<()> {
    for (column, value) in (0..).zip(values) {
        match value {
            Value::Text(text) => sheet.write_string(row, column, text)?,
            Value::Number(number) => sheet.write_number_with_format(row, column, *number, &formats.amount)?,
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            Value::Day(day) => sheet.write_number_with_format(row, column, *day as f64, &formats.day)?,
            Value::Blank => continue,
        };
    }
    Ok(())
}

/// A name that differs in two characters from that of any other number.
fn customer_name(number: usize) -> String {
    const SYLLABLES: [&str; 40] = [
        "瑞", "丰", "恒", "泰", "盛", "源", "宏", "达", "穗", "牧", "腾", "润", "禾", "晟", "昌", "隆", "顺", "康",
        "裕", "兴", "嘉", "茂", "鑫", "诚", "信", "德", "旺", "荣", "祥", "和", "安", "永", "利", "福", "庆", "华",
        "正", "通", "远", "明",
    ];
    let digits = [0, 1, 2, 3].map(|place| number / 40_usize.pow(place) % 40);
    let [a, b, c, d] = digits.map(|digit| SYLLABLES[digit]);
    let check = SYLLABLES[digits.iter().sum::<usize>() % 40];
    format!("内蒙古{a}{b}{c}{d}{check}商贸有限公司")
}

fn customer_values(rng: &mut Rng, unit: &str, customer: &Customer) -> [Value; 22] {
    let assets = rng.between(500_000_000, 9_000_000_000);
    [
        text(unit),
        text(&customer.code),
        text(&customer.name),
        text(rng.pick(&["A2", "A3", "A4"])),
        text("CHN"),
        text("1"),
        text(&customer.code),
        text(&customer.code),
        text(draw_loan_card(rng, "150102")),
        text(rng.pick(&["王文明", "李建军", "张秀英", "刘海燕", "陈晓宇"])),
        text("2"),
        text(draw_resident_id(rng, "150102", true)),
        text(format!("内蒙古自治区呼和浩特市新城区样板路{}号", rng.between(1, 400))),
        text("150102"),
        text("F5112"),
        Value::Day(rng.between(36_000, 41_000)),
        amount(rng.between(1_000_000, 90_000_000)),
        amount(assets),
        amount(assets / 2),
        Value::Day(DATA_DATE),
        amount(customer.balance + 100_000_000),
        amount(customer.balance),
    ]
}

/// A loan. Faults are planted after the balance was counted, those of the balance before.
fn loan(rng: &mut Rng, unit: &str, index: usize, customers: &mut [Customer]) -> [Value; 24] {
    let at = rng.below(customers.len());
    let customer = &mut customers[at];
    let granted = rng.between(50_000, 800_000) * 100;
    let balance = granted / 100 * rng.between(20, 100);
    let first = rng.between(FIRST_DAY, DATA_DATE - 400);
    // Not due yet: what is overdue are instalments.
    let years = (DATA_DATE - first) / 365 + rng.between(1, 5);
    let overdue = rng.chance(5);
    customer.balance += balance;
    let mut values = [
        text(unit),
        text(format!("JJ{unit}{index:08}")),
        text(format!("HT{unit}{:08}", index / 2)),
        text(&customer.code),
        text(&customer.name),
        text("1"),
        text(rng.pick(&["1", "2", "3", "4"])),
        text(rng.pick(&["1", "2", "3"])),
        text("CNY"),
        amount(granted),
        amount(balance),
        amount(rng.between(300, 1_200)),
        Value::Day(first),
        Value::Day(first + 365 * years),
        text(if overdue { "3" } else { rng.pick(&["1", "1", "1", "2"]) }),
        text(rng.pick(&["2", "3", "4"])),
        amount(if overdue { balance / 2 } else { 0 }),
        count(if overdue { rng.between(1, 300) } else { 0 }),
        amount(if overdue { 12_345 } else { 0 }),
        count(if overdue { 30 } else { 0 }),
        text(rng.pick(&["A0111", "C1351", "F5112", "E4710"])),
        text("0"),
        Value::Blank,
        text(if overdue { "2" } else { "1" }),
    ];
    if index % FAULT_EVERY == FAULT_EVERY - 1 {
        plant(&mut values, index / FAULT_EVERY, (unit, index), customer);
    }
    values
}

/// Spoils one cell, or two that belong together; a different one each time.
fn plant(values: &mut [Value; 24], turn: usize, (unit, index): (&str, usize), customer: &Customer) {
    match turn % 12 {
        0 => values[9] = amount(0),
        1 => values[9] = amount(1_000),
        2 => values[11] = amount(-435),
        3 => values[4] = Value::Blank,
        4 => values[3] = text(spoiled(&customer.code)),
        5 => values[14] = text("7"),
        6 => values[13] = Value::Day(FIRST_DAY - 1),
        7 => values[1] = text(format!("JJ{unit}{:08}", index - 1)),
        8 => values[2] = count(2_026_150_102_000_123),
        9 => values[10] = text("待核实"),
        10 => values[4] = text("瑞丰商贸"),
        _ => {
            values[16] = amount(5_000);
            values[17] = count(0);
        }
    }
}
