//! Real sidecars in great number: one after the other, each ended by a crash, and many alive at
//! once. What the host holds stays what it was, and nothing is left.
#![cfg(test)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use common::{SMALL_ARENA, Scene};
use saggar_engine::Code;
use saggar_jail::{Launcher, sealed_memfd};
use saggar_model::{Digest, Plan, Principal};
use saggar_plugin_abi::{LoadRequest, Sidecar, SidecarLauncher, SidecarRequest};
use saggar_sidecar_api::{Locate, Sidecars, find_sidecar};

/// Repeat what only repetition can show for longer: `cargo xtask regress --full` sets it.
const FULL: &str = "SAGGAR_TEST_FULL";

/// What this process holds is counted: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// What a sidecar takes of the host's descriptors, as the engine's documentation says.
const DESCRIPTORS: usize = 6;

/// What nothing takes unless it hangs.
const LONG: Duration = Duration::from_secs(60);

const PLAN: &str = r#"
interface = "end: func(n: u32) -> u32;"
[[test]]
call = "end"
args = [4]
expect = 5
"#;

const SOURCE: &str = r#"
#include <stdint.h>
#include <stdlib.h>
uint32_t end(uint32_t n) {
    if (n == 0) *(volatile int *)8 = 1;
    if (n == 1) abort();
    if (n == 2) exit(0);
    if (n == 3) for (volatile int i = 0;; i = i + 1) {}
    return n + 1;
}
"#;

fn full() -> bool {
    std::env::var_os(FULL).is_some()
}

/// An artifact, and sidecars for it.
struct Jig {
    sidecars: Sidecars,
    plan: Plan,
    artifact: Vec<u8>,
}

impl Jig {
    fn new() -> Self {
        let scene = Scene::new("c", PLAN, SOURCE, &[SMALL_ARENA]);
        let described = scene.engine.describe(&"probe".parse().unwrap()).unwrap();
        let artifact = scene.engine.object(described.release.artifact).unwrap();
        let launcher = Launcher::new(find_sidecar(&Locate::Default).unwrap());
        let sidecars = Sidecars::new(Arc::new(launcher), &scene.policy).unwrap();
        Jig { sidecars, plan: described.plan, artifact }
    }

    fn load(&self) -> Box<dyn Sidecar> {
        let artifact = sealed_memfd("artifact", &self.artifact).unwrap();
        let request =
            SidecarRequest { memory: 16 << 20, threads: 0, principal: &Principal::uid(1000) };
        let digest = Digest::of(&self.artifact);
        let prepared = self.sidecars.prepare(request).unwrap();
        let interface = &self.plan.interface;
        let artifact = artifact.as_fd();
        prepared.load(LoadRequest { interface, artifact, digest, debug: None }).unwrap()
    }
}

fn call(sidecar: &dyn Sidecar, n: u32, deadline: Duration) -> Result<u32, Code> {
    let block = sidecar.call(0, &n.to_le_bytes(), deadline).map_err(|told| told.code)?;
    Ok(u32::from_le_bytes(block[..4].try_into().unwrap()))
}

/// What this process holds, and what there is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    descriptors: usize,
    threads: usize,
    mappings: usize,
    processes: usize,
    cgroups: usize,
}

impl Held {
    fn now() -> Self {
        let count = |path: &str| fs::read_dir(path).map_or(0, Iterator::count);
        let below = below(std::process::id());
        Held {
            descriptors: count("/proc/self/fd"),
            threads: count("/proc/self/task"),
            mappings: fs::read_to_string("/proc/self/maps").map_or(0, |maps| arenas(&maps)),
            processes: below.len(),
            cgroups: cgroups(&below).len(),
        }
    }

    /// What it is at rest: the launcher has made its next init, and two sidecars stand by, of two
    /// processes each.
    fn at_rest() -> Self {
        let start = Instant::now();
        let mut last = Held::now();
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let now = Held::now();
            if now == last && now.processes == 6 {
                return now;
            }
            assert!(start.elapsed() < LONG, "it does not come to rest: {now:?}");
            last = now;
        }
    }

    /// It soon is so again.
    fn comes_back(&self) {
        let start = Instant::now();
        while Held::now() != *self {
            assert!(start.elapsed() < LONG, "{self:?} were held, now {:?}", Held::now());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn arenas(maps: &str) -> usize {
    maps.lines().filter(|line| line.contains("saggar-arena")).count()
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Processes below one, living or not.
fn below(root: u32) -> Vec<u32> {
    let stat = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        Some((pid, parent))
    };
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all: Vec<(u32, u32)> = pids.filter_map(stat).collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        found.extend(all.iter().filter(|(_, above)| *above == parent).map(|(pid, _)| pid));
    }
    found.split_off(1)
}

/// Cgroups that a launcher among these has made.
fn cgroups(processes: &[u32]) -> BTreeSet<PathBuf> {
    fn collect(directory: &Path, depth: u32, names: &[String], found: &mut BTreeSet<PathBuf>) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            if names.iter().any(|start| name.starts_with(start)) {
                found.insert(entry.path());
            } else if depth > 0 && !name.starts_with("saggar-") {
                collect(&entry.path(), depth - 1, names, found);
            }
        }
    }
    let names: Vec<String> = processes.iter().map(|pid| format!("saggar-{pid}-")).collect();
    let mut found = BTreeSet::new();
    collect(Path::new("/sys/fs/cgroup"), 6, &names, &mut found);
    found
}

#[test]
fn l22_thousands_of_loads_and_crashes_leave_nothing() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let cycles = if full() { 10_000 } else { 60 };
    let jig = Jig::new();
    let cycle = |number: u32| {
        let sidecar = jig.load();
        let how = number % 5;
        // Only the loop without an end is to meet its deadline.
        let deadline = if how == 3 { Duration::from_millis(5) } else { LONG };
        let outcome = call(sidecar.as_ref(), how, deadline);
        match how {
            0 => assert_eq!(outcome, Err(Code::Segfault), "{number}"),
            1 => assert_eq!(outcome, Err(Code::Abort), "{number}"),
            2 => assert_eq!(outcome, Err(Code::Exited), "{number}"),
            3 => assert_eq!(outcome, Err(Code::CallDeadline), "{number}"),
            _ => assert_eq!(outcome, Ok(5), "{number}"),
        }
    };
    // Whatever grows once has grown then.
    (0..20).for_each(cycle);
    let (held, resident) = (Held::at_rest(), resident_kib());
    for number in 0..cycles {
        cycle(number);
        if number % 1000 == 999 {
            held.comes_back();
        }
    }
    held.comes_back();
    let grown = resident_kib().saturating_sub(resident);
    assert!(grown < 8 << 10, "{grown} KiB more are resident after {cycles} cycles");
    drop(jig);
    assert!(below(std::process::id()).is_empty(), "processes are left");
}

#[test]
fn many_sidecars_live_at_once_and_all_answer() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let many: usize = if full() { 1000 } else { 64 };
    let jig = Jig::new();
    drop(jig.load());
    let held = Held::at_rest();
    let mut sidecars: Vec<Box<dyn Sidecar>> = (0..many).map(|_| jig.load()).collect();
    for round in 0..3usize {
        std::thread::scope(|scope| {
            for (part, some) in sidecars.chunks(many.div_ceil(4)).enumerate() {
                scope.spawn(move || {
                    for (index, sidecar) in some.iter().enumerate() {
                        let n = 10 + u32::try_from(round * 10_000 + part * 1000 + index).unwrap();
                        assert_eq!(call(sidecar.as_ref(), n, LONG), Ok(n + 1));
                    }
                });
            }
        });
    }
    let at_once = Held::now();
    assert!(at_once.descriptors <= held.descriptors + DESCRIPTORS * many, "{at_once:?}");
    // An init and a sidecar each, the launcher, and its next init, if it has one.
    assert!(at_once.processes > 2 * many && at_once.mappings >= held.mappings + many);
    // Whoever dies among them is noticed, and no other with it.
    for index in (0..many).step_by(many / 16) {
        assert_eq!(call(sidecars[index].as_ref(), 0, LONG), Err(Code::Segfault));
        assert!(!sidecars[index].alive());
    }
    sidecars.retain(|sidecar| sidecar.alive());
    assert!(sidecars.iter().all(|sidecar| call(sidecar.as_ref(), 7, LONG) == Ok(8)));
    drop(sidecars);
    held.comes_back();
    drop(jig);
    assert!(below(std::process::id()).is_empty(), "processes are left");
}
