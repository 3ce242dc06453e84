//! Explains how a sidecar died, from what the kernel and the crash handler left. All of it runs
//! in the host; addresses are told relative to the artifact, so that the same crash reads the
//! same every time.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;

use gimli::Section as _;
use object::{Object, ObjectSection};
use saggar_jail::Outcome;
use saggar_model::{Code, Diagnostic, Feedback, Severity, Stage};

use crate::arena::{Control, STACK_COPY};

/// The artifact as it was loaded.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) artifact: OwnedFd,
    pub(crate) base: u64,
}

/// Signals a crash can end with, by number (signal(7)).
const SIGNALS: [(i32, &str); 9] = [
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (11, "SIGSEGV"),
    (24, "SIGXCPU"),
    (31, "SIGSYS"),
];

fn signal_name(signal: i32) -> String {
    let known = SIGNALS.iter().find(|(number, _)| *number == signal);
    known.map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}

/// The code of a crash by this signal.
fn code_of(signal: i32) -> Code {
    match signal {
        4 => Code::IllegalInstruction,
        6 => Code::Abort,
        7 => Code::BusError,
        8 => Code::ArithmeticError,
        11 => Code::Segfault,
        _ => Code::Crash,
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
            Feedback::new(stage, code_of(signal), summary)
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

/// Whether an abort is how Rust's library answers a failed allocation, which it cannot report.
/// `printed` is its output as `Output::take` gives it, line breaks escaped. The
/// skill could print the same and abort: then it is told of its memory instead of its crash.
pub(crate) fn ran_out_of_memory(feedback: &Feedback, printed: &str) -> bool {
    let failed =
        |line: &str| line.starts_with("memory allocation of ") && line.ends_with(" failed");
    feedback.code == Code::Abort && printed.split("\\n").any(failed)
}

/// Adds what the crash handler left: the address, the kind of access, the line of the source.
pub(crate) fn explain(
    mut feedback: Feedback,
    outcome: &Outcome,
    control: &Control,
    module: &Module,
) -> Feedback {
    let crash = &control.crash;
    let signal = crash.signal.load(Ordering::Acquire);
    let died_of = outcome.ended.as_ref().and_then(|ended| ended.signal);
    if !feedback.code.is_crash() || died_of.is_none_or(|died| died.unsigned_abs() != signal) {
        return feedback;
    }
    let address = crash.address.load(Ordering::Acquire);
    let fault = crash.fault.load(Ordering::Acquire);
    if matches!(signal, 7 | 11) {
        let access = match (fault & 0x10 != 0, fault & 0x2 != 0) {
            (true, _) => "executing",
            (false, true) => "writing",
            (false, false) => "reading",
        };
        let (code, place, hint) = likely(address, crash.stack_pointer.load(Ordering::Acquire));
        feedback.code = code.unwrap_or(feedback.code);
        feedback.summary = format!("{} while {access} {place}", feedback.summary);
        feedback = feedback.hint(hint);
    } else if signal == 6 {
        feedback = feedback.hint("something called abort: an assertion, a failed check, or an exception out of a noexcept function");
    } else if signal == 8 {
        feedback = feedback.hint("an integer was divided by zero, or the smallest one by -1");
    }
    let instruction = crash.instruction.load(Ordering::Acquire);
    let stack = crash.stack.iter().map(|word| word.load(Ordering::Relaxed));
    let words = crash.stack_words.load(Ordering::Acquire);
    let words = usize::try_from(words).unwrap_or(0).min(STACK_COPY / 8);
    let stack: Vec<u64> = stack.take(words).collect();
    feedback.diagnostics.extend(module.frames(instruction, &stack));
    feedback
}

/// How far below the stack pointer a function may reach for its frame, bytes.
const FRAME: u64 = 1 << 20;

/// What an address says of the cause. Where a heap or stack lies changes from run to run and is
/// not told: the same crash must read the same.
fn likely(address: u64, stack_pointer: u64) -> (Option<Code>, String, &'static str) {
    if address < 4096 {
        let place = format!("address {address:#x}, close to a null pointer");
        return (None, place, "check the pointer before it is used");
    }
    if stack_pointer.abs_diff(address) < FRAME {
        let hint = "end the recursion, or move large arrays from the stack to the heap";
        return (Some(Code::StackOverflow), "beyond the end of the stack".to_owned(), hint);
    }
    (
        None,
        "memory that is not there".to_owned(),
        "look for an index past the end, or an object that is gone",
    )
}

impl Module {
    /// The source lines of the crashing instruction, inlined callers after it. When the
    /// instruction lies in a library, the first return address into the artifact stands for it.
    fn frames(&self, instruction: u64, stack: &[u64]) -> Vec<Diagnostic> {
        let Some(bytes) = self.bytes() else { return Vec::new() };
        let Ok(file) = object::File::parse(bytes.as_slice()) else { return Vec::new() };
        let end = file
            .segments()
            .map(|s| object::ObjectSegment::address(&s) + object::ObjectSegment::size(&s))
            .max();
        let inside = |address: u64| {
            let relative = address.checked_sub(self.base)?;
            (relative < end.unwrap_or(0)).then_some(relative)
        };
        // A return address points behind the call.
        let candidates = inside(instruction)
            .into_iter()
            .chain(stack.iter().filter_map(|word| inside(*word)?.checked_sub(1)));
        let load = |section: gimli::SectionId| -> Result<_, gimli::Error> {
            // The policy's compilers compress nothing; unpacking what a skill sent has no bound.
            let data = file.section_by_name(section.name()).and_then(|s| s.compressed_data().ok());
            let plain = data.filter(|data| data.format == object::CompressionFormat::None);
            Ok(plain.map(|data| data.data).unwrap_or_default())
        };
        let Ok(dwarf) = gimli::DwarfSections::load(load) else { return Vec::new() };
        let dwarf = dwarf.borrow(|data| gimli::EndianSlice::new(data, gimli::LittleEndian));
        if !affordable(&dwarf) {
            return Vec::new();
        }
        let Ok(context) = addr2line::Context::from_dwarf(dwarf) else { return Vec::new() };
        candidates
            .take(64)
            .map(|address| lines(&context, address))
            .find(|l| !l.is_empty())
            .unwrap_or_default()
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let mut file = File::from(self.artifact.try_clone().ok()?);
        file.rewind().ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Whether reading this debug information costs the host little. The skill wrote it: many units
/// may name one line program, of which each byte may be a row, or one table of abbreviations.
fn affordable<R: gimli::Reader>(dwarf: &gimli::Dwarf<R>) -> bool {
    const MAX_ROWS: u64 = 4 << 20;
    const MAX_UNITS: u64 = 256;
    const MAX_INFO: u64 = 8 << 20;
    const MAX_ABBREVIATIONS: u64 = 64 << 20;
    let size = |reader: &R| gimli::ReaderOffset::into_u64(reader.len());
    let (mut units, mut count) = (dwarf.units(), 0);
    while count <= MAX_UNITS && matches!(units.next(), Ok(Some(_))) {
        count += 1;
    }
    let sections =
        [dwarf.debug_info.reader(), dwarf.debug_line.reader(), dwarf.debug_abbrev.reader()];
    count <= MAX_UNITS
        && sections.iter().all(|section| size(section) <= MAX_INFO)
        && size(dwarf.debug_abbrev.reader()).saturating_mul(count) <= MAX_ABBREVIATIONS
        && rows(dwarf).is_some_and(|rows| rows <= MAX_ROWS)
}

/// The most rows that the line programs of all units together can have; `None` if they cannot be
/// read.
fn rows<R: gimli::Reader>(dwarf: &gimli::Dwarf<R>) -> Option<u64> {
    let mut units = dwarf.units();
    let mut rows = 0u64;
    while let Some(header) = units.next().ok()? {
        let unit = dwarf.unit(header).ok()?;
        let program = unit.line_program.as_ref().map(|program| program.header().raw_program_buf());
        let length = program.map_or(0, |program| gimli::ReaderOffset::into_u64(program.len()));
        rows = rows.saturating_add(length);
    }
    Some(rows)
}

/// The lines of one address that lie in the skill's own source, innermost first.
fn lines<R: gimli::Reader>(context: &addr2line::Context<R>, address: u64) -> Vec<Diagnostic> {
    let Ok(mut frames) = context.find_frames(address).skip_all_loads() else { return Vec::new() };
    let mut found: Vec<Diagnostic> = Vec::new();
    while let Ok(Some(frame)) = frames.next() {
        let Some(location) = frame.location else { continue };
        let (Some(path), Some(line)) = (location.file, location.line) else { continue };
        let Some(name) = path.strip_prefix("/work/").or((!path.starts_with('/')).then_some(path))
        else {
            continue;
        };
        if name.starts_with(GLUE) || found.len() >= 8 {
            continue;
        }
        let first = found.is_empty();
        let message = if first { "the crash happened here" } else { "inlined into this" };
        found.push(Diagnostic {
            file: Some(name.to_owned()),
            line: Some(line),
            column: location.column.filter(|column| *column > 0),
            severity: if first { Severity::Error } else { Severity::Note },
            ..Diagnostic::error(message)
        });
    }
    found
}

/// Files with this prefix are generated and never the skill's own.
const GLUE: &str = "saggar+";
