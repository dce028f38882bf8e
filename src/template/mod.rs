//! A job folder ready to be filled in, made from what a pack declares: the job file, the roster, the receipts and a
//! workbook for units.
//!
//! Knows packs and how a job is laid out, but neither how files are read nor what becomes of them.

mod job_file;

use anyhow::Result;

use crate::{
    job::{JOB_FILE, Period},
    new_files::NewFile,
    pack::{Dataset, RulePack},
    problem::Problems,
    text::{Lang, Text},
    workbook::{EntryWorkbook, entry_workbook},
};

/// Folder of what units hand in.
pub const SUBMISSIONS: &str = "submissions";
/// File with the roster of units.
pub const ROSTER: &str = "roster.xlsx";
/// File with the receipts.
pub const RECEIPTS: &str = "receipts.csv";

/// First line of the receipts. The mark before it keeps Chinese readable when Excel opens and saves the file.
const RECEIPTS_CONTENT: &str = "\u{feff}unit,file,received,channel\n";

/// What a job is made from.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The pack.
    pub pack: &'a RulePack,
    /// Folder of packs the job is to name, as written in the job file; none for those in the program.
    pub rules: Option<String>,
    /// Period.
    pub period: Period,
    /// Language of explanations in the workbooks.
    pub lang: Lang,
}

/// A job folder.
#[derive(Clone, Debug)]
pub struct JobFolder {
    /// Its files.
    pub files: Vec<NewFile>,
    /// Name of the folder of the example unit, below that of the submissions.
    pub example_unit: String,
    /// Name of the workbook in it.
    pub workbook: &'static str,
}

/// The files of a job folder.
///
/// # Errors
/// If the pack has no roster, which every job needs, or nothing that units hand in.
pub fn job_folder(request: &Request<'_>) -> Result<JobFolder> {
    let Request { pack, period, lang, .. } = *request;
    let mut problems = Problems::default();
    let indexes = |roster: bool| -> Vec<usize> {
        let wanted = |(index, dataset): (usize, &Dataset)| (dataset.roster == roster).then_some(index);
        pack.datasets.iter().enumerate().filter_map(wanted).collect()
    };
    let (rosters, handed_in) = (indexes(true), indexes(false));
    let roster = rosters.first().and_then(|index| pack.datasets.get(*index));
    if roster.is_none() {
        let id = &pack.id;
        let message = Text::new(
            format!("规则包 {id} 没有机构名册，不能建作业"),
            format!("the pack {id} has no roster of units, which a job needs"),
        );
        let help = Text::new(
            "在 pack.toml 中加一个 roster = true 的数据集，含 unit_code 和 unit_name",
            "add a dataset with roster = true and the fields unit_code and unit_name to its pack.toml",
        );
        problems.add(message, Some(help));
    }
    if handed_in.is_empty() {
        let id = &pack.id;
        let message = Text::new(
            format!("规则包 {id} 没有社部要报送的数据集"),
            format!("the pack {id} has no dataset that units hand in"),
        );
        problems.add(message, None);
    }
    problems.into_result(())?;

    let (code, name) = (example_code(roster), "示例社部");
    let workbook_of = |datasets: &[usize], example: Vec<(&'static str, String)>| {
        entry_workbook(&EntryWorkbook { pack, datasets: datasets.to_vec(), example, period, lang })
    };
    let example = vec![("unit_code", code.clone()), ("unit_name", name.to_owned())];
    let example_unit = format!("{code}-{name}");
    let workbook = "报送数据.xlsx";
    let files = vec![
        NewFile::new(JOB_FILE, job_file::text(request)),
        NewFile::new(ROSTER, workbook_of(rosters.get(..1).unwrap_or_default(), example)?),
        NewFile::new(RECEIPTS, RECEIPTS_CONTENT),
        NewFile::new(format!("{SUBMISSIONS}/{example_unit}/{workbook}"), workbook_of(&handed_in, Vec::new())?),
    ];
    Ok(JobFolder { files, example_unit, workbook })
}

/// A code no unit has, as wide as the roster wants codes to be.
fn example_code(roster: Option<&Dataset>) -> String {
    let field = roster.and_then(|dataset| dataset.fields.iter().find(|field| field.id == "unit_code"));
    let width = field.and_then(|field| field.width).unwrap_or(6);
    format!("{:01$}", 1, usize::try_from(width.clamp(1, 20)).unwrap_or(6))
}
