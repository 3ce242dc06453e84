//! Appending: by many at once, of awkward content, in groups.

use std::os::unix::fs::PermissionsExt;
use std::{fs, thread};

use saggar_ledger::{Ledger, LedgerError, MAX_LINE, Outcome, read, verify};
use saggar_model::{Code, Digest, Draft, Event, Feedback, Stage, SubmissionId};
use saggar_plugin_abi::{LedgerSink, StageError};

use crate::{calls, draft, ledger_of, outcome, text};

#[test]
fn entries_are_chained_from_zero_and_read_back() {
    let (dir, entries) = ledger_of(5);
    assert_eq!(entries[0].prev, Digest::ZERO);
    for pair in entries.windows(2) {
        assert_eq!((pair[0].seq + 1, pair[0].hash), (pair[1].seq, pair[1].prev));
        assert!(pair[0].time_ms <= pair[1].time_ms);
    }
    assert_eq!(read(dir.path(), 0, 100).unwrap(), entries);
    assert_eq!(read(dir.path(), 2, 3).unwrap(), entries[1..4]);
    assert_eq!(read(dir.path(), 6, 3).unwrap(), []);
    assert_eq!(read(dir.path(), 1, 0).unwrap(), []);
    let audit = verify(dir.path()).unwrap();
    assert_eq!((audit.entries, audit.head, audit.after_head), (5, entries[4].hash, 0));
}

#[test]
fn nothing_recorded_is_a_consistent_ledger_and_no_directory_is_none() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(verify(dir.path()), Err(LedgerError::Missing { .. })));
    assert!(matches!(read(dir.path(), 1, 1), Err(LedgerError::Missing { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "looking makes no files");
    let home = dir.path().join("a/home");
    Ledger::open(&home).unwrap();
    assert_eq!(fs::metadata(&home).unwrap().permissions().mode() & 0o777, 0o700);
    let audit = verify(&home).unwrap();
    assert_eq!((audit.entries, audit.head, audit.outcome), (0, Digest::ZERO, Outcome::Ok));
}

/// Each thread has a descriptor, a lock and a view of the chain of its own, as a process would.
#[test]
fn d07_eight_appenders_with_ledgers_of_their_own_make_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let appended: Vec<_> = thread::scope(|scope| {
        let append = |n: u32| {
            let ledger = Ledger::open(dir.path()).unwrap();
            let record = |i| match i % 5 {
                0 => ledger.record(calls(u64::from(i))).unwrap(),
                _ => ledger.record(draft(n * 1000 + i)).unwrap(),
            };
            (0..25).map(record).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..8).map(|n| scope.spawn(move || append(n))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let audit = verify(dir.path()).unwrap();
    assert_eq!((audit.outcome, audit.entries), (Outcome::Ok, 200));
    let mut expected = appended;
    expected.sort_by_key(|entry| entry.seq);
    assert_eq!(read(dir.path(), 1, 1000).unwrap(), expected);
}

#[test]
fn d07_threads_that_share_a_ledger_make_one_chain_while_others_verify() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    thread::scope(|scope| {
        for n in 0..4 {
            let ledger = &ledger;
            scope.spawn(move || (0..25).for_each(|_| drop(ledger.record(draft(n)).unwrap())));
        }
        scope.spawn(|| (0..50).for_each(|_| assert_eq!(outcome(dir.path()), Outcome::Ok)));
    });
    assert_eq!(verify(dir.path()).unwrap().entries, 100);
}

#[test]
fn d13_newlines_and_control_characters_stay_inside_their_line() {
    let awkward = "a\nb\r\u{0}\u{1b}[31m\u{7f}\u{2028}\u{202e}\"\\\u{10ffff}\n{\"seq\":1}\n";
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let feedback = Feedback::new(Stage::Build, Code::Compile, awkward).hint(awkward);
    let event = Event::Refused { skill: None, feedback };
    let entry = ledger.record(Draft { event, ..draft(1) }).unwrap();
    let text = text(dir.path());
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 1);
    assert_eq!(text.iter().filter(|byte| byte.is_ascii_control() && **byte != 0x7f).count(), 1);
    assert_eq!(read(dir.path(), 1, 1).unwrap(), [entry]);
    assert_eq!(outcome(dir.path()), Outcome::Ok);
}

#[test]
fn an_event_beyond_a_line_is_refused_and_the_next_one_is_not() {
    let (dir, _) = ledger_of(1);
    let ledger = Ledger::open(dir.path()).unwrap();
    let refused = |length: usize| Draft {
        event: Event::Refused {
            skill: None,
            feedback: Feedback::new(Stage::Build, Code::Compile, "x".repeat(length)),
        },
        ..draft(1)
    };
    let before = text(dir.path());
    assert!(matches!(ledger.record(refused(MAX_LINE)), Err(LedgerError::TooLong { .. })));
    assert_eq!(text(dir.path()), before);
    assert_eq!(ledger.record(refused(MAX_LINE - 1000)).unwrap().seq, 2);
    assert_eq!(outcome(dir.path()), Outcome::Ok);
}

#[test]
fn the_head_follows_calls_at_the_latest_after_a_group_and_at_the_end() {
    let (dir, _) = ledger_of(1);
    let ledger = Ledger::open(dir.path()).unwrap();
    let behind = || verify(dir.path()).unwrap().after_head;
    let most = (0..200).map(|n| ledger.record(calls(n)).map(|_| behind()).unwrap()).max();
    assert_eq!(most, Some(64));
    assert_eq!(verify(dir.path()).unwrap().entries, 201);
    ledger.record(draft(2)).unwrap();
    assert_eq!(behind(), 0);
    ledger.record(calls(1)).unwrap();
    assert_eq!(behind(), 1);
    drop(ledger);
    assert_eq!(behind(), 0);
}

#[test]
fn a_group_is_one_chain_and_as_lasting_as_its_most_lasting_event() {
    let (dir, _) = ledger_of(1);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.record_all(Vec::new()).unwrap(), []);
    let (submission, build_key) = (SubmissionId(1), Digest::ZERO);
    let intent = Draft { event: Event::BuildIntent { submission, build_key }, ..draft(1) };
    for (drafts, behind) in [
        (vec![calls(1), calls(2)], 2),
        (vec![calls(3), intent.clone()], 4),
        (vec![intent.clone()], 5),
        (vec![calls(4), draft(2), intent.clone()], 0),
        (vec![calls(5)], 1),
        (vec![draft(3), draft(4)], 0),
    ] {
        let entries = ledger.record_all(drafts.clone()).unwrap();
        assert!(entries.iter().map(|entry| &entry.draft).eq(&drafts));
        let audit = verify(dir.path()).unwrap();
        assert_eq!((audit.outcome, audit.after_head), (Outcome::Ok, behind));
    }
    // All of a group or nothing of it.
    let feedback = Feedback::new(Stage::Build, Code::Compile, "x".repeat(MAX_LINE));
    let long = Draft { event: Event::Refused { skill: None, feedback }, ..draft(1) };
    let before = text(dir.path());
    assert!(ledger.record_all(vec![draft(5), long]).is_err());
    assert_eq!(text(dir.path()), before);
}

#[test]
fn d12_a_fault_has_the_code_and_stage_of_the_event() {
    let (dir, _) = ledger_of(1);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert!(LedgerSink::append(&ledger, vec![calls(1)]).is_ok());
    fs::rename(dir.path().join("head.json"), dir.path().join("aside")).unwrap();
    let Err(StageError::Fault(feedback)) = LedgerSink::append(&ledger, vec![calls(1)]) else {
        panic!("appended without a head")
    };
    assert_eq!((feedback.code, feedback.stage), (Code::Ledger, Stage::Call));
    assert!(feedback.summary.contains("head.json"), "{}", feedback.summary);
    fs::rename(dir.path().join("aside"), dir.path().join("head.json")).unwrap();
    assert!(LedgerSink::append(&ledger, vec![calls(1)]).is_ok());
}
