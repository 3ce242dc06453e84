//! B20: two jails at once do not see each other.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::rig::{input, launchers, processes, rig, spec, until, word, words};

/// What one jail finds of what another shares, by namespaces alone.
#[test]
fn two_jails_find_nothing_of_each_other() {
    for launcher in launchers() {
        let (rig, name) = (rig(launcher), word("apart"));
        let (theirs, ours) = input();
        let (share, look) = (spec(&["share", &name]), spec(&["look", &name]));
        std::thread::scope(|scope| {
            let sharing = scope.spawn(|| rig.run_with(&share, theirs));
            until(|| processes(&name).pop());
            let found = words(&rig.run(&look).expect("a jail"));
            drop(ours);
            let shared = words(&sharing.join().expect("no panic").expect("a jail"));
            assert_eq!(shared, ["waiting"], "{launcher}");
            assert_eq!(found, ["looked"], "{launcher}");
        });
    }
}

/// Its twin: the same two processes without a jail find all of it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the twin is not jailed")]
fn two_processes_without_a_jail_find_all_of_it() {
    let name = word("together");
    let jig = env!("CARGO_BIN_EXE_saggar-jail-jig");
    let (theirs, ours) = input();
    let mut sharing = Command::new(jig)
        .args(["share", &name])
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let said = BufReader::new(sharing.stdout.take().expect("a pipe"));
    assert_eq!(said.lines().next().expect("a word").expect("text"), "waiting");
    let null = File::open("/dev/null").expect("/dev/null");
    let looked = Command::new(jig).args(["look", &name]).stdin(null).output().expect("a process");
    drop(ours);
    assert!(sharing.wait().expect("ended").success());
    let found = String::from_utf8(looked.stdout).expect("text");
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(found, ["/tmp", "/dev/shm", "socket", "segment", "session", "user", "looked"]);
}
