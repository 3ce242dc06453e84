//! The index: one SQLite file. Opens it, checks its format, and runs every operation in one
//! transaction; what the operations are is in the modules below.

use std::fs::{OpenOptions, symlink_metadata};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::files::REGULAR;

pub(crate) mod builds;
pub(crate) mod releases;
pub(crate) mod submissions;
#[cfg(test)]
mod tests;

/// The format this version writes.
const FORMAT: i64 = 1;
/// How long an operation waits for another process.
const BUSY: Duration = Duration::from_secs(30);

const SCHEMA: &str = include_str!("index/schema.sql");

/// The open index.
#[derive(Debug)]
pub(crate) struct Index {
    path: PathBuf,
    open: Mutex<Open>,
}

/// The connection, and how far its writes get before they return (SQLite, "PRAGMA synchronous").
#[derive(Debug)]
struct Open {
    connection: Connection,
    synchronous: &'static str,
}

/// Why an operation was not done: SQLite, or what it found.
pub(crate) enum Undone {
    Sql(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Undone {
    fn from(error: rusqlite::Error) -> Self {
        Undone::Sql(error)
    }
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Undone::Store(error)
    }
}

impl Index {
    /// Opens the index, making it if need be. `path` must be free of links, and only one opener
    /// at a time may be at work on it.
    pub(crate) fn open(path: PathBuf) -> Result<Index, StoreError> {
        make_private(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let opened = Connection::open_with_flags(&path, flags);
        let connection = opened.map_err(|source| undone("open the index", &path, source.into()))?;
        let prepared = prepare(&connection, &path);
        prepared.map_err(|error| undone("open the index", &path, error))?;
        let is_new = format_of(&connection);
        let is_new = is_new.map_err(|error| undone("open the index", &path, error.into()))? == 0;
        let open = Mutex::new(Open { connection, synchronous: "" });
        let index = Index { path, open };
        if is_new {
            index.write_lasting("make the tables", |tx| {
                tx.execute_batch(SCHEMA)?;
                Ok(tx.pragma_update(None, "user_version", FORMAT)?)
            })?;
        }
        Ok(index)
    }

    /// Runs an operation that changes something: all of it has happened when this returns, or
    /// nothing ever did. A power failure may take the last ones back.
    pub(crate) fn write<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Undone>,
    ) -> Result<T, StoreError> {
        self.run(operation, TransactionBehavior::Immediate, Some("NORMAL"), work)
    }

    /// As [`Index::write`]; it and all that was done before is on disk when this returns.
    pub(crate) fn write_lasting<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Undone>,
    ) -> Result<T, StoreError> {
        self.run(operation, TransactionBehavior::Immediate, Some("FULL"), work)
    }

    /// Waits until all that was done is on disk: what has been committed is in the log, or in the
    /// database and synced there (SQLite, "Write-Ahead Logging").
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        let path = PathBuf::from(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let synced = match rustix::fs::open(&path, flags, Mode::empty()) {
            Ok(log) => rustix::fs::fdatasync(log),
            Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(errno),
        };
        synced.map_err(|errno| StoreError::io("sync", path, errno))
    }

    /// Runs an operation that only looks, at one moment.
    pub(crate) fn read<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Undone>,
    ) -> Result<T, StoreError> {
        self.run(operation, TransactionBehavior::Deferred, None, work)
    }

    fn run<T>(
        &self,
        operation: &'static str,
        behavior: TransactionBehavior,
        synchronous: Option<&'static str>,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Undone>,
    ) -> Result<T, StoreError> {
        // A panic rolled its transaction back when it unwound.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = || {
            if let Some(level) = synchronous.filter(|level| *level != open.synchronous) {
                open.connection.pragma_update(None, "synchronous", level)?;
                open.synchronous = level;
            }
            let tx = open.connection.transaction_with_behavior(behavior)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        };
        attempt().map_err(|error| undone(operation, &self.path, error))
    }
}

/// Makes an empty file that only this user can read. An existing one is not even opened: closing
/// it would drop the locks that SQLite holds on it elsewhere in this process.
fn make_private(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match symlink_metadata(path) {
            Ok(meta) if meta.is_file() => Ok(()),
            Ok(_) => Err(StoreError::Misplaced { path: path.to_owned(), expected: REGULAR }),
            Err(error) => Err(StoreError::io("inspect", path, error)),
        },
        Err(error) => Err(StoreError::io("make", path, error)),
    }
}

/// Checks the format before anything is changed, then sets what holds per connection.
fn prepare(connection: &Connection, path: &Path) -> Result<(), Undone> {
    connection.busy_timeout(BUSY)?;
    let found = format_of(connection)?;
    if !(0..=FORMAT).contains(&found) {
        let path = path.to_owned();
        return Err(StoreError::NewerFormat { path, found, known: FORMAT }.into());
    }
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::NoWal { path: path.to_owned() }.into());
    }
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

fn format_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn undone(operation: &'static str, path: &Path, error: Undone) -> StoreError {
    match error {
        Undone::Sql(source) => StoreError::Index { operation, path: path.to_owned(), source },
        Undone::Store(error) => error,
    }
}

/// A value as it is kept in a column.
fn encode<T: Serialize>(value: &T, what: &str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unreadable(what, &error.to_string()))
}

/// A value from a column.
fn decode<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        unreadable(what, &format!("line {}, column {}", error.line(), error.column()))
    })
}

fn unreadable(what: &str, reason: &str) -> StoreError {
    StoreError::Record { what: what.to_owned(), reason: reason.to_owned() }
}
