//! A full disk, by a limit on the pages of the database: named, and nothing half done.

use saggar_model::{Digest, Principal, SkillName};
use saggar_plugin_abi::NewSubmission;

use super::{Index, submissions};
use crate::StoreError;

/// Begins submissions of new skills until there is no room; returns how many began.
fn fill(index: &Index) -> (u32, StoreError) {
    let principal = Principal::uid(1);
    for n in 0..100_000 {
        let skill: SkillName = format!("s{n}").parse().unwrap();
        let (plan, source) = (Digest::ZERO, Digest::ZERO);
        let new =
            NewSubmission { skill: &skill, principal: &principal, plan, source, lasting: true };
        let begun = index.write("begin a submission", |tx| submissions::begin(tx, &new));
        if let Err(error) = begun {
            return (n, error);
        }
    }
    panic!("never full")
}

fn count(index: &Index, sql: &str) -> u32 {
    index
        .read("count", |tx| Ok(tx.query_row(sql, [], |row| row.get(0))?))
        .unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn d02_a_full_disk_is_named_and_leaves_nothing_half_done() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path().canonicalize().unwrap().join("index.sqlite")).unwrap();
    let limit = |pages: u32| {
        let open = index.open.lock().unwrap();
        open.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(20);
    let (begun, error) = fill(&index);
    let message = error.to_string();
    assert!(message.contains("begin a submission"), "{message}");
    assert!(message.contains("index.sqlite") && message.contains("free some space"), "{message}");
    for sql in
        ["SELECT count(*) FROM owners", "SELECT count(*) FROM submissions WHERE document <> ''"]
    {
        assert_eq!(count(&index, sql), begun, "{sql}");
    }
    assert_eq!(count(&index, "SELECT count(*) FROM submissions"), begun);
    // With room again, the same index goes on.
    limit(40);
    assert!(fill(&index).0 > 0);
}

/// How far a write gets before it returns is SQLite's to keep; that it is asked, this says.
#[test]
fn what_lasts_waits_for_the_disk_and_the_rest_does_not() {
    const FULL: i64 = 2;
    const NORMAL: i64 = 1;
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path().canonicalize().unwrap().join("index.sqlite")).unwrap();
    let level = || {
        let open = index.open.lock().unwrap();
        open.connection.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0)).unwrap()
    };
    for (lasting, expected) in [(true, FULL), (false, NORMAL), (false, NORMAL), (true, FULL)] {
        let done = match lasting {
            true => index.write_lasting("try", |_| Ok(())),
            false => index.write("try", |_| Ok(())),
        };
        done.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(level(), expected);
    }
    index.sync().unwrap_or_else(|error| panic!("{error}"));
}
