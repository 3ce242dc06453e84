//! The candidate under verification, and the lines that a feedback about it shows.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use saggar_jail::sealed_memfd;
use saggar_model::{Diagnostic, Digest, Enforced, Feedback, Severity, Stage, SubmissionId};
use saggar_plugin_abi::{
    Candidate, DebugInfo, LoadRequest, PreparedSidecar, Sidecar, SidecarRequest, StageError,
};
use saggar_policy::Limits;

use crate::{Bundle, Engine};

/// An artifact in a sidecar that serves the verifier: after a crash the next call meets a new
/// process.
pub(crate) struct Trial<'a> {
    engine: &'a Engine,
    submission: SubmissionId,
    bundle: &'a Bundle,
    limits: Limits,
    digest: Digest,
    artifact: OwnedFd,
    debug: Option<DebugInfo>,
    sidecar: Mutex<Option<Box<dyn Sidecar>>>,
}

/// What a sidecar must be for a skill of these limits, whatever its artifact.
pub(crate) fn sidecar_of<'a>(engine: &'a Engine, limits: &Limits) -> SidecarRequest<'a> {
    SidecarRequest { memory: limits.memory, threads: limits.threads, principal: &engine.principal }
}

impl<'a> Trial<'a> {
    /// Loads an artifact, whose bytes have this digest, in the process that was prepared for it.
    pub(crate) fn start(
        engine: &'a Engine,
        submission: SubmissionId,
        bundle: &'a Bundle,
        limits: Limits,
        (bytes, digest, debug): (&[u8], Digest, Option<DebugInfo>),
        prepared: Box<dyn PreparedSidecar>,
    ) -> Result<Self, StageError> {
        let artifact = sealed_memfd("saggar-artifact", bytes)
            .map_err(|error| StageError::fault(error.feedback(Stage::Load)))?;
        let sidecar = Mutex::new(None);
        let trial = Trial { engine, submission, bundle, limits, digest, artifact, debug, sidecar };
        *trial.slot() = Some(trial.load(prepared)?);
        Ok(trial)
    }

    fn load(&self, prepared: Box<dyn PreparedSidecar>) -> Result<Box<dyn Sidecar>, StageError> {
        let request = LoadRequest {
            interface: &self.bundle.plan.interface,
            artifact: self.artifact.as_fd(),
            digest: self.digest,
            debug: self.debug.as_ref(),
        };
        let skill = &self.bundle.plan.name;
        self.engine.load(Some(self.submission), skill, prepared, request)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Box<dyn Sidecar>>> {
        self.sidecar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the sidecar enforces on itself.
    pub(crate) fn enforced(&self) -> Option<Enforced> {
        self.slot().as_ref().map(|sidecar| sidecar.enforced().clone())
    }

    /// Ends the process, if there is one.
    pub(crate) fn end(&self) {
        drop(self.slot().take());
    }
}

impl Candidate for Trial<'_> {
    fn call(
        &self,
        function: u32,
        args: &[u8],
    ) -> Result<Result<Vec<u8>, Box<Feedback>>, StageError> {
        let mut sidecar = self.slot();
        let alive = match sidecar.take() {
            Some(sidecar) if sidecar.alive() => sidecar,
            _ => {
                let request = sidecar_of(self.engine, &self.limits);
                self.load(self.engine.stages.sidecars.prepare(request)?)?
            }
        };
        let mut answer = alive.call(function, args, self.limits.call_deadline);
        if let Err(told) = &mut answer {
            fill_excerpts(told, self.bundle);
        }
        *sidecar = Some(alive);
        Ok(answer)
    }
}

/// Shows the line of the plan or the source that each diagnostic names.
pub(crate) fn fill_excerpts(feedback: &mut Feedback, bundle: &Bundle) {
    if feedback.diagnostics.is_empty() {
        return;
    }
    let source = String::from_utf8_lossy(&bundle.source);
    // Debug information is the skill's own word: `#line` can name any file.
    let known = [bundle.plan.source.as_str(), bundle.plan.file.as_str()];
    feedback.diagnostics.retain(|d| d.file.as_deref().is_none_or(|file| known.contains(&file)));
    // What lies after the end of a Rust source is glue.
    let last = u32::try_from(source.lines().count()).unwrap_or(u32::MAX);
    let is_glue = |d: &Diagnostic| d.file.as_deref() == Some(known[0]) && d.line > Some(last);
    feedback.diagnostics.retain(|d| !is_glue(d));
    for diagnostic in &mut feedback.diagnostics {
        let (Some(file), Some(line), None) =
            (&diagnostic.file, diagnostic.line, &diagnostic.excerpt)
        else {
            continue;
        };
        let file = file.clone();
        if file == bundle.plan.source.as_str() {
            *diagnostic = diagnostic.clone().at(&file, line, &source);
        } else if file == bundle.plan.file {
            *diagnostic = diagnostic.clone().at(&file, line, &bundle.plan_text);
        }
    }
    feedback.diagnostics.sort_by_key(|d| matches!(d.severity, Severity::Note));
}
