//! Whether a release may have changed, told by a look at one small file: it is asked before every
//! call, and SQLite's own answer takes two locks.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use saggar_jail::MappedWord;

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
    /// The same without a system call, where the file system can do that.
    mapped: Option<MappedWord>,
    dir: PathBuf,
    /// Answers given while it was odd.
    once: AtomicU64,
}

impl Generation {
    /// Opens the counter of a store, making it if need be.
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let file = locks::open(dir, NAME, &dir.join(NAME))?;
        let (mapped, dir, once) = (MappedWord::of(&file).ok(), dir.to_owned(), AtomicU64::new(0));
        let mut generation = Generation { file, mapped, dir, once };
        if generation.mapped.is_none() {
            // A new file has no number yet. Where there is no room for it, each look is a read.
            generation.begin().unwrap_or_default();
            generation.mapped = MappedWord::of(&generation.file).ok();
        }
        Ok(generation)
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

    /// Gives a new file its number, unless somebody has done so meanwhile.
    fn begin(&self) -> Result<(), StoreError> {
        let _changing = KeyLock::take_lasting(&self.dir, NAME)?;
        self.set(self.count()?)
    }

    fn count(&self) -> Result<u64, StoreError> {
        if let Some(mapped) = &self.mapped {
            return Ok(mapped.load());
        }
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
