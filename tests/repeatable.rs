//! The same input gives the same bytes, whatever the number of threads; the order of rows and files changes nothing but
//! where findings stand.

use std::collections::BTreeMap;

use crate::desk::{BOOK, Cell, Desk, UNIT, book, clean, contents, program, project, ran};

fn assert_same(first: &BTreeMap<String, Vec<u8>>, second: &BTreeMap<String, Vec<u8>>, what: &str) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(first), names(second), "{what}");
    let differing: Vec<_> =
        first.iter().filter(|(name, bytes)| second[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(
        differing.is_empty(),
        "{what}: other bytes in {differing:?}; look for a clock, a hash order or a thread order"
    );
}

fn run_sample(options: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["run", "-q"]);
    command.arg(project("sample-input/large-credit/2026-10")).args(options).arg("--out").arg(out.path());
    ran(command, out.path()).expect_code(3);
    contents(out.path())
}

#[test]
fn two_runs_give_the_same_bytes() {
    let first = run_sample(&[]);
    assert!(first.len() > 10, "{:?}", first.keys());
    // Zip archives keep times to two seconds.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_same(&first, &run_sample(&[]), "a second run");
}

#[test]
fn threads_do_not_show() {
    let one = run_sample(&["--threads", "1"]);
    assert_same(&one, &run_sample(&["--threads", "2"]), "one thread against two");
    assert_same(&one, &run_sample(&["--threads", "7"]), "one thread against seven");
}

/// Findings without what names their place in the files: unit, record, rule, severity, value, message.
fn without_position(desk: &Desk) -> Vec<Vec<String>> {
    let columns = ["unit", "record_key", "rule", "severity", "value", "fingerprint"];
    let lines = desk.run().lines();
    let mut found: Vec<Vec<String>> =
        lines.iter().map(|line| columns.map(|column| line.get(column).to_owned()).to_vec()).collect();
    found.sort();
    found
}

/// A unit of 40 loans of which many have something wrong: too small, key shared, sum and references off.
fn spoilt_loans() -> [crate::desk::Sheet; 3] {
    let [mut customers, shareholders, mut loans] = clean();
    let model = loans.rows[1].clone();
    for number in 0..38_usize {
        let at = number + 2;
        loans.rows.push(model.clone());
        loans.set(at, "借据号", format!("15010220249{:05}", number / 2).as_str());
        if number % 3 == 0 {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            loans.set(at, "贷款金额(万元)", 100.0 + number as f64);
        }
        if number % 5 == 0 {
            loans.set(at, "客户代码", "91150104MA0HH52J7X");
        }
        if number % 7 == 0 {
            loans.set(at, "客户名称", "示例旗昌晟建筑有限公司").set(at, "发放日期", "2027-01-01");
        }
    }
    customers.set(0, "总资产(万元)", 0.0);
    [customers, shareholders, loans]
}

/// The rows below the heading in another order, which depends on nothing but their number.
fn shuffle(rows: &mut [Vec<Cell>]) {
    let count = rows.len() - 1;
    let old = rows[1..].to_vec();
    for (index, row) in old.into_iter().enumerate() {
        // 17 has no common factor with 40 or 20: each place is taken once.
        rows[1 + (index * 17 + 5) % count] = row;
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let [customers, shareholders, mut loans] = spoilt_loans();
    assert_eq!(loans.rows.len(), 41);
    let desk = Desk::new();
    desk.put(BOOK, &book(&[customers.clone(), shareholders.clone(), loans.clone()]));
    let before = without_position(&desk);
    assert!(before.len() > 40, "the job is to have many findings; it has {}", before.len());
    shuffle(&mut loans.rows);
    desk.put(BOOK, &book(&[loans, customers, shareholders]));
    assert_eq!(without_position(&desk), before);
}

#[test]
fn the_names_and_division_of_files_do_not_matter() {
    let [customers, shareholders, loans] = spoilt_loans();
    let desk = Desk::new();
    desk.put(BOOK, &book(&[customers.clone(), shareholders.clone(), loans.clone()]));
    let before = without_position(&desk);
    desk.remove(BOOK);
    let (mut first, mut second) = (loans.clone(), loans.clone());
    first.rows.truncate(21);
    second.rows.drain(1..21);
    desk.put(&format!("{UNIT}/甲.xlsx"), &book(&[second]));
    desk.put(&format!("{UNIT}/z.xlsx"), &book(&[first]));
    desk.put(&format!("{UNIT}/m/客户.xlsx"), &book(&[shareholders, customers]));
    assert_eq!(without_position(&desk), before);
}
