//! The records everything else is derived from: typed rows that borrow from the tables.
//!
//! The only place here that knows field names of the pack and the types of the frame. Rows can be made by hand, which
//! is how tests do it.

use anyhow::{Context as _, Result, bail};
use chrono::NaiveDate;
use polars::prelude::StringChunked;

use super::{
    amount::{LARGEST_FEN, rescale},
    loans::{Loan, Loans, Papers},
};
use crate::{
    pack::{AmountUnit, Dataset},
    table::Table,
};

/// Status of a loan record that was taken back.
const STATUS_CANCELLED: &str = "9";
/// Status of a loan that was paid back.
const STATUS_SETTLED: &str = "3";
/// Role of a bank that takes part in a syndicate and does not lead it.
const ROLE_PARTICIPANT: &str = "2";
const YES: &str = "1";
/// Days from the first day of our era to 1970-01-01, where the frame's dates begin.
const EPOCH: i32 = 719_163;

/// Where a row stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the dataset in the pack.
    pub dataset: u16,
    /// Index of the record in its table.
    pub record: u32,
}

/// A customer as one unit reports it.
#[derive(Clone, Debug, Default)]
pub struct Customer<'a> {
    /// Where it stands.
    pub origin: Origin,
    /// Index of the unit in the roster.
    pub unit: usize,
    /// Customer code.
    pub code: Option<&'a str>,
    /// Name.
    pub name: Option<&'a str>,
    /// Document type.
    pub doc_type: Option<&'a str>,
    /// Document number.
    pub doc_no: Option<&'a str>,
    /// Unified social credit code.
    pub credit_code: Option<&'a str>,
    /// Legal representative.
    pub legal_rep: Option<&'a str>,
    /// Document type of the legal representative.
    pub legal_rep_doc_type: Option<&'a str>,
    /// Document number of the legal representative.
    pub legal_rep_doc_no: Option<&'a str>,
    /// Credit line, fen.
    pub credit_line_fen: Option<i128>,
}

/// A shareholder of a customer.
#[derive(Clone, Debug, Default)]
pub struct Shareholder<'a> {
    /// Where it stands.
    pub origin: Origin,
    /// Customer code.
    pub customer: Option<&'a str>,
    /// Name.
    pub name: Option<&'a str>,
    /// Shareholder type.
    pub kind: Option<&'a str>,
    /// Document type.
    pub doc_type: Option<&'a str>,
    /// Document number.
    pub doc_no: Option<&'a str>,
    /// Share held, in millionths.
    pub share_ppm: Option<i128>,
}

/// An affiliate a customer declares.
#[derive(Clone, Debug, Default)]
pub struct Affiliate<'a> {
    /// Where it stands.
    pub origin: Origin,
    /// Customer code.
    pub customer: Option<&'a str>,
    /// Name.
    pub name: Option<&'a str>,
    /// Relation type.
    pub relation: Option<&'a str>,
    /// Document type.
    pub doc_type: Option<&'a str>,
    /// Document number.
    pub doc_no: Option<&'a str>,
}

/// A guarantee for a loan contract.
#[derive(Clone, Debug, Default)]
pub struct Guarantee<'a> {
    /// Where it stands.
    pub origin: Origin,
    /// Loan contract.
    pub contract: Option<&'a str>,
    /// Code of the customer guaranteed.
    pub customer: Option<&'a str>,
    /// Guarantee contract type.
    pub kind: Option<&'a str>,
    /// Name of the guarantor.
    pub name: Option<&'a str>,
    /// Document type of the guarantor.
    pub doc_type: Option<&'a str>,
    /// Document number of the guarantor.
    pub doc_no: Option<&'a str>,
    /// Amount guaranteed, fen.
    pub amount_fen: Option<i128>,
}

/// The rows of one period.
#[derive(Clone, Debug, Default)]
pub struct Portfolio<'a> {
    /// Customers.
    pub customers: Vec<Customer<'a>>,
    /// Shareholders.
    pub shareholders: Vec<Shareholder<'a>>,
    /// Affiliates.
    pub affiliates: Vec<Affiliate<'a>>,
    /// Guarantees.
    pub guarantees: Vec<Guarantee<'a>>,
    /// Loans.
    pub loans: Loans<'a>,
}

impl<'a> Portfolio<'a> {
    /// The rows of `tables`, one for each of `datasets`. A pack may lack shareholders, affiliates or guarantees.
    ///
    /// # Errors
    /// If customers or loans are missing, or a dataset lacks a field this needs.
    pub fn read(datasets: &'a [Dataset], tables: &'a [Table]) -> Result<Self> {
        let find = |id: &str| {
            let index = datasets.iter().position(|dataset| dataset.id == id)?;
            Some(Columns { index, dataset: datasets.get(index)?, table: tables.get(index)? })
        };
        let others = || -> Result<Self> {
            Ok(Self {
                customers: read_customers(&find("customers").context("there is no dataset `customers`")?)?,
                shareholders: find("shareholders").map_or(Ok(Vec::new()), |columns| read_shareholders(&columns))?,
                affiliates: find("affiliates").map_or(Ok(Vec::new()), |columns| read_affiliates(&columns))?,
                guarantees: find("guarantees").map_or(Ok(Vec::new()), |columns| read_guarantees(&columns))?,
                loans: Loans::default(),
            })
        };
        let loans = || read_loans(&find("loans").context("there is no dataset `loans`")?);
        let (others, loans) = rayon::join(others, loans);
        Ok(Self { loans: loans?, ..others? })
    }
}

/// A table with its dataset.
struct Columns<'a> {
    index: usize,
    dataset: &'a Dataset,
    table: &'a Table,
}

impl<'a> Columns<'a> {
    fn origins(&self) -> impl Iterator<Item = Origin> {
        let dataset = u16::try_from(self.index).unwrap_or(u16::MAX);
        (0_u32..).take(self.table.height()).map(move |record| Origin { dataset, record })
    }

    fn units(&self) -> impl Iterator<Item = usize> {
        self.table.segments.iter().flat_map(|segment| segment.records.clone().map(|_| segment.unit))
    }

    fn texts(&self, field: &str) -> Result<&'a StringChunked> {
        Ok(self.table.frame.column(field).with_context(|| self.place(field))?.str()?)
    }

    fn text(&self, field: &str) -> Result<impl Iterator<Item = Option<&'a str>>> {
        Ok(self.texts(field)?.iter())
    }

    fn amount(&self, field: &str) -> Result<impl Iterator<Item = Option<i128>>> {
        let unit = self.dataset.fields.iter().find(|declared| declared.id == field).and_then(|declared| declared.unit);
        let unit: AmountUnit = unit.with_context(|| format!("{} has no unit", self.place(field)))?;
        let numbers = self.decimal(field, usize::from(unit.fen_scale()))?;
        Ok(numbers.map(|fen| fen.filter(|fen| fen.abs() <= LARGEST_FEN)))
    }

    fn decimal(&self, field: &str, places: usize) -> Result<impl Iterator<Item = Option<i128>>> {
        let column = self.table.frame.column(field).with_context(|| self.place(field))?.decimal()?;
        let scale = column.scale();
        if scale > places {
            bail!("{} keeps {scale} decimal places, more than {places}", self.place(field));
        }
        Ok(column.physical().iter().map(move |value| rescale(value?, scale, places)))
    }

    fn integer(&self, field: &str) -> Result<impl Iterator<Item = Option<i64>>> {
        Ok(self.table.frame.column(field).with_context(|| self.place(field))?.i64()?.iter())
    }

    fn date(&self, field: &str) -> Result<impl Iterator<Item = Option<NaiveDate>>> {
        let days = self.table.frame.column(field).with_context(|| self.place(field))?.date()?.physical().iter();
        Ok(days.map(|days| NaiveDate::from_num_days_from_ce_opt(days?.checked_add(EPOCH)?)))
    }

    fn place(&self, field: &str) -> String {
        format!("field `{field}` of dataset `{}`", self.dataset.id)
    }
}

/// The next value of a column; all columns of a table have its height.
fn next<T>(column: &mut impl Iterator<Item = Option<T>>) -> Option<T> {
    column.next().flatten()
}

fn read_customers<'a>(columns: &Columns<'a>) -> Result<Vec<Customer<'a>>> {
    let (mut code, mut name) = (columns.text("customer_code")?, columns.text("customer_name")?);
    let (mut doc_type, mut doc_no) = (columns.text("doc_type")?, columns.text("doc_no")?);
    let (mut credit_code, mut legal_rep) = (columns.text("credit_code")?, columns.text("legal_rep")?);
    let mut legal_rep_doc_type = columns.text("legal_rep_doc_type")?;
    let mut legal_rep_doc_no = columns.text("legal_rep_doc_no")?;
    let mut credit_line = columns.amount("credit_line")?;
    let rows = columns.origins().zip(columns.units()).map(|(origin, unit)| Customer {
        origin,
        unit,
        code: next(&mut code),
        name: next(&mut name),
        doc_type: next(&mut doc_type),
        doc_no: next(&mut doc_no),
        credit_code: next(&mut credit_code),
        legal_rep: next(&mut legal_rep),
        legal_rep_doc_type: next(&mut legal_rep_doc_type),
        legal_rep_doc_no: next(&mut legal_rep_doc_no),
        credit_line_fen: next(&mut credit_line),
    });
    Ok(rows.collect())
}

fn read_shareholders<'a>(columns: &Columns<'a>) -> Result<Vec<Shareholder<'a>>> {
    let (mut customer, mut name) = (columns.text("customer_code")?, columns.text("shareholder_name")?);
    let (mut kind, mut share) = (columns.text("shareholder_type")?, columns.decimal("share_percent", 4)?);
    let (mut doc_type, mut doc_no) = (columns.text("doc_type")?, columns.text("doc_no")?);
    let rows = columns.origins().map(|origin| Shareholder {
        origin,
        customer: next(&mut customer),
        name: next(&mut name),
        kind: next(&mut kind),
        doc_type: next(&mut doc_type),
        doc_no: next(&mut doc_no),
        share_ppm: next(&mut share),
    });
    Ok(rows.collect())
}

fn read_affiliates<'a>(columns: &Columns<'a>) -> Result<Vec<Affiliate<'a>>> {
    let (mut customer, mut name) = (columns.text("customer_code")?, columns.text("affiliate_name")?);
    let mut relation = columns.text("relation_type")?;
    let (mut doc_type, mut doc_no) = (columns.text("doc_type")?, columns.text("doc_no")?);
    let rows = columns.origins().map(|origin| Affiliate {
        origin,
        customer: next(&mut customer),
        name: next(&mut name),
        relation: next(&mut relation),
        doc_type: next(&mut doc_type),
        doc_no: next(&mut doc_no),
    });
    Ok(rows.collect())
}

fn read_guarantees<'a>(columns: &Columns<'a>) -> Result<Vec<Guarantee<'a>>> {
    let (mut contract, mut customer) = (columns.text("contract_no")?, columns.text("customer_code")?);
    let (mut kind, mut name) = (columns.text("guarantee_type")?, columns.text("guarantor_name")?);
    let (mut doc_type, mut doc_no) = (columns.text("doc_type")?, columns.text("doc_no")?);
    let mut amount = columns.amount("guaranteed_amount")?;
    let rows = columns.origins().map(|origin| Guarantee {
        origin,
        contract: next(&mut contract),
        customer: next(&mut customer),
        kind: next(&mut kind),
        name: next(&mut name),
        doc_type: next(&mut doc_type),
        doc_no: next(&mut doc_no),
        amount_fen: next(&mut amount),
    });
    Ok(rows.collect())
}

/// Days as stated; more than fit into 32 bits are as many as fit.
fn whole_days(days: i64) -> i32 {
    i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
}

fn read_loans<'a>(columns: &Columns<'a>) -> Result<Loans<'a>> {
    let (loan_no, contract) = (columns.texts("loan_no")?, columns.texts("contract_no")?);
    let (mut customer, mut name) = (columns.text("customer_code")?, columns.text("customer_name")?);
    let (mut amount, mut balance) = (columns.amount("amount")?, columns.amount("balance")?);
    let (mut disbursed, mut class) = (columns.date("disbursed")?, columns.text("five_class")?);
    let (mut overdue_days, mut status) = (columns.integer("overdue_days")?, columns.text("status")?);
    let (mut syndicated, mut role) = (columns.text("syndicated")?, columns.text("lead_role")?);
    let rows = columns.origins().zip(columns.units()).map(|(origin, unit)| {
        let (syndicated, role) = (next(&mut syndicated), next(&mut role));
        let status = next(&mut status);
        Loan {
            origin,
            unit,
            customer: next(&mut customer),
            name: next(&mut name),
            amount_fen: next(&mut amount).and_then(|fen| fen.try_into().ok()),
            balance_fen: next(&mut balance).and_then(|fen| fen.try_into().ok()),
            disbursed: next(&mut disbursed),
            class: next(&mut class).and_then(|class| class.parse().ok()),
            overdue_days: next(&mut overdue_days).map(whole_days),
            participant: syndicated == Some(YES) && role == Some(ROLE_PARTICIPANT),
            cancelled: status == Some(STATUS_CANCELLED),
            settled: status == Some(STATUS_SETTLED),
            ..Loan::default()
        }
    });
    Ok(Loans::new(rows, Papers { loan_no: Some(loan_no), contract: Some(contract) }))
}

#[cfg(test)]
mod tests;
