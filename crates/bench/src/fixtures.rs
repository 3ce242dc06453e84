//! The fixture skills as sources to build: each time with a line of its own at the end, so that it
//! is one that was never seen, beside the same file given to a bare compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fixture skill in one language.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// Directory below `tests/skills`.
    pub name: &'static str,
    /// Ending of the source file.
    ending: &'static str,
    plan: String,
    file: String,
    source: String,
}

/// C++ with a few standard headers, six different sets of them.
pub const CPP_FEW: [&str; 6] = [
    "good/checksums",
    "good/code-points",
    "good/grid-paths",
    "good/log-digest",
    "good/running-stats",
    "good/text-tools",
];
/// C++ with `#include <bits/stdc++.h>`.
pub const CPP_BITS: [&str; 6] = [
    "good/flags",
    "good/list-ends",
    "good/number-theory",
    "good/top-word",
    "good/word-filter",
    "typed/polygon",
];
/// C that includes the C library only: a bare compiler has no `saggar.h`.
pub const C: [&str; 5] =
    ["good/caesar", "good/primes", "good/smooth", "typed/leetcode-arrays", "typed/polygon"];
/// Rust.
pub const RUST: [&str; 5] = [
    "typed/edit-distance",
    "typed/game-of-life",
    "typed/interval-merge",
    "typed/polygon",
    "typed/word-histogram",
];

impl Fixture {
    /// Reads one. A plan for several languages gets the name, language and source of this one.
    ///
    /// # Panics
    /// When the fixture is not there.
    pub fn read(name: &'static str, ending: &'static str) -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/skills").join(name);
        let mut plan = fs::read_to_string(directory.join("plan.toml")).expect("a fixture's plan");
        let has_ending = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
        let path = fs::read_dir(&directory)
            .expect("a fixture's directory")
            .map(|entry| entry.expect("an entry").path())
            .find(has_ending)
            .expect("a source in this language");
        let file = path.file_name().expect("a file").to_string_lossy().into_owned();
        if !plan.lines().any(|line| line.starts_with("name")) {
            let own = name.rsplit('/').next().unwrap_or(name);
            let language = match ending {
                "rs" => "rust",
                "c" => "c",
                _ => "c++",
            };
            let head =
                format!("name = \"{own}\"\nlanguage = \"{language}\"\nsource = \"{file}\"\n");
            plan = head + &plan;
        }
        let source = fs::read_to_string(&path).expect("a fixture's source");
        Fixture { name, ending, plan, file, source }
    }

    /// Writes it as a skill that was never seen, with `plan` lines put before the rest, and gives
    /// the directory.
    ///
    /// # Panics
    /// When the directory cannot be written.
    pub fn write(&self, below: &Path, salt: u64, plan: &str) -> PathBuf {
        let directory =
            below.join(format!("{}-{}-{salt}", self.name.replace('/', "-"), self.ending));
        fs::create_dir_all(&directory).expect("a directory can be made");
        // The artifact is the old one: only another plan makes it go the whole way.
        let text = format!("# {salt}\n{plan}{}", self.plan);
        fs::write(directory.join("plan.toml"), text).expect("a plan");
        let source = format!("{}\n// {salt}\n", self.source);
        fs::write(directory.join(BARE_RUST), exported(&source, &self.plan))
            .expect("a source can be written");
        fs::write(directory.join(&self.file), source).expect("a source can be written");
        directory
    }

    /// Compiles what [`Fixture::write`] wrote with the bare compiler, as people do without Saggar.
    ///
    /// # Panics
    /// When the compiler fails.
    pub fn bare(&self, directory: &Path) {
        let mut command = match self.ending {
            "cpp" => compiler("g++", &["-std=c++20", "-O3", "-fPIC", "-shared"]),
            "c" => compiler("gcc", &["-std=gnu17", "-O3", "-fPIC", "-shared"]),
            _ => compiler("rustc", &RUSTC),
        };
        let file = if self.ending == "rs" { BARE_RUST } else { self.file.as_str() };
        let status = command
            .args([file, "-o", "bare.so"])
            .current_dir(directory)
            .status()
            .expect("the compiler starts");
        assert!(status.success(), "{}: the bare compiler fails", self.name);
    }
}

/// What a bare rustc is given: without an exported function it would compile none.
const BARE_RUST: &str = "bare.rs";

/// A Rust source with the functions of its interface exported.
fn exported(source: &str, plan: &str) -> String {
    let is_asked_for = |line: &str| {
        let declared = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("fn ");
        let name = declared.and_then(|rest| rest.split_once('(')).map(|(name, _)| name);
        name.is_some_and(|name| plan.contains(&format!("\n{}: func(", name.replace('_', "-"))))
    };
    let lines = source.lines().map(|line| match is_asked_for(line) {
        true => format!("#[unsafe(no_mangle)]\n{line}\n"),
        false => format!("{line}\n"),
    });
    lines.collect()
}

/// The flags of `policies/default.toml`: the baseline is the same work without Saggar.
const RUSTC: [&str; 8] = [
    "--edition=2024",
    "--crate-type=cdylib",
    "-Copt-level=3",
    "-Cdebuginfo=line-tables-only",
    "-Ccodegen-units=1",
    "-Cpanic=unwind",
    "--cap-lints=allow",
    "-Clink-arg=-Wl,-z,now",
];

fn compiler(program: &str, arguments: &[&str]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the baseline is a bare compiler")]
    let mut command = Command::new(program);
    command.args(arguments);
    command
}
