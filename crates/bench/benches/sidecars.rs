//! What sidecars cost: until one is ready, fresh for each call, asleep between calls, with two callers
//! at once, and in memory and processor time while they idle.

use std::fs;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use saggar_bench::paired::{Figures, Times};
use saggar_bench::{Echo, Jig, processes};
use saggar_engine::Policy;
use saggar_jail::{Launcher, sealed_memfd};
use saggar_model::SkillName;
use saggar_plugin_abi::{LoadRequest, SidecarLauncher, SidecarRequest};
use saggar_sidecar_api::Sidecars;

fn main() {
    let mut figures = Figures::default();
    load(&mut figures);
    isolated(&mut figures);
    parked(&mut figures);
    callers(&mut figures);
    idle(&mut figures);
    figures.write("sidecars");
}

/// The default policy with a key of `[sidecar]` changed.
fn policy(before: &str, after: &str) -> Policy {
    assert!(saggar_policy::BUILTIN.contains(before), "the policy has {before}");
    Policy::parse(&saggar_policy::BUILTIN.replace(before, after)).expect("it is still a policy")
}

/// Long enough for a process to stand by again.
const REST: Duration = Duration::from_millis(15);

/// From an artifact to a sidecar that can be called: with a process that stands by, and without.
fn load(figures: &mut Figures) {
    const TURNS: usize = 100;
    let jig = Jig::new();
    jig.submit(&jig.skill(0));
    let skill = jig.engine.describe(&"stats".parse().expect("a name")).expect("it is released");
    let artifact = jig.engine.object(skill.release.artifact).expect("it is stored");
    let artifact = sealed_memfd("artifact", &artifact).expect("memory is there");
    let load = LoadRequest {
        interface: &skill.plan.interface,
        artifact: artifact.as_fd(),
        digest: skill.release.artifact,
        debug: None,
    };
    let sidecar = std::env::var_os("SAGGAR_SIDECAR").expect("cargo xtask bench names the sidecar");
    let (before, after) = ("standby = 2", "standby = 0");
    let starters = [Policy::builtin(), policy(before, after)].map(|policy| {
        let launcher = Arc::new(Launcher::new(sidecar.clone().into()));
        Sidecars::new(launcher, &policy).expect("threads are there")
    });
    let request =
        SidecarRequest { memory: 256 << 20, threads: 0, principal: &skill.release.principal };
    let mut times = [Times::default(), Times::default()];
    for turn in 0..TURNS + 5 {
        for (starter, times) in starters.iter().zip(&mut times) {
            thread::sleep(REST);
            let mut discarded = Times::default();
            let times = if turn < 5 { &mut discarded } else { times };
            let ready = || starter.prepare(request).and_then(|prepared| prepared.load(load));
            drop(times.take(ready).expect("it loads"));
        }
    }
    figures.add("load.ready_p50_us", times[0].median() * 1e6);
    figures.add("load.cold_p50_us", times[1].median() * 1e6);
}

/// A call in a process of its own, from the pool, ledger included; and one in a process that serves.
fn isolated(figures: &mut Figures) {
    const TURNS: usize = 100;
    let jig = Jig::under(policy(r#"isolation = "principal""#, r#"isolation = "call""#));
    jig.submit(&jig.skill(0));
    let skill = "stats".parse().expect("a name");
    let call = || jig.engine.call(&skill, "add", &[20.into(), 22.into()]).expect("add answers");
    let mut times = Times::default();
    call();
    for _ in 0..TURNS {
        thread::sleep(REST);
        times.take(call);
    }
    figures.add("call.isolated_p50_us", times.median() * 1e6);
}

/// A call and a socket echo after a rest, when nobody looks any more: a millisecond, which is twenty times
/// as long as anybody looks, and five, when the caches are cold besides.
fn parked(figures: &mut Figures) {
    const TURNS: usize = 400;
    let jig = Jig::new();
    jig.submit(&jig.skill(0));
    let skill = "stats".parse().expect("a name");
    let mut echo = Echo::new();
    for (key, rest) in [("parked", 1000), ("parked_5ms", 5000)] {
        let (mut call, mut round_trip) = (Times::default(), Times::default());
        for _ in 0..TURNS {
            thread::sleep(Duration::from_micros(rest));
            call.take(|| {
                let sum = jig.engine.call(&skill, "add", &[20.into(), 22.into()]);
                assert_eq!(sum.expect("add answers"), 42);
            });
            thread::sleep(Duration::from_micros(rest));
            round_trip.take(|| echo.round_trip());
        }
        let (call, round_trip) = (call.median(), round_trip.median());
        figures.add(format!("call.{key}_p50_us"), call * 1e6);
        figures.add(format!("call.{key}_echo_p50_us"), round_trip * 1e6);
        figures.add(format!("call.{key}_ratio"), call / round_trip);
    }
}

/// As many calls of a millisecond from two callers at once as from one: how much sooner they are done.
fn callers(figures: &mut Figures) {
    const TURNS: usize = 20;
    const CALLS: usize = 20;
    let jig = Jig::new();
    let skill = release(&jig, 0);
    let calls = |count| (0..count).for_each(|_| work(&jig, &skill));
    let two = || {
        thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(|| calls(CALLS / 2)))));
    };
    two();
    let mut times = [Times::default(), Times::default()];
    for _ in 0..TURNS {
        times[0].take(|| calls(CALLS));
        times[1].take(two);
    }
    figures.add("call.two_callers_speedup", times[0].median() / times[1].median());
}

/// Skills that are loaded and not called.
const IDLE: usize = 8;

/// Eight skills that idle beside two that work a tenth of the time: memory of each, processor time
/// they take, and what is left of both processors.
fn idle(figures: &mut Figures) {
    let jig = Jig::under(policy("standby = 2", "standby = 0"));
    let before = left_idle(|| thread::sleep(WINDOW));
    let skills: Vec<SkillName> = (0..IDLE + 2).map(|number| release(&jig, number)).collect();
    let all = processes::sidecars();
    assert_eq!(all.len(), skills.len(), "one process each");
    let pss: f64 = all.iter().map(|pid| processes::pss_kib(*pid)).sum();
    figures.add("sidecar.pss_kib", pss / all.len() as f64);
    let time: Vec<u64> = all.iter().map(|pid| processes::ticks(*pid)).collect();
    let eight = left_idle(|| thread::sleep(WINDOW));
    let taken: u64 =
        all.iter().zip(&time).map(|(pid, before)| processes::ticks(*pid) - before).sum();
    figures.add("idle.ten_sidecars_cpu_ticks", taken as f64);
    let stop = AtomicBool::new(false);
    let busy = thread::scope(|scope| {
        for skill in &skills[IDLE..] {
            scope.spawn(|| work_at_times(&jig, skill, &stop));
        }
        let busy = left_idle(|| thread::sleep(WINDOW));
        stop.store(true, Ordering::Relaxed);
        busy
    });
    for (key, idle) in [("before", before), ("eight_idle", eight), ("two_busy", busy)] {
        for (number, share) in idle.iter().enumerate() {
            figures.add(format!("idle.{key}_core{number}_pct"), share * 100.0);
        }
    }
}

/// How long is looked.
const WINDOW: Duration = Duration::from_secs(4);

/// Calls a function that computes for about a millisecond.
fn work(jig: &Jig, skill: &SkillName) {
    jig.engine.call(skill, "work", &[400_000.into()]).expect("it answers");
}

/// The same a hundred times a second.
fn work_at_times(jig: &Jig, skill: &SkillName, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        work(jig, skill);
        thread::sleep(Duration::from_millis(10).saturating_sub(start.elapsed()));
    }
}

/// Releases and calls a skill of this number.
fn release(jig: &Jig, number: usize) -> SkillName {
    let directory = jig.directory().join(format!("worker-{number}"));
    fs::create_dir_all(&directory).expect("a directory can be made");
    let plan = format!(
        "name = \"worker-{number}\"\nlanguage = \"c\"\nsource = \"worker.c\"\n\
         interface = \"work: func(n: u32) -> u32;\"\n[[test]]\ncall = \"work\"\nargs = [0]\nexpect = 1\n"
    );
    let source = "unsigned work(unsigned n) {\n    unsigned x = 1;\n    \
                  for (unsigned i = 0; i < n; i++) x = x * 1664525u + (1013904223u ^ x >> 7);\n    \
                  return x;\n}\n";
    fs::write(directory.join("plan.toml"), plan).expect("a plan can be written");
    fs::write(directory.join("worker.c"), source).expect("a source can be written");
    jig.submit(&directory);
    let skill = format!("worker-{number}").parse().expect("a name");
    jig.engine.call(&skill, "work", &[0.into()]).expect("it answers");
    skill
}

/// What part of each processor's time is nobody's meanwhile.
fn left_idle(meanwhile: impl FnOnce()) -> Vec<f64> {
    let before = processes::idle_seconds();
    let start = Instant::now();
    meanwhile();
    let length = start.elapsed().as_secs_f64();
    processes::idle_seconds()
        .iter()
        .zip(before)
        .map(|(now, before)| (now - before) / length)
        .collect()
}
