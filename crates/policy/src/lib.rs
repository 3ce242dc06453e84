//! Policy text to a validated [`Policy`]: what a build, a scan, a sidecar and a plan may use, and
//! the seccomp rules compiled to BPF. Reads no file; a policy's digest is over its text.
//!
//! ```
//! let policy = saggar_policy::Policy::builtin();
//! assert_eq!(policy.name, "default");
//! assert!(saggar_policy::Policy::builtin_named("strict").is_some_and(|strict| strict.jail.mdwe));
//! assert!(policy.scan.needed.iter().any(|library| library == "libc.so.6"));
//! ```
#![forbid(unsafe_code)]

mod limits;
mod seccomp;
mod sections;

use saggar_model::{CompilerFamily, Digest, Language, Plan, canonical};
use thiserror::Error;

pub use limits::Limits;
pub use seccomp::{Seccomp, Stage as SeccompStage};
pub use sections::{
    Bounded, BuildSection, ClangSection, CompilerSection, DenyImports, ExceptImports, JailSection,
    LimitsSection, PidsLimit, PrecompiledSection, ScanSection, SidecarIsolation, SidecarSection,
};

/// The text of `policies/default.toml`, the policy used unless another is named.
pub const BUILTIN: &str = include_str!("../../../policies/default.toml");

/// The policies that are built in, by name.
const NAMED: [(&str, &str); 3] = [
    ("default", BUILTIN),
    ("strict", include_str!("../../../policies/strict.toml")),
    ("container", include_str!("../../../policies/container.toml")),
];

/// A validated policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text.
    pub digest: Digest,
    /// SHA-256 over the part that can change an artifact.
    pub build_digest: Digest,
    /// SHA-256 over the part that Scan reads.
    pub scan_digest: Digest,
    /// What every jail has.
    pub jail: JailSection,
    /// What plans get and may ask for.
    pub limits: LimitsSection,
    /// How sources are compiled.
    pub build: BuildSection,
    /// What an artifact may contain.
    pub scan: ScanSection,
    /// How sidecars run.
    pub sidecar: SidecarSection,
    /// System calls, by stage.
    pub seccomp: Seccomp,
}

/// Why a text is no policy.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// No TOML, or an unknown, missing or ill-typed key.
    #[error("policy line {line}: {message}")]
    Toml {
        /// Line of the text, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A value that makes no sense.
    #[error("policy: {0}")]
    Value(String),
    /// A seccomp rule that does not compile.
    #[error("policy: seccomp.{stage}: {message}")]
    Seccomp {
        /// `build`, `load` or `serve`.
        stage: &'static str,
        /// What is wrong.
        message: String,
    },
}

impl Policy {
    /// The policy that is built in.
    ///
    /// # Panics
    /// Never: a test parses the same text.
    pub fn builtin() -> Self {
        Policy::parse(BUILTIN).expect("the built-in policy parses, as a test of this crate shows")
    }

    /// The policy of this name that is built in: `default`, `strict` or `container`.
    ///
    /// # Panics
    /// Never: a test parses the same texts.
    pub fn builtin_named(name: &str) -> Option<Self> {
        let (_, text) = NAMED.iter().find(|(known, _)| *known == name)?;
        Some(
            Policy::parse(text)
                .expect("the built-in policies parse, as a test of this crate shows"),
        )
    }

    /// Parses and validates a policy. Fails closed: unknown keys, empty filters and paths that are
    /// not absolute are errors.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line where TOML knows it.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let raw: sections::RawPolicy = toml::from_str(text).map_err(|error| {
            let before = &text[..error.span().map_or(0, |span| span.start).min(text.len())];
            let line = before.matches('\n').count() + 1;
            PolicyError::Toml { line, message: error.message().trim().to_owned() }
        })?;
        raw.check()?;
        Ok(Policy {
            digest: Digest::of(text.as_bytes()),
            build_digest: digest(&raw.build)?,
            scan_digest: digest(&raw.scan)?,
            name: raw.name,
            jail: raw.jail,
            limits: raw.limits,
            build: raw.build,
            scan: raw.scan,
            sidecar: raw.sidecar,
            seccomp: Seccomp::compile(&raw.seccomp)?,
        })
    }

    /// How sources of a language are compiled when the plan names no compiler.
    pub fn compiler(&self, language: Language) -> &CompilerSection {
        let default = self.compiler_of(language, self.build.default_compiler);
        default.expect("`RawPolicy::check` wants the sections of the default compiler")
    }

    /// How a plan's source is compiled; `None` if the policy has not the compiler it names.
    pub fn compiler_for(&self, plan: &Plan) -> Option<&CompilerSection> {
        self.compiler_of(plan.language, self.family_for(plan))
    }

    /// Which compilers a plan gets, as far as its language has more than one.
    pub fn family_for(&self, plan: &Plan) -> CompilerFamily {
        plan.compiler.unwrap_or(self.build.default_compiler)
    }

    /// How a family of compilers compiles a language; `None` if the policy has it not.
    pub fn compiler_of(
        &self,
        language: Language,
        family: CompilerFamily,
    ) -> Option<&CompilerSection> {
        let build = &self.build;
        match (language, family) {
            (Language::Rust, _) => Some(&build.rust),
            (Language::C, CompilerFamily::Gcc) => Some(&build.c),
            (Language::Cpp, CompilerFamily::Gcc) => Some(&build.cpp),
            (Language::C, CompilerFamily::Clang) => build.clang.as_ref().map(|clang| &clang.c),
            (Language::Cpp, CompilerFamily::Clang) => build.clang.as_ref().map(|clang| &clang.cpp),
        }
    }
}

fn digest<T: serde::Serialize>(section: &T) -> Result<Digest, PolicyError> {
    canonical::digest(section).map_err(|error| PolicyError::Value(error.to_string()))
}
