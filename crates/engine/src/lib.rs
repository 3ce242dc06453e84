//! Sequences the stages: Admit, Plan, Build, Scan, Load, Verify, Release, and serves calls. The
//! library behind every front end; the command line is a thin user of it.
//!
//! The engine meets every stage through a trait of `saggar-plugin-abi` and contains no stage
//! logic. Every effect is an intent in the ledger, then the effect, then its outcome. What has
//! not passed a stage has no type that the next stage accepts, and what is not released cannot
//! be called.
//!
//! A sidecar takes six descriptors of this process, so that a thousand at once take 6,000, and three of
//! the launcher's, which inherits the limit of open files when it is started. The engine leaves that
//! limit as it is: whoever serves many skills at once raises it (setrlimit(2), `RLIMIT_NOFILE`) before
//! an engine is opened, as the command line does.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # std::fs::write(dir.path().join("add.c"), "int add(int a, int b) { return a + b; }")?;
//! # std::fs::write(dir.path().join("plan.toml"), "name='add'\nlanguage='c'\nsource='add.c'\n\
//! #   interface='add: func(a: s32, b: s32) -> s32;'\n[[test]]\ncall='add'\nargs=[1,2]\nexpect=3\n")?;
//! # let (home, skill) = (dir.path().join("home"), dir.path());
//! use saggar_engine::{Authority, Bundle, Engine, Options};
//!
//! let engine = Engine::open(Options::new(home))?;
//! let bundle = Bundle::read(skill, engine.policy())?;
//! let submission = engine.submit(&bundle, Some(Authority::Flag));
//! assert_eq!(submission.release, Some(1), "{:?}", submission.feedback);
//! let sum = engine.call(&"add".parse()?, "add", &[20.into(), 22.into()])?;
//! assert_eq!(sum, 42);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod admission;
mod arguments;
mod bundle;
mod calls;
mod cancel;
mod deaths;
mod duplicates;
mod groups;
mod home;
mod idle;
mod keeper;
mod keys;
mod pipeline;
mod releases;
mod replay;
mod replicas;
mod sketch;
mod submit;
mod trace;
mod trial;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use saggar_model::{Digest, Draft, Entry, Event, Release, SkillName, SubmissionId};
use saggar_plugin_abi::{
    ArtifactStore, BuildResult, CompilerDriver, DebugInfo, LedgerSink, Scanner, SidecarLauncher,
    StageError, Verifier,
};
use saggar_sidecar_api::Locate;

pub use arguments::Argument;
pub use bundle::{Bundle, read_policy};
pub use cancel::Cancel;
pub use home::{default_home, ledger_directory};
pub use releases::Described;
pub use saggar_model::{Authority, Code, Feedback, Principal, Stage, Submission};
pub use saggar_policy::{Policy, PolicyError};
pub use saggar_sidecar_api::arena::buffer::Buffer;
pub use sketch::{InferredInterface, Skeleton, infer_interface, sketch};
pub use submit::Ran;
pub use trace::{Observer, Unobserved};

/// How an engine is opened.
#[derive(Debug)]
pub struct Options {
    /// The directory that everything durable lies in.
    pub home: PathBuf,
    /// What is allowed.
    pub policy: Policy,
    /// Where the sidecar's executable is.
    pub sidecar: Locate,
    /// Who asks.
    pub principal: Principal,
    /// Whether what builds leave to be done while idle is done on a thread of the engine's. If
    /// not, [`Engine::settle`] does it.
    pub settle: bool,
}

impl Options {
    /// A home under the built-in policy, for the user of this process.
    pub fn new(home: impl Into<PathBuf>) -> Self {
        Options::under(Policy::builtin(), home)
    }

    /// A home under a policy, for the user of this process.
    pub fn under(policy: Policy, home: impl Into<PathBuf>) -> Self {
        Options {
            home: home.into(),
            policy,
            sidecar: Locate::Default,
            principal: Principal::uid(rustix::process::getuid().as_raw()),
            settle: true,
        }
    }
}

/// The stages an engine sequences.
pub struct Stages {
    /// Builds.
    pub driver: Box<dyn CompilerDriver>,
    /// Scans.
    pub scanner: Box<dyn Scanner>,
    /// Loads.
    pub sidecars: Box<dyn SidecarLauncher>,
    /// Verifies.
    pub verifier: Box<dyn Verifier>,
    /// Keeps objects and releases.
    pub store: Box<dyn ArtifactStore>,
    /// Keeps events.
    pub ledger: Box<dyn LedgerSink>,
}

/// A home, a policy and the stages. All methods may be called from several threads; several
/// processes may work on one home.
pub struct Engine {
    policy: Arc<Policy>,
    principal: Principal,
    stages: Arc<Stages>,
    serving: releases::Serving,
    duplicates: duplicates::Duplicates,
    groups: groups::Groups,
    /// Sidecars of one release at once.
    replicas: NonZeroUsize,
    /// The sidecars know that they will be wanted.
    warmed: AtomicBool,
    settles: bool,
    idle: idle::Idle,
}

impl Engine {
    /// Opens a home, which is made if it is not there, with the built-in stages.
    ///
    /// # Errors
    /// A feedback when the home cannot be made or belongs to another version.
    pub fn open(options: Options) -> Result<Self, Box<Feedback>> {
        let policy = Arc::new(options.policy);
        let (stages, is_new) = home::builtin_stages(&options.home, &policy, &options.sidecar)?;
        let mut engine = Engine::with_stages(policy, options.principal, stages);
        engine.settles = options.settle;
        if is_new {
            engine.record(None, Event::HomeCreated { format: home::FORMAT })?;
            home::seal(&options.home)?;
        }
        Ok(engine)
    }

    /// An engine over stages of the caller's own: how a team swaps one of them for its crate.
    pub fn with_stages(policy: Arc<Policy>, principal: Principal, stages: Stages) -> Self {
        let stages = Arc::new(stages);
        let groups = groups::Groups::new(Arc::clone(&stages), principal.clone(), policy.digest);
        let (serving, duplicates, warmed) = Default::default();
        let idle = idle::Idle::new(Arc::clone(&stages));
        let settles = true;
        let replicas = usize::try_from(policy.sidecar.replicas).unwrap_or(usize::MAX);
        let one_each = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let replicas = NonZeroUsize::new(replicas).unwrap_or_else(one_each);
        Engine {
            policy,
            principal,
            stages,
            serving,
            duplicates,
            groups,
            replicas,
            warmed,
            settles,
            idle,
        }
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The current release of every skill.
    ///
    /// # Errors
    /// The store's.
    pub fn list(&self) -> Result<Vec<Release>, Box<Feedback>> {
        self.stages.store.skills().map_err(feedback)
    }

    /// A submission.
    ///
    /// # Errors
    /// The store's, or `not-found`.
    pub fn submission(&self, id: SubmissionId) -> Result<Submission, Box<Feedback>> {
        self.flush()?;
        let found = self.stages.store.submission(id).map_err(feedback)?;
        found
            .map(|(submission, _, _)| submission)
            .ok_or_else(|| not_found(&format!("submission {id}")))
    }

    /// The releases and submissions of a skill, oldest first, at most the last thousand of each.
    ///
    /// # Errors
    /// The store's, or `not-found`.
    pub fn history(
        &self,
        skill: &SkillName,
    ) -> Result<(Vec<Release>, Vec<Submission>), Box<Feedback>> {
        const LAST: u32 = 1000;
        self.flush()?;
        let releases = self.stages.store.releases(skill, LAST).map_err(feedback)?;
        let submissions = self.stages.store.submissions(skill, LAST).map_err(feedback)?;
        if releases.is_empty() && submissions.is_empty() {
            return Err(not_found(&format!("skill {skill}")));
        }
        Ok((releases, submissions))
    }

    /// An object of the store, for instance the log that a feedback names.
    ///
    /// # Errors
    /// The store's, or `not-found`.
    pub fn object(&self, digest: Digest) -> Result<Vec<u8>, Box<Feedback>> {
        let found = self.stages.store.get(digest).map_err(feedback)?;
        found.ok_or_else(|| not_found(&format!("object {digest}")))
    }

    /// Debug information that is an object of the store, read only when there is a crash.
    fn debug_info(&self, object: Option<Digest>) -> Option<DebugInfo> {
        let (stages, object) = (Arc::clone(&self.stages), object?);
        // Without it a crash is told without lines; it keeps no call from its answer.
        Some(DebugInfo::new(move || stages.store.get(object).ok().flatten()))
    }

    /// Everything the compiler and linker printed for a submission.
    ///
    /// # Errors
    /// The store's, or `not-found` when no compiler was started for it.
    pub fn log(&self, id: SubmissionId) -> Result<Vec<u8>, Box<Feedback>> {
        let submission = self.submission(id)?;
        let from_feedback = submission.feedback.as_ref().and_then(|feedback| feedback.log);
        let from_build = match submission.build_key {
            Some(key) => {
                self.stages.store.build_result(&submission.principal, key).map_err(feedback)?
            }
            None => None,
        };
        let log = from_feedback.or(match from_build {
            Some(BuildResult::Artifact { log, .. }) => Some(log),
            Some(BuildResult::Rejected { feedback }) => feedback.log,
            None => None,
        });
        self.object(log.ok_or_else(|| not_found(&format!("log of {id}")))?)
    }

    /// Writes what waits to be written in a group: calls and duplicate submissions. Happens by
    /// itself within a second, and when the engine is dropped.
    ///
    /// # Errors
    /// The ledger's or the store's.
    pub fn flush(&self) -> Result<(), Box<Feedback>> {
        self.groups.flush().map_err(feedback)
    }

    /// Whether builds left something to be done while idle, such as precompiled headers, that no
    /// process is at. Cheap.
    pub fn unsettled(&self) -> bool {
        self.stages.driver.unsettled()
    }

    /// Does what builds left to be done while idle, and returns when it is done. Never changes
    /// what a build gives, only how soon.
    pub fn settle(&self) {
        self.idle.finish();
    }

    fn draft(&self, authority: Option<Authority>, event: Event) -> Draft {
        Draft { principal: self.principal.clone(), authority, policy: self.policy.digest, event }
    }

    fn record(&self, authority: Option<Authority>, event: Event) -> Result<Entry, Box<Feedback>> {
        let recorded = self.stages.ledger.append(vec![self.draft(authority, event)]);
        let entry = recorded.map_err(feedback)?.pop();
        entry.ok_or_else(|| {
            let summary = "the ledger gave no entry";
            Box::new(Feedback::new(Stage::Admit, Code::Ledger, summary))
        })
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("principal", &self.principal).finish_non_exhaustive()
    }
}

fn feedback(error: StageError) -> Box<Feedback> {
    Box::new(error.into_feedback())
}

fn not_found(what: &str) -> Box<Feedback> {
    let summary = format!("there is no {what} in this home");
    let hint = "see `saggar list` and `saggar history SKILL`";
    Box::new(Feedback::new(Stage::Admit, Code::NotFound, summary).hint(hint))
}
