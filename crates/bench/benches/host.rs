//! What building costs the host besides time: a jailed run beside a plain spawn of the same
//! program; memory, descriptors and disk of the host's process over two hundred builds.

use std::fs;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use saggar_bench::Jig;
use saggar_bench::fixtures::Fixture;
use saggar_bench::paired::{Figures, Times};
use saggar_jail::{
    Bind, Confinement, Launcher, Log, OutputFile, Payload, Rlimits, Root, Spec, Work,
};
use saggar_policy::{Policy, SeccompStage};

/// Turns of the jail and the plain spawn.
const TURNS: usize = 200;

/// Builds after which the host should be in its stride, and builds in all.
const BUILDS: [u64; 2] = [40, 200];

fn main() {
    let mut figures = Figures::default();
    jail(&mut figures);
    builds(&mut figures);
    figures.write("host");
}

/// The jail of a build around a program that does nothing, and the same program without it.
fn jail(figures: &mut Figures) {
    let sidecar = std::env::var_os("SAGGAR_SIDECAR").expect("cargo xtask bench names the sidecar");
    let launcher = Launcher::new(sidecar.into());
    let policy = Policy::builtin();
    let spec = nothing(&policy);
    let (mut jailed, mut plain) = (Times::default(), Times::default());
    let null = fs::File::open("/dev/null").expect("/dev/null is there");
    let run = || {
        let log = Log::new(4096, Duration::from_secs(10)).expect("a pipe");
        let writer = log.writer().expect("its end");
        let fds = [null.as_fd(), writer.as_fd(), writer.as_fd()];
        let run = launcher.run(&spec, &fds, log).expect("the jail is made");
        assert_eq!(run.outcome.ended.and_then(|ended| ended.exit_code), Some(0));
    };
    run();
    for _ in 0..TURNS {
        jailed.take(run);
        plain.take(|| {
            #[expect(clippy::disallowed_methods, reason = "the baseline is a plain spawn")]
            let status = Command::new(TRUE)
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            assert!(status.expect("true starts").success());
        });
    }
    let (jailed, plain) = (jailed.median() * 1e3, plain.median() * 1e3);
    figures.add("jail.run_ms", jailed);
    figures.add("jail.plain_spawn_ms", plain);
    figures.add("jail.overhead_ms", jailed - plain);
}

const TRUE: &str = "/usr/bin/true";

/// The specification of a build whose compiler does nothing.
fn nothing(policy: &Policy) -> Spec {
    let build = &policy.build;
    let bind = |path: &String| Bind { source: path.clone(), target: path.clone() };
    Spec {
        isolation: policy.jail.isolation,
        memory_floor: policy.jail.memory,
        pids_cgroup: false,
        cpu_percent: policy.jail.cpu_percent,
        root_becomes: policy.jail.root_becomes,
        root: Root { binds: build.read_only.iter().map(bind).collect(), ..Root::default() },
        work: Some(Work {
            directories: Vec::new(),
            size: build.work.0,
            inputs: Vec::new(),
            outputs: Vec::<OutputFile>::new(),
        }),
        rlimits: Rlimits {
            data: build.memory.0,
            address_space: u64::MAX,
            stack: 8 << 20,
            file_size: build.work.0,
            files: u64::from(policy.jail.files),
            processes: u64::from(policy.jail.processes),
            cpu_seconds: 10,
        },
        memory: build.memory.0,
        shared_memory: 0,
        processes: policy.jail.processes,
        payload: Payload {
            path: TRUE.to_owned(),
            argv: vec![TRUE.to_owned()],
            environment: Vec::new(),
            descriptors: vec![0, 1, 2],
            idle: false,
            confinement: Some(Confinement {
                landlock_abi: policy.jail.landlock_abi,
                read_execute: build.read_only.clone(),
                seccomp: policy.seccomp.programs(SeccompStage::Build, false).to_vec(),
            }),
        },
    }
}

/// What the host holds.
struct Held {
    resident_kib: f64,
    descriptors: f64,
    threads: f64,
    /// Files of the home that are neither objects, ledger nor index: those are there to stay.
    others: f64,
}

fn builds(figures: &mut Figures) {
    let jig = Jig::new();
    let fixture = Fixture::read("good/add", "c");
    let mut held = Vec::new();
    for salt in 1..=BUILDS[1] {
        let directory = fixture.write(jig.directory(), salt, "");
        assert!(!jig.submit(&directory).deduplicated);
        fs::remove_dir_all(directory).expect("it is ours");
        if BUILDS.contains(&salt) {
            jig.engine.settle();
            held.push(look(&jig.directory().join("home")));
        }
    }
    let grown = |of: fn(&Held) -> f64| of(&held[1]) - of(&held[0]);
    figures.add("host.resident_kib", held[1].resident_kib);
    figures.add("host.resident_growth_kib", grown(|held| held.resident_kib));
    figures.add("host.descriptors_growth", grown(|held| held.descriptors));
    figures.add("host.threads_growth", grown(|held| held.threads));
    figures.add("host.other_files_growth", grown(|held| held.others));
}

fn look(home: &Path) -> Held {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let word = line.and_then(|line| line.split_whitespace().next()).expect("a field");
        word.parse::<f64>().expect("a number")
    };
    Held {
        resident_kib: field("VmRSS:"),
        threads: field("Threads:"),
        descriptors: count(Path::new("/proc/self/fd"), &|_| true),
        others: count(home, &|path| {
            !["store/objects", "ledger", "index"].iter().any(|part| {
                path.strip_prefix(home).is_ok_and(|below| below.to_string_lossy().contains(part))
            })
        }),
    }
}

fn count(directory: &Path, counts: &dyn Fn(&Path) -> bool) -> f64 {
    let Ok(entries) = fs::read_dir(directory) else { return 0.0 };
    let one = |path: std::path::PathBuf| match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => count(&path, counts),
        Ok(_) if counts(&path) => 1.0,
        _ => 0.0,
    };
    entries.flatten().map(|entry| one(entry.path())).sum()
}
