//! Small jobs of the shipped packs: tables with the columns a test is about, and the others left blank.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use crate::planted::shipped_pack;

/// Writes the job of a period in `folder`, with one unit whose files are csv named like their sheets. `more` is added to
/// the job file.
pub fn job(folder: &Path, pack: &str, period: &str, files: &[(&str, &str)], more: &str) -> PathBuf {
    let job = folder.join(period);
    let unit = job.join("submissions/0101-一部");
    std::fs::create_dir_all(&unit).expect("a folder");
    for (sheet, lines) in files {
        std::fs::write(unit.join(format!("{sheet}.csv")), completed(pack, period, sheet, lines)).expect("written");
    }
    let roster = shipped_pack(pack, period);
    let roster = roster.datasets.iter().find(|dataset| dataset.roster).expect("a roster");
    let headings: Vec<&str> = roster.fields.iter().map(|field| field.headings[0].as_str()).collect();
    let blank = ",".repeat(headings.len() - 2);
    std::fs::write(job.join("roster.csv"), format!("{}\n0101,一部{blank}\n", headings.join(","))).expect("written");
    let text = format!(
        "pack = \"{pack}\"\nperiod = \"{period}\"\ninput = \"submissions\"\nroster = \"roster.csv\"\n{more}\n\
         [institution]\ncode = \"0100\"\nname = \"示例公司\"\n"
    );
    std::fs::write(job.join("job.toml"), text).expect("written");
    job
}

/// The lines with the columns they lack, blank: a sheet is known by its headings.
fn completed(pack: &str, period: &str, sheet: &str, lines: &str) -> String {
    let pack = shipped_pack(pack, period);
    let dataset = pack.datasets.iter().find(|dataset| dataset.sheets.iter().any(|name| name == sheet));
    let fields = &dataset.unwrap_or_else(|| panic!("no sheet {sheet}")).fields;
    let (head, rest) = lines.split_once('\n').expect("headings");
    let own: Vec<&str> = head.split(',').collect();
    for heading in &own {
        assert!(fields.iter().any(|field| field.headings.iter().any(|known| known == heading)), "no field {heading}");
    }
    let lacking = fields.iter().filter(|field| !field.headings.iter().any(|heading| own.contains(&heading.as_str())));
    let lacking: Vec<&str> = lacking.map(|field| field.headings[0].as_str()).collect();
    let mut text = own.iter().chain(&lacking).copied().collect::<Vec<_>>().join(",") + "\n";
    for line in rest.lines() {
        let _ = writeln!(text, "{line}{}", ",".repeat(lacking.len()));
    }
    text
}
