//! The table: medians, and ratios to the bare read of the same case.

use std::path::PathBuf;

use crate::{Case, child::Measured};

/// Prints what the columns are.
#[expect(clippy::print_stdout, reason = "this is what the benchmark is for")]
pub fn heading() {
    println!(
        "{:<22} {:>4} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>10} {:>7} {:>9} {:>10} {:>12} {:>8} {:>7}",
        "case",
        "thr",
        "bare",
        "read",
        "check",
        "write",
        "reports",
        "whole",
        "rows/s",
        "MB",
        "read/bare",
        "whole/bare",
        "reports/bare",
        "cpu/bare",
        "spread"
    );
}

/// Prints the lines of one case: one for each pack and number of threads.
#[expect(clippy::print_stdout, reason = "this is what the benchmark is for")]
pub fn case(case: &Case, bare: &[Measured], variants: &[(&PathBuf, Option<usize>)], runs: &[Vec<Measured>]) {
    let bare_read = median(bare, |measured| measured.read);
    let bare_processor = median(bare, |measured| measured.processor);
    let mut previous: Option<(&PathBuf, f64)> = None;
    for ((job, threads), runs) in variants.iter().zip(runs) {
        let [read, check, write, reports, whole, peak] = [
            median(runs, |measured| measured.read),
            median(runs, |measured| measured.check),
            median(runs, |measured| measured.write),
            median(runs, |measured| measured.reports),
            median(runs, |measured| measured.whole),
            median(runs, |measured| measured.peak),
        ];
        let pack = job.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{} {pack}", case.name);
        let thr = threads.map_or_else(|| "all".to_owned(), |threads| threads.to_string());
        let records = f64::from(u32::try_from(case.files * case.loans_per_file).unwrap_or(u32::MAX));
        let (low, high) = range(runs, |measured| measured.whole);
        println!(
            "{name:<22} {thr:>4} {bare_read:>7.2} {read:>7.2} {check:>7.2} {write:>7.2} {reports:>7.2} {whole:>7.2} {:>10.0} \
             {peak:>7.0} {:>9.2} {:>10.2} {:>12.2} {:>8.2} {:>7}",
            records / whole,
            read / bare_read,
            whole / bare_read,
            reports / bare_read,
            median(runs, |measured| measured.processor) / bare_processor,
            format!("±{:.0}%", (high - low) / whole * 50.0),
        );
        if let Some((_, one)) = previous.filter(|(other, _)| other == job) {
            println!("{:<22} {:.2} times as fast as the line above", "", one / whole);
        }
        previous = Some((job, whole));
    }
}

/// Prints what the columns of the table on reading are.
#[expect(clippy::print_stdout, reason = "this is what the benchmark is for")]
pub fn reading_heading() {
    println!(
        "{:<24} {:>7} {:>7} {:>7} {:>10} {:>9} {:>7}",
        "reading", "seconds", "cpu", "MB", "secs/bare", "cpu/bare", "spread"
    );
}

/// Prints the lines of one case of reading; the second is the bare read.
#[expect(clippy::print_stdout, reason = "this is what the benchmark is for")]
pub fn reading(case: &Case, variants: &[(&str, &[Measured])]) {
    let bare = variants.get(1).map_or(&[][..], |(_, runs)| runs);
    let (bare_read, bare_processor) = (median(bare, |run| run.read), median(bare, |run| run.processor));
    for (name, runs) in variants {
        let [read, processor, peak] =
            [median(runs, |run| run.read), median(runs, |run| run.processor), median(runs, |run| run.peak)];
        let (low, high) = range(runs, |run| run.processor);
        println!(
            "{:<24} {read:>7.2} {processor:>7.2} {peak:>7.0} {:>10.2} {:>9.2} {:>7}",
            format!("{} {name}", case.name),
            read / bare_read,
            processor / bare_processor,
            format!("±{:.0}%", (high - low) / processor * 50.0),
        );
    }
}

fn values(runs: &[Measured], of: impl Fn(&Measured) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(runs: &[Measured], of: impl Fn(&Measured) -> f64) -> f64 {
    let values = values(runs, of);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn range(runs: &[Measured], of: impl Fn(&Measured) -> f64) -> (f64, f64) {
    let values = values(runs, of);
    (values.first().copied().unwrap_or(f64::NAN), values.last().copied().unwrap_or(f64::NAN))
}
