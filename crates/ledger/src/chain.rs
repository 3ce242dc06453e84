//! The chain itself: what one line must be and how it must follow the one before. Pure: bytes in,
//! verdicts out; never touches a file or the clock.
//!
//! Lines are checked as JSON values and not as the types of this version, so that a ledger which
//! an older or newer saggar wrote still verifies.

use saggar_model::{Digest, Draft, Entry, canonical};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::LedgerError;

/// Longest line, in bytes, without its newline.
pub const MAX_LINE: usize = 1 << 20;

/// A place between two lines: what the next line must continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Number of the entry before; 0 at the start.
    pub(crate) seq: u64,
    /// Hash of the entry before.
    pub(crate) hash: Digest,
    /// Length of the file up to here, in bytes.
    pub(crate) length: u64,
    /// Time of the entry before.
    pub(crate) time_ms: u64,
}

/// What is wrong with a line in itself.
#[derive(Debug)]
pub(crate) enum LineFault {
    /// It is no JSON: perhaps a write that was torn.
    Unparsable(String),
    /// It is JSON, but no line this chain could have.
    Wrong(String),
}

/// A line that is sound in itself: canonical, and with the hash of its own content.
#[derive(Debug)]
pub(crate) struct Line {
    header: Header,
    value: Value,
}

#[derive(Debug, Deserialize)]
struct Header {
    seq: u64,
    time_ms: u64,
    prev: Digest,
    hash: Digest,
}

impl Line {
    /// Checks a line without its newline.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Line, LineFault> {
        let wrong = |reason: &str| LineFault::Wrong(reason.to_owned());
        let mut value: Value = serde_json::from_slice(bytes).map_err(|error| {
            LineFault::Unparsable(format!("no JSON at column {}", error.column()))
        })?;
        if canonical::to_string(&value).as_bytes() != bytes {
            return Err(wrong("not in canonical form"));
        }
        let header = Header::deserialize(&value)
            .map_err(|_| wrong("`seq`, `time_ms`, `prev` or `hash` is missing or malformed"))?;
        let hash = take_hash(&mut value);
        if Digest::of(canonical::to_string(&value).as_bytes()) != header.hash {
            return Err(wrong("its hash is not that of its content"));
        }
        put_hash(&mut value, hash);
        Ok(Line { header, value })
    }

    /// Its number.
    pub(crate) fn seq(&self) -> u64 {
        self.header.seq
    }

    /// What it says.
    pub(crate) fn into_entry(self) -> Result<Entry, serde_json::Error> {
        serde_json::from_value(self.value)
    }
}

impl Position {
    /// Before the first line.
    pub(crate) const START: Position =
        Position { seq: 0, hash: Digest::ZERO, length: 0, time_ms: 0 };

    /// The position after a line of so many bytes, if it continues the chain.
    pub(crate) fn follow(&self, line: &Line, bytes: usize) -> Result<Position, String> {
        let Header { seq, time_ms, prev, hash } = line.header;
        if seq != self.seq.saturating_add(1) {
            return Err(format!("entry {} expected, found {seq}", self.seq.saturating_add(1)));
        }
        if prev != self.hash {
            return Err(format!("`prev` is not the hash of entry {}", self.seq));
        }
        if time_ms < self.time_ms {
            return Err(format!("its time is before that of entry {}", self.seq));
        }
        Ok(Position { seq, hash, length: self.end_of(bytes), time_ms })
    }

    /// Makes an event the next entry; returns it, its line with newline, and the position after.
    pub(crate) fn seal(
        &self,
        draft: Draft,
        now_ms: u64,
    ) -> Result<(Entry, String, Position), LedgerError> {
        let seq = self.seq.saturating_add(1);
        let time_ms = now_ms.max(self.time_ms);
        let mut entry = Entry { seq, time_ms, prev: self.hash, draft, hash: Digest::ZERO };
        let mut value = serde_json::to_value(&entry)?;
        take_hash(&mut value);
        entry.hash = Digest::of(canonical::to_string(&value).as_bytes());
        put_hash(&mut value, Value::from(entry.hash.to_string()));
        let mut line = canonical::to_string(&value);
        if line.len() > MAX_LINE {
            return Err(LedgerError::TooLong { bytes: line.len() });
        }
        let length = self.end_of(line.len());
        line.push('\n');
        let after = Position { seq, hash: entry.hash, length, time_ms };
        Ok((entry, line, after))
    }

    fn end_of(&self, bytes: usize) -> u64 {
        self.length.saturating_add(bytes as u64).saturating_add(1)
    }
}

fn take_hash(value: &mut Value) -> Value {
    value.as_object_mut().and_then(|object| object.remove("hash")).unwrap_or_default()
}

fn put_hash(value: &mut Value, hash: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert("hash".to_owned(), hash);
    }
}
