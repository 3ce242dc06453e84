//! The head: how far the ledger is known to reach on disk. Read and replaced as a whole, only
//! under the lock; never ahead of a line that is not on disk.

use std::io::Read;

use rustix::fs::OFlags;
use saggar_model::{Digest, canonical};
use serde::{Deserialize, Serialize};

use crate::LedgerError;
use crate::chain::Position;
use crate::files::{Files, open_regular};
use crate::system::System;

/// The format this version writes.
const FORMAT: u64 = 1;
/// Longest head that is read.
const MAX_HEAD: u64 = 4096;

#[derive(Deserialize)]
struct Versioned {
    format: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadFile {
    format: u64,
    seq: u64,
    hash: Digest,
    length: u64,
    time_ms: u64,
}

/// Reads the head; `None` if there is none.
pub(crate) fn read(files: &Files) -> Result<Option<Position>, LedgerError> {
    let Some(file) = open_regular(&files.head, OFlags::RDONLY)? else { return Ok(None) };
    let mut text = Vec::new();
    file.take(MAX_HEAD).read_to_end(&mut text).map_err(|source| LedgerError::Io {
        action: "read",
        path: files.head.clone(),
        source,
    })?;
    let damaged = |reason: String| LedgerError::HeadUnreadable { path: files.head.clone(), reason };
    let versioned: Versioned =
        serde_json::from_slice(&text).map_err(|_| damaged("no JSON with a `format`".into()))?;
    if versioned.format > FORMAT {
        return Err(LedgerError::NewerFormat {
            path: files.head.clone(),
            found: versioned.format,
            known: FORMAT,
        });
    }
    let head: HeadFile =
        serde_json::from_slice(&text).map_err(|_| damaged("a key is missing or wrong".into()))?;
    let HeadFile { seq, hash, length, time_ms, .. } = head;
    let position = Position { seq, hash, length, time_ms };
    if (seq == 0 || length == 0) && position != Position::START {
        return Err(damaged("its numbers contradict each other".into()));
    }
    Ok(Some(position))
}

/// Puts a new head beside the old one and swaps them. On an error the old one is still in force.
/// The directory still has to be synced.
pub(crate) fn replace(
    files: &Files,
    system: &dyn System,
    position: &Position,
) -> Result<(), LedgerError> {
    let Position { seq, hash, length, time_ms } = *position;
    let mut text = canonical::of(&HeadFile { format: FORMAT, seq, hash, length, time_ms })?;
    text.push('\n');
    let refused =
        |action| move |source| LedgerError::Io { action, path: files.head_temp.clone(), source };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
    let file = open_regular(&files.head_temp, flags)?.ok_or_else(|| files.missing())?;
    system.write_all(&file, text.as_bytes()).map_err(refused("write"))?;
    system
        .sync(&file)
        .map_err(|source| LedgerError::Sync { path: files.head_temp.clone(), source })?;
    system.rename(&files.head_temp, &files.head).map_err(refused("rename"))
}
