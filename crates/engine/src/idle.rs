//! What builds leave to be done while nobody waits, done on one thread. The engine decides when;
//! what it is, only the driver knows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::Stages;

/// The thread, while there is something to do. Dropping it stops what it does.
pub(crate) struct Idle {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    stages: Arc<Stages>,
    cancel: AtomicBool,
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    /// Somebody is at work: there are never two.
    busy: bool,
    /// Something came up meanwhile.
    again: bool,
}

impl Idle {
    pub(crate) fn new(stages: Arc<Stages>) -> Self {
        let (cancel, state, done) = Default::default();
        Idle { shared: Arc::new(Shared { stages, cancel, state, done }), thread: Mutex::default() }
    }

    /// Begins, unless there is nothing to do. Returns at once.
    pub(crate) fn begin(&self) {
        if !self.shared.stages.driver.unsettled() || !self.shared.claim() {
            return;
        }
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = thread.take() {
            // It has given up its claim: it is at its end.
            last.join().unwrap_or_default();
        }
        let shared = Arc::clone(&self.shared);
        let started = thread::Builder::new().name("saggar-idle".to_owned());
        *thread = started.spawn(move || shared.work()).ok();
        if thread.is_none() {
            // Without a thread it stays undone: it makes builds faster and no more.
            self.shared.release();
        }
    }

    /// Does it all and waits until it is done.
    pub(crate) fn finish(&self) {
        if self.shared.claim() {
            self.shared.work();
        }
        let mut state = self.shared.lock();
        while state.busy {
            state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.shared.cancel.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic of its own was reported when it happened.
            thread.join().unwrap_or_default();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the work on; false when somebody else is at it, who then goes on with this.
    fn claim(&self) -> bool {
        let mut state = self.lock();
        state.again = true;
        !std::mem::replace(&mut state.busy, true)
    }

    fn release(&self) {
        self.lock().busy = false;
        self.done.notify_all();
    }

    fn work(&self) {
        let _release = Panicked(self);
        loop {
            let mut state = self.lock();
            if !std::mem::take(&mut state.again) || self.cancel.load(Ordering::Relaxed) {
                // Before the lock is given up: what comes next finds nobody at work.
                state.busy = false;
                self.done.notify_all();
                return;
            }
            drop(state);
            self.stages.driver.settle(&self.cancel);
        }
    }
}

/// Gives the work up when the driver panics.
struct Panicked<'s>(&'s Shared);

impl Drop for Panicked<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.release();
        }
    }
}
