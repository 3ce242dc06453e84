//! The sidecars of a release: as many as there are callers at once, up to a limit. One serves one
//! caller at a time; whoever comes when all are at work waits for the first that is free.

use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use saggar_plugin_abi::Sidecar;

/// The sidecars that are loaded, and those that are being.
pub(crate) struct Replicas {
    most: NonZeroUsize,
    /// Each works once.
    isolated: bool,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    /// Nobody's at the moment. The last one that worked is the first to work again: it is awake.
    idle: Vec<Arc<dyn Sidecar>>,
    /// Idle, at work, or being loaded.
    count: usize,
    /// Callers that wait. To wake nobody costs a system call too.
    waiting: usize,
}

impl Replicas {
    /// At most so many at once; isolated ones work once and are ended.
    pub(crate) fn new(most: NonZeroUsize, isolated: bool) -> Self {
        let (state, freed) = Default::default();
        Replicas { most, isolated, state, freed }
    }

    /// Whether each sidecar works once.
    pub(crate) fn isolated(&self) -> bool {
        self.isolated
    }

    /// Has something done by a sidecar that does nothing else meanwhile: an idle one, or one that
    /// `load` gives, or else one that is waited for.
    ///
    /// # Errors
    /// Those of `load`.
    pub(crate) fn work<T, E>(
        &self,
        load: impl FnOnce() -> Result<Arc<dyn Sidecar>, E>,
        work: impl FnOnce(&Arc<dyn Sidecar>) -> T,
    ) -> Result<T, E> {
        let mut place = self.take();
        let sidecar = match place.sidecar.take() {
            Some(sidecar) => sidecar,
            None => load()?,
        };
        let done = work(&sidecar);
        place.sidecar = Some(sidecar).filter(|_| !self.isolated);
        Ok(done)
    }

    /// A place, with an idle sidecar if there is one.
    fn take(&self) -> Place<'_> {
        let mut state = self.lock();
        loop {
            while let Some(sidecar) = state.idle.pop() {
                if sidecar.is_ready() {
                    return Place { replicas: self, sidecar: Some(sidecar) };
                }
                state.count -= 1;
            }
            if state.count < self.most.get() {
                state.count += 1;
                return Place { replicas: self, sidecar: None };
            }
            state.waiting += 1;
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to one sidecar. Given back when dropped, with the sidecar if it lives.
struct Place<'r> {
    replicas: &'r Replicas,
    sidecar: Option<Arc<dyn Sidecar>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let sidecar = self.sidecar.take().filter(|sidecar| sidecar.alive());
        let mut state = self.replicas.lock();
        match sidecar {
            Some(sidecar) => state.idle.push(sidecar),
            None => state.count -= 1,
        }
        let waiting = state.waiting > 0;
        drop(state);
        if waiting {
            self.replicas.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use saggar_model::{Enforced, Feedback};

    use super::*;

    #[derive(Default)]
    struct Fake {
        dead: AtomicBool,
        at_work: AtomicBool,
    }

    impl Sidecar for Fake {
        fn enforced(&self) -> &Enforced {
            unreachable!("nobody asks")
        }

        fn call(&self, function: u32, _: &[u8], _: Duration) -> Result<Vec<u8>, Box<Feedback>> {
            assert!(!self.at_work.swap(true, Ordering::SeqCst), "two callers at once");
            thread::yield_now();
            self.dead.store(function == 1, Ordering::SeqCst);
            self.at_work.store(false, Ordering::SeqCst);
            Ok(Vec::new())
        }

        fn alive(&self) -> bool {
            !self.dead.load(Ordering::SeqCst)
        }

        fn end(&self) {
            unreachable!("nobody cancels")
        }
    }

    fn replicas(most: usize) -> Replicas {
        Replicas::new(NonZeroUsize::new(most).unwrap(), false)
    }

    fn call(replicas: &Replicas, loaded: &AtomicUsize, function: u32) {
        let load = || {
            loaded.fetch_add(1, Ordering::SeqCst);
            Ok::<Arc<dyn Sidecar>, ()>(Arc::new(Fake::default()))
        };
        replicas.work(load, |fake| fake.call(function, &[], Duration::ZERO)).unwrap().unwrap();
    }

    #[test]
    fn one_caller_after_the_other_has_one_and_the_same() {
        let (replicas, loaded) = (replicas(4), AtomicUsize::new(0));
        (0..10).for_each(|_| call(&replicas, &loaded, 0));
        assert_eq!(loaded.load(Ordering::SeqCst), 1);
        // One that dies makes room for another.
        (0..10).for_each(|_| call(&replicas, &loaded, 1));
        assert_eq!((loaded.load(Ordering::SeqCst), replicas.lock().count), (10, 0));
    }

    #[test]
    fn an_isolated_one_works_once() {
        let (isolated, loaded) = (Replicas::new(NonZeroUsize::MIN, true), AtomicUsize::new(0));
        (0..10).for_each(|_| call(&isolated, &loaded, 0));
        assert_eq!((loaded.load(Ordering::SeqCst), isolated.lock().count), (10, 0));
    }

    #[test]
    fn callers_at_once_have_one_each_up_to_the_limit() {
        let replicas = Arc::new(replicas(2));
        let (arrived, arrivals) = channel();
        let doors: Vec<_> = (0..3)
            .map(|_| {
                let (open, door) = channel::<()>();
                let (replicas, arrived) = (Arc::clone(&replicas), arrived.clone());
                let load = || Ok::<Arc<dyn Sidecar>, ()>(Arc::new(Fake::default()));
                let caller = thread::spawn(move || {
                    let work = |_: &Arc<dyn Sidecar>| {
                        arrived.send(()).unwrap();
                        door.recv().unwrap_or_default();
                    };
                    replicas.work(load, work).unwrap();
                });
                (open, caller)
            })
            .collect();
        arrivals.recv().unwrap();
        arrivals.recv().unwrap();
        // The third has none until one of the others is done.
        assert!(arrivals.recv_timeout(Duration::from_millis(50)).is_err());
        assert_eq!(replicas.lock().count, 2);
        // All doors first: the third caller may stand behind any of them.
        let callers: Vec<_> = doors.into_iter().map(|(_open, caller)| caller).collect();
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        arrivals.recv().unwrap();
        let state = replicas.lock();
        assert_eq!((state.count, state.idle.len()), (2, 2));
    }

    #[test]
    fn what_cannot_be_loaded_or_panics_keeps_no_place() {
        let (replicas, loaded) = (replicas(1), AtomicUsize::new(0));
        assert_eq!(replicas.work(|| Err("no"), |_| ()), Err("no"));
        let panics = std::panic::AssertUnwindSafe(|| {
            let load = || Ok::<Arc<dyn Sidecar>, ()>(Arc::new(Fake::default()));
            let work = |_: &Arc<dyn Sidecar>| -> () { panic!("told to") };
            replicas.work(load, work).unwrap_or_default();
        });
        assert!(std::panic::catch_unwind(panics).is_err());
        call(&replicas, &loaded, 0);
        assert_eq!((loaded.load(Ordering::SeqCst), replicas.lock().count), (1, 1));
    }

    #[test]
    fn many_callers_never_share_one_and_none_is_forgotten() {
        let (replicas, loaded) = (replicas(3), AtomicUsize::new(0));
        thread::scope(|scope| {
            for caller in 0..8 {
                let (replicas, loaded) = (&replicas, &loaded);
                scope.spawn(move || {
                    (0..500)
                        .for_each(|n| call(replicas, loaded, u32::from((n + caller) % 50 == 0)));
                });
            }
        });
        let state = replicas.lock();
        assert!(state.count <= 3 && state.idle.len() == state.count, "{}", state.count);
    }
}
