//! Job files and receipts.

use std::fmt::Write;

use crate::{
    model::{CORPORATE, Cell, LOANS, PERSONAL, World},
    union::{INSTITUTION, LATE, UNIT},
};

/// A band of change: both the absolute and the relative bound must be passed.
#[derive(Clone, Copy)]
pub struct Band {
    /// In hundredths for amounts, else in records.
    pub absolute: i64,
    /// Per cent.
    pub rise: i64,
    pub fall: i64,
}

const fn band(absolute: i64, rise: i64, fall: i64) -> Band {
    Band { absolute, rise, fall }
}

/// The bands of the size class [`SIZE_CLASS`] in the pack's params.toml.
pub const BAND_LINE: Band = band(100_000_000, 5, 4);
pub const BAND_DEFAULTS: Band = band(100, 20, 20);
/// Narrower ones the job sets.
pub const BAND_CUSTOMERS: Band = band(30, 5, 5);
pub const BAND_BALANCE: Band = band(5_000_000, 5, 4);
pub const BAND_GUARANTEES: Band = band(30, 2, 4);

/// The loans of the union add up to some 13 billion yuan.
const SIZE_CLASS: &str = "100亿-1千亿";

pub fn job_file(period: &str, prior: Option<&str>) -> String {
    // Made up, in 10,000 yuan: about an eighth of the loans.
    let (net, tier_1) = if prior.is_some() { ("170000.00", "155000.00") } else { ("169200.00", "154300.00") };
    let bands = format!(
        "# 本联社的波动区间比监管的窄，较早提示\n# The union's own bands of change, narrower than the regulator's\n\
         band_customers_pct    = {}\nband_balance_abs      = {}.00\nband_guarantees_abs   = {}\n\
         band_guarantees_rise  = {}\n",
        BAND_CUSTOMERS.rise,
        BAND_BALANCE.absolute / 100,
        BAND_GUARANTEES.absolute,
        BAND_GUARANTEES.rise
    );
    let totals = if prior.is_some() { "ledger_totals = \"ledger-totals.csv\"\n" } else { "" };
    let prior = prior.map(|path| format!("prior       = \"{path}\"\n")).unwrap_or_default();
    format!(
        "pack        = \"large-credit\"\nperiod      = \"{period}\"\ninstitution = {{ code = \"{}\", name = \"{}\" }}\n\
         roster      = \"roster.xlsx\"\ninput       = \"submissions\"\nreceipts    = \"receipts.csv\"\n{prior}{totals}\n[params]\n\
         net_capital   = {net}\ntier1_capital = {tier_1}\nsize_class    = \"{SIZE_CLASS}\"\n{bands}",
        INSTITUTION.0, INSTITUTION.1
    )
}

/// When each file came in: `files` are unit and name. One unit is late in October.
pub fn receipts(files: &[(usize, String)], october: bool) -> String {
    let mut lines = "unit,file,received,channel\n".to_owned();
    for (at, (unit, file)) in files.iter().enumerate() {
        let (month, first) = if october { (11, 3) } else { (10, 8) };
        let received = if october && *unit == LATE {
            "2026-11-06T09:10:00".to_owned()
        } else {
            format!("2026-{month:02}-{:02}T{:02}:{:02}:00", first + unit % 3, 9 + unit % 8, at * 7 % 60)
        };
        let channel = if unit % 4 == 3 { "人工上报" } else { "信贷管理部内网" };
        writeln!(lines, "{},{file},{received},{channel}", UNIT[*unit].code).expect("text grows");
    }
    lines
}

/// The general ledger's totals by unit and subject, in yuan: of the records as they are before faults are planted, so the
/// differences are what the faults did to amounts.
pub fn ledger_totals(world: &World) -> String {
    let mut lines = "unit,subject,amount\n".to_owned();
    for (at, unit) in UNIT.iter().enumerate() {
        let sum = |dataset: usize, field: &str| -> i64 {
            let records = world.current(dataset).filter(|record| record.unit == at && record.text("status") != "9");
            records.map(|record| record.cents(field)).sum()
        };
        // Balances of loans are in hundredths of 10,000 yuan, defaults in hundredths of a yuan.
        let subjects = [
            ("贷款余额", sum(LOANS, "balance") * 10_000),
            ("违约金额(法人)", sum(CORPORATE, "default_amount")),
            ("违约金额(个人)", sum(PERSONAL, "default_amount")),
        ];
        for (subject, cents) in subjects {
            writeln!(lines, "{},{subject},{}", unit.code, Cell::decimal(cents)).expect("text grows");
        }
    }
    lines
}
