//! What need not be on disk before its answer is given: calls and duplicate submissions, written
//! in groups, at the latest a second after the first of a group, and when the engine is dropped.
//!
//! A duplicate has no effect, so a crash that takes its entries takes nothing else: until they are
//! in the ledger, the index says of it what it says of every submission that did not come to its
//! end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use saggar_model::{Digest, Draft, Event, Principal, SkillName, Submission};
use saggar_plugin_abi::StageError;

use crate::Stages;

/// How long a group is gathered: writing takes some of the second.
const GATHER: Duration = Duration::from_millis(800);
/// How many submissions are gathered: a group of that many is written without waiting for more.
const FULL: usize = 1024;
/// Most submissions that wait at once: who brings that many writes them.
const MOST: usize = 4 * FULL;
/// Submissions updated in one go: who comes meanwhile waits for no more than these.
const AT_ONCE: usize = 64;

/// Calls of an artifact, by outcome.
type Counts = BTreeMap<(SkillName, Digest), BTreeMap<String, u64>>;

/// Calls of one artifact since the last group. A call that succeeds takes no lock.
#[derive(Debug)]
pub(crate) struct Tally {
    skill: SkillName,
    artifact: Digest,
    ok: AtomicU64,
    failed: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    /// Moves what was counted to the counts of a group.
    fn empty_into(&self, counts: &mut Counts) {
        let ok = self.ok.swap(0, Ordering::SeqCst);
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = std::mem::take(&mut *failed).into_iter();
        let outcomes = outcomes.chain((ok > 0).then(|| ("ok".to_owned(), ok)));
        add(counts, (self.skill.clone(), self.artifact), outcomes);
    }
}

fn add(
    counts: &mut Counts,
    key: (SkillName, Digest),
    outcomes: impl IntoIterator<Item = (String, u64)>,
) {
    for (outcome, n) in outcomes {
        *counts.entry(key.clone()).or_default().entry(outcome).or_default() += n;
    }
}

/// Gathers and writes.
pub(crate) struct Groups {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    stages: Arc<Stages>,
    principal: Principal,
    policy: Digest,
    state: Mutex<State>,
    wake: Condvar,
    /// A group is gathered already: whoever counts needs to tell nobody.
    gathering: AtomicBool,
    /// Held while a group is written: groups do not overtake each other.
    writing: Mutex<()>,
}

#[derive(Default)]
struct State {
    group: Group,
    tallies: Vec<Arc<Tally>>,
    /// The group is full.
    hurry: bool,
    stop: bool,
}

#[derive(Default)]
struct Group {
    drafts: Vec<Draft>,
    submissions: Vec<Submission>,
    counts: Counts,
    /// When the first of it came.
    since: Option<Instant>,
}

impl Groups {
    pub(crate) fn new(stages: Arc<Stages>, principal: Principal, policy: Digest) -> Self {
        let (state, wake, gathering, writing) = Default::default();
        let shared = Shared { stages, principal, policy, state, wake, gathering, writing };
        let shared = Arc::new(shared);
        Groups { shared, thread: Mutex::default() }
    }

    /// Takes down what happens to a submission that has no effect; its end follows.
    pub(crate) fn events(&self, events: impl IntoIterator<Item = Draft>) {
        self.shared.lock().group.drafts.extend(events);
    }

    /// Takes down the end of a submission that had no effect.
    ///
    /// # Errors
    /// The ledger's or the store's, when too many wait or no thread can be had to write later.
    pub(crate) fn submission(&self, end: Draft, record: Submission) -> Result<(), StageError> {
        let mut state = self.shared.lock();
        state.group.drafts.push(end);
        state.group.submissions.push(record);
        let waiting = state.group.submissions.len();
        if waiting.is_multiple_of(FULL) {
            state.hurry = true;
            self.shared.wake.notify_all();
        }
        self.gathered(state)?;
        if waiting >= MOST { self.flush() } else { Ok(()) }
    }

    /// Where the calls of an artifact are counted.
    pub(crate) fn tally(&self, skill: &SkillName, artifact: Digest) -> Arc<Tally> {
        let (ok, failed) = Default::default();
        let tally = Arc::new(Tally { skill: skill.clone(), artifact, ok, failed });
        self.shared.lock().tallies.push(Arc::clone(&tally));
        tally
    }

    /// Counts calls that succeeded.
    ///
    /// # Errors
    /// The ledger's, where no thread can be had to write later.
    pub(crate) fn succeeded(&self, tally: &Tally, calls: u64) -> Result<(), StageError> {
        tally.ok.fetch_add(calls, Ordering::SeqCst);
        self.counted()
    }

    /// Counts a call that failed, by its code.
    ///
    /// # Errors
    /// The ledger's, where no thread can be had to write later.
    pub(crate) fn failed(&self, tally: &Tally, code: String) -> Result<(), StageError> {
        let mut failed = tally.failed.lock().unwrap_or_else(PoisonError::into_inner);
        *failed.entry(code).or_default() += 1;
        drop(failed);
        self.counted()
    }

    fn counted(&self) -> Result<(), StageError> {
        // Whoever empties the tally says first that nothing is gathered: either it finds this, or
        // this finds that.
        if self.shared.gathering.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.gathered(self.shared.lock())
    }

    /// Writes what has been gathered, now.
    ///
    /// # Errors
    /// The ledger's or the store's; what could not be written is kept.
    pub(crate) fn flush(&self) -> Result<(), StageError> {
        self.shared.flush()
    }

    /// Sees to it that the group is written in time.
    fn gathered(&self, mut state: MutexGuard<'_, State>) -> Result<(), StageError> {
        if state.group.since.is_some() {
            return Ok(());
        }
        state.group.since = Some(Instant::now());
        self.shared.gathering.store(true, Ordering::SeqCst);
        drop(state);
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let shared = Arc::clone(&self.shared);
            let started = thread::Builder::new().name("saggar-group".to_owned());
            *thread = started.spawn(move || while shared.turn() {}).ok();
        }
        match *thread {
            Some(_) => self.shared.wake.notify_all(),
            None => self.flush()?,
        }
        Ok(())
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.wake.notify_all();
        if let Some(thread) = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic of its own was reported when it happened.
            thread.join().unwrap_or_default();
        }
        // There is nobody left to tell; what it is about was answered.
        self.flush().unwrap_or_default();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a group and writes it when it is due; false when it is time to stop.
    fn turn(&self) -> bool {
        let mut state = self.lock();
        loop {
            if state.stop {
                return false;
            }
            let waited = match state.group.since {
                None => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(since) => {
                    let left = GATHER.saturating_sub(since.elapsed());
                    if left.is_zero() || std::mem::take(&mut state.hurry) {
                        break;
                    }
                    let waited = self.wake.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state = waited;
        }
        drop(state);
        // What could not be written is kept and tried again.
        self.flush().unwrap_or_default();
        true
    }

    fn flush(&self) -> Result<(), StageError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut group = self.take();
        let written = self.write(&mut group);
        if written.is_err() {
            let mut state = self.lock();
            state.group.put_back(group);
            self.gathering.store(true, Ordering::SeqCst);
        }
        written
    }

    /// What has been gathered and counted.
    fn take(&self) -> Group {
        let mut state = self.lock();
        self.gathering.store(false, Ordering::SeqCst);
        let mut group = std::mem::take(&mut state.group);
        state.tallies.retain(|tally| {
            // What nobody else holds is not counted any more.
            let held = Arc::strong_count(tally) > 1;
            tally.empty_into(&mut group.counts);
            held
        });
        group
    }

    /// Takes out of the group what is written.
    fn write(&self, group: &mut Group) -> Result<(), StageError> {
        if !group.drafts.is_empty() {
            // Their ids first: no entry may name one that could be given again.
            self.stages.store.sync()?;
        }
        let counts = std::mem::take(&mut group.counts);
        group.drafts.extend(counts.into_iter().map(|((skill, artifact), counts)| Draft {
            principal: self.principal.clone(),
            authority: None,
            policy: self.policy,
            event: Event::Calls { skill, artifact, counts },
        }));
        if !group.drafts.is_empty() {
            self.stages.ledger.append(group.drafts.clone())?;
            group.drafts.clear();
        }
        while !group.submissions.is_empty() {
            let next = group.submissions.len().min(AT_ONCE);
            self.stages.store.update(&group.submissions[..next])?;
            group.submissions.drain(..next);
        }
        Ok(())
    }
}

impl Group {
    /// Puts what could not be written before what came meanwhile.
    fn put_back(&mut self, mut earlier: Group) {
        earlier.drafts.append(&mut self.drafts);
        earlier.submissions.append(&mut self.submissions);
        for (key, counts) in std::mem::take(&mut self.counts) {
            add(&mut earlier.counts, key, counts);
        }
        earlier.since = Some(Instant::now());
        *self = earlier;
    }
}
