//! The tables a report's queries can name, with their columns and types: the pack's datasets of this period and the
//! one before, and what a run made of them. Definitions are tried on these tables without rows.
//!
//! Knows nothing of how the tables are filled; `tables` does that.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Field, Int64Chunked, Int128Chunked, IntoColumn, IntoLazy, IntoSeries,
    LazyFrame, NewChunkedArray, Schema, StringChunked,
};

use crate::pack::{
    DECIMAL_PRECISION, Dataset, RulePack,
    sql::{ROW_COLUMN, UNIT_COLUMN},
};

/// What stands before the name of a dataset to mean that of the prior period.
pub const PRIOR_PREFIX: &str = "prior_";

/// Decimal places of amounts in the tables below: they are in 10,000 yuan, down to the fen.
const WAN_SCALE: usize = 6;
/// Decimal places of amounts in yuan.
const YUAN_SCALE: usize = 2;
/// Decimal places of shares, which are in per cent.
const SHARE_SCALE: usize = 4;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole number.
    Count,
    /// True or false.
    Flag,
    /// Amount in 10,000 yuan.
    Wan,
    /// Amount in yuan.
    Yuan,
    /// Share in per cent.
    Percent,
    /// Amount in the unit of the field it was summed from.
    Amount,
}

impl Kind {
    fn data_type(self) -> DataType {
        match self {
            Kind::Text => DataType::String,
            Kind::Count => DataType::Int64,
            Kind::Flag => DataType::Boolean,
            Kind::Wan | Kind::Amount => DataType::Decimal(DECIMAL_PRECISION, WAN_SCALE),
            Kind::Yuan => DataType::Decimal(DECIMAL_PRECISION, YUAN_SCALE),
            Kind::Percent => DataType::Decimal(DECIMAL_PRECISION, SHARE_SCALE),
        }
    }
}

/// A table besides the datasets.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Name in queries.
    pub name: &'static str,
    /// Columns.
    pub columns: &'static [(&'static str, Kind)],
    /// What it holds, for the documentation.
    pub about: (&'static str, &'static str),
}

use Kind::{Amount, Count, Flag, Percent, Text, Wan, Yuan};

/// The one row about the institution and the period.
pub const INSTITUTION: View = View {
    name: "institution",
    columns: &[
        ("institution_code", Text),
        ("institution_name", Text),
        ("period", Text),
        ("year", Text),
        ("month", Text),
        ("data_date", Text),
        ("fill", Text),
        ("phone", Text),
        ("verify", Text),
        ("head", Text),
        ("submission_deadline", Text),
        ("correction_deadline", Text),
        ("report_deadline", Text),
        ("units", Count),
        ("draft", Flag),
    ],
    about: ("机构、报告期、签字人、期限，一行", "institution, period, signers, deadlines: one row"),
};

/// How each unit stands.
pub const STANDINGS: View = View {
    name: "standings",
    columns: &[
        ("unit", Text),
        ("unit_name", Text),
        ("officer", Text),
        ("timeliness", Text),
        ("submitted", Text),
        ("received", Text),
        ("files", Count),
        ("unreadable", Count),
        ("records", Count),
        ("flagged", Count),
        ("errors", Count),
        ("warnings", Count),
        ("infos", Count),
        ("open", Count),
        ("explained", Count),
        ("repeated", Count),
    ],
    about: (
        "各社部：报送情况、记录数、问题数；open 为尚未处理的强制和提示问题",
        "units: submission, records, findings; `open` counts errors and warnings left to do",
    ),
};

/// The findings.
pub const FINDINGS: View = View {
    name: "findings",
    columns: &[
        ("unit", Text),
        ("unit_name", Text),
        ("dataset", Text),
        ("rule", Text),
        ("severity", Text),
        ("level", Text),
        ("file", Text),
        ("sheet", Text),
        ("cell", Text),
        ("record_key", Text),
        ("value", Text),
        ("message", Text),
        ("fix", Text),
        ("fingerprint", Text),
        ("status", Text),
        ("open", Flag),
        ("times", Count),
        ("explanation", Text),
    ],
    about: (
        "问题，个人信息已掩码；times 为第几次出现，有台账时才有 status、explanation",
        "findings, personal data masked; `times` in how many periods; `status` and `explanation` with a ledger",
    ),
};

/// What each rule did.
pub const RULES: View = View {
    name: "rules",
    columns: &[
        ("rule", Text),
        ("title", Text),
        ("dataset", Text),
        ("severity", Text),
        ("level", Text),
        ("source", Text),
        ("eligible", Count),
        ("violated", Count),
        ("not_evaluable", Count),
        ("at_risk", Yuan),
    ],
    about: (
        "规则：适用、违反、无法判断、涉及金额（元）",
        "rules: eligible, violated, not evaluable, amount at risk (yuan)",
    ),
};

/// The files handed in.
pub const FILES: View = View {
    name: "files",
    columns: &[
        ("unit", Text),
        ("file", Text),
        ("format", Text),
        ("bytes", Count),
        ("records", Count),
        ("unreadable", Text),
        ("sha256", Text),
    ],
    about: ("收到的文件", "files handed in"),
};

/// Which loans are reported, and why.
pub const SCOPE: View = View {
    name: "scope",
    columns: &[
        ("_row", Count),
        ("unit", Text),
        ("loan_no", Text),
        ("contract_no", Text),
        ("customer_code", Text),
        ("customer_name", Text),
        ("amount", Wan),
        ("balance", Wan),
        ("reported", Flag),
        ("decision", Text),
        ("reason", Text),
        ("by_loan", Flag),
        ("by_customer", Flag),
        ("by_line", Flag),
    ],
    about: (
        "每笔贷款是否报送及原因；by_loan、by_customer、by_line 为三种口径下是否达到起点",
        "for each loan whether it is reported and why; and whether it is by loan, by customer, by credit line",
    ),
};

/// What customers owe.
pub const EXPOSURES: View = View {
    name: "exposures",
    columns: &[
        ("customer_code", Text),
        ("customer_name", Text),
        ("balance", Wan),
        ("non_performing", Wan),
        ("credit_line", Wan),
        ("loans", Count),
        ("in_default", Flag),
        ("group_no", Count),
    ],
    about: ("各客户的风险暴露（万元）", "what each customer owes (10,000 yuan)"),
};

/// Connected groups and their members.
pub const GROUPS: View = View {
    name: "connected_groups",
    columns: &[
        ("group_no", Count),
        ("members", Count),
        ("customer_code", Text),
        ("customer_name", Text),
        ("balance", Wan),
        ("path", Text),
    ],
    about: ("关联集团的成员，path 为关联路径", "members of connected groups, with the path that joins them"),
};

/// Guarantee circles and their members.
pub const CIRCLES: View = View {
    name: "guarantee_circles",
    columns: &[
        ("circle_no", Count),
        ("members", Count),
        ("customer_code", Text),
        ("customer_name", Text),
        ("balance", Wan),
        ("in_default", Flag),
    ],
    about: ("担保圈的成员", "members of guarantee circles"),
};

/// Ratios against limits.
pub const LIMITS: View = View {
    name: "limits",
    columns: &[
        ("limit", Text),
        ("subject", Text),
        ("amount", Wan),
        ("ratio", Percent),
        ("headroom", Wan),
        ("standing", Text),
    ],
    about: ("集中度指标与限额", "ratios against limits"),
};

/// What became of each customer.
pub const CHANGES: View = View {
    name: "changes",
    columns: &[
        ("change", Text),
        ("prior_code", Text),
        ("prior_name", Text),
        ("customer_code", Text),
        ("customer_name", Text),
        ("prior_balance", Wan),
        ("balance", Wan),
        ("difference", Wan),
    ],
    about: (
        "客户变动：新增、减少、更名、换代码、余额突变",
        "customers new, gone, renamed, renumbered, or with a balance that jumped",
    ),
};

/// How counts came from the prior period to this one.
pub const BRIDGE_COUNTS: View = View { name: "bridge_counts", columns: BRIDGE, about: BRIDGE_ABOUT };

const BRIDGE: &[(&str, Kind)] = &[
    ("measure", Text),
    ("unit", Text),
    ("unit_name", Text),
    ("opening", Count),
    ("new", Count),
    ("gone", Count),
    ("moved_in", Count),
    ("moved_out", Count),
    ("changed", Count),
    ("closing", Count),
];
const BRIDGE_ABOUT: (&str, &str) = (
    "上期＋新增－减少＋转入－转出＋增减＝本期：customers、loans、corporate、personal",
    "opening + new - gone + moved in - moved out + changed = closing: customers, loans, corporate, personal",
);

/// How the balance came from the prior period to this one.
pub const BRIDGE_AMOUNTS: View = View {
    name: "bridge_amounts",
    columns: &[
        ("measure", Text),
        ("unit", Text),
        ("unit_name", Text),
        ("opening", Wan),
        ("new", Wan),
        ("gone", Wan),
        ("moved_in", Wan),
        ("moved_out", Wan),
        ("changed", Wan),
        ("closing", Wan),
    ],
    about: ("同上，贷款余额：balance", "the same for the balance of loans"),
};

/// How the units stood in each period the ledger knows.
pub const PERIODS: View = View {
    name: "periods",
    columns: &[
        ("period", Text),
        ("latest", Count),
        ("unit", Text),
        ("unit_name", Text),
        ("timeliness", Text),
        ("records", Count),
        ("flagged", Count),
        ("errors", Count),
        ("warnings", Count),
        ("infos", Count),
        ("resolved", Count),
    ],
    about: (
        "台账中各期各社部的情况，本期在内；latest 从 0 数起，0 为本期",
        "units in each period of the ledger, this one included; `latest` counts back from 0, this period",
    ),
};

/// Totals of the general ledger.
pub const LEDGER_TOTALS: View = View {
    name: "ledger_totals",
    columns: &[("unit", Text), ("subject", Text), ("amount", Yuan), ("line", Count)],
    about: ("作业 ledger_totals 文件中的总账数（元）", "the general ledger's totals the job names (yuan)"),
};

/// The tiers of customers in the last two quarters `baosong tier` recorded.
pub const TIERS: View = View {
    name: "tiers",
    columns: &[
        ("quarter", Text),
        ("latest", Count),
        ("scheme", Text),
        ("customer", Text),
        ("customer_name", Text),
        ("unit", Text),
        ("manager", Text),
        ("tier", Text),
        ("by_data", Text),
        ("since", Text),
        ("tier_amount", Amount),
        ("reason", Text),
    ],
    about: (
        "台账中截至本期的最近两个季度的客户分层，个人信息已掩码；latest 为 0 是最近一季，tier 为空是不能分级，by_data 为仅按数据的层级",
        "tiers in the ledger's last two quarters up to this period, personal data masked; `latest` is 0 for the last; no `tier`: not classed; `by_data`: by the data alone",
    ),
};

/// Names of codes.
pub const CODES: View =
    View {
        name: "codes", columns: &[("list", Text), ("code", Text), ("name", Text)], about: ("代码表", "code lists")
    };

/// All tables besides the datasets, and besides those derived from the pack's own.
pub const VIEWS: [&View; 16] = [
    &INSTITUTION,
    &STANDINGS,
    &FINDINGS,
    &RULES,
    &FILES,
    &SCOPE,
    &EXPOSURES,
    &GROUPS,
    &CIRCLES,
    &LIMITS,
    &CHANGES,
    &BRIDGE_COUNTS,
    &BRIDGE_AMOUNTS,
    &PERIODS,
    &LEDGER_TOTALS,
    &TIERS,
];

/// Loans that are reported: the fields of `loans`.
pub const REPORTED_LOANS: &str = "reported_loans";
/// Customers of whom a loan is reported, one row for each code: the fields of `customers`.
pub const REPORTED_CUSTOMERS: &str = "reported_customers";

/// The values of a column.
pub enum Values {
    /// Text.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Count(Vec<Option<i64>>),
    /// True or false.
    Flag(Vec<Option<bool>>),
    /// Fen, shares in millionths, or amounts in millionths of their unit.
    Fixed(Vec<Option<i128>>),
}

impl View {
    /// The table without rows.
    pub fn empty(&self) -> DataFrame {
        DataFrame::empty_with_schema(&self.schema())
    }

    /// The type of a column; none of a column it does not have.
    pub fn data_type(&self, column: &str) -> DataType {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.map_or(DataType::Null, |(_, kind)| kind.data_type())
    }

    fn schema(&self) -> Schema {
        self.columns.iter().map(|(name, kind)| Field::new((*name).into(), kind.data_type())).collect()
    }

    /// The table of these columns, which are those of the view in its order.
    ///
    /// # Errors
    /// If they are not.
    pub fn frame(&self, values: Vec<Values>) -> Result<DataFrame> {
        ensure!(values.len() == self.columns.len(), "table {} has {} columns", self.name, self.columns.len());
        let mut height = 0;
        let mut columns: Vec<Column> = Vec::new();
        for ((name, kind), values) in self.columns.iter().zip(values) {
            let column = match (values, kind) {
                (Values::Text(texts), Text) => {
                    StringChunked::from_iter_options((*name).into(), texts.into_iter()).into_column()
                }
                (Values::Count(counts), Count) => {
                    Int64Chunked::from_iter_options((*name).into(), counts.into_iter()).into_column()
                }
                (Values::Flag(flags), Flag) => {
                    BooleanChunked::from_iter_options((*name).into(), flags.into_iter()).into_column()
                }
                (Values::Fixed(numbers), Wan | Yuan | Percent | Amount) => {
                    let scale = match kind {
                        Wan | Amount => WAN_SCALE,
                        Yuan => YUAN_SCALE,
                        _ => SHARE_SCALE,
                    };
                    let numbers = Int128Chunked::from_iter_options((*name).into(), numbers.into_iter());
                    numbers.into_decimal_unchecked(DECIMAL_PRECISION, scale).into_series().into_column()
                }
                _ => anyhow::bail!("column {name} of table {} has another type", self.name),
            };
            height = column.len();
            columns.push(column);
        }
        Ok(DataFrame::new(height, columns)?)
    }
}

/// The schema of a dataset in queries: its fields, the unit that handed the record in, and the record's index.
pub fn dataset_schema(dataset: &Dataset) -> Schema {
    let mut schema = dataset.schema();
    schema.insert(UNIT_COLUMN.into(), DataType::String);
    schema.insert(ROW_COLUMN.into(), DataType::Int64);
    schema
}

/// Every table a query may name, without rows.
pub fn empty_tables(pack: &RulePack) -> BTreeMap<String, LazyFrame> {
    let empty = |schema: &Schema| DataFrame::empty_with_schema(schema).lazy();
    let mut tables = BTreeMap::new();
    for dataset in &pack.datasets {
        let schema = dataset_schema(dataset);
        tables.insert(dataset.id.clone(), empty(&schema));
        tables.insert(format!("{PRIOR_PREFIX}{}", dataset.id), empty(&schema));
        match dataset.id.as_str() {
            "loans" => tables.insert(REPORTED_LOANS.to_owned(), empty(&schema)),
            "customers" => tables.insert(REPORTED_CUSTOMERS.to_owned(), empty(&schema)),
            _ => None,
        };
    }
    for view in VIEWS.into_iter().chain([&CODES]) {
        // A pack may have records of its own under the name of a table that is made for another.
        tables.entry(view.name.to_owned()).or_insert_with(|| empty(&view.schema()));
    }
    tables
}

/// What a table holds.
pub fn about(name: &str, pack: &RulePack) -> crate::text::Text {
    use crate::text::Text;
    let own = pack.datasets.iter().any(|dataset| dataset.id == name);
    let view = VIEWS.into_iter().chain([&CODES]).find(|view| view.name == name && !own);
    if let Some(view) = view {
        return Text::new(view.about.0, view.about.1);
    }
    match name {
        REPORTED_LOANS => {
            return Text::new("应报送的贷款，字段同 loans", "loans that are reported, with the fields of loans");
        }
        REPORTED_CUSTOMERS => {
            return Text::new(
                "有贷款应报送的客户，每个代码一条，字段同 customers",
                "customers of whom a loan is reported, one for each code, with the fields of customers",
            );
        }
        _ => {}
    }
    let (dataset, prior) = name.strip_prefix(PRIOR_PREFIX).map_or((name, false), |name| (name, true));
    let title = pack.datasets.iter().find(|known| known.id == dataset).map(|known| known.title.clone());
    let title = title.unwrap_or_default();
    if prior { Text::new(format!("上期{}", title.zh), format!("{} of the prior period", title.en)) } else { title }
}
