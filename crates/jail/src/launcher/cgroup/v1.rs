//! The hierarchies of version 1: one per controller, or one for several. Source: cgroups(7),
//! Documentation/admin-guide/cgroup-v1/memory.rst, Documentation/scheduler/sched-bwc.rst.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::{Controller, Limits, PERIOD_US, Parent, Setting, Version, join};

/// Where `oom_kill` is counted (Linux 4.13).
pub(super) const OOM_FILE: &str = "memory.oom_control";

/// The launcher's own groups, from `/proc/self/cgroup` and `/proc/self/mounts`. Whether groups can
/// be made there shows when one is made.
pub(super) fn parents(own: &str, mounts: &str) -> Vec<Parent> {
    let mut parents: Vec<Parent> = Vec::new();
    for controller in Controller::ALL {
        let Some(directory) = directory(own, mounts, controller) else { continue };
        match parents.iter_mut().find(|parent| parent.directory == directory) {
            Some(parent) => parent.controllers.push(controller),
            None => parents.push(Parent {
                directory,
                version: Version::One,
                controllers: vec![controller],
            }),
        }
    }
    parents
}

fn directory(own: &str, mounts: &str, controller: Controller) -> Option<PathBuf> {
    let has = |list: &str| list.split(',').any(|word| word == controller.name());
    let group = own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        has(fields.next()?).then(|| fields.next()).flatten()
    })?;
    let mount = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (path, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        (kind == "cgroup" && has(options)).then_some(path)
    })?;
    Some(join(mount, group))
}

/// What a limit is made of.
pub(super) fn settings(controller: Controller, limits: Limits) -> Vec<Setting> {
    let setting = |file, value: u64, needed| Setting { file, value: value.to_string(), needed };
    match controller {
        Controller::Memory => vec![
            setting("memory.limit_in_bytes", limits.memory, true),
            // Swap would let it have more; not every kernel accounts for it.
            setting("memory.memsw.limit_in_bytes", limits.memory, false),
        ],
        Controller::Pids => vec![setting("pids.max", limits.processes.into(), true)],
        Controller::Cpu => vec![
            setting("cpu.cfs_period_us", PERIOD_US, true),
            setting("cpu.cfs_quota_us", limits.quota_us, true),
        ],
    }
}

/// The file through which a single-threaded process moves itself, with "0". `tasks` and not
/// `cgroup.procs`: moving a thread by itself waits for no grace period of the kernel's, which is
/// milliseconds for every other kind of move.
pub(super) fn door(group: &Path) -> io::Result<OwnedFd> {
    Ok(File::options().write(true).open(group.join("tasks"))?.into())
}
