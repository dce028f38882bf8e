//! The decisions about tiers that the ledger has, as a calculation asks for them.

use crate::{
    ledger::{Decision, LedgerError, OpenRun},
    tier::{Basis, Override, Place},
};

/// The decisions of a pack as they stand on the day of the data. What is decided or withdrawn from a later day on is not
/// among them, so that a past quarter comes out as it did.
///
/// # Errors
/// If the ledger cannot be read.
pub fn recorded(book: &OpenRun<'_>, pack: &str, basis: Basis) -> Result<Vec<Override>, LedgerError> {
    let list = book.decisions(pack, basis.quarter.first_day(), basis.date)?;
    Ok(list.into_iter().map(|decision| as_of(decision, basis)).collect())
}

fn as_of(decision: Decision, basis: Basis) -> Override {
    let withdrawn = decision.withdrawn.map(|(from, _)| from).filter(|from| *from <= basis.date);
    Override {
        place: Place::Ledger(decision.id),
        scheme: decision.scheme,
        key: decision.shown,
        hash: Some(decision.key),
        tier: decision.tier,
        who: decision.who,
        why: decision.reason,
        from: Some(decision.since),
        until: Some(decision.until),
        fault: None,
        withdrawn,
    }
}

/// What the identity of a calculation takes from them.
pub fn identity(overrides: &[Override]) -> impl Iterator<Item = String> + '_ {
    overrides.iter().filter_map(|line| {
        let (Place::Ledger(number), Some(hash)) = (line.place, line.hash) else { return None };
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let days = [line.from, line.until, line.withdrawn].map(day).join(" ");
        let hash = crate::digest::hex(&hash);
        Some(
            [&number.to_string(), &line.scheme, &hash, &line.tier, &line.who, &line.why, &days]
                .map(String::as_str)
                .join("\u{1f}"),
        )
    })
}
