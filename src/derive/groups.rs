//! Connected groups of customers, from declared relations: control by shares, affiliates, legal representatives and
//! documents.
//!
//! Customers and outside parties are the nodes of one graph; a group is a connected part of it with at least two
//! customers. Outside parties are known by document, organisations without one by name. A person without a document
//! joins nobody. Economic dependence is not derived: no dataset declares it.

use std::collections::{BTreeMap, VecDeque};

use petgraph::unionfind::UnionFind;
use polars::prelude::PlHashMap;

use super::{
    CustomerId, Directory, Evidence, Origin, Portfolio,
    directory::{Identified, Known, Mention},
    exposure::{Exposure, Exposures},
    relation::{Link, Party, Relation},
};
use crate::identifier::name::looks_personal;

/// Shareholder types: state organs (机关), natural persons (自然人).
const STATE_ORGAN: &str = "2";
const NATURAL_PERSON: &str = "6";

/// What makes customers connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupRules {
    /// Smallest share that is control, in millionths: parameter `control_percent`, usually 50 %.
    pub control_ppm: i128,
    /// State organs as shareholders join what they hold. Usually not: the regulator's table of relations has no state
    /// organ as a controlling party (LJX-057).
    pub state_organs_join: bool,
}

/// A connected group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Customers, largest balance first, equal ones by code. The first is the anchor.
    pub members: Vec<CustomerId>,
    /// What they owe together.
    pub exposure: Exposure,
    /// Which of [`Groups::links`] are its own.
    links: std::ops::Range<usize>,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'g> {
    /// Where it starts.
    pub from: &'g Party,
    /// Where it ends.
    pub to: &'g Party,
    /// What joins them.
    pub link: &'g Link,
    /// The relation is stated for `to`, not for `from`.
    pub backwards: bool,
}

impl Step<'_> {
    /// The reason in words; persons' names are masked.
    pub fn words(&self) -> crate::text::Text {
        let (customer, other) = if self.backwards { (self.to, self.from) } else { (self.from, self.to) };
        self.link.words(customer, other)
    }
}

/// The connected groups of a period.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// Groups, largest balance first, equal ones by the anchor's code.
    pub groups: Vec<Group>,
    /// Customers first, in the order of the directory, then parties outside.
    pub parties: Vec<Party>,
    /// Records that name a customer code nobody has.
    pub dangling: u32,
    /// Records that would join a party that neither a document nor the name of an organisation identifies.
    pub unidentified: u32,
    links: Vec<Link>,
    group_of: Vec<Option<usize>>,
    /// For each party of a group but the anchor, the link towards the anchor.
    towards: Vec<Option<usize>>,
}

impl Groups {
    /// Finds the groups. Linear in records and links but for sorting the links.
    pub fn of(portfolio: &Portfolio<'_>, directory: &Directory<'_>, exposures: &Exposures, rules: GroupRules) -> Self {
        let mut draft = Draft { directory, relations: Vec::new(), dangling: 0, unidentified: 0 };
        draft.add_all(portfolio, rules);
        let (parties, links) = draft.number();
        let mut groups =
            Self { parties, dangling: draft.dangling, unidentified: draft.unidentified, ..Self::default() };
        groups.connect(links, directory, exposures);
        groups
    }

    /// The group the customer belongs to, by index.
    pub fn group_of(&self, customer: CustomerId) -> Option<usize> {
        self.group_of.get(customer.index()).copied().flatten()
    }

    /// All relations inside a group, parties outside included.
    pub fn links(&self, group: &Group) -> &[Link] {
        self.links.get(group.links.clone()).unwrap_or_default()
    }

    /// The shortest path from the anchor of its group to the customer; empty for the anchor itself and for customers
    /// in no group. Of several paths the one with the stronger relations, in the order of [`Relation`].
    pub fn path(&self, customer: CustomerId) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut at = customer.index();
        while let Some(link) = self.towards.get(at).copied().flatten().and_then(|index| self.links.get(index)) {
            let backwards = link.customer == at;
            let before = if backwards { link.other } else { link.customer };
            let (Some(from), Some(to)) = (self.parties.get(before), self.parties.get(at)) else { break };
            steps.push(Step { from, to, link, backwards });
            at = before;
        }
        steps.reverse();
        steps
    }

    fn connect(&mut self, mut links: Vec<Link>, directory: &Directory<'_>, exposures: &Exposures) {
        let mut union = UnionFind::<usize>::new(self.parties.len());
        for link in &links {
            union.union(link.customer, link.other);
        }
        let labels = union.into_labeling();
        let label = |party: usize| labels.get(party).copied().unwrap_or_default();
        let mut members: Vec<Vec<CustomerId>> = vec![Vec::new(); self.parties.len()];
        for id in directory.ids() {
            if let Some(members) = members.get_mut(label(id.index())) {
                members.push(id);
            }
        }
        let mut found: Vec<(usize, Vec<CustomerId>, Exposure)> = Vec::new();
        for (root, mut members) in members.into_iter().enumerate().filter(|(_, members)| members.len() > 1) {
            members.sort_by_key(|id| (-exposures.get(*id).balance_fen, *id));
            let exposure = exposures.sum(members.iter().copied());
            found.push((root, members, exposure));
        }
        found.sort_by(|a, b| b.2.balance_fen.cmp(&a.2.balance_fen).then_with(|| a.1.cmp(&b.1)));
        let mut rank: Vec<Option<usize>> = vec![None; self.parties.len()];
        for (index, (root, ..)) in found.iter().enumerate() {
            if let Some(slot) = rank.get_mut(*root) {
                *slot = Some(index);
            }
        }
        let group = |party: usize| rank.get(label(party)).copied().flatten();
        links.retain(|link| group(link.customer).is_some());
        links.sort_by_cached_key(|link| (group(link.customer), *link));
        self.group_of = directory.ids().map(|id| group(id.index())).collect();
        let mut start = 0;
        for (index, (_, members, exposure)) in found.into_iter().enumerate() {
            let end = start
                + links.get(start..).unwrap_or_default().partition_point(|link| group(link.customer) <= Some(index));
            self.groups.push(Group { members, exposure, links: start..end });
            start = end;
        }
        self.links = links;
        self.towards = self.search();
    }

    /// Breadth first from every anchor; neighbours by relation, then by number.
    fn search(&self) -> Vec<Option<usize>> {
        let mut ends: Vec<(usize, Relation, usize, usize)> = Vec::with_capacity(self.links.len() * 2);
        for (index, link) in self.links.iter().enumerate() {
            ends.push((link.customer, link.relation, link.other, index));
            ends.push((link.other, link.relation, link.customer, index));
        }
        ends.sort_unstable();
        let mut towards = vec![None; self.parties.len()];
        let mut seen = vec![false; self.parties.len()];
        let mut queue: VecDeque<usize> = VecDeque::new();
        for anchor in self.groups.iter().filter_map(|group| group.members.first()) {
            seen[anchor.index()] = true;
            queue.push_back(anchor.index());
            while let Some(at) = queue.pop_front() {
                let first = ends.partition_point(|end| end.0 < at);
                for (_, _, next, link) in ends.iter().skip(first).take_while(|end| end.0 == at) {
                    if !seen[*next] {
                        seen[*next] = true;
                        towards[*next] = Some(*link);
                        queue.push_back(*next);
                    }
                }
            }
        }
        towards
    }
}

struct Drafted<'a> {
    customer: CustomerId,
    other: Known,
    relation: Relation,
    evidence: Evidence,
    origin: Origin,
    name: Option<&'a str>,
    person: bool,
}

/// Relations as they are read.
struct Draft<'d, 'a> {
    directory: &'d Directory<'a>,
    relations: Vec<Drafted<'a>>,
    dangling: u32,
    unidentified: u32,
}

impl<'a> Draft<'_, 'a> {
    fn add_all(&mut self, portfolio: &Portfolio<'a>, rules: GroupRules) {
        for same in self.directory.same_document() {
            self.relations.push(Drafted {
                customer: same.first,
                other: Known::Customer(same.second),
                relation: Relation::SameDocument,
                evidence: Evidence::Document,
                origin: same.origin,
                name: None,
                person: false,
            });
        }
        for row in &portfolio.shareholders {
            let Some(share) = row.share_ppm.filter(|share| *share >= rules.control_ppm) else { continue };
            if row.kind == Some(STATE_ORGAN) && !rules.state_organs_join {
                continue;
            }
            let person = row.kind == Some(NATURAL_PERSON);
            let mention = Mention { name: row.name, doc_type: row.doc_type, doc_no: row.doc_no, person };
            self.add(row.customer, mention, Relation::ControllingShare(share), row.origin);
        }
        for row in &portfolio.affiliates {
            let relation = match row.relation {
                Some("2") => Relation::ControlledBy,
                Some("3") => Relation::Controls,
                Some("4") => Relation::CommonControl,
                _ => continue,
            };
            let mention = Mention { name: row.name, doc_type: row.doc_type, doc_no: row.doc_no, person: false };
            self.add(row.customer, mention, relation, row.origin);
        }
        for row in &portfolio.customers {
            if row.legal_rep.is_none() && row.legal_rep_doc_no.is_none() {
                continue;
            }
            let mention = Mention {
                name: row.legal_rep,
                doc_type: row.legal_rep_doc_type,
                doc_no: row.legal_rep_doc_no,
                person: true,
            };
            self.add(row.code, mention, Relation::LegalRepresentative, row.origin);
        }
    }

    fn add(&mut self, code: Option<&str>, mention: Mention<'a>, relation: Relation, origin: Origin) {
        let Some(customer) = self.directory.by_customer_code(code) else {
            self.dangling += 1;
            return;
        };
        let Some(Identified { known: other, evidence, person }) = self.directory.identify(mention) else {
            self.unidentified += 1;
            return;
        };
        if other != Known::Customer(customer) {
            self.relations.push(Drafted { customer, other, relation, evidence, origin, name: mention.name, person });
        }
    }

    /// Numbers the parties: customers as in the directory, the others by document or name.
    fn number(&self) -> (Vec<Party>, Vec<Link>) {
        let directory = self.directory;
        let mut parties: Vec<Party> = directory
            .ids()
            .map(|id| {
                let name = directory.name(id).unwrap_or_else(|| directory.code(id));
                Party { customer: Some(id), name: name.to_owned(), person: looks_personal(name) }
            })
            .collect();
        // The smallest name of each, so that it does not depend on the order of records.
        let mut outside: BTreeMap<&Known, (Option<&str>, bool)> = BTreeMap::new();
        for drafted in self.relations.iter().filter(|drafted| !matches!(drafted.other, Known::Customer(_))) {
            let (name, person) = outside.entry(&drafted.other).or_insert((drafted.name, drafted.person));
            *name = match (*name, drafted.name) {
                (Some(known), Some(other)) => Some(known.min(other)),
                (known, other) => known.or(other),
            };
            *person |= drafted.person;
        }
        let mut numbers: PlHashMap<&Known, usize> = PlHashMap::default();
        for (known, (name, person)) in outside {
            numbers.insert(known, parties.len());
            parties.push(Party { customer: None, name: name.unwrap_or_default().to_owned(), person });
        }
        let mut links = Vec::with_capacity(self.relations.len());
        for drafted in &self.relations {
            let other = match &drafted.other {
                Known::Customer(id) => Some(id.index()),
                known => numbers.get(known).copied(),
            };
            links.extend(other.map(|other| Link {
                customer: drafted.customer.index(),
                other,
                relation: drafted.relation,
                evidence: drafted.evidence,
                origin: drafted.origin,
            }));
        }
        (parties, links)
    }
}

#[cfg(test)]
mod tests;
