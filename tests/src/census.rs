//! Looks at the machine from outside for what a run left behind: processes, cgroups, mounts,
//! temporary files. Asks the kernel only, never the program under test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitOptions, waitpid};

use crate::{Verdict, process, while_doing};

/// How long what is dying may take to be gone.
const GRACE: Duration = Duration::from_secs(5);

/// A process as /proc shows it.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    pub(crate) name: String,
    /// A zombie: dead, and not yet waited for.
    pub(crate) dead: bool,
}

/// Every process there is.
pub(crate) fn processes() -> Vec<Process> {
    numbers(Path::new("/proc")).into_iter().filter_map(process).collect()
}

fn numbers(directory: &Path) -> Vec<u32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// `None` when it is gone by now.
fn process(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold spaces and parentheses itself (proc(5)).
    let (name, rest) = stat.split_once(" (")?.1.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let dead = matches!(fields.next()?, "Z" | "X");
    let parent = fields.next()?.parse().ok()?;
    Some(Process { pid, parent, name: name.to_owned(), dead })
}

/// Processes whose argument list holds a text. Zombies have none.
pub(crate) fn with_marker(marker: &str) -> Vec<u32> {
    let holds = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|argument| argument == marker.as_bytes())
    };
    numbers(Path::new("/proc")).into_iter().filter(holds).collect()
}

/// Living processes below one, at any depth.
pub(crate) fn descendants(root: u32) -> Vec<Process> {
    let all = processes();
    let mut inside = BTreeSet::from([root]);
    loop {
        let more = |p: &&Process| inside.contains(&p.parent) && !inside.contains(&p.pid);
        let more: Vec<u32> = all.iter().filter(more).map(|p| p.pid).collect();
        if more.is_empty() {
            break;
        }
        inside.extend(more);
    }
    all.into_iter().filter(|p| p.pid != root && !p.dead && inside.contains(&p.pid)).collect()
}

/// Living children of this process that it did not start. It is a subreaper, so every descendant
/// of a command that outlives its parent ends up here, whatever sessions and groups it made.
fn orphans() -> Vec<Process> {
    let own = process::own_children();
    let mine = |p: &Process| p.parent == std::process::id() && !own.contains(&p.pid);
    let (dead, living): (Vec<_>, Vec<_>) =
        processes().into_iter().filter(mine).partition(|p| p.dead);
    for pid in dead.iter().filter_map(|p| Pid::from_raw(i32::try_from(p.pid).ok()?)) {
        // Somebody has to; it no longer has a parent that would.
        waitpid(Some(pid), WaitOptions::NOHANG).map(drop).unwrap_or_default();
    }
    living
}

/// Directories of cgroups at or below this process's own groups that belong to a launcher which is
/// no more.
fn dead_cgroups() -> BTreeSet<PathBuf> {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let groups: BTreeSet<&str> =
        own.lines().filter_map(|line| line.splitn(3, ':').nth(2)).collect();
    let mut found = BTreeSet::new();
    for line in fs::read_to_string("/proc/self/mounts").unwrap_or_default().lines() {
        let mut fields = line.split(' ').skip(1);
        if let (Some(path), Some("cgroup" | "cgroup2")) = (fields.next(), fields.next()) {
            // A group of another hierarchy is not there, or is an empty directory at worst.
            for group in &groups {
                let directory = Path::new(path).join(group.trim_start_matches('/'));
                let depth = if *group == "/" { DEPTH } else { 0 };
                collect_cgroups(&directory, depth, &mut found);
            }
        }
    }
    found
}

/// How far below its own group a launcher may make one.
const DEPTH: u32 = 4;

fn collect_cgroups(directory: &Path, depth: u32, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let launcher = name.to_str().and_then(|n| n.strip_prefix("saggar-")?.split('-').next());
        match launcher.and_then(|pid| pid.parse::<u32>().ok()) {
            Some(pid) if process(pid).is_none_or(|p| p.dead) => drop(found.insert(path)),
            None if depth < DEPTH && path.is_dir() => collect_cgroups(&path, depth + 1, found),
            _ => {}
        }
    }
}

/// Mount points of this mount namespace.
fn mounts() -> BTreeSet<String> {
    let text = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    text.lines().filter_map(|line| line.split(' ').nth(4)).map(str::to_owned).collect()
}

/// What there was before a run.
#[derive(Debug)]
pub(crate) struct Before {
    cgroups: BTreeSet<PathBuf>,
    mounts: BTreeSet<String>,
}

impl Before {
    pub(crate) fn take() -> Self {
        Before { cgroups: dead_cgroups(), mounts: mounts() }
    }

    /// Nothing more is there now, or is soon not.
    pub(crate) fn clean(&self) -> Verdict {
        let start = Instant::now();
        loop {
            let left = self.left();
            if left.is_empty() {
                return Ok(());
            }
            if start.elapsed() > GRACE {
                return Err(format!("left behind: {}", left.join(", ")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn left(&self) -> Vec<String> {
        let mut left: Vec<String> =
            orphans().into_iter().map(|p| format!("process {} ({})", p.pid, p.name)).collect();
        let new = |path: &&PathBuf| !self.cgroups.contains(*path);
        left.extend(dead_cgroups().iter().filter(new).map(|p| format!("cgroup {}", p.display())));
        left.extend(mounts().difference(&self.mounts).map(|path| format!("mount {path}")));
        left
    }
}

/// Every file below a directory, with its bytes.
pub(crate) fn files(directory: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(while_doing("read a directory"))? {
        let path = entry.map_err(while_doing("read a directory"))?.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path)?);
        } else if path.is_file() {
            let bytes = fs::read(&path).map_err(while_doing(&path.display().to_string()))?;
            found.push((path, bytes));
        }
    }
    Ok(found)
}

/// Whether bytes hold a text.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
