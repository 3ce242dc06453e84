//! The verify stage: is the artifact what the plan promised?

use saggar_model::{Digest, Plan, Report};

use crate::{Candidate, StageError};

/// Runs a plan's checks against a loaded artifact. Expected values, clock and verdict stay on
/// this side; only arguments go into the candidate's process.
pub trait Verifier: Send + Sync {
    /// Digest of the checks that apply beyond the plan's own tests: with the artifact's digest
    /// and the plan's tests it is part of the verify key.
    fn rules(&self) -> Digest;

    /// Runs every test, going on after a failure or a crash.
    ///
    /// # Errors
    /// A fault when no candidate can be had; failed tests are in the report.
    fn verify(&self, plan: &Plan, candidate: &dyn Candidate) -> Result<Report, StageError>;
}
