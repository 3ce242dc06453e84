//! The part of the glue that no skill changes, as an object of its own (a library, for Rust):
//! compiled once for each toolchain, when it is asked what it is, and linked with every skill.

use std::sync::Arc;

use saggar_model::{Digest, KeyHasher, Language};
use saggar_plugin_abi::StageError;
use saggar_skill_abi::headers;
use serde::{Deserialize, Serialize};

use crate::driver::{RUNTIME, RUST_RUNTIME, platform};
use crate::processor;

/// Largest object, bytes.
pub(crate) const MOST: u64 = 4 << 20;

/// The object, and what its bytes come to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Runtime {
    pub(crate) digest: Digest,
    /// Kept in a file of its own.
    #[serde(skip)]
    pub(crate) object: Arc<[u8]>,
}

impl From<Vec<u8>> for Runtime {
    fn from(object: Vec<u8>) -> Self {
        Runtime { digest: Digest::of(&object), object: object.into() }
    }
}

/// The source of a language's runtime.
pub(crate) fn text(language: Language) -> &'static str {
    match language {
        Language::C => headers::RUNTIME_C,
        Language::Cpp => headers::RUNTIME_CPP,
        Language::Rust => headers::RUNTIME_RS,
    }
}

/// File name of the translation unit.
pub(crate) fn unit(language: Language) -> &'static str {
    match language {
        Language::C => "saggar+runtime.c",
        Language::Cpp => "saggar+runtime.cpp",
        Language::Rust => "saggar+runtime.rs",
    }
}

/// File name of the object. rustc looks for a crate under no other name (The rustc book,
/// "Command-line Arguments", `-L`).
pub(crate) fn object(language: Language) -> &'static str {
    match language {
        Language::C | Language::Cpp => RUNTIME,
        Language::Rust => RUST_RUNTIME,
    }
}

/// Everything that decides the object but the toolchain.
///
/// # Errors
/// A fault when `argv` asks for the processor and that does not show.
pub(crate) fn key(language: Language, argv: &[String]) -> Result<Digest, StageError> {
    let key = KeyHasher::new("runtime 1")
        .part("text", text(language).as_bytes())
        .part("compile", argv.join("\0").as_bytes())
        .part("platform", platform(&processor::asked_for(argv)?).as_bytes());
    Ok(key.finish())
}
