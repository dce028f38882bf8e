//! The customers of a period, numbered, and how a mention elsewhere finds its customer.
//!
//! A customer is a code that stands in the customers or in the loans, whichever unit reports it. Numbers follow the
//! order of the codes, so nothing derived depends on the order of records.

use polars::prelude::{PlHashMap, PlHashSet};

use super::{Document, Evidence, Loan, Origin, Portfolio, party::of_person};
use crate::identifier::name::{is_full_name, looks_personal, name_key};

/// Number of a customer in a [`Directory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(u32);

impl CustomerId {
    /// Position among the customers in the order of their codes.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn from_index(index: usize) -> Option<Self> {
        u32::try_from(index).ok().map(Self)
    }
}

/// Two customer codes with one document: the same legal entity twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SameDocument {
    /// The smaller code.
    pub first: CustomerId,
    /// The other code.
    pub second: CustomerId,
    /// The record that states the document for the other code.
    pub origin: Origin,
}

/// A party known by something that says who it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Known {
    /// One of our customers.
    Customer(CustomerId),
    /// A party outside with a document.
    Document(Document),
    /// An organisation outside without one, by the key of its name.
    Organisation(String),
}

/// How a record mentions a party.
#[derive(Clone, Copy, Default)]
pub(super) struct Mention<'a> {
    pub name: Option<&'a str>,
    pub doc_type: Option<&'a str>,
    pub doc_no: Option<&'a str>,
    /// The record says that it is a natural person.
    pub person: bool,
}

/// Who a mention means.
pub(super) struct Identified {
    pub known: Known,
    pub evidence: Evidence,
    pub person: bool,
}

/// All customers of a period.
#[derive(Clone, Debug, Default)]
pub struct Directory<'a> {
    codes: Vec<&'a str>,
    names: Vec<Option<&'a str>>,
    /// The customer has a document that is a good organisation code.
    verified: Vec<bool>,
    by_code: PlHashMap<&'a str, CustomerId>,
    by_document: PlHashMap<Document, CustomerId>,
    /// Nothing where several customers have the name.
    by_name: PlHashMap<String, Option<CustomerId>>,
    same_document: Vec<SameDocument>,
    /// The customer of each of [`Loans::codes`](super::Loans::codes).
    of_loans: Vec<CustomerId>,
}

impl<'a> Directory<'a> {
    /// The customers of a portfolio. Linear in the records but for sorting the codes.
    pub fn of(portfolio: &Portfolio<'a>) -> Self {
        let mut distinct: PlHashSet<&str> = portfolio.customers.iter().filter_map(|customer| customer.code).collect();
        distinct.extend(portfolio.loans.codes().iter().map(|used| used.text));
        let mut codes: Vec<&str> = distinct.drain().collect();
        codes.sort_unstable();
        codes.truncate(u32::MAX as usize);
        let by_code: PlHashMap<&str, CustomerId> =
            codes.iter().zip(0..).map(|(code, id)| (*code, CustomerId(id))).collect();
        let of_loans = portfolio.loans.codes().iter().filter_map(|used| by_code.get(used.text).copied()).collect();
        let count = codes.len();
        let mut directory = Self {
            codes,
            names: vec![None; count],
            verified: vec![false; count],
            by_code,
            of_loans,
            ..Self::default()
        };
        directory.add_names(portfolio);
        directory.add_documents(portfolio);
        directory
    }

    fn add_names(&mut self, portfolio: &Portfolio<'a>) {
        let mut pairs: Vec<(CustomerId, &str)> = Vec::with_capacity(portfolio.customers.len());
        for customer in &portfolio.customers {
            if let (Some(id), Some(name)) = (self.by_customer_code(customer.code), customer.name) {
                pairs.push((id, name));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (id, name) in pairs {
            if let Some(slot) = self.names.get_mut(id.index()) {
                slot.get_or_insert(name);
            }
            if !looks_personal(name) {
                let found = self.by_name.entry(name_key(name)).or_insert(Some(id));
                if *found != Some(id) {
                    *found = None;
                }
            }
        }
    }

    fn add_documents(&mut self, portfolio: &Portfolio<'a>) {
        let mut stated: Vec<(Document, CustomerId, Origin)> = Vec::with_capacity(portfolio.customers.len());
        for customer in &portfolio.customers {
            let Some(id) = self.by_customer_code(customer.code) else { continue };
            let own = Document::of(customer.doc_type, customer.doc_no);
            let credit = Document::of(Some(super::party::ORGANISATION_TYPE), customer.credit_code);
            stated.extend([own, credit].into_iter().flatten().map(|document| (document, id, customer.origin)));
        }
        stated.sort_unstable();
        stated.dedup_by(|later, earlier| later.0 == earlier.0 && later.1 == earlier.1);
        for (document, id, origin) in stated {
            if matches!(document, Document::Organisation(_))
                && let Some(verified) = self.verified.get_mut(id.index())
            {
                *verified = true;
            }
            let first = *self.by_document.entry(document).or_insert(id);
            if first != id {
                self.same_document.push(SameDocument { first, second: id, origin });
            }
        }
        self.same_document.sort_unstable();
        self.same_document.dedup_by(|later, earlier| (later.first, later.second) == (earlier.first, earlier.second));
    }

    /// Number of customers.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// There is no customer.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// All customers, in the order of their codes.
    pub fn ids(&self) -> impl Iterator<Item = CustomerId> + use<> {
        (0..).take(self.codes.len()).map(CustomerId)
    }

    /// The customer's code.
    pub fn code(&self, id: CustomerId) -> &'a str {
        self.codes.get(id.index()).copied().unwrap_or_default()
    }

    /// The customer's name; the smallest text if records disagree, nothing if it stands in the loans only.
    pub fn name(&self, id: CustomerId) -> Option<&'a str> {
        self.names.get(id.index()).copied().flatten()
    }

    /// The customer with this code.
    pub fn by_customer_code(&self, code: Option<&str>) -> Option<CustomerId> {
        self.by_code.get(code?).copied()
    }

    /// The customer of a loan of the portfolio this is the directory of; quicker than by its code.
    pub fn of_loan(&self, loan: &Loan<'_>) -> Option<CustomerId> {
        self.of_loans.get(loan.customer_number? as usize).copied()
    }

    /// Customers that share a document with one of a smaller code.
    pub fn same_document(&self) -> &[SameDocument] {
        &self.same_document
    }

    /// The only customer with the name of an organisation. A name does not decide if the mention has a person's
    /// document, or both sides have good organisation codes and these differ.
    fn by_name(&self, document: Option<&Document>, name: &str) -> Option<CustomerId> {
        let id = self.by_name.get(name_key(name).as_str()).copied().flatten()?;
        let differs = match document {
            Some(Document::Person(_)) => true,
            Some(Document::Organisation(_)) => self.verified.get(id.index()) == Some(&true),
            Some(Document::Other { .. }) | None => false,
        };
        (!differs).then_some(id)
    }

    /// Who a mention means: a customer, or a party outside known by document or, an organisation, by name. Nothing for
    /// a person without a document.
    pub(super) fn identify(&self, mention: Mention<'_>) -> Option<Identified> {
        let document = Document::of(mention.doc_type, mention.doc_no);
        let of_one = mention.person || matches!(document, Some(Document::Person(_)));
        if let Some(id) = document.as_ref().and_then(|document| self.by_document.get(document)) {
            return Some(Identified { known: Known::Customer(*id), evidence: Evidence::Document, person: of_one });
        }
        let by_type = || mention.doc_type.is_some_and(of_person) && !mention.name.is_some_and(is_full_name);
        let person = of_one || by_type() || mention.name.is_some_and(looks_personal);
        let by_name = mention.name.filter(|_| !person).and_then(|name| self.by_name(document.as_ref(), name));
        let (known, evidence) = match (by_name, document, mention.name) {
            (Some(id), ..) => (Known::Customer(id), Evidence::Name),
            (None, Some(document), _) => (Known::Document(document), Evidence::Document),
            (None, None, Some(name)) if !person => (Known::Organisation(name_key(name)), Evidence::Name),
            (None, None, _) => return None,
        };
        Some(Identified { known, evidence, person })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Customer;

    fn customer<'a>(code: &'a str, name: &'a str, doc_no: Option<&'a str>) -> Customer<'a> {
        Customer { code: Some(code), name: Some(name), doc_type: Some("1"), doc_no, ..Customer::default() }
    }

    #[test]
    fn customers_are_numbered_by_code() {
        let portfolio = Portfolio {
            customers: vec![customer("C", "丙草业有限公司", None), customer("A", "甲草业有限公司", None)],
            loans: vec![Loan { customer: Some("B"), ..Loan::default() }, Loan::default()].into(),
            ..Portfolio::default()
        };
        let directory = Directory::of(&portfolio);
        let codes: Vec<_> = directory.ids().map(|id| directory.code(id)).collect();
        assert_eq!(codes, ["A", "B", "C"]);
        assert_eq!(directory.name(CustomerId(1)), None);
        assert_eq!(directory.name(CustomerId(2)), Some("丙草业有限公司"));
    }

    #[test]
    fn a_mention_finds_its_customer() {
        let portfolio = Portfolio {
            customers: vec![
                customer("A", "甲草业(集团)有限公司", Some("MA0NABCD5")),
                customer("B", "乙牧业有限公司", None),
                customer("C", "丁粮油有限公司", None),
                customer("D", "丁粮油有限公司", None),
            ],
            ..Portfolio::default()
        };
        let directory = Directory::of(&portfolio);
        let code = |doc_no: Option<&str>, name: &str, person| {
            let mention = Mention { name: Some(name), doc_type: Some("1"), doc_no, person };
            match directory.identify(mention)? {
                Identified { known: Known::Customer(id), evidence, .. } => Some((directory.code(id), evidence)),
                _ => None,
            }
        };
        assert_eq!(code(Some("91150102MA0NABCD5T"), "另一名称", false), Some(("A", Evidence::Document)));
        assert_eq!(code(None, "甲草业（集团）有限公司", false), Some(("A", Evidence::Name)));
        // Another organisation of the same name, by its code.
        assert_eq!(code(Some("75346870-8"), "甲草业(集团)有限公司", false), None);
        // A number that fails its check does not speak against the name.
        assert_eq!(code(Some("75346870-0"), "甲草业(集团)有限公司", false), Some(("A", Evidence::Name)));
        // B states no document, so its name decides.
        assert_eq!(code(Some("75346870-8"), "乙牧业有限公司", false), Some(("B", Evidence::Name)));
        assert_eq!(code(None, "乙牧业有限公司", true), None);
        // Two customers have the name.
        assert_eq!(code(None, "丁粮油有限公司", false), None);
    }

    #[test]
    fn one_document_under_two_codes() {
        let mut second = customer("B", "乙牧业有限公司", None);
        second.credit_code = Some("91150102MA0NABCD5T");
        second.origin = Origin { dataset: 1, record: 7 };
        let portfolio = Portfolio {
            customers: vec![second, customer("A", "甲草业有限公司", Some("MA0NABCD-5"))],
            ..Portfolio::default()
        };
        let expected =
            SameDocument { first: CustomerId(0), second: CustomerId(1), origin: Origin { dataset: 1, record: 7 } };
        assert_eq!(Directory::of(&portfolio).same_document(), [expected]);
    }
}
