//! What the tables that the program makes itself were made from, for those who follow a figure back: an exposure from the
//! loans of its customer, a rule's count from its findings.

/// A table behind one the program makes.
pub struct Origin {
    /// Its name.
    pub table: &'static str,
    /// Columns of the made table and those of this one that are equal in both.
    pub by: &'static [(&'static str, &'static str)],
    /// Holds only for rows of the made table with this value in a column.
    pub only: Option<(&'static str, &'static str)>,
    /// The columns that are shown of it.
    pub shows: &'static [&'static str],
}

const fn of(
    table: &'static str,
    by: &'static [(&'static str, &'static str)],
    shows: &'static [&'static str],
) -> Origin {
    Origin { table, by, only: None, shows }
}

const fn measured(measure: &'static str, table: &'static str, shows: &'static [&'static str]) -> Origin {
    Origin { table, by: &[("unit", "_unit")], only: Some(("measure", measure)), shows }
}

const BY_CUSTOMER: &[(&str, &str)] = &[("customer_code", "customer_code")];
const BY_PRIOR_CUSTOMER: &[(&str, &str)] = &[("prior_code", "customer_code")];
const FINDING: &[&str] = &["rule", "unit", "file", "sheet", "cell", "record_key", "value"];

/// The tables behind a table the program makes; none of those that stand for themselves.
pub fn origins(table: &str) -> &'static [Origin] {
    const CUSTOMERS: &[Origin] = &[of("loans", BY_CUSTOMER, &["balance"])];
    const CIRCLES: &[Origin] = &[
        of("guarantees", BY_CUSTOMER, &["guarantor_name", "guaranteed_amount"]),
        of("loans", BY_CUSTOMER, &["balance"]),
    ];
    const CHANGES: &[Origin] =
        &[of("prior_loans", BY_PRIOR_CUSTOMER, &["balance"]), of("loans", BY_CUSTOMER, &["balance"])];
    const COUNTS: &[Origin] = &[
        measured("customers", "prior_customers", &[]),
        measured("customers", "customers", &[]),
        measured("loans", "prior_loans", &[]),
        measured("loans", "loans", &[]),
        measured("corporate", "prior_retail_defaults_corporate", &[]),
        measured("corporate", "retail_defaults_corporate", &[]),
        measured("personal", "prior_retail_defaults_personal", &[]),
        measured("personal", "retail_defaults_personal", &[]),
    ];
    const AMOUNTS: &[Origin] =
        &[measured("balance", "prior_loans", &["balance"]), measured("balance", "loans", &["balance"])];
    const STANDINGS: &[Origin] = &[
        of("files", &[("unit", "unit")], &["file", "records", "unreadable"]),
        of("findings", &[("unit", "unit")], FINDING),
    ];
    const RULES: &[Origin] = &[of("findings", &[("rule", "rule")], FINDING)];
    match table {
        "exposures" | "connected_groups" => CUSTOMERS,
        "guarantee_circles" => CIRCLES,
        "changes" => CHANGES,
        "bridge_counts" => COUNTS,
        "bridge_amounts" => AMOUNTS,
        "standings" => STANDINGS,
        "rules" => RULES,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        job::Calendar,
        pack::{Request, load_pack},
        report::catalog,
    };

    #[test]
    fn origins_name_columns_that_exist() {
        let pack = load_pack(&Request {
            pack: "large-credit",
            folder: None,
            period: "2026-10".parse().expect("a period"),
            overrides: &std::collections::BTreeMap::new(),
            calendar: Calendar::built_in().expect("the calendar"),
        })
        .expect("the pack");
        let tables = catalog::empty_tables(&pack);
        let columns = |table: &str| {
            let frame = tables.get(table).unwrap_or_else(|| panic!("table {table}"));
            frame.clone().collect_schema().expect("a schema")
        };
        for view in catalog::VIEWS {
            let own = columns(view.name);
            for origin in origins(view.name) {
                let theirs = columns(origin.table);
                for (left, right) in origin.by {
                    assert_eq!(own.get(left), theirs.get(right), "{} {left} {right}", view.name);
                    assert!(own.contains(left), "{} {left}", view.name);
                }
                for column in origin.shows {
                    assert!(theirs.contains(column), "{} {column}", origin.table);
                }
                if let Some((column, _)) = origin.only {
                    assert!(own.contains(column), "{} {column}", view.name);
                }
            }
        }
    }
}
