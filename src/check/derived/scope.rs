//! Loans and customers that do not reach the reporting line (Article 18(3)).

use super::{Judged, verdict, wan_yuan};
use crate::{
    check::{Details, Evaluation, Verdict, keys::may_be_unread, open_detail},
    derive::{
        Derived,
        scope::{Reach, Reading, is_reported},
    },
    pack::Rule,
};

/// The rule applies to loans with an amount above nothing that are neither taken back nor paid back. Read singly, the
/// loan itself is compared with the line; read otherwise, all loans of a customer in scope belong to the report.
pub(super) fn loans(rule: &Rule, derived: &Derived<'_>) -> Verdict {
    let rules = derived.settings.scope;
    let records = derived.portfolio.loans.iter().map(|loan| {
        let reach = derived.directory.of_loan(&loan).map(|id| derived.scopes.get(id));
        let judged = match loan.amount() {
            _ if !is_reported(&loan, rules.counting) => Judged::Outside,
            None => Judged::Outside,
            Some(amount) if amount <= 0 => Judged::Outside,
            Some(amount) if rules.reading == Reading::Loan => {
                judged(Some(amount >= rules.line_fen), &reach.unwrap_or_default(), rules.line_fen)
            }
            Some(_) => match reach {
                Some(reach) => judged(reach.within(rules.reading, rules.line_fen), &reach, rules.line_fen),
                None => Judged::Undecided,
            },
        };
        (loan.origin, judged)
    });
    verdict(rule, records)
}

/// The rule applies to every customer reported; where loans may be missing it cannot be told.
pub(super) fn customers(evaluation: &Evaluation<'_>, rule: &Rule, derived: &Derived<'_>) -> Verdict {
    let rules = derived.settings.scope;
    let loans = evaluation.input.pack.dataset_index("loans");
    let unread = loans.map(|loans| may_be_unread(evaluation, loans)).unwrap_or_default();
    let records = derived.portfolio.customers.iter().map(|row| {
        let judged = match derived.directory.by_customer_code(row.code) {
            Some(id) => {
                let reach = derived.scopes.get(id);
                match reach.within(rules.reading, rules.line_fen) {
                    Some(false) if unread.get(row.unit) == Some(&true) => Judged::Undecided,
                    within => judged(within, &reach, rules.line_fen),
                }
            }
            None => Judged::Undecided,
        };
        (row.origin, judged)
    });
    verdict(rule, records)
}

fn judged(within: Option<bool>, reach: &Reach, line_fen: i128) -> Judged {
    match within {
        Some(true) => Judged::Satisfied,
        Some(false) => Judged::Violated(details(reach, line_fen)),
        None => Judged::Undecided,
    }
}

fn details(reach: &Reach, line_fen: i128) -> Details {
    vec![
        open_detail("single", wan_yuan(reach.largest_fen)),
        open_detail("sum", wan_yuan(reach.sum_fen)),
        open_detail("line", reach.line_fen.map_or_else(|| "—".to_owned(), wan_yuan)),
        open_detail("threshold", wan_yuan(line_fen)),
    ]
}
