//! The store from outside: what it keeps, what it notices, whom it refuses. Damage is done with
//! plain file operations, never through the crate under test.
#![cfg(test)]

mod calls;
mod format;
mod generation;
mod index;
mod locks;
mod objects;

use std::path::{Path, PathBuf};

use saggar_artifact_store::Store;
use saggar_model::{Code, Digest, Feedback, Principal, Release, SkillName, SubmissionId};
use saggar_plugin_abi::{ArtifactStore, NewSubmission, StageError};
use tempfile::TempDir;

fn store() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

fn skill(name: &str) -> SkillName {
    name.parse().unwrap()
}

/// The path of an object.
fn object(dir: &Path, digest: Digest) -> PathBuf {
    let text = digest.to_string();
    dir.join("objects").join(&text[..2]).join(&text[2..])
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The feedback of a fault of the store.
fn fault<T>(result: Result<T, StageError>) -> Feedback {
    match result {
        Err(StageError::Fault(feedback)) if feedback.code == Code::Store => *feedback,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("no error"),
    }
}

fn begin(store: &Store, name: &str, uid: u32) -> Result<SubmissionId, StageError> {
    let (skill, principal) = (skill(name), Principal::uid(uid));
    let (plan, source) = (Digest::of(b"plan"), Digest::of(b"source"));
    store.begin(NewSubmission { skill: &skill, principal: &principal, plan, source, lasting: true })
}

fn release(name: &str, uid: u32) -> Release {
    let digest = Digest::of(name.as_bytes());
    Release {
        skill: skill(name),
        number: 77,
        submission: SubmissionId(1),
        principal: Principal::uid(uid),
        plan: digest,
        source: digest,
        artifact: digest,
        debug: None,
        build_key: digest,
        scan_key: digest,
        verify_key: digest,
        policy: digest,
        promoted_ms: 1_700_000_000_000,
    }
}
