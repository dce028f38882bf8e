//! What a rule pack is once it is known to be good: datasets with fields, rules, code lists and parameters.
//!
//! Nothing here reads files or evaluates anything.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::{DataType, Field as PolarsField, Schema};

use super::{Clause, Completeness, DerivedCheck};
use crate::{
    finding::Severity,
    table::FaultKind,
    text::{Mask, Text},
};

/// Digits before and after the decimal point an amount can have.
pub const DECIMAL_PRECISION: usize = 38;

/// A rule pack known to be good, as in force for one period.
#[derive(Clone, Debug, Default)]
pub struct RulePack {
    /// Name of its folder.
    pub id: String,
    /// Edition, such as `2026.1`.
    pub edition: String,
    /// Its regulation sets no days by which units hand in and correct: none are shown.
    pub without_deadlines: bool,
    /// Title.
    pub title: Text,
    /// Datasets, in the order of the pack.
    pub datasets: Vec<Dataset>,
    /// What is measured as completeness.
    pub completeness: Vec<Completeness>,
    /// Rules in force, sorted by id; those expanded from fields included.
    pub rules: Vec<Rule>,
    /// Schemes of customers' tiers.
    pub tiers: Vec<crate::tier::Scheme>,
    /// Contacts that have to recur, or to follow an event.
    pub cadences: Vec<crate::cadence::Cadence>,
    /// Parameters in force, by name; those the job overrides with the job's value.
    pub params: BTreeMap<String, Param>,
    /// Code lists, by name.
    pub codes: BTreeMap<String, CodeList>,
    /// The clauses of the regulation, and what carries them out.
    pub clauses: Vec<Clause>,
    /// Ids that were used once and must not be used again.
    pub retired: Vec<String>,
    /// SHA-256 over all files of the pack, hexadecimal.
    pub hash: String,
}

/// A kind of table that units hand in.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Name in SQL, such as `loans`.
    pub id: String,
    /// First part of the ids of its rules, such as `LOAN`.
    pub prefix: String,
    /// Title.
    pub title: Text,
    /// Names a sheet of this dataset usually has; they decide when two sheets match.
    pub sheets: Vec<String>,
    /// Every unit must hand it in.
    pub required: bool,
    /// Handed in by the institution itself, not by units: the roster.
    pub roster: bool,
    /// Fields in the order of the standard layout.
    pub fields: Vec<Field>,
    /// Indexes of the fields that together name a record.
    pub key: Vec<u16>,
}

/// A column of a dataset.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name in SQL.
    pub id: String,
    /// Accepted headings; the first is the standard one.
    pub headings: Vec<String>,
    /// English name.
    pub title_en: String,
    /// What its cells hold.
    pub kind: FieldKind,
    /// Severity with which a blank cell, or a sheet without the column, is reported.
    pub required: Option<Severity>,
    /// Longest text allowed, in characters.
    pub max_length: Option<u32>,
    /// Name of the code list its values must be in.
    pub codes: Option<String>,
    /// Unit of an amount.
    pub unit: Option<AmountUnit>,
    /// Decimal places kept (amounts and decimals).
    pub scale: u8,
    /// Fixed number of characters of a code that may begin with zeros.
    pub width: Option<u32>,
    /// Masking outside the unit's own workbook.
    pub mask: Mask,
    /// Where the rules its declaration stands for come from, if the pack says so.
    pub source: Option<Source>,
}

/// What the cells of a field hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// Name of a person or organisation: never rewritten.
    Name,
    /// Number of a document, account or contract: text whatever it looks like.
    Identifier,
    /// A value of a code list, or a code of fixed width.
    Code,
    /// Money.
    Amount,
    /// Rate, share or other number with decimals.
    Decimal,
    /// Whole number.
    Integer,
    /// Calendar day.
    Date,
}

impl FieldKind {
    /// All kinds by their names in packs.
    pub const NAMES: [(&'static str, FieldKind); 8] = [
        ("text", FieldKind::Text),
        ("name", FieldKind::Name),
        ("identifier", FieldKind::Identifier),
        ("code", FieldKind::Code),
        ("amount", FieldKind::Amount),
        ("decimal", FieldKind::Decimal),
        ("integer", FieldKind::Integer),
        ("date", FieldKind::Date),
    ];
}

/// The unit amounts of a field are stated in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum AmountUnit {
    /// Yuan.
    #[serde(rename = "元")]
    Yuan,
    /// Ten thousand yuan.
    #[serde(rename = "万元")]
    WanYuan,
}

impl AmountUnit {
    /// As written in headings.
    pub fn name(self) -> &'static str {
        match self {
            AmountUnit::Yuan => "元",
            AmountUnit::WanYuan => "万元",
        }
    }

    /// Decimal places that reach down to the fen.
    pub fn fen_scale(self) -> u8 {
        match self {
            AmountUnit::Yuan => 2,
            AmountUnit::WanYuan => 6,
        }
    }
}

impl Field {
    /// The column type of the field.
    pub fn data_type(&self) -> DataType {
        match self.kind {
            FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => DataType::String,
            FieldKind::Amount | FieldKind::Decimal => DataType::Decimal(DECIMAL_PRECISION, usize::from(self.scale)),
            FieldKind::Integer => DataType::Int64,
            FieldKind::Date => DataType::Date,
        }
    }

    /// Standard heading in Chinese, name in English.
    pub fn title(&self) -> Text {
        Text::new(self.headings.first().map_or(self.id.as_str(), String::as_str), self.title_en.as_str())
    }
}

impl Dataset {
    /// Column names and types of its tables.
    pub fn schema(&self) -> Schema {
        self.fields.iter().map(|field| PolarsField::new(field.id.as_str().into(), field.data_type())).collect()
    }

    /// Index of the field called `id`.
    pub fn field_index(&self, id: &str) -> Option<u16> {
        self.fields.iter().position(|field| field.id == id).and_then(|index| u16::try_from(index).ok())
    }
}

impl RulePack {
    /// Index of the dataset called `id`.
    pub fn dataset_index(&self, id: &str) -> Option<usize> {
        self.datasets.iter().position(|dataset| dataset.id == id)
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Identity, such as `LOAN-AMT-001`; never reused.
    pub id: String,
    /// How serious a violation is.
    pub severity: Severity,
    /// Index of the dataset; cell and sheet rules, which belong to every dataset, have none.
    pub on: Option<usize>,
    /// What it checks.
    pub body: Body,
    /// Fields to mark; the first is the one the finding is listed under.
    pub fields: Vec<u16>,
    /// What is wrong, with `{placeholders}`.
    pub message: Text,
    /// What to do.
    pub fix: Text,
    /// Placeholders computed for a record at fault: name, and the SQL that gives its text.
    pub values: Vec<(String, String)>,
    /// Where the rule comes from.
    pub source: Source,
    /// Amount field summed over violating records.
    pub amount: Option<u16>,
    /// Rows that show it.
    pub examples: Examples,
    /// File and line it stands in, such as `large-credit/loans.toml:31`.
    pub place: String,
    /// It was made from a field's declaration.
    pub expanded: bool,
    /// It cannot be waived: its findings are fixed, or the submission does not go out.
    pub mandatory: bool,
}

/// What a rule checks.
#[derive(Clone, Debug)]
pub enum Body {
    /// What a cell detector found.
    Cell(FaultKind),
    /// What stands for a whole sheet or submission.
    Sheet(SheetCheck),
    /// A condition on one record.
    Assert {
        /// Which records it applies to, SQL.
        when: Option<String>,
        /// True on a good record, SQL.
        assert: String,
    },
    /// No two records share the key.
    Unique {
        /// Which records it applies to, SQL.
        when: Option<String>,
        /// Fields of the key.
        key: Vec<u16>,
        /// Records of other units count too.
        across_units: bool,
    },
    /// The key exists in another dataset.
    Refers {
        /// Which records it applies to, SQL.
        when: Option<String>,
        /// Fields of the key here.
        key: Vec<u16>,
        /// Index of the other dataset.
        to: usize,
        /// Fields of the key there.
        to_key: Vec<u16>,
        /// Which records there count, SQL.
        to_when: Option<String>,
        /// Only records of the same unit count.
        same_unit: bool,
    },
    /// Equal keys have equal values: one code, one name.
    Determines {
        /// Which records it applies to, SQL.
        when: Option<String>,
        /// Fields of the key here.
        key: Vec<u16>,
        /// The field that must agree.
        field: u16,
        /// Further places where the same key and value stand: dataset, key fields, value field.
        with: Vec<(usize, Vec<u16>, u16)>,
    },
    /// A field equals the sum of a field over the records of another dataset that refer to it.
    Sum {
        /// Which records it applies to, SQL.
        when: Option<String>,
        /// The field here.
        field: u16,
        /// Fields of the key here.
        key: Vec<u16>,
        /// Index of the other dataset.
        of: usize,
        /// The field summed there.
        of_field: u16,
        /// Fields of the key there.
        of_key: Vec<u16>,
        /// Which records there count, SQL.
        of_when: Option<String>,
        /// Largest difference allowed, in the unit of `field`.
        tolerance: Literal,
    },
    /// A measure per unit, or of the whole institution, against the prior period.
    Change {
        /// Which records count, SQL.
        when: Option<String>,
        /// The measure: `count`, the field summed, or `unchanged`.
        of: Measure,
        /// Largest change allowed in absolute terms; both bounds must be exceeded.
        absolute: Bound,
        /// Largest rise allowed, in per cent of the prior figure.
        percent: Bound,
        /// Largest fall allowed, in per cent of the prior figure.
        fall: Bound,
        /// One figure for the whole institution, over the units that both periods have in full.
        institution: bool,
    },
    /// A whole `SELECT` over all datasets that returns the records at fault in a column `_row`.
    Query {
        /// The SQL as written, with `$name` for parameters.
        sql: String,
    },
    /// What was derived from all records together.
    Derived(DerivedCheck),
}

impl Body {
    /// Whether its findings are about a unit's records taken together and not about one of them.
    pub fn of_unit(&self) -> bool {
        match self {
            Body::Change { .. } => true,
            Body::Derived(check) => check.of_unit(),
            _ => false,
        }
    }
}

/// A bound of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The parameter it is, if it is one.
    pub param: Option<String>,
    /// Its value when the pack was loaded.
    pub value: Literal,
}

/// A measure of a unit's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Number of records.
    Count,
    /// Sum of a field.
    Sum(u16),
    /// Number of records equal in every field to one of the prior period. It is held against the number of this period's
    /// records, not against the prior figure.
    Unchanged,
}

/// Faults of a sheet or a submission as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SheetCheck {
    /// A heading the dataset requires is missing.
    HeadingMissing,
    /// Two columns have headings of the same field.
    HeadingTwice,
    /// A dataset every unit must hand in is missing from the unit's files.
    DatasetMissing,
    /// The heading states another unit than the field (元 for 万元): values were converted.
    UnitDiffers,
    /// The sheet, or rows of it, are hidden.
    Hidden,
    /// Columns of the sheet are hidden.
    HiddenColumns,
    /// No value of a column in per cent is more than 1: they may be fractions.
    PercentAsFraction,
    /// The file has the same bytes as another.
    FileTwice,
    /// The records are all those of a sheet in another file.
    RecordsTwice,
}

impl SheetCheck {
    /// All of them.
    pub const ALL: [SheetCheck; 9] = [
        SheetCheck::HeadingMissing,
        SheetCheck::HeadingTwice,
        SheetCheck::DatasetMissing,
        SheetCheck::UnitDiffers,
        SheetCheck::Hidden,
        SheetCheck::HiddenColumns,
        SheetCheck::PercentAsFraction,
        SheetCheck::FileTwice,
        SheetCheck::RecordsTwice,
    ];

    /// The name used for `detector` in a pack.
    pub fn name(self) -> &'static str {
        match self {
            SheetCheck::HeadingMissing => "heading-missing",
            SheetCheck::HeadingTwice => "heading-twice",
            SheetCheck::DatasetMissing => "dataset-missing",
            SheetCheck::UnitDiffers => "unit-differs",
            SheetCheck::Hidden => "hidden",
            SheetCheck::HiddenColumns => "hidden-columns",
            SheetCheck::PercentAsFraction => "percent-as-fraction",
            SheetCheck::FileTwice => "file-twice",
            SheetCheck::RecordsTwice => "records-twice",
        }
    }
}

/// Where a rule or figure comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Source {
    /// The document.
    pub doc: String,
    /// Article or clause.
    pub article: String,
    /// The regulator's own id for the rule, such as `LJX-024`.
    pub id: Option<String>,
    /// Ids of the pack's clauses it carries out, such as `T07`; see [`Clause`](super::Clause).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// When someone last checked it against the document.
    pub checked: Option<NaiveDate>,
    /// Not in any document: an assumption the institution may change.
    pub assumption: bool,
}

/// A value written in a pack or job; numbers keep the digits as written.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Literal {
    /// Text.
    Text(String),
    /// Whole number.
    Integer(i64),
    /// Number with decimals, as written.
    Decimal(String),
    /// Calendar day.
    Date(NaiveDate),
    /// Truth value.
    Bool(bool),
}

/// A parameter in force.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Param {
    /// Value.
    pub value: Literal,
    /// Unit or meaning, for people.
    pub unit: String,
    /// Where it comes from.
    pub source: Source,
    /// The job set it.
    pub overridden: bool,
}

/// A code list.
#[derive(Clone, Debug, Default)]
pub struct CodeList {
    /// Codes with their names and validity.
    pub codes: BTreeMap<String, Code>,
}

/// A code.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Name.
    pub name: String,
    /// First day it is valid.
    pub from: Option<NaiveDate>,
    /// Last day it is valid.
    pub until: Option<NaiveDate>,
}

/// Records that show what a rule does. A record names only the fields that matter; the others are null.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// Records that satisfy it.
    pub pass: Vec<Example>,
    /// Records that violate it.
    pub fail: Vec<Example>,
    /// Records it does not apply to.
    pub skip: Vec<Example>,
}

/// One example.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// The records of the rule's dataset; of those `at` (0-based) are at fault in a `fail` example.
    pub rows: Vec<BTreeMap<String, Literal>>,
    /// Indexes of the records at fault; all if empty.
    pub at: Vec<usize>,
    /// Records of other datasets, by dataset id.
    pub others: BTreeMap<String, Vec<BTreeMap<String, Literal>>>,
    /// Parameters set otherwise for this example.
    pub params: BTreeMap<String, Literal>,
    /// Records of the prior period, by dataset id.
    pub prior: BTreeMap<String, Vec<BTreeMap<String, Literal>>>,
}
