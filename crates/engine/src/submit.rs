//! `submit` and `run`: a bundle through the pipeline, and the record of how far it came.

use std::time::Instant;

use saggar_model::{
    Authority, Code, Command, Event, Feedback, Stage, Status, Submission, SubmissionId,
};
use saggar_plugin_abi::{NewSubmission, StageError};
use saggar_skill_abi::encode;
use serde_json::Value;

use crate::admission::Admitted;
use crate::pipeline::{Planned, Verified, fill_excerpts};
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
struct Progress {
    record: Submission,
    since: Instant,
}

impl Progress {
    fn enter(&mut self, stage: Stage) {
        self.record.stage = stage;
        self.since = Instant::now();
    }

    fn leave(&mut self) {
        let us = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.record.timings_us.insert(self.record.stage, us);
    }

    fn commands(&mut self, commands: &[Command]) {
        for command in commands {
            self.record.enforced.insert(command.step.clone(), command.enforced.clone());
        }
    }
}

impl Engine {
    /// Takes a bundle through every stage and promotes it.
    pub fn submit(&self, bundle: &Bundle, authority: Option<Authority>) -> Submission {
        let mut progress = self.progress(authority);
        let outcome = self.attempt(bundle, authority, &mut progress, true).and_then(|verified| {
            let Some(verified) = verified else { return Ok(()) };
            progress.enter(Stage::Release);
            let number = verified.release(self);
            progress.leave();
            progress.record.release = Some(number?);
            Ok(())
        });
        if outcome.is_ok() {
            progress.record.status = Status::Released;
            progress.record.exit_code = 0;
        }
        self.finish(progress, outcome.err(), Some(bundle))
    }

    /// Takes a bundle as far as Verify and calls one function. Promotes nothing.
    pub fn run(
        &self,
        bundle: &Bundle,
        authority: Option<Authority>,
        function: &str,
        args: &[Value],
    ) -> Ran {
        let mut progress = self.progress(authority);
        let prepared = match prepare_call(bundle, function, args) {
            Ok(prepared) => prepared,
            Err(told) => {
                // What is asked for is wrong, whatever the skill is: say so before building it.
                let submission = self.finish(progress, Some(StageError::Rejected(told)), None);
                return Ran { submission, result: None };
            }
        };
        let mut result = None;
        let outcome = self.attempt(bundle, authority, &mut progress, false);
        let error = match outcome {
            Ok(Some(verified)) => {
                progress.record.status = Status::Verified;
                let answer = answer(bundle, &verified, &prepared);
                progress.record.exit_code =
                    answer.as_ref().err().map_or(0, |told| told.code.exit());
                result = Some(answer);
                None
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        Ran { submission: self.finish(progress, error, Some(bundle)), result }
    }

    /// The record of a request that never became a submission, for instance because its plan
    /// cannot be read.
    pub fn refuse(&self, told: Box<Feedback>, authority: Option<Authority>) -> Submission {
        self.finish(self.progress(authority), Some(StageError::Rejected(told)), None)
    }

    /// Whether compilation is open.
    ///
    /// # Errors
    /// The feedback that says how to proceed.
    pub fn gate(&self, authority: Option<Authority>) -> Result<(), Box<Feedback>> {
        Admitted::new(authority).map(drop)
    }

    /// Everything up to Verify. `None` when the current release is this very thing.
    fn attempt<'a>(
        &'a self,
        bundle: &'a Bundle,
        authority: Option<Authority>,
        progress: &mut Progress,
        promote: bool,
    ) -> Result<Option<Verified<'a>>, StageError> {
        progress.record.skill = Some(bundle.plan.name.clone());
        let admitted = Admitted::new(authority).map_err(StageError::Rejected)?;
        progress.enter(Stage::Plan);
        let id = self.begin(bundle, authority)?;
        progress.record.submission = Some(id);
        if promote {
            bundle.plan.require_assertion().map_err(StageError::Rejected)?;
        }
        let planned = Planned::new(self, bundle, admitted, id)?;
        progress.leave();

        progress.enter(Stage::Build);
        let built = planned.build(self);
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

        if promote && let Some(current) = self.stages.store.current(&bundle.plan.name)? {
            let same = current.artifact == scanned.artifact()
                && current.scan_key == scanned.key()
                && current.verify_key == scanned.verify_key(self)
                && current.plan == bundle.plan.digest
                && current.principal == self.principal;
            if same {
                progress.record.stage = Stage::Release;
                progress.record.release = Some(current.number);
                return Ok(None);
            }
        }

        progress.enter(Stage::Load);
        let loaded = scanned.load(self);
        progress.leave();
        let loaded = loaded?;
        progress.record.enforced.extend(loaded.enforced().map(|held| ("sidecar".to_owned(), held)));

        progress.enter(Stage::Verify);
        let verified = loaded.verify(self, promote);
        progress.leave();
        verified.map(Some)
    }

    /// Makes the submission durable.
    fn begin(
        &self,
        bundle: &Bundle,
        authority: Option<Authority>,
    ) -> Result<SubmissionId, StageError> {
        let store = &self.stages.store;
        let plan = store.put(bundle.plan_text.as_bytes())?;
        let source = store.put(&bundle.source)?;
        let skill = &bundle.plan.name;
        let id = store.begin(NewSubmission { skill, principal: &self.principal, plan, source })?;
        let event =
            Event::SubmissionReceived { submission: id, skill: skill.clone(), plan, source };
        self.record(authority, event).map_err(StageError::Fault)?;
        Ok(id)
    }

    fn progress(&self, authority: Option<Authority>) -> Progress {
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
            enforced: Default::default(),
            feedback: None,
        };
        Progress { record, since: Instant::now() }
    }

    /// Writes down how it ended. A store or ledger that fails here is what the caller hears of.
    fn finish(
        &self,
        progress: Progress,
        error: Option<StageError>,
        bundle: Option<&Bundle>,
    ) -> Submission {
        let mut record = progress.record;
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
        if let Err(fault) = self.write_down(&record) {
            record.status = Status::Error;
            record.exit_code = fault.code.exit();
            record.feedback = Some(*fault);
        }
        record
    }

    fn write_down(&self, record: &Submission) -> Result<(), Box<Feedback>> {
        let event = match (record.submission, &record.feedback) {
            (Some(submission), _) => Event::SubmissionOutcome {
                submission,
                stage: record.stage,
                status: record.status,
                exit_code: record.exit_code,
            },
            (None, Some(told)) => {
                Event::Refused { skill: record.skill.clone(), feedback: told.clone() }
            }
            (None, None) => return Ok(()),
        };
        self.record(record.authority, event)?;
        if record.submission.is_some() {
            self.stages.store.update(record).map_err(crate::feedback)?;
        }
        Ok(())
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
    let (index, found) = crate::releases::function(&bundle.plan.interface, function)?;
    let block = encode::args(found, args).map_err(crate::releases::wrong_value)?;
    Ok(PreparedCall { function: index, block })
}

fn answer(
    bundle: &Bundle,
    verified: &Verified<'_>,
    call: &PreparedCall,
) -> Result<Value, Box<Feedback>> {
    let block = verified.call(call.function, &call.block)?;
    let function = &bundle.plan.interface.functions[call.function as usize];
    crate::releases::outcome(function, &block)
}
