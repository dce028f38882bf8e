//! Longest chains of guarantees (连环担保): the first guarantees the second, the second the third, and so on.
//!
//! A circle counts as one link of a chain, for inside it there is no longest way.

use petgraph::unionfind::UnionFind;

use super::Edge;
use crate::derive::CustomerId;

/// Shorter chains are mere guarantees.
const SHORTEST: usize = 3;

/// A chain of guarantees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// From the first guarantor to the last borrower; a link is one customer or the members of one circle.
    pub links: Vec<Vec<CustomerId>>,
}

/// The longest way on from a component.
#[derive(Clone, Copy)]
struct Way {
    /// Number of components on it, its own included.
    length: usize,
    next: Option<usize>,
}

/// The longest chain of each network of customers joined by guarantees. `components` has borrowers before their
/// guarantors. Of several equally long ones the one whose smallest codes are smallest.
pub(super) fn longest(components: &[Vec<CustomerId>], edges: &[Edge], customers: usize) -> Vec<Chain> {
    let mut component_of = vec![0; customers];
    for (index, members) in components.iter().enumerate() {
        for id in members {
            component_of[id.index()] = index;
        }
    }
    let mut network = UnionFind::<usize>::new(components.len());
    let mut onward: Vec<(usize, usize)> = Vec::with_capacity(edges.len());
    for edge in edges {
        let (from, to) = (component_of[edge.guarantor.index()], component_of[edge.borrower.index()]);
        if from != to {
            onward.push((from, to));
            network.union(from, to);
        }
    }
    onward.sort_unstable();
    let smallest = |index: usize| components.get(index).and_then(|members| members.first());
    let mut ways: Vec<Way> = Vec::with_capacity(components.len());
    let mut rest = onward.as_slice();
    for index in 0..components.len() {
        let (own, others) = rest.split_at(rest.partition_point(|(from, _)| *from <= index));
        rest = others;
        let mut way = Way { length: 1, next: None };
        for (_, to) in own {
            let length = ways.get(*to).map_or(1, |way| way.length) + 1;
            let better = length > way.length
                || (length == way.length && way.next.is_some_and(|next| smallest(*to) < smallest(next)));
            if better {
                way = Way { length, next: Some(*to) };
            }
        }
        ways.push(way);
    }
    let mut best: Vec<Option<usize>> = vec![None; components.len()];
    for (index, way) in ways.iter().enumerate().filter(|(_, way)| way.length >= SHORTEST) {
        let slot = &mut best[network.find(index)];
        let known = slot.and_then(|known| Some((ways.get(known)?.length, known)));
        let better = known.is_none_or(|(length, known)| {
            way.length > length || (way.length == length && smallest(index) < smallest(known))
        });
        if better {
            *slot = Some(index);
        }
    }
    let mut chains: Vec<Chain> = best.into_iter().flatten().map(|start| walk(start, components, &ways)).collect();
    chains.sort_by(|a, b| b.links.len().cmp(&a.links.len()).then_with(|| a.links.cmp(&b.links)));
    chains
}

fn walk(start: usize, components: &[Vec<CustomerId>], ways: &[Way]) -> Chain {
    let mut links = Vec::new();
    let mut at = Some(start);
    while let Some(index) = at {
        links.extend(components.get(index).cloned());
        at = ways.get(index).and_then(|way| way.next);
    }
    Chain { links }
}
