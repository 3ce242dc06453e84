//! The index: owners, submissions, releases, build results.

use std::collections::BTreeSet;
use std::{slice, thread};

use saggar_artifact_store::Store;
use saggar_model::{Code, Digest, Feedback, Principal, Stage, Status, SubmissionId};
use saggar_plugin_abi::{ArtifactStore, BuildResult, StageError};

use crate::{begin, fault, release, skill, store};

/// The refusal because of another owner.
fn not_owner<T>(result: Result<T, StageError>) {
    match result {
        Err(StageError::Rejected(feedback)) => {
            assert_eq!(feedback.code, Code::NotOwner);
            assert!(feedback.hint.is_some());
            assert!(!feedback.to_string().contains("uid:"), "it does not say whose");
        }
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

#[test]
fn g14_a_name_belongs_to_who_first_submitted_it() {
    let (dir, store) = store();
    assert_eq!(store.owner(&skill("a")).unwrap(), None);
    let first = begin(&store, "a", 1).unwrap();
    not_owner(begin(&store, "a", 2));
    not_owner(store.promote(&release("a", 2)));
    assert_eq!(store.owner(&skill("a")).unwrap(), Some(Principal::uid(1)));
    // The refused one took no number, and left no trace under its own names.
    assert_eq!(begin(&store, "b", 2).unwrap(), SubmissionId(first.0 + 1));
    assert_eq!(begin(&store, "a", 1).unwrap(), SubmissionId(first.0 + 2));
    assert_eq!(store.promote(&release("a", 1)).unwrap(), 1);
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    not_owner(begin(&store, "a", 2));
    begin(&store, "a", 1).unwrap();
}

#[test]
fn g14_of_principals_that_race_for_a_name_one_gets_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let winners: Vec<u32> = thread::scope(|scope| {
        let submit = |uid| begin(&Store::open(dir).unwrap(), "a", uid).is_ok().then_some(uid);
        let threads: Vec<_> = (0..8).map(|uid| scope.spawn(move || submit(uid))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    let [winner] = winners[..] else { panic!("{winners:?}") };
    let owner = Store::open(dir).unwrap().owner(&skill("a")).unwrap();
    assert_eq!(owner, Some(Principal::uid(winner)));
}

#[test]
fn a_submission_is_running_until_it_is_recorded_otherwise() {
    let (_dir, store) = store();
    let id = begin(&store, "a", 1).unwrap();
    let (mut submission, plan, source) = store.submission(id).unwrap().unwrap();
    assert_eq!((plan, source), (Digest::of(b"plan"), Digest::of(b"source")));
    assert_eq!((submission.submission, submission.status), (Some(id), Status::Running));
    assert_eq!(submission.exit_code, 70, "no success unless somebody says so");
    submission.status = Status::Released;
    submission.exit_code = 0;
    submission.timings_us = [(Stage::Build, u64::MAX)].into();
    store.update(slice::from_ref(&submission)).unwrap();
    assert_eq!(store.submission(id).unwrap().unwrap().0, submission);
    for unknown in [0, id.0 + 1, u64::MAX] {
        assert_eq!(store.submission(SubmissionId(unknown)).unwrap(), None);
    }
}

#[test]
fn a_record_cannot_move_to_another_submission_skill_or_principal() {
    let (_dir, store) = store();
    let id = begin(&store, "a", 1).unwrap();
    begin(&store, "b", 2).unwrap();
    let (good, ..) = store.submission(id).unwrap().unwrap();
    let mut wrong = [good.clone(), good.clone(), good.clone(), good.clone()];
    wrong[0].submission = None;
    wrong[1].submission = Some(SubmissionId(id.0 + 1));
    wrong[2].skill = Some(skill("b"));
    wrong[3].principal = Principal::uid(2);
    for submission in &wrong {
        assert!(
            fault(store.update(slice::from_ref(submission))).summary.contains("begin it first")
        );
    }
    store.update(slice::from_ref(&good)).unwrap();
}

#[test]
fn lists_are_oldest_first_and_end_with_the_newest() {
    let (_dir, store) = store();
    let ids: Vec<_> = (0..5).map(|_| begin(&store, "a", 1).unwrap()).collect();
    begin(&store, "b", 1).unwrap();
    let listed = |limit| -> Vec<_> {
        let listed = store.submissions(&skill("a"), limit).unwrap();
        listed.iter().filter_map(|submission| submission.submission).collect()
    };
    assert_eq!(listed(100), ids);
    assert_eq!(listed(2), ids[3..]);
    assert_eq!(listed(0), []);
    for _ in 0..3 {
        store.promote(&release("a", 1)).unwrap();
    }
    let numbers = |limit| -> Vec<_> {
        let releases = store.releases(&skill("a"), limit).unwrap();
        releases.iter().map(|release| release.number).collect()
    };
    assert_eq!(numbers(u32::MAX), [1, 2, 3]);
    assert_eq!(numbers(2), [2, 3]);
}

#[test]
fn promotions_of_eight_threads_are_numbered_from_one_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    begin(&Store::open(dir).unwrap(), "a", 1).unwrap();
    let numbers: BTreeSet<u32> = thread::scope(|scope| {
        let promote = || {
            let store = Store::open(dir).unwrap();
            (0..5).map(|_| store.promote(&release("a", 1)).unwrap()).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(promote)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(numbers, (1..=40).collect());
    let store = Store::open(dir).unwrap();
    assert_eq!(store.current(&skill("a")).unwrap().unwrap().number, 40);
    assert_eq!(store.releases(&skill("a"), 100).unwrap().len(), 40);
}

#[test]
fn a_skill_that_nobody_submitted_cannot_be_promoted() {
    let (_dir, store) = store();
    assert!(fault(store.promote(&release("a", 1))).summary.contains("submit it first"));
    assert_eq!(store.current(&skill("a")).unwrap(), None);
    begin(&store, "a", 1).unwrap();
    assert_eq!(store.promote(&release("a", 1)).unwrap(), 1);
}

fn rejected(summary: &str) -> BuildResult {
    BuildResult::Rejected { feedback: Feedback::new(Stage::Build, Code::Compile, summary) }
}

#[test]
fn a_build_result_is_its_principals_own_and_the_first_one_stays() {
    let (_dir, store) = store();
    let (one, two) = (Principal::uid(1), Principal::uid(2));
    let key = Digest::of(b"key");
    assert_eq!(store.build_result(&one, key).unwrap(), None);
    store.remember_build(&one, key, &rejected("first")).unwrap();
    store.remember_build(&one, key, &rejected("second")).unwrap();
    assert_eq!(store.build_result(&one, key).unwrap(), Some(rejected("first")));
    assert_eq!(store.build_result(&two, key).unwrap(), None);
    store.remember_build(&two, key, &rejected("other")).unwrap();
    assert_eq!(store.build_result(&two, key).unwrap(), Some(rejected("other")));
}

#[test]
fn reopening_keeps_everything() {
    let (dir, store) = store();
    for name in ["b", "a"] {
        begin(&store, name, 1).unwrap();
        store.promote(&release(name, 1)).unwrap();
    }
    store.promote(&release("a", 1)).unwrap();
    store.remember_build(&Principal::uid(1), Digest::ZERO, &rejected("x")).unwrap();
    let object = store.put(b"object").unwrap();
    let seen = |store: &Store| {
        (
            store.skills().unwrap(),
            store.releases(&skill("a"), 9).unwrap(),
            store.submissions(&skill("b"), 9).unwrap(),
            store.build_result(&Principal::uid(1), Digest::ZERO).unwrap(),
            store.get(object).unwrap(),
        )
    };
    let before = seen(&store);
    let skills: Vec<_> =
        before.0.iter().map(|release| (release.skill.as_str(), release.number)).collect();
    assert_eq!(skills, [("a", 2), ("b", 1)]);
    assert_eq!(seen(&Store::open(dir.path()).unwrap()), before, "beside the first");
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(seen(&store), before);
    assert_eq!(begin(&store, "c", 1).unwrap(), SubmissionId(3));
}
