//! Runs cargo, and finds things through it. The only place of xtask that spawns.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A cargo command at the root of the workspace.
#[expect(clippy::disallowed_methods, reason = "xtask drives cargo")]
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(arguments);
    command
}

/// Root of the workspace.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().unwrap_or(root)
}

/// Runs a command and fails as it fails.
pub(crate) fn run(mut command: Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("start cargo: {error}"))?;
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    if status.success() { Ok(()) } else { Err(format!("cargo {}: {status}", words.join(" "))) }
}

/// What cargo knows of the workspace.
pub(crate) fn metadata() -> Result<Value, String> {
    let mut command = command(&["metadata", "--format-version", "1", "--no-deps"]);
    let output = command.output().map_err(|error| format!("start cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

/// The packages that a package links, itself included, one a line.
pub(crate) fn tree(package: &str) -> Result<String, String> {
    let mut command = command(&["tree", "-p", package, "-e", "normal", "--prefix", "none"]);
    let output = command.output().map_err(|error| format!("start cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A profile that binaries are built in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Profile {
    Dev,
    Release,
}

/// Builds `saggar` and `saggar-sidecar`; gives back the directory they are in.
pub(crate) fn binaries(profile: Profile) -> Result<PathBuf, String> {
    let (name, directory) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Release => ("release", "release"),
    };
    let packages = ["-p", "saggar-cli", "-p", "saggar-sidecar"];
    run(command(&[&["build", "--quiet", "--profile", name], &packages[..]].concat()))?;
    Ok(target()?.join(directory))
}

/// The target directory.
pub(crate) fn target() -> Result<PathBuf, String> {
    let metadata = metadata()?;
    let path = metadata["target_directory"].as_str().ok_or("cargo metadata: no target")?;
    Ok(PathBuf::from(path))
}
