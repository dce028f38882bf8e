//! What people tell the ledger about a problem they found themselves.

use anyhow::Result;
use serde_json::json;

use super::{now, pretty};
use crate::{
    cli::{AddArgs, Common, Exit},
    digest::short,
    finding::{Severity, fingerprint},
    ledger::{Ledger, Opening, Origin},
    terminal::say,
    text::{Mask, Text},
};

/// The rule findings of people are listed under.
const RULE: &str = "MANUAL";

/// Registers a problem someone found (Article 11).
///
/// # Errors
/// If the period was not run, the unit is not known, a text is blank, or the ledger cannot be written.
pub fn add(ledger: &mut Ledger, args: &AddArgs, common: &Common) -> Result<Exit> {
    let text = |value: &Option<String>| value.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let (dataset, field, record) = (text(&args.dataset), text(&args.field), text(&args.record));
    // Keys of several fields are shown with strokes between them.
    let identity = record.replace(" / ", "\u{1f}");
    // The same said of the same record in another month is the same error again.
    let about = format!("{dataset}.{field}:{}", args.text.trim());
    let fingerprint = fingerprint(&args.unit, RULE, &identity, &about, 0);
    let hide = |text: &str| Mask::None.apply(text);
    let opening = Opening {
        fingerprint: fingerprint.clone(),
        pack: args.pack.clone(),
        period: args.period,
        unit: args.unit.clone(),
        origin: Origin::Manual,
        rule: RULE.to_owned(),
        severity: if args.warning { Severity::Warning } else { Severity::Error },
        dataset,
        field,
        key: Some(record).filter(|key| !key.is_empty()).map(|key| (hide(&key), Some(short([&identity])))),
        file: None,
        sheet: None,
        cell: None,
        value: args.value.as_deref().map(hide),
        value_hash: short([text(&args.value)]),
        message: hide(args.text.trim()),
        who: args.who.trim().to_owned(),
    };
    let status = ledger.open_finding(&opening, now())?;
    if common.json {
        say(&pretty(&json!({ "fingerprint": fingerprint, "status": status.name() }))?)?;
    } else {
        let said = Text::new(
            format!("已登记 {fingerprint}：{}", status.title(common.lang)),
            format!("registered {fingerprint}: {}", status.title(common.lang)),
        );
        say(said.get(common.lang))?;
    }
    Ok(Exit::Clear)
}
