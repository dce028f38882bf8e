//! What was derived from the records taken together, as tables. They are made while the records are where the derived
//! figures borrow them, and kept.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use polars::prelude::DataFrame;

use crate::{
    derive::{
        CustomerId, Derived, Directory,
        bridge::{Bridge, Item, Steps, bridge},
        changes::Change,
        limits::{Standing, Subject},
    },
    identifier::name::looks_personal,
    job::Unit,
    pack::Dataset,
    report::catalog::{self, BRIDGE_AMOUNTS, BRIDGE_COUNTS, CHANGES, CIRCLES, EXPOSURES, GROUPS, LIMITS, Values, View},
    table::Table,
    text::{Lang, Mask, Text},
};

/// The tables made here.
pub const VIEWS: [&View; 7] = [&EXPOSURES, &GROUPS, &CIRCLES, &LIMITS, &CHANGES, &BRIDGE_COUNTS, &BRIDGE_AMOUNTS];

/// The tables of what was derived, by name. Persons' names are masked.
#[derive(Debug, Default)]
pub struct DerivedTables {
    frames: BTreeMap<&'static str, DataFrame>,
}

impl DerivedTables {
    /// A table; without rows if nothing was derived.
    pub fn get(&self, view: &View) -> DataFrame {
        self.frames.get(view.name).cloned().unwrap_or_else(|| view.empty())
    }
}

fn nothing(kind: catalog::Kind) -> Values {
    match kind {
        catalog::Kind::Text => Values::Text(Vec::new()),
        catalog::Kind::Count => Values::Count(Vec::new()),
        catalog::Kind::Flag => Values::Flag(Vec::new()),
        catalog::Kind::Wan | catalog::Kind::Yuan | catalog::Kind::Percent | catalog::Kind::Amount => {
            Values::Fixed(Vec::new())
        }
    }
}

/// What tables are made from.
pub struct Records<'a> {
    /// Datasets of the pack.
    pub datasets: &'a [Dataset],
    /// Tables and units of this period.
    pub now: (&'a [Table], &'a [Unit]),
    /// Tables and units of the prior period.
    pub prior: Option<(&'a [Table], &'a [Unit])>,
}

/// Makes the tables that `wants` asks for.
///
/// # Errors
/// If one cannot be made: a fault of this program.
pub fn derive_tables(
    derived: Option<&Derived<'_>>,
    records: &Records<'_>,
    wants: &dyn Fn(&str) -> bool,
    lang: Lang,
) -> Result<DerivedTables> {
    let mut tables = DerivedTables::default();
    let Some(derived) = derived else { return Ok(tables) };
    for view in VIEWS.into_iter().filter(|view| wants(view.name)) {
        let values = match view.name {
            "exposures" => exposures(derived),
            "connected_groups" => groups(derived, lang),
            "guarantee_circles" => circles(derived),
            "limits" => limits(derived, lang),
            "changes" => changes(derived, lang),
            "bridge_counts" => count_bridges(derived, records)?,
            _ => amount_bridges(derived, records),
        };
        tables.frames.insert(view.name, view.frame(values).with_context(|| view.name)?);
    }
    Ok(tables)
}

fn shown_name(directory: &Directory<'_>, id: CustomerId) -> Option<String> {
    let name = directory.name(id)?;
    Some(if looks_personal(name) { Mask::Name.apply(name) } else { Mask::None.apply(name) })
}

fn shown_code(directory: &Directory<'_>, id: CustomerId) -> String {
    Mask::None.apply(directory.code(id))
}

fn number(index: usize) -> Option<i64> {
    i64::try_from(index).ok()
}

fn exposures(derived: &Derived<'_>) -> Vec<Values> {
    let (directory, owed) = (&derived.directory, &derived.exposures);
    let ids: Vec<_> = directory.ids().collect();
    let fixed = |of: &dyn Fn(CustomerId) -> i128| Values::Fixed(ids.iter().map(|id| Some(of(*id))).collect());
    vec![
        Values::Text(ids.iter().map(|id| Some(shown_code(directory, *id))).collect()),
        Values::Text(ids.iter().map(|id| shown_name(directory, *id)).collect()),
        fixed(&|id| owed.get(id).balance_fen),
        fixed(&|id| owed.get(id).non_performing_fen),
        fixed(&|id| owed.get(id).credit_line_fen),
        Values::Count(ids.iter().map(|id| Some(owed.get(*id).loans.into())).collect()),
        Values::Flag(ids.iter().map(|id| Some(owed.get(*id).in_default)).collect()),
        Values::Count(ids.iter().map(|id| number(derived.groups.group_of(*id)? + 1)).collect()),
    ]
}

fn groups(derived: &Derived<'_>, lang: Lang) -> Vec<Values> {
    let groups = derived.groups.groups.iter().enumerate();
    let rows: Vec<_> =
        groups.flat_map(|(at, group)| group.members.iter().map(move |id| (at, group.members.len(), *id))).collect();
    let between = if lang == Lang::Zh { "；" } else { "; " };
    let path = |id: CustomerId| {
        let steps = derived.groups.path(id);
        let words: Vec<_> = steps.iter().map(|step| step.words().get(lang).to_owned()).collect();
        Some(words.join(between))
    };
    vec![
        Values::Count(rows.iter().map(|(at, ..)| number(at + 1)).collect()),
        Values::Count(rows.iter().map(|(_, members, _)| number(*members)).collect()),
        Values::Text(rows.iter().map(|(.., id)| Some(shown_code(&derived.directory, *id))).collect()),
        Values::Text(rows.iter().map(|(.., id)| shown_name(&derived.directory, *id)).collect()),
        Values::Fixed(rows.iter().map(|(.., id)| Some(derived.exposures.get(*id).balance_fen)).collect()),
        Values::Text(rows.iter().map(|(.., id)| path(*id)).collect()),
    ]
}

fn circles(derived: &Derived<'_>) -> Vec<Values> {
    let circles = derived.circles.circles.iter().enumerate();
    let rows: Vec<_> =
        circles.flat_map(|(at, circle)| circle.members.iter().map(move |id| (at, circle.members.len(), *id))).collect();
    vec![
        Values::Count(rows.iter().map(|(at, ..)| number(at + 1)).collect()),
        Values::Count(rows.iter().map(|(_, members, _)| number(*members)).collect()),
        Values::Text(rows.iter().map(|(.., id)| Some(shown_code(&derived.directory, *id))).collect()),
        Values::Text(rows.iter().map(|(.., id)| shown_name(&derived.directory, *id)).collect()),
        Values::Fixed(rows.iter().map(|(.., id)| Some(derived.exposures.get(*id).balance_fen)).collect()),
        Values::Flag(rows.iter().map(|(.., id)| Some(derived.exposures.get(*id).in_default)).collect()),
    ]
}

fn limits(derived: &Derived<'_>, lang: Lang) -> Vec<Values> {
    let measured = derived.measured.iter().flatten();
    let rows: Vec<_> =
        measured.flat_map(|measured| measured.positions.iter().map(move |position| (measured, position))).collect();
    let subject = |subject: Subject| match subject {
        Subject::Customer(id) => {
            shown_name(&derived.directory, id).or_else(|| Some(shown_code(&derived.directory, id)))
        }
        Subject::Group(group) => Some(match lang {
            Lang::Zh => format!("集团{}", group + 1),
            Lang::En => format!("group {}", group + 1),
        }),
        Subject::TopTen => Some(Text::new("最大十家", "top ten").get(lang).to_owned()),
    };
    let standing = |standing: Standing| {
        let text = match standing {
            Standing::Within => Text::new("正常", "within"),
            Standing::Warning => Text::new("预警", "warning"),
            Standing::Above => Text::new("超过", "above"),
        };
        Some(text.get(lang).to_owned())
    };
    vec![
        Values::Text(rows.iter().map(|(measured, _)| Some(measured.ratio.param.to_owned())).collect()),
        Values::Text(rows.iter().map(|(_, position)| subject(position.subject)).collect()),
        Values::Fixed(rows.iter().map(|(_, position)| Some(position.amount_fen)).collect()),
        Values::Fixed(rows.iter().map(|(_, position)| Some(position.ratio_ppm)).collect()),
        Values::Fixed(rows.iter().map(|(_, position)| Some(position.headroom_fen)).collect()),
        Values::Text(rows.iter().map(|(_, position)| standing(position.standing)).collect()),
    ]
}

fn changes(derived: &Derived<'_>, lang: Lang) -> Vec<Values> {
    let Some(comparison) = &derived.comparison else {
        return CHANGES.columns.iter().map(|(_, kind)| nothing(*kind)).collect();
    };
    let rows: Vec<_> = comparison
        .changes
        .iter()
        .map(|change| {
            let (kind, prior, now) = match *change {
                Change::New { customer } => (Text::new("新增", "new"), None, Some(customer)),
                Change::Gone { prior } => (Text::new("减少", "gone"), Some(prior), None),
                Change::Renamed { prior, customer, .. } => (Text::new("更名", "renamed"), Some(prior), Some(customer)),
                Change::Renumbered { prior, customer } => {
                    (Text::new("换代码", "renumbered"), Some(prior), Some(customer))
                }
                Change::BalanceJump { prior, customer, .. } => {
                    (Text::new("余额突变", "balance jump"), Some(prior), Some(customer))
                }
            };
            let before = prior.map(|id| comparison.exposures.get(id).balance_fen);
            let after = now.map(|id| derived.exposures.get(id).balance_fen);
            (kind, prior, now, before, after)
        })
        .collect();
    let (before, now) = (&comparison.directory, &derived.directory);
    vec![
        Values::Text(rows.iter().map(|row| Some(row.0.get(lang).to_owned())).collect()),
        Values::Text(rows.iter().map(|row| Some(shown_code(before, row.1?))).collect()),
        Values::Text(rows.iter().map(|row| shown_name(before, row.1?)).collect()),
        Values::Text(rows.iter().map(|row| Some(shown_code(now, row.2?))).collect()),
        Values::Text(rows.iter().map(|row| shown_name(now, row.2?)).collect()),
        Values::Fixed(rows.iter().map(|row| row.3).collect()),
        Values::Fixed(rows.iter().map(|row| row.4).collect()),
        Values::Fixed(rows.iter().map(|row| Some(row.4.unwrap_or_default() - row.3.unwrap_or_default())).collect()),
    ]
}

/// Bridges as the columns of both bridge tables; `figure` makes the values of a step.
fn bridge_columns(
    bridges: &[(&str, &Bridge<'_>)],
    records: &Records<'_>,
    figure: &dyn Fn(Vec<i128>) -> Values,
) -> Vec<Values> {
    let rows: Vec<(&str, &str, &Steps)> = bridges
        .iter()
        .flat_map(|(measure, bridge)| bridge.units.iter().map(move |(unit, steps)| (*measure, *unit, steps)))
        .collect();
    let name = |code: &str| {
        let units = records.now.1.iter().chain(records.prior.into_iter().flat_map(|(_, units)| units));
        units.into_iter().find(|unit| unit.code == code).map(|unit| unit.name.clone())
    };
    let step = |of: fn(&Steps) -> i128| figure(rows.iter().map(|(.., steps)| of(steps)).collect());
    vec![
        Values::Text(rows.iter().map(|row| Some(row.0.to_owned())).collect()),
        Values::Text(rows.iter().map(|row| Some(row.1.to_owned())).collect()),
        Values::Text(rows.iter().map(|row| name(row.1)).collect()),
        step(|steps| steps.opening),
        step(|steps| steps.new),
        step(|steps| steps.gone),
        step(|steps| steps.moved_in),
        step(|steps| steps.moved_out),
        step(|steps| steps.changed),
        step(|steps| steps.closing),
    ]
}

/// The records of a dataset as counts by loan note.
fn notes<'a>(datasets: &[Dataset], dataset: &str, (tables, units): (&'a [Table], &'a [Unit])) -> Result<Vec<Item<'a>>> {
    let at = datasets.iter().position(|known| known.id == dataset);
    let Some(table) = at.and_then(|at| tables.get(at)) else { return Ok(Vec::new()) };
    let keys = table.frame.column("loan_no")?.str()?;
    let mut items = Vec::with_capacity(table.height());
    let mut keys = keys.iter();
    for segment in &table.segments {
        let unit = units.get(segment.unit).map_or("", |unit| unit.code.as_str());
        items.extend(segment.records.clone().map(|_| Item { key: keys.next().flatten(), unit, value: 1 }));
    }
    Ok(items)
}

fn count_bridges(derived: &Derived<'_>, records: &Records<'_>) -> Result<Vec<Values>> {
    let counts = |values: Vec<i128>| Values::Count(values.into_iter().map(|value| i64::try_from(value).ok()).collect());
    let (Some(comparison), Some(prior)) = (&derived.comparison, records.prior) else {
        return Ok(bridge_columns(&[], records, &counts));
    };
    let defaults = |dataset: &str| -> Result<Bridge<'_>> {
        Ok(bridge(&notes(records.datasets, dataset, prior)?, &notes(records.datasets, dataset, records.now)?))
    };
    let corporate = defaults("retail_defaults_corporate")?;
    let personal = defaults("retail_defaults_personal")?;
    let bridges = [
        ("customers", &comparison.customers),
        ("loans", &comparison.loans),
        ("corporate", &corporate),
        ("personal", &personal),
    ];
    Ok(bridge_columns(&bridges, records, &counts))
}

fn amount_bridges(derived: &Derived<'_>, records: &Records<'_>) -> Vec<Values> {
    let amounts = |values: Vec<i128>| Values::Fixed(values.into_iter().map(Some).collect());
    match &derived.comparison {
        Some(comparison) => bridge_columns(&[("balance", &comparison.balances)], records, &amounts),
        None => bridge_columns(&[], records, &amounts),
    }
}
