//! A sidecar on its way: what it says over its control socket until its artifact is loaded, and a look
//! from outside at what the kernel says of its confinement.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saggar_jail::JailError;
use saggar_model::{BpfProgram, Code, Digest, Enforced, Feedback, Stage};
use saggar_plugin_abi::{DebugInfo, LoadRequest, Sidecar, StageError};
use saggar_skill_abi::Function;

use crate::bell::Patience;
use crate::call::{Client, Shows};
use crate::crash;
use crate::launch::{GRACE, Kind, fault};
use crate::watch::{Watched, Watcher};
use crate::wire::{self, BUILD_ID, Expected, FromSidecar, MAX_MESSAGE, Places};

/// A sidecar on its way to readiness. Dropped early, its jail is killed.
#[derive(Debug)]
pub(crate) struct Starting {
    pub(crate) watched: Arc<Watched>,
    pub(crate) watcher: Arc<Watcher>,
    pub(crate) control: OwnedFd,
    pub(crate) filters: (Vec<BpfProgram>, Vec<BpfProgram>),
    pub(crate) own_filters: u64,
    pub(crate) pid: Option<i32>,
    pub(crate) confined: Option<Confined>,
    pub(crate) kind: Kind,
    pub(crate) deadline: Duration,
    pub(crate) window: u64,
    pub(crate) patience: Patience,
    pub(crate) arena: u64,
    pub(crate) artifact: Option<Artifact>,
}

/// What is being loaded.
#[derive(Debug)]
pub(crate) struct Artifact {
    file: OwnedFd,
    debug: Option<DebugInfo>,
    functions: Vec<Function>,
}

/// What a process says of its confinement, before it has an artifact.
#[derive(Debug)]
pub(crate) struct Confined {
    landlock_abi: u32,
    mdwe: bool,
    places: Places,
}

impl Starting {
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

    pub(crate) fn load(mut self, request: LoadRequest<'_>) -> Result<Box<dyn Sidecar>, StageError> {
        let kept = request.artifact.try_clone_to_owned();
        let file =
            kept.map_err(|source| fault(&JailError::Host { what: "keep the artifact", source }))?;
        let expected = Expected {
            functions: u32::try_from(request.interface.functions.len()).unwrap_or(u32::MAX),
            interface: *Digest::of(request.interface.to_string().as_bytes()).as_bytes(),
        };
        // It takes the descriptor once it is confined. Where it has ended already, the
        // conversation says how.
        wire::send_artifact(&self.control, &expected, request.artifact).unwrap_or_default();
        self.artifact = Some(Artifact {
            file,
            debug: request.debug.cloned(),
            functions: request.interface.functions.clone(),
        });
        let base = self.converse()?;
        self.check_from_outside()?;
        let enforced = self.enforced();
        let module = self.module(base).ok_or_else(out_of_turn)?;
        let shows = Shows::new(self.control, self.window)
            .map_err(|source| fault(&JailError::Host { what: "keep the socket", source }))?;
        self.watcher.add(Arc::clone(&self.watched));
        Ok(Box::new(Client::new(
            self.watched,
            self.watcher,
            enforced,
            module,
            self.kind.memory,
            self.patience,
            shows,
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
    fn converse(&mut self) -> Result<u64, StageError> {
        let start = Instant::now();
        loop {
            if let Some(base) = self.hear(start)? {
                return Ok(base);
            }
        }
    }

    /// Takes in one message; gives where the artifact lies once that is the last one.
    fn hear(&mut self, start: Instant) -> Result<Option<u64>, StageError> {
        let deadline = self.deadline;
        // The end of the process closes the socket too.
        let heard = saggar_jail::wire::readable(&self.control, start + deadline);
        let heard = heard.map_err(|source| fault(&JailError::Host { what: "poll", source }))?;
        if !heard || start.elapsed() >= deadline {
            return Err(self.late());
        }
        // Generated code can only speak once the sidecar has said that it is confined.
        match (self.receive()?, self.confined.is_some()) {
            (Heard::End, _) => Err(self.died()),
            (Heard::Message(FromSidecar::Hello { build }), false) if build == BUILD_ID => Ok(None),
            (Heard::Message(FromSidecar::Hello { build }), false) => Err(other_build(&build)),
            (Heard::Message(FromSidecar::Confined { landlock_abi, mdwe, places }), false) => {
                self.confined = Some(Confined { landlock_abi, mdwe, places });
                Ok(None)
            }
            (Heard::Message(FromSidecar::NotConfined { step, message }), false) => {
                let summary = format!("the sidecar cannot confine itself: {step}: {message}");
                let feedback = Feedback::new(Stage::Load, Code::SandboxUnavailable, summary);
                let hint = "the message names what the kernel does not give";
                Err(StageError::fault(feedback.hint(hint)))
            }
            (Heard::Message(FromSidecar::LoadFailed { message }), true) => {
                let shown: String =
                    message.chars().take(500).flat_map(char::escape_debug).collect();
                let summary = format!("the artifact does not load: {shown}");
                Err(rejected(Code::LoadFailed, summary))
            }
            (Heard::Message(FromSidecar::Ready { base }), true) => Ok(Some(base)),
            _ => Err(out_of_turn()),
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

    /// The artifact as it is loaded; nothing before there is one in a confined process.
    fn module(&mut self, base: u64) -> Option<crash::Module> {
        let (artifact, confined) = (self.artifact.take()?, self.confined.take()?);
        Some(crash::Module {
            artifact: artifact.file,
            debug: artifact.debug,
            base,
            places: confined.places,
            arena: self.arena,
            pid: self.pid,
            functions: artifact.functions,
        })
    }

    /// It was not ready in time: ends it and says where it was.
    fn late(&mut self) -> StageError {
        let hint = "do less in constructors and static initialisers";
        let summary = format!("loading took longer than {} ms", self.deadline.as_millis());
        let told = Feedback::new(Stage::Load, Code::LoadDeadline, summary).hint(hint);
        let jailed_and_module = self.watched.take().zip(self.module(0));
        let control = self.watched.arena.control();
        let calls =
            jailed_and_module.map(|(jailed, module)| crash::end_late(&jailed, control, &module));
        StageError::rejected(Feedback { diagnostics: calls.unwrap_or_default(), ..told })
    }

    /// It ended before it was ready: says how.
    fn died(&mut self) -> StageError {
        let Some(jailed) = self.watched.take() else {
            return internal("the sidecar was taken away");
        };
        let outcome = match jailed.wait_within(GRACE) {
            Err(error) => return fault(&error),
            Ok(outcome) => outcome,
        };
        let (stage, memory) = (Stage::Load, self.kind.memory);
        let feedback = match self.module(0) {
            None => crash::ended(stage, &outcome, memory),
            Some(module) => {
                let printed = self.watched.output.take();
                let control = self.watched.arena.control();
                crash::died(stage, &outcome, memory, control, &module, None, printed.as_deref())
            }
        };
        let constructors = "the constructors of the skill run while it is loaded";
        let hint = match &feedback.hint {
            None => constructors.to_owned(),
            Some(hint) => format!("{hint}; {constructors}"),
        };
        StageError::rejected(feedback.hint(hint))
    }

    /// Reads from the kernel, not from the sidecar, what it is confined by.
    fn check_from_outside(&mut self) -> Result<(), StageError> {
        let pid = self.pid.ok_or_else(|| internal("the sidecar did not say who it is"))?;
        let theirs = status_of(&pid.to_string());
        if theirs.ended {
            return Err(self.died());
        }
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

    fn enforced(&self) -> Enforced {
        let base = self.watched.with(|jailed| {
            while jailed.outcome().enforced.is_none() && !jailed.pump().unwrap_or(true) {}
            jailed.outcome().enforced.clone()
        });
        let digests = self.filters.0.iter().chain(&self.filters.1).map(BpfProgram::digest);
        let base = base.flatten();
        let confined = self.confined.as_ref();
        Enforced {
            landlock_abi: confined.map_or(0, |confined| confined.landlock_abi),
            landlock_paths: Vec::new(),
            seccomp: digests.collect(),
            no_new_privs: true,
            mdwe: confined.is_some_and(|confined| confined.mdwe),
            ..base.unwrap_or_else(Enforced::nothing)
        }
    }
}

/// Lines of `/proc/PID/status` (proc_pid_status(5)).
pub(crate) struct ProcessStatus {
    /// There is no such process, or nothing but its remains.
    ended: bool,
    pub(crate) filters: u64,
    no_new_privs: bool,
    capabilities: bool,
}

pub(crate) fn status_of(pid: &str) -> ProcessStatus {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    ProcessStatus {
        ended: line("State:").is_none_or(|state| state.starts_with(['Z', 'X'])),
        filters: line("Seccomp_filters:").and_then(|n| n.parse().ok()).unwrap_or(0),
        no_new_privs: line("NoNewPrivs:") == Some("1"),
        capabilities: line("CapEff:").is_none_or(|set| set.bytes().any(|b| b != b'0')),
    }
}
