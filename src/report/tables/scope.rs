//! Which loans are reported (Article 18(3)): enterprises' single loans from the line on, syndicated loans by the lead
//! alone. The reading of "single loan" is a parameter, and the other readings are shown beside it.
//!
//! Knows nothing of what is done with the loans.

use anyhow::Result;
use polars::prelude::{DataFrame, PlHashMap, PlHashSet};

use crate::{
    derive::{Loan, Portfolio, Settings, amount::literal_fen},
    message::decimal_text,
    outcome::Outcome,
    pack::{AmountUnit, Literal, load::parameter_values},
    report::catalog::{self, Values},
    text::{Lang, Text},
};

/// Parameter: what has to reach the line: `loan`, `customer` or `line`.
const SCOPE: &str = "scope";
/// Parameter: the line, 10,000 yuan.
const LARGE_LOAN: &str = "large_loan";

/// What has to reach the line for a loan to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The loan itself: the words of the article.
    Loan,
    /// All loans of the customer together.
    Customer,
    /// The customer's credit line.
    Line,
}

impl Basis {
    /// The basis among the parameters; the loan itself if none is set.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome.pack.params.get(SCOPE).map(|param| &param.value) {
            Some(Literal::Text(text)) if text == "customer" => Basis::Customer,
            Some(Literal::Text(text)) if text == "line" => Basis::Line,
            _ => Basis::Loan,
        }
    }

    fn reason(self, line: &str) -> Text {
        match self {
            Basis::Loan => {
                Text::new(format!("单笔金额达到{line}万元"), format!("the loan reaches {line} (10,000 yuan)"))
            }
            Basis::Customer => {
                Text::new(format!("客户合计达到{line}万元"), format!("the customer's loans reach {line} (10,000 yuan)"))
            }
            Basis::Line => {
                Text::new(format!("授信额度达到{line}万元"), format!("the credit line reaches {line} (10,000 yuan)"))
            }
        }
    }
}

/// What is decided of a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Reported,
    Cancelled,
    /// The lead reports it.
    Participant,
    Below,
    /// The amount could not be read.
    Unknown,
}

impl Decision {
    fn name(self) -> &'static str {
        match self {
            Decision::Reported => "reported",
            Decision::Cancelled => "cancelled",
            Decision::Participant => "participant",
            Decision::Below => "below",
            Decision::Unknown => "unknown",
        }
    }
}

/// A loan's decision and under which readings it reaches the line.
struct Judged {
    decision: Decision,
    reaches: [Option<bool>; 3],
}

/// Which records are reported.
pub struct Decided {
    /// For each loan.
    pub loans: Vec<bool>,
    /// For each customer: a loan of it is reported, and it is the first record with its code.
    pub customers: Vec<bool>,
    judged: Vec<Judged>,
    line_fen: i128,
    basis: Basis,
}

/// Decides for every loan; nothing if the pack has no such datasets or line.
pub fn decide(outcome: &Outcome) -> Result<Option<Decided>> {
    let params = parameter_values(&outcome.pack, outcome.job.period);
    let line = params.get(LARGE_LOAN).and_then(|line| literal_fen(line, AmountUnit::WanYuan));
    let Some(line_fen) = line else { return Ok(None) };
    if Settings::of_params(&params).is_err() {
        return Ok(None);
    }
    let Ok(portfolio) = Portfolio::read(&outcome.pack.datasets, &outcome.intake.tables) else { return Ok(None) };
    Ok(Some(decide_portfolio(&portfolio, line_fen, Basis::of(outcome))))
}

fn decide_portfolio(portfolio: &Portfolio<'_>, line_fen: i128, basis: Basis) -> Decided {
    let counts = |loan: &Loan<'_>| !loan.cancelled && !loan.participant;
    let mut sums: PlHashMap<&str, i128> = PlHashMap::default();
    for loan in portfolio.loans.iter().filter(|loan| counts(loan)) {
        if let (Some(code), Some(amount)) = (loan.customer, loan.amount_fen) {
            *sums.entry(code).or_default() += amount;
        }
    }
    let mut lines: PlHashMap<&str, i128> = PlHashMap::default();
    for customer in &portfolio.customers {
        if let (Some(code), Some(line)) = (customer.code, customer.credit_line_fen) {
            let known = lines.entry(code).or_insert(line);
            *known = line.max(*known);
        }
    }
    let mut reported: PlHashSet<&str> = PlHashSet::default();
    let mut judged = Vec::with_capacity(portfolio.loans.len());
    for loan in &portfolio.loans {
        let reaches_line = |amount: Option<&i128>| amount.map(|amount| *amount >= line_fen);
        let by_code = |known: &PlHashMap<&str, i128>| reaches_line(loan.customer.and_then(|code| known.get(code)));
        let reaches = [reaches_line(loan.amount_fen.as_ref()), by_code(&sums), by_code(&lines)];
        let chosen = match basis {
            Basis::Loan => reaches[0],
            Basis::Customer => reaches[1],
            Basis::Line => reaches[2],
        };
        let decision = match chosen {
            _ if loan.cancelled => Decision::Cancelled,
            _ if loan.participant => Decision::Participant,
            None => Decision::Unknown,
            Some(false) => Decision::Below,
            Some(true) => Decision::Reported,
        };
        if decision == Decision::Reported {
            reported.extend(loan.customer);
        }
        judged.push(Judged { decision, reaches });
    }
    let mut first: PlHashSet<&str> = PlHashSet::default();
    let customers = portfolio
        .customers
        .iter()
        .map(|customer| customer.code.is_some_and(|code| reported.contains(code) && first.insert(code)));
    Decided {
        customers: customers.collect(),
        loans: judged.iter().map(|judged| judged.decision == Decision::Reported).collect(),
        judged,
        line_fen,
        basis,
    }
}

/// The table of all loans with what was decided.
pub fn table(decided: Option<&Decided>, outcome: &Outcome, lang: Lang) -> Result<DataFrame> {
    let portfolio = match decided {
        Some(_) => Portfolio::read(&outcome.pack.datasets, &outcome.intake.tables)?,
        None => Portfolio::default(),
    };
    let line = decided.map(|decided| decimal_text(decided.line_fen, 6)).unwrap_or_default();
    let reason = |decision: Decision| {
        let text = match decision {
            Decision::Reported => decided.map(|decided| decided.basis.reason(&line)).unwrap_or_default(),
            Decision::Cancelled => Text::new("贷款已撤销", "cancelled"),
            Decision::Participant => {
                Text::new("社团贷款参与方，由牵头社报送", "a share in a syndicated loan: the lead reports it")
            }
            Decision::Below => Text::new(format!("未达到{line}万元"), format!("below {line} (10,000 yuan)")),
            Decision::Unknown => Text::new("金额或额度读不出，无法判断", "the amount could not be read"),
        };
        Some(text.get(lang).to_owned())
    };
    let loans = &portfolio.loans;
    let judged: &[Judged] = decided.map(|decided| decided.judged.as_slice()).unwrap_or_default();
    let text = |of: fn(&Loan<'_>) -> Option<String>| Values::Text(loans.iter().map(of).collect());
    let flag =
        |at: usize| Values::Flag(judged.iter().map(|judged| judged.reaches.get(at).copied().flatten()).collect());
    catalog::SCOPE.frame(vec![
        Values::Count(loans.iter().map(|loan| Some(i64::from(loan.origin.record))).collect()),
        Values::Text(loans.iter().map(|loan| outcome.units.get(loan.unit).map(|unit| unit.code.clone())).collect()),
        text(|loan| loan.loan_no.map(str::to_owned)),
        text(|loan| loan.contract.map(str::to_owned)),
        text(|loan| loan.customer.map(str::to_owned)),
        text(|loan| loan.name.map(str::to_owned)),
        Values::Fixed(loans.iter().map(|loan| loan.amount_fen).collect()),
        Values::Fixed(loans.iter().map(|loan| loan.balance_fen).collect()),
        Values::Flag(judged.iter().map(|judged| Some(judged.decision == Decision::Reported)).collect()),
        Values::Text(judged.iter().map(|judged| Some(judged.decision.name().to_owned())).collect()),
        Values::Text(judged.iter().map(|judged| reason(judged.decision)).collect()),
        flag(0),
        flag(1),
        flag(2),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Customer;

    const LINE: i128 = 500_000_000;

    fn loan(customer: &str, amount_fen: i128) -> Loan<'_> {
        Loan { customer: Some(customer), amount_fen: Some(amount_fen), ..Loan::default() }
    }

    fn portfolio() -> Portfolio<'static> {
        let customer = |code, line| Customer { code: Some(code), credit_line_fen: Some(line), ..Customer::default() };
        Portfolio {
            customers: vec![customer("A", LINE - 1), customer("B", LINE), customer("A", 0), customer("C", 0)],
            loans: vec![
                loan("A", LINE),
                loan("A", LINE - 1),
                loan("B", LINE / 2),
                Loan { participant: true, ..loan("C", LINE * 2) },
                Loan { cancelled: true, ..loan("C", LINE * 2) },
                Loan { amount_fen: None, ..loan("C", 0) },
            ],
            ..Portfolio::default()
        }
    }

    fn decisions(basis: Basis) -> Vec<&'static str> {
        decide_portfolio(&portfolio(), LINE, basis).judged.iter().map(|judged| judged.decision.name()).collect()
    }

    #[test]
    fn the_line_itself_is_reported_and_a_fen_less_is_not() {
        assert_eq!(decisions(Basis::Loan), ["reported", "below", "below", "participant", "cancelled", "unknown"]);
    }

    #[test]
    fn the_readings_differ() {
        assert_eq!(
            decisions(Basis::Customer),
            ["reported", "reported", "below", "participant", "cancelled", "unknown"]
        );
        assert_eq!(decisions(Basis::Line), ["below", "below", "reported", "participant", "cancelled", "below"]);
    }

    #[test]
    fn a_customer_stands_once_and_only_if_a_loan_of_it_is_reported() {
        let decided = decide_portfolio(&portfolio(), LINE, Basis::Loan);
        assert_eq!(decided.customers, [true, false, false, false]);
    }
}
