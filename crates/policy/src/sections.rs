//! The sections of a policy, as they are written and as they are used: data with nothing to
//! resolve. Unknown keys are refused.

use std::collections::BTreeMap;

use saggar_model::{ByteSize, CompilerFamily, Isolation, Language, MemoryLimit, Millis};
use serde::{Deserialize, Serialize};

use crate::PolicyError;
use crate::seccomp::RawSeccomp;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawPolicy {
    format: u32,
    pub(crate) name: String,
    pub(crate) jail: JailSection,
    pub(crate) limits: LimitsSection,
    pub(crate) build: BuildSection,
    pub(crate) scan: ScanSection,
    pub(crate) sidecar: SidecarSection,
    pub(crate) seccomp: RawSeccomp,
}

/// What every jail has, and what it must at least have to be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct JailSection {
    /// What cuts jailed processes off from the host.
    pub isolation: Isolation,
    /// Who must at least hold the memory limit.
    pub memory: MemoryLimit,
    /// Who must at least hold the number of processes.
    pub pids: PidsLimit,
    /// Sidecars must run under PR_SET_MDWE.
    pub mdwe: bool,
    /// Processor time of a jail, percent of one processor; held where a cpu cgroup can be had.
    pub cpu_percent: u32,
    /// Lowest Landlock ABI the policy accepts.
    pub landlock_abi: u32,
    /// User id jailed code runs under, inside and outside, when Saggar is started as root.
    pub root_becomes: u32,
    /// Processes a jail may have.
    pub processes: u32,
    /// Open files of a process.
    pub files: u32,
}

/// Who must at least hold the number of a jail's processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PidsLimit {
    /// A pids cgroup.
    Cgroup,
    /// RLIMIT_NPROC, beside a pids cgroup where one can be had.
    Rlimit,
}

/// A value a plan may leave out or raise up to a ceiling.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounded<T> {
    /// What a plan that says nothing gets.
    pub default: T,
    /// The most a plan may ask for.
    pub max: T,
}

/// What plans get and may ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimitsSection {
    /// Memory of the skill's process.
    pub memory: Bounded<ByteSize>,
    /// Wall-clock time of a call.
    pub call_deadline: Bounded<Millis>,
    /// Wall-clock time of the whole build.
    pub build_deadline: Bounded<Millis>,
    /// Threads of the skill beyond the first.
    pub threads: Bounded<u32>,
    /// Largest source file.
    pub source: ByteSize,
    /// Largest plan.
    pub plan: ByteSize,
    /// Wall-clock time of all tests of a plan together.
    pub verify_deadline: Millis,
}

/// How sources are compiled.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BuildSection {
    /// Memory of all processes of a build together (cgroup), and of each (RLIMIT_DATA).
    pub memory: ByteSize,
    /// Room for intermediate files, in memory.
    pub work: ByteSize,
    /// Most a build may print; the rest is counted and dropped.
    pub output: ByteSize,
    /// Largest artifact.
    pub artifact: ByteSize,
    /// Diagnostics a feedback shows; the rest is counted.
    pub diagnostics: u32,
    /// Compilers at once in a home, whoever started them; 0 for one per processor.
    #[serde(skip_serializing)]
    pub slots: u32,
    /// How long a build waits for one of them; counts against no deadline.
    #[serde(skip_serializing)]
    pub wait: Millis,
    /// Host paths the build sees, read-only.
    pub read_only: Vec<String>,
    /// The whole environment of a build.
    pub environment: BTreeMap<String, String>,
    /// What compiles C and C++ when the plan names neither.
    #[serde(default = "gcc")]
    pub default_compiler: CompilerFamily,
    /// Headers compiled ahead. No part of what can change an artifact.
    #[serde(skip_serializing)]
    pub precompiled: PrecompiledSection,
    /// Linker of C and C++: an absolute path, or `fastest`, which is the first of those the driver
    /// knows that is there.
    pub linker: String,
    /// C.
    pub c: CompilerSection,
    /// C++.
    #[serde(rename = "c++")]
    pub cpp: CompilerSection,
    /// Rust.
    pub rust: CompilerSection,
    /// C and C++ with clang; a policy without it serves no plan that names clang.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clang: Option<ClangSection>,
}

/// How clang compiles.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClangSection {
    /// C.
    pub c: CompilerSection,
    /// C++.
    #[serde(rename = "c++")]
    pub cpp: CompilerSection,
}

fn gcc() -> CompilerFamily {
    CompilerFamily::Gcc
}

/// Headers that are compiled ahead, while nothing else is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PrecompiledSection {
    /// All of them together; what was not used for longest goes first. 0B: none are made.
    pub size: ByteSize,
    /// Wall-clock time that compiling one may take.
    pub deadline: Millis,
    /// Memory it may take.
    pub memory: ByteSize,
}

/// The compiler of one language.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CompilerSection {
    /// Absolute path of the driver; for Rust also `rustc`, which is looked for.
    pub compiler: String,
    /// Standards a plan may name; the first is used when it names none.
    pub standards: Vec<String>,
    /// Flags of every compilation.
    pub compile: Vec<String>,
    /// Flags of every link.
    pub link: Vec<String>,
    /// Flags a plan may ask for.
    pub allowed_flags: Vec<String>,
}

/// What an artifact may contain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScanSection {
    /// Libraries an artifact may need; the sidecar has all of them loaded already.
    pub needed: Vec<String>,
    /// Most imported symbols.
    pub max_imports: u32,
    /// Symbols an artifact may not import.
    #[serde(default)]
    pub deny: Vec<DenyImports>,
    /// Symbols of `deny` that the standard library of a language imports by itself.
    #[serde(default)]
    pub except: Vec<ExceptImports>,
    /// Symbols an artifact may not define for others to see, by prefix or whole name.
    #[serde(default)]
    pub deny_exports: Vec<String>,
}

/// A group of symbols an artifact may not import.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DenyImports {
    /// The symbols; a trailing `*` stands for any ending.
    pub symbols: Vec<String>,
    /// Why they are refused.
    pub why: String,
    /// What to write instead.
    pub fix: String,
}

/// Symbols that artifacts of one language may import all the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExceptImports {
    /// The language.
    pub language: Language,
    /// The symbols; a trailing `*` stands for any ending.
    pub symbols: Vec<String>,
    /// Why the language cannot do without them.
    pub why: String,
}

/// How sidecars run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SidecarSection {
    /// Size of the arena that arguments and results pass through.
    pub arena: ByteSize,
    /// Most bytes of files and buffers that are arguments of one call; addresses are reserved for
    /// them.
    pub mapped: ByteSize,
    /// Wall-clock time from start to readiness.
    pub load_deadline: Millis,
    /// Most of a skill's own output that is kept per call.
    pub output: ByteSize,
    /// Stack of the serving thread.
    pub stack: ByteSize,
    /// Sidecars of one release at once, for callers at once; 0 for one per processor.
    pub replicas: u32,
    /// How long a process serves.
    pub isolation: SidecarIsolation,
    /// Processes without an artifact that are kept ready.
    pub standby: u32,
}

/// How long a process serves. It never serves two principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SidecarIsolation {
    /// One call.
    Call,
    /// Calls of one principal, one after the other.
    Principal,
}

/// More processes than this that nobody uses are a slip of the pen.
const MOST_STANDBY: u32 = 256;

/// The one compiler that need not be an absolute path: rustup puts it under somebody's home, so
/// the driver looks for it (see `saggar-compiler-driver`).
const BY_NAME: &str = "rustc";

/// Any linker that is there.
const FASTEST: &str = "fastest";

/// The Landlock ABI that scopes signals.
const SIGNALS: u32 = 6;

/// Processes and threads that a build has at once: gcc 12 needs 4, rustc 1.95 and its linker 8.
const LEAST_PROCESSES: u32 = 8;

/// Open files that a process of a build has at once: gcc 12 needs 8, rustc 1.95 needs 10.
const LEAST_FILES: u32 = 10;

/// Room for the first complaint of a compiler.
const LEAST_OUTPUT: ByteSize = ByteSize(4 << 10);

/// No shared object is smaller.
const LEAST_ARTIFACT: ByteSize = ByteSize(4 << 10);

/// An eighth of the addresses that a process has.
const MOST_MAPPED: u64 = 16 << 40;

/// All processors that Linux can have, percent of one (x86 Kconfig, `NR_CPUS_RANGE_END`: 8192).
const MOST_PERCENT: u32 = 8192 * 100;

impl RawPolicy {
    /// What the types cannot say.
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let refuse = |message: String| Err(PolicyError::Value(message));
        if self.format != 1 {
            return refuse(format!("format = {} is not known; this version reads 1", self.format));
        }
        if self.jail.isolation == Isolation::Process && self.jail.landlock_abi < SIGNALS {
            return refuse(format!(
                "jail.isolation = \"process\" needs landlock-abi = {SIGNALS} or more: nothing else \
                 keeps signals inside"
            ));
        }
        if self.jail.root_becomes == 0 {
            return refuse("jail.root-becomes = 0: jailed code never runs as root".into());
        }
        let gcc = [("c", &self.build.c), ("c++", &self.build.cpp)];
        let clang = self.build.clang.iter();
        let clang = clang.flat_map(|clang| [("clang.c", &clang.c), ("clang.c++", &clang.cpp)]);
        let compilers: Vec<_> =
            gcc.into_iter().chain(clang).chain([("rust", &self.build.rust)]).collect();
        if self.build.default_compiler == CompilerFamily::Clang && self.build.clang.is_none() {
            return refuse("build.default-compiler = \"clang\" needs [build.clang]".into());
        }
        let found_by_name = |path: &&String| path.as_str() != BY_NAME;
        let paths = compilers.iter().map(|(_, section)| &section.compiler).filter(found_by_name);
        let linker = Some(&self.build.linker).filter(|linker| *linker != FASTEST);
        for path in self.build.read_only.iter().chain(paths).chain(linker) {
            if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
                return refuse(format!("build: {path:?} is no absolute path"));
            }
        }
        for (name, compiler) in &compilers {
            if compiler.standards.is_empty() {
                return refuse(format!("build.{name}.standards is empty"));
            }
        }
        let sizes = [
            ("sidecar.arena", self.sidecar.arena.0, 1 << 20),
            ("sidecar.stack", self.sidecar.stack.0, 256 << 10),
            ("build.work", self.build.work.0, 1 << 20),
            ("build.memory", self.build.memory.0, 64 << 20),
            ("limits.memory.default", self.limits.memory.default.0, 1 << 20),
        ];
        if let Some((name, size, least)) = sizes.iter().find(|(_, size, least)| size < least) {
            return refuse(format!("{name} = {size} bytes: nothing runs in less than {least}"));
        }
        if self.sidecar.mapped.0 > MOST_MAPPED {
            return refuse(format!("sidecar.mapped is at most {} TiB", MOST_MAPPED >> 40));
        }
        if self.jail.processes > 32_768 || self.jail.root_becomes >= u32::MAX - 1 {
            return refuse("jail.processes is at most 32768, jail.root-becomes a user id".into());
        }
        let environment = self.build.environment.iter().flat_map(|(key, value)| [key, value]);
        if environment.into_iter().any(|text| text.contains('\0')) {
            return refuse("build.environment holds a zero byte".into());
        }
        for denied in &self.scan.deny {
            if denied.symbols.is_empty() || denied.why.is_empty() {
                return refuse("scan.deny: a rule without symbols or without a why".into());
            }
        }
        if self.scan.except.iter().any(|rule| rule.symbols.is_empty() || rule.why.is_empty()) {
            return refuse("scan.except: a rule without symbols or without a why".into());
        }
        if self.sidecar.standby > MOST_STANDBY {
            let standby = self.sidecar.standby;
            return refuse(format!("sidecar.standby = {standby}: at most {MOST_STANDBY}"));
        }
        self.jail.check()?;
        self.build.check()?;
        self.limits.check()?;
        some_time("sidecar.load-deadline", self.sidecar.load_deadline)
    }
}

impl JailSection {
    fn check(&self) -> Result<(), PolicyError> {
        let percent = self.cpu_percent;
        if !(1..=MOST_PERCENT).contains(&percent) {
            return Err(PolicyError::Value(format!(
                "jail.cpu-percent = {percent}: write 100 for one processor, at least 1 and at most \
                 {MOST_PERCENT}"
            )));
        }
        let why = "no compiler can work with fewer";
        at_least("jail.processes", self.processes, LEAST_PROCESSES, why)?;
        at_least("jail.files", self.files, LEAST_FILES, why)
    }
}

impl BuildSection {
    fn check(&self) -> Result<(), PolicyError> {
        at_least("build.output", self.output, LEAST_OUTPUT, "no complaint of a compiler has room")?;
        at_least("build.artifact", self.artifact, LEAST_ARTIFACT, "no artifact is smaller")?;
        at_least("build.diagnostics", self.diagnostics, 1, "a feedback would show none")
    }
}

impl LimitsSection {
    fn check(&self) -> Result<(), PolicyError> {
        let ordered = [
            ("memory", self.memory.default <= self.memory.max),
            ("call-deadline", self.call_deadline.default <= self.call_deadline.max),
            ("build-deadline", self.build_deadline.default <= self.build_deadline.max),
            ("threads", self.threads.default <= self.threads.max),
        ];
        if let Some((name, _)) = ordered.iter().find(|(_, holds)| !holds) {
            return Err(PolicyError::Value(format!("limits.{name}: default above max")));
        }
        some_time("limits.call-deadline.default", self.call_deadline.default)?;
        some_time("limits.build-deadline.default", self.build_deadline.default)?;
        some_time("limits.verify-deadline", self.verify_deadline)?;
        at_least("limits.source", self.source, ByteSize(1), "no source is smaller")?;
        at_least("limits.plan", self.plan, ByteSize(1), "no plan is smaller")
    }
}

fn some_time(key: &str, time: Millis) -> Result<(), PolicyError> {
    at_least(key, time, Millis(1), "nothing is done in no time")
}

/// Refuses a value with which nothing can work, and says what to write.
fn at_least<T>(key: &str, value: T, least: T, why: &str) -> Result<(), PolicyError>
where
    T: PartialOrd + std::fmt::Display,
{
    if value < least {
        return Err(PolicyError::Value(format!("{key} = {value}: {why}; write {least} or more")));
    }
    Ok(())
}
