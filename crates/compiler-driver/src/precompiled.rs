//! Precompiled headers, kept in the cache: one file for each (toolchain, flags, prelude), beside it
//! what it was made of. A header that is not exactly what was kept, or whose own headers have
//! changed since, is not used. What a build missed is remembered as a small file, so that whoever
//! is idle, in this process or another, can make it.
//!
//! ```text
//! precompiled/KEY.gch        the header, as the compiler wrote it
//! precompiled/KEY.json       what it is; last changed when the header was last used
//! precompiled/wanted/KEY     what to make it of
//! precompiled/lock           held (flock(2)) by the one process that makes headers
//! ```
//!
//! Nothing here can fail a build: what cannot be read or written is not there, and a header is made
//! only where it leaves room for what others write ([`leaves_room`]).

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::statvfs;
use saggar_model::{CompilerFamily, Digest, KeyHasher, Language, Plan};
use saggar_policy::Policy;
use serde::{Deserialize, Serialize};

use crate::cache::{read_json, write_whole};
use crate::commands;
use crate::identity::{self, Component};
use crate::prelude::Prelude;
use crate::toolchain::{Compiler, Which};

/// Most sets of headers that wait to be compiled; beyond, the ones that waited longest go.
const MOST_WANTED: usize = 64;
/// A header that could not be made so often is left alone for a while.
const TRIES: u32 = 3;
/// How long.
const REST: Duration = Duration::from_secs(600);
/// What is always enough to leave of a file system, bytes.
const ROOM: u64 = 256 << 20;

/// What a precompiled header is made of, but for the toolchain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) language: Language,
    pub(crate) family: CompilerFamily,
    pub(crate) standard: String,
    /// Flags the plan asked for.
    pub(crate) flags: Vec<String>,
    /// The text to compile.
    pub(crate) prelude: String,
    /// How often it was tried in vain.
    pub(crate) tries: u32,
}

impl Recipe {
    /// What a plan's source would use; `None` if it begins with no header, or its compiler could use
    /// none.
    pub(crate) fn of(plan: &Plan, compiler: &Compiler, prelude: &Prelude) -> Option<Self> {
        (compiler.compiles_ahead && !prelude.is_empty()).then(|| Recipe {
            language: compiler.language,
            family: compiler.family,
            standard: commands::standard(&compiler.section, plan).to_owned(),
            flags: plan.flags.clone(),
            prelude: prelude.text(),
            tries: 0,
        })
    }

    /// The compiler to make it with.
    pub(crate) fn which(&self) -> Which {
        Which { language: self.language, family: self.family }
    }

    /// Whether a policy would let a plan ask for this: a file in the cache is nobody's word.
    pub(crate) fn is_allowed(&self, policy: &Policy) -> bool {
        let Some(section) = policy.compiler_of(self.language, self.family) else { return false };
        self.language != Language::Rust
            && section.standards.contains(&self.standard)
            && self.flags.iter().all(|flag| section.allowed_flags.contains(flag))
            && Prelude::read(self.prelude.as_bytes()).text() == self.prelude
    }
}

/// What is known of a precompiled header.
#[derive(Serialize, Deserialize)]
struct Kept {
    digest: Digest,
    file: Component,
    /// The headers it was made of, as the compiler saw their paths.
    headers: Vec<String>,
    /// Of these headers and their directories.
    identity: Digest,
}

/// A header that may be used.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// The headers it was made of.
    pub(crate) headers: Vec<String>,
}

/// The headers of a cache.
#[derive(Clone, Debug)]
pub(crate) struct Precompiled {
    directory: PathBuf,
    /// Most bytes of all together.
    size: u64,
}

/// The right to make headers. The lock goes with the process that holds it.
pub(crate) struct Maker<'a> {
    store: &'a Precompiled,
    lock: File,
}

impl Drop for Maker<'_> {
    fn drop(&mut self) {
        // Now: a copy of the descriptor may live on in a child until that executes its program.
        self.lock.unlock().unwrap_or_default();
    }
}

/// A header that is being made: removed, unless it is kept.
pub(crate) struct Draft {
    pub(crate) file: File,
    path: PathBuf,
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once it is kept it has another name.
        fs::remove_file(&self.path).unwrap_or_default();
    }
}

impl Precompiled {
    pub(crate) fn new(cache: &Path, size: u64) -> Self {
        Precompiled { directory: cache.join("precompiled"), size }
    }

    /// The header under a key, if it is whole and nothing it was made of has changed.
    pub(crate) fn find(&self, key: Digest) -> Option<Found> {
        let description = self.file(key, "json");
        let kept: Kept = read_json(&description)?;
        let path = self.file(key, "gch");
        let valid = self.size > 0
            && kept.file.path == path
            && kept.file.is_same()
            && identity::of_all(&kept.headers).is_ok_and(|now| now == kept.identity);
        if !valid {
            return None;
        }
        // When it was used last; a clock that cannot be written costs a header its place.
        let used = File::options().append(true).open(&description);
        used.and_then(|file| file.set_modified(SystemTime::now())).unwrap_or_default();
        Some(Found { path, headers: kept.headers })
    }

    /// Remembers that a build could have used a header.
    pub(crate) fn want(&self, key: Digest, recipe: &Recipe) {
        let file = self.wanted().join(key.to_string());
        if self.size == 0 || file.exists() {
            return;
        }
        let waiting = self.waiting();
        for (_, old) in waiting.iter().skip(MOST_WANTED - 1) {
            fs::remove_file(self.wanted().join(old.to_string())).unwrap_or_default();
        }
        self.note(key, recipe);
    }

    /// Whether there is something to make.
    pub(crate) fn has_wishes(&self) -> bool {
        self.size > 0 && self.next().is_some()
    }

    /// Whether there is something to make that nobody is at. Who makes headers looks for wishes once
    /// more after giving up the lock: what is wished for while it is held will be made.
    pub(crate) fn is_wanting(&self) -> bool {
        self.has_wishes() && !File::open(self.lock()).is_ok_and(|lock| is_held(&lock))
    }

    /// Forgets a header that did harm.
    pub(crate) fn discard(&self, key: Digest) {
        for kind in ["json", "gch"] {
            fs::remove_file(self.file(key, kind)).unwrap_or_default();
        }
    }

    /// The right to make headers, if nobody else has it.
    pub(crate) fn maker(&self) -> Option<Maker<'_>> {
        make_directory(&self.directory).ok()?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.lock());
        let lock = lock.ok()?;
        lock.try_lock().ok()?;
        Some(Maker { store: self, lock })
    }

    fn file(&self, key: Digest, kind: &str) -> PathBuf {
        self.directory.join(format!("{key}.{kind}"))
    }

    fn lock(&self) -> PathBuf {
        self.directory.join("lock")
    }

    fn wanted(&self) -> PathBuf {
        self.directory.join("wanted")
    }

    fn note(&self, key: Digest, recipe: &Recipe) {
        let Ok(text) = serde_json::to_string(recipe) else { return };
        let file = self.wanted().join(key.to_string());
        let made = make_directory(&self.wanted());
        made.and_then(|()| write_whole(&file, text.as_bytes())).unwrap_or_default();
    }

    /// Keys of what is wanted and when it was, the latest first.
    fn waiting(&self) -> Vec<(SystemTime, Digest)> {
        let mut found: Vec<_> = entries(&self.wanted())
            .filter_map(|(name, meta)| Some((meta.modified().ok()?, name.parse().ok()?)))
            .collect();
        found.sort_unstable_by(|a: &(SystemTime, Digest), b| b.cmp(a));
        found
    }

    /// What is to be made next.
    fn next(&self) -> Option<(Digest, Recipe)> {
        self.waiting().into_iter().find_map(|(since, key)| {
            let recipe: Recipe = read_json(&self.wanted().join(key.to_string()))?;
            let rested = || since.elapsed().is_ok_and(|rest| rest > REST);
            (recipe.tries < TRIES || rested()).then_some((key, recipe))
        })
    }
}

impl Maker<'_> {
    /// What is to be made next.
    pub(crate) fn next(&self) -> Option<(Digest, Recipe)> {
        self.store.next()
    }

    /// Counts a try before it is made, so that one that ends this process counts too.
    pub(crate) fn try_once(&self, key: Digest, recipe: &Recipe) {
        let tries = if recipe.tries < TRIES { recipe.tries + 1 } else { 1 };
        self.store.note(key, &Recipe { tries, ..recipe.clone() });
    }

    /// The try was broken off: it does not count.
    pub(crate) fn put_back(&self, key: Digest, recipe: &Recipe) {
        self.store.note(key, recipe);
    }

    /// Strikes off what is made, or can no longer be made.
    pub(crate) fn done(&self, key: Digest) {
        fs::remove_file(self.store.wanted().join(key.to_string())).unwrap_or_default();
    }

    /// Takes a header that only lies elsewhere than it did, as after a restored backup: the same
    /// bytes, made of the same headers. True if it may be used now.
    pub(crate) fn adopt(&self, key: Digest) -> bool {
        let path = self.store.file(key, "gch");
        let Some(kept) = read_json::<Kept>(&self.store.file(key, "json")) else { return false };
        let same = identity::of_all(&kept.headers).is_ok_and(|now| now == kept.identity)
            && File::open(&path)
                .and_then(|file| digest_of(&file))
                .is_ok_and(|digest| digest == kept.digest);
        same && self.describe(key, kept.digest, kept.headers, kept.identity).is_ok()
    }

    /// A file for a header that is to be made and has at most so many bytes.
    ///
    /// # Errors
    /// The system call's; `StorageFull` where it would not leave room enough.
    pub(crate) fn begin(&self, key: Digest, most: u64) -> io::Result<Draft> {
        let found = statvfs(&self.store.directory)?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        if !leaves_room(bytes(found.f_bavail), bytes(found.f_blocks), most) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let path = self.store.file(key, "tmp");
        fs::remove_file(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        // Whoever the jailed compiler is, it reads this file.
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o644).open(&path)?;
        Ok(Draft { file, path })
    }

    /// Keeps the header that was written to a file of [`Maker::begin`].
    ///
    /// # Errors
    /// The system call's; nothing is left of it then.
    pub(crate) fn keep(&self, key: Digest, draft: Draft, headers: Vec<String>) -> io::Result<()> {
        let identity = identity::of_all(&headers)?;
        // What the description says must be true after a power failure too.
        draft.file.sync_all()?;
        let digest = digest_of(&draft.file)?;
        fs::remove_file(self.store.file(key, "json")).unwrap_or_default();
        fs::rename(&draft.path, self.store.file(key, "gch"))?;
        let described = self.describe(key, digest, headers, identity);
        match described {
            Ok(()) => self.done(key),
            Err(_) => self.store.discard(key),
        }
        described
    }

    fn describe(
        &self,
        key: Digest,
        digest: Digest,
        headers: Vec<String>,
        identity: Digest,
    ) -> io::Result<()> {
        let file = Component::of(&self.store.file(key, "gch"))?;
        let kept = Kept { digest, file, headers, identity };
        write_whole(&self.store.file(key, "json"), serde_json::to_string(&kept)?.as_bytes())
    }

    /// Removes what a process that was ended left half done, and then the headers that were not
    /// used for longest, until the rest has room.
    pub(crate) fn tidy(&self) {
        let mut kept = Vec::new();
        for (name, meta) in entries(&self.store.directory) {
            let path = self.store.directory.join(&name);
            let described = || self.store.directory.join(name.replace(".gch", ".json"));
            if name.ends_with(".gch") {
                let used = fs::metadata(described()).and_then(|meta| meta.modified());
                kept.push((used.unwrap_or(SystemTime::UNIX_EPOCH), meta.len(), path));
            } else if name.ends_with(".tmp") {
                fs::remove_file(path).unwrap_or_default();
            }
        }
        // Wishes are written without the lock: only an old one is surely nobody's.
        for (name, meta) in entries(&self.store.wanted()) {
            let old =
                meta.modified().is_ok_and(|since| since.elapsed().is_ok_and(|age| age > REST));
            if old && name.ends_with(".tmp") {
                fs::remove_file(self.store.wanted().join(name)).unwrap_or_default();
            }
        }
        kept.sort_unstable_by(|a, b| b.cmp(a));
        let mut total = 0;
        for (_, size, path) in kept {
            total += size;
            if total > self.store.size {
                fs::remove_file(path.with_extension("json")).unwrap_or_default();
                fs::remove_file(path).unwrap_or_default();
            }
        }
    }
}

/// Whether somebody holds a lock. Takes a share of it for that: two who look at once do not take each
/// other for its holder.
fn is_held(lock: &File) -> bool {
    let held = matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock));
    lock.unlock().unwrap_or_default();
    held
}

/// Regular files in a directory.
fn entries(directory: &Path) -> impl Iterator<Item = (String, fs::Metadata)> {
    let found = fs::read_dir(directory).into_iter().flatten().flatten();
    found.filter_map(|entry| {
        let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        Some((entry.file_name().into_string().ok()?, meta))
    })
}

fn make_directory(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether a file of `most` bytes leaves room on a file system of `total` bytes, of which `free` are
/// free: 256 MiB, or a tenth of it where that is less.
fn leaves_room(free: u64, total: u64, most: u64) -> bool {
    free.checked_sub(most).is_some_and(|left| left >= ROOM.min(total / 10))
}

/// A digest over the bytes of a file, in pieces: a header need not fit into memory.
fn digest_of(mut file: &File) -> io::Result<Digest> {
    const PIECE: usize = 1 << 20;
    file.rewind()?;
    let mut key = KeyHasher::new("precompiled header 1");
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        if file.take(PIECE as u64).read_to_end(&mut piece)? == 0 {
            return Ok(key.finish());
        }
        key = key.part("piece", &piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_header_is_made_only_where_it_leaves_room() {
        for (free, total, most, leaves) in [
            (512, 100_000, 256, true),
            (511, 100_000, 256, false),
            // A tenth of a small disk will do.
            (300, 400, 256, true),
            (295, 400, 256, false),
            (100, 200, 256, false),
            (0, 0, 0, true),
        ] {
            let found = leaves_room(free * MIB, total * MIB, most * MIB);
            assert_eq!(found, leaves, "{free} of {total}, {most} at most");
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let cache = tempfile::tempdir().unwrap();
        let (store, key) = (Precompiled::new(cache.path(), MIB), Digest::of(b"a header"));
        let maker = store.maker().unwrap();
        let left = || {
            let entries = fs::read_dir(&store.directory).unwrap().flatten();
            entries.map(|entry| entry.file_name()).filter(|name| name != "lock").count()
        };
        assert!(maker.begin(key, u64::MAX).is_err());
        assert_eq!(left(), 0);
        drop(maker.begin(key, 1).unwrap());
        assert_eq!(left(), 0);
        // A header that there is not has no identity.
        let gone = vec!["/nowhere/a.h".to_owned()];
        assert!(maker.keep(key, maker.begin(key, 1).unwrap(), gone).is_err());
        assert_eq!(left(), 0);
        // Nothing can take the place of a directory that holds something.
        let description = store.file(key, "json");
        fs::create_dir_all(description.join("within")).unwrap();
        assert!(maker.keep(key, maker.begin(key, 1).unwrap(), Vec::new()).is_err());
        assert_eq!(left(), 1);
        fs::remove_dir_all(description).unwrap();
        maker.keep(key, maker.begin(key, 1).unwrap(), Vec::new()).unwrap();
        assert_eq!(left(), 2);
    }
}
