//! Job files and receipts.

use std::fmt::Write;

use crate::{
    model::{CORPORATE, Cell, LOANS, PERSONAL, World},
    union::{INSTITUTION, LATE, UNIT},
};

pub fn job_file(period: &str, prior: Option<&str>) -> String {
    // Made up, in 10,000 yuan: about an eighth of the loans.
    let (net, tier_1) = if prior.is_some() { ("170000.00", "155000.00") } else { ("169200.00", "154300.00") };
    let totals = if prior.is_some() { "ledger_totals = \"ledger-totals.csv\"\n" } else { "" };
    let prior = prior.map(|path| format!("prior       = \"{path}\"\n")).unwrap_or_default();
    format!(
        "pack        = \"large-credit\"\nperiod      = \"{period}\"\ninstitution = {{ code = \"{}\", name = \"{}\" }}\n\
         roster      = \"roster.xlsx\"\ninput       = \"submissions\"\nreceipts    = \"receipts.csv\"\n{prior}{totals}\n[params]\n\
         net_capital   = {net}\ntier1_capital = {tier_1}\n",
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
