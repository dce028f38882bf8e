//! Files handed in become [`Table`]s, losing nothing. The only module that knows calamine, the XML of sheets, and csv.
//!
//! Must not know rules, findings or workbooks to be written.
//!
//! A file is told apart by its content (`format`), its sheets are streamed row by row (`sheets`, `delimited`), the
//! headings are located (`layout`), and each row goes cell by cell (`rows`) through detectors and typing (`typing`) into
//! typed columns (`column`).

mod cell;
pub(crate) mod characters;
mod column;
pub(crate) mod date;
mod delimited;
mod entered;
mod file;
mod foreign;
mod form;
mod format;
pub(crate) mod heading;
mod join;
mod layout;
mod marks;
mod merged;
mod message;
mod model;
pub(crate) mod number;
mod parts;
mod plain;
mod pump;
mod raw;
mod rows;
mod sheets;
pub(crate) mod skip;
mod sorted;
mod telling;
mod texts;
mod typing;
mod xlsx;

#[cfg(test)]
mod testpack;
#[cfg(test)]
mod tests;

pub use cell::{Cell, DayTime, Flow};
pub use entered::{Entered, seen};
pub use heading::Heading;
pub use merged::merged_cell_faults;
pub use model::*;
pub use plain::{PlainBook, PlainRow, PlainSheet, read_plain};
pub use raw::{RawFile, with_file};
pub(crate) use typing::shown;
pub use typing::{As, TypedCell, TypedValue, cell_faults, code_entries, typed_cell};

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rayon::prelude::*;

use crate::{pack::RulePack, table::Table};
use file::{Context, FileTables, read_file, unread};
use join::Joined;
use layout::Candidate;

/// Reads files on the threads of the current rayon pool. `progress` is told the number of files done after each.
///
/// Never fails as a whole: a file that cannot be read is reported and the others are read. The result does not depend on
/// the number of threads.
pub fn read_files(sources: &[Source], pack: &RulePack, options: &Options, progress: &(dyn Fn(usize) + Sync)) -> Intake {
    let context = Context { pack, candidates: Candidate::all(pack, options.only_dataset), options };
    let sizes: Vec<u64> =
        sources.iter().map(|source| std::fs::metadata(&source.path).map_or(0, |data| data.len())).collect();
    let total: u64 = sizes.iter().sum();
    let threads = rayon::current_num_threads() as u64;

    let done = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<FileTables>>> = sources.iter().map(|_| Mutex::new(None)).collect();
    let intake = Mutex::new(Intaking::new(pack));
    in_turn(&sizes, threads).into_iter().par_bridge().for_each(|index| {
        let (Some(source), Some(size), Some(slot)) = (sources.get(index), sizes.get(index), results.get(index)) else {
            return;
        };
        // Only a file larger than a thread's fair share is worth a second thread.
        let overlap = threads > 1 && size.saturating_mul(threads) > total;
        let read = catch_unwind(AssertUnwindSafe(|| read_file(source, &context, overlap))).unwrap_or_else(|_| {
            let mut read = unread(source);
            read.bytes = *size;
            read.unreadable = Some(message::crashed());
            FileTables { read, tables: Vec::new() }
        });
        if let Ok(mut slot) = slot.lock() {
            *slot = Some(read);
        }
        // If another thread is at it, it does this, or whoever comes next.
        if let Ok(mut intake) = intake.try_lock() {
            intake.take_ready(sources, &results);
        }
        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
    });
    let mut intake = intake.into_inner().unwrap_or_else(PoisonError::into_inner);
    intake.take_ready(sources, &results);
    intake.finish(sources)
}

/// Indexes of the files in the order they are read in: those that keep a thread busy for long first, the largest of them
/// at the head, and then the others as they come, so that their records can be put together meanwhile.
fn in_turn(sizes: &[u64], threads: u64) -> Vec<usize> {
    let total: u64 = sizes.iter().sum();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|index| {
        let size = sizes.get(*index).copied().unwrap_or_default();
        let large = size.saturating_mul(threads).saturating_mul(4) > total;
        std::cmp::Reverse(if large { size } else { 0 })
    });
    order
}

/// What was handed in, as far as it has been put together.
struct Intaking<'p> {
    tables: Vec<Joined<'p>>,
    files: Vec<FileRead>,
}

impl<'p> Intaking<'p> {
    fn new(pack: &'p RulePack) -> Self {
        Self { tables: pack.datasets.iter().map(Joined::new).collect(), files: Vec::new() }
    }

    /// Takes the files whose turn it is, up to the first that has not been read yet.
    fn take_ready(&mut self, sources: &[Source], results: &[Mutex<Option<FileTables>>]) {
        for (source, slot) in sources.iter().zip(results).skip(self.files.len()) {
            let Some(read) = slot.lock().ok().and_then(|mut slot| slot.take()) else { return };
            self.take(source, read);
        }
    }

    fn take(&mut self, source: &Source, FileTables { mut read, tables }: FileTables) {
        for sheet in tables {
            let Some(table) = self.tables.get_mut(sheet.dataset) else { continue };
            if let Err(error) = table.append(sheet, self.files.len(), source.unit) {
                read.unreadable = Some(message::not_joined(&error));
            }
        }
        self.files.push(read);
    }

    fn finish(self, sources: &[Source]) -> Intake {
        let Self { tables: joined, mut files } = self;
        files.extend(sources.iter().skip(files.len()).map(unread));
        let mut tables = Vec::with_capacity(joined.len());
        for table in joined {
            tables.push(table.finish().unwrap_or_else(|(error, lost)| {
                for file in lost {
                    if let Some(file) = files.get_mut(file) {
                        file.unreadable = Some(message::not_joined(&error));
                    }
                }
                Table::default()
            }));
        }
        Intake { tables, files }
    }
}
