//! The one hierarchy of version 2, in which a group hands its controllers down only if it has no
//! process itself, unless it is the root. Source: Documentation/admin-guide/cgroup-v2.rst.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Controller, Limits, PERIOD_US, Parent, Setting, Version, join, maker, write};

/// Where `oom_kill` is counted.
pub(super) const OOM_FILE: &str = "memory.events";

/// The group below which the launcher makes others, from `/proc/self/cgroup` and
/// `/proc/self/mounts`: its own, or that one's parent where it was moved out of the way before.
pub(super) fn own_directory(own: &str, mounts: &str) -> Option<PathBuf> {
    let group = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mount = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (path, kind) = (fields.next()?, fields.next()?);
        (kind == "cgroup2").then_some(path)
    })?;
    let directory = join(mount, group);
    let is_leaf = directory.file_name().and_then(|name| name.to_str()).and_then(maker).is_some();
    if is_leaf { directory.parent().map(Path::to_path_buf) } else { Some(directory) }
}

/// What a group below this one can have of what is wanted, and why not more.
pub(super) fn parent(directory: &Path, wanted: &[Controller]) -> (Parent, Option<String>) {
    let offered = listed(directory, "cgroup.controllers");
    let offered: Vec<_> = wanted.iter().copied().filter(|c| offered.has(*c)).collect();
    let lack = match enable(directory, &offered) {
        Err(error) => Some(format!("{}: hand controllers down: {error}", directory.display())),
        Ok(()) if !wanted.iter().all(|c| offered.contains(c)) => {
            let missing = wanted.iter().filter(|c| !offered.contains(c));
            let names: Vec<_> = missing.map(|c| c.name()).collect();
            Some(format!("{}: is not given {}", directory.display(), names.join(", ")))
        }
        Ok(()) => None,
    };
    let enabled = listed(directory, "cgroup.subtree_control");
    let controllers = wanted.iter().copied().filter(|c| enabled.has(*c)).collect();
    (Parent { directory: directory.to_path_buf(), version: Version::Two, controllers }, lack)
}

/// Hands controllers down, moving the launcher out of the way where it is in it.
fn enable(directory: &Path, controllers: &[Controller]) -> io::Result<()> {
    let file = directory.join("cgroup.subtree_control");
    let enabled = listed(directory, "cgroup.subtree_control");
    let missing: Vec<String> = controllers
        .iter()
        .filter(|c| !enabled.has(**c))
        .map(|controller| format!("+{}", controller.name()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(" ");
    match write(&file, &missing) {
        Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {
            step_aside(directory)?;
            write(&file, &missing)
        }
        other => other,
    }
}

/// Moves the launcher and the host process that started it into a group of their own, if nobody
/// else is here: so it is in a scope or service of systemd's with `Delegate=yes`.
pub(super) fn step_aside(directory: &Path) -> io::Result<()> {
    let host = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    let own = [i64::from(std::process::id()), i64::from(host)];
    let members = fs::read_to_string(directory.join("cgroup.procs"))?;
    let members: Vec<i64> = members.lines().filter_map(|pid| pid.parse().ok()).collect();
    if members.iter().any(|pid| !own.contains(pid)) {
        return Err(io::Error::from_raw_os_error(libc::EBUSY));
    }
    let leaf = directory.join(format!("saggar-{}-self", std::process::id()));
    match fs::create_dir(&leaf) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    members.iter().try_for_each(|pid| write(&leaf.join("cgroup.procs"), &pid.to_string()))
}

/// The words of a file of the kernel's.
struct Words(String);

impl Words {
    fn has(&self, controller: Controller) -> bool {
        self.0.split_whitespace().any(|word| word == controller.name())
    }
}

fn listed(directory: &Path, file: &str) -> Words {
    Words(fs::read_to_string(directory.join(file)).unwrap_or_default())
}

/// What a limit is made of.
pub(super) fn settings(controller: Controller, limits: Limits) -> Vec<Setting> {
    let setting = |file, value: String, needed| Setting { file, value, needed };
    match controller {
        Controller::Memory => vec![
            setting("memory.max", limits.memory.to_string(), true),
            // Swap would let it have more; not every kernel accounts for it.
            setting("memory.swap.max", "0".to_owned(), false),
            // Linux 4.19. One process killed of several leaves the rest without a purpose.
            setting("memory.oom.group", "1".to_owned(), false),
        ],
        Controller::Pids => vec![setting("pids.max", limits.processes.to_string(), true)],
        Controller::Cpu => {
            vec![setting("cpu.max", format!("{} {PERIOD_US}", limits.quota_us), true)]
        }
    }
}

/// A handle to clone into.
pub(super) fn handle(group: &Path) -> io::Result<OwnedFd> {
    let flags = libc::O_DIRECTORY | libc::O_CLOEXEC;
    Ok(File::options().read(true).custom_flags(flags).open(group)?.into())
}

/// The file through which a process moves itself, with "0". Waits for the kernel, milliseconds at
/// times; cloning into a group does not.
pub(super) fn door(group: &Path) -> io::Result<OwnedFd> {
    Ok(File::options().write(true).open(group.join("cgroup.procs"))?.into())
}
