//! Faults of loans.

use super::Planter;
use crate::{
    identity,
    model::{Cell, GUARANTEES, LOANS, Record, Standing, World, day},
    union::{
        CSV, EPOCH_1904, HEAD, HIDDEN, LATE, MANY_FILES, NO_CUSTOMERS, ODS, OLD_EXCEL, OTHER_HEADINGS, UNIT, UNTIDY,
    },
};

/// Neither overdue, nor settled, nor cancelled.
fn normal(_: &World, loan: &Record) -> bool {
    loan.text("status") == "1"
}

fn overdue(_: &World, loan: &Record) -> bool {
    loan.text("status") == "2" && loan.cents("overdue_amount") > 0 && loan.cents("balance") > 10_000
}

pub fn plant(p: &mut Planter) {
    amounts(p);
    days(p);
    rest(p);
}

fn amounts(p: &mut Planter) {
    for (unit, amount) in [(HEAD, 0), (CSV, 0), (LATE, -80_000)] {
        p.fault((LOANS, unit), normal, &[("amount", Cell::Cents(amount))], &["LOAN-AMT-001"]);
    }
    let id = p.fault((LOANS, MANY_FILES), normal, &[("balance", Cell::Cents(-30_000))], &["LOAN-AMT-002"]);
    p.tie(&p.text(id, "customer_code"));
    for (unit, excess) in [(UNTIDY, 1), (OTHER_HEADINGS, 8_000)] {
        let id = p.take(LOANS, unit, normal);
        p.set(id, "balance", Cell::Cents(p.cents(id, "amount") + excess));
        p.tie(&p.text(id, "customer_code"));
        p.expect(id, "LOAN-AMT-003");
    }
    for unit in [OLD_EXCEL, ODS] {
        let id = p.take(LOANS, unit, overdue);
        p.set(id, "overdue_amount", Cell::Cents(p.cents(id, "balance") + 1));
        p.expect(id, "LOAN-AMT-004");
    }
    p.fault(
        (LOANS, HIDDEN),
        overdue,
        &[("overdue_days", Cell::Whole(0))],
        &["LOAN-AMT-005", "LOAN-DAT-005", "LOAN-STA-002"],
    );
    for unit in [EPOCH_1904, HEAD] {
        p.fault((LOANS, unit), overdue, &[("arrears_days", Cell::Whole(0))], &["LOAN-AMT-006"]);
    }
    // One yuan short of the threshold; loans of exactly 500.00 are in the clean records.
    for (unit, amount) in [(MANY_FILES, 49_999), (NO_CUSTOMERS, 32_000)] {
        let cells = [("amount", Cell::Cents(amount)), ("balance", Cell::Cents(amount))];
        let id = p.fault((LOANS, unit), normal, &cells, &["LOAN-SCP-001"]);
        p.tie(&p.text(id, "customer_code"));
    }
    for (unit, rate) in [(CSV, 4_800), (ODS, -100)] {
        p.fault((LOANS, unit), normal, &[("annual_rate", Cell::Cents(rate))], &["LOAN-RAT-001"]);
    }
}

fn days(p: &mut Planter) {
    let future = [("disbursed", Cell::Day(day(2026, 11, 12))), ("due", Cell::Day(day(2028, 11, 12)))];
    for unit in [UNTIDY, EPOCH_1904] {
        p.fault((LOANS, unit), normal, &future, &["LOAN-DAT-001"]);
    }
    for unit in [OTHER_HEADINGS, OLD_EXCEL] {
        let id = p.take(LOANS, unit, normal);
        let due = p.world.records[id].day("disbursed") - chrono::Days::new(1);
        p.set(id, "due", Cell::Day(due));
        p.expect_all(id, &["LOAN-DAT-002", "LOAN-DAT-005"]);
    }
    for unit in [HIDDEN, LATE] {
        let id = p.take(LOANS, unit, |world, loan| overdue(world, loan) && loan.text("five_class") != "2");
        let held = (day(2026, 10, 31) - p.world.records[id].day("disbursed")).num_days();
        p.set(id, "overdue_days", Cell::Whole(held + 2));
        p.expect(id, "LOAN-DAT-003");
    }
}

fn rest(p: &mut Planter) {
    let single = |_: &World, loan: &Record| loan.text("syndicated") == "0";
    p.fault((LOANS, HEAD), single, &[("syndicated", Cell::text("1"))], &["LOAN-SYN-001"]);
    for unit in [CSV, HIDDEN] {
        let cells = [("syndicated", Cell::text("1")), ("lead_role", Cell::text("2"))];
        p.fault((LOANS, unit), single, &cells, &["LOAN-SYN-002", "LOAN-SYN-003"]);
    }

    // A further loan to a customer nobody hands in.
    for (unit, name) in [(MANY_FILES, "示例旗禾裕种业有限公司"), (LATE, "示例旗晟隆饲料有限公司")]
    {
        let like = p.take(LOANS, unit, |_, loan| loan.text("status") == "1" && loan.text("guarantee_kind") == "4");
        let id = p.copy(like);
        let nobody = identity::draw_credit_code(p.rng, "91", "150121");
        p.set(id, "customer_code", Cell::text(nobody));
        p.set(id, "customer_name", Cell::text(name));
        p.set(id, "loan_no", Cell::text(format!("{}2026{}", UNIT[unit].code, 990_017)));
        p.set(id, "contract_no", Cell::text(format!("示农信借字2026第99{unit:02}号")));
        p.expect(id, "LOAN-REF-001");
    }

    let three_rows = |world: &World, loan: &Record| {
        loan.text("customer_name").ends_with("有限责任公司")
            && super::loans_of(world, loan.text("customer_code")).count() >= 2
    };
    for unit in [ODS, EPOCH_1904] {
        let id = p.take(LOANS, unit, three_rows);
        let name = p.text(id, "customer_name").replace("有限责任公司", "有限公司");
        p.set(id, "customer_name", Cell::text(name));
        p.expect(id, "LOAN-NAM-001");
    }
    for (unit, code) in [(OTHER_HEADINGS, "150108"), (OLD_EXCEL, "150102")] {
        p.fault((LOANS, unit), normal, &[("unit_code", Cell::text(code))], &["LOAN-UNT-001"]);
    }
    for unit in [UNTIDY, HIDDEN, LATE] {
        let id = p.take(LOANS, unit, |_, loan| loan.text("guarantee_kind") == "1");
        let contract = p.text(id, "contract_no");
        let of_loan = |record: &&mut Record| record.dataset == GUARANTEES && record.text("contract_no") == contract;
        for guarantee in p.world.records.iter_mut().filter(of_loan) {
            guarantee.standing = Standing::Gone;
        }
        p.expect(id, "LOAN-CMP-001");
    }

    for (unit, field, rule) in [
        (HEAD, "due", "LOAN-REQ-DUE"),
        (CSV, "five_class", "LOAN-REQ-FIVE_CLASS"),
        (NO_CUSTOMERS, "loan_type", "LOAN-REQ-LOAN_TYPE"),
    ] {
        p.fault((LOANS, unit), normal, &[(field, Cell::Blank)], &[rule]);
    }
    let unsecured = |_: &World, loan: &Record| loan.text("guarantee_kind") == "4";
    let long = "示农信借字2025第0877号展期后重新编号原合同号示农信借字2022第0131号至第0133号";
    p.fault((LOANS, CSV), unsecured, &[("contract_no", Cell::text(long))], &["LOAN-LEN-CONTRACT_NO"]);
    for (unit, field, value, rule) in [
        (HEAD, "currency", "RMB", "LOAN-COD-CURRENCY"),
        (OLD_EXCEL, "five_class", "6", "LOAN-COD-FIVE_CLASS"),
        (ODS, "business_type", "7", "LOAN-COD-BUSINESS_TYPE"),
        (MANY_FILES, "industry", "C-131", "LOAN-WID-INDUSTRY"),
    ] {
        p.fault((LOANS, unit), normal, &[(field, Cell::text(value))], &[rule]);
    }
    // The whole unit: what it held in September was two fifths of this.
    p.expect_unit(EPOCH_1904, "LOAN-CHG-001");
}
