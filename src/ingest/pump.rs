//! Moves batches from a reader to whoever takes the rows, on one thread or on two.
//!
//! Knows no file format and no dataset.

use std::sync::mpsc::{channel, sync_channel};

use super::cell::{Batch, Flow, TakeRow};

/// Batches on their way between the two threads.
const BATCHES: usize = 8;

/// A sheet that could be read only in part, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The last row read.
    pub after_row: u32,
    /// What the reader said.
    pub detail: String,
}

/// What filling a batch came to.
pub enum Step {
    /// It is full.
    More,
    /// The sheet has ended.
    End,
    /// The sheet is damaged from here on.
    Broken(Broken),
}

/// Runs `fill` until the sheet ends and hands the rows to `take`, on one thread or on two.
pub fn pump<'a>(
    overlap: bool,
    mut fill: impl FnMut(&mut Batch<'a>) -> Step,
    take: &mut TakeRow<'_>,
) -> Result<Flow, Broken> {
    if !overlap {
        let mut batch = Batch::default();
        loop {
            batch.clear();
            let step = fill(&mut batch);
            let flow = batch.each_row(take);
            match step {
                _ if flow != Flow::More => return Ok(flow),
                Step::More => {}
                Step::End => return Ok(Flow::More),
                Step::Broken(broken) => return Err(broken),
            }
        }
    }
    std::thread::scope(|scope| {
        let (to_taker, filled) = sync_channel::<Batch<'a>>(BATCHES);
        let (to_reader, emptied) = channel::<Batch<'a>>();
        let taker = scope.spawn(move || {
            for mut batch in filled {
                let flow = batch.each_row(take);
                if flow != Flow::More {
                    return flow;
                }
                batch.clear();
                // Fails only when the reading side has ended.
                let _ = to_reader.send(batch);
            }
            Flow::More
        });
        let end = loop {
            let mut batch = emptied.try_recv().unwrap_or_default();
            let step = fill(&mut batch);
            let wanted = to_taker.send(batch).is_ok();
            match step {
                Step::More if wanted => {}
                Step::Broken(broken) => break Err(broken),
                Step::More | Step::End => break Ok(()),
            }
        };
        drop(to_taker);
        let flow = taker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if flow == Flow::More { end.map(|()| flow) } else { Ok(flow) }
    })
}
