//! Files handed in become [`Table`]s, losing nothing. The only module that knows calamine and csv.
//!
//! Must not know rules, findings or workbooks to be written.

mod model;

pub use model::*;
pub fn read_files(_: &[Source], _: &crate::pack::RulePack, _: &Options, _: &(dyn Fn(usize) + Sync)) -> Intake { todo!() }
pub fn type_example(_: &crate::pack::examples::Row, _: &crate::pack::RulePack) -> Result<Vec<crate::table::FaultKind>, String> { Ok(vec![]) }
