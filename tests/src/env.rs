//! What every case is given: the binaries on trial and the files of the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::{Verdict, ensure, process, while_doing};

/// Directory with `saggar` and `saggar-sidecar`; without it they are built for the profile of the
/// running executable.
pub const BINARIES: &str = "SAGGAR_TEST_BINARIES";

/// Longest build of the binaries.
const BUILD: Duration = Duration::from_secs(900);

/// What every case is given.
#[derive(Clone, Debug)]
pub struct Env {
    /// Where the binaries are.
    pub binaries: PathBuf,
    /// Root of the repository.
    pub repository: PathBuf,
    /// Repeat what can only be shown by repetition for longer.
    pub full: bool,
}

impl Env {
    /// The binaries of a directory.
    ///
    /// # Errors
    /// When they are not there.
    pub fn at(binaries: &Path) -> Result<Self, String> {
        for name in ["saggar", "saggar-sidecar"] {
            let path = binaries.join(name);
            ensure!(path.is_file(), "{} is not there", path.display());
        }
        let binaries = binaries.canonicalize().map_err(while_doing("find the binaries"))?;
        Ok(Env { binaries, repository: repository()?, full: false })
    }

    /// The binaries that `SAGGAR_TEST_BINARIES` names, or else those of the running executable's
    /// own profile, which cargo brings up to date once.
    ///
    /// # Errors
    /// When they are not there and cannot be built.
    pub fn locate() -> Result<Self, String> {
        static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let built = BUILT.get_or_init(|| match std::env::var_os(BINARIES) {
            Some(directory) => Ok(directory.into()),
            None => build(),
        });
        Env::at(&built.clone()?)
    }

    /// The program on trial.
    pub fn saggar(&self) -> PathBuf {
        self.binaries.join("saggar")
    }

    /// A directory of fixture skills, for instance `good`.
    pub fn skills(&self, kind: &str) -> PathBuf {
        self.repository.join("tests/skills").join(kind)
    }

    /// Names of the fixture skills of a kind, in order.
    pub(crate) fn skill_names(&self, kind: &str) -> Result<Vec<String>, String> {
        let directory = self.skills(kind);
        let entries = fs::read_dir(&directory).map_err(while_doing("list the fixtures"))?;
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|entry| entry.path().join("plan.toml").is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        ensure!(!names.is_empty(), "no fixtures in {}", directory.display());
        Ok(names)
    }

    /// A file of tests/data.
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.repository.join("tests/data").join(name)
    }
}

fn repository() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().map_err(while_doing("find the repository"))
}

/// Builds both binaries into the directory two above the running test executable.
fn build() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(while_doing("find the running executable"))?;
    let profile = own.parent().and_then(Path::parent).ok_or("the executable lies at the root")?;
    let name = profile.file_name().unwrap_or_default().to_string_lossy();
    let target = profile.parent().ok_or("the profile's directory lies at the root")?;
    let mut cargo = process::command(env!("CARGO"));
    cargo.envs(std::env::vars_os().filter(|(key, _)| key != "LD_LIBRARY_PATH"));
    cargo.current_dir(repository()?).args(["build", "--quiet", "--target-dir"]).arg(target);
    cargo.args(["-p", "saggar-cli", "-p", "saggar-sidecar", "--profile"]);
    cargo.arg(if name == "debug" { "dev" } else { &name });
    process::run(cargo, BUILD).and_then(|ended| succeeded(&ended))?;
    Ok(profile.to_path_buf())
}

fn succeeded(ended: &process::Ended) -> Verdict {
    ensure!(ended.code == 0, "cargo build: {}", ended.stderr);
    Ok(())
}
