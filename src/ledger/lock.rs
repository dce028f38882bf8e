//! The lock against two runs on one ledger, and the run that holds it.
//!
//! The lock is the operating system's, on an empty file beside the ledger: it ends with the process that holds it,
//! however that ends, so a dead run never keeps the next one out. The ledger itself says who holds it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{Fault, Ledger, LedgerError};
use crate::job::Institution;

/// How times are written in the ledger.
pub const TIME: &str = "%Y-%m-%dT%H:%M:%S";

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Number of the process.
    pub pid: u32,
    /// Name of the machine; empty if it could not be learnt.
    pub host: String,
    /// When it began.
    pub since: NaiveDateTime,
}

/// A run in progress: no other run on this ledger can begin until it is dropped.
#[derive(Debug)]
pub struct OpenRun<'l> {
    pub(super) connection: &'l mut Connection,
    pub(super) path: &'l Path,
    interrupted: Option<Holder>,
    lock: File,
}

impl Ledger {
    /// Begins a run: takes the lock and checks that the ledger can be written and is the institution's own. A new
    /// ledger becomes the institution's.
    ///
    /// # Errors
    /// If another run is going on, the ledger belongs to another institution, or it cannot be written.
    pub fn begin_run(&mut self, institution: &Institution, now: NaiveDateTime) -> Result<OpenRun<'_>, LedgerError> {
        let path = self.path.as_path();
        let lock_path = lock_path(path);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(|error| LedgerError::file(path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                // Whoever is only just beginning or ending has not written, or has removed, its line.
                let holder = read_holder(&self.connection).ok().flatten();
                return Err(LedgerError::new(path, Fault::Running(holder)));
            }
            Err(TryLockError::Error(error)) => return Err(LedgerError::file(path, &error)),
        }
        let me = Holder { pid: std::process::id(), host: host_name(), since: now };
        let storage = |error| LedgerError::storage(path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        if let Some(owner) = take_over(&transaction, institution).map_err(storage)? {
            return Err(LedgerError::new(path, Fault::OtherInstitution { owner }));
        }
        let interrupted = read_holder(&transaction).map_err(storage)?;
        write_holder(&transaction, &me).map_err(storage)?;
        transaction.commit().map_err(storage)?;
        Ok(OpenRun { connection: &mut self.connection, path, interrupted, lock })
    }
}

impl OpenRun<'_> {
    /// The run before, if it did not come to its end: its process was killed or the machine stopped. What it had not
    /// committed is gone.
    pub fn interrupted(&self) -> Option<&Holder> {
        self.interrupted.as_ref()
    }
}

impl Drop for OpenRun<'_> {
    fn drop(&mut self) {
        // Without it the next run only takes this one for interrupted.
        let _ = self.connection.execute("DELETE FROM holder", []);
        // Closing the file is not enough: a process just being started by another thread shares it for a moment.
        let _ = self.lock.unlock();
    }
}

/// The lock's file. It stays: removing it would let two processes lock two files of that name.
fn lock_path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// Makes a ledger without owner the institution's. Code and name of the owner if it is another.
pub(super) fn take_over(transaction: &Transaction<'_>, institution: &Institution) -> rusqlite::Result<Option<String>> {
    let owner = transaction
        .query_row("SELECT code, name FROM owner", [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    match owner {
        Some((code, name)) if code != institution.code => Ok(Some(format!("{code} {name}"))),
        _ => {
            transaction.execute(
                "INSERT INTO owner (one, code, name) VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET name = excluded.name",
                params![institution.code, institution.name],
            )?;
            Ok(None)
        }
    }
}

fn read_holder(connection: &Connection) -> rusqlite::Result<Option<Holder>> {
    let read = connection.query_row("SELECT pid, host, since FROM holder", [], |row| {
        let since: String = row.get(2)?;
        Ok(Holder {
            pid: row.get(0)?,
            host: row.get(1)?,
            since: NaiveDateTime::parse_from_str(&since, TIME).unwrap_or_default(),
        })
    });
    read.optional()
}

fn write_holder(connection: &Connection, holder: &Holder) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO holder (one, pid, host, since) VALUES (1, ?1, ?2, ?3)",
        params![holder.pid, holder.host, holder.since.format(TIME).to_string()],
    )?;
    Ok(())
}

/// The machine's name where the system tells it without a call of its own.
fn host_name() -> String {
    let from_file = ["/proc/sys/kernel/hostname", "/etc/hostname"].iter().find_map(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        Some(text.trim().to_owned()).filter(|name| !name.is_empty())
    });
    from_file
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .unwrap_or_default()
}
