//! Whether a release may have changed: told to every opener, and never that nothing did where
//! something may have.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use saggar_artifact_store::Store;
use saggar_plugin_abi::ArtifactStore;

use crate::{begin, release, store};

#[test]
fn a_promotion_is_seen_by_every_opener_and_nothing_else_is() {
    let (dir, store) = store();
    let other = Store::open(dir.path()).unwrap();
    let before = store.generation().unwrap();
    begin(&store, "a", 1).unwrap();
    store.put(b"an object").unwrap();
    assert_eq!((store.generation().unwrap(), other.generation().unwrap()), (before, before));
    let mut seen = BTreeSet::from([before]);
    for promoter in [&store, &other, &store] {
        promoter.promote(&release("a", 1)).unwrap();
        let after = store.generation().unwrap();
        assert_eq!(other.generation().unwrap(), after);
        assert!(seen.insert(after), "{after} was given before");
    }
}

#[test]
fn what_is_looked_up_under_a_generation_is_what_it_was_under_it() {
    let (dir, store) = store();
    begin(&store, "a", 1).unwrap();
    let current = |store: &Store| {
        store.current(&crate::skill("a")).unwrap().map_or(0, |release| release.number)
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let store = Store::open(dir.path()).unwrap();
                (0..20).for_each(|_| assert!(store.promote(&release("a", 1)).is_ok()));
            });
        }
        // As the engine does: asks first, looks up then, and trusts it while the answer stays.
        let (mut remembered, mut number) = (store.generation().unwrap(), current(&store));
        while number < 40 {
            let now = store.generation().unwrap();
            let found = current(&store);
            assert!(found == number || store.generation().unwrap() != remembered);
            if now != remembered {
                (remembered, number) = (now, current(&store));
            }
        }
    });
    assert_eq!(store.generation().unwrap(), store.generation().unwrap());
}

/// A promoter that was killed: nobody knows whether it had promoted.
#[test]
fn a_change_that_was_cut_short_makes_every_answer_differ_until_the_next() {
    let (dir, store) = store();
    begin(&store, "a", 1).unwrap();
    store.promote(&release("a", 1)).unwrap();
    let before = store.generation().unwrap();
    fs::write(dir.path().join("generation"), (before + 1).to_le_bytes()).unwrap();
    let answers: BTreeSet<u64> = (0..10).map(|_| store.generation().unwrap()).collect();
    assert_eq!((answers.len(), answers.contains(&before)), (10, false));
    store.promote(&release("a", 1)).unwrap();
    let after = store.generation().unwrap();
    assert!(after != before && !answers.contains(&after));
    assert_eq!(store.generation().unwrap(), after);
}

#[test]
fn d09_something_else_in_its_place_is_refused() {
    let (dir, store) = store();
    drop(store);
    let path = dir.path().join("generation");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    let error = Store::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("generation"), "{error}");
}
