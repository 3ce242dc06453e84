//! A driver over a cache of its own, and short ways to build with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use saggar_compiler_driver::LocalDriver;
use saggar_jail::Launcher;
use saggar_model::{Feedback, Language, Plan, Principal};
use saggar_plugin_abi::{BuildRequest, Built, CompilerDriver, NotBuilt};
use saggar_policy::{BUILTIN, Policy};
use tempfile::TempDir;

/// A driver, and the directory that it remembers things in.
pub(super) struct Jig {
    pub(super) driver: LocalDriver,
    pub(super) cache: TempDir,
}

impl Jig {
    /// Under the default policy.
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    /// Under a policy of one's own.
    pub(super) fn under(policy: Policy) -> Self {
        let cache = tempfile::tempdir().unwrap();
        Jig { driver: driver_under(cache.path(), policy), cache }
    }

    /// Under the default policy with some of its text replaced.
    pub(super) fn with(changes: &[(&str, &str)]) -> Self {
        let cache = tempfile::tempdir().unwrap();
        Jig { driver: driver(cache.path(), changes), cache }
    }

    pub(super) fn build(&self, skill: &Skill) -> Result<Built, Box<NotBuilt>> {
        let principal = Principal::uid(7);
        let request =
            BuildRequest { plan: &skill.plan, source: &skill.source, principal: &principal };
        let prepared = self.driver.prepare(request);
        prepared.unwrap_or_else(|error| panic!("{:?}", error.feedback())).build()
    }

    #[track_caller]
    /// What the linker wrote, debug information included.
    pub(super) fn whole(&self, skill: &Skill) -> Vec<u8> {
        let built = self.artifact(skill);
        built.debug.unwrap_or(built.artifact)
    }

    #[track_caller]
    pub(super) fn artifact(&self, skill: &Skill) -> Built {
        self.build(skill).unwrap_or_else(|failed| panic!("{:?}", failed.error.feedback()))
    }

    #[track_caller]
    pub(super) fn refused(&self, skill: &Skill) -> Feedback {
        match self.build(skill) {
            Ok(_) => panic!("it must not build"),
            Err(failed) => failed.error.into_feedback(),
        }
    }

    pub(super) fn settle(&self) {
        self.driver.settle(&AtomicBool::new(false));
    }

    pub(super) fn precompiled(&self) -> PathBuf {
        self.cache.path().join("precompiled")
    }

    /// The precompiled headers there are.
    pub(super) fn headers(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.precompiled()).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "gch"))
            .collect();
        found.sort();
        found
    }
}

/// The same for a cache that there is already.
pub(super) fn driver(cache: &Path, changes: &[(&str, &str)]) -> LocalDriver {
    let mut text = BUILTIN.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    driver_under(cache, Policy::parse(&text).unwrap())
}

fn driver_under(cache: &Path, policy: Policy) -> LocalDriver {
    let launcher = Arc::new(Launcher::new(sidecar()));
    LocalDriver::new(launcher, Arc::new(policy), cache.to_owned())
}

/// Beside the directory of the tests.
fn sidecar() -> PathBuf {
    let beside = || {
        let own = std::env::current_exe().unwrap();
        own.ancestors().nth(2).unwrap().join("saggar-sidecar")
    };
    let path = std::env::var_os("SAGGAR_SIDECAR").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "build saggar-sidecar first: {} is not there", path.display());
    path
}

/// When a header was last used.
pub(super) fn used(header: &Path) -> SystemTime {
    fs::metadata(header.with_extension("json")).unwrap().modified().unwrap()
}

/// What is to be built.
pub(super) struct Skill {
    pub(super) plan: Plan,
    pub(super) source: Vec<u8>,
}

impl Skill {
    /// One function `answer: func(n: u32) -> u32`; `more` is further text of the plan.
    pub(super) fn new(language: &str, source: impl AsRef<[u8]>, more: &str) -> Self {
        let file = match language {
            "c" => "answer.c",
            "rust" => "answer.rs",
            _ => "answer.cpp",
        };
        let plan = format!(
            "name = \"answer\"\nlanguage = \"{language}\"\nsource = \"{file}\"\n\
             interface = \"answer: func(n: u32) -> u32;\"\n{more}\n\
             [[test]]\ncall = \"answer\"\nargs = [1]\nexpect = 1\n"
        );
        let plan = Plan::parse(&plan, "plan.toml").unwrap();
        Skill { plan, source: source.as_ref().to_owned() }
    }

    pub(super) fn cpp(source: impl AsRef<[u8]>) -> Self {
        Self::new("c++", source, "")
    }

    pub(super) fn c(source: impl AsRef<[u8]>) -> Self {
        Self::new("c", source, "")
    }

    /// The fixture skills in a directory of `tests/skills` that are no Rust.
    pub(super) fn fixtures(kind: &str) -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/skills").join(kind);
        let mut directories: Vec<PathBuf> =
            fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
        directories.sort();
        let read = |directory: PathBuf| {
            let plan = fs::read_to_string(directory.join("plan.toml")).unwrap();
            let plan = Plan::parse(&plan, "plan.toml").unwrap();
            let source = fs::read(directory.join(plan.source.as_str())).unwrap();
            Skill { plan, source }
        };
        let all = directories.into_iter().map(read);
        all.filter(|skill| skill.plan.language != Language::Rust).collect()
    }
}
