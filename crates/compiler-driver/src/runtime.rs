//! The part of the glue that no skill changes, as an object of its own: compiled once for each
//! toolchain, when it is asked what it is, and linked with every skill.

use std::sync::{Arc, LazyLock};

use saggar_model::{Digest, KeyHasher, Language};
use saggar_plugin_abi::StageError;
use saggar_skill_abi::headers;

use crate::driver::platform;
use crate::processor;

/// The object, and what its bytes come to.
#[derive(Clone, Debug)]
pub(crate) struct Runtime {
    pub(crate) digest: Digest,
    pub(crate) object: Arc<[u8]>,
}

impl Default for Runtime {
    /// Of nothing: what Rust is linked with.
    fn default() -> Self {
        Runtime::from(Vec::new())
    }
}

impl From<Vec<u8>> for Runtime {
    fn from(object: Vec<u8>) -> Self {
        Runtime { digest: Digest::of(&object), object: object.into() }
    }
}

/// The source of a language's runtime; nothing for Rust, whose glue stands in the source's unit.
pub(crate) fn text(language: Language) -> &'static str {
    match language {
        Language::C => headers::RUNTIME_C,
        Language::Cpp => headers::RUNTIME_CPP,
        Language::Rust => "",
    }
}

/// Of the source, worked out once: every submission asks.
fn digest(language: Language) -> Digest {
    static C: LazyLock<Digest> = LazyLock::new(|| Digest::of(text(Language::C).as_bytes()));
    static CPP: LazyLock<Digest> = LazyLock::new(|| Digest::of(text(Language::Cpp).as_bytes()));
    match language {
        Language::C => *C,
        Language::Cpp => *CPP,
        Language::Rust => Digest::of(b""),
    }
}

/// File name of the translation unit.
pub(crate) fn unit(language: Language) -> &'static str {
    match language {
        Language::C => "saggar+runtime.c",
        _ => "saggar+runtime.cpp",
    }
}

/// Everything that decides the object but the toolchain.
///
/// # Errors
/// A fault when `argv` asks for the processor and that does not show.
pub(crate) fn key(language: Language, argv: &[String]) -> Result<Digest, StageError> {
    let key = KeyHasher::new("runtime 1")
        .part("text", digest(language).as_bytes())
        .part("compile", argv.join("\0").as_bytes())
        .part("platform", platform(&processor::asked_for(argv)?).as_bytes());
    Ok(key.finish())
}
