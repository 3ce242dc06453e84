//! Calls that crashed: what is kept of them, and what comes of it where nothing can be kept.

use std::fs;
use std::sync::atomic::Ordering;

use saggar_engine::{Code, Engine, Feedback};
use saggar_model::Digest;

use crate::{Jig, submit};

/// A home with a skill that crashes when it is called.
fn crashing() -> (Jig, Engine) {
    let jig = Jig::new();
    let engine = jig.engine();
    submit(&engine, &jig.bundle("a", "1"));
    engine.call(&"a".parse().unwrap(), "f", &[]).unwrap();
    jig.told.crashes.store(true, Ordering::SeqCst);
    (jig, engine)
}

fn crash(engine: &Engine) -> Box<Feedback> {
    engine.call(&"a".parse().unwrap(), "f", &[]).unwrap_err()
}

fn notes(told: &Feedback) -> Vec<&str> {
    told.diagnostics.iter().map(|note| note.message.as_str()).collect()
}

#[test]
fn a_store_that_fails_changes_no_answer_but_is_named_in_it() {
    let (jig, engine) = crashing();
    let kept = crash(&engine);
    let objects = jig.dir.path().join("store/objects");
    fs::rename(&objects, jig.dir.path().join("gone")).unwrap();
    let told = crash(&engine);
    assert_eq!((told.code, told.summary.as_str()), (Code::Segfault, "told to crash"));
    assert_eq!((told.replay, &told.hint), (None, &None));
    let [.., last] = notes(&told)[..] else { panic!("{told:?}") };
    assert!(last.starts_with("the call is not kept to be made again: "), "{last}");
    // It is in the ledger all the same.
    let entries = jig.entries();
    let crashed = entries.iter().filter(|entry| serde_json::json!(entry)["event"] == "crashed");
    assert_eq!(crashed.count(), 2);
    // The twin: with the store it is kept.
    fs::rename(jig.dir.path().join("gone"), objects).unwrap();
    let again = crash(&engine);
    assert_eq!((again.replay, notes(&again)), (kept.replay, notes(&kept)));
    let id: Digest = again.replay.unwrap();
    assert_eq!(engine.replay(id).unwrap().function, "f");
}
