use polars::prelude::{NamedFrom as _, StringChunked};

use super::*;
use crate::derive::{Customer, Loan, Loans, Papers};

const COUNTING: Counting = Counting { exclude_participants: true, default_days: 90 };
const RULES: CircleRules<'_> = CircleRules { kinds: &GUARANTEE_KINDS, counting: COUNTING };

/// Customers `A`, `B`, ... are called 草原A有限公司 and so on.
struct Names {
    pairs: Vec<(String, String)>,
}

impl Names {
    fn of(codes: impl IntoIterator<Item = String>) -> Self {
        let named = |code: String| {
            let name = format!("草原{code}有限公司");
            (code, name)
        };
        Self { pairs: codes.into_iter().map(named).collect() }
    }

    fn customers(&self) -> Vec<Customer<'_>> {
        let rows = self.pairs.iter();
        rows.map(|(code, name)| Customer { code: Some(code), name: Some(name), ..Customer::default() }).collect()
    }

    fn name(&self, code: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == code).map(|(_, name)| name.as_str())
    }

    /// `guarantor>borrower` of kind 3; the amount is the number from 1, in fen.
    fn guarantees<'a>(&'a self, pairs: &[&'a str]) -> Vec<Guarantee<'a>> {
        let rows = pairs.iter().zip(0_u32..);
        rows.map(|(pair, record)| {
            let (guarantor, borrower) = pair.split_once('>').expect("two codes");
            Guarantee {
                origin: Origin { dataset: 4, record },
                contract: Some(pair),
                customer: Some(borrower),
                kind: Some("3"),
                name: self.name(guarantor),
                doc_type: Some("1"),
                amount_fen: Some(i128::from(record) + 1),
                ..Guarantee::default()
            }
        })
        .collect()
    }
}

fn letters() -> Names {
    Names::of("ABCDEFGHI".chars().map(String::from))
}

struct Case<'a> {
    directory: Directory<'a>,
    circles: Circles,
}

fn case<'a>(portfolio: &Portfolio<'a>, rules: CircleRules<'_>) -> Case<'a> {
    let directory = Directory::of(portfolio);
    let exposures = Exposures::of(portfolio, &directory, rules.counting);
    let circles = Circles::of(portfolio, &directory, &exposures, rules);
    Case { directory, circles }
}

impl Case<'_> {
    fn codes(&self, ids: &[CustomerId]) -> String {
        ids.iter().map(|id| self.directory.code(*id)).collect()
    }

    fn circles(&self) -> Vec<String> {
        self.circles.circles.iter().map(|circle| self.codes(&circle.members)).collect()
    }

    fn chains(&self) -> Vec<Vec<String>> {
        let chain = |chain: &Chain| chain.links.iter().map(|link| self.codes(link)).collect();
        self.circles.chains.iter().map(chain).collect()
    }
}

#[test]
fn circles_are_closed_and_chains_are_not() {
    let names = letters();
    // A, B, C closed; into it from D, out of it to E and F. G and H mutually. D to I is no chain of three.
    let pairs = ["A>B", "B>C", "C>A", "D>A", "C>E", "E>F", "G>H", "H>G", "D>I"];
    let loan = |customer, balance, class| Loan {
        customer: Some(customer),
        balance_fen: Some(balance),
        class: Some(class),
        ..Loan::default()
    };
    let portfolio = Portfolio {
        customers: names.customers(),
        guarantees: names.guarantees(&pairs),
        loans: vec![loan("A", 10, 1), loan("B", 20, 4), loan("G", 500, 2)].into(),
        ..Portfolio::default()
    };
    let case = case(&portfolio, RULES);
    assert_eq!(case.circles(), ["GH", "ABC"]);
    let circle = &case.circles.circles[1];
    assert_eq!((circle.exposure.balance_fen, circle.exposure.non_performing_fen), (30, 20));
    // Guarantees 1, 2 and 3 are inside.
    assert_eq!((circle.inside_fen, case.codes(&circle.in_default)), (6, "B".to_owned()));
    assert_eq!(case.chains(), [["D", "ABC", "E", "F"]]);
    let mutual: Vec<_> = case.circles.mutual.iter().map(|m| (m.first.amount_fen, m.second.amount_fen)).collect();
    assert_eq!(mutual, [(7, 8)]);
}

#[test]
fn equally_long_chains_go_by_code() {
    let names = letters();
    let pairs = ["B>D", "A>D", "D>F", "D>E", "G>H", "H>I"];
    let portfolio =
        Portfolio { customers: names.customers(), guarantees: names.guarantees(&pairs), ..Portfolio::default() };
    assert_eq!(case(&portfolio, RULES).chains(), [["A", "D", "E"], ["G", "H", "I"]]);
}

#[test]
fn joint_groups_are_complete_or_say_what_is_missing() {
    let names = letters();
    let joint = |contract, borrower, guarantors: &'static [&'static str]| {
        let rows = guarantors.iter().map(move |pair| (contract, borrower, *pair));
        rows.collect::<Vec<_>>()
    };
    let rows = [
        joint("L1", "A", &["B", "C"]),
        joint("L2", "B", &["A", "C"]),
        joint("L3", "C", &["A", "B"]),
        // E and F guarantee D; neither is guaranteed by anyone. Of the six ordered pairs four are missing.
        joint("L4", "D", &["E", "F"]),
        // Two are a mutual guarantee at most.
        joint("L5", "G", &["H"]),
    ];
    let guarantees = rows.iter().flatten().map(|(contract, borrower, guarantor)| Guarantee {
        contract: Some(contract),
        customer: Some(borrower),
        kind: Some("5"),
        name: names.name(guarantor),
        ..Guarantee::default()
    });
    let portfolio =
        Portfolio { customers: names.customers(), guarantees: guarantees.collect(), ..Portfolio::default() };
    let case = case(&portfolio, RULES);
    let joint: Vec<_> = case.circles.joint.iter().map(|group| (case.codes(&group.members), group.missing)).collect();
    assert_eq!(joint, [("ABC".to_owned(), 0), ("DEF".to_owned(), 4)]);
    assert_eq!(case.circles(), ["ABC"]);
}

#[test]
fn guarantors_in_total() {
    let names = letters();
    let mut guarantees = names.guarantees(&["A>B", "A>C", "A>A"]);
    // A second guarantee of A for the contract of B.
    guarantees.push(Guarantee { amount_fen: None, ..guarantees[0].clone() });
    guarantees.push(Guarantee {
        contract: Some("A>B"),
        customer: Some("B"),
        kind: Some("4"),
        name: Some("张某某"),
        doc_type: Some("2"),
        doc_no: Some("150102198503051238"),
        amount_fen: Some(99),
        ..Guarantee::default()
    });
    guarantees.push(Guarantee { doc_no: None, ..guarantees[4].clone() });
    guarantees.push(Guarantee { customer: Some("Z"), ..guarantees[0].clone() });
    // Collateral is no guarantee.
    guarantees.push(Guarantee { kind: Some("1"), ..guarantees[0].clone() });
    let loan = |customer, balance| Loan {
        customer: Some(customer),
        balance_fen: Some(balance),
        overdue_days: Some(100),
        ..Loan::default()
    };
    let contracts = StringChunked::new("contract_no".into(), ["A>B", "A>B", "A>C", "X"]);
    let papers = Papers { loan_no: None, contract: Some(&contracts) };
    let portfolio = Portfolio {
        customers: names.customers(),
        guarantees,
        loans: Loans::new([loan("B", 30), loan("B", 12), loan("C", 8), loan("A", 5)], papers),
        ..Portfolio::default()
    };
    let case = case(&portfolio, RULES);
    let [person, firm] = case.circles.guarantors.as_slice() else { panic!("{:?}", case.circles.guarantors) };
    assert_eq!((person.shown().as_str(), person.amount_fen, person.guaranteed_balance_fen), ("张**", 99, 42));
    assert_eq!((person.customer, person.own.in_default), (None, false));
    assert_eq!((firm.shown().as_str(), firm.amount_fen, firm.guaranteed_balance_fen), ("草原A有限公司", 3, 50));
    assert_eq!((firm.unread, firm.borrowers, firm.contracts), (1, 2, 2));
    assert_eq!((firm.own.balance_fen, firm.own.in_default), (5, true));
    assert_eq!((case.circles.for_itself, case.circles.dangling, case.circles.unidentified), (1, 1, 1));
    assert_eq!((case.circles.edges.len(), case.circles.edges[0].guarantees), (2, 2));
}

#[test]
fn a_ring_of_100_000_and_a_chain_as_long() {
    let names = Names::of((0..100_000).map(|number| format!("{number:06}")));
    let mut guarantees: Vec<Guarantee<'_>> = names
        .pairs
        .windows(2)
        .map(|pair| Guarantee {
            customer: Some(&pair[1].0),
            kind: Some("3"),
            name: Some(&pair[0].1),
            ..Guarantee::default()
        })
        .collect();
    let chain = Portfolio { customers: names.customers(), guarantees: guarantees.clone(), ..Portfolio::default() };
    let found = case(&chain, RULES);
    assert!(found.circles.circles.is_empty());
    assert_eq!(found.circles.chains[0].links.len(), 100_000);

    guarantees.push(Guarantee {
        customer: Some("000000"),
        kind: Some("3"),
        name: names.pairs.last().map(|(_, name)| name.as_str()),
        ..Guarantee::default()
    });
    let ring = Portfolio { guarantees, ..chain };
    let found = case(&ring, RULES);
    assert_eq!(found.circles.circles[0].members.len(), 100_000);
    assert!(found.circles.chains.is_empty());
}
