//! A build waits for a compiler to become free, but not for ever, and says so.

use std::fs::{self, File};

use saggar_model::Code;

use crate::jig::{Jig, Skill};

fn skill() -> Skill {
    Skill::c("unsigned answer(unsigned n) { return n; }\n")
}

/// Takes the only place, as another process would.
fn occupy(jig: &Jig) -> File {
    let directory = jig.cache.path().join("slots");
    fs::create_dir_all(&directory).unwrap();
    let place = File::create(directory.join("0")).unwrap();
    place.lock().unwrap();
    place
}

#[test]
fn one_that_waits_too_long_is_told_so_and_may_come_again() {
    let jig = Jig::with(&[("slots = 0", "slots = 1"), ("wait = \"2min\"", "wait = \"20ms\"")]);
    let place = occupy(&jig);
    let told = jig.refused(&skill());
    assert_eq!(told.code, Code::Busy, "{told:?}");
    drop(place);
    let built = jig.artifact(&skill());
    assert!(built.record.commands.iter().all(|command| command.step != "wait"));
}
