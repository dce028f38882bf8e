//! What is due as events for a calendar: one for each person, day and duty, with the customers it is about.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{due::State, evaluate::Agenda, model::Cadence};
use crate::{
    job::icalendar::Event,
    text::{Lang, Text},
};

/// Most customers an event names; what is beyond is counted.
const MOST_NAMED: usize = 50;

/// The events. `who` gives owner and customer of an item by its index, as they may be shown; `pack` makes the identities unique.
pub fn reminders(
    agenda: &Agenda,
    cadences: &[Cadence],
    pack: &str,
    lang: Lang,
    who: impl Fn(usize) -> (String, String),
) -> Vec<Event> {
    let mut groups: BTreeMap<(NaiveDate, String, usize, bool), Vec<String>> = BTreeMap::new();
    for (index, item) in agenda.items.iter().enumerate() {
        let overdue = item.finding.state == State::Overdue;
        if !overdue && item.finding.state != State::Soon {
            continue;
        }
        let Some(due) = item.finding.due else { continue };
        // What is overdue is to be done today.
        let day = if overdue { agenda.today } else { due };
        let (owner, customer) = who(index);
        groups.entry((day, owner, item.cadence, overdue)).or_default().push(customer);
    }
    let one = |((day, owner, index, overdue), mut customers): ((NaiveDate, String, usize, bool), Vec<String>)| {
        let cadence = cadences.get(index)?;
        customers.sort();
        let count = customers.len();
        let state = if overdue { Text::new("（已逾期）", " (overdue)") } else { Text::default() };
        let title = cadence.title.get(lang);
        let summary = match lang {
            Lang::Zh => format!("{owner} {title} {count}户{}", state.zh),
            Lang::En => format!("{owner} {title}: {count}{}", state.en),
        };
        let more = count.saturating_sub(MOST_NAMED);
        let mut description = customers.into_iter().take(MOST_NAMED).collect::<Vec<_>>().join("\n");
        if more > 0 {
            let text = Text::new(format!("\n另有{more}户"), format!("\nand {more} more"));
            description.push_str(text.get(lang));
        }
        let kind = if overdue { "overdue" } else { "due" };
        let owner = crate::digest::hex(owner.as_bytes());
        Some(Event {
            uid: format!("{day}-{kind}-{}-{owner}@{pack}.baosong", cadence.id),
            stamp: agenda.today,
            day,
            due: None,
            summary: summary.trim().to_owned(),
            description,
            reminders: Vec::new(),
        })
    };
    groups.into_iter().filter_map(one).collect()
}
