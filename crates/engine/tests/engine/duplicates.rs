//! Duplicates: answered at once, in the ledger a little later, and nothing of them lies.

use std::fs;
use std::sync::atomic::Ordering;

use saggar_model::{Code, Status};

use crate::{Jig, eventually, object, submit};

const EVENTS: [&str; 3] = ["submission-received", "build-reused", "submission-outcome"];

#[test]
fn a_duplicate_is_answered_without_a_build_a_scan_or_a_write_to_the_ledger() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    let first = submit(&engine, &bundle);
    assert_eq!((first.release, first.deduplicated), (Some(1), false), "{:?}", first.feedback);
    // Nothing can be written: nothing has to be.
    jig.told.full.store(true, Ordering::SeqCst);
    // The first asks what there is, those after it are remembered.
    for _ in 0..3 {
        let again = submit(&engine, &bundle);
        assert_eq!((again.status, again.exit_code, again.release), (Status::Released, 0, Some(1)));
        assert_eq!((again.artifact, again.build_key), (first.artifact, first.build_key));
        assert!(again.deduplicated && again.submission > first.submission);
    }
    assert_eq!(jig.told.builds.load(Ordering::SeqCst), 1);
    assert_eq!(jig.told.scans.load(Ordering::SeqCst), 1);
}

#[test]
fn another_source_of_the_released_artifact_is_a_duplicate_the_second_time() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    let first = submit(&engine, &bundle);
    let remarked = jig.bundle("a", "1# said otherwise");
    let built = submit(&engine, &remarked);
    assert_eq!((built.release, built.artifact), (Some(1), first.artifact));
    assert!(!built.deduplicated && built.build_key != first.build_key);
    jig.told.full.store(true, Ordering::SeqCst);
    for bundle in [&remarked, &bundle, &remarked] {
        let again = submit(&engine, bundle);
        assert_eq!((again.status, again.release), (Status::Released, Some(1)));
        assert!(again.deduplicated);
    }
    let again = submit(&engine, &remarked);
    assert_eq!((again.artifact, again.build_key), (first.artifact, built.build_key));
    let builds = || jig.told.builds.load(Ordering::SeqCst);
    assert_eq!((builds(), jig.told.scans.load(Ordering::SeqCst)), (2, 2));
    jig.told.full.store(false, Ordering::SeqCst);
    // Another release in between: what was remembered of this source is of no use.
    submit(&engine, &jig.bundle("a", "2"));
    assert_eq!(submit(&engine, &remarked).release, Some(3));
}

#[test]
fn duplicates_are_in_the_ledger_soon_as_one_group() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    submit(&engine, &bundle);
    let before = jig.told.appended.lock().unwrap().len();
    // However long this takes, they are gathered.
    jig.told.full.store(true, Ordering::SeqCst);
    let all: Vec<_> = (0..5).map(|_| submit(&engine, &bundle)).collect();
    jig.told.full.store(false, Ordering::SeqCst);
    eventually("written", || jig.events(all.last().unwrap()).len() == EVENTS.len());
    for again in &all {
        assert_eq!(jig.events(again), EVENTS);
    }
    assert_eq!(jig.told.appended.lock().unwrap().len(), before + 1);
}

#[test]
fn what_waits_is_written_when_the_engine_ends_and_when_somebody_asks() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    submit(&engine, &bundle);
    let asked = submit(&engine, &bundle);
    let found = engine.submission(asked.submission.unwrap()).unwrap();
    assert_eq!((found.status, found.release), (Status::Released, Some(1)));
    assert_eq!(jig.events(&asked), EVENTS);
    let last = submit(&engine, &bundle);
    drop(engine);
    assert_eq!(jig.events(&last), EVENTS);
    let engine = jig.engine();
    assert_eq!(engine.submission(last.submission.unwrap()).unwrap(), last);
}

/// A host that is killed before a group is written: its entries are gone, and the index says of
/// their submissions what it says of every one that did not come to its end.
#[test]
fn a_group_that_is_lost_leaves_index_and_ledger_in_agreement() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    let first = submit(&engine, &bundle);
    jig.told.full.store(true, Ordering::SeqCst);
    let lost = submit(&engine, &bundle);
    drop(engine);
    jig.told.full.store(false, Ordering::SeqCst);
    assert_eq!(jig.events(&lost), Vec::<String>::new());
    let engine = jig.engine();
    let found = engine.submission(lost.submission.unwrap()).unwrap();
    assert_eq!((found.status, found.exit_code), (Status::Running, Code::Internal.exit()));
    // Its id is nobody else's, and what it was a duplicate of is as it was.
    let next = submit(&engine, &bundle);
    assert!(next.submission > lost.submission);
    assert_eq!((next.release, next.artifact), (Some(1), first.artifact));
}

#[test]
fn what_the_ledger_does_not_take_is_kept_in_order() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    submit(&engine, &bundle);
    jig.told.full.store(true, Ordering::SeqCst);
    let early = submit(&engine, &bundle);
    assert_eq!(early.exit_code, 0);
    assert!(engine.flush().is_err());
    let late = submit(&engine, &bundle);
    // What has an effect is refused, and says why.
    let other = submit(&engine, &jig.bundle("a", "2"));
    assert_eq!((other.status, other.release), (Status::Error, None));
    jig.told.full.store(false, Ordering::SeqCst);
    engine.flush().unwrap();
    assert_eq!((jig.events(&early).len(), jig.events(&late).len()), (3, 3));
    let order: Vec<_> = jig.entries().iter().map(|entry| entry.seq).collect();
    assert!(order.is_sorted());
}

#[test]
fn whatever_differs_is_no_duplicate() {
    let jig = Jig::new();
    let engine = jig.engine();
    let bundle = jig.bundle("a", "1");
    submit(&engine, &bundle);
    assert!(submit(&engine, &bundle).deduplicated);
    let builds = || jig.told.builds.load(Ordering::SeqCst);
    // Another source.
    let other = submit(&engine, &jig.bundle("a", "2"));
    assert_eq!((other.release, builds()), (Some(2), 2));
    // The first one is not the current release any more: built already, promoted again.
    let back = submit(&engine, &bundle);
    assert_eq!((back.release, back.deduplicated, builds()), (Some(3), true, 2));
    assert!(back.timings_us.contains_key(&saggar_engine::Stage::Verify));
    // Another compiler.
    assert!(submit(&engine, &bundle).deduplicated);
    jig.told.tools.store(1, Ordering::SeqCst);
    submit(&engine, &bundle);
    assert_eq!(builds(), 3);
    // Another principal.
    let stranger = submit(&jig.engine_of(1001), &bundle);
    assert_eq!((stranger.status, builds()), (Status::Refused, 3));
}

#[test]
fn an_object_that_is_gone_is_stored_again() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    let first = submit(&engine, &bundle);
    submit(&engine, &bundle);
    let artifact = object(jig.dir.path(), first.artifact.unwrap());
    for digest in [bundle.plan().digest, saggar_model::Digest::of(b"1")] {
        fs::remove_file(object(jig.dir.path(), digest)).unwrap();
        assert_eq!(submit(&engine, &bundle).release, Some(1));
        assert!(object(jig.dir.path(), digest).exists());
        assert_eq!(jig.told.builds.load(Ordering::SeqCst), 1);
    }
    fs::remove_file(&artifact).unwrap();
    assert_eq!(submit(&engine, &bundle).release, Some(1));
    assert!(artifact.exists());
    assert_eq!(jig.told.builds.load(Ordering::SeqCst), 2);
}

/// A rejection that is remembered is a failure like any other: it waits for the disk.
#[test]
fn a_remembered_rejection_is_recorded_before_it_is_answered() {
    let jig = Jig::new();
    let (engine, bundle) = (jig.engine(), jig.bundle("a", "1"));
    jig.told.build_fails.store(true, Ordering::SeqCst);
    for reused in [false, true] {
        let rejected = submit(&engine, &bundle);
        assert_eq!((rejected.status, rejected.deduplicated), (Status::Rejected, reused));
        assert_eq!(jig.events(&rejected).last().map(String::as_str), Some("submission-outcome"));
    }
    assert_eq!(jig.told.builds.load(Ordering::SeqCst), 1);
    eventually("all ended", || {
        jig.told.started.load(Ordering::SeqCst) == jig.told.ended.load(Ordering::SeqCst)
    });
}
