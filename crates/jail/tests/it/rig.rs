//! Launchers and specifications for the tests, and a look at the processes of the host.

use std::fs::{self, File, Permissions};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::pipe::{PipeFlags, pipe_with};
use saggar_jail::{JailError, Launcher, Log, Payload, Rlimits, Root, Run, Spec};
use saggar_model::{Isolation, MemoryLimit};

/// The launchers there are: as the test itself, as an ordinary user, without cgroups, and by a host
/// that has SIGCHLD ignored.
pub(crate) const OWN: &str = "jig";
pub(crate) const ORDINARY: &str = "jig-ordinary";
pub(crate) const BARE: &str = "jig-bare";
pub(crate) const DEAF: &str = "jig-deaf";

/// What no payload here needs unless something does not hold.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The launchers this user can have: root can be all of them.
pub(crate) fn launchers() -> Vec<&'static str> {
    if is_root() { vec![OWN, ORDINARY, BARE] } else { vec![OWN] }
}

/// The launchers that can make no cgroup.
pub(crate) fn without_cgroups() -> Vec<&'static str> {
    if is_root() { vec![ORDINARY, BARE] } else { vec![OWN] }
}

/// A launcher, in a directory that everybody can read.
pub(crate) struct Rig {
    pub(crate) launcher: Launcher,
    pub(crate) directory: tempfile::TempDir,
    executable: PathBuf,
}

pub(crate) fn rig(name: &str) -> Rig {
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("readable");
    let executable = directory.path().join(name);
    copy(env!("CARGO_BIN_EXE_saggar-jail-jig"), &executable);
    Rig { launcher: Launcher::new(executable.clone()), directory, executable }
}

/// By a process of its own: a file that is open for writing here would be so in every child that
/// another test is just starting, and could not be executed.
#[expect(clippy::disallowed_methods, reason = "a copy is not jailed")]
fn copy(from: &str, to: &Path) {
    let copied = Command::new("cp").arg(from).arg(to).status().expect("cp");
    assert!(copied.success());
}

/// A jail that runs a payload of the jig and holds it to nothing much.
pub(crate) fn spec(payload: &[&str]) -> Spec {
    let argv = ["jig"].iter().chain(payload).map(|word| (*word).to_owned()).collect();
    Spec {
        isolation: Isolation::Namespaces,
        memory_floor: MemoryLimit::Sampled,
        pids_cgroup: false,
        cpu_percent: 90,
        root_becomes: 65533,
        root: Root { binds: Vec::new(), own_image: true, proc: false },
        work: None,
        rlimits: Rlimits {
            data: u64::MAX,
            address_space: u64::MAX,
            stack: 8 << 20,
            file_size: u64::MAX,
            files: 64,
            processes: 256,
            cpu_seconds: 60,
        },
        memory: 1 << 30,
        shared_memory: 0,
        processes: 256,
        payload: Payload {
            idle: false,
            path: "/sidecar".to_owned(),
            argv,
            environment: Vec::new(),
            descriptors: vec![0, 1, 2],
            confinement: None,
        },
    }
}

/// A pipe for a payload's standard input: its end and ours.
pub(crate) fn input() -> (OwnedFd, OwnedFd) {
    pipe_with(PipeFlags::CLOEXEC).expect("a pipe")
}

impl Rig {
    pub(crate) fn run(&self, spec: &Spec) -> Result<Run, JailError> {
        self.run_with(spec, File::open("/dev/null").expect("/dev/null").into())
    }

    pub(crate) fn run_with(&self, spec: &Spec, input: OwnedFd) -> Result<Run, JailError> {
        let log = Log::new(1 << 16, DEADLINE)?;
        let writer = log.writer()?;
        let run = self.launcher.run(spec, &[input.as_fd(), writer.as_fd(), writer.as_fd()], log)?;
        assert_eq!(run.limit, None, "the deadline, which decides nothing here");
        Ok(run)
    }
}

impl Rig {
    /// The launcher, and the init it has made for the next jail; waits until it has.
    pub(crate) fn standing_by(&self) -> Vec<Process> {
        let is_ours = |process: &Process| {
            // Another user's cannot be read; root's test reads all.
            fs::read_link(format!("/proc/{}/exe", process.pid))
                .is_ok_and(|exe| exe == self.executable)
        };
        until(|| {
            let all = processes("launch").into_iter().chain(processes("launch-now"));
            Some(all.filter(is_ours).collect::<Vec<_>>()).filter(|ours| ours.len() == 2)
        })
    }
}

/// What a payload said, word by word.
pub(crate) fn words(run: &Run) -> Vec<String> {
    String::from_utf8_lossy(&run.log).lines().map(str::to_owned).collect()
}

/// A process of the host, which its number alone does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    started: String,
}

/// The processes with this word among their arguments, in whatever jail.
pub(crate) fn processes(word: &str) -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let named = |pid: &i32| {
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        arguments.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes())
    };
    pids.filter(named).filter_map(process).collect()
}

fn process(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The 22nd field of all is the start; the second, the name, may hold anything.
    let started = stat.rsplit_once(") ")?.1.split(' ').nth(19)?.to_owned();
    Some(Process { pid, started })
}

impl Process {
    /// The number of its parent.
    pub(crate) fn parent(&self) -> i32 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).expect("it lives");
        let after = stat.rsplit_once(") ").expect("a name").1;
        after.split(' ').nth(1).expect("a parent").parse().expect("a number")
    }

    /// Dead and waited for: not even a zombie is left.
    pub(crate) fn is_gone(&self) -> bool {
        process(self.pid).as_ref() != Some(self)
    }

    /// Its group in the hierarchy of a controller, as a directory; the hierarchy's version too.
    pub(crate) fn cgroup(&self, controller: &str) -> Option<(u32, PathBuf)> {
        let groups = fs::read_to_string(format!("/proc/{}/cgroup", self.pid)).ok()?;
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        let group_in = |names: &dyn Fn(&str) -> bool| {
            let fields = groups.lines().map(|line| line.splitn(3, ':').collect::<Vec<_>>());
            fields
                .into_iter()
                .find(|f| names(f[1]))
                .map(|f| f[2].trim_start_matches('/').to_owned())
        };
        let mounted = |kind: &str, option: &str| {
            let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
            let has = |list: &str| option.is_empty() || list.split(',').any(|word| word == option);
            let mut fit = fields.into_iter().filter(|f| f[2] == kind && has(f[3]));
            fit.next().map(|f| f[1].to_owned())
        };
        let named = |list: &str| list.split(',').any(|word| word == controller);
        if let Some(group) = group_in(&named) {
            return Some((1, Path::new(&mounted("cgroup", controller)?).join(group)));
        }
        let group = group_in(&str::is_empty)?;
        Some((2, Path::new(&mounted("cgroup2", "")?).join(group)))
    }
}

/// Waits until something is there, without end: a test that waits in vain is ended by its runner.
pub(crate) fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A word that no other test uses.
pub(crate) fn word(what: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{what}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
