//! Why the ledger could not be opened, appended to or read. Every message names the file and what
//! to do; none repeats text from a damaged line.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::chain::MAX_LINE;

/// Why the ledger could not be opened, appended to or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The file system refused.
    #[error("cannot {action} `{}`: {source}; {}", .path.display(), remedy(.source))]
    Io {
        /// What was tried, for instance `open`.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk did not confirm what was written. The entry does not count, and this `Ledger`
    /// appends nothing more: a second fsync would report success for data that is lost.
    #[error(
        "fsync of `{}` failed: {source}; the event was not recorded: check the disk, then start \
         saggar again",
        .path.display()
    )]
    Sync {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An earlier fsync failed, or a thread panicked while it appended.
    #[error(
        "an earlier append to `{}` failed half-way, so nothing more is appended: check the disk, \
         then start saggar again",
        .path.display()
    )]
    Failed {
        /// The ledger.
        path: PathBuf,
    },
    /// Another process has held the lock for too long.
    #[error(
        "`{}` has been locked by another process for {seconds} s: end that process, or wait for it",
        .path.display()
    )]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// A link, directory, FIFO or device lies where a file of the ledger should be.
    #[error("`{}` is no regular file: remove it and restore the ledger from a backup", .path.display())]
    NotRegular {
        /// The file.
        path: PathBuf,
    },
    /// There is no ledger in the directory.
    #[error("there is no ledger at `{}`: nothing has been recorded there yet", .path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There are entries, but the head that says how many there must be is gone.
    #[error(
        "`{}` is missing although the ledger has entries, so a cut could not be noticed: restore \
         both from a backup, or set the directory aside and start anew",
        .path.display()
    )]
    HeadMissing {
        /// Where the head should be.
        path: PathBuf,
    },
    /// The head is damaged.
    #[error("`{}` is no ledger head ({reason}): restore it and the ledger from a backup", .path.display())]
    HeadUnreadable {
        /// The head.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer saggar wrote the head.
    #[error(
        "`{}` has format {found} and this saggar knows {known}: use the newer saggar",
        .path.display()
    )]
    NewerFormat {
        /// The head.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest format this version reads.
        known: u64,
    },
    /// The ledger ends before its head says.
    #[error(
        "`{}` has been cut: {length} bytes are left of at least {expected}; nothing is appended to \
         it: restore it and its head from a backup, or set both aside and start anew",
        .path.display()
    )]
    Cut {
        /// The ledger.
        path: PathBuf,
        /// Its length.
        length: u64,
        /// The length it must at least have.
        expected: u64,
    },
    /// A line does not continue the chain.
    #[error(
        "`{}` is broken at line {line} ({reason}); nothing is appended to it: run `saggar audit \
         verify`, then restore it and its head from a backup",
        .path.display()
    )]
    Broken {
        /// The ledger.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A line is sound, but this version does not know what it says.
    #[error(
        "line {line} of `{}` cannot be shown ({reason}): use the saggar that wrote it",
        .path.display()
    )]
    Unknown {
        /// The ledger.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is not understood.
        reason: String,
    },
    /// The event is too large for a line.
    #[error(
        "the event takes {bytes} bytes and a line of the ledger at most {MAX_LINE}: shorten the \
         feedback or record it carries"
    )]
    TooLong {
        /// Length of the line it would be.
        bytes: usize,
    },
    /// The event has no JSON form.
    #[error("the event has no JSON form ({0}): report this as a bug of saggar")]
    Encode(#[from] serde_json::Error),
}

impl LedgerError {
    /// Whether what was written may be neither relied on nor written again.
    pub(crate) fn is_sync(&self) -> bool {
        matches!(self, LedgerError::Sync { .. })
    }
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make it accessible to this user"
        }
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "check the path",
        _ => "check the file system",
    }
}
