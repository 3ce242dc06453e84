//! Calls that did not come to their end, each a file named by the SHA-256 of its document. They lie
//! apart from the objects: the newest few stay, and what is deleted is never an object as well.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::OFlags;
use saggar_model::{Digest, Replay};

use crate::StoreError;
use crate::files::{make_own_dir, open_file, remove};
use crate::locks::KeyLock;
use crate::objects::{Objects, Place};

/// Held while one is being kept.
const LOCK: &str = "calls.lock";

/// The calls of a store.
#[derive(Debug)]
pub(crate) struct Calls {
    store: PathBuf,
    calls: PathBuf,
}

impl Calls {
    /// The calls in a store's directory.
    pub(crate) fn open(store: &Path) -> Result<Self, StoreError> {
        let calls = store.join("calls");
        make_own_dir(&calls)?;
        Ok(Calls { store: store.to_owned(), calls })
    }

    /// Keeps a document, on disk when it returns, as the newest; the oldest beyond the bound goes.
    pub(crate) fn keep(&self, objects: &Objects, document: &[u8]) -> Result<Digest, StoreError> {
        let _keeping = KeyLock::take_lasting(&self.store, LOCK)?;
        let digest = Digest::of(document);
        let place = self.place(digest)?;
        objects.put_at(&place, digest, document)?;
        if let Some(file) = open_file(&place.dir, &place.name, &place.path, OFlags::RDONLY)? {
            // One that was there is the newest again.
            let dated = file.set_modified(SystemTime::now());
            dated.map_err(|error| StoreError::io("date", &place.path, error))?;
        }
        self.bound(&place.name)?;
        Ok(digest)
    }

    /// A document, if it is there and whole.
    pub(crate) fn get(
        &self,
        objects: &Objects,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        objects.get_at(&self.place(digest)?, digest)
    }

    fn place(&self, digest: Digest) -> Result<Place, StoreError> {
        Place::new(&self.calls, &digest.to_string())
    }

    /// Deletes all but the newest; the one just kept is that, whatever the clock says.
    fn bound(&self, newest: &str) -> Result<(), StoreError> {
        let refused = |error| StoreError::io("list", &self.calls, error);
        let mut others = Vec::new();
        for entry in std::fs::read_dir(&self.calls).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let dated = entry.metadata().and_then(|meta| meta.modified()).map_err(refused)?;
            if entry.file_name() != newest {
                others.push((dated, entry.path()));
            }
        }
        others.sort_unstable();
        let beyond = (others.len() + 1).saturating_sub(Replay::KEPT);
        others.iter().take(beyond).try_for_each(|(_, path)| remove(path))
    }
}
