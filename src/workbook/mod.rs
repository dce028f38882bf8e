//! Outcomes become workbooks: one error workbook for a unit, one summary for the institution. The only module that
//! writes xlsx.
//!
//! Knows what an outcome is and how officers read it; must not know how files are read or rules evaluated.

mod cadence;
mod catalogue;
mod cell;
mod concentration;
mod corrections;
mod error_workbook;
mod finding_list;
mod identity;
mod instructions;
mod label;
mod markup;
mod note;
mod page;
mod plan;
mod register;
mod reissue;
mod report;
mod sheet_name;
mod shown;
mod splice;
mod style;
mod summary;
mod table_sheet;
mod tables;
mod template;
#[cfg(test)]
mod tests;
mod tiers;
mod width;

pub use cadence::{ContactLine, Contacts, write_contacts};
pub use catalogue::write_catalogue;
pub use concentration::{CONCENTRATION, Concentration, write_concentration};
pub use corrections::{units_with_corrections, write_corrected_data, write_source_changes};
pub use error_workbook::write_error_workbook;
pub use finding_list::{ListColumn, treatments};
pub use identity::{CELL_MARK, IDENTITY_SHEET, LAYOUT, NO_FIELD, cell_mark, sheet_marked};
pub use register::{write_notices, write_register};
pub use reissue::row_number_heading;
pub use report::{Occasion, write_report};
pub use shown::seen_cell;
pub use summary::write_summary;
pub use tables::write_tables;
pub use template::{EntryWorkbook, entry_workbook};
pub use tiers::write_tiers;

use plan::sheet_title;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use crate::{job::Period, outcome::Outcome};

/// A workbook whose bytes depend on the outcome alone: it claims to be made on the period's last day.
fn new_workbook(outcome: &Outcome, title: &str) -> Workbook {
    dated_workbook(outcome.job.period, title, &outcome.job.institution.name)
}

/// A workbook that claims to be made on the period's last day.
fn dated_workbook(period: Period, title: &str, company: &str) -> Workbook {
    use chrono::Datelike;
    let day = period.data_date();
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let date = ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or(1900), part(day.month()), part(day.day()))
        .unwrap_or_default();
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_title(title).set_company(company).set_creation_datetime(&date));
    workbook
}
