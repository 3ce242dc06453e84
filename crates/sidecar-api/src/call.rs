//! Calls through the arena, under the host's clock.

mod batch;
mod files;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use saggar_model::{Code, Enforced, Feedback, Stage};
use saggar_plugin_abi::{Answers, FileList, Sidecar};
use saggar_skill_abi::frame::Status;

use crate::arena::{ARGS, Arena, DEAD};
use crate::bell::Patience;
use crate::crash::{self, Call, Module};
use crate::launch::GRACE;
use crate::watch::{Watched, Watcher};

pub(crate) use files::Shows;

/// A loaded artifact: one call at a time.
pub(crate) struct Client {
    watched: Arc<Watched>,
    watcher: Arc<Watcher>,
    enforced: Enforced,
    module: Module,
    turn: Mutex<Turn>,
    dead: AtomicBool,
    memory: u64,
}

/// What goes from one call to the next.
struct Turn {
    /// Number of the last call.
    number: u32,
    patience: Patience,
    shows: Shows,
}

/// What the sidecar answered, every word read once.
struct Answer {
    status: u32,
    length: u64,
}

/// Calls of a process before which its output is looked at, whether or not it is known to print.
/// From then on a call costs no system call for it.
const LOOKED_AT: u32 = 64;

/// The number of the call after this one; none is [`DEAD`].
fn following(number: u32) -> u32 {
    match number.wrapping_add(1) {
        DEAD => 0,
        next => next,
    }
}

impl Client {
    pub(crate) fn new(
        watched: Arc<Watched>,
        watcher: Arc<Watcher>,
        enforced: Enforced,
        module: Module,
        memory: u64,
        patience: Patience,
        shows: Shows,
    ) -> Self {
        Client {
            watched,
            watcher,
            enforced,
            module,
            turn: Mutex::new(Turn { number: 0, patience, shows }),
            dead: AtomicBool::new(false),
            memory,
        }
    }

    fn arena(&self) -> &Arena {
        &self.watched.arena
    }

    /// Asks and waits. Without an answer the process is to be buried, with the deadline where that
    /// came first. In a batch of so many calls each has the deadline to itself.
    fn exchange(
        &self,
        turn: &mut Turn,
        deadline: Duration,
        batch: u32,
    ) -> Result<Answer, Option<Duration>> {
        // What was printed before this call is no part of its feedback.
        if turn.number < LOOKED_AT || self.watched.has_printed() {
            self.watched.output.drain();
        }
        self.ask(turn, deadline, batch)
    }

    fn ask(
        &self,
        turn: &mut Turn,
        deadline: Duration,
        batch: u32,
    ) -> Result<Answer, Option<Duration>> {
        let control = self.arena().control();
        let (before, number) = (turn.number, following(turn.number));
        turn.number = number;
        control.asked.count.store(batch, Ordering::Relaxed);
        control.asked.request.ring(number);
        let answered = &control.answered;
        let answer = || Answer {
            status: answered.status.load(Ordering::Acquire),
            length: answered.result_len.load(Ordering::Acquire),
        };
        // The fastest calls cost no look at the clock.
        if turn.patience.is_some() && answered.reply.glance(before) == Some(number) {
            return Ok(answer());
        }
        let (mut start, mut done) = (Instant::now(), 0);
        loop {
            let left = deadline.saturating_sub(start.elapsed());
            let reply = answered.reply.wait(before, Some(left), &mut turn.patience);
            if reply == number {
                return Ok(answer());
            }
            if reply == DEAD && self.ended() {
                return Err(None);
            }
            if left.is_zero() {
                // Never further than the batch: it cannot be made to last for ever.
                let now = control.progress.done.load(Ordering::Acquire);
                if now <= done || now >= batch {
                    return Err(Some(deadline));
                }
                (start, done) = (Instant::now(), now);
            }
            if reply != before {
                // Neither answer: a late or made-up number is discarded, at a bounded pace.
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// The process has really ended: the word in the arena is only a hint, since it can write it.
    fn ended(&self) -> bool {
        self.watched.with(|jailed| jailed.pump_now()).unwrap_or(true)
    }

    /// Writes the arguments and what else a call needs to be asked; gives where its result goes.
    fn put(&self, function: u32, args: &[u8]) -> Result<usize, Box<Feedback>> {
        let result_at = self.arena().write(ARGS, args).map_err(|_| {
            let room = self.arena().room(ARGS);
            let summary =
                format!("the arguments take {} bytes, the arena holds {room}", args.len());
            let hint = "pass less at a time, or a list of numbers as a file";
            Box::new(Feedback::new(Stage::Call, Code::ArgumentsTooLarge, summary).hint(hint))
        })?;
        let asked = &self.arena().control().asked;
        asked.function.store(function, Ordering::Relaxed);
        asked.args_len.store(args.len() as u64, Ordering::Relaxed);
        asked.result_at.store(result_at as u64, Ordering::Relaxed);
        Ok(result_at)
    }

    fn finish(
        &self,
        answer: &Answer,
        result_at: usize,
        args: usize,
    ) -> Result<Vec<u8>, Box<Feedback>> {
        let block = self.arena().copy(result_at, answer.length);
        self.arena().clear(ARGS, args);
        let block = block.map_err(|_| self.beyond(answer.length))?;
        if answer.status == OK {
            self.arena().clear(result_at, block.len());
            return Ok(block);
        }
        // More may have been written than the message that is left.
        self.arena().clear_rest(result_at);
        Err(self.failure(answer.status, &block, self.arena().room(result_at)))
    }

    /// A result that cannot be: its process serves nobody any more.
    fn beyond(&self, length: u64) -> Box<Feedback> {
        self.condemn();
        let summary = format!("the result claims {length} bytes, more than the arena holds");
        Box::new(Feedback::new(Stage::Call, Code::BadResult, summary))
    }

    /// What a status that is not [`OK`] says with the block that came with it.
    fn failure(&self, status: u32, block: &[u8], room: usize) -> Box<Feedback> {
        let refuse = |code, summary: String, hint: &str| {
            Box::new(Feedback::new(Stage::Call, code, summary).hint(hint))
        };
        match Status::from_wire(status) {
            Some(raised @ (Status::Exception | Status::Thrown | Status::Panic)) => {
                // A character has at most four bytes.
                let start = &block[..block.len().min(4 * MAX_MESSAGE)];
                let text = String::from_utf8_lossy(start).chars().take(MAX_MESSAGE).collect();
                let (code, hint) = match raised {
                    Status::Thrown => (Code::Exception, "the function threw this exception"),
                    Status::Panic => (Code::Panic, "the function panicked with this message"),
                    _ => (Code::CallError, "the function raised this itself"),
                };
                refuse(code, text, hint)
            }
            Some(Status::ResultTooLarge) => refuse(
                Code::ResultTooLarge,
                format!("the result does not fit in the {room} bytes left of the arena"),
                "return less at a time",
            ),
            Some(Status::OutOfMemory) => Box::new(crash::out_of_memory(Stage::Call, self.memory)),
            Some(Status::Ok) | None => {
                self.condemn();
                refuse(
                    Code::BadResult,
                    format!("the sidecar answered with the unknown status {status}"),
                    OVERWRITTEN,
                )
            }
        }
    }

    /// Ends the process: it serves nobody any more.
    fn condemn(&self) {
        self.dead.store(true, Ordering::Release);
        self.watched.with(|jailed| jailed.kill());
    }

    /// Ends the process and says how it died.
    fn bury(&self, late: Option<Duration>, call: Call<'_>) -> Box<Feedback> {
        self.dead.store(true, Ordering::Release);
        let jailed = self.watched.take();
        let mut calls = Vec::new();
        let outcome = jailed.map(|jailed| {
            if late.is_some() {
                calls = crash::end_late(&jailed, self.arena().control(), &self.module);
            }
            jailed.wait_within(GRACE)
        });
        self.watcher.remove(&self.watched);
        if let Some(deadline) = late {
            let summary =
                format!("the call took longer than {} ms and was ended", deadline.as_millis());
            let hint =
                "do less per call, look for a loop without an end, or raise [limits] call-deadline";
            let told = Feedback::new(Stage::Call, Code::CallDeadline, summary).hint(hint);
            return Box::new(Feedback { diagnostics: calls, ..told });
        }
        let feedback = match outcome {
            Some(Ok(outcome)) => crash::died(
                Stage::Call,
                &outcome,
                self.memory,
                self.arena().control(),
                &self.module,
                Some(call),
                self.watched.output.take().as_deref(),
            ),
            Some(Err(error)) => error.feedback(Stage::Call),
            None => Feedback::new(Stage::Call, Code::Internal, "the sidecar was taken away"),
        };
        Box::new(feedback)
    }
}

/// Why a sidecar answers what none does.
const OVERWRITTEN: &str = "the skill has overwritten the memory it shares with the host";

/// Most characters of an exception's or panic's message that are told.
const MAX_MESSAGE: usize = 4000;

/// As a sidecar says it.
const OK: u32 = Status::Ok as u32;

/// There is nobody to call.
fn has_ended() -> Box<Feedback> {
    let summary = "the sidecar has ended; load the artifact again";
    Box::new(Feedback::new(Stage::Call, Code::Internal, summary))
}

impl Sidecar for Client {
    fn enforced(&self) -> &Enforced {
        &self.enforced
    }

    fn call(
        &self,
        function: u32,
        args: &[u8],
        deadline: Duration,
    ) -> Result<Vec<u8>, Box<Feedback>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.alive() {
            return Err(has_ended());
        }
        let result_at = self.put(function, args)?;
        match self.exchange(&mut turn, deadline, 0) {
            Ok(answer) => self.finish(&answer, result_at, args.len()),
            Err(late) => Err(self.bury(late, Call { function, block: args, at: ARGS as u64 })),
        }
    }

    fn call_with(
        &self,
        function: u32,
        args: &[u8],
        files: &[FileList<'_>],
        deadline: Duration,
    ) -> Result<Vec<u8>, Box<Feedback>> {
        match files {
            [] => self.call(function, args, deadline),
            files => self.call_shown(function, args, files, deadline),
        }
    }

    fn call_all(&self, function: u32, blocks: &[&[u8]], deadline: Duration) -> Answers {
        let mut answers = Answers::default();
        while answers.len() < blocks.len() {
            let rest = &blocks[answers.len()..];
            match batch::fitting(self.arena(), rest) {
                0 | 1 => answers.push(self.call(function, rest[0], deadline)),
                several => answers.append(self.batch(function, &rest[..several], deadline)),
            }
            if !self.alive() {
                break;
            }
        }
        answers
    }

    fn alive(&self) -> bool {
        !self.dead.load(Ordering::Acquire)
    }

    fn is_ready(&self) -> bool {
        // The watcher's word is only a hint: who forges it is asked for at each call.
        self.alive() && (self.arena().control().answered.reply.read() != DEAD || !self.ended())
    }

    fn end(&self) {
        self.condemn();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.watcher.remove(&self.watched);
        if let Some(jailed) = self.watched.take() {
            self.watcher.bury(jailed);
        }
    }
}
