//! A copy of the ledger, made while it may be in use.

use std::{fs, path::Path, thread, time::Instant};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{Fault, Ledger, LedgerError, PATIENCE};

impl Ledger {
    /// Copies the ledger, as last committed, to `to`; a run may be going on. The copy appears under its name only when
    /// it is complete.
    ///
    /// # Errors
    /// If there is a file at `to` already, it cannot be written, or the ledger cannot be read.
    pub fn backup(&self, to: &Path) -> Result<(), LedgerError> {
        if to.exists() {
            return Err(LedgerError::new(&self.path, Fault::Taken(to.to_owned())));
        }
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".baosong-").tempfile_in(folder);
        let place = file.map_err(|error| LedgerError::file(to, &error))?.into_temp_path();
        copy(&self.connection, &place).map_err(|error| LedgerError::storage(to, error))?;
        let written = fs::File::open(&place).and_then(|file| file.sync_all());
        written.map_err(|error| LedgerError::file(to, &error))?;
        place.persist_noclobber(to).map_err(|error| LedgerError::file(to, &error.error))
    }
}

fn copy(from: &Connection, place: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(place)?;
    {
        let backup = Backup::new(from, &mut copy)?;
        let started = Instant::now();
        // All pages at once: the source is locked for reading meanwhile, so that a commit cannot make it begin again.
        while backup.step(-1)? != StepResult::Done {
            if started.elapsed() > PATIENCE {
                let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
                return Err(rusqlite::Error::SqliteFailure(busy, None));
            }
            thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    // The run that may be going on is not going on in the copy.
    copy.execute("DELETE FROM holder", [])?;
    copy.close().map_err(|(_, error)| error)
}
