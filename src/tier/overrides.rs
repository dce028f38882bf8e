//! Tiers decided by people: who, why and until when, from the ledger, or from a csv or workbook the job names.
//!
//! What the ledger has was checked when it was recorded. A line of the file that is not complete decides nothing and is listed with what is wrong; a file that cannot be read stops the
//! calculation, because without it the tiers would be others.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use chrono::NaiveDate;

use super::{assign::Assigned, model::Scheme};
use crate::{
    ingest::{self, Options, Source},
    message::{Cells, Value},
    pack::{Dataset, Field, FieldKind, RulePack},
    problem::Problems,
    text::{Mask, Text},
};

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Where it stands.
    pub place: Place,
    /// Name of the scheme; empty if the pack has one only.
    pub scheme: String,
    /// The customer's key, parts joined by `/`; masked if the ledger has it.
    pub key: String,
    /// Hash of the key in full, if the ledger has it.
    pub hash: Option<[u8; 10]>,
    /// Name of the tier.
    pub tier: String,
    /// Who decided.
    pub who: String,
    /// Why.
    pub why: String,
    /// First day it holds; blank: always.
    pub from: Option<NaiveDate>,
    /// Last day it holds.
    pub until: Option<NaiveDate>,
    /// What is wrong with the line itself.
    pub fault: Option<Text>,
    /// From which day on it was withdrawn.
    pub withdrawn: Option<NaiveDate>,
}

/// Where a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the file: the row as Excel shows it.
    Row(u32),
    /// In the ledger: its number.
    Ledger(i64),
}

impl Place {
    /// How it is named to people.
    pub fn text(self) -> Text {
        match self {
            Place::Row(row) => Text::new(format!("第 {row} 行"), format!("row {row}")),
            Place::Ledger(number) => Text::new(format!("台账第 {number} 号"), format!("no. {number} of the ledger")),
        }
    }
}

/// What became of a decision in one calculation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverrideState {
    /// It decides.
    Applied,
    /// Its last day is over.
    Expired,
    /// It was withdrawn.
    Withdrawn,
    /// Its first day is yet to come.
    Later,
    /// There is no such customer.
    Unknown,
    /// The line is not complete or wrong.
    Wrong(Text),
}

/// The records someone decided on: index of the decision, and of its tier.
pub type Decided = BTreeMap<u32, (u32, u8)>;

/// The decisions of a file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// How the file is named to people.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// The lines.
    pub list: Vec<Override>,
}

const COLUMNS: [(&str, &[&str], FieldKind); 7] = [
    ("scheme", &["分级方案", "方案", "scheme"], FieldKind::Text),
    ("key", &["客户编号", "客户代码", "主键", "key"], FieldKind::Identifier),
    ("tier", &["级别", "调整为", "客户级别", "tier"], FieldKind::Text),
    ("who", &["批准人", "经办人", "who"], FieldKind::Name),
    ("why", &["理由", "原因", "why"], FieldKind::Text),
    ("from", &["生效日期", "from"], FieldKind::Date),
    ("until", &["有效期至", "失效日期", "until"], FieldKind::Date),
];

fn dataset() -> Dataset {
    let field = |(id, headings, kind): &(&str, &[&str], FieldKind)| Field {
        id: (*id).to_owned(),
        headings: headings.iter().map(|&heading| heading.to_owned()).collect(),
        title_en: (*id).to_owned(),
        kind: *kind,
        required: (!["scheme", "from"].contains(id)).then_some(crate::finding::Severity::Error),
        max_length: None,
        codes: None,
        unit: None,
        scale: 0,
        width: None,
        mask: Mask::None,
        source: None,
    };
    Dataset {
        id: "overrides".to_owned(),
        prefix: "OVR".to_owned(),
        title: Text::new("人工调整", "Overrides"),
        sheets: vec!["人工调整".to_owned()],
        required: false,
        roster: false,
        fields: COLUMNS.iter().map(field).collect(),
        key: vec![1],
    }
}

/// Reads the decisions of a file.
///
/// # Errors
/// If the file cannot be read or has other headings.
pub fn read_overrides(path: &Path) -> Result<Overrides, Problems> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let pack = RulePack { datasets: vec![dataset()], ..RulePack::default() };
    let source = Source { path: path.to_owned(), name: name.clone(), unit: 0 };
    let intake = ingest::read_files(&[source], &pack, &Options::default(), &|_| {});
    let mut problems = Problems::default();
    let (Some(file), Some(table), Some(dataset)) = (intake.files.first(), intake.tables.first(), pack.datasets.first())
    else {
        return Ok(Overrides::default());
    };
    if let Some(unreadable) = &file.unreadable {
        let (zh, en) = (&unreadable.message.zh, &unreadable.message.en);
        let headings: Vec<_> = COLUMNS.iter().filter_map(|(_, headings, _)| headings.first().copied()).collect();
        let headings = headings.join("，");
        let message = Text::new(format!("人工调整文件 {name}：{zh}"), format!("the overrides {name}: {en}"));
        let help = Text::new(format!("表头：{headings}"), format!("headings: {headings}"));
        problems.add(message, Some(help));
        return Err(problems);
    }
    let cells = match Cells::new(dataset, table) {
        Ok(cells) => cells,
        Err(error) => {
            problems
                .add(Text::new(format!("人工调整文件 {name} 读不出"), format!("the overrides {name}: {error}")), None);
            return Err(problems);
        }
    };
    let list = (0..u32::try_from(table.height()).unwrap_or(u32::MAX)).map(|record| line(&cells, record)).collect();
    Ok(Overrides { name, sha256: file.sha256.clone(), list })
}

fn line(cells: &Cells<'_>, record: u32) -> Override {
    let text = |field: u16| cells.value(record, field).text().unwrap_or_default().trim().to_owned();
    let date = |field: u16| match cells.value(record, field) {
        Value::Date(date) => Some(date),
        _ => None,
    };
    let missing: Vec<&str> = COLUMNS
        .iter()
        .zip(0_u16..)
        .filter(|((id, ..), field)| !["scheme", "from"].contains(id) && cells.value(record, *field) == Value::Blank)
        .filter_map(|((_, headings, _), _)| headings.first().copied())
        .collect();
    let missing = missing.join("、");
    let bad_from = cells.value(record, 5) == Value::Blank
        && cells.submitted(record, 5).is_some_and(|text| !text.trim().is_empty());
    let fault = if !missing.is_empty() {
        Some(Text::new(format!("缺少或读不出：{missing}"), format!("blank or unreadable: {missing}")))
    } else if bad_from {
        Some(Text::new("生效日期不是日期", "the first day is no date"))
    } else {
        None
    };
    Override {
        place: Place::Row(cells.table.sheet_rows.get(record as usize).copied().unwrap_or(0)),
        scheme: text(0),
        key: text(1),
        hash: None,
        tier: text(2),
        who: text(3),
        why: text(4),
        from: date(5),
        until: date(6),
        fault,
        withdrawn: None,
    }
}

/// How a decision names its customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    /// By the key, parts joined as in the table's own.
    Key(String),
    /// By the key's hash.
    Hash([u8; 10]),
}

impl Named {
    fn of(line: &Override) -> Self {
        line.hash.map_or_else(|| Self::Key(line.key.replace('/', "\u{1f}")), Self::Hash)
    }
}

impl Overrides {
    /// The decisions of the ledger, before those of the file.
    #[must_use]
    pub fn with_recorded(mut self, recorded: impl IntoIterator<Item = Override>) -> Self {
        let mut list: Vec<Override> = recorded.into_iter().collect();
        list.append(&mut self.list);
        Self { list, ..self }
    }

    /// Which records the decisions for `scheme` are about on a day, with the decision and its tier; and what became of
    /// each decision, in the order of the list: none for those of other schemes. `alone`: the pack has no other scheme.
    /// `hashes` are those of the records' keys, empty without a ledger.
    pub fn apply(
        &self,
        scheme: &Scheme,
        alone: bool,
        (assigned, hashes): (&Assigned, &[Option<[u8; 10]>]),
        day: NaiveDate,
    ) -> (Decided, Vec<Option<OverrideState>>) {
        let mut decided = Decided::new();
        if self.list.is_empty() {
            return (decided, Vec::new());
        }
        let records = self.records(assigned, hashes);
        let mut taken: BTreeMap<u32, Place> = BTreeMap::new();
        let mut one = |index: u32, line: &Override| {
            if line.scheme != scheme.id && !(alone && line.scheme.is_empty()) {
                return None;
            }
            if let Some(fault) = &line.fault {
                return Some(OverrideState::Wrong(fault.clone()));
            }
            let Some(tier) = scheme.tier_index(&line.tier) else {
                let ids = scheme.tiers.iter().map(|tier| tier.id.as_str()).collect::<Vec<_>>().join(", ");
                let tier = &line.tier;
                return Some(OverrideState::Wrong(Text::new(
                    format!("没有级别 {tier}；可以写：{ids}"),
                    format!("there is no tier {tier}; one of: {ids}"),
                )));
            };
            if line.withdrawn.is_some_and(|from| from <= day) {
                return Some(OverrideState::Withdrawn);
            }
            if line.until.is_some_and(|until| until < day) {
                return Some(OverrideState::Expired);
            }
            if line.from.is_some_and(|from| from > day) {
                return Some(OverrideState::Later);
            }
            let Some(record) = records.get(&Named::of(line)) else {
                return Some(OverrideState::Unknown);
            };
            if let Some(other) = taken.get(record) {
                let other = other.text();
                return Some(OverrideState::Wrong(Text::new(
                    format!("{}已对同一客户作出调整", other.zh),
                    format!("{} decides on the same customer", other.en),
                )));
            }
            taken.insert(*record, line.place);
            decided.insert(*record, (index, tier));
            Some(OverrideState::Applied)
        };
        let states = (0_u32..).zip(&self.list).map(|(index, line)| one(index, line)).collect();
        (decided, states)
    }

    /// The records someone decided on, by how the decision names them.
    fn records(&self, assigned: &Assigned, hashes: &[Option<[u8; 10]>]) -> BTreeMap<Named, u32> {
        let wanted: BTreeSet<Named> = self.list.iter().map(Named::of).collect();
        let by_key = wanted.iter().any(|named| matches!(named, Named::Key(_)));
        let by_hash = wanted.iter().any(|named| matches!(named, Named::Hash(_)));
        let mut records = BTreeMap::new();
        for (record, key) in (0_u32..).zip(assigned.keys.iter()) {
            let outside = assigned.tiers.get(record as usize) == Some(&super::OUTSIDE);
            if outside || assigned.repeated.contains_key(&record) {
                continue;
            }
            let hash = hashes.get(record as usize).copied().flatten().filter(|_| by_hash).map(Named::Hash);
            let key = key.filter(|_| by_key).map(|key| Named::Key(key.trim_end_matches('\u{1f}').to_owned()));
            records.extend(
                hash.into_iter().chain(key).filter(|named| wanted.contains(named)).map(|named| (named, record)),
            );
        }
        records
    }

    /// The lines that name a scheme the pack does not have, or none where it has several.
    pub fn astray<'a>(&'a self, schemes: &'a [Scheme]) -> impl Iterator<Item = &'a Override> {
        self.list.iter().filter(move |line| {
            let named = schemes.iter().any(|scheme| scheme.id == line.scheme);
            let meant = schemes.len() == 1 && line.scheme.is_empty();
            !named && !meant
        })
    }
}
