//! A submission of what is the skill's current release already: same plan, policy, tools, principal
//! and keys, the same source or one that came to the same artifact, and every object still there. It
//! has no effect, so nothing of it waits for the disk.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use saggar_model::{Digest, Enforced, Event, Release, Stage};
use saggar_plugin_abi::{BuildResult, NewSubmission, PreparedBuild, StageError};

use crate::submit::Progress;
use crate::{Bundle, Engine, keys};

/// Most releases that are remembered.
const MOST: usize = 256;

/// Releases that this engine has seen submitted again, by plan and source.
#[derive(Default)]
pub(crate) struct Duplicates {
    known: Mutex<HashMap<(Digest, Digest), Known>>,
}

/// What a submission came to, and what must be as it was for another to come to the same. The
/// policy of an engine never changes, nor do the rules of its stages.
#[derive(Clone)]
struct Known {
    tools: Digest,
    /// The store's, as of which it was the current release.
    generation: u64,
    release: u32,
    artifact: Digest,
    key: Digest,
    enforced: BTreeMap<String, Enforced>,
}

impl Duplicates {
    fn find(&self, bundle: &Bundle) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(bundle.plan.digest, bundle.source_digest)).cloned()
    }

    fn remember(&self, bundle: &Bundle, fact: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert((bundle.plan.digest, bundle.source_digest), fact);
    }
}

/// What is known of a submission before anything is done for it.
pub(crate) enum Repeated {
    /// It is the current release: the record says so.
    Answered,
    /// It is not. Comes with the build, if that had to be worked out to know.
    New(Option<Result<Box<dyn PreparedBuild>, StageError>>),
}

impl Engine {
    /// Answers a submission of what is the current release.
    pub(crate) fn repeated(
        &self,
        bundle: &Bundle,
        progress: &mut Progress<'_>,
    ) -> Result<Repeated, StageError> {
        // Before anything is looked up: a change in between makes it stale.
        let generation = self.stages.store.generation()?;
        if let Some(known) = self.duplicates.find(bundle)
            && known.generation == generation
            && Some(known.tools) == self.stages.driver.tools(&bundle.plan)
        {
            let Known { release, artifact, key, enforced, .. } = known;
            if self.stages.store.has(&[bundle.plan.digest, bundle.source_digest, artifact])? {
                progress.record.enforced = enforced;
                self.answer(bundle, release, artifact, key, progress)?;
                return Ok(Repeated::Answered);
            }
        }
        let current = self.stages.store.current(&bundle.plan.name)?;
        let Some(current) = current.filter(|current| {
            current.plan == bundle.plan.digest
                && current.source == bundle.source_digest
                && current.principal == self.principal
        }) else {
            return Ok(Repeated::New(None));
        };
        let prepared = self.prepare(bundle, &progress.trace);
        let (key, tools) = match &prepared {
            Ok(prepared) if self.is_same(&current, prepared.key(), bundle)? => {
                (prepared.key(), prepared.tools())
            }
            _ => return Ok(Repeated::New(Some(prepared))),
        };
        if let Some(BuildResult::Artifact { record, .. }) =
            self.stages.store.build_result(&self.principal, key)?
        {
            progress.commands(&record.commands);
        }
        self.remember(bundle, &current, (key, tools, generation), progress);
        self.answer(bundle, current.number, current.artifact, key, progress)?;
        Ok(Repeated::Answered)
    }

    /// Remembers that a submission came to what was the current release as of this generation of
    /// the store, by a build of this key with these tools.
    pub(crate) fn remember(
        &self,
        bundle: &Bundle,
        current: &Release,
        (key, tools, generation): (Digest, Option<Digest>, u64),
        progress: &Progress<'_>,
    ) {
        let Some(tools) = tools else { return };
        let (release, artifact) = (current.number, current.artifact);
        let enforced = progress.record.enforced.clone();
        let known = Known { tools, generation, release, artifact, key, enforced };
        self.duplicates.remember(bundle, known);
    }

    /// Whether a build of this key is the release, scanned and verified as it would be now.
    fn is_same(&self, current: &Release, key: Digest, bundle: &Bundle) -> Result<bool, StageError> {
        let Release { artifact, build_key, scan_key, verify_key, plan, source, debug, .. } =
            *current;
        let scan_rules = self.stages.scanner.rules();
        let verify_rules = self.stages.verifier.rules();
        let objects: Vec<Digest> = [plan, source, artifact].into_iter().chain(debug).collect();
        Ok(build_key == key
            && scan_key == keys::scan_key(artifact, bundle.plan.language, scan_rules)
            && verify_key == keys::verify_key(artifact, &bundle.plan, verify_rules)
            && self.stages.store.has(&objects)?)
    }

    /// Gives it an id and takes it down with the next group.
    fn answer(
        &self,
        bundle: &Bundle,
        release: u32,
        artifact: Digest,
        build_key: Digest,
        progress: &mut Progress<'_>,
    ) -> Result<(), StageError> {
        let (plan, source) = (bundle.plan.digest, bundle.source_digest);
        let skill = &bundle.plan.name;
        let principal = &self.principal;
        let new = NewSubmission { skill, principal, plan, source, lasting: false };
        let submission = self.stages.store.begin(new)?;
        progress.leave();
        progress.grouped = true;
        let record = &mut progress.record;
        record.submission = Some(submission);
        record.release = Some(release);
        record.artifact = Some(artifact);
        record.build_key = Some(build_key);
        record.deduplicated = true;
        record.stage = Stage::Release;
        let received = Event::SubmissionReceived { submission, skill: skill.clone(), plan, source };
        let reused = Event::BuildReused { submission, build_key, artifact: Some(artifact) };
        let authority = record.authority;
        self.groups.events([received, reused].map(|event| self.draft(authority, event)));
        Ok(())
    }
}
