//! Moves batches from a reader to whoever takes the rows, on one thread or on two.
//!
//! Knows no file format and no dataset.

use std::sync::mpsc::{channel, sync_channel};

use super::cell::Flow;

/// Batches on their way between the two threads.
const BATCHES: usize = 8;

/// What filling a batch came to.
pub enum Step<E> {
    /// It is full.
    More,
    /// The sheet has ended.
    End,
    /// The sheet cannot be read from here on.
    Broken(E),
}

/// Runs `fill` until the sheet ends and hands the batches to `take`, on one thread or on two. `fill` is given new batches
/// and used ones.
///
/// # Errors
/// What `fill` ended with; the batches before were taken.
pub fn pump<B: Default + Send, E>(
    overlap: bool,
    mut fill: impl FnMut(&mut B) -> Step<E>,
    take: &mut (dyn FnMut(&B) -> Flow + Send),
) -> Result<Flow, E> {
    if !overlap {
        let mut batch = B::default();
        loop {
            let step = fill(&mut batch);
            let flow = take(&batch);
            match step {
                _ if flow != Flow::More => return Ok(flow),
                Step::More => {}
                Step::End => return Ok(Flow::More),
                Step::Broken(broken) => return Err(broken),
            }
        }
    }
    std::thread::scope(|scope| {
        let (to_taker, filled) = sync_channel::<B>(BATCHES);
        let (to_reader, emptied) = channel::<B>();
        let taker = scope.spawn(move || {
            for batch in filled {
                let flow = take(&batch);
                if flow != Flow::More {
                    return flow;
                }
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
