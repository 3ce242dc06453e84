//! What the benches measure against: skills made up on the spot, a bare compiler, a socket echo.
//! Uses the engine through its public interface only. The sidecar is found through
//! SAGGAR_SIDECAR, which `cargo xtask bench` sets.
#![forbid(unsafe_code)]

pub mod fixtures;
pub mod paired;
pub mod processes;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, JoinHandle};

use saggar_engine::{Authority, Bundle, Engine, Options, Policy, Submission};
use tempfile::TempDir;

/// An engine over a home that goes away with it.
#[derive(Debug)]
pub struct Jig {
    /// The engine.
    pub engine: Engine,
    directory: TempDir,
}

impl Default for Jig {
    fn default() -> Self {
        Jig::new()
    }
}

impl Jig {
    /// A fresh home.
    ///
    /// # Panics
    /// When it cannot be made: there is nothing to measure then.
    pub fn new() -> Self {
        Jig::under(Policy::builtin())
    }

    /// A fresh home in which no header is ever precompiled: every include set is a first-seen one.
    ///
    /// # Panics
    /// As for [`Jig::new`].
    pub fn without_precompiled() -> Self {
        let (before, after) = saggar_policy::BUILTIN
            .split_once("[build.precompiled]\nsize = \"1GiB\"")
            .expect("the policy says how much is kept");
        let text = format!("{before}[build.precompiled]\nsize = \"0B\"{after}");
        Jig::under(Policy::parse(&text).expect("it is still a policy"))
    }

    /// A fresh home under a policy.
    ///
    /// # Panics
    /// As for [`Jig::new`].
    pub fn under(policy: Policy) -> Self {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let mut options = Options::new(directory.path().join("home"));
        options.policy = policy;
        Jig { engine: Engine::open(options).expect("a home opens"), directory }
    }

    /// A directory that goes away with this.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a C++ skill; `salt` makes its source one that was never seen.
    ///
    /// # Panics
    /// When the temporary directory cannot be written.
    pub fn skill(&self, salt: u64) -> PathBuf {
        let directory = self.directory.path().join(format!("skill-{salt}"));
        fs::create_dir_all(&directory).expect("a directory can be made");
        fs::write(directory.join("plan.toml"), PLAN).expect("a plan can be written");
        let source = format!("{SOURCE}\n// {salt}\n");
        fs::write(directory.join("stats.cpp"), source).expect("a source can be written");
        directory
    }

    /// Writes a C++ skill that takes arguments of many forms and only counts them.
    ///
    /// # Panics
    /// When the temporary directory cannot be written.
    pub fn takers(&self) -> PathBuf {
        let directory = self.directory.path().join("takers");
        fs::create_dir_all(&directory).expect("a directory can be made");
        fs::write(directory.join("plan.toml"), TAKERS_PLAN).expect("a plan can be written");
        fs::write(directory.join("takers.cpp"), TAKERS).expect("a source can be written");
        directory
    }

    /// Submits a skill's directory.
    ///
    /// # Panics
    /// When it is not released: the figures would be of something else.
    pub fn submit(&self, directory: &Path) -> Submission {
        let bundle = Bundle::read(directory, self.engine.policy()).expect("the bundle reads");
        let submission = self.engine.submit(&bundle, Some(Authority::Flag));
        assert_eq!(submission.exit_code, 0, "{:?}", submission.feedback);
        submission
    }
}

const TAKERS_PLAN: &str = r#"format = 1
name = "takers"
language = "c++"
source = "takers.cpp"
interface = """
take-integers: func(a: s64, b: s64) -> s64;
take-1mb: func(text: string) -> u64;
take-f64: func(values: list<f64>) -> u64;
take-strings: func(words: list<string>) -> u64;
take-s32: func(grid: list<list<s32>>) -> u64;
"""
[[test]]
call = "take-integers"
args = [20, 22]
expect = 42
"#;

const TAKERS: &str = "#include <cstdint>
#include <span>
#include <string_view>
#include <vector>
std::int64_t take_integers(std::int64_t a, std::int64_t b) { return a + b; }
std::uint64_t take_1mb(std::string_view text) { return text.size(); }
std::uint64_t take_f64(std::span<const double> values) { return values.size(); }
std::uint64_t take_strings(std::vector<std::string_view> words) { return words.size(); }
std::uint64_t take_s32(const std::vector<std::vector<std::int32_t>> &grid) { return grid.size(); }
";

const PLAN: &str = r#"name = "stats"
language = "c++"
source = "stats.cpp"
interface = """
add: func(a: u32, b: u32) -> u32;
mean: func(xs: list<f64>) -> f64;
crash: func(n: u32) -> u32;
"""
[[test]]
call = "mean"
args = [[1.0, 2.0, 3.0]]
expect = 2.0
"#;

const SOURCE: &str = r#"#include <algorithm>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

uint32_t add(uint32_t a, uint32_t b) { return a + b; }

double mean(const std::vector<double> &xs) {
    if (xs.empty()) throw std::invalid_argument("mean of nothing");
    std::vector<double> sorted = xs;
    std::sort(sorted.begin(), sorted.end());
    return std::accumulate(sorted.begin(), sorted.end(), 0.0) / sorted.size();
}

uint32_t crash(uint32_t n) { return *reinterpret_cast<volatile uint32_t *>(uintptr_t(n)); }
"#;

/// Compiles a skill's source with the bare compiler, as people do without Saggar.
///
/// # Panics
/// When g++ fails.
pub fn bare_gxx(directory: &Path) {
    #[expect(clippy::disallowed_methods, reason = "the baseline is a bare compiler")]
    let status = Command::new("g++")
        .args(["-std=c++20", "-O3", "-fPIC", "-shared", "stats.cpp", "-o", "stats.so"])
        .current_dir(directory)
        .status()
        .expect("g++ starts");
    assert!(status.success());
}

/// A thread that echoes 64-byte messages over a Unix socket: what a call would cost without
/// shared memory. (The peer is a thread and not a process, which flatters the baseline.)
#[derive(Debug)]
pub struct Echo {
    socket: UnixStream,
    _thread: JoinHandle<()>,
}

impl Default for Echo {
    fn default() -> Self {
        Echo::new()
    }
}

impl Echo {
    /// Starts the peer.
    ///
    /// # Panics
    /// When there is no socket to be had.
    pub fn new() -> Self {
        let (socket, mut peer) = UnixStream::pair().expect("a socket pair can be made");
        let thread = thread::spawn(move || {
            let mut message = [0; 64];
            while peer.read_exact(&mut message).and_then(|()| peer.write_all(&message)).is_ok() {}
        });
        Echo { socket, _thread: thread }
    }

    /// One message there and back.
    ///
    /// # Panics
    /// When the peer is gone.
    pub fn round_trip(&mut self) {
        let mut message = [7; 64];
        self.socket.write_all(&message).expect("the peer reads");
        self.socket.read_exact(&mut message).expect("the peer answers");
    }
}
