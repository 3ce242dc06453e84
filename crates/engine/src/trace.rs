//! What a submission tells while it is under way, and how long the parts of its stages took.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use saggar_model::{BuildRecord, Stage};

/// Is told how a submission gets on. Called on the thread that submits, which waits meanwhile.
pub trait Observer {
    /// The submission is at this stage now.
    fn entered(&self, stage: Stage);
}

/// An observer that does not look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn entered(&self, _: Stage) {}
}

/// The steps of one submission.
pub(crate) struct Trace<'o> {
    observer: &'o dyn Observer,
    steps: RefCell<BTreeMap<String, u64>>,
}

/// Microseconds, as they are recorded.
pub(crate) fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

impl<'o> Trace<'o> {
    pub(crate) fn new(observer: &'o dyn Observer) -> Self {
        Trace { observer, steps: RefCell::default() }
    }

    pub(crate) fn entered(&self, stage: Stage) {
        self.observer.entered(stage);
    }

    /// Does something and takes down how long it took.
    pub(crate) fn time<T>(&self, step: &str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.add(step, micros(start.elapsed()));
        done
    }

    /// Takes down the commands of a build.
    pub(crate) fn commands(&self, record: &BuildRecord) {
        for command in &record.commands {
            self.add(&format!("build.{}", command.step), command.latency_us);
        }
    }

    fn add(&self, step: &str, us: u64) {
        *self.steps.borrow_mut().entry(step.to_owned()).or_default() += us;
    }

    pub(crate) fn into_steps(self) -> BTreeMap<String, u64> {
        self.steps.into_inner()
    }
}
