//! Calls of a skill's current release: values to blocks, blocks to values, and what is taken down of
//! each answer.

use std::borrow::Cow;
use std::time::Duration;

use saggar_model::{Code, Event, Feedback, SkillName, Stage};
use saggar_plugin_abi::Sidecar;
use saggar_skill_abi::decode::LayoutError;
use saggar_skill_abi::encode::ValueError;
use saggar_skill_abi::{Function, Interface, Signature, Type};
use serde_json::Value;

use crate::arguments::{self, Argument};
use crate::cancel::Cancel;
use crate::releases::Served;
use crate::trial::fill_excerpts;
use crate::{Engine, feedback};

/// A value, or how a call failed.
type Answer = Result<Value, Box<Feedback>>;

impl Engine {
    /// Calls a function of a skill's current release.
    ///
    /// # Errors
    /// A feedback: `not-found`, wrong arguments, or how the call failed; the `err` of a result is
    /// a failure too and stands in the feedback's `value`. After a crash the next call meets a new
    /// sidecar.
    pub fn call(
        &self,
        skill: &SkillName,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Box<Feedback>> {
        let served = self.served(skill)?;
        let (index, function) = served.function(name)?;
        let block = function.encode(args).map_err(wrong_value)?;
        let call = |sidecar: &dyn Sidecar, deadline| sidecar.call(index, &block, deadline);
        let answer = self.exchange(&served, None, call);
        self.take_down(&served, function, answer, || Some(args.into()))
    }

    /// As [`Engine::call`], with arguments that may be files or buffers, lists of numbers that the
    /// skill reads where they are; and until it is cancelled, if it can be.
    ///
    /// # Errors
    /// As for [`Engine::call`]; `cancelled`; and for what is no regular file, has no whole number of
    /// elements, is for a parameter that is no list of numbers, or is cut while it is read.
    pub fn call_with(
        &self,
        skill: &SkillName,
        name: &str,
        args: &[Argument<'_>],
        cancel: Option<&Cancel>,
    ) -> Result<Value, Box<Feedback>> {
        let served = self.served(skill)?;
        let (index, function) = served.function(name)?;
        let prepared = arguments::prepare(function, args)?;
        let answer = self.exchange(&served, cancel, |sidecar, deadline| {
            sidecar.call_with(index, &prepared.block, &prepared.files(), deadline)
        });
        // What was in a file or a buffer is not kept.
        let values = || arguments::values(args).map(Cow::Owned);
        self.take_down(&served, function, answer, values)
    }

    /// Calls a function of a skill's current release once for each of these argument lists, one
    /// after the other, which costs less for each than a call by itself. Gives an answer for each,
    /// in order; one that fails, or crashes, keeps no other from its own.
    ///
    /// # Errors
    /// `not-found`, or the ledger's; how a single call failed stands in its place.
    pub fn call_all(
        &self,
        skill: &SkillName,
        name: &str,
        calls: &[Vec<Value>],
    ) -> Result<Vec<Result<Value, Box<Feedback>>>, Box<Feedback>> {
        let served = self.served(skill)?;
        let (index, function) = served.function(name)?;
        let (mut block, mut bytes) = (Vec::new(), Vec::new());
        let (mut ends, mut refused) = (Vec::with_capacity(calls.len()), Vec::new());
        for (place, args) in calls.iter().enumerate() {
            match function.encode_into(&mut block, args) {
                Ok(()) => {
                    bytes.extend_from_slice(&block);
                    ends.push(bytes.len());
                }
                Err(error) => refused.push((place, wrong_value(error))),
            }
        }
        let mut answers = self.exchange_all(&served, index, function, &apart(&bytes, &ends));
        if !refused.is_empty() {
            answers = among(answers, refused, calls.len());
        }
        let mut succeeded = 0;
        for (answer, args) in answers.iter_mut().zip(calls) {
            match answer {
                Ok(_) => succeeded += 1,
                Err(told) => {
                    self.failed(&served, function, told, || Some(args.as_slice().into()))?;
                }
            }
        }
        self.groups.succeeded(&served.tally, succeeded).map_err(feedback)?;
        Ok(answers)
    }

    /// Has a sidecar of the release make a call.
    fn exchange(
        &self,
        served: &Served,
        cancel: Option<&Cancel>,
        call: impl FnOnce(&dyn Sidecar, Duration) -> Result<Vec<u8>, Box<Feedback>>,
    ) -> Result<Vec<u8>, Box<Feedback>> {
        let load = || self.load_release(served);
        served.replicas.work(load, |sidecar| {
            let call = || call(&**sidecar, served.limits.call_deadline);
            let answer = match cancel {
                None => call(),
                Some(cancel) => cancel.guard(sidecar, call),
            };
            let cancelled = cancel.is_some_and(Cancel::is_cancelled);
            served.deaths.note(sidecar.alive() || cancelled);
            answer
        })?
    }

    /// As [`Engine::exchange`] for each block. Where a process ends, another goes on.
    fn exchange_all(
        &self,
        served: &Served,
        index: u32,
        function: &Signature,
        blocks: &[&[u8]],
    ) -> Vec<Answer> {
        let deadline = served.limits.call_deadline;
        let mut answers: Vec<Answer> = Vec::with_capacity(blocks.len());
        while answers.len() < blocks.len() {
            let mut rest = &blocks[answers.len()..];
            if served.replicas.isolated() {
                rest = &rest[..1];
            }
            let load = || self.load_release(served);
            let more = served.replicas.work(load, |sidecar| {
                let more = sidecar.call_all(index, rest, deadline);
                served.deaths.note(sidecar.alive());
                more
            });
            match more {
                Ok(mut more) if !more.is_empty() => {
                    let read = |block| read(function, block);
                    answers.extend(more.drain().map(|answer| answer.and_then(read)));
                }
                Ok(_) => answers.push(Err(no_answer())),
                Err(told) => answers.resize(blocks.len(), Err(told)),
            }
        }
        answers
    }

    /// Reads the answer of a call and counts it.
    fn take_down<'a>(
        &self,
        served: &Served,
        function: &Signature,
        answer: Result<Vec<u8>, Box<Feedback>>,
        values: impl FnOnce() -> Option<Cow<'a, [Value]>>,
    ) -> Answer {
        let mut answer = answer.and_then(|block| read(function, &block));
        match &mut answer {
            Ok(_) => self.groups.succeeded(&served.tally, 1).map_err(feedback)?,
            Err(told) => self.failed(served, function, told, values)?,
        }
        answer
    }

    /// Counts a call that failed and shows the lines that it names. One that did not come to its end is
    /// kept with its values, and is an event of its own.
    fn failed<'a>(
        &self,
        served: &Served,
        function: &Signature,
        told: &mut Feedback,
        values: impl FnOnce() -> Option<Cow<'a, [Value]>>,
    ) -> Result<(), Box<Feedback>> {
        fill_excerpts(told, &served.bundle);
        self.keep_call(&served.bundle, &function.function().name, values, told);
        if told.code.exit() == Code::Crash.exit() || told.code.ends_call() {
            let (skill, artifact) = (served.release.skill.clone(), served.release.artifact);
            self.record(None, Event::Crashed { skill, artifact, feedback: told.clone() })?;
        }
        self.groups.failed(&served.tally, told.code.to_string()).map_err(feedback)
    }
}

/// Blocks that lie one behind the other, by where each ends.
fn apart<'b>(bytes: &'b [u8], ends: &[usize]) -> Vec<&'b [u8]> {
    let mut start = 0;
    let block = |end: &usize| &bytes[std::mem::replace(&mut start, *end)..*end];
    ends.iter().map(block).collect()
}

/// So many answers with those in their places that were refused beforehand.
fn among(answers: Vec<Answer>, refused: Vec<(usize, Box<Feedback>)>, count: usize) -> Vec<Answer> {
    let (mut answers, mut refused) = (answers.into_iter(), refused.into_iter().peekable());
    let answer = |place| match refused.next_if(|(refused, _)| *refused == place) {
        Some((_, told)) => Err(told),
        None => answers.next().unwrap_or_else(|| Err(no_answer())),
    };
    (0..count).map(answer).collect()
}

/// A function's result block as a value, or the error that it returned.
fn read(function: &Signature, block: &[u8]) -> Result<Value, Box<Feedback>> {
    outcome(function.function().result.as_ref(), function.decode(block))
}

/// What is no sidecar's to say.
fn no_answer() -> Box<Feedback> {
    Box::new(Feedback::new(Stage::Call, Code::Internal, "the sidecar gave no answer"))
}

/// A function of an interface by name.
pub(crate) fn function<'i>(
    interface: &'i Interface,
    name: &str,
) -> Result<(u32, &'i Function), Box<Feedback>> {
    let found =
        interface.find(name).and_then(|(i, function)| Some((u32::try_from(i).ok()?, function)));
    found.ok_or_else(|| {
        let known: Vec<_> = interface.functions.iter().map(ToString::to_string).collect();
        let summary = format!("the skill has no function `{}`", name.escape_debug());
        let hint = format!("it has {}", known.join(" "));
        Box::new(Feedback::new(Stage::Call, Code::NotFound, summary).hint(hint))
    })
}

/// Arguments that do not fit the function.
pub(crate) fn wrong_value(error: ValueError) -> Box<Feedback> {
    let code = if matches!(error, ValueError::Arity { .. }) { Code::Arity } else { Code::Argument };
    let hint =
        "pass each argument as JSON of the parameter's type; a string parameter takes plain text";
    Box::new(Feedback::new(Stage::Call, code, error.to_string()).hint(hint))
}

/// What a function's result of this type says: a value, or the error that the function returned.
pub(crate) fn outcome(
    ty: Option<&Type>,
    result: Result<Value, LayoutError>,
) -> Result<Value, Box<Feedback>> {
    let value = result.map_err(wrong_result)?;
    match saggar_skill_abi::failure(ty, &value) {
        None => Ok(value),
        Some(message) => {
            let told = Feedback::new(Stage::Call, Code::CallError, message)
                .hint("the function returned this itself");
            Err(Box::new(Feedback { value: Some(value), ..told }))
        }
    }
}

/// A result block that is not what the interface says.
pub(crate) fn wrong_result(error: LayoutError) -> Box<Feedback> {
    if let LayoutError::TooMany { .. } = error {
        let feedback = Feedback::new(Stage::Call, Code::ResultTooLarge, error.to_string());
        return Box::new(feedback.hint("return less at a time"));
    }
    let hint = match error {
        LayoutError::Discriminant { .. } => {
            "return only values that the type has: a bool is 0 or 1, a char a Unicode scalar value"
        }
        LayoutError::Utf8 { .. } => {
            "return valid UTF-8, and no view of what is gone when the function returns"
        }
        _ => "do not write beyond the values you are given",
    };
    Box::new(Feedback::new(Stage::Call, Code::BadResult, error.to_string()).hint(hint))
}
