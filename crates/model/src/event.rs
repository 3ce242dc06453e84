//! Events of the ledger. Every effect is an intent, then the effect, then its outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Authority, BuildRecord, Digest, Enforced, Feedback, Principal, SkillName, Stage, Status,
    SubmissionId,
};

/// What happened, or is about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A home was made.
    HomeCreated {
        /// Version of its format.
        format: u32,
    },
    /// A submission was admitted.
    SubmissionReceived {
        /// Its id.
        submission: SubmissionId,
        /// The skill's name.
        skill: SkillName,
        /// SHA-256 of the plan's text.
        plan: Digest,
        /// SHA-256 of the source.
        source: Digest,
    },
    /// A request was not admitted.
    Refused {
        /// The skill's name, where the plan could be read.
        skill: Option<SkillName>,
        /// Why.
        feedback: Feedback,
    },
    /// The compiler is about to run.
    BuildIntent {
        /// For which submission.
        submission: SubmissionId,
        /// The build key.
        build_key: Digest,
    },
    /// The compiler ran.
    BuildOutcome {
        /// For which submission.
        submission: SubmissionId,
        /// The build key.
        build_key: Digest,
        /// Commands, dependencies, latency, exit codes, what was enforced.
        record: Option<Box<BuildRecord>>,
        /// Why it failed, if it did.
        feedback: Option<Feedback>,
    },
    /// The artifact of an earlier build with the same key was used.
    BuildReused {
        /// For which submission.
        submission: SubmissionId,
        /// The build key.
        build_key: Digest,
        /// The artifact; `None` when the earlier build was refused by the compiler.
        artifact: Option<Digest>,
    },
    /// The artifact was inspected.
    ScanOutcome {
        /// For which submission.
        submission: SubmissionId,
        /// The scan key.
        scan_key: Digest,
        /// Whether it passed.
        passed: bool,
        /// SHA-256 of the verdict, an object of the store.
        verdict: Digest,
    },
    /// A sidecar is about to load an artifact.
    LoadIntent {
        /// For a submission under verification; `None` when a release is loaded for callers.
        submission: Option<SubmissionId>,
        /// The skill.
        skill: SkillName,
        /// The artifact.
        artifact: Digest,
    },
    /// A sidecar loaded an artifact, or did not.
    LoadOutcome {
        /// The skill.
        skill: SkillName,
        /// The artifact.
        artifact: Digest,
        /// What the sidecar enforced on itself.
        enforced: Option<Box<Enforced>>,
        /// Why it failed, if it did.
        feedback: Option<Feedback>,
    },
    /// The plan's tests were run.
    VerifyOutcome {
        /// For which submission.
        submission: SubmissionId,
        /// The verify key.
        verify_key: Digest,
        /// Whether it passed.
        passed: bool,
        /// SHA-256 of the report, an object of the store.
        report: Digest,
    },
    /// A release is about to be promoted.
    ReleaseIntent {
        /// The submission.
        submission: SubmissionId,
        /// The skill.
        skill: SkillName,
        /// The artifact.
        artifact: Digest,
    },
    /// A release was promoted.
    ReleaseOutcome {
        /// The submission.
        submission: SubmissionId,
        /// The skill.
        skill: SkillName,
        /// The release's number.
        release: u32,
        /// The artifact.
        artifact: Digest,
    },
    /// A submission came to its end.
    SubmissionOutcome {
        /// Its id.
        submission: SubmissionId,
        /// Last stage reached.
        stage: Stage,
        /// Where it stands.
        status: Status,
        /// What the command line exits with.
        exit_code: u8,
    },
    /// Calls answered since the last such event, by outcome code (`ok` or a feedback code).
    Calls {
        /// The skill.
        skill: SkillName,
        /// The artifact that served.
        artifact: Digest,
        /// Calls by outcome.
        counts: BTreeMap<String, u64>,
    },
    /// A call did not come to its end: a crash, a deadline, too much memory.
    Crashed {
        /// The skill.
        skill: SkillName,
        /// The artifact that served.
        artifact: Digest,
        /// How.
        feedback: Feedback,
    },
    /// The last line of the ledger was torn by a crash and has been cut off.
    TornTail {
        /// Bytes removed.
        bytes: u64,
    },
}

impl Event {
    /// Whether the caller may go on before the event is on disk. Calls are counted and written in
    /// groups. What is known of a submission between its intents may wait as well: the next intent
    /// or the submission's outcome, which do not, take it to the disk. Loading for the verifier is
    /// no load for callers and has no effect that outlives a power failure.
    pub fn may_wait(&self) -> bool {
        matches!(
            self,
            Event::Calls { .. }
                | Event::SubmissionReceived { .. }
                | Event::BuildOutcome { .. }
                | Event::BuildReused { .. }
                | Event::ScanOutcome { .. }
                | Event::LoadIntent { submission: Some(_), .. }
                | Event::LoadOutcome { .. }
                | Event::VerifyOutcome { .. }
                | Event::ReleaseOutcome { .. }
        )
    }

    /// Whether it says what is about to be done. An outcome follows, or a crash did.
    pub fn is_intent(&self) -> bool {
        matches!(
            self,
            Event::BuildIntent { .. } | Event::LoadIntent { .. } | Event::ReleaseIntent { .. }
        )
    }
}

/// An event with who caused it, before it has its place in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Who caused it.
    pub principal: Principal,
    /// By what right, where compilation is concerned.
    pub authority: Option<Authority>,
    /// SHA-256 of the policy in force.
    pub policy: Digest,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// A line of the ledger. Its hash is the SHA-256 of its canonical JSON without the key `hash`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counted from 1 without a gap.
    pub seq: u64,
    /// Milliseconds since 1970 (UTC), never less than the line before.
    pub time_ms: u64,
    /// Hash of the line before; 64 zeros in the first.
    pub prev: Digest,
    /// The event.
    #[serde(flatten)]
    pub draft: Draft,
    /// Hash of this line.
    pub hash: Digest,
}
