//! B20, B29: builds at the same time.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use super::tree::{alive, seen};
use crate::fake::Fake;
use crate::fixture::Language;
use crate::process::{self, Running};
use crate::{Env, Fixture, Jig, Policy, Verdict, census, ensure};

/// System calls by which builds could meet, if there were a common place.
const MEETING_CALLS: [&str; 9] =
    ["socket", "bind", "connect", "shmget", "shmctl", "msgget", "msgctl", "link", "symlink"];

/// What each build says of each place.
fn places_in(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(_, how)| !how.is_empty())
        .collect()
}

/// A number for System V that is nobody else's.
fn key() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.subsec_nanos());
    std::process::id() ^ now | 1
}

/// Seccomp is open: what the namespaces and the file system leave in common is on trial.
pub(super) fn places(env: &Env) -> Verdict {
    let marker = format!("saggar-meeting-{}", std::process::id());
    let fake = Fake::meeting(&marker, key())?;
    let sources = ["// PLANT\n", "// look\n"].map(|head| head.to_owned() + Language::Cpp.answer());
    let [plants, looks] = sources.map(|source| Fixture::of(Language::Cpp, &source));
    let (plants, looks) = (plants?, looks?);
    let outside = |skill: &Fixture| {
        let mut command = process::command(&fake.driver);
        command.current_dir(skill.path()).args(["-c", "skill.cpp"]);
        process::start(command, crate::jig::LIMIT)
    };
    // The twin: outside of any jail they meet everywhere.
    let mut first = outside(&plants)?;
    seen(&mut first, "the twin that plants", |_| alive(&marker))?;
    let met = outside(&looks)?.wait()?.stderr;
    fake.go()?;
    first.wait()?;
    let places = places_in(&met);
    let missed: Vec<_> = places.iter().filter(|(_, how)| *how != "met").collect();
    ensure!(missed.is_empty() && places.len() == 6, "the twins did not meet: {met}");

    let fake = Fake::meeting(&marker, key())?;
    let policy = Policy::default_of(env)?.compiler("c++", &fake.driver);
    let policy = policy.allow_syscalls("build", &MEETING_CALLS, "the namespaces are on trial");
    let homes = [Jig::under(env, &policy)?, Jig::under(env, &policy)?];
    let arguments = crate::jig::submission(plants.path());
    let mut running = homes[0].start(&arguments)?;
    seen(&mut running, "the build that plants", |_| alive(&marker))?;
    let output = homes[1].submit(looks.path())?.refuses(4, "compile")?;
    let still = alive(&marker).is_some();
    let log = homes[1].log(&output)?;
    fake.go()?;
    let planted = Jig::read(&arguments, running.wait()?)?.refuses(4, "compile")?;
    ensure!(still, "the build that plants did not wait; the case proves nothing");
    let places = places_in(&log);
    ensure!(places.len() >= 6, "it did not look: {log}");
    let met: Vec<_> = places.iter().filter(|(_, how)| *how == "met").collect();
    ensure!(met.is_empty(), "two builds met: {met:?}");
    let left = homes[0].log(&planted)?;
    let sysv = ["abstract socket: met", "shared memory: met", "message queue: met"];
    let did = sysv.iter().all(|line| left.contains(line));
    ensure!(did, "nothing was left to be found; the case proves nothing: {left}");
    homes.into_iter().try_for_each(Jig::finish)
}

/// Where only the filter of system calls stands between two builds: a lock on a file that every
/// build sees, a key in a session's keyring.
pub(super) fn filter(env: &Env) -> Verdict {
    for mode in ["lock", "whole-lock", "key"] {
        let fake = Fake::locking(mode)?;
        let skill = Fixture::of(Language::Cpp, Language::Cpp.answer())?;
        let mut command = process::command(&fake.driver);
        command.current_dir(skill.path()).args(["-c", "skill.cpp"]);
        let left = process::run(command, crate::jig::LIMIT)?.stderr;
        ensure!(left.contains("left: yes"), "{mode}: the twin leaves nothing: {left}");
        let policy = Policy::default_of(env)?.compiler("c++", &fake.driver);
        let jig = Jig::under(env, &policy)?;
        jig.submit_fixture("good/add")?.released()?;
        let output = jig.submit(skill.path())?.refuses(4, "compiler-crashed");
        let output = output.map_err(|why| format!("{mode}: {why}"))?;
        ensure!(output.mentions("signal 31"), "{mode}: it was not ended by SIGSYS: {output}");
        jig.tells_of(&output)?;
        jig.serves()?;
        jig.finish()?;
    }
    Ok(())
}

/// Whether a process waits for a lock of a file (proc_locks(5): a waiter stands behind an arrow).
fn waits_for_lock(running: &Running) -> Option<()> {
    let own: Vec<u32> = census::descendants(running.pid()).iter().map(|p| p.pid).collect();
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    let waiting = locks.lines().filter(|line| line.contains("->"));
    let pids = waiting.filter_map(|line| line.split_whitespace().nth(5)?.parse::<u32>().ok());
    let mut pids = pids.filter(|pid| *pid == running.pid() || own.contains(pid));
    pids.next().map(drop)
}

pub(super) fn waiters(env: &Env) -> Verdict {
    let marker = format!("saggar-waiting-{}", std::process::id());
    let fake = Fake::waiting(&marker)?;
    let jig = Jig::under(env, &Policy::default_of(env)?.compiler("c++", &fake.driver))?;
    jig.submit_fixture("good/add")?.released()?;
    let skill = Fixture::of(Language::Cpp, Language::Cpp.answer())?;
    let arguments = crate::jig::submission(skill.path());
    let mut first = jig.start(&arguments)?;
    seen(&mut first, "the first compiler", |_| alive(&marker))?;
    let mut second = jig.start(&arguments)?;
    let mut third = jig.start(&arguments)?;
    for waiter in [&mut second, &mut third] {
        seen(waiter, "a waiter", waits_for_lock)?;
    }
    first.kill();
    ensure!(first.wait()?.code == -9, "the first was to die in mid-build");
    fake.go()?;
    let mut reused = 0;
    for waiter in [second, third] {
        let output = Jig::read(&arguments, waiter.wait()?)?.released()?;
        reused += u32::from(output.json["deduplicated"] == true);
    }
    // One takes over, and the other has its build.
    ensure!(reused == 1, "{reused} of the two waiters reused the other's build");
    jig.call("answer", "answer", &[])?.answers(&42.into())?;
    jig.serves()?;
    jig.finish()
}
