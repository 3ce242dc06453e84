//! The build stage for C and C++ with gcc: glue, compile, link, and what to say when one fails.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saggar_jail::{JailError, Launcher, OutputState};
use saggar_model::{BuildRecord, Code, Digest, Feedback, KeyHasher, Language, Stage, Toolchain};
use saggar_plugin_abi::{BuildRequest, Built, CompilerDriver, NotBuilt, StageError};
use saggar_policy::{CompilerSection, Policy};
use saggar_skill_abi::{ABI_VERSION, frame, headers};

use crate::action::{Action, Done};
use crate::glue::{Glue, GlueRequest, generate};
use crate::symbols::{self, Symbol};
use crate::translate::Context;
use crate::{diagnostics, link_errors, toolchain};

/// Files of ours in the work directory. A `+` stands in no name that a plan may give its source.
const HEADER: &str = "saggar.h";
const EXPORTS: &str = "saggar+exports.map";
const OBJECT: &str = "skill+.o";
const ARTIFACT: &str = "skill.so";
const DEPENDENCIES: &str = "skill.d";
/// Largest list of dependencies that is read, bytes.
const MAX_DEPENDENCIES: u64 = 1 << 20;

/// Builds with the gcc and g++ that the policy names.
#[derive(Debug)]
pub struct GnuDriver {
    launcher: Arc<Launcher>,
    policy: Arc<Policy>,
    cache: PathBuf,
}

/// Everything a build does, worked out before it is done.
struct Prepared {
    glue: Glue,
    glue_file: &'static str,
    symbols: Vec<String>,
    toolchain: Toolchain,
    compile: Vec<String>,
    link: Vec<String>,
}

impl GnuDriver {
    /// A driver that runs compilers through this launcher and remembers which they are in `cache`.
    pub fn new(launcher: Arc<Launcher>, policy: Arc<Policy>, cache: PathBuf) -> Self {
        GnuDriver { launcher, policy, cache }
    }

    fn prepare(&self, request: BuildRequest<'_>) -> Result<Prepared, StageError> {
        let plan = request.plan;
        let text = String::from_utf8_lossy(request.source);
        let symbols = resolve(request, &text)?;
        let glue_file = match plan.language {
            Language::C => "saggar+glue.c",
            Language::Cpp => "saggar+glue.cpp",
        };
        let glue = generate(&GlueRequest {
            language: plan.language,
            source: plan.source.as_str(),
            interface: &plan.interface,
            symbols: symbols.clone(),
            interface_digest: *Digest::of(plan.interface.to_string().as_bytes()).as_bytes(),
        });
        let section = self.policy.compiler(plan.language);
        let toolchain =
            toolchain::identify(&self.launcher, &self.policy, plan.language, &self.cache)?;
        Ok(Prepared {
            compile: compile_command(section, request, glue_file),
            link: link_command(section),
            glue,
            glue_file,
            symbols,
            toolchain,
        })
    }
}

fn compile_command(
    section: &CompilerSection,
    request: BuildRequest<'_>,
    glue: &str,
) -> Vec<String> {
    let plan = request.plan;
    let standard = plan.standard.as_ref().unwrap_or(&section.standards[0]);
    let mut argv = vec![section.compiler.clone(), format!("-std={standard}")];
    argv.extend(section.compile.iter().cloned());
    argv.extend(plan.flags.iter().cloned());
    let fixed = ["-I/work", "-MD", "-MF", "out/skill.d", "-c", glue, "-o", "out/skill+.o"];
    argv.extend(fixed.map(str::to_owned));
    argv
}

/// The plan's own flags stay out of the link: `-ffast-math` there would change the floating-point
/// mode of the whole process.
fn link_command(section: &CompilerSection) -> Vec<String> {
    let mut argv = vec![section.compiler.clone(), OBJECT.to_owned()];
    argv.extend(section.link.iter().cloned());
    argv.extend([
        format!("-Wl,--version-script={EXPORTS}"),
        "-o".into(),
        format!("out/{ARTIFACT}"),
    ]);
    argv
}

/// The source name of each function of the interface.
fn resolve(request: BuildRequest<'_>, text: &str) -> Result<Vec<String>, StageError> {
    let plan = request.plan;
    let name = |function: &saggar_skill_abi::Function| {
        if let Some(symbol) = plan.symbols.get(&function.name) {
            return Ok(symbol.clone());
        }
        match symbols::resolve(text, &function.name) {
            Symbol::Found { name, .. } => Ok(name),
            // The compiler has the last word: a macro may define it.
            Symbol::Missing => Ok(symbols::spellings(&function.name)[0].clone()),
            Symbol::Both { snake, camel } => {
                let message = format!("`{}` may be `{}` or `{}`", function.name, snake.0, camel.0);
                let place = |line| {
                    saggar_model::Diagnostic::error(&message).at(plan.source.as_str(), line, text)
                };
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

impl CompilerDriver for GnuDriver {
    fn build_key(&self, request: BuildRequest<'_>) -> Result<Digest, StageError> {
        let prepared = self.prepare(request)?;
        Ok(KeyHasher::new("build key 1")
            .part("abi", &ABI_VERSION.to_le_bytes())
            .part("source name", request.plan.source.as_str().as_bytes())
            .part("source", request.source)
            .part("glue", prepared.glue.text.as_bytes())
            .part("header", headers::SAGGAR_H.as_bytes())
            .part("compile", prepared.compile.join("\0").as_bytes())
            .part("link", prepared.link.join("\0").as_bytes())
            .part("toolchain", prepared.toolchain.digest.as_bytes())
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
        let prepared = self.prepare(request).map_err(failed)?;
        let mut build = Build {
            driver: self,
            request,
            text: String::from_utf8_lossy(request.source).into_owned(),
            deadline: limits.build_deadline,
            start: Instant::now(),
            record: BuildRecord {
                source: Digest::of(request.source),
                toolchain: prepared.toolchain.clone(),
                commands: Vec::new(),
                headers: Vec::new(),
                artifact: None,
            },
            log: Vec::new(),
            prepared,
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
    driver: &'a GnuDriver,
    request: BuildRequest<'a>,
    text: String,
    prepared: Prepared,
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
        let object = self.compile()?;
        self.link(&object)
    }

    fn compile(&mut self) -> Result<Vec<u8>, Stop> {
        let glue = self.prepared.glue.text.clone();
        let source = self.request.plan.source.as_str();
        let inputs = vec![
            (source, self.request.source),
            (self.prepared.glue_file, glue.as_bytes()),
            (HEADER, headers::SAGGAR_H.as_bytes()),
        ];
        let room = self.driver.policy.build.work.0;
        let done = self.act(Action {
            step: "compile",
            argv: self.prepared.compile.clone(),
            inputs,
            outputs: vec![(OBJECT, room), (DEPENDENCIES, MAX_DEPENDENCIES)],
            deadline: self.left(),
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

    /// The compiler or linker said no.
    fn refused(&self, code: Code, done: &Done) -> Stop {
        let text = String::from_utf8_lossy(&done.log);
        let crashed =
            text.contains("internal compiler error") || text.contains("terminated program");
        let plan = self.request.plan;
        let feedback = if crashed {
            let summary = "the compiler crashed on this source".to_owned();
            Feedback::new(Stage::Build, Code::CompilerCrashed, summary).hint("simplify the source")
        } else if code == Code::Link {
            let found = link_errors::parse(&done.log, plan.source.as_str(), &self.text);
            let summary =
                found.first().map_or("the linker refused the object", |d| d.message.as_str());
            let mut feedback = Feedback::new(Stage::Build, Code::Link, summary)
                .hint("define what is called; a skill is one source file and the standard library");
            feedback.diagnostics = found;
            feedback
        } else {
            Context {
                plan,
                text: &self.text,
                glue: &self.prepared.glue,
                symbols: &self.prepared.symbols,
                glue_file: self.prepared.glue_file,
                log: &text,
                shown: self.driver.policy.build.diagnostics as usize,
            }
            .feedback(&diagnostics::parse(&done.log))
        };
        Stop { error: StageError::rejected(feedback), deterministic: !crashed }
    }
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
