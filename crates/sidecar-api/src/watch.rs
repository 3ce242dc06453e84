//! One thread watches every sidecar of a host: when one dies, the callers that sleep over its
//! arena are woken, because a futex says nothing of a dead peer. Another waits for the end of
//! those that were killed, so that nobody else has to.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
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
    /// Under which the watcher knows it; 0 before that.
    number: AtomicU64,
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
        let number = AtomicU64::new(0);
        Ok(Arc::new(Watched { arena, output, printed, status, jailed, number }))
    }

    /// Whether the process has printed anything since it was loaded, as far as is known: that is
    /// learnt a little later.
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

    /// Takes in what the jail says; true when there is nothing more to watch. Never waits: somebody
    /// else may have heard it meanwhile.
    fn pump(&self) -> bool {
        let ended = self.with(Jailed::pump_now).unwrap_or(true);
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
    /// What tells of all of them at once (epoll(7)): an event costs the same however many there are.
    events: OwnedFd,
    stop: OwnedFd,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    watched: HashMap<u64, Arc<Watched>>,
    /// The last number that was given; none is given twice.
    last: u64,
}

/// What an event is about, as the kernel gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Stop,
    Status(u64),
    Output(u64),
}

impl News {
    fn data(self) -> EventData {
        EventData::new_u64(match self {
            News::Stop => 0,
            News::Status(number) => number << 1,
            News::Output(number) => number << 1 | 1,
        })
    }

    fn read(data: u64) -> Self {
        match (data >> 1, data & 1) {
            (0, _) => News::Stop,
            (number, 0) => News::Status(number),
            (number, _) => News::Output(number),
        }
    }
}

/// Most events taken in at once.
const AT_ONCE: usize = 64;

impl Watcher {
    pub(crate) fn start() -> Result<Self, JailError> {
        let failed = |errno: rustix::io::Errno| JailError::Host {
            what: "watch sidecars",
            source: errno.into(),
        };
        let events = epoll::create(CreateFlags::CLOEXEC).map_err(failed)?;
        let stop = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(failed)?;
        epoll::add(&events, &stop, News::Stop.data(), EventFlags::IN).map_err(failed)?;
        let shared = Arc::new(Shared { events, stop, state: Mutex::default() });
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

    /// Watches one that has loaded. Where that cannot be, it is ended: nobody would hear of its end.
    pub(crate) fn add(&self, watched: Arc<Watched>) {
        if self.shared.register(&watched).is_err() {
            self.shared.forget(&watched);
            watched.with(|jailed| jailed.kill());
            watched.arena.control().answered.reply.toll(DEAD);
        }
    }

    pub(crate) fn remove(&self, watched: &Watched) {
        self.shared.forget(watched);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // The counter cannot overflow: this is the only time.
        rustix::io::write(&self.shared.stop, &1u64.to_ne_bytes()).map(drop).unwrap_or_default();
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

    fn register(&self, watched: &Arc<Watched>) -> rustix::io::Result<()> {
        let number = {
            let mut state = self.lock();
            state.last += 1;
            let number = state.last;
            watched.number.store(number, Ordering::Relaxed);
            state.watched.insert(number, Arc::clone(watched));
            number
        };
        epoll::add(&self.events, &watched.status, News::Status(number).data(), EventFlags::IN)?;
        // Once is enough: from then on what it prints is looked for before every call. A pipe that
        // the skill has closed would be ready for ever.
        let once = EventFlags::IN | EventFlags::ONESHOT;
        epoll::add(&self.events, &watched.output, News::Output(number).data(), once)
    }

    fn forget(&self, watched: &Watched) {
        let number = watched.number.load(Ordering::Relaxed);
        if self.lock().watched.remove(&number).is_some() {
            // What could not be added is not there.
            epoll::delete(&self.events, &watched.status).unwrap_or_default();
            epoll::delete(&self.events, &watched.output).unwrap_or_default();
        }
    }

    /// Waits for events and handles them; false when it is time to stop.
    fn turn(&self) -> bool {
        let mut events = Vec::with_capacity(AT_ONCE);
        if epoll::wait(&self.events, spare_capacity(&mut events), None).is_err() {
            return true; // interrupted
        }
        for event in events {
            let find = |number| self.lock().watched.get(&number).cloned();
            match News::read(event.data.u64()) {
                News::Stop => return false,
                News::Output(number) => {
                    if let Some(one) = find(number) {
                        one.printed.store(true, Ordering::Relaxed);
                    }
                }
                News::Status(number) => {
                    if let Some(one) = find(number).filter(|one| one.pump()) {
                        self.forget(&one);
                    }
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_about_what_was_asked_for() {
        for number in [1, 2, 77, u64::MAX >> 1] {
            for news in [News::Stop, News::Status(number), News::Output(number)] {
                assert_eq!(News::read(news.data().u64()), news);
            }
        }
    }
}
