//! Starts sidecars: a jail around the executable, the set-up over the control socket, and a look
//! from outside at what the process says of its confinement.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
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
use crate::watch::{Watched, Watcher};
use crate::wire::{self, BUILD_ID, FromSidecar, MAX_MESSAGE, Setup};

/// Memory the process needs for itself, beside what the skill is granted, bytes.
const OWN_MEMORY: u64 = 24 << 20;

/// Addresses the process needs for itself: libraries, stack, and what malloc reserves, bytes.
const OWN_ADDRESSES: u64 = 256 << 20;

/// Addresses glibc's malloc reserves for each thread, bytes.
const THREAD_ADDRESSES: u64 = 160 << 20;

/// How long a sidecar that has closed its socket may take to end.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// Starts sidecars under one policy.
#[derive(Debug)]
pub struct Sidecars {
    launcher: Arc<Launcher>,
    watcher: Arc<Watcher>,
    jail: JailSection,
    sidecar: SidecarSection,
    seccomp: Seccomp,
    /// How long either side of a call looks before it sleeps.
    patience: Duration,
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
        Ok(Sidecars {
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
        })
    }

    fn rlimits(&self, request: &SidecarRequest<'_>) -> Rlimits {
        Rlimits {
            data: request.memory + OWN_MEMORY,
            address_space: request.memory
                + self.sidecar.arena.0
                + OWN_ADDRESSES
                + u64::from(request.threads) * (THREAD_ADDRESSES + self.sidecar.stack.0),
            stack: self.sidecar.stack.0,
            file_size: 0,
            files: u64::from(self.jail.files),
            // Init and the process itself are two. Without a user namespace the jail has set it.
            processes: match self.jail.isolation {
                Isolation::Namespaces => u64::from(request.threads) + 2,
                Isolation::Process => u64::MAX,
            },
            cpu_seconds: u64::MAX,
        }
    }

    fn spec(&self, request: &SidecarRequest<'_>) -> Spec {
        Spec {
            isolation: self.jail.isolation,
            memory_floor: self.jail.memory,
            pids_cgroup: self.jail.pids == PidsLimit::Cgroup,
            cpu_percent: self.jail.cpu_percent,
            root_becomes: self.jail.root_becomes,
            root: Root { binds: Vec::new(), own_image: true, proc: true },
            work: None,
            rlimits: self.rlimits(request),
            memory: request.memory + OWN_MEMORY + self.sidecar.arena.0,
            processes: request.threads + 2,
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

    fn setup(&self, request: &SidecarRequest<'_>) -> Setup {
        let programs = |stage| self.seccomp.programs(stage, request.threads > 0).to_vec();
        Setup {
            build: BUILD_ID.to_owned(),
            rlimits: self.rlimits(request),
            landlock_abi: self.jail.landlock_abi,
            mdwe: self.jail.mdwe,
            load: programs(SeccompStage::Load),
            serve: programs(SeccompStage::Serve),
            arena: self.sidecar.arena.0,
            patience: self.patience,
            functions: u32::try_from(request.interface.functions.len()).unwrap_or(u32::MAX),
            interface: *Digest::of(request.interface.to_string().as_bytes()).as_bytes(),
        }
    }

    fn start(&self, request: &SidecarRequest<'_>) -> Result<Starting, JailError> {
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
        let setup = self.setup(request);
        // Already there when the sidecar asks for it.
        wire::send(&control, &setup)
            .map_err(|source| JailError::Host { what: "send the set-up", source })?;
        let jailed = self.launcher.spawn(
            &self.spec(request),
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
            pid: None,
            deadline: self.sidecar.load_deadline.duration(),
            memory: request.memory,
            patience: Patience::new(self.patience),
        })
    }
}

impl SidecarLauncher for Sidecars {
    fn warm(&self) {
        self.launcher.start().unwrap_or_default();
    }

    fn prepare(&self, request: SidecarRequest<'_>) -> Result<Box<dyn PreparedSidecar>, StageError> {
        Ok(Box::new(self.start(&request).map_err(|error| fault(&error))?))
    }
}

/// A sidecar on its way to readiness. Dropped early, its jail is killed.
struct Starting {
    watched: Arc<Watched>,
    watcher: Arc<Watcher>,
    control: OwnedFd,
    filters: (Vec<BpfProgram>, Vec<BpfProgram>),
    pid: Option<i32>,
    deadline: Duration,
    memory: u64,
    patience: Patience,
}

impl PreparedSidecar for Starting {
    fn load(mut self: Box<Self>, request: LoadRequest<'_>) -> Result<Box<dyn Sidecar>, StageError> {
        let kept = request.artifact.try_clone_to_owned();
        let artifact =
            kept.map_err(|source| fault(&JailError::Host { what: "keep the artifact", source }))?;
        // It takes the descriptor once it is confined. Where it has ended already, the
        // conversation says how.
        wire::send_artifact(&self.control, request.artifact).unwrap_or_default();
        let loaded = self.converse()?;
        self.check_from_outside()?;
        let enforced = self.enforced(&loaded);
        self.watcher.add(Arc::clone(&self.watched));
        Ok(Box::new(Client::new(
            self.watched,
            self.watcher,
            enforced,
            crash::Module { artifact, base: loaded.base },
            self.memory,
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

/// What a ready sidecar has said.
struct Loaded {
    landlock_abi: u32,
    mdwe: bool,
    base: u64,
}

fn rejected(code: Code, summary: String) -> StageError {
    StageError::rejected(Feedback::new(Stage::Load, code, summary))
}

fn internal(summary: impl Into<String>) -> StageError {
    StageError::fault(Feedback::new(Stage::Load, Code::Internal, summary))
}

impl Starting {
    /// Listens until the sidecar is ready, gives up, dies or is late.
    fn converse(&mut self) -> Result<Loaded, StageError> {
        let (start, deadline) = (Instant::now(), self.deadline);
        // Generated code can only speak once the sidecar has said that it is confined.
        let mut loaded: Option<Loaded> = None;
        loop {
            let left = deadline.saturating_sub(start.elapsed());
            if left.is_zero() || !self.wait(left)? {
                let hint = "do less in constructors and static initialisers";
                let summary = format!("loading took longer than {} ms", deadline.as_millis());
                let feedback = Feedback::new(Stage::Load, Code::LoadDeadline, summary).hint(hint);
                return Err(StageError::rejected(feedback));
            }
            match self.receive()? {
                Heard::End => return Err(self.died()),
                Heard::Nonsense => return Err(out_of_turn()),
                Heard::Message(FromSidecar::Hello { build }) if loaded.is_none() => {
                    if build != BUILD_ID {
                        return Err(other_build(&build));
                    }
                }
                Heard::Message(FromSidecar::Confined { landlock_abi, mdwe })
                    if loaded.is_none() =>
                {
                    loaded = Some(Loaded { landlock_abi, mdwe, base: 0 });
                }
                Heard::Message(FromSidecar::NotConfined { step, message }) if loaded.is_none() => {
                    let summary = format!("the sidecar cannot confine itself: {step}: {message}");
                    let feedback = Feedback::new(Stage::Load, Code::SandboxUnavailable, summary);
                    let hint = "the message names what the kernel does not give";
                    return Err(StageError::fault(feedback.hint(hint)));
                }
                Heard::Message(FromSidecar::LoadFailed { message }) if loaded.is_some() => {
                    let shown: String =
                        message.chars().take(500).flat_map(char::escape_debug).collect();
                    let summary = format!("the artifact does not load: {shown}");
                    return Err(rejected(Code::LoadFailed, summary));
                }
                Heard::Message(FromSidecar::Ready { base }) => match loaded {
                    Some(loaded) => return Ok(Loaded { base, ..loaded }),
                    None => return Err(out_of_turn()),
                },
                Heard::Message(_) => return Err(out_of_turn()),
            }
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
        let ours = status_of("self");
        let own_filters = (self.filters.0.len() + self.filters.1.len()) as u64;
        let expected = ours.filters + own_filters;
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

    fn enforced(&self, loaded: &Loaded) -> Enforced {
        let base = self.watched.with(|jailed| {
            while jailed.outcome().enforced.is_none() && !jailed.pump().unwrap_or(true) {}
            jailed.outcome().enforced.clone()
        });
        let digests = self.filters.0.iter().chain(&self.filters.1).map(BpfProgram::digest);
        let base = base.flatten();
        Enforced {
            landlock_abi: loaded.landlock_abi,
            landlock_paths: Vec::new(),
            seccomp: digests.collect(),
            no_new_privs: true,
            mdwe: loaded.mdwe,
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
