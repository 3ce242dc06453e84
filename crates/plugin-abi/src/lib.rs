//! The stage traits. The engine meets every stage through one of these and through nothing else.
//!
//! Documents and handles go in, documents and handles come out: every argument is data of
//! `saggar-model`, bytes, a file descriptor, or a trait object of this crate, so that the same
//! traits can be carried over a dynamic ABI. A stage never calls another stage, and never sees
//! the engine's own types. All traits are `Send + Sync`; every method may be called from several
//! threads at once and must return within the deadlines of the policy it was made with.
#![forbid(unsafe_code)]

mod answers;
mod build;
mod error;
mod ledger;
mod scan;
mod sidecar;
mod store;
mod verify;

pub use answers::Answers;
pub use build::{BuildRequest, Built, CompilerDriver, NotBuilt, PreparedBuild};
pub use error::StageError;
pub use ledger::LedgerSink;
pub use scan::Scanner;
pub use sidecar::{
    Candidate, DebugInfo, FileList, LoadRequest, PreparedSidecar, Sidecar, SidecarLauncher,
    SidecarRequest,
};
pub use store::{ArtifactStore, BuildResult, NewSubmission};
pub use verify::Verifier;
