//! Faults of corporate customers.

use super::{Planter, loans_of};
use crate::{
    identity,
    model::{CUSTOMERS, Cell, Record, SHAREHOLDERS, Standing, World, day},
    names,
    union::{CSV, EPOCH_1904, HEAD, HIDDEN, LATE, MANY_FILES, ODS, OLD_EXCEL, OTHER_HEADINGS, UNTIDY},
};

fn any(_: &World, _: &Record) -> bool {
    true
}

fn enterprise(_: &World, customer: &Record) -> bool {
    customer.text("customer_type").starts_with('A')
}

/// The document number is the credit code, not the nine-character organisation code.
fn by_credit_code(_: &World, customer: &Record) -> bool {
    customer.text("doc_no").len() == 18
}

pub fn plant(p: &mut Planter) {
    amounts(p);
    documents(p);
    names_and_codes(p);
    places(p);
    rest(p);
}

fn amounts(p: &mut Planter) {
    let zero = || Cell::Cents(0);
    for (unit, cell) in [(HEAD, zero()), (ODS, Cell::Blank)] {
        p.fault((CUSTOMERS, unit), any, &[("total_assets", cell)], &["CUST-AMT-001"]);
    }
    p.fault((CUSTOMERS, MANY_FILES), any, &[("total_liabilities", zero())], &["CUST-AMT-002"]);
    for (unit, cell) in [(OLD_EXCEL, zero()), (OTHER_HEADINGS, Cell::Blank)] {
        p.fault((CUSTOMERS, unit), any, &[("credit_line", cell)], &["CUST-AMT-003"]);
    }
    // A balance of zero no longer is the sum of the loans; a blank one cannot be compared.
    p.fault((CUSTOMERS, CSV), any, &[("loan_balance", zero())], &["CUST-AMT-004", "CUST-SUM-001"]);
    p.fault((CUSTOMERS, HIDDEN), any, &[("loan_balance", Cell::Blank)], &["CUST-AMT-004"]);
    p.fault((CUSTOMERS, UNTIDY), any, &[("total_assets", Cell::Cents(-120_000))], &["CUST-AMT-005"]);
    p.fault((CUSTOMERS, EPOCH_1904), any, &[("total_liabilities", Cell::Cents(-45_600))], &["CUST-AMT-006"]);
    p.fault((CUSTOMERS, OTHER_HEADINGS), any, &[("credit_line", Cell::Cents(-100_000))], &["CUST-AMT-007"]);
    let negative = [("loan_balance", Cell::Cents(-50_000))];
    p.fault((CUSTOMERS, LATE), any, &negative, &["CUST-AMT-008", "CUST-SUM-001"]);

    let id = p.take(CUSTOMERS, HEAD, any);
    p.set(id, "total_liabilities", Cell::Cents(p.cents(id, "total_assets") + 1));
    p.expect(id, "CUST-AMT-009");
    let id = p.take(CUSTOMERS, MANY_FILES, any);
    p.set(id, "credit_line", Cell::Cents(p.cents(id, "loan_balance") - 1));
    p.expect(id, "CUST-AMT-010");
    for (unit, field, rule) in [(OLD_EXCEL, "total_assets", "CUST-AMT-011"), (ODS, "credit_line", "CUST-AMT-012")] {
        let id = p.take(CUSTOMERS, unit, any);
        p.set(id, field, Cell::Cents(p.cents(id, field) * 10_000));
        p.expect(id, rule);
    }
    for (unit, difference) in [(UNTIDY, 1), (LATE, 10_000)] {
        let id = p.take(CUSTOMERS, unit, |_, customer| customer.cents("loan_balance") > 20_000);
        p.set(id, "loan_balance", Cell::Cents(p.cents(id, "loan_balance") - difference));
        p.expect(id, "CUST-SUM-001");
    }
}

fn documents(p: &mut Planter) {
    p.fault((CUSTOMERS, CSV), enterprise, &[("doc_type", Cell::text("12"))], &["CUST-DOC-001", "CUST-DOC-010"]);
    for unit in [UNTIDY, HIDDEN] {
        p.fault((CUSTOMERS, unit), enterprise, &[("doc_no", Cell::Blank)], &["CUST-DOC-002"]);
    }
    for unit in [HEAD, OTHER_HEADINGS] {
        let id = p.take(CUSTOMERS, unit, by_credit_code);
        p.set(id, "doc_no", Cell::text(identity::spoiled(&p.text(id, "doc_no"))));
        p.expect(id, "CUST-DOC-003");
    }
    for unit in [MANY_FILES, EPOCH_1904] {
        let id = p.take(CUSTOMERS, unit, by_credit_code);
        p.set(id, "credit_code", Cell::text(identity::spoiled(&p.text(id, "credit_code"))));
        p.expect(id, "CUST-DOC-004");
    }
    // Without a credit code there is nothing the nine characters could contradict.
    let filler = [("doc_no", Cell::text("00000000-0")), ("credit_code", Cell::Blank)];
    p.fault((CUSTOMERS, OLD_EXCEL), any, &filler, &["CUST-DOC-005"]);
    p.fault((CUSTOMERS, LATE), any, &[("doc_no", Cell::text("000000000000000000"))], &["CUST-DOC-005"]);
    let personal = identity::resident_id("150122", day(1979, 4, 16), 217);
    p.fault((CUSTOMERS, ODS), any, &[("doc_no", Cell::text(personal))], &["CUST-DOC-006"]);
    let other = identity::draw_org_code(p.rng);
    let other = format!("{}-{}", &other[..8], &other[8..]);
    p.fault((CUSTOMERS, HIDDEN), any, &[("doc_no", Cell::text(other))], &["CUST-DOC-007"]);

    let represented = |_: &World, customer: &Record| customer.text("legal_rep_doc_type") == "2";
    let id = p.take(CUSTOMERS, HEAD, represented);
    p.set(id, "legal_rep_doc_no", Cell::text(identity::spoiled(&p.text(id, "legal_rep_doc_no"))));
    p.expect(id, "CUST-REP-001");
    // The check digit is right, but there is no 31 February.
    let impossible = [("legal_rep_doc_no", Cell::text("150102198502311237"))];
    p.fault((CUSTOMERS, LATE), represented, &impossible, &["CUST-REP-001"]);
    for (unit, name) in [(CSV, "示例旗腾达物流有限责任公司"), (OTHER_HEADINGS, "示例旗恒源商贸有限公司")]
    {
        p.fault((CUSTOMERS, unit), any, &[("legal_rep", Cell::text(name))], &["CUST-REP-002"]);
    }
    for unit in [UNTIDY, EPOCH_1904] {
        let id = p.take(CUSTOMERS, unit, any);
        p.set(id, "loan_card", Cell::text(identity::spoiled(&p.text(id, "loan_card"))));
        p.expect(id, "CUST-CRD-001");
    }
}

/// The loan rows outnumber the customer row, so their form of the name is the usual one.
fn two_loans(world: &World, customer: &Record) -> bool {
    customer.text("customer_name").ends_with("有限责任公司")
        && loans_of(world, customer.text("customer_code")).count() >= 2
}

fn names_and_codes(p: &mut Planter) {
    let id = p.take(CUSTOMERS, MANY_FILES, any);
    let code = p.text(id, "customer_code");
    p.rewrite(&code, "customer_code", "KH-000127");
    p.customers_taken.insert("KH-000127".to_owned());
    p.expect(id, "CUST-NUM-001");

    for (unit, name) in [(OLD_EXCEL, "示例旗恒泰农牧"), (HIDDEN, "示例旗宏达商贸有限责任公司（旧）")]
    {
        let id = p.take(CUSTOMERS, unit, any);
        let code = p.text(id, "customer_code");
        p.rewrite(&code, "customer_name", name);
        p.expect(id, "CUST-NAM-001");
    }
    for unit in [HEAD, ODS] {
        let id = p.take(CUSTOMERS, unit, two_loans);
        let name = p.text(id, "customer_name").replace("有限责任公司", "有限公司");
        p.set(id, "customer_name", Cell::text(name));
        p.expect(id, "CUST-NAM-002");
    }
    // Two customers of one name: each name stands once, so the smaller code, or number, is the usual one.
    for unit in [EPOCH_1904, MANY_FILES] {
        let (one, other) = (p.take(CUSTOMERS, unit, any), p.take(CUSTOMERS, unit, any));
        let (name, code) = (p.text(one, "customer_name"), p.text(other, "customer_code"));
        p.rewrite(&code, "customer_name", &name);
        for (field, rule) in [("customer_code", "CUST-NAM-003"), ("doc_no", "CUST-NAM-007")] {
            let larger = if p.text(one, field) > p.text(other, field) { one } else { other };
            p.expect(larger, rule);
        }
    }
}

fn places(p: &mut Planter) {
    for unit in [CSV, OTHER_HEADINGS] {
        // The institution's own code: its first four digits are right, but it is no division.
        let hohhot = |_: &World, customer: &Record| customer.text("area_code").starts_with("1501");
        p.fault((CUSTOMERS, unit), hohhot, &[("area_code", Cell::text("150199"))], &["CUST-ARE-001"]);
    }
    for unit in [MANY_FILES, UNTIDY] {
        let elsewhere = names::foreign_address(p.rng);
        p.fault((CUSTOMERS, unit), any, &[("registered_place", Cell::text(elsewhere))], &["CUST-ARE-002"]);
    }
    for unit in [OLD_EXCEL, LATE] {
        let id = p.take(CUSTOMERS, unit, |_, customer| {
            customer.text("area_code").starts_with("1501") && customer.text("credit_code").starts_with("91")
        });
        let org = p.text(id, "credit_code")[8..17].to_owned();
        p.set(id, "credit_code", Cell::text(identity::credit_code("91", "150402", &org)));
        p.expect(id, "CUST-ARE-003");
    }
    for (unit, code) in [(HIDDEN, "150102"), (HEAD, "150103")] {
        p.fault((CUSTOMERS, unit), any, &[("unit_code", Cell::text(code))], &["CUST-UNT-001"]);
    }
}

fn rest(p: &mut Planter) {
    for unit in [ODS, OTHER_HEADINGS] {
        let id = p.take(CUSTOMERS, unit, enterprise);
        let code = p.text(id, "customer_code");
        let held = |record: &&mut Record| record.dataset == SHAREHOLDERS && record.text("customer_code") == code;
        for shareholder in p.world.records.iter_mut().filter(held) {
            shareholder.standing = Standing::Gone;
        }
        p.expect(id, "CUST-CMP-001");
    }
    for unit in [EPOCH_1904, CSV] {
        p.fault((CUSTOMERS, unit), any, &[("statement_date", Cell::Day(day(2026, 12, 31)))], &["CUST-DAT-001"]);
    }
    p.fault((CUSTOMERS, OLD_EXCEL), any, &[("founded", Cell::Day(day(2027, 3, 1)))], &["CUST-DAT-002"]);
    for (unit, field, rule) in [
        (HEAD, "legal_rep", "CUST-REQ-LEGAL_REP"),
        (MANY_FILES, "industry", "CUST-REQ-INDUSTRY"),
        (HIDDEN, "country", "CUST-REQ-COUNTRY"),
        (OTHER_HEADINGS, "registered_place", "CUST-REQ-REGISTERED_PLACE"),
        (UNTIDY, "doc_type", "CUST-REQ-DOC_TYPE"),
    ] {
        p.fault((CUSTOMERS, unit), any, &[(field, Cell::Blank)], &[rule]);
    }
    let id = p.take(CUSTOMERS, ODS, any);
    let place = format!("{}（{}）", p.text(id, "registered_place"), "另有经营场所见附表，".repeat(20));
    p.set(id, "registered_place", Cell::text(place));
    p.expect(id, "CUST-LEN-REGISTERED_PLACE");
    p.fault((CUSTOMERS, OLD_EXCEL), any, &[("customer_type", Cell::text("G1"))], &["CUST-COD-CUSTOMER_TYPE"]);
    // A country of no list, and everything else of a customer in China.
    let abroad = ["CUST-COD-COUNTRY", "CUST-ARE-005", "CUST-IND-001", "CUST-DOC-011"];
    p.fault((CUSTOMERS, LATE), by_credit_code, &[("country", Cell::text("XZZ"))], &abroad);
    for unit in [EPOCH_1904, HEAD] {
        p.fault((CUSTOMERS, unit), any, &[("industry", Cell::text("C13101"))], &["CUST-WID-INDUSTRY", "CUST-IND-002"]);
    }
    // The whole unit: 38 customers in September, 76 in October.
    p.expect_unit(LATE, "CUST-CHG-001");
}
