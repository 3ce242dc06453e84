//! The build stage on this machine, with gcc and rustc: glue, compile, link, and what to say when
//! one fails.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saggar_jail::{JailError, Launcher, OutputState};
use saggar_model::{
    BuildRecord, Code, Diagnostic, Digest, Feedback, KeyHasher, Language, Plan, Stage,
};
use saggar_plugin_abi::{BuildRequest, Built, CompilerDriver, NotBuilt, StageError};
use saggar_policy::Policy;
use saggar_skill_abi::{ABI_VERSION, frame};

use crate::action::{Action, Done};
use crate::glue::{self, Glue, GlueRequest, generate};
use crate::symbols::Symbol;
use crate::toolchain::Compiler;
use crate::translate::Context;
use crate::{
    commands, diagnostics, diagnostics_rust, link_errors, symbols, toolchain, translate_rust,
};

/// Files of ours in the work directory. A `+` stands in no name that a plan may give its source.
const HEADER: &str = "saggar.h";
pub(crate) const EXPORTS: &str = "saggar+exports.map";
pub(crate) const OBJECT: &str = "skill+.o";
pub(crate) const ARTIFACT: &str = "skill.so";
const DEPENDENCIES: &str = "skill.d";
/// Largest list of dependencies that is read, bytes.
const MAX_DEPENDENCIES: u64 = 1 << 20;

/// Builds with the compilers that the policy names.
#[derive(Debug)]
pub struct LocalDriver {
    launcher: Arc<Launcher>,
    policy: Arc<Policy>,
    cache: PathBuf,
}

/// Everything a build does, worked out before it is done.
struct Prepared {
    glue: Glue,
    /// File name of the translation unit.
    unit: String,
    symbols: Vec<String>,
    compiler: Compiler,
    compile: Vec<String>,
    link: Vec<String>,
}

impl LocalDriver {
    /// A driver that runs compilers through this launcher and remembers which they are in `cache`.
    pub fn new(launcher: Arc<Launcher>, policy: Arc<Policy>, cache: PathBuf) -> Self {
        LocalDriver { launcher, policy, cache }
    }

    fn prepare(&self, request: BuildRequest<'_>) -> Result<Prepared, StageError> {
        let plan = request.plan;
        let text = match std::str::from_utf8(request.source) {
            Ok(text) => Cow::Borrowed(text),
            // gcc takes any bytes in comments and literals.
            Err(_) if plan.language != Language::Rust => String::from_utf8_lossy(request.source),
            Err(error) => return Err(not_text(plan, request.source, error.valid_up_to())),
        };
        let symbols = resolve(request, &text)?;
        let unit = match plan.language {
            Language::C => "saggar+glue.c",
            Language::Cpp => "saggar+glue.cpp",
            // The source stands at its head, and what is said of it should say its name.
            Language::Rust => plan.source.as_str(),
        };
        let glue = generate(&GlueRequest {
            language: plan.language,
            source: plan.source.as_str(),
            text: &text,
            interface: &plan.interface,
            symbols: symbols.clone(),
            types: plan.symbols.clone(),
            interface_digest: *Digest::of(plan.interface.to_string().as_bytes()).as_bytes(),
        });
        let compiler =
            toolchain::identify(&self.launcher, &self.policy, plan.language, &self.cache)?;
        Ok(Prepared {
            compile: commands::compile(&self.policy, plan, &compiler, unit),
            link: commands::link(&self.policy, plan.language, &compiler),
            unit: unit.to_owned(),
            glue,
            symbols,
            compiler,
        })
    }
}

/// A Rust source is UTF-8 (The Rust Reference, "Input format").
fn not_text(plan: &Plan, source: &[u8], at: usize) -> StageError {
    let line = source[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    let name = plan.source.as_str();
    let message = format!("{name}:{line}: byte {at} of the source is not UTF-8");
    let text = String::from_utf8_lossy(source);
    let feedback = Feedback::new(Stage::Build, Code::Compile, &message)
        .with(Diagnostic::error(&message).at(name, line, &text))
        .hint("save the source as UTF-8; bytes in a literal are written \\xff in a byte string");
    StageError::rejected(feedback)
}

/// The source name of each function of the interface.
fn resolve(request: BuildRequest<'_>, text: &str) -> Result<Vec<String>, StageError> {
    let plan = request.plan;
    let name = |function: &saggar_skill_abi::Function| {
        if let Some(symbol) = plan.symbols.get(&function.name) {
            return Ok(symbol.clone());
        }
        let found = match plan.language {
            Language::Rust => glue::resolve_rust(text, &function.name),
            _ => symbols::resolve(text, &function.name),
        };
        match found {
            Symbol::Found { name, .. } => Ok(name),
            // The compiler has the last word: a macro may define it.
            Symbol::Missing => Ok(symbols::spellings(&function.name)[0].clone()),
            Symbol::Both { snake, camel } => {
                let message = format!("`{}` may be `{}` or `{}`", function.name, snake.0, camel.0);
                let place = |line| Diagnostic::error(&message).at(plan.source.as_str(), line, text);
                let line = |line| u32::try_from(line).unwrap_or(u32::MAX);
                let feedback = Feedback::new(Stage::Build, Code::MissingFunction, &message)
                    .with(place(line(snake.1)))
                    .with(place(line(camel.1)))
                    .hint("keep one of the two, or name it in [symbols]");
                Err(StageError::rejected(feedback))
            }
        }
    };
    plan.interface.functions.iter().map(name).collect()
}

impl CompilerDriver for LocalDriver {
    fn build_key(&self, request: BuildRequest<'_>) -> Result<Digest, StageError> {
        let prepared = self.prepare(request)?;
        Ok(KeyHasher::new("build key 1")
            .part("abi", &ABI_VERSION.to_le_bytes())
            .part("source name", request.plan.source.as_str().as_bytes())
            .part("source", request.source)
            .part("glue", prepared.glue.text.as_bytes())
            .part("header", prepared.glue.header.as_bytes())
            .part("compile", prepared.compile.join("\0").as_bytes())
            .part("link", prepared.link.join("\0").as_bytes())
            .part("toolchain", prepared.compiler.toolchain.digest.as_bytes())
            .part("policy", self.policy.build_digest.as_bytes())
            .part("platform", std::env::consts::ARCH.as_bytes())
            .finish())
    }

    fn build(&self, request: BuildRequest<'_>) -> Result<Built, Box<NotBuilt>> {
        let failed = |error| {
            Box::new(NotBuilt { error, record: None, log: Vec::new(), deterministic: false })
        };
        let limits = self.policy.admit(request.plan);
        let limits = limits.map_err(|feedback| failed(StageError::Rejected(feedback)))?;
        let start = Instant::now();
        let prepared = self.prepare(request).map_err(failed)?;
        let mut build = Build {
            driver: self,
            request,
            text: String::from_utf8_lossy(request.source).into_owned(),
            deadline: limits.build_deadline,
            start,
            record: BuildRecord {
                source: Digest::of(request.source),
                toolchain: prepared.compiler.toolchain.clone(),
                commands: Vec::new(),
                headers: Vec::new(),
                artifact: None,
            },
            log: Vec::new(),
            prepared: Arc::new(prepared),
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

/// A build under way.
struct Build<'a> {
    driver: &'a LocalDriver,
    request: BuildRequest<'a>,
    text: String,
    prepared: Arc<Prepared>,
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
        if self.request.plan.language == Language::Rust {
            return self.compile_and_link();
        }
        let object = self.compile()?;
        self.link(&object)
    }

    /// rustc links what it compiles; what it says of either is told apart afterwards.
    fn compile_and_link(&mut self) -> Result<Vec<u8>, Stop> {
        let prepared = Arc::clone(&self.prepared);
        let done = self.act(Action {
            step: "compile",
            argv: prepared.compile.clone(),
            inputs: vec![(&prepared.unit, prepared.glue.text.as_bytes())],
            outputs: vec![(ARTIFACT, self.driver.policy.build.artifact.0)],
            deadline: self.left(),
            toolchain: prepared.compiler.mounted.as_ref(),
        })?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Compile, &done));
        }
        output(done.outputs.into_iter().next(), "artifact")
    }

    fn compile(&mut self) -> Result<Vec<u8>, Stop> {
        let prepared = Arc::clone(&self.prepared);
        let source = self.request.plan.source.as_str();
        let inputs = vec![
            (source, self.request.source),
            (prepared.unit.as_str(), prepared.glue.text.as_bytes()),
            (HEADER, prepared.glue.header.as_bytes()),
        ];
        let room = self.driver.policy.build.work.0;
        let done = self.act(Action {
            step: "compile",
            argv: prepared.compile.clone(),
            inputs,
            outputs: vec![(OBJECT, room), (DEPENDENCIES, MAX_DEPENDENCIES)],
            deadline: self.left(),
            toolchain: None,
        })?;
        if done.command.exit_code != Some(0) {
            return Err(self.refused(Code::Compile, &done));
        }
        let mut outputs = done.outputs.into_iter();
        let object = output(outputs.next(), "object")?;
        if let Some(Ok(list)) = outputs.next() {
            self.record.headers = headers_in(&list);
        }
        Ok(object)
    }

    fn link(&mut self, object: &[u8]) -> Result<Vec<u8>, Stop> {
        let exports = format!("{{ global: {}; local: *; }};\n", frame::TABLE_SYMBOL);
        let done = self.act(Action {
            step: "link",
            argv: self.prepared.link.clone(),
            inputs: vec![(OBJECT, object), (EXPORTS, exports.as_bytes())],
            outputs: vec![(ARTIFACT, self.driver.policy.build.artifact.0)],
            deadline: self.left(),
            toolchain: None,
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
        let done = action.run(&driver.launcher, &driver.policy).map_err(fault)?;
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
        let stop = |code, summary: String, hint: &str| Stop {
            error: StageError::rejected(Feedback::new(Stage::Build, code, summary).hint(hint)),
            deterministic: false,
        };
        if done.past_deadline {
            let summary = format!(
                "the build took longer than {} ms and was ended with all its processes",
                self.deadline.as_millis()
            );
            let hint = "look for templates or constant expressions without an end, or raise [limits] build-deadline";
            return Err(stop(Code::BuildDeadline, summary, hint));
        }
        let text = String::from_utf8_lossy(&done.log);
        if done.out_of_memory
            || text.contains("out of memory allocating")
            || text.contains("memory exhausted")
        {
            let limit = driver.policy.build.memory;
            let hint = "use less memory at compile time: smaller arrays, fewer instantiations";
            return Err(stop(
                Code::BuildMemory,
                format!("the compiler ran out of memory: the limit is {limit}"),
                hint,
            ));
        }
        if let Some(signal) = done.command.signal {
            let summary = format!("the compiler was ended by signal {signal}");
            return Err(stop(Code::CompilerCrashed, summary, "simplify the source"));
        }
        Ok(done)
    }

    /// What the linker said, about the source.
    fn not_linked(&self, said: &[u8]) -> Feedback {
        let source = self.request.plan.source.as_str();
        let found = link_errors::parse(said, source, &self.text);
        let summary = found.first().map_or("the linker refused the object", |d| &d.message);
        let mut feedback = Feedback::new(Stage::Build, Code::Link, summary)
            .hint("define what is called; a skill is one source file and the standard library");
        feedback.diagnostics = found;
        feedback
    }

    /// The compiler or linker said no.
    fn refused(&self, code: Code, done: &Done) -> Stop {
        let text = String::from_utf8_lossy(&done.log);
        let crashed = CRASHES.iter().any(|sign| text.contains(sign));
        let plan = self.request.plan;
        let feedback = if crashed {
            let summary = "the compiler crashed on this source".to_owned();
            Feedback::new(Stage::Build, Code::CompilerCrashed, summary).hint("simplify the source")
        } else if code == Code::Link {
            self.not_linked(&done.log)
        } else {
            let context = Context {
                plan,
                text: &self.text,
                glue: &self.prepared.glue,
                symbols: &self.prepared.symbols,
                glue_file: &self.prepared.unit,
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
                context.feedback(&diagnostics::parse(&done.log))
            }
        };
        Stop { error: StageError::rejected(feedback), deterministic: !crashed }
    }
}

/// How gcc and rustc say that they crashed.
const CRASHES: [&str; 3] =
    ["internal compiler error", "terminated program", "the compiler unexpectedly panicked"];

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

/// The headers in a list of dependencies as `make` reads it, the skill's own files left out.
fn headers_in(list: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(list);
    let words =
        text.split_whitespace().filter(|word| word.starts_with('/') && !word.starts_with("/work"));
    let mut found: Vec<String> = words.map(str::to_owned).collect();
    found.sort_unstable();
    found.dedup();
    found
}
