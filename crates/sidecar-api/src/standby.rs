//! Processes without an artifact that are kept ready, confined already: a load takes one of them and
//! costs a message. A thread makes them, after the first load; a host that loads once and ends has
//! none. A process that waits here has never held anybody's artifact or data.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::launch::{Kind, Maker};
use crate::starting::Starting;

/// How long after a load the first are made: whoever loads once and ends is not kept waiting.
const LATER: Duration = Duration::from_millis(20);

/// The pool. A copy is another handle of it; the last one that is dropped ends what waits in it.
#[derive(Clone, Debug)]
pub(crate) struct Standby {
    shared: Arc<Shared>,
    /// Held by the handles, and not by the thread.
    _last: Arc<Last>,
}

#[derive(Debug)]
struct Shared {
    maker: Arc<Maker>,
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    ready: Vec<Starting>,
    /// What was loaded last, the latest at the end; no more than may be ready.
    wanted: Vec<Kind>,
    /// When the thread is to make what is missing.
    due: Option<Instant>,
    thread: Option<thread::JoinHandle<()>>,
    stop: bool,
}

/// Stops the thread when it goes.
#[derive(Debug)]
struct Last(Arc<Shared>);

impl Drop for Last {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.stop = true;
        self.0.changed.notify_all();
        let thread = state.thread.take();
        drop(state);
        // A panic of its own was reported when it happened.
        thread.map(thread::JoinHandle::join).unwrap_or(Ok(())).unwrap_or_default();
        let ready = std::mem::take(&mut self.0.lock().ready);
        ready.into_iter().for_each(Starting::end);
    }
}

impl Standby {
    /// A pool of at most so many processes.
    pub(crate) fn new(maker: Arc<Maker>, most: usize) -> Self {
        let (state, changed) = Default::default();
        let shared = Arc::new(Shared { maker, most, state, changed });
        Standby { _last: Arc::new(Last(Arc::clone(&shared))), shared }
    }

    /// A process of this kind, if one is ready. Another is made at once.
    pub(crate) fn take(&self, kind: Kind) -> Option<Starting> {
        let mut state = self.shared.lock();
        while let Some(index) = state.ready.iter().position(|ready| ready.kind == kind) {
            let ready = state.ready.swap_remove(index);
            state.due = Some(Instant::now());
            self.shared.changed.notify_all();
            if ready.lives() {
                return Some(ready);
            }
        }
        None
    }

    /// A process of this kind was loaded: more of them may be wanted.
    pub(crate) fn want(&self, kind: Kind) {
        if self.shared.most == 0 {
            return;
        }
        let mut state = self.shared.lock();
        if state.wanted.last() != Some(&kind) {
            state.wanted.retain(|other| *other != kind);
            state.wanted.push(kind);
            let surplus = state.wanted.len().saturating_sub(self.shared.most);
            state.wanted.drain(..surplus);
        }
        if state.missing(self.shared.most).is_none() {
            return;
        }
        if state.due.is_none() {
            state.due = Some(Instant::now() + LATER);
        }
        if state.thread.is_none() {
            let shared = Arc::clone(&self.shared);
            let thread = thread::Builder::new().name("saggar-standby".to_owned());
            // Without it every load starts a process of its own.
            state.thread = thread.spawn(move || shared.work()).ok();
        }
        self.shared.changed.notify_all();
    }
}

impl State {
    /// A kind of which one more should be ready: one of each that is wanted, and what is left of the
    /// latest.
    fn missing(&self, most: usize) -> Option<Kind> {
        let count = |kind: Kind| self.ready.iter().filter(|ready| ready.kind == kind).count();
        let (latest, others) = self.wanted.split_last()?;
        let wanted = |kind: &Kind| if kind == latest { most - others.len() } else { 1 };
        self.wanted.iter().rev().find(|kind| count(**kind) < wanted(kind)).copied()
    }

    /// Takes out what is not wanted any more.
    fn surplus(&mut self) -> Vec<Starting> {
        let (kept, surplus) = std::mem::take(&mut self.ready)
            .into_iter()
            .partition(|ready| self.wanted.contains(&ready.kind));
        self.ready = kept;
        surplus
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes what is missing whenever it is due.
    fn work(&self) {
        let mut state = self.lock();
        while !state.stop {
            let left = state.due.map(|due| due.saturating_duration_since(Instant::now()));
            state = match left {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) if !left.is_zero() => {
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => self.fill(state),
            };
        }
    }

    /// Makes one process that is missing, if one is.
    fn fill<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let surplus = state.surplus();
        let Some(kind) = state.missing(self.most) else {
            state.due = None;
            drop(state);
            surplus.into_iter().for_each(Starting::end);
            return self.lock();
        };
        drop(state);
        surplus.into_iter().for_each(Starting::end);
        let made = self.maker.start(kind).ok();
        let made = made.and_then(|mut made| made.confirm().is_ok().then_some(made));
        let mut state = self.lock();
        match made {
            Some(made) => state.ready.push(made),
            // Whoever loads next is told why.
            None => state.due = None,
        }
        state
    }
}
