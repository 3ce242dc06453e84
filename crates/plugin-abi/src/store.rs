//! Where objects, build results, submissions and releases are kept.

use saggar_model::{
    BuildRecord, Digest, Feedback, Principal, Release, SkillName, Submission, SubmissionId,
};
use serde::{Deserialize, Serialize};

use crate::StageError;

/// What a build key led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum BuildResult {
    /// An artifact, an object of the store.
    Artifact {
        /// SHA-256 of its bytes.
        artifact: Digest,
        /// How it was built.
        record: Box<BuildRecord>,
        /// Everything the compiler printed, an object of the store.
        log: Digest,
    },
    /// A deterministic rejection by the compiler.
    Rejected {
        /// What it was answered with.
        feedback: Feedback,
    },
}

/// What is known of a submission when it is admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubmission<'a> {
    /// The skill.
    pub skill: &'a SkillName,
    /// Who asks.
    pub principal: &'a Principal,
    /// SHA-256 of the plan's text, an object of the store.
    pub plan: Digest,
    /// SHA-256 of the source, an object of the store.
    pub source: Digest,
    /// Whether its id must outlive a power failure, which takes waiting for the disk.
    pub lasting: bool,
}

/// Content-addressed objects, and the index of what they are. Every method is atomic: after a
/// crash either all of it has happened or nothing. What [`put`](ArtifactStore::put),
/// [`promote`](ArtifactStore::promote) and a lasting [`begin`](ArtifactStore::begin) did outlives
/// a power failure when they return; the last of the rest may be lost, and the ledger knows it.
/// Several processes may use one store.
///
/// # Errors
/// Every method fails with a fault of code `store`, which names the operation and the remedy.
pub trait ArtifactStore: Send + Sync {
    /// Stores bytes under their SHA-256, on disk when it returns. Storing twice is no error.
    fn put(&self, bytes: &[u8]) -> Result<Digest, StageError>;

    /// The bytes of an object, checked against its digest; `None` if there is none. An object
    /// whose bytes do not match is set aside and reported as a fault.
    fn get(&self, digest: Digest) -> Result<Option<Vec<u8>>, StageError>;

    /// Whether all of these objects are there, as far as can be seen without reading them.
    fn has(&self, digests: &[Digest]) -> Result<bool, StageError>;

    /// Keeps the document of a call that did not come to its end, on disk when it returns, and gives
    /// its SHA-256. The newest [`Replay::KEPT`](saggar_model::Replay::KEPT) stay; keeping one again
    /// makes it the newest.
    fn keep_call(&self, document: &[u8]) -> Result<Digest, StageError>;

    /// The document of a kept call, checked as an object is; `None` if there is none, or not any
    /// more.
    fn kept_call(&self, id: Digest) -> Result<Option<Vec<u8>>, StageError>;

    /// What a build key led to, for this principal.
    fn build_result(
        &self,
        principal: &Principal,
        build_key: Digest,
    ) -> Result<Option<BuildResult>, StageError>;

    /// Remembers what a build key led to, for this principal. The first result stays.
    fn remember_build(
        &self,
        principal: &Principal,
        build_key: Digest,
        result: &BuildResult,
    ) -> Result<(), StageError>;

    /// Who owns a skill's name: the principal that first submitted it.
    fn owner(&self, skill: &SkillName) -> Result<Option<Principal>, StageError>;

    /// Gives a submission its id; the skill's name becomes the principal's if it was nobody's.
    fn begin(&self, new: NewSubmission<'_>) -> Result<SubmissionId, StageError>;

    /// Records where submissions stand; their `submission` fields name them.
    fn update(&self, submissions: &[Submission]) -> Result<(), StageError>;

    /// Waits until all that was done is on disk.
    fn sync(&self) -> Result<(), StageError>;

    /// A submission as it was last recorded, with the digest of its plan and of its source.
    fn submission(
        &self,
        id: SubmissionId,
    ) -> Result<Option<(Submission, Digest, Digest)>, StageError>;

    /// The submissions of a skill, oldest first, at most the last `limit`.
    fn submissions(&self, skill: &SkillName, limit: u32) -> Result<Vec<Submission>, StageError>;

    /// Makes a release the skill's current one and gives it the next number, which the `number`
    /// field of the argument is ignored for.
    fn promote(&self, release: &Release) -> Result<u32, StageError>;

    /// The skill's current release.
    fn current(&self, skill: &SkillName) -> Result<Option<Release>, StageError>;

    /// The releases of a skill, oldest first, at most the last `limit`.
    fn releases(&self, skill: &SkillName, limit: u32) -> Result<Vec<Release>, StageError>;

    /// The current release of every skill, by name.
    fn skills(&self) -> Result<Vec<Release>, StageError>;

    /// A number that differs from an earlier one whenever a release may have changed in between,
    /// by this process or another. Cheap enough to ask before every call.
    fn generation(&self) -> Result<u64, StageError>;

    /// Takes the lock on a key so that one builder works on it at a time, within this process and
    /// among others; it is given back when the guard is dropped or its process ends.
    fn lock_key(&self, key: Digest) -> Result<Box<dyn Send>, StageError>;
}
