//! The load stage: a jailed process that alone loads one artifact, and calls into it.

use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use saggar_model::{Code, Digest, Enforced, Feedback, Principal, Stage};
use saggar_skill_abi::Interface;

use crate::{Answers, StageError};

/// The process that is to load an artifact: everything of it but the artifact.
#[derive(Clone, Copy, Debug)]
pub struct SidecarRequest<'a> {
    /// Ceiling of the process's memory, bytes.
    pub memory: u64,
    /// Threads it may start beyond the first.
    pub threads: u32,
    /// Whose calls it will serve; a sidecar is never shared between principals.
    pub principal: &'a Principal,
}

/// What is to be loaded.
#[derive(Clone, Copy, Debug)]
pub struct LoadRequest<'a> {
    /// The interface the artifact is built with.
    pub interface: &'a Interface,
    /// The artifact's bytes in a sealed memfd (write, grow, shrink, seal), borrowed.
    pub artifact: BorrowedFd<'a>,
    /// Their digest, which the caller has just computed over the sealed bytes.
    pub digest: Digest,
    /// What explains their crashes, where they do not themselves.
    pub debug: Option<&'a DebugInfo>,
}

/// An artifact with its debug information, read only once there is something to explain.
#[derive(Clone)]
pub struct DebugInfo(Arc<dyn Fn() -> Option<Vec<u8>> + Send + Sync>);

impl DebugInfo {
    /// Debug information that can be read so; `None` if it cannot.
    pub fn new(read: impl Fn() -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        DebugInfo(Arc::new(read))
    }

    /// Reads it.
    pub fn read(&self) -> Option<Vec<u8>> {
        (self.0)()
    }
}

impl std::fmt::Debug for DebugInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DebugInfo")
    }
}

/// A list of numbers that lies in a file and not in the argument block. The file is read where it is.
#[derive(Clone, Copy, Debug)]
pub struct FileList<'a> {
    /// Where the list's offset stands in the argument block, to be filled in; its count stands
    /// behind it already.
    pub at: usize,
    /// A regular file, open for reading and for nothing else: whoever gets the descriptor may
    /// write to what it was opened to write to.
    pub file: BorrowedFd<'a>,
    /// Where the first element lies, a multiple of its size.
    pub offset: u64,
    /// Bytes of all elements; at least one.
    pub length: u64,
    /// The number of a buffer, which no other one ever has: it may stay mapped until the next call.
    pub buffer: Option<u64>,
    /// The name of the parameter.
    pub parameter: &'a str,
}

/// Starts sidecars.
pub trait SidecarLauncher: Send + Sync {
    /// Gets ready to start jails, if anything takes time the first time: one is wanted soon. What
    /// goes wrong shows when it is.
    fn warm(&self) {}

    /// A process that confines itself and waits for an artifact, started now or kept ready: it has
    /// never held anybody's. Returns before it is confined: what goes wrong then,
    /// [`PreparedSidecar::load`] says.
    ///
    /// # Errors
    /// Faults when the process cannot be started.
    fn prepare(&self, request: SidecarRequest<'_>) -> Result<Box<dyn PreparedSidecar>, StageError>;
}

/// A process without an artifact, which takes one and no more. Dropping it ends the process.
pub trait PreparedSidecar: Send {
    /// Loads the artifact, once the process is confined.
    ///
    /// # Errors
    /// Rejections when the artifact does not load or breaks its confinement while loading;
    /// faults when the process cannot be confined as the policy demands.
    fn load(self: Box<Self>, request: LoadRequest<'_>) -> Result<Box<dyn Sidecar>, StageError>;
}

/// A loaded artifact in a process of its own. Dropping it ends the process and all it started.
pub trait Sidecar: Send + Sync {
    /// What the process enforces on itself.
    fn enforced(&self) -> &Enforced;

    /// Calls a function by its number in the interface, with an argument block laid out as
    /// `saggar_skill_abi::layout` says; gives the result block, copied out of shared memory.
    ///
    /// # Errors
    /// A feedback of stage Call. After a crash, a deadline or an exit the process is gone and
    /// [`Sidecar::alive`] is false; after an exception it serves on.
    fn call(
        &self,
        function: u32,
        args: &[u8],
        deadline: Duration,
    ) -> Result<Vec<u8>, Box<Feedback>>;

    /// As [`Sidecar::call`], where some of the arguments are lists that lie in files.
    ///
    /// # Errors
    /// As for [`Sidecar::call`]; and for a process that can map no file.
    fn call_with(
        &self,
        function: u32,
        args: &[u8],
        files: &[FileList<'_>],
        deadline: Duration,
    ) -> Result<Vec<u8>, Box<Feedback>> {
        if files.is_empty() {
            return self.call(function, args, deadline);
        }
        let summary = "this sidecar takes no files as arguments";
        Err(Box::new(Feedback::new(Stage::Call, Code::Internal, summary)))
    }

    /// Calls a function once for each argument block, one after the other, each as [`Sidecar::call`]
    /// does. Gives the answers in order, up to and including the first that the process did not
    /// outlive; what comes after that has not been called.
    fn call_all(&self, function: u32, blocks: &[&[u8]], deadline: Duration) -> Answers {
        let mut answers = Answers::default();
        for block in blocks {
            answers.push(self.call(function, block, deadline));
            if !self.alive() {
                break;
            }
        }
        answers
    }

    /// Whether the process can serve another call.
    fn alive(&self) -> bool;

    /// The same while nobody calls it: its process may have ended since it answered.
    fn is_ready(&self) -> bool {
        self.alive()
    }

    /// Ends the process at once, from any thread, and with it the call under way.
    fn end(&self);
}

/// An artifact on trial: callable by the verifier, and by nobody else. After a crash the next
/// call meets a new process.
pub trait Candidate {
    /// As [`Sidecar::call`], under the plan's deadline.
    ///
    /// # Errors
    /// `Ok(Err(_))` is the candidate's failure, `Err(_)` the host's.
    fn call(
        &self,
        function: u32,
        args: &[u8],
    ) -> Result<Result<Vec<u8>, Box<Feedback>>, StageError>;
}
