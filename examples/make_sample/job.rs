//! Job files and receipts.

use std::fmt::Write;

use crate::union::{INSTITUTION, LATE, UNIT};

pub fn job_file(period: &str, prior: Option<&str>) -> String {
    // Made up, in 10,000 yuan: about an eighth of the loans.
    let (net, tier_1) = if prior.is_some() { ("170000.00", "155000.00") } else { ("169200.00", "154300.00") };
    let prior = prior.map(|path| format!("prior       = \"{path}\"\n")).unwrap_or_default();
    format!(
        "pack        = \"large-credit\"\nperiod      = \"{period}\"\ninstitution = {{ code = \"{}\", name = \"{}\" }}\n\
         roster      = \"roster.xlsx\"\ninput       = \"submissions\"\nreceipts    = \"receipts.csv\"\n{prior}\n[params]\n\
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
