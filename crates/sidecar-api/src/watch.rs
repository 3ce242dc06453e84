//! One thread watches every sidecar of a host: when one dies, the callers that sleep over its
//! arena are woken, because a futex says nothing of a dead peer. Another waits for the end of
//! those that were killed, so that nobody else has to.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use saggar_jail::{JailError, Jailed};

use crate::arena::{Arena, DEAD};
use crate::output::Output;

/// A sidecar's jail and arena, shared by its client and the watcher.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) arena: Arena,
    pub(crate) output: Output,
    printed: AtomicBool,
    status: OwnedFd,
    jailed: Mutex<Option<Jailed>>,
}

impl Watched {
    pub(crate) fn new(
        arena: Arena,
        output: Output,
        jailed: Jailed,
    ) -> Result<Arc<Self>, JailError> {
        let copy = jailed.status().try_clone_to_owned();
        let status = copy.map_err(|source| JailError::Host { what: "watch a sidecar", source })?;
        let (printed, jailed) = (AtomicBool::new(false), Mutex::new(Some(jailed)));
        Ok(Arc::new(Watched { arena, output, printed, status, jailed }))
    }

    /// Whether the process has printed anything since it was loaded, as far as is known.
    pub(crate) fn has_printed(&self) -> bool {
        self.printed.load(Ordering::Relaxed)
    }

    /// Works on the jail, unless it has been taken.
    pub(crate) fn with<T>(&self, f: impl FnOnce(&mut Jailed) -> T) -> Option<T> {
        self.jailed.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(f)
    }

    /// Takes the jail, to wait for its end; nobody else can any more.
    pub(crate) fn take(&self) -> Option<Jailed> {
        self.jailed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Takes in what the jail says; true when there is nothing more to watch.
    fn pump(&self) -> bool {
        let ended = self.with(|jailed| jailed.pump().unwrap_or(true)).unwrap_or(true);
        if ended {
            self.arena.control().answered.reply.toll(DEAD);
        }
        ended
    }
}

/// The two threads. They end when this is dropped, which waits until what was killed is gone.
#[derive(Debug)]
pub(crate) struct Watcher {
    shared: Arc<Shared>,
    dying: Option<Sender<Jailed>>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    wake: OwnedFd,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    watched: Vec<Arc<Watched>>,
    stop: bool,
}

impl Watcher {
    pub(crate) fn start() -> Result<Self, JailError> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|errno| JailError::Host { what: "make an eventfd", source: errno.into() })?;
        let shared = Arc::new(Shared { wake, state: Mutex::default() });
        let theirs = Arc::clone(&shared);
        let (dying, to_bury) = channel::<Jailed>();
        let start = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
            thread.map_err(|source| JailError::Host { what: "start a thread", source })
        };
        let mut watcher = Watcher { shared, dying: Some(dying), threads: Vec::new() };
        let watch = Box::new(move || while theirs.turn() {});
        watcher.threads.push(start("saggar-watch", watch)?);
        // What a killed jail says of itself is of no interest any more.
        let bury = Box::new(move || to_bury.iter().for_each(|jailed| drop(jailed.wait())));
        watcher.threads.push(start("saggar-bury", bury)?);
        Ok(watcher)
    }

    /// Ends a jail without waiting for it.
    pub(crate) fn bury(&self, jailed: Jailed) {
        jailed.kill();
        if let Some(dying) = &self.dying {
            // Dropped, should the thread be gone: it is killed already.
            dying.send(jailed).unwrap_or_default();
        }
    }

    pub(crate) fn add(&self, watched: Arc<Watched>) {
        self.shared.lock().watched.push(watched);
        self.shared.wake();
    }

    pub(crate) fn remove(&self, watched: &Arc<Watched>) {
        self.shared.lock().watched.retain(|other| !Arc::ptr_eq(other, watched));
        self.shared.wake();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.wake();
        drop(self.dying.take());
        for thread in self.threads.drain(..) {
            // A panic of theirs was reported when it happened.
            thread.join().unwrap_or_default();
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        // The counter cannot overflow: the thread resets it at every turn.
        rustix::io::write(&self.wake, &1u64.to_ne_bytes()).map(drop).unwrap_or_default();
    }

    /// Waits for one event and handles it; false when it is time to stop.
    fn turn(&self) -> bool {
        let watched = {
            let state = self.lock();
            if state.stop {
                return false;
            }
            state.watched.clone()
        };
        let mut fds = vec![PollFd::new(&self.wake, PollFlags::IN)];
        for one in &watched {
            fds.push(PollFd::from_borrowed_fd(one.status.as_fd(), PollFlags::IN));
            // Once is enough: from then on what it prints is looked for after every call. A pipe
            // that the skill has closed would be ready for ever.
            if !one.has_printed() {
                fds.push(PollFd::from_borrowed_fd(one.output.as_fd(), PollFlags::IN));
            }
        }
        if poll(&mut fds, None).is_err() {
            return true; // interrupted
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        if ready.next() == Some(true) {
            let mut count = [0; 8];
            rustix::io::read(&self.wake, &mut count).map(drop).unwrap_or_default();
        }
        let mut ended = Vec::new();
        for one in &watched {
            let has_news = ready.next() == Some(true);
            if !one.has_printed() && ready.next() == Some(true) {
                one.printed.store(true, Ordering::Relaxed);
            }
            if has_news && one.pump() {
                ended.push(one);
            }
        }
        if !ended.is_empty() {
            self.lock().watched.retain(|one| !ended.iter().any(|ended| Arc::ptr_eq(one, ended)));
        }
        true
    }
}
