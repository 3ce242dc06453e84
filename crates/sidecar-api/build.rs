//! Digests the sources that host and sidecar must agree on into `SAGGAR_BUILD_ID`: two binaries
//! built from different ones refuse to talk to each other.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const CRATES: [&str; 5] = ["jail", "model", "sidecar", "sidecar-api", "skill-abi"];

fn main() -> io::Result<()> {
    let here =
        env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).ok_or(io::ErrorKind::NotFound)?;
    let mut hasher = DefaultHasher::new();
    for name in CRATES {
        let sources = here.join("..").join(name).join("src");
        println!("cargo:rerun-if-changed={}", sources.display());
        for file in files(&sources)? {
            (name, file.file_name(), fs::read(&file)?).hash(&mut hasher);
        }
    }
    println!("cargo:rustc-env=SAGGAR_BUILD_ID={:016x}", hasher.finish());
    Ok(())
}

fn files(directory: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.insert(path);
        }
    }
    Ok(found)
}
