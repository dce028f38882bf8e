//! Customers, and connected groups, above a limit.

use polars::prelude::PlHashMap;

use super::{Judged, verdict, wan_yuan};
use crate::{
    check::{Verdict, open_detail},
    derive::{
        CustomerId, Derived,
        amount::percent_text,
        limits::{Base, Position, Scope, Standing, Subject},
    },
    pack::Rule,
};

/// Every record of a customer above the limit is at fault, or of every customer of a group above it, whichever unit
/// reports it. A rule on groups applies to customers in one; a customer in none is the single-customer rule's.
pub(super) fn evaluate(rule: &Rule, derived: &Derived<'_>, scope: Scope, base: Base) -> Verdict {
    let measured = derived.limit(scope, base);
    let mut customers: PlHashMap<CustomerId, &Position> = PlHashMap::default();
    let mut groups: PlHashMap<usize, &Position> = PlHashMap::default();
    for position in measured.into_iter().flat_map(|measured| &measured.positions) {
        match position.subject {
            _ if position.standing != Standing::Above => {}
            Subject::Customer(id) => drop(customers.insert(id, position)),
            Subject::Group(index) => drop(groups.insert(index, position)),
            Subject::TopTen => {}
        }
    }
    let judge = |code: Option<&str>| {
        let id = derived.directory.by_customer_code(code);
        let group = id.and_then(|id| derived.groups.group_of(id));
        if scope == Scope::Group && id.is_some() && group.is_none() {
            return Judged::Outside;
        }
        let (Some(measured), Some(id)) = (measured, id) else { return Judged::Undecided };
        let (position, exposure) = match group.filter(|_| scope == Scope::Group) {
            Some(index) => {
                let exposure = derived.groups.groups.get(index).map(|group| group.exposure).unwrap_or_default();
                (groups.get(&index), exposure)
            }
            None => (customers.get(&id), derived.exposures.get(id)),
        };
        let Some(position) = position else {
            return if exposure.unread > 0 { Judged::Undecided } else { Judged::Satisfied };
        };
        let mut details = vec![
            open_detail("exposure", wan_yuan(position.amount_fen)),
            open_detail("ratio", percent_text(position.ratio_ppm)),
            open_detail("limit", wan_yuan(measured.limit_fen)),
        ];
        if let Some(group) = group.and_then(|index| derived.groups.groups.get(index)) {
            let anchor = group.members.first().map_or("—", |id| derived.name_or_code(*id));
            details.push(open_detail("anchor", anchor));
            details.push(open_detail("members", group.members.len().to_string()));
        }
        Judged::Violated(details)
    };
    verdict(rule, derived.portfolio.customers.iter().map(|row| (row.origin, judge(row.code))))
}
