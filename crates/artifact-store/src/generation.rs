//! Whether a release may have changed, told by one read of one small file: it is asked before every
//! call, and SQLite's own answer takes two locks.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::StoreError;
use crate::locks::{self, KeyLock};

const NAME: &str = "generation";
/// Marks a number that is given once.
const ONCE: u64 = 1 << 63;

/// A counter in a file, little-endian, which every process of the home counts up: odd while releases
/// change, even before and after. One that was killed in between leaves it odd; then every answer
/// differs until the next change is done.
#[derive(Debug)]
pub(crate) struct Generation {
    file: File,
    dir: PathBuf,
    /// Answers given while it was odd.
    once: AtomicU64,
}

impl Generation {
    /// Opens the counter of a store, making it if need be.
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let file = locks::open(dir, NAME, &dir.join(NAME))?;
        Ok(Generation { file, dir: dir.to_owned(), once: AtomicU64::new(0) })
    }

    /// Differs from an earlier one whenever a release may have changed in between.
    pub(crate) fn read(&self) -> Result<u64, StoreError> {
        let count = self.count()?;
        Ok(match count % 2 {
            0 => count,
            _ => ONCE | self.once.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// Runs what changes releases.
    pub(crate) fn change<T>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _changing = KeyLock::take_lasting(&self.dir, NAME)?;
        let odd = self.count()? | 1;
        self.set(odd)?;
        let done = work();
        // Left odd, it only makes every answer differ.
        self.set(odd.wrapping_add(1) & !ONCE).unwrap_or_default();
        done
    }

    fn count(&self) -> Result<u64, StoreError> {
        let mut bytes = [0; 8];
        let read = self.file.read_at(&mut bytes, 0);
        let length = read.map_err(|error| StoreError::io("read", self.dir.join(NAME), error))?;
        Ok(if length == bytes.len() { u64::from_le_bytes(bytes) } else { 0 })
    }

    fn set(&self, count: u64) -> Result<(), StoreError> {
        let written = self.file.write_all_at(&count.to_le_bytes(), 0);
        written.map_err(|error| StoreError::io("write", self.dir.join(NAME), error))
    }
}
