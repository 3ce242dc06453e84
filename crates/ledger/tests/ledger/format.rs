//! Format 1 as it was first written, kept as text: later versions must still read it.

use std::fs;

use saggar_ledger::{Ledger, LedgerError, Outcome, read, verify};
use saggar_model::{Event, canonical};
use serde_json::json;

use crate::{broken_at, draft, outcome};

const LEDGER: &str = include_str!("format1/ledger.jsonl");
const HEAD: &str = include_str!("format1/head.json");

fn home() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("ledger.jsonl"), LEDGER).unwrap();
    fs::write(dir.path().join("head.json"), HEAD).unwrap();
    dir
}

#[test]
fn d14_a_ledger_of_format_1_verifies_is_read_and_appended_to() {
    let dir = home();
    let audit = verify(dir.path()).unwrap();
    assert_eq!((audit.outcome, audit.entries, audit.after_head), (Outcome::Ok, 2, 0));
    let entries = read(dir.path(), 1, 9).unwrap();
    assert_eq!(entries[0].draft.event, Event::HomeCreated { format: 1 });
    assert!(
        matches!(&entries[1].draft.event, Event::Calls { counts, .. } if counts["ok"] == u64::MAX)
    );
    assert_eq!(Ledger::open(dir.path()).unwrap().record(draft(1)).unwrap().seq, 3);
    assert_eq!(outcome(dir.path()), Outcome::Ok);
}

/// Adds a sound third line with an event no version knows, at a time after the second.
fn home_with_foreign_line(after_ms: i64) -> tempfile::TempDir {
    let dir = home();
    let last = read(dir.path(), 2, 1).unwrap().remove(0);
    let time_ms = last.time_ms.checked_add_signed(after_ms);
    let mut line = json!({
        "seq": 3, "time_ms": time_ms, "prev": last.hash, "principal": "uid:0",
        "authority": "lease", "policy": last.hash, "event": "of-a-newer-version", "x": [1.5],
    });
    line["hash"] = canonical::digest(&line).unwrap().to_string().into();
    let text = format!("{LEDGER}{}\n", canonical::to_string(&line));
    fs::write(dir.path().join("ledger.jsonl"), text).unwrap();
    dir
}

/// The chain does not depend on knowing every event: only showing one does.
#[test]
fn d14_an_event_of_a_newer_version_verifies_but_is_not_shown() {
    let dir = home_with_foreign_line(0);
    assert_eq!(outcome(dir.path()), Outcome::Ok);
    let error = read(dir.path(), 1, 9).unwrap_err();
    assert!(matches!(error, LedgerError::Unknown { line: 3, .. }), "{error}");
    assert_eq!(Ledger::open(dir.path()).unwrap().record(draft(1)).unwrap().seq, 4);
}

#[test]
fn d11_a_line_from_before_the_one_above_it_breaks_the_chain() {
    let dir = home_with_foreign_line(-1);
    assert_eq!(broken_at(dir.path()), 3);
    let error = Ledger::open(dir.path()).unwrap().record(draft(1)).unwrap_err();
    assert!(error.to_string().contains("its time is before"), "{error}");
}
