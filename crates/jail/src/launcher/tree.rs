//! The descendants of this process, and their end. For a process to which orphans come
//! (PR_SET_CHILD_SUBREAPER): what a descendant leaves behind becomes its child.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};

use crate::sys;

/// How long what is killed may take to be gone.
const GRACE: Duration = Duration::from_secs(10);
/// Between two looks at what is dying.
const PAUSE: Duration = Duration::from_micros(500);

/// Ends every descendant but the children in `keep` and what is below them, and hands over those
/// that were waited for. First all are stopped, until nobody new shows up: what is stopped starts
/// nothing, and keeps its place under the limit of processes.
///
/// # Errors
/// When `/proc` cannot be read, or something does not die in time.
pub(super) fn end(keep: &[i32], mut reaped: impl FnMut(sys::Waited)) -> io::Result<()> {
    let start = Instant::now();
    loop {
        let mut stopped = BTreeSet::new();
        while visit(keep, &mut stopped, |pid, parent| send(pid, parent, Signal::STOP))? {
            if start.elapsed() > GRACE {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        visit(keep, &mut BTreeSet::new(), |pid, parent| send(pid, parent, Signal::KILL))?;
        let mut left = false;
        for pid in own_children(keep)? {
            match sys::wait_now(pid)? {
                Some(waited) => reaped(waited),
                None => left = true,
            }
        }
        if !left && own_children(keep)?.is_empty() {
            return Ok(());
        }
        if start.elapsed() > GRACE {
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(PAUSE);
    }
}

/// Waits for dead children, all but one.
pub(super) fn reap_others(than: i32) -> io::Result<()> {
    own_children(&[than])?.into_iter().try_for_each(|pid| sys::wait_now(pid).map(drop))
}

/// Calls `act` with each descendant that is not in `seen` yet and with its parent, and adds it;
/// true when there was one.
fn visit(
    keep: &[i32],
    seen: &mut BTreeSet<i32>,
    act: impl Fn(i32, Option<i32>),
) -> io::Result<bool> {
    let mut fresh = false;
    let mut look = |pid: i32, parent: Option<i32>| {
        if seen.insert(pid) {
            fresh = true;
            act(pid, parent);
        }
    };
    let mut below: Vec<i32> = own_children(keep)?;
    below.iter().for_each(|pid| look(*pid, None));
    let mut known: BTreeSet<i32> = below.iter().copied().collect();
    while let Some(parent) = below.pop() {
        for pid in children(parent)? {
            look(pid, Some(parent));
            if known.insert(pid) {
                below.push(pid);
            }
        }
    }
    Ok(fresh)
}

/// Signals a descendant. The number of a child of ours is its own until we wait for it; another's
/// may have been given away, so it is only signalled through a handle, and when it still is a
/// child of that parent once we hold the handle.
fn send(pid: i32, parent: Option<i32>, signal: Signal) {
    let Some(target) = Pid::from_raw(pid) else { return };
    match parent {
        // A failure means that it is gone, as everywhere below.
        None => kill_process(target, signal).unwrap_or_default(),
        Some(parent) => {
            let Ok(handle) = pidfd_open(target, PidfdFlags::empty()) else { return };
            if children(parent).is_ok_and(|children| children.contains(&pid)) {
                pidfd_send_signal(&handle, signal).unwrap_or_default();
            }
        }
    }
}

/// The children of this process, but those in `keep`.
pub(super) fn own_children(keep: &[i32]) -> io::Result<Vec<i32>> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let mut children = children(own)?;
    children.retain(|pid| !keep.contains(pid));
    Ok(children)
}

/// The children of a process, of all its threads; none when it is gone. Where the kernel keeps no
/// lists of them (CONFIG_PROC_CHILDREN), every process is asked for its parent.
fn children(of: i32) -> io::Result<Vec<i32>> {
    if fs::exists("/proc/thread-self/children")? {
        let threads = fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
        let lists =
            threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        return Ok(lists.flat_map(|list| numbers(&list)).collect());
    }
    let processes = fs::read_dir("/proc")?.flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(pids.filter(|pid| parent_of(*pid) == Some(of)).collect())
}

fn numbers(list: &str) -> Vec<i32> {
    list.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// The fourth field of `/proc/PID/stat`; the second, the name, may hold anything (proc_pid_stat(5)).
fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}
