//! Explains how a sidecar died, from what the kernel and the crash handler left. All of it runs
//! in the host; addresses are told relative to the artifact, so that the same crash reads the
//! same every time.

#[cfg(target_arch = "aarch64")]
mod aarch64;
mod arguments;
mod cause;
mod image;
mod late;
mod left;
mod lines;
mod metered;
mod printed;
mod stack;
mod unwind;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use std::cell::OnceCell;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::OwnedFd;

use saggar_jail::Outcome;
use saggar_model::{Code, Diagnostic, Feedback, Severity, Stage};
use saggar_plugin_abi::DebugInfo;
use saggar_skill_abi::Function;

#[cfg(target_arch = "aarch64")]
use self::aarch64 as machine;
use self::arguments::{List, Scalar};
use self::cause::{Cause, Scene};
use self::image::Image;
pub(crate) use self::late::end_late;
use self::left::Left;
use self::stack::{End, Library, Stack};
#[cfg(target_arch = "x86_64")]
use self::x86_64 as machine;
use crate::arena::Control;
use crate::wire::Places;

/// The artifact as it was loaded, and what lay around it.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) artifact: OwnedFd,
    /// The same with debug information, where the artifact has none.
    pub(crate) debug: Option<DebugInfo>,
    /// 0 while it is being loaded: then the crash handler's word for it counts.
    pub(crate) base: u64,
    pub(crate) places: Places,
    /// Bytes of the arena.
    pub(crate) arena: u64,
    /// The process, by the kernel's word.
    pub(crate) pid: Option<i32>,
    pub(crate) functions: Vec<Function>,
}

/// A call that did not come to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) function: u32,
    /// Its argument block, as the host wrote it.
    pub(crate) block: &'a [u8],
    /// Where in the arena the block lies.
    pub(crate) at: u64,
}

/// Signals that can end a process, by number (signal(7)): all but those that stop it or that nobody
/// dies of.
const SIGNALS: [(i32, &str); 23] = [
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (10, "SIGUSR1"),
    (11, "SIGSEGV"),
    (12, "SIGUSR2"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
    (16, "SIGSTKFLT"),
    (24, "SIGXCPU"),
    (25, "SIGXFSZ"),
    (26, "SIGVTALRM"),
    (27, "SIGPROF"),
    (29, "SIGIO"),
    (30, "SIGPWR"),
    (31, "SIGSYS"),
];

/// The first real-time signal that the C library leaves to programs; they have no names but by it.
const SIGRTMIN: i32 = 34;

fn signal_name(signal: i32) -> String {
    let known = SIGNALS.iter().find(|(number, _)| *number == signal);
    match known {
        Some((_, name)) => (*name).to_owned(),
        None if signal >= SIGRTMIN => format!("SIGRTMIN+{}", signal - SIGRTMIN),
        None => format!("signal {signal}"),
    }
}

/// The feedback for the end of a process, from what the kernel says of it.
pub(crate) fn ended(stage: Stage, outcome: &Outcome, memory: u64) -> Feedback {
    let ended = outcome.ended.as_ref();
    let signal = ended.and_then(|ended| ended.signal);
    if outcome.out_of_memory {
        return out_of_memory(stage, memory);
    }
    match (signal, ended.and_then(|ended| ended.exit_code)) {
        (Some(31), _) => Feedback::new(
            stage,
            Code::Forbidden,
            "the skill made a system call that its confinement forbids and was killed (SIGSYS)",
        )
        .hint("a skill computes: no files, sockets, processes, signals or executable memory"),
        (Some(signal), _) => {
            let summary = format!("the skill crashed with {}", signal_name(signal));
            Feedback::new(stage, cause::code_of(signal.unsigned_abs()), summary)
        }
        (None, Some(code)) => {
            let summary =
                format!("the skill ended its process with exit code {code} instead of returning");
            Feedback::new(stage, Code::Exited, summary).hint("return or throw; never call exit")
        }
        (None, None) => Feedback::new(stage, Code::Crash, "the sidecar was killed from outside"),
    }
}

/// The answer to what asked for more memory than the skill has, its limit in bytes.
pub(crate) fn out_of_memory(stage: Stage, limit: u64) -> Feedback {
    let summary = format!("the skill ran out of memory: its limit is {} MiB", limit >> 20);
    Feedback::new(stage, Code::CallMemory, summary)
        .hint("use less memory, or raise [limits] memory in the plan")
}

/// The feedback for the end of a process that had an artifact, in a call or while it was loaded, from
/// what the kernel says of it, what the crash handler left and what was printed.
pub(crate) fn died(
    stage: Stage,
    outcome: &Outcome,
    memory: u64,
    control: &Control,
    module: &Module,
    call: Option<Call<'_>>,
    printed: Option<&str>,
) -> Feedback {
    let ended = ended(stage, outcome, memory);
    let mut feedback = explain(ended, outcome, control, module, call, printed);
    if let Some(printed) = printed {
        if ran_out_of_memory(&feedback, printed) {
            feedback = out_of_memory(stage, memory);
        }
        feedback.diagnostics.push(Diagnostic {
            severity: Severity::Note,
            ..Diagnostic::error(format!("the skill printed: {printed}"))
        });
    }
    feedback
}

/// Whether an abort is how Rust's library answers a failed allocation, which it cannot report.
/// `printed` is its output as `Output::take` gives it, line breaks escaped. The
/// skill could print the same and abort: then it is told of its memory instead of its crash.
fn ran_out_of_memory(feedback: &Feedback, printed: &str) -> bool {
    let failed =
        |line: &str| line.starts_with("memory allocation of ") && line.ends_with(" failed");
    feedback.code == Code::Abort && printed.split("\\n").any(failed)
}

/// Adds what the crash handler left and the skill printed: the address, the kind of access, what is
/// likely wrong, and the calls with their lines.
fn explain(
    mut feedback: Feedback,
    outcome: &Outcome,
    control: &Control,
    module: &Module,
    call: Option<Call<'_>>,
    printed: Option<&str>,
) -> Feedback {
    let left = Left::take(&control.crash);
    let died_of = outcome.ended.as_ref().and_then(|ended| ended.signal);
    let base = module.base(&left);
    let crashed =
        feedback.code.is_crash() && died_of.is_some_and(|died| died.unsigned_abs() == left.signal);
    let exited = feedback.code == Code::Exited && left.is_of_exit();
    if !(crashed || exited) || base == 0 {
        return feedback;
    }
    // Only now, when there is something to explain.
    let bytes = module.bytes();
    let artifact = Image::parse(&bytes, base);
    let (lists, scalars) = call.map(|call| module.arguments(call)).unwrap_or_default();
    let scene = Scene {
        left: &left,
        artifact: artifact.as_ref(),
        places: &module.places,
        arena_end: module.places.arena.wrapping_add(module.arena),
        lists: &lists,
        scalars: &scalars,
    };
    let cause = scene.cause().or_else(|| (left.signal == 6).then(|| aborted(printed)));
    if let Some(Cause { code, what, hint }) = cause.filter(|_| crashed) {
        feedback.code = code;
        feedback.summary.push_str(&what);
        feedback = feedback.hint(hint);
    }
    let Some(artifact) = artifact else { return feedback };
    let end = match feedback.code {
        Code::StackOverflow => End::Overflow,
        Code::Exited => End::Exit,
        _ => End::Crash,
    };
    let (told, recurs) = module.calls(artifact, &left, end);
    if recurs {
        feedback.summary = "the skill crashed with SIGSEGV: recursion without end used up the \
                            stack"
            .to_owned();
        feedback = feedback.hint(
            "end the recursion: add the case in which it stops, or make it a loop with a \
             std::vector or Vec as its stack",
        );
    }
    feedback.diagnostics.extend(told);
    feedback
}

impl Module {
    fn base(&self, left: &Left) -> u64 {
        if self.base == 0 { left.base } else { self.base }
    }

    /// The artifact, with debug information where there is some.
    fn bytes(&self) -> Vec<u8> {
        let kept = self.debug.as_ref().and_then(DebugInfo::read);
        kept.or_else(|| read(&self.artifact, u64::MAX)).unwrap_or_default()
    }

    /// What the arguments of a call directly are.
    fn arguments(&self, call: Call<'_>) -> (Vec<List>, Vec<Scalar>) {
        let function = usize::try_from(call.function).ok().and_then(|i| self.functions.get(i));
        let Some(function) = function else { return Default::default() };
        let at = self.places.arena.wrapping_add(call.at);
        (arguments::lists(function, call.block, at), arguments::scalars(function, call.block))
    }

    /// The calls under way, as [`Stack::explain`] has them.
    fn calls(&self, artifact: Image<'_>, left: &Left, end: End) -> (Vec<Diagnostic>, bool) {
        let program = self.places.objects.iter().find(|object| object.path.is_empty());
        // Named before generated code ran: these are the host's own files.
        let own = self.places.objects.iter().filter(|object| object.path.starts_with('/'));
        let own: Vec<_> = own.map(|object| (object, OnceCell::new())).collect();
        let libraries = own.iter().map(|(object, bytes)| Library::new(object, bytes)).collect();
        Stack::new(artifact, libraries, program).explain(left, end)
    }
}

/// What an abort is about.
fn aborted(printed: Option<&str>) -> Cause {
    let told = printed.and_then(printed::explain);
    let (what, hint) = match told {
        Some(told) => (format!(": {}", told.cause), told.hint),
        None => (
            ": abort was called".to_owned(),
            "return an error instead of calling abort; an exception out of a noexcept function and \
             a check of the C library that fails end so too",
        ),
    };
    Cause { code: Code::Abort, what, hint: hint.to_owned() }
}

/// A file from its start, of at most so many bytes.
fn read(file: impl std::os::fd::AsFd, max: u64) -> Option<Vec<u8>> {
    let mut file = File::from(file.as_fd().try_clone_to_owned().ok()?);
    file.rewind().ok()?;
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use rustix::process::Signal;

    use super::*;

    #[test]
    fn every_signal_that_ends_a_process_has_its_name() {
        // signal(7): what stops a process, and what does nothing to it.
        let harmless = [
            Signal::CHILD,
            Signal::CONT,
            Signal::STOP,
            Signal::TSTP,
            Signal::TTIN,
            Signal::TTOU,
            Signal::URG,
            Signal::WINCH,
        ];
        for number in 1..=31 {
            let signal = Signal::from_named_raw(number).unwrap();
            assert_eq!(
                signal_name(number).starts_with("SIG"),
                !harmless.contains(&signal),
                "{number}"
            );
        }
        for (signal, name) in [
            (Signal::HUP, "SIGHUP"),
            (Signal::SEGV, "SIGSEGV"),
            (Signal::STKFLT, "SIGSTKFLT"),
            (Signal::XCPU, "SIGXCPU"),
            (Signal::XFSZ, "SIGXFSZ"),
            (Signal::VTALARM, "SIGVTALRM"),
            (Signal::IO, "SIGIO"),
            (Signal::SYS, "SIGSYS"),
        ] {
            assert_eq!(signal_name(signal.as_raw()), name);
        }
        assert_eq!([signal_name(34), signal_name(64)], ["SIGRTMIN+0", "SIGRTMIN+30"]);
    }
}
