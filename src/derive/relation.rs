//! What joins two parties of a connected group, and how that is said in words.
//!
//! Knows nothing of graphs.

use super::{CustomerId, Evidence, Origin, amount::percent_text};
use crate::text::{Mask, Text};

/// What joins a customer to another party; the order is that in which paths prefer them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Two customer codes with one document.
    SameDocument,
    /// The party holds a controlling share of the customer, in millionths.
    ControllingShare(i128),
    /// The customer declares the party as controlling it (关联类型 2).
    ControlledBy,
    /// The customer declares the party as controlled by it (关联类型 3).
    Controls,
    /// The customer declares that both are under one control (关联类型 4).
    CommonControl,
    /// The party is the customer's legal representative.
    LegalRepresentative,
}

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The customer, if it is one of ours.
    pub customer: Option<CustomerId>,
    /// Name; of one without a name in the records its code.
    pub name: String,
    /// It is a natural person, whose name is masked outside the unit's own workbook.
    pub person: bool,
}

impl Party {
    /// The name as it may be shown outside the unit's own workbook.
    pub fn shown(&self) -> String {
        if self.person { Mask::Name.apply(&self.name) } else { self.name.clone() }
    }
}

/// A relation between a customer and another party, with the record that states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Index of the customer's party.
    pub customer: usize,
    /// Index of the other party.
    pub other: usize,
    /// What joins them.
    pub relation: Relation,
    /// How the other party was recognised.
    pub evidence: Evidence,
    /// The record that states it.
    pub origin: Origin,
}

impl Link {
    /// The relation in one sentence; `customer` and `other` are its ends. Persons' names are masked.
    pub fn words(&self, customer: &Party, other: &Party) -> Text {
        let (a, b) = (customer.shown(), other.shown());
        let mut text = match self.relation {
            Relation::SameDocument => {
                Text::new(format!("{a}与{b}的证件号码相同"), format!("{a} and {b} have the same document number"))
            }
            Relation::ControllingShare(ppm) => {
                let share = percent_text(ppm);
                Text::new(format!("{b}持有{a}{share}%的股份"), format!("{b} holds {share} % of {a}"))
            }
            Relation::ControlledBy => {
                Text::new(format!("{a}申报{b}为其控制方"), format!("{a} declares that {b} controls it"))
            }
            Relation::Controls => {
                Text::new(format!("{a}申报{b}受其控制"), format!("{a} declares that it controls {b}"))
            }
            Relation::CommonControl => Text::new(
                format!("{a}申报与{b}受同一方控制"),
                format!("{a} declares that it and {b} are under one control"),
            ),
            Relation::LegalRepresentative => {
                Text::new(format!("{b}是{a}的法定代表人"), format!("{b} is the legal representative of {a}"))
            }
        };
        if self.evidence == Evidence::Name {
            text.zh.push_str("（按名称匹配）");
            text.en.push_str(" (matched by name)");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(name: &str, person: bool) -> Party {
        Party { customer: None, name: name.to_owned(), person }
    }

    fn link(relation: Relation, evidence: Evidence) -> Link {
        Link { customer: 0, other: 1, relation, evidence, origin: Origin::default() }
    }

    #[test]
    fn words_name_both_sides() {
        let (firm, person) = (party("甲草业有限公司", false), party("张某某", true));
        let share = link(Relation::ControllingShare(512_500), Evidence::Document);
        assert_eq!(share.words(&firm, &person).zh, "张**持有甲草业有限公司51.25%的股份");
        assert_eq!(share.words(&firm, &person).en, "张** holds 51.25 % of 甲草业有限公司");
        let other = party("乙牧业有限公司", false);
        let named = link(Relation::ControlledBy, Evidence::Name);
        assert_eq!(named.words(&firm, &other).zh, "甲草业有限公司申报乙牧业有限公司为其控制方（按名称匹配）");
    }
}
