//! Names of organisations that are the same but for their format, and names that differ in one character.
//!
//! Names are never rewritten. Variants are shown with the form most records use; near-duplicates are suspects for
//! someone to look at: one character typed wrong, or two firms with like names.

mod near;

use polars::prelude::PlHashMap;

use super::{Document, Origin, Portfolio};
use crate::identifier::name::{looks_personal, name_key};

/// A name as a record states it, with the documents it states for its bearer.
#[derive(Clone, Debug)]
pub struct NameUse<'a> {
    /// The name as submitted.
    pub name: &'a str,
    /// Documents.
    pub documents: [Option<Document>; 2],
    /// Where it stands.
    pub origin: Origin,
    /// Records that state the name and these documents, all at `origin` or after it.
    pub count: u32,
}

/// Bounds of the search for near-duplicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameRules {
    /// Names with fewer characters are not compared: short names differ in one character by right.
    pub shortest: usize,
    /// Most names that agree but for one place that are compared with each other; see [`Names::crowded`].
    pub block: usize,
}

impl Default for NameRules {
    fn default() -> Self {
        Self { shortest: 6, block: 50 }
    }
}

/// One way a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form<'a> {
    /// The text as submitted.
    pub text: &'a str,
    /// Records that have it.
    pub count: u32,
    /// The first of them.
    pub first: Origin,
}

/// A name written in several ways that differ in brackets, blanks or width only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants<'a> {
    /// The ways, most used first, equally used ones by text. The first is the usual one.
    pub forms: Vec<Form<'a>>,
}

/// What the documents say about two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Documents {
    /// Both have documents, and none in common: two firms, or one whose name and number were both typed twice.
    Different,
    /// They have a document in common: one firm, and one of the names is wrong.
    Same,
    /// One of them has no document.
    Unknown,
}

/// Two names that differ in one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspect<'a> {
    /// The name more records have, in its usual form; of equally used ones the smaller text.
    pub usual: Form<'a>,
    /// The other name, in its usual form.
    pub other: Form<'a>,
    /// What the documents say.
    pub documents: Documents,
}

/// What was found among the names of organisations.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    /// Names written in several ways, by key.
    pub variants: Vec<Variants<'a>>,
    /// Names that differ in one character, by documents and then by name.
    pub suspects: Vec<Suspect<'a>>,
    /// Pairs left out because they differ in a numeral or a direction only (第一 and 第二, 城东 and 城西).
    pub numbered: u32,
    /// Blocks of like names larger than [`NameRules::block`], of which only the first were compared.
    pub crowded: u32,
}

/// All names of organisations in a portfolio, one after the other. Loans add to the counts and state no documents.
pub fn uses<'a>(portfolio: &Portfolio<'a>) -> impl Iterator<Item = NameUse<'a>> {
    let one = |name: Option<&'a str>, documents: [Option<Document>; 2], origin: Origin| {
        Some(NameUse { name: name?, documents, origin, count: 1 })
    };
    let customers = portfolio.customers.iter().filter_map(move |row| {
        let credit_code = Document::of(None, row.credit_code);
        one(row.name, [Document::of(row.doc_type, row.doc_no), credit_code], row.origin)
    });
    let stated = move |name, doc_type, doc_no, origin| one(name, [Document::of(doc_type, doc_no), None], origin);
    let shareholders =
        portfolio.shareholders.iter().filter_map(move |row| stated(row.name, row.doc_type, row.doc_no, row.origin));
    let affiliates =
        portfolio.affiliates.iter().filter_map(move |row| stated(row.name, row.doc_type, row.doc_no, row.origin));
    let guarantees =
        portfolio.guarantees.iter().filter_map(move |row| stated(row.name, row.doc_type, row.doc_no, row.origin));
    let loans = portfolio.loans.names().iter();
    let loans =
        loans.map(|used| NameUse { name: used.text, documents: [None, None], origin: used.first, count: used.count });
    customers.chain(shareholders).chain(affiliates).chain(guarantees).chain(loans)
}

/// One name, in all its forms.
struct Name<'a> {
    key: String,
    forms: Vec<Form<'a>>,
    count: u32,
    documents: Vec<Document>,
}

/// Finds variants and near-duplicates. Names that look like a person's are left out. Linear in the characters of the
/// different names but for sorting; a block costs at most the square of its bound.
pub fn find<'a>(uses: impl IntoIterator<Item = NameUse<'a>>, rules: NameRules) -> Names<'a> {
    let names = distinct(uses);
    let mut found = Names {
        variants: names
            .iter()
            .filter(|name| name.forms.len() > 1)
            .map(|name| Variants { forms: name.forms.clone() })
            .collect(),
        ..Names::default()
    };
    let keys: Vec<&str> = names.iter().map(|name| name.key.as_str()).collect();
    let near = near::find(&keys, rules);
    (found.numbered, found.crowded) = (near.numbered, near.crowded);
    for (first, second) in near.pairs {
        let (Some(first), Some(second)) = (names.get(first), names.get(second)) else { continue };
        let (usual, other) = if second.count > first.count { (second, first) } else { (first, second) };
        if let (Some(usual_form), Some(other_form)) = (usual.form(), other.form()) {
            found.suspects.push(Suspect { usual: usual_form, other: other_form, documents: usual.compare(other) });
        }
    }
    found.suspects.sort_by_key(|suspect| suspect.documents);
    found
}

impl<'a> Name<'a> {
    /// The usual form, with the records of all forms.
    fn form(&self) -> Option<Form<'a>> {
        self.forms.first().map(|form| Form { count: self.count, ..*form })
    }

    fn compare(&self, other: &Name<'_>) -> Documents {
        if self.documents.is_empty() || other.documents.is_empty() {
            Documents::Unknown
        } else if self.documents.iter().any(|document| other.documents.binary_search(document).is_ok()) {
            Documents::Same
        } else {
            Documents::Different
        }
    }
}

/// The different names by key, each with its forms and documents.
fn distinct<'a>(uses: impl IntoIterator<Item = NameUse<'a>>) -> Vec<Name<'a>> {
    let mut at: PlHashMap<&str, usize> = PlHashMap::default();
    let mut forms: Vec<(Form<'_>, Vec<Document>)> = Vec::new();
    for one in uses {
        let index = *at.entry(one.name).or_insert(forms.len());
        if index == forms.len() {
            forms.push((Form { text: one.name, count: 0, first: one.origin }, Vec::new()));
        }
        if let Some((form, documents)) = forms.get_mut(index) {
            form.count += one.count;
            form.first = form.first.min(one.origin);
            documents.extend(one.documents.into_iter().flatten());
        }
    }
    let mut keyed: Vec<(String, Form<'_>, Vec<Document>)> = forms
        .into_iter()
        .filter(|(form, _)| !looks_personal(form.text))
        .map(|(form, documents)| (name_key(form.text), form, documents))
        .collect();
    keyed.sort_by(|a, b| {
        (&a.0, std::cmp::Reverse(a.1.count), a.1.text).cmp(&(&b.0, std::cmp::Reverse(b.1.count), b.1.text))
    });
    let mut names: Vec<Name<'_>> = Vec::new();
    for (key, form, documents) in keyed {
        match names.last_mut().filter(|name| name.key == key) {
            Some(name) => {
                name.count += form.count;
                name.forms.push(form);
                name.documents.extend(documents);
            }
            None => names.push(Name { key, forms: vec![form], count: form.count, documents }),
        }
    }
    for name in &mut names {
        name.documents.sort_unstable();
        name.documents.dedup();
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses_of<'a>(rows: &[(&'a str, &'a str)]) -> Vec<NameUse<'a>> {
        let rows = rows.iter().zip(0..);
        rows.map(|((name, number), record)| NameUse {
            name,
            documents: [Document::of(Some("10"), Some(number)), None],
            origin: Origin { dataset: 0, record },
            count: 1,
        })
        .collect()
    }

    #[test]
    fn variants_name_the_usual_form() {
        let found = find(
            uses_of(&[
                ("草原乳业（集团）有限公司", ""),
                ("草原乳业(集团)有限公司", ""),
                ("草原乳业(集团)有限公司", ""),
                ("青山商贸有限公司", ""),
                ("乌云其其格", ""),
                ("乌云 其其格", ""),
            ]),
            NameRules::default(),
        );
        let forms: Vec<_> =
            found.variants.iter().map(|v| v.forms.iter().map(|f| (f.text, f.count)).collect::<Vec<_>>()).collect();
        assert_eq!(forms, [[("草原乳业(集团)有限公司", 2), ("草原乳业（集团）有限公司", 1)]]);
        assert_eq!(found.variants[0].forms[0].first.record, 1);
        assert!(found.suspects.is_empty());
    }

    #[test]
    fn suspects_differ_in_one_character() {
        let found = find(
            uses_of(&[
                ("草原乳业有限公司", "N1000001"),
                ("草原乳业有限公司", "N1000001"),
                ("草塬乳业有限公司", "N1000002"),
                ("青山商贸有限公司", "N2000001"),
                ("青山商贸有限限公司", "N2000001"),
                ("金河粮油有限公司", "N3000001"),
                ("金河粮有限公司", ""),
                ("银河建材有限公司", "N4000001"),
                ("银河建村厂有限公司", "N4000002"),
            ]),
            NameRules::default(),
        );
        let pairs: Vec<_> = found.suspects.iter().map(|s| (s.usual.text, s.other.text, s.documents)).collect();
        assert_eq!(
            pairs,
            [
                ("草原乳业有限公司", "草塬乳业有限公司", Documents::Different),
                ("青山商贸有限公司", "青山商贸有限限公司", Documents::Same),
                ("金河粮有限公司", "金河粮油有限公司", Documents::Unknown),
            ]
        );
        assert_eq!(found.suspects[0].usual.count, 2);
    }

    #[test]
    fn names_with_numbers_and_short_names_differ_by_right() {
        let found = find(
            uses_of(&[
                ("武川县第一砖瓦厂", ""),
                ("武川县第二砖瓦厂", ""),
                ("武川县第十二砖瓦厂", ""),
                ("城东信用社营业部", ""),
                ("城西信用社营业部", ""),
                ("草原饭店", ""),
                ("草塬饭店", ""),
            ]),
            NameRules::default(),
        );
        assert!(found.suspects.is_empty());
        // 第一/第二, 第二/第十二, 城东/城西.
        assert_eq!(found.numbered, 3);
    }

    #[test]
    fn the_names_of_all_datasets_are_used() {
        use crate::derive::{Affiliate, Customer, Guarantee, Loan, Shareholder};
        let name = Some("草原乳业有限公司");
        let portfolio = Portfolio {
            customers: vec![Customer { name, credit_code: Some("91150102MA0NABCD5T"), ..Customer::default() }],
            shareholders: vec![Shareholder { name, ..Shareholder::default() }],
            affiliates: vec![Affiliate { name, ..Affiliate::default() }],
            guarantees: vec![Guarantee { name, ..Guarantee::default() }],
            loans: vec![Loan { name, ..Loan::default() }, Loan::default()].into(),
        };
        let uses: Vec<_> = uses(&portfolio).collect();
        assert_eq!(uses.len(), 5);
        assert_eq!(uses[0].documents[1], Some(Document::Organisation("MA0NABCD5".to_owned())));
    }
}
