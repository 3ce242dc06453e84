//! Format 1 as it was first written, kept as text: later versions must still read it. What this
//! version cannot read, it refuses and leaves as it is.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use saggar_artifact_store::{Store, StoreError};
use saggar_model::{Digest, Principal, Status, SubmissionId};
use saggar_plugin_abi::{ArtifactStore, BuildResult};

use crate::{begin, release, skill, store};

fn open_error(dir: &Path) -> StoreError {
    Store::open(dir).expect_err("the store opened")
}

#[test]
fn d14_a_newer_format_is_refused_and_left_as_it_is() {
    let (dir, store) = store();
    begin(&store, "a", 1).unwrap();
    drop(store);
    let path = dir.path().join("index.sqlite");
    let set = |format: i64| {
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "user_version", format).unwrap();
    };
    for foreign in [2, -1] {
        set(foreign);
        let before = fs::read(&path).unwrap();
        let error = open_error(dir.path());
        assert!(matches!(error, StoreError::NewerFormat { found, .. } if found == foreign));
        assert!(error.to_string().contains("use the newer saggar"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    set(1);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.owner(&skill("a")).unwrap(), Some(Principal::uid(1)));
}

#[test]
fn d14_an_index_of_format_1_is_read_and_written() {
    let dir = tempfile::tempdir().unwrap();
    let connection = Connection::open(dir.path().join("index.sqlite")).unwrap();
    connection.execute_batch(include_str!("format1.sql")).unwrap();
    drop(connection);
    let store = Store::open(dir.path()).unwrap();
    let current = store.current(&skill("top-word")).unwrap().unwrap();
    assert_eq!((current.number, current.artifact), (1, Digest::of(b"policy")));
    let (submission, plan, _) = store.submission(SubmissionId(1)).unwrap().unwrap();
    assert_eq!((submission.status, plan), (Status::Released, Digest::of(b"policy")));
    let built = store.build_result(&Principal::uid(1000), Digest::of(b"policy")).unwrap();
    assert!(matches!(built, Some(BuildResult::Rejected { .. })));
    assert_eq!(store.promote(&release("top-word", 1000)).unwrap(), 2);
    assert_eq!(begin(&store, "top-word", 1000).unwrap(), SubmissionId(2));
}

#[test]
fn an_index_that_is_none_is_refused_with_a_remedy() {
    let (dir, first) = store();
    drop(first);
    let (path, aside) = (dir.path().join("index.sqlite"), dir.path().join("aside"));
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, b"no database ".repeat(100)).unwrap();
    let error = open_error(dir.path());
    assert!(error.to_string().contains("restore it from a backup"), "{error}");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&aside, &path).unwrap();
    assert!(matches!(open_error(dir.path()), StoreError::Misplaced { .. }));
    fs::remove_file(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    Store::open(dir.path()).unwrap();
}

/// The home itself may be reached through a link; that is the user's affair.
#[test]
fn a_home_behind_a_link_is_the_same_store() {
    let (dir, store) = store();
    let digest = store.put(b"a").unwrap();
    let outside = tempfile::tempdir().unwrap();
    let link = outside.path().join("home");
    std::os::unix::fs::symlink(dir.path(), &link).unwrap();
    assert!(Store::open(&link).unwrap().get(digest).unwrap().is_some());
}

#[test]
fn a_file_in_the_place_of_the_store_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("home");
    fs::write(&path, b"").unwrap();
    assert!(open_error(&path).to_string().contains(path.to_str().unwrap()));
    fs::remove_file(&path).unwrap();
    Store::open(&path).unwrap();
}
