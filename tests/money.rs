//! Money is exact: thresholds hit on the fen, totals tie to the fen, whatever the cells look like.

use crate::desk::{BOOK, Cell, Desk, Sheet, UNIT, book, clean};

/// The three sheets of the unit, changed, run as a workbook; then the findings.
fn found(change: impl FnOnce(&mut Sheet, &mut Sheet)) -> (Desk, Vec<String>) {
    let [mut customers, shareholders, mut loans] = clean();
    change(&mut customers, &mut loans);
    let desk = Desk::new();
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    let found = own(&desk);
    (desk, found)
}

/// Findings of the unit the tests are about, without the unit.
fn own(desk: &Desk) -> Vec<String> {
    let found = desk.run().findings();
    found.iter().filter_map(|finding| finding.strip_prefix("150102 ")).map(str::to_owned).collect()
}

/// The loan of the first record gets this amount; the balance stays below each of them.
fn with_amount(loans: &mut Sheet, customers: &mut Sheet, amount: impl Into<Cell>) {
    loans.set(0, "贷款金额(万元)", amount).set(0, "贷款余额(万元)", 100.0);
    customers.set(0, "贷款余额(万元)", 818.56);
}

const BELOW: &str = "客户风险数据.xlsx 贷款明细!J2 LOAN-SCP-001";

#[test]
fn five_million_yuan_is_large_and_a_hundred_yuan_less_is_not() {
    // In 万元, as number and as text; 499.999999 is one fen less.
    let cases: [(Cell, &[&str]); 9] = [
        (499.99.into(), &[BELOW]),
        (500.0.into(), &[]),
        (500.01.into(), &[]),
        ("499.99".into(), &[BELOW]),
        ("500.00".into(), &[]),
        ("500.01".into(), &[]),
        ("499.999999".into(), &[BELOW]),
        (499.999_999.into(), &[BELOW]),
        ("500.000000".into(), &[]),
    ];
    for (amount, wanted) in cases {
        let (_desk, found) = found(|customers, loans| with_amount(loans, customers, amount.clone()));
        assert_eq!(found, wanted, "a loan of {amount:?}");
    }
}

#[test]
fn the_threshold_holds_for_a_column_in_yuan_with_thousands_separators() {
    let info = "客户风险数据.xlsx 贷款明细 SHEET-UNIT-001";
    let cases: [(Cell, bool); 6] = [
        ("4,999,999.99".into(), true),
        ("5,000,000.00".into(), false),
        ("5,000,000.01".into(), false),
        (4_999_999.99.into(), true),
        (5_000_000.0.into(), false),
        ("5,000,000.00元".into(), false),
    ];
    for (amount, below) in cases {
        let (_desk, found) = found(|customers, loans| {
            with_amount(loans, customers, amount.clone());
            loans.set(1, "贷款金额(万元)", 7_200_000.0);
            let column = loans.column("贷款金额(万元)");
            loans.rows[0][column] = "贷款金额(元)".into();
        });
        let wanted: Vec<_> = std::iter::once(info).chain(below.then_some(BELOW)).collect();
        assert_eq!(found, wanted, "a loan of {amount:?} yuan");
    }
}

#[test]
fn the_threshold_holds_in_csv() {
    for (amount, below) in [("499.99", true), ("500", false), ("\"500.00 \"", false), ("499.999999", true)] {
        let [mut customers, shareholders, mut loans] = clean();
        with_amount(&mut loans, &mut customers, "@");
        let desk = Desk::new();
        desk.remove(BOOK);
        for sheet in [&customers, &shareholders] {
            desk.put(&format!("{UNIT}/{}.csv", sheet.name), sheet.csv().as_bytes());
        }
        desk.put(&format!("{UNIT}/贷款明细.csv"), loans.csv().replace('@', amount).as_bytes());
        let wanted: &[&str] = if below { &["贷款明细.csv J2 LOAN-SCP-001"] } else { &[] };
        assert_eq!(own(&desk), wanted, "a loan of {amount}");
    }
}

/// A customer whose balance is `total` and whose loans have the balances `parts`.
fn sum(total: impl Into<Cell>, parts: &[Cell]) -> Vec<String> {
    let total = total.into();
    let (_desk, found) = found(|customers, loans| {
        customers.set(0, "贷款余额(万元)", total);
        let model = loans.rows[1].clone();
        loans.rows.truncate(1);
        for (number, part) in parts.iter().enumerate() {
            loans.rows.push(model.clone());
            loans.set(number, "借据号", format!("15010220241{number:05}").as_str()).set(
                number,
                "贷款余额(万元)",
                part.clone(),
            );
        }
    });
    found
}

const SUM: &str = "客户风险数据.xlsx 客户基本信息!V2 CUST-SUM-001";

#[test]
fn sums_that_binary_fractions_miss_tie() {
    // 0.1 + 0.2 is 0.30000000000000004 in binary floating point.
    assert_eq!(sum(0.3, &[0.1.into(), 0.2.into()]), [""; 0]);
    assert_eq!(sum("0.3", &["0.10".into(), 0.2.into()]), [""; 0]);
    // A formula over such cells stores the binary sum.
    assert_eq!(sum(0.1 + 0.2, &[0.1.into(), 0.2.into()]), [""; 0]);
    // 300 times 0.01 drifts to 3.0000000000000013.
    let parts = vec![Cell::Number(0.01); 300];
    assert_eq!(sum(3.0, &parts), [""; 0]);
    // A fen is 0.000001 of 10,000 yuan.
    assert_eq!(sum("3.000001", &parts), [SUM]);
    assert_eq!(sum("2.999999", &parts), [SUM]);
    assert_eq!(sum(3.01, &parts), [SUM]);
}

#[test]
fn the_difference_is_stated_to_the_fen() {
    let [mut customers, shareholders, loans] = clean();
    customers.set(0, "贷款余额(万元)", "1283.430001");
    let desk = Desk::new();
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    let lines = desk.run().lines();
    let message = lines.iter().find(|line| line.get("rule") == "CUST-SUM-001").expect("the finding").get("message");
    assert!(
        message.contains("1283.430001") && message.contains("1283.43") && message.contains("0.000001"),
        "{message}"
    );
}

#[test]
fn amounts_beyond_the_exact_digits_of_binary_numbers_are_kept_as_text() {
    // 18 significant digits: a binary double would make 123456789012.345678 of it something else.
    let parts: [Cell; 2] = ["123456789012.345678".into(), "0.000001".into()];
    let found: Vec<_> = sum("123456789012.345679", &parts).into_iter().filter(|found| found == SUM).collect();
    assert_eq!(found, [""; 0]);
    let found: Vec<_> = sum("123456789012.345680", &parts).into_iter().filter(|found| found == SUM).collect();
    assert_eq!(found, [SUM]);
}
