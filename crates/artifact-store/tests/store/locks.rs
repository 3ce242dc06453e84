//! The lock on a key: one holder at a time, whoever asks, and nothing left behind.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use saggar_artifact_store::Store;
use saggar_model::Digest;
use saggar_plugin_abi::ArtifactStore;

use crate::{names, store};

#[test]
fn lock_key_makes_a_second_thread_wait_and_other_keys_not() {
    let (dir, store) = store();
    let (key, other) = (Digest::of(b"key"), Digest::of(b"other"));
    let guard = store.lock_key(key).unwrap();
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        let (store, asked) = (&store, sender.clone());
        scope.spawn(move || {
            drop(store.lock_key(other).unwrap());
            asked.send("other").unwrap();
            let _guard = store.lock_key(key).unwrap();
            asked.send("key").unwrap();
        });
        assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok("other"));
        assert!(receiver.recv_timeout(Duration::from_millis(200)).is_err(), "it waits");
        drop(guard);
        assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok("key"));
    });
    assert_eq!(names(&dir.path().join("locks")), [""; 0]);
}

#[test]
fn b28_many_takers_in_many_stores_hold_a_key_one_at_a_time_while_others_sweep() {
    let (dir, shared) = store();
    let key = Digest::of(b"key");
    let (inside, done) = (AtomicU32::new(0), Mutex::new(0));
    thread::scope(|scope| {
        for n in 0..6 {
            let (dir, shared, inside, done) = (&dir, &shared, &inside, &done);
            scope.spawn(move || {
                let own = Store::open(dir.path()).unwrap();
                let store = if n % 2 == 0 { shared } else { &own };
                for _ in 0..100 {
                    let _guard = store.lock_key(key).unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    *done.lock().unwrap() += 1;
                    thread::yield_now();
                    assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                }
            });
        }
        scope.spawn(|| (0..10).for_each(|_| drop(Store::open(dir.path()).unwrap())));
    });
    assert_eq!(*done.lock().unwrap(), 600);
    assert_eq!(names(&dir.path().join("locks")), [""; 0]);
}

#[test]
fn b29_a_lock_left_by_a_killed_process_blocks_nobody_and_is_swept() {
    let (dir, store) = store();
    let (dead, held) = (Digest::of(b"dead"), Digest::of(b"held"));
    let path = |key: Digest| dir.path().join("locks").join(key.to_string());
    fs::write(path(dead), b"").unwrap();
    drop(store.lock_key(dead).unwrap());
    fs::write(path(dead), b"").unwrap();
    let guard = store.lock_key(held).unwrap();
    let second = Store::open(dir.path()).unwrap();
    assert!(!path(dead).exists());
    assert!(path(held).exists(), "a held lock is not swept");
    thread::scope(|scope| {
        let waiter = scope.spawn(|| drop(second.lock_key(held).unwrap()));
        thread::sleep(Duration::from_millis(100));
        assert!(!waiter.is_finished(), "it still excludes");
        drop(guard);
    });
}
