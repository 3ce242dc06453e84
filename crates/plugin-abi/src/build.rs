//! The build stage: a plan and its source to an artifact.

use saggar_model::{BuildRecord, Digest, Plan};

use crate::StageError;

/// What is to be built.
#[derive(Clone, Copy, Debug)]
pub struct BuildRequest<'a> {
    /// The validated plan, already checked against the policy.
    pub plan: &'a Plan,
    /// The source's bytes.
    pub source: &'a [u8],
}

/// A finished build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The shared object.
    pub artifact: Vec<u8>,
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
    /// Digest of everything that can change the artifact: source, interface, flags, compiler
    /// identity and version, C library, glue version, the policy's build section. Starts no
    /// compiler when the toolchain's files are those it has seen before.
    ///
    /// # Errors
    /// A fault when no usable compiler is installed.
    fn build_key(&self, request: BuildRequest<'_>) -> Result<Digest, StageError>;

    /// Builds. Returns only when every process it started is gone.
    ///
    /// # Errors
    /// Rejections for what the compiler or linker refuses, for a deadline, memory or output
    /// beyond the policy; faults for a jail that cannot be had.
    fn build(&self, request: BuildRequest<'_>) -> Result<Built, Box<NotBuilt>>;
}
