//! Whether a file is still the one that was looked at: as stat(2) sees it, a file that is changed
//! or replaced differs in device, inode, size or times. Reads no contents.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use saggar_model::{Digest, KeyHasher};
use serde::{Deserialize, Serialize};

/// One file as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Component {
    pub(crate) path: PathBuf,
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Component {
    /// The file that a path leads to, under its own name.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Self::at(fs::canonicalize(path)?)
    }

    fn at(path: PathBuf) -> io::Result<Self> {
        let meta = fs::metadata(&path)?;
        Ok(Component {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            path,
        })
    }

    /// Whether the path still leads to the same file, unchanged.
    pub(crate) fn is_same(&self) -> bool {
        Self::at(self.path.clone()).is_ok_and(|now| now == *self)
    }
}

/// One digest over what many paths lead to, each with its directory, in which a file that comes
/// first may appear.
///
/// # Errors
/// When one of them is not there.
pub(crate) fn of_all(paths: &[String]) -> io::Result<Digest> {
    let mut all: Vec<&Path> = paths.iter().map(Path::new).collect();
    all.extend(paths.iter().filter_map(|path| Path::new(path).parent()));
    all.sort_unstable();
    all.dedup();
    let mut key = KeyHasher::new("files as they were 1");
    for path in all {
        let file = Component::at(path.to_owned())?;
        let numbers = [file.device, file.inode, file.size].map(u64::to_le_bytes).concat();
        let times = [file.modified.0, file.modified.1, file.changed.0, file.changed.1];
        let times = times.map(i64::to_le_bytes).concat();
        key = key.part(&path.to_string_lossy(), &[numbers, times].concat());
    }
    Ok(key.finish())
}
