//! What a job says about its reports and submission files: where definitions lie, who signs, what to reconcile with.
//!
//! Knows nothing of what is written.

use std::path::PathBuf;

/// Keys of a job that concern what is written for the union and the regulator.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// Folder with report definitions; they are added to those in the binary, or take the place of those with their id.
    pub reports: Option<PathBuf>,
    /// Folder with templates of submission files; as with reports.
    pub templates: Option<PathBuf>,
    /// Csv with the totals of the general ledger: `unit,subject,amount` in yuan.
    pub ledger_totals: Option<PathBuf>,
    /// Who signs.
    pub signers: Signers,
}

/// The persons named on reports and in submission files; blank where the job names nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers {
    /// Who filled it in (填报人).
    pub fill: String,
    /// Telephone.
    pub phone: String,
    /// Who reviewed it (复核人).
    pub verify: String,
    /// Who answers for it (负责人).
    pub head: String,
}
