//! Settings that libraries take from the environment before the first line of the program runs: the program is started
//! again with them.
//!
//! Knows processes and nothing of jobs.

use std::process::{Command, ExitCode};

#[cfg(not(unix))]
use crate::cli::Exit;

/// Threads of Polars, which it starts with its first frame.
const POLARS_THREADS: &str = "POLARS_MAX_THREADS";
const RAYON_THREADS: &str = "RAYON_NUM_THREADS";
/// Pools of memory of the C library on Linux. Threads that share one wait for each other where they write many small
/// workbooks, and with many more than threads much is kept that none of them uses.
const POOLS: &str = "MALLOC_ARENA_MAX";
/// From how many bytes on a piece belongs to no pool and goes back to the system when it is freed, and how many free bytes
/// at the end of a pool go back. Unless they are set they grow with the pieces met, and what one thread has freed of a
/// table the others cannot use.
const OWN: [&str; 2] = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];
const OWN_FROM: u32 = 128 * 1024;

/// The variables the program is to run with if `threads` threads are asked for, or else one for each processor.
pub fn settings(threads: Option<usize>) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    if let Some(threads) = threads {
        settings.extend([POLARS_THREADS, RAYON_THREADS].map(|name| (name, threads.max(1).to_string())));
    }
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        let threads = threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from));
        settings.push((POOLS, threads.unwrap_or(1).max(1).to_string()));
        settings.extend(OWN.map(|name| (name, OWN_FROM.to_string())));
    }
    settings
}

/// Starts the program again if a variable of [`settings`] is not set. None if there is no need, or it cannot be done: then
/// it runs as it is.
pub fn restart(threads: Option<usize>) -> Option<ExitCode> {
    let mut settings = settings(threads);
    // Someone who has set memory up knows why; and these variables are set in the program started again.
    settings.retain(|(name, value)| match std::env::var(name) {
        Ok(set) => set != *value && !is_of_memory(name),
        Err(_) => true,
    });
    if settings.is_empty() {
        return None;
    }
    let mut command = Command::new(std::env::current_exe().ok()?);
    command.args(std::env::args_os().skip(1)).envs(settings);
    #[cfg(unix)]
    {
        // In place of this process; comes back only if it fails.
        let _ = std::os::unix::process::CommandExt::exec(&mut command);
        None
    }
    #[cfg(not(unix))]
    {
        let code = command.status().ok()?.code();
        Some(ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(Exit::Failed.code())))
    }
}

fn is_of_memory(name: &str) -> bool {
    name == POOLS || OWN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_has_a_pool() {
        let of = |threads| settings(Some(threads)).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
        let pools = |count: &str| {
            if cfg!(all(target_os = "linux", target_env = "gnu")) {
                vec![count.to_owned(), "131072".to_owned(), "131072".to_owned()]
            } else {
                vec![]
            }
        };
        assert_eq!(of(1), [vec!["1".to_owned(), "1".to_owned()], pools("1")].concat());
        assert_eq!(of(8), [vec!["8".to_owned(), "8".to_owned()], pools("8")].concat());
        assert_eq!(of(0), of(1));
        assert!(settings(None).iter().all(|(name, _)| is_of_memory(name)));
    }
}
