//! What a jail is to be: data, sent to the launcher as it is. Decides nothing.

use saggar_model::{BpfProgram, Enforced, Isolation, MemoryLimit};
use serde::{Deserialize, Serialize};

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spec {
    /// What cuts it off.
    pub isolation: Isolation,
    /// Who must hold the memory limit: `Sampled` takes a cgroup where one can be had.
    pub memory_floor: MemoryLimit,
    /// The number of processes must be held by a cgroup.
    pub pids_cgroup: bool,
    /// Processor time of all processes together, percent of one processor.
    pub cpu_percent: u32,
    /// User id, inside and outside, when the launcher runs as root.
    pub root_becomes: u32,
    /// What the file system shows.
    pub root: Root,
    /// A writable directory at `/work`, where the payload starts. Without namespaces it lies
    /// elsewhere: in each argument and each value of the environment the first path that starts
    /// with `/work`, or with the target of a bind, is put in its real place.
    pub work: Option<Work>,
    /// Limits of each process.
    pub rlimits: Rlimits,
    /// Memory of all processes together, bytes; held by a cgroup where one can be had.
    pub memory: u64,
    /// So much of it is memory of the host's that it shares with the jail. Where there is any, the
    /// jail must have no means to make shared memory itself: pages that are shared are the host's
    /// then, and a supervisor counts none of them.
    pub shared_memory: u64,
    /// Processes and threads at once.
    pub processes: u32,
    /// What to run.
    pub payload: Payload,
}

/// The file system of a jail: an empty read-only root with these in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Root {
    /// Host paths to show.
    pub binds: Vec<Bind>,
    /// Show the launcher's own executable at `/sidecar`, with the libraries it has loaded.
    pub own_image: bool,
    /// Mount a `/proc` that shows this jail's processes only.
    pub proc: bool,
}

/// A host path shown read-only. A symbolic link is recreated, a missing path left out. A target
/// below `/work` is a file there that the payload can neither change nor remove. Without namespaces
/// a missing path that has another target elsewhere is refused: the payload would find what the host
/// has under that name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bind {
    /// On the host, absolute.
    pub source: String,
    /// In the jail, absolute.
    pub target: String,
}

/// The writable directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    /// Its size, bytes.
    pub size: u64,
    /// Directories to make there; what is shown of the host may lie in one.
    pub directories: Vec<String>,
    /// Files to put there before the start; their contents come as descriptors, in this order.
    pub inputs: Vec<Input>,
    /// Files to take out after the end; their contents go into descriptors, in this order.
    pub outputs: Vec<OutputFile>,
}

/// A file put into `/work`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Input {
    /// Plain file name.
    pub name: String,
}

/// A file taken out of `/work/out`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutputFile {
    /// Plain file name.
    pub name: String,
    /// Most bytes it may have.
    pub max: u64,
}

/// Resource limits (setrlimit(2)).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rlimits {
    /// RLIMIT_DATA: private writable memory, bytes.
    pub data: u64,
    /// RLIMIT_AS, bytes: a backstop for what RLIMIT_DATA does not count (read-only and stack-like
    /// mappings, page tables). It must leave room for every shared mapping.
    pub address_space: u64,
    /// RLIMIT_STACK, bytes.
    pub stack: u64,
    /// RLIMIT_FSIZE: largest file written, bytes.
    pub file_size: u64,
    /// RLIMIT_NOFILE.
    pub files: u64,
    /// RLIMIT_NPROC, set inside the user namespace. Without one it counts what else the user runs,
    /// so it is set above that, and a supervisor counts.
    pub processes: u64,
    /// RLIMIT_CPU, seconds.
    pub cpu_seconds: u64,
}

/// What runs in a jail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Absolute path inside the jail.
    pub path: String,
    /// Argument list, the program's name first.
    pub argv: Vec<String>,
    /// The whole environment.
    pub environment: Vec<(String, String)>,
    /// Descriptor numbers the payload gets, one per descriptor sent; all others are closed.
    pub descriptors: Vec<i32>,
    /// Run only when nothing else wants the processor (sched(7), SCHED_IDLE).
    pub idle: bool,
    /// Confine before the start; `None` for a payload that confines itself.
    pub confinement: Option<Confinement>,
}

/// What init puts on the payload before it starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Confinement {
    /// Lowest Landlock ABI that will do.
    pub landlock_abi: u32,
    /// Paths that may be read and executed. `/work` may be written; nothing else exists.
    pub read_execute: Vec<String>,
    /// Filters, installed in this order.
    pub seccomp: Vec<BpfProgram>,
}

/// What the jail says of itself over the status pipe.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Record {
    /// The payload is about to start, so confined.
    Confined(Box<Enforced>),
    /// The jail could not be set up.
    Failed { step: Step, what: String, errno: i32 },
    /// The payload ended and everything it left is gone.
    Ended(Ended),
    /// Init is gone and the cgroup removed.
    Gone { out_of_memory: bool },
}

/// Steps of setting up a jail, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Namespaces,
    Handles,
    Identity,
    Supervisor,
    Toolchain,
    Mounts,
    Proc,
    Cgroup,
    Inputs,
    Descriptors,
    Rlimits,
    Landlock,
    Seccomp,
    Start,
}

/// How a payload ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Exit code, if it exited.
    pub exit_code: Option<i32>,
    /// Signal, if one ended it.
    pub signal: Option<i32>,
    /// Processor time of it and the children it waited for, microseconds.
    pub cpu_us: u64,
    /// Largest resident memory among them, KiB.
    pub max_rss_kib: u64,
    /// The limit for which a supervisor ended it.
    pub exceeded: Option<Exceeded>,
    /// The declared outputs, in order.
    pub outputs: Vec<OutputState>,
    /// Where it had its work directory, if not where a root of its own has it.
    pub work: Option<String>,
}

/// A limit that a supervisor watches where the kernel does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exceeded {
    /// The size of the work directory.
    Work,
}

/// What became of a declared output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutputState {
    /// Copied out; so many bytes.
    Taken(u64),
    /// There is no such file.
    Missing,
    /// It is no regular file, or has other names: says what it is.
    NotRegular(String),
    /// It is larger than allowed; so many bytes.
    TooLarge(u64),
}
