//! The ledger from outside: what it records, what it notices, what it refuses. Damage is done
//! with plain file operations, never through the crate under test.

#![cfg(test)]

mod append;
mod damage;
mod format;
mod random;

use std::fs;
use std::path::Path;

use saggar_ledger::{Ledger, Outcome, verify};
use saggar_model::{Digest, Draft, Entry, Event, Principal};
use tempfile::TempDir;

/// A draft that waits for the disk.
fn draft(format: u32) -> Draft {
    Draft {
        principal: Principal::uid(1000),
        authority: None,
        policy: Digest::of(b"policy"),
        event: Event::HomeCreated { format },
    }
}

/// A draft that need not wait.
fn calls(count: u64) -> Draft {
    let event = Event::Calls {
        skill: "top-word".parse().unwrap(),
        artifact: Digest::of(b"artifact"),
        counts: [("ok".to_owned(), count)].into(),
    };
    Draft { event, ..draft(0) }
}

/// A ledger of `count` entries.
fn ledger_of(count: usize) -> (TempDir, Vec<Entry>) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let entries = (1u32..).take(count).map(|n| ledger.record(draft(n)).unwrap()).collect();
    (dir, entries)
}

fn text(dir: &Path) -> Vec<u8> {
    fs::read(dir.join("ledger.jsonl")).unwrap()
}

fn set_text(dir: &Path, text: &[u8]) {
    fs::write(dir.join("ledger.jsonl"), text).unwrap();
}

fn outcome(dir: &Path) -> Outcome {
    verify(dir).unwrap().outcome
}

/// The line a broken ledger is broken at.
fn broken_at(dir: &Path) -> u64 {
    match outcome(dir) {
        Outcome::Broken { line, seq, .. } if line == seq => line,
        other => panic!("{other:?}"),
    }
}
