//! The build stage on this machine, with gcc, clang and rustc: what a build will do, worked out before
//! anything is started. Done it is by `build`, what is left to be done while idle by `settle`.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use saggar_jail::Launcher;
use saggar_model::{
    Code, Diagnostic, Digest, Feedback, KeyHasher, Language, Plan, Principal, Stage,
};
use saggar_plugin_abi::{BuildRequest, CompilerDriver, PreparedBuild, StageError};
use saggar_policy::Policy;
use saggar_skill_abi::ABI_VERSION;

use crate::build::LocalBuild;
use crate::glue::{self, Glue, GlueRequest, generate};
use crate::precompiled::{Precompiled, Recipe};
use crate::prelude::Prelude;
use crate::slots::Slots;
use crate::symbols::Symbol;
use crate::toolchain::{Compiler, Toolchains, Which};
use crate::{commands, processor, settle, symbols};

/// Files of ours in the work directory. A `+` stands in no name that a plan may give its source.
pub(crate) const UNITS: [&str; 2] = ["saggar+glue.c", "saggar+glue.cpp"];
pub(crate) const HEADER: &str = "saggar.h";
pub(crate) const PRELUDE: &str = "saggar+prelude.h";
pub(crate) const EXPORTS: &str = "saggar+exports.map";
pub(crate) const OBJECT: &str = "skill+.o";
pub(crate) const RUNTIME: &str = "saggar+runtime.o";
pub(crate) const RUST_RUNTIME: &str = "libsaggar_glue.rlib";
pub(crate) const SECTIONS: &str = "saggar+sections.ld";
pub(crate) const ARTIFACT: &str = "skill.so";
pub(crate) const DEPENDENCIES: &str = "skill.d";

/// Builds with the compilers that the policy names.
#[derive(Clone, Debug)]
pub struct LocalDriver {
    pub(crate) launcher: Arc<Launcher>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) toolchains: Arc<Toolchains>,
    pub(crate) precompiled: Precompiled,
    pub(crate) slots: Arc<Slots>,
}

/// Everything a build does and needs, worked out before it is done.
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    pub(crate) source: Vec<u8>,
    /// The source as text; in C and C++ what is no UTF-8 is replaced.
    pub(crate) text: String,
    pub(crate) principal: Principal,
    pub(crate) glue: Glue,
    /// File name of the translation unit.
    pub(crate) unit: String,
    pub(crate) symbols: Vec<String>,
    pub(crate) compiler: Compiler,
    pub(crate) prelude: Prelude,
    /// What a precompiled header would be made of, if the source begins with headers.
    pub(crate) header: Option<(Digest, Recipe)>,
    /// What the artifact runs on.
    pub(crate) platform: String,
    pub(crate) compile: Vec<String>,
    /// Empty for Rust, which links what it compiles.
    pub(crate) link: Vec<String>,
}

impl LocalDriver {
    /// A driver that runs compilers through this launcher and remembers in `cache` what can be
    /// worked out again: which compilers they are, headers compiled ahead.
    pub fn new(launcher: Arc<Launcher>, policy: Arc<Policy>, cache: PathBuf) -> Self {
        let precompiled = Precompiled::new(&cache, policy.build.precompiled.size.0);
        let slots = Arc::new(Slots::new(&cache, policy.build.slots));
        let toolchains =
            Arc::new(Toolchains::new(Arc::clone(&launcher), Arc::clone(&policy), cache));
        LocalDriver { launcher, policy, toolchains, precompiled, slots }
    }

    fn work_out(&self, request: BuildRequest<'_>) -> Result<Prepared, StageError> {
        let plan = request.plan;
        let text = match std::str::from_utf8(request.source) {
            Ok(text) => Cow::Borrowed(text),
            // gcc takes any bytes in comments and literals.
            Err(_) if plan.language != Language::Rust => String::from_utf8_lossy(request.source),
            Err(error) => return Err(not_text(plan, request.source, error.valid_up_to())),
        };
        let symbols = resolve(request, &text)?;
        let unit = match plan.language {
            Language::C => UNITS[0],
            Language::Cpp => UNITS[1],
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
        let compiler = self.toolchains.identify(Which::of(&self.policy, plan))?;
        let prelude = match takes_prelude(plan) {
            true => Prelude::read(request.source),
            false => Prelude::default(),
        };
        let recipe = Recipe::of(plan, &compiler, &prelude);
        let header = recipe.map(|recipe| (self.header_key(&compiler, &recipe), recipe));
        // rustc starts its linker itself, as the one command says.
        let linker = compiler.linker.as_ref().filter(|_| plan.language != Language::Rust);
        let link = linker.map(|linker| linker.command(&compiler.section.link));
        let compile = commands::compile(plan, &compiler, unit, &prelude);
        Ok(Prepared {
            platform: platform(&processor::asked_for(&compile)?),
            compile,
            link: link.unwrap_or_default(),
            plan: plan.clone(),
            source: request.source.to_vec(),
            principal: request.principal.clone(),
            unit: unit.to_owned(),
            text: text.into_owned(),
            glue,
            symbols,
            compiler,
            prelude,
            header,
        })
    }

    /// Everything that can change a precompiled header.
    pub(crate) fn header_key(&self, compiler: &Compiler, recipe: &Recipe) -> Digest {
        let argv = commands::precompile(recipe, compiler);
        let processor = processor::asked_for(&argv).unwrap_or_default();
        KeyHasher::new("precompiled header 1")
            .part("prelude", recipe.prelude.as_bytes())
            .part("compile", argv.join("\0").as_bytes())
            .part("toolchain", compiler.toolchain.digest.as_bytes())
            .part("policy", self.policy.build_digest.as_bytes())
            .part("platform", platform(&processor).as_bytes())
            .finish()
    }

    fn build_key(&self, prepared: &Prepared) -> Digest {
        KeyHasher::new("build key 3")
            .part("abi", &ABI_VERSION.to_le_bytes())
            .part("source name", prepared.plan.source.as_str().as_bytes())
            .part("source", &prepared.source)
            .part("prelude", prepared.prelude.text().as_bytes())
            .part("glue", prepared.glue.text.as_bytes())
            .part("header", prepared.glue.header.as_bytes())
            .part("compile", prepared.compile.join("\0").as_bytes())
            .part("link", prepared.link.join("\0").as_bytes())
            .part("runtime", prepared.compiler.runtime.digest.as_bytes())
            .part("toolchain", prepared.compiler.toolchain.digest.as_bytes())
            .part("policy", self.policy.build_digest.as_bytes())
            .part("platform", prepared.platform.as_bytes())
            .finish()
    }
}

impl CompilerDriver for LocalDriver {
    fn prepare(&self, request: BuildRequest<'_>) -> Result<Box<dyn PreparedBuild>, StageError> {
        let prepared = self.work_out(request)?;
        let key = self.build_key(&prepared);
        Ok(Box::new(LocalBuild { driver: self.clone(), prepared, key }))
    }

    fn tools(&self, plan: &Plan) -> Option<Digest> {
        let compiler = self.toolchains.identify(Which::of(&self.policy, plan)).ok()?;
        Some(compiler.toolchain.digest)
    }

    fn unsettled(&self) -> bool {
        self.precompiled.is_wanting()
    }

    fn settle(&self, cancel: &AtomicBool) {
        settle::settle(self, cancel);
    }
}

/// The machine, and where a flag says `native` its processor.
pub(crate) fn platform(processor: &str) -> String {
    format!("{}\n{processor}", std::env::consts::ARCH)
}

/// Whether the headers of a source may be read before it. The work directory is searched first:
/// there, a source that had the name of a header would be that header.
fn takes_prelude(plan: &Plan) -> bool {
    const SOURCES: [&str; 4] = [".c", ".cc", ".cpp", ".cxx"];
    let name = plan.source.as_str();
    plan.language != Language::Rust && SOURCES.iter().any(|ending| name.ends_with(ending))
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
    let find = reader(plan.language, text);
    let name = |function: &saggar_skill_abi::Function| {
        if let Some(symbol) = plan.symbols.get(&function.name) {
            return Ok(symbol.clone());
        }
        match find(&function.name) {
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

/// Reads a source once, and then finds functions in it by their WIT names.
fn reader(language: Language, text: &str) -> Box<dyn Fn(&str) -> Symbol + '_> {
    if language == Language::Rust {
        let functions = glue::RustFunctions::read(text);
        return Box::new(move |name| functions.resolve(name));
    }
    let named = symbols::Named::read(text);
    Box::new(move |name| named.resolve(name))
}
