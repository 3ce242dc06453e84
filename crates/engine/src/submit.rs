//! `submit` and `run`: a bundle through the pipeline, and the record of how far it came.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use saggar_model::{
    Authority, Code, Command, Digest, Event, Feedback, Stage, Status, Submission, SubmissionId,
};
use saggar_plugin_abi::{BuildRequest, NewSubmission, PreparedBuild, StageError};
use saggar_skill_abi::{decode, encode};
use serde_json::Value;

use crate::admission::Admitted;
use crate::duplicates::Repeated;
use crate::keeper::{Answer, Keeper};
use crate::pipeline::{Planned, Scanned, Verified};
use crate::trace::{Observer, Trace, Unobserved, micros};
use crate::trial::fill_excerpts;
use crate::{Bundle, Engine};

/// What `run` came to.
#[derive(Debug)]
pub struct Ran {
    /// The record, as for `submit`; nothing was promoted.
    pub submission: Submission,
    /// What the function gave, if it was called.
    pub result: Option<Result<Value, Box<Feedback>>>,
}

/// A submission under way.
pub(crate) struct Progress<'o> {
    pub(crate) record: Submission,
    pub(crate) trace: Trace<'o>,
    since: Instant,
    /// It has no effect: its end is written with the next group.
    pub(crate) grouped: bool,
}

impl Progress<'_> {
    fn enter(&mut self, stage: Stage) {
        self.record.stage = stage;
        self.since = Instant::now();
        self.trace.entered(stage);
    }

    pub(crate) fn leave(&mut self) {
        self.record.timings_us.insert(self.record.stage, micros(self.since.elapsed()));
    }

    pub(crate) fn commands(&mut self, commands: &[Command]) {
        for command in commands {
            self.record.enforced.insert(command.step.clone(), command.enforced.clone());
        }
    }
}

impl Engine {
    /// Takes a bundle through every stage and promotes it.
    pub fn submit(&self, bundle: &Bundle, authority: Option<Authority>) -> Submission {
        self.submit_with(bundle, authority, &Unobserved)
    }

    /// As [`Engine::submit`], for somebody who watches.
    pub fn submit_with(
        &self,
        bundle: &Bundle,
        authority: Option<Authority>,
        observer: &dyn Observer,
    ) -> Submission {
        let mut progress = self.progress(authority, observer);
        let outcome = self.promote(bundle, authority, &mut progress);
        self.finish(progress, outcome.err(), Some(bundle))
    }

    fn promote(
        &self,
        bundle: &Bundle,
        authority: Option<Authority>,
        progress: &mut Progress<'_>,
    ) -> Result<(), StageError> {
        let keeper = Keeper::new(Arc::clone(&self.stages));
        let taken = self.attempt(bundle, authority, progress, true, &keeper);
        let done = taken.and_then(|taken| {
            let Some(verified) = taken else { return Ok(()) };
            progress.enter(Stage::Release);
            let number = verified.release(self, &progress.trace);
            progress.leave();
            progress.record.release = Some(number?);
            Ok(())
        });
        // What could not be stored is a fault even of a submission that is rejected.
        keeper.wait()?;
        done?;
        progress.record.status = Status::Released;
        progress.record.exit_code = 0;
        Ok(())
    }

    /// Takes a bundle as far as Verify and calls one function. Promotes nothing.
    pub fn run(
        &self,
        bundle: &Bundle,
        authority: Option<Authority>,
        function: &str,
        args: &[Value],
    ) -> Ran {
        self.run_with(bundle, authority, function, args, &Unobserved)
    }

    /// As [`Engine::run`], for somebody who watches.
    pub fn run_with(
        &self,
        bundle: &Bundle,
        authority: Option<Authority>,
        function: &str,
        args: &[Value],
        observer: &dyn Observer,
    ) -> Ran {
        let mut progress = self.progress(authority, observer);
        let prepared = match prepare_call(bundle, function, args) {
            Ok(prepared) => prepared,
            Err(told) => {
                // What is asked for is wrong, whatever the skill is: say so before building it.
                let submission = self.finish(progress, Some(StageError::Rejected(told)), None);
                return Ran { submission, result: None };
            }
        };
        let mut result = None;
        let keeper = Keeper::new(Arc::clone(&self.stages));
        let taken = self.attempt(bundle, authority, &mut progress, false, &keeper);
        let done = taken.map(|taken| {
            let Some(verified) = taken else { return };
            progress.record.status = Status::Verified;
            let answer = self.call_once(bundle, &verified, &prepared, args);
            progress.record.exit_code = answer.as_ref().err().map_or(0, |told| told.code.exit());
            result = Some(answer);
        });
        let done = keeper.wait().and(done);
        Ran { submission: self.finish(progress, done.err(), Some(bundle)), result }
    }

    /// The record of a request that never became a submission, for instance because its plan
    /// cannot be read.
    pub fn refuse(&self, told: Box<Feedback>, authority: Option<Authority>) -> Submission {
        let progress = self.progress(authority, &Unobserved);
        self.finish(progress, Some(StageError::Rejected(told)), None)
    }

    /// Whether compilation is open.
    ///
    /// # Errors
    /// The feedback that says how to proceed.
    pub fn gate(&self, authority: Option<Authority>) -> Result<(), Box<Feedback>> {
        Admitted::new(authority).map(drop)
    }

    /// Everything up to Verify. `None` when the current release is this very thing. What is still
    /// being stored is left with the keeper.
    fn attempt<'a>(
        &'a self,
        bundle: &'a Bundle,
        authority: Option<Authority>,
        progress: &mut Progress<'_>,
        promote: bool,
        keeper: &'a Keeper,
    ) -> Result<Option<Verified<'a>>, StageError> {
        progress.record.skill = Some(bundle.plan.name.clone());
        let admitted = Admitted::new(authority).map_err(StageError::Rejected)?;
        progress.enter(Stage::Plan);
        let asserts = if promote { bundle.plan.require_assertion() } else { Ok(()) };
        let limits = asserts.and_then(|()| self.policy.admit(&bundle.plan));
        let mut prepared = None;
        if promote && limits.is_ok() {
            match self.repeated(bundle, progress)? {
                Repeated::Answered => return Ok(None),
                Repeated::New(early) => prepared = early,
            }
        }
        let begun = self.begin(bundle, keeper);
        let id = thread::scope(|scope| {
            // Beside the keeper's work.
            if limits.is_ok() && !self.warmed.swap(true, Ordering::Relaxed) {
                scope.spawn(|| self.stages.sidecars.warm());
            }
            if limits.is_ok() && prepared.is_none() {
                prepared = Some(self.prepare(bundle, &progress.trace));
            }
            progress.trace.time("plan.keep", || begun.wait())
        })?;
        progress.record.submission = Some(id);
        let skill = bundle.plan.name.clone();
        let (plan, source) = (bundle.plan.digest, bundle.source_digest);
        let received = Event::SubmissionReceived { submission: id, skill, plan, source };
        self.record(authority, received).map_err(StageError::Fault)?;
        let limits = limits.map_err(StageError::Rejected)?;
        let planned = Planned::new(bundle, admitted, id, limits, keeper);
        progress.leave();

        progress.enter(Stage::Build);
        let prepared = prepared.unwrap_or_else(|| self.prepare(bundle, &progress.trace));
        let tools = prepared.as_ref().ok().and_then(|prepared| prepared.tools());
        let built = planned.build(self, prepared, &progress.trace);
        progress.leave();
        let built = built.map_err(|failed| {
            progress.record.build_key = failed.key;
            progress.record.deduplicated = failed.reused;
            progress.commands(failed.record.as_ref().map_or(&[], |record| &record.commands));
            failed.error
        })?;
        progress.record.build_key = Some(built.key());
        progress.record.artifact = Some(built.artifact());
        progress.record.deduplicated = built.reused();
        progress.commands(&built.record().commands);

        progress.enter(Stage::Scan);
        let scanned = built.scan(self);
        progress.leave();
        let scanned = scanned?;

        if promote && self.is_current(&scanned, bundle, tools, progress)? {
            return Ok(None);
        }

        progress.enter(Stage::Load);
        let loaded = scanned.load(self, &progress.trace);
        progress.leave();
        let loaded = loaded?;
        progress.record.enforced.extend(loaded.enforced().map(|held| ("sidecar".to_owned(), held)));

        progress.enter(Stage::Verify);
        let verified = loaded.verify(self, promote);
        progress.leave();
        verified.map(Some)
    }

    /// Whether another source has come to the very artifact that is released. `tools` are what it
    /// was built with.
    fn is_current(
        &self,
        scanned: &Scanned<'_>,
        bundle: &Bundle,
        tools: Option<Digest>,
        progress: &mut Progress<'_>,
    ) -> Result<bool, StageError> {
        // Before the release is looked up: a change in between makes what is remembered stale.
        let generation = self.stages.store.generation()?;
        let Some(current) = self.stages.store.current(&bundle.plan.name)? else { return Ok(false) };
        if !scanned.is(&current, self) {
            return Ok(false);
        }
        progress.record.stage = Stage::Release;
        progress.record.release = Some(current.number);
        self.remember(bundle, &current, (scanned.build_key(), tools, generation), progress);
        Ok(true)
    }

    /// Has plan and source stored, and the submission made durable.
    fn begin<'k>(&self, bundle: &Bundle, keeper: &'k Keeper) -> Answer<'k, SubmissionId> {
        keeper.put(bundle.plan_text.clone());
        keeper.put(bundle.source.clone());
        let (skill, principal) = (bundle.plan.name.clone(), self.principal.clone());
        let (plan, source) = (bundle.plan.digest, bundle.source_digest);
        keeper.ask(move |store| {
            let (skill, principal) = (&skill, &principal);
            store.begin(NewSubmission { skill, principal, plan, source, lasting: true })
        })
    }

    /// What a build will do.
    pub(crate) fn prepare(
        &self,
        bundle: &Bundle,
        trace: &Trace<'_>,
    ) -> Result<Box<dyn PreparedBuild>, StageError> {
        let request =
            BuildRequest { plan: &bundle.plan, source: &bundle.source, principal: &self.principal };
        trace.time("plan.prepare", || self.stages.driver.prepare(request))
    }

    fn progress<'o>(
        &self,
        authority: Option<Authority>,
        observer: &'o dyn Observer,
    ) -> Progress<'o> {
        let record = Submission {
            skill: None,
            submission: None,
            release: None,
            stage: Stage::Admit,
            status: Status::Running,
            exit_code: Code::Internal.exit(),
            artifact: None,
            build_key: None,
            deduplicated: false,
            authority,
            principal: self.principal.clone(),
            timings_us: Default::default(),
            steps_us: Default::default(),
            enforced: Default::default(),
            feedback: None,
        };
        Progress { record, trace: Trace::new(observer), since: Instant::now(), grouped: false }
    }

    /// Writes down how it ended. A store or ledger that fails here is what the caller hears of.
    fn finish(
        &self,
        progress: Progress<'_>,
        error: Option<StageError>,
        bundle: Option<&Bundle>,
    ) -> Submission {
        let mut record = progress.record;
        record.steps_us = progress.trace.into_steps();
        if let Some(error) = error {
            let gate = error.feedback().code == Code::GateClosed
                || error.feedback().code == Code::NotOwner;
            let mut told = error.feedback().clone();
            if let Some(bundle) = bundle {
                fill_excerpts(&mut told, bundle);
            }
            record.status = match error {
                StageError::Fault(_) => Status::Error,
                StageError::Rejected(_) if gate => Status::Refused,
                StageError::Rejected(_) => Status::Rejected,
            };
            record.stage = record.stage.max(told.stage);
            record.exit_code = told.code.exit();
            record.feedback = Some(told);
        }
        if let Err(fault) = self.write_down(&record, progress.grouped) {
            record.status = Status::Error;
            record.exit_code = fault.code.exit();
            record.feedback = Some(*fault);
        }
        if self.settles && !progress.grouped {
            self.idle.begin();
        }
        record
    }

    fn write_down(&self, record: &Submission, grouped: bool) -> Result<(), Box<Feedback>> {
        let Some(submission) = record.submission else {
            let Some(told) = &record.feedback else { return Ok(()) };
            let event = Event::Refused { skill: record.skill.clone(), feedback: told.clone() };
            return self.record(record.authority, event).map(drop);
        };
        let event = Event::SubmissionOutcome {
            submission,
            stage: record.stage,
            status: record.status,
            exit_code: record.exit_code,
        };
        if grouped {
            let draft = self.draft(record.authority, event);
            return self.groups.submission(draft, record.clone()).map_err(crate::feedback);
        }
        self.record(record.authority, event)?;
        self.stages.store.update(slice::from_ref(record)).map_err(crate::feedback)
    }
}

/// A call of `run`, checked before anything is built.
struct PreparedCall {
    function: u32,
    block: Vec<u8>,
}

fn prepare_call(
    bundle: &Bundle,
    function: &str,
    args: &[Value],
) -> Result<PreparedCall, Box<Feedback>> {
    let (index, found) = crate::calls::function(&bundle.plan.interface, function)?;
    let block = encode::args(found, args).map_err(crate::calls::wrong_value)?;
    Ok(PreparedCall { function: index, block })
}

impl Engine {
    fn call_once(
        &self,
        bundle: &Bundle,
        verified: &Verified<'_>,
        call: &PreparedCall,
        args: &[Value],
    ) -> Result<Value, Box<Feedback>> {
        let function = &bundle.plan.interface.functions[call.function as usize];
        let mut answer = verified.call(call.function, &call.block);
        if let Err(told) = &mut answer {
            self.keep_call(bundle, &function.name, || Some(args.into()), told);
        }
        let ty = function.result.as_ref();
        crate::calls::outcome(ty, decode::result(ty, &answer?))
    }
}
