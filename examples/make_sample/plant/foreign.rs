//! Customers abroad, divisions that are no longer in use, industries, and dates of statements and disbursements.

use chrono::Days;

use super::Planter;
use crate::{
    identity,
    model::{CORPORATE, CUSTOMERS, Cell, PERSONAL, Record, World, day},
};

fn any(_: &World, _: &Record) -> bool {
    true
}

/// An organisation in China with a good document number and a statement of September.
fn at_home(_: &World, customer: &Record) -> bool {
    customer.text("doc_no").len() == 18 && customer.get("statement_date") == &Cell::Day(day(2026, 9, 30))
}

pub fn plant(p: &mut Planter) {
    customers(p);
    divisions(p);
    industries(p);
    dates(p);
}

/// Makes the customer one abroad, with all that follows right.
pub fn abroad(p: &mut Planter, id: usize, country: &str) {
    let code = |value: &str| Cell::text(value);
    p.set_all(
        id,
        &[
            ("country", code(country)),
            ("registered_place", code("香港特别行政区中环样板路18号")),
            ("customer_type", code("F")),
            ("doc_type", code("12")),
            ("doc_no", Cell::Blank),
            ("credit_code", Cell::Blank),
            ("area_code", code("999999")),
            ("industry", code("99999")),
        ],
    );
}

fn customers(p: &mut Planter) {
    for (country, field, value, rule) in [
        ("HKG", "area_code", "150102", "CUST-ARE-005"),
        ("TWN", "area_code", "150000", "CUST-ARE-005"),
        ("MAC", "industry", "C1440", "CUST-IND-001"),
        ("HKG", "industry", "F5112", "CUST-IND-001"),
    ] {
        let id = p.spread(CUSTOMERS, any);
        abroad(p, id, country);
        p.set(id, field, Cell::text(value));
        p.expect(id, rule);
    }
    // A code issued in China for a customer abroad.
    for country in ["HKG", "SGP"] {
        let id = p.spread(CUSTOMERS, at_home);
        let number = p.text(id, "doc_no");
        abroad(p, id, country);
        p.set_all(id, &[("doc_type", Cell::text("1")), ("doc_no", Cell::text(number))]);
        p.expect(id, "CUST-DOC-011");
    }
}

/// 伊克昭盟东胜 had the code 152701 until 2001; the province in the address still fits.
fn divisions(p: &mut Planter) {
    for _ in 0..2 {
        let id = p.spread(CUSTOMERS, at_home);
        let org = p.text(id, "credit_code")[8..17].to_owned();
        p.set(id, "credit_code", Cell::text(identity::credit_code("91", "152701", &org)));
        p.set(id, "area_code", Cell::text("152701"));
        p.expect(id, "CUST-ARE-004");
    }
    for (dataset, rule) in [(CORPORATE, "RDC-ARE-003"), (PERSONAL, "RDP-ARE-003")] {
        for _ in 0..2 {
            p.spread_fault(dataset, any, &[("area_code", Cell::text("152701"))], &[rule]);
        }
    }
}

fn industries(p: &mut Planter) {
    for (industry, rules) in [("14400", &["CUST-IND-002"][..]), ("Z1440", &["CUST-IND-002"]), ("T9600", &[])] {
        p.spread_fault(CUSTOMERS, any, &[("industry", Cell::text(industry))], rules);
    }
}

fn dates(p: &mut Planter) {
    for (date, rules) in [
        (day(2026, 9, 29), &["CUST-DAT-003"][..]),
        (day(2026, 10, 8), &["CUST-DAT-003"]),
        (day(2026, 2, 28), &[]),
        (day(2026, 10, 31), &[]),
    ] {
        p.spread_fault(CUSTOMERS, at_home, &[("statement_date", Cell::Day(date))], rules);
    }
    // 89 days before the end of the period; on the 90th a default is possible.
    for (dataset, prefix) in [(CORPORATE, "RDC"), (PERSONAL, "RDP")] {
        for (held, days) in [(89, 60), (12, 5), (90, 90)] {
            let disbursed = day(2026, 10, 31) - Days::new(held);
            let cells = [("disbursed", Cell::Day(disbursed)), ("default_days", Cell::Whole(days))];
            let id = p.spread_fault(dataset, any, &cells, &[]);
            if held < 90 {
                p.expect(id, &format!("{prefix}-DAT-002"));
                p.expect(id, &format!("{prefix}-DAY-003"));
            }
        }
    }
}
