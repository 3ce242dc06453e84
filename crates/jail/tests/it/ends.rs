//! The end of a run is the end of every descendant, and of everything made for it.

use std::fs;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use saggar_jail::{Limit, Log, Spec};
use saggar_model::Isolation;

use crate::rig::{
    DEAF, OWN, Process, input, is_root, launchers, processes, rig, spec, until, word,
};

const DAEMONS: usize = 3;

/// B17, by the pid namespace alone: its twin is the look before the end, which finds them living
/// although their parents are dead and they have left the payload's session.
#[test]
fn no_daemon_outlives_the_run() {
    for launcher in launchers() {
        let (rig, name) = (rig(launcher), word("leave"));
        let count = DAEMONS.to_string();
        let spec = spec(&["leave", &count, &name]);
        let (theirs, ours) = input();
        let seen = std::thread::scope(|scope| {
            let jail = scope.spawn(|| rig.run_with(&spec, theirs));
            // The payload and its daemons; what is between them has ended.
            let seen = until(|| Some(processes(&name)).filter(|seen| seen.len() == DAEMONS + 1));
            drop(ours);
            let run = jail.join().expect("no panic").expect("a jail");
            assert_eq!(run.outcome.ended.and_then(|ended| ended.exit_code), Some(0), "{launcher}");
            seen
        });
        // No waiting here: `run` has returned.
        assert!(seen.iter().all(|process| process.is_gone()), "{launcher}: {seen:?}");
        assert_eq!(processes(&name), [], "{launcher}");
    }
}

/// The same when the jail is killed, and so its init cannot end anything any more.
#[test]
fn no_daemon_outlives_a_killed_jail() {
    for launcher in launchers() {
        let (rig, name) = (rig(launcher), word("killed"));
        let count = DAEMONS.to_string();
        let spec = spec(&["leave", &count, &name]);
        let (theirs, _ours) = input();
        let null = fs::File::options().write(true).open("/dev/null").expect("/dev/null");
        let fds = [std::os::fd::AsFd::as_fd(&theirs), std::os::fd::AsFd::as_fd(&null)];
        let jailed = rig.launcher.spawn(&spec, &[fds[0], fds[1], fds[1]]).expect("a jail");
        let seen = until(|| Some(processes(&name)).filter(|seen| seen.len() == DAEMONS + 1));
        jailed.kill();
        jailed.wait().expect("it had started");
        assert!(seen.iter().all(|process| process.is_gone()), "{launcher}: {seen:?}");
    }
}

/// What a terminal sends to all processes of a command, or an administrator to one: without
/// namespaces the supervisor has to live to end the others.
#[test]
fn no_daemon_outlives_a_supervisor_that_is_told_to_end() {
    for signal in [Signal::INT, Signal::HUP, Signal::QUIT, Signal::TERM] {
        let (rig, name) = (rig(OWN), word("told"));
        let count = DAEMONS.to_string();
        let spec = Spec { isolation: Isolation::Process, ..spec(&["leave", &count, &name]) };
        let (theirs, _ours) = input();
        let null = fs::File::options().write(true).open("/dev/null").expect("/dev/null");
        let fds = [std::os::fd::AsFd::as_fd(&theirs), std::os::fd::AsFd::as_fd(&null)];
        let jailed = rig.launcher.spawn(&spec, &[fds[0], fds[1], fds[1]]).expect("a jail");
        // Daemons whose parents have ended are its children, and so is the payload.
        let siblings = |seen: &Vec<Process>| {
            seen.len() == DAEMONS + 1 && seen.iter().all(|one| one.parent() == seen[0].parent())
        };
        let seen = until(|| Some(processes(&name)).filter(siblings));
        let supervisor = seen[0].parent();
        kill_process(Pid::from_raw(supervisor).expect("a pid"), signal).expect("ours");
        jailed.wait().expect("it had started");
        assert!(seen.iter().all(|process| process.is_gone()), "{signal:?}: {seen:?}");
    }
}

/// The groups a jail is in while it runs are gone when it is.
#[test]
fn no_cgroup_outlives_the_run() {
    let (rig, name) = (rig(OWN), word("groups"));
    let (theirs, ours) = input();
    let spec = spec(&["wait", &name]);
    let groups: Vec<PathBuf> = std::thread::scope(|scope| {
        let jail = scope.spawn(|| rig.run_with(&spec, theirs));
        let process = until(|| processes(&name).pop());
        let of = |controller: &&str| Some(process.cgroup(controller)?.1);
        let groups = ["memory", "pids", "cpu"].iter().filter_map(of).collect();
        drop(ours);
        jail.join().expect("no panic").expect("a jail");
        groups
    });
    let own = |group: &&PathBuf| {
        group.file_name().is_some_and(|n| n.to_string_lossy().starts_with("saggar-"))
    };
    let made: Vec<&PathBuf> = groups.iter().filter(own).collect();
    assert_eq!(made.is_empty(), !is_root(), "{groups:?}");
    assert!(made.iter().all(|group| !group.exists()), "{made:?}");
}

/// Many a host has SIGCHLD ignored, and what it starts inherits that.
#[test]
fn how_a_payload_ended_is_known_whatever_the_host_does_with_its_children() {
    for isolation in [Isolation::Namespaces, Isolation::Process] {
        for launcher in [OWN, DEAF] {
            let rig = rig(launcher);
            let spec = Spec { isolation, ..spec(&["leave", "1", &word("deaf")]) };
            let (theirs, ours) = input();
            drop(ours);
            let run = rig.run_with(&spec, theirs).expect("a jail");
            let ended = run.outcome.ended.and_then(|ended| ended.exit_code);
            assert_eq!(ended, Some(0), "{isolation:?} {launcher}");
        }
    }
}

/// A host with a timer or a profiler: what it handles interrupts its waits, and ends none of them.
#[test]
fn a_deadline_is_one_in_a_host_that_is_interrupted_all_the_time() {
    let (rig, name) = (rig(OWN), word("interrupted"));
    let spec = spec(&["wait", &name]);
    let (theirs, _ours) = input();
    let done = AtomicBool::new(false);
    // SAFETY: the handler does nothing; the thread that is told lives until the scope ends.
    let waits = unsafe {
        extern "C" fn nothing(_: libc::c_int) {}
        libc::signal(libc::SIGUSR2, nothing as *const () as usize);
        libc::pthread_self()
    };
    let run = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // SAFETY: as above.
                unsafe { libc::pthread_kill(waits, libc::SIGUSR2) };
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        let log = Log::new(1 << 16, Duration::from_millis(300)).expect("a pipe");
        let writer = log.writer().expect("a pipe");
        let run = rig.launcher.run(&spec, &[theirs.as_fd(), writer.as_fd(), writer.as_fd()], log);
        done.store(true, Ordering::Relaxed);
        run
    });
    assert_eq!(run.expect("a jail").limit, Some(Limit::Deadline));
}
