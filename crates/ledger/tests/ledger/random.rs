//! D05 at random and exhaustively: no byte can change and no line can move unnoticed.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use proptest::prelude::*;
use saggar_ledger::Outcome;

use crate::damage::{LINES, lines_of};
use crate::{broken_at, ledger_of, outcome, set_text, text};

#[test]
fn d05_any_changed_byte_breaks_the_chain_at_its_line() {
    let (dir, text) = template();
    assert_eq!(outcome(dir.path()), Outcome::Ok);
    let file = File::options().write(true).open(dir.path().join("ledger.jsonl")).unwrap();
    let mut line = 1;
    for at in 0..text.len() {
        for to in [b'\n', b' ', b'}', text[at] ^ 1].into_iter().filter(|to| *to != text[at]) {
            file.write_all_at(&[to], at as u64).unwrap();
            assert_eq!(broken_at(dir.path()), line, "byte {at} to {to}");
        }
        file.write_all_at(&text[at..=at], at as u64).unwrap();
        line += u64::from(text[at] == b'\n');
    }
    assert_eq!(outcome(dir.path()), Outcome::Ok);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn d05_any_removed_or_added_byte_is_noticed(
        at in any::<prop::sample::Index>(),
        added: Option<u8>,
    ) {
        let (dir, mut text) = template();
        let at = at.index(text.len());
        match added {
            Some(byte) => text.insert(at, byte),
            None => drop(text.remove(at)),
        }
        set_text(dir.path(), &text);
        prop_assert_ne!(outcome(dir.path()), Outcome::Ok);
    }

    #[test]
    fn d05_any_rearranged_lines_break_the_chain_at_the_first_that_moved(
        order in Just((0..LINES).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (dir, text) = template();
        let lines = lines_of(&text);
        let moved: Vec<u8> = order.iter().flat_map(|line| lines[*line].clone()).collect();
        set_text(dir.path(), &moved);
        match order.iter().enumerate().find(|(place, line)| place != *line) {
            None => prop_assert_eq!(outcome(dir.path()), Outcome::Ok),
            Some((place, _)) => prop_assert_eq!(broken_at(dir.path()), place as u64 + 1),
        }
    }
}

/// A copy of a ledger of six lines, without the fsyncs of writing it each time.
fn template() -> (tempfile::TempDir, Vec<u8>) {
    static ONCE: std::sync::OnceLock<(Vec<u8>, Vec<u8>)> = std::sync::OnceLock::new();
    let (text, head) = ONCE.get_or_init(|| {
        let (dir, _) = ledger_of(LINES);
        (text(dir.path()), fs::read(dir.path().join("head.json")).unwrap())
    });
    let dir = tempfile::tempdir().unwrap();
    set_text(dir.path(), text);
    fs::write(dir.path().join("head.json"), head).unwrap();
    (dir, text.clone())
}
