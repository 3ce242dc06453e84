//! Tests with a system that fails at the n-th step, for every n: what was confirmed is there,
//! what failed is not, and the next opening finds a whole chain.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use saggar_model::{Digest, Draft, Entry, Event, Principal};

use crate::system::{Real, System};
use crate::{Ledger, LedgerError, Outcome, read, verify};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The step fails and the ones after it do not.
    Once,
    /// The process ends at this step: nothing after it happens.
    Kill,
}

struct Faulty {
    fault: Fault,
    /// The step that fails, from 0.
    at: usize,
    steps: AtomicUsize,
    clock: AtomicU64,
    failed: Mutex<Option<&'static str>>,
}

impl Faulty {
    fn new(fault: Fault, at: usize) -> Arc<Self> {
        let (steps, clock, failed) = Default::default();
        Arc::new(Faulty { fault, at, steps, clock, failed })
    }

    fn step(&self, name: &'static str) -> io::Result<()> {
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        if step == self.at || (step > self.at && self.fault == Fault::Kill) {
            self.failed.lock().unwrap().get_or_insert(name);
            return Err(io::Error::other("injected"));
        }
        Ok(())
    }
}

impl System for Arc<Faulty> {
    fn now_ms(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    fn write_all(&self, file: &File, bytes: &[u8]) -> io::Result<()> {
        let step = self.step("write");
        let half = &bytes[..bytes.len() / 2];
        match (&step, self.steps.load(Ordering::Relaxed) == self.at.wrapping_add(1)) {
            (Ok(()), _) => Real.write_all(file, bytes),
            (Err(_), true) => Real.write_all(file, half).and(step),
            (Err(_), false) => step,
        }
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step("sync").and_then(|()| Real.sync(file))
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.step("truncate").and_then(|()| Real.truncate(file, length))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename").and_then(|()| Real.rename(from, to))
    }
}

fn draft(event: Event) -> Draft {
    let (principal, policy) = (Principal::uid(1), Digest::of(b"policy"));
    Draft { principal, authority: None, policy, event }
}

fn created(format: u32) -> Draft {
    draft(Event::HomeCreated { format })
}

fn calls() -> Draft {
    let (skill, artifact) = ("a".parse().unwrap(), Digest::ZERO);
    draft(Event::Calls { skill, artifact, counts: Default::default() })
}

fn intent() -> Draft {
    let (submission, build_key) = (saggar_model::SubmissionId(1), Digest::ZERO);
    draft(Event::BuildIntent { submission, build_key })
}

fn faulty(dir: &Path, system: &Arc<Faulty>) -> Result<Ledger, LedgerError> {
    Ledger::open_with(dir, Box::new(Arc::clone(system)))
}

/// Appends to a ledger with a torn tail, on a system that fails; returns what was confirmed and
/// whether the last error may have left its entry behind.
fn scenario(dir: &Path, system: &Arc<Faulty>) -> Vec<Entry> {
    let Ok(ledger) = faulty(dir, system) else { return Vec::new() };
    let groups = [
        vec![created(1)],
        vec![calls()],
        vec![calls(), intent()],
        vec![intent()],
        vec![created(2), calls()],
        vec![created(3)],
    ];
    groups.into_iter().filter_map(|drafts| ledger.record_all(drafts).ok()).flatten().collect()
}

fn check(fault: Fault, at: usize, seed: impl Fn(&Path)) -> bool {
    let dir = tempfile::tempdir().unwrap();
    seed(dir.path());
    let system = Faulty::new(fault, at);
    let confirmed = scenario(dir.path(), &system);
    let failed = *system.failed.lock().unwrap();
    let case = format!("{fault:?} at {at}: {failed:?}");

    let ledger = Ledger::open(dir.path()).unwrap_or_else(|error| panic!("{case}: {error}"));
    let last = ledger.record(created(9)).unwrap_or_else(|error| panic!("{case}: {error}"));
    let audit = verify(dir.path()).unwrap();
    assert_eq!(audit.outcome, Outcome::Ok, "{case}");
    let entries = read(dir.path(), 1, 100).unwrap();
    assert_eq!(entries.last(), Some(&last), "{case}");
    assert!(confirmed.iter().all(|entry| entries.contains(entry)), "{case}");
    if failed.is_none() {
        assert_eq!(confirmed.len(), 8, "{case}");
    }
    let mine = entries.iter().filter(|entry| !matches!(entry.draft.event, Event::TornTail { .. }));
    let extra = mine.filter(|entry| !confirmed.contains(entry)).count() - 1;
    // At most the one group whose confirmation was lost, where the process ended before it could
    // take it back.
    assert!(extra <= if fault == Fault::Kill { 2 } else { 0 }, "{case}");
    failed.is_some()
}

fn check_every_step(seed: impl Fn(&Path) + Copy) {
    for fault in [Fault::Once, Fault::Kill] {
        let steps = (0..).take_while(|at| check(fault, *at, seed)).count();
        assert!((10..100).contains(&steps), "{steps} steps");
    }
}

#[test]
fn d01_d02_any_step_can_fail_or_be_the_last_in_a_new_ledger() {
    check_every_step(|_| {});
}

#[test]
fn d01_d02_any_step_can_fail_or_be_the_last_behind_a_torn_line() {
    check_every_step(|dir| {
        Ledger::open(dir).unwrap();
        std::fs::write(dir.join("ledger.jsonl"), "{\"authority\":nu").unwrap();
    });
}

#[test]
fn d04_after_a_failed_fsync_nothing_is_appended_until_reopened() {
    // Opening takes: sync of the new head, rename, two syncs of the directory, and a write.
    let opening = {
        let system = Faulty::new(Fault::Once, usize::MAX);
        faulty(tempfile::tempdir().unwrap().path(), &system).unwrap();
        system.steps.load(Ordering::Relaxed)
    };
    // An append then: write, sync, write of the head, sync, rename.
    for step in [1, 3] {
        let dir = tempfile::tempdir().unwrap();
        let ledger = faulty(dir.path(), &Faulty::new(Fault::Once, opening + step)).unwrap();
        let error = ledger.record(created(1)).unwrap_err();
        assert!(matches!(error, LedgerError::Sync { .. }), "{error}");
        assert!(matches!(ledger.record(created(1)), Err(LedgerError::Failed { .. })));
        assert!(matches!(ledger.record(calls()), Err(LedgerError::Failed { .. })));
        let audit = verify(dir.path()).unwrap();
        assert_eq!((audit.outcome, audit.entries), (Outcome::Ok, 0), "step {step}");
        let reopened = Ledger::open(dir.path()).unwrap();
        assert_eq!(reopened.record(created(1)).unwrap().seq, 1);
    }
    // The twin: a write that fails for want of space is no reason to stop for good.
    let dir = tempfile::tempdir().unwrap();
    let ledger = faulty(dir.path(), &Faulty::new(Fault::Once, opening)).unwrap();
    assert!(matches!(ledger.record(created(1)), Err(LedgerError::Io { action: "write", .. })));
    assert_eq!(ledger.record(created(1)).unwrap().seq, 1);
}

#[test]
fn d11_a_clock_that_goes_backwards_does_not_take_the_ledger_along() {
    let dir = tempfile::tempdir().unwrap();
    let system = Faulty::new(Fault::Once, usize::MAX);
    let ledger = faulty(dir.path(), &system).unwrap();
    for (clock, expected) in [(5000, 5000), (7000, 7000), (1000, 7000), (7001, 7001)] {
        system.clock.store(clock, Ordering::Relaxed);
        assert_eq!(ledger.record(created(1)).unwrap().time_ms, expected);
    }
    system.clock.store(3, Ordering::Relaxed);
    assert_eq!(faulty(dir.path(), &system).unwrap().record(calls()).unwrap().time_ms, 7001);
    assert_eq!(verify(dir.path()).unwrap().outcome, Outcome::Ok);
}
