//! A scheme's result with everything an output needs, and its lines for people: personal data masked as the fields ask.

use anyhow::{Context as _, Result};

use super::{
    assign::{Assigned, Given, OUTSIDE, UNDECIDED, assign},
    missing::{Lack, lack},
    model::Scheme,
    overrides::{OverrideState, Overrides},
    quarter::Basis,
    settle::{Before, Previous, Settled, key_hashes, settle},
    words::Words,
};
use crate::{
    job::{Job, Unit},
    message::{Cells, Value},
    pack::{Dataset, RulePack},
    table::Table,
    text::{Lang, Mask, Text},
};

/// The result of all schemes for a quarter.
pub struct Roll<'a> {
    /// What it is for.
    pub basis: Basis,
    /// The job.
    pub job: &'a Job,
    /// The pack.
    pub pack: &'a RulePack,
    /// The units.
    pub units: &'a [Unit],
    /// For each unit whether it handed in nothing, or a file that could not be read.
    pub unread: Vec<bool>,
    /// The files read: name and SHA-256; the decisions' included.
    pub files: &'a [(String, String)],
    /// The decisions of people.
    pub overrides: &'a Overrides,
    /// The schemes.
    pub tierings: Vec<Tiering<'a>>,
}

/// The result of one scheme.
pub struct Tiering<'a> {
    /// The scheme.
    pub scheme: &'a Scheme,
    /// Its dataset.
    pub dataset: &'a Dataset,
    /// The records.
    pub cells: Cells<'a>,
    /// What the data gives.
    pub assigned: Assigned,
    /// The tiers in the end, by record.
    pub settled: Vec<Settled>,
    /// For each record the hash of its key; empty if nobody asks for it.
    pub keys: Vec<Option<[u8; 10]>>,
    /// The quarter before.
    pub previous: Option<Previous>,
    /// Customers of the quarter before that are not there any more, by index.
    pub gone: Vec<usize>,
    /// What became of each decision; none for those of other schemes.
    pub states: Vec<Option<OverrideState>>,
}

/// A customer's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// Code of the unit.
    pub unit: &'a str,
    /// The key, masked.
    pub key: String,
    /// The name, masked.
    pub name: String,
    /// Who looks after it.
    pub manager: String,
    /// The tier; none if it cannot be classed.
    pub tier: Option<&'a str>,
    /// The tier its data gives.
    pub by_data: Option<&'a str>,
    /// Why, in words.
    pub reason: String,
    /// The amount, in the unit of its field.
    pub amount: Option<String>,
}

impl<'a> Tiering<'a> {
    /// Calculates a scheme. `previous` is asked for the quarter before; with `remember` the keys' hashes are made, which
    /// the ledger knows customers by.
    ///
    /// # Errors
    /// If a condition cannot be evaluated.
    pub fn new(
        scheme: &'a Scheme,
        given: Given<'a>,
        table: &'a Table,
        previous: Option<Previous>,
        overrides: &Overrides,
        (basis, alone, remember): (Basis, bool, bool),
    ) -> Result<Self> {
        let dataset = given.datasets.get(scheme.on).context("the scheme's dataset")?;
        let cells = Cells::new(dataset, table)?;
        let assigned = assign(scheme, given, table)?;
        let keys = if remember || previous.is_some() { key_hashes(&dataset.id, &assigned) } else { Vec::new() };
        let (decided, states) = overrides.apply(scheme, alone, (&assigned, &keys), basis.date);
        let settled = settle(scheme, &assigned, previous.as_ref(), &keys, &decided, basis);
        let gone = previous.as_ref().map(|previous| gone(previous, &keys, &settled)).unwrap_or_default();
        Ok(Self { scheme, dataset, cells, assigned, settled, keys, previous, gone, states })
    }

    /// The records the scheme classes, by tier and then in their order; those that cannot be classed come last.
    pub fn members(&self) -> Vec<u32> {
        let mut members: Vec<u32> = (0_u32..)
            .zip(&self.settled)
            .filter(|(_, settled)| settled.tier != OUTSIDE)
            .map(|(record, _)| record)
            .collect();
        members.sort_by_key(|record| self.settled.get(*record as usize).map_or(OUTSIDE, |settled| settled.tier));
        members
    }

    /// The records that cannot be classed.
    pub fn unclassed(&self) -> impl Iterator<Item = u32> + '_ {
        (0_u32..).zip(&self.settled).filter(|(_, settled)| settled.tier == UNDECIDED).map(|(record, _)| record)
    }

    /// How many records the scheme classes or would.
    pub fn count(&self) -> usize {
        self.settled.iter().filter(|settled| settled.tier != OUTSIDE).count()
    }

    /// Why a record cannot be classed.
    pub fn lack(&self, record: u32) -> Lack {
        lack(&self.assigned, &self.cells, record)
    }

    /// What the quarter before knows of a record.
    pub fn before(&self, record: u32) -> Option<&Before> {
        self.previous.as_ref()?.of(self.keys.get(record as usize)?.as_ref()?)
    }

    /// Name of a tier; none for a record without.
    pub fn tier_id(&self, tier: u8) -> Option<&'a str> {
        self.scheme.tier(tier).map(|tier| tier.id.as_str())
    }

    /// The amount of a record: digits and how many are decimals.
    pub fn amount(&self, record: u32) -> Option<(i128, usize)> {
        match self.cells.value(record, self.scheme.amount?) {
            Value::Number { mantissa, scale } => Some((mantissa, scale)),
            _ => None,
        }
    }

    /// Decimal places of the amounts.
    pub fn amount_scale(&self) -> usize {
        let field = self.scheme.amount.and_then(|field| self.dataset.fields.get(usize::from(field)));
        field.map_or(0, |field| usize::from(field.scale))
    }

    /// A value as it may be shown.
    pub fn masked(&self, record: u32, field: u16) -> String {
        let mask = self.dataset.fields.get(usize::from(field)).map_or(Mask::None, |field| field.mask);
        self.cells.value(record, field).text().map(|text| mask.apply(&text)).unwrap_or_default()
    }

    /// The key as it may be shown.
    pub fn key_text(&self, record: u32) -> String {
        self.scheme.key.iter().map(|field| self.masked(record, *field)).collect::<Vec<_>>().join("/")
    }

    /// The line of a record.
    pub fn member(&self, record: u32, roll: &Roll<'a>, words: &Words<'_, 'a>) -> Option<Member<'a>> {
        let settled = self.settled.get(record as usize)?;
        let unit = roll.units.get(self.cells.table.segment(record).unit);
        let text = |field: Option<u16>| field.map(|field| self.masked(record, field)).unwrap_or_default();
        Some(Member {
            unit: unit.map_or("", |unit| unit.code.as_str()),
            key: self.key_text(record),
            name: text(self.scheme.name),
            manager: text(self.scheme.manager),
            tier: self.tier_id(settled.tier),
            by_data: self.tier_id(settled.by_data),
            reason: words.reason(record),
            amount: self.amount(record).map(|(value, scale)| crate::message::decimal_text(value, scale)),
        })
    }
}

fn gone(previous: &Previous, keys: &[Option<[u8; 10]>], settled: &[Settled]) -> Vec<usize> {
    let inside = keys.iter().zip(settled).filter(|(_, settled)| settled.tier != OUTSIDE).filter_map(|(key, _)| *key);
    let here: std::collections::HashSet<[u8; 10]> = inside.collect();
    previous.rows.iter().enumerate().filter(|(_, row)| !here.contains(&row.key)).map(|(index, _)| index).collect()
}

impl Roll<'_> {
    /// What the result is called: the quarter, and the day of the data of a forecast.
    pub fn title(&self) -> Text {
        let Basis { quarter, date } = self.basis;
        if self.basis.forecast() {
            return Text::new(
                format!("{quarter}（试算，数据截至 {date}）"),
                format!("{quarter} (forecast, data of {date})"),
            );
        }
        Text::new(quarter.to_string(), quarter.to_string())
    }

    /// Whether a unit handed in nothing, or a file that could not be read: its customers are not gone by that.
    pub fn unread(&self, unit: &str) -> bool {
        self.units.iter().zip(&self.unread).any(|(own, unread)| own.code == unit && *unread)
    }

    /// How many decisions have ended since the quarter began, by their last day or because they were withdrawn.
    pub fn ended(&self) -> usize {
        let ended = |state: &&OverrideState| matches!(state, OverrideState::Expired | OverrideState::Withdrawn);
        self.tierings.iter().flat_map(|tiering| tiering.states.iter().flatten()).filter(ended).count()
    }

    /// Whether someone has to look at it: a customer that cannot be classed, or a decision that does not hold.
    pub fn open(&self) -> bool {
        let wrong = |state: &OverrideState| matches!(state, OverrideState::Wrong(_) | OverrideState::Unknown);
        self.overrides.astray(&self.pack.tiers).next().is_some()
            || self
                .tierings
                .iter()
                .any(|tiering| tiering.unclassed().next().is_some() || tiering.states.iter().flatten().any(wrong))
    }

    /// The words of a scheme's reasons.
    pub fn words<'t>(&'t self, tiering: &'t Tiering<'t>, lang: Lang) -> Words<'t, 't> {
        Words::new(tiering, self.pack, self.overrides, lang)
    }
}
