//! The order of things: what is written before what, and what runs beside what.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use saggar_engine::{Authority, Observer, Stage};
use saggar_model::{Event, Status};

use crate::{Jig, submit};

#[test]
fn every_effect_is_an_intent_then_an_outcome_and_each_waits_as_it_must() {
    let jig = Jig::new();
    let engine = jig.engine();
    let done = submit(&engine, &jig.bundle("a", "1"));
    assert_eq!(done.status, Status::Released, "{:?}", done.feedback);
    let appended = jig.told.appended.lock().unwrap();
    let waits: Vec<_> = appended
        .iter()
        .flatten()
        .map(|event| {
            let name = serde_json::json!(event)["event"].as_str().unwrap().to_owned();
            (name, !event.may_wait())
        })
        .collect();
    let waits: Vec<_> = waits.iter().map(|(name, waits)| (name.as_str(), *waits)).collect();
    assert_eq!(
        waits,
        [
            ("submission-received", false),
            ("build-intent", true),
            ("build-outcome", false),
            ("scan-outcome", false),
            // For the verifier; for callers it waits.
            ("load-intent", false),
            ("load-outcome", false),
            ("verify-outcome", false),
            ("release-intent", true),
            ("release-outcome", false),
            ("submission-outcome", true),
        ]
    );
    drop(appended);
    engine.call(&"a".parse().unwrap(), "f", &[]).unwrap();
    let appended = jig.told.appended.lock().unwrap();
    let last = appended.iter().flatten().rfind(|event| !event.may_wait());
    assert!(matches!(last, Some(Event::LoadIntent { submission: None, .. })));
}

#[test]
fn the_sidecar_starts_while_the_compiler_runs_and_ends_with_its_submission() {
    let jig = Jig::new();
    let engine = jig.engine();
    let counts = || {
        let count = |n: &std::sync::atomic::AtomicU32| n.load(Ordering::SeqCst);
        (count(&jig.told.started), count(&jig.told.waiting), count(&jig.told.ended))
    };
    submit(&engine, &jig.bundle("a", "1"));
    assert_eq!(counts(), (1, 1, 1));
    // One that is not needed ends as well, and no other submission gets it.
    jig.told.build_fails.store(true, Ordering::SeqCst);
    submit(&engine, &jig.bundle("a", "2"));
    assert_eq!(counts(), (2, 1, 2));
    jig.told.build_fails.store(false, Ordering::SeqCst);
    submit(&engine, &jig.bundle("a", "3"));
    assert_eq!(counts(), (3, 1, 3));
}

#[test]
fn nothing_is_built_when_the_intent_cannot_be_written() {
    let jig = Jig::new();
    let engine = jig.engine();
    jig.told.full.store(true, Ordering::SeqCst);
    let refused = submit(&engine, &jig.bundle("a", "1"));
    assert_eq!((refused.status, refused.release), (Status::Error, None));
    assert_eq!(jig.told.builds.load(Ordering::SeqCst), 0);
}

/// Takes down what it is told.
#[derive(Default)]
struct Seen(Mutex<Vec<Stage>>);

impl Observer for Seen {
    fn entered(&self, stage: Stage) {
        self.0.lock().unwrap().push(stage);
    }
}

#[test]
fn who_watches_is_told_each_stage_once_and_the_steps_are_known() {
    let jig = Jig::new();
    let engine = jig.engine();
    let seen = Seen::default();
    let done = engine.submit_with(&jig.bundle("a", "1"), Some(Authority::Flag), &seen);
    use Stage::{Build, Load, Plan, Release, Scan, Verify};
    assert_eq!(seen.0.lock().unwrap()[..], [Plan, Build, Scan, Load, Verify, Release]);
    let steps: Vec<_> = done.steps_us.keys().map(String::as_str).collect();
    assert_eq!(
        steps,
        [
            "build.intent",
            "build.lock",
            "load.load",
            "plan.keep",
            "plan.prepare",
            "release.intent",
            "release.keep",
            "release.promote",
        ]
    );
}
