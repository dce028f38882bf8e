//! Sheets whose rows are not in order: all cells are kept, sorted, and handed over again.
//!
//! Knows no file format and no dataset. Rare enough to be simple.

use super::{
    cell::{Broken, Cell, Flow, TakeRow},
    entered::Entered,
};

/// Hands the rows `stream` gives to `take` by ascending row number; of two cells at one place the first counts.
///
/// # Errors
/// If the sheet is damaged; the rows read before were handed over.
pub fn sorted(
    stream: &mut dyn FnMut(&mut TakeRow<'_>) -> Result<Flow, Broken>,
    take: &mut TakeRow<'_>,
) -> Result<Flow, Broken> {
    let mut cells: Vec<((u32, u32), Entered)> = Vec::new();
    let end = stream(&mut |sheet_row, row| {
        cells.extend(row.iter().map(|(column, cell)| ((sheet_row, *column), Entered::of(*cell))));
        Flow::More
    });
    if end == Ok(Flow::Restart) {
        return end;
    }
    cells.sort_by_key(|(place, _)| *place);
    cells.dedup_by_key(|(place, _)| *place);
    for row in cells.chunk_by(|a, b| a.0.0 == b.0.0) {
        let Some(((sheet_row, _), _)) = row.first() else { continue };
        let shown: Vec<(u32, Cell<'_>)> = row.iter().map(|((_, column), kept)| (*column, kept.cell())).collect();
        let flow = take(*sheet_row, &shown);
        if flow != Flow::More {
            return Ok(flow);
        }
    }
    end
}
