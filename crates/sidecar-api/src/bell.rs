//! A word in shared memory that one side rings and the other waits for. Who waits looks at it for a
//! while before going to sleep over it: most calls are answered sooner than a sleeping thread is
//! woken. How long that pays is learnt from how long it took.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::futex;
use saggar_jail::wire::timespec;

/// One side writes the word, the other waits for it to change (futex(2)).
#[repr(C)]
#[derive(Debug, Default)]
pub struct Bell {
    word: AtomicU32,
    /// Not 0 while who waits sleeps, or is about to.
    sleeper: AtomicU32,
}

impl Bell {
    /// What the word holds.
    pub fn read(&self) -> u32 {
        self.word.load(Ordering::Acquire)
    }

    /// Sets the word and wakes who sleeps over it. Costs no system call while nobody does.
    pub fn ring(&self, value: u32) {
        // In one order with the two in `sleep`: either this sees the sleeper, or the sleeper sees
        // the value.
        self.word.store(value, Ordering::SeqCst);
        if self.sleeper.load(Ordering::SeqCst) != 0 {
            self.wake();
        }
    }

    /// Sets the word and wakes whoever sleeps, whatever the other side has made of the rest.
    pub fn toll(&self, value: u32) {
        self.word.store(value, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        futex::wake(&self.word, futex::Flags::empty(), u32::MAX).unwrap_or_default();
    }

    /// Waits while the word holds `old`, at most so long and the patience; returns what it holds
    /// then.
    pub fn wait(&self, old: u32, timeout: Option<Duration>, patience: &mut Patience) -> u32 {
        patience.look(|| self.other_than(old), || self.sleep(old, timeout))
    }

    /// Waits no longer than the fastest calls take; `None` while the word holds `old`.
    pub fn glance(&self, old: u32) -> Option<u32> {
        glance(|| self.other_than(old))
    }

    fn other_than(&self, old: u32) -> Option<u32> {
        Some(self.read()).filter(|now| *now != old)
    }

    fn sleep(&self, old: u32, timeout: Option<Duration>) -> u32 {
        self.sleeper.store(1, Ordering::SeqCst);
        if self.word.load(Ordering::SeqCst) == old {
            let timeout = timeout.map(timespec);
            // An interruption, a time-out and a change all end in the same look at the word.
            futex::wait(&self.word, futex::Flags::empty(), old, timeout.as_ref())
                .unwrap_or_default();
        }
        self.sleeper.store(0, Ordering::Relaxed);
        self.read()
    }
}

/// How often a word is looked at between two looks at the clock.
const GLANCES: u32 = 64;

fn glance(changed: impl Fn() -> Option<u32>) -> Option<u32> {
    (0..GLANCES).find_map(|_| {
        spin_loop();
        changed()
    })
}

/// How long who waits looks before sleeping. Looking for as long as it takes to wake a sleeper never
/// costs more than twice what would have been best; where it has not paid, it is tried for less.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    most: Duration,
    now: Duration,
}

impl Patience {
    /// About as long as it takes to wake a thread that sleeps over a futex.
    pub const MOST: Duration = Duration::from_micros(50);
    /// What is tried when it has not paid for long.
    const LEAST: Duration = Duration::from_micros(1);

    /// Looks for at most so long; with zero, sleeps at once: on one processor nothing changes while
    /// one looks.
    pub fn new(most: Duration) -> Self {
        Patience { most, now: most }
    }

    /// Whether looking pays at all.
    pub fn is_some(&self) -> bool {
        !self.most.is_zero()
    }

    /// What `changed` gives as soon as it gives something, or else what `sleep` does.
    fn look(&mut self, changed: impl Fn() -> Option<u32>, sleep: impl FnOnce() -> u32) -> u32 {
        if self.most.is_zero() {
            return changed().unwrap_or_else(sleep);
        }
        if let Some(now) = changed().or_else(|| glance(&changed)) {
            return now;
        }
        let start = Instant::now();
        while start.elapsed() < self.now {
            if let Some(now) = glance(&changed) {
                self.now = self.most.min(self.now * 2);
                return now;
            }
            // Whoever else wants the processor has it before one that only looks.
            thread::yield_now();
        }
        let now = sleep();
        // Some of it was the waking.
        let had_paid = start.elapsed() < self.most * 2;
        self.now = if had_paid { self.most } else { Self::LEAST.max(self.now / 2) };
        now
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn waited(patience: &mut Patience, sleep: Duration) -> Duration {
        let start = Instant::now();
        let looked = Cell::new(Duration::ZERO);
        patience.look(
            || None,
            || {
                looked.set(start.elapsed());
                thread::sleep(sleep);
                1
            },
        );
        looked.get()
    }

    #[test]
    fn who_waits_in_vain_looks_for_less_and_less() {
        let mut patience = Patience::new(Duration::from_millis(20));
        assert!(waited(&mut patience, Duration::from_millis(60)) >= Duration::from_millis(20));
        for _ in 0..20 {
            waited(&mut patience, Duration::from_millis(60));
        }
        assert_eq!(patience.now, Patience::LEAST);
        // It would have paid: the next look is as long as any.
        waited(&mut patience, Duration::ZERO);
        assert_eq!(patience.now, patience.most);
    }

    #[test]
    fn without_patience_nobody_looks() {
        let mut patience = Patience::new(Duration::ZERO);
        let (looks, slept) = (Cell::new(0), Cell::new(false));
        let changed = || {
            looks.set(looks.get() + 1);
            None
        };
        assert_eq!(patience.look(changed, || u32::from(!slept.replace(true))), 1);
        assert_eq!(looks.get(), 1);
    }

    #[test]
    fn a_ring_is_heard_awake_and_asleep() {
        for most in [Duration::ZERO, Duration::from_secs(60)] {
            let bells = [Bell::default(), Bell::default()];
            thread::scope(|scope| {
                scope.spawn(|| {
                    let mut patience = Patience::new(most);
                    for round in 0..2000 {
                        while bells[0].wait(round, None, &mut patience) == round {}
                        bells[1].ring(round + 1);
                    }
                });
                let mut patience = Patience::new(most);
                for round in 0..2000 {
                    bells[0].ring(round + 1);
                    while bells[1].wait(round, None, &mut patience) == round {}
                }
            });
            assert_eq!((bells[0].read(), bells[1].read()), (2000, 2000));
        }
    }

    #[test]
    fn a_time_out_ends_a_sleep_and_a_toll_too() {
        let bell = Bell::default();
        let mut patience = Patience::new(Duration::ZERO);
        assert_eq!(bell.wait(0, Some(Duration::from_millis(1)), &mut patience), 0);
        thread::scope(|scope| {
            let waits = scope.spawn(|| {
                let mut patience = Patience::new(Duration::ZERO);
                while bell.wait(0, None, &mut patience) == 0 {
                    // The other side says that nobody sleeps.
                    bell.sleeper.store(0, Ordering::SeqCst);
                }
            });
            bell.toll(7);
            waits.join().unwrap();
        });
        assert_eq!(bell.read(), 7);
    }
}
