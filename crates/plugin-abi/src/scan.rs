//! The scan stage: bytes to a verdict.

use saggar_model::{Digest, Language, Verdict};

use crate::StageError;

/// Inspects an artifact. Pure: reads nothing but the bytes it is given.
pub trait Scanner: Send + Sync {
    /// Digest of the rules: with the artifact's digest it is the scan key.
    fn rules(&self) -> Digest;

    /// Inspects the bytes of an artifact whose plan names this language: the policy may except
    /// imports that a language's own library has. Never panics, whatever they are, and takes time
    /// and memory bounded by their length.
    ///
    /// # Errors
    /// A fault when the scanner itself fails; that is never a pass.
    fn scan(&self, artifact: &[u8], language: Language) -> Result<Verdict, StageError>;
}
