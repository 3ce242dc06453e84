//! The first process of a jail: sets it up, starts the payload, waits, ends what is left, hands
//! out the outputs. Never returns into the launcher's loop, of which it is a copy.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, set_parent_process_death_signal};

use super::mounts;
use super::payload::{self, Place};
use super::step::{self, At, Stop, Task};
use super::warden::Post;
use super::work::{self, Descriptors};
use crate::spec::{Record, Step};
use crate::{Ended, confine, pipe, sys, wire};

/// Every jail has its own of each.
pub(super) const NAMESPACES: u64 = (libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP) as u64;
const NAMES: [&str; 7] = ["user", "pid", "mount", "network", "ipc", "uts", "cgroup"];

/// Where a jail with a root of its own has its work directory.
const WORK: &str = "/work";

/// Who jailed code is. Worked out before the user namespace exists, inside which nobody is root.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    /// Its user and group id inside, and its user id outside.
    pub(super) id: u32,
    /// The launcher is root: supplementary groups can be dropped.
    pub(super) from_root: bool,
}

impl Identity {
    /// The user's own id, or the policy's choice when that would be root.
    pub(super) fn new(root_becomes: u32) -> Self {
        let uid = rustix::process::geteuid();
        let id = if uid.is_root() { root_becomes } else { uid.as_raw() };
        Identity { id, from_root: uid.is_root() }
    }
}

/// The whole life of a jail's init.
pub(super) fn run(post: Post) -> ! {
    step::live(post, jail)
}

fn jail(task: Task, status: &mut File) -> Result<(), Stop> {
    let Task { spec, held, who, descriptors, launcher } = task;
    let taken = mounts::take_all(&spec.root)?;
    identity(who, &launcher, Signal::KILL)?;
    mounts::stage(taken, spec.work.as_ref())?;
    if spec.root.proc {
        mounts::proc().at(Step::Proc, "mount(2), a proc")?;
    }
    mounts::enter()?;
    rustix::system::sethostname(b"saggar").at(Step::Mounts, "sethostname(2)")?;
    let descriptors = Descriptors::sort(&spec, descriptors)?;
    if let Some(work) = &spec.work {
        work::fill(Path::new(WORK), work, descriptors.inputs).at(Step::Inputs, "fill /work")?;
    }
    sys::drop_capabilities().at(Step::Identity, "drop capabilities")?;
    confine::not_dumpable().at(Step::Identity, "make init not dumpable")?;
    // SAFETY: init is a copy of the launcher, which has one thread.
    let child = unsafe { sys::fork() }.at(Step::Start, "fork")?;
    let Some(child) = child else {
        let place = Place { namespaces: &NAMES, work: WORK.as_ref(), kept: Vec::new() };
        payload::start(&spec, place, status, descriptors.payload, held)
    };
    drop(descriptors.payload);
    let mut ended = reap(child).at(Step::Start, "wait")?;
    if let Some(work) = &spec.work {
        ended.outputs = work::take_all(Path::new(WORK), work, descriptors.outputs);
    }
    pipe::write(status, &Record::Ended(ended)).at(Step::Start, "report")
}

/// Takes the id and ties its life to the launcher's: by the death signal from here on, and by a
/// look at the socket for the time before.
pub(super) fn identity(who: Identity, launcher: &OwnedFd, death: Signal) -> Result<(), Stop> {
    sys::become_user(who.id, who.from_root).at(Step::Identity, "take the user id")?;
    set_parent_process_death_signal(Some(death)).at(Step::Identity, "PR_SET_PDEATHSIG")?;
    let mut fds = [PollFd::new(launcher, PollFlags::empty())];
    poll(&mut fds, Some(&wire::timespec(Duration::ZERO))).at(Step::Identity, "poll")?;
    if fds[0].revents().contains(PollFlags::HUP) {
        sys::exit_now(1);
    }
    Ok(())
}

/// Waits for the payload, then ends and reaps all it left behind.
fn reap(child: i32) -> io::Result<Ended> {
    let mut ended = None;
    while let Some(waited) = sys::wait_any()? {
        if waited.pid != child {
            continue;
        }
        ended = Some(payload::ended(&waited));
        sys::kill_all_others();
    }
    ended.ok_or_else(|| io::Error::from_raw_os_error(libc::ECHILD))
}
