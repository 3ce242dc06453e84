//! The launcher process: one thread, one loop. Takes requests on a socket, gives each to a
//! [`warden`], which it mostly has made in advance, watches and reaps it, removes its cgroup. Runs
//! nothing but [`init`] or [`process`] in a child, and ends everything when the host has ended or its
//! end of the socket closes.

mod cgroup;
mod init;
mod memory;
mod mounts;
mod payload;
mod process;
mod scratch;
mod step;
mod tree;
mod warden;
mod work;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::sockopt;
use rustix::process::{PidfdFlags, pidfd_open};
use saggar_model::{Isolation, MemoryLimit};
use serde::{Deserialize, Serialize};

use crate::spec::{Record, Step};
use crate::{Spec, pipe, sys, wire};
use cgroup::{Cgroup, Cgroups, Controller};
use memory::{Excess, Pages, Watch};
use step::{At, Stop};
use warden::{Held, Kind, Order, Spare, Warden};

/// Longest request, bytes: a specification with its seccomp programs.
pub(crate) const MAX_REQUEST: usize = 160 * 1024;

/// How long after a jail's start the next init is made: not while that one is being set up.
const AHEAD: Duration = Duration::from_millis(5);

/// How soon a cgroup is tried again whose last process the kernel has not done with.
const AGAIN: Duration = Duration::from_millis(1);

/// How long the launcher waits for that when it ends.
const REMOVAL: Duration = Duration::from_secs(2);

/// The launcher's answer to a request; the jail's pidfd comes with `Started`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Started,
    Failed { step: Step, what: String, errno: i32 },
}

/// Runs until the host closes its end of the control socket, which is descriptor 0. This is the
/// whole program of a launcher process; `saggar-sidecar launch` calls it and nothing else.
///
/// # Errors
/// When the control socket or poll fails; by then every jail has been ended.
pub fn main() -> io::Result<()> {
    // SAFETY: this is the first thing the program does; nothing owns a descriptor yet.
    let unclosed = unsafe { sys::close_all_except(&[0, 1, 2]) }.err();
    sys::keep_children();
    let control = sys::adopt(0);
    let mut launcher = Launcher { unclosed, ..Launcher::default() };
    let outcome = launcher.serve(&control);
    launcher.end_all();
    outcome
}

#[derive(Default)]
struct Launcher {
    /// Why descriptors of the host's may still be open: no jail is made then.
    unclosed: Option<io::Error>,
    cgroups: Cgroups,
    spare: Option<Spare>,
    /// What the next init is to be made for, and when.
    wanted: Option<(Kind, Instant)>,
    running: Vec<Running>,
    ending: Vec<Ending>,
}

/// A jail under way.
struct Running {
    warden: Warden,
    status: OwnedFd,
    cgroup: Cgroup,
    /// Where no cgroup holds its memory and the specification asks for more than rlimits.
    watch: Option<Watch>,
    out_of_memory: bool,
}

/// A jail whose first process is gone, until its cgroup is removed.
struct Ending {
    status: OwnedFd,
    cgroup: Cgroup,
    out_of_memory: bool,
}

impl Launcher {
    fn serve(&mut self, control: &OwnedFd) -> io::Result<()> {
        let mut buffer = vec![0; MAX_REQUEST];
        let host = host_of(control);
        loop {
            let running = self.running.iter().map(|run| &run.warden.pidfd);
            let mut fds: Vec<_> = running.map(|pidfd| PollFd::new(pidfd, PollFlags::IN)).collect();
            let jails = fds.len();
            fds.push(PollFd::new(control, PollFlags::IN));
            fds.extend(host.as_ref().map(|host| PollFd::new(host, PollFlags::IN)));
            let timeout = self.timeout().map(wire::timespec);
            match poll(&mut fds, timeout.as_ref()) {
                Err(rustix::io::Errno::INTR) => continue,
                other => other?,
            };
            let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
            for index in (0..jails).rev().filter(|index| ready[*index]) {
                let gone = self.running.swap_remove(index);
                self.end(gone);
            }
            self.finish();
            let now = Instant::now();
            self.running.iter_mut().for_each(|run| run.look(now));
            let host_is_gone = ready.get(jails + 1) == Some(&true);
            if host_is_gone || (ready[jails] && !self.request(control, &mut buffer)?) {
                return Ok(());
            }
            self.prepare(Instant::now());
        }
    }

    /// How long nothing needs to be done, if nobody asks.
    fn timeout(&self) -> Option<Duration> {
        let now = Instant::now();
        let watches = self.running.iter().filter_map(|run| run.watch.as_ref());
        let looks = watches.map(|watch| watch.due_in(now));
        let next = self.wanted.map(|(_, due)| due.saturating_duration_since(now));
        looks.chain(next).chain(self.ending.iter().map(|_| AGAIN)).min()
    }

    /// Serves one request; false when the host is gone.
    fn request(&mut self, control: &OwnedFd, buffer: &mut [u8]) -> io::Result<bool> {
        let received = wire::receive(control, buffer)?;
        if received.length == 0 {
            return Ok(false);
        }
        let spec: Spec = match postcard::from_bytes(&buffer[..received.length]) {
            Ok(spec) => spec,
            Err(error) => {
                let what = format!("request of another version: {error}");
                let failed = Reply::Failed { step: Step::Start, what, errno: libc::EPROTO };
                reply(control, &failed, None)?;
                return Ok(true);
            }
        };
        match self.start(spec, received.descriptors) {
            Ok(run) => {
                reply(control, &Reply::Started, Some(run.warden.pidfd.as_fd()))?;
                self.running.push(run);
            }
            Err(stop) => {
                let (what, errno) = stop.told();
                reply(control, &Reply::Failed { step: stop.step, what, errno }, None)?;
            }
        }
        Ok(true)
    }

    fn start(&mut self, spec: Spec, mut descriptors: Vec<OwnedFd>) -> Result<Running, Stop> {
        if descriptors.is_empty() {
            let error = io::Error::from_raw_os_error(libc::EPROTO);
            return Err(error).at(Step::Descriptors, "find the status pipe");
        }
        if let Some(error) = self.unclosed.as_ref().and_then(io::Error::raw_os_error) {
            let error = io::Error::from_raw_os_error(error);
            return Err(error).at(Step::Descriptors, "close all others");
        }
        let (warden, cgroup) = self.warden(Kind::of(&spec))?;
        let status = descriptors[0].try_clone().at(Step::Descriptors, "copy the status pipe")?;
        let mut run = Running { warden, status, cgroup, watch: None, out_of_memory: false };
        match run.begin(spec, &descriptors, &self.cgroups) {
            Ok(()) => Ok(run),
            Err(stop) => {
                descriptors.clear();
                run.warden.kill();
                self.end(run);
                Err(stop)
            }
        }
    }

    /// Somebody to run a jail: the spare, or one made now.
    fn warden(&mut self, kind: Kind) -> Result<(Warden, Cgroup), Stop> {
        if kind.isolation == Isolation::Namespaces {
            self.wanted = Some((kind, Instant::now() + AHEAD));
            match self.spare.take() {
                Some(spare) if spare.is_as_new(kind) => return Ok(spare.take()),
                other => other.into_iter().for_each(|spare| self.discard(spare)),
            }
        }
        Warden::make(&mut self.cgroups, kind)
    }

    /// Makes the next init when it is time to.
    fn prepare(&mut self, now: Instant) {
        if let Some((kind, _)) = self.wanted.take_if(|(_, due)| *due <= now) {
            // What stands in the way is said when somebody asks for a jail.
            self.spare = Spare::make(&mut self.cgroups, kind).ok();
        }
    }

    fn discard(&mut self, spare: Spare) {
        let (warden, mut cgroup) = spare.take();
        warden.kill();
        warden.reap();
        cgroup.remove();
    }

    /// Reaps the first process of a jail, and ends what a supervisor could no longer end itself.
    fn end(&mut self, run: Running) {
        let status = run.warden.reap();
        let ended_by_itself = status.is_some_and(|status| status.exited());
        if run.warden.kind.isolation == Isolation::Process && !ended_by_itself {
            let others = self.running.iter().map(|run| run.warden.pid);
            let others: Vec<i32> = others.chain(self.spare.iter().map(Spare::pid)).collect();
            process::clear_up(&others, run.warden.kind.who.id);
        }
        let out_of_memory = run.out_of_memory || run.cgroup.out_of_memory();
        self.ending.push(Ending { status: run.status, cgroup: run.cgroup, out_of_memory });
    }

    /// Tells the host of the jails that are gone; then there is time to tidy up, once, and for the
    /// next init.
    fn finish(&mut self) {
        let before = self.ending.len();
        self.ending.retain_mut(|ending| !ending.finish());
        if self.ending.len() == before {
            return;
        }
        self.cgroups.sweep();
        if self.running.is_empty()
            && let Some((_, due)) = &mut self.wanted
        {
            *due = Instant::now();
        }
    }

    fn end_all(&mut self) {
        self.spare.take().into_iter().for_each(|spare| self.discard(spare));
        for run in &self.running {
            run.warden.kill();
        }
        while let Some(run) = self.running.pop() {
            self.end(run);
        }
        let start = Instant::now();
        while start.elapsed() < REMOVAL && !self.ending.is_empty() {
            self.finish();
            std::thread::sleep(AGAIN);
        }
    }
}

/// The process that made the socket. Its end of it may be open elsewhere when it is gone: what it has
/// forked has a copy. Where there is no handle to be had, the socket alone tells.
fn host_of(control: &OwnedFd) -> Option<OwnedFd> {
    let host = sockopt::socket_peercred(control).ok()?.pid;
    pidfd_open(host, PidfdFlags::empty()).ok()
}

impl Running {
    /// Sets the limits and sends the warden to work.
    fn begin(
        &mut self,
        spec: Spec,
        descriptors: &[OwnedFd],
        cgroups: &Cgroups,
    ) -> Result<(), Stop> {
        self.cgroup.limit(&spec).at(Step::Cgroup, "limit the cgroup of the jail")?;
        let counted = self.cgroup.holds(Controller::Memory);
        let floors = [
            (Controller::Memory, spec.memory_floor == MemoryLimit::Cgroup),
            (Controller::Pids, spec.pids_cgroup),
        ];
        let missing = |(controller, asked)| asked && !self.cgroup.holds(controller);
        if let Some((controller, _)) = floors.into_iter().find(|floor| missing(*floor)) {
            let what = format!("make a {} cgroup", controller.name());
            return Err(cgroups.lack_of(controller)).at(Step::Cgroup, &what);
        }
        self.supervise(&spec)?;
        let memory = if counted { MemoryLimit::Cgroup } else { spec.memory_floor };
        let held = Held { cgroup: self.cgroup.record(), memory };
        self.warden.order(&Order { spec, held }, descriptors)
    }

    /// Watches what no cgroup holds and nothing else does: memory where the specification asks for
    /// it, and the number of processes where the user id is not the jail's alone.
    fn supervise(&mut self, spec: &Spec) -> Result<(), Stop> {
        let lacks = |controller| !self.cgroup.holds(controller);
        let memory = spec.memory_floor == MemoryLimit::Sampled && lacks(Controller::Memory);
        let processes = spec.isolation == Isolation::Process && lacks(Controller::Pids);
        if memory || processes {
            let bytes = if memory { spec.memory } else { u64::MAX };
            let own = bytes.saturating_sub(spec.shared_memory);
            let counted = if spec.shared_memory > 0 { Pages::Private } else { Pages::All };
            let watch = Watch::new(self.warden.pid, (own, counted), spec.processes);
            self.watch = Some(watch.at(Step::Supervisor, "look at the jail in /proc")?);
        }
        Ok(())
    }

    /// Ends the jail if it has too much of something.
    fn look(&mut self, now: Instant) {
        if let Some(excess) = self.watch.as_mut().and_then(|watch| watch.look(now)) {
            self.out_of_memory = excess == Excess::Memory;
            self.watch = None;
            self.warden.kill();
        }
    }
}

impl Ending {
    /// Removes the cgroup, which the kernel lets us do when no process is left in it, and tells the
    /// host. False when that is still to come.
    fn finish(&mut self) -> bool {
        let removed = self.cgroup.remove();
        if removed {
            let gone = Record::Gone { out_of_memory: self.out_of_memory };
            // The host may have lost interest; nobody else is to be told.
            pipe::write(Writer(&self.status), &gone).unwrap_or_default();
        }
        removed
    }
}

/// Writes to a descriptor that stays its owner's.
struct Writer<'a>(&'a OwnedFd);

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn reply(control: &OwnedFd, reply: &Reply, pidfd: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let body = postcard::to_stdvec(reply).map_err(io::Error::other)?;
    wire::send(control, &body, pidfd.as_slice())
}
