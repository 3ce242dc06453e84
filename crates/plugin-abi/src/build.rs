//! The build stage: a plan and its source to an artifact.

use std::sync::atomic::AtomicBool;

use saggar_model::{BuildRecord, Digest, Plan, Principal};

use crate::StageError;

/// What is to be built.
#[derive(Clone, Copy, Debug)]
pub struct BuildRequest<'a> {
    /// The validated plan, already checked against the policy.
    pub plan: &'a Plan,
    /// The source's bytes.
    pub source: &'a [u8],
    /// Who asks: compilers are shared out fairly between principals.
    pub principal: &'a Principal,
}

/// A finished build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The shared object.
    pub artifact: Vec<u8>,
    /// The same with debug information, where the artifact itself has none.
    pub debug: Option<Vec<u8>>,
    /// What was done to get it.
    pub record: BuildRecord,
    /// Everything the compiler and linker printed.
    pub log: Vec<u8>,
}

/// A build that gave no artifact.
#[derive(Clone, Debug)]
pub struct NotBuilt {
    /// Why.
    pub error: StageError,
    /// What was done, if a compiler was started.
    pub record: Option<Box<BuildRecord>>,
    /// Everything the compiler and linker printed.
    pub log: Vec<u8>,
    /// The same input fails the same way every time: a compiler's rejection, never a deadline,
    /// memory or host fault.
    pub deterministic: bool,
}

/// Compiles and links in a jail.
pub trait CompilerDriver: Send + Sync {
    /// Works out everything a build will do. Starts no compiler when the toolchain's files are
    /// those it has seen before.
    ///
    /// # Errors
    /// A rejection for a source that cannot be built whatever the compiler says; a fault when no
    /// usable compiler is installed.
    fn prepare(&self, request: BuildRequest<'_>) -> Result<Box<dyn PreparedBuild>, StageError>;

    /// Digest of what a build of this plan would be done with now: with plan, source and policy it
    /// makes the key. Cheap; `None` when it cannot be told without preparing a build.
    fn tools(&self, _plan: &Plan) -> Option<Digest> {
        None
    }

    /// Whether [`CompilerDriver::settle`] has something to do that nobody is at, in this process or
    /// another. Cheap: asked after every build.
    fn unsettled(&self) -> bool {
        false
    }

    /// Does what earlier builds left to be done while idle, such as precompiling headers. Returns
    /// when nothing is left, or soon after the flag is set. Never changes what a build gives.
    fn settle(&self, _cancel: &AtomicBool) {}
}

/// A build that only has to be done. Holds all it needs: what the request borrowed may be gone.
pub trait PreparedBuild: Send {
    /// Digest of everything that can change the artifact: source, interface, flags, compiler
    /// identity and version, C library, glue version, the policy's build section.
    fn key(&self) -> Digest;

    /// What [`CompilerDriver::tools`] said when this was prepared.
    fn tools(&self) -> Option<Digest> {
        None
    }

    /// Builds. Returns only when every process it started is gone.
    ///
    /// # Errors
    /// Rejections for what the compiler or linker refuses, for a deadline, memory or output
    /// beyond the policy; faults for a jail that cannot be had.
    fn build(self: Box<Self>) -> Result<Built, Box<NotBuilt>>;
}
