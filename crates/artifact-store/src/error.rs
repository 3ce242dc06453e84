//! Why the store failed. Every message names the file or record and what to do; none repeats
//! bytes of an object.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;
use saggar_model::{Code, Digest, Feedback, SkillName, Stage, SubmissionId};
use saggar_plugin_abi::StageError;
use thiserror::Error;

use crate::objects::MAX_OBJECT;

/// Why the store could not be opened, or an operation failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
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
    /// SQLite refused; nothing of the operation has happened.
    #[error("cannot {operation} in `{}`: {source}; {}", .path.display(), sql_remedy(.source))]
    Index {
        /// What was tried, for instance `promote a release`.
        operation: &'static str,
        /// The index.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file system lacks what the index needs.
    #[error(
        "`{}` cannot be kept with a write-ahead log: put the home on a local file system",
        .path.display()
    )]
    NoWal {
        /// The index.
        path: PathBuf,
    },
    /// A newer saggar wrote the index.
    #[error(
        "`{}` has format {found} and this saggar knows {known}: use the newer saggar",
        .path.display()
    )]
    NewerFormat {
        /// The index.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this version reads.
        known: i64,
    },
    /// Something else lies where an object, a directory or the index belongs.
    #[error(
        "`{}` is not {expected}, but a link or something else was put there: remove it and look \
         for who did",
        .path.display()
    )]
    Misplaced {
        /// The path.
        path: PathBuf,
        /// What belongs there.
        expected: &'static str,
    },
    /// The bytes of an object are not those of its name.
    #[error(
        "object {digest} is damaged ({reason}) and was set aside as `{}`: submit the skill again \
         or restore the object from a backup, and check the disk",
        .quarantine.display()
    )]
    Damaged {
        /// The object.
        digest: Digest,
        /// What is wrong with it.
        reason: &'static str,
        /// Where it lies now.
        quarantine: PathBuf,
    },
    /// The object is beyond the bound.
    #[error("an object of {bytes} bytes is beyond the store's limit of {MAX_OBJECT}: shorten it")]
    TooLarge {
        /// Its length.
        bytes: u64,
    },
    /// A record of the index cannot be read, or written, as what it should be.
    #[error(
        "the record of {what} in the index is unreadable ({reason}): restore the index from a backup"
    )]
    Record {
        /// Of what.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A submission was recorded that never began, or began as another's.
    #[error("no submission {id} of this skill and principal began here: begin it first")]
    UnknownSubmission {
        /// Its id, or `without an id`.
        id: String,
    },
    /// A release was promoted of a skill that nobody owns.
    #[error("skill `{skill}` has no owner, so nothing of it can be promoted: submit it first")]
    Unowned {
        /// The skill.
        skill: SkillName,
    },
    /// The name belongs to somebody else.
    #[error("skill `{skill}` belongs to another principal")]
    NotOwner {
        /// The skill.
        skill: SkillName,
    },
}

impl StoreError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
        source: impl Into<io::Error>,
    ) -> Self {
        StoreError::Io { action, path: path.into(), source: source.into() }
    }

    pub(crate) fn unknown(id: Option<SubmissionId>) -> Self {
        let id = id.map_or_else(|| "without an id".to_owned(), |id| id.to_string());
        StoreError::UnknownSubmission { id }
    }

    /// As the stage that asked reports it: a name of somebody else's is the submission's fault,
    /// everything else the host's.
    pub(crate) fn at(self, stage: Stage) -> StageError {
        let summary = self.to_string();
        match self {
            StoreError::NotOwner { .. } => StageError::rejected(
                Feedback::new(stage, Code::NotOwner, summary)
                    .hint("choose another name for the skill"),
            ),
            _ => StageError::fault(Feedback::new(stage, Code::Store, summary)),
        }
    }
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make it accessible to this user"
        }
        io::ErrorKind::NotFound => "it was removed: start saggar again, or restore it",
        _ => "check the file system",
    }
}

fn sql_remedy(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "free some space",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process keeps it locked: end that process"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "make it accessible to this user"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "restore it from a backup",
        _ => "check the file system",
    }
}
