//! Many calls of one function for one turn of the bells. Each ends by itself, as it would alone.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use saggar_model::{Code, Feedback, Stage};
use saggar_plugin_abi::Sidecar as _;
use saggar_skill_abi::layout::BLOCK_ALIGN;

use super::{Client, OK, has_ended};
use crate::arena::{ARGS, Arena, Batch};
use crate::crash::Call;

/// Most calls of one batch.
const MOST: usize = 4096;

/// How many of these blocks go into one batch: their half of the arena is for the results.
pub(super) fn fitting(arena: &Arena, blocks: &[Vec<u8>]) -> usize {
    let room = arena.room(ARGS) / 2;
    let (mut used, mut count) = (0usize, 0);
    let fits = |block: &&Vec<u8>| {
        used += block.len() + BLOCK_ALIGN;
        count += 1;
        used + Batch::tables(count) <= room
    };
    blocks.iter().take(MOST).take_while(fits).count()
}

impl Client {
    /// Calls a function once for each of these blocks, which fit; the last may be left to be called
    /// again, where results left them no room.
    pub(super) fn batch(
        &self,
        function: u32,
        blocks: &[Vec<u8>],
        deadline: Duration,
    ) -> Vec<Result<Vec<u8>, Box<Feedback>>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.alive() {
            return vec![Err(has_ended())];
        }
        let (Ok(batch), Ok(count)) =
            (self.arena().batch(blocks.len()), u32::try_from(blocks.len()))
        else {
            return vec![Err(self.beyond(blocks.len() as u64))];
        };
        let mut results = batch.blocks;
        for (length, block) in batch.lengths.iter().zip(blocks) {
            length.store(block.len() as u64, Ordering::Relaxed);
            // It was measured before that they fit.
            results = self.arena().write(results, block).unwrap_or(results);
        }
        let control = self.arena().control();
        control.progress.done.store(0, Ordering::Relaxed);
        control.asked.function.store(function, Ordering::Relaxed);
        control.asked.result_at.store(results as u64, Ordering::Relaxed);
        let answered = self.exchange(&mut turn, deadline, count);
        let done = control.progress.done.load(Ordering::Acquire) as usize;
        match answered {
            Ok(_) if done == 0 || done > blocks.len() => {
                self.condemn();
                let summary = format!("the sidecar claims {done} of {} calls", blocks.len());
                vec![Err(Box::new(Feedback::new(Stage::Call, Code::BadResult, summary)))]
            }
            Ok(_) => self.collect(&batch, done, results, done == blocks.len()),
            Err(late) => {
                // The call under way when it ended is none that is done.
                let done = done.min(blocks.len() - 1);
                let mut answers = self.collect(&batch, done, results, true);
                if answers.len() == done && self.alive() {
                    let behind = |at: usize, block: &Vec<u8>| {
                        (at + block.len()).next_multiple_of(BLOCK_ALIGN)
                    };
                    let at = blocks[..done].iter().fold(batch.blocks, behind) as u64;
                    let call = Call { function, block: &blocks[done], at };
                    answers.push(Err(self.bury(late, call)));
                }
                answers
            }
        }
    }

    /// The answers of calls that are done. Their results lie one behind the other, so that all
    /// together are no more than the arena holds.
    /// `all`: no call was begun and left.
    fn collect(
        &self,
        batch: &Batch<'_>,
        done: usize,
        results: usize,
        all: bool,
    ) -> Vec<Result<Vec<u8>, Box<Feedback>>> {
        let mut answers = Vec::with_capacity(done);
        let (mut at, mut written) = (results, all);
        for end in &batch.ends[..done] {
            let status = u32::try_from(end.status.load(Ordering::Acquire)).unwrap_or(u32::MAX);
            let length = end.result_len.load(Ordering::Acquire);
            let Ok(block) = self.arena().copy(at, length) else {
                answers.push(Err(self.beyond(length)));
                break;
            };
            written &= status == OK;
            answers.push(self.told(status, block, self.arena().room(at)));
            let next = self.arena().behind(at, length);
            at = next.unwrap_or(usize::MAX);
            // Behind the end of the arena there are no results.
            if next.is_none() || !self.alive() {
                break;
            }
        }
        self.arena().clear(ARGS, at - ARGS);
        if !written {
            // More may have been written than what is left of it.
            self.arena().clear_rest(at);
        }
        answers
    }
}
