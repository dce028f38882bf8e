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
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rayon::prelude::*;

use crate::{pack::RulePack, table::Table};
use file::{Context, FileTables, read_file, unread};
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
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(sizes.get(*index).copied().unwrap_or_default()));

    let done = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<FileTables>>> = sources.iter().map(|_| Mutex::new(None)).collect();
    order.par_iter().with_max_len(1).for_each(|index| {
        let (Some(source), Some(size), Some(slot)) = (sources.get(*index), sizes.get(*index), results.get(*index))
        else {
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
        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
    });

    let mut tables: Vec<Table> = pack.datasets.iter().map(|_| Table::default()).collect();
    let mut files = Vec::with_capacity(sources.len());
    for (source, slot) in sources.iter().zip(results) {
        let read = slot.into_inner().ok().flatten();
        let FileTables { mut read, tables: sheets } =
            read.unwrap_or_else(|| FileTables { read: unread(source), tables: Vec::new() });
        for sheet in sheets {
            let Some(table) = tables.get_mut(sheet.dataset) else { continue };
            if let Err(error) = join::append(table, sheet, files.len(), source.unit) {
                read.unreadable = Some(message::not_joined(&error));
            }
        }
        files.push(read);
    }
    for (table, dataset) in tables.iter_mut().zip(&pack.datasets) {
        join::settle(table, dataset);
    }
    Intake { tables, files }
}
