//! The files of a ledger and how they are opened and locked: never through a symbolic link, never
//! anything but regular files, never waiting without a bound.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;

use crate::LedgerError;

/// How long an append waits for another process.
const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How often it looks.
const LOCK_POLL: Duration = Duration::from_micros(500);

/// The paths of a ledger.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) dir: PathBuf,
    pub(crate) ledger: PathBuf,
    pub(crate) head: PathBuf,
    pub(crate) head_temp: PathBuf,
    lock: PathBuf,
}

/// The right to append, or to see a moment in which nobody does; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Files {
    /// The files of the ledger in a directory.
    pub(crate) fn new(dir: &Path) -> Self {
        Files {
            dir: dir.to_owned(),
            ledger: dir.join("ledger.jsonl"),
            head: dir.join("head.json"),
            head_temp: dir.join("head.json.tmp"),
            lock: dir.join("ledger.lock"),
        }
    }

    /// Makes the directory, for this user only, unless it is there.
    pub(crate) fn make_dir(&self) -> Result<(), LedgerError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.dir);
        made.map_err(|source| LedgerError::Io { action: "make", path: self.dir.clone(), source })
    }

    /// The directory itself, to be synced.
    pub(crate) fn open_dir(&self) -> Result<File, LedgerError> {
        open(&self.dir, OFlags::RDONLY | OFlags::DIRECTORY)?
            .ok_or_else(|| LedgerError::Missing { path: self.dir.clone() })
    }

    /// The ledger, for appending; made unless it is there.
    pub(crate) fn open_ledger(&self) -> Result<File, LedgerError> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE;
        open_regular(&self.ledger, flags)?.ok_or_else(|| self.missing())
    }

    /// The ledger, for reading.
    pub(crate) fn read_ledger(&self) -> Result<Option<File>, LedgerError> {
        open_regular(&self.ledger, OFlags::RDONLY)
    }

    /// What is reported when there is no ledger.
    pub(crate) fn missing(&self) -> LedgerError {
        LedgerError::Missing { path: self.ledger.clone() }
    }

    /// Waits until nobody else appends or takes a snapshot.
    pub(crate) fn lock_exclusive(&self) -> Result<Lock, LedgerError> {
        let file = open_regular(&self.lock, OFlags::RDWR | OFlags::CREATE)?;
        let file = file.ok_or_else(|| self.missing())?;
        self.wait_for(file, FlockOperation::NonBlockingLockExclusive)
    }

    /// Waits until nobody appends; `None` where nobody can, because there is no lock file (a copy).
    pub(crate) fn lock_shared(&self) -> Result<Option<Lock>, LedgerError> {
        match open_regular(&self.lock, OFlags::RDONLY)? {
            Some(file) => self.wait_for(file, FlockOperation::NonBlockingLockShared).map(Some),
            None => Ok(None),
        }
    }

    fn wait_for(&self, file: File, operation: FlockOperation) -> Result<Lock, LedgerError> {
        let deadline = Instant::now() + LOCK_WAIT;
        loop {
            match flock(&file, operation) {
                Ok(()) => return Ok(Lock(file)),
                Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < deadline => {
                    std::thread::sleep(LOCK_POLL);
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => {
                    let seconds = LOCK_WAIT.as_secs();
                    return Err(LedgerError::Busy { path: self.lock.clone(), seconds });
                }
                Err(errno) => return Err(refused("lock", &self.lock, errno)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Explicit: closing would not unlock while a process that was just forked still has a
        // copy of the descriptor. A failure leaves it to the close.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// Opens a regular file of this user; `None` if there is nothing.
pub(crate) fn open_regular(path: &Path, flags: OFlags) -> Result<Option<File>, LedgerError> {
    let Some(file) = open(path, flags)? else { return Ok(None) };
    let meta = file.metadata().map_err(|source| LedgerError::Io {
        action: "inspect",
        path: path.to_owned(),
        source,
    })?;
    match meta.is_file() {
        true => Ok(Some(file)),
        false => Err(LedgerError::NotRegular { path: path.to_owned() }),
    }
}

fn open(path: &Path, flags: OFlags) -> Result<Option<File>, LedgerError> {
    // NONBLOCK: a FIFO in the file's place must not make us wait.
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    match rustix::io::retry_on_intr(|| rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)) {
        Ok(fd) => Ok(Some(File::from(fd))),
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::LOOP | Errno::ISDIR) => Err(LedgerError::NotRegular { path: path.to_owned() }),
        Err(errno) => Err(refused("open", path, errno)),
    }
}

fn refused(action: &'static str, path: &Path, errno: Errno) -> LedgerError {
    LedgerError::Io { action, path: path.to_owned(), source: errno.into() }
}
