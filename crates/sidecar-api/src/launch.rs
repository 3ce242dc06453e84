//! Starts sidecars: a jail around the executable, the set-up over the control socket, and a look
//! from outside at what the process says of its confinement.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt};
use rustix::pipe::{PipeFlags, pipe_with};
use saggar_jail::{JailError, Launcher, Payload, Rlimits, Root, Spec};
use saggar_model::{BpfProgram, Code, Digest, Enforced, Feedback, Isolation, Stage};
use saggar_plugin_abi::{
    LoadRequest, PreparedSidecar, Sidecar, SidecarLauncher, SidecarRequest, StageError,
};
use saggar_policy::{JailSection, PidsLimit, Policy, Seccomp, SeccompStage, SidecarSection};

use crate::arena::Arena;
use crate::bell::Patience;
use crate::call::Client;
use crate::crash;
use crate::output::Output;
use crate::standby::Standby;
use crate::watch::{Watched, Watcher};
use crate::wire::{self, BUILD_ID, Expected, FromSidecar, MAX_MESSAGE, Setup};

/// Memory the process needs for itself, beside what the skill is granted, bytes.
const OWN_MEMORY: u64 = 24 << 20;

/// Addresses the process needs for itself: libraries, stack, and what malloc reserves, bytes.
const OWN_ADDRESSES: u64 = 256 << 20;

/// Addresses glibc's malloc reserves for each thread, bytes.
const THREAD_ADDRESSES: u64 = 160 << 20;

/// How long a sidecar that has closed its socket may take to end.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// Starts sidecars under one policy, and keeps some ready.
#[derive(Debug)]
pub struct Sidecars {
    maker: Arc<Maker>,
    standby: Standby,
}

/// Makes processes that wait for an artifact.
#[derive(Debug)]
pub(crate) struct Maker {
    launcher: Arc<Launcher>,
    watcher: Arc<Watcher>,
    jail: JailSection,
    sidecar: SidecarSection,
    seccomp: Seccomp,
    /// How long either side of a call looks before it sleeps.
    patience: Duration,
    /// Filters of this process, which every one that it starts has too.
    own_filters: OnceLock<u64>,
}

/// All that distinguishes a process without an artifact from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    memory: u64,
    threads: u32,
}

fn host(what: &'static str) -> impl FnOnce(rustix::io::Errno) -> JailError {
    move |errno| JailError::Host { what, source: errno.into() }
}

fn fault(error: &JailError) -> StageError {
    StageError::fault(error.feedback(Stage::Load))
}

impl Sidecars {
    /// Sidecars of this policy, in jails made by this launcher.
    ///
    /// # Errors
    /// When the watching thread cannot be started.
    pub fn new(launcher: Arc<Launcher>, policy: &Policy) -> Result<Self, StageError> {
        let maker = Arc::new(Maker {
            launcher,
            watcher: Arc::new(Watcher::start().map_err(|error| fault(&error))?),
            jail: policy.jail.clone(),
            sidecar: policy.sidecar.clone(),
            seccomp: policy.seccomp.clone(),
            // On one processor nothing changes while one looks.
            patience: match thread::available_parallelism() {
                Ok(processors) if processors.get() > 1 => Patience::MOST,
                _ => Duration::ZERO,
            },
            own_filters: OnceLock::new(),
        });
        let most = usize::try_from(policy.sidecar.standby).unwrap_or(usize::MAX);
        Ok(Sidecars { standby: Standby::new(Arc::clone(&maker), most), maker })
    }
}

impl Maker {
    fn rlimits(&self, kind: Kind) -> Rlimits {
        Rlimits {
            data: kind.memory + OWN_MEMORY,
            address_space: kind.memory
                + self.sidecar.arena.0
                + OWN_ADDRESSES
                + u64::from(kind.threads) * (THREAD_ADDRESSES + self.sidecar.stack.0),
            stack: self.sidecar.stack.0,
            file_size: 0,
            files: u64::from(self.jail.files),
            // Init and the process itself are two. Without a user namespace the jail has set it.
            processes: match self.jail.isolation {
                Isolation::Namespaces => u64::from(kind.threads) + 2,
                Isolation::Process => u64::MAX,
            },
            cpu_seconds: u64::MAX,
        }
    }

    fn spec(&self, kind: Kind) -> Spec {
        Spec {
            isolation: self.jail.isolation,
            memory_floor: self.jail.memory,
            pids_cgroup: self.jail.pids == PidsLimit::Cgroup,
            cpu_percent: self.jail.cpu_percent,
            root_becomes: self.jail.root_becomes,
            root: Root { binds: Vec::new(), own_image: true, proc: true },
            work: None,
            rlimits: self.rlimits(kind),
            memory: kind.memory + OWN_MEMORY + self.sidecar.arena.0,
            shared_memory: self.sidecar.arena.0,
            processes: kind.threads + 2,
            payload: Payload {
                path: "/sidecar".to_owned(),
                argv: vec!["saggar-sidecar".to_owned(), "serve".to_owned()],
                environment: Vec::new(),
                descriptors: (0..=wire::descriptor::ARENA).collect(),
                idle: false,
                confinement: None,
            },
        }
    }

    fn setup(&self, kind: Kind) -> Setup {
        let programs = |stage| self.seccomp.programs(stage, kind.threads > 0).to_vec();
        Setup {
            build: BUILD_ID.to_owned(),
            rlimits: self.rlimits(kind),
            landlock_abi: self.jail.landlock_abi,
            mdwe: self.jail.mdwe,
            load: programs(SeccompStage::Load),
            serve: programs(SeccompStage::Serve),
            arena: self.sidecar.arena.0,
            patience: self.patience,
        }
    }

    /// Starts a process of this kind. Returns before it is confined.
    pub(crate) fn start(&self, kind: Kind) -> Result<Starting, JailError> {
        let size = usize::try_from(self.sidecar.arena.0).unwrap_or(usize::MAX);
        let (arena, arena_fd) = Arena::create(size)
            .map_err(|source| JailError::Host { what: "make an arena", source })?;
        let flags = PipeFlags::CLOEXEC | PipeFlags::NONBLOCK;
        let (log, log_writer) = pipe_with(flags).map_err(host("make a pipe"))?;
        let cloexec = SocketFlags::CLOEXEC;
        let (control, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, cloexec, None)
                .map_err(host("make a socket"))?;
        sockopt::set_socket_passcred(&control, true).map_err(host("ask for credentials"))?;
        let null = File::open("/dev/null")
            .map_err(|source| JailError::Host { what: "open /dev/null", source })?;
        let setup = self.setup(kind);
        // Already there when the sidecar asks for it.
        wire::send(&control, &setup)
            .map_err(|source| JailError::Host { what: "send the set-up", source })?;
        let jailed = self.launcher.spawn(
            &self.spec(kind),
            &[
                null.as_fd(),
                log_writer.as_fd(),
                log_writer.as_fd(),
                theirs.as_fd(),
                arena_fd.as_fd(),
            ],
        )?;
        let output = usize::try_from(self.sidecar.output.0).unwrap_or(usize::MAX);
        let output = Output::new(File::from(log), output);
        Ok(Starting {
            watched: Watched::new(arena, output, jailed)?,
            watcher: Arc::clone(&self.watcher),
            control,
            filters: (setup.load, setup.serve),
            own_filters: *self.own_filters.get_or_init(|| status_of("self").filters),
            pid: None,
            confined: None,
            kind,
            deadline: self.sidecar.load_deadline.duration(),
            patience: Patience::new(self.patience),
        })
    }
}

impl SidecarLauncher for Sidecars {
    fn warm(&self) {
        self.maker.launcher.start().unwrap_or_default();
    }

    fn prepare(&self, request: SidecarRequest<'_>) -> Result<Box<dyn PreparedSidecar>, StageError> {
        let kind = Kind { memory: request.memory, threads: request.threads };
        let starting = match self.standby.take(kind) {
            Some(ready) => ready,
            None => self.maker.start(kind).map_err(|error| fault(&error))?,
        };
        Ok(Box::new(Prepared { starting, standby: self.standby.clone() }))
    }
}

/// A sidecar that was asked for. Dropped early, its jail is killed.
struct Prepared {
    starting: Starting,
    standby: Standby,
}

impl PreparedSidecar for Prepared {
    fn load(self: Box<Self>, request: LoadRequest<'_>) -> Result<Box<dyn Sidecar>, StageError> {
        let kind = self.starting.kind;
        let loaded = self.starting.load(request);
        // It may be needed again.
        self.standby.want(kind);
        loaded
    }
}

/// A sidecar on its way to readiness. Dropped early, its jail is killed.
#[derive(Debug)]
pub(crate) struct Starting {
    watched: Arc<Watched>,
    watcher: Arc<Watcher>,
    control: OwnedFd,
    filters: (Vec<BpfProgram>, Vec<BpfProgram>),
    own_filters: u64,
    pid: Option<i32>,
    confined: Option<Confined>,
    kind: Kind,
    deadline: Duration,
    patience: Patience,
}

/// What a process says of its confinement, before it has an artifact.
#[derive(Clone, Copy, Debug)]
struct Confined {
    landlock_abi: u32,
    mdwe: bool,
}

impl Starting {
    /// What it is the same as.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it can still be used, as far as is known.
    pub(crate) fn lives(&self) -> bool {
        self.watched.with(|jailed| !jailed.pump_now()).unwrap_or(false)
    }

    /// Ends it without waiting for that.
    pub(crate) fn end(self) {
        if let Some(jailed) = self.watched.take() {
            self.watcher.bury(jailed);
        }
    }

    fn load(mut self, request: LoadRequest<'_>) -> Result<Box<dyn Sidecar>, StageError> {
        let kept = request.artifact.try_clone_to_owned();
        let artifact =
            kept.map_err(|source| fault(&JailError::Host { what: "keep the artifact", source }))?;
        let expected = Expected {
            functions: u32::try_from(request.interface.functions.len()).unwrap_or(u32::MAX),
            interface: *Digest::of(request.interface.to_string().as_bytes()).as_bytes(),
        };
        // It takes the descriptor once it is confined. Where it has ended already, the
        // conversation says how.
        wire::send_artifact(&self.control, &expected, request.artifact).unwrap_or_default();
        let (confined, base) = self.converse()?;
        self.check_from_outside()?;
        let enforced = self.enforced(confined);
        self.watcher.add(Arc::clone(&self.watched));
        Ok(Box::new(Client::new(
            self.watched,
            self.watcher,
            enforced,
            crash::Module { artifact, base },
            self.kind.memory,
            self.patience,
        )))
    }
}

/// What came over the control socket.
enum Heard {
    Message(FromSidecar),
    Nonsense,
    End,
}

/// Something that the sidecar itself never sends, or not at this point: the skill speaks for it.
fn out_of_turn() -> StageError {
    rejected(Code::LoadFailed, "the skill interfered with its own loading".to_owned())
}

fn other_build(build: &str) -> StageError {
    let summary = format!("saggar-sidecar is of build {build}, saggar of {BUILD_ID}");
    let feedback = Feedback::new(Stage::Load, Code::SandboxUnavailable, summary);
    StageError::fault(feedback.hint("install both from one build"))
}

fn rejected(code: Code, summary: String) -> StageError {
    StageError::rejected(Feedback::new(Stage::Load, code, summary))
}

fn internal(summary: impl Into<String>) -> StageError {
    StageError::fault(Feedback::new(Stage::Load, Code::Internal, summary))
}

impl Starting {
    /// Listens until the sidecar is confined.
    pub(crate) fn confirm(&mut self) -> Result<(), StageError> {
        let start = Instant::now();
        while self.confined.is_none() {
            if self.hear(start)?.is_some() {
                return Err(out_of_turn());
            }
        }
        Ok(())
    }

    /// Listens until the sidecar is ready, gives up, dies or is late. Gives where the artifact lies.
    fn converse(&mut self) -> Result<(Confined, u64), StageError> {
        let start = Instant::now();
        loop {
            if let Some(ready) = self.hear(start)? {
                return Ok(ready);
            }
        }
    }

    /// Takes in one message; something where it is the last one.
    fn hear(&mut self, start: Instant) -> Result<Option<(Confined, u64)>, StageError> {
        let deadline = self.deadline;
        let left = deadline.saturating_sub(start.elapsed());
        if left.is_zero() || !self.wait(left)? {
            let hint = "do less in constructors and static initialisers";
            let summary = format!("loading took longer than {} ms", deadline.as_millis());
            let feedback = Feedback::new(Stage::Load, Code::LoadDeadline, summary).hint(hint);
            return Err(StageError::rejected(feedback));
        }
        // Generated code can only speak once the sidecar has said that it is confined.
        match (self.receive()?, self.confined) {
            (Heard::End, _) => Err(self.died()),
            (Heard::Message(FromSidecar::Hello { build }), None) if build == BUILD_ID => Ok(None),
            (Heard::Message(FromSidecar::Hello { build }), None) => Err(other_build(&build)),
            (Heard::Message(FromSidecar::Confined { landlock_abi, mdwe }), None) => {
                self.confined = Some(Confined { landlock_abi, mdwe });
                Ok(None)
            }
            (Heard::Message(FromSidecar::NotConfined { step, message }), None) => {
                let summary = format!("the sidecar cannot confine itself: {step}: {message}");
                let feedback = Feedback::new(Stage::Load, Code::SandboxUnavailable, summary);
                let hint = "the message names what the kernel does not give";
                Err(StageError::fault(feedback.hint(hint)))
            }
            (Heard::Message(FromSidecar::LoadFailed { message }), Some(_)) => {
                let shown: String =
                    message.chars().take(500).flat_map(char::escape_debug).collect();
                let summary = format!("the artifact does not load: {shown}");
                Err(rejected(Code::LoadFailed, summary))
            }
            (Heard::Message(FromSidecar::Ready { base }), Some(confined)) => {
                Ok(Some((confined, base)))
            }
            _ => Err(out_of_turn()),
        }
    }

    /// Waits for the socket; the end of the process closes it too.
    fn wait(&self, left: Duration) -> Result<bool, StageError> {
        let mut fds = [PollFd::new(&self.control, PollFlags::IN)];
        match poll(&mut fds, Some(&saggar_jail::wire::timespec(left))) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => self.wait(left),
            Err(errno) => Err(fault(&host("poll")(errno))),
        }
    }

    /// One message with its sender.
    fn receive(&mut self) -> Result<Heard, StageError> {
        let mut body = vec![0; MAX_MESSAGE];
        // Descriptors it may have sent are closed here.
        let (length, sender) = match saggar_jail::wire::receive(&self.control, &mut body) {
            Ok(received) => (received.length, received.sender),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => (0, None),
            Err(source) => {
                let what = "hear from the sidecar";
                return Err(fault(&JailError::Host { what, source }));
            }
        };
        if length == 0 {
            return Ok(Heard::End);
        }
        self.pid = sender.or(self.pid);
        Ok(postcard::from_bytes(&body[..length]).map_or(Heard::Nonsense, Heard::Message))
    }

    /// It ended before it was ready: says how.
    fn died(&self) -> StageError {
        let Some(jailed) = self.watched.take() else {
            return internal("the sidecar was taken away");
        };
        match jailed.wait_within(GRACE) {
            Err(error) => fault(&error),
            Ok(outcome) => {
                let feedback = crash::ended(Stage::Load, &outcome, 0);
                StageError::rejected(
                    feedback.hint("the constructors of the skill run while it is loaded"),
                )
            }
        }
    }

    /// Reads from the kernel, not from the sidecar, what it is confined by.
    fn check_from_outside(&self) -> Result<(), StageError> {
        let pid = self.pid.ok_or_else(|| internal("the sidecar did not say who it is"))?;
        let theirs = status_of(&pid.to_string());
        let expected = self.own_filters + (self.filters.0.len() + self.filters.1.len()) as u64;
        if theirs.filters != expected || !theirs.no_new_privs || theirs.capabilities {
            let summary = format!(
                "the sidecar's confinement is not what was asked for: {} seccomp filters of {expected}, \
                 no_new_privs {}, capabilities {}",
                theirs.filters, theirs.no_new_privs, theirs.capabilities
            );
            return Err(rejected(Code::LoadFailed, summary));
        }
        Ok(())
    }

    fn enforced(&self, confined: Confined) -> Enforced {
        let base = self.watched.with(|jailed| {
            while jailed.outcome().enforced.is_none() && !jailed.pump().unwrap_or(true) {}
            jailed.outcome().enforced.clone()
        });
        let digests = self.filters.0.iter().chain(&self.filters.1).map(BpfProgram::digest);
        let base = base.flatten();
        Enforced {
            landlock_abi: confined.landlock_abi,
            landlock_paths: Vec::new(),
            seccomp: digests.collect(),
            no_new_privs: true,
            mdwe: confined.mdwe,
            ..base.unwrap_or_else(Enforced::nothing)
        }
    }
}

/// Lines of `/proc/PID/status` (proc_pid_status(5)).
struct ProcessStatus {
    filters: u64,
    no_new_privs: bool,
    capabilities: bool,
}

fn status_of(pid: &str) -> ProcessStatus {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    ProcessStatus {
        filters: line("Seccomp_filters:").and_then(|n| n.parse().ok()).unwrap_or(0),
        no_new_privs: line("NoNewPrivs:") == Some("1"),
        capabilities: line("CapEff:").is_none_or(|set| set.bytes().any(|b| b != b'0')),
    }
}
