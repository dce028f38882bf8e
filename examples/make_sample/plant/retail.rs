//! Faults of retail defaults.

use super::Planter;
use crate::{
    identity,
    model::{CORPORATE, Cell, PERSONAL, Record, World, day},
    names,
    union::{CSV, EPOCH_1904, HEAD, HIDDEN, LATE, MANY_FILES, NO_CUSTOMERS, ODS, OLD_EXCEL, OTHER_HEADINGS, UNTIDY},
};

fn any(_: &World, _: &Record) -> bool {
    true
}

pub fn plant(p: &mut Planter) {
    shared(p, CORPORATE, "RDC", &[HEAD, OLD_EXCEL, CSV, ODS, UNTIDY, HIDDEN, EPOCH_1904, OTHER_HEADINGS, LATE]);
    shared(p, PERSONAL, "RDP", &[LATE, MANY_FILES, ODS, UNTIDY, OLD_EXCEL, OTHER_HEADINGS, CSV, HIDDEN, HEAD]);
    corporate(p);
    personal(p);
}

/// The rules both kinds of default have, planted in one unit after the other.
fn shared(p: &mut Planter, dataset: usize, prefix: &str, units: &[usize]) {
    let mut at = 0;
    let mut plant = |p: &mut Planter, cells: &[(&str, Cell)], rules: &[&str]| {
        let unit = units[at % units.len()];
        at += 1;
        let rules: Vec<String> = rules.iter().map(|rule| format!("{prefix}-{rule}")).collect();
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        p.fault((dataset, unit), any, cells, &rules)
    };
    let elsewhere = names::foreign_address(p.rng);
    plant(p, &[("area_code", Cell::text("150199"))], &["ARE-001"]);
    plant(p, &[("address", Cell::text(elsewhere))], &["ARE-002"]);
    let id = plant(p, &[], &["DAY-001"]);
    let held = (day(2026, 10, 31) - p.world.records[id].day("disbursed")).num_days();
    p.set(id, "default_days", Cell::Whole(held + 1));
    // Far too large or negative: what the days may be is then the only question left.
    plant(p, &[("default_days", Cell::Whole(99_999))], &["DAY-002"]);
    plant(p, &[("default_days", Cell::Whole(-30))], &["DAY-002"]);
    plant(p, &[("default_days", Cell::Whole(89))], &["DAY-003"]);
    plant(p, &[("default_amount", Cell::Cents(0))], &["AMT-001"]);
    let id = plant(p, &[], &["AMT-002"]);
    p.set(id, "default_amount", Cell::Cents(p.cents(id, "loan_amount") + 1));
    plant(p, &[("loan_amount", Cell::Cents(0))], &["AMT-003"]);
    // Since when it is in default cannot be asked of a loan not yet disbursed.
    plant(p, &[("disbursed", Cell::Day(day(2026, 11, 20)))], &["DAT-001"]);
}

fn corporate(p: &mut Planter) {
    for unit in [OLD_EXCEL, LATE] {
        let id = p.take(CORPORATE, unit, any);
        p.set(id, "doc_no", Cell::text(identity::spoiled(&p.text(id, "doc_no"))));
        p.expect(id, "RDC-DOC-001");
    }
    for unit in [HEAD, UNTIDY] {
        p.fault((CORPORATE, unit), any, &[("doc_no", Cell::Blank)], &["RDC-DOC-002"]);
    }
    for (unit, name) in [(CSV, "穗兴粮油"), (ODS, "康裕肉业")] {
        p.fault((CORPORATE, unit), any, &[("customer_name", Cell::text(name))], &["RDC-NAM-001"]);
    }
    let long =
        "王文明（法定代表人变更登记办理中，新任法定代表人以登记机关核准日期为准，原任法定代表人仍在职并继续签字）";
    p.fault((CORPORATE, EPOCH_1904), any, &[("legal_rep", Cell::text(long))], &["RDC-LEN-LEGAL_REP", "RDC-REP-001"]);
    p.fault((CORPORATE, HIDDEN), any, &[("default_type", Cell::text("5"))], &["RDC-COD-DEFAULT_TYPE"]);
    // The whole unit: 15 in September, 119 in October.
    p.expect_unit(HEAD, "RDC-CHG-001");
}

fn personal(p: &mut Planter) {
    for unit in [OTHER_HEADINGS, NO_CUSTOMERS] {
        let id = p.take(PERSONAL, unit, any);
        p.set(id, "doc_no", Cell::text(identity::spoiled(&p.text(id, "doc_no"))));
        p.expect(id, "RDP-DOC-001");
    }
    p.fault((PERSONAL, CSV), any, &[("doc_no", Cell::Blank)], &["RDP-DOC-002"]);
    for (unit, name) in [(UNTIDY, "示例旗兴隆养殖场"), (LATE, "示例旗昌盛商贸有限公司")] {
        p.fault((PERSONAL, unit), any, &[("customer_name", Cell::text(name))], &["RDP-NAM-001"]);
    }
    for unit in [MANY_FILES, HIDDEN] {
        let id = p.take(PERSONAL, unit, any);
        let other = if p.text(id, "sex") == "1" { "2" } else { "1" };
        p.set(id, "sex", Cell::text(other));
        p.expect(id, "RDP-SEX-001");
    }
    for (unit, phone) in [(HEAD, "12990457781"), (EPOCH_1904, "1994718203")] {
        p.fault((PERSONAL, unit), any, &[("phone", Cell::text(phone))], &["RDP-PHN-001"]);
    }
    p.fault((PERSONAL, HIDDEN), any, &[("loan_kind", Cell::text("X"))], &["RDP-COD-LOAN_KIND"]);
    // Seven characters, and no division begins with them.
    let wide = [("area_code", Cell::text("1501022"))];
    p.fault((PERSONAL, ODS), any, &wide, &["RDP-WID-AREA_CODE", "RDP-ARE-001"]);
    // The whole unit: 40 in September, 160 in October.
    p.expect_unit(OTHER_HEADINGS, "RDP-CHG-001");
}
