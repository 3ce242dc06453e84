//! The store as the engine meets it: objects, index and locks of one directory. Adds nothing but
//! the order in which they are opened and the stage an error is reported at.

use std::path::{Path, PathBuf};

use saggar_model::{Digest, Principal, Release, SkillName, Stage, Submission, SubmissionId};
use saggar_plugin_abi::{ArtifactStore, BuildResult, NewSubmission, StageError};

use crate::StoreError;
use crate::calls::Calls;
use crate::files::{make_dir, make_own_dir, open_dir, sweep, sync_dir};
use crate::generation::Generation;
use crate::index::{Index, builds, releases, submissions};
use crate::locks::KeyLock;
use crate::objects::Objects;

/// Objects and index of one directory. Any number of them, in any number of processes, may have
/// the same directory.
#[derive(Debug)]
pub struct Store {
    objects: Objects,
    calls: Calls,
    index: Index,
    generation: Generation,
    locks: PathBuf,
}

impl Store {
    /// Opens the store in a directory, making it if need be, and removes what writers left that
    /// were killed.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be made or opened, something else lies in its
    /// place, or the index is damaged or of a newer format.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        make_dir(dir)?;
        // The way to the home may lead through links; inside it there are none.
        let dir = dir.canonicalize().map_err(|error| StoreError::io("resolve", dir, error))?;
        let _opening = KeyLock::take_lasting(&dir, "store.lock")?;
        let (objects, calls) = (Objects::open(&dir)?, Calls::open(&dir)?);
        let locks = dir.join("locks");
        make_own_dir(&locks)?;
        sweep(&locks)?;
        let path = dir.join("index.sqlite");
        let is_new = std::fs::symlink_metadata(&path).is_err();
        let index = Index::open(path)?;
        if is_new {
            sync_dir(&open_dir(&dir)?, &dir)?;
        }
        let generation = Generation::open(&dir)?;
        Ok(Store { objects, calls, index, generation, locks })
    }
}

impl ArtifactStore for Store {
    fn put(&self, bytes: &[u8]) -> Result<Digest, StageError> {
        self.objects.put(bytes).map_err(|error| error.at(Stage::Admit))
    }

    fn get(&self, digest: Digest) -> Result<Option<Vec<u8>>, StageError> {
        self.objects.get(digest).map_err(|error| error.at(Stage::Admit))
    }

    fn has(&self, digests: &[Digest]) -> Result<bool, StageError> {
        self.objects.have(digests).map_err(|error| error.at(Stage::Admit))
    }

    fn keep_call(&self, document: &[u8]) -> Result<Digest, StageError> {
        self.calls.keep(&self.objects, document).map_err(|error| error.at(Stage::Call))
    }

    fn kept_call(&self, id: Digest) -> Result<Option<Vec<u8>>, StageError> {
        self.calls.get(&self.objects, id).map_err(|error| error.at(Stage::Admit))
    }

    fn build_result(
        &self,
        principal: &Principal,
        build_key: Digest,
    ) -> Result<Option<BuildResult>, StageError> {
        let get = self.index.read("look up a build", |tx| builds::get(tx, principal, build_key));
        get.map_err(|error| error.at(Stage::Build))
    }

    fn remember_build(
        &self,
        principal: &Principal,
        build_key: Digest,
        result: &BuildResult,
    ) -> Result<(), StageError> {
        self.index
            .write("remember a build", |tx| builds::remember(tx, principal, build_key, result))
            .map_err(|error| error.at(Stage::Build))
    }

    fn owner(&self, skill: &SkillName) -> Result<Option<Principal>, StageError> {
        let owner = self.index.read("look up an owner", |tx| submissions::owner(tx, skill));
        owner.map_err(|error| error.at(Stage::Admit))
    }

    fn begin(&self, new: NewSubmission<'_>) -> Result<SubmissionId, StageError> {
        let begin = |tx: &rusqlite::Transaction<'_>| submissions::begin(tx, &new);
        let begun = match new.lasting {
            true => self.index.write_lasting("begin a submission", begin),
            false => self.index.write("begin a submission", begin),
        };
        begun.map_err(|error| error.at(Stage::Admit))
    }

    fn update(&self, submissions: &[Submission]) -> Result<(), StageError> {
        let stage = submissions.first().map_or(Stage::Admit, |submission| submission.stage);
        self.index
            .write("record a submission", |tx| {
                submissions.iter().try_for_each(|submission| submissions::update(tx, submission))
            })
            .map_err(|error| error.at(stage))
    }

    fn sync(&self) -> Result<(), StageError> {
        self.index.sync().map_err(|error| error.at(Stage::Admit))
    }

    fn submission(
        &self,
        id: SubmissionId,
    ) -> Result<Option<(Submission, Digest, Digest)>, StageError> {
        let found = self.index.read("look up a submission", |tx| submissions::get(tx, id));
        found.map_err(|error| error.at(Stage::Admit))
    }

    fn submissions(&self, skill: &SkillName, limit: u32) -> Result<Vec<Submission>, StageError> {
        self.index
            .read("list submissions", |tx| submissions::of_skill(tx, skill, limit))
            .map_err(|error| error.at(Stage::Admit))
    }

    fn promote(&self, release: &Release) -> Result<u32, StageError> {
        let promote = |tx: &rusqlite::Transaction<'_>| releases::promote(tx, release);
        let write = || self.index.write_lasting("promote a release", promote);
        self.generation.change(write).map_err(|error| error.at(Stage::Release))
    }

    fn current(&self, skill: &SkillName) -> Result<Option<Release>, StageError> {
        let found = self.index.read("look up a release", |tx| releases::current(tx, skill));
        found.map_err(|error| error.at(Stage::Release))
    }

    fn releases(&self, skill: &SkillName, limit: u32) -> Result<Vec<Release>, StageError> {
        self.index
            .read("list releases", |tx| releases::of_skill(tx, skill, limit))
            .map_err(|error| error.at(Stage::Release))
    }

    fn skills(&self) -> Result<Vec<Release>, StageError> {
        let found = self.index.read("list skills", releases::all_current);
        found.map_err(|error| error.at(Stage::Release))
    }

    fn generation(&self) -> Result<u64, StageError> {
        self.generation.read().map_err(|error| error.at(Stage::Call))
    }

    fn lock_key(&self, key: Digest) -> Result<Box<dyn Send>, StageError> {
        match KeyLock::take(&self.locks, &key.to_string()) {
            Ok(lock) => Ok(Box::new(lock)),
            Err(error) => Err(error.at(Stage::Build)),
        }
    }
}
