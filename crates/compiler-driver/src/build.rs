//! A build under way: compile, link, and what to say when one fails.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use saggar_jail::JailError;
use saggar_model::{
    BuildRecord, Code, Command, CompilerFamily, Digest, Enforced, Feedback, Language, Stage,
};
use saggar_plugin_abi::{Built, NotBuilt, PreparedBuild, StageError};
use saggar_skill_abi::frame;

use crate::action::{Action, Done};
use crate::diagnostics::GccDiagnostic;
use crate::driver::{
    ARTIFACT, DEPENDENCIES, EXPORTS, HEADER, LocalDriver, OBJECT, PRELUDE, Prepared, RUNTIME,
    RUST_RUNTIME, SECTIONS,
};
use crate::ends::{self, Limit};
use crate::precompiled::Found;
use crate::translate::Context;
use crate::{
    commands, diagnostics, diagnostics_clang, diagnostics_rust, link_errors, outputs, required,
    split, translate_rust,
};

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

    fn tools(&self) -> Option<Digest> {
        Some(self.prepared.compiler.toolchain.digest)
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
                debug: None,
            },
            log: Vec::new(),
        };
        match build.run() {
            Ok(whole) => {
                let (artifact, debug) = match split::loaded(&whole) {
                    Some(artifact) => (artifact, Some(whole)),
                    None => (whole, None),
                };
                build.record.artifact = Some(Digest::of(&artifact));
                build.record.debug = debug.as_deref().map(Digest::of);
                Ok(Built { artifact, debug, record: build.record, log: build.log })
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

/// What was written is of no use.
fn unusable(feedback: Box<Feedback>) -> Stop {
    Stop { error: StageError::Rejected(feedback), deterministic: false }
}

impl Build<'_> {
    fn run(&mut self) -> Result<Vec<u8>, Stop> {
        if self.prepared.plan.language == Language::Rust {
            return self.compile_and_link();
        }
        let object = outputs::object(self.compile()?).map_err(unusable)?;
        self.link(&object)
    }

    /// rustc links what it compiles; what it says of either is told apart afterwards.
    fn compile_and_link(&mut self) -> Result<Vec<u8>, Stop> {
        let prepared = self.prepared;
        let done = self.act(Action {
            step: "compile",
            argv: prepared.compile.clone(),
            inputs: vec![
                (&prepared.unit, prepared.glue.text.as_bytes()),
                (RUST_RUNTIME, &prepared.compiler.runtime.object),
                (SECTIONS, commands::NO_LIBRARY_DEBUG.as_bytes()),
            ],
            outputs: vec![(ARTIFACT, self.driver.policy.build.artifact.0)],
            deadline: self.left(),
            toolchain: prepared.compiler.mounted.as_ref(),
            directory: None,
            shown: None,
        })?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Compile, &done));
        }
        outputs::output(done.outputs.into_iter().next(), "artifact").map_err(unusable)
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

    /// Runs the compiler over the source and its glue.
    fn compile_by(
        &mut self,
        step: &str,
        argv: Vec<String>,
        header: Option<&Found>,
    ) -> Result<Done, Stop> {
        let prepared = self.prepared;
        let prelude = prepared.prelude.text();
        let family = prepared.compiler.family;
        // It is there without a header too: a source cannot see whether there is one.
        let directory = commands::precompiled_directory(family);
        let name = format!("{directory}/{:016x}", unforeseeable());
        let argv = match header {
            Some(_) => commands::with_precompiled(argv, family, &name),
            None => argv,
        };
        let mut inputs = vec![
            (prepared.plan.source.as_str(), prepared.source.as_slice()),
            (prepared.unit.as_str(), prepared.glue.text.as_bytes()),
            (HEADER, prepared.glue.header.as_bytes()),
        ];
        if !prelude.is_empty() {
            inputs.push((PRELUDE, prelude.as_bytes()));
        }
        let room = self.driver.policy.build.work.0;
        self.act(Action {
            step,
            argv,
            inputs,
            outputs: vec![(OBJECT, room), (DEPENDENCIES, outputs::MAX_DEPENDENCIES)],
            deadline: self.left(),
            toolchain: None,
            directory: (!prelude.is_empty()).then_some(directory.as_str()),
            shown: header.map(|found| (found.path.as_path(), name.as_str())),
        })
    }

    fn compile_with(&mut self, header: Option<&Found>) -> Result<Vec<u8>, Stop> {
        let done = self.compile_by("compile", self.prepared.compile.clone(), header)?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Compile, &done));
        }
        let mut outputs = done.outputs.into_iter();
        let object = outputs::output(outputs.next(), "object").map_err(unusable)?;
        if let Some(Ok(list)) = outputs.next() {
            // Of what comes out of a precompiled header gcc names only a part.
            let inside = header.map_or_else(Vec::new, |found| found.headers.clone());
            self.record.headers = outputs::headers_in(&list, inside);
        }
        Ok(object)
    }

    fn link(&mut self, object: &[u8]) -> Result<Vec<u8>, Stop> {
        let exports = exports();
        let done = self.act(Action {
            step: "link",
            argv: self.prepared.link.clone(),
            inputs: vec![
                (OBJECT, object),
                (RUNTIME, &self.prepared.compiler.runtime.object),
                (EXPORTS, exports.as_bytes()),
            ],
            outputs: vec![(ARTIFACT, self.driver.policy.build.artifact.0)],
            deadline: self.left(),
            toolchain: None,
            directory: None,
            shown: None,
        })?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Link, &done));
        }
        outputs::output(done.outputs.into_iter().next(), "artifact").map_err(unusable)
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
        let mut feedback = Feedback::new(Stage::Build, code, summary).hint(hint);
        if code == Code::BuildDeadline && self.prepared.plan.language == Language::Rust {
            let text = String::from_utf8_lossy(&done.log);
            let found = diagnostics_rust::parse(&done.log);
            feedback.diagnostics = translate_rust::past_deadline(&self.context(&text), &found);
        }
        Err(Stop { error: StageError::rejected(feedback), deterministic: false })
    }

    /// What a compiler's complaints are about.
    fn context<'l>(&self, log: &'l str) -> Context<'l>
    where
        Self: 'l,
    {
        let prepared: &Prepared = self.prepared;
        Context {
            plan: &prepared.plan,
            text: &prepared.text,
            glue: &prepared.glue,
            symbols: &prepared.symbols,
            glue_file: &prepared.unit,
            prelude: &prepared.prelude,
            log,
            shown: self.driver.policy.build.diagnostics as usize,
        }
    }

    /// What the linker said, about the source.
    fn not_linked(&self, said: &[u8]) -> Feedback {
        let source = self.prepared.plan.source.as_str();
        if link_errors::is_too_far(said) {
            let summary = format!("{source} has more static data than its code can reach");
            return Feedback::new(Stage::Build, Code::BuildTooLarge, summary)
                .hint("make static arrays smaller than 2 GiB in all, or allocate at run time");
        }
        let found = link_errors::parse(said, source, &self.prepared.text);
        let summary = found.first().map_or("the linker refused the object", |d| &d.message);
        let mut feedback = Feedback::new(Stage::Build, Code::Link, summary)
            .hint("define what is called; a skill is one source file and the standard library");
        feedback.diagnostics = found;
        feedback
    }

    /// What gcc said of a header on behalf of the source, with the lines of the source: it is
    /// asked once more, for its plain text.
    fn with_places(&mut self, feedback: Feedback) -> Feedback {
        let prepared = self.prepared;
        let has_place = feedback.diagnostics.iter().any(|diagnostic| diagnostic.line.is_some());
        let said = diagnostics::parse(&self.log);
        let mut errors = said.iter().filter(|one| one.is_error()).filter_map(GccDiagnostic::place);
        let about_header = errors.any(|place| place.file.starts_with('/'));
        if has_place || !about_header || feedback.code != Code::Compile {
            return feedback;
        }
        let argv = required::command(&prepared.compile);
        let Ok(done) = self.compile_by("explain", argv, None) else { return feedback };
        let source = prepared.plan.source.as_str();
        let found = required::parse(&done.log, source, &prepared.text);
        let Some(first) = found.first() else { return feedback };
        let shown = self.driver.policy.build.diagnostics as usize;
        let summary = format!("{source} does not compile: {}", first.message);
        let mut placed = Feedback::new(Stage::Build, Code::Compile, summary).hint(
            "the error is in the library, in a template that the lines named use: look at the \
             types they use it with",
        );
        placed.omitted = u32::try_from(found.len().saturating_sub(shown)).unwrap_or(u32::MAX);
        placed.diagnostics = found.into_iter().take(shown).collect();
        placed
    }

    /// The compiler or linker said no.
    fn refused(&mut self, code: Code, done: &Done) -> Stop {
        let text = String::from_utf8_lossy(&done.log);
        let crashed = ends::crashed(&done.log);
        let plan = &self.prepared.plan;
        let feedback = if crashed {
            let summary = "the compiler crashed on this source".to_owned();
            Feedback::new(Stage::Build, Code::CompilerCrashed, summary).hint("simplify the source")
        } else if code == Code::Link {
            self.not_linked(&done.log)
        } else {
            let context = self.context(&text);
            if plan.language == Language::Rust {
                let found = diagnostics_rust::parse(&done.log);
                match diagnostics_rust::linker(&found) {
                    Some(said) => self.not_linked(said.as_bytes()),
                    None => translate_rust::feedback(&context, &found),
                }
            } else {
                match self.prepared.compiler.family {
                    CompilerFamily::Gcc => {
                        let feedback = context.feedback(diagnostics::parse(&done.log));
                        self.with_places(feedback)
                    }
                    CompilerFamily::Clang => compiled_by_clang(&context, &done.log),
                }
            }
        };
        Stop { error: StageError::rejected(feedback), deterministic: !crashed }
    }
}

/// A number that no source foresees: the key of a hasher is random.
fn unforeseeable() -> u64 {
    RandomState::new().build_hasher().finish()
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
}
