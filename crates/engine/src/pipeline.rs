//! The arrows: one type per stage that has been passed. Fields are private, nothing deserialises
//! into them, and each can only be made from the one before; so nothing unscanned is loaded and
//! nothing unverified is promoted.

use std::sync::Arc;
use std::thread;

use saggar_model::{
    BuildRecord, Code, Diagnostic, Digest, Enforced, Event, Feedback, KeyHasher, Release, Report,
    Stage, SubmissionId, Verdict, canonical,
};
use saggar_plugin_abi::{
    BuildResult, Candidate, DebugInfo, NotBuilt, PreparedBuild, PreparedSidecar, StageError,
};
use saggar_policy::Limits;
use serde::Serialize;

use crate::admission::Admitted;
use crate::keeper::Keeper;
use crate::trace::Trace;
use crate::trial::{Trial, sidecar_of};
use crate::{Bundle, Engine, feedback, keys};

/// A plan that the policy admits, as a submission with an id.
pub(crate) struct Planned<'a> {
    bundle: &'a Bundle,
    admitted: Admitted,
    id: SubmissionId,
    limits: Limits,
    keeper: &'a Keeper,
}

/// The process that is to load the artifact, started while it is built.
type Waiting = Result<Box<dyn PreparedSidecar>, StageError>;

/// A plan with its artifact.
pub(crate) struct Built<'a> {
    planned: Planned<'a>,
    bytes: Arc<Vec<u8>>,
    /// `None` where nothing was built.
    waiting: Option<Waiting>,
    artifact: Digest,
    /// The artifact with its debug information; `None` where that is in the store or nowhere.
    debug: Option<Arc<Vec<u8>>>,
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
    /// `limits` are what the policy admits this plan with.
    pub(crate) fn new(
        bundle: &'a Bundle,
        admitted: Admitted,
        id: SubmissionId,
        limits: Limits,
        keeper: &'a Keeper,
    ) -> Self {
        Planned { bundle, admitted, id, limits, keeper }
    }

    /// Builds, or takes what an earlier build under the same key led to. One builder per key.
    pub(crate) fn build(
        self,
        engine: &Engine,
        prepared: Result<Box<dyn PreparedBuild>, StageError>,
        trace: &Trace<'_>,
    ) -> Result<Built<'a>, Box<BuildFailed>> {
        let early = |error| Box::new(BuildFailed { key: None, reused: false, record: None, error });
        let prepared = prepared.map_err(early)?;
        let key = prepared.key();
        let failed =
            |reused, record, error| Box::new(BuildFailed { key: Some(key), reused, record, error });
        let plain = |error| failed(false, None, error);
        let store = &engine.stages.store;
        let guard = trace.time("build.lock", || store.lock_key(key)).map_err(plain)?;
        let known = |key| store.build_result(&engine.principal, key).map_err(plain);
        if let Some(BuildResult::Artifact { artifact, record, .. }) = known(key)?
            && let Some(bytes) = store.get(artifact).map_err(plain)?
        {
            self.record_reuse(engine, key, Some(artifact)).map_err(plain)?;
            let (bytes, waiting) = (Arc::new(bytes), None);
            return Ok(Built {
                planned: self,
                bytes,
                waiting,
                artifact,
                debug: None,
                key,
                reused: true,
                record,
            });
        }
        if let Some(BuildResult::Rejected { feedback }) = known(self.rejection_key(key))? {
            self.record_reuse(engine, key, None).map_err(plain)?;
            return Err(failed(true, None, StageError::rejected(feedback)));
        }
        let (built, waiting) = thread::scope(|scope| {
            // A process without an artifact: it costs the time that the compiler takes anyhow, and
            // goes away unused with what it was started for.
            let request = sidecar_of(engine, &self.limits);
            let waiting = scope.spawn(move || engine.stages.sidecars.prepare(request));
            let intent = Event::BuildIntent { submission: self.id, build_key: key };
            let noted = trace.time("build.intent", || self.note(engine, intent));
            let built = noted.map(|()| prepared.build());
            let waiting = waiting.join().unwrap_or_else(|_| {
                let summary = "starting the sidecar failed";
                Err(StageError::fault(Feedback::new(Stage::Load, Code::Internal, summary)))
            });
            (built, waiting)
        });
        match built.map_err(plain)? {
            Ok(built) => {
                trace.commands(&built.record);
                let log = self.keeper.put(built.log);
                let bytes = Arc::new(built.artifact);
                let artifact = self.keeper.put(Stored(Arc::clone(&bytes)));
                let debug = built.debug.map(Arc::new);
                if let Some(debug) = &debug {
                    self.keeper.put(Stored(Arc::clone(debug)));
                }
                let record = Box::new(built.record);
                let outcome = self.outcome(key, Some(record.clone()), None);
                self.note(engine, outcome).map_err(plain)?;
                let result = BuildResult::Artifact { artifact, record: record.clone(), log };
                let principal = engine.principal.clone();
                self.keeper.run(move |store| {
                    let remembered = store.remember_build(&principal, key, &result);
                    // Whoever waits for it finds the result.
                    drop(guard);
                    remembered
                });
                let waiting = Some(waiting);
                Ok(Built {
                    planned: self,
                    bytes,
                    waiting,
                    artifact,
                    debug,
                    key,
                    reused: false,
                    record,
                })
            }
            Err(not_built) => {
                not_built.record.iter().for_each(|record| trace.commands(record));
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
            verdict: put_document(self.planned.keeper, &verdict)?,
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
    pub(crate) fn build_key(&self) -> Digest {
        self.built.key
    }

    /// Whether it is this release, under the same keys.
    pub(crate) fn is(&self, release: &Release, engine: &Engine) -> bool {
        release.artifact == self.built.artifact
            && release.scan_key == self.key
            && release.verify_key == self.verify_key(engine)
            && release.plan == self.built.planned.bundle.plan.digest
            && release.principal == engine.principal
    }

    fn verify_key(&self, engine: &Engine) -> Digest {
        let plan = &self.built.planned.bundle.plan;
        keys::verify_key(self.built.artifact, plan, engine.stages.verifier.rules())
    }

    /// Loads the artifact in the sidecar that waits for it.
    pub(crate) fn load(
        mut self,
        engine: &'a Engine,
        trace: &Trace<'_>,
    ) -> Result<Loaded<'a>, StageError> {
        let Planned { id, bundle, limits, .. } = self.built.planned;
        let start = || engine.stages.sidecars.prepare(sidecar_of(engine, &limits));
        let waiting = self.built.waiting.take();
        let waiting = waiting.unwrap_or_else(|| trace.time("load.start", start))?;
        let debug = match &self.built.debug {
            Some(debug) => {
                let debug = Arc::clone(debug);
                Some(DebugInfo::new(move || Some(debug.to_vec())))
            }
            None => engine.debug_info(self.built.record.debug),
        };
        let artifact = (self.built.bytes.as_slice(), self.built.artifact, debug);
        let start = || Trial::start(engine, id, bundle, limits, artifact, waiting);
        let trial = trace.time("load.load", start)?;
        Ok(Loaded { scanned: self, trial })
    }
}

impl<'a> Loaded<'a> {
    /// What the sidecar enforces on itself.
    pub(crate) fn enforced(&self) -> Option<Enforced> {
        self.trial.enforced()
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
            report: put_document(planned.keeper, &report)?,
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
    pub(crate) fn release(self, engine: &Engine, trace: &Trace<'_>) -> Result<u32, StageError> {
        // The verifier is done with it; it ends while the promotion waits for the disk.
        self.loaded.trial.end();
        let Scanned { built, key: scan_key } = self.loaded.scanned;
        let planned = &built.planned;
        let skill = planned.bundle.plan.name.clone();
        let intent = Event::ReleaseIntent {
            submission: planned.id,
            skill: skill.clone(),
            artifact: built.artifact,
        };
        let authority = Some(planned.admitted.authority());
        let entry = trace.time("release.intent", || engine.record(authority, intent));
        let entry = entry.map_err(StageError::Fault)?;
        trace.time("release.keep", || planned.keeper.wait())?;
        let release = Release {
            skill: skill.clone(),
            number: 0,
            submission: planned.id,
            principal: engine.principal.clone(),
            plan: planned.bundle.plan.digest,
            source: planned.bundle.source_digest,
            artifact: built.artifact,
            debug: built.record.debug,
            build_key: built.key,
            scan_key,
            verify_key: self.key,
            policy: engine.policy.digest,
            promoted_ms: entry.time_ms,
        };
        let number = trace.time("release.promote", || engine.stages.store.promote(&release))?;
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

/// The artifact's bytes, shared with who stores them.
struct Stored(Arc<Vec<u8>>);

impl AsRef<[u8]> for Stored {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn put_document<T: Serialize>(keeper: &Keeper, document: &T) -> Result<Digest, StageError> {
    let text = canonical::of(document).map_err(|error| {
        StageError::fault(Feedback::new(Stage::Admit, Code::Internal, error.to_string()))
    })?;
    Ok(keeper.put(text))
}
