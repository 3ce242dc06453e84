//! Many calls of one function for one turn of the bells. Each ends by itself, as it would alone.

use std::ops::Range;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use saggar_model::{Code, Feedback, Stage};
use saggar_plugin_abi::{Answers, Sidecar as _};
use saggar_skill_abi::layout::BLOCK_ALIGN;

use super::{Client, OK, has_ended};
use crate::arena::{ARGS, Arena, Batch, place};
use crate::crash::Call;

/// Most calls of one batch.
const MOST: usize = 4096;

/// How many of these blocks go into one batch: their half of the arena is for the results.
pub(super) fn fitting(arena: &Arena, blocks: &[&[u8]]) -> usize {
    let room = arena.room(ARGS) / 2;
    let (mut used, mut count) = (0usize, 0);
    let fits = |block: &&&[u8]| {
        used = place(used, block.len()) + block.len();
        count += 1;
        used + BLOCK_ALIGN + Batch::tables(count) <= room
    };
    blocks.iter().take(MOST).take_while(fits).count()
}

/// A single answer that is a failure.
fn failed(told: Box<Feedback>) -> Answers {
    let mut answers = Answers::default();
    answers.push(Err(told));
    answers
}

impl Client {
    /// Calls a function once for each of these blocks, which fit; the last may be left to be called
    /// again, where results left them no room.
    pub(super) fn batch(&self, function: u32, blocks: &[&[u8]], deadline: Duration) -> Answers {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.alive() {
            return failed(has_ended());
        }
        let (Ok(batch), Ok(count)) =
            (self.arena().batch(blocks.len()), u32::try_from(blocks.len()))
        else {
            return failed(self.beyond(blocks.len() as u64));
        };
        let mut end = batch.blocks;
        for (length, block) in batch.lengths.iter().zip(blocks) {
            length.store(block.len() as u64, Ordering::Relaxed);
            let at = place(end, block.len());
            // It was measured before that they fit.
            self.arena().write(at, block).unwrap_or_default();
            end = at + block.len();
        }
        let results = end.next_multiple_of(BLOCK_ALIGN);
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
                failed(Box::new(Feedback::new(Stage::Call, Code::BadResult, summary)))
            }
            Ok(_) => self.collect(&batch, done, results, done == blocks.len()),
            Err(late) => {
                // The call under way when it ended is none that is done.
                let done = done.min(blocks.len() - 1);
                let mut answers = self.collect(&batch, done, results, true);
                if answers.len() == done && self.alive() {
                    let at = |end, block: &&[u8]| place(end, block.len()) + block.len();
                    let before = blocks[..done].iter().fold(batch.blocks, at);
                    let block = blocks[done];
                    let at = place(before, block.len()) as u64;
                    answers.push(Err(self.bury(late, Call { function, block, at })));
                }
                answers
            }
        }
    }

    /// The answers of calls that are done. Their results lie one behind the other, so that all
    /// together are no more than the arena holds.
    /// `all`: no call was begun and left.
    fn collect(&self, batch: &Batch<'_>, done: usize, results: usize, all: bool) -> Answers {
        let (mut next, mut end, mut beyond) = (Some(results), results, None);
        let mut told = Vec::with_capacity(done);
        for said in &batch.ends[..done] {
            // Behind the end of the arena there are no results.
            let Some(at) = next else { break };
            let status = u32::try_from(said.status.load(Ordering::Acquire)).unwrap_or(u32::MAX);
            let length = said.result_len.load(Ordering::Acquire);
            match usize::try_from(length) {
                Ok(length) if length <= self.arena().room(at) => end = at + length,
                _ => {
                    beyond = Some(length);
                    break;
                }
            }
            told.push((status, at..end));
            next = self.arena().behind(at, length);
        }
        // All of them at once; the places were just checked.
        let bytes = self.arena().copy(results, (end - results) as u64).unwrap_or_default();
        self.arena().clear(ARGS, end - ARGS);
        if !all || beyond.is_some() || told.iter().any(|(status, _)| *status != OK) {
            // More may have been written than what is left of it.
            self.arena().clear_rest(end);
        }
        let answer = |(status, place): (u32, Range<usize>)| {
            let room = self.arena().room(place.start);
            let place = place.start - results..place.end - results;
            match status {
                OK => Ok(place),
                status => Err(self.failure(status, &bytes[place], room)),
            }
        };
        let answers = told.into_iter().map(answer);
        let answers = answers.chain(beyond.map(|length| Err(self.beyond(length)))).collect();
        Answers::new(bytes, answers)
    }
}
