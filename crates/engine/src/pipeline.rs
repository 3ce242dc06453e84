//! The arrows: one type per stage that has been passed. Fields are private, nothing deserialises
//! into them, and each can only be made from the one before; so nothing unscanned is loaded and
//! nothing unverified is promoted.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use saggar_jail::sealed_memfd;
use saggar_model::{
    BuildRecord, Code, Diagnostic, Digest, Enforced, Event, Feedback, KeyHasher, Report, Severity,
    Stage, SubmissionId, Verdict, canonical,
};
use saggar_plugin_abi::{
    BuildRequest, BuildResult, Candidate, LoadRequest, NotBuilt, Sidecar, StageError,
};
use saggar_policy::Limits;
use serde::Serialize;

use crate::admission::Admitted;
use crate::{Bundle, Engine, feedback, keys};

/// A plan that the policy admits, as a submission with an id.
pub(crate) struct Planned<'a> {
    bundle: &'a Bundle,
    admitted: Admitted,
    id: SubmissionId,
    limits: Limits,
}

/// A plan with its artifact.
pub(crate) struct Built<'a> {
    planned: Planned<'a>,
    bytes: Vec<u8>,
    artifact: Digest,
    key: Digest,
    reused: bool,
    record: Box<BuildRecord>,
}

/// An artifact that the policy lets through.
pub(crate) struct Scanned<'a> {
    built: Built<'a>,
    key: Digest,
}

/// An artifact in a sidecar that serves nobody but the verifier.
pub(crate) struct Loaded<'a> {
    scanned: Scanned<'a>,
    trial: Trial<'a>,
}

/// An artifact that passed its plan's tests.
pub(crate) struct Verified<'a> {
    loaded: Loaded<'a>,
    key: Digest,
}

/// A build that failed still has a key.
pub(crate) struct BuildFailed {
    pub(crate) key: Option<Digest>,
    pub(crate) reused: bool,
    pub(crate) record: Option<Box<BuildRecord>>,
    pub(crate) error: StageError,
}

impl<'a> Planned<'a> {
    pub(crate) fn new(
        engine: &Engine,
        bundle: &'a Bundle,
        admitted: Admitted,
        id: SubmissionId,
    ) -> Result<Self, StageError> {
        let limits = engine.policy.admit(&bundle.plan).map_err(StageError::Rejected)?;
        Ok(Planned { bundle, admitted, id, limits })
    }

    /// Builds, or takes what an earlier build under the same key led to. One builder per key.
    pub(crate) fn build(self, engine: &Engine) -> Result<Built<'a>, Box<BuildFailed>> {
        let request = BuildRequest { plan: &self.bundle.plan, source: &self.bundle.source };
        let early = |error| Box::new(BuildFailed { key: None, reused: false, record: None, error });
        let key = engine.stages.driver.build_key(request).map_err(early)?;
        let failed =
            |reused, record, error| Box::new(BuildFailed { key: Some(key), reused, record, error });
        let plain = |error| failed(false, None, error);
        let store = &engine.stages.store;
        let _guard = store.lock_key(key).map_err(plain)?;
        let known = |key| store.build_result(&engine.principal, key).map_err(plain);
        if let Some(BuildResult::Artifact { artifact, record, .. }) = known(key)?
            && let Some(bytes) = store.get(artifact).map_err(plain)?
        {
            self.record_reuse(engine, key, Some(artifact)).map_err(plain)?;
            return Ok(Built { planned: self, bytes, artifact, key, reused: true, record });
        }
        if let Some(BuildResult::Rejected { feedback }) = known(self.rejection_key(key))? {
            self.record_reuse(engine, key, None).map_err(plain)?;
            return Err(failed(true, None, StageError::rejected(feedback)));
        }
        let intent = Event::BuildIntent { submission: self.id, build_key: key };
        self.note(engine, intent).map_err(plain)?;
        match engine.stages.driver.build(request) {
            Ok(built) => {
                let log = store.put(&built.log).map_err(plain)?;
                let artifact = store.put(&built.artifact).map_err(plain)?;
                let record = Box::new(built.record);
                let outcome = self.outcome(key, Some(record.clone()), None);
                self.note(engine, outcome).map_err(plain)?;
                let result = BuildResult::Artifact { artifact, record: record.clone(), log };
                store.remember_build(&engine.principal, key, &result).map_err(plain)?;
                Ok(Built {
                    planned: self,
                    bytes: built.artifact,
                    artifact,
                    key,
                    reused: false,
                    record,
                })
            }
            Err(not_built) => {
                let (record, error) = self.not_built(engine, key, *not_built);
                Err(failed(false, record, error))
            }
        }
    }

    /// Where a rejection is remembered: its feedback names lines of the plan, which the build key
    /// leaves out.
    fn rejection_key(&self, build_key: Digest) -> Digest {
        KeyHasher::new("rejection 1")
            .part("build key", build_key.as_bytes())
            .part("plan", self.bundle.plan.digest.as_bytes())
            .finish()
    }

    fn record_reuse(
        &self,
        engine: &Engine,
        key: Digest,
        artifact: Option<Digest>,
    ) -> Result<(), StageError> {
        self.note(engine, Event::BuildReused { submission: self.id, build_key: key, artifact })
    }

    fn not_built(
        &self,
        engine: &Engine,
        key: Digest,
        not_built: NotBuilt,
    ) -> (Option<Box<BuildRecord>>, StageError) {
        let store = &engine.stages.store;
        let mut error = not_built.error;
        let (StageError::Rejected(told) | StageError::Fault(told)) = &mut error;
        if !not_built.log.is_empty() {
            match store.put(&not_built.log) {
                Ok(log) => told.log = Some(log),
                Err(fault) => return (not_built.record, fault),
            }
        }
        let outcome = self.outcome(key, not_built.record.clone(), Some(told.as_ref().clone()));
        if let Err(fault) = self.note(engine, outcome) {
            return (not_built.record, fault);
        }
        if not_built.deterministic {
            let result = BuildResult::Rejected { feedback: error.feedback().clone() };
            let key = self.rejection_key(key);
            if let Err(fault) = store.remember_build(&engine.principal, key, &result) {
                return (not_built.record, fault);
            }
        }
        (not_built.record, error)
    }

    fn outcome(
        &self,
        key: Digest,
        record: Option<Box<BuildRecord>>,
        feedback: Option<Feedback>,
    ) -> Event {
        Event::BuildOutcome { submission: self.id, build_key: key, record, feedback }
    }

    fn note(&self, engine: &Engine, event: Event) -> Result<(), StageError> {
        engine.record(Some(self.admitted.authority()), event).map(drop).map_err(StageError::Fault)
    }
}

impl<'a> Built<'a> {
    pub(crate) fn artifact(&self) -> Digest {
        self.artifact
    }

    pub(crate) fn key(&self) -> Digest {
        self.key
    }

    pub(crate) fn reused(&self) -> bool {
        self.reused
    }

    pub(crate) fn record(&self) -> &BuildRecord {
        &self.record
    }

    /// Inspects the artifact.
    pub(crate) fn scan(self, engine: &Engine) -> Result<Scanned<'a>, StageError> {
        let language = self.planned.bundle.plan.language;
        let verdict = engine.stages.scanner.scan(&self.bytes, language)?;
        let key = keys::scan_key(self.artifact, language, engine.stages.scanner.rules());
        let outcome = Event::ScanOutcome {
            submission: self.planned.id,
            scan_key: key,
            passed: verdict.passed(),
            verdict: put_document(engine, &verdict)?,
        };
        self.planned.note(engine, outcome)?;
        if verdict.passed() {
            Ok(Scanned { built: self, key })
        } else {
            Err(StageError::rejected(refused_by_scan(
                &verdict,
                engine.policy.build.diagnostics as usize,
            )))
        }
    }
}

fn refused_by_scan(verdict: &Verdict, shown: usize) -> Feedback {
    let first = &verdict.findings[0];
    let summary = format!("the artifact is refused: {}: {}", first.rule, first.reason);
    let mut feedback = Feedback::new(Stage::Scan, Code::ScanRejected, summary)
        .hint("a skill computes from its arguments; leave out what the findings name");
    for finding in verdict.findings.iter().take(shown) {
        let message = format!("{} at {}: {}", finding.rule, finding.place, finding.reason);
        feedback.diagnostics.push(Diagnostic::error(message).fix(&finding.fix));
    }
    let left_out = verdict.findings.len().saturating_sub(shown);
    feedback.omitted = u32::try_from(left_out).unwrap_or(u32::MAX);
    feedback
}

impl<'a> Scanned<'a> {
    /// The verify key the artifact will have, to ask whether it has been verified already.
    pub(crate) fn verify_key(&self, engine: &Engine) -> Digest {
        keys::verify_key(
            self.built.artifact,
            &self.built.planned.bundle.plan,
            engine.stages.verifier.rules(),
        )
    }

    pub(crate) fn key(&self) -> Digest {
        self.key
    }

    pub(crate) fn artifact(&self) -> Digest {
        self.built.artifact
    }

    /// Loads the artifact in a sidecar for the verifier.
    pub(crate) fn load(self, engine: &'a Engine) -> Result<Loaded<'a>, StageError> {
        let planned = &self.built.planned;
        let trial = Trial {
            engine,
            submission: planned.id,
            bundle: planned.bundle,
            limits: planned.limits,
            digest: self.built.artifact,
            artifact: sealed_memfd("saggar-artifact", &self.built.bytes)
                .map_err(|error| StageError::fault(error.feedback(Stage::Load)))?,
            sidecar: Mutex::new(None),
        };
        let sidecar = trial.start()?;
        *trial.sidecar.lock().unwrap_or_else(PoisonError::into_inner) = Some(sidecar);
        Ok(Loaded { scanned: self, trial })
    }
}

impl<'a> Loaded<'a> {
    /// What the sidecar enforces on itself.
    pub(crate) fn enforced(&self) -> Option<Enforced> {
        let sidecar = self.trial.sidecar.lock().unwrap_or_else(PoisonError::into_inner);
        sidecar.as_ref().map(|sidecar| sidecar.enforced().clone())
    }

    /// Runs the plan's tests. `must_assert` refuses a report that asserts nothing.
    pub(crate) fn verify(
        self,
        engine: &Engine,
        must_assert: bool,
    ) -> Result<Verified<'a>, StageError> {
        let planned = &self.scanned.built.planned;
        let report = engine.stages.verifier.verify(&planned.bundle.plan, &self.trial)?;
        let key = self.scanned.verify_key(engine);
        let failure = report.failure();
        let passed = failure.is_none() && (report.passed() || !must_assert);
        let outcome = Event::VerifyOutcome {
            submission: planned.id,
            verify_key: key,
            passed,
            report: put_document(engine, &report)?,
        };
        planned.note(engine, outcome)?;
        match failure {
            Some(failure) => Err(StageError::rejected(failure)),
            None if !passed => Err(StageError::rejected(asserts_nothing(&report))),
            None => Ok(Verified { loaded: self, key }),
        }
    }
}

fn asserts_nothing(report: &Report) -> Feedback {
    let summary = format!("{} test(s) ran and none asserts anything", report.tests.len());
    Feedback::new(Stage::Verify, Code::TestFailed, summary).hint("give a [[test]] an `expect`")
}

impl Verified<'_> {
    /// Calls the verified artifact once, for `run`.
    pub(crate) fn call(&self, function: u32, args: &[u8]) -> Result<Vec<u8>, Box<Feedback>> {
        match self.loaded.trial.call(function, args) {
            Ok(answer) => answer,
            Err(fault) => Err(feedback(fault)),
        }
    }

    /// Makes it the current release. Returns its number.
    pub(crate) fn release(self, engine: &Engine) -> Result<u32, StageError> {
        let Scanned { built, key: scan_key } = self.loaded.scanned;
        let planned = &built.planned;
        let skill = planned.bundle.plan.name.clone();
        let intent = Event::ReleaseIntent {
            submission: planned.id,
            skill: skill.clone(),
            artifact: built.artifact,
        };
        let authority = Some(planned.admitted.authority());
        let entry = engine.record(authority, intent).map_err(StageError::Fault)?;
        let number = engine.stages.store.promote(&saggar_model::Release {
            skill: skill.clone(),
            number: 0,
            submission: planned.id,
            principal: engine.principal.clone(),
            plan: planned.bundle.plan.digest,
            source: Digest::of(&planned.bundle.source),
            artifact: built.artifact,
            build_key: built.key,
            scan_key,
            verify_key: self.key,
            policy: engine.policy.digest,
            promoted_ms: entry.time_ms,
        })?;
        let outcome = Event::ReleaseOutcome {
            submission: planned.id,
            skill,
            release: number,
            artifact: built.artifact,
        };
        planned.note(engine, outcome)?;
        Ok(number)
    }
}

/// The candidate under verification: after a crash the next call meets a new process.
struct Trial<'a> {
    engine: &'a Engine,
    submission: SubmissionId,
    bundle: &'a Bundle,
    limits: Limits,
    digest: Digest,
    artifact: OwnedFd,
    sidecar: Mutex<Option<Box<dyn Sidecar>>>,
}

impl Trial<'_> {
    fn start(&self) -> Result<Box<dyn Sidecar>, StageError> {
        self.engine.load(
            Some(self.submission),
            &self.bundle.plan.name,
            LoadRequest {
                artifact: self.artifact.as_fd(),
                digest: self.digest,
                interface: &self.bundle.plan.interface,
                memory: self.limits.memory,
                threads: self.limits.threads,
                principal: &self.engine.principal,
            },
        )
    }

    fn deadline(&self) -> Duration {
        self.limits.call_deadline
    }
}

impl Candidate for Trial<'_> {
    fn call(
        &self,
        function: u32,
        args: &[u8],
    ) -> Result<Result<Vec<u8>, Box<Feedback>>, StageError> {
        let mut sidecar = self.sidecar.lock().unwrap_or_else(PoisonError::into_inner);
        let alive = match sidecar.take() {
            Some(sidecar) if sidecar.alive() => sidecar,
            _ => self.start()?,
        };
        let mut answer = alive.call(function, args, self.deadline());
        if let Err(told) = &mut answer {
            fill_excerpts(told, self.bundle);
        }
        *sidecar = Some(alive);
        Ok(answer)
    }
}

/// Shows the line of the plan or the source that each diagnostic names.
pub(crate) fn fill_excerpts(feedback: &mut Feedback, bundle: &Bundle) {
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

fn put_document<T: Serialize>(engine: &Engine, document: &T) -> Result<Digest, StageError> {
    let text = canonical::of(document).map_err(|error| {
        StageError::fault(Feedback::new(Stage::Admit, Code::Internal, error.to_string()))
    })?;
    engine.stages.store.put(text.as_bytes())
}
