//! Reports, the file for the regulator, the page for browsers and the evidence, on the sample and on small jobs.

mod definitions;
mod evidence;
mod figures;
mod packs;
mod page;
mod submission;

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use calamine::{Data, Reader as _, Xlsx};

use crate::desk::{program, project, ran};

/// The outputs of one run of the sample.
static SAMPLE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["run", "-q"]);
    command.arg(project("sample-input/large-credit/2026-10")).arg("--out").arg(out.path());
    ran(command, out.path()).expect_code(3);
    let place = out.path().join("2026-10");
    (out, place)
});

/// The folder with the sample's outputs.
fn sample() -> &'static Path {
    &SAMPLE.1
}

/// The rows of a sheet of a report.
fn rows(report: &Path, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> =
        calamine::open_workbook(report).unwrap_or_else(|error| panic!("{}: {error}", report.display()));
    let range = book.worksheet_range(sheet).unwrap_or_else(|error| panic!("{sheet}: {error}"));
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The row of headings that begins with `first`, and the rows below it up to the total.
fn table(rows: &[Vec<Data>], first: &str) -> (Vec<String>, Vec<Vec<Data>>, Option<Vec<Data>>) {
    let at = rows.iter().position(|row| text(&row[0]) == first).unwrap_or_else(|| panic!("no heading {first}"));
    let headings = rows[at].iter().map(text).collect();
    let below = &rows[at + 1..];
    let end = below.iter().position(|row| text(&row[0]) == "合计" || text(&row[0]).is_empty());
    let end = end.unwrap_or(below.len());
    let total = below.get(end).filter(|row| text(&row[0]) == "合计").cloned();
    (headings, below[..end].to_vec(), total)
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

/// A number of a report as hundred-millionths, which its figures reach at most.
fn exact(cell: &Data) -> i128 {
    match cell {
        #[expect(clippy::cast_possible_truncation, reason = "figures of the sample are far below")]
        Data::Float(number) => (number * 1e6).round() as i128,
        Data::Int(number) => i128::from(*number) * 1_000_000,
        Data::Empty => 0,
        other => panic!("{other} is no number"),
    }
}
