//! The figures of reports against totals that a script computed from the files handed in, without this program
//! (`tests/data/reports/totals.py`), and against each other.

use std::collections::BTreeMap;

use super::{exact, rows, sample, table, text};
use crate::desk::{program, project, ran};

/// Records, amount and second amount (yuan, in millionths) by unit and dataset.
fn computed() -> BTreeMap<(String, String), (usize, i128, i128)> {
    let path = project("tests/data/reports/totals.csv");
    let mut reader = csv::Reader::from_path(path).expect("the totals");
    let yuan = |text: &str| text.replace('.', "").parse::<i128>().map_or(0, |fen| fen * 10_000);
    reader
        .records()
        .map(|record| {
            let record = record.expect("a line");
            let key = (record[0].to_owned(), record[1].to_owned());
            (key, (record[2].parse().expect("a count"), yuan(&record[3]), yuan(&record[4])))
        })
        .collect()
}

fn column(headings: &[String], heading: &str) -> usize {
    headings.iter().position(|known| known == heading).unwrap_or_else(|| panic!("no column {heading} in {headings:?}"))
}

#[test]
fn reported_loans_tie_to_the_files_handed_in() {
    let sheet = rows(&sample().join("reports/客户大额授信统计表.xlsx"), "贷款明细");
    let (headings, loans, total) = table(&sheet, "序号");
    let (unit, amount, balance) =
        (column(&headings, "社部代码"), column(&headings, "贷款金额(万元)"), column(&headings, "贷款余额(万元)"));
    let mut found: BTreeMap<String, (usize, i128, i128)> = BTreeMap::new();
    for loan in &loans {
        let sums = found.entry(text(&loan[unit])).or_default();
        sums.0 += 1;
        sums.1 += exact(&loan[amount]) * 10_000;
        sums.2 += exact(&loan[balance]) * 10_000;
    }
    let wanted: BTreeMap<_, _> = computed()
        .into_iter()
        .filter(|((_, dataset), _)| dataset == "loans")
        .map(|((unit, _), sums)| (unit, sums))
        .collect();
    assert_eq!(found, wanted);
    let total = total.expect("a total");
    assert_eq!(exact(&total[amount]), loans.iter().map(|loan| exact(&loan[amount])).sum::<i128>());
    assert_eq!(exact(&total[balance]), loans.iter().map(|loan| exact(&loan[balance])).sum::<i128>());
}

#[test]
fn every_customer_with_a_reported_loan_stands_once_in_the_list_and_has_a_page() {
    let report = sample().join("reports/客户大额授信统计表.xlsx");
    let (headings, customers, _) = table(&rows(&report, "客户基本信息"), "序号");
    let code = column(&headings, "客户代码");
    let codes: std::collections::BTreeSet<_> = customers.iter().map(|row| text(&row[code])).collect();
    let wanted = computed()[&(String::new(), "customers".to_owned())].0;
    assert_eq!((customers.len(), codes.len()), (wanted, wanted));
    let pages = rows(&report, "客户单页");
    let forms = pages.iter().filter(|row| text(&row[0]) == "客户名称").count();
    assert_eq!(forms, wanted);
}

#[test]
fn defaults_tie_to_the_files_handed_in() {
    for (file, dataset) in [
        ("零售贷款违约法人客户情况统计表", "retail_defaults_corporate"),
        ("零售贷款违约个人客户情况统计表", "retail_defaults_personal"),
    ] {
        let sheet = rows(&sample().join(format!("reports/{file}.xlsx")), "按社部");
        let (headings, units, total) = table(&sheet, "社部代码");
        let places = ["笔数", "发放金额(元)", "违约金额(元)"].map(|heading| column(&headings, heading));
        let wanted = computed();
        let mut sums = [0; 3];
        for unit in &units {
            let found = places.map(|at| exact(&unit[at]));
            // A unit that handed nothing in is in the report and not among the files.
            let (records, amount, default) =
                wanted.get(&(text(&unit[0]), dataset.to_owned())).copied().unwrap_or_default();
            let records = i128::try_from(records).expect("a count") * 1_000_000;
            assert_eq!(found, [records, amount, default], "{file} {}", text(&unit[0]));
            sums.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
        }
        let total = total.expect("a total");
        assert_eq!(places.map(|at| exact(&total[at])), sums, "{file}");
    }
}

#[test]
fn the_reconciliation_shows_every_fen_of_difference() {
    let sheet = rows(&sample().join("reports/对账表.xlsx"), "对账");
    let totals =
        std::fs::read_to_string(project("sample-input/large-credit/2026-10/ledger-totals.csv")).expect("totals");
    let ledger: BTreeMap<(String, String), i128> = totals
        .lines()
        .skip(1)
        .map(|line| {
            let parts: Vec<_> = line.split(',').collect();
            (
                (parts[0].to_owned(), parts[1].to_owned()),
                parts[2].replace('.', "").parse::<i128>().expect("fen") * 10_000,
            )
        })
        .collect();
    let defaults = computed();
    let mut checked = 0;
    for row in sheet.iter().filter(|row| ledger.contains_key(&(text(&row[1]), text(&row[0])))).take(ledger.len()) {
        let (unit, subject) = (text(&row[1]), text(&row[0]));
        let stated = ledger[&(unit.clone(), subject.clone())];
        assert_eq!(exact(&row[3]), stated, "{unit} {subject}");
        assert_eq!(exact(&row[5]), exact(&row[4]) - stated, "{unit} {subject}");
        assert_eq!(exact(&row[6]), 0, "the tolerance of the pack");
        let dataset = match subject.as_str() {
            "违约金额(法人)" => "retail_defaults_corporate",
            "违约金额(个人)" => "retail_defaults_personal",
            _ => "",
        };
        if let Some((_, _, default)) = defaults.get(&(unit.clone(), dataset.to_owned())) {
            assert_eq!(exact(&row[4]), *default, "{unit} {subject}");
            checked += 1;
        }
    }
    assert_eq!(checked, 22, "eleven units, two subjects");
}

#[test]
fn drafts_say_so_on_every_sheet() {
    for entry in std::fs::read_dir(sample().join("reports")).expect("the reports") {
        let path = entry.expect("a report").path();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).expect("a workbook");
        for name in calamine::Reader::sheet_names(&book) {
            let range = calamine::Reader::worksheet_range(&mut book, &name).expect("a sheet");
            let draft = range.rows().take(4).any(|row| text(&row[0]).starts_with("未定稿"));
            assert!(draft, "{} {name}", path.display());
        }
    }
}

#[test]
fn this_month_is_set_against_the_last() {
    let out = tempfile::tempdir().expect("a temporary folder");
    for (period, code) in [("2026-09", 1), ("2026-10", 3)] {
        let mut command = program(&["run", "-q"]);
        command.arg(project(&format!("sample-input/large-credit/{period}"))).arg("--out").arg(out.path());
        command.arg("--ledger").arg(out.path().join("ledger.db"));
        ran(command, out.path()).expect_code(code);
    }
    let sheet = rows(&out.path().join("2026-10/reports/数据质量月报.xlsx"), "月报");
    let (headings, months, _) = table(&sheet, "报告期");
    let [now, last, difference] = months.as_slice() else { panic!("three rows: {months:?}") };
    assert_eq!([now, last, difference].map(|row| text(&row[0])), ["2026-10", "2026-09", "±"]);
    let at = |heading: &str| column(&headings, heading);
    for heading in ["记录", "有问题记录", "强制", "提示", "已消除"] {
        let at = at(heading);
        assert_eq!(exact(&difference[at]), exact(&now[at]) - exact(&last[at]), "{heading}");
    }
    // Errors and warnings as the list of findings has them; what concerns the union as a whole belongs to no unit.
    let mut listed = csv::Reader::from_path(out.path().join("2026-10/findings.csv")).expect("the list");
    let names = listed.headers().expect("headings").clone();
    let place =
        |name: &str| names.iter().position(|known| known.trim_start_matches('\u{feff}') == name).expect("a column");
    let (unit, severity) = (place("unit"), place("severity"));
    let mut counted = BTreeMap::<String, i128>::new();
    for record in listed.records() {
        let record = record.expect("a line");
        if &record[unit] != "150199" {
            *counted.entry(record[severity].to_owned()).or_default() += 1_000_000;
        }
    }
    assert_eq!([exact(&now[at("强制")]), exact(&now[at("提示")])], ["error", "warning"].map(|name| counted[name]));
    // Per 1,000 records, as shown to two decimals: half up, so within half a hundredth of the difference of the shares.
    let rate = |row: &[calamine::Data]| {
        let findings = exact(&row[at("强制")]) + exact(&row[at("提示")]);
        findings * 1_000_000_000 / exact(&row[at("记录")])
    };
    assert!((exact(&difference[at("每千条问题")]) - (rate(now) - rate(last))).abs() <= 5_000 + 1);
    let page = std::fs::read_to_string(out.path().join("2026-10/report.html")).expect("the page");
    assert!(page.contains(&format!("<small>上期 {}</small>", text(&last[at("记录")]))));
}
