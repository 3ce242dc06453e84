//! The clock and the writes of the ledger, one method per step that can fail, so that tests can
//! make the n-th one fail. Decides nothing.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What appending asks of the system.
pub(crate) trait System: Send + Sync {
    /// Milliseconds since 1970 (UTC).
    fn now_ms(&self) -> u64;
    /// Writes all bytes.
    fn write_all(&self, file: &File, bytes: &[u8]) -> io::Result<()>;
    /// Waits until a file or directory is on disk.
    fn sync(&self, file: &File) -> io::Result<()>;
    /// Cuts a file.
    fn truncate(&self, file: &File, length: u64) -> io::Result<()>;
    /// Replaces a file by another.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
}

/// The system as it is.
#[derive(Debug)]
pub(crate) struct Real;

impl System for Real {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn write_all(&self, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }
}
