//! What a jail costs over a plain spawn: runs `/usr/bin/true` by turns in a jail with the build
//! root and filters of the default policy and by itself, and prints medians. It is its own
//! launcher; `cargo run --release -p saggar-jail --example overhead [RUNS]`.

use std::fs::File;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use saggar_jail::{
    Bind, Confinement, JailError, Launcher, Log, Payload, Rlimits, Root, Spec, Work,
};
use saggar_policy::{PidsLimit, Policy, SeccompStage};

const PROGRAM: &str = "/usr/bin/true";
const RUNS: usize = 200;
const PAUSE: Duration = Duration::from_millis(10);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("launch") {
        return Ok(saggar_jail::launcher_main()?);
    }
    let runs = argument.map_or(Ok(RUNS), |text| text.parse())?;
    let launcher = Launcher::new(std::env::current_exe()?);
    let spec = spec(&Policy::builtin());
    let (mut jailed, mut plain) = (Vec::new(), Vec::new());
    jail(&launcher, &spec)?;
    for _ in 0..runs {
        // Neither is to meet what the launcher does after a jail.
        std::thread::sleep(PAUSE);
        plain.push(spawn()?);
        std::thread::sleep(PAUSE);
        jailed.push(jail(&launcher, &spec)?);
    }
    let (jailed, plain) = (median(jailed), median(plain));
    let over = jailed.saturating_sub(plain);
    println!("jailed {jailed:.1?}, plain {plain:.1?}, overhead {over:.1?}, {runs} runs");
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "the baseline is a spawn without a jail")]
fn spawn() -> std::io::Result<Duration> {
    let start = Instant::now();
    let mut command = Command::new(PROGRAM);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status()?.success());
    Ok(start.elapsed())
}

fn jail(launcher: &Launcher, spec: &Spec) -> Result<Duration, JailError> {
    let host = |source| JailError::Host { what: "open /dev/null", source };
    let start = Instant::now();
    let log = Log::new(1 << 16, Duration::from_secs(10))?;
    let writer = log.writer()?;
    let null = File::open("/dev/null").map_err(host)?;
    let run = launcher.run(spec, &[null.as_fd(), writer.as_fd(), writer.as_fd()], log)?;
    assert_eq!(run.outcome.ended.and_then(|ended| ended.exit_code), Some(0));
    Ok(start.elapsed())
}

fn spec(policy: &Policy) -> Spec {
    let build = &policy.build;
    let bind = |path: &String| Bind { source: path.clone(), target: path.clone() };
    Spec {
        isolation: policy.jail.isolation,
        memory_floor: policy.jail.memory,
        pids_cgroup: policy.jail.pids == PidsLimit::Cgroup,
        cpu_percent: policy.jail.cpu_percent,
        root_becomes: policy.jail.root_becomes,
        root: Root {
            binds: build.read_only.iter().map(bind).collect(),
            own_image: false,
            proc: false,
        },
        work: Some(Work { size: build.work.0, inputs: Vec::new(), outputs: Vec::new() }),
        rlimits: Rlimits {
            data: build.memory.0,
            address_space: u64::MAX,
            stack: 64 << 20,
            file_size: build.work.0,
            files: u64::from(policy.jail.files),
            processes: u64::from(policy.jail.processes),
            cpu_seconds: 10,
        },
        memory: build.memory.0,
        processes: policy.jail.processes,
        payload: Payload {
            idle: false,
            path: PROGRAM.to_owned(),
            argv: vec![PROGRAM.to_owned()],
            environment: build.environment.clone().into_iter().collect(),
            descriptors: vec![0, 1, 2],
            confinement: Some(Confinement {
                landlock_abi: policy.jail.landlock_abi,
                read_execute: build.read_only.clone(),
                seccomp: policy.seccomp.programs(SeccompStage::Build, false).to_vec(),
            }),
        },
    }
}
