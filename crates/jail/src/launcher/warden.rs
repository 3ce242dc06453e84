//! The first process of a jail: its init, or its supervisor where there are no namespaces. It is
//! made before it is known what will run: in its namespaces, with its user ids, in a cgroup; then
//! it waits for one order. Making it is the slow part of starting a jail.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, pidfd_send_signal, waitid,
};
use saggar_model::{Isolation, MemoryLimit};
use serde::{Deserialize, Serialize};

use super::cgroup::{self, Cgroup, Cgroups, Doors};
use super::init::{self, Identity};
use super::process;
use super::step::{At, Stop};
use crate::spec::Step;
use crate::{Spec, sys, wire};

/// Longest order, bytes: a request and what holds the jail.
pub(super) const MAX_ORDER: usize = super::MAX_REQUEST + 4096;

/// What a jail is to be. The status pipe and the descriptors of the run come with it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) spec: Spec,
    pub(super) held: Held,
}

/// What holds a jail from outside, for the record of the run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Held {
    /// Controllers in force, for instance `v1:memory`.
    pub(super) cgroup: Vec<String>,
    pub(super) memory: MemoryLimit,
}

/// What a first process must be made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) who: Identity,
    pub(super) isolation: Isolation,
    /// Its processor time is limited.
    pub(super) cpu: bool,
}

impl Kind {
    pub(super) fn of(spec: &Spec) -> Self {
        Kind {
            who: Identity::new(spec.root_becomes),
            isolation: spec.isolation,
            cpu: cgroup::binds_cpu(spec),
        }
    }
}

/// What a new process starts with.
pub(super) struct Post {
    /// Where its order comes in. The end of it is the end of the launcher.
    pub(super) orders: OwnedFd,
    /// The way into its cgroup.
    pub(super) doors: Doors,
    pub(super) who: Identity,
}

/// The launcher's hold of a jail's first process. It dies when this is dropped before its order.
pub(super) struct Warden {
    pub(super) pid: i32,
    pub(super) pidfd: OwnedFd,
    pub(super) kind: Kind,
    orders: OwnedFd,
}

impl Warden {
    /// Makes one, and the group it is in.
    pub(super) fn make(cgroups: &mut Cgroups, kind: Kind) -> Result<(Self, Cgroup), Stop> {
        let cgroup = cgroups.make(kind.isolation, kind.cpu);
        let mut cgroup = cgroup.at(Step::Cgroup, "make a cgroup for the jail")?;
        match Warden::clone_into(&cgroup, kind) {
            Ok(warden) => Ok((warden, cgroup)),
            Err(stop) => {
                cgroup.remove();
                Err(stop)
            }
        }
    }

    fn clone_into(cgroup: &Cgroup, kind: Kind) -> Result<Self, Stop> {
        let Kind { who, isolation, .. } = kind;
        let (orders, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .at(Step::Descriptors, "make a socket")?;
        let open = "open the cgroup of the jail";
        let (doors, cloned) = match isolation {
            Isolation::Namespaces => {
                let (doors, group) = cgroup.doors().at(Step::Cgroup, open)?;
                // SAFETY: the launcher never starts a thread: `serve` is one loop and the
                // libraries in use start none.
                (doors, unsafe { sys::clone_into_namespaces(init::NAMESPACES, group.as_ref()) })
            }
            Isolation::Process => {
                let doors = cgroup.all_doors().at(Step::Cgroup, open)?;
                process::adopt_orphans().at(Step::Supervisor, "PR_SET_CHILD_SUBREAPER")?;
                // SAFETY: as above.
                (doors, unsafe { sys::clone_process() })
            }
        };
        let (pid, pidfd) = match cloned {
            Err(error) => return Err(uncloned(isolation, error)),
            Ok(sys::Cloned::Child) => {
                drop(orders);
                let post = Post { orders: theirs, doors, who };
                match isolation {
                    Isolation::Namespaces => init::run(post),
                    Isolation::Process => process::run(post),
                }
            }
            Ok(sys::Cloned::Parent { pid, pidfd }) => (pid, pidfd),
        };
        let warden = Warden { pid, pidfd, kind, orders };
        match warden.admit() {
            Ok(()) => Ok(warden),
            Err(stop) => {
                warden.kill();
                warden.reap();
                Err(stop)
            }
        }
    }

    /// Gives the new process its user id, if it has a namespace for it, and makes sure that it can
    /// be ended.
    fn admit(&self) -> Result<(), Stop> {
        if self.kind.isolation == Isolation::Namespaces {
            self.map_ids()?;
        }
        // Nobody wants a jail that could not be ended. The signal does nothing to what runs.
        let sent = pidfd_send_signal(&self.pidfd, Signal::CONT);
        sent.at(Step::Handles, "pidfd_send_signal(2)")
    }

    fn map_ids(&self) -> Result<(), Stop> {
        let Identity { id, from_root } = self.kind.who;
        let map = |file: &str, text: &str| {
            let path = format!("/proc/{}/{file}", self.pid);
            fs::write(path, text).at(Step::Identity, "write the id maps")
        };
        map("uid_map", &format!("{id} {id} 1"))?;
        if !from_root {
            map("setgroups", "deny")?;
        }
        let group = if from_root { id } else { rustix::process::getegid().as_raw() };
        map("gid_map", &format!("{id} {group} 1"))
    }

    /// Whether it still lives.
    pub(super) fn lives(&self) -> bool {
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        matches!(poll(&mut fds, Some(&wire::timespec(Duration::ZERO))), Ok(0))
    }

    /// Sends it to work. The first descriptor is the status pipe.
    pub(super) fn order(&self, order: &Order, descriptors: &[OwnedFd]) -> Result<(), Stop> {
        let body = postcard::to_stdvec(order).map_err(io::Error::other);
        let descriptors: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
        let sent = body.and_then(|body| wire::send(&self.orders, &body, &descriptors));
        sent.at(Step::Start, "send the order")
    }

    /// By its number, which is its own until it is waited for, and by no call that may be lacking.
    pub(super) fn kill(&self) {
        // Failure means that it is gone already.
        let killed = Pid::from_raw(self.pid).map_or(Ok(()), |pid| kill_process(pid, Signal::KILL));
        killed.unwrap_or_default();
    }

    /// Waits for its end, which is the end of its pid namespace, if it has one.
    pub(super) fn reap(&self) -> Option<WaitIdStatus> {
        loop {
            match waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED) {
                Err(rustix::io::Errno::INTR) => {}
                other => break other.ok().flatten(),
            }
        }
    }
}

/// What it means that there is no new process.
fn uncloned(isolation: Isolation, error: io::Error) -> Stop {
    let (step, what) = match (isolation, error.raw_os_error()) {
        (Isolation::Namespaces, _) => (Step::Namespaces, "clone3(2)"),
        (_, Some(libc::ENOSYS | libc::EPERM)) => (Step::Handles, "pidfd_open(2)"),
        _ => (Step::Start, "fork a supervisor"),
    };
    Stop { step, what: what.to_owned(), error }
}

/// An init made in advance.
pub(super) struct Spare {
    warden: Warden,
    cgroup: Cgroup,
    /// The launcher's mounts, opened before the init got its copy of them.
    mounts: File,
}

impl Spare {
    pub(super) fn make(cgroups: &mut Cgroups, kind: Kind) -> Result<Self, Stop> {
        let mounts = File::open("/proc/self/mounts").at(Step::Mounts, "watch the mounts")?;
        let (warden, cgroup) = Warden::make(cgroups, kind)?;
        Ok(Spare { warden, cgroup, mounts })
    }

    pub(super) fn pid(&self) -> i32 {
        self.warden.pid
    }

    /// Whether it is as one made now would be. A change of mounts shows in the file that was
    /// opened before it (proc_pid_mounts(5)).
    pub(super) fn is_as_new(&self, kind: Kind) -> bool {
        let mut mounts = [PollFd::new(&self.mounts, PollFlags::PRI)];
        let now = wire::timespec(Duration::ZERO);
        self.warden.kind == kind
            && self.warden.lives()
            && matches!(poll(&mut mounts, Some(&now)), Ok(0))
    }

    pub(super) fn take(self) -> (Warden, Cgroup) {
        (self.warden, self.cgroup)
    }
}
