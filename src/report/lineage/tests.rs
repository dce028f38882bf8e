use std::collections::BTreeMap;

use polars::prelude::IntoLazy as _;

use super::*;

fn tables() -> Tables {
    let loans = polars::prelude::df!(
        "_row" => [0_i64, 1, 2, 3], "unit" => ["1", "1", "2", "1"], "code" => [Some("A"), Some("B"), Some("A"), None],
        "amount" => [10_i64, 20, 30, 40], "line" => [1_i64, 2, 3, 4]
    );
    let customers = polars::prelude::df!("_row" => [0_i64, 1], "code" => ["A", "B"], "name" => ["甲", "乙"]);
    let rules = polars::prelude::df!("rule" => ["R1", "R2"], "violated" => [3_i64, 0]);
    Tables::from([
        ("loans".to_owned(), loans.expect("loans").lazy()),
        ("customers".to_owned(), customers.expect("customers").lazy()),
        ("rules".to_owned(), rules.expect("rules").lazy()),
    ])
}

fn lineage(sql: &str, at: usize, columns: &[&str]) -> Lineage {
    let tables = tables();
    let query = Query {
        written: sql.to_owned(),
        sql: sql.to_owned(),
        tables: tables.keys().cloned().collect(),
        columns: BTreeSet::new(),
        sort: Vec::new(),
        limit: None,
    };
    let (rows, _) = super::super::query::run(&query, &tables, &super::super::query::Need::default()).expect("rows");
    let rows = rows.slice(i64::try_from(at).expect("a row"), 1);
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Lineage::of(&query, &tables, &rows, &columns).expect("records")
}

/// The records behind the row `at` of a query.
fn behind(sql: &str, at: usize) -> BTreeMap<String, Vec<u32>> {
    let lineage = lineage(sql, at, &[]);
    assert!(!lineage.partial);
    lineage.behind.into_iter().map(|(table, behind)| (table, behind.records.into_iter().collect())).collect()
}

fn of(found: &[(&str, &[u32])]) -> BTreeMap<String, Vec<u32>> {
    found.iter().map(|(table, records)| ((*table).to_owned(), records.to_vec())).collect()
}

#[test]
fn sums_are_followed_to_the_records_of_their_group() {
    let sql = "SELECT unit, SUM(amount) AS total FROM loans WHERE amount > 10 GROUP BY unit";
    assert_eq!(behind(sql, 0), of(&[("loans", &[1, 3])]));
    assert_eq!(behind(sql, 1), of(&[("loans", &[2])]));
    assert_eq!(behind("SELECT SUM(amount) AS total FROM loans", 0), of(&[("loans", &[0, 1, 2, 3])]));
}

#[test]
fn a_group_without_value_is_a_group() {
    // The null comes last.
    let sql = "SELECT code, SUM(amount) AS total FROM loans GROUP BY code";
    assert_eq!(behind(sql, 0), of(&[("loans", &[0, 2])]));
    assert_eq!(behind(sql, 2), of(&[("loans", &[3])]));
}

#[test]
fn joins_are_followed_on_both_sides() {
    let sql =
        "SELECT c.name, SUM(l.amount) AS total FROM loans AS l JOIN customers AS c ON l.code = c.code GROUP BY c.name";
    // 乙 comes before 甲.
    assert_eq!(behind(sql, 0), of(&[("loans", &[1]), ("customers", &[1])]));
    assert_eq!(behind(sql, 1), of(&[("loans", &[0, 2]), ("customers", &[0])]));
}

#[test]
fn a_row_made_of_one_record_is_that_record() {
    assert_eq!(behind("SELECT * FROM loans", 2), of(&[("loans", &[2])]));
    assert_eq!(behind("SELECT l.* FROM loans AS l", 1), of(&[("loans", &[1])]));
}

#[test]
fn tables_made_in_with_are_followed_to_theirs() {
    let sql = "WITH t AS (SELECT unit, code, SUM(amount) AS amount FROM loans GROUP BY unit, code), \
         u AS (SELECT unit, SUM(amount) AS total FROM t WHERE code IS NOT NULL GROUP BY unit) SELECT unit, total FROM u";
    assert_eq!(behind(sql, 0), of(&[("loans", &[0, 1])]));
    assert_eq!(behind(sql, 1), of(&[("loans", &[2])]));
    let sql = "SELECT c.name, t.total FROM customers AS c LEFT JOIN (SELECT code, SUM(amount) AS total FROM loans WHERE \
         unit = '2' GROUP BY code) AS t ON t.code = c.code";
    assert_eq!(behind(sql, 0), of(&[("customers", &[1])]), "乙 has no loan in the unit");
    assert_eq!(behind(sql, 1), of(&[("loans", &[2]), ("customers", &[0])]));
}

#[test]
fn both_sides_of_a_union_are_followed() {
    let sql = "SELECT unit, 'loans' AS what, SUM(amount) AS s FROM loans GROUP BY unit \
         UNION ALL SELECT code AS other, 'customers' AS kind, 1 AS n FROM customers";
    // Ordered by the unit: 1, 2, A, B.
    assert_eq!(behind(sql, 0), of(&[("loans", &[0, 1, 3])]));
    assert_eq!(behind(sql, 2), of(&[("customers", &[0])]));
}

#[test]
fn tables_of_the_program_give_their_rows() {
    let found = lineage("SELECT rule, violated AS n FROM rules WHERE violated > 0", 0, &["n"]);
    let rules = found.behind.get("rules").expect("rules");
    assert!(rules.records.is_empty());
    let rows = rules.rows.as_ref().expect("rows");
    assert_eq!(shown(rows, 0), [("rule".to_owned(), "R1".to_owned()), ("violated".to_owned(), "3".to_owned())]);
    assert_eq!(rules.fields, BTreeSet::from(["violated".to_owned()]));
}

#[test]
fn the_fields_of_a_figure_are_those_it_is_made_from() {
    let sql = "WITH t AS (SELECT unit, SUM(amount) AS total, COUNT(code) AS codes FROM loans GROUP BY unit) \
         SELECT unit, total * 2 AS twice, codes FROM t";
    let found = lineage(sql, 0, &["twice"]);
    assert_eq!(found.behind["loans"].fields, BTreeSet::from(["amount".to_owned()]));
}

#[test]
fn it_says_when_more_may_be_listed_and_what_it_cannot_follow() {
    let hidden = "SELECT SUM(amount) AS total FROM loans GROUP BY unit";
    assert!(lineage(hidden, 0, &[]).wider);
    assert!(!lineage("SELECT unit, SUM(amount) AS total FROM loans GROUP BY 1", 0, &[]).wider);
    assert!(lineage("SELECT code FROM loans EXCEPT SELECT code FROM customers", 0, &[]).partial);
}
