//! How often the processes of a release died one after the other, and how long the next one waits for
//! that. A skill that dies at every call starts processes at a bounded pace; nobody else waits.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Deaths since the last process that outlived its work.
#[derive(Debug, Default)]
pub(crate) struct Deaths(AtomicU32);

impl Deaths {
    /// So many in a row are no loop: a caller tries a few values.
    const FREE: u32 = 4;
    /// Doubled with each death from then on.
    const FIRST: Duration = Duration::from_millis(1);
    const LONGEST: Duration = Duration::from_millis(250);

    /// Takes in whether a process has outlived what it was asked.
    pub(crate) fn note(&self, alive: bool) {
        if !alive {
            // It cannot overflow: from some point on each takes a quarter of a second.
            self.0.fetch_add(1, Ordering::Relaxed);
        } else if self.0.load(Ordering::Relaxed) != 0 {
            self.0.store(0, Ordering::Relaxed);
        }
    }

    /// How long to wait before the next process is started.
    pub(crate) fn pause(&self) -> Duration {
        match self.0.load(Ordering::Relaxed).checked_sub(Self::FREE) {
            None => Duration::ZERO,
            Some(more) => Self::LONGEST.min(Self::FIRST * (1 << more.min(16))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_of_deaths_waits_longer_and_longer_and_one_good_end_forgives_it() {
        let deaths = Deaths::default();
        let mut pauses = Vec::new();
        for _ in 0..40 {
            pauses.push(deaths.pause());
            deaths.note(false);
        }
        assert_eq!(pauses[3], Duration::ZERO);
        assert_eq!(pauses[4], Deaths::FIRST);
        assert!(pauses.is_sorted());
        assert_eq!(pauses[39], Deaths::LONGEST);
        deaths.note(true);
        assert_eq!(deaths.pause(), Duration::ZERO);
    }
}
