//! Loans, of which there are very many: kept narrow, with codes and names as numbers, given out as wide rows.
//!
//! Knows nothing of fields and tables but that a column of texts may lie in one.

use chrono::NaiveDate;
use polars::prelude::{PlHashMap, StringChunked};

use super::Origin;

/// A loan; its note and its contract see at [`Loans`].
#[derive(Clone, Debug, Default)]
pub struct Loan<'a> {
    /// Where it stands.
    pub origin: Origin,
    /// Index of the unit in the roster.
    pub unit: usize,
    /// Customer code.
    pub customer: Option<&'a str>,
    /// Number of the customer code among [`Loans::codes`], which says so; nothing in a row made by hand.
    pub customer_number: Option<u32>,
    /// Customer name.
    pub name: Option<&'a str>,
    /// Amount disbursed, fen. The currency is not looked at: amounts are stated in yuan. 64 bits, because there are
    /// very many loans; sums need more, see [`Loan::amount`].
    pub amount_fen: Option<i64>,
    /// Balance, fen.
    pub balance_fen: Option<i64>,
    /// Day of disbursement.
    pub disbursed: Option<NaiveDate>,
    /// Five-level class, 1 to 5.
    pub class: Option<u8>,
    /// Days principal is overdue.
    pub overdue_days: Option<i32>,
    /// Share of a syndicated loan another bank leads.
    pub participant: bool,
    /// The record was taken back.
    pub cancelled: bool,
    /// The loan was paid back.
    pub settled: bool,
}

impl Loan<'_> {
    /// Amount disbursed, fen, to be added up.
    pub fn amount(&self) -> Option<i128> {
        self.amount_fen.map(i128::from)
    }

    /// Balance, fen, to be added up.
    pub fn balance(&self) -> Option<i128> {
        self.balance_fen.map(i128::from)
    }
}

/// The loans of a period.
#[derive(Clone, Debug, Default)]
pub struct Loans<'a> {
    rows: Vec<Row>,
    papers: Papers<'a>,
    codes: Vec<Used<'a>>,
    names: Vec<Used<'a>>,
}

/// A text of loans, and how many state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used<'a> {
    /// The text.
    pub text: &'a str,
    /// Number of loans that state it.
    pub count: u32,
    /// The first of them.
    pub first: Origin,
}

/// No text, amount or number of days.
const NONE: u32 = u32::MAX;
const NO_AMOUNT: i64 = i64::MIN;
const NO_DAYS: i32 = i32::MIN;

/// A loan as it is kept.
#[derive(Clone, Copy, Debug)]
struct Row {
    amount_fen: i64,
    balance_fen: i64,
    record: u32,
    unit: u32,
    code: u32,
    name: u32,
    disbursed: Option<NaiveDate>,
    overdue_days: i32,
    dataset: u16,
    class: Option<u8>,
    participant: bool,
    cancelled: bool,
    settled: bool,
}

/// Loan notes and contracts: asked for seldom, so they stay in their columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Papers<'a> {
    /// Loan notes.
    pub loan_no: Option<&'a StringChunked>,
    /// Loan contracts.
    pub contract: Option<&'a StringChunked>,
}

/// Places a text may be remembered at, a power of two.
const REMEMBERED: usize = 1 << 12;

/// Texts while they are numbered.
struct Numbered<'a> {
    numbers: PlHashMap<&'a str, u32>,
    used: Vec<Used<'a>>,
    /// Address, length and number of texts met lately: long ones that are equal mostly share their bytes.
    recent: Vec<(usize, usize, u32)>,
}

impl<'a> Numbered<'a> {
    fn new() -> Self {
        Self { numbers: PlHashMap::default(), used: Vec::new(), recent: vec![(0, 0, NONE); REMEMBERED] }
    }

    fn number(&mut self, text: Option<&'a str>, origin: Origin) -> u32 {
        let Some(text) = text else { return NONE };
        let (address, length) = (text.as_ptr().addr(), text.len());
        // As in Knuth, TAOCP 6.4: the upper bits depend on all lower ones.
        let slot = (address.wrapping_mul(0x9e37_79b9) >> 16) % REMEMBERED;
        let number = match self.recent.get(slot) {
            Some((known, long, number)) if *number != NONE && (*known, *long) == (address, length) => *number,
            _ => {
                let next = u32::try_from(self.used.len()).unwrap_or(NONE);
                let number = *self.numbers.entry(text).or_insert(next);
                if number == next {
                    self.used.push(Used { text, count: 0, first: origin });
                }
                if let Some(recent) = self.recent.get_mut(slot) {
                    *recent = (address, length, number);
                }
                number
            }
        };
        if let Some(used) = self.used.get_mut(number as usize) {
            used.count += 1;
            used.first = used.first.min(origin);
        }
        number
    }
}

impl<'a> Loans<'a> {
    /// Keeps `rows`; `papers` has the same order, or is empty.
    pub fn new(rows: impl IntoIterator<Item = Loan<'a>>, papers: Papers<'a>) -> Self {
        let (mut codes, mut names) = (Numbered::new(), Numbered::new());
        let rows = rows
            .into_iter()
            .map(|loan| Row {
                amount_fen: loan.amount_fen.unwrap_or(NO_AMOUNT),
                balance_fen: loan.balance_fen.unwrap_or(NO_AMOUNT),
                record: loan.origin.record,
                unit: u32::try_from(loan.unit).unwrap_or(NONE),
                code: codes.number(loan.customer, loan.origin),
                name: names.number(loan.name, loan.origin),
                disbursed: loan.disbursed,
                overdue_days: loan.overdue_days.unwrap_or(NO_DAYS),
                dataset: loan.origin.dataset,
                class: loan.class,
                participant: loan.participant,
                cancelled: loan.cancelled,
                settled: loan.settled,
            })
            .collect();
        Self { rows, papers, codes: codes.used, names: names.used }
    }

    /// Number of loans.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// There is no loan.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The loan of this index.
    pub fn get(&self, index: usize) -> Option<Loan<'a>> {
        self.rows.get(index).map(|row| self.wide(row))
    }

    /// All loans, in the order of their records.
    pub fn iter(&self) -> impl Iterator<Item = Loan<'a>> {
        self.rows.iter().map(|row| self.wide(row))
    }

    /// The loan note of the loan of this index.
    pub fn loan_no(&self, index: usize) -> Option<&'a str> {
        self.papers.loan_no.filter(|column| index < column.len())?.get(index)
    }

    /// The contract of the loan of this index.
    pub fn contract(&self, index: usize) -> Option<&'a str> {
        self.papers.contract.filter(|column| index < column.len())?.get(index)
    }

    /// The customer codes the loans state, each once.
    pub fn codes(&self) -> &[Used<'a>] {
        &self.codes
    }

    /// The customer names the loans state, each once.
    pub fn names(&self) -> &[Used<'a>] {
        &self.names
    }

    #[inline]
    fn wide(&self, row: &Row) -> Loan<'a> {
        let text = |of: &[Used<'a>], number: u32| of.get(number as usize).map(|used| used.text);
        Loan {
            origin: Origin { dataset: row.dataset, record: row.record },
            unit: row.unit as usize,
            customer: text(&self.codes, row.code),
            customer_number: Some(row.code).filter(|number| *number != NONE),
            name: text(&self.names, row.name),
            amount_fen: Some(row.amount_fen).filter(|fen| *fen != NO_AMOUNT),
            balance_fen: Some(row.balance_fen).filter(|fen| *fen != NO_AMOUNT),
            disbursed: row.disbursed,
            class: row.class,
            overdue_days: Some(row.overdue_days).filter(|days| *days != NO_DAYS),
            participant: row.participant,
            cancelled: row.cancelled,
            settled: row.settled,
        }
    }
}

impl<'a> From<Vec<Loan<'a>>> for Loans<'a> {
    /// Loans without notes and contracts.
    fn from(loans: Vec<Loan<'a>>) -> Self {
        Self::new(loans, Papers::default())
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::NamedFrom as _;

    use super::*;

    #[test]
    fn loans_come_back_as_they_were_given() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 31);
        let full = Loan {
            origin: Origin { dataset: 3, record: 7 },
            unit: 2,
            customer: Some("B"),
            name: Some("乙牧业有限公司"),
            amount_fen: Some(-5),
            balance_fen: Some(0),
            disbursed: day,
            class: Some(4),
            overdue_days: Some(0),
            settled: true,
            ..Loan::default()
        };
        let other = Loan { origin: Origin { dataset: 3, record: 2 }, customer: Some("A"), ..full.clone() };
        let notes = StringChunked::new("loan_no".into(), [None, Some("L2"), Some("L1")]);
        let papers = Papers { loan_no: Some(&notes), contract: None };
        let loans = Loans::new(vec![other, Loan::default(), full], papers);
        assert_eq!((loans.len(), loans.is_empty()), (3, false));
        let third = loans.get(2).expect("a loan");
        assert_eq!((third.origin, third.unit), (Origin { dataset: 3, record: 7 }, 2));
        assert_eq!([0, 1, 2, 3].map(|index| loans.loan_no(index)), [None, Some("L2"), Some("L1"), None]);
        assert_eq!(loans.contract(2), None);
        assert_eq!((third.customer, third.customer_number), (Some("B"), Some(1)));
        assert_eq!((third.amount_fen, third.balance_fen), (Some(-5), Some(0)));
        assert_eq!((third.disbursed, third.class, third.overdue_days), (day, Some(4), Some(0)));
        assert_eq!((third.participant, third.cancelled, third.settled), (false, false, true));
        let empty = loans.get(1).expect("a loan");
        assert_eq!((empty.customer, empty.customer_number, empty.name), (None, None, None));
        assert_eq!((empty.amount_fen, empty.balance_fen, empty.overdue_days, empty.class), (None, None, None, None));
        assert!(loans.get(3).is_none());
        let first = Origin { dataset: 3, record: 2 };
        assert_eq!(loans.names(), [Used { text: "乙牧业有限公司", count: 2, first }]);
        assert_eq!(loans.codes().iter().map(|used| (used.text, used.count)).collect::<Vec<_>>(), [("A", 1), ("B", 1)]);
    }
}
