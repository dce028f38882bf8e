use super::*;
use crate::derive::{Affiliate, Customer, Loan, Shareholder, exposure::Counting};

const RULES: GroupRules = GroupRules { control_ppm: 500_000, state_organs_join: false };

fn customer<'a>(record: u32, code: &'a str, name: &'a str) -> Customer<'a> {
    Customer { origin: Origin { dataset: 1, record }, code: Some(code), name: Some(name), ..Customer::default() }
}

fn loan(customer: &str, balance: i128) -> Loan<'_> {
    Loan { customer: Some(customer), balance_fen: i64::try_from(balance).ok(), ..Loan::default() }
}

fn holder<'a>(record: u32, customer: &'a str, name: &'a str, doc_no: Option<&'a str>, ppm: i128) -> Shareholder<'a> {
    let person = name.chars().count() <= 3;
    Shareholder {
        origin: Origin { dataset: 2, record },
        customer: Some(customer),
        name: Some(name),
        kind: Some(if person { "6" } else { "1" }),
        doc_type: Some(if person { "2" } else { "1" }),
        doc_no,
        share_ppm: Some(ppm),
    }
}

struct Case<'a> {
    directory: Directory<'a>,
    groups: Groups,
}

fn case<'a>(portfolio: &Portfolio<'a>) -> Case<'a> {
    let directory = Directory::of(portfolio);
    let counting = Counting { exclude_participants: true, default_days: 90 };
    let exposures = Exposures::of(portfolio, &directory, counting);
    let groups = Groups::of(portfolio, &directory, &exposures, RULES);
    Case { directory, groups }
}

impl Case<'_> {
    fn id(&self, code: &str) -> CustomerId {
        self.directory.by_customer_code(Some(code)).expect("a customer")
    }

    fn members(&self) -> Vec<Vec<&str>> {
        let codes = |group: &Group| group.members.iter().map(|id| self.directory.code(*id)).collect();
        self.groups.groups.iter().map(codes).collect()
    }

    fn path(&self, code: &str) -> Vec<String> {
        self.groups.path(self.id(code)).iter().map(|step| step.words().zh).collect()
    }
}

#[test]
fn a_shared_controlling_shareholder_joins_by_document() {
    // The same person with a number of 18 and of 15 digits; another of the same name with another number.
    let portfolio = Portfolio {
        customers: vec![
            customer(0, "A", "甲草业有限公司"),
            customer(1, "B", "乙牧业有限公司"),
            customer(2, "C", "丙粮油有限公司"),
            customer(3, "D", "丁建材有限公司"),
        ],
        shareholders: vec![
            holder(0, "A", "张某某", Some("150102198503051238"), 600_000),
            holder(1, "B", "张某某", Some("150102850305123"), 500_000),
            holder(2, "C", "张某某", Some("11010519491231002X"), 900_000),
            // Half of a fen less than control.
            holder(3, "D", "张某某", Some("150102198503051238"), 499_900),
        ],
        loans: vec![loan("B", 5), loan("A", 3)].into(),
        ..Portfolio::default()
    };
    let case = case(&portfolio);
    assert_eq!(case.members(), [["B", "A"]]);
    assert_eq!(case.groups.groups[0].exposure.balance_fen, 8);
    assert!(case.path("B").is_empty());
    assert_eq!(case.path("A"), ["张**持有乙牧业有限公司50%的股份", "张**持有甲草业有限公司60%的股份"]);
    let origins: Vec<_> = case.groups.path(case.id("A")).iter().map(|step| step.link.origin.record).collect();
    assert_eq!(origins, [1, 0]);
    assert_eq!(case.groups.group_of(case.id("C")), None);
    assert_eq!(case.groups.links(&case.groups.groups[0]).len(), 2);
}

#[test]
fn a_person_without_a_document_joins_nobody() {
    let portfolio = Portfolio {
        customers: vec![customer(0, "A", "甲草业有限公司"), customer(1, "B", "乙牧业有限公司")],
        shareholders: vec![holder(0, "A", "张某某", None, 600_000), holder(1, "B", "张某某", None, 600_000)],
        ..Portfolio::default()
    };
    let case = case(&portfolio);
    assert!(case.members().is_empty());
    assert_eq!(case.groups.unidentified, 2);
}

#[test]
fn control_runs_through_levels_and_mixed_relations() {
    let representative = |row: Customer<'static>, number| Customer {
        legal_rep: Some("李某"),
        legal_rep_doc_type: Some("2"),
        legal_rep_doc_no: Some(number),
        ..row
    };
    let affiliate = |record, customer, name, relation| Affiliate {
        origin: Origin { dataset: 3, record },
        customer: Some(customer),
        name: Some(name),
        relation: Some(relation),
        doc_type: Some("1"),
        doc_no: None,
    };
    let portfolio = Portfolio {
        customers: vec![
            representative(customer(0, "A", "甲草业(集团)有限公司"), "11010519491231002X"),
            customer(1, "B", "乙牧业有限公司"),
            customer(2, "C", "丙粮油有限公司"),
            representative(customer(3, "D", "丁建材有限公司"), "11010519491231002X"),
            customer(4, "E", "戊商贸有限公司"),
            customer(5, "F", "己商贸有限公司"),
        ],
        // The group holds B by name, in another form of brackets; B declares that it controls C.
        shareholders: vec![holder(0, "B", "甲草业（集团）有限公司", None, 1_000_000)],
        affiliates: vec![
            affiliate(0, "B", "丙粮油有限公司", "3"),
            // Types 1 and 5 are no control.
            affiliate(1, "E", "甲草业(集团)有限公司", "1"),
            affiliate(2, "E", "乙牧业有限公司", "5"),
            affiliate(3, "X", "乙牧业有限公司", "2"),
        ],
        loans: vec![loan("C", 9)].into(),
        ..Portfolio::default()
    };
    let case = case(&portfolio);
    assert_eq!(case.members(), [["C", "A", "B", "D"]]);
    assert_eq!(
        case.path("D"),
        [
            "乙牧业有限公司申报丙粮油有限公司受其控制（按名称匹配）",
            "甲草业(集团)有限公司持有乙牧业有限公司100%的股份（按名称匹配）",
            "李*是甲草业(集团)有限公司的法定代表人",
            "李*是丁建材有限公司的法定代表人",
        ]
    );
    assert_eq!(case.groups.dangling, 1);
}

#[test]
fn a_state_organ_joins_only_if_told() {
    let organ = |record, customer| Shareholder {
        kind: Some("2"),
        ..holder(record, customer, "武川县财政局", None, 1_000_000)
    };
    let portfolio = Portfolio {
        customers: vec![customer(0, "A", "甲草业有限公司"), customer(1, "B", "乙牧业有限公司")],
        shareholders: vec![organ(0, "A"), organ(1, "B")],
        ..Portfolio::default()
    };
    assert!(case(&portfolio).members().is_empty());
    let directory = Directory::of(&portfolio);
    let rules = GroupRules { state_organs_join: true, ..RULES };
    let groups = Groups::of(&portfolio, &directory, &Exposures::default(), rules);
    assert_eq!(groups.groups.len(), 1);
}

#[test]
fn one_document_under_two_codes_is_one_group() {
    let with = |row: Customer<'static>, number| Customer { doc_type: Some("1"), doc_no: Some(number), ..row };
    let portfolio = Portfolio {
        customers: vec![
            with(customer(0, "A", "甲草业有限公司"), "MA0NABCD-5"),
            with(customer(1, "B", "甲草业公司"), "91150102MA0NABCD5T"),
        ],
        ..Portfolio::default()
    };
    let case = case(&portfolio);
    assert_eq!(case.members(), [["A", "B"]]);
    assert_eq!(case.path("B"), ["甲草业有限公司与甲草业公司的证件号码相同"]);
}

#[test]
fn the_shorter_path_is_taken_and_then_the_stronger() {
    let affiliate = |record, customer, name| Affiliate {
        origin: Origin { dataset: 3, record },
        customer: Some(customer),
        name: Some(name),
        relation: Some("4"),
        ..Affiliate::default()
    };
    // A to D: through B or C in two steps, A to B by a share, the others by declaration; and directly none.
    let portfolio = Portfolio {
        customers: vec![
            customer(0, "A", "甲草业有限公司"),
            customer(1, "B", "乙牧业有限公司"),
            customer(2, "C", "丙粮油有限公司"),
            customer(3, "D", "丁建材有限公司"),
        ],
        affiliates: vec![
            affiliate(0, "A", "丙粮油有限公司"),
            affiliate(1, "C", "丁建材有限公司"),
            affiliate(2, "B", "丁建材有限公司"),
        ],
        shareholders: vec![holder(0, "B", "甲草业有限公司", None, 700_000)],
        loans: vec![loan("A", 1)].into(),
        ..Portfolio::default()
    };
    let mut turned = portfolio.clone();
    turned.affiliates.reverse();
    turned.customers.reverse();
    for portfolio in [&portfolio, &turned] {
        assert_eq!(
            case(portfolio).path("D"),
            [
                "甲草业有限公司持有乙牧业有限公司70%的股份（按名称匹配）",
                "乙牧业有限公司申报与丁建材有限公司受同一方控制（按名称匹配）"
            ]
        );
    }
}

#[test]
fn a_long_row_of_holders_is_one_group() {
    let names: Vec<(String, String)> =
        (0..20_000).map(|n| (format!("C{n:06}"), format!("草原{n}号牧业有限公司"))).collect();
    let portfolio = Portfolio {
        customers: names.iter().zip(0..).map(|((code, name), record)| customer(record, code, name)).collect(),
        shareholders: names
            .windows(2)
            .zip(0..)
            .map(|(pair, record)| holder(record, &pair[1].0, &pair[0].1, None, 800_000))
            .collect(),
        loans: vec![loan(&names[0].0, 1)].into(),
        ..Portfolio::default()
    };
    let case = case(&portfolio);
    assert_eq!(case.groups.groups.len(), 1);
    assert_eq!(case.groups.groups[0].members.len(), 20_000);
    assert_eq!(case.groups.path(case.id("C019999")).len(), 19_999);
}
