//! One cgroup per jail, in the version 1 hierarchies of memory and pids below the launcher's own
//! groups, where the user may make one. Made before the jail starts, removed when it is gone.
//! Version 2 groups, which need a delegation, are not used yet: without a cgroup each process is
//! held by its rlimits, and the record says so.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the kernel may take to empty a cgroup whose last process is dead.
const REMOVAL: Duration = Duration::from_secs(2);

/// The directories in which this process may make cgroups.
pub(super) struct Cgroups {
    memory: Option<PathBuf>,
    pids: Option<PathBuf>,
    made: u64,
}

/// A cgroup of one jail.
pub(super) struct Cgroup {
    memory: Option<PathBuf>,
    pids: Option<PathBuf>,
}

impl Cgroups {
    /// Finds out by trying, and removes what a killed launcher left behind.
    pub(super) fn detect() -> Self {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let usable = |controller: &str| {
            let parent = directory(&own, &mounts, controller)?;
            sweep(&parent);
            let probe = parent.join(format!("saggar-{}-probe", std::process::id()));
            fs::create_dir(&probe).ok()?;
            fs::remove_dir(&probe).ok()?;
            Some(parent)
        };
        Cgroups { memory: usable("memory"), pids: usable("pids"), made: 0 }
    }

    /// Makes a cgroup; `None` where this user may make none.
    pub(super) fn create(&mut self, memory: u64, processes: u32) -> io::Result<Option<Cgroup>> {
        if self.memory.is_none() && self.pids.is_none() {
            return Ok(None);
        }
        self.made += 1;
        let name = format!("saggar-{}-{}", std::process::id(), self.made);
        let below = |parent: &Option<PathBuf>| parent.as_ref().map(|parent| parent.join(&name));
        let cgroup = Cgroup { memory: below(&self.memory), pids: below(&self.pids) };
        match cgroup.make(memory, processes) {
            Ok(()) => Ok(Some(cgroup)),
            Err(error) => {
                cgroup.remove();
                Err(error)
            }
        }
    }
}

impl Cgroup {
    fn make(&self, memory: u64, processes: u32) -> io::Result<()> {
        if let Some(path) = &self.memory {
            fs::create_dir(path)?;
            fs::write(path.join("memory.limit_in_bytes"), memory.to_string())?;
            // Swap would let it have more; not every kernel accounts for it.
            let swap = path.join("memory.memsw.limit_in_bytes");
            fs::write(swap, memory.to_string()).unwrap_or_default();
        }
        if let Some(path) = &self.pids {
            fs::create_dir(path)?;
            // Init is one more.
            fs::write(path.join("pids.max"), processes.saturating_add(1).to_string())?;
        }
        Ok(())
    }

    /// The controllers in force, as they are recorded.
    pub(super) fn controllers(&self) -> Vec<String> {
        let named = [("v1:memory", &self.memory), ("v1:pids", &self.pids)];
        named
            .into_iter()
            .filter(|(_, path)| path.is_some())
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    /// Puts a process in.
    pub(super) fn add(&self, pid: i32) -> io::Result<()> {
        let paths = [&self.memory, &self.pids].into_iter().flatten();
        paths.into_iter().try_for_each(|path| fs::write(path.join("cgroup.procs"), pid.to_string()))
    }

    /// Removes it; says whether the kernel had to kill in it for want of memory.
    pub(super) fn remove(self) -> bool {
        let control = self.memory.as_ref().map(|path| path.join("memory.oom_control"));
        let control = control.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
        let killed =
            control.lines().filter_map(|line| line.strip_prefix("oom_kill ")).any(|n| n != "0");
        for path in [self.memory, self.pids].into_iter().flatten() {
            let start = Instant::now();
            while fs::remove_dir(&path).is_err_and(|e| e.raw_os_error() == Some(libc::EBUSY))
                && start.elapsed() < REMOVAL
            {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        killed
    }
}

/// Where the hierarchy of a version 1 controller is mounted, joined with this process's group.
fn directory(own: &str, mounts: &str, controller: &str) -> Option<PathBuf> {
    let has = |list: &str| list.split(',').any(|word| word == controller);
    let group = own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        has(fields.next()?).then(|| fields.next()).flatten()
    })?;
    let mount = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (path, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        (kind == "cgroup" && has(options)).then_some(path)
    })?;
    Some(Path::new(mount).join(group.trim_start_matches('/')))
}

/// Removes the cgroups of launchers that are no more.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix("saggar-")?.split('-').next());
        // One that has this process's own id is of an earlier process; none is removed while it
        // has a process in it.
        let own = std::process::id().to_string();
        let gone = |pid: &str| pid == own || !Path::new("/proc").join(pid).exists();
        if pid.is_some_and(gone) {
            // Another launcher may be sweeping too.
            fs::remove_dir(entry.path()).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_the_mount_joined_with_the_group() {
        let own = "8:pids:/\n4:memory:/a/b\n1:cpu,cpuacct:/\n0::/\n";
        let mounts = "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n\
                      cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n";
        let at = |controller| directory(own, mounts, controller);
        assert_eq!(at("memory"), Some("/sys/fs/cgroup/memory/a/b".into()));
        assert_eq!(at("pids"), Some("/sys/fs/cgroup/pids".into()));
        assert_eq!(at("freezer"), None);
    }
}
