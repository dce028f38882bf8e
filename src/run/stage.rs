//! Progress and time of the stages: bars on a terminal, quiet otherwise; times on request.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    cli::Common,
    text::{Lang, Text},
};

/// Shows and times the stages of a run.
pub struct Stages {
    bars: bool,
    timings: bool,
    verbose: bool,
    lang: Lang,
    times: RefCell<Vec<(String, Duration)>>,
}

/// What a stage is called.
fn title(stage: &str) -> Text {
    match stage {
        "read" => Text::new("读入", "reading"),
        "check" => Text::new("校验", "checking"),
        _ => Text::new("写出", "writing"),
    }
}

impl Stages {
    /// Bars only where standard error is a terminal and neither quiet nor JSON was asked for.
    pub fn new(common: &Common) -> Self {
        Self {
            bars: std::io::stderr().is_terminal() && !common.quiet && !common.json,
            timings: common.timings,
            verbose: common.verbose,
            lang: common.lang,
            times: RefCell::default(),
        }
    }

    fn bar(&self, stage: &str, length: usize) -> ProgressBar {
        let target = if self.bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(length as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix:>8} [{bar:40}] {pos}/{len} {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(title(stage).get(self.lang).to_owned());
        bar.tick();
        bar
    }

    /// Runs the reading of `files` files, timed under `name`; the callback is told how many more are done.
    pub fn reading<T>(&self, name: &str, files: usize, work: impl FnOnce(&(dyn Fn(usize) + Sync)) -> T) -> T {
        let bar = self.bar("read", files);
        let started = Instant::now();
        let result = work(&|done| bar.set_position(done as u64));
        bar.finish_and_clear();
        self.times.borrow_mut().push((name.to_owned(), started.elapsed()));
        result
    }

    /// Runs a stage of one step.
    pub fn time<T>(&self, stage: &str, work: impl FnOnce() -> T) -> T {
        let bar = self.bar(stage, 1);
        let started = Instant::now();
        let result = work();
        bar.finish_and_clear();
        self.times.borrow_mut().push((stage.to_owned(), started.elapsed()));
        result
    }

    /// Runs two stages of one step beside each other.
    pub fn both<A: Send, B: Send>(
        &self,
        (first, work): (&str, impl FnOnce() -> A + Send),
        (second, beside): (&str, impl FnOnce() -> B + Send),
    ) -> (A, B) {
        fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
            let started = Instant::now();
            (work(), started.elapsed())
        }
        let bar = self.bar(first, 1);
        let ((one, took), (other, took_beside)) = rayon::join(|| timed(work), || timed(beside));
        bar.finish_and_clear();
        self.times.borrow_mut().extend([(first.to_owned(), took), (second.to_owned(), took_beside)]);
        (one, other)
    }

    /// Adds the times of parts of a stage.
    pub fn detail(&self, times: &BTreeMap<String, Duration>) {
        let mut parts: Vec<_> = times.iter().collect();
        parts.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let lines = parts.into_iter().map(|(name, time)| (format!("  {name}"), *time));
        self.times.borrow_mut().extend(lines);
    }

    /// Adds the time a part took.
    pub fn took(&self, name: &str, time: Duration) {
        self.times.borrow_mut().push((format!("  {name}"), time));
    }

    /// Runs a part of a stage.
    pub fn part<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        self.took(name, started.elapsed());
        result
    }

    /// Something worth knowing, said only under `-v`.
    #[expect(clippy::print_stderr, reason = "this is where the run speaks")]
    pub fn note(&self, text: &str) {
        if self.verbose {
            eprintln!("{text}");
        }
    }

    /// The times, if they were asked for.
    #[expect(clippy::print_stderr, reason = "this is where the run speaks")]
    pub fn print_times(&self) {
        if self.timings {
            // Parts below a tenth of a millisecond would hide the others.
            for (name, time) in self.times.borrow().iter().filter(|(_, time)| time.as_micros() >= 100) {
                eprintln!("{:>10.1} ms  {name}", time.as_secs_f64() * 1000.0);
            }
        }
    }

    /// Whether more is to be said.
    pub fn verbose(&self) -> bool {
        self.verbose
    }
}
