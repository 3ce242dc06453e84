//! Where the Rust toolchain lies that a policy calls `rustc` and nothing more. Reads rustup's
//! settings (rustup book, "Profiles" and "Environment variables"); never runs anything: rustup's
//! own `rustc` is a proxy that would run in front of the jail.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where distributions put it.
const SYSTEM: [&str; 2] = ["/usr/local/bin/rustc", "/usr/bin/rustc"];

/// Rustup's own settings take a few hundred bytes, and one line for each override.
const MOST_SETTINGS: u64 = 1 << 20;

/// The part of rustup's `settings.toml` that matters here.
#[derive(Deserialize)]
struct Settings {
    default_toolchain: Option<String>,
}

/// The compiler of this user's default toolchain, else the system's; `None` if there is neither.
/// `variable` reads the environment.
pub(crate) fn find(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let home = variable("RUSTUP_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".rustup")));
    let own = home.filter(|home| home.is_absolute()).and_then(|home| default_toolchain(&home));
    own.or_else(|| SYSTEM.iter().map(PathBuf::from).find(|path| is_compiler(path)))
}

fn default_toolchain(home: &Path) -> Option<PathBuf> {
    let settings = read_settings(&home.join("settings.toml"))?;
    let name = toml::from_str::<Settings>(&settings).ok()?.default_toolchain?;
    if name.contains('/') || name.starts_with('.') {
        return None;
    }
    let toolchains = home.join("toolchains");
    let named = toolchains.join(&name).join("bin/rustc");
    if is_compiler(&named) {
        return Some(named);
    }
    // Older settings name the channel without the host.
    let host = format!("{name}-{}-unknown-linux-gnu", std::env::consts::ARCH);
    Some(toolchains.join(host).join("bin/rustc")).filter(|path| is_compiler(path))
}

/// Only a regular file is opened: a FIFO would wait for a writer, a device never end.
fn read_settings(path: &Path) -> Option<String> {
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    if file.len() > MOST_SETTINGS {
        return None;
    }
    let mut text = String::new();
    fs::File::open(path).ok()?.take(MOST_SETTINGS).read_to_string(&mut text).ok()?;
    Some(text)
}

/// A file, and not a link to rustup itself.
fn is_compiler(path: &Path) -> bool {
    let resolved = fs::canonicalize(path).ok();
    resolved.is_some_and(|path| path.is_file() && path.file_name().is_some_and(|n| n != "rustup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(settings: Option<&str>, toolchains: &[&str]) -> Option<String> {
        let home = tempfile::tempdir().unwrap();
        if let Some(settings) = settings {
            fs::write(home.path().join("settings.toml"), settings).unwrap();
        }
        for toolchain in toolchains {
            let bin = home.path().join("toolchains").join(toolchain).join("bin");
            fs::create_dir_all(&bin).unwrap();
            fs::write(bin.join("rustc"), "").unwrap();
        }
        let root = home.path().to_owned();
        let found = find(|name| (name == "RUSTUP_HOME").then(|| root.clone().into_os_string()))?;
        let found = found.strip_prefix(home.path().join("toolchains")).ok()?;
        Some(found.to_string_lossy().into_owned())
    }

    #[test]
    fn the_default_toolchain_is_the_one_in_the_settings() {
        let arch = std::env::consts::ARCH;
        let full = format!("stable-{arch}-unknown-linux-gnu");
        let settings = format!("version = \"12\"\ndefault_toolchain = \"{full}\"\n[overrides]\n");
        let found = find_in(Some(&settings), &["nightly", &full]);
        assert_eq!(found, Some(format!("{full}/bin/rustc")));
        let found = find_in(Some("default_toolchain = \"stable\""), &[&full]);
        assert_eq!(found, Some(format!("{full}/bin/rustc")));
    }

    #[test]
    fn settings_that_lead_nowhere_give_none_of_rustups() {
        for settings in ["", "default_toolchain = \"gone\"", "default_toolchain = \"../x\"", "=="] {
            assert_eq!(find_in(Some(settings), &["x"]), None, "{settings}");
        }
        assert_eq!(find_in(None, &["x"]), None);
    }

    #[test]
    fn settings_that_are_no_file_are_not_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let settings = home.path().join("settings.toml");
        for odd in ["/dev/zero", "/"] {
            std::os::unix::fs::symlink(odd, &settings).unwrap();
            assert_eq!(default_toolchain(home.path()), None, "{odd}");
            fs::remove_file(&settings).unwrap();
        }
        let pipe = std::io::pipe().unwrap();
        let fifo = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&pipe.0));
        std::os::unix::fs::symlink(fifo, &settings).unwrap();
        assert_eq!(default_toolchain(home.path()), None);
    }
}
