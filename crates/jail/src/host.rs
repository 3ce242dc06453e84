//! The host's side: starts the launcher, asks it for jails, waits for them. Safe to use from many
//! threads; only making a jail is one at a time.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Signal, pidfd_send_signal};
use saggar_model::Enforced;

use crate::launcher::{MAX_REQUEST, Reply};
use crate::spec::Record;
use crate::wire::{self, MAX_DESCRIPTORS};
use crate::{Ended, JailError, Spec, pipe};

fn host(what: &'static str) -> impl FnOnce(rustix::io::Errno) -> JailError {
    move |errno| JailError::Host { what, source: errno.into() }
}

/// A launcher process, started when it is first needed. Dropping this ends every jail it made.
#[derive(Debug)]
pub struct Launcher {
    executable: PathBuf,
    process: Mutex<Option<Process>>,
}

/// The process and our end of its control socket.
#[derive(Debug)]
struct Process {
    control: Option<OwnedFd>,
    child: Child,
}

impl Process {
    fn start(executable: &Path) -> Result<Self, JailError> {
        let failed =
            |source| JailError::Launcher { path: executable.display().to_string(), source };
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .map_err(|errno| failed(errno.into()))?;
        sockopt::set_socket_timeout(&ours, sockopt::Timeout::Recv, Some(PATIENCE))
            .map_err(|errno| failed(errno.into()))?;
        #[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
        let child = Command::new(executable)
            .arg("launch")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        Ok(Process { control: Some(ours), child })
    }

    /// Whether nobody has ended it meanwhile.
    fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn ask(
        &self,
        body: &[u8],
        fds: &[BorrowedFd<'_>],
    ) -> Result<(Reply, Option<OwnedFd>), JailError> {
        let closed = || JailError::Protocol("its socket is closed".to_owned());
        let control = self.control.as_ref().ok_or_else(closed)?;
        wire::send(control, body, fds).map_err(|source| match source.kind() {
            io::ErrorKind::BrokenPipe => ended(),
            _ => JailError::Host { what: "ask the launcher", source },
        })?;
        receive(control)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.control.take());
        // It ends by itself now, after its jails; a failure means that it has ended before.
        self.child.wait().map(drop).unwrap_or_default();
    }
}

impl Launcher {
    /// A launcher that will run `executable launch`, a program that calls
    /// [`crate::launcher_main`]. Starts nothing yet.
    pub fn new(executable: PathBuf) -> Self {
        Launcher { executable, process: Mutex::new(None) }
    }

    /// Starts the process, unless it runs: what comes first need not wait for it then.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self) -> Result<(), JailError> {
        let mut process = self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if process.is_none() {
            *process = Some(Process::start(&self.executable)?);
        }
        Ok(())
    }

    /// Makes a jail and starts its payload. `descriptors` are, in this order: the contents of the
    /// inputs, the places for the outputs, and what the payload gets under the numbers the
    /// specification names.
    ///
    /// # Errors
    /// When the launcher cannot be started or its namespaces cannot be had. What fails later comes
    /// from [`Jailed::wait`].
    pub fn spawn(&self, spec: &Spec, descriptors: &[BorrowedFd<'_>]) -> Result<Jailed, JailError> {
        let protocol = |what: &str| JailError::Protocol(what.to_owned());
        let body = postcard::to_stdvec(spec).map_err(|error| protocol(&error.to_string()))?;
        if body.len() > MAX_REQUEST || descriptors.len() >= MAX_DESCRIPTORS {
            return Err(protocol("the specification is too large"));
        }
        let (status, theirs) = pipe_with(PipeFlags::CLOEXEC).map_err(host("make a pipe"))?;
        let mut fds = vec![theirs.as_fd()];
        fds.extend_from_slice(descriptors);
        let mut process = self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut known = process.take();
        let running = match known.take_if(Process::lives) {
            Some(running) => running,
            None => Process::start(&self.executable)?,
        };
        // After a failure here the process is not put back: the next request starts a new one.
        let answer = match running.ask(&body, &fds)? {
            (Reply::Started, Some(pidfd)) => Ok(Jailed {
                pidfd,
                status: File::from(status),
                buffer: Vec::new(),
                outcome: Outcome::default(),
                refused: None,
                gone: false,
            }),
            // There was no descriptor left for the handle. A jail that nobody can end must not
            // stay: it goes with its launcher.
            (Reply::Started, None) => {
                return Err(host("take a jail's handle")(rustix::io::Errno::MFILE));
            }
            (Reply::Failed { step, what, errno }, _) => Err(JailError::refused(step, what, errno)),
        };
        *process = Some(running);
        answer
    }

    /// Runs a payload to its end, or to the deadline, and keeps what it writes to `log`, whose
    /// other end is among the descriptors. Returns only when every process of the jail is gone.
    ///
    /// # Errors
    /// When the jail cannot be had, nothing ran.
    pub fn run(
        &self,
        spec: &Spec,
        descriptors: &[BorrowedFd<'_>],
        log: Log,
    ) -> Result<Run, JailError> {
        let start = Instant::now();
        let mut jailed = self.spawn(spec, descriptors)?;
        drop(log.write);
        let mut run = Run {
            outcome: Outcome::default(),
            log: Vec::new(),
            lost: 0,
            limit: None,
            wall: Duration::ZERO,
        };
        let mut read = Some(File::from(log.read));
        let mut killed: Option<Instant> = None;
        while !jailed.gone {
            let left = log.deadline.saturating_sub(start.elapsed());
            if left.is_zero() && run.limit.is_none() {
                run.limit = Some(Limit::Deadline);
                killed = Some(Instant::now());
                jailed.kill();
            }
            // A signal that interrupts the wait makes it no longer, and is no end of it.
            let timeout = killed.map_or(left, |at| GRACE.saturating_sub(at.elapsed()));
            let (jail_ready, log_ready) = ready(&jailed.status, read.as_ref(), timeout)?;
            if log_ready && !run.absorb(read.as_mut(), log.max) {
                read = None;
            }
            if jail_ready {
                jailed.pump()?;
            } else if !log_ready && killed.is_some() && timeout.is_zero() {
                return Err(JailError::Protocol("a killed jail did not end".to_owned()));
            }
        }
        // The caller may still hold the other end: only what is there already counts.
        while let Some(file) = &read
            && ready(file, None, Duration::ZERO)?.0
            && run.absorb(read.as_mut(), log.max)
        {}
        run.wall = start.elapsed();
        run.outcome = jailed.wait()?;
        Ok(run)
    }
}

/// How long the launcher may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

fn ended() -> JailError {
    JailError::Protocol("it ended; is it the saggar-sidecar of this build?".to_owned())
}

/// How long a killed jail may take to be gone.
const GRACE: Duration = Duration::from_secs(10);

/// The pipe a payload writes its output to, and how long it may take.
#[derive(Debug)]
pub struct Log {
    read: OwnedFd,
    write: Option<OwnedFd>,
    max: usize,
    deadline: Duration,
}

impl Log {
    /// A pipe of which at most `max` bytes are kept, for a run of at most `deadline`.
    ///
    /// # Errors
    /// When no pipe can be had.
    pub fn new(max: usize, deadline: Duration) -> Result<Self, JailError> {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC).map_err(host("make a pipe"))?;
        Ok(Log { read, write: Some(write), max, deadline })
    }

    /// A copy of the end the payload writes to, to be passed as one of its descriptors.
    ///
    /// # Errors
    /// When no descriptor can be had.
    pub fn writer(&self) -> Result<OwnedFd, JailError> {
        let write = self.write.as_ref().map(OwnedFd::try_clone);
        let gone = || Err(io::Error::from(io::ErrorKind::BrokenPipe));
        write.unwrap_or_else(gone).map_err(|source| JailError::Host { what: "copy a pipe", source })
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// How the payload ended and what held.
    pub outcome: Outcome,
    /// What it printed, up to the limit.
    pub log: Vec<u8>,
    /// Bytes beyond the limit that were dropped.
    pub lost: u64,
    /// The limit of this run that ended it, if one did.
    pub limit: Option<Limit>,
    /// Wall-clock time from request to the end of the last process.
    pub wall: Duration,
}

/// A limit that the host enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Wall-clock time.
    Deadline,
}

impl Run {
    /// Reads what is there; false at the end.
    fn absorb(&mut self, from: Option<&mut File>, max: usize) -> bool {
        let Some(from) = from else { return false };
        let mut chunk = Vec::new();
        let more = pipe::fill(from, &mut chunk).unwrap_or(false);
        let room = max.saturating_sub(self.log.len()).min(chunk.len());
        self.log.extend_from_slice(&chunk[..room]);
        self.lost += (chunk.len() - room) as u64;
        more
    }
}

/// How a jail ended.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What held while the payload ran; `None` if it never started.
    pub enforced: Option<Enforced>,
    /// How the payload ended; `None` if the jail was killed.
    pub ended: Option<Ended>,
    /// The memory cgroup had to kill in it.
    pub out_of_memory: bool,
}

/// A jail under way. Dropping it kills it.
#[derive(Debug)]
pub struct Jailed {
    /// Of its first process.
    pub(crate) pidfd: OwnedFd,
    status: File,
    buffer: Vec<u8>,
    outcome: Outcome,
    refused: Option<JailError>,
    gone: bool,
}

impl Jailed {
    /// Ends every process of the jail. Returns at once.
    pub fn kill(&self) {
        // Failure means that it is gone already.
        pidfd_send_signal(&self.pidfd, Signal::KILL).unwrap_or_default();
    }

    /// Becomes readable when there is something for [`Jailed::pump`].
    pub fn status(&self) -> BorrowedFd<'_> {
        self.status.as_fd()
    }

    /// Takes in what the jail says of itself. True once its payload has ended or it is gone.
    ///
    /// # Errors
    /// When the pipe breaks or carries nonsense.
    pub fn pump(&mut self) -> Result<bool, JailError> {
        let broken = |error: io::Error| JailError::Protocol(format!("its status pipe: {error}"));
        if !pipe::fill(&mut self.status, &mut self.buffer).map_err(broken)? {
            self.gone = true;
        }
        while let Some(record) = pipe::take(&mut self.buffer).map_err(broken)? {
            match record {
                Record::Confined(enforced) => self.outcome.enforced = Some(*enforced),
                Record::Failed { step, what, errno } => {
                    self.refused.get_or_insert(JailError::refused(step, what, errno));
                }
                Record::Ended(ended) => self.outcome.ended = Some(ended),
                Record::Gone { out_of_memory } => {
                    self.outcome.out_of_memory = out_of_memory;
                    self.gone = true;
                }
            }
        }
        Ok(self.gone || self.outcome.ended.is_some() || self.refused.is_some())
    }

    /// As [`Jailed::pump`], without waiting when there is nothing to take in.
    pub fn pump_now(&mut self) -> bool {
        // Behind what it said first there may be the end of the pipe.
        loop {
            match ready(&self.status, None, Duration::ZERO) {
                Ok((true, _)) if self.pump().unwrap_or(true) => return true,
                Ok((true, _)) => {}
                Ok((false, _)) => {
                    return self.gone || self.outcome.ended.is_some() || self.refused.is_some();
                }
                Err(_) => return true,
            }
        }
    }

    /// What is known so far.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Waits for the payload to end by itself, and kills the jail when it does not in time; then
    /// as [`Jailed::wait`].
    ///
    /// # Errors
    /// As for [`Jailed::wait`].
    pub fn wait_within(mut self, grace: Duration) -> Result<Outcome, JailError> {
        let start = Instant::now();
        while !self.pump_now() {
            let left = grace.saturating_sub(start.elapsed());
            if left.is_zero() {
                self.kill();
                break;
            }
            ready(&self.status, None, left)?;
        }
        self.wait()
    }

    /// Waits until every process of the jail is gone and its cgroup removed.
    ///
    /// # Errors
    /// When it could not be set up: nothing ran.
    pub fn wait(mut self) -> Result<Outcome, JailError> {
        while !self.gone {
            self.pump()?;
        }
        match self.refused.take() {
            Some(refused) => Err(refused),
            None => Ok(std::mem::take(&mut self.outcome)),
        }
    }
}

impl Drop for Jailed {
    fn drop(&mut self) {
        if !self.gone {
            self.kill();
        }
    }
}

/// Bytes in a memory file that nobody can change any more (memfd_create(2), fcntl(2) F_ADD_SEALS).
///
/// # Errors
/// When no memory file can be had.
pub fn sealed_memfd(name: &str, bytes: &[u8]) -> Result<OwnedFd, JailError> {
    let fd = memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)
        .map_err(host("make a memory file"))?;
    let mut file = File::from(fd);
    file.write_all(bytes)
        .map_err(|source| JailError::Host { what: "fill a memory file", source })?;
    let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    fcntl_add_seals(&file, seals).map_err(host("seal a memory file"))?;
    Ok(file.into())
}

fn ready(status: &File, log: Option<&File>, timeout: Duration) -> Result<(bool, bool), JailError> {
    let mut fds = vec![PollFd::new(status, PollFlags::IN)];
    fds.extend(log.map(|log| PollFd::new(log, PollFlags::IN)));
    match poll(&mut fds, Some(&wire::timespec(timeout))) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(errno) => return Err(host("poll")(errno)),
    }
    let is_ready = |index: usize| fds.get(index).is_some_and(|fd| !fd.revents().is_empty());
    Ok((is_ready(0), is_ready(1)))
}

fn receive(control: &OwnedFd) -> Result<(Reply, Option<OwnedFd>), JailError> {
    let mut body = [0; 4096];
    let mut received = wire::receive(control, &mut body)
        .map_err(|source| JailError::Host { what: "hear from the launcher", source })?;
    if received.length == 0 {
        return Err(ended());
    }
    let reply = postcard::from_bytes(&body[..received.length])
        .map_err(|error| JailError::Protocol(format!("its answer: {error}")))?;
    Ok((reply, received.descriptors.pop()))
}
