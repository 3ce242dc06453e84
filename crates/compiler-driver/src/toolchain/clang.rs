//! What clang is made of, so that its toolchain can be told from another. Runs nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// The files that clang itself consists of, beside the driver: the shared libraries that hold
/// nearly all of it, and one of its own headers, which stands for the others. `driver` is the path
/// it is called by, `resources` what it says its resource directory is.
pub(super) fn parts(driver: &Path, resources: &str) -> Vec<PathBuf> {
    let binary = fs::canonicalize(driver).unwrap_or_else(|_| driver.to_owned());
    let root = binary.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    let mut found: Vec<PathBuf> = ["lib", "lib64"]
        .iter()
        .filter_map(|directory| fs::read_dir(root.join(directory)).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.file_name().is_some_and(|name| is_part(&name.to_string_lossy())))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    // Several names lead to one file.
    let mut files = Vec::new();
    found.retain(|path| {
        let file = fs::canonicalize(path).ok();
        let fresh = !files.contains(&file);
        files.push(file);
        fresh
    });
    found.push(Path::new(resources).join("include/stddef.h"));
    found
}

/// `libclang-cpp.so.14`, `libLLVM-14.so.1`, `libLLVM.so.19.1`; not `libLLVM.a`.
fn is_part(name: &str) -> bool {
    (name.starts_with("libclang-cpp") || name.starts_with("libLLVM")) && name.contains(".so")
}
