//! Faults of whole sheets and of the roster. The layout of the unit's files puts them there.

use super::Planter;
use crate::{
    model::{AFFILIATES, CUSTOMERS, Cell, GUARANTEES, LOANS, UNITS},
    union::{HEAD, HIDDEN, LATE, MANY_FILES, NO_CUSTOMERS, OTHER_HEADINGS, UNTIDY},
};

/// Columns left out though the field is required.
pub const HEADING_MISSING: [(usize, usize, &str); 2] =
    [(UNTIDY, AFFILIATES, "relation_type"), (LATE, GUARANTEES, "guarantee_type")];
/// Columns that stand twice, under two of the field's headings.
pub const HEADING_TWICE: [(usize, usize, &str); 2] =
    [(OTHER_HEADINGS, CUSTOMERS, "registered_capital"), (LATE, LOANS, "annual_rate")];
/// Columns in yuan where the field is in ten thousand yuan.
pub const IN_YUAN: [(usize, usize, &str); 2] =
    [(OTHER_HEADINGS, GUARANTEES, "guaranteed_amount"), (MANY_FILES, LOANS, "amount")];
/// Sheets with hidden rows.
pub const HIDDEN_ROWS: [(usize, usize); 2] = [(HIDDEN, CUSTOMERS), (HEAD, LOANS)];
/// Columns that are hidden.
pub const HIDDEN_COLUMN: [(usize, usize, &str); 1] = [(HIDDEN, CUSTOMERS, "statement_date")];
/// Sheets that are hidden.
pub const HIDDEN_SHEET: [(usize, usize); 1] = [(HIDDEN, AFFILIATES)];

pub fn plant(p: &mut Planter) {
    for (unit, dataset, field) in HEADING_MISSING {
        p.expect_sheet(unit, dataset, "SHEET-HEAD-001", field);
    }
    for (unit, dataset, field) in HEADING_TWICE {
        p.expect_sheet(unit, dataset, "SHEET-HEAD-002", field);
    }
    for (unit, dataset, field) in IN_YUAN {
        p.expect_sheet(unit, dataset, "SHEET-UNIT-001", field);
    }
    for (unit, dataset) in HIDDEN_ROWS.into_iter().chain(HIDDEN_SHEET) {
        p.expect_sheet(unit, dataset, "SHEET-HIDE-001", "");
    }
    for (unit, dataset, _) in HIDDEN_COLUMN {
        p.expect_sheet(unit, dataset, "SHEET-HIDE-002", "");
    }
    p.expect_unit(NO_CUSTOMERS, "SHEET-DATA-001");
    let unreviewed = p.world.of(UNITS).nth(4).map(|unit| unit.id).expect("twelve units");
    p.set(unreviewed, "reviewer", Cell::Blank);
    p.expect(unreviewed, "UNIT-REQ-REVIEWER");
}
