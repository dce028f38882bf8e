//! What rules can ask of figures derived from all records together: names, fields and placeholders of each.
//!
//! Knows only what a pack may say; how the figures are derived is `derive`, how they become findings is `check`.

/// What a rule checks in the figures derived from all records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DerivedCheck {
    /// The customer's name differs in one character from one that more records have and another document belongs to.
    NearName,
    /// The customer's name is written in another way than most records write it: brackets, blanks or width.
    NameVariant,
    /// The customer owes more than the limit for a single customer.
    SingleCustomerLimit,
    /// The loan is one of several just under the reporting line that together pass it.
    SplitLoans,
    /// The guarantor is a customer in default.
    GuarantorInDefault,
}

impl DerivedCheck {
    /// All of them.
    pub const ALL: [DerivedCheck; 5] = [
        DerivedCheck::NearName,
        DerivedCheck::NameVariant,
        DerivedCheck::SingleCustomerLimit,
        DerivedCheck::SplitLoans,
        DerivedCheck::GuarantorInDefault,
    ];

    /// The name used for `derived` in a pack.
    pub fn name(self) -> &'static str {
        match self {
            DerivedCheck::NearName => "near-name",
            DerivedCheck::NameVariant => "name-variant",
            DerivedCheck::SingleCustomerLimit => "single-customer-limit",
            DerivedCheck::SplitLoans => "split-loans",
            DerivedCheck::GuarantorInDefault => "guarantor-in-default",
        }
    }

    /// The dataset whose records it judges.
    pub fn dataset(self) -> &'static str {
        match self {
            DerivedCheck::NearName | DerivedCheck::NameVariant | DerivedCheck::SingleCustomerLimit => "customers",
            DerivedCheck::SplitLoans => "loans",
            DerivedCheck::GuarantorInDefault => "guarantees",
        }
    }

    /// The field a finding is listed under unless the rule names others.
    pub fn field(self) -> &'static str {
        match self {
            DerivedCheck::NearName | DerivedCheck::NameVariant => "customer_name",
            DerivedCheck::SingleCustomerLimit => "loan_balance",
            DerivedCheck::SplitLoans => "amount",
            DerivedCheck::GuarantorInDefault => "guarantor_name",
        }
    }

    /// What its texts may name besides the fields. Amounts are in 10,000 yuan.
    pub fn placeholders(self) -> &'static [&'static str] {
        match self {
            DerivedCheck::NearName => &["other", "other_code"],
            DerivedCheck::NameVariant => &["usual", "count"],
            DerivedCheck::SingleCustomerLimit => &["exposure", "ratio", "limit"],
            DerivedCheck::SplitLoans => &["sum", "count", "line", "first", "last"],
            DerivedCheck::GuarantorInDefault => &["owed", "non_performing"],
        }
    }
}
