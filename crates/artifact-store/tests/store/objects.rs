//! Objects: whole or not there, and never through anything but a regular file.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::{io::Write, thread};

use rustix::fs::{CWD, FileType, FlockOperation, Mode, flock, mknodat};
use saggar_artifact_store::Store;
use saggar_model::{Digest, SkillName, SubmissionId};
use saggar_plugin_abi::ArtifactStore;

use crate::{fault, names, object, store};

#[test]
fn what_is_put_is_got_under_its_digest_after_reopening_too() {
    let (dir, store) = store();
    let large = vec![7; 3 << 20];
    for bytes in [&b""[..], b"a", b"\0\n", &large] {
        assert_eq!(store.put(bytes).unwrap(), Digest::of(bytes));
        assert_eq!(store.get(Digest::of(bytes)).unwrap().as_deref(), Some(bytes));
    }
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.get(Digest::of(&large)).unwrap(), Some(large));
    assert_eq!(store.get(Digest::of(b"unknown")).unwrap(), None);
}

#[test]
fn objects_are_read_only_and_directories_are_the_users_own() {
    let (dir, store) = store();
    let path = object(dir.path(), store.put(b"a").unwrap());
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(path.clone()), 0o444);
    for inner in ["objects", "calls", "tmp", "quarantine", "locks"] {
        assert_eq!(mode(dir.path().join(inner)), 0o700, "{inner}");
    }
    assert_eq!(mode(path.parent().unwrap().to_owned()), 0o700);
    assert_eq!(mode(dir.path().join("index.sqlite")), 0o600);
}

#[test]
fn storing_again_touches_nothing() {
    let (dir, store) = store();
    let path = object(dir.path(), store.put(b"a").unwrap());
    let before = fs::metadata(&path).unwrap();
    store.put(b"a").unwrap();
    let after = fs::metadata(&path).unwrap();
    let identity = |meta: &fs::Metadata| (meta.ino(), meta.ctime(), meta.ctime_nsec());
    assert_eq!(identity(&before), identity(&after));
}

#[test]
fn d08_concurrent_identical_puts_leave_one_object_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = vec![42; 100_000];
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // A store of its own, as another process would have; its opening sweeps.
                let store = Store::open(dir.path()).unwrap();
                for round in 0..10u8 {
                    let mine = [&bytes[..], &[round]].concat();
                    let digest = store.put(&mine).unwrap();
                    assert_eq!(store.get(digest).unwrap(), Some(mine));
                }
            });
        }
    });
    let shards = fs::read_dir(dir.path().join("objects")).unwrap();
    let objects: usize = shards.map(|shard| names(&shard.unwrap().path()).len()).sum();
    assert_eq!(objects, 10);
    assert_eq!(names(&dir.path().join("tmp")), [""; 0]);
    assert_eq!(names(&dir.path().join("quarantine")), [""; 0]);
}

#[test]
fn d09_nothing_that_leads_elsewhere_is_a_digest_id_or_name() {
    for text in ["../../etc/passwd", "..", "ab", "", "s-1", &"../".repeat(22)[..64]] {
        assert!(text.parse::<Digest>().is_err(), "{text}");
    }
    assert!("s-../1".parse::<SubmissionId>().is_err());
    assert!("../a".parse::<SkillName>().is_err());
    assert!(Digest::of(b"a").to_string().parse::<Digest>().is_ok());
}

#[test]
fn d09_what_is_planted_in_an_objects_place_is_refused() {
    let (dir, store) = store();
    let digest = Digest::of(b"secret");
    let path = object(dir.path(), digest);
    let elsewhere = dir.path().join("elsewhere");
    // The very bytes, so that only the way there is wrong.
    fs::write(&elsewhere, b"secret").unwrap();
    let refused = || {
        for feedback in [fault(store.get(digest)), fault(store.put(b"secret").map(drop))] {
            assert!(feedback.summary.contains("not a regular file"), "{feedback}");
        }
    };
    symlink(&elsewhere, &path).unwrap();
    refused();
    fs::remove_file(&path).unwrap();
    symlink(dir.path().join("nowhere"), &path).unwrap();
    refused();
    fs::remove_file(&path).unwrap();
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    refused();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    refused();
    fs::remove_dir(&path).unwrap();
    fs::rename(&elsewhere, &path).unwrap();
    assert_eq!(store.get(digest).unwrap().as_deref(), Some(&b"secret"[..]));
}

#[test]
fn d09_a_directory_of_objects_that_is_a_link_is_refused() {
    let (dir, store) = store();
    let digest = store.put(b"secret").unwrap();
    let shard = object(dir.path(), digest).parent().unwrap().to_owned();
    let moved = dir.path().join("moved");
    fs::rename(&shard, &moved).unwrap();
    symlink(&moved, &shard).unwrap();
    assert!(fault(store.get(digest)).summary.contains("not a directory"));
    assert!(fault(store.put(b"secret")).summary.contains("not a directory"));
    fs::remove_file(&shard).unwrap();
    fs::rename(&moved, &shard).unwrap();
    assert!(store.get(digest).unwrap().is_some());
}

/// Changes the bytes of an object behind the store's back.
fn damage(path: &std::path::Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn v04_a_flipped_bit_is_a_fault_and_the_object_is_set_aside() {
    let (dir, store) = store();
    let digest = store.put(b"artifact").unwrap();
    let other = store.put(b"other").unwrap();
    assert!(store.get(digest).unwrap().is_some());
    for round in 0..3 {
        damage(&object(dir.path(), digest), |bytes| bytes[3] ^= 1);
        let feedback = fault(store.get(digest));
        assert!(feedback.summary.contains(&digest.to_string()), "{feedback}");
        assert!(feedback.summary.contains("restore"), "{feedback}");
        assert_eq!(store.get(digest).unwrap(), None, "never returned");
        assert_eq!(names(&dir.path().join("quarantine")).len(), round + 1, "kept as evidence");
        assert_eq!(store.put(b"artifact").unwrap(), digest);
        assert_eq!(store.get(digest).unwrap().as_deref(), Some(&b"artifact"[..]));
    }
    assert!(store.get(other).unwrap().is_some(), "the others are served");
}

#[test]
fn v04_a_wrong_length_is_noticed_by_get_and_by_put() {
    let (dir, store) = store();
    let digest = store.put(b"artifact").unwrap();
    for length in [0, 3, 9] {
        damage(&object(dir.path(), digest), |bytes| bytes.resize(length, 0));
        fault(store.get(digest));
        store.put(b"artifact").unwrap();
        damage(&object(dir.path(), digest), |bytes| bytes.resize(length, 0));
        assert!(fault(store.put(b"artifact")).summary.contains("length"));
        store.put(b"artifact").unwrap();
        assert!(store.get(digest).unwrap().is_some());
    }
}

#[test]
fn b27_temporary_files_of_dead_writers_are_swept_and_of_live_ones_are_not() {
    let (dir, first) = store();
    let tmp = dir.path().join("tmp");
    for name in ["put-dead", "put-alive"] {
        fs::write(tmp.join(name), b"half an obj").unwrap();
        fs::set_permissions(tmp.join(name), fs::Permissions::from_mode(0o444)).unwrap();
    }
    let alive = File::open(tmp.join("put-alive")).unwrap();
    flock(&alive, FlockOperation::LockExclusive).unwrap();
    let second = Store::open(dir.path()).unwrap();
    assert_eq!(names(&tmp), ["put-alive"]);
    for store in [&first, &second] {
        store.put(b"whole").unwrap();
    }
    drop(alive);
    Store::open(dir.path()).unwrap();
    assert_eq!(names(&tmp), [""; 0]);
}

#[test]
fn d02_a_failing_file_system_is_named_and_leaves_no_temporary_file() {
    let (dir, store) = store();
    let digest = Digest::of(b"a");
    let shard = object(dir.path(), digest).parent().unwrap().to_owned();
    // A file in the place of a directory: of the object, then of what is being written.
    fs::remove_dir(&shard).unwrap();
    File::create(&shard).unwrap().write_all(b"x").unwrap();
    let feedback = fault(store.put(b"a"));
    assert!(feedback.summary.contains(shard.to_str().unwrap()), "{feedback}");
    fs::remove_file(&shard).unwrap();
    assert!(fault(store.put(b"a")).summary.contains("start saggar again"));
    fs::create_dir(&shard).unwrap();

    let tmp = dir.path().join("tmp");
    fs::remove_dir(&tmp).unwrap();
    File::create(&tmp).unwrap();
    assert!(fault(store.put(b"a")).summary.contains(tmp.to_str().unwrap()));
    assert_eq!(store.get(digest).unwrap(), None);
    fs::remove_file(&tmp).unwrap();
    fs::create_dir(&tmp).unwrap();
    assert_eq!(store.put(b"a").unwrap(), digest);
    assert_eq!(names(&tmp), [""; 0]);
}

#[test]
fn what_is_there_is_seen_without_reading_it() {
    let (dir, store) = store();
    let [a, b] = [b"a", b"b"].map(|bytes| store.put(bytes).unwrap());
    let none = Digest::of(b"c");
    assert!(store.has(&[]).unwrap() && store.has(&[a, b]).unwrap());
    assert!(!store.has(&[a, none]).unwrap());
    // A link is no object, wherever it leads.
    std::os::unix::fs::symlink(object(dir.path(), a), object(dir.path(), none)).unwrap();
    assert!(!store.has(&[none]).unwrap());
    std::fs::remove_file(object(dir.path(), a)).unwrap();
    assert!(!store.has(&[a, b]).unwrap() && store.has(&[b]).unwrap());
}
