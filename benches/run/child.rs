//! One measurement in one process: the parent starts this program again, the child does the work and prints what it took.

use std::{
    io::BufReader,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use baosong::{cli::Common, text::Lang};
use calamine::{Reader as _, Xlsx};

/// First argument of a child.
pub const MARK: &str = "--child";

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// Seconds from the start of the process to its end.
    pub whole: f64,
    /// Seconds of reading.
    pub read: f64,
    /// Seconds of checking.
    pub check: f64,
    /// Seconds of writing, reports and submission aside.
    pub write: f64,
    /// Seconds of writing reports and submission.
    pub reports: f64,
    /// Peak of resident memory, in MB (2^20 bytes).
    pub peak: f64,
    /// Seconds of processor time, of all threads: steadier than the clock where others use the machine.
    pub processor: f64,
}

/// The bare read: every cell of every sheet of every file below `folder`, one file after the other.
///
/// # Errors
/// If the child fails.
pub fn bare(folder: &Path) -> Result<Measured> {
    start(&["bare".as_ref(), folder.as_os_str()], None)
}

/// A run of a job.
///
/// # Errors
/// If the child fails.
pub fn run(job: &Path, threads: Option<usize>, out: &Path) -> Result<Measured> {
    start(&["run".as_ref(), job.as_os_str(), out.as_os_str()], threads)
}

/// Inflating every part of every file below `folder`, and nothing else.
///
/// # Errors
/// If the child fails.
pub fn inflate(folder: &Path) -> Result<Measured> {
    start(&["inflate".as_ref(), folder.as_os_str()], None)
}

/// Reading a job's submissions into typed columns, and nothing else.
///
/// # Errors
/// If the child fails.
pub fn read(job: &Path, threads: Option<usize>) -> Result<Measured> {
    start(&["read".as_ref(), job.as_os_str()], threads)
}

fn start(arguments: &[&std::ffi::OsStr], threads: Option<usize>) -> Result<Measured> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(MARK).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    // As the program itself is started.
    command.envs(baosong::run::settings(threads));
    let started = Instant::now();
    let output = command.output()?;
    let whole = started.elapsed().as_secs_f64();
    let spoken = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("a measurement failed: {spoken}");
    }
    // Lines of `--timings`: `12.3 ms  read`.
    let stage = |name: &str| -> f64 {
        let line = spoken.lines().filter_map(|line| line.split_once(" ms  ")).find(|(_, stage)| *stage == name);
        line.and_then(|(time, _)| time.trim().parse::<f64>().ok()).map_or(0.0, |time| time / 1000.0)
    };
    let told = String::from_utf8_lossy(&output.stdout);
    let (peak, processor) = told.trim().split_once(' ').context("the child prints memory and processor time")?;
    Ok(Measured {
        whole,
        read: stage("read"),
        check: stage("check"),
        write: stage("write"),
        // Parts of a stage are indented.
        reports: ["  reports", "  submission", "  report.html"].map(stage).iter().sum(),
        peak: peak.parse()?,
        processor: processor.parse()?,
    })
}

/// Does what the parent asked for, and prints the peak of memory and the processor time.
///
/// # Errors
/// If the work cannot be done.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is how the parent is told")]
pub fn main(arguments: &[String]) -> Result<()> {
    // Of what is measured alone, loading the pack is no part.
    let mut apart = 0.0;
    match arguments {
        [what, folder] if what == "bare" => {
            let started = Instant::now();
            let cells = read_all(Path::new(folder))?;
            eprintln!("{:.1} ms  read", started.elapsed().as_secs_f64() * 1000.0);
            anyhow::ensure!(cells > 0, "there is nothing to read");
        }
        [what, folder] if what == "inflate" => {
            let started = Instant::now();
            let bytes = inflate_all(Path::new(folder))?;
            eprintln!("{:.1} ms  read", started.elapsed().as_secs_f64() * 1000.0);
            anyhow::ensure!(bytes > 0, "there is nothing to read");
        }
        [what, job] if what == "read" => apart = read_job(Path::new(job))?,
        [what, job, out] if what == "run" => {
            let common = Common {
                out: PathBuf::from(out),
                ledger: None,
                lang: Lang::Zh,
                threads: None,
                timings: true,
                json: false,
                quiet: true,
                verbose: false,
            };
            baosong::run::run(Path::new(job), &common)?;
        }
        _ => bail!("unknown measurement"),
    }
    println!("{} {}", peak_memory().unwrap_or_default(), processor_time().unwrap_or_default() - apart);
    Ok(())
}

fn read_all(path: &Path) -> Result<usize> {
    let mut cells = 0;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            cells += read_all(&entry?.path())?;
        }
        return Ok(cells);
    }
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(std::fs::File::open(path)?))?;
    for name in book.sheet_names() {
        let mut reader = book.worksheet_cells_reader(&name)?;
        while let Some(cell) = reader.next_cell()? {
            std::hint::black_box(&cell);
            cells += 1;
        }
    }
    Ok(cells)
}

fn inflate_all(path: &Path) -> Result<u64> {
    let mut total = 0;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            total += inflate_all(&entry?.path())?;
        }
        return Ok(total);
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(std::fs::read(path)?))?;
    for index in 0..archive.len() {
        total += std::io::copy(&mut archive.by_index(index)?, &mut std::io::sink())?;
    }
    Ok(total)
}

/// Reads the submissions of a job; gives the processor time spent before that.
#[expect(clippy::print_stderr, reason = "this is how the parent is told")]
fn read_job(path: &Path) -> Result<f64> {
    let job = baosong::job::read_job(path)?;
    let pack = baosong::pack::load_pack(&baosong::pack::Request {
        pack: &job.pack,
        folder: job.rules.as_deref(),
        period: job.period,
        overrides: &job.params,
        calendar: baosong::job::Calendar::built_in()?,
    })?;
    let mut sources = Vec::new();
    let mut folders = vec![job.input];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.to_string_lossy().into_owned();
                sources.push(baosong::ingest::Source { path, name, unit: 0 });
            }
        }
    }
    let apart = processor_time().unwrap_or_default();
    let started = Instant::now();
    let intake = baosong::ingest::read_files(&sources, &pack, &baosong::ingest::Options::default(), &|_| ());
    eprintln!("{:.1} ms  read", started.elapsed().as_secs_f64() * 1000.0);
    anyhow::ensure!(intake.files.iter().all(|file| file.unreadable.is_none()), "a file could not be read");
    anyhow::ensure!(intake.files.iter().all(|file| file.handed_over.is_none()), "a file was left to calamine");
    Ok(apart)
}

/// Peak of resident memory in MB, where the system tells it.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Processor time of this process in seconds, where the system tells it.
fn processor_time() -> Option<f64> {
    /// Linux counts in hundredths of a second for programs, whatever the kernel's own clock.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, second field, may hold blanks: counting starts behind its bracket. User and system time are 14 and 15.
    let (_, rest) = stat.rsplit_once(')')?;
    let times = rest.split_whitespace().skip(11).take(2);
    let ticks: Option<f64> = times.map(|time| time.parse::<f64>().ok()).sum();
    Some(ticks? / TICKS)
}
