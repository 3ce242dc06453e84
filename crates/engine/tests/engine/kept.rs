//! Calls that crashed: what is kept of them, and what comes of it where nothing can be kept.

use std::fs;
use std::sync::atomic::Ordering;

use saggar_artifact_store::Store;
use saggar_engine::{Code, Engine, Feedback};
use saggar_model::{Digest, Replay};
use saggar_plugin_abi::ArtifactStore;

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

/// Keeps calls of the skill's own, told apart by their arguments, beside this engine.
fn keep(jig: &Jig, numbers: std::ops::Range<usize>) {
    let store = Store::open(&jig.dir.path().join("store")).unwrap();
    for n in numbers {
        store.keep_call(format!("call {n}").as_bytes()).unwrap();
    }
}

#[test]
fn a_kept_call_is_shown_to_nobody_else() {
    let (jig, engine) = crashing();
    let id = crash(&engine).replay.unwrap();
    assert_eq!(engine.replay(id).unwrap().function, "f");
    let told = jig.engine_of(4242).replay(id).unwrap_err();
    assert_eq!(told.code, Code::NotFound, "{told}");
}

fn notes(told: &Feedback) -> Vec<&str> {
    told.diagnostics.iter().map(|note| note.message.as_str()).collect()
}

#[test]
fn a_store_that_fails_changes_no_answer_but_is_named_in_it() {
    let (jig, engine) = crashing();
    let kept = crash(&engine);
    let calls = jig.dir.path().join("store/calls");
    fs::rename(&calls, jig.dir.path().join("gone")).unwrap();
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
    fs::rename(jig.dir.path().join("gone"), calls).unwrap();
    let again = crash(&engine);
    assert_eq!((again.replay, notes(&again)), (kept.replay, notes(&kept)));
    let id: Digest = again.replay.unwrap();
    assert_eq!(engine.replay(id).unwrap().function, "f");
}

#[test]
fn the_newest_calls_are_kept_and_one_that_is_gone_says_so() {
    let (jig, engine) = crashing();
    let id = crash(&engine).replay.unwrap();
    keep(&jig, 1..Replay::KEPT);
    assert_eq!(engine.replay(id).unwrap().function, "f");
    // It crashed again: that makes it the newest, and it outlives all but the last of these.
    assert_eq!(crash(&engine).replay, Some(id));
    keep(&jig, Replay::KEPT..2 * Replay::KEPT - 1);
    assert!(engine.replay(id).is_ok());
    keep(&jig, 0..1);
    let told = engine.replay(id).unwrap_err();
    assert_eq!((told.code, told.code.exit()), (Code::NotFound, 15));
    assert!(told.hint.as_ref().is_some_and(|hint| hint.contains("the newest 256")), "{told:?}");
    assert_eq!(fs::read_dir(jig.dir.path().join("store/calls")).unwrap().count(), Replay::KEPT);
}
