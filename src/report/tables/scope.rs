//! Which loans are reported (Article 18(3)): enterprises' single loans from the line on, syndicated loans by the lead
//! alone. The reading of "single loan" is a parameter, and the other readings are shown beside it.
//!
//! Knows nothing of what is done with the loans.

use anyhow::{Context as _, Result};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, IntoColumn as _, NewChunkedArray as _, PlHashMap, PlHashSet, StringChunked,
};

use crate::{
    derive::{Loan, Portfolio, amount::literal_fen},
    message::decimal_text,
    outcome::Outcome,
    pack::{
        AmountUnit, Literal,
        load::parameter_values,
        sql::{ROW_COLUMN, UNIT_COLUMN},
    },
    report::catalog,
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
    const ALL: [Decision; 5] =
        [Decision::Reported, Decision::Cancelled, Decision::Participant, Decision::Below, Decision::Unknown];

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
pub fn decide(outcome: &Outcome) -> Option<Decided> {
    let params = parameter_values(&outcome.pack, outcome.job.period);
    let line = params.get(LARGE_LOAN).and_then(|line| literal_fen(line, AmountUnit::WanYuan));
    let portfolio = Portfolio::read(&outcome.pack.datasets, &outcome.intake.tables).ok()?;
    Some(decide_portfolio(&portfolio, line?, Basis::of(outcome)))
}

fn decide_portfolio(portfolio: &Portfolio<'_>, line_fen: i128, basis: Basis) -> Decided {
    let counts = |loan: &Loan<'_>| !loan.cancelled && !loan.participant;
    let mut sums: PlHashMap<&str, i128> = PlHashMap::default();
    for loan in portfolio.loans.iter().filter(|loan| counts(loan)) {
        if let (Some(code), Some(amount)) = (loan.customer, loan.amount()) {
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
    for loan in portfolio.loans.iter() {
        let reaches_line = |amount: Option<&i128>| amount.map(|amount| *amount >= line_fen);
        let by_code = |known: &PlHashMap<&str, i128>| reaches_line(loan.customer.and_then(|code| known.get(code)));
        let reaches = [reaches_line(loan.amount().as_ref()), by_code(&sums), by_code(&lines)];
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
    let Some(decided) = decided else { return Ok(catalog::SCOPE.empty()) };
    let line = decimal_text(decided.line_fen, 6);
    let reason = |decision: Decision| match decision {
        Decision::Reported => decided.basis.reason(&line),
        Decision::Cancelled => Text::new("贷款已撤销", "cancelled"),
        Decision::Participant => {
            Text::new("社团贷款参与方，由牵头社报送", "a share in a syndicated loan: the lead reports it")
        }
        Decision::Below => Text::new(format!("未达到{line}万元"), format!("below {line} (10,000 yuan)")),
        Decision::Unknown => Text::new("金额或额度读不出，无法判断", "the amount could not be read"),
    };
    let reasons = Decision::ALL.map(|decision| (decision, reason(decision).get(lang).to_owned()));
    let judged = &decided.judged;
    let said = |judged: &Judged| {
        reasons.iter().find(|(decision, _)| *decision == judged.decision).map(|(_, reason)| reason.as_str())
    };
    let at = outcome.pack.dataset_index("loans").context("the dataset of loans")?;
    let loans = outcome.intake.tables.get(at).context("the table of loans")?;
    let frame = super::dataset_frame(loans, &outcome.units)?;
    let same = |name: &str, from: &str| -> Result<Column> {
        let mut column = frame.column(from)?.cast(&catalog::SCOPE.data_type(name))?;
        column.rename(name.into());
        Ok(column)
    };
    let flag = |name: &str, at: usize| {
        let flags = judged.iter().map(|judged| judged.reaches.get(at).copied().flatten());
        BooleanChunked::from_iter_options(name.into(), flags).into_column()
    };
    let reported: Vec<_> = decided.loans.clone();
    let columns = vec![
        same("_row", ROW_COLUMN)?,
        same("unit", UNIT_COLUMN)?,
        same("loan_no", "loan_no")?,
        same("contract_no", "contract_no")?,
        same("customer_code", "customer_code")?,
        same("customer_name", "customer_name")?,
        same("amount", "amount")?,
        same("balance", "balance")?,
        Column::new("reported".into(), reported),
        StringChunked::from_iter_values("decision".into(), judged.iter().map(|judged| judged.decision.name()))
            .into_column(),
        StringChunked::from_iter_options("reason".into(), judged.iter().map(said)).into_column(),
        flag("by_loan", 0),
        flag("by_customer", 1),
        flag("by_line", 2),
    ];
    Ok(DataFrame::new(judged.len(), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Customer;

    const LINE: i128 = 500_000_000;

    fn loan(customer: &str, amount: i128) -> Loan<'_> {
        Loan { customer: Some(customer), amount_fen: i64::try_from(amount).ok(), ..Loan::default() }
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
            ]
            .into(),
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
