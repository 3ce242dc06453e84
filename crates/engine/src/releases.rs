//! Serving: the current release of a skill in sidecars of its own. Nothing here can call what was not
//! promoted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use saggar_jail::sealed_memfd;
use saggar_model::{Code, Event, Feedback, Plan, Release, SkillName, Stage, SubmissionId};
use saggar_plugin_abi::{LoadRequest, PreparedSidecar, Sidecar, StageError};
use saggar_policy::{Limits, SidecarIsolation};
use saggar_skill_abi::decode::LayoutError;
use saggar_skill_abi::encode::ValueError;
use saggar_skill_abi::{Function, Interface, Signature, Type};
use serde_json::Value;

use crate::arguments::{self, Argument};
use crate::cancel::Cancel;
use crate::deaths::Deaths;
use crate::groups::Tally;
use crate::replicas::Replicas;
use crate::trial::{fill_excerpts, sidecar_of};
use crate::{Bundle, Engine, feedback, not_found};

/// What is loaded for callers.
#[derive(Default)]
pub(crate) struct Serving {
    loaded: Mutex<BTreeMap<SkillName, Loaded>>,
}

impl Serving {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<SkillName, Loaded>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A skill's current release as of a generation of the store.
#[derive(Clone)]
struct Loaded {
    as_of: u64,
    served: Arc<Served>,
}

/// A release ready to be called.
struct Served {
    release: Release,
    bundle: Bundle,
    limits: Limits,
    /// The functions of its interface, in that order.
    signatures: Vec<Signature>,
    tally: Arc<Tally>,
    replicas: Replicas,
    /// The artifact in a memory file that nobody can change, once it was read and its digest checked.
    artifact: Mutex<Option<Arc<OwnedFd>>>,
    deaths: Deaths,
}

impl Served {
    /// A function of the interface by name.
    fn function(&self, name: &str) -> Result<(u32, &Signature), Box<Feedback>> {
        let (index, _) = function(&self.bundle.plan.interface, name)?;
        Ok((index, &self.signatures[index as usize]))
    }
}

/// A skill as `show` tells of it.
#[derive(Debug)]
pub struct Described {
    /// Its current release.
    pub release: Release,
    /// Its plan.
    pub plan: Plan,
}

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
        let answer = answer.and_then(|block| read(function, &block));
        self.take_down(&served, function, answer, || Some(args.into()))?
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
        let answer = answer.and_then(|block| read(function, &block));
        // What was in a file or a buffer is not kept.
        let values = || arguments::values(args).map(Cow::Owned);
        self.take_down(&served, function, answer, values)?
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
        let (mut bytes, mut block) = (Vec::new(), Vec::new());
        let encode = |args: &Vec<Value>| {
            function.encode_into(&mut block, args).map_err(wrong_value)?;
            let start = bytes.len();
            bytes.extend_from_slice(&block);
            Ok(start..bytes.len())
        };
        let places: Vec<Result<Range<usize>, _>> = calls.iter().map(encode).collect();
        // What could be encoded, without what could not.
        let blocks = places.iter().flatten().map(|place| &bytes[place.clone()]).collect::<Vec<_>>();
        let mut answered = self.exchange_all(&served, index, function, &blocks).into_iter();
        let answers = places.into_iter().zip(calls).map(|(place, args)| {
            let answer = place.and_then(|_| answered.next().unwrap_or_else(|| Err(no_answer())));
            self.take_down(&served, function, answer, || Some(args.as_slice().into()))
        });
        answers.collect()
    }

    /// Counts an answer. A call that did not come to its end is kept with its values; one that did
    /// is not asked for them.
    fn take_down<'a>(
        &self,
        served: &Served,
        function: &Signature,
        mut answer: Result<Value, Box<Feedback>>,
        values: impl FnOnce() -> Option<Cow<'a, [Value]>>,
    ) -> Result<Result<Value, Box<Feedback>>, Box<Feedback>> {
        if let Err(told) = &mut answer
            && told.code.ends_call()
            && let Some(values) = values()
        {
            self.keep_call(&served.bundle, &function.function().name, &values, told);
        }
        self.count(served, &answer).map(|()| answer)
    }

    /// A skill's current release and plan.
    ///
    /// # Errors
    /// The store's, or `not-found`.
    pub fn describe(&self, skill: &SkillName) -> Result<Described, Box<Feedback>> {
        let served = self.served(skill)?;
        Ok(Described { release: served.release.clone(), plan: served.bundle.plan.clone() })
    }

    /// The current release with whatever sidecar it has already. The store is asked again only
    /// when something in it may have changed.
    fn served(&self, skill: &SkillName) -> Result<Arc<Served>, Box<Feedback>> {
        let generation = self.stages.store.generation().map_err(feedback)?;
        let before = self.serving.lock().get(skill).cloned();
        if let Some(Loaded { as_of, served }) = &before
            && *as_of == generation
        {
            return Ok(Arc::clone(served));
        }
        // Callers of other skills do not wait for this.
        let release = self.stages.store.current(skill).map_err(feedback)?;
        let release = release.ok_or_else(|| not_found(&format!("released skill {skill}")))?;
        let found = match before.filter(|loaded| loaded.served.release == release) {
            Some(loaded) => loaded.served,
            // An older release ends when its last caller is done with it.
            None => Arc::new(self.serve(release)?),
        };
        let mut loaded = self.serving.lock();
        // Who came first to the same release has loaded it for all.
        let earlier = loaded.get(skill).filter(|earlier| earlier.served.release == found.release);
        let served = earlier.map_or(found, |earlier| Arc::clone(&earlier.served));
        let now = Loaded { as_of: generation, served: Arc::clone(&served) };
        loaded.insert(skill.clone(), now);
        Ok(served)
    }

    fn serve(&self, release: Release) -> Result<Served, Box<Feedback>> {
        let text = String::from_utf8_lossy(&self.object(release.plan)?).into_owned();
        let plan = Plan::parse(&text, "plan.toml")?;
        let limits = self.policy.admit(&plan)?;
        let source = self.object(release.source)?;
        let signatures = plan.interface.functions.iter().map(Signature::of).collect();
        let bundle = Bundle::new(plan, text, source);
        let tally = self.groups.tally(&release.skill, release.artifact);
        let isolated = self.policy.sidecar.isolation == SidecarIsolation::Call;
        let replicas = Replicas::new(self.replicas, isolated);
        let (artifact, deaths) = Default::default();
        Ok(Served { release, bundle, limits, signatures, tally, replicas, artifact, deaths })
    }

    fn exchange(
        &self,
        served: &Served,
        cancel: Option<&Cancel>,
        call: impl FnOnce(&dyn Sidecar, Duration) -> Result<Vec<u8>, Box<Feedback>>,
    ) -> Result<Vec<u8>, Box<Feedback>> {
        let load = || self.load_release(served);
        served.replicas.work(load, |sidecar| {
            let call = || call(&**sidecar, served.limits.call_deadline);
            let mut answer = match cancel {
                None => call(),
                Some(cancel) => cancel.guard(sidecar, call),
            };
            let cancelled = cancel.is_some_and(Cancel::is_cancelled);
            served.deaths.note(sidecar.alive() || cancelled);
            if let Err(told) = &mut answer {
                fill_excerpts(told, &served.bundle);
            }
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
    ) -> Vec<Result<Value, Box<Feedback>>> {
        let deadline = served.limits.call_deadline;
        let mut answers: Vec<Result<Value, Box<Feedback>>> = Vec::with_capacity(blocks.len());
        while answers.len() < blocks.len() {
            let mut rest = &blocks[answers.len()..];
            if self.policy.sidecar.isolation == SidecarIsolation::Call {
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
        for told in answers.iter_mut().filter_map(|answer| answer.as_mut().err()) {
            fill_excerpts(told, &served.bundle);
        }
        answers
    }

    fn load_release(&self, served: &Served) -> Result<Arc<dyn Sidecar>, Box<Feedback>> {
        thread::sleep(served.deaths.pause());
        // A process without an artifact, which starts while the artifact is read.
        let request = sidecar_of(self, &served.limits);
        let prepared = self.stages.sidecars.prepare(request).map_err(feedback)?;
        let artifact = self.sealed(served)?;
        let debug = self.debug_info(served.release.debug);
        let request = LoadRequest {
            interface: &served.bundle.plan.interface,
            artifact: artifact.as_fd(),
            digest: served.release.artifact,
            debug: debug.as_ref(),
        };
        let loaded = self.load(None, &served.release.skill, prepared, request);
        let loaded = loaded.map_err(|error| {
            let mut told = feedback(error);
            fill_excerpts(&mut told, &served.bundle);
            told
        });
        Ok(Arc::from(loaded?))
    }

    /// The artifact of a release, read once.
    fn sealed(&self, served: &Served) -> Result<Arc<OwnedFd>, Box<Feedback>> {
        let mut artifact = served.artifact.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sealed) = &*artifact {
            return Ok(Arc::clone(sealed));
        }
        // The store has checked these bytes against the digest just now.
        let bytes = self.object(served.release.artifact)?;
        let sealed = sealed_memfd("saggar-artifact", &bytes)
            .map_err(|error| Box::new(error.feedback(Stage::Load)))?;
        Ok(Arc::clone(artifact.insert(Arc::new(sealed))))
    }

    /// Loads, with intent and outcome in the ledger.
    pub(crate) fn load(
        &self,
        submission: Option<SubmissionId>,
        skill: &SkillName,
        prepared: Box<dyn PreparedSidecar>,
        request: LoadRequest<'_>,
    ) -> Result<Box<dyn Sidecar>, StageError> {
        let artifact = request.digest;
        let intent = Event::LoadIntent { submission, skill: skill.clone(), artifact };
        self.record(None, intent).map_err(StageError::Fault)?;
        let loaded = prepared.load(request);
        let outcome = Event::LoadOutcome {
            skill: skill.clone(),
            artifact,
            enforced: loaded.as_ref().ok().map(|sidecar| Box::new(sidecar.enforced().clone())),
            feedback: loaded.as_ref().err().map(|error| error.feedback().clone()),
        };
        self.record(None, outcome).map_err(StageError::Fault)?;
        loaded
    }

    /// Counts the call; one that did not come to its end is an event of its own.
    fn count(
        &self,
        served: &Served,
        answer: &Result<Value, Box<Feedback>>,
    ) -> Result<(), Box<Feedback>> {
        let failure = answer.as_ref().err();
        if let Some(told) =
            failure.filter(|told| told.code.exit() == Code::Crash.exit() || told.code.ends_call())
        {
            let (skill, artifact) = (served.release.skill.clone(), served.release.artifact);
            let feedback = told.as_ref().clone();
            self.record(None, Event::Crashed { skill, artifact, feedback })?;
        }
        let failure = failure.map(|told| told.code.to_string());
        self.groups.call(&served.tally, failure).map_err(feedback)
    }
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
