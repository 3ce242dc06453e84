//! Damage of every kind, each beside the undamaged ledger that verifies.

use std::fs;

use saggar_ledger::{Ledger, LedgerError, Outcome, read, verify};
use saggar_model::{Digest, Event, canonical};
use serde_json::Value;

use crate::{broken_at, calls, draft, ledger_of, outcome, set_text, text};

pub(crate) const LINES: usize = 6;

pub(crate) fn lines_of(text: &[u8]) -> Vec<Vec<u8>> {
    text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Damages a ledger of six lines and looks where it is then broken.
fn check(damage: impl FnOnce(&mut Vec<Vec<u8>>), expected: u64) {
    let (dir, _) = ledger_of(LINES);
    assert_eq!(outcome(dir.path()), Outcome::Ok);
    let mut lines = lines_of(&text(dir.path()));
    damage(&mut lines);
    set_text(dir.path(), &lines.concat());
    assert_eq!(broken_at(dir.path()), expected);
}

#[test]
fn d05_a_deleted_line_breaks_the_chain_there() {
    for at in 0..LINES - 1 {
        check(|lines| drop(lines.remove(at)), at as u64 + 1);
    }
}

#[test]
fn d05_a_repeated_line_breaks_the_chain_behind_it() {
    for at in 0..LINES {
        check(|lines| lines.insert(at, lines[at].clone()), at as u64 + 2);
    }
}

#[test]
fn d05_exchanged_lines_break_the_chain_at_the_first() {
    for at in 0..LINES - 1 {
        check(|lines| lines.swap(at, at + 1), at as u64 + 1);
    }
}

#[test]
fn d05_an_empty_line_or_a_space_breaks_the_chain_there() {
    for at in 0..LINES {
        check(|lines| lines.insert(at, b"\n".to_vec()), at as u64 + 1);
        check(|lines| lines[at].insert(0, b' '), at as u64 + 1);
    }
}

#[test]
fn d05_a_key_given_twice_or_added_breaks_the_chain_there() {
    for key in ["\"seq\":2,", "\"zz\":0,"] {
        check(|lines| drop(lines[1].splice(1..1, key.bytes())), 2);
    }
}

/// An attacker who recomputes the hash of the line that was edited, and stops there.
#[test]
fn d05_an_edit_with_its_own_hash_recomputed_breaks_the_next_line() {
    let forge = |line: &mut Vec<u8>| *line = forged(line, None);
    for at in 0..LINES - 1 {
        check(|lines| forge(&mut lines[at]), at as u64 + 2);
    }
    // Behind the last line stands only the head.
    check(|lines| forge(&mut lines[LINES - 1]), LINES as u64);
}

/// The line with another event, another `prev` if one is given, and the hash that belongs to it.
fn forged(line: &[u8], prev: Option<Digest>) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(line).unwrap();
    value["format"] = 9.into();
    if let Some(prev) = prev {
        value["prev"] = prev.to_string().into();
    }
    value.as_object_mut().unwrap().remove("hash");
    value["hash"] = canonical::digest(&value).unwrap().to_string().into();
    (canonical::to_string(&value) + "\n").into_bytes()
}

/// What a chain without a witness cannot notice, stated so that nobody believes otherwise.
#[test]
fn d16_chain_and_head_recomputed_are_only_caught_by_a_witness() {
    let (dir, _) = ledger_of(3);
    let before = verify(dir.path()).unwrap();
    let mut prev = Digest::ZERO;
    let mut out = Vec::new();
    for line in lines_of(&text(dir.path())) {
        let line = forged(&line, Some(prev));
        let value: Value = serde_json::from_slice(&line).unwrap();
        prev = value["hash"].as_str().unwrap().parse().unwrap();
        out.extend(line);
    }
    set_text(dir.path(), &out);
    assert_eq!(broken_at(dir.path()), 3, "the head still tells");
    let path = dir.path().join("head.json");
    let mut head: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    head["hash"] = prev.to_string().into();
    head["length"] = out.len().into();
    fs::write(&path, head.to_string()).unwrap();
    let after = verify(dir.path()).unwrap();
    assert_eq!(after.to_string(), "3 entries: consistent, not witnessed");
    assert_ne!(before.head, after.head);
}

#[test]
fn d06_a_cut_tail_is_caught_by_the_head() {
    let (dir, _) = ledger_of(4);
    let whole = text(dir.path());
    let lines = lines_of(&whole);
    let ledger = Ledger::open(dir.path()).unwrap();
    for keep in 0..4 {
        set_text(dir.path(), &lines[..keep].concat());
        assert_eq!(outcome(dir.path()), Outcome::Cut { seq: keep as u64, expected: 4 });
        assert!(matches!(ledger.record(draft(9)), Err(LedgerError::Cut { .. })));
        assert!(matches!(Ledger::open(dir.path()), Err(LedgerError::Cut { .. })));
    }
    // In the middle of a line that was on disk: no torn write, but a cut.
    set_text(dir.path(), &whole[..whole.len() - 20]);
    assert_eq!(outcome(dir.path()), Outcome::Cut { seq: 3, expected: 4 });
    assert!(matches!(ledger.record(draft(9)), Err(LedgerError::Cut { .. })));
    fs::remove_file(dir.path().join("ledger.jsonl")).unwrap();
    assert_eq!(outcome(dir.path()), Outcome::Cut { seq: 0, expected: 4 });

    set_text(dir.path(), &whole);
    assert_eq!(outcome(dir.path()), Outcome::Ok);
    assert_eq!(ledger.record(draft(9)).unwrap().seq, 5);
}

#[test]
fn d06_a_cut_that_takes_the_head_along_is_no_fresh_ledger() {
    let (dir, _) = ledger_of(2);
    let head = fs::read(dir.path().join("head.json")).unwrap();
    fs::remove_file(dir.path().join("head.json")).unwrap();
    assert_eq!(outcome(dir.path()), Outcome::HeadMissing);
    assert!(matches!(Ledger::open(dir.path()), Err(LedgerError::HeadMissing { .. })));
    fs::write(dir.path().join("head.json"), head).unwrap();
    assert_eq!(outcome(dir.path()), Outcome::Ok);
    assert!(Ledger::open(dir.path()).is_ok());
}

#[test]
fn d03_a_torn_last_line_is_cut_off_and_recorded() {
    let (whole, _) = ledger_of(3);
    let third = lines_of(&text(whole.path())).remove(2);
    // A write torn at any byte, and one whose bytes never reached the disk.
    for torn in [&third[..1], &third[..third.len() - 1], &[0; 4096], b"\0\0\0\n"] {
        let (dir, _) = ledger_of(2);
        let sound = text(dir.path());
        set_text(dir.path(), &[&sound, torn].concat());
        let bytes = torn.len() as u64;
        assert_eq!(outcome(dir.path()), Outcome::TornTail { line: 3, bytes });
        assert_eq!(read(dir.path(), 1, 10).unwrap().len(), 2);

        let mine = draft(7);
        let entry = Ledger::open(dir.path()).unwrap().record(mine.clone()).unwrap();
        assert_eq!((entry.seq, &entry.draft), (4, &mine));
        let entries = read(dir.path(), 3, 10).unwrap();
        assert_eq!(entries[0].draft.event, Event::TornTail { bytes });
        assert_eq!(entries[0].draft.principal, mine.principal);
        assert_eq!(entries[0].draft.policy, mine.policy);
        assert_eq!(entries[1], entry);
        assert_eq!(outcome(dir.path()), Outcome::Ok);
    }
}

#[test]
fn d03_what_follows_the_head_and_is_no_torn_write_is_refused() {
    let (other, _) = ledger_of(4);
    let foreign = lines_of(&text(other.path())).remove(3);
    let over_long = vec![b'x'; (1 << 20) + 2];
    for added in [&b"x\ny\n"[..], b"{}\n", &foreign, &over_long] {
        let (dir, _) = ledger_of(2);
        let ledger = Ledger::open(dir.path()).unwrap();
        let sound = text(dir.path());
        set_text(dir.path(), &[&sound, added].concat());
        assert_eq!(broken_at(dir.path()), 3);
        assert!(matches!(ledger.record(draft(9)), Err(LedgerError::Broken { line: 3, .. })));
        set_text(dir.path(), &sound);
        assert_eq!(ledger.record(draft(9)).unwrap().seq, 3);
    }
}

/// A crash after a line was on disk and before its head was.
#[test]
fn a_ledger_ahead_of_its_head_is_adopted() {
    let (dir, mut entries) = ledger_of(2);
    let old_head = fs::read(dir.path().join("head.json")).unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    entries.extend((3..=5).map(|n| ledger.record(draft(n)).unwrap()));
    drop(ledger);
    fs::write(dir.path().join("head.json"), old_head).unwrap();
    let audit = verify(dir.path()).unwrap();
    assert_eq!((audit.outcome, audit.after_head), (Outcome::Ok, 3));
    let ledger = Ledger::open(dir.path()).unwrap();
    entries.push(ledger.record(draft(6)).unwrap());
    assert_eq!(read(dir.path(), 0, 100).unwrap(), entries);
    let audit = verify(dir.path()).unwrap();
    assert_eq!((audit.outcome, audit.after_head, audit.entries), (Outcome::Ok, 0, 6));
}

#[test]
fn a_damaged_or_foreign_head_is_refused_with_a_remedy() {
    let (dir, _) = ledger_of(2);
    let path = dir.path().join("head.json");
    let good = fs::read_to_string(&path).unwrap();
    let newer = good.replace("\"format\":1", "\"format\":2");
    let shifted = good.replace("\"seq\":2", "\"seq\":0");
    for bad in ["", "{}", "nonsense", &newer, &shifted, &good.replace('{', "{\"x\":1,")] {
        fs::write(&path, bad).unwrap();
        let message = Ledger::open(dir.path()).unwrap_err().to_string();
        assert!(message.contains("head.json"), "{message}");
        assert!(message.contains("restore") || message.contains("newer"), "{message}");
        assert!(verify(dir.path()).is_err());
    }
    fs::write(&path, &good).unwrap();
    assert_eq!(outcome(dir.path()), Outcome::Ok);
    // A head that points into the middle of a line.
    let length = text(dir.path()).len();
    fs::write(&path, good.replace(&length.to_string(), &(length - 9).to_string())).unwrap();
    assert_eq!(broken_at(dir.path()), 2);
    assert!(matches!(Ledger::open(dir.path()), Err(LedgerError::Broken { line: 2, .. })));
}

#[test]
fn links_directories_and_fifos_in_the_place_of_a_file_are_refused() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    for name in ["ledger.jsonl", "head.json", "ledger.lock"] {
        let (dir, _) = ledger_of(1);
        assert!(Ledger::open(dir.path()).is_ok());
        let (path, aside) = (dir.path().join(name), dir.path().join("aside"));
        fs::rename(&path, &aside).unwrap();
        let refused = || {
            let error = Ledger::open(dir.path()).unwrap_err();
            assert!(matches!(error, LedgerError::NotRegular { .. }), "{name}: {error}");
        };
        std::os::unix::fs::symlink(&aside, &path).unwrap();
        refused();
        fs::remove_file(&path).unwrap();
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        refused();
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        refused();
    }
}

/// Calls do not wait for the disk, so the head does not vouch for them at once.
#[test]
fn calls_at_the_end_can_be_lost_in_a_crash_without_a_false_alarm() {
    let (dir, _) = ledger_of(1);
    let sound = text(dir.path());
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.record(calls(3)).unwrap();
    assert_eq!(verify(dir.path()).unwrap().after_head, 1);
    // The instance that wrote them knows better: without a crash that is a cut.
    set_text(dir.path(), &sound);
    assert!(matches!(ledger.record(draft(2)), Err(LedgerError::Cut { .. })));
    assert_eq!(Ledger::open(dir.path()).unwrap().record(draft(2)).unwrap().seq, 2);
    assert_eq!(outcome(dir.path()), Outcome::Ok);
}
