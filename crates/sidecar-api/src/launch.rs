//! Starts sidecars: a jail around the executable, and the set-up over the control socket.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt};
use rustix::pipe::{PipeFlags, pipe_with};
use saggar_jail::{JailError, Launcher, Payload, Rlimits, Root, Spec};
use saggar_model::{Isolation, Stage};
use saggar_plugin_abi::{
    LoadRequest, PreparedSidecar, Sidecar, SidecarLauncher, SidecarRequest, StageError,
};
use saggar_policy::{JailSection, PidsLimit, Policy, Seccomp, SeccompStage, SidecarSection};

use crate::arena::Arena;
use crate::bell::Patience;
use crate::output::Output;
use crate::standby::Standby;
use crate::starting::{Starting, status_of};
use crate::watch::{Watched, Watcher};
use crate::wire::{self, BUILD_ID, Setup};

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
    pub(crate) memory: u64,
    pub(crate) threads: u32,
}

pub(crate) fn host(what: &'static str) -> impl FnOnce(rustix::io::Errno) -> JailError {
    move |errno| JailError::Host { what, source: errno.into() }
}

pub(crate) fn fault(error: &JailError) -> StageError {
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
                + self.sidecar.mapped.0
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
            window: self.sidecar.mapped.0,
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
            window: self.sidecar.mapped.0,
            patience: Patience::new(self.patience),
            arena: self.sidecar.arena.0,
            artifact: None,
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
