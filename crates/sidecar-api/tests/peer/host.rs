//! A host of the false sidecar, and what this process holds.

use std::fs;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saggar_jail::{Launcher, sealed_memfd};
use saggar_model::{Digest, Principal};
use saggar_plugin_abi::{LoadRequest, Sidecar, SidecarLauncher, SidecarRequest, StageError};
use saggar_policy::Policy;
use saggar_sidecar_api::Sidecars;
use saggar_skill_abi::Interface;

use crate::mode::{self, Mode};

/// How long a load may take.
pub(crate) const LOAD: Duration = Duration::from_secs(3);

/// How long what was ended may take to be gone.
const GRACE: Duration = Duration::from_secs(20);

/// A launcher of its own, and sidecars with a small arena.
pub(crate) struct Host {
    sidecars: Sidecars,
}

impl Host {
    pub(crate) fn new() -> Self {
        let text = saggar_policy::BUILTIN
            .replace("arena = \"256MiB\"", "arena = \"1MiB\"")
            // Each is of another seed: none could be kept ready.
            .replace("standby = 2", "standby = 0")
            .replace("load-deadline = \"5s\"", "load-deadline = \"3s\"");
        let policy = Policy::parse(&text).expect("it is a policy");
        assert_eq!((policy.sidecar.arena.0, policy.sidecar.standby), (1 << 20, 0));
        assert_eq!(policy.sidecar.load_deadline.duration(), LOAD);
        let launcher = Launcher::new(env!("CARGO_BIN_EXE_saggar-peer-jig").into());
        let sidecars = Sidecars::new(Arc::new(launcher), &policy).expect("threads start");
        Host { sidecars }
    }

    /// Starts a false sidecar and hears it out.
    pub(crate) fn load(&self, mode: Mode, seed: u64) -> Result<Box<dyn Sidecar>, StageError> {
        let interface = Interface { functions: Vec::new() };
        let artifact = sealed_memfd("artifact", b"nothing")
            .map_err(|error| StageError::fault(error.feedback(saggar_model::Stage::Load)))?;
        let principal = Principal::uid(1000);
        let prepared = self.sidecars.prepare(SidecarRequest {
            memory: mode::memory(mode, seed),
            threads: 1,
            principal: &principal,
        })?;
        let digest = Digest::of(b"nothing");
        let artifact = artifact.as_fd();
        prepared.load(LoadRequest { interface: &interface, artifact, digest, debug: None })
    }
}

/// Descriptors and threads of this process.
pub(crate) fn held() -> (usize, usize) {
    let count = |path: &str| fs::read_dir(Path::new(path)).map_or(0, Iterator::count);
    (count("/proc/self/fd"), count("/proc/self/task"))
}

/// Soon nothing more is held than before, and what was said to be dying is dead.
pub(crate) fn goes_back_to(before: (usize, usize), what: &str) {
    let start = Instant::now();
    while held() > before {
        assert!(start.elapsed() < GRACE, "{what}: {:?} are held, {before:?} before", held());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Living processes below this one.
pub(crate) fn below() -> usize {
    let own = std::process::id();
    let mut inside = vec![own];
    let mut count = 0;
    let all: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| Some((pid, parent(pid)?)))
        .collect();
    while let Some(parent) = inside.pop() {
        for (pid, _) in all.iter().filter(|(_, above)| *above == parent) {
            inside.push(*pid);
            count += 1;
        }
    }
    count
}

/// `None` for what is gone or dead.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    (!matches!(fields.next()?, "Z" | "X")).then_some(())?;
    fields.next()?.parse().ok()
}

/// Soon no process is below this one.
pub(crate) fn nobody_is_left() {
    let start = Instant::now();
    while below() > 0 {
        assert!(start.elapsed() < GRACE, "{} processes are left", below());
        std::thread::sleep(Duration::from_millis(5));
    }
}
