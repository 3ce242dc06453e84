//! Locks by name, within this process and among others. A lock is a file with an flock on it; it
//! is removed by its holder, and whoever waited for a removed one starts over with a new one.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::StoreError;
use crate::files::{is_linked, lock, open_dir, open_file, remove};

/// How often a waiter starts over. Each time, somebody else has had the lock and gone.
const ROUNDS: usize = 100_000;

/// A lock that is held; given back when dropped, or when the process ends.
#[derive(Debug)]
pub(crate) struct KeyLock {
    file: File,
    path: PathBuf,
    /// Whether the file goes with the lock.
    removed: bool,
}

impl KeyLock {
    /// Waits for the lock of a key.
    pub(crate) fn take(dir: &Path, name: &str) -> Result<KeyLock, StoreError> {
        let path = dir.join(name);
        for _ in 0..ROUNDS {
            // A descriptor of its own each time: threads would share the lock of a common one.
            let file = open(dir, name, &path)?;
            lock(&file, &path)?;
            if is_linked(&file, &path)? {
                return Ok(KeyLock { file, path, removed: true });
            }
        }
        let busy = std::io::Error::from(std::io::ErrorKind::ResourceBusy);
        Err(StoreError::io("lock", path, busy))
    }

    /// Waits for a lock whose file stays for ever.
    pub(crate) fn take_lasting(dir: &Path, name: &str) -> Result<KeyLock, StoreError> {
        let path = dir.join(name);
        let file = open(dir, name, &path)?;
        lock(&file, &path)?;
        Ok(KeyLock { file, path, removed: false })
    }
}

/// Opens a file with an flock on it, or for it, making it if need be.
pub(crate) fn open(dir: &Path, name: &str, path: &Path) -> Result<File, StoreError> {
    let flags = OFlags::RDWR | OFlags::CREATE;
    let missing = || StoreError::io("open", path, rustix::io::Errno::NOENT);
    open_file(&open_dir(dir)?, name, path, flags)?.ok_or_else(missing)
}

impl Drop for KeyLock {
    fn drop(&mut self) {
        // While still locked, so that it is nobody else's file that goes. What stays is swept at
        // the next opening.
        if self.removed && is_linked(&self.file, &self.path).unwrap_or(false) {
            let _ = remove(&self.path);
        }
        // Explicit: closing would not unlock while a process that was just forked still has a
        // copy of the descriptor.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}
