//! The only place that spawns and confines processes.
//!
//! A host process keeps one [`Launcher`]: a small single-threaded process that makes jails on
//! request, because a process with threads cannot safely do much between fork and exec. Each jail
//! is a pid namespace of its own: a tiny init sets up namespaces, mounts and cgroup, starts the
//! payload under rlimits, Landlock and seccomp, waits for it, ends whatever it left behind, and
//! hands back the declared outputs. When init is gone, every descendant is gone. Where a policy
//! names no namespaces, a supervisor does the same as far as it can without them.
//!
//! What a [`Spec`] names is enforced or the run is refused with a [`JailError`] that names the
//! missing feature and its remedy. What was enforced comes back as `saggar_model::Enforced`.
//!
//! [`confine`] holds the steps a process takes against itself; the sidecar uses them too.

pub mod confine;
mod detached;
mod error;
mod host;
mod launcher;
mod mapped;
mod pipe;
mod signal;
mod spec;
mod sys;
pub mod wire;

pub use detached::spawn_detached;
pub use error::JailError;
pub use host::{Jailed, Launcher, Limit, Log, Outcome, Run, sealed_memfd};
pub use launcher::main as launcher_main;
pub use mapped::MappedWord;
pub use spec::{
    Bind, Confinement, Ended, Exceeded, Input, OutputFile, OutputState, Payload, Rlimits, Root,
    Spec, Work,
};
