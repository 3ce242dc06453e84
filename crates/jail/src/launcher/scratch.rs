//! A work directory on the host, for a jail without a root of its own: private to its user, in
//! memory where there is room, locked while its supervisor lives, removed by it or by the next.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{
    Access, AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, access, flock, fstat,
    openat, statat, statfs,
};

const PREFIX: &str = "saggar-work-";
/// Most files and directories in it, as in a work directory of a jail's own root.
const MOST_ENTRIES: u64 = 64 << 10;
/// Deepest directory that is looked into.
const DEPTH: u32 = 64;
/// Names that are tried before giving up.
const NAMES: u32 = 1000;
/// `TMPFS_MAGIC` of linux/magic.h.
const TMPFS: i64 = 0x0102_1994;

/// A directory that nobody else can enter.
pub(super) struct Scratch {
    path: PathBuf,
    /// Held open: the lock says that somebody is there.
    directory: OwnedFd,
}

impl Scratch {
    /// Makes one where so many bytes are free, in memory rather than on a disk. Removes those that
    /// killed supervisors of the same user left behind.
    ///
    /// # Errors
    /// The system call's; `StorageFull` when there is no room anywhere.
    pub(super) fn make(size: u64) -> io::Result<Self> {
        let user = rustix::process::geteuid().as_raw();
        sweep(user);
        let parents = parents(user);
        let roomy = |memory: bool| move |parent: &&PathBuf| has_room(parent, size, memory);
        let found = parents.iter().find(roomy(true)).or_else(|| parents.iter().find(roomy(false)));
        let parent = found.ok_or(io::ErrorKind::StorageFull)?;
        for number in 0..NAMES {
            let path = parent.join(format!("{PREFIX}{}-{number}", std::process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other?,
            }
            if let Some(directory) = lock(&path) {
                return Ok(Scratch { path, directory });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it holds more than so many bytes, or more files than a work directory may have.
    pub(super) fn exceeds(&self, size: u64) -> bool {
        let mut sum = Sum::default();
        // What cannot be read is being changed this moment; the next look counts it.
        add(self.directory.as_fd(), DEPTH, &mut sum).unwrap_or_default();
        sum.bytes > size || sum.entries > MOST_ENTRIES
    }

    /// Removes it. Nothing of the payload runs any more.
    pub(super) fn remove(self) {
        remove(&self.path);
    }
}

/// Removes what is left of supervisors of a user that are no more: their locks are free.
pub(super) fn sweep(owner: u32) {
    for parent in parents(owner) {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
            let meta = entry.path().symlink_metadata();
            if ours && meta.is_ok_and(|meta| meta.is_dir() && meta.uid() == owner) {
                // The lock is held meanwhile: who has just made this directory tries another.
                let held = lock(&entry.path());
                held.iter().for_each(|_| remove(&entry.path()));
            }
        }
    }
}

/// What is left is tried again by the next sweep.
fn remove(path: &Path) {
    fs::remove_dir_all(path).unwrap_or_default();
}

/// Directories in which one may be made, the best first. The environment is not asked: it is the
/// host's, and the launcher has none.
fn parents(user: u32) -> Vec<PathBuf> {
    let own = format!("/run/user/{user}");
    ["/dev/shm", &own, "/tmp", "/var/tmp"].into_iter().map(PathBuf::from).collect()
}

fn has_room(parent: &Path, size: u64, in_memory: bool) -> bool {
    let Ok(found) = statfs(parent) else { return false };
    let free = found.f_bavail.saturating_mul(u64::try_from(found.f_bsize).unwrap_or(0));
    let writable = access(parent, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    writable && free >= size && (!in_memory || found.f_type == TMPFS)
}

/// Locks a directory; `None` when somebody else has, or it is gone or another one by now.
fn lock(path: &Path) -> Option<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let directory = openat(CWD, path, flags, Mode::empty()).ok()?;
    flock(&directory, FlockOperation::NonBlockingLockExclusive).ok()?;
    let (held, named) = (fstat(&directory).ok()?, path.symlink_metadata().ok()?);
    (held.st_ino == named.ino() && held.st_dev == named.dev()).then_some(directory)
}

/// What a directory holds.
#[derive(Default)]
struct Sum {
    bytes: u64,
    entries: u64,
}

/// Adds what is below a directory. Follows no link, so it counts nothing that lies elsewhere.
fn add(directory: impl AsFd, depth: u32, sum: &mut Sum) -> io::Result<()> {
    for entry in Dir::read_from(&directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let Ok(stat) = statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        sum.entries += 1;
        sum.bytes += u64::try_from(stat.st_blocks).unwrap_or(0) * 512;
        if sum.entries > MOST_ENTRIES {
            return Ok(());
        }
        if FileType::from_raw_mode(stat.st_mode).is_dir() && depth > 0 {
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
            let below = openat(&directory, name, flags, Mode::empty());
            // It may be gone, or closed to us.
            below.map_err(io::Error::from).and_then(|fd| add(fd, depth - 1, sum)).unwrap_or(());
        }
    }
    Ok(())
}
