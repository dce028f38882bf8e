//! Which record and which findings a line of the list is about, and whether we had found it too.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

use super::{Column, Known, Line, Mapping, Outcome, Place, Tied};
use crate::{
    digest::short,
    identifier::name::name_key,
    ingest::Heading,
    job::{Period, Unit},
    message::Cells,
    pack::{Dataset, RulePack},
    table::Table,
    text::Text,
};

/// The fields by which records name their customer.
const CUSTOMER: &str = "customer_code";
const NAME: &str = "customer_name";

/// Signs that stand between the parts of a key.
const BETWEEN: [char; 6] = ['/', '|', '+', ',', '，', '\u{1f}'];

/// What lines are tied to.
pub struct Ties<'a> {
    pack: &'a RulePack,
    units: &'a [Unit],
    period: Period,
    mapping: &'a Mapping,
    known: &'a [Known],
    cells: Vec<Cells<'a>>,
    /// Records by dataset and key.
    by_key: HashMap<(usize, String), Vec<u32>>,
    /// Records by dataset and code, or name, of the customer.
    by_customer: HashMap<(usize, String), Vec<u32>>,
    by_name: HashMap<(usize, String), Vec<u32>>,
}

/// Why a line fits nothing, or where it fits.
type Found = Result<(usize, u32), Text>;

impl<'a> Ties<'a> {
    /// Prepares what is needed to tie lines to these tables.
    ///
    /// # Errors
    /// If a table does not have the columns of its dataset.
    pub fn new(
        pack: &'a RulePack,
        (units, tables): (&'a [Unit], &'a [Table]),
        period: Period,
        mapping: &'a Mapping,
        known: &'a [Known],
    ) -> Result<Self> {
        let cells: Vec<_> = pack
            .datasets
            .iter()
            .zip(tables)
            .map(|(dataset, table)| Cells::new(dataset, table))
            .collect::<Result<_>>()?;
        let mut ties = Self {
            pack,
            units,
            period,
            mapping,
            known,
            cells,
            by_key: HashMap::new(),
            by_customer: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (index, cells) in ties.cells.iter().enumerate().filter(|(_, cells)| !cells.dataset.roster) {
            let (customer, name) = (cells.dataset.field_index(CUSTOMER), cells.dataset.field_index(NAME));
            for record in 0..u32::try_from(cells.table.height())? {
                let text = |field: Option<u16>| field.and_then(|field| cells.value(record, field).text());
                let identity = cells.key_identity(record);
                if !identity.is_empty() {
                    ties.by_key.entry((index, identity.to_uppercase())).or_default().push(record);
                }
                if let Some(code) = text(customer) {
                    ties.by_customer.entry((index, code.to_uppercase())).or_default().push(record);
                }
                if let Some(name) = text(name) {
                    ties.by_name.entry((index, name_key(&name))).or_default().push(record);
                }
            }
        }
        Ok(ties)
    }

    /// The cells of a dataset.
    pub fn cells(&self, dataset: usize) -> Option<&Cells<'a>> {
        self.cells.get(dataset)
    }

    /// Ties a line.
    pub fn tie(&self, line: &Line) -> Tied {
        let unmatched = |reason| Tied { place: None, outcome: Outcome::Unmatched, reason };
        if let Some(reason) = self.other_period(line.text(Column::Period)) {
            return unmatched(reason);
        }
        let unit = match self.unit(line) {
            Ok(unit) => unit,
            Err(reason) => return unmatched(reason),
        };
        let datasets = self.datasets(line.text(Column::Dataset));
        let named =
            [Column::Record, Column::Customer, Column::Name].iter().any(|column| !line.text(*column).is_empty());
        if !named {
            let Some(unit) = unit else {
                return unmatched(Text::new(
                    "没有写明记录、客户或社部，无法对应",
                    "names neither record nor customer nor unit",
                ));
            };
            let dataset = datasets.as_slice().first().copied().filter(|_| datasets.len() == 1);
            return self.judged(line, Place { unit, dataset, record: None, field: None });
        }
        match self.record(line, &datasets, unit) {
            Err(reason) => unmatched(reason),
            Ok((dataset, record)) => {
                let field = self.field(dataset, line.text(Column::Field));
                let unit = self.unit_of(dataset, record);
                self.judged(line, Place { unit, dataset: Some(dataset), record: Some(record), field })
            }
        }
    }

    /// That a line speaks of another period; a blank cell does not.
    fn other_period(&self, text: &str) -> Option<Text> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let own = self.period.data_date().format("%Y%m%d").to_string();
        let own_period = self.period.to_string();
        let same = text == own_period || digits.len() >= 6 && own.starts_with(digits.get(..6)?);
        (!digits.is_empty() && !same).then(|| {
            Text::new(format!("报告期“{text}”不是 {own_period}"), format!("its period {text} is not {own_period}"))
        })
    }

    /// The unit a line names; none if it names none, or the institution itself.
    fn unit(&self, line: &Line) -> Result<Option<usize>, Text> {
        let (code, name) = (line.text(Column::Unit), line.text(Column::UnitName));
        let is = |unit: &Unit| {
            let same =
                |text: &str| unit.code == text || (!unit.name.is_empty() && name_key(&unit.name) == name_key(text));
            if code.is_empty() { same(name) } else { same(code) }
        };
        if code.is_empty() && name.is_empty() {
            return Ok(None);
        }
        match self.units.iter().position(is) {
            Some(unit) if self.units.get(unit).is_some_and(|unit| unit.institution) => Ok(None),
            Some(unit) => Ok(Some(unit)),
            None => {
                let text = if code.is_empty() { name } else { code };
                Err(Text::new(format!("名册中没有社部“{text}”"), format!("the roster has no unit {text}")))
            }
        }
    }

    /// The datasets a line may be about: the one it names, or all.
    fn datasets(&self, text: &str) -> Vec<usize> {
        let wanted = Heading::parse(text).whole;
        let all = || self.pack.datasets.iter().enumerate().filter(|(_, dataset)| !dataset.roster);
        let names = |dataset: &Dataset| {
            let titles = [dataset.id.as_str(), &dataset.title.zh, &dataset.title.en];
            let mut names = titles.into_iter().chain(dataset.sheets.iter().map(String::as_str));
            names.any(|name| Heading::parse(name).whole == wanted)
        };
        let fitting: Vec<_> = all().filter(|(_, dataset)| names(dataset)).map(|(index, _)| index).collect();
        if wanted.is_empty() || fitting.is_empty() { all().map(|(index, _)| index).collect() } else { fitting }
    }

    /// The field a line names, in a dataset.
    fn field(&self, dataset: usize, text: &str) -> Option<u16> {
        if text.is_empty() {
            return None;
        }
        let wanted = Heading::parse(text);
        let dataset = self.pack.datasets.get(dataset)?;
        let at = dataset.fields.iter().position(|field| {
            let mut names = field.headings.iter().map(String::as_str).chain([field.id.as_str(), &field.title_en]);
            names.any(|name| {
                let name = Heading::parse(name);
                name.whole == wanted.whole || name.base == wanted.base
            })
        });
        at.and_then(|index| u16::try_from(index).ok())
    }

    fn unit_of(&self, dataset: usize, record: u32) -> usize {
        self.cells.get(dataset).map_or(0, |cells| cells.table.segment(record).unit)
    }

    /// The record a line names: by its key, else by its customer.
    fn record(&self, line: &Line, datasets: &[usize], unit: Option<usize>) -> Found {
        let (record, customer, name) =
            (line.text(Column::Record), line.text(Column::Customer), line.text(Column::Name));
        let mut hits: Vec<(usize, u32)> = Vec::new();
        for dataset in datasets {
            hits.extend(self.with_key(*dataset, record, customer).map(|record| (*dataset, record)));
        }
        if hits.is_empty() {
            // Customers first: a line that names no record is about the customer.
            let of = |map: &HashMap<(usize, String), Vec<u32>>, text: String, single: bool| {
                let found = datasets.iter().filter(|dataset| self.keyed_by_customer(**dataset) == single);
                let found = found.flat_map(|dataset| {
                    let records = map.get(&(*dataset, text.clone())).into_iter().flatten();
                    records.map(|record| (*dataset, *record))
                });
                found.collect::<Vec<_>>()
            };
            for single in [true, false] {
                if hits.is_empty() && !customer.is_empty() {
                    hits = of(&self.by_customer, customer.to_uppercase(), single);
                }
            }
            for single in [true, false] {
                if hits.is_empty() && customer.is_empty() && !name.is_empty() {
                    hits = of(&self.by_name, name_key(name), single);
                }
            }
        }
        if hits.is_empty() {
            return Err(nothing_found(if record.is_empty() { customer } else { record }));
        }
        self.only_one(hits, line, unit)
    }

    /// Whether a dataset has one record for each customer.
    fn keyed_by_customer(&self, dataset: usize) -> bool {
        self.pack.datasets.get(dataset).is_some_and(|dataset| {
            dataset.key.as_slice() == dataset.field_index(CUSTOMER).as_slice() && !dataset.key.is_empty()
        })
    }

    /// Records with this key; of keys of several fields the parts may be given in one, or the customer apart.
    fn with_key(&self, dataset: usize, text: &str, customer: &str) -> impl Iterator<Item = u32> {
        let parts = self.pack.datasets.get(dataset).map_or(0, |dataset| dataset.key.len());
        let split: Vec<_> = text.split(BETWEEN).map(str::trim).collect();
        let mut identities = BTreeSet::from([text.to_uppercase()]);
        if parts > 1 && split.len() == parts {
            identities.insert(split.join("\u{1f}").to_uppercase());
        }
        if parts == 2 && !customer.is_empty() {
            identities.insert(format!("{customer}\u{1f}{text}").to_uppercase());
        }
        let asked = !text.is_empty();
        let found = identities.into_iter().filter(move |_| asked);
        let found: Vec<_> =
            found.filter_map(|identity| self.by_key.get(&(dataset, identity))).flatten().copied().collect();
        found.into_iter()
    }

    /// The one record among the hits, if the unit or the field leaves just one.
    fn only_one(&self, mut hits: Vec<(usize, u32)>, line: &Line, unit: Option<usize>) -> Found {
        let name =
            |unit: usize| self.units.get(unit).map(|unit| format!("{} {}", unit.code, unit.name)).unwrap_or_default();
        if let Some(unit) = unit {
            let others: Vec<_> = hits.iter().map(|(dataset, record)| self.unit_of(*dataset, *record)).collect();
            hits.retain(|(dataset, record)| self.unit_of(*dataset, *record) == unit);
            if let (true, Some(other)) = (hits.is_empty(), others.first()) {
                return Err(Text::new(
                    format!("记录属于 {}，清单写的是 {}", name(*other), name(unit)),
                    format!("the record is of {}, the list says {}", name(*other), name(unit)),
                ));
            }
        }
        let field = line.text(Column::Field);
        let knows = |dataset: usize| self.field(dataset, field).is_some();
        if hits.iter().any(|(dataset, _)| knows(*dataset)) {
            hits.retain(|(dataset, _)| knows(*dataset));
        }
        let identity = |dataset: usize, record: u32| self.cells.get(dataset).map(|cells| cells.key_identity(record));
        let different: BTreeSet<_> = hits
            .iter()
            .map(|(dataset, record)| (*dataset, self.unit_of(*dataset, *record), identity(*dataset, *record)))
            .collect();
        match (different.len(), hits.first()) {
            (1, Some(hit)) => Ok(*hit),
            (count, _) => Err(Text::new(
                format!("对上 {count} 条记录，清单没有写明是哪一条"),
                format!("fits {count} records, and the list does not say which"),
            )),
        }
    }

    /// Whether we had found what a line says about a place.
    fn judged(&self, line: &Line, place: Place) -> Tied {
        let unit = self.units.get(place.unit).map_or("", |unit| unit.code.as_str());
        let dataset = place.dataset.and_then(|dataset| self.pack.datasets.get(dataset));
        let key = place.record.and_then(|record| {
            let identity = self.cells.get(place.dataset?)?.key_identity(record);
            Some(short([identity]).to_vec())
        });
        let here: Vec<_> = self
            .known
            .iter()
            .enumerate()
            .filter(|(_, known)| {
                known.unit == unit && known.key == key && dataset.is_none_or(|dataset| known.dataset == dataset.id)
            })
            .collect();
        let theirs = line.text(Column::Rule);
        let same = |known: &Known| {
            self.same_rule(theirs, &known.rule)
                || match place.field {
                    Some(field) => self.marks(known, place.dataset, field),
                    None => theirs.is_empty() && line.text(Column::Field).is_empty(),
                }
        };
        let caught: Vec<_> = here.iter().filter(|(_, known)| same(known)).map(|(index, _)| *index).collect();
        let rules = |indexes: &mut dyn Iterator<Item = &Known>| {
            indexes.map(|known| known.rule.as_str()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
        };
        if caught.is_empty() {
            let near = rules(&mut here.iter().map(|(_, known)| *known));
            let mut reason = if near.is_empty() {
                Text::default()
            } else {
                Text::new(format!("同一记录另有 {near}"), format!("found on the same record: {near}"))
            };
            let field = line.text(Column::Field);
            if place.field.is_none() && !field.is_empty() {
                reason = Text::new(
                    format!("{} 不认识字段“{field}”", reason.zh).trim_start().to_owned(),
                    format!("{} the field {field} is not known", reason.en).trim_start().to_owned(),
                );
            }
            return Tied { place: Some(place), outcome: Outcome::Missed, reason };
        }
        let ours = rules(&mut caught.iter().filter_map(|index| self.known.get(*index)));
        Tied { place: Some(place), outcome: Outcome::Caught(caught), reason: Text::new(ours.clone(), ours) }
    }

    /// Whether a rule of ours is the regulator's: its source says so, or the mapping does.
    fn same_rule(&self, theirs: &str, ours: &str) -> bool {
        if theirs.is_empty() {
            return false;
        }
        let source = self.pack.rule(ours).and_then(|rule| rule.source.id.as_deref());
        source.is_some_and(|id| id.eq_ignore_ascii_case(theirs))
            || ours.eq_ignore_ascii_case(theirs)
            || self.mapping.rules(theirs).iter().any(|rule| rule == ours)
    }

    /// Whether a finding marks a field: it is listed under it, or its rule marks it too.
    fn marks(&self, known: &Known, dataset: Option<usize>, field: u16) -> bool {
        let id = dataset.and_then(|dataset| self.pack.datasets.get(dataset)?.fields.get(usize::from(field)));
        if id.is_some_and(|declared| declared.id == known.field) {
            return true;
        }
        self.pack.rule(&known.rule).is_some_and(|rule| rule.on == dataset && rule.fields.contains(&field))
    }
}

/// That nothing has this key; with the likely reason, if it looks as if Excel had damaged it.
fn nothing_found(key: &str) -> Text {
    let digits = key.chars().all(|c| c.is_ascii_digit());
    if digits && key.len() > 15 && key.ends_with('0') {
        return Text::new(
            "没有这个主键的记录；清单里的号码可能按数字保存，15 位以后丢失了",
            "no record has this key; the list may hold it as a number, which loses what follows the 15th digit",
        );
    }
    Text::new("没有这个主键或客户的记录", "no record has this key or customer")
}
