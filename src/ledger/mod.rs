//! The ledger: what the institution remembers of every run, in one file of `SQLite`. Findings are known again by their
//! fingerprint, across runs and periods.
//!
//! The only module that knows how things are stored. It knows neither workbooks nor the order of a run's steps: it is
//! handed values and gives values back. The clock is the caller's.
//!
//! How a run uses it, and why in this order:
//! 1. [`Ledger::open`] and [`Ledger::begin_run`]: the lock is taken and a write is made, so that a second run, a
//!    read-only file or a full disk is noticed in the first second.
//! 2. [`RunEntry::of`] the outcome, and [`OpenRun::repeats`] for the notes in the workbooks. Nothing is written yet, so
//!    that people can explain and list meanwhile.
//! 3. The outputs are written to their temporary folder.
//! 4. [`OpenRun::record`] writes everything in one transaction, without committing. The register is read from it and
//!    written, and [`Recorded::flush`] puts it on the disk: lack of space shows here, while nothing has happened yet.
//! 5. The folder is published, by renaming.
//! 6. [`Recorded::commit`].
//!
//! Where 5 fails (a workbook of the old folder is open in Excel, say), the transaction falls and both sides are as
//! before. Killed between 5 and 6, the outputs are new and the ledger is as before: their manifest names a run that
//! [`Ledger::knows_run`] does not know, and the same run once more gives the same outputs and the same ledger, because it
//! starts from the same state. The other order would leave findings in the ledger that no workbook shows whenever
//! renaming fails, which is common, and a repeated run would not start from the same state.
//!
//! The journal is the rollback journal, not the write-ahead log: ledgers lie on shared folders, where the log's shared
//! memory does not work; people copy them as one file, and with the log the last commits may be in a second one; and a
//! read-only copy opens. Its price, readers waiting while a commit is written, is milliseconds here.

mod amend;
mod answer;
mod at_risk;
mod backup;
mod decision;
mod declared;
mod entry;
mod error;
mod export;
mod feedback;
mod findings;
mod gate;
mod handed_in;
mod history;
mod list;
mod lock;
mod record;
mod register;
mod repeat;
mod schema;
mod score;
mod source;
mod status;
#[cfg(test)]
pub(crate) mod tests;
mod tier;
mod view;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

pub use amend::{Amendments, Declaring, Given, ReturnedBook, Said};
pub use answer::{Refusal, Target};
pub use decision::{Decision, DecisionState};
pub use declared::{Declaration, Declared};
pub use entry::{Key, People, RunEntry, Sighting, Submission, UnitEntry, Unread};
pub use error::{Fault, LedgerError};
pub use export::{Cell, Table};
pub use feedback::{FeedbackFile, FeedbackLine, FeedbackRow, Imported, LineOutcome, Recognised};
pub use gate::{Gate, UnitGate};
pub use history::{Explanation, History, Reported, Seen, Waiver, WaiverState};
pub use list::{Filter, FindingRow, Listing};
pub use lock::{Holder, OpenRun};
pub use record::{Recorded, Tally};
pub use register::{Bounds, Closed, Problem, Register};
pub use repeat::{Repeat, Repeated};
pub use score::{Correction, Month, UnitScore};
pub use source::{Checked, Opening, Origin, SecondCheck};
pub use status::Status;
pub use tier::{RecordedTiers, TierRow, TierRun};
pub use view::{CustomerTier, Known, PeriodUnit, View};

/// How long a statement waits for another program's commit before it gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Memory for pages, in KiB: a whole run's changes fit, so that readers are not kept out before the commit.
const CACHE_KIB: i64 = 64 * 1024;

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
}

impl Ledger {
    /// Opens the ledger, and makes it if there is none.
    ///
    /// # Errors
    /// If the file cannot be opened, is no ledger, is damaged, or was written by a newer program.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_with(path, OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens a ledger that is there already.
    ///
    /// # Errors
    /// As [`Ledger::open`], and if there is none.
    pub fn open_existing(path: &Path) -> Result<Self, LedgerError> {
        if !path.exists() {
            return Err(LedgerError::new(path, Fault::Missing));
        }
        Self::open_with(path, OpenFlags::empty())
    }

    fn open_with(path: &Path, create: OpenFlags) -> Result<Self, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
        let prepare = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
            // A commit is on the disk when it returns, its journal's removal included.
            connection.pragma_update(None, "synchronous", "EXTRA")?;
            // References are kept by the code and checked by its tests: checking six for each finding costs a fifth of
            // the time.
            connection.pragma_update(None, "foreign_keys", false)?;
            Ok(connection)
        };
        let mut connection = prepare().map_err(|error| LedgerError::storage(path, error))?;
        schema::migrate(&mut connection, path, schema::STEPS)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    fn fault(&self) -> impl Fn(rusqlite::Error) -> LedgerError + use<> {
        let path = self.path.clone();
        move |error| LedgerError::storage(&path, error)
    }
}
