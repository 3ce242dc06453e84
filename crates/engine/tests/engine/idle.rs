//! What is left for idle times: begun after an answer, never twice at once, ended with the engine.

use std::sync::atomic::Ordering;

use crate::{Jig, eventually, submit};

#[test]
fn what_a_build_leaves_is_done_after_its_answer() {
    let jig = Jig::new();
    let engine = jig.engine();
    jig.told.left.store(3, Ordering::SeqCst);
    submit(&engine, &jig.bundle("a", "1"));
    eventually("settled", || jig.told.settled.load(Ordering::SeqCst) == 3);
    // A duplicate has built nothing.
    jig.told.left.store(1, Ordering::SeqCst);
    submit(&engine, &jig.bundle("a", "1"));
    assert_eq!(jig.told.settled.load(Ordering::SeqCst), 3);
    engine.settle();
    assert_eq!((jig.told.settled.load(Ordering::SeqCst), engine.unsettled()), (4, false));
}

#[test]
fn there_are_never_two_at_it() {
    let jig = Jig::new();
    let engine = jig.engine();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (engine, jig) = (&engine, &jig);
            let bundle = jig.bundle("a", &n.to_string());
            scope.spawn(move || {
                jig.told.left.fetch_add(5, Ordering::SeqCst);
                submit(engine, &bundle);
                engine.settle();
            });
        }
    });
    engine.settle();
    assert_eq!(jig.told.left.load(Ordering::SeqCst), 0);
    assert_eq!(jig.told.settled.load(Ordering::SeqCst), 20);
}

#[test]
fn an_engine_that_ends_does_not_wait_for_all_of_it() {
    let jig = Jig::new();
    let engine = jig.engine();
    jig.told.endless.store(true, Ordering::SeqCst);
    jig.told.left.store(1, Ordering::SeqCst);
    submit(&engine, &jig.bundle("a", "1"));
    eventually("at work", || jig.told.settling.load(Ordering::SeqCst) == 1);
    drop(engine);
    assert_eq!(jig.told.settling.load(Ordering::SeqCst), 0);
    assert_eq!(jig.told.settled.load(Ordering::SeqCst), 0);
}
