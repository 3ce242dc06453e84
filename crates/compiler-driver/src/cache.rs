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

/// At most so many bytes of a regular file; nothing if it is not there.
pub(crate) fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    // A pipe would be waited for.
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What a file says; nothing if it is not there, too large or says something else.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&read(path, MOST_TEXT)?).ok()
}
