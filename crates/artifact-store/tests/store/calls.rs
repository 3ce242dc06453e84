//! Kept calls: the newest stay, whole, and no object goes with them.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime};

use saggar_artifact_store::Store;
use saggar_model::{Digest, Replay};
use saggar_plugin_abi::ArtifactStore;

use crate::{fault, names, store};

#[test]
fn the_oldest_goes_when_there_are_more_and_no_object_with_it() {
    let (dir, store) = store();
    let first = store.keep_call(b"0").unwrap();
    assert_eq!(store.put(b"0").unwrap(), first);
    for n in 1..Replay::KEPT + 3 {
        store.keep_call(n.to_string().as_bytes()).unwrap();
    }
    let kept = |n: usize| store.kept_call(Digest::of(n.to_string().as_bytes())).unwrap();
    assert_eq!(names(&dir.path().join("calls")).len(), Replay::KEPT);
    assert_eq!((kept(0), kept(2)), (None, None));
    assert_eq!((kept(3), kept(Replay::KEPT + 2).is_some()), (Some(b"3".to_vec()), true));
    assert_eq!(store.get(first).unwrap().as_deref(), Some(&b"0"[..]));
}

/// A clock that was set back makes the newest look the oldest.
#[test]
fn the_one_just_kept_stays_whatever_the_clock_says() {
    let (dir, store) = store();
    for n in 0..Replay::KEPT {
        let id = store.keep_call(n.to_string().as_bytes()).unwrap();
        let file = fs::File::open(dir.path().join("calls").join(id.to_string())).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    }
    let id = store.keep_call(b"new").unwrap();
    assert_eq!(store.kept_call(id).unwrap().as_deref(), Some(&b"new"[..]));
    assert_eq!(names(&dir.path().join("calls")).len(), Replay::KEPT);
}

#[test]
fn several_processes_keep_at_once() {
    let (dir, store) = store();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let other = Store::open(dir.path()).unwrap();
                for n in 0..Replay::KEPT / 2 {
                    let id = other.keep_call(n.to_string().as_bytes()).unwrap();
                    assert!(store.kept_call(id).unwrap().is_some());
                }
            });
        }
    });
    assert_eq!(names(&dir.path().join("calls")).len(), Replay::KEPT / 2);
    assert_eq!(names(&dir.path().join("tmp")), [""; 0]);
}

#[test]
fn v04_a_damaged_call_is_set_aside() {
    let (dir, store) = store();
    let id = store.keep_call(b"call").unwrap();
    let path = dir.path().join("calls").join(id.to_string());
    fs::remove_file(&path).unwrap();
    fs::write(&path, b"cull").unwrap();
    assert!(fault(store.kept_call(id)).summary.contains("damaged"));
    assert_eq!(store.kept_call(id).unwrap(), None);
    assert_eq!(store.keep_call(b"call").unwrap(), id);
}
