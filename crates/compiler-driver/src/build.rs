//! A build under way: compile, link, and what to say when one fails.

use std::time::{Duration, Instant};

use saggar_jail::{JailError, OutputState};
use saggar_model::{
    BuildRecord, Code, Command, CompilerFamily, Digest, Enforced, Feedback, Language, Stage,
};
use saggar_plugin_abi::{Built, NotBuilt, PreparedBuild, StageError};
use saggar_skill_abi::frame;

use crate::action::{Action, Done};
use crate::diagnostics::GccDiagnostic;
use crate::driver::{
    ARTIFACT, DEPENDENCIES, EXPORTS, HEADER, LocalDriver, OBJECT, PRELUDE, Prepared,
};
use crate::ends::{self, Limit};
use crate::precompiled::Found;
use crate::translate::Context;
use crate::{diagnostics, diagnostics_clang, diagnostics_rust, link_errors, translate_rust};

/// Largest list of dependencies that is read, bytes.
pub(crate) const MAX_DEPENDENCIES: u64 = 1 << 20;

/// A build with all it needs.
pub(crate) struct LocalBuild {
    pub(crate) driver: LocalDriver,
    pub(crate) prepared: Prepared,
    pub(crate) key: Digest,
}

impl PreparedBuild for LocalBuild {
    fn key(&self) -> Digest {
        self.key
    }

    fn build(self: Box<Self>) -> Result<Built, Box<NotBuilt>> {
        let failed = |error| {
            Box::new(NotBuilt { error, record: None, log: Vec::new(), deterministic: false })
        };
        let limits = self.driver.policy.admit(&self.prepared.plan);
        let limits = limits.map_err(|feedback| failed(StageError::Rejected(feedback)))?;
        let slots = &self.driver.slots;
        let patience = self.driver.policy.build.wait.duration();
        let Some(slot) = slots.take(&self.prepared.principal, patience) else {
            return Err(failed(busy(slots.count(), patience)));
        };
        let mut build = Build {
            driver: &self.driver,
            prepared: &self.prepared,
            deadline: limits.build_deadline,
            start: Instant::now(),
            record: BuildRecord {
                source: Digest::of(&self.prepared.source),
                toolchain: self.prepared.compiler.toolchain.clone(),
                commands: wait(slot.waited).into_iter().collect(),
                headers: Vec::new(),
                artifact: None,
            },
            log: Vec::new(),
        };
        match build.run() {
            Ok(artifact) => {
                build.record.artifact = Some(Digest::of(&artifact));
                Ok(Built { artifact, record: build.record, log: build.log })
            }
            Err(stop) => Err(Box::new(NotBuilt {
                error: stop.error,
                record: Some(Box::new(build.record)),
                log: build.log,
                deterministic: stop.deterministic,
            })),
        }
    }
}

/// How the record tells that a build had to wait: as a command that ran nothing.
fn wait(waited: Duration) -> Option<Command> {
    (!waited.is_zero()).then(|| Command {
        step: "wait".to_owned(),
        argv: Vec::new(),
        exit_code: None,
        signal: None,
        latency_us: u64::try_from(waited.as_micros()).unwrap_or(u64::MAX),
        cpu_us: 0,
        max_rss_kib: 0,
        enforced: Enforced::nothing(),
    })
}

/// Waiting is not building: it has a limit of its own, and it is the host's fault.
fn busy(slots: usize, patience: Duration) -> StageError {
    let summary = format!(
        "all {slots} compilers that may run at once were busy for {} ms",
        patience.as_millis()
    );
    let hint = "submit again later, or raise [build] slots or wait in the policy";
    StageError::fault(Feedback::new(Stage::Build, Code::Busy, summary).hint(hint))
}

/// A build under way.
struct Build<'a> {
    driver: &'a LocalDriver,
    prepared: &'a Prepared,
    deadline: Duration,
    start: Instant,
    record: BuildRecord,
    log: Vec<u8>,
}

/// Why it stopped.
struct Stop {
    error: StageError,
    deterministic: bool,
}

impl Build<'_> {
    fn run(&mut self) -> Result<Vec<u8>, Stop> {
        if self.prepared.plan.language == Language::Rust {
            return self.compile_and_link();
        }
        let object = self.compile()?;
        self.link(&object)
    }

    /// rustc links what it compiles; what it says of either is told apart afterwards.
    fn compile_and_link(&mut self) -> Result<Vec<u8>, Stop> {
        let prepared = self.prepared;
        let done = self.act(Action {
            step: "compile",
            argv: prepared.compile.clone(),
            inputs: vec![(&prepared.unit, prepared.glue.text.as_bytes())],
            outputs: vec![(ARTIFACT, self.driver.policy.build.artifact.0)],
            deadline: self.left(),
            toolchain: prepared.compiler.mounted.as_ref(),
            shown: None,
        })?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Compile, &done));
        }
        output(done.outputs.into_iter().next(), "artifact")
    }

    /// Compiles, with a precompiled header where there is one for this source.
    fn compile(&mut self) -> Result<Vec<u8>, Stop> {
        let Some((key, recipe)) = &self.prepared.header else { return self.compile_with(None) };
        let store = &self.driver.precompiled;
        let Some(found) = store.find(*key) else {
            let object = self.compile_with(None)?;
            store.want(*key, recipe);
            return Ok(object);
        };
        let logged = self.log.len();
        match self.compile_with(Some(&found)) {
            Err(stop) if is_suspect(&stop, &self.log[logged..]) => {}
            compiled => return compiled,
        }
        // It may have been the header: what a build comes to is never the cache's doing.
        self.log.truncate(logged);
        let plain = self.compile_with(None);
        if plain.is_ok() {
            store.discard(*key);
        }
        plain
    }

    fn compile_with(&mut self, header: Option<&Found>) -> Result<Vec<u8>, Stop> {
        let prepared = self.prepared;
        let prelude = prepared.prelude.text();
        let compiled_prelude = format!("{PRELUDE}.gch");
        let mut inputs = vec![
            (prepared.plan.source.as_str(), prepared.source.as_slice()),
            (prepared.unit.as_str(), prepared.glue.text.as_bytes()),
            (HEADER, prepared.glue.header.as_bytes()),
        ];
        if !prelude.is_empty() {
            inputs.push((PRELUDE, prelude.as_bytes()));
        }
        let room = self.driver.policy.build.work.0;
        let done = self.act(Action {
            step: "compile",
            argv: prepared.compile.clone(),
            inputs,
            outputs: vec![(OBJECT, room), (DEPENDENCIES, MAX_DEPENDENCIES)],
            deadline: self.left(),
            toolchain: None,
            shown: header.map(|found| (found.path.as_path(), compiled_prelude.as_str())),
        })?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Compile, &done));
        }
        let mut outputs = done.outputs.into_iter();
        let object = output(outputs.next(), "object")?;
        if let Some(Ok(list)) = outputs.next() {
            // Of what comes out of a precompiled header gcc names only a part.
            let inside = header.map_or_else(Vec::new, |found| found.headers.clone());
            self.record.headers = headers_in(&list, inside);
        }
        Ok(object)
    }

    fn link(&mut self, object: &[u8]) -> Result<Vec<u8>, Stop> {
        if !is_object(object) {
            return Err(no_object(object));
        }
        let exports = exports();
        let done = self.act(Action {
            step: "link",
            argv: self.prepared.link.clone(),
            inputs: vec![(OBJECT, object), (EXPORTS, exports.as_bytes())],
            outputs: vec![(ARTIFACT, self.driver.policy.build.artifact.0)],
            deadline: self.left(),
            toolchain: None,
            shown: None,
        })?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Link, &done));
        }
        output(done.outputs.into_iter().next(), "artifact")
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.start.elapsed())
    }

    /// Runs an action and sorts out what is not the source's fault in the plain sense.
    fn act(&mut self, action: Action<'_>) -> Result<Done, Stop> {
        let driver = self.driver;
        let fault = |error: JailError| Stop {
            error: StageError::fault(error.feedback(Stage::Build)),
            deterministic: false,
        };
        let mut done = action.run(&driver.launcher, &driver.policy).map_err(fault)?;
        if self.prepared.plan.language == Language::Rust {
            diagnostics_rust::without_random(&mut done.log);
        }
        // An empty list is how gcc says nothing in JSON.
        if done.log.trim_ascii() != b"[]" {
            self.log.extend_from_slice(&done.log);
        }
        if done.lost > 0 {
            self.log.extend_from_slice(
                format!("\n[{} more bytes were dropped]\n", done.lost).as_bytes(),
            );
        }
        self.record.commands.push(done.command.clone());
        let build = &driver.policy.build;
        let (code, summary, hint) = match ends::limit(&done) {
            Some(Limit::Time) => (
                Code::BuildDeadline,
                format!(
                    "the build took longer than {} ms and was ended with all its processes",
                    self.deadline.as_millis()
                ),
                "look for templates or constant expressions without an end, or raise [limits] build-deadline",
            ),
            Some(Limit::Memory) => (
                Code::BuildMemory,
                format!("the compiler ran out of memory: the limit is {}", build.memory),
                "use less memory at compile time: smaller arrays, fewer instantiations",
            ),
            Some(Limit::Room) => (
                Code::BuildTooLarge,
                format!(
                    "the output is too large: all files of a build together may have {}",
                    build.work
                ),
                "make static data smaller, or compute it at run time",
            ),
            None => match done.command.signal {
                Some(signal) => (
                    Code::CompilerCrashed,
                    format!("the compiler was ended by signal {signal}"),
                    "simplify the source",
                ),
                None => return Ok(done),
            },
        };
        let feedback = Feedback::new(Stage::Build, code, summary).hint(hint);
        Err(Stop { error: StageError::rejected(feedback), deterministic: false })
    }

    /// What the linker said, about the source.
    fn not_linked(&self, said: &[u8]) -> Feedback {
        let source = self.prepared.plan.source.as_str();
        let found = link_errors::parse(said, source, &self.prepared.text);
        let summary = found.first().map_or("the linker refused the object", |d| &d.message);
        let mut feedback = Feedback::new(Stage::Build, Code::Link, summary)
            .hint("define what is called; a skill is one source file and the standard library");
        feedback.diagnostics = found;
        feedback
    }

    /// The compiler or linker said no.
    fn refused(&self, code: Code, done: &Done) -> Stop {
        let text = String::from_utf8_lossy(&done.log);
        let crashed = ends::crashed(&done.log);
        let plan = &self.prepared.plan;
        let feedback = if crashed {
            let summary = "the compiler crashed on this source".to_owned();
            Feedback::new(Stage::Build, Code::CompilerCrashed, summary).hint("simplify the source")
        } else if code == Code::Link {
            self.not_linked(&done.log)
        } else {
            let context = Context {
                plan,
                text: &self.prepared.text,
                glue: &self.prepared.glue,
                symbols: &self.prepared.symbols,
                glue_file: &self.prepared.unit,
                prelude: &self.prepared.prelude,
                log: &text,
                shown: self.driver.policy.build.diagnostics as usize,
            };
            if plan.language == Language::Rust {
                let found = diagnostics_rust::parse(&done.log);
                match diagnostics_rust::linker(&found) {
                    Some(said) => self.not_linked(said.as_bytes()),
                    None => translate_rust::feedback(&context, &found),
                }
            } else {
                match self.prepared.compiler.family {
                    CompilerFamily::Gcc => context.feedback(diagnostics::parse(&done.log)),
                    CompilerFamily::Clang => compiled_by_clang(&context, &done.log),
                }
            }
        };
        Stop { error: StageError::rejected(feedback), deterministic: !crashed }
    }
}

/// What an object may export: the table and nothing else.
pub(crate) fn exports() -> String {
    format!("{{ global: {}; local: *; }};\n", frame::TABLE_SYMBOL)
}

/// What clang said; of what it does not know, g++ may know.
fn compiled_by_clang(context: &Context<'_>, log: &[u8]) -> Feedback {
    let found = diagnostics_clang::parse(log);
    let about_library = diagnostics_clang::is_about_the_library(&found);
    let feedback = context.feedback(found);
    if !(about_library && context.plan.language == Language::Cpp && feedback.code == Code::Compile)
    {
        return feedback;
    }
    feedback.hint(
        "write compiler = \"gcc\" in the plan if the name is right: g++ takes more of the newer \
         standard library than clang does",
    )
}

/// Whether a precompiled header may have made a compilation fail: gcc crashes on a damaged one, or
/// names it, or ends without a word about the source; clang names one that does not fit.
fn is_suspect(stop: &Stop, log: &[u8]) -> bool {
    let code = stop.error.feedback().code;
    let words = String::from_utf8_lossy(log);
    let says_why = || {
        words.contains(" error: ") || diagnostics::parse(log).iter().any(GccDiagnostic::is_error)
    };
    matches!(code, Code::CompilerCrashed | Code::BuildMemory)
        || (code == Code::Compile && !says_why())
        || [".gch", "PCH", "precompiled"].iter().any(|sign| words.contains(sign))
}

/// An output that must be there.
fn output(found: Option<Result<Vec<u8>, OutputState>>, what: &str) -> Result<Vec<u8>, Stop> {
    let (code, summary) = match found {
        Some(Ok(bytes)) => return Ok(bytes),
        Some(Err(OutputState::TooLarge(size))) => (
            Code::BuildTooLarge,
            format!("the {what} has {size} bytes, more than the policy allows"),
        ),
        Some(Err(OutputState::NotRegular(kind))) => {
            (Code::BuildOutput, format!("the {what} is not a regular file but {kind}"))
        }
        Some(Err(_)) | None => (Code::BuildOutput, format!("the build wrote no {what}")),
    };
    let hint = "make static data smaller; the compiler itself writes one regular file";
    let feedback = Feedback::new(Stage::Build, code, summary).hint(hint);
    Err(Stop { error: StageError::rejected(feedback), deterministic: false })
}

/// Whether this is a relocatable object (elf(5), `e_type` ET_REL). Anything else a linker may take
/// for a script, which names files to read.
fn is_object(bytes: &[u8]) -> bool {
    const ET_REL: u16 = 1;
    bytes.starts_with(b"\x7fELF") && bytes.get(16..18) == Some(&ET_REL.to_le_bytes())
}

fn no_object(bytes: &[u8]) -> Stop {
    let start: String =
        bytes.iter().take(32).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    let summary = format!("the compiler wrote no object file but `{start}`");
    let hint = "the compiler itself writes one ELF object; nothing else is linked";
    let feedback = Feedback::new(Stage::Build, Code::BuildOutput, summary).hint(hint);
    Stop { error: StageError::rejected(feedback), deterministic: false }
}

/// The headers in a list of dependencies as `make` reads it, the skill's own files left out, and
/// those known already.
pub(crate) fn headers_in(list: &[u8], known: Vec<String>) -> Vec<String> {
    let text = String::from_utf8_lossy(list);
    let words =
        text.split_whitespace().filter(|word| word.starts_with('/') && !word.starts_with("/work"));
    let mut found: Vec<String> = words.map(str::to_owned).chain(known).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_tells_of_a_wait_and_of_none_where_there_was_none() {
        assert_eq!(wait(Duration::ZERO), None);
        let told = wait(Duration::from_millis(3)).unwrap();
        assert_eq!((told.step.as_str(), told.latency_us), ("wait", 3000));
        assert_eq!(told.enforced, Enforced::nothing());
    }

    #[test]
    fn b13_only_a_relocatable_object_is_linked() {
        let mut object = [0; 64];
        object[..4].copy_from_slice(b"\x7fELF");
        object[16] = 1;
        assert!(is_object(&object));
        object[16] = 3;
        assert!(!is_object(&object), "a shared object");
        for no_object in [&b""[..], b"\x7fELF", b"INPUT(/etc/shadow)\n", b"!<arch>\n"] {
            assert!(!is_object(no_object));
        }
        let told = no_object(b"INPUT(/etc/shadow)\n").error.into_feedback();
        assert_eq!(told.code, Code::BuildOutput);
        assert!(told.summary.ends_with("`INPUT(/etc/shadow)\\n`"), "{}", told.summary);
    }

    #[test]
    fn headers_are_told_once_and_without_the_skills_own() {
        let list =
            b"out/skill+.o: saggar+glue.cpp /usr/include/b.h \\\n /work/a.h /usr/include/a.h\n";
        let known = vec!["/usr/include/b.h".to_owned(), "/usr/include/c.h".to_owned()];
        let expected = ["/usr/include/a.h", "/usr/include/b.h", "/usr/include/c.h"];
        assert_eq!(headers_in(list, known), expected);
    }
}
