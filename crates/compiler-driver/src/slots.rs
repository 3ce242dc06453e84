//! How many compilers run at once in a home, and who is next. Across processes the places are
//! files that one holder each has locked (flock(2)): the lock of a process that is no more is
//! gone. Within a process, principals that wait take turns.
//!
//! Between processes nobody keeps an order: whoever looks when a place is free gets it.

mod queue;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::num::NonZero;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use saggar_model::Principal;

use queue::Queue;

/// How often the one who is next looks whether another process left a place.
const TICK: Duration = Duration::from_millis(5);

/// The places of a home.
#[derive(Debug)]
pub(crate) struct Slots {
    directory: PathBuf,
    count: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Queue<Principal>,
    /// Places that this process holds.
    held: usize,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    /// How long it was waited for; zero if it was free.
    pub(crate) waited: Duration,
    /// `None` where no file can be had: then only this process keeps the count.
    lock: Option<File>,
}

impl Slots {
    /// So many places; 0 for one per processor: a compiler is one thread that never waits, so that
    /// more of them would only take memory from each other.
    pub(crate) fn new(cache: &Path, count: u32) -> Self {
        let processors = || thread::available_parallelism().map_or(1, NonZero::get);
        let count = usize::try_from(count).ok().filter(|count| *count > 0);
        Slots {
            directory: cache.join("slots"),
            count: count.unwrap_or_else(processors),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Waits for a place, as long as there is patience; `None` when it is over.
    pub(crate) fn take(self: &Arc<Self>, who: &Principal, patience: Duration) -> Option<Slot> {
        let start = Instant::now();
        let mut state = self.state();
        let ticket = state.waiting.enter(who.clone());
        let mut waited = Duration::ZERO;
        loop {
            let is_next = state.waiting.next() == Some(ticket);
            if is_next && let Some(lock) = self.try_place(state.held) {
                state.held += 1;
                state.waiting.serve(ticket);
                // There may be a place for the next one, too.
                self.changed.notify_all();
                return Some(Slot { slots: Arc::clone(self), waited, lock });
            }
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                state.waiting.leave(ticket);
                self.changed.notify_all();
                return None;
            }
            let pause = if is_next { left.min(TICK) } else { left };
            let woken = self.changed.wait_timeout(state, pause);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
            waited = start.elapsed();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place that nobody holds, if there is one.
    #[expect(clippy::option_option, reason = "a place, and the file that stands for it")]
    fn try_place(&self, held: usize) -> Option<Option<File>> {
        if held >= self.count {
            return None;
        }
        for number in 0..self.count {
            match self.open(number).map(|file| file.try_lock().map(|()| file)) {
                Ok(Ok(file)) => return Some(Some(file)),
                Ok(Err(TryLockError::WouldBlock)) => {}
                // A cache that cannot be written stops nobody.
                Ok(Err(TryLockError::Error(_))) | Err(_) => return Some(None),
            }
        }
        None
    }

    fn open(&self, number: usize) -> io::Result<File> {
        let path = self.directory.join(number.to_string());
        let open = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600).open(&path)
        };
        open().or_else(|_| {
            fs::create_dir_all(&self.directory)?;
            open()
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.lock.take());
        self.slots.state().held -= 1;
        self.slots.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(uid: u32) -> Principal {
        Principal::uid(uid)
    }

    fn slots(cache: &Path, count: u32) -> Arc<Slots> {
        Arc::new(Slots::new(cache, count))
    }

    #[test]
    fn no_more_than_so_many_at_once_whoever_asks() {
        let cache = tempfile::tempdir().unwrap();
        // Two of these share a home as two processes do: locks belong to open files.
        let (ours, theirs) = (slots(cache.path(), 2), slots(cache.path(), 2));
        let first = ours.take(&who(1), Duration::ZERO).unwrap();
        let second = theirs.take(&who(2), Duration::ZERO).unwrap();
        assert!(ours.take(&who(1), Duration::ZERO).is_none());
        assert!(theirs.take(&who(1), Duration::ZERO).is_none());
        drop(second);
        let third = ours.take(&who(3), Duration::ZERO).unwrap();
        assert!(theirs.take(&who(2), Duration::ZERO).is_none());
        drop((first, third));
        assert!(theirs.take(&who(2), Duration::ZERO).is_some());
    }

    #[test]
    fn without_a_cache_the_process_counts_alone() {
        let cache = tempfile::tempdir().unwrap();
        fs::write(cache.path().join("slots"), "no directory").unwrap();
        let slots = slots(cache.path(), 1);
        let held = slots.take(&who(1), Duration::ZERO).unwrap();
        assert!(slots.take(&who(1), Duration::ZERO).is_none());
        drop(held);
        assert!(slots.take(&who(1), Duration::ZERO).is_some());
    }

    #[test]
    fn who_waits_is_woken_and_who_gave_up_is_not_waited_for() {
        let cache = tempfile::tempdir().unwrap();
        let slots = slots(cache.path(), 1);
        let held = slots.take(&who(1), Duration::ZERO).unwrap();
        assert!(held.waited.is_zero());
        assert!(slots.take(&who(2), Duration::ZERO).is_none());
        let waiter = thread::spawn({
            let slots = Arc::clone(&slots);
            move || slots.take(&who(3), Duration::MAX).map(|slot| slot.waited)
        });
        while slots.state().waiting.next().is_none() {
            thread::yield_now();
        }
        drop(held);
        assert!(!waiter.join().unwrap().unwrap().is_zero());
    }

    #[test]
    fn there_is_a_place_per_processor_unless_the_policy_says_otherwise() {
        let cache = Path::new("/nowhere");
        assert_eq!(Slots::new(cache, 3).count(), 3);
        assert!(Slots::new(cache, 0).count() >= 1);
    }
}
