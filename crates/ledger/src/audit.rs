//! Verifying and reading a ledger. Streams it in bounded memory, never repairs or creates
//! anything, and holds appenders up only for a moment unless something looks wrong.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use saggar_model::{Digest, Entry};

use crate::LedgerError;
use crate::chain::{Line, LineFault, Position};
use crate::files::Files;
use crate::head;
use crate::walk::{End, Segment, next, too_long, walk};

/// What verifying a ledger found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Entries that chain on from the first; up to the fault, if there is one.
    pub entries: u64,
    /// Hash of the last of them.
    pub head: Digest,
    /// How many of them the head does not cover: left by a crash between a line and its head, or
    /// calls, which may wait for the disk. The next append adopts them.
    pub after_head: u64,
    /// What it means.
    pub outcome: Outcome,
}

/// What an [`Audit`] means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every line continues the chain and the head agrees. No proof against someone who can write
    /// the directory: they could have recomputed both.
    Ok,
    /// A line was changed, added, removed or moved.
    Broken {
        /// The line, from 1.
        line: u64,
        /// The entry that belongs there.
        seq: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Lines at the end were removed.
    Cut {
        /// The last entry that is there.
        seq: u64,
        /// The last entry that must be there.
        expected: u64,
    },
    /// There are entries but no head, so lines at their end may have been removed.
    HeadMissing,
    /// A crash tore the last line; the next append cuts it off and records that.
    TornTail {
        /// The line, from 1.
        line: u64,
        /// Its length.
        bytes: u64,
    },
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.entries == 1 { "entry" } else { "entries" };
        write!(f, "{} {noun}: {}", self.entries, self.outcome)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Ok => f.write_str("consistent, not witnessed"),
            Outcome::Broken { line, seq, reason } => {
                write!(f, "broken at line {line}, where entry {seq} belongs: {reason}")
            }
            Outcome::Cut { seq, expected } => {
                write!(f, "cut after entry {seq}: the head says there are {expected}")
            }
            Outcome::HeadMissing => f.write_str("the head is missing: a cut could not be noticed"),
            Outcome::TornTail { line, bytes } => {
                write!(f, "line {line} was torn by a crash ({bytes} bytes), the rest is consistent")
            }
        }
    }
}

/// Checks a whole ledger: numbers without a gap, chain, hashes, canonical form, times, head.
///
/// # Errors
/// When there is no ledger, or its files cannot be opened, locked or read, or its head is damaged
/// or of a newer format. What is wrong with the lines is no error but an [`Outcome`].
pub fn verify(dir: &Path) -> Result<Audit, LedgerError> {
    let files = Files::new(dir);
    let lock = files.lock_shared()?;
    let snapshot = Snapshot::take(&files)?;
    drop(lock);
    let audit = snapshot.audit(&files)?;
    if audit.outcome == Outcome::Ok {
        return Ok(audit);
    }
    // An append may have cut off a torn line meanwhile: look again while nobody appends.
    let _lock = files.lock_shared()?;
    Snapshot::take(&files)?.audit(&files)
}

/// Head and ledger of one moment.
struct Snapshot {
    head: Option<Position>,
    file: Option<File>,
    length: u64,
}

impl Snapshot {
    fn take(files: &Files) -> Result<Snapshot, LedgerError> {
        let head = head::read(files)?;
        let file = files.read_ledger()?;
        if head.is_none() && file.is_none() {
            return Err(files.missing());
        }
        let length = match &file {
            Some(file) => file.metadata().map_err(|source| unreadable(files, source))?.len(),
            None => 0,
        };
        Ok(Snapshot { head, file, length })
    }

    fn audit(self, files: &Files) -> Result<Audit, LedgerError> {
        let head = self.head.unwrap_or(Position::START);
        let mut position = Position::START;
        let end = match self.file {
            Some(file) => {
                walk(BufReader::new(file.take(self.length)), &mut position, |at| agrees(&head, at))
                    .map_err(|source| unreadable(files, source))?
            }
            None => End::Whole,
        };
        let line = position.seq.saturating_add(1);
        let outcome = match end {
            End::Broken { reason } => Outcome::Broken { line, seq: line, reason },
            End::Torn { bytes, .. } if position.length >= head.length => {
                Outcome::TornTail { line, bytes }
            }
            End::Torn { reason, .. } if self.length >= head.length => {
                Outcome::Broken { line, seq: line, reason }
            }
            _ if position.seq < head.seq => Outcome::Cut { seq: position.seq, expected: head.seq },
            _ if self.head.is_none() && self.length > 0 => Outcome::HeadMissing,
            _ => Outcome::Ok,
        };
        Ok(Audit {
            entries: position.seq,
            head: position.hash,
            after_head: position.seq.saturating_sub(head.seq),
            outcome,
        })
    }
}

/// The entry that the head names must be the one the head describes.
fn agrees(head: &Position, at: &Position) -> Result<(), String> {
    if at.seq == head.seq && at != head {
        return Err("the head names another entry of this number".to_owned());
    }
    Ok(())
}

/// The entries from number `from_seq` on (0 is taken as 1), at most `limit`. Each line's own hash
/// and number are checked, not the whole chain: that is [`verify`]'s. A line that is being
/// written, or was torn, is left out.
///
/// # Errors
/// When there is no ledger, it cannot be read, a line is broken, or this version does not know
/// what it says.
pub fn read(dir: &Path, from_seq: u64, limit: usize) -> Result<Vec<Entry>, LedgerError> {
    let files = Files::new(dir);
    let file = files.read_ledger()?.ok_or_else(|| files.missing())?;
    let mut reader = BufReader::new(file);
    let mut entries = Vec::new();
    let mut number = 0;
    while entries.len() < limit {
        let segment = next(&mut reader).map_err(|source| unreadable(&files, source))?;
        number += 1;
        match segment {
            None | Some(Segment::Partial(_)) => break,
            Some(Segment::Line(_)) if number < from_seq => {}
            Some(Segment::Line(bytes)) => match entry(&files, number, &bytes) {
                Err(None) if at_end(&files, &mut reader)? => break,
                Err(None) => return Err(broken(&files, number, "no JSON".to_owned())),
                Err(Some(error)) => return Err(error),
                Ok(entry) => entries.push(entry),
            },
            Some(Segment::TooLong) => return Err(broken(&files, number, too_long())),
        }
    }
    Ok(entries)
}

/// The entry of a line; `Err(None)` when the line is no JSON, as a torn one is.
fn entry(files: &Files, number: u64, bytes: &[u8]) -> Result<Entry, Option<LedgerError>> {
    let line = Line::parse(bytes).map_err(|fault| match fault {
        LineFault::Unparsable(_) => None,
        LineFault::Wrong(reason) => Some(broken(files, number, reason)),
    })?;
    if line.seq() != number {
        let reason = format!("entry {number} expected, found {}", line.seq());
        return Err(Some(broken(files, number, reason)));
    }
    line.into_entry().map_err(|_| {
        let reason = "its event is not one this version knows".to_owned();
        Some(LedgerError::Unknown { path: files.ledger.clone(), line: number, reason })
    })
}

fn at_end(files: &Files, reader: &mut impl BufRead) -> Result<bool, LedgerError> {
    reader.fill_buf().map(<[u8]>::is_empty).map_err(|source| unreadable(files, source))
}

fn broken(files: &Files, line: u64, reason: String) -> LedgerError {
    LedgerError::Broken { path: files.ledger.clone(), line, reason }
}

fn unreadable(files: &Files, source: std::io::Error) -> LedgerError {
    LedgerError::Io { action: "read", path: files.ledger.clone(), source }
}
