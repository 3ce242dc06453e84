//! The record of a build: everything an auditor needs to know about one run of the compiler.

use serde::{Deserialize, Serialize};

use crate::{Digest, Enforced};

/// A compiler as it was found on the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// Path of the driver, from the policy.
    pub path: String,
    /// What it says of its version.
    pub version: String,
    /// The target it compiles for.
    pub target: String,
    /// One digest over the driver, the compiler proper, assembler, linker and C and C++ runtime.
    pub digest: Digest,
}

/// One command of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// `compile` or `link`.
    pub step: String,
    /// The argument list, server-owned.
    pub argv: Vec<String>,
    /// Exit code; `None` when a signal ended it.
    pub exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Wall-clock time, microseconds.
    pub latency_us: u64,
    /// Processor time, microseconds.
    pub cpu_us: u64,
    /// Largest resident memory of a process, KiB.
    pub max_rss_kib: u64,
    /// What held during the run.
    pub enforced: Enforced,
}

/// What a build did, whether or not it succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRecord {
    /// SHA-256 of the source file.
    pub source: Digest,
    /// The compiler.
    pub toolchain: Toolchain,
    /// The commands, in order.
    pub commands: Vec<Command>,
    /// Headers the compiler read, as it saw their paths; the skill's own files excluded.
    pub headers: Vec<String>,
    /// SHA-256 of the artifact, if there is one.
    pub artifact: Option<Digest>,
    /// SHA-256 of what the linker wrote, debug information included, where the artifact is less: an
    /// object of the store that explains crashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug: Option<Digest>,
}
