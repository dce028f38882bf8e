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
    /// The customer owes more than the limit for a single customer, of net capital.
    SingleCustomerLimit,
    /// The customer's connected group has more credit than the limit for a group, of net capital.
    GroupLimit,
    /// The customer owes more than the limit for a single customer, of net tier-1 capital.
    LargeExposureLimit,
    /// The customer's connected group owes more than the limit for a group, of net tier-1 capital.
    LargeExposureGroupLimit,
    /// The loan, or its customer, does not reach the reporting line as the parameter `scope` reads it.
    LoanOutOfScope,
    /// The customer does not reach the reporting line as the parameter `scope` reads it.
    CustomerOutOfScope,
    /// The loan is one of several just under the reporting line that together pass it.
    SplitLoans,
    /// The guarantor is a customer in default.
    GuarantorInDefault,
    /// Neither the customer's code nor its name was there last period.
    NewCustomer,
    /// Customers a unit reported last period of which neither code nor name is there any more.
    GoneCustomers,
    /// The customer has another name than last period.
    RenamedCustomer,
    /// The customer has another code than last period.
    RenumberedCustomer,
    /// The customer's loans are a multiple or a fraction of last period's.
    BalanceJump,
}

impl DerivedCheck {
    /// All of them.
    pub const ALL: [DerivedCheck; 15] = [
        DerivedCheck::NearName,
        DerivedCheck::NameVariant,
        DerivedCheck::SingleCustomerLimit,
        DerivedCheck::GroupLimit,
        DerivedCheck::LargeExposureLimit,
        DerivedCheck::LargeExposureGroupLimit,
        DerivedCheck::LoanOutOfScope,
        DerivedCheck::CustomerOutOfScope,
        DerivedCheck::SplitLoans,
        DerivedCheck::GuarantorInDefault,
        DerivedCheck::NewCustomer,
        DerivedCheck::GoneCustomers,
        DerivedCheck::RenamedCustomer,
        DerivedCheck::RenumberedCustomer,
        DerivedCheck::BalanceJump,
    ];

    /// The name used for `derived` in a pack.
    pub fn name(self) -> &'static str {
        self.parts().0
    }

    /// The dataset whose records are at fault.
    pub fn dataset(self) -> &'static str {
        self.parts().1
    }

    /// The field the finding is listed under unless the rule names fields.
    pub fn field(self) -> &'static str {
        self.parts().2
    }

    /// Placeholders it gives to the texts.
    pub fn placeholders(self) -> &'static [&'static str] {
        self.parts().3
    }

    /// Whether it speaks of a unit's records taken together and not of a record.
    pub fn of_unit(self) -> bool {
        self == DerivedCheck::GoneCustomers
    }

    /// Name, dataset, field and placeholders.
    const fn parts(self) -> (&'static str, &'static str, &'static str, &'static [&'static str]) {
        const LIMIT: &[&str] = &["exposure", "ratio", "limit"];
        const GROUP_LIMIT: &[&str] = &["exposure", "ratio", "limit", "anchor", "members"];
        const SCOPE: &[&str] = &["single", "sum", "line", "threshold"];
        match self {
            DerivedCheck::NearName => ("near-name", "customers", "customer_name", &["other", "other_code"]),
            DerivedCheck::NameVariant => ("name-variant", "customers", "customer_name", &["usual", "count"]),
            DerivedCheck::SingleCustomerLimit => ("single-customer-limit", "customers", "loan_balance", LIMIT),
            DerivedCheck::GroupLimit => ("group-limit", "customers", "credit_line", GROUP_LIMIT),
            DerivedCheck::LargeExposureLimit => ("large-exposure-limit", "customers", "loan_balance", LIMIT),
            DerivedCheck::LargeExposureGroupLimit => {
                ("large-exposure-group-limit", "customers", "loan_balance", GROUP_LIMIT)
            }
            DerivedCheck::LoanOutOfScope => ("loan-out-of-scope", "loans", "amount", SCOPE),
            DerivedCheck::CustomerOutOfScope => ("customer-out-of-scope", "customers", "customer_code", SCOPE),
            DerivedCheck::SplitLoans => ("split-loans", "loans", "amount", &["sum", "count", "line", "first", "last"]),
            DerivedCheck::GuarantorInDefault => {
                ("guarantor-in-default", "guarantees", "guarantor_name", &["owed", "non_performing"])
            }
            DerivedCheck::NewCustomer => ("new-customer", "customers", "customer_code", &[]),
            DerivedCheck::GoneCustomers => ("gone-customers", "customers", "customer_code", &["count", "names"]),
            DerivedCheck::RenamedCustomer => ("renamed-customer", "customers", "customer_name", &["before"]),
            DerivedCheck::RenumberedCustomer => ("renumbered-customer", "customers", "customer_code", &["before"]),
            DerivedCheck::BalanceJump => ("balance-jump", "customers", "loan_balance", &["before", "now"]),
        }
    }
}
