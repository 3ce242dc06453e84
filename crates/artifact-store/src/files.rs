//! Opening, locking and syncing, so that links are never followed and FIFOs never waited for.

use std::fs::{DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, RenameFlags, flock};
use rustix::io::{Errno, retry_on_intr};

use crate::StoreError;

/// What belongs at the path of an object, lock or temporary file.
pub(crate) const REGULAR: &str = "a regular file";
/// What belongs at the path of a directory.
pub(crate) const DIRECTORY: &str = "a directory";

/// Makes a directory for this user only, unless it is there.
pub(crate) fn make_dir(path: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| StoreError::io("make", path, error))
}

/// Makes a directory of the store's own, and takes it from other users if they had it.
pub(crate) fn make_own_dir(path: &Path) -> Result<(), StoreError> {
    make_dir(path)?;
    let closed = open_dir(path)?.set_permissions(Permissions::from_mode(0o700));
    closed.map_err(|error| StoreError::io("close to others", path, error))
}

/// Opens a directory that is no link.
pub(crate) fn open_dir(path: &Path) -> Result<File, StoreError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty())) {
        Ok(fd) => Ok(File::from(fd)),
        Err(Errno::LOOP | Errno::NOTDIR) => Err(misplaced(path, DIRECTORY)),
        Err(errno) => Err(StoreError::io("open", path, errno)),
    }
}

/// Opens a regular file that is no link, by a name in an open directory; `None` if there is none.
/// `path` is for messages.
pub(crate) fn open_file(
    dir: &File,
    name: &str,
    path: &Path,
    flags: OFlags,
) -> Result<Option<File>, StoreError> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mode = Mode::RUSR | Mode::WUSR;
    let file = match retry_on_intr(|| rustix::fs::openat(dir, name, flags, mode)) {
        Ok(fd) => File::from(fd),
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => return Err(misplaced(path, REGULAR)),
        Err(errno) => return Err(StoreError::io("open", path, errno)),
    };
    let meta = file.metadata().map_err(|error| StoreError::io("inspect", path, error))?;
    if meta.is_file() { Ok(Some(file)) } else { Err(misplaced(path, REGULAR)) }
}

/// Waits for the lock on an open file.
pub(crate) fn lock(file: &File, path: &Path) -> Result<(), StoreError> {
    retry_on_intr(|| flock(file, FlockOperation::LockExclusive))
        .map_err(|errno| StoreError::io("lock", path, errno))
}

/// Whether an open file still has a name.
pub(crate) fn is_linked(file: &File, path: &Path) -> Result<bool, StoreError> {
    let stat = rustix::fs::fstat(file).map_err(|error| StoreError::io("inspect", path, error))?;
    Ok(stat.st_nlink > 0)
}

/// Waits until a directory's names are on disk.
pub(crate) fn sync_dir(dir: &File, path: &Path) -> Result<(), StoreError> {
    dir.sync_all().map_err(|error| StoreError::io("sync", path, error))
}

/// Renames without replacing; `false` if the new name is taken.
pub(crate) fn rename_new(
    from: (&File, &str),
    to: (&File, &str),
    path: &Path,
) -> Result<bool, StoreError> {
    let renamed =
        match rustix::fs::renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE) {
            // This file system has no such flag; a link does the same in two steps.
            Err(Errno::INVAL | Errno::NOSYS) => {
                rustix::fs::linkat(from.0, from.1, to.0, to.1, AtFlags::empty())
                    .and_then(|()| rustix::fs::unlinkat(from.0, from.1, AtFlags::empty()))
            }
            other => other,
        };
    match renamed {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(errno) => Err(StoreError::io("rename to", path, errno)),
    }
}

/// Removes the files of a directory whose lock nobody holds: what was left by processes that
/// ended. A file that is just being made survives or is noticed to be gone by its maker, who locks
/// it and then looks whether it still has a name.
pub(crate) fn sweep(path: &Path) -> Result<(), StoreError> {
    let dir = open_dir(path)?;
    let listed = std::fs::read_dir(path).map_err(|error| StoreError::io("list", path, error))?;
    for entry in listed {
        let entry = entry.map_err(|error| StoreError::io("list", path, error))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let file = match open_file(&dir, name, &entry.path(), OFlags::RDONLY) {
            Ok(Some(file)) => file,
            Ok(None) | Err(StoreError::Misplaced { .. }) => continue,
            Err(error) => return Err(error),
        };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
            && is_linked(&file, &entry.path())?
        {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a file; one that is gone is no error.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match rustix::fs::unlinkat(CWD, path, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(StoreError::io("remove", path, errno)),
    }
}

fn misplaced(path: &Path, expected: &'static str) -> StoreError {
    StoreError::Misplaced { path: path.to_owned(), expected }
}
