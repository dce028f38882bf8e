use std::collections::BTreeMap;

use super::*;
use crate::{
    check::examples::build,
    job::Calendar,
    pack::{Literal, Request, RulePack, load_pack},
};

fn pack() -> RulePack {
    load_pack(&Request {
        pack: "large-credit",
        folder: None,
        period: "2026-10".parse().expect("a period"),
        overrides: &BTreeMap::new(),
        calendar: Calendar::built_in().unwrap_or_else(|_| panic!("the calendar is good")),
    })
    .expect("the pack is good")
}

fn row<const N: usize>(values: [(&str, Literal); N]) -> BTreeMap<String, Literal> {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

#[test]
fn rows_are_read_by_the_fields_of_the_pack() {
    let pack = pack();
    let mut units = Vec::new();
    let tables: Vec<Table> = pack
        .datasets
        .iter()
        .map(|dataset| {
            let rows = match dataset.id.as_str() {
                "customers" => vec![row([("customer_code", text("A")), ("credit_line", Literal::Integer(600))])],
                "shareholders" => {
                    vec![row([("customer_code", text("A")), ("share_percent", Literal::Decimal("33.34".to_owned()))])]
                }
                "loans" => vec![
                    row([
                        ("_unit", text("1")),
                        ("customer_code", text("A")),
                        ("balance", Literal::Decimal("499.999999".to_owned())),
                        ("disbursed", Literal::Date("2026-02-28".parse().expect("a date"))),
                        ("five_class", text("3")),
                        ("syndicated", text("1")),
                        ("lead_role", text("2")),
                    ]),
                    row([
                        ("_unit", text("2")),
                        ("status", text("9")),
                        ("lead_role", text("2")),
                        ("balance", Literal::Decimal(format!("1{}", "0".repeat(25)))),
                    ]),
                ],
                _ => Vec::new(),
            };
            build(dataset, &rows, &mut units).expect("a table")
        })
        .collect();
    let portfolio = Portfolio::read(&pack.datasets, &tables).expect("a portfolio");
    assert_eq!(portfolio.customers[0].code, Some("A"));
    assert_eq!(portfolio.customers[0].credit_line_fen, Some(600_000_000));
    assert_eq!(portfolio.shareholders[0].share_ppm, Some(333_400));
    assert!(portfolio.affiliates.is_empty() && portfolio.guarantees.is_empty());
    assert_eq!(portfolio.loans.len(), 2);
    let loan = |index| portfolio.loans.get(index).expect("two loans");
    let (first, second) = (loan(0), loan(1));
    assert_eq!(first.balance_fen, Some(499_999_999));
    assert_eq!(first.disbursed, NaiveDate::from_ymd_opt(2026, 2, 28));
    assert_eq!((first.class, first.participant, first.cancelled), (Some(3), true, false));
    assert_eq!(
        first.origin,
        Origin { dataset: u16::try_from(pack.dataset_index("loans").expect("loans")).expect("few"), record: 0 }
    );
    // No sum of money: 10 to the power of 25, in 10,000 yuan.
    assert_eq!(second.balance_fen, None);
    assert_eq!((second.participant, second.cancelled), (false, true));
    assert_ne!(first.unit, second.unit);
}
