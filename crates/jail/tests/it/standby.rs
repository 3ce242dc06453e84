//! The init that a launcher makes before it is asked for one.

use std::process::Command;

use saggar_jail::Bind;

use crate::rig::{BARE, OWN, is_root, launchers, rig, spec, until, word, words};

/// Neither it nor the launcher is there when the host is done with them.
#[test]
fn nothing_outlives_the_launcher() {
    for launcher in launchers() {
        let rig = rig(launcher);
        rig.run(&spec(&["fork", "0"])).expect("a jail");
        let seen = rig.standing_by();
        drop(rig);
        until(|| seen.iter().all(|process| process.is_gone()).then_some(()));
    }
}

/// It is not used when it has another identity than a jail is to have.
#[test]
fn the_next_jail_may_be_somebody_else() {
    let rig = rig(OWN);
    for id in [65533, 65532, 65533] {
        let mut spec = spec(&["fork", "0"]);
        spec.root_becomes = id;
        let run = rig.run(&spec).expect("a jail");
        let own = rustix::process::geteuid().as_raw();
        let expected = if is_root() { id } else { own };
        assert_eq!(run.outcome.enforced.map(|enforced| enforced.host_uid), Some(expected));
        rig.standing_by();
    }
}

/// It is not used when it is dead.
#[test]
fn the_next_jail_runs_when_what_stood_by_was_killed() {
    let rig = rig(OWN);
    rig.run(&spec(&["fork", "0"])).expect("a jail");
    let seen = rig.standing_by();
    let init = seen.iter().map(|process| process.pid).max().expect("two processes");
    let handle = rustix::process::Pid::from_raw(init).expect("a pid");
    rustix::process::kill_process(handle, rustix::process::Signal::KILL).expect("ours");
    // Dead, and not waited for.
    let status = || std::fs::read_to_string(format!("/proc/{init}/status")).unwrap_or_default();
    until(|| status().contains("State:\tZ").then_some(()));
    assert_eq!(words(&rig.run(&spec(&["fork", "0"])).expect("a jail")), ["0"]);
}

/// It is not used when something was mounted since: it would not see it.
#[test]
fn the_next_jail_sees_what_was_mounted_since_the_last() {
    if !is_root() {
        // Nobody else can mount anything where a launcher would see it.
        return the_next_jail_may_be_somebody_else();
    }
    let (rig, name) = (rig(BARE), word("mounted"));
    let source = rig.directory.path().join("place");
    std::fs::create_dir(&source).expect("made");
    let source = source.to_str().expect("text").to_owned();
    let mut spec = spec(&["look", &name]);
    spec.root.binds.push(Bind { source: source.clone(), target: "/tmp".to_owned() });
    assert_eq!(words(&rig.run(&spec).expect("a jail")), ["looked"]);
    let seen = rig.standing_by();
    // The launcher has mounts of its own, so this reaches no other process.
    let launcher = seen.iter().map(|process| process.pid).min().expect("two processes");
    inside(launcher, &["mount", "-t", "tmpfs", "tmpfs", &source]);
    inside(launcher, &["touch", &format!("{source}/{name}")]);
    assert_eq!(words(&rig.run(&spec).expect("a jail")), ["/tmp", "looked"]);
}

/// Runs a command among the mounts of a process.
#[expect(clippy::disallowed_methods, reason = "somebody has to mount something")]
fn inside(pid: i32, command: &[&str]) {
    let target = ["-t", &pid.to_string(), "-m", "--"].map(str::to_owned);
    let status = Command::new("nsenter").args(target).args(command).status().expect("nsenter");
    assert!(status.success());
}
