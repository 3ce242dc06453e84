//! Which processes serve: fresh ones or used ones, and those that stand by. One test at a time, since
//! each counts this process's descendants.
#![cfg(test)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use common::Scene;
use saggar_engine::{Buffer, Cancel, Code, Engine, Options, Principal};
use serde_json::{Value, json};

const PLAN: &str = r#"
interface = """
count: func() -> u32;
crash: func() -> u32;
spin: func() -> u32;
size: func(data: list<u8>) -> u64;
"""
[limits]
call-deadline = "60s"
[[test]]
call = "count"
args = []
expect = 1
"#;

const SOURCE: &str = "static unsigned calls;\n\
    unsigned count(void) { return ++calls; }\n\
    unsigned crash(void) { *(volatile int *)8 = 1; return 0; }\n\
    unsigned long size(const unsigned char *data, unsigned long n) { return data ? n : 0; }\n\
    unsigned spin(void) { for (volatile int i = 0;; i = i + 1) {} }\n";

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// This test's turn, and the skill released under these changes of `[sidecar]`, which is to go before it.
fn scene(changes: &[(&str, &str)]) -> (MutexGuard<'static, ()>, Scene) {
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    (turn, Scene::new("c", PLAN, SOURCE, changes))
}

fn count(engine: &Engine) -> Value {
    engine.call(&"probe".parse().unwrap(), "count", &[]).unwrap()
}

fn crash(engine: &Engine) {
    let told = engine.call(&"probe".parse().unwrap(), "crash", &[]).unwrap_err();
    assert_eq!(told.code.exit(), Code::Crash.exit(), "{told:?}");
}

fn counts(engine: &Engine, calls: usize) -> Vec<Value> {
    (0..calls).map(|_| count(engine)).collect()
}

#[test]
fn a_call_that_is_cancelled_ends_and_the_next_is_served() {
    let (_turn, scene) = scene(&[]);
    let skill = "probe".parse().unwrap();
    let cancel = Cancel::default();
    count(&scene.engine);
    thread::scope(|scope| {
        let call = || scene.engine.call_with(&skill, "spin", &[], Some(&cancel));
        let calls = [scope.spawn(call), scope.spawn(call)];
        thread::sleep(Duration::from_millis(50));
        cancel.clone().cancel();
        for call in calls {
            assert_eq!(call.join().unwrap().unwrap_err().code, Code::Cancelled);
        }
    });
    // What is cancelled already never begins; what is not, is not.
    let call = |cancel| scene.engine.call_with(&skill, "count", &[], Some(cancel));
    assert_eq!(call(&cancel).unwrap_err().code, Code::Cancelled);
    assert_eq!(call(&Cancel::default()), Ok(json!(1)));
}

const CALL: (&str, &str) = (r#"isolation = "principal""#, r#"isolation = "call""#);
const ALONE: (&str, &str) = ("standby = 2", "standby = 0");

#[test]
fn with_isolation_by_call_a_static_never_outlives_a_call() {
    for standby in [("standby = 2", "standby = 1"), ALONE] {
        let (_turn, scene) = scene(&[CALL, standby]);
        assert_eq!(counts(&scene.engine, 5), vec![json!(1); 5]);
        let calls = vec![Vec::new(); 3];
        let batch = scene.call_all("count", &calls);
        assert_eq!(batch, vec![Ok(json!(1)); 3]);
    }
}

/// One process counts all of them: a second set of sidecars would begin anew.
#[test]
fn first_callers_at_once_have_the_same_sidecars() {
    let (_turn, scene) = scene(&[ALONE, ("replicas = 0", "replicas = 1")]);
    let engine = &scene.engine;
    let counted = thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| count(engine))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap().as_u64()).collect::<BTreeSet<_>>()
    });
    assert_eq!(counted, (1..=8).map(Some).collect());
}

#[test]
fn with_isolation_by_call_twin_by_principal_it_does() {
    let (_turn, scene) = scene(&[]);
    assert_eq!(counts(&scene.engine, 3), [json!(1), json!(2), json!(3)]);
}

#[test]
fn l26_what_a_skill_keeps_of_one_principal_another_never_meets() {
    let (_turn, scene) = scene(&[]);
    assert_eq!(counts(&scene.engine, 2), [json!(1), json!(2)]);
    let other = Principal::uid(4242);
    let options = Options::under(scene.policy.clone(), scene.dir.path().join("home"));
    let other = Engine::open(Options { principal: other, ..options }).unwrap();
    assert_eq!(count(&other), 1);
    // The twin: the first meets what it has left.
    assert_eq!(count(&scene.engine), 3);
}

/// The name of a process that lives, and its parent.
fn parent(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (start, rest) = stat.rsplit_once(')')?;
    let name = start.split_once('(')?.1.to_owned();
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    if state == "Z" {
        return None;
    }
    Some((name, fields.next()?.parse().ok()?))
}

fn processes() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The processes below this one that are sidecars, those that wait for an artifact included.
fn sidecars() -> BTreeSet<u32> {
    let own = std::process::id();
    let is_below = |mut pid: u32| {
        for _ in 0..8 {
            match parent(pid) {
                Some((_, above)) if above == own => return true,
                Some((_, above)) => pid = above,
                None => return false,
            }
        }
        false
    };
    let is_sidecar = |pid| parent(pid).is_some_and(|(name, _)| name == "sidecar");
    processes().filter(|pid| is_sidecar(*pid) && is_below(*pid)).collect()
}

/// The processes once there are so many.
fn wait_for(expected: usize) -> BTreeSet<u32> {
    let start = Instant::now();
    loop {
        let now = sidecars();
        if now.len() == expected {
            return now;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{now:?} are not {expected}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn after_a_crash_one_that_stood_by_serves_and_another_takes_its_place() {
    let (_turn, scene) = scene(&[]);
    count(&scene.engine);
    let mut before = wait_for(3);
    for _ in 0..8 {
        crash(&scene.engine);
        assert_eq!(count(&scene.engine), 1);
        let after = wait_for(3);
        // One died, one that was there works, one that was there still waits.
        assert_eq!(before.intersection(&after).count(), 2, "{before:?} {after:?}");
        before = after;
    }
    drop(scene.engine);
    assert_eq!(sidecars(), BTreeSet::new());
}

#[test]
fn after_a_crash_twin_with_nobody_standing_by_a_new_one_serves() {
    let (_turn, scene) = scene(&[ALONE]);
    count(&scene.engine);
    let before = wait_for(1);
    crash(&scene.engine);
    assert_eq!(count(&scene.engine), 1);
    let after = wait_for(1);
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
}

fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Nobody's call was under way: none is told of it.
#[test]
fn one_that_was_killed_while_nobody_called_it_is_replaced() {
    let (_turn, scene) = scene(&[ALONE]);
    let buffer = Buffer::new(4096).unwrap();
    let lent =
        || scene.engine.call_with(&"probe".parse().unwrap(), "size", &[(&buffer).into()], None);
    for _ in 0..4 {
        assert_eq!(count(&scene.engine), 1);
        assert_eq!(lent(), Ok(json!(4096)));
        wait_for(1).into_iter().for_each(kill);
        wait_for(0);
        // The watcher has heard of it.
        thread::sleep(Duration::from_millis(100));
        assert_eq!(lent(), Ok(json!(4096)));
        wait_for(1).into_iter().for_each(kill);
        wait_for(0);
        thread::sleep(Duration::from_millis(100));
        // Before it is noticed, it is a crash and no fault of the host's.
        assert_eq!(count(&scene.engine), 1);
        wait_for(1).into_iter().for_each(kill);
        let told = lent();
        assert!(
            told.as_ref().is_err_and(|told| told.code == Code::Crash) || told == Ok(json!(4096))
        );
    }
}

#[test]
fn one_that_was_killed_while_it_stood_by_is_not_used() {
    let (_turn, scene) = scene(&[]);
    count(&scene.engine);
    wait_for(3).into_iter().for_each(kill);
    // The one that served: its death is the next call's, unless it was noticed before.
    let told = scene.call("count", &[]);
    assert!(told.is_ok() || told.unwrap_err().code.exit() == Code::Crash.exit());
    crash(&scene.engine);
    assert_eq!(count(&scene.engine), 1);
}

/// All jails end with the launcher that made them; the next call has a new one make its own.
#[test]
fn when_the_launcher_is_killed_the_next_call_is_served() {
    let (_turn, scene) = scene(&[]);
    let own = Some(std::process::id());
    let is_launcher = |pid: &u32| parent(*pid).map(|(_, parent)| parent) == own;
    for _ in 0..3 {
        assert_eq!(count(&scene.engine), 1);
        wait_for(3);
        processes().filter(is_launcher).for_each(kill);
        wait_for(0);
        // The watcher has heard of it.
        thread::sleep(Duration::from_millis(100));
    }
}
