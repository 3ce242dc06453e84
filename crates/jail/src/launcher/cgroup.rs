//! One group per jail in every cgroup hierarchy where this user may make one, version 1 or 2, with
//! limits of memory, processes and processor time. Made before the jail starts, removed when it is
//! gone; a removal that succeeds shows that no process was left in it. What a killed launcher left
//! is removed by the next. Source: cgroups(7).

mod v1;
mod v2;

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use saggar_model::Isolation;

use crate::{Spec, sys};

/// How often a name that is taken is passed over.
const NAMES: u32 = 16;

/// What a group can limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Controller {
    Memory,
    Pids,
    Cpu,
}

impl Controller {
    const ALL: [Controller; 3] = [Controller::Memory, Controller::Pids, Controller::Cpu];

    /// The kernel's name of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Controller::Memory => "memory",
            Controller::Pids => "pids",
            Controller::Cpu => "cpu",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// What a jail is held to.
#[derive(Clone, Copy, Debug)]
struct Limits {
    memory: u64,
    /// Init included.
    processes: u32,
    /// Processor time per [`PERIOD_US`], microseconds.
    quota_us: u64,
}

/// The period of processor quotas: the kernel's default.
const PERIOD_US: u64 = 100_000;

impl Limits {
    fn of(spec: &Spec) -> Self {
        Limits {
            memory: spec.memory,
            processes: spec.processes.saturating_add(1),
            quota_us: u64::from(spec.cpu_percent.max(1)) * PERIOD_US / 100,
        }
    }
}

/// Whether a jail could use more processor time than it may have: there are more processors.
pub(super) fn binds_cpu(spec: &Spec) -> bool {
    u64::from(spec.cpu_percent) < sys::processors().saturating_mul(100)
}

/// A directory in which this process may make groups, and the controllers it has for them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parent {
    directory: PathBuf,
    version: Version,
    controllers: Vec<Controller>,
}

/// A file, what goes into it, and what is to be done when the kernel refuses.
struct Setting {
    file: &'static str,
    value: String,
    /// Without it the controller does not hold: `false` for what some kernels do not have.
    needed: bool,
}

/// The places where groups can be made. Looked for when the first jail starts.
#[derive(Default)]
pub(super) struct Cgroups {
    parents: Option<Vec<Parent>>,
    /// The parents were asked for processor time too.
    with_cpu: bool,
    /// Why there are no more.
    lacks: Vec<String>,
    made: u64,
    swept: bool,
}

/// The group of one jail; it has no parts where none can be made.
#[derive(Default)]
pub(super) struct Cgroup {
    parts: Vec<Part>,
}

/// A directory of a group, with what it can hold and what it does.
struct Part {
    directory: PathBuf,
    version: Version,
    controllers: Vec<Controller>,
    holds: Vec<Controller>,
}

impl Cgroups {
    /// Makes a group for a jail, as far as this user may; it limits nothing yet.
    ///
    /// A process-isolated jail gets a version 2 group even where that can limit nothing, because it
    /// ends all of the jail at once. Processor time is limited only if `cpu` says so: a group of
    /// its own there makes each process wait longer for its turn.
    pub(super) fn make(&mut self, isolation: Isolation, cpu: bool) -> io::Result<Cgroup> {
        let bare = isolation == Isolation::Process;
        let known = self.parents.take().filter(|_| self.with_cpu || !cpu);
        let mut parents = known.unwrap_or_else(|| self.find(cpu));
        let mut made = Err(io::ErrorKind::AlreadyExists.into());
        for _ in 0..NAMES {
            self.made += 1;
            let name = format!("saggar-{}-{}", std::process::id(), self.made);
            made = self.make_in(&mut parents, &name, bare, cpu);
            if !matches!(&made, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
                break;
            }
        }
        self.parents = Some(parents);
        made
    }

    /// Makes a part in every parent, and forgets the parents that do not let us.
    fn make_in(
        &mut self,
        parents: &mut Vec<Parent>,
        name: &str,
        bare: bool,
        cpu: bool,
    ) -> io::Result<Cgroup> {
        let wanted = |controller: &Controller| cpu || *controller != Controller::Cpu;
        let mut cgroup = Cgroup::default();
        let mut failed = None;
        parents.retain(|parent| {
            let controllers: Vec<_> = parent.controllers.iter().copied().filter(wanted).collect();
            let useful = !controllers.is_empty() || (bare && parent.version == Version::Two);
            if failed.is_some() || !useful {
                return true;
            }
            let directory = parent.directory.join(name);
            match fs::create_dir(&directory) {
                Ok(()) => cgroup.parts.push(Part {
                    directory,
                    version: parent.version,
                    controllers,
                    holds: Vec::new(),
                }),
                Err(error) if is_denied(&error) => {
                    self.lacks.push(format!("{}: {error}", parent.directory.display()));
                    return false;
                }
                Err(error) => failed = Some(error),
            }
            true
        });
        match failed {
            None => Ok(cgroup),
            Some(error) => {
                cgroup.remove();
                Err(error)
            }
        }
    }

    /// Why no group holds it: what the hierarchies said.
    pub(super) fn lack_of(&self, controller: Controller) -> io::Error {
        let heard = self.lacks.join("; ");
        let none = || format!("no hierarchy has {} for this process", controller.name());
        io::Error::other(if heard.is_empty() { none() } else { heard })
    }

    fn find(&mut self, cpu: bool) -> Vec<Parent> {
        self.with_cpu = cpu;
        self.lacks.clear();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let mut parents = v1::parents(&own, &mounts);
        if let Some(directory) = v2::own_directory(&own, &mounts) {
            let has = |c: &Controller| parents.iter().any(|p| p.controllers.contains(c));
            let asked = |c: &Controller| !has(c) && (cpu || *c != Controller::Cpu);
            let wanted: Vec<_> = Controller::ALL.into_iter().filter(asked).collect();
            let (parent, lack) = v2::parent(&directory, &wanted);
            parents.push(parent);
            self.lacks.extend(lack);
        }
        parents
    }

    /// Removes, once, what killed launchers left. Not on the way of the first jail.
    pub(super) fn sweep(&mut self) {
        if !self.swept
            && let Some(parents) = &self.parents
        {
            self.swept = true;
            for parent in parents {
                sweep(&parent.directory);
            }
        }
    }
}

/// This user may make no group there.
fn is_denied(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EACCES | libc::EPERM | libc::EROFS | libc::ENOENT | libc::ENOTDIR)
    )
}

impl Part {
    /// Sets the limits. A processor quota that the kernel finds above the parent's own is left
    /// out: the parent's holds then, and `cpu` is not claimed.
    fn limit(&mut self, limits: Limits) -> io::Result<()> {
        for controller in &self.controllers {
            let settings = match self.version {
                Version::One => v1::settings(*controller, limits),
                Version::Two => v2::settings(*controller, limits),
            };
            let set = settings.iter().try_for_each(|setting| {
                let written = write(&self.directory.join(setting.file), &setting.value);
                if setting.needed { written } else { Ok(()) }
            });
            match set {
                Err(error)
                    if *controller == Controller::Cpu
                        && error.raw_os_error() == Some(libc::EINVAL) => {}
                other => {
                    other?;
                    self.holds.push(*controller);
                }
            }
        }
        Ok(())
    }

    /// Whether the kernel killed in it for want of memory.
    fn out_of_memory(&self) -> bool {
        let file = match self.version {
            Version::One => v1::OOM_FILE,
            Version::Two => v2::OOM_FILE,
        };
        let text = fs::read_to_string(self.directory.join(file)).unwrap_or_default();
        text.lines().filter_map(|line| line.strip_prefix("oom_kill ")).any(|count| count != "0")
    }

    /// Kills every process in it.
    fn kill(&self) {
        // Linux 5.14; never in version 1.
        if write(&self.directory.join("cgroup.kill"), "1").is_ok() {
            return;
        }
        let members = || fs::read_to_string(self.directory.join("cgroup.procs"));
        for pid in members().unwrap_or_default().lines().filter_map(|pid| pid.parse().ok()) {
            let Some(handle) = Pid::from_raw(pid) else { continue };
            // The number may have become another process's since it was read: what is killed is
            // what the handle holds, and only if it is still a member.
            if let Ok(handle) = pidfd_open(handle, PidfdFlags::empty())
                && members().is_ok_and(|list| list.lines().any(|line| line == pid.to_string()))
            {
                pidfd_send_signal(&handle, Signal::KILL).unwrap_or_default();
            }
        }
    }
}

impl Cgroup {
    /// Sets the limits of a jail.
    pub(super) fn limit(&mut self, spec: &Spec) -> io::Result<()> {
        let limits = Limits::of(spec);
        self.parts.iter_mut().try_for_each(|part| part.limit(limits))
    }

    /// What holds, as it is recorded: `v1:memory`, `v2:pids`.
    pub(super) fn record(&self) -> Vec<String> {
        let names = self.parts.iter().flat_map(|part| {
            let version = if part.version == Version::One { "v1" } else { "v2" };
            part.holds.iter().map(move |controller| format!("{version}:{}", controller.name()))
        });
        names.collect()
    }

    /// Whether it holds something.
    pub(super) fn holds(&self, controller: Controller) -> bool {
        self.parts.iter().any(|part| part.holds.contains(&controller))
    }

    /// The ways in for a process about to be cloned: version 2 by the clone itself (clone(2),
    /// CLONE_INTO_CGROUP), the rest through doors.
    pub(super) fn doors(&self) -> io::Result<(Doors, Option<OwnedFd>)> {
        let two = self.parts.iter().find(|part| part.version == Version::Two);
        let ones = self.parts.iter().filter(|part| part.version == Version::One);
        let doors = ones.map(|part| v1::door(&part.directory)).collect::<io::Result<_>>()?;
        Ok((Doors(doors), two.map(|part| v2::handle(&part.directory)).transpose()?))
    }

    /// The same for a process that cannot be cloned into a group.
    pub(super) fn all_doors(&self) -> io::Result<Doors> {
        let door = |part: &Part| match part.version {
            Version::One => v1::door(&part.directory),
            Version::Two => v2::door(&part.directory),
        };
        self.parts.iter().map(door).collect::<io::Result<_>>().map(Doors)
    }

    /// Whether the kernel killed in it for want of memory.
    pub(super) fn out_of_memory(&self) -> bool {
        let mut parts = self.parts.iter().filter(|part| part.holds.contains(&Controller::Memory));
        parts.any(Part::out_of_memory)
    }

    /// Removes it; what is still in it is killed first. True when it is gone: call again if not.
    pub(super) fn remove(&mut self) -> bool {
        self.parts.retain(|part| match fs::remove_dir(&part.directory) {
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {
                part.kill();
                true
            }
            // Any other error means that there is no such group.
            _ => false,
        });
        self.parts.is_empty()
    }
}

/// Open files through which a process enters a group by itself.
pub(super) struct Doors(Vec<OwnedFd>);

impl Doors {
    /// Takes the calling process, which must have one thread, in.
    pub(super) fn enter(&self) -> io::Result<()> {
        self.0.iter().try_for_each(|door| Ok(rustix::io::write(door, b"0").map(drop)?))
    }

    /// Their numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = i32> {
        self.0.iter().map(AsRawFd::as_raw_fd)
    }
}

/// Writes to a file of the kernel's, which is there or is not: nothing is created.
fn write(path: &Path, value: &str) -> io::Result<()> {
    let file = fs::File::options().write(true).open(path)?;
    write_all(file.as_fd(), value)
}

fn write_all(file: BorrowedFd<'_>, value: &str) -> io::Result<()> {
    // One call: the kernel reads each as a whole.
    Ok(rustix::io::write(file, value.as_bytes()).map(drop)?)
}

/// Where a hierarchy is mounted, joined with this process's group in it.
fn join(mount: &str, group: &str) -> PathBuf {
    Path::new(mount).join(group.trim_start_matches('/'))
}

/// The launcher a group was made by or for: `saggar-PID-…`.
fn maker(name: &str) -> Option<u32> {
    name.strip_prefix("saggar-")?.split('-').next()?.parse().ok()
}

/// Removes the groups of launchers that are no more.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let made_by = entry.file_name().to_str().and_then(maker);
        let gone = |pid: u32| !Path::new("/proc").join(pid.to_string()).exists();
        if made_by.is_some_and(gone) {
            // Another launcher may be sweeping too; one with a process in it stays.
            fs::remove_dir(entry.path()).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests;
