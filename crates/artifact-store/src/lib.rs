//! The store: objects named by the SHA-256 of their bytes, and an SQLite index of what they are
//! (build results, owners of names, submissions, releases).
//!
//! [`Store`] implements [`ArtifactStore`]; several threads and processes may use one directory.
//! An object is checked against its digest each time it is read; one that does not match is set
//! aside and never returned. The crate never follows a symbolic link inside its directory, never
//! overwrites or deletes an object, and never decides whether an artifact may run. Of calls that
//! did not come to their end it keeps the newest, beside the objects.
//!
//! ```
//! use saggar_artifact_store::Store;
//! use saggar_plugin_abi::ArtifactStore;
//!
//! let dir = tempfile::tempdir()?;
//! let store = Store::open(dir.path())?;
//! let digest = store.put(b"bytes")?;
//! assert_eq!(store.get(digest)?, Some(b"bytes".to_vec()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`ArtifactStore`]: saggar_plugin_abi::ArtifactStore
#![forbid(unsafe_code)]

mod calls;
mod error;
mod files;
mod generation;
mod index;
mod locks;
mod objects;
mod store;

pub use error::StoreError;
pub use objects::MAX_OBJECT;
pub use store::Store;
