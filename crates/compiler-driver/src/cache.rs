//! Small files of the cache: written as a whole or not at all, and not there when they cannot be
//! read. What is kept this way can be worked out again.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::de::DeserializeOwned;

/// Largest description that is read, bytes.
const MOST_TEXT: u64 = 1 << 20;

/// Writes a file that is there as a whole or not at all.
///
/// # Errors
/// The system call's; nothing is left behind then.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path));
    written.inspect_err(|_| fs::remove_file(&fresh).unwrap_or_default())
}

/// What a file says; nothing if it is not there, too large or says something else.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let file = File::open(path).ok()?;
    let mut text = String::new();
    file.take(MOST_TEXT).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
