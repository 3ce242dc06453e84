//! Objects: files named by the SHA-256 of their bytes. Written beside, synced, then renamed, so
//! that a name never stands for half an object; never written again under their name.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, OFlags, statat};
use rustix::io::Errno;
use saggar_model::Digest;
use tempfile::NamedTempFile;

use crate::StoreError;
use crate::files::{
    is_linked, lock, make_own_dir, open_dir, open_file, rename_new, sweep, sync_dir,
};

/// Largest object, in bytes.
pub const MAX_OBJECT: u64 = 1 << 30;

/// How often a temporary file is made anew when a sweep took it, and a name in quarantine tried.
const TRIES: usize = 1000;

/// The objects of a store.
#[derive(Debug)]
pub(crate) struct Objects {
    objects: PathBuf,
    temporary: PathBuf,
    quarantine: PathBuf,
}

/// Where an object lies: the open directory, its name in there, and the path for messages.
pub(crate) struct Place {
    pub(crate) dir: File,
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl Place {
    /// A name in a directory.
    pub(crate) fn new(directory: &Path, name: &str) -> Result<Self, StoreError> {
        let dir = open_dir(directory)?;
        Ok(Place { dir, name: name.to_owned(), path: directory.join(name) })
    }
}

impl Objects {
    /// The objects in a directory; makes what is missing and sweeps what dead writers left.
    pub(crate) fn open(dir: &Path) -> Result<Objects, StoreError> {
        let [objects, temporary, quarantine] =
            ["objects", "tmp", "quarantine"].map(|name| dir.join(name));
        for path in [&objects, &temporary, &quarantine] {
            make_own_dir(path)?;
        }
        // All at once and once for all: an object's directory is then on disk before the object.
        let listed = std::fs::read_dir(&objects)
            .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
        let there: BTreeSet<OsString> =
            listed.map_err(|error| StoreError::io("list", &objects, error))?;
        let names = (0..=255u8).map(|shard| format!("{shard:02x}"));
        let missing: Vec<String> = names.filter(|name| !there.contains(OsStr::new(name))).collect();
        for name in &missing {
            make_own_dir(&objects.join(name))?;
        }
        if !missing.is_empty() {
            sync_dir(&open_dir(&objects)?, &objects)?;
        }
        sweep(&temporary)?;
        Ok(Objects { objects, temporary, quarantine })
    }

    /// Stores bytes; on disk when it returns.
    pub(crate) fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let length = bytes.len() as u64;
        if length > MAX_OBJECT {
            return Err(StoreError::TooLarge { bytes: length });
        }
        let digest = Digest::of(bytes);
        self.put_at(&self.place(digest)?, digest, bytes)?;
        Ok(digest)
    }

    /// Stores bytes in a place, on the same file system, unless they are there.
    pub(crate) fn put_at(
        &self,
        place: &Place,
        digest: Digest,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let length = bytes.len() as u64;
        if !self.is_there(place, digest, length)? {
            let temp = self.write_temporary(bytes)?;
            let temp_dir = open_dir(&self.temporary)?;
            let temp_name = temp.path().file_name().and_then(|name| name.to_str());
            let from = (&temp_dir, temp_name.unwrap_or_default());
            if rename_new(from, (&place.dir, &place.name), &place.path)? {
                // Its name is gone; forget it.
                let _ = temp.into_temp_path().keep();
            } else {
                // Somebody else stored the same meanwhile.
                self.is_there(place, digest, length)?;
            }
        }
        // Also for an object that was there: who stored it may not have come this far.
        sync_dir(&place.dir, &place.path)
    }

    /// The bytes of an object, if it is there and whole.
    pub(crate) fn get(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.get_at(&self.place(digest)?, digest)
    }

    /// The bytes in a place, if they are there and whole.
    pub(crate) fn get_at(
        &self,
        place: &Place,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let opened = open_file(&place.dir, &place.name, &place.path, OFlags::RDONLY)?;
        let Some(file) = opened else { return Ok(None) };
        let refused = |error| StoreError::io("read", &place.path, error);
        let length = file.metadata().map_err(refused)?.len();
        if length > MAX_OBJECT {
            return Err(self.set_aside(place, &file, digest, "it has grown"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        // One byte more than it has, so that growth is seen and still bounded.
        (&file).take(length + 1).read_to_end(&mut bytes).map_err(refused)?;
        if Digest::of(&bytes) != digest {
            return Err(self.set_aside(place, &file, digest, "its bytes have another digest"));
        }
        Ok(Some(bytes))
    }

    /// Whether there are regular files of all these names.
    pub(crate) fn have(&self, digests: &[Digest]) -> Result<bool, StoreError> {
        for digest in digests {
            let text = digest.to_string();
            let path = self.objects.join(&text[..2]).join(&text[2..]);
            match statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode).is_file() => {}
                Ok(_) | Err(Errno::NOENT) => return Ok(false),
                Err(errno) => return Err(StoreError::io("inspect", path, errno)),
            }
        }
        Ok(true)
    }

    fn place(&self, digest: Digest) -> Result<Place, StoreError> {
        let text = digest.to_string();
        let (shard, name) = text.split_at(2);
        Place::new(&self.objects.join(shard), name)
    }

    /// Whether the object is there, as far as can be seen without reading it.
    fn is_there(&self, place: &Place, digest: Digest, length: u64) -> Result<bool, StoreError> {
        let opened = open_file(&place.dir, &place.name, &place.path, OFlags::RDONLY)?;
        let Some(file) = opened else { return Ok(false) };
        let meta =
            file.metadata().map_err(|error| StoreError::io("inspect", &place.path, error))?;
        if meta.len() == length {
            return Ok(true);
        }
        Err(self.set_aside(place, &file, digest, "its length is wrong"))
    }

    /// Writes a file beside the objects, locked while its writer lives.
    fn write_temporary(&self, bytes: &[u8]) -> Result<NamedTempFile, StoreError> {
        let refused = |action| move |error| StoreError::io(action, &self.temporary, error);
        for _ in 0..TRIES {
            let temp = tempfile::Builder::new().prefix("put-").tempfile_in(&self.temporary);
            let mut temp = temp.map_err(refused("make a file in"))?;
            lock(temp.as_file(), temp.path())?;
            if !is_linked(temp.as_file(), temp.path())? {
                continue;
            }
            temp.write_all(bytes).map_err(refused("write a file in"))?;
            let closed = temp.as_file().set_permissions(Permissions::from_mode(0o444));
            closed.map_err(refused("close a file in"))?;
            temp.as_file().sync_all().map_err(refused("sync a file in"))?;
            return Ok(temp);
        }
        let busy = std::io::Error::from(std::io::ErrorKind::ResourceBusy);
        Err(StoreError::io("keep a file in", &self.temporary, busy))
    }

    /// Moves a damaged object to quarantine, unless somebody has already; the error to report.
    fn set_aside(
        &self,
        place: &Place,
        file: &File,
        digest: Digest,
        reason: &'static str,
    ) -> StoreError {
        match self.quarantined(place, file, digest) {
            Ok(quarantine) => StoreError::Damaged { digest, reason, quarantine },
            Err(error) => error,
        }
    }

    fn quarantined(
        &self,
        place: &Place,
        file: &File,
        digest: Digest,
    ) -> Result<PathBuf, StoreError> {
        let inspect = |error: std::io::Error| StoreError::io("inspect", &place.path, error);
        let damaged = file.metadata().map_err(inspect)?;
        let dir = open_dir(&self.quarantine)?;
        for n in 0..TRIES {
            // Another reader may have moved it, and a writer stored it anew.
            let still = statat(&place.dir, &place.name, AtFlags::SYMLINK_NOFOLLOW);
            if !still.is_ok_and(|stat| (stat.st_dev, stat.st_ino) == (damaged.dev(), damaged.ino()))
            {
                return Ok(self.quarantine.clone());
            }
            let name = format!("{digest}.{n}");
            let path = self.quarantine.join(&name);
            if rename_new((&place.dir, &place.name), (&dir, &name), &path)? {
                return Ok(path);
            }
        }
        let full = std::io::Error::from(std::io::ErrorKind::QuotaExceeded);
        Err(StoreError::io("set an object aside in", &self.quarantine, full))
    }
}
