//! What was actually enforced on a run, as opposed to what was asked for. Recorded for every run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// Who holds a jailed process to its memory ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryLimit {
    /// A memory cgroup counts all processes of the jail together.
    Cgroup,
    /// A supervisor adds up what all processes of the jail hold, many times a second, and ends them
    /// when it is too much; beside it each process is held by RLIMIT_DATA.
    Sampled,
    /// Each process for itself, by RLIMIT_DATA.
    Rlimit,
}

/// What cuts a jailed process off from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// Namespaces of its own with an empty root, under Landlock and seccomp.
    Namespaces,
    /// Landlock, seccomp and a supervisor alone, where namespaces cannot be had.
    Process,
}

/// The protections that held during one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforced {
    /// Namespaces the process had of its own, for instance `user`, `pid`, `net`.
    pub namespaces: Vec<String>,
    /// The host user id it ran under; never 0.
    pub host_uid: u32,
    /// Landlock ABI in force.
    pub landlock_abi: u32,
    /// Paths Landlock allowed, each with `r`, `rx` or `rw`; nothing else could be opened.
    pub landlock_paths: Vec<String>,
    /// SHA-256 of each seccomp program, in the order of installation.
    pub seccomp: Vec<Digest>,
    /// `no_new_privs` was set.
    pub no_new_privs: bool,
    /// Executable mappings could not be made writable (PR_SET_MDWE; Linux 6.3).
    pub mdwe: bool,
    /// Resource limits by name.
    pub rlimits: BTreeMap<String, u64>,
    /// Cgroup controllers, for instance `v1:memory`; empty where none could be had.
    pub cgroup: Vec<String>,
    /// Who holds the memory ceiling.
    pub memory: MemoryLimit,
}

/// One instruction of a seccomp program: `struct sock_filter` of linux/filter.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// Operation.
    pub code: u16,
    /// Jump if true.
    pub jt: u8,
    /// Jump if false.
    pub jf: u8,
    /// Operand.
    pub k: u32,
}

/// A compiled seccomp filter, ready for seccomp(2). Whoever compiled it has parsed a policy;
/// whoever installs it need not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BpfProgram(pub Vec<Instruction>);

impl BpfProgram {
    /// SHA-256 over the instructions as they lie in memory (little-endian).
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::with_capacity(self.0.len() * 8);
        for instruction in &self.0 {
            bytes.extend_from_slice(&instruction.code.to_le_bytes());
            bytes.extend_from_slice(&[instruction.jt, instruction.jf]);
            bytes.extend_from_slice(&instruction.k.to_le_bytes());
        }
        Digest::of(&bytes)
    }
}

impl Enforced {
    /// The record of a run that nothing held.
    pub fn nothing() -> Self {
        Enforced {
            namespaces: Vec::new(),
            host_uid: 0,
            landlock_abi: 0,
            landlock_paths: Vec::new(),
            seccomp: Vec::new(),
            no_new_privs: false,
            mdwe: false,
            rlimits: BTreeMap::new(),
            cgroup: Vec::new(),
            memory: MemoryLimit::Rlimit,
        }
    }
}
