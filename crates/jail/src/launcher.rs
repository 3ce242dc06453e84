//! The launcher process: one thread, one loop. Takes requests on a socket, clones an init into
//! new namespaces for each, reaps it, removes its cgroup. Runs nothing but [`init`] in a child,
//! and ends everything when the host's end of the socket closes.

mod cgroup;
mod init;
mod mounts;

use std::fs;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};
use serde::{Deserialize, Serialize};

use crate::spec::{Record, Step};
use crate::{Spec, pipe, sys};
use cgroup::{Cgroup, Cgroups};

/// Longest request, bytes: a specification with its seccomp programs.
pub(crate) const MAX_REQUEST: usize = 160 * 1024;
/// Most descriptors in one request.
pub(crate) const MAX_DESCRIPTORS: usize = 64;

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
    unsafe { sys::close_all_except(&[0, 1, 2]) }?;
    let control = sys::adopt(0);
    let mut launcher = Launcher { cgroups: Cgroups::detect(), running: Vec::new() };
    let outcome = launcher.serve(&control);
    launcher.end_all();
    outcome
}

struct Launcher {
    cgroups: Cgroups,
    running: Vec<Running>,
}

/// What kept a jail from being started.
struct Stop {
    step: Step,
    what: &'static str,
    error: io::Error,
}

/// A jail under way. Its init holds the other end of `alive`, and dies if this one closes early.
struct Running {
    pidfd: OwnedFd,
    status: OwnedFd,
    cgroup: Option<Cgroup>,
    alive: OwnedFd,
}

impl Launcher {
    fn serve(&mut self, control: &OwnedFd) -> io::Result<()> {
        loop {
            let mut fds = vec![PollFd::new(control, PollFlags::IN)];
            fds.extend(self.running.iter().map(|run| PollFd::new(&run.pidfd, PollFlags::IN)));
            match poll(&mut fds, None) {
                Err(rustix::io::Errno::INTR) => continue,
                other => other?,
            };
            let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
            for index in (1..ready.len()).rev().filter(|index| ready[*index]) {
                self.running.swap_remove(index - 1).finish();
            }
            if ready[0] && !self.request(control)? {
                return Ok(());
            }
        }
    }

    /// Serves one request; false when the host is gone.
    fn request(&mut self, control: &OwnedFd) -> io::Result<bool> {
        let Some((body, descriptors)) = receive(control)? else { return Ok(false) };
        let spec: Spec = match postcard::from_bytes(&body) {
            Ok(spec) => spec,
            Err(error) => {
                let what = format!("request of another version: {error}");
                let failed = Reply::Failed { step: Step::Start, what, errno: libc::EPROTO };
                reply(control, &failed, None)?;
                return Ok(true);
            }
        };
        match self.start(&spec, descriptors) {
            Ok(run) => {
                reply(control, &Reply::Started, Some(run.pidfd.as_fd()))?;
                self.running.push(run);
            }
            Err(Stop { step, what, error }) => {
                let errno = error.raw_os_error().unwrap_or(libc::EIO);
                reply(control, &Reply::Failed { step, what: what.to_owned(), errno }, None)?;
            }
        }
        Ok(true)
    }

    fn start(&mut self, spec: &Spec, mut descriptors: Vec<OwnedFd>) -> Result<Running, Stop> {
        let stop = |step, what| move |error| Stop { step, what, error };
        if descriptors.is_empty() {
            let error = io::Error::from_raw_os_error(libc::EPROTO);
            return Err(stop(Step::Descriptors, "find the status pipe")(error));
        }
        let status = descriptors.remove(0);
        let (wait, alive) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
            .map_err(|errno| stop(Step::Descriptors, "make a pipe")(errno.into()))?;
        let cgroup = self.cgroups.create(spec.memory, spec.processes);
        let cgroup = cgroup.map_err(stop(Step::Cgroup, "make a cgroup for the jail"))?;
        let controllers = cgroup.as_ref().map(Cgroup::controllers).unwrap_or_default();
        let who = init::Identity::new(spec.root_becomes);
        // SAFETY: the launcher never starts a thread: `serve` is one loop and the libraries in use
        // start none.
        match unsafe { sys::clone_into_namespaces(init::NAMESPACES) } {
            Ok(sys::Cloned::Child) => {
                drop(alive);
                init::run(spec, who, status, descriptors, wait, controllers)
            }
            Ok(sys::Cloned::Parent { pid, pidfd }) => {
                let run = Running { pidfd, status, cgroup, alive };
                match run.admit(pid, who) {
                    Ok(()) => Ok(run),
                    Err(stop) => {
                        run.kill();
                        run.finish();
                        Err(stop)
                    }
                }
            }
            Err(error) => {
                cgroup.map(Cgroup::remove);
                Err(stop(Step::Namespaces, "clone into new namespaces")(error))
            }
        }
    }

    fn end_all(&mut self) {
        for run in &self.running {
            run.kill();
        }
        for run in self.running.drain(..) {
            run.finish();
        }
    }
}

impl Running {
    /// Gives the new process its user id and cgroup, then lets it go on.
    fn admit(&self, pid: i32, who: init::Identity) -> Result<(), Stop> {
        let stop = |step, what| move |error| Stop { step, what, error };
        let map = |file: &str, text: &str| {
            fs::write(format!("/proc/{pid}/{file}"), text)
                .map_err(stop(Step::Identity, "write the id maps"))
        };
        let id = who.id;
        map("uid_map", &format!("{id} {id} 1"))?;
        if !who.from_root {
            map("setgroups", "deny")?;
        }
        let group = if who.from_root { id } else { rustix::process::getegid().as_raw() };
        map("gid_map", &format!("{id} {group} 1"))?;
        if let Some(cgroup) = &self.cgroup {
            cgroup.add(pid).map_err(stop(Step::Cgroup, "enter the cgroup"))?;
        }
        rustix::io::write(&self.alive, b"g")
            .map_err(|errno| stop(Step::Start, "start init")(errno.into()))?;
        Ok(())
    }

    fn kill(&self) {
        // Failure means that it is gone already.
        pidfd_send_signal(&self.pidfd, Signal::KILL).unwrap_or_default();
    }

    /// Reaps init, which ends its pid namespace; removes the cgroup; tells the host.
    fn finish(self) {
        while let Err(rustix::io::Errno::INTR) =
            waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED)
        {}
        let out_of_memory = self.cgroup.is_some_and(Cgroup::remove);
        // The host may have lost interest; nobody else is to be told.
        pipe::write(Writer(&self.status), &Record::Gone { out_of_memory }).unwrap_or_default();
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

fn receive(control: &OwnedFd) -> io::Result<Option<(Vec<u8>, Vec<OwnedFd>)>> {
    let mut body = vec![0; MAX_REQUEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let length = loop {
        let flags = RecvFlags::CMSG_CLOEXEC;
        match recvmsg(control, &mut [IoSliceMut::new(&mut body)], &mut ancillary, flags) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?.bytes,
        }
    };
    let mut descriptors = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    body.truncate(length);
    Ok((length > 0).then_some((body, descriptors)))
}

fn reply(control: &OwnedFd, reply: &Reply, pidfd: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let body = postcard::to_stdvec(reply).map_err(io::Error::other)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let fds: Vec<_> = pidfd.into_iter().collect();
    if !fds.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(&fds));
    }
    sendmsg(control, &[IoSlice::new(&body)], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}
