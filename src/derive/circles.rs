//! Guarantee circles (担保圈): customers that guarantee each other, directly, in a chain that closes, or jointly.
//!
//! An edge goes from guarantor to borrower. A circle is a strongly connected part with at least two customers; between
//! circles the edges have no cycle left, so longest chains exist. Guarantors who are no customers stand at no circle
//! and no chain, but their totals are counted. Linear but for sorting the edges; nothing here recurses, so the depth of
//! a chain does not matter.

mod chains;
mod guarantors;
mod joint;

use petgraph::{algo::kosaraju_scc, graph::DiGraph};

use super::{
    CustomerId, Directory, Guarantee, Origin, Portfolio,
    directory::{Known, Mention},
    exposure::{Counting, Exposure, Exposures},
};

pub use chains::Chain;
pub use guarantors::Guarantor;
pub use joint::{JointGroup, LARGEST_JOINT};

/// Guarantee contract types that are guarantees by a person or firm: 单人保证, 多人保证, 多人联保, 多人分保.
pub const GUARANTEE_KINDS: [&str; 4] = ["3", "4", "5", "6"];

/// Guarantee contract type 多人联保: every member guarantees every other.
const JOINT: &str = "5";

/// Which guarantees make circles.
#[derive(Clone, Copy, Debug)]
pub struct CircleRules<'r> {
    /// Guarantee contract types that count, usually [`GUARANTEE_KINDS`]; with `1` and `2` also collateral of third
    /// parties.
    pub kinds: &'r [&'r str],
    /// Which loans count; the same as for the exposures.
    pub counting: Counting,
}

/// All guarantees of one customer for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Guarantor.
    pub guarantor: CustomerId,
    /// Borrower.
    pub borrower: CustomerId,
    /// Sum of the amounts guaranteed, fen.
    pub amount_fen: i128,
    /// Number of guarantees.
    pub guarantees: u32,
    /// The first record that states one.
    pub origin: Origin,
}

/// Customers each of which guarantees, directly or through others, every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// Members, by code.
    pub members: Vec<CustomerId>,
    /// What they owe together; the non-performing part with it.
    pub exposure: Exposure,
    /// Guarantees between members, fen.
    pub inside_fen: i128,
    /// Members in default.
    pub in_default: Vec<CustomerId>,
}

/// Two customers that guarantee each other (互保).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutual {
    /// The guarantees of the one with the smaller code for the other.
    pub first: Edge,
    /// The guarantees of the other.
    pub second: Edge,
}

/// What the guarantees of a period make.
#[derive(Clone, Debug, Default)]
pub struct Circles {
    /// Circles, largest balance first, equal ones by code.
    pub circles: Vec<Circle>,
    /// Mutual guarantees, by code.
    pub mutual: Vec<Mutual>,
    /// Joint groups of three or more, by code.
    pub joint: Vec<JointGroup>,
    /// Joint contracts with more than [`LARGEST_JOINT`] members, which were not looked at.
    pub joint_too_large: u32,
    /// The longest chain of each network that has one of three or more links, longest first.
    pub chains: Vec<Chain>,
    /// Guarantors, largest amount first.
    pub guarantors: Vec<Guarantor>,
    /// Customers' guarantees for customers, by code of guarantor and borrower.
    pub edges: Vec<Edge>,
    /// Each guarantee of a customer for another, with its guarantor.
    pub of_customers: Vec<(Origin, CustomerId)>,
    /// Guarantees of a customer for itself.
    pub for_itself: u32,
    /// Guarantees that name a customer code nobody has.
    pub dangling: u32,
    /// Guarantees whose guarantor neither a document nor the name of an organisation identifies.
    pub unidentified: u32,
}

/// A guarantee with both sides known.
struct Stated<'a> {
    guarantor: Known,
    person: bool,
    borrower: CustomerId,
    row: &'a Guarantee<'a>,
}

impl Circles {
    /// Finds circles, chains and joint groups among the guarantees that count.
    pub fn of(
        portfolio: &Portfolio<'_>,
        directory: &Directory<'_>,
        exposures: &Exposures,
        rules: CircleRules<'_>,
    ) -> Self {
        let mut circles = Self::default();
        let stated = circles.read(portfolio, directory, rules);
        circles.edges = edges(&stated);
        circles.of_customers = stated
            .iter()
            .filter_map(|one| match one.guarantor {
                Known::Customer(guarantor) => Some((one.row.origin, guarantor)),
                Known::Document(_) | Known::Organisation(_) => None,
            })
            .collect();
        let components = components(&circles.edges, directory.len());
        circles.circles = close(&components, &circles.edges, exposures);
        circles.mutual = mutual(&circles.edges);
        circles.chains = chains::longest(&components, &circles.edges, directory.len());
        (circles.joint, circles.joint_too_large) = joint::find(&stated);
        circles.guarantors = guarantors::total(&stated, portfolio, directory, exposures, rules.counting);
        circles
    }

    fn read<'a>(
        &mut self,
        portfolio: &'a Portfolio<'a>,
        directory: &Directory<'_>,
        rules: CircleRules<'_>,
    ) -> Vec<Stated<'a>> {
        let mut stated = Vec::with_capacity(portfolio.guarantees.len());
        for row in portfolio.guarantees.iter().filter(|row| row.kind.is_some_and(|kind| rules.kinds.contains(&kind))) {
            let Some(borrower) = directory.by_customer_code(row.customer) else {
                self.dangling += 1;
                continue;
            };
            let mention = Mention { name: row.name, doc_type: row.doc_type, doc_no: row.doc_no, person: false };
            let Some(found) = directory.identify(mention) else {
                self.unidentified += 1;
                continue;
            };
            if found.known == Known::Customer(borrower) {
                self.for_itself += 1;
            } else {
                stated.push(Stated { guarantor: found.known, person: found.person, borrower, row });
            }
        }
        stated
    }
}

/// Guarantees between the same two customers added up.
fn edges(stated: &[Stated<'_>]) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::with_capacity(stated.len());
    for one in stated {
        if let Known::Customer(guarantor) = one.guarantor {
            let amount_fen = one.row.amount_fen.unwrap_or_default();
            edges.push(Edge { guarantor, borrower: one.borrower, amount_fen, guarantees: 1, origin: one.row.origin });
        }
    }
    edges.sort_unstable_by_key(|edge| (edge.guarantor, edge.borrower, edge.origin));
    edges.dedup_by(|later, first| {
        let same = (later.guarantor, later.borrower) == (first.guarantor, first.borrower);
        if same {
            first.amount_fen += later.amount_fen;
            first.guarantees += later.guarantees;
        }
        same
    });
    edges
}

/// Strongly connected parts, borrowers before their guarantors; members by code.
fn components(edges: &[Edge], customers: usize) -> Vec<Vec<CustomerId>> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(customers, edges.len());
    for _ in 0..customers {
        graph.add_node(());
    }
    for edge in edges {
        graph.add_edge(node(edge.guarantor), node(edge.borrower), ());
    }
    // Tarjan's algorithm in petgraph recurses, which a chain of 100,000 guarantees would not survive.
    let found = kosaraju_scc(&graph);
    let members = |component: Vec<petgraph::graph::NodeIndex>| {
        let mut members: Vec<_> =
            component.into_iter().filter_map(|node| CustomerId::from_index(node.index())).collect();
        members.sort_unstable();
        members
    };
    found.into_iter().map(members).collect()
}

fn node(id: CustomerId) -> petgraph::graph::NodeIndex {
    petgraph::graph::NodeIndex::new(id.index())
}

/// The circles among the components.
fn close(components: &[Vec<CustomerId>], edges: &[Edge], exposures: &Exposures) -> Vec<Circle> {
    let mut circles: Vec<Circle> = Vec::new();
    for members in components.iter().filter(|members| members.len() > 1) {
        circles.push(Circle {
            members: members.clone(),
            exposure: exposures.sum(members.iter().copied()),
            inside_fen: 0,
            in_default: members.iter().copied().filter(|id| exposures.get(*id).in_default).collect(),
        });
    }
    circles.sort_by(|a, b| b.exposure.balance_fen.cmp(&a.exposure.balance_fen).then_with(|| a.members.cmp(&b.members)));
    let mut belongs: Vec<(CustomerId, usize)> = Vec::new();
    for (index, circle) in circles.iter().enumerate() {
        belongs.extend(circle.members.iter().map(|id| (*id, index)));
    }
    belongs.sort_unstable();
    let circle_of = |id: CustomerId| {
        let at = belongs.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        belongs.get(at).map(|(_, index)| *index)
    };
    for edge in edges {
        if let Some(index) = circle_of(edge.guarantor)
            && circle_of(edge.borrower) == Some(index)
            && let Some(circle) = circles.get_mut(index)
        {
            circle.inside_fen += edge.amount_fen;
        }
    }
    circles
}

/// Pairs of edges in both directions.
fn mutual(edges: &[Edge]) -> Vec<Mutual> {
    let back = |edge: &Edge| {
        let key = (edge.borrower, edge.guarantor);
        let at = edges.binary_search_by_key(&key, |other| (other.guarantor, other.borrower)).ok()?;
        edges.get(at).copied()
    };
    let forward = edges.iter().filter(|edge| edge.guarantor < edge.borrower);
    forward.filter_map(|first| Some(Mutual { first: *first, second: back(first)? })).collect()
}

#[cfg(test)]
mod tests;
