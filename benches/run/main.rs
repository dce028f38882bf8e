//! Measures a whole run against calamine's bare streaming read of the same files, each in a process of its own.
//!
//! `cargo bench` takes 10,000 and 100,000 loans; `cargo bench -- --full` also 500,000 loans and 100 files. The workbooks
//! are kept in `target/bench-data`. Options: `--runs N`, `--only CASE`. `cargo bench -- --reading` measures the stage of
//! reading alone, beside the bare read and inflating alone; `cargo bench -- --ledger` the ledger, `cargo bench -- --tiers`
//! the tiers of customers.

mod child;
mod data;
#[path = "../../examples/make_sample/identity.rs"]
#[expect(dead_code, reason = "shared with the sample generator")]
mod identity;
mod ledger;
mod report;
#[path = "../../examples/make_sample/rng.rs"]
mod rng;
mod sheets;
mod tiers;

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// What one line of the table is about.
struct Case {
    name: &'static str,
    files: usize,
    loans_per_file: usize,
    full: bool,
    /// Number of threads; all if none is given.
    threads: &'static [Option<usize>],
}

const CASES: [Case; 4] = [
    Case { name: "10k", files: 1, loans_per_file: 10_000, full: false, threads: &[None] },
    Case { name: "100k", files: 1, loans_per_file: 100_000, full: false, threads: &[None] },
    Case { name: "500k", files: 1, loans_per_file: 500_000, full: true, threads: &[None] },
    Case { name: "100x5k", files: 100, loans_per_file: 5_000, full: true, threads: &[Some(1), Some(2)] },
];

#[expect(clippy::struct_excessive_bools, reason = "one for each option of the command line")]
struct Options {
    full: bool,
    ledger: bool,
    reading: bool,
    tiers: bool,
    runs: usize,
    only: Option<String>,
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options { full: false, ledger: false, reading: false, tiers: false, runs: 5, only: None };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--ledger" => options.ledger = true,
            "--reading" => options.reading = true,
            "--tiers" => options.tiers = true,
            "--full" => options.full = true,
            "--runs" => options.runs = arguments.next().context("--runs takes a number")?.parse()?,
            "--only" => options.only = Some(arguments.next().context("--only takes a name")?.clone()),
            // Given by cargo.
            "--bench" => {}
            other => bail!(
                "unknown option {other}; there are --full, --reading, --ledger, --tiers, --runs N and --only NAME"
            ),
        }
    }
    Ok(options)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == child::MARK
    {
        return child::main(rest);
    }
    let options = options(&arguments)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-data");
    if options.ledger {
        return ledger::main(&folder);
    }
    if options.tiers {
        return tiers::main(&folder);
    }
    if options.reading {
        report::reading_heading();
    } else {
        report::heading();
    }
    for case in CASES {
        let wanted = match &options.only {
            Some(only) => case.name == only,
            None => options.full || !case.full,
        };
        if !wanted {
            continue;
        }
        let jobs = data::prepare(&folder, &case)?;
        if options.reading {
            let job = jobs.first().context("a job for each pack")?;
            measure_reading(&case, job, &folder.join(case.name).join("submissions"), options.runs)?;
            continue;
        }
        // The bare read and the runs take turns, so that a disturbance does not fall on one of them alone.
        let mut bare = Vec::new();
        let variants: Vec<_> =
            jobs.iter().flat_map(|job| case.threads.iter().map(move |&count| (job, count))).collect();
        let mut runs: Vec<Vec<child::Measured>> = variants.iter().map(|_| Vec::new()).collect();
        for _ in 0..options.runs {
            bare.push(child::bare(&folder.join(case.name).join("submissions"))?);
            for ((job, threads), measured) in variants.iter().zip(&mut runs) {
                measured.push(child::run(job, *threads, &folder.join("out"))?);
            }
        }
        report::case(&case, &bare, &variants, &runs);
    }
    Ok(())
}

/// Inflating, the bare read and the stage of reading on one thread and on all take turns.
fn measure_reading(case: &Case, job: &Path, submissions: &Path, runs: usize) -> Result<()> {
    let [mut inflate, mut bare, mut single, mut all] = [const { Vec::new() }; 4];
    for _ in 0..runs {
        inflate.push(child::inflate(submissions)?);
        bare.push(child::bare(submissions)?);
        single.push(child::read(job, Some(1))?);
        all.push(child::read(job, None)?);
    }
    report::reading(
        case,
        &[("inflate alone", &inflate), ("calamine, bare", &bare), ("one thread", &single), ("all threads", &all)],
    );
    Ok(())
}
