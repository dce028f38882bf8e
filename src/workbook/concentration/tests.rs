use std::collections::BTreeMap;

use calamine::{Data, Reader as _, Xlsx};

use super::*;
use crate::{
    check::examples::build,
    derive::Records,
    job::{Calendar, Institution},
    pack::{Literal, Request, examples::Row, load::parameter_values, load_pack},
    table::Table,
};

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

fn wan(digits: &str) -> Literal {
    Literal::Decimal(digits.to_owned())
}

fn row<const N: usize>(values: [(&str, Literal); N]) -> Row {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn loan(no: &str, customer: &str, balance: &str) -> Row {
    row([("loan_no", text(no)), ("customer_code", text(customer)), ("balance", wan(balance)), ("amount", wan(balance))])
}

/// Three customers: A owes 120, B 80, C nothing; one person represents A and B. In the prior period A owed 50, and D 7.
fn rows(dataset: &str, prior: bool) -> Vec<Row> {
    let customer = |code: &str, name: &str| row([("customer_code", text(code)), ("customer_name", text(name))]);
    let represented = |code: &str, name: &str| {
        let mut row = customer(code, name);
        row.insert("legal_rep".to_owned(), text("张某某"));
        row.insert("legal_rep_doc_type".to_owned(), text("2"));
        row.insert("legal_rep_doc_no".to_owned(), text("11010519491231002X"));
        row
    };
    match (dataset, prior) {
        ("customers", false) => {
            vec![
                represented("A", "示例旗瑞丰源商贸有限公司"),
                represented("B", "示例旗禾牧兴乳业有限公司"),
                customer("C", "示例旗晟康达物流有限公司"),
            ]
        }
        ("loans", false) => vec![loan("1", "A", "100"), loan("2", "A", "20"), loan("3", "B", "80")],
        ("customers", true) => {
            vec![customer("A", "示例旗瑞丰源商贸有限公司"), customer("D", "示例旗穗隆昌饲料有限公司")]
        }
        ("loans", true) => vec![loan("1", "A", "50"), loan("9", "D", "7")],
        _ => Vec::new(),
    }
}

/// The workbook, with capital as the job gives it.
fn workbook(params: &[(&str, &str)], lang: Lang) -> Vec<u8> {
    let period = "2026-10".parse().expect("a period");
    let overrides: BTreeMap<_, _> = params.iter().map(|(name, value)| ((*name).to_owned(), wan(value))).collect();
    let calendar = Calendar::built_in().unwrap_or_else(|_| panic!("the calendar is good"));
    let request = Request { pack: "large-credit", folder: None, period, overrides: &overrides, calendar };
    let pack = load_pack(&request).unwrap_or_else(|problems| panic!("{problems}"));
    let mut units = Vec::new();
    let mut tables = |prior: bool| -> Vec<Table> {
        let of =
            |dataset: &crate::pack::Dataset, units: &mut Vec<Unit>| build(dataset, &rows(&dataset.id, prior), units);
        pack.datasets.iter().map(|dataset| of(dataset, &mut units).expect("a table")).collect()
    };
    let (now, before) = (tables(false), tables(true));
    let records = |tables| Records { tables, units: &units };
    let values = parameter_values(&pack, period);
    let derived = Derived::of(&pack.datasets, &values, records(&now), Some(records(&before))).expect("derived");
    let job = Job {
        path: "job.toml".into(),
        pack: "large-credit".to_owned(),
        rules: None,
        period,
        institution: Institution { code: "150199".to_owned(), name: "示例联社".to_owned() },
        input: "submissions".into(),
        roster: "roster.xlsx".into(),
        receipts: None,
        prior: None,
        params: overrides.clone(),
        calendar: None,
        password_env: None,
        outputs: crate::job::Outputs::default(),
    };
    let shown = Concentration { job: &job, pack: &pack, units: &units, prior_units: Some(&units), derived: &derived };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("concentration.xlsx");
    write_concentration(&shown, lang, &path).expect("written");
    std::fs::read(path).expect("read")
}

fn sheet(bytes: &[u8], name: &str) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("opened");
    workbook.worksheet_range(name).expect("the sheet").rows().map(<[Data]>::to_vec).collect()
}

/// Figures as the shortest text that stands for them.
fn figures<const N: usize>(row: &[Data], columns: [usize; N]) -> [String; N] {
    columns.map(|column| row[column].to_string())
}

const CAPITAL: [(&str, &str); 2] = [("net_capital", "1000"), ("tier1_capital", "800")];

#[test]
fn ratios_stand_against_their_limits() {
    let ratios = sheet(&workbook(&CAPITAL, Lang::Zh), "指标");
    // A owes 120 of 1,000; the limit is 10 %, so 20 too much. Amounts in yuan.
    assert_eq!(figures(&ratios[1], [2, 4, 5, 6, 7, 8]), ["1200000", "10000000", "0.12", "0.1", "1000000", "-200000"]);
    // B's 80 is where the warning band of four fifths begins.
    assert_eq!(ratios[1][10].to_string(), "超限1户（组），预警1户（组）");
    assert_eq!(ratios[1][11].to_string(), "《商业银行法》第三十九条（内部口径）");
    // 200 of 1,000, of a limit of half.
    assert_eq!(figures(&ratios[3], [2, 5, 8]), ["2000000", "0.2", "3000000"]);
    assert_eq!(ratios[3][10].to_string(), "未超限");
    // 120 of 800 is just the limit of 15 %.
    assert_eq!(figures(&ratios[4], [5, 8]), ["0.15", "0"]);
    assert_eq!(ratios[4][10].to_string(), "预警");
    // A and B together: 200 of 800 with a limit of 20 %.
    assert_eq!(figures(&ratios[5], [2, 5, 8]), ["2000000", "0.25", "-400000"]);
}

#[test]
fn without_capital_nothing_is_guessed() {
    let bytes = workbook(&[], Lang::Zh);
    let ratios = sheet(&bytes, "指标");
    assert_eq!(ratios[1][10].to_string(), "不可判定：任务文件未给出资本净额（net_capital）");
    assert_eq!(ratios[6][10].to_string(), "不可判定：任务文件未给出一级资本净额（tier1_capital）");
    assert!(ratios[1..7].iter().all(|row| row[5].to_string().is_empty()));
    // The ten largest are listed all the same.
    let customers = sheet(&bytes, "单一客户");
    assert_eq!([&customers[1][1], &customers[2][1]].map(ToString::to_string), ["A", "B"]);
    assert_eq!(customers[1][7].to_string(), "—");
}

#[test]
fn paths_are_in_words_and_persons_masked() {
    let groups = sheet(&workbook(&CAPITAL, Lang::Zh), "关联集团");
    assert_eq!(
        groups[2][10].to_string(),
        "张**是示例旗瑞丰源商贸有限公司的法定代表人；张**是示例旗禾牧兴乳业有限公司的法定代表人"
    );
    let english = sheet(&workbook(&CAPITAL, Lang::En), "Groups");
    assert!(english[2][10].to_string().starts_with("张** is the legal representative of"), "{}", english[2][10]);
}

#[test]
fn the_bridge_leads_from_prior_to_now() {
    let bytes = workbook(&CAPITAL, Lang::Zh);
    let bridge = sheet(&bytes, "与上期比较");
    let total = |name: &str| {
        let found = bridge.iter().find(|row| row[0] == *name && row[2] == "合计");
        figures(found.expect("a total"), [3, 4, 5, 6, 7, 8, 9])
    };
    assert_eq!(total("大客户数"), ["2", "2", "1", "0", "0", "0", "3"]);
    assert_eq!(total("贷款余额(元)"), ["570000", "1000000", "70000", "0", "0", "500000", "2000000"]);
    let changes = sheet(&bytes, "客户变动");
    let kinds: Vec<_> = changes[1..4].iter().map(|row| row[0].to_string()).collect();
    assert_eq!(kinds, ["减少", "新增", "新增"]);
}

#[test]
fn the_same_figures_give_the_same_bytes() {
    assert_eq!(workbook(&CAPITAL, Lang::Zh), workbook(&CAPITAL, Lang::Zh));
}

#[test]
fn what_is_left_out_is_counted() {
    assert_eq!(cut(MOST_LINES, MOST_LINES, Lang::Zh), None);
    assert_eq!(cut(MOST_LINES + 3, MOST_LINES, Lang::Zh).as_deref(), Some("共20003条，只列前20000条，另有3条未列。"));
    assert_eq!(left_out(0, super::super::label::label("贷款", "loans"), Lang::En), None);
    let two = left_out(2, super::super::label::label("贷款", "loans"), Lang::En);
    assert_eq!(two.as_deref(), Some("Left out: 2 loans."));
}
