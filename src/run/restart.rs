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
/// Pools of memory of the C library on Linux. It gives each thread one, and what one thread has freed the others cannot
/// use: with tables of several hundred megabytes, filled by one thread and read by others, a fifth is lost.
const POOLS: &str = "MALLOC_ARENA_MAX";

/// The variables the program is to run with if `threads` threads are asked for, or else one for each processor.
pub fn settings(threads: Option<usize>) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    if let Some(threads) = threads {
        settings.extend([POLARS_THREADS, RAYON_THREADS].map(|name| (name, threads.max(1).to_string())));
    }
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        let threads = threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from));
        // Two threads hardly ever wait for each other: small pieces of memory each keeps for itself.
        settings.push((POOLS, threads.unwrap_or(1).max(1).div_ceil(2).to_string()));
    }
    settings
}

/// Starts the program again if a variable of [`settings`] is not set. None if there is no need, or it cannot be done: then
/// it runs as it is.
pub fn restart(threads: Option<usize>) -> Option<ExitCode> {
    let mut settings = settings(threads);
    // Someone who has set the pools knows why; and these variables are set in the program started again.
    settings.retain(|(name, value)| match std::env::var(name) {
        Ok(set) => set != *value && *name != POOLS,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_share_pools_in_pairs() {
        let of = |threads| settings(Some(threads)).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
        let pools = |count: &str| {
            if cfg!(all(target_os = "linux", target_env = "gnu")) { vec![count.to_owned()] } else { vec![] }
        };
        assert_eq!(of(1), [vec!["1".to_owned(), "1".to_owned()], pools("1")].concat());
        assert_eq!(of(8), [vec!["8".to_owned(), "8".to_owned()], pools("4")].concat());
        assert_eq!(of(0), of(1));
        assert!(settings(None).iter().all(|(name, _)| *name == POOLS));
    }
}
